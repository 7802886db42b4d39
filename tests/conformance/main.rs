//! What every store keeps, whatever it lies on: one suite, run on each.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bench;
mod commits;
mod files;
mod history;
mod links;
mod model;
mod pages;
mod rollups;

use std::sync::Arc;

use rolo::store::api::Part;
use rolo::store::{JoinOptions, OpenOptions, Store, join, memory, open};

/// A place in which stores are made.
pub(crate) trait Backend {
    /// Returns an empty store.
    fn fresh(&self) -> Arc<dyn Store>;

    /// How many random cases are tried on it: fewer where opening takes long.
    fn cases(&self) -> u32;

    /// Lets go of a store and returns it opened again; what cannot be is
    /// returned as it is.
    fn again(&self, store: Arc<dyn Store>) -> Arc<dyn Store>;
}

struct Memory;

impl Backend for Memory {
    fn fresh(&self) -> Arc<dyn Store> {
        memory().unwrap()
    }

    fn cases(&self) -> u32 {
        64
    }

    fn again(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        store
    }
}

struct Embedded(tempfile::TempDir);

impl Embedded {
    fn open(&self) -> Arc<dyn Store> {
        let options = OpenOptions { preallocate: 1 << 16, wait: std::time::Duration::from_secs(10), ..OpenOptions::default() };
        open(&self.0.path().join("store"), options).unwrap()
    }
}

impl Backend for Embedded {
    fn fresh(&self) -> Arc<dyn Store> {
        let path = self.0.path().join("store");
        if path.exists() {
            std::fs::remove_dir_all(path).unwrap();
        }
        self.open()
    }

    fn cases(&self) -> u32 {
        5
    }

    fn again(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        store.close().unwrap();
        drop(store);
        let store = self.open();
        assert_eq!(store.notices(), Vec::<String>::new());
        store
    }
}

/// A store whose host is another handle, as another process's would be.
struct Guest {
    folder: tempfile::TempDir,
    host: std::cell::RefCell<Option<Arc<dyn Store>>>,
}

impl Guest {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), host: std::cell::RefCell::new(None) }
    }

    fn join(&self) -> Arc<dyn Store> {
        let open = OpenOptions { preallocate: 1 << 16, wait: std::time::Duration::from_secs(10), ..OpenOptions::default() };
        join(&self.folder.path().join("store"), JoinOptions { open, login: "ada".into(), what: "test".into(), screen: true }).unwrap()
    }
}

impl Backend for Guest {
    fn fresh(&self) -> Arc<dyn Store> {
        if let Some(host) = self.host.take() {
            host.close().unwrap();
            std::fs::remove_dir_all(self.folder.path().join("store")).unwrap();
        }
        self.host.replace(Some(self.join()));
        let guest = self.join();
        assert_eq!(guest.part(), Part::Guest { of: std::process::id() });
        guest
    }

    fn cases(&self) -> u32 {
        5
    }

    fn again(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        // The host leaves: the guest goes on as the next one, and another is its guest.
        self.host.take().unwrap().close().unwrap();
        let seq = store.seq();
        store.get(&[]).unwrap();
        store.stats().unwrap();
        assert_eq!((store.seq(), store.part()), (seq, Part::Host { guests: 0 }));
        let guest = self.join();
        assert_eq!(store.part(), Part::Host { guests: 1 });
        self.host.replace(Some(store));
        guest
    }
}

/// Runs each test of the suite on each store.
macro_rules! conformance {
    ($($room:ident :: $test:ident),* $(,)?) => {
        mod on_memory {
            $(#[test] fn $test() { super::$room::$test(&super::Memory); })*
        }
        mod on_embedded {
            $(#[test] fn $test() { super::$room::$test(&super::Embedded(tempfile::tempdir().unwrap())); })*
        }
        mod on_guest {
            $(#[test] fn $test() { super::$room::$test(&super::Guest::new()); })*
        }
    };
}

conformance! {
    commits::new_records_get_numbers_and_references_become_links,
    commits::a_change_based_on_an_old_version_is_a_conflict,
    commits::what_must_be_new_may_not_exist,
    commits::links_lead_somewhere,
    commits::an_invented_id_is_refused,
    commits::a_refused_commit_leaves_no_trace,
    commits::numbers_are_never_given_twice,
    commits::the_same_commit_sent_again_happens_once,
    commits::a_natural_key_is_taken_once,
    commits::too_much_at_once_is_refused,
    commits::a_thousand_changes_are_one_commit,
    commits::steps_of_many_commits,
    commits::the_clock_can_be_given,
    commits::many_writers_at_once,
    commits::a_page_is_of_one_moment,
    commits::a_closed_store_says_so,
    files::a_content_is_kept_once_and_read_back,
    files::what_is_not_what_it_was_said_to_be_is_not_kept,
    history::versions_and_the_past,
    history::commits_and_changes_since,
    history::steps_newest_first,
    history::waiting_for_a_change,
    links::found_both_ways_newest_first,
    links::the_trash_is_apart,
    links::found_by_index_keys,
    pages::every_way_gives_the_same_rows,
    pages::names_are_in_order,
    pages::little_is_read_where_an_index_helps,
    pages::a_page_goes_on_where_it_ended_whatever_happened_meanwhile,
    rollups::sums_follow_what_links,
    rollups::sums_follow_the_definitions,
    rollups::random_changes_leave_right_sums,
    model::random_commits_do_what_a_simple_model_does,
}
