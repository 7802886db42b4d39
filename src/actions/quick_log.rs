//! A touch on one line: `call ada 15m "renewal agreed" next fri 10:00 send quote`.
//!
//! Channel, whom, how long, which way, what was said, what it led to and what follows
//! stand in one line that people type as they talk. What stands in quotes is text and
//! nothing else. How a line is understood can be told before it is kept.

use std::sync::Arc;

use super::log::{LogOptions, WHO, log};
use super::resolve::{described, resolve_all};
use super::{ActionError, Desk, Outcome};
use crate::domain::parse::{leading_time, quoted};
use crate::domain::{ChoiceList, Problem, Record, RecordId, Timestamp, ValueError, definitions::find_word, fold, naming, zone::wall_clock};
use crate::query::Query;
use crate::store::api::{PageRequest, Trash};
use crate::store::known::Known;

/// The longest name that is looked for, in words.
const NAME_WORDS: usize = 3;
/// How many records of one word are looked at, and how many of a name are told apart.
const LOOKED_AT: usize = 500;
const TOLD: usize = 8;
/// Flags that take what stands behind them, and flags that do not.
const VALUES: &[&str] = &["--at", "--minutes", "--outcome", "--next"];
const SWITCHES: &[&str] = &["--in", "--out", "--private"];

/// What a line was understood to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touch {
    /// The channel, as the team writes it.
    pub channel: String,
    /// With whom, or about what.
    pub who: Vec<RecordId>,
    /// What was said.
    pub text: String,
    /// The rest.
    pub options: LogOptions,
    /// When the follow-up is due, and what it is.
    pub next: Option<(Timestamp, String)>,
}

/// One word of a line, or what stands between quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    is_quoted: bool,
    start: usize,
}

/// Returns what a line says; `here` is whom it is about if it names nobody.
///
/// # Errors
/// Exit 2 for a channel that is a slip or a flag without its value, 4 for a name that
/// fits several, who are told, 1 for a follow-up that is none.
pub fn understand(desk: &Desk, line: &str, here: &[RecordId]) -> Result<Touch, ActionError> {
    let mut touch = Touch::default();
    let mut tokens = Vec::new();
    take_flags(tokens_of(line), &mut touch.options, &mut tokens)?;
    let definitions = desk.definitions();
    let channels = definitions.words(ChoiceList::Channel);
    let mut at = 0;
    match tokens.first().filter(|token| !token.is_quoted) {
        Some(first) if find_word(channels.iter().copied(), &first.text).is_some() => {
            find_word(channels.iter().copied(), &first.text).unwrap_or_default().clone_into(&mut touch.channel);
            at = 1;
        }
        Some(first) if first.text.len() > 2 && fold::nearest(&first.text, channels.iter().copied()).is_some() => {
            let error = ValueError::new(Problem::UnknownWord, format!("{} is no channel", quoted(&first.text)));
            return Err(error.nearest(&first.text, channels).into());
        }
        _ => "call".clone_into(&mut touch.channel),
    }
    at += take_marks(&tokens[at..], &mut touch.options);
    let (who, used) = whom(desk, &tokens[at..], here)?;
    touch.who = who;
    at += used;
    at += take_marks(&tokens[at..], &mut touch.options);
    let outcomes = definitions.words(ChoiceList::Outcome);
    let mut said: Vec<&str> = Vec::new();
    let mut has_quoted = false;
    while let Some(token) = tokens.get(at) {
        if token.is_quoted {
            said.push(&token.text);
            has_quoted = true;
            at += 1;
            at += take_marks(&tokens[at..], &mut touch.options);
            continue;
        }
        if token.text == "next" && touch.options.next.is_none() {
            let rest = &line[token.start..];
            match follow_up(desk, rest) {
                Some(next) => {
                    touch.next = Some(next);
                    break;
                }
                None if has_quoted => {
                    return Err(ActionError::refused(format!(
                        "{} is no date and what to do",
                        quoted(rest.trim_start_matches("next").trim())
                    ))
                    .at("next")
                    .hint("write next fri 10:00 send the quote"));
                }
                None => {}
            }
        }
        if let Some(outcome) = token.text.strip_prefix("outcome:").filter(|outcome| !outcome.is_empty()) {
            touch.options.outcome = Some(outcome.to_owned());
        } else if has_quoted && let Some(outcome) = find_word(outcomes.iter().copied(), &token.text) {
            touch.options.outcome = Some(outcome.to_owned());
        } else {
            said.push(&token.text);
        }
        at += 1;
    }
    touch.text = said.join(" ");
    if touch.next.is_none()
        && let Some(next) = &touch.options.next
    {
        touch.next = follow_up(desk, next);
    }
    Ok(touch)
}

/// Logs what a line says.
///
/// # Errors
/// As [`understand`] and [`log`].
pub fn log_line(desk: &Desk, line: &str, here: &[RecordId]) -> Result<Outcome, ActionError> {
    let Touch { channel, who, text, mut options, next } = understand(desk, line, here)?;
    if let Some((due, title)) = next {
        options.next = Some(format!("{due} {title}"));
    }
    if text.is_empty() && options == LogOptions::default() {
        return Err(ActionError::usage("what was said?").hint(format!("write {channel} WHO TEXT, such as {channel} ada 15m agreed")));
    }
    let who: Vec<String> = who.iter().map(ToString::to_string).collect();
    log(desk, &channel, &who, &text, &options)
}

/// Reads what stands around a quoted text into options: `15m` before it, `next fri …`
/// behind it. Returns the text.
///
/// # Errors
/// As [`understand`].
pub fn text_of(desk: &Desk, words: &[String], options: &mut LogOptions) -> Result<String, ActionError> {
    let is_said = |word: &String| word.contains(char::is_whitespace);
    if words.len() < 2 || !words.iter().any(is_said) {
        return Ok(words.join(" "));
    }
    // The shell has taken the quotes: what has spaces stood in them.
    let mut tokens: Vec<Token> = Vec::new();
    let mut joined = String::new();
    for word in words {
        tokens.push(Token { text: word.clone(), is_quoted: is_said(word), start: joined.len() });
        joined.push_str(word);
        joined.push(' ');
    }
    let mut at = take_marks(&tokens, options);
    let mut said: Vec<&str> = Vec::new();
    let mut has_quoted = false;
    while let Some(token) = tokens.get(at) {
        if token.is_quoted {
            has_quoted = true;
            said.push(&token.text);
            at += 1;
            at += take_marks(&tokens[at..], options);
            continue;
        }
        if has_quoted && token.text == "next" && options.next.is_none() {
            let Some((due, title)) = follow_up(desk, &joined[token.start..]) else {
                return Err(ActionError::refused("what follows next is no date and what to do")
                    .at("next")
                    .hint("write next fri 10:00 send the quote"));
            };
            options.next = Some(format!("{due} {title}"));
            break;
        }
        said.push(&token.text);
        at += 1;
    }
    Ok(said.join(" "))
}

/// Returns in one line how a touch was understood.
pub fn told(desk: &Desk, touch: &Touch) -> String {
    let known = Known::new(&*desk.store);
    let names: Vec<String> = touch
        .who
        .iter()
        .map(|id| crate::domain::Lookup::title(&known, *id).map_or_else(|| id.to_string(), |name| format!("{name} ({id})")))
        .collect();
    let options = &touch.options;
    let mut parts = vec![touch.channel.clone()];
    if options.private || touch.channel == "note" {
        parts.push("only for colleagues".to_owned());
    } else {
        parts.push(options.direction.clone().unwrap_or_else(|| "out".to_owned()));
    }
    parts.push(if names.is_empty() { "with whom?".to_owned() } else { format!("with {}", names.join(", ")) });
    parts.extend(options.at.as_ref().map(|at| format!("at {at}")));
    parts.extend(options.minutes.map(|minutes| format!("{minutes} min")));
    parts.extend(options.outcome.as_ref().map(|outcome| format!("outcome {outcome}")));
    let mut line = parts.join(", ");
    if !touch.text.is_empty() {
        line = format!("{line}: {}", quoted(&touch.text));
    }
    if let Some((due, title)) = &touch.next {
        let when = wall_clock(desk.zone(), *due).format("%a %Y-%m-%d %H:%M").to_string();
        line = format!("{line}; then {} {title}", when.trim_end_matches(" 00:00"));
    }
    line
}

/// Parts a line into words and quoted texts. A quote that is not closed, or stands
/// inside a word, is a letter like others.
fn tokens_of(line: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        let start = line.len() - rest.len();
        let Some(first) = rest.chars().next() else { return tokens };
        if matches!(first, '"' | '\'')
            && let Some((text, length)) = between(rest, first)
        {
            tokens.push(Token { text, is_quoted: true, start });
            rest = &rest[length..];
            continue;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        tokens.push(Token { text: rest[..end].to_owned(), is_quoted: false, start });
        rest = &rest[end..];
    }
}

/// Returns what stands between the quote that a text begins with and the one that ends
/// the word, and how many bytes that is.
fn between(text: &str, quote: char) -> Option<(String, usize)> {
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '"' && text[at + 1..].starts_with(['"', '\\']) {
            inside.extend(chars.next().map(|(_, escaped)| escaped));
        } else if c == quote && text[at + 1..].chars().next().is_none_or(char::is_whitespace) {
            return Some((inside, at + 1));
        } else {
            inside.push(c);
        }
    }
    None
}

/// Takes the flags of the command line out of a line's tokens.
fn take_flags(all: Vec<Token>, options: &mut LogOptions, rest: &mut Vec<Token>) -> Result<(), ActionError> {
    let mut all = all.into_iter();
    while let Some(token) = all.next() {
        let name = token.text.as_str();
        if token.is_quoted || !(VALUES.contains(&name) || SWITCHES.contains(&name)) {
            rest.push(token);
            continue;
        }
        if SWITCHES.contains(&name) {
            match name {
                "--private" => options.private = true,
                direction => options.direction = Some(direction.trim_start_matches('-').to_owned()),
            }
            continue;
        }
        let Some(value) = all.next() else { return Err(ActionError::usage(format!("{name} takes a value"))) };
        match name {
            "--at" => options.at = Some(value.text),
            "--outcome" => options.outcome = Some(value.text),
            "--next" => options.next = Some(value.text),
            _ => {
                let minutes = value.text.parse();
                options.minutes =
                    Some(minutes.map_err(|_| ActionError::usage(format!("--minutes takes a number, not {}", quoted(&value.text))))?);
            }
        }
    }
    Ok(())
}

/// Takes what tells how long and which way: `15m`, `1h30`, `<-`, `->`, and the words
/// `in` and `out` where no plain text follows them. Returns how many tokens it took.
fn take_marks(tokens: &[Token], options: &mut LogOptions) -> usize {
    let mut used = 0;
    while let Some(token) = tokens.get(used).filter(|token| !token.is_quoted) {
        // What follows a word of direction is none of the sentence that it could begin.
        let ends = tokens
            .get(used + 1)
            .is_none_or(|next| next.is_quoted || minutes_of(&next.text).is_some() || matches!(next.text.as_str(), "next" | "<-" | "->"));
        match token.text.as_str() {
            "<-" => options.direction = Some("in".to_owned()),
            "->" => options.direction = Some("out".to_owned()),
            "in" | "out" if ends => options.direction = Some(token.text.clone()),
            text => match minutes_of(text) {
                Some(minutes) => options.minutes = Some(minutes),
                None => break,
            },
        }
        used += 1;
    }
    used
}

/// Reads `15m`, `90min`, `1h`, `1h30`, `1h30m`.
fn minutes_of(text: &str) -> Option<u32> {
    let number = |text: &str| {
        (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u32>().ok()).flatten()
    };
    let (hours, rest) = match text.split_once('h') {
        Some((hours, rest)) => (number(hours)?, rest),
        None => (0, text),
    };
    let minutes = match rest {
        "" if text.contains('h') => 0,
        rest => number(rest.strip_suffix("min").or_else(|| rest.strip_suffix('m')).or_else(|| text.contains('h').then_some(rest))?)?,
    };
    hours.checked_mul(60)?.checked_add(minutes)
}

/// Reads `next fri 10:00 send quote`, with or without its first word.
fn follow_up(desk: &Desk, text: &str) -> Option<(Timestamp, String)> {
    let (zone, now) = (desk.zone(), desk.now());
    let whole = leading_time(text, zone, now);
    let found = whole.or_else(|| leading_time(text.strip_prefix("next")?, zone, now));
    found.filter(|(_, title)| !title.is_empty()).map(|(due, title)| (due, unquoted(title)))
}

fn unquoted(text: &str) -> String {
    match tokens_of(text).as_slice() {
        [only] if only.is_quoted => only.text.clone(),
        _ => text.to_owned(),
    }
}

/// Returns whom the first words name and how many of them do; else whom it is about
/// anyway.
fn whom(desk: &Desk, tokens: &[Token], here: &[RecordId]) -> Result<(Vec<RecordId>, usize), ActionError> {
    let plain: Vec<&str> = tokens.iter().take_while(|token| !token.is_quoted).map(|token| token.text.as_str()).take(NAME_WORDS).collect();
    if let Some(first) = tokens.first()
        && (first.is_quoted || first.text.contains('@') || first.text.parse::<RecordId>().is_ok())
    {
        let is_meant = !first.is_quoted || here.is_empty();
        match resolve_all(desk, WHO, &[&first.text]) {
            Ok(found) if is_meant || tokens.len() > 1 => return Ok((found, 1)),
            Err(error) if is_meant => return Err(error),
            _ => {}
        }
    }
    // The longest name counts: `ada novák`, then `ada`.
    for words in (1..=plain.len()).rev() {
        let name = plain[..words].join(" ");
        if let Ok(found) = resolve_all(desk, WHO, &[&name]) {
            return Ok((found, words));
        }
    }
    for words in (1..=plain.len()).rev() {
        let found = named(desk, &plain[..words], here.is_empty())?;
        let own: Vec<&Arc<Record>> = found.iter().filter(|record| here.contains(&record.id)).collect();
        match (own.as_slice(), found.as_slice()) {
            ([record], _) => return Ok((vec![record.id], words)),
            (_, [record]) => return Ok((vec![record.id], words)),
            (_, []) => {}
            (_, several) => {
                let known = Known::new(&*desk.store);
                let mut lines: Vec<String> = several.iter().take(TOLD).map(|record| described(record, &known)).collect();
                if several.len() > TOLD {
                    lines.push("\u{2026}".to_owned());
                }
                let error = ActionError::not_found(format!("{} fits several: {}", quoted(&plain[..words].join(" ")), lines.join("; ")));
                return Err(error.hint("name one by its id, or more of the name"));
            }
        }
    }
    if here.is_empty()
        && let Some(first) = plain.first()
    {
        return Err(resolve_all(desk, WHO, &[first]).err().unwrap_or_else(|| ActionError::not_found("nobody is named")));
    }
    Ok((here.to_vec(), 0))
}

/// Returns the records in whose names all words stand: whole, or, where somebody must be
/// named, as beginnings.
fn named(desk: &Desk, words: &[&str], beginnings: bool) -> Result<Vec<Arc<Record>>, ActionError> {
    let wanted: Vec<String> = words.iter().map(|word| fold::fold(word)).collect();
    if wanted.iter().any(|word| word.chars().count() < 2 || !word.chars().any(char::is_alphabetic)) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for &kind in WHO {
        let Some(title) = crate::domain::fields::title_field(kind) else { continue };
        let text = wanted.iter().map(|word| format!("{}:\"{}\"", title.name, word.replace(['"', '\\'], ""))).collect::<Vec<_>>().join(" ");
        let Ok(query) = Query::parse(&text, kind, &desk.definitions()) else { continue };
        let page = desk.store.query(&PageRequest {
            kind,
            query: Some(Arc::new(query)),
            sort: Vec::new(),
            after: None,
            offset: 0,
            limit: LOOKED_AT,
            records: true,
            total: false,
            trash: Trash::Without,
            at_least: None,
            view: desk.view(),
        })?;
        found.extend(page.records.into_iter().filter(|record| {
            let name = fold::fold(&naming::title(record));
            let parts: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
            wanted.iter().all(|word| parts.iter().any(|part| if beginnings { part.starts_with(word.as_str()) } else { part == word }))
        }));
        // People are meant before what they are about.
        if !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn how_long() {
        for (text, minutes) in [("15m", 15), ("90min", 90), ("1h", 60), ("1h30", 90), ("1h30m", 90), ("2h5min", 125)] {
            assert_eq!(minutes_of(text), Some(minutes), "{text}");
        }
        for text in ["", "m", "h", "15", "h30", "1h30x", "99999m", "he", "-5m"] {
            assert_eq!(minutes_of(text), None, "{text}");
        }
    }

    #[test]
    fn quotes_open_only_words() {
        let texts = |line: &str| tokens_of(line).into_iter().map(|token| (token.text, token.is_quoted)).collect::<Vec<_>>();
        assert_eq!(texts("it's \"a b\" c"), [("it's".to_owned(), false), ("a b".to_owned(), true), ("c".to_owned(), false)]);
        assert_eq!(texts("\"say \\\"hi\\\"\""), [("say \"hi\"".to_owned(), true)]);
        assert_eq!(texts("'tis open"), [("'tis".to_owned(), false), ("open".to_owned(), false)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn nothing_typed_panics(line in "\\PC{0,40}", grammar in "(call|in|next|fri|\"|'|<-|15m| ){0,12}") {
            for text in [&line, &grammar] {
                let tokens = tokens_of(text);
                let mut options = LogOptions::default();
                prop_assert!(take_marks(&tokens, &mut options) <= tokens.len());
                prop_assert!(tokens.iter().all(|token| text.is_char_boundary(token.start)));
            }
        }
    }
}
