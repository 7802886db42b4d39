//! Texts: lines, e-mail addresses, web addresses, domains, tags, languages.

use super::error::{ValueError, quoted};
use crate::domain::FileHash;

/// Returns a line of text: trimmed, a line break or tab in it is one space.
pub(super) fn one_line(text: &str) -> String {
    let text = text.trim();
    if !text.contains(['\n', '\r', '\t']) {
        return text.to_owned();
    }
    text.split(['\n', '\r', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns text of any length: line breaks are `\n`, none at its ends.
pub(super) fn long_text(text: &str) -> String {
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
    text.trim_end().trim_start_matches('\n').to_owned()
}

/// Returns a name: as a line, and with single spaces.
pub(super) fn name(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns an e-mail address: trimmed, `mailto:` taken off, its domain in lower case.
/// International domains and local parts stay as they are.
pub(super) fn email(text: &str) -> Result<String, ValueError> {
    let text = text.trim();
    let bare = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &text[7..],
        _ => text,
    };
    let refused =
        |why: &str| Err(ValueError::refused(format!("{} is no e-mail address: {why}", quoted(text))).hint("write ada@example.com"));
    let Some((local, domain)) = bare.rsplit_once('@') else { return refused("it has no @") };
    let domain = domain.trim_end_matches('.').to_lowercase();
    if local.is_empty() {
        return refused("nothing stands before the @");
    }
    if domain.is_empty() {
        return refused("nothing stands behind the @");
    }
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '(' | ')' | '[' | ']' | '\\');
    // A quoted local part may hold nearly anything (RFC 5321 section 4.1.2).
    let quoted_local = local.len() >= 2 && local.starts_with('"') && local.ends_with('"') && !local.contains(['\n', '\r', ';']);
    if let Some(c) = local.chars().find(|&c| bad(c) && !quoted_local).or_else(|| domain.chars().find(|&c| bad(c) || c == '@')) {
        return refused(&format!("it holds {c:?}"));
    }
    if !quoted_local && local.contains(['@', '"']) {
        return refused("it has more than one @ or a quote");
    }
    if domain.split('.').any(str::is_empty) {
        return refused("its domain has an empty part");
    }
    Ok(format!("{local}@{domain}"))
}

/// Returns the text by which two e-mail addresses are the same: in lower case.
pub fn email_key(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Returns the domain of an e-mail address.
pub fn email_domain(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

/// Returns a web address: trimmed; nothing that has a space is one.
pub(super) fn url(text: &str) -> Result<String, ValueError> {
    let text = text.trim();
    match text.chars().find(|c| c.is_whitespace() || c.is_control()) {
        Some(c) => {
            Err(ValueError::refused(format!("{} is no web address: it holds {c:?}", quoted(text))).hint("write https://example.com"))
        }
        None => Ok(text.to_owned()),
    }
}

/// Returns an Internet domain: lower case, without scheme, `www.`, user, port and path.
pub(super) fn domain(text: &str) -> Result<String, ValueError> {
    let bare = text.trim();
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let bare = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let bare = bare.rsplit('@').next().unwrap_or_default();
    let bare = bare.split(':').next().unwrap_or_default().trim_end_matches('.').to_lowercase();
    let mut bare = bare.as_str();
    while let Some(rest) = bare.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        bare = rest;
    }
    let bad = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.' | '_') || unicode_normalization::char::is_combining_mark(c));
    if bare.is_empty() || bare.chars().any(bad) || bare.split('.').any(str::is_empty) {
        return Err(ValueError::refused(format!("{} is no Internet domain", quoted(text))).hint("write example.com"));
    }
    Ok(bare.to_owned())
}

/// Returns a tag: a line without commas and semicolons, which part tags.
pub(super) fn tag(text: &str) -> Result<String, ValueError> {
    let tag = name(text);
    if tag.contains([',', ';']) {
        return Err(ValueError::refused(format!("{} is several tags", quoted(text))));
    }
    Ok(tag)
}

/// Returns a hash: 64 hexadecimal digits in lower case.
pub(super) fn hash(text: &str) -> Result<String, ValueError> {
    match text.trim().parse::<FileHash>() {
        Ok(hash) => Ok(hash.to_string()),
        Err(error) => Err(ValueError::refused(format!("{} is no SHA-256: {error}", quoted(text)))),
    }
}

/// Returns a language tag (BCP 47) in its usual case: `cs`, `en-GB`, `zh-Hant`.
pub(super) fn language(text: &str) -> Result<String, ValueError> {
    let refused = || ValueError::refused(format!("{} is no language", quoted(text))).hint("write a language tag: cs, en-GB, zh-Hant");
    let mut tag = String::new();
    for (index, part) in text.trim().split(['-', '_']).enumerate() {
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(refused());
        }
        if index == 0 {
            // Three letters at most: a longer word is a language's name, not its tag.
            if !(2..=3).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_alphabetic()) {
                return Err(refused());
            }
            tag.push_str(&part.to_ascii_lowercase());
            continue;
        }
        tag.push('-');
        match part.len() {
            2 => tag.push_str(&part.to_ascii_uppercase()),
            4 if part.bytes().all(|b| b.is_ascii_alphabetic()) => {
                tag.push_str(&part[..1].to_ascii_uppercase());
                tag.push_str(&part[1..].to_ascii_lowercase());
            }
            _ => tag.push_str(&part.to_ascii_lowercase()),
        }
    }
    Ok(tag)
}

/// Returns a span of time as kept: `30d`, `2w`, `3m`, `1y`.
pub(in crate::domain) fn span(text: &str) -> Result<String, ValueError> {
    let text = text.trim().to_ascii_lowercase();
    let refused = || ValueError::refused(format!("{} is no span of time", quoted(&text))).hint("write 30d, 2w, 3m or 1y");
    let digits = text.strip_suffix(['d', 'w', 'm', 'y']).ok_or_else(refused)?;
    let count: u32 = digits.trim_end().parse().map_err(|_| refused())?;
    if digits.starts_with('+') || count > 100_000 {
        return Err(refused());
    }
    Ok(format!("{count}{}", &text[text.len() - 1..]))
}

/// Returns yes or no.
pub(super) fn flag(text: &str) -> Result<bool, ValueError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" | "y" => Ok(true),
        "no" | "false" | "0" | "n" => Ok(false),
        _ => Err(ValueError::refused(format!("{} is neither yes nor no", quoted(text))).hint("write yes, no, true, false, 1 or 0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalised() {
        let email = |text: &str| email(text).ok();
        assert_eq!(email(" Ada@Example.COM "), Some("Ada@example.com".to_owned()));
        assert_eq!(email("mailto:ada@example.com"), Some("ada@example.com".to_owned()));
        assert_eq!(email("jörg@müller.DE"), Some("jörg@müller.de".to_owned()));
        assert_eq!(email("root@localhost"), Some("root@localhost".to_owned()));
        assert_eq!(email("\"a b\"@example.com"), Some("\"a b\"@example.com".to_owned()));
        for text in ["", "ada", "@example.com", "ada@", "a b@example.com", "Ada <ada@example.com>", "a@b@c", "a@b..c", "a@b,c", "a\n@b.c"] {
            assert_eq!(email(text), None, "{text}");
        }
        assert_eq!(email_key(" Ada@Example.com"), "ada@example.com");
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said() {
        let error = email("ada.example.com").expect_err("no @");
        assert_eq!(error.to_string(), "\u{201c}ada.example.com\u{201d} is no e-mail address: it has no @");
        assert_eq!(error.hint.as_deref(), Some("write ada@example.com"));
    }

    #[test]
    fn domains_lose_what_is_around_them() {
        let domain = |text: &str| domain(text).ok();
        for text in ["acme.example", "https://www.Acme.example/about?x#y", "ada@acme.example", "ACME.example.", "http://acme.example:8080"]
        {
            assert_eq!(domain(text).as_deref(), Some("acme.example"), "{text}");
        }
        assert_eq!(domain("www.com").as_deref(), Some("www.com"));
        assert_eq!(domain("háčky.cz").as_deref(), Some("háčky.cz"));
        for text in ["", "a b", "https://", "a..b", "Acme, Inc."] {
            assert_eq!(domain(text), None, "{text}");
        }
    }

    #[test]
    fn languages_spans_flags() {
        let language = |text: &str| language(text).ok();
        assert_eq!(language("EN_gb").as_deref(), Some("en-GB"));
        assert_eq!(language("zh-hant-tw").as_deref(), Some("zh-Hant-TW"));
        assert_eq!(language("Czech"), None);
        assert_eq!(language(""), None);
        assert_eq!(span(" 3M ").ok().as_deref(), Some("3m"));
        assert!(span("3").is_err() && span("m").is_err() && span("+3m").is_err() && span("1.5y").is_err());
        assert_eq!((flag("Yes").ok(), flag("0").ok(), flag("maybe").ok()), (Some(true), Some(false), None));
        assert_eq!(one_line(" a\r\n b\tc "), "a b c");
        assert_eq!(long_text("\r\na\r\n\r\n  b \n"), "a\n\n  b");
    }
}
