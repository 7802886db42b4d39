//! Other users of the system at a store: real ones, so only root can try it.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use clap::CommandFactory;
use rolo::store::lock::HolderState;

use crate::company::{Process, said, until};

/// Users that no system has a name for, and one that every system has.
const OWNER: u32 = 61_001;
const AGENT: u32 = 61_002;
const ALIEN: u32 = 61_003;
const NOBODY: u32 = 65_534;
/// The group that they are in, but for the alien.
const TEAM: u32 = 61_100;

/// A folder of the owner's, and a copy of the program that everybody may run.
struct Office(tempfile::TempDir);

/// One user, in a group.
#[derive(Clone, Copy)]
struct Who(u32, u32);

const ADA: Who = Who(OWNER, TEAM);
const BEN: Who = Who(AGENT, TEAM);
const VIC: Who = Who(NOBODY, TEAM);
const ZED: Who = Who(ALIEN, ALIEN);

impl Office {
    /// Returns none, and says so, where nobody can become another user.
    fn open() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            println!("skipped: only root can become another user");
            return None;
        }
        let office = Self(tempfile::tempdir().unwrap());
        std::fs::set_permissions(office.0.path(), PermissionsExt::from_mode(0o755)).unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_rolo"), office.program()).unwrap();
        let home = office.0.path().join("ada");
        std::fs::create_dir(&home).unwrap();
        std::fs::set_permissions(&home, PermissionsExt::from_mode(0o711)).unwrap();
        chown(&home, Some(OWNER), Some(TEAM)).unwrap();
        // A process that another test has just begun may still have the copy open for writing.
        let mut begun = Err(std::io::ErrorKind::Other.into());
        until("the copy can be run", || {
            begun = office.command(ADA, &["man"]).output();
            !begun.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::ExecutableFileBusy)
        });
        if !begun.is_ok_and(|output| output.status.success()) {
            println!("skipped: other users cannot reach {}", office.0.path().display());
            return None;
        }
        Some(office)
    }

    fn program(&self) -> PathBuf {
        self.0.path().join("rolo")
    }

    fn store(&self) -> PathBuf {
        self.0.path().join("ada/store")
    }

    fn command(&self, who: Who, words: &[&str]) -> Command {
        let mut command = Command::new(self.program());
        command.args(["--store"]).arg(self.store()).args(words).current_dir("/").env_clear().env("HOME", "/nonexistent");
        command.uid(who.0).gid(who.1).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn call(&self, who: Who, words: &[&str]) -> Output {
        self.command(who, words).output().unwrap()
    }

    fn done(&self, who: Who, words: &[&str]) -> String {
        let output = self.call(who, words);
        assert!(output.status.success(), "{words:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A call that is refused with this exit code and these words.
    fn refused(&self, who: Who, words: &[&str], code: i32, told: &str) {
        let output = self.call(who, words);
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).trim_end()), (Some(code), told), "{words:?}");
    }

    fn serve(&self) -> Process {
        let process = Process(self.command(ADA, &["serve"]).spawn().unwrap());
        let pid = process.0.id();
        until("it serves", || {
            rolo::store::lock::holder(&self.store()).is_some_and(|holder| holder.pid == pid && holder.state == HolderState::Serving)
        });
        process
    }

    fn mode(&self, name: &str) -> u32 {
        std::fs::metadata(self.store().join(name)).unwrap().mode() & 0o777
    }
}

#[test]
fn a_private_store_is_its_owners_alone() {
    let Some(office) = Office::open() else { return };
    office.done(ADA, &["add", "contact", "name=Ada Novak"]);
    let host = office.serve();
    let store = office.store().display().to_string();
    let alone = format!("rolo: {store} belongs to uid61001, for whom alone it is: they open it to a group with `rolo share GROUP`");
    for who in [BEN, VIC, ZED] {
        office.refused(who, &["list", "contact"], 7, &alone);
    }
    // Not even root, whom no mode keeps out: the host looks who comes.
    let root = office.call(Who(0, 0), &["list", "contact"]);
    assert_eq!(root.status.code(), Some(7), "{}", said(&root));
    let seen = format!("served by uid61001, pid {}, for its owner alone", host.0.id());
    assert!(String::from_utf8_lossy(&root.stderr).contains(&seen), "{}", said(&root));
    for name in ["", "LOCK", "log", "sock"] {
        let read = Command::new("cat").arg(office.store().join(name)).uid(NOBODY).gid(TEAM).output().unwrap();
        assert!(!read.status.success() && read.stdout.is_empty(), "{name} was read");
    }
    assert_eq!(office.done(ADA, &["share"]), "private\n");
}

#[test]
fn a_group_comes_in_by_the_socket_and_reads_no_file() {
    let Some(office) = Office::open() else { return };
    office.done(ADA, &["add", "contact", "name=Ada Novak"]);
    let store = office.store().display().to_string();
    office.refused(BEN, &["share", "61100"], 7, &format!("rolo: {store} belongs to uid61001, and only uid61001 shares it"));
    office.refused(
        ADA,
        &["share", "no-such-group"],
        4,
        "rolo: there is no group “no-such-group” on this machine\n  `getent group` lists them",
    );
    office.refused(
        ADA,
        &["share", "61003"],
        7,
        "rolo: you are not in the group 61003, and cannot share with it\n  `id` lists the groups you are in",
    );
    assert_eq!(office.done(ADA, &["share", "61100"]), "shared with the group 61100\n");
    assert_eq!((office.mode(""), office.mode("LOCK"), office.mode("log")), (0o710, 0o600, 0o700));
    // Nobody serves it yet: the owner is asked.
    let unserved = format!("rolo: {store} belongs to uid61001, and nobody serves it\n  ask them to open it, or to have `rolo serve` run");
    office.refused(VIC, &["--wait", "0", "list", "contact"], 8, &unserved);
    let mut host = office.serve();
    assert_eq!(office.mode("sock"), 0o660);
    assert_eq!(office.done(VIC, &["list", "contact", "--columns", "name", "--no-header"]), "Ada Novak\n");
    let alone = format!("rolo: {store} belongs to uid61001, for whom alone it is: they open it to a group with `rolo share GROUP`");
    office.refused(ZED, &["list", "contact"], 7, &alone);
    for name in ["LOCK", "log/00000001.log"] {
        let read = Command::new("cat").arg(office.store().join(name)).uid(NOBODY).gid(TEAM).output().unwrap();
        assert!(!read.status.success() && read.stdout.is_empty(), "{name} was read");
    }
    // Who it is, the system says.
    let watching = Process(office.command(VIC, &["watch"]).spawn().unwrap());
    let mut told = String::new();
    until("it is there", || {
        told = office.done(ADA, &["sessions", "--format", "plain"]);
        told.lines().count() == 2
    });
    assert!(told.contains(&format!("{}\tnobody\t", watching.0.id())), "{told}");
    // Another host of the owner's serves them just so; they wait for it, and see a pause.
    host.kill();
    let waits = office.command(VIC, &["--wait", "60", "count", "contact"]).spawn().unwrap();
    let _host = office.serve();
    let counted = waits.wait_with_output().unwrap();
    assert_eq!(counted.stdout, b"1\n", "{}", said(&counted));
    // Closed again, it is closed to who is in as well.
    assert_eq!(office.done(ADA, &["share", "--off"]), "private\n");
    assert_eq!((office.mode(""), office.mode("sock")), (0o700, 0o600));
    office.refused(VIC, &["list", "contact"], 7, &alone);
    office.done(ADA, &["add", "contact", "name=Bo Berg"]);
    until("it is sent away", || office.done(ADA, &["sessions", "--format", "plain"]).lines().count() == 1);
    drop(watching);
}

/// What a viewer tries; commands that are not there yet are left out.
const CHANGES: &[&[&str]] = &[
    &["add", "contact", "name=No"],
    &["set", "c1", "name=No"],
    &["set", "--where", "contact name:ada", "name=No"],
    &["rm", "c1"],
    &["restore", "c2"],
    &["purge", "--yes"],
    &["link", "c3", "a1"],
    &["unlink", "c1", "a1"],
    &["log", "call", "c1", "no"],
    &["move", "o1", "proposal"],
    &["undo"],
    &["undo", "@6"],
    &["edit", "c1", "-"],
    &["config", "put", "pipelines", "FILE.toml"],
    &["import", "FILE.csv", "--as", "contact"],
    &["check", "--repair"],
    &["share", "61100"],
    &["merge", "c1", "c3"],
    &["forget", "c1", "--yes"],
    &["attach", "c1", "FILE.csv"],
    &["apply", "FILE.plan"],
    &["done", "k1"],
    &["tick"],
    &["convert", "c1"],
    &["quote", "o1"],
    &["rates", "FILE.rates"],
    &["assign"],
    &["reply", "t1", "received", "--send"],
];

/// What changes nothing in a store, or nothing in another user's.
const READS: &[&str] = &[
    "list",
    "count",
    "sum",
    "show",
    "find",
    "timeline",
    "history",
    "diff",
    "fields",
    "stats",
    "doctor",
    "serve",
    "sessions",
    "watch",
    "export",
    "play",
    "completions",
    "man",
    "demo",
    "dupes",
    "blame",
    "backup",
    "restore-backup",
    "open",
    "pop",
    "agenda",
    "sla",
    "report",
    "score",
    "articles",
    "help",
];

/// A store with a record for every change to be tried on.
fn furnished(office: &Office) {
    for words in [
        &["add", "contact", "name=Ada Novak"][..],
        &["add", "contact", "name=Bo Berg"],
        &["add", "contact", "name=Ada Nowak"],
        &["add", "company", "name=Acme"],
        &["add", "opportunity", "name=Deal", "company=Acme", "amount=100 EUR"],
        &["add", "task", "title=Call"],
        &["add", "ticket", "subject=Help", "contact=c1"],
        &["rm", "c2"],
        &["link", "c1", "a1"],
        &["add", "user", "name=Vic", "login=nobody", "role=viewer"],
        &["add", "user", "name=Ben", "login=uid61002", "role=agent"],
        &["add", "task", "title=Ring", "remind=yesterday", "assignee=uid61002"],
        &["share", "61100"],
    ] {
        office.done(ADA, words);
    }
}

fn file(office: &Office, name: &str, text: &str) -> String {
    let path = office.0.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_viewer_changes_nothing_by_any_command() {
    let Some(office) = Office::open() else { return };
    furnished(&office);
    let _host = office.serve();
    let replies = file(&office, "replies.toml", "[received]\nabout = \"it came\"\ntext = \"Thank you.\"\n");
    office.done(ADA, &["config", "put", "replies", &replies]);
    let config = office.done(ADA, &["config", "get", "pipelines"]);
    let toml = file(&office, "FILE.toml", &config.replace("50", "55"));
    let rates = file(&office, "FILE.rates", "date,currency,rate\n2026-01-02,USD,1.10\n");
    let csv = file(&office, "FILE.csv", "Name,Email\nEva,eva@x.example\n");
    let cli = rolo::cli::args::Cli::command();
    let names: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let unsorted: Vec<&&str> =
        names.iter().filter(|name| !READS.contains(*name) && CHANGES.iter().all(|words| words[0] != **name)).collect();
    assert!(unsorted.is_empty(), "does it change a store? it belongs into CHANGES or READS: {unsorted:?}");
    let before = office.done(ADA, &["history"]);
    for words in CHANGES.iter().filter(|words| names.contains(&words[0])) {
        let words: Vec<&str> = words
            .iter()
            .map(|word| match *word {
                "FILE.toml" => toml.as_str(),
                "FILE.csv" => csv.as_str(),
                "FILE.rates" => rates.as_str(),
                word => word,
            })
            .collect();
        let mut command = office.command(VIC, &words);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"{\"name\": \"No\"}\n").unwrap_or_default();
        let output = child.wait_with_output().unwrap();
        assert_eq!(office.done(ADA, &["history"]), before, "{words:?} changed something");
        // Its own steps are none, a plan of another's is not one, and there are no rules to go by.
        let nothing = matches!(words[..], ["undo"]) && output.status.success();
        let no_plan = words[0] == "apply" || words[0] == "assign";
        assert!(nothing || no_plan || output.status.code() == Some(7), "{words:?}: {}", said(&output));
        if words[0] == "add" {
            assert_eq!(String::from_utf8_lossy(&output.stderr), "rolo: nobody is a viewer in this store, who changes nothing\n");
        }
    }
    // The application's keys do not, either.
    office.call(VIC, &["play", "cwNo<CR>dd:set lifecycle=customer<CR>"]);
    assert_eq!(office.done(ADA, &["history"]), before);
    // And who has no role is told how to get one.
    office.done(ADA, &["rm", "u3"]);
    let none =
        "rolo: uid61002 has no role in this store and can only read: its owner gives one with `rolo add user login=uid61002 role=agent`";
    office.refused(BEN, &["add", "contact", "name=No"], 7, none);
    assert_eq!(office.done(BEN, &["count", "contact"]), "2\n");
    // One who has left does not even read.
    office.done(ADA, &["set", "u2", "active=no"]);
    office.refused(VIC, &["count", "contact"], 7, "rolo: nobody does not work here any more");
}

#[test]
fn an_agent_changes_records_under_their_own_name_and_not_who_may_do_what() {
    let Some(office) = Office::open() else { return };
    furnished(&office);
    let host = office.serve();
    assert_eq!(office.done(BEN, &["add", "contact", "name=Cy Cole"]), "c4\n");
    assert!(office.done(BEN, &["history", "c4", "--format", "plain"]).contains("uid61002"));
    let owned = office.done(ADA, &["show", "c4", "--format", "json"]);
    assert!(owned.contains("\"updated_by\":\"uid61002\"") || owned.contains("\"updated_by\": \"uid61002\""), "{owned}");
    office.refused(
        BEN,
        &["--user", "ada", "set", "c4", "name=No"],
        7,
        "rolo: the store is uid61001's: uid61002 cannot work there as ada (--user)",
    );
    office.refused(
        BEN,
        &["--now", "2020-01-01", "add", "contact", "name=No"],
        7,
        "rolo: the store is uid61001's, and only uid61001 may set its clock (--now)",
    );
    let roles = "rolo: uid61002 is an agent in this store: logins and roles are given by an owner";
    office.refused(BEN, &["set", "u3", "role=owner"], 7, roles);
    office.refused(BEN, &["set", "u3", "login="], 7, roles);
    office.refused(BEN, &["rm", "u1"], 7, roles);
    office.refused(BEN, &["add", "user", "name=Friend", "login=friend"], 7, roles);
    let config = office.done(ADA, &["config", "get", "pipelines"]);
    let toml = file(&office, "FILE.toml", &config.replace("50", "55"));
    let team = "uid61002 is an agent in this store: what the team owns is changed by an owner";
    let put = office.call(BEN, &["config", "put", "pipelines", &toml]);
    assert!(put.status.code() == Some(7) && said(&put).contains(team), "{}", said(&put));
    let repair = office.call(BEN, &["check", "--repair"]);
    assert!(repair.status.code() == Some(7) && said(&repair).contains("only an owner repairs it"), "{}", said(&repair));
    // People without a login come with an import.
    let csv = file(&office, "FILE.csv", "Name,Owner\nEva,Ida Owner\n");
    office.done(BEN, &["import", &csv, "--as", "contact"]);
    // Each takes back their own last step.
    office.done(ADA, &["set", "c1", "lifecycle=customer"]);
    office.done(BEN, &["set", "c3", "lifecycle=lead"]);
    office.done(ADA, &["undo"]);
    assert!(office.done(ADA, &["show", "c3"]).contains("lead") && !office.done(ADA, &["show", "c1"]).contains("customer"));
    // A role is taken at once, also of who is in.
    office.done(ADA, &["set", "u3", "role=owner"]);
    office.done(BEN, &["config", "put", "pipelines", &toml]);
    drop(host);
}

#[test]
fn a_folder_above_that_lets_nobody_pass_is_named() {
    let Some(office) = Office::open() else { return };
    office.done(ADA, &["add", "contact", "name=Ada Novak"]);
    let home: &Path = &office.0.path().join("ada");
    std::fs::set_permissions(home, PermissionsExt::from_mode(0o700)).unwrap();
    let output = office.call(ADA, &["share", "61100"]);
    let told = format!("`chmod o+x {}`", home.canonicalize().unwrap().display());
    assert!(output.status.success() && said(&output).contains(&told), "{}", said(&output));
    let refused = office.call(BEN, &["list", "contact"]);
    assert_eq!(refused.status.code(), Some(7), "{}", said(&refused));
}
