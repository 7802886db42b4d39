//! Holds the table of ARCHITECTURE.md: who may know whom, and where `unsafe` may stand.
//!
//! It parses every source below `src` and looks at each path that begins with
//! `crate::`, in `use` lines and in code alike. Test modules are exempt: a test
//! may look at what it needs.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

const ALL_BUT_TUI: &[&str] = &["actions", "command", "config", "domain", "exchange", "insight", "query", "search", "store"];

/// The rooms and whom they may know, as ARCHITECTURE.md has it.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("query", &["domain"]),
    ("store", &["domain", "query"]),
    ("actions", &["domain", "query", "store"]),
    ("search", &["domain"]),
    ("insight", &["domain", "query", "search", "store"]),
    ("exchange", &["actions", "domain", "query", "store"]),
    ("command", &["actions", "domain", "exchange", "insight", "query", "store"]),
    ("automation", &["actions", "command", "domain", "exchange", "insight", "query", "store"]),
    ("config", &["domain"]),
    ("tui", ALL_BUT_TUI),
    ("cli", &["actions", "automation", "command", "config", "domain", "exchange", "insight", "query", "store", "tui"]),
];

/// Crates that only one room may name: where they live is a decision.
const HOMES: &[(&str, &str)] = &[("sled", "store"), ("ratatui", "tui"), ("clap", "cli"), ("rlibphonenumber", "domain")];

#[derive(Default)]
struct Seen {
    rooms: BTreeSet<String>,
    crates: BTreeSet<String>,
    unsafes: usize,
    glob_of_crate: bool,
}

impl Seen {
    fn path(&mut self, segments: &[String]) {
        match segments {
            [first, room, ..] if first == "crate" => {
                self.rooms.insert(room.clone());
            }
            [first, ..] => {
                self.crates.insert(first.clone());
            }
            [] => {}
        }
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                for item in &group.items {
                    self.tree(item, before);
                }
            }
            syn::UseTree::Name(syn::UseName { ident }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                before.push(ident.to_string());
                self.path(before);
                before.pop();
            }
            syn::UseTree::Glob(_) => {
                self.glob_of_crate |= before.len() == 1 && before[0] == "crate";
                self.path(before);
            }
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string().split_whitespace().any(|word| word == "test"),
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Seen {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&item.tree, &mut Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.path(&segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_unsafe(&mut self, block: &'ast syn::ExprUnsafe) {
        self.unsafes += 1;
        visit::visit_expr_unsafe(self, block);
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).expect("a readable folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn look_at(source: &str) -> Seen {
    let file = syn::parse_file(source).expect("the sources parse");
    let mut seen = Seen::default();
    seen.visit_file(&file);
    seen
}

#[test]
fn every_room_knows_only_whom_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let inside = path.strip_prefix(&root).expect("below src");
        let first = inside.iter().next().expect("a name").to_string_lossy().into_owned();
        let room = first.trim_end_matches(".rs");
        if matches!(room, "lib" | "main") {
            continue;
        }
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: {room} is no room of ARCHITECTURE.md", inside.display()));
            continue;
        };
        let seen = look_at(&fs::read_to_string(&path).expect("a readable source"));
        for other in &seen.rooms {
            if other != room && !may.contains(&other.as_str()) {
                wrong.push(format!("{}: {room} may not know {other}", inside.display()));
            }
        }
        for (name, home) in HOMES {
            if seen.crates.contains(*name) && room != *home {
                wrong.push(format!("{}: {name} is named outside {home}", inside.display()));
            }
        }
        if seen.unsafes > 0 {
            wrong.push(format!("{}: unsafe", inside.display()));
        }
        if seen.glob_of_crate {
            wrong.push(format!("{}: `use crate::*` hides whom it knows", inside.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_drawing_never_sees_the_store() {
    let view = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui/view");
    let mut files = Vec::new();
    if view.is_dir() {
        sources(&view, &mut files);
    }
    for path in files {
        let seen = look_at(&fs::read_to_string(&path).expect("a readable source"));
        assert!(!seen.rooms.contains("store"), "{} knows the store", path.display());
    }
}

#[test]
fn the_test_sees_what_it_should() {
    let seen = look_at("use crate::{store::Store, domain as d}; fn f() { crate::tui::x(); unsafe { y() } sled::open(); }");
    assert_eq!(seen.rooms.iter().map(String::as_str).collect::<Vec<_>>(), ["domain", "store", "tui"]);
    assert_eq!(seen.unsafes, 1);
    assert!(seen.crates.contains("sled"));
    let test = look_at("#[cfg(test)] mod tests { use crate::store::Store; }");
    assert!(test.rooms.is_empty());
}

#[test]
fn the_table_stands_in_architecture_md() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    for (room, may) in ROOMS {
        let row = text
            .lines()
            .find(|line| line.starts_with(&format!("| `{room}` |")))
            .unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for {room}"));
        let known = row.trim_end_matches(['|', ' ']).rsplit('|').next().expect("a last cell");
        let listed: BTreeSet<&str> = known.split(',').map(str::trim).filter(|name| *name != "nobody").collect();
        assert_eq!(listed, may.iter().copied().collect::<BTreeSet<_>>(), "the row of {room}");
    }
}
