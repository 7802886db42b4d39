//! The one table of fields.
//!
//! Numbers are the store's format: a field keeps its number for ever, a number is
//! never given to another field. To add a field, add a line with the next free
//! number of its kind's hundred; everything else derives from it.

use super::FieldType::{
    Address, Choice, Consent, Date, Domain, Email, ExternalId, FileName, Flag, Hash, Int, Job, Language, Line, Link, LongText, Money, Name,
    Number, OpenChoice, Percent, Phone, Repeat, Span, Tag, Text, Time, Url, Zone,
};
use super::{ChoiceList as List, Field, FieldNumber, FieldType, Kind};

const fn f(number: FieldNumber, name: &'static str, ty: FieldType, help: &'static str, example: &'static str) -> Field {
    Field::new(number, name, ty, help, example)
}

/// Numbers of the fields that code names.
pub mod number {
    #![allow(missing_docs, reason = "each is documented by its line in the table")]
    use super::FieldNumber;

    pub const CREATED_AT: FieldNumber = 1;
    pub const EXTERNAL_ID: FieldNumber = 2;
    pub const OWNER: FieldNumber = 3;
    pub const TEAM: FieldNumber = 4;
    pub const TAGS: FieldNumber = 5;
    pub const NOTES: FieldNumber = 6;
    pub const TRASHED_AT: FieldNumber = 7;
    pub const LINKED: FieldNumber = 8;
    pub const CUSTOM: FieldNumber = 9;
    pub const MERGED_INTO: FieldNumber = 10;
    pub const MERGED_FROM: FieldNumber = 11;
    pub const DISTINCT_FROM: FieldNumber = 12;

    pub const CONTACT_NAME: FieldNumber = 100;
    pub const GIVEN: FieldNumber = 101;
    pub const FAMILY: FieldNumber = 102;
    pub const PREFIX: FieldNumber = 103;
    pub const SUFFIX: FieldNumber = 104;
    pub const NICKNAME: FieldNumber = 105;
    pub const CONTACT_EMAIL: FieldNumber = 106;
    pub const CONTACT_PHONE: FieldNumber = 107;
    pub const CONTACT_ADDRESS: FieldNumber = 108;
    pub const JOBS: FieldNumber = 109;
    pub const CONTACT_LIFECYCLE: FieldNumber = 110;
    pub const CONTACT_SOURCE: FieldNumber = 111;
    pub const CONTACT_REFERRED_BY: FieldNumber = 112;
    pub const CONTACT_LANGUAGE: FieldNumber = 113;
    pub const CONTACT_TIMEZONE: FieldNumber = 114;
    pub const PREFERRED_CHANNEL: FieldNumber = 115;
    pub const CONSENT: FieldNumber = 116;
    pub const BIRTHDAY: FieldNumber = 119;
    pub const CONTACT_URL: FieldNumber = 120;
    pub const CONTACT_KEEP_IN_TOUCH: FieldNumber = 121;
    pub const CONVERTED_AT: FieldNumber = 122;

    pub const COMPANY_NAME: FieldNumber = 200;
    pub const PARENT: FieldNumber = 201;
    pub const INDUSTRY: FieldNumber = 202;
    pub const DOMAIN: FieldNumber = 206;
    pub const COMPANY_PHONE: FieldNumber = 207;
    pub const COMPANY_EMAIL: FieldNumber = 208;
    pub const COMPANY_ADDRESS: FieldNumber = 209;
    pub const COUNTRY: FieldNumber = 210;
    pub const COMPANY_LIFECYCLE: FieldNumber = 212;
    pub const COMPANY_KEEP_IN_TOUCH: FieldNumber = 215;

    pub const INTERACTION_AT: FieldNumber = 300;
    pub const CHANNEL: FieldNumber = 301;
    pub const DIRECTION: FieldNumber = 302;
    pub const INTERACTION_CONTACT: FieldNumber = 303;
    pub const INTERACTION_COMPANY: FieldNumber = 304;
    pub const INTERACTION_OPPORTUNITY: FieldNumber = 305;
    pub const INTERACTION_TICKET: FieldNumber = 306;
    pub const INTERACTION_SUBJECT: FieldNumber = 308;
    pub const INTERACTION_BODY: FieldNumber = 309;
    pub const MINUTES: FieldNumber = 310;
    pub const OUTCOME: FieldNumber = 311;
    pub const SENTIMENT: FieldNumber = 312;
    pub const PRIVATE: FieldNumber = 313;
    pub const MESSAGE_ID: FieldNumber = 314;
    pub const THREAD: FieldNumber = 315;
    pub const REPEAT: FieldNumber = 316;

    pub const OPPORTUNITY_NAME: FieldNumber = 400;
    pub const OPPORTUNITY_COMPANY: FieldNumber = 401;
    pub const OPPORTUNITY_CONTACT: FieldNumber = 402;
    pub const PIPELINE: FieldNumber = 403;
    pub const STAGE: FieldNumber = 404;
    pub const AMOUNT: FieldNumber = 405;
    pub const PROBABILITY: FieldNumber = 406;
    pub const FORECAST: FieldNumber = 407;
    pub const OPPORTUNITY_OPENED_AT: FieldNumber = 408;
    pub const EXPECTED_CLOSE: FieldNumber = 409;
    pub const OPPORTUNITY_CLOSED_AT: FieldNumber = 410;
    pub const OPPORTUNITY_SOURCE: FieldNumber = 411;
    pub const OPPORTUNITY_REFERRED_BY: FieldNumber = 413;
    pub const OPPORTUNITY_PRODUCT: FieldNumber = 414;
    pub const OPPORTUNITY_LINES: FieldNumber = 415;
    pub const NEXT_STEP: FieldNumber = 416;
    pub const NEXT_AT: FieldNumber = 417;
    pub const LOST_REASON: FieldNumber = 418;

    pub const TICKET_SUBJECT: FieldNumber = 500;
    pub const TICKET_BODY: FieldNumber = 501;
    pub const TICKET_CONTACT: FieldNumber = 502;
    pub const TICKET_COMPANY: FieldNumber = 503;
    pub const TICKET_CONTRACT: FieldNumber = 504;
    pub const STATUS: FieldNumber = 505;
    pub const PRIORITY: FieldNumber = 506;
    pub const TICKET_CATEGORY: FieldNumber = 507;
    pub const QUEUE: FieldNumber = 508;
    pub const SERVICE_LINE: FieldNumber = 509;
    pub const ASSIGNEE: FieldNumber = 510;
    pub const TICKET_CHANNEL: FieldNumber = 511;
    pub const TICKET_SLA: FieldNumber = 512;
    pub const TICKET_OPENED_AT: FieldNumber = 513;
    pub const FIRST_RESPONSE_AT: FieldNumber = 514;
    pub const SOLVED_AT: FieldNumber = 515;
    pub const TICKET_CLOSED_AT: FieldNumber = 516;
    pub const SATISFACTION: FieldNumber = 517;
    pub const EFFORT: FieldNumber = 518;
    pub const INCIDENT: FieldNumber = 519;
    pub const RECOMMENDS: FieldNumber = 520;

    pub const TICKET_ARTICLE: FieldNumber = 530;

    pub const TASK_TITLE: FieldNumber = 600;
    pub const DUE: FieldNumber = 601;
    pub const REMIND: FieldNumber = 602;
    pub const DONE_AT: FieldNumber = 603;
    pub const TASK_ASSIGNEE: FieldNumber = 604;
    pub const ABOUT: FieldNumber = 605;
    pub const TASK_PRIORITY: FieldNumber = 606;
    pub const TASK_REPEAT: FieldNumber = 607;

    pub const PRODUCT_NAME: FieldNumber = 700;
    pub const SKU: FieldNumber = 701;
    pub const PRICE: FieldNumber = 702;

    pub const ORDER_NUMBER: FieldNumber = 800;
    pub const ORDER_CONTACT: FieldNumber = 801;
    pub const ORDER_COMPANY: FieldNumber = 802;
    pub const ORDER_AT: FieldNumber = 803;
    pub const ORDER_STATUS: FieldNumber = 804;
    pub const ORDER_LINES: FieldNumber = 805;
    pub const ORDER_TOTAL: FieldNumber = 806;
    pub const DELIVERED_AT: FieldNumber = 808;
    pub const INVOICED_AT: FieldNumber = 811;
    pub const PAID_AT: FieldNumber = 813;

    pub const CONTRACT_NAME: FieldNumber = 900;
    pub const CONTRACT_COMPANY: FieldNumber = 901;
    pub const CONTRACT_CONTACT: FieldNumber = 902;
    pub const CONTRACT_PRODUCT: FieldNumber = 903;
    pub const CONTRACT_START: FieldNumber = 904;
    pub const CONTRACT_END: FieldNumber = 905;
    pub const CONTRACT_RENEWAL: FieldNumber = 906;
    pub const CONTRACT_NOTICE: FieldNumber = 907;
    pub const CONTRACT_SLA: FieldNumber = 910;
    pub const CONTRACT_STATUS: FieldNumber = 911;

    pub const EVENT_RECORD: FieldNumber = 1000;
    pub const EVENT_AT: FieldNumber = 1001;
    pub const EVENT_BY: FieldNumber = 1002;
    pub const EVENT_FIELD: FieldNumber = 1003;
    pub const EVENT_FROM: FieldNumber = 1004;
    pub const EVENT_TO: FieldNumber = 1005;

    pub const ARTICLE_TITLE: FieldNumber = 1500;
    pub const ARTICLE_BODY: FieldNumber = 1501;
    pub const ARTICLE_CATEGORY: FieldNumber = 1502;

    pub const LOGIN: FieldNumber = 1100;
    pub const USER_NAME: FieldNumber = 1101;
    pub const USER_EMAIL: FieldNumber = 1102;
    pub const USER_ROLE: FieldNumber = 1103;
    pub const USER_TERRITORY: FieldNumber = 1106;
    pub const USER_ACTIVE: FieldNumber = 1108;

    pub const TEAM_NAME: FieldNumber = 1200;
    pub const TEAM_LEAD: FieldNumber = 1201;
    pub const TEAM_QUEUE: FieldNumber = 1202;

    pub const DOCUMENT_NAME: FieldNumber = 1600;
    pub const MEDIA_TYPE: FieldNumber = 1601;
    pub const SIZE: FieldNumber = 1602;
    pub const HASH: FieldNumber = 1603;
    pub const DOCUMENT_ABOUT: FieldNumber = 1604;
    pub const DOCUMENT_AT: FieldNumber = 1605;

    pub const QUOTE_NUMBER: FieldNumber = 1700;
    pub const QUOTE_REVISION: FieldNumber = 1701;
    pub const QUOTE_OPPORTUNITY: FieldNumber = 1702;
    pub const QUOTE_COMPANY: FieldNumber = 1703;
    pub const QUOTE_CONTACT: FieldNumber = 1704;
    pub const QUOTE_AT: FieldNumber = 1705;
    pub const QUOTE_VALID_UNTIL: FieldNumber = 1706;
    pub const QUOTE_STATUS: FieldNumber = 1707;
    pub const QUOTE_LINES: FieldNumber = 1708;
    pub const QUOTE_NET: FieldNumber = 1709;
    pub const QUOTE_TOTAL: FieldNumber = 1710;
    pub const QUOTE_ANSWERED_AT: FieldNumber = 1711;
    pub const QUOTE_ORDER: FieldNumber = 1712;

    pub const DEFINITION_NAME: FieldNumber = 1800;
    pub const DEFINITION_TEXT: FieldNumber = 1801;

    pub const PROVENANCE_KEY: FieldNumber = 1900;
    pub const PROVENANCE_RECORD: FieldNumber = 1901;
    pub const PROVENANCE_VALUES: FieldNumber = 1902;
    pub const PROVENANCE_LINE: FieldNumber = 1903;
}

const COMMON: &[Field] = &[
    f(1, "created_at", Time, "when it began, by default when it was entered", "2026-01-31T09:00:00Z").aliases(&["created"]).indexed(),
    f(2, "external_id", ExternalId, "its id in another program, under that source", "hubspot:4711")
        .aliases(&["external", "ext_id"])
        .repeats()
        .indexed(),
    f(3, "owner", Link(&[Kind::User]), "who is responsible for it", "Ada Novák").indexed().tracked(),
    f(4, "team", Link(&[Kind::Team]), "the team responsible for it", "Field sales").indexed(),
    f(5, "tags", Tag, "words to group by", "vip").aliases(&["tag", "labels"]).repeats().indexed().searched(),
    f(6, "notes", LongText, "anything worth knowing", "Prefers mornings").aliases(&["note", "description", "comments"]).searched(),
    f(7, "trashed_at", Time, "when it was put into the trash", "2026-01-31T09:00:00Z").aliases(&["trashed"]).system(),
    f(8, "linked", Link(&[]), "records tied to it by hand", "o12").repeats().indexed(),
    f(9, "custom", Text, "custom fields, under their names", "").system(),
    f(10, "merged_into", Link(&[]), "the record that it is a part of since they were merged", "c4").system(),
    f(11, "merged_from", Link(&[]), "records that were merged into it", "c9").repeats().system(),
    f(12, "distinct_from", Link(&[]), "records that are no duplicates of it, as somebody said", "c5").repeats().system(),
];

const CONTACT: &[Field] = &[
    f(100, "name", Name, "the whole name", "Ada Novák").aliases(&["full_name", "fn"]).indexed().searched(),
    f(101, "given", Name, "first name", "Ada").aliases(&["given_name", "first_name", "first", "firstname"]),
    f(102, "family", Name, "last name", "Novák").aliases(&["family_name", "last_name", "last", "lastname", "surname"]).indexed(),
    f(103, "prefix", Text, "before the name", "Ing.").aliases(&["salutation"]),
    f(104, "suffix", Text, "behind the name", "Ph.D."),
    f(105, "nickname", Text, "what friends say", "Adka").aliases(&["nick"]).searched(),
    f(106, "email", Email, "e-mail addresses", "ada@example.com")
        .aliases(&["mail", "e_mail", "email_address"])
        .labels()
        .indexed()
        .searched(),
    f(107, "phone", Phone, "phone numbers", "+420 601 123 456")
        .aliases(&["tel", "telephone", "phone_number", "mobile"])
        .labels()
        .indexed()
        .searched(),
    f(108, "address", Address, "postal addresses", "home.city=Brno").labels(),
    f(109, "jobs", Job, "jobs: company, title, role, from, to", "company=Acme").aliases(&["job"]).repeats().indexed().searched(),
    f(110, "lifecycle", Choice(List::Lifecycle), "how far the relation has come", "customer").aliases(&["lifecycle_stage"]).indexed(),
    f(111, "source", OpenChoice(List::Source), "where the contact came from", "web").aliases(&["lead_source"]).indexed(),
    f(112, "referred_by", Link(&[Kind::Contact, Kind::Company]), "who brought the contact", "c4").indexed(),
    f(113, "language", Language, "language to write in", "cs").aliases(&["lang"]),
    f(114, "timezone", Zone, "where it is what time", "Europe/Prague").aliases(&["tz", "time_zone"]),
    f(115, "preferred_channel", Choice(List::Channel), "how the contact wants to be reached", "email"),
    f(116, "consent", Consent, "may be written to, per channel: yes, no, unknown", "email=yes").labels(),
    f(117, "needs", LongText, "what the contact needs", "A quiet printer").searched(),
    f(118, "preferences", LongText, "what the contact likes", "Invoices in English").searched(),
    f(119, "birthday", Date, "day of birth, also without year", "--05-17").aliases(&["bday", "birth_date", "birthdate"]),
    f(120, "url", Url, "web pages", "https://example.com").aliases(&["website", "web", "homepage"]).labels(),
    f(121, "keep_in_touch", Span, "how often to be in touch", "3m").aliases(&["cadence"]).indexed(),
    f(122, "converted_at", Time, "when the lead became more than that", "2026-02-03").aliases(&["converted"]).indexed(),
];

const COMPANY: &[Field] = &[
    f(200, "name", Name, "the firm's name", "Acme").aliases(&["company_name", "company", "account"]).indexed().searched(),
    f(201, "parent", Link(&[Kind::Company]), "the company it belongs to", "Acme Holding")
        .aliases(&["subsidiary_of", "parent_company"])
        .indexed(),
    f(202, "industry", OpenChoice(List::Industry), "what it lives from", "retail").aliases(&["sector"]).indexed(),
    f(203, "employees", Int, "how many people", "250").aliases(&["size", "number_of_employees"]),
    f(204, "revenue", Money, "revenue a year", "1200000 EUR").aliases(&["annual_revenue"]),
    f(205, "founded", Date, "when it began", "1996").aliases(&["year_established"]),
    f(206, "domain", Domain, "Internet domains", "acme.example")
        .aliases(&["domains", "company_domain_name"])
        .repeats()
        .indexed()
        .searched(),
    f(207, "phone", Phone, "phone numbers", "+420 222 333 444")
        .aliases(&["tel", "telephone", "phone_number"])
        .labels()
        .indexed()
        .searched(),
    f(208, "email", Email, "e-mail addresses", "office@acme.example").aliases(&["mail", "e_mail"]).labels().indexed().searched(),
    f(209, "address", Address, "postal addresses", "office.city=Brno").labels(),
    f(210, "country", Text, "country of the seat", "Czechia").aliases(&["office_location"]).indexed(),
    f(211, "roles", Choice(List::CompanyRole), "what it is to us", "customer").aliases(&["role"]).repeats().indexed(),
    f(212, "lifecycle", Choice(List::Lifecycle), "how far the relation has come", "customer").aliases(&["lifecycle_stage"]).indexed(),
    f(213, "referred_by", Link(&[Kind::Contact, Kind::Company]), "who brought it", "a4").indexed(),
    f(214, "url", Url, "web pages", "https://acme.example").aliases(&["website", "web", "website_url"]).labels(),
    f(215, "keep_in_touch", Span, "how often to be in touch", "3m").aliases(&["cadence"]).indexed(),
];

const INTERACTION: &[Field] = &[
    f(300, "at", Time, "when it happened", "2026-01-31T09:00:00Z").aliases(&["date", "when"]).indexed(),
    f(301, "channel", Choice(List::Channel), "call, email, meeting, visit, chat, …", "call").aliases(&["type"]).indexed(),
    f(302, "direction", Choice(List::Direction), "who began: in or out", "out"),
    f(303, "contact", Link(&[Kind::Contact]), "with whom", "Ada Novák").aliases(&["contacts", "who"]).repeats().indexed().searched(),
    f(304, "company", Link(&[Kind::Company]), "with which company", "Acme").aliases(&["account", "org"]).indexed().searched(),
    f(305, "opportunity", Link(&[Kind::Opportunity]), "about which opportunity", "o12").aliases(&["deal"]).indexed(),
    f(306, "ticket", Link(&[Kind::Ticket]), "about which ticket", "t204").indexed(),
    f(307, "campaign", Link(&[Kind::Campaign]), "from which campaign", "m1").indexed(),
    f(308, "subject", Text, "what it was about", "Renewal").aliases(&["title"]).searched(),
    f(309, "body", LongText, "what was said, done and agreed", "Agreed on 3 years").aliases(&["text"]).searched(),
    f(310, "minutes", Int, "how long, in minutes", "15").aliases(&["duration"]),
    f(311, "outcome", OpenChoice(List::Outcome), "what it led to", "agreed").indexed(),
    f(312, "sentiment", Choice(List::Sentiment), "positive, neutral, negative", "positive"),
    f(313, "private", Flag, "an internal note", "yes"),
    f(314, "message_id", Text, "Message-ID of a mail", "<1@example.com>").indexed(),
    f(315, "thread", Text, "the thread it belongs to", "<1@example.com>").indexed(),
    f(316, "repeat", Repeat, "how it recurs, in words or as in RFC 5545", "every monday").aliases(&["recurrence"]).indexed(),
];

const OPPORTUNITY: &[Field] = &[
    f(400, "name", Name, "what it is called", "Acme, 40 seats").aliases(&["deal", "deal_name", "title"]).indexed().searched(),
    f(401, "company", Link(&[Kind::Company]), "who would buy", "Acme").aliases(&["account", "org", "organization"]).indexed().searched(),
    f(402, "contact", Link(&[Kind::Contact]), "who decides", "Ada Novák").aliases(&["contacts", "contact_person"]).repeats().indexed(),
    f(403, "pipeline", Choice(List::Pipeline), "in which pipeline", "sales").indexed(),
    f(404, "stage", Choice(List::Stage), "at which stage", "proposal").aliases(&["deal_stage"]).indexed().tracked(),
    f(405, "amount", Money, "what it is worth", "12000 EUR").aliases(&["value", "deal_value"]),
    f(406, "probability", Percent, "chance in per cent, else the stage's", "60").aliases(&["chance"]),
    f(407, "category", Choice(List::Forecast), "forecast: commit, best, pipeline, omitted", "commit")
        .aliases(&["forecast_category"])
        .indexed(),
    f(408, "opened_at", Time, "when it began", "2026-01-31").aliases(&["opened", "open_date"]),
    f(409, "expected_close", Date, "when it should close", "2026-03-31").aliases(&["close", "close_date"]).indexed().ahead(),
    f(410, "closed_at", Time, "when it was won or lost", "2026-03-30").aliases(&["closed"]).indexed(),
    f(411, "source", OpenChoice(List::Source), "where it came from", "web").aliases(&["lead_source"]).indexed(),
    f(412, "partner", Link(&[Kind::Company]), "the partner who shares it", "Beta Partners").indexed(),
    f(413, "referred_by", Link(&[Kind::Contact, Kind::Company]), "who brought it", "c4").indexed(),
    f(414, "product", Link(&[Kind::Product]), "what would be sold", "GTX Pro").aliases(&["products"]).repeats().indexed(),
    f(415, "lines", Line, "what exactly, with quantity and price", "1.quantity=3").repeats(),
    f(416, "next_step", Text, "what comes next", "Send the quote").aliases(&["next"]).searched(),
    f(417, "next_at", Date, "when it comes", "2026-02-03").aliases(&["next_date"]).indexed().ahead(),
    f(418, "lost_reason", OpenChoice(List::LostReason), "why it was lost", "price").aliases(&["reason"]).indexed(),
];

const TICKET: &[Field] = &[
    f(500, "subject", Text, "what it is about", "Printer is loud").aliases(&["title", "name"]).indexed().searched(),
    f(501, "body", LongText, "the whole request", "Since Monday …").aliases(&["text"]).searched(),
    f(502, "contact", Link(&[Kind::Contact]), "who asked", "Ada Novák").aliases(&["requester"]).indexed().searched(),
    f(503, "company", Link(&[Kind::Company]), "for which company", "Acme")
        .aliases(&["account", "org", "organization"])
        .indexed()
        .searched(),
    f(504, "contract", Link(&[Kind::Contract]), "under which contract", "g3").indexed(),
    f(505, "status", Choice(List::Status), "new, open, pending, hold, solved, closed", "open").aliases(&["state"]).indexed().tracked(),
    f(506, "priority", Choice(List::Priority), "urgent, high, normal, low", "high").indexed().tracked(),
    f(507, "category", OpenChoice(List::TicketCategory), "what sort of request", "hardware").indexed(),
    f(508, "queue", OpenChoice(List::Queue), "whose queue", "support").indexed().tracked(),
    f(509, "line", Choice(List::ServiceLine), "first or second line", "first").indexed().tracked(),
    f(510, "assignee", Link(&[Kind::User]), "who works on it", "Ben").aliases(&["assigned_to"]).indexed().tracked(),
    f(511, "channel", Choice(List::Channel), "how it came", "email").aliases(&["via"]).indexed(),
    f(512, "sla", Text, "the service policy that applies", "gold"),
    f(513, "opened_at", Time, "when it was opened", "2026-01-31T09:00:00Z").aliases(&["opened"]).indexed(),
    f(514, "first_response_at", Time, "first public answer", "2026-01-31T09:20:00Z"),
    f(515, "solved_at", Time, "when it was solved", "2026-02-01T10:00:00Z").aliases(&["resolved_at", "solved"]),
    f(516, "closed_at", Time, "when it was closed", "2026-02-04T10:00:00Z").aliases(&["closed"]),
    f(517, "satisfaction", Int, "1 to 5, said by the customer", "4").aliases(&["csat"]).between(1, 5),
    f(518, "effort", Int, "1 to 7, said by the customer", "2").aliases(&["ces"]).between(1, 7),
    f(519, "incident", Link(&[Kind::Ticket]), "the outage it belongs to", "t1").indexed(),
    f(520, "nps", Int, "0 to 10, whether the customer would recommend us", "9").aliases(&["recommends"]).between(0, 10),
    f(530, "article", Link(&[Kind::Article]), "what it was answered with", "n3").aliases(&["articles"]).repeats().indexed(),
];

const TASK: &[Field] = &[
    f(600, "title", Text, "what to do", "Call back").aliases(&["name", "subject"]).indexed().searched(),
    f(601, "due", Time, "by when", "2026-02-03T10:00").aliases(&["due_date", "due_at"]).indexed().ahead(),
    f(602, "remind", Time, "when to remind", "2026-02-03T09:45").aliases(&["remind_at"]).indexed().ahead(),
    f(603, "done_at", Time, "when it was done", "2026-02-03T10:05").aliases(&["done"]),
    f(604, "assignee", Link(&[Kind::User]), "who does it", "Ben").aliases(&["assigned_to"]).indexed().tracked(),
    f(605, "about", Link(&[]), "what it concerns", "c17").repeats().indexed(),
    f(606, "priority", Choice(List::Priority), "urgent, high, normal, low", "normal").indexed().tracked(),
    f(607, "repeat", Repeat, "how it recurs, in words or as in RFC 5545", "every 2 weeks").aliases(&["recurrence"]),
];

const PRODUCT: &[Field] = &[
    f(700, "name", Name, "what it is called", "GTX Pro").aliases(&["product", "product_name"]).indexed().searched(),
    f(701, "sku", Text, "stock-keeping unit", "GTX-PRO").aliases(&["code"]).indexed().searched(),
    f(702, "price", Money, "price of one", "4821 USD").aliases(&["sales_price", "unit_price"]),
    f(703, "series", OpenChoice(List::Series), "the series it belongs to", "GTX").indexed(),
    f(704, "active", Flag, "whether it is sold", "yes"),
    f(705, "stock", Number, "how many there are", "12"),
    f(706, "available_from", Date, "from when it is sold", "2026-03-01"),
];

const ORDER: &[Field] = &[
    f(800, "number", Text, "the order's number", "2026-0017").aliases(&["order_number"]).indexed().searched(),
    f(801, "contact", Link(&[Kind::Contact]), "who ordered", "Ada Novák").aliases(&["customer"]).indexed().searched(),
    f(802, "company", Link(&[Kind::Company]), "for which company", "Acme").aliases(&["account", "org"]).indexed().searched(),
    f(803, "at", Time, "when it was ordered", "2026-01-31").aliases(&["date", "ordered_at"]).indexed(),
    f(804, "status", OpenChoice(List::OrderStatus), "its state", "shipped").indexed().tracked(),
    f(805, "lines", Line, "what was ordered", "1.quantity=3").repeats(),
    f(806, "total", Money, "what it costs", "14463 USD").aliases(&["amount"]),
    f(807, "deliver_by", Date, "promised delivery", "2026-02-10").ahead(),
    f(808, "delivered_at", Time, "when it arrived", "2026-02-09"),
    f(809, "delivery_status", OpenChoice(List::DeliveryStatus), "state of the delivery", "delivered"),
    f(810, "invoice", Text, "number of the invoice", "F2026-17").indexed(),
    f(811, "invoiced_at", Time, "when it was invoiced", "2026-02-10"),
    f(812, "due", Date, "when payment is due", "2026-03-10").ahead(),
    f(813, "paid_at", Time, "when it was paid", "2026-03-02"),
    f(814, "paid", Money, "what was paid", "14463 USD"),
];

const CONTRACT: &[Field] = &[
    f(900, "name", Name, "what it is called", "Service 2026").aliases(&["title"]).indexed().searched(),
    f(901, "company", Link(&[Kind::Company]), "with which company", "Acme").aliases(&["account", "org"]).indexed().searched(),
    f(902, "contact", Link(&[Kind::Contact]), "with whom", "Ada Novák").indexed(),
    f(903, "product", Link(&[Kind::Product]), "what it entitles to", "GTX Pro").aliases(&["products"]).repeats().indexed(),
    f(904, "start", Date, "from when", "2026-01-01").indexed(),
    f(905, "end", Date, "until when", "2026-12-31").indexed().ahead(),
    f(906, "renewal", Span, "by how much it renews itself", "1y"),
    f(907, "notice", Span, "how long before its end it must be ended", "3m"),
    f(908, "amount", Money, "price of a period", "900 EUR"),
    f(909, "period", Choice(List::Period), "once, month, quarter, year", "year"),
    f(910, "sla", Text, "the service level it grants", "gold"),
    f(911, "status", OpenChoice(List::ContractStatus), "its state", "active").indexed().tracked(),
];

const EVENT: &[Field] = &[
    f(1000, "record", Link(&[]), "what changed", "o12").indexed(),
    f(1001, "at", Time, "when", "2026-01-31T09:00:00Z").indexed(),
    f(1002, "by", Text, "who changed it", "ada"),
    f(1003, "field", Text, "which field", "stage").indexed(),
    f(1004, "from", Text, "its value before", "lead"),
    f(1005, "to", Text, "its value after", "proposal"),
];

const USER: &[Field] = &[
    f(1100, "login", Text, "the name of the operating-system user; may be none", "ada").indexed(),
    f(1101, "name", Name, "the whole name", "Ada Novák").aliases(&["sales_agent", "full_name"]).indexed().searched(),
    f(1102, "email", Email, "the team's own addresses", "ada@example.com").aliases(&["mail"]).repeats().indexed().searched(),
    f(1103, "role", Choice(List::UserRole), "owner, agent, viewer", "agent"),
    f(1105, "manager", Link(&[Kind::User]), "who leads this person", "Eva").indexed(),
    f(1106, "territory", Text, "where this person sells", "West").aliases(&["region", "regional_office"]),
    f(1107, "capacity", Int, "how many open tickets at once", "20"),
    f(1108, "active", Flag, "whether this person works here", "yes"),
];

const TEAM: &[Field] = &[
    f(1200, "name", Name, "what it is called", "Field sales").indexed().searched(),
    f(1201, "lead", Link(&[Kind::User]), "who leads it", "Eva").indexed(),
    f(1202, "queue", OpenChoice(List::Queue), "its queues", "support").repeats(),
];

const ARTICLE: &[Field] = &[
    f(1500, "title", Text, "what it answers", "Replace the toner").aliases(&["name", "subject"]).indexed().searched(),
    f(1501, "body", LongText, "the answer", "Open the left flap …").aliases(&["text"]).searched(),
    f(1502, "category", OpenChoice(List::TicketCategory), "what sort of request it answers", "question").indexed(),
    f(1503, "language", Language, "in which language it is written", "en").aliases(&["lang"]),
    f(1504, "url", Url, "where customers can read it", "https://help.example.com/toner").aliases(&["link"]),
    f(1505, "product", Link(&[Kind::Product]), "what it is about", "GTX Pro").aliases(&["products"]).repeats().indexed(),
];

const DOCUMENT: &[Field] = &[
    f(1600, "name", FileName, "what the file is called", "quote-2026.pdf").aliases(&["file", "filename", "title"]).indexed().searched(),
    f(1601, "media_type", Text, "what is in it (RFC 6838)", "application/pdf").aliases(&["type", "mime", "content_type"]).indexed(),
    f(1602, "size", Int, "how long it is, in bytes", "48213"),
    f(
        1603,
        "hash",
        Hash,
        "the SHA-256 of its content, under which that is kept",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
    .aliases(&["sha256"])
    .indexed(),
    f(1604, "about", Link(&[]), "what it belongs to", "c17").repeats().indexed(),
    f(1605, "at", Time, "when it came", "2026-01-31T09:00:00Z").aliases(&["date"]).indexed(),
];

const QUOTE: &[Field] = &[
    f(1700, "number", Text, "the quote's number", "Q-2026-0017").aliases(&["quote_number"]).indexed().searched(),
    f(1701, "revision", Int, "which version of it, from 1", "2"),
    f(1702, "opportunity", Link(&[Kind::Opportunity]), "for which opportunity", "o12").aliases(&["deal"]).indexed(),
    f(1703, "company", Link(&[Kind::Company]), "for which company", "Acme").aliases(&["account", "org"]).indexed().searched(),
    f(1704, "contact", Link(&[Kind::Contact]), "for whom", "Ada Novák").aliases(&["customer"]).indexed().searched(),
    f(1705, "at", Time, "when it was made", "2026-01-31").aliases(&["date"]).indexed(),
    f(1706, "valid_until", Date, "until when it holds", "2026-02-28").aliases(&["valid"]),
    f(1707, "status", Choice(List::QuoteStatus), "open, accepted, declined, replaced by a later version", "open").indexed().tracked(),
    f(1708, "lines", Line, "what is offered, with quantity and price", "1.quantity=3").repeats(),
    f(1709, "net", Money, "what it costs without tax", "12000 EUR"),
    f(1710, "total", Money, "what it costs with tax", "14520 EUR").aliases(&["amount"]),
    f(1711, "answered_at", Time, "when it was accepted or declined", "2026-02-03"),
    f(1712, "order", Link(&[Kind::Order]), "the order that it became", "b7").indexed(),
];

const DEFINITION: &[Field] = &[f(1800, "name", Text, "which definition", "pipelines").indexed(), f(1801, "text", LongText, "its TOML", "")];

const PROVENANCE: &[Field] = &[
    f(1900, "key", Text, "source, kind and row identity", "hq/opportunity/id:1C1I7A6R").indexed(),
    f(1901, "record", Link(&[]), "the record made of the row", "o12").indexed(),
    f(1902, "values", Text, "what the source gave last time, per field", "").repeats(),
    f(1903, "line", Int, "on which line of the file the row began that gave it", "17"),
];

/// Returns the fields of a kind that are its own, in display order.
pub fn own_fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Contact => CONTACT,
        Kind::Company => COMPANY,
        Kind::Interaction => INTERACTION,
        Kind::Opportunity => OPPORTUNITY,
        Kind::Ticket => TICKET,
        Kind::Task => TASK,
        Kind::Product => PRODUCT,
        Kind::Order => ORDER,
        Kind::Contract => CONTRACT,
        Kind::Event => EVENT,
        Kind::User => USER,
        Kind::Team => TEAM,
        Kind::Definition => DEFINITION,
        Kind::Provenance => PROVENANCE,
        Kind::Document => DOCUMENT,
        Kind::Quote => QUOTE,
        Kind::Article => ARTICLE,
        Kind::Campaign | Kind::Segment => &[],
    }
}

/// Returns all stored fields of a kind: its own, then those that every kind has.
pub fn fields(kind: Kind) -> impl Iterator<Item = &'static Field> + Clone {
    own_fields(kind).iter().chain(COMMON)
}

/// Returns the field of this name or alias. A name counts before an alias, and a
/// kind's own fields before the common ones.
pub fn field(kind: Kind, name: &str) -> Option<&'static Field> {
    fields(kind).find(|field| field.name.eq_ignore_ascii_case(name)).or_else(|| fields(kind).find(|field| field.is_called(name)))
}

/// Returns the field with this number.
pub fn field_by_number(kind: Kind, number: FieldNumber) -> Option<&'static Field> {
    fields(kind).find(|field| field.number == number)
}

/// Returns the field by which records of a kind are named on screen.
pub fn title_field(kind: Kind) -> Option<&'static Field> {
    own_fields(kind).first()
}

/// Returns the columns that a list of a kind shows unless others are asked for.
pub fn default_columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Contact => &["id", "name", "company", "email", "phone", "last.at"],
        Kind::Company => &["id", "name", "industry", "domain", "phone", "opportunities.open"],
        Kind::Interaction => &["id", "at", "channel", "direction", "contact", "company", "subject"],
        Kind::Opportunity => &["id", "name", "company", "stage", "amount", "expected_close", "owner"],
        Kind::Ticket => &["id", "subject", "contact", "status", "priority", "assignee", "opened_at"],
        Kind::Task => &["id", "title", "due", "assignee", "priority", "done_at"],
        Kind::Product => &["id", "name", "sku", "series", "price"],
        Kind::Order => &["id", "number", "company", "at", "status", "total"],
        Kind::Contract => &["id", "name", "company", "start", "end", "amount", "status"],
        Kind::Event => &["id", "at", "record", "field", "from", "to", "by"],
        Kind::User => &["id", "name", "login", "email", "role", "team", "manager"],
        Kind::Team => &["id", "name", "lead", "queue"],
        Kind::Document => &["id", "name", "media_type", "size", "about", "at"],
        Kind::Quote => &["id", "number", "revision", "company", "status", "total", "valid_until"],
        Kind::Definition | Kind::Provenance | Kind::Campaign | Kind::Segment => &["id"],
        Kind::Article => &["id", "title", "category", "tags"],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::domain::KINDS;

    #[test]
    fn numbers_and_names_are_unique() {
        let mut numbers = HashMap::new();
        for info in KINDS {
            for field in own_fields(info.kind) {
                assert_eq!(numbers.insert(field.number, field.name), None, "number {} twice", field.number);
            }
            let mut names = HashMap::new();
            for field in fields(info.kind) {
                assert_eq!(names.insert(field.name, field.number), None, "{} {} twice", info.name, field.name);
            }
        }
    }

    #[test]
    fn default_columns_are_fields() {
        let definitions = crate::domain::Definitions::default();
        for info in KINDS {
            for column in default_columns(info.kind) {
                assert!(crate::domain::FieldRef::resolve(info.kind, column, &definitions).is_ok(), "{} {column}", info.name);
            }
        }
    }

    #[test]
    fn named_numbers_stand_in_the_table() {
        assert_eq!(field(Kind::Contact, "mail").map(|f| f.number), Some(number::CONTACT_EMAIL));
        assert_eq!(field(Kind::Opportunity, "Close").map(|f| f.number), Some(number::EXPECTED_CLOSE));
        assert_eq!(field(Kind::Ticket, "assignee").map(|f| f.number), Some(number::ASSIGNEE));
        assert_eq!(field(Kind::Event, "to").map(|f| f.number), Some(number::EVENT_TO));
        assert_eq!(field(Kind::Task, "about").map(|f| f.number), Some(number::ABOUT));
    }
}
