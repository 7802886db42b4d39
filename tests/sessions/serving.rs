//! The calls of the command line while another process has the store.

use std::sync::{Arc, Mutex};

use rustix::process::Signal;

use crate::company::{Place, Process, said, until};

#[test]
fn calls_work_while_another_process_has_the_store() {
    let place = Place::new();
    place.done(&["add", "contact", "name=Ada Novak", "email=ada@example.org"]);
    let host = place.serve();
    assert_eq!(place.done(&["add", "contact", "name=Bo Berg"]).trim(), "c2");
    assert_eq!(place.done(&["set", "c1", "lifecycle=customer"]).trim(), "set lifecycle: 1 contact changed");
    let listed = place.done(&["list", "contact", "--columns", "id,name", "--format", "plain"]);
    assert_eq!(listed, "c1\tAda Novak\nc2\tBo Berg\n");
    place.done(&["undo"]);
    assert!(!place.done(&["show", "c1"]).contains("customer"));
    place.done(&["check"]);
    // What the host has for itself, it does not have for others.
    let refused = place.rolo(&["show", "c99"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(4), "{}", said(&refused));
    let readonly = place.rolo(&["--readonly", "add", "contact", "name=No"]).output().unwrap();
    assert_eq!(readonly.status.code(), Some(7), "{}", said(&readonly));
    assert!(place.store().join("sock").exists());
    assert_eq!(host.end(), Some(0));
    assert!(!place.store().join("sock").exists(), "a host that leaves takes its socket with it");
    place.clean();
}

#[test]
fn what_the_team_owns_reaches_guests() {
    let place = Place::new();
    let _host = place.serve();
    let guest = place.join();
    assert!(guest.definitions().pipelines.iter().all(|pipeline| pipeline.name != "service"));
    let toml = place.done(&["config", "get", "pipelines"]);
    std::fs::write(place.store().join("../new.toml"), toml.replace("sales", "service")).unwrap();
    place.done(&["config", "put", "pipelines", "new.toml"]);
    guest.get(&[]).unwrap();
    guest.stats().unwrap();
    assert!(guest.definitions().pipelines.iter().any(|pipeline| pipeline.name == "service"));
}

#[test]
fn who_is_there_is_told() {
    let place = Place::new();
    assert_eq!(place.done(&["sessions", "--format", "jsonl"]), "");
    let host = place.serve();
    let mut watching = Process(place.rolo(&["watch"]).spawn().unwrap());
    let watcher = watching.0.id();
    let mut told = String::new();
    until("both are told of", || {
        told = place.done(&["sessions", "--format", "plain"]);
        told.lines().count() == 2
    });
    let lines: Vec<Vec<&str>> = told.lines().map(|line| line.split('\t').collect()).collect();
    let pids = [host.0.id().to_string(), watcher.to_string()];
    assert_eq!([lines[0][0], lines[1][0]], pids);
    assert_eq!((lines[0][1], lines[0][4], lines[0][5], lines[0].get(6)), ("ada", "rolo serve", "host", Some(&"")));
    assert_eq!((lines[1][4], lines[1][5]), ("rolo watch", "guest"));
    watching.signal(Signal::STOP);
    until("it is told that it is stopped", || place.done(&["sessions", "--format", "plain"]).contains("stopped"));
    watching.signal(Signal::CONT);
    watching.kill();
    until("it is gone", || place.done(&["sessions", "--format", "plain"]).lines().count() == 1);
}

#[test]
fn changes_are_watched_as_they_come() {
    let place = Place::new();
    let _host = place.serve();
    let mut all = Process(place.rolo(&["watch"]).spawn().unwrap());
    let mut some = Process(place.rolo(&["watch", "contact", "name:bo"]).spawn().unwrap());
    let (all_lines, some_lines) = (all.lines(), some.lines());
    let has = |lines: &Arc<Mutex<Vec<String>>>, name: &str| lines.lock().unwrap().iter().any(|line| line.contains(name));
    // Who is told of one change is told of every later one.
    until("both watch", || {
        place.done(&["add", "contact", "name=Bo Before"]);
        has(&all_lines, "Bo Before") && has(&some_lines, "Bo Before")
    });
    place.done(&["add", "contact", "name=Ada Novak"]);
    place.done(&["add", "company", "name=Bo and Sons"]);
    let id = place.done(&["add", "contact", "name=Bo Berg"]);
    until("all are told", || ["Ada Novak", "Bo and Sons", "Bo Berg"].iter().all(|name| has(&all_lines, name)));
    until("the one is told", || has(&some_lines, "Bo Berg"));
    assert!(!has(&some_lines, "Ada Novak") && !has(&some_lines, "Bo and Sons"));
    let line: serde_json::Value = serde_json::from_str(some_lines.lock().unwrap().last().unwrap()).unwrap();
    assert_eq!((&line["id"], &line["by"], &line["record"]["name"]), (&id.trim().into(), &"ada".into(), &"Bo Berg".into()));
    some.signal(Signal::INT);
    assert_eq!(some.0.wait().unwrap().code(), Some(130));
    let wrong = place.rolo(&["watch", "contact", "nmae:bo"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2), "{}", said(&wrong));
}
