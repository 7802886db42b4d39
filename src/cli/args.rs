//! The calls of the command line, as clap reads them.
//!
//! Names, meanings and exit codes are a contract that scripts rely on: add, don't
//! bend. What a call does stands in the module named after it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A CRM that lives in the terminal. Without a subcommand it opens the application.
#[derive(Debug, Parser)]
#[command(name = "rolo", version, about, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What holds for every call.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub call: Option<Call>,
}

/// What holds for every call.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The store: a folder, or memory: for one that forgets
    #[arg(long, global = true, env = "ROLO_STORE", value_name = "PATH|URL")]
    pub store: Option<String>,
    /// The user's own configuration file
    #[arg(long, global = true, env = "ROLO_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Who works; by default the operating system's user
    #[arg(long, global = true, env = "ROLO_USER", value_name = "USER")]
    pub user: Option<String>,
    /// The output's format; by default table on a terminal, tsv when piped
    #[arg(long, global = true, value_name = "F")]
    pub format: Option<Format>,
    /// No header line in table, csv and tsv
    #[arg(long, global = true)]
    pub no_header: bool,
    /// Colours in the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Say nothing but data and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Refuse every change
    #[arg(long, global = true)]
    pub readonly: bool,
    /// How long to wait for the store, in seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds)]
    pub wait: f64,
    /// The clock that ages, relative dates and commits see
    #[arg(long, global = true, value_name = "TIMESTAMP")]
    pub now: Option<String>,
    /// Use a store on a network file system: one host, no guests from elsewhere
    #[arg(long, global = true)]
    pub allow_network_store: bool,
    /// Keys for the application to begin with, as in vim -s
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// The application's workspace: where one was, and what u takes back; by default the first that is not open
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<String>,
    /// The application without the user's files and without a workspace, as vim --clean
    #[arg(long, conflicts_with = "workspace")]
    pub clean: bool,
}

/// Marks a word that begins with a dash and is no flag: no argument can hold a NUL.
const DASHED: char = '\0';

pub(super) fn dashed(text: &str) -> Result<String, String> {
    Ok(text.strip_prefix(DASHED).unwrap_or(text).to_owned())
}

impl Cli {
    /// Reads the words of a call, the program's name first.
    ///
    /// Query words, keys and relative times may begin with a dash (`-tags:cold`,
    /// `-7d`): what begins with one dash and is none of the short flags is a value.
    ///
    /// # Errors
    /// What clap says: help, version, or a wrong call.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut plain = false;
        let words = words.into_iter().enumerate().map(|(index, word)| {
            plain |= word == "--";
            let value = !plain
                && index > 0
                && word
                    .to_str()
                    .and_then(|text| text.strip_prefix('-'))
                    .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('-') && !rest.chars().all(|c| "qvhV".contains(c)));
            if value {
                let mut marked = OsString::from(DASHED.to_string());
                marked.push(word);
                marked
            } else {
                word
            }
        });
        Self::try_parse_from(words)
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0 to 86400".to_owned()),
    }
}

/// How data is printed: one closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns, for people
    Table,
    /// One array, or one object
    Json,
    /// One object a line
    Jsonl,
    /// Comma separated, with a header line
    Csv,
    /// Tab separated, with a header line
    Tsv,
    /// Bare values separated by a tab
    Plain,
    /// One id a line
    Ids,
    /// vCard (export)
    Vcard,
    /// iCalendar (export)
    Ics,
    /// mbox (export)
    Mbox,
    /// Address book of mutt (list contact)
    Mutt,
    /// Address book of aerc (list contact)
    Aerc,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// One call.
#[derive(Debug, Subcommand)]
pub enum Call {
    /// Rows of a kind
    #[command(visible_alias = "ls")]
    List(List),
    /// How many records match
    Count(Count),
    /// The sum of a field
    Sum(Sum),
    /// The whole record
    Show(Show),
    /// A new record; FIELD=VALUE, or - for JSON from standard input
    Add(Add),
    /// Change fields: FIELD=VALUE FIELD+=VALUE FIELD-=VALUE FIELD=
    Set(Set),
    /// Edit in $VISUAL or $EDITOR as TOML; - takes JSON from standard input
    Edit(Edit),
    /// Into the trash
    Rm(Ids),
    /// Back from the trash
    Restore(Ids),
    /// Empty the trash: cannot be undone
    Purge(Purge),
    /// A person, forgotten: in every version of every record; cannot be undone
    Forget(Forget),
    /// Tie two records
    Link(Pair),
    /// Untie two records
    Unlink(Pair),
    /// Attach a file to a record
    Attach(Attach),
    /// Open an attached file with the system's opener, or $ROLO_OPENER
    Open(Open),
    /// Log an interaction, and the follow-up task
    Log(Log),
    /// Records that may be one, best first
    Dupes(super::twins::Dupes),
    /// Where each value came from: whose step, or which row of an import
    Blame(super::twins::Blame),
    /// Make several records one, without losing anything
    Merge(super::twins::Merge),
    /// A lead becomes a contact at a company with an opportunity, in one step
    Convert(super::leads::Convert),
    /// An offer of an opportunity's lines: numbered, versioned, as text or HTML; accepted or declined
    Quote(super::quotes::Quote),
    /// Dated rates of currencies from a csv file
    Rates(super::rates::Rates),
    /// Give leads to people by the team's rules
    Assign(super::leads::Assign),
    /// What leads score, and why
    Score(super::leads::Score),
    /// Move opportunities to a stage
    Move(Move),
    /// Figures, and the records behind each: funnel, win-rate, forecast, …
    Report(super::report::Report),
    /// The merged timeline of a record
    Timeline(Timeline),
    /// Search over every kind, best first
    Find(Find),
    /// Who changed what
    History(History),
    /// Take steps back
    Undo(Undo),
    /// What changed between two steps
    Diff(Diff),
    /// Import files
    Import(Box<Import>),
    /// Carry out the plan of an import
    Apply(Apply),
    /// Export a kind, or everything
    Export(Export),
    /// The fields of a kind
    Fields(Fields),
    /// What the team owns: pipelines, statuses, fields, settings, …
    Config(Config),
    /// Service levels: why a ticket's clocks stand where they stand
    Sla(Sla),
    /// What is due and overdue, meetings, next steps, days of contracts: one's own
    Agenda(super::agenda::Agenda),
    /// Tasks that are done; a repeating one makes its next
    Done(super::agenda::Done),
    /// Who calls: the record, and what is open with them
    Pop(super::pop::Pop),
    /// Articles that may answer a ticket, and why
    Articles(super::knowledge::Articles),
    /// What a canned reply says to a ticket; --send answers with it
    Reply(super::knowledge::ReplyTo),
    /// Everything that time causes and was not done yet, each once: for cron and timers
    Tick(super::tick::Tick),
    /// The store in numbers
    Stats,
    /// Read everything and compare
    Check(Check),
    /// What stands where, and what is wrong in your own files
    Doctor,
    /// The whole store in one file, consistent while others use it
    Backup(Backup),
    /// A backup back, into a new place
    #[command(name = "restore-backup")]
    RestoreBackup(RestoreBackup),
    /// Fill an empty store with a small invented company
    Demo(Demo),
    /// The application without a terminal: feed keys, print the end
    Play(Play),
    /// Serve the store to other sessions, without a screen
    Serve,
    /// Who is at the store: since when, on which terminal, doing what
    Sessions,
    /// Let a group of this machine in as guests, or nobody but you
    Share(Share),
    /// Changes as they come, one JSON object a line
    Watch(Watch),
    /// Completions for a shell
    Completions(Completions),
    /// The manual page
    Man,
}

impl Call {
    /// Returns the call's name as typed.
    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split(['(', ' ']).next().unwrap_or_default().to_lowercase()
    }
}

/// `rolo share`.
#[derive(Debug, Args)]
pub struct Share {
    /// The group of the system; without one, tell whether the store is shared
    pub group: Option<String>,
    /// Make the store yours alone again
    #[arg(long, conflicts_with = "group")]
    pub off: bool,
}

/// `rolo watch`.
#[derive(Debug, Args)]
pub struct Watch {
    /// Which records; a kind's name may stand first
    #[arg(value_parser = dashed)]
    pub query: Vec<String>,
}

/// `rolo list`.
#[derive(Debug, Args)]
pub struct List {
    /// Which kind
    pub kind: String,
    /// Which records
    #[arg(value_parser = dashed)]
    pub query: Vec<String>,
    /// In which order; a leading - is descending
    #[arg(long, value_parser = dashed, value_name = "FIELD,-FIELD")]
    pub sort: Option<String>,
    /// Which columns
    #[arg(long, value_name = "A,B")]
    pub columns: Option<String>,
    /// The most rows
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// How many rows to pass over
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
    /// Say how the query is answered instead
    #[arg(long)]
    pub explain: bool,
}

/// `rolo count`.
#[derive(Debug, Args)]
pub struct Count {
    /// Which kind
    pub kind: String,
    /// Which records
    #[arg(value_parser = dashed)]
    pub query: Vec<String>,
    /// Per value of a field
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
}

/// `rolo sum`.
#[derive(Debug, Args)]
pub struct Sum {
    /// Which kind
    pub kind: String,
    /// Which field
    pub field: String,
    /// Which records
    #[arg(value_parser = dashed)]
    pub query: Vec<String>,
    /// Per value of a field
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
}

/// `rolo show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Which records
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// As it was at a moment, or after a step (@812)
    #[arg(long, value_name = "T")]
    pub at: Option<String>,
    /// Everything that is kept about it: who links to it, its documents, every version
    #[arg(long)]
    pub all: bool,
    /// Where the contents of its documents are written
    #[arg(long, value_name = "DIR", requires = "all")]
    pub files: Option<PathBuf>,
}

/// `rolo add`.
#[derive(Debug, Args)]
pub struct Add {
    /// Which kind
    pub kind: String,
    /// FIELD=VALUE…, or - for JSON or JSON Lines from standard input
    #[arg(required = true, value_parser = dashed, value_name = "FIELD=VALUE")]
    pub values: Vec<String>,
}

/// `rolo set`.
#[derive(Debug, Args)]
pub struct Set {
    /// Ids, and FIELD=VALUE, FIELD+=VALUE, FIELD-=VALUE or FIELD=
    #[arg(value_parser = dashed, value_name = "ID|FIELD=VALUE")]
    pub words: Vec<String>,
    /// Which records, instead of ids; `--where KIND QUERY` in one text
    #[arg(long = "where", value_name = "QUERY", value_parser = dashed)]
    pub query: Option<String>,
    /// The kind that --where looks at
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// All records: needed with an empty query
    #[arg(long)]
    pub all: bool,
    /// Only if the record still has this version
    #[arg(long, value_name = "N")]
    pub if_version: Option<u64>,
    /// Say what would change
    #[arg(long)]
    pub dry_run: bool,
}

/// `rolo edit`.
#[derive(Debug, Args)]
pub struct Edit {
    /// Which records; - behind them takes JSON from standard input
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

/// Some ids.
#[derive(Debug, Args)]
pub struct Ids {
    /// Which records
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

/// `rolo purge`.
#[derive(Debug, Args)]
pub struct Purge {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// `rolo forget`.
#[derive(Debug, Args)]
pub struct Forget {
    /// Which contact
    pub id: String,
    /// Do not ask
    #[arg(long, alias = "force")]
    pub yes: bool,
    /// Say what would go
    #[arg(long)]
    pub dry_run: bool,
    /// Remove the automatic backups that hold the person, too
    #[arg(long)]
    pub backups: bool,
}

/// Two ids.
#[derive(Debug, Args)]
pub struct Pair {
    /// One record
    pub one: String,
    /// The other
    pub other: String,
}

/// `rolo attach`.
#[derive(Debug, Args)]
pub struct Attach {
    /// To which record
    pub id: String,
    /// Which file; - reads standard input
    pub file: String,
    /// What it is called, if not as the file is
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What is in it, such as application/pdf; else its name tells
    #[arg(long = "type", value_name = "TYPE")]
    pub media_type: Option<String>,
}

/// `rolo open`.
#[derive(Debug, Args)]
pub struct Open {
    /// A document, or a record with one document
    pub id: String,
}

/// `rolo backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Into which file; - is standard output
    pub file: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    pub force: bool,
    /// The automatic backups, newest first
    #[arg(long)]
    pub list: bool,
    /// Make an automatic one, if it is due
    #[arg(long, hide = true)]
    pub auto: bool,
}

/// `rolo restore-backup`.
#[derive(Debug, Args)]
pub struct RestoreBackup {
    /// From which file; - is standard input
    pub file: PathBuf,
}

/// `rolo log`.
#[derive(Debug, Args)]
pub struct Log {
    /// call, email, meeting, visit, chat, sms, social, letter, fax, web, note
    pub channel: String,
    /// With whom, or about what: an id, a name, an e-mail address
    pub who: String,
    /// What was said, done and agreed
    #[arg(required = true)]
    pub text: Vec<String>,
    /// When it happened
    #[arg(long, value_name = "T", value_parser = dashed)]
    pub at: Option<String>,
    /// They began it
    #[arg(long = "in", conflicts_with = "outgoing")]
    pub incoming: bool,
    /// We began it
    #[arg(long = "out")]
    pub outgoing: bool,
    /// How long it took
    #[arg(long, value_name = "N")]
    pub minutes: Option<u32>,
    /// What it led to
    #[arg(long, value_name = "O")]
    pub outcome: Option<String>,
    /// An internal note
    #[arg(long)]
    pub private: bool,
    /// The follow-up: a date, and what to do
    #[arg(long, value_name = "DATE TEXT")]
    pub next: Option<String>,
}

/// `rolo move`.
#[derive(Debug, Args)]
pub struct Move {
    /// Opportunities, then the stage
    #[arg(required = true, num_args = 2.., value_name = "OPPORTUNITY… STAGE")]
    pub words: Vec<String>,
    /// Why it was lost
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

/// `rolo timeline`.
#[derive(Debug, Args)]
pub struct Timeline {
    /// Whose
    pub id: String,
    /// Not before
    #[arg(long, value_name = "T", value_parser = dashed)]
    pub since: Option<String>,
    /// The most entries, 50 where nothing is said; a mailbox has all
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// `rolo find`.
#[derive(Debug, Args)]
pub struct Find {
    /// Words, in any order
    #[arg(required = true)]
    pub text: Vec<String>,
    /// The most results
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

/// `rolo history`.
#[derive(Debug, Args)]
pub struct History {
    /// Whose; none: the steps of all
    pub id: Option<String>,
    /// The most entries
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
}

/// `rolo undo`.
#[derive(Debug, Args)]
pub struct Undo {
    /// Which steps (@812); none: this user's last one
    #[arg(value_name = "@STEP")]
    pub steps: Vec<String>,
    /// Say what would be restored
    #[arg(long)]
    pub dry_run: bool,
    /// Restore also what others changed since
    #[arg(long)]
    pub force: bool,
}

/// `rolo diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// From one step to another
    #[arg(value_name = "@A..@B")]
    pub range: String,
}

/// `rolo apply`.
#[derive(Debug, Args)]
#[command(after_help = "\
A plan is what `rolo import FILE --plan PLAN` writes: JSON Lines, one row each, to be read,
compared, and cut rows out of. A row is taken as it was planned or goes to the rejects;
what stands as planned already is left alone, so that a plan may be applied twice.
Exit 3 where rows were rejected, 5 where nothing came out as planned or the plan is for
another store.")]
pub struct Apply {
    /// The plan; - is standard input
    pub plan: PathBuf,
    /// Change nothing; say what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// Where rejected rows go
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

/// `rolo import`.
#[derive(Debug, Args)]
#[command(after_help = "\
The exports of HubSpot, Salesforce, Pipedrive, Google, Outlook, Zendesk and LinkedIn are
known by their headers: which preset was taken is told. `--map NAME` takes one, `--map
hubspot` whichever of a family fits, `--map none` none; `rolo config list presets` names
them. Each file of a call may be of another kind; all of them are one step.
Exit 3 where rows were rejected: they are in the rejects file as they were, with the reason.")]
pub struct Import {
    /// The files, or folders of mail; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What each row is; mail, cards and calendars say it themselves
    #[arg(long = "as", value_name = "KIND")]
    pub kind: Option<String>,
    /// The input's format: csv, tsv, json, jsonl, vcard, ics, mbox, maildir, eml; else it is found out
    #[arg(long, value_name = "FORMAT")]
    pub from: Option<String>,
    /// A preset or mapping file; none does without (else the preset that fits is taken)
    #[arg(long, value_name = "PRESET|FILE|none")]
    pub map: Option<String>,
    /// One column's field
    #[arg(long = "column", value_name = "HEADER=FIELD")]
    pub columns: Vec<String>,
    /// A field that every row gets
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// Whose ids the external ids are
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// By which fields a row finds its record
    #[arg(long, value_name = "FIELD[,FIELD]")]
    pub key: Option<String>,
    /// What happens to a record that stands here already
    #[arg(long, value_name = "POLICY")]
    pub on_match: Option<OnMatch>,
    /// Take unknown columns as custom fields
    #[arg(long)]
    pub create_fields: bool,
    /// Do not create what a row refers to
    #[arg(long)]
    pub no_create: bool,
    /// The file's encoding
    #[arg(long, value_name = "E")]
    pub encoding: Option<String>,
    /// The file's delimiter
    #[arg(long, value_name = "C")]
    pub delimiter: Option<String>,
    /// The file's decimal mark
    #[arg(long, value_name = "C")]
    pub decimal: Option<String>,
    /// The file's date format
    #[arg(long, value_name = "FORMAT")]
    pub dates: Option<String>,
    /// The file's time zone
    #[arg(long, value_name = "Z")]
    pub timezone: Option<String>,
    /// The line of the header, from 1
    #[arg(long, value_name = "N")]
    pub header_row: Option<usize>,
    /// The team's own address, or @DOMAIN of it, beside those of its users
    #[arg(long, value_name = "ADDRESS")]
    pub me: Vec<String>,
    /// Change nothing; say what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// Change nothing; write what would happen into a file that `rolo apply` carries out
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Where rejected rows go [default: rejects.csv]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

/// What happens to a record that a row matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnMatch {
    /// Take what differs from what this source gave last time
    Merge,
    /// Take everything
    Overwrite,
    /// Take what is empty here
    Fill,
    /// Leave it
    Skip,
    /// Reject the row
    Reject,
}

/// `rolo export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Which kind
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub kind: Option<String>,
    /// Which records
    #[arg(value_parser = dashed)]
    pub query: Vec<String>,
    /// Everything, as jsonl by kind
    #[arg(long, requires = "out")]
    pub all: bool,
    /// The file, or with --all the folder
    #[arg(long, value_name = "FILE|DIR")]
    pub out: Option<PathBuf>,
    /// Which columns
    #[arg(long, value_name = "A,B")]
    pub columns: Option<String>,
    /// In which order
    #[arg(long, value_parser = dashed, value_name = "FIELD,-FIELD")]
    pub sort: Option<String>,
    /// No protection against formulas
    #[arg(long)]
    pub raw: bool,
    /// The version of cards (--format vcard): 3.0, which every phone reads, or 4.0
    #[arg(long, value_name = "3.0|4.0")]
    pub vcard_version: Option<String>,
    /// Leave out whoever has not consented to this channel
    #[arg(long = "for", value_name = "CHANNEL")]
    pub channel: Option<String>,
}

/// `rolo fields`.
#[derive(Debug, Args)]
pub struct Fields {
    /// Which kind
    pub kind: String,
}

/// `rolo config`.
#[derive(Debug, Args)]
pub struct Config {
    /// What to do
    #[command(subcommand)]
    pub call: ConfigCall,
}

/// One call of `rolo config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCall {
    /// The names of what the team owns, or of the presets
    List {
        /// `presets` names each of them
        name: Option<String>,
    },
    /// Print one as TOML
    Get {
        /// Which; `presets/NAME` is one preset
        name: String,
    },
    /// Take one from a file; - is standard input
    Put {
        /// Which
        name: String,
        /// The TOML
        file: PathBuf,
    },
    /// Edit one in $VISUAL or $EDITOR
    Edit {
        /// Which
        name: String,
    },
}

/// `rolo sla`.
#[derive(Debug, Args)]
pub struct Sla {
    /// What to do
    #[command(subcommand)]
    pub call: SlaCall,
}

/// One call of `rolo sla`.
#[derive(Debug, Subcommand)]
pub enum SlaCall {
    /// Each stretch of a ticket's clocks: whether it counts, and why
    Why {
        /// Which ticket
        ticket: String,
    },
    /// Do what the team's rules do with tickets now, each once: warn, hand on, follow up
    Escalate,
}

/// `rolo check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Repair what can be repaired
    #[arg(long)]
    pub repair: bool,
}

/// `rolo demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many contacts
    #[arg(long, value_name = "N")]
    pub contacts: Option<u64>,
    /// How many interactions
    #[arg(long, value_name = "N")]
    pub interactions: Option<u64>,
    /// The seed: the same one gives the same data
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// `rolo play`.
#[derive(Debug, Args)]
pub struct Play {
    /// Keys in Vim's notation: `3j`, `<C-d>`, `<CR>`, `:filter owner:me<CR>`
    #[arg(value_parser = dashed)]
    pub keys: Option<String>,
    /// Keys from a file; line ends are ignored
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// The size of the screen
    #[arg(long, value_name = "WxH", default_value = "120x40")]
    pub size: String,
    /// The pane to begin in
    #[arg(long, value_name = "PANE")]
    pub pane: Option<String>,
    /// That pane alone
    #[arg(long)]
    pub zoom: bool,
    /// What to print at the end
    #[arg(long, value_name = "WHAT", default_value = "screen")]
    pub print: Print,
    /// Tell on standard error what keys, frames and the finder cost
    #[arg(long)]
    pub timings: bool,
}

/// What `rolo play` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Print {
    /// The glyphs
    Screen,
    /// The glyphs with their colours
    Ansi,
    /// One JSON object
    State,
}

/// `rolo completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_table_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn query_words_may_begin_with_a_dash() {
        let cli = Cli::read(
            ["rolo", "list", "opportunity", "stage:won", "-tags:cold", "--sort", "-amount", "--limit", "3", "-q"].map(Into::into),
        )
        .expect("valid");
        match cli.call {
            Some(Call::List(list)) => {
                assert_eq!(list.query, ["stage:won", "-tags:cold"]);
                assert_eq!((list.limit, list.sort.as_deref()), (Some(3), Some("-amount")));
                assert!(cli.global.quiet);
            }
            other => panic!("{other:?}"),
        }
    }
}
