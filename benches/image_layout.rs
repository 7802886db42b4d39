//! What should sled hold: pointers into the log, or whole records; each as it
//! is, or in the sorted runs of blocks that `store::image` makes of it?
//!
//! `cargo bench --bench image_layout -- --contacts 1000000 --interactions 5000000`
//!
//! Each layout (`--layout pointers,records,runs-pointers,runs-records`) is
//! loaded, read and rebuilt. Each phase is a process of its own, so that peak
//! memory is the phase's and not the sum of what came before. Contacts are about
//! 250 bytes with three index keys, interactions about 200 bytes with two, in
//! commits of `--batch` changes, flushed at each `--flush-mib` of log. Seconds of
//! processor say more than seconds on a machine that does other things as well.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::exit)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::ops::{Bound, ControlFlow};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rolo::store::image::{Batch, Image, ImageFolder, Limits, SledImage};

const SCHEMA: &str = "contacts interactions batch cache-mb fresh-mb block-bytes flush-mib sweeps layout dir phase gets pages";

struct Options(BTreeMap<String, String>);

impl Options {
    fn read() -> Self {
        let mut found = BTreeMap::new();
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let Some(name) = arg.strip_prefix("--") else { continue };
            if SCHEMA.split(' ').any(|known| known == name) {
                found.insert(name.to_owned(), args.next().unwrap());
            } else if name != "bench" {
                panic!("unknown option --{name}; known: {SCHEMA}");
            }
        }
        Self(found)
    }

    fn number(&self, name: &str, otherwise: u64) -> u64 {
        self.0.get(name).map_or(otherwise, |text| text.replace('_', "").parse().unwrap())
    }

    fn text(&self, name: &str, otherwise: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| otherwise.to_owned())
    }
}

fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const CONTACT: u8 = 1;
const INTERACTION: u8 = 2;

fn word(seed: u64, length: usize) -> String {
    let mut state = mixed(seed);
    (0..length)
        .map(|_| {
            state = mixed(state);
            char::from(b'a' + u8::try_from(state % 26).unwrap())
        })
        .collect()
}

struct Sample {
    kind: u8,
    id: u64,
    body: Vec<u8>,
    index_keys: Vec<Vec<u8>>,
}

fn filled(head: String, seed: u64, length: usize) -> Vec<u8> {
    let mut body = head.into_bytes();
    let mut state = seed;
    while body.len() < length {
        state = mixed(state);
        body.extend_from_slice(&word(state % 50_000, 3 + usize::try_from(state % 7).unwrap()).into_bytes());
        body.push(b' ');
    }
    body
}

fn key(prefix: &[u8], text: &[u8], numbers: &[u64]) -> Vec<u8> {
    let mut key = Vec::with_capacity(prefix.len() + text.len() + 1 + numbers.len() * 8);
    key.extend_from_slice(prefix);
    if !text.is_empty() {
        key.extend_from_slice(text);
        key.push(0);
    }
    for number in numbers {
        key.extend_from_slice(&number.to_be_bytes());
    }
    key
}

fn contact(id: u64) -> Sample {
    let seed = mixed(id);
    let given = word(seed % 2_000, 4 + usize::try_from(seed % 5).unwrap());
    let family = word(1_000_000 + (seed >> 20) % 40_000, 5 + usize::try_from(seed % 6).unwrap());
    let firm = (seed >> 40) % 100_000 + 1;
    let email = format!("{given}.{family}@firm{firm}.example");
    Sample {
        kind: CONTACT,
        id,
        body: filled(format!("{given} {family} {email} "), seed, 250),
        index_keys: vec![
            key(&[0x10, CONTACT, 1], format!("{family} {given}").as_bytes(), &[id]),
            key(&[0x10, CONTACT, 2], email.as_bytes(), &[id]),
            key(&[0x10, CONTACT, 3], &[], &[firm, id]),
        ],
    }
}

fn interaction(id: u64, contacts: u64) -> Sample {
    let seed = mixed(id ^ 0x5555);
    let target = seed % contacts.max(1) + 1;
    let at = 1_600_000_000_000 + id * 17_000 + seed % 17_000;
    Sample {
        kind: INTERACTION,
        id,
        body: filled(format!("{target} {at} "), seed, 200),
        index_keys: vec![
            key(&[0x20, CONTACT], &[], &[target, at, id]),
            key(&[0x10, INTERACTION, 1, u8::try_from(seed % 6).unwrap()], &[], &[at, id]),
        ],
    }
}

fn samples(contacts: u64, interactions: u64) -> impl Iterator<Item = Sample> {
    (1..=contacts).map(contact).chain((1..=interactions).map(move |id| interaction(id, contacts)))
}

fn record_key(kind: u8, id: u64) -> Vec<u8> {
    key(&[0x01, kind], &[], &[id])
}

/// Peak and present resident memory in MB, from the kernel's account.
fn resident() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|number| number.parse::<u64>().ok())
            .map_or(0, |kilobytes| kilobytes / 1024)
    };
    (field("VmHWM:"), field("VmRSS:"))
}

/// Seconds of processor that all threads of this process have taken, their
/// system calls too: what says most on a machine that does other things as well.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    // The 14th and 15th of proc(5), in hundredths; the name is the second.
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Seconds of processor that making the samples takes.
fn making_samples(contacts: u64, interactions: u64) -> f64 {
    let before = processor();
    let made = samples(contacts / 10, interactions / 10).map(|sample| sample.body.len());
    assert!(made.sum::<usize>() > 0);
    (processor() - before) * 10.0
}

fn megabytes(folder: &Path) -> u64 {
    fn bytes(folder: &Path) -> u64 {
        fs::read_dir(folder).into_iter().flatten().flatten().fold(0, |sum, entry| {
            let path = entry.path();
            sum + if path.is_dir() { bytes(&path) } else { entry.metadata().map_or(0, |meta| meta.len()) }
        })
    }
    bytes(folder) / 1_000_000
}

/// What is measured: sled as it is, or the image over it.
enum Held {
    Plain { db: sled::Db, file: File, sweeps: u64 },
    Image(SledImage),
}

impl Held {
    fn open(layout: &str, folder: &Path, options: &Options) -> Self {
        if layout.starts_with("runs") {
            let limits = Limits {
                cache_bytes: usize::try_from(options.number("cache-mb", 32)).unwrap() << 20,
                fresh_bytes: usize::try_from(options.number("fresh-mb", 32)).unwrap() << 20,
                block_bytes: usize::try_from(options.number("block-bytes", 2048)).unwrap(),
                ..Limits::default()
            };
            let images = ImageFolder::new(folder, limits).unwrap();
            let newest = images.open_newest().unwrap();
            return Self::Image(newest.unwrap_or_else(|| images.next_generation().unwrap()));
        }
        let db = sled::Config::new().path(folder).cache_capacity(options.number("cache-mb", 48) << 20).flush_every_ms(None).open().unwrap();
        let file = File::open(folder.join("db")).unwrap();
        let sweeps = options.number("sweeps", 200);
        Self::Plain { db, file, sweeps }
    }

    fn apply(&self, changes: Vec<(Vec<u8>, Vec<u8>)>) {
        match self {
            Self::Plain { db, sweeps, .. } => {
                let mut batch = sled::Batch::default();
                for (key, value) in changes {
                    batch.insert(key, value);
                }
                db.apply_batch(batch).unwrap();
                // A batch is one pin, and only pins collect what it leaves:
                // without these the memory of a load has no bound.
                for _ in 0..*sweeps {
                    crossbeam_epoch::pin().flush();
                }
            }
            Self::Image(image) => {
                let mut batch = Batch::new();
                for (key, value) in changes {
                    batch.put(key, value);
                }
                image.apply(&batch).unwrap();
            }
        }
    }

    fn flush(&self) {
        match self {
            Self::Plain { db, file, .. } => {
                db.flush().unwrap();
                file.sync_data().unwrap();
            }
            Self::Image(image) => image.flush().unwrap(),
        }
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Plain { db, .. } => db.get(key).unwrap().map(|value| value.to_vec()),
            Self::Image(image) => image.get(key).unwrap(),
        }
    }

    fn get_many(&self, keys: &[Vec<u8>]) -> Vec<Vec<u8>> {
        match self {
            Self::Plain { .. } => keys.iter().map(|key| self.get(key).unwrap()).collect(),
            Self::Image(image) => {
                let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
                let found = image.get_many(&keys).unwrap();
                found.into_iter().map(Option::unwrap).collect()
            }
        }
    }

    fn page(&self, from: &[u8], to: &[u8], reverse: bool, most: usize) -> Vec<Vec<u8>> {
        match self {
            Self::Plain { db, .. } => {
                let range = db.range(from..to);
                let key = |pair: sled::Result<(sled::IVec, sled::IVec)>| pair.unwrap().0.to_vec();
                if reverse { range.rev().take(most).map(key).collect() } else { range.take(most).map(key).collect() }
            }
            Self::Image(image) => {
                let mut keys = Vec::with_capacity(most);
                let (from, to) = (Bound::Included(from), Bound::Excluded(to));
                image
                    .scan(from, to, reverse, &mut |key, _| {
                        keys.push(key.to_vec());
                        if keys.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                    })
                    .unwrap();
                keys
            }
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Plain { db, .. } => db.iter().filter(Result::is_ok).count(),
            Self::Image(image) => {
                let mut count = 0;
                image
                    .scan(Bound::Unbounded, Bound::Unbounded, false, &mut |_, _| {
                        count += 1;
                        ControlFlow::Continue(())
                    })
                    .unwrap();
                count
            }
        }
    }
}

fn pointer(offset: u64, length: usize) -> [u8; 16] {
    let mut value = [0; 16];
    value[0..4].copy_from_slice(&1_u32.to_be_bytes());
    value[4..12].copy_from_slice(&offset.to_be_bytes());
    value[12..16].copy_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
    value
}

fn value_of(layout: &str, sample: &Sample, offset: u64) -> Vec<u8> {
    if layout.ends_with("pointers") { pointer(offset, sample.body.len()).to_vec() } else { sample.body.clone() }
}

const FRAME_HEAD: usize = 16;

struct Loader<'a> {
    layout: &'a str,
    held: Held,
    batch: Vec<(Vec<u8>, Vec<u8>)>,
    changes: u64,
    per_batch: u64,
    flush_bytes: u64,
    unflushed: u64,
    records: u64,
    keys: usize,
    apply_seconds: f64,
    mark: (u64, f64),
    flatness: Vec<f64>,
}

impl<'a> Loader<'a> {
    fn new(layout: &'a str, folder: &Path, options: &Options) -> Self {
        Self {
            layout,
            held: Held::open(layout, folder, options),
            batch: Vec::new(),
            changes: 0,
            per_batch: options.number("batch", 1_000),
            flush_bytes: options.number("flush-mib", 16) << 20,
            unflushed: 0,
            records: 0,
            keys: 0,
            apply_seconds: 0.0,
            mark: (0, 0.0),
            flatness: Vec::new(),
        }
    }

    fn take(&mut self, sample: &Sample, offset: u64) {
        self.batch.push((record_key(sample.kind, sample.id), value_of(self.layout, sample, offset)));
        self.batch.extend(sample.index_keys.iter().map(|key| (key.clone(), Vec::new())));
        self.keys += 1 + sample.index_keys.len();
        self.records += 1;
        self.changes += 1;
        self.unflushed += (FRAME_HEAD + sample.body.len()) as u64;
        if self.changes == self.per_batch {
            self.commit();
        }
        if self.records.is_multiple_of(500_000) {
            self.flatness.push((self.apply_seconds - self.mark.1) / (self.records - self.mark.0) as f64 * 1e6);
            self.mark = (self.records, self.apply_seconds);
        }
    }

    fn commit(&mut self) {
        let begun = Instant::now();
        self.held.apply(std::mem::take(&mut self.batch));
        if self.unflushed >= self.flush_bytes {
            self.held.flush();
            self.unflushed = 0;
        }
        self.changes = 0;
        self.apply_seconds += begun.elapsed().as_secs_f64();
    }

    fn finish(mut self) -> (f64, usize, Vec<f64>, Held) {
        self.commit();
        let begun = Instant::now();
        self.held.flush();
        (self.apply_seconds + begun.elapsed().as_secs_f64(), self.keys, self.flatness, self.held)
    }
}

/// Waits until nothing is done in the background any more.
fn settle() {
    let mut before = processor();
    loop {
        thread::sleep(Duration::from_secs(3));
        let now = processor();
        if now - before < 0.03 {
            return;
        }
        before = now;
    }
}

fn load(options: &Options, dir: &Path, layout: &str) {
    let making = making_samples(options.number("contacts", 100_000), options.number("interactions", 500_000));
    let before = processor();
    let mut log = BufWriter::with_capacity(1 << 20, File::create(dir.join("log")).unwrap());
    let mut offset = 0_u64;
    let mut loader = Loader::new(layout, &dir.join("image"), options);
    for sample in samples(options.number("contacts", 100_000), options.number("interactions", 500_000)) {
        let mut head = [0_u8; FRAME_HEAD];
        head[0] = sample.kind;
        head[1..9].copy_from_slice(&sample.id.to_be_bytes());
        head[9..13].copy_from_slice(&u32::try_from(sample.body.len()).unwrap().to_be_bytes());
        log.write_all(&head).unwrap();
        log.write_all(&sample.body).unwrap();
        loader.take(&sample, offset + FRAME_HEAD as u64);
        offset += (FRAME_HEAD + sample.body.len()) as u64;
    }
    log.flush().unwrap();
    let (seconds, keys, flatness, held) = loader.finish();
    settle();
    let per = flatness.iter().map(|micros| format!("{micros:.0}")).collect::<Vec<_>>().join(" ");
    let cpu = processor() - before - making;
    println!("load        {seconds:.1} s, processor {cpu:.0} s, {keys} keys; us a record by half million: {per}");
    held.flush();
    println!("disk        image {} MB, log {} MB; load peak {} MB", megabytes(&dir.join("image")), offset / 1_000_000, resident().0);
}

fn rebuild(options: &Options, dir: &Path, layout: &str) {
    let begun = Instant::now();
    let contacts = options.number("contacts", 100_000);
    let making = making_samples(contacts, options.number("interactions", 500_000));
    let before = processor();
    let folder = dir.join("rebuilt");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut loader = Loader::new(layout, &folder, options);
    let mut log = BufReader::with_capacity(1 << 20, File::open(dir.join("log")).unwrap());
    let mut head = [0_u8; FRAME_HEAD];
    let mut offset = 0_u64;
    while log.read_exact(&mut head).is_ok() {
        let id = u64::from_be_bytes(head[1..9].try_into().unwrap());
        let length = u32::from_be_bytes(head[9..13].try_into().unwrap()) as usize;
        let mut body = vec![0; length];
        log.read_exact(&mut body).unwrap();
        let mut sample = if head[0] == CONTACT { contact(id) } else { interaction(id, contacts) };
        sample.body = body;
        loader.take(&sample, offset + FRAME_HEAD as u64);
        offset += (FRAME_HEAD + length) as u64;
    }
    loader.finish();
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), processor() - before - making);
    println!("rebuild     {seconds:.1} s, processor {cpu:.0} s, peak {} MB", resident().0);
    let _ = fs::remove_dir_all(&folder);
}

fn body_of(value: Vec<u8>, log: &File, layout: &str) -> Vec<u8> {
    if layout.ends_with("records") {
        return value;
    }
    let offset = u64::from_be_bytes(value[4..12].try_into().unwrap());
    let mut body = vec![0; u32::from_be_bytes(value[12..16].try_into().unwrap()) as usize];
    log.read_exact_at(&mut body, offset).unwrap();
    body
}

fn record(held: &Held, log: &File, layout: &str, kind: u8, id: u64) -> Vec<u8> {
    body_of(held.get(&record_key(kind, id)).unwrap(), log, layout)
}

/// Reads the records that `found` index keys lead to, and returns how many.
fn rows(held: &Held, log: &File, layout: &str, kind: u8, found: &[Vec<u8>]) -> usize {
    let keys: Vec<_> = found.iter().map(|key| record_key(kind, id_of(key))).collect();
    let bodies = held.get_many(&keys).into_iter().map(|value| body_of(value, log, layout));
    bodies.filter(|body| body.len() >= 200).count()
}

fn id_of(index_key: &[u8]) -> u64 {
    u64::from_be_bytes(index_key[index_key.len() - 8..].try_into().unwrap())
}

fn read(options: &Options, dir: &Path, layout: &str) {
    let contacts = options.number("contacts", 100_000);
    let interactions = options.number("interactions", 500_000);
    let before = resident().1;
    let begun = Instant::now();
    let held = Held::open(layout, &dir.join("image"), options);
    let open_ms = begun.elapsed().as_millis();
    println!("open        {open_ms} ms, {} MB (the process before: {before} MB)", resident().1);
    let log = File::open(dir.join("log")).unwrap();

    let gets = options.number("gets", 100_000);
    let (begun, before) = (Instant::now(), processor());
    for turn in 0..gets {
        let pick = mixed(turn) % (contacts + interactions);
        let (kind, id) = if pick < contacts { (CONTACT, pick + 1) } else { (INTERACTION, pick - contacts + 1) };
        let body = record(&held, &log, layout, kind, id);
        assert!(body.len() >= 200);
    }
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), processor() - before);
    println!("gets        {gets} random in {seconds:.2} s, processor {cpu:.2} s, {} MB", resident().1);

    let pages = options.number("pages", 1_000);
    let mut seen = 0;
    let (begun, before) = (Instant::now(), processor());
    for turn in 0..pages {
        let from = key(&[0x10, CONTACT, 1], word(mixed(turn), 3).as_bytes(), &[]);
        let found = held.page(&from, &key(&[0x10, CONTACT, 2], &[], &[]), false, 50);
        seen += rows(&held, &log, layout, CONTACT, &found);
    }
    let by_name = begun.elapsed().as_secs_f64() / pages as f64 * 1e6;
    let begun = Instant::now();
    for turn in 0..pages {
        let target = mixed(turn + 7) % contacts + 1;
        let (from, to) = (key(&[0x20, CONTACT], &[], &[target]), key(&[0x20, CONTACT], &[], &[target + 1]));
        let found = held.page(&from, &to, true, 50);
        seen += rows(&held, &log, layout, INTERACTION, &found);
    }
    let timeline = begun.elapsed().as_secs_f64() / pages as f64 * 1e6;
    println!(
        "pages       50 contacts by name {by_name:.0} us, a contact's timeline newest first {timeline:.0} us ({seen} rows in all); processor {:.2} s",
        processor() - before
    );

    let (begun, before) = (Instant::now(), processor());
    let keys = held.count();
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), processor() - before);
    println!("scan        {keys} keys in {seconds:.1} s, processor {cpu:.1} s; peak {} MB", resident().0);
    std::process::exit(0);
}

fn main() {
    let options = Options::read();
    let layout = options.text("layout", "pointers,records,runs-pointers,runs-records");
    let root = PathBuf::from(options.text("dir", &std::env::temp_dir().join("rolo-image-layout").to_string_lossy()));
    if let Some(phase) = options.0.get("phase") {
        let dir = root.join(&layout);
        match phase.as_str() {
            "load" => load(&options, &dir, &layout),
            "read" => read(&options, &dir, &layout),
            "rebuild" => rebuild(&options, &dir, &layout),
            other => panic!("no phase {other}"),
        }
        return;
    }
    for layout in layout.split(',') {
        let dir = root.join(layout);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        println!("{layout}: {} contacts, {} interactions", options.number("contacts", 100_000), options.number("interactions", 500_000));
        for phase in ["load", "read", "rebuild"] {
            let mut command = Command::new(std::env::current_exe().unwrap());
            for (name, value) in &options.0 {
                command.args([format!("--{name}"), value.clone()]);
            }
            command.args(["--layout", layout, "--phase", phase, "--dir", &root.to_string_lossy()]);
            assert!(command.status().unwrap().success());
        }
        let _ = fs::remove_dir_all(&dir);
    }
}
