//! Texts with gaps that records fill: what the team writes once and sends often.
//!
//! The language is Jinja's (the library is minijinja). A template sees the values that it
//! is given and nothing else: no files, no clock, no records. It may take so many steps and
//! no more, and what it writes has a bound. In HTML every value is escaped.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde_json::Value as Json;

/// How many steps a template may take.
const FUEL: u64 = 500_000;
/// The widest column of a text.
const WIDEST: usize = 200;
/// The most bytes that come of one.
const LONGEST: usize = 4 << 20;

/// What is wrong in a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong, in a sentence without its end.
    pub message: String,
    /// On which of its lines, from 1.
    pub line: Option<usize>,
}

/// Fills a template with values.
///
/// # Errors
/// What is no template, names a value that there is not, or takes too long.
pub fn fill(template: &str, values: &Json, html: bool) -> Result<String, TemplateError> {
    let mut environment = Environment::new();
    let pad = |text: &str, width: usize| " ".repeat(width.min(WIDEST).saturating_sub(unicode_width::UnicodeWidthStr::width(text)));
    environment.add_filter("right", move |text: String, width: usize| format!("{}{text}", pad(&text, width)));
    environment.add_filter("left", move |text: String, width: usize| format!("{text}{}", pad(&text, width)));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(move |_| if html { AutoEscape::Html } else { AutoEscape::None });
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(|error| TemplateError { message: error.to_string(), line: None })?);
    let told = |error: &minijinja::Error| {
        let detail = error.detail().map(str::to_owned);
        let message = match error.kind() {
            ErrorKind::OutOfFuel => "the template does not come to an end".to_owned(),
            kind => detail.map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
        };
        TemplateError { message, line: error.line() }
    };
    let filled = environment.render_str(template, Serde(values)).map_err(|error| told(&error))?;
    if filled.len() > LONGEST {
        return Err(TemplateError { message: "more comes of the template than a text may have".to_owned(), line: None });
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn values_fill_gaps_and_are_escaped_in_html() {
        let values = json!({ "name": "A & B <script>", "lines": [{ "n": 1 }, { "n": 2 }] });
        assert_eq!(fill("{{ name }}", &values, true).unwrap(), "A &amp; B &lt;script&gt;");
        let text = "{{ name }}\n{% for line in lines %}\n- {{ line.n | string | right(3) }}\n{% endfor %}\nend\n";
        assert_eq!(fill(text, &values, false).unwrap(), "A & B <script>\n-   1\n-   2\nend\n");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let error = |text: &str| fill(text, &json!({}), false).unwrap_err();
        assert_eq!(error("a\n{{ nobody }}").line, Some(2));
        assert_eq!(error("a\n\n{% if %}").line, Some(3));
        assert_eq!(
            error("{% for a in range(10000) %}{% for b in range(10000) %}{{ a }}{% endfor %}{% endfor %}").message,
            "the template does not come to an end"
        );
        assert!(fill("{% include \"/etc/passwd\" %}", &json!({}), false).is_err());
    }
}
