//! How a name sounds, whatever the language it is spelt in.

use rphonetic::{DaitchMokotoffSoundex, DaitchMokotoffSoundexBuilder, Encoder};
use std::sync::OnceLock;

use crate::domain::fold;

/// The longest name that is listened to, in letters.
const LONGEST: usize = 40;

/// Returns the codes of how a name may sound: Daitch and Mokotoff's soundex (1985), made
/// for names that went from one spelling to another, as from Nowak to Novák. Empty for a
/// name that has no letters which can be spelt in Latin ones.
pub(super) fn sounds(name: &str) -> Vec<String> {
    static SOUNDEX: OnceLock<Option<DaitchMokotoffSoundex>> = OnceLock::new();
    // The rules are in the crate; it reads ASCII alone.
    let soundex = SOUNDEX.get_or_init(|| DaitchMokotoffSoundexBuilder::default().build().ok());
    let letters: String = fold::latin(name).chars().filter(char::is_ascii_alphabetic).take(LONGEST).collect();
    match soundex {
        Some(soundex) if !letters.is_empty() => {
            let mut codes: Vec<String> = soundex.encode(&letters).split('|').map(str::to_owned).collect();
            codes.sort_unstable();
            codes.dedup();
            codes
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alike(a: &str, b: &str) -> bool {
        let sounds_of_b = sounds(b);
        sounds(a).iter().any(|sound| sounds_of_b.contains(sound))
    }

    #[test]
    fn names_that_sound_alike_have_a_code_in_common() {
        for (a, b) in
            [("Nowak", "Novák"), ("Meyer", "Maier"), ("Schmidt", "Šmíd"), ("Dvořák", "Dvorak"), ("Horváth", "Horvat"), ("Иванов", "Ivanov")]
        {
            assert!(alike(a, b), "{a} {:?} {b} {:?}", sounds(a), sounds(b));
        }
        for (a, b) in [("Novák", "Svoboda"), ("Meyer", "Müller")] {
            assert!(!alike(a, b), "{a} {b}");
        }
        assert!(sounds("").is_empty() && sounds("12 -").is_empty());
    }

    proptest! {
        #[test]
        fn no_name_is_too_odd(name in ".{0,60}") {
            prop_assert!(sounds(&name).iter().all(|code| !code.is_empty()));
        }
    }
}
