//! The pictures in the README are what the commands beside them print.
//!
//! `ROLO_BLESS=1 cargo test --test cli readme` puts the present ones in.

use super::Home;
use rolo::command::words;

#[test]
fn the_pictures_are_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let text = std::fs::read_to_string(path).expect("README.md");
    let mut made = String::new();
    let mut rest = text.as_str();
    let mut pictures = 0;
    while let Some(at) = rest.find("<!-- picture: rolo ") {
        let line_end = at + rest[at..].find("-->").expect("the comment ends");
        let call = &rest[at + "<!-- picture: rolo ".len()..line_end];
        let begin = line_end + rest[line_end..].find("```text\n").expect("a picture follows") + "```text\n".len();
        let end = begin + rest[begin..].find("```").expect("the picture ends");
        let call = words(call).expect("words");
        let said = Home::new().call(&call.iter().map(String::as_str).collect::<Vec<_>>(), "");
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{call:?}");
        made.push_str(&rest[..begin]);
        made.push_str(&said.out);
        rest = &rest[end..];
        pictures += 1;
    }
    made.push_str(rest);
    assert!(pictures > 0, "the README has a picture");
    if std::env::var_os("ROLO_BLESS").is_some() {
        std::fs::write(path, &made).expect("written");
    } else {
        assert_eq!(made, text, "ROLO_BLESS=1 cargo test --test cli readme puts the present pictures in");
    }
}
