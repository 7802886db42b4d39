//! The options that `:set` takes: those of Vim's that are worth having.

/// The options of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Rows kept in sight around the cursor.
    pub scrolloff: usize,
    /// Whether a search goes on at the other end.
    pub wrapscan: bool,
    /// Whether a search folds case.
    pub ignorecase: bool,
    /// Whether a capital in the pattern makes it exact.
    pub smartcase: bool,
    /// Whether hits are highlighted.
    pub hlsearch: bool,
    /// Whether rows are numbered.
    pub number: bool,
    /// Whether rows are numbered from the cursor.
    pub relativenumber: bool,
    /// Whether texts of the timeline are shown whole.
    pub wrap: bool,
    /// Whether the mouse is the application's, and not the terminal's.
    pub mouse: bool,
    /// Milliseconds after which a pending sequence ends; 0 waits for ever.
    pub timeoutlen: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scrolloff: 0,
            wrapscan: true,
            ignorecase: true,
            smartcase: true,
            hlsearch: true,
            number: false,
            relativenumber: false,
            wrap: false,
            mouse: false,
            timeoutlen: 0,
        }
    }
}

enum Slot<'o> {
    Flag(&'o mut bool),
    Number(&'o mut usize),
}

/// Names and short names, as in Vim.
const NAMES: &[(&str, &str)] = &[
    ("scrolloff", "so"),
    ("wrapscan", "ws"),
    ("ignorecase", "ic"),
    ("smartcase", "scs"),
    ("hlsearch", "hls"),
    ("number", "nu"),
    ("relativenumber", "rnu"),
    ("wrap", "wrap"),
    ("mouse", "mouse"),
    ("timeoutlen", "tm"),
];

fn full_name(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|(long, short)| *long == name || *short == name).map(|(long, _)| *long)
}

impl Options {
    /// Returns whether a word behind `:set` is about an option, and not a field.
    pub fn is_about(word: &str) -> bool {
        let name = word.split(['=', '?', '!', '&', ':']).next().unwrap_or("");
        [Some(name), name.strip_prefix("no"), name.strip_prefix("inv")].into_iter().flatten().any(|name| full_name(name).is_some())
    }

    /// Sets an option as Vim does: `so=3`, `nu`, `nonu`, `invnu`, `nu!`, `so?`,
    /// `so&`. Returns what to say.
    ///
    /// # Errors
    /// One sentence: the name or the value is unknown.
    pub fn set(&mut self, word: &str) -> Result<String, String> {
        let end = word.find(['=', '?', '!', '&', ':']).unwrap_or(word.len());
        let (name, operator) = word.split_at(end);
        let (name, turn) = match full_name(name) {
            Some(full) => (full, ""),
            None => [("no", "off"), ("inv", "!")]
                .iter()
                .find_map(|(prefix, turn)| Some((full_name(name.strip_prefix(prefix)?)?, *turn)))
                .ok_or_else(|| format!("there is no option \u{201c}{name}\u{201d}"))?,
        };
        let defaults = Self::default();
        match (self.slot(name), operator, turn) {
            (_, "?", "") => {}
            (slot, "&", "") => slot.assign(name, &defaults),
            (Slot::Flag(flag), "!", "") | (Slot::Flag(flag), "", "!") => *flag = !*flag,
            (Slot::Flag(flag), "", "off") => *flag = false,
            (Slot::Flag(flag), "", "") => *flag = true,
            (Slot::Number(_), "", "") => {}
            (Slot::Number(number), operator, "") if operator.starts_with(['=', ':']) => {
                *number = operator[1..]
                    .parse()
                    .ok()
                    .filter(|n| *n <= 1_000_000)
                    .ok_or_else(|| format!("{name} takes a number, such as {name}=3"))?;
            }
            _ => return Err(format!("{name} cannot be set so")),
        }
        Ok(match self.slot(name) {
            Slot::Flag(flag) => format!("{}{name}", if *flag { "" } else { "no" }),
            Slot::Number(number) => format!("{name}={number}"),
        })
    }

    /// Returns what `:set` is to be told so that other options become these.
    pub fn beyond(&self, others: &Self) -> Vec<String> {
        let (mut own, mut others) = (self.clone(), others.clone());
        let differs = |(name, _): &&(&str, &str)| match (own.slot(name), others.slot(name)) {
            (Slot::Flag(one), Slot::Flag(other)) => one != other,
            (Slot::Number(one), Slot::Number(other)) => one != other,
            _ => false,
        };
        let names: Vec<&str> = NAMES.iter().filter(differs).map(|(name, _)| *name).collect();
        names.into_iter().filter_map(|name| self.clone().set(&format!("{name}?")).ok()).collect()
    }

    fn slot(&mut self, name: &str) -> Slot<'_> {
        match name {
            "scrolloff" => Slot::Number(&mut self.scrolloff),
            "timeoutlen" => Slot::Number(&mut self.timeoutlen),
            "wrapscan" => Slot::Flag(&mut self.wrapscan),
            "ignorecase" => Slot::Flag(&mut self.ignorecase),
            "smartcase" => Slot::Flag(&mut self.smartcase),
            "hlsearch" => Slot::Flag(&mut self.hlsearch),
            "wrap" => Slot::Flag(&mut self.wrap),
            "mouse" => Slot::Flag(&mut self.mouse),
            "number" => Slot::Flag(&mut self.number),
            _ => Slot::Flag(&mut self.relativenumber),
        }
    }
}

impl Slot<'_> {
    fn assign(self, name: &str, from: &Options) {
        let mut from = from.clone();
        match (self, from.slot(name)) {
            (Self::Flag(to), Slot::Flag(value)) => *to = *value,
            (Self::Number(to), Slot::Number(value)) => *to = *value,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_as_set_takes_it() {
        let mut options = Options { scrolloff: 2, ..Options::default() };
        let others = options.clone();
        assert!(options.beyond(&others).is_empty());
        for word in ["so=5", "nows", "nu"] {
            options.set(word).expect("an option");
        }
        let told = options.beyond(&others);
        assert_eq!(told, ["scrolloff=5", "nowrapscan", "number"]);
        let mut again = others;
        told.iter().for_each(|word| drop(again.set(word)));
        assert_eq!(again, options);
    }

    #[test]
    fn sets_as_vim_does() {
        let mut options = Options::default();
        assert_eq!(options.set("so=3").as_deref(), Ok("scrolloff=3"));
        assert_eq!(options.set("scrolloff?").as_deref(), Ok("scrolloff=3"));
        assert_eq!(options.set("so&").as_deref(), Ok("scrolloff=0"));
        assert_eq!(options.set("nowrapscan").as_deref(), Ok("nowrapscan"));
        assert_eq!(options.set("ws!").as_deref(), Ok("wrapscan"));
        assert_eq!(options.set("invrnu").as_deref(), Ok("relativenumber"));
        assert!(
            options.set("so=x").is_err() && options.set("foo").is_err() && options.set("nu=3").is_err() && options.set("noso").is_err()
        );
        assert!(Options::is_about("nonu") && Options::is_about("so=3") && !Options::is_about("owner=me") && !Options::is_about("notes=x"));
    }
}
