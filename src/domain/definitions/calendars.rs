//! Calendars: when people work, by name.

use toml::de::DeValue;

use super::DefinitionError;
use super::document::{Section, Source, check_word};
use crate::domain::service::{Calendar, Holiday, Holidays, Occasion, Window};
use crate::domain::{fold, zone};

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// All calendars.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calendars {
    calendars: Vec<(String, Calendar)>,
}

impl Calendars {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of calendars");
        let mut calendars: Vec<(String, Calendar)> = Vec::new();
        for (name, span, section) in whole.sections("calendar") {
            check_word(name).map_err(|message| source.error(span.clone(), message))?;
            if calendars.iter().any(|(known, _)| fold::fold(known) == fold::fold(name)) {
                return Err(source.error(span, format!("there are two calendars \u{201c}{name}\u{201d}")));
            }
            let section = section.map_err(|error| error.hint("each calendar begins with its name: [office]"))?;
            calendars.push((name.to_owned(), read_calendar(&section)?));
        }
        Ok(Self { calendars })
    }

    /// Returns the calendars in order, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Calendar)> {
        self.calendars.iter().map(|(name, calendar)| (name.as_str(), calendar))
    }

    /// Returns the calendar of this name, without regard to case.
    pub fn get(&self, name: &str) -> Option<&Calendar> {
        self.iter().find(|(known, _)| fold::fold(known) == fold::fold(name)).map(|(_, calendar)| calendar)
    }
}

fn read_calendar(section: &Section<'_, '_>) -> Result<Calendar, DefinitionError> {
    let known: Vec<&str> = ["timezone", "weekdays", "holidays"].into_iter().chain(DAYS).collect();
    section.keys_among(&known)?;
    let name = section.required_text("timezone")?;
    let zone = zone::zone_named(name).map_err(|nearest| {
        let error = section.error_at("timezone", format!("\u{201c}{}\u{201d} is no time zone", name.escape_debug()));
        error.hint(
            nearest
                .map_or_else(|| "an IANA name, such as Europe/Prague".to_owned(), |near| format!("did you mean \u{201c}{near}\u{201d}?")),
        )
    })?;
    let weekdays = windows(section, "weekdays")?;
    let mut week: [Vec<Window>; 7] = Default::default();
    for (n, day) in DAYS.into_iter().enumerate() {
        let own = windows(section, day)?;
        week[n] = own.or_else(|| weekdays.clone().filter(|_| n < 5)).unwrap_or_default();
    }
    if week.iter().all(Vec::is_empty) {
        return Err(section
            .error("a calendar needs hours in which people work")
            .hint("weekdays = [\"09:00-17:00\"], or a line for each day"));
    }
    Ok(Calendar::new(zone, week, holidays(section)?))
}

fn windows(section: &Section<'_, '_>, key: &str) -> Result<Option<Vec<Window>>, DefinitionError> {
    let Some(texts) = section.words(key)? else { return Ok(None) };
    let mut windows: Vec<Window> = Vec::with_capacity(texts.len());
    for text in texts {
        let window =
            Window::from_text(&text).map_err(|message| section.error_at(key, message).hint("hours of the day, such as \"09:00-12:00\""))?;
        if windows.iter().any(|known| window.from < known.to && known.from < window.to) {
            return Err(section.error_at(key, format!("\u{201c}{text}\u{201d} overlaps what stands before it")));
        }
        windows.push(window);
    }
    Ok(Some(windows))
}

/// Holidays are texts, or tables that give them a name: `{ on = "easter-2", name = "Good Friday" }`.
fn holidays(section: &Section<'_, '_>) -> Result<Holidays, DefinitionError> {
    let Some(value) = section.get("holidays") else { return Ok(Holidays::default()) };
    let Some(list) = value.get_ref().as_array() else {
        return Err(section.error_at("holidays", format!("\u{201c}holidays\u{201d} must be a list, not {}", value.get_ref().type_str())));
    };
    let mut holidays = Vec::with_capacity(list.len());
    for item in list.iter() {
        let (text, name) = match item.get_ref() {
            DeValue::String(text) => (text.as_ref(), None),
            DeValue::Table(table) => {
                let section = section.table(table, item.span(), "holiday");
                section.keys_among(&["on", "name"])?;
                (section.required_text("on")?, Some(section.required_name("name")?))
            }
            other => return Err(section.source.error(item.span(), format!("a holiday must be text, not {}", other.type_str()))),
        };
        let Some(on) = Occasion::from_text(text) else {
            let error = section.source.error(item.span(), format!("\u{201c}{}\u{201d} is no holiday", text.escape_debug()));
            return Err(error.hint("a day such as 2026-12-24, one of each year such as 12-24, or easter, easter+1, easter-2"));
        };
        holidays.push(Holiday { on, name });
    }
    Ok(Holidays::new(holidays))
}
