//! One's own views in their file: `views.toml` beside the configuration.

use std::io;
use std::path::Path;

use super::app::views::View;
use super::keeping::beside;

/// The file's name.
pub const NAME: &str = "views.toml";
/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Reads the views of a folder; those with a mistake are left out, and the mistakes
/// told.
pub fn read(folder: &Path) -> (Vec<View>, Vec<String>) {
    let path = folder.join(NAME);
    let told = |what: &dyn std::fmt::Display| (Vec::new(), vec![format!("{}: {what}", path.display())]);
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (Vec::new(), Vec::new()),
        Ok(metadata) if metadata.len() > LARGEST => return told(&"larger than 1 MiB"),
        _ => {}
    }
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return told(&error),
    };
    let tables: toml::Table = match text.parse() {
        Ok(tables) => tables,
        Err(error) => {
            let error: toml::de::Error = error;
            let before = &text[..error.span().map_or(0, |span| span.start).min(text.len())];
            return told(&format!("line {}: {}", before.matches('\n').count() + 1, error.message()));
        }
    };
    let (mut views, mut wrong) = (Vec::new(), Vec::new());
    for (name, table) in &tables {
        let read = table.as_table().ok_or_else(|| format!("view {name}: a view begins with its name: [{name}]"));
        match read.and_then(|table| View::read(name, table, false)) {
            Ok(view) => views.push(view),
            Err(why) => wrong.push(format!("{}: {why}", path.display())),
        }
    }
    (views, wrong)
}

/// Writes one's own views; the file is whole at every moment.
///
/// # Errors
/// The folder cannot be written.
pub fn write(folder: &Path, views: &[View]) -> io::Result<()> {
    let tables: toml::Table = views.iter().filter(|view| !view.is_teams).map(|view| (view.name.clone(), view.table().into())).collect();
    let text = format!("# Saved views: :mkview NAME writes them here, :view NAME shows them.\n\n{tables}");
    std::fs::create_dir_all(folder)?;
    beside::write(&folder.join(NAME), text.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::domain::Kind;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), (Vec::new(), Vec::new()));
        let view = |name: &str, is_teams| View {
            name: name.to_owned(),
            kind: Kind::Contact,
            filter: "company:\"Řezáč\" tags:vip".to_owned(),
            sort: "-last.at".to_owned(),
            columns: vec!["name".to_owned(), "email".to_owned()],
            is_teams,
        };
        write(folder.path(), &[view("my \"best\" [ones]", false), view("theirs", true)]).unwrap();
        assert_eq!(read(folder.path()), (vec![view("my \"best\" [ones]", false)], Vec::new()));
    }

    #[test]
    fn mistakes_leave_the_rest_standing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(NAME), "[good]\nkind = \"ticket\"\n[bad]\nkind = \"tikcet\"\n[odd]\nkind=\"task\"\nfilter=1\n")
            .unwrap();
        let (views, wrong) = read(folder.path());
        assert_eq!(views.len(), 1);
        assert!(wrong[0].ends_with("view bad: there is no kind “tikcet”"), "{wrong:?}");
        assert!(wrong[1].contains("view odd: there is no “filter”; there are kind, query"), "{wrong:?}");
        std::fs::write(folder.path().join(NAME), "[good\n").unwrap();
        assert!(read(folder.path()).1[0].contains("line 1: "));
    }
}
