//! What a file in a message is called whose sender gave it no name: by its number and
//! type. It must not know messages.

use crate::domain::{UNNAMED_FILE, file_name};

/// Returns the name of the `number`th file, safe to be one in a folder.
pub(super) fn safe(given: Option<&str>, media_type: &str, number: usize) -> String {
    let name = file_name(given.unwrap_or_default());
    if name == UNNAMED_FILE { format!("attachment-{number}{}", ending(media_type)) } else { name }
}

fn ending(media_type: &str) -> &'static str {
    match media_type {
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        "text/vcard" | "text/x-vcard" | "text/directory" => ".vcf",
        "text/csv" => ".csv",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "application/pdf" => ".pdf",
        "application/zip" => ".zip",
        "application/json" => ".json",
        "application/pgp-signature" => ".asc",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => ".p7s",
        "message/rfc822" | "message/global" => ".eml",
        _ => ".bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_name_in_any_case() {
        for (given, name) in [(None, "attachment-3.pdf"), (Some(".."), "attachment-3.pdf"), (Some("../x/quote.pdf"), "quote.pdf")] {
            assert_eq!(safe(given, "application/pdf", 3), name);
        }
        assert_eq!(safe(Some(" "), "message/rfc822", 1), "attachment-1.eml");
    }
}
