//! Types and labels of properties: `TYPE=HOME,FAX` is the label `home-fax`, and a label
//! that has no type goes out as `X-ABLabel`, as address books of phones write it.

/// Types that say nothing about what a value is for.
const SILENT: [&str; 8] = ["internet", "voice", "pref", "msg", "text", "smtp", "dom", "intl"];

/// Types and the labels that they are.
const TYPES: [(&str, &str); 6] =
    [("work", "work"), ("home", "home"), ("cell", "mobile"), ("fax", "fax"), ("pager", "pager"), ("main-number", "main")];

/// Returns the label of a property's types, in lower case.
pub(super) fn of_types(types: &[String]) -> String {
    let mut found: Vec<String> = Vec::new();
    for one in types {
        let lower = one.to_lowercase();
        let name = TYPES.iter().find(|(known, _)| *known == lower).map_or(lower.as_str(), |(_, label)| label);
        if !name.is_empty() && !SILENT.contains(&name) && !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    // Whose it is comes first: `home-fax`, whatever stood first.
    found.sort_by_key(|name| !matches!(name.as_str(), "home" | "work"));
    crate::domain::parse::label(&found.join("-"))
}

/// Returns the types that are the label exactly; nothing where none are.
pub(super) fn to_types(label: &str) -> Option<Vec<&'static str>> {
    let mut types = Vec::new();
    for name in label.split('-') {
        types.push(TYPES.iter().take(5).find(|(_, known)| *known == name)?.0);
    }
    let written: Vec<String> = types.iter().map(|one| (*one).to_owned()).collect();
    (of_types(&written) == label).then_some(types)
}

/// Returns the label of an `X-ABLabel`: `_$!<HomePage>!$_` is one of the phone's own.
pub(super) fn of_address_book(text: &str) -> String {
    let text = text.trim();
    let own = text.strip_prefix("_$!<").and_then(|rest| rest.strip_suffix(">!$_"));
    crate::domain::parse::label(own.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_labels_and_back() {
        let of = |types: &[&str]| of_types(&types.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["INTERNET", "HOME", "pref"]), "home");
        assert_eq!(of(&["FAX", "WORK", "VOICE"]), "work-fax");
        assert_eq!(of(&["CELL"]), "mobile");
        assert_eq!(of(&[]), "");
        assert_eq!(of(&["X-Tlx", "2"]), "x-tlx-2");
        for label in ["work", "home-fax", "mobile", "work-mobile", "pager"] {
            let types = to_types(label).unwrap_or_default();
            assert_eq!(of(&types), label);
        }
        for label in ["cell", "fax-home", "skype", "main", ""] {
            assert_eq!(to_types(label), None, "{label}");
        }
        assert_eq!(of_address_book("_$!<HomePage>!$_"), "homepage");
        assert_eq!(of_address_book(" Chata na Šumavě"), "chata-na-šumavě");
    }
}
