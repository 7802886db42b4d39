//! Asks the table of commands whether a keymap's line is one.

use super::file::Complaint;
use crate::command::Invocation;

/// Tells whether a line may be typed after `:`; a [`super::Check`].
///
/// # Errors
///
/// What the command line says of it: an unknown command, a range it does not
/// take.
pub fn known_command(line: &str) -> Result<(), Complaint> {
    let complaint = match Invocation::parse(line) {
        Ok(Some(_)) => return Ok(()),
        Ok(None) => Complaint {
            at: 0..line.len(),
            message: "an empty command line does nothing".to_owned(),
            hint: Some("“nop” swallows keys".to_owned()),
        },
        Err(bad) => {
            let word = line.get(bad.at..).unwrap_or_default();
            let length = word.find(' ').unwrap_or(word.len());
            Complaint { at: bad.at..bad.at + length, message: bad.message, hint: bad.hint }
        }
    };
    Err(complaint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_commands_is_asked() {
        assert_eq!(known_command("filter owner:me"), Ok(()));
        let complaint = known_command("fitler owner:me").map_err(|complaint| (complaint.at, complaint.hint));
        assert_eq!(complaint, Err((0..6, Some("did you mean “filter”?".to_owned()))));
        assert!(known_command(" ").is_err());
    }
}
