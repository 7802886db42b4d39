//! Phone numbers, to E.164 where a text can be read as a number.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

pub use rlibphonenumber::Region as PhoneRegion;

/// Returns the country of an ISO 3166 code, without regard to case, if it has phone
/// numbers.
pub fn phone_region(code: &str) -> Option<PhoneRegion> {
    let code = code.trim();
    if code.len() != 2 {
        return None;
    }
    let region: PhoneRegion = code.to_ascii_uppercase().parse().ok()?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
    Some(region)
}

/// Returns a phone number in E.164 (`+420601123456`, with an extension
/// `+420601123456 x12`), or the text as typed where it cannot be read as a number:
/// nothing that somebody wrote down is refused.
pub(super) fn phone(text: &str, region: Option<PhoneRegion>) -> String {
    let typed = super::text::name(text);
    if let Some(number) = international(&typed) {
        return number;
    }
    // The library's patterns are for numbers, not for novels.
    const LONGEST: usize = 60;
    if typed.len() > LONGEST || !typed.chars().any(|c| c.is_numeric()) {
        return typed;
    }
    let Ok(number) = PHONE_NUMBER_UTIL.parse(&typed, region) else { return typed };
    if !PHONE_NUMBER_UTIL.is_possible_number(&number) {
        return typed;
    }
    let mut plain = number.clone();
    plain.extension = None;
    let e164 = PHONE_NUMBER_UTIL.format(&plain, PhoneNumberFormat::E164);
    match number.extension.as_deref().filter(|extension| !extension.is_empty()) {
        Some(extension) => format!("{e164} x{extension}"),
        None => e164.into_owned(),
    }
}

/// The fast path: `+` and digits, in groups or not. A group that begins with 0 may be
/// a trunk prefix, which only the library knows to take off.
fn international(typed: &str) -> Option<String> {
    let digits = typed.strip_prefix('+')?;
    let mut number = String::with_capacity(typed.len());
    number.push('+');
    for (index, group) in digits.split([' ', '-', '.', '/', '\u{a0}']).enumerate() {
        if group.is_empty() || !group.bytes().all(|b| b.is_ascii_digit()) || group.starts_with('0') && (index == 0 || number.len() < 7) {
            return None;
        }
        number.push_str(group);
    }
    (8..=16).contains(&number.len()).then_some(number)
}

/// Returns the digits of a phone number, by which it is searched.
pub fn phone_digits(text: &str) -> String {
    text.chars().filter_map(|c| c.to_digit(10)).filter_map(|digit| char::from_digit(digit, 10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_several_countries() {
        for (region, typed, kept) in [
            ("CZ", "601 123 456", "+420601123456"),
            ("CZ", "+420 601 123 456", "+420601123456"),
            ("CZ", "00420 601 123 456", "+420601123456"),
            ("DE", "030 123456", "+4930123456"),
            ("DE", "+49 (0)30 123456", "+4930123456"),
            ("DE", "+49 030 123456", "+4930123456"),
            ("GB", "020 7946 0000", "+442079460000"),
            ("GB", "+44 (0)20 7946 0000", "+442079460000"),
            ("US", "(202) 555-0143", "+12025550143"),
            ("US", "1-202-555-0143 ext. 12", "+12025550143 x12"),
            ("IT", "06 698 12345", "+390669812345"),
            ("FR", "01 42 68 53 00", "+33142685300"),
            ("JP", "03-1234-5678", "+81312345678"),
            ("US", "+36 1 234 5678", "+3612345678"),
        ] {
            assert_eq!(phone(typed, phone_region(region)), kept, "{typed} in {region}");
            assert_eq!(phone(kept, phone_region("US")), kept, "what is kept stays");
        }
    }

    #[test]
    fn what_is_no_number_is_kept_as_typed() {
        for typed in ["", "ask at the desk", "601 123 456", "12", "+", "+0", "+1", "n/a", "☎"] {
            assert_eq!(phone(typed, None), typed, "{typed}");
        }
        assert_eq!(phone("  ask   Eva ", phone_region("CZ")), "ask Eva");
        assert_eq!(phone("12", phone_region("CZ")), "12");
        let long = "9".repeat(10_000);
        assert_eq!(phone(&long, phone_region("CZ")), long);
    }

    #[test]
    fn countries() {
        assert!(phone_region("cz").is_some());
        for code in ["", "ZZ", "CZE", "čz", "1", "001"] {
            assert!(phone_region(code).is_none(), "{code}");
        }
        assert_eq!(phone_digits("+420 601-123 x12"), "42060112312");
    }
}
