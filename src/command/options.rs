//! Flags among a command's words, as the command line takes them: `--by owner`.

use std::collections::HashMap;

use crate::actions::ActionError;

/// A command's words, its flags taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// The other words.
    pub(super) words: Vec<String>,
    /// The flags with a value, each as it was given last.
    pub(super) values: HashMap<&'static str, String>,
    /// The same, each as often as it was given.
    pub(super) every: Vec<(&'static str, String)>,
    /// The flags without.
    pub(super) set: Vec<&'static str>,
}

/// Takes flags out of words. A word behind `--` is never a flag, and a single `-`
/// begins none: query words may.
pub(super) fn flags(args: &[String], valued: &[&'static str], bare: &[&'static str]) -> Result<Flags, ActionError> {
    let mut flags = Flags::default();
    let mut args = args.iter();
    while let Some(word) = args.next() {
        let Some(flag) = word.strip_prefix("--") else {
            flags.words.push(word.clone());
            continue;
        };
        if flag.is_empty() {
            flags.words.extend(args.by_ref().cloned());
            break;
        }
        let (name, inline) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value.to_owned())));
        if let Some(name) = valued.iter().find(|known| **known == name) {
            let missing = || ActionError::usage(format!("--{name} takes a value"));
            let value = inline.or_else(|| args.next().cloned()).ok_or_else(missing)?;
            flags.every.push((name, value.clone()));
            flags.values.insert(name, value);
        } else if let (Some(name), None) = (bare.iter().find(|known| **known == name), &inline) {
            flags.set.push(name);
        } else {
            let known: Vec<String> = valued.iter().chain(bare).map(|name| format!("--{name}")).collect();
            let error = ActionError::usage(format!("there is no flag --{name} here"));
            return Err(if known.is_empty() { error } else { error.hint(format!("there is {}", known.join(", "))) });
        }
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_anywhere() {
        let args = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let found = flags(&args("contact -tags:x --by owner --force tail"), &["by"], &["force"]).expect("valid");
        assert_eq!(found.words, ["contact", "-tags:x", "tail"]);
        assert_eq!(found.values.get("by").map(String::as_str), Some("owner"));
        assert_eq!(found.set, ["force"]);
        assert_eq!(flags(&args("--by=a -- --force"), &["by"], &["force"]).expect("valid").words, ["--force"]);
        assert_eq!(flags(&args("--by"), &["by"], &[]).expect_err("no value").message, "--by takes a value");
        assert!(flags(&args("--buy x"), &["by"], &[]).is_err());
    }
}
