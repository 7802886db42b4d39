//! Cards and calendars taken into a store: whose they are, twice, with what comes from
//! elsewhere, given back.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use rolo::actions::{Clock, Desk};
use rolo::domain::fields::number;
use rolo::domain::{Kind, Record, Timestamp, Value};
use rolo::exchange::import::{Action, Import, Input, RejectsWriter, Report, RowPlan, Settings, Use, Watch};
use rolo::exchange::mapping::Mapping;
use rolo::exchange::rows::Facts;
use rolo::store::api::{PageRequest, Store, Trash};

use super::data;

fn desk() -> Desk {
    let store: Arc<dyn Store> = rolo::store::memory().unwrap();
    let mut desk = Desk::new(store, "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-01-31T12:00:00Z").unwrap());
    desk
}

/// What an import told.
#[derive(Default)]
struct Told {
    plans: Vec<RowPlan>,
    writer: Option<RejectsWriter<Vec<u8>>>,
    facts: Option<Facts>,
}

impl Watch for Told {
    fn opened(&mut self, _name: &str, facts: &Facts, _uses: &[Use]) -> std::io::Result<()> {
        self.facts = Some(facts.clone());
        Ok(())
    }

    fn row(&mut self, plan: &RowPlan, raw: &str) -> std::io::Result<()> {
        if plan.action == Action::Reject {
            if self.writer.is_none() {
                self.writer = Some(RejectsWriter::new(Vec::new(), self.facts.as_ref().unwrap())?);
            }
            self.writer.as_mut().unwrap().row(plan, raw)?;
        }
        self.plans.push(plan.clone());
        Ok(())
    }
}

impl Told {
    fn rejects(self) -> String {
        String::from_utf8(self.writer.unwrap().finish().unwrap()).unwrap()
    }
}

fn import(desk: &Desk, name: &str, bytes: &[u8]) -> (Report, Told) {
    import_as(desk, Settings::each_its_own(Mapping::default()), name, bytes)
}

fn import_as(desk: &Desk, settings: Settings, name: &str, bytes: &[u8]) -> (Report, Told) {
    let mut told = Told::default();
    let input = Input::new(name, Box::new(bytes));
    let report = Import::new(desk, settings).run(vec![input], &mut told).unwrap();
    (report, told)
}

fn all(desk: &Desk, kind: Kind) -> Vec<Arc<Record>> {
    let view = desk.view();
    let page = desk.store.query(&PageRequest {
        kind,
        query: None,
        sort: Vec::new(),
        after: None,
        offset: 0,
        limit: 10_000,
        records: true,
        total: false,
        trash: Trash::Without,
        at_least: None,
        view,
    });
    page.unwrap().records
}

fn plain(record: &Record, field: u16) -> Vec<String> {
    let label = |value: &Value| value.label().map(|label| format!("{label}=")).unwrap_or_default();
    record.values(field).map(|value| format!("{}{}", label(value), value.plain())).collect()
}

const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\r\nFN:Dr. Ada Nováková\r\n\
    N:Nováková;Ada;Marie;Dr.;Ph.D.\r\nNICKNAME:Adka\r\nORG:Acme;Sales\r\nTITLE:Buyer\r\nROLE:decides\r\n\
    EMAIL;TYPE=INTERNET,HOME:ada@home.example\r\nEMAIL;TYPE=INTERNET,WORK,pref:ada@acme.example\r\n\
    TEL;TYPE=CELL:+420 601 123 456\r\nTEL;TYPE=WORK;TYPE=FAX:+420 222 333 444\r\nitem1.TEL:+420 777 888 999\r\nitem1.X-ABLabel:Chata\r\n\
    ADR;TYPE=HOME:;;Hlavní 1;Brno;;602 00;Czechia\r\nURL:https://example.com/a,b\r\nBDAY:1985-05-17\r\nCATEGORIES:vip,friend\r\n\
    NOTE:Two lines\\nand a comma\\, too\r\nX-SKYPE:ada.n\r\nEND:VCARD\r\n";

#[test]
fn a_card_is_a_contact_with_all_that_it_says() {
    let desk = desk();
    let (report, _) = import(&desk, "a.vcf", CARD.as_bytes());
    assert_eq!((report.created, report.rejected), (1, 0), "{report:?}");
    assert_eq!(report.leftover, ["department", "x-skype"]);
    let contacts = all(&desk, Kind::Contact);
    let ada = &contacts[0];
    assert_eq!(ada.text(number::CONTACT_NAME), Some("Dr. Ada Nováková"));
    assert_eq!((ada.text(number::GIVEN), ada.text(number::FAMILY)), (Some("Ada Marie"), Some("Nováková")));
    assert_eq!((ada.text(number::PREFIX), ada.text(number::SUFFIX)), (Some("Dr."), Some("Ph.D.")));
    assert_eq!(plain(ada, number::CONTACT_EMAIL), ["work=ada@acme.example", "home=ada@home.example"]);
    assert_eq!(plain(ada, number::CONTACT_PHONE), ["mobile=+420601123456", "work-fax=+420222333444", "chata=+420777888999"]);
    assert_eq!(plain(ada, number::CONTACT_URL), ["https://example.com/a,b"]);
    assert_eq!(plain(ada, number::BIRTHDAY), ["1985-05-17"]);
    assert_eq!(plain(ada, number::TAGS), ["vip", "friend"]);
    assert_eq!(plain(ada, number::EXTERNAL_ID), ["vcard=4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"]);
    assert_eq!(ada.text(number::NOTES), Some("Two lines\nand a comma, too"));
    let company = all(&desk, Kind::Company);
    assert_eq!(company[0].text(number::COMPANY_NAME), Some("Acme"));
    match ada.first(number::JOBS).unwrap().bare() {
        Value::Job(job) => assert_eq!((job.company, job.title.as_str(), job.role.as_str()), (Some(company[0].id), "Buyer", "decides")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn cards_that_come_twice_change_nothing() {
    let Some(folder) = data() else { return };
    for line in super::table("vcard_records").iter().chain(&super::table("ical_records")) {
        let desk = desk();
        let bytes = fs::read(folder.join(&line[0])).unwrap();
        let (first, _) = import(&desk, &line[0], &bytes);
        let (second, told) = import(&desk, &line[0], &bytes);
        assert_eq!(
            (second.created, second.updated),
            (0, 0),
            "{}: {first:?}\n{:?}",
            line[0],
            told.plans.iter().map(ToString::to_string).collect::<Vec<_>>()
        );
        assert_eq!(first.read, second.read);
    }
}

#[test]
fn a_switchboard_on_every_card_makes_no_one_the_same() {
    let desk = desk();
    let mut cards = String::new();
    for at in 0..150 {
        let _ = write!(
            cards,
            "BEGIN:VCARD\nVERSION:3.0\nFN:Person {at}\nN:{at};Person;;;\nORG:Acme\nTEL;TYPE=WORK:+420 222 000 000\nEND:VCARD\n"
        );
    }
    let (report, _) = import(&desk, "firm.vcf", cards.as_bytes());
    assert_eq!((report.created, report.updated, report.rejected), (150, 0, 0));
    assert_eq!((all(&desk, Kind::Contact).len(), all(&desk, Kind::Company).len()), (150, 1));
    let (again, _) = import(&desk, "firm.vcf", cards.as_bytes());
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 150));
}

#[test]
fn one_person_of_two_address_books_is_one() {
    let desk = desk();
    import(&desk, "phone.vcf", CARD.as_bytes());
    let other = CARD.replace("4fbe8971-0bc3-424c-9c26-36c3e1eff6b1", "A9C0-other-book").replace("TEL;TYPE=CELL:+420 601 123 456\r\n", "");
    let (report, _) = import(&desk, "laptop.vcf", other.as_bytes());
    assert_eq!((report.created, report.updated), (0, 1), "{report:?}");
    let contacts = all(&desk, Kind::Contact);
    assert_eq!(plain(&contacts[0], number::EXTERNAL_ID), ["vcard=4fbe8971-0bc3-424c-9c26-36c3e1eff6b1", "vcard=A9C0-other-book"]);
    for (name, bytes) in [("phone.vcf", CARD.as_bytes()), ("laptop.vcf", other.as_bytes())] {
        let (again, _) = import(&desk, name, bytes);
        assert_eq!((again.created, again.updated), (0, 0), "{name}");
    }
}

#[test]
fn a_person_from_a_table_and_from_a_card_is_one_with_the_union() {
    let Some(folder) = data() else { return };
    let desk = desk();
    let text = fs::read_to_string(format!("{}/tests/mappings/google_2024.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let google = Settings::new(Kind::Contact, Mapping::parse(&text, "google_2024.toml").unwrap());
    let (report, _) = import_as(&desk, google, "google.csv", &fs::read(folder.join("csv/made-here/google_contacts_2024.csv")).unwrap());
    assert_eq!(report.created, 23, "{report:?}");
    let before: BTreeMap<_, _> = all(&desk, Kind::Contact).into_iter().map(|record| (record.id, record)).collect();
    let mut cards = String::new();
    for record in before.values() {
        let (name, email) = (record.text(number::CONTACT_NAME).unwrap(), record.text(number::CONTACT_EMAIL).unwrap());
        let _ = write!(
            cards,
            "BEGIN:VCARD\nVERSION:4.0\nFN:{name}\nEMAIL:{}\nTEL;TYPE=cell:+420601{:06}\nNICKNAME:N{}\nUID:urn:uuid:0000-0000-{}\nEND:VCARD\n",
            email.to_uppercase(),
            record.id.number,
            record.id,
            record.id
        );
    }
    let (report, _) = import(&desk, "phone.vcf", cards.as_bytes());
    assert_eq!((report.created, report.updated, report.rejected), (0, 23, 0), "{report:?}");
    let after = all(&desk, Kind::Contact);
    assert_eq!(after.len(), 23);
    for record in after {
        let old = &before[&record.id];
        assert_eq!(record.text(number::NICKNAME).unwrap(), format!("N{}", record.id));
        for field in [number::CONTACT_EMAIL, number::CONTACT_PHONE, number::CONTACT_ADDRESS, number::JOBS] {
            let new = plain(&record, field);
            assert!(plain(old, field).iter().all(|known| new.contains(known)), "{}: {new:?}", record.id);
        }
        assert_eq!(record.values(number::CONTACT_PHONE).count(), old.values(number::CONTACT_PHONE).count() + 1);
    }
}

#[test]
fn bad_cards_go_as_they_were_and_come_back_mended() {
    let desk = desk();
    let good = "BEGIN:VCARD\nVERSION:3.0\nFN:Good One\nEMAIL:good@example.com\nEND:VCARD\n";
    let cut = "BEGIN:VCARD\nVERSION:3.0\nFN:Cut Off\nEMAIL:cut@example.com\n";
    let (report, told) = import(&desk, "a.vcf", format!("{good}{cut}{good}").as_bytes());
    assert_eq!((report.created, report.unchanged, report.rejected), (1, 1, 1), "{report:?}");
    let rejects = told.rejects();
    assert!(rejects.starts_with("BEGIN:VCARD\nX-ROLO-REJECTED;LINE=6;COLUMN=;CODE=card:the card is not ended"), "{rejects}");
    let (report, _) = import(&desk, "rejects.vcf", format!("{rejects}END:VCARD\n").as_bytes());
    assert_eq!((report.created, report.rejected), (1, 0), "{report:?}");
    assert!(report.leftover.is_empty(), "{report:?}");
}

#[test]
fn a_value_that_is_none_of_its_field_is_kept_in_the_notes() {
    let desk = desk();
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEMAIL:ada at example\nEMAIL:ada@example.com\nBDAY:next week\nNOTE:Hello\nEND:VCARD\n";
    let (report, _) = import(&desk, "a.vcf", card.as_bytes());
    assert_eq!((report.created, report.rejected), (1, 0));
    let told = report.notices.join("\n");
    assert!(
        told.contains(
            "2 values are none of their fields and stand in the notes: line 1, email: ada at example; line 1, birthday: next week"
        ),
        "{told}"
    );
    let ada = &all(&desk, Kind::Contact)[0];
    assert_eq!(plain(ada, number::CONTACT_EMAIL), ["ada@example.com"]);
    assert_eq!(ada.text(number::NOTES), Some("Hello\n\nemail: ada at example\nbirthday: next week"));
    assert_eq!(import(&desk, "a.vcf", card.as_bytes()).0.updated, 0);
}

#[test]
fn firms_and_groups_are_no_people() {
    let desk = desk();
    let cards = "BEGIN:VCARD\nVERSION:4.0\nKIND:org\nFN:Acme\nTEL:+420222333444\nEND:VCARD\n\
        BEGIN:VCARD\nVERSION:3.0\nN:;;;;\nFN:Beta\nORG:Beta;\nX-ABShowAs:COMPANY\nEND:VCARD\n\
        BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Friends\nMEMBER:urn:uuid:1\nEND:VCARD\n";
    let (report, _) = import(&desk, "a.vcf", cards.as_bytes());
    assert_eq!((report.created, all(&desk, Kind::Company).len(), all(&desk, Kind::Contact).len()), (2, 2, 0), "{report:?}");
    assert!(report.notices.iter().any(|told| told.contains("1 card is a group, which is not taken")), "{:?}", report.notices);
    // Whoever says what they are is believed.
    let (report, _) = import_as(&desk, Settings::new(Kind::Contact, Mapping::default()), "a.vcf", cards.as_bytes());
    assert_eq!((report.created, all(&desk, Kind::Contact).len()), (3, 3), "{report:?}");
}

#[test]
fn columns_nobody_has_become_fields_when_asked() {
    let desk = desk();
    let settings = Settings { create_fields: true, ..Settings::each_its_own(Mapping::default()) };
    let (report, _) = import_as(&desk, settings, "a.vcf", CARD.as_bytes());
    assert_eq!((report.created, report.leftover.len()), (1, 0), "{report:?}");
    let ada = &all(&desk, Kind::Contact)[0];
    assert_eq!(plain(ada, number::CUSTOM), ["department=Sales", "x_skype=ada.n"]);
}

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:meeting-1@example.com\r\nDTSTAMP:20260101T000000Z\r\n\
    DTSTART;TZID=Central Europe Standard Time:20260316T090000\r\nDTEND;TZID=Central Europe Standard Time:20260316T103000\r\n\
    RRULE:FREQ=WEEKLY;BYDAY=MO\r\nEXDATE;TZID=Central Europe Standard Time:20260330T090000\r\nSUMMARY:Renewal\r\nLOCATION:Room 5\r\n\
    ORGANIZER;CN=Ben:mailto:ben@ours.example\r\nATTENDEE;CN=\"Ada, Nováková\":mailto:ada@acme.example\r\nATTENDEE:mailto:ben@ours.example\r\n\
    END:VEVENT\r\nBEGIN:VEVENT\r\nUID:meeting-1@example.com\r\nRECURRENCE-ID;TZID=Europe/Prague:20260323T090000\r\n\
    DTSTART;TZID=Europe/Prague:20260323T110000\r\nSUMMARY:Renewal, later\r\nORGANIZER:mailto:ada@acme.example\r\nEND:VEVENT\r\n\
    BEGIN:VTODO\r\nUID:todo-00001@example.com\r\nSUMMARY:Send the quote\r\nDUE:20260320T120000Z\r\nPRIORITY:2\r\nRRULE:FREQ=MONTHLY\r\n\
    BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER;RELATED=END:-PT15M\r\nEND:VALARM\r\nATTENDEE:mailto:ben@ours.example\r\nEND:VTODO\r\n\
    BEGIN:VJOURNAL\r\nUID:note-000001@example.com\r\nDTSTART;VALUE=DATE:20260317\r\nSUMMARY:They like it\r\nDESCRIPTION:Very much\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n";

#[test]
fn a_calendar_is_meetings_tasks_and_notes() {
    let desk = desk();
    import_as(&desk, Settings::new(Kind::User, Mapping::default()), "u.csv", b"name,email\nBen,ben@ours.example\n");
    let (report, _) = import(&desk, "a.ics", CALENDAR.as_bytes());
    assert_eq!((report.created, report.rejected), (4, 0), "{report:?}");
    let touches = all(&desk, Kind::Interaction);
    let [meeting, moved, note] = &touches[..] else { panic!("{touches:?}") };
    let contacts = all(&desk, Kind::Contact);
    let [ada] = &contacts[..] else { panic!("{contacts:?}") };
    assert_eq!(plain(ada, number::CONTACT_EMAIL), ["ada@acme.example"]);
    assert_eq!(ada.text(number::CONTACT_NAME), Some("Ada, Nováková"));
    let texts = |record: &Record| {
        [number::CHANNEL, number::DIRECTION, number::INTERACTION_SUBJECT].map(|field| record.text(field).unwrap_or_default().to_owned())
    };
    assert_eq!(texts(meeting), ["meeting", "out", "Renewal"]);
    assert_eq!(texts(moved), ["meeting", "in", "Renewal, later"]);
    assert_eq!(texts(note), ["note", "", "They like it"]);
    assert_eq!(plain(meeting, number::INTERACTION_AT), ["2026-03-16T08:00:00Z"]);
    assert_eq!(plain(meeting, number::MINUTES), ["90"]);
    assert_eq!(meeting.link(number::INTERACTION_CONTACT), Some(ada.id));
    assert_eq!(meeting.text(number::REPEAT), Some("FREQ=WEEKLY;BYDAY=MO TZID=Europe/Budapest EXDATE=20260330T070000Z"));
    assert_eq!(plain(moved, number::EXTERNAL_ID), ["ics=meeting-1@example.com/20260323T080000Z"]);
    assert_eq!(moved.text(number::THREAD), meeting.text(number::THREAD));
    let tasks = all(&desk, Kind::Task);
    let users = all(&desk, Kind::User);
    assert_eq!(tasks[0].text(number::TASK_TITLE), Some("Send the quote"));
    assert_eq!(plain(&tasks[0], number::DUE), ["2026-03-20T12:00:00Z"]);
    assert_eq!(plain(&tasks[0], number::REMIND), ["2026-03-20T11:45:00Z"]);
    assert_eq!(tasks[0].text(number::TASK_PRIORITY), Some("high"));
    assert_eq!(tasks[0].link(number::TASK_ASSIGNEE), Some(users[0].id));
    assert_eq!(tasks[0].text(number::TASK_REPEAT), Some("FREQ=MONTHLY"));
    let (again, told) = import(&desk, "a.ics", CALENDAR.as_bytes());
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 4), "{:?}", told.plans);
    // One kind of them is asked for.
    let (tasks, _) = import_as(&self::desk(), Settings::new(Kind::Task, Mapping::default()), "a.ics", CALENDAR.as_bytes());
    assert_eq!((tasks.read, tasks.created), (1, 1));
}

#[test]
fn a_bad_event_goes_as_it_was_and_comes_back_mended() {
    let desk = desk();
    let calendar = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:no-time-1@example.com\nSUMMARY:When?\nEND:VEVENT\nEND:VCALENDAR\n";
    let (report, told) = import(&desk, "a.ics", calendar.as_bytes());
    assert_eq!((report.created, report.rejected), (0, 1));
    let rejects = told.rejects();
    assert!(rejects.contains("BEGIN:VEVENT\nX-ROLO-REJECTED;LINE=3;COLUMN=;CODE=missing:the event says no time"), "{rejects}");
    let mended = rejects.replace("SUMMARY:", "DTSTART:20260101T090000Z\nSUMMARY:");
    let (report, _) = import(&desk, "rejects.ics", mended.as_bytes());
    assert_eq!((report.created, report.rejected), (1, 0), "{mended}");
    assert!(report.leftover.is_empty(), "{report:?}");
}
