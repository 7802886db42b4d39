//! `rolo doctor`: mistakes in one's own files with their place, and what stands where.

use super::Home;

#[test]
fn all_is_well_where_nothing_is_wrong() {
    let home = Home::new();
    let told = home.done(&["doctor"]);
    for wanted in
        ["keymaps\n  ok      arrows\n  ok      vim (yours)", "dark (yours)", "colours: none", "not there yet: the first change makes it"]
    {
        assert!(told.contains(wanted), "{wanted}\n{told}");
    }
    assert!(!home.path().join(".local/share/rolo/store").exists(), "looking makes no store");
    home.done(&["add", "contact", "name=Ada"]);
    let told = home.done(&["doctor"]);
    assert!(told.contains(" records, 1 commits, "), "{told}");
}

#[test]
fn mistakes_have_a_place_and_the_nearest_word() {
    let home = Home::new();
    std::fs::create_dir_all(home.path().join("own/keymaps")).expect("a folder");
    std::fs::create_dir_all(home.path().join("own/themes")).expect("a folder");
    home.file("own/config.toml", "theme = \"drak\"\n[options]\nscrolof = 3\n");
    home.file("own/keymaps/mine.toml", "inherits = \"vim\"\n[normal]\nX = \"fitler owner:me\"\n");
    home.file("own/themes/mine.toml", "inherits = \"dark\"\n[styles]\n\"list.crusor\" = \"red\"\n");
    let said = home.call(&["doctor", "--config", "own/config.toml"], "");
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    for wanted in [
        "mine: 1 to be looked at",
        "keymaps/mine.toml:3:6: error: there is no command “fitler”",
        "   |      ^^^^^^ did you mean “filter”?",
        "themes/mine.toml:3:1: error: unknown role “list.crusor”",
        "did you mean “list.cursor”?",
        "the theme that you have chosen: no file “drak.toml” in themes\n          did you mean “dark”?",
        "there is no option “scrolof”",
    ] {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    let said = home.call(&["doctor", "--config", "own/config.toml", "--format", "jsonl"], "");
    let lines: Vec<serde_json::Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().any(|line| line["line"] == 3 && line["column"] == 6 && line["hint"] == "did you mean “filter”?"), "{}", said.out);
}

#[test]
fn a_broken_file_of_ones_own_stops_other_calls_but_not_this_one() {
    let home = Home::new();
    home.file("broken.toml", "theme = \n");
    assert_eq!(home.call(&["list", "contact", "--config", "broken.toml"], "").code, 1);
    let said = home.call(&["doctor", "--config", "broken.toml"], "");
    assert_eq!(said.code, 1);
    assert!(said.out.contains("  error   broken.toml:1:9: "), "{}", said.out);
}
