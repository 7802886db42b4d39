//! The reader of JSON: the elements of an array, the objects of a file, or one
//! object a line, streamed. It must not know fields.
//!
//! What other programs export is often an object around the records
//! (`{"tickets":[…],"count":2}`); the array of such a member is read element by
//! element, where the member has one of the names that say so.

use std::io::Read;

use serde_json::{Map, Value};

use super::format::Format;
use super::header::Header;
use super::problem::Problem;
use super::rows::{BadRow, Facts, LONGEST_ROW, Row, RowResult, Rows, Text, Values};
use super::rows::{shown, too_long};

/// Members of an object whose array holds the records.
const MEMBERS: [&str; 17] = [
    "records",
    "results",
    "items",
    "data",
    "rows",
    "entries",
    "value",
    "contacts",
    "companies",
    "accounts",
    "opportunities",
    "deals",
    "tickets",
    "tasks",
    "users",
    "organizations",
    "products",
];

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Lines,
    /// Values that stand one after another.
    Values,
    /// The elements of an array.
    Array,
    /// Nothing of interest follows.
    Done,
}

/// Reads rows of JSON.
pub(crate) struct JsonRows<R> {
    text: Text<R>,
    format: Format,
    within: Within,
    member: Option<String>,
    line: u64,
    number: u64,
}

/// How far a JSON value reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Up to this byte.
    End(usize),
    /// Beyond the text at hand.
    Open,
}

impl<R: Read> JsonRows<R> {
    /// Finds out where the records stand.
    pub(crate) fn open(text: Text<R>, format: Format) -> Result<Self, Problem> {
        let mut reader = Self { text, format, within: Within::Lines, member: None, line: 1, number: 0 };
        if format == Format::Json {
            reader.within = Within::Values;
            match reader.peek()? {
                Some(b'[') => {
                    reader.take(1);
                    reader.within = Within::Array;
                }
                Some(b'{') => reader.enter_member()?,
                Some(_) => {
                    return Err(Problem::new("json", "this is no JSON array or object").at(reader.line, 1));
                }
                None => {}
            }
        }
        Ok(reader)
    }

    fn take(&mut self, bytes: usize) {
        let newlines = self.text.rest().as_bytes()[..bytes].iter().filter(|b| **b == b'\n').count();
        self.line += newlines as u64;
        self.text.take(bytes);
    }

    /// Skips space and returns the next byte.
    fn peek(&mut self) -> Result<Option<u8>, Problem> {
        loop {
            let rest = self.text.rest();
            let blank = rest.len() - rest.trim_start().len();
            let next = rest.as_bytes().get(blank).copied();
            self.take(blank);
            if next.is_some() || self.text.whole() {
                return Ok(next);
            }
            self.text.more()?;
        }
    }

    /// Goes into the array of records where the object that begins here has one.
    fn enter_member(&mut self) -> Result<(), Problem> {
        loop {
            match find_member(self.text.rest()) {
                Member::Found { name, inside } => {
                    self.member = Some(name);
                    self.take(inside);
                    self.within = Within::Array;
                    return Ok(());
                }
                Member::Absent => return Ok(()),
                Member::Unclear if self.text.whole() || self.text.rest().len() > LONGEST_ROW => {
                    return Ok(());
                }
                Member::Unclear => self.text.more()?,
            }
        }
    }

    fn next_line(&mut self) -> Result<Option<RowResult>, Problem> {
        loop {
            let rest = self.text.rest();
            match rest.find('\n') {
                Some(end) if end <= LONGEST_ROW => {
                    let line = rest[..end].trim();
                    if line.is_empty() {
                        self.take(end + 1);
                        continue;
                    }
                    let line = line.to_owned();
                    let row = self.parse(line);
                    self.take(end + 1);
                    return Ok(Some(row));
                }
                None if self.text.whole() => {
                    let size = rest.len();
                    let line = rest.trim().to_owned();
                    if line.is_empty() {
                        return Ok(None);
                    }
                    let row = self.parse(line);
                    self.take(size);
                    return Ok(Some(row));
                }
                None if rest.len() <= LONGEST_ROW => self.text.more()?,
                _ => return self.skip_line().map(|bad| Some(Err(bad))),
            }
        }
    }

    /// Passes over a line that is too long.
    fn skip_line(&mut self) -> Result<Box<BadRow>, Problem> {
        let raw = shown(self.text.rest());
        let problem = too_long(self.line);
        let bad = self.bad(raw, problem);
        loop {
            let rest = self.text.rest();
            match rest.find('\n') {
                Some(end) => {
                    self.take(end + 1);
                    return Ok(bad);
                }
                None => {
                    let size = rest.len();
                    self.take(size);
                    if self.text.whole() {
                        return Ok(bad);
                    }
                    self.text.more()?;
                }
            }
        }
    }

    fn next_value(&mut self) -> Result<Option<RowResult>, Problem> {
        loop {
            match self.peek()? {
                None if self.within == Within::Array => {
                    self.within = Within::Done;
                    let problem = Problem::new("json", "the file ends within the array").line(self.line).hint("it was cut off");
                    return Ok(Some(Err(self.bad(String::new(), problem))));
                }
                None => return Ok(None),
                Some(b',') if self.within == Within::Array => self.take(1),
                Some(b']') if self.within == Within::Array => {
                    self.take(1);
                    // What stands around the array of a member is no record.
                    self.within = match self.member {
                        Some(_) => Within::Done,
                        None => Within::Values,
                    };
                    if self.within == Within::Done {
                        return Ok(None);
                    }
                }
                Some(_) => return self.value().map(Some),
            }
        }
    }

    fn value(&mut self) -> Result<RowResult, Problem> {
        loop {
            let rest = self.text.rest();
            match extent(rest.as_bytes(), 0) {
                Extent::End(end) if end > 0 && (end < rest.len() || self.text.whole()) => {
                    let row = if end > LONGEST_ROW {
                        let raw = shown(rest);
                        let problem = too_long(self.line);
                        Err(self.bad(raw, problem))
                    } else {
                        let raw = rest[..end].to_owned();
                        self.parse(raw)
                    };
                    self.take(end);
                    return Ok(row);
                }
                Extent::End(0) => {
                    // A closing bracket or the like that opens nothing.
                    let raw = shown(rest);
                    let problem = Problem::new("json", "no value stands here").line(self.line);
                    let bad = self.bad(raw, problem);
                    self.within = Within::Done;
                    return Ok(Err(bad));
                }
                _ if self.text.whole() => {
                    let raw = shown(rest);
                    let problem = Problem::new("json", "the file ends within a value")
                        .line(self.line)
                        .hint("it was cut off, or a bracket is missing");
                    let bad = self.bad(raw, problem);
                    self.within = Within::Done;
                    return Ok(Err(bad));
                }
                _ if rest.len() > LONGEST_ROW => {
                    // Where an element that long ends cannot be told in bounded memory.
                    let raw = shown(rest);
                    let problem = too_long(self.line);
                    let bad = self.bad(raw, problem);
                    self.within = Within::Done;
                    return Ok(Err(bad));
                }
                _ => self.text.more()?,
            }
        }
    }

    fn parse(&mut self, raw: String) -> RowResult {
        match serde_json::from_str::<Value>(&raw) {
            Ok(Value::Object(map)) => {
                self.number += 1;
                Ok(Row::new(self.number, self.line, self.text.offset(), raw, Values::Tree(map)))
            }
            Ok(other) => {
                let problem = Problem::new("json", format!("a record is an object, this is {}", kind_of(&other))).line(self.line);
                Err(self.bad(raw, problem))
            }
            Err(error) => {
                let line = self.line + (error.line() as u64).saturating_sub(1);
                let text = error.to_string();
                let sentence = text.split_once(" at line ").map_or(text.as_str(), |(sentence, _)| sentence);
                let problem = Problem::new("json", sentence).at(line, error.column() as u64);
                Err(self.bad(raw, problem))
            }
        }
    }

    fn bad(&mut self, raw: String, problem: Problem) -> Box<BadRow> {
        self.number += 1;
        Box::new(BadRow { number: self.number, line: self.line, offset: self.text.offset(), raw, problem })
    }
}

impl<R: Read> Rows for JsonRows<R> {
    fn next_row(&mut self) -> Result<Option<RowResult>, Problem> {
        match self.within {
            Within::Lines => self.next_line(),
            Within::Values | Within::Array => self.next_value(),
            Within::Done => Ok(None),
        }
    }

    fn header(&self) -> Option<&Header> {
        None
    }

    fn facts(&self) -> Facts {
        Facts {
            format: self.format,
            encoding: self.text.report().clone(),
            dialect: None,
            head: String::new(),
            member: self.member.clone(),
            notes: Vec::new(),
        }
    }

    fn bytes(&self) -> u64 {
        self.text.bytes()
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Returns how far the value that begins at `start` reaches. Brackets are only
/// counted here; what is between them is parsed afterwards.
fn extent(bytes: &[u8], start: usize) -> Extent {
    let mut depth = 0usize;
    let mut i = start;
    while let Some(&byte) = bytes.get(i) {
        match byte {
            b'"' => match string_end(bytes, i) {
                Some(end) => {
                    i = end;
                    if depth == 0 {
                        return Extent::End(i);
                    }
                    continue;
                }
                None => return Extent::Open,
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                if depth <= 1 {
                    return Extent::End(if depth == 1 { i + 1 } else { i });
                }
                depth -= 1;
            }
            b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return Extent::End(i),
            _ => {}
        }
        i += 1;
    }
    if depth == 0 { Extent::End(i) } else { Extent::Open }
}

/// Returns the byte after the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut i = start + 1;
    while let Some(&byte) = bytes.get(i) {
        match byte {
            b'"' => return Some(i + 1),
            b'\\' => i += 2,
            _ => i += 1,
        }
    }
    None
}

/// Whether an object holds records in a member.
enum Member {
    Found { name: String, inside: usize },
    Absent,
    Unclear,
}

/// Looks for a member of the object at the start of `text` that is an array of
/// objects and whose name says that it holds records.
fn find_member(text: &str) -> Member {
    let bytes = text.as_bytes();
    let blank = |mut i: usize| {
        while bytes.get(i).is_some_and(u8::is_ascii_whitespace) {
            i += 1;
        }
        i
    };
    let mut i = 1;
    loop {
        i = blank(i);
        match bytes.get(i) {
            Some(b',') => {
                i += 1;
                continue;
            }
            Some(b'"') => {}
            Some(_) => return Member::Absent,
            None => return Member::Unclear,
        }
        let Some(end) = string_end(bytes, i) else {
            return Member::Unclear;
        };
        let name = text.get(i + 1..end - 1).unwrap_or_default();
        i = blank(end);
        match bytes.get(i) {
            Some(b':') => i = blank(i + 1),
            Some(_) => return Member::Absent,
            None => return Member::Unclear,
        }
        let Some(&first) = bytes.get(i) else {
            return Member::Unclear;
        };
        if first == b'[' && MEMBERS.contains(&name) {
            match bytes.get(blank(i + 1)) {
                Some(b'{' | b']') => {
                    return Member::Found { name: name.to_owned(), inside: i + 1 };
                }
                Some(_) => {}
                None => return Member::Unclear,
            }
        }
        match extent(bytes, i) {
            Extent::End(end) if end < bytes.len() => i = end,
            _ => return Member::Unclear,
        }
    }
}

/// Returns the value at a dotted path: a member written just so, else members
/// within members; the elements of an array count from 1.
pub fn at_path<'v>(tree: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    if let Some(value) = tree.get(path) {
        return Some(value);
    }
    let (mut head, mut tail) = path.split_once('.')?;
    loop {
        // A member's name may itself hold dots.
        if let Some(found) = tree.get(head).and_then(|value| within(value, tail)) {
            return Some(found);
        }
        let (more, rest) = tail.split_once('.')?;
        head = &path[..head.len() + 1 + more.len()];
        tail = rest;
    }
}

fn within<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    match value {
        Value::Object(map) => at_path(map, path),
        Value::Array(items) => {
            let (index, rest) = match path.split_once('.') {
                Some((index, rest)) => (index, Some(rest)),
                None => (path, None),
            };
            let item = items.get(index.parse::<usize>().ok()?.checked_sub(1)?)?;
            match rest {
                Some(rest) => within(item, rest),
                None => Some(item),
            }
        }
        _ => None,
    }
}

/// Calls `each` with the path and value of every leaf: what is neither object
/// nor array, and arrays of such as a whole.
pub fn leaves<'v>(tree: &'v Map<String, Value>, each: &mut dyn FnMut(&str, &'v Value)) {
    let mut path = String::new();
    walk_object(tree, &mut path, each);
}

fn walk_object<'v>(map: &'v Map<String, Value>, path: &mut String, each: &mut dyn FnMut(&str, &'v Value)) {
    for (name, value) in map {
        walk_step(name, value, path, each);
    }
}

fn walk_step<'v>(name: &str, value: &'v Value, path: &mut String, each: &mut dyn FnMut(&str, &'v Value)) {
    let before = path.len();
    if before > 0 {
        path.push('.');
    }
    path.push_str(name);
    match value {
        Value::Object(map) => walk_object(map, path, each),
        Value::Array(items) if items.iter().any(|i| i.is_object() || i.is_array()) => {
            for (index, item) in items.iter().enumerate() {
                walk_step(&(index + 1).to_string(), item, path, each);
            }
        }
        _ => each(path, value),
    }
    path.truncate(before);
}

/// Returns a leaf as the text of a cell: nothing for null, elements joined by `;`.
pub fn leaf_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(leaf_text).collect::<Vec<_>>().join(";"),
        // Rust prints the shortest decimal that is this number, and no exponent.
        Value::Number(number) if number.is_f64() => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::rows::{Request, open};
    use super::*;
    use proptest::prelude::*;

    fn read_as(text: &str, format: Option<Format>) -> Vec<RowResult> {
        let request = Request { format, ..Request::default() };
        let mut source = open(Box::new(text.as_bytes()), &request).unwrap();
        let mut rows = Vec::new();
        while let Some(next) = source.next_row().unwrap() {
            rows.push(next);
        }
        rows
    }

    /// The rows in short: the raw text, or the problem.
    fn told(text: &str, format: Format) -> Vec<String> {
        let rows = read_as(text, Some(format));
        rows.into_iter()
            .map(|row| match row {
                Ok(row) => row.raw,
                Err(bad) => bad.problem.to_string(),
            })
            .collect()
    }

    #[test]
    fn a_broken_line_does_not_stop_the_others() {
        assert_eq!(
            told("{\"a\":1}\n{\"a\":\n\n[1]\n{\"b\":2}", Format::Jsonl),
            ["{\"a\":1}", "line 2:5: EOF while parsing a value", "line 4: a record is an object, this is an array", "{\"b\":2}"]
        );
    }

    #[test]
    fn an_array_is_read_element_by_element() {
        assert_eq!(
            told("[{\"a\":\"]\\\"}\"},\n {\"b\":tru},\n 7, {}]\n", Format::Json),
            ["{\"a\":\"]\\\"}\"}", "line 2:9: expected ident", "line 3: a record is an object, this is a number", "{}"]
        );
        assert_eq!(told("[]", Format::Json), [""; 0]);
        assert_eq!(
            told("[{\"a\":1},{\"b\"", Format::Json),
            ["{\"a\":1}", "line 1: the file ends within a value (it was cut off, or a bracket is missing)"]
        );
        assert_eq!(told("[{}", Format::Json), ["{}", "line 1: the file ends within the array (it was cut off)"]);
        assert_eq!(told("{}}", Format::Json), ["{}", "line 1: no value stands here"]);
    }

    #[test]
    fn objects_and_members_that_hold_records() {
        assert_eq!(told("{\n\"name\":\"Ann\"}\n{}", Format::Json).len(), 2);
        assert_eq!(
            told("{\"count\":2,\"next\":null,\"tickets\":[{\"id\":1},{\"id\":2}],\"x\":[{}]}", Format::Json),
            ["{\"id\":1}", "{\"id\":2}"]
        );
        let contact = "{\"name\":\"Ann\",\"email\":[{\"label\":\"work\",\"value\":\"a@b.cz\"}]}";
        assert_eq!(told(contact, Format::Json), [contact]);
    }

    #[test]
    fn numbers_are_written_out() {
        for (json, text) in [("4.8e-6", "0.0000048"), ("-1.25e2", "-125"), ("1e21", "1000000000000000000000"), ("1.5", "1.5"), ("7", "7")] {
            assert_eq!(leaf_text(&serde_json::from_str(json).unwrap()), text);
        }
    }

    #[test]
    fn what_is_no_json_is_told() {
        let request = Request { format: Some(Format::Json), ..Request::default() };
        let problem = open(Box::new(&b"name,mail\n"[..]), &request).err().unwrap();
        assert_eq!(problem.to_string(), "line 1:1: this is no JSON array or object");
        let deep = "[".repeat(100_000);
        assert!(read_as(&deep, None).iter().all(Result::is_err));
    }

    #[test]
    fn long_elements_are_bounded() {
        let long = format!("{{\"a\":\"{}\"}}\n{{\"b\":1}}\n", "x".repeat(LONGEST_ROW));
        let rows = read_as(&long, Some(Format::Jsonl));
        assert!(rows[0].as_ref().is_err_and(|bad| bad.raw.len() <= 4096));
        assert_eq!(rows[1].as_ref().unwrap().raw, "{\"b\":1}");
        let array = format!("[{{\"a\":\"{}\"}},{{\"b\":1}}]", "x".repeat(LONGEST_ROW));
        let rows = read_as(&array, None);
        assert!(rows[0].as_ref().is_err_and(|bad| bad.raw.len() <= 4096));
        assert_eq!(rows[1].as_ref().unwrap().raw, "{\"b\":1}");
    }

    #[test]
    fn paths_reach_into_objects_and_arrays() {
        let tree: Map<String, Value> =
            serde_json::from_str(r#"{"via":{"source":{"from":"x"}},"a.b":1,"lines":[{"quantity":2}],"tags":["u","v"],"n":null}"#).unwrap();
        assert_eq!(at_path(&tree, "via.source.from").map(leaf_text).as_deref(), Some("x"));
        assert_eq!(at_path(&tree, "a.b").map(leaf_text).as_deref(), Some("1"));
        assert_eq!(at_path(&tree, "lines.1.quantity").map(leaf_text).as_deref(), Some("2"));
        assert_eq!(at_path(&tree, "lines.0.quantity"), None);
        let mut paths = Vec::new();
        leaves(&tree, &mut |path, value| paths.push(format!("{path}={}", leaf_text(value))));
        assert_eq!(paths, ["via.source.from=x", "a.b=1", "lines.1.quantity=2", "tags=u;v", "n="]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_text_ends_without_panic(text in "[\\[\\]{}\":,a1\\\\ \\n]{0,60}", lines in any::<bool>()) {
            let format = if lines { Format::Jsonl } else { Format::Json };
            let request = Request { format: Some(format), ..Request::default() };
            if let Ok(mut source) = open(Box::new(text.as_bytes()), &request) {
                let mut count = 0;
                while let Ok(Some(_)) = source.next_row() {
                    count += 1;
                    prop_assert!(count <= 61);
                }
            }
        }

        #[test]
        fn what_serde_writes_is_read_back(names in proptest::collection::vec("[a-zé\"\\\\\\]}{, ]{0,6}", 0..6), pretty in any::<bool>()) {
            let items: Vec<Value> = names.iter().map(|n| serde_json::json!({"n": n, "x": [n, {"y": n}]})).collect();
            let text = if pretty {
                serde_json::to_string_pretty(&items).unwrap()
            } else {
                serde_json::to_string(&items).unwrap()
            };
            let got: Vec<Value> = read_as(&text, Some(Format::Json))
                .into_iter()
                .map(|row| match row.unwrap().values {
                    Values::Tree(tree) => Value::Object(tree),
                    Values::Cells(_) => Value::Null,
                })
                .collect();
            prop_assert_eq!(got, items);
        }
    }
}
