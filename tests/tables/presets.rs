//! What other programs export is known by its headers and taken whole, and twice makes
//! nothing new.

use std::fmt::Write;
use std::path::Path;

use rolo::domain::Kind;

use crate::common::{Folder, all, counts, data, run, store, text};

/// A file of one program: its preset, kind, text, what it holds, and of its first record
/// what stands in which field.
struct Export {
    preset: &'static str,
    kind: Kind,
    text: String,
    rows: u64,
    facts: &'static [(&'static str, &'static str)],
}

/// Returns a table of which only some columns hold something: header, then rows of
/// `(column, value)`.
fn table(header: &str, rows: &[&[(&str, &str)]]) -> String {
    let names: Vec<&str> = header.split(',').collect();
    let mut text = format!("{header}\n");
    for row in rows {
        let cells: Vec<String> = names
            .iter()
            .map(|name| {
                let value = row.iter().find(|(column, _)| column == name).map_or("", |(_, value)| value);
                if value.contains([',', '"', '\n']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
            })
            .collect();
        for (column, _) in *row {
            assert!(names.contains(column), "{column} is no column");
        }
        writeln!(text, "{}", cells.join(",")).unwrap();
    }
    text
}

const GOOGLE: &str = "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Phone 3 - Label,Phone 3 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,Address 2 - Label,Address 2 - Formatted,Address 2 - Street,Address 2 - City,Address 2 - PO Box,Address 2 - Region,Address 2 - Postal Code,Address 2 - Country,Address 2 - Extended Address,Website 1 - Label,Website 1 - Value,Event 1 - Label,Event 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value";
const GOOGLE_LEGACY: &str = "Name,Given Name,Additional Name,Family Name,Yomi Name,Given Name Yomi,Additional Name Yomi,Family Name Yomi,Name Prefix,Name Suffix,Initials,Nickname,Short Name,Maiden Name,Birthday,Gender,Location,Billing Information,Directory Server,Mileage,Occupation,Hobby,Sensitivity,Priority,Subject,Notes,Language,Photo,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Address 1 - Type,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,Organization 1 - Type,Organization 1 - Name,Organization 1 - Yomi Name,Organization 1 - Title,Organization 1 - Department,Organization 1 - Symbol,Organization 1 - Location,Organization 1 - Job Description,Organization 2 - Type,Organization 2 - Name,Organization 2 - Yomi Name,Organization 2 - Title";
const OUTLOOK_WEB: &str = "First Name,Middle Name,Last Name,Title,Suffix,Nickname,Given Yomi,Surname Yomi,E-mail Address,E-mail 2 Address,E-mail 3 Address,Home Phone,Home Phone 2,Business Phone,Business Phone 2,Mobile Phone,Car Phone,Other Phone,Primary Phone,Pager,Business Fax,Home Fax,Other Fax,Company Main Phone,Callback,Radio Phone,Telex,TTY/TDD Phone,IMAddress,Job Title,Department,Company,Office Location,Manager's Name,Assistant's Name,Assistant's Phone,Company Yomi,Business Street,Business City,Business State,Business Postal Code,Business Country/Region,Home Street,Home City,Home State,Home Postal Code,Home Country/Region,Other Street,Other City,Other State,Other Postal Code,Other Country/Region,Personal Web Page,Spouse,Schools,Hobby,Location,Web Page,Birthday,Anniversary,Notes";
const OUTLOOK_GOOGLE: &str = "First Name,Middle Name,Last Name,Title,Suffix,Web Page,Birthday,Anniversary,Notes,E-mail Address,E-mail 2 Address,E-mail 3 Address,Primary Phone,Home Phone,Home Phone 2,Mobile Phone,Pager,Home Fax,Home Address,Home Street,Home Street 2,Home Street 3,Home Address PO Box,Home City,Home State,Home Postal Code,Home Country,Spouse,Children,Manager's Name,Assistant's Name,Referred By,Company Main Phone,Business Phone,Business Phone 2,Business Fax,Assistant's Phone,Company,Job Title,Department,Business Address,Business Street,Business Street 2,Business Street 3,Business Address PO Box,Business City,Business State,Business Postal Code,Business Country,Other Phone,Other Fax,Other Address,Other Street,Other Street 2,Other Street 3,Other Address PO Box,Other City,Other State,Other Postal Code,Other Country,Callback,Car Phone,ISDN,Radio Phone,TTY/TDD Phone,Telex,Categories";
const HUBSPOT_CONTACTS: &str = "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Job Title,Company Name,Contact owner,Lifecycle Stage,Lead Status,Create Date,Last Activity Date,Associated Company,Associated Company IDs,City,State/Region,Postal Code,Country/Region,Original Source";
const HUBSPOT_COMPANIES: &str = "Record ID,Company name,Company Domain Name,Website URL,Company owner,Industry,Number of Employees,City,Country/Region,Create Date,Last Activity Date";
const HUBSPOT_DEALS: &str = "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Deal owner,Associated Company,Associated Company IDs,Associated Contact,Associated Contact IDs,Last Activity Date,Date entered current stage";
const HUBSPOT_TICKETS: &str =
    "Ticket ID,Ticket name,Pipeline,Ticket status,Priority,Create date,Ticket owner,Associated Contact,Associated Contact IDs";
const SALESFORCE_CONTACTS: &str = "Id,IsDeleted,MasterRecordId,AccountId,LastName,FirstName,Salutation,RecordTypeId,OtherStreet,OtherCity,OtherState,OtherPostalCode,OtherCountry,OtherLatitude,OtherLongitude,OtherGeocodeAccuracy,MailingStreet,MailingCity,MailingState,MailingPostalCode,MailingCountry,MailingLatitude,MailingLongitude,MailingGeocodeAccuracy,Phone,Fax,MobilePhone,HomePhone,OtherPhone,AssistantPhone,ReportsToId,Email,Title,Department,AssistantName,LeadSource,Birthdate,Description,OwnerId,HasOptedOutOfEmail,HasOptedOutOfFax,DoNotCall,CreatedDate,CreatedById,LastModifiedDate,LastModifiedById,SystemModstamp,LastActivityDate,LastCURequestDate,LastCUUpdateDate,EmailBouncedReason,EmailBouncedDate,Jigsaw,JigsawContactId";
const SALESFORCE_ACCOUNTS: &str = "Id,IsDeleted,MasterRecordId,Name,Type,ParentId,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry,BillingLatitude,BillingLongitude,BillingGeocodeAccuracy,ShippingStreet,ShippingCity,Phone,Fax,AccountNumber,Website,Sic,Industry,AnnualRevenue,NumberOfEmployees,Ownership,TickerSymbol,Description,Rating,Site,OwnerId,CreatedDate";
const SALESFORCE_OPPORTUNITIES: &str = "Id,IsDeleted,AccountId,IsPrivate,Name,Description,StageName,Amount,Probability,ExpectedRevenue,TotalOpportunityQuantity,Type,CloseDate,NextStep,LeadSource,IsClosed,IsWon,ForecastCategory,ForecastCategoryName,CampaignId,HasOpportunityLineItem,Pricebook2Id,OwnerId,CreatedById,LastActivityDate,ContactId";
const SALESFORCE_REPORT: &str = "Salutation,First Name,Last Name,Title,Department,Birthdate,Lead Source,Assistant,Asst. Phone,Mailing Street,Mailing City,Mailing State,Mailing Zip/Postal Code,Mailing Country,Other Street,Phone,Mobile,Home Phone,Other Phone,Fax,Email,Email Opt Out,Do Not Call,Account Name,Description";
const SALESFORCE_LEADS: &str = "Id,LastName,FirstName,Salutation,Title,Company,Street,City,State,PostalCode,Country,Phone,MobilePhone,Email,Website,LeadSource,Status,Industry,Rating,OwnerId,IsConverted,CreatedDate";
const PIPEDRIVE_PEOPLE: &str = "Person - ID,Person - Name,Person - First name,Person - Last name,Person - Phone,Person - Email (Work),Person - Email (Home),Person - Label,Person - Owner,Person - Creation date,Organization - Name,Person - Visible to";
const PIPEDRIVE_ORGANIZATIONS: &str = "Organization - ID,Organization - Name,Organization - Labels,Organization - Address,Organization - Street/road name of Address,Organization - City/town/village/locality of Address,Organization - ZIP/Postal code of Address,Organization - Country of Address,Organization - Owner,Organization - Creation date";
const PIPEDRIVE_DEALS: &str = "Deal - Pipedrive System ID,Deal - Title,Deal - Value,Deal - Currency of value,Deal - Organization,Deal - Contact person,Deal - Owner,Deal - Pipeline,Deal - Stage,Deal - Status,Deal - Expected close date,Deal - Creation date,Deal - Won time,Deal - Lost time,Deal - Lost reason,Deal - Probability,Deal - Label,Deal - Visible to";
const ZENDESK: &str = "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,Submitter,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,Assigned at,Organization,Due date,Initially assigned at,Solved at,Resolution time,Satisfaction Score,Group stations,Assignee stations,Reopens,Replies,First reply time in minutes";
const LINKEDIN: &str = "First Name,Last Name,URL,Email Address,Company,Position,Connected On";

fn exports() -> Vec<Export> {
    vec![
        Export {
            preset: "google-contacts",
            kind: Kind::Contact,
            text: table(
                GOOGLE,
                &[
                    &[
                        ("First Name", "Ada"),
                        ("Middle Name", "Marie"),
                        ("Last Name", "Novák"),
                        ("Name Prefix", "Ing."),
                        ("Organization Name", "Acme, s.r.o."),
                        ("Organization Title", "CEO"),
                        ("Birthday", "1980-05-17"),
                        ("Labels", "* myContacts ::: Navy"),
                        ("E-mail 1 - Label", "* Work"),
                        ("E-mail 1 - Value", "ada@acme.cz ::: a.novak@acme.cz"),
                        ("E-mail 2 - Label", "Home"),
                        ("E-mail 2 - Value", "ada@doma.cz"),
                        ("Phone 1 - Label", "Mobile"),
                        ("Phone 1 - Value", "+420 601 123 456"),
                        ("Phone 3 - Label", "Work"),
                        ("Phone 3 - Value", "+420 222 333 444"),
                        ("Address 1 - Label", "Work"),
                        ("Address 1 - Formatted", "Hlavní 1\nPraha"),
                        ("Address 1 - Street", "Hlavní 1"),
                        ("Address 1 - City", "Praha"),
                        ("Address 1 - Country", "CZ"),
                        ("Address 2 - Label", "Work"),
                        ("Address 2 - Street", "Boční 2"),
                        ("Address 2 - City", "Brno"),
                        ("Website 1 - Label", "Blog"),
                        ("Website 1 - Value", "https://ada.example"),
                    ],
                    &[("First Name", "Bo"), ("Last Name", "Li"), ("Phone 1 - Value", "+8613912345678")],
                    &[("Organization Name", "Only a firm"), ("E-mail 1 - Value", "info@firm.example")],
                ],
            ),
            rows: 3,
            facts: &[
                ("name", "Ada Marie Novák"),
                ("given", "Ada Marie"),
                ("email", "ada@acme.cz; a.novak@acme.cz; ada@doma.cz"),
                ("email.home", "ada@doma.cz"),
                ("phone.mobile", "+420601123456"),
                ("phone.work", "+420222333444"),
                ("address.1.city", "Praha"),
                ("address.2.city", "Brno"),
                ("address.2.street", "Boční 2"),
                ("company", "Acme, s.r.o."),
                ("title", "CEO"),
                ("birthday", "1980-05-17"),
                ("tags", "Navy"),
                ("url.blog", "https://ada.example"),
            ],
        },
        Export {
            preset: "google-contacts-legacy",
            kind: Kind::Contact,
            text: table(
                GOOGLE_LEGACY,
                &[&[
                    ("Name", "Ada Novák"),
                    ("Given Name", "Ada"),
                    ("Family Name", "Novák"),
                    ("Birthday", " --05-17"),
                    ("Group Membership", "* My Contacts ::: Family"),
                    ("E-mail 1 - Type", "* Work"),
                    ("E-mail 1 - Value", "ada@acme.cz"),
                    ("Phone 1 - Type", "Mobile"),
                    ("Phone 1 - Value", "+420 601 123 456 ::: +420 601 123 457"),
                    ("Address 1 - Type", "Home"),
                    ("Address 1 - City", "Brno"),
                    ("Organization 1 - Name", "Acme"),
                    ("Organization 1 - Title", "CEO"),
                    ("Organization 2 - Name", "Beta"),
                    ("Organization 2 - Title", "Adviser"),
                ]],
            ),
            rows: 1,
            facts: &[
                ("name", "Ada Novák"),
                ("birthday", "--05-17"),
                ("tags", "Family"),
                ("email.work", "ada@acme.cz"),
                ("phone", "+420601123456; +420601123457"),
                ("address.home.city", "Brno"),
                ("jobs.1.company", "Acme"),
                ("jobs.1.title", "CEO"),
                ("jobs.2.company", "Beta"),
                ("jobs.2.title", "Adviser"),
            ],
        },
        Export {
            preset: "outlook-contacts",
            kind: Kind::Contact,
            text: table(
                OUTLOOK_WEB,
                &[&[
                    ("First Name", "Ada"),
                    ("Middle Name", "Marie"),
                    ("Last Name", "Novák"),
                    ("Title", "Ing."),
                    ("E-mail Address", "ada@acme.cz"),
                    ("E-mail 2 Address", "ada@doma.cz"),
                    ("Home Phone", "+420 222 000 001"),
                    ("Home Phone 2", "+420 222 000 002"),
                    ("Business Phone", "+420 222 333 444"),
                    ("Mobile Phone", "+420 601 123 456"),
                    ("Primary Phone", "+420 601 123 456"),
                    ("Company", "Acme"),
                    ("Job Title", "CEO"),
                    ("Business City", "Praha"),
                    ("Home City", "Brno"),
                    ("Home Country/Region", "Czechia"),
                    ("Birthday", "0/0/00"),
                    ("Notes", "Likes tea"),
                ]],
            ),
            rows: 1,
            facts: &[
                ("name", "Ada Marie Novák"),
                ("email", "ada@acme.cz; ada@doma.cz"),
                ("phone.home.1", "+420222000001"),
                ("phone.home.2", "+420222000002"),
                ("phone.mobile", "+420601123456"),
                ("phone.primary", ""),
                ("address.home.country", "Czechia"),
                ("address.work.city", "Praha"),
                ("birthday", ""),
                ("title", "CEO"),
            ],
        },
        Export {
            preset: "outlook-contacts",
            kind: Kind::Contact,
            text: table(
                OUTLOOK_GOOGLE,
                &[&[
                    ("First Name", "Ada"),
                    ("Last Name", "Novák"),
                    ("E-mail Address", "ada@acme.cz"),
                    ("Home Address", "Hlavní 1\nBrno"),
                    ("Home Street", "Hlavní 1"),
                    ("Home Street 2", "dvůr"),
                    ("Home City", "Brno"),
                    ("Home Country", "Czechia"),
                    ("Categories", "VIP;Praha"),
                ]],
            ),
            rows: 1,
            facts: &[
                ("address.home.street", "Hlavní 1"),
                ("address.home.street2", "dvůr"),
                ("address.home.country", "Czechia"),
                ("tags", "VIP; Praha"),
            ],
        },
        Export {
            preset: "hubspot-contacts",
            kind: Kind::Contact,
            text: table(
                HUBSPOT_CONTACTS,
                &[
                    &[
                        ("Record ID", "51"),
                        ("First Name", "Ada"),
                        ("Last Name", "Novák"),
                        ("Email", "ada@acme.cz"),
                        ("Phone Number", "+420 222 333 444"),
                        ("Mobile Phone Number", "+420 601 123 456"),
                        ("Contact owner", "ben@us.example"),
                        ("Lifecycle Stage", "Marketing Qualified Lead"),
                        ("Create Date", "2024-01-01 09:00"),
                        ("Associated Company", "Acme (4421)"),
                        ("Associated Company IDs", "4421"),
                        ("City", "Praha"),
                        ("Original Source", "Organic Search"),
                    ],
                    &[
                        ("Record ID", "52"),
                        ("Last Name", "Li"),
                        ("Email", "bo@beta.example"),
                        ("Associated Company", "Beta"),
                        ("Associated Company IDs", "99"),
                    ],
                ],
            ),
            rows: 2,
            facts: &[
                ("external_id", "hubspot:51"),
                ("name", "Ada Novák"),
                ("lifecycle", "lead"),
                ("company", "Acme"),
                ("company.external_id", "hubspot:4421"),
                ("owner", "ben@us.example"),
                ("created_at", "2024-01-01T09:00:00Z"),
                ("address.work.city", "Praha"),
                ("source", "Organic Search"),
                ("phone", "+420222333444; +420601123456"),
            ],
        },
        Export {
            preset: "hubspot-companies",
            kind: Kind::Company,
            text: table(
                HUBSPOT_COMPANIES,
                &[&[
                    ("Record ID", "4421"),
                    ("Company name", "Acme"),
                    ("Company Domain Name", "acme.cz"),
                    ("Number of Employees", "120"),
                    ("City", "Praha"),
                    ("Country/Region", "Czech Republic"),
                    ("Create Date", "2023-01-01 09:00"),
                ]],
            ),
            rows: 1,
            facts: &[
                ("external_id", "hubspot:4421"),
                ("domain", "acme.cz"),
                ("employees", "120"),
                ("country", "Czech Republic"),
                ("address.office.city", "Praha"),
            ],
        },
        Export {
            preset: "hubspot-deals",
            kind: Kind::Opportunity,
            text: table(
                HUBSPOT_DEALS,
                &[
                    &[
                        ("Record ID", "900"),
                        ("Deal Name", "Acme, 40 seats"),
                        ("Deal Stage", "Presentation Scheduled"),
                        ("Pipeline", "Sales Pipeline"),
                        ("Amount", "12000.50"),
                        ("Close Date", "2026-03-31 10:00"),
                        ("Create Date", "2025-12-01 10:00"),
                        ("Associated Company", "Acme"),
                        ("Associated Company IDs", "4421"),
                        ("Associated Contact", "Ada Novák;Marc Lemaire"),
                        ("Associated Contact IDs", "51;77"),
                    ],
                    &[
                        ("Record ID", "901"),
                        ("Deal Name", "Beta"),
                        ("Deal Stage", "Closed Won"),
                        ("Pipeline", "Sales Pipeline"),
                        ("Close Date", "2025-11-30 10:00"),
                        ("Associated Contact", "Marc Lemaire (77)"),
                    ],
                ],
            ),
            rows: 2,
            facts: &[
                ("name", "Acme, 40 seats"),
                ("stage", "proposal"),
                ("pipeline", "sales"),
                ("amount", "12000.50 EUR"),
                ("expected_close", "2026-03-31"),
                ("closed_at", ""),
                ("opened_at", "2025-12-01T10:00:00Z"),
                ("company", "Acme"),
                ("contact", "Ada Novák; Marc Lemaire"),
                ("contact.external_id", "hubspot:51; hubspot:77"),
            ],
        },
        Export {
            preset: "hubspot-tickets",
            kind: Kind::Ticket,
            text: table(
                HUBSPOT_TICKETS,
                &[&[
                    ("Ticket ID", "7"),
                    ("Ticket name", "Printer is loud"),
                    ("Pipeline", "Support Pipeline"),
                    ("Ticket status", "Waiting on contact"),
                    ("Priority", "Medium"),
                    ("Create date", "2025-12-01 10:00"),
                    ("Ticket owner", "Ben"),
                    ("Associated Contact", "Ada Novák"),
                    ("Associated Contact IDs", "51"),
                ]],
            ),
            rows: 1,
            facts: &[
                ("subject", "Printer is loud"),
                ("queue", "support"),
                ("status", "pending"),
                ("priority", "normal"),
                ("assignee", "Ben"),
                ("contact", "Ada Novák"),
                ("opened_at", "2025-12-01T10:00:00Z"),
            ],
        },
        Export {
            preset: "salesforce-contacts",
            kind: Kind::Contact,
            text: table(
                SALESFORCE_CONTACTS,
                &[
                    &[
                        ("Id", "0035g00000AAAAA1"),
                        ("AccountId", "0015g00000BBBBB1"),
                        ("LastName", "Novák"),
                        ("FirstName", "Ada"),
                        ("Salutation", "Ms."),
                        ("MailingStreet", "Hlavní 1\nDvůr"),
                        ("MailingCity", "Praha"),
                        ("MailingCountry", "Czechia"),
                        ("Phone", "+420 222 333 444"),
                        ("MobilePhone", "+420 601 123 456"),
                        ("Email", "ada@acme.cz"),
                        ("Title", "CEO"),
                        ("Birthdate", "1980-05-17"),
                        ("HasOptedOutOfEmail", "true"),
                        ("DoNotCall", "false"),
                        ("OwnerId", "0055g00000CCCCC1"),
                        ("CreatedDate", "2024-02-03T10:11:12.000Z"),
                    ],
                    &[("Id", "0035g00000AAAAA2"), ("AccountId", "0015g00000BBBBB1"), ("LastName", "Li"), ("HasOptedOutOfEmail", "0")],
                ],
            ),
            rows: 2,
            facts: &[
                ("external_id", "salesforce:0035g00000AAAAA1"),
                ("name", "Ada Novák"),
                ("address.mailing.city", "Praha"),
                ("phone.mobile", "+420601123456"),
                ("consent.email", "no"),
                ("consent.call", ""),
                ("company.external_id", "salesforce:0015g00000BBBBB1"),
                ("created_at", "2024-02-03T10:11:12Z"),
            ],
        },
        Export {
            preset: "salesforce-contacts",
            kind: Kind::Contact,
            text: table(
                SALESFORCE_REPORT,
                &[&[
                    ("First Name", "Ada"),
                    ("Last Name", "Novák"),
                    ("Title", "CEO"),
                    ("Mailing City", "Praha"),
                    ("Mailing Zip/Postal Code", "110 00"),
                    ("Mobile", "+420 601 123 456"),
                    ("Email", "ada@acme.cz"),
                    ("Email Opt Out", "1"),
                    ("Account Name", "Acme"),
                ]],
            ),
            rows: 1,
            facts: &[("company", "Acme"), ("title", "CEO"), ("address.mailing.postcode", "110 00"), ("consent.email", "no")],
        },
        Export {
            preset: "salesforce-accounts",
            kind: Kind::Company,
            text: table(
                SALESFORCE_ACCOUNTS,
                &[
                    &[
                        ("Id", "0015g00000BBBBB1"),
                        ("Name", "Acme"),
                        ("Type", "Customer - Direct"),
                        ("ParentId", "0015g00000BBBBB2"),
                        ("BillingCity", "Praha"),
                        ("BillingCountry", "Czechia"),
                        ("Website", "https://acme.cz"),
                        ("AnnualRevenue", "1200000.0"),
                        ("NumberOfEmployees", "120"),
                    ],
                    &[("Id", "0015g00000BBBBB2"), ("Name", "Acme Holding"), ("Type", "Investor")],
                ],
            ),
            rows: 2,
            facts: &[
                ("name", "Acme"),
                ("parent", "Acme Holding"),
                ("roles", "customer"),
                ("country", "Czechia"),
                ("address.billing.city", "Praha"),
                ("revenue", "1200000.00 EUR"),
            ],
        },
        Export {
            preset: "salesforce-opportunities",
            kind: Kind::Opportunity,
            text: table(
                SALESFORCE_OPPORTUNITIES,
                &[&[
                    ("Id", "0065g00000DDDDD1"),
                    ("AccountId", "0015g00000BBBBB1"),
                    ("Name", "Acme, 40 seats"),
                    ("StageName", "Closed Lost"),
                    ("Amount", "12000.0"),
                    ("Probability", "0.0"),
                    ("CloseDate", "2025-10-31"),
                    ("LeadSource", "Web"),
                    ("ForecastCategoryName", "Omitted"),
                    ("ContactId", "0035g00000AAAAA1"),
                ]],
            ),
            rows: 1,
            facts: &[
                ("stage", "lost"),
                ("amount", "12000.00 EUR"),
                ("expected_close", "2025-10-31"),
                ("closed_at", "2025-10-31T00:00:00Z"),
                ("category", "omitted"),
                ("contact.external_id", "salesforce:0035g00000AAAAA1"),
            ],
        },
        Export {
            preset: "salesforce-leads",
            kind: Kind::Contact,
            text: table(
                SALESFORCE_LEADS,
                &[&[
                    ("Id", "00Q5g00000EEEEE1"),
                    ("LastName", "Novák"),
                    ("FirstName", "Ada"),
                    ("Company", "Acme"),
                    ("City", "Praha"),
                    ("Email", "ada@acme.cz"),
                    ("LeadSource", "Web"),
                    ("Status", "Open - Not Contacted"),
                    ("IsConverted", "false"),
                ]],
            ),
            rows: 1,
            facts: &[("lifecycle", "lead"), ("company", "Acme"), ("address.work.city", "Praha"), ("source", "web")],
        },
        Export {
            preset: "pipedrive-people",
            kind: Kind::Contact,
            text: table(
                PIPEDRIVE_PEOPLE,
                &[&[
                    ("Person - ID", "3"),
                    ("Person - Name", "Ada Novák"),
                    ("Person - Phone", "+420 601 123 456, +420 222 333 444"),
                    ("Person - Email (Work)", "ada@acme.cz, a.novak@acme.cz"),
                    ("Person - Email (Home)", "ada@doma.cz"),
                    ("Person - Label", "Hot lead"),
                    ("Person - Owner", "Ben"),
                    ("Person - Creation date", "2025-12-01 10:00:00"),
                    ("Organization - Name", "Acme"),
                ]],
            ),
            rows: 1,
            facts: &[
                ("external_id", "pipedrive:3"),
                ("email", "ada@acme.cz; a.novak@acme.cz; ada@doma.cz"),
                ("phone", "+420601123456; +420222333444"),
                ("tags", "Hot lead"),
                ("company", "Acme"),
                ("owner", "Ben"),
            ],
        },
        Export {
            preset: "pipedrive-organizations",
            kind: Kind::Company,
            text: table(
                PIPEDRIVE_ORGANIZATIONS,
                &[&[
                    ("Organization - ID", "5"),
                    ("Organization - Name", "Acme"),
                    ("Organization - Labels", "Customer"),
                    ("Organization - City/town/village/locality of Address", "Praha"),
                    ("Organization - Country of Address", "Czechia"),
                ]],
            ),
            rows: 1,
            facts: &[("name", "Acme"), ("tags", "Customer"), ("address.office.city", "Praha"), ("country", "Czechia")],
        },
        Export {
            preset: "pipedrive-deals",
            kind: Kind::Opportunity,
            text: table(
                PIPEDRIVE_DEALS,
                &[
                    &[
                        ("Deal - Pipedrive System ID", "11"),
                        ("Deal - Title", "Acme deal"),
                        ("Deal - Value", "100.0"),
                        ("Deal - Currency of value", "USD"),
                        ("Deal - Organization", "Acme"),
                        ("Deal - Contact person", "Ada Novák"),
                        ("Deal - Pipeline", "Pipeline"),
                        ("Deal - Stage", "Proposal Made"),
                        ("Deal - Status", "Won"),
                        ("Deal - Won time", "2025-11-30 10:00:00"),
                        ("Deal - Creation date", "2025-10-01"),
                    ],
                    &[
                        ("Deal - Pipedrive System ID", "12"),
                        ("Deal - Title", "Beta deal"),
                        ("Deal - Pipeline", "Pipeline"),
                        ("Deal - Stage", "Contact Made"),
                        ("Deal - Status", "Open"),
                        ("Deal - Expected close date", "2026-05-01"),
                    ],
                ],
            ),
            rows: 2,
            facts: &[
                ("stage", "won"),
                ("amount", "100.00 USD"),
                ("company", "Acme"),
                ("contact", "Ada Novák"),
                ("closed_at", "2025-11-30T10:00:00Z"),
            ],
        },
        Export {
            preset: "zendesk-tickets",
            kind: Kind::Ticket,
            text: table(
                ZENDESK,
                &[
                    &[
                        ("Summation column", "1"),
                        ("Id", "204"),
                        ("Requester", "Ada Novák"),
                        ("Requester id", "362"),
                        ("Requester email", "ada@acme.cz"),
                        ("Assignee", "Ben"),
                        ("Group", "Support"),
                        ("Subject", "Printer is loud"),
                        ("Tags", "printer hardware"),
                        ("Status", "On-hold"),
                        ("Priority", "-"),
                        ("Via", "Web Form"),
                        ("Ticket type", "Problem"),
                        ("Created at", "2025-12-01 10:00"),
                        ("Organization", "Acme"),
                        ("Satisfaction Score", "Good"),
                    ],
                    &[
                        ("Summation column", "1"),
                        ("Id", "205"),
                        ("Requester", "A. Novák"),
                        ("Requester id", "362"),
                        ("Requester email", "ada@acme.cz"),
                        ("Subject", "Again"),
                        ("Status", "Closed"),
                        ("Solved at", "2025-12-03 10:00"),
                        ("Satisfaction Score", "Offered"),
                    ],
                ],
            ),
            rows: 2,
            facts: &[
                ("external_id", "zendesk:204"),
                ("contact", "Ada Novák"),
                ("contact.email", "ada@acme.cz"),
                ("contact.external_id", "zendesk:362"),
                ("status", "hold"),
                ("priority", "normal"),
                ("channel", "web"),
                ("tags", "printer; hardware"),
                ("satisfaction", "5"),
                ("category", "incident"),
            ],
        },
        Export {
            preset: "linkedin-connections",
            kind: Kind::Contact,
            text: format!(
                "Notes:\n\"When exporting your connection data, you may notice that some, \"\"many\"\", are missing\"\n\n{}",
                table(
                    LINKEDIN,
                    &[
                        &[
                            ("First Name", "Ada"),
                            ("Last Name", "Novák"),
                            ("URL", "https://www.linkedin.com/in/ada"),
                            ("Company", "Acme"),
                            ("Position", "CEO"),
                            ("Connected On", "15 Mar 2024"),
                        ],
                        &[
                            ("First Name", "Ada"),
                            ("Last Name", "Novák"),
                            ("URL", "https://www.linkedin.com/in/ada-2"),
                            ("Company", "Acme"),
                            ("Position", "Sales, West"),
                            ("Connected On", "16 Mar 2024"),
                        ],
                    ]
                )
            ),
            rows: 2,
            facts: &[
                ("name", "Ada Novák"),
                ("external_id", "linkedin:https://www.linkedin.com/in/ada"),
                ("url.linkedin", "https://www.linkedin.com/in/ada"),
                ("company", "Acme"),
                ("title", "CEO"),
                ("created_at", "2024-03-15T00:00:00Z"),
            ],
        },
    ]
}

#[test]
fn every_programs_export_is_known_by_its_headers_and_twice_is_once() {
    let mut wrong = Vec::new();
    for export in exports() {
        let (folder, store) = (Folder::new(), store());
        let file = folder.file("export.csv", &export.text);
        let intake = folder.intake(&[&file]);
        let (report, told) = run(&store, &intake).unwrap_or_else(|error| panic!("{}: {error:?}", export.preset));
        let known = format!("taken as {},", export.preset);
        assert!(told.said[0].contains(&known), "{}: {:?}", export.preset, told.said);
        assert_eq!(counts(&report), [export.rows, export.rows, 0, 0, 0], "{}: {:?}", export.preset, told.plans);
        let records = all(&store, export.kind);
        let (field, value) = export.facts[0];
        let first = records.iter().find(|record| text(&store, record, field) == value);
        let first = first.unwrap_or_else(|| panic!("{}: no {field} is {value}", export.preset));
        for (field, value) in export.facts {
            let got = text(&store, first, field);
            if got != *value {
                wrong.push(format!("{} {field}: {got:?} and not {value:?}", export.preset));
            }
        }
        let before: Vec<usize> = Kind::public().map(|kind| all(&store, kind).len()).collect();
        let (again, told) = run(&store, &intake).unwrap();
        assert_eq!(counts(&again), [export.rows, 0, 0, export.rows, 0], "{} again: {:?}", export.preset, told.plans);
        let after: Vec<usize> = Kind::public().map(|kind| all(&store, kind).len()).collect();
        assert_eq!(before, after, "{} again", export.preset);
        assert_eq!(again.step, None, "{} again changes nothing", export.preset);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn real_exports_are_known_by_their_headers() {
    for (path, preset, rows) in [
        ("csv/made-here/google_contacts_2024.csv", "google-contacts", 23),
        ("csv/made-here/google_contacts_legacy_utf16le.csv", "google-contacts-legacy", 23),
        ("csv/made-here/outlook_contacts_cp1252.csv", "outlook-contacts", 60),
        ("csv/made-here/hubspot_contacts_export.csv", "hubspot-contacts", 23),
    ] {
        let Some(file) = data(path) else { return };
        let (folder, store) = (Folder::new(), store());
        let intake = folder.intake(&[&file]);
        let (report, told) = run(&store, &intake).unwrap();
        assert!(told.said[0].contains(&format!("taken as {preset},")), "{:?}", told.said);
        assert_eq!(counts(&report), [rows, rows, 0, 0, 0], "{path}");
        assert_eq!(counts(&run(&store, &intake).unwrap().0), [rows, 0, 0, rows, 0], "{path} again");
    }
}

fn import(store: &std::sync::Arc<dyn rolo::store::api::Store>, folder: &Folder, files: &[&Path]) -> rolo::exchange::import::Report {
    run(store, &folder.intake(files)).unwrap().0
}

#[test]
fn a_whole_move_from_one_program_is_one_step_in_any_order() {
    let text_of = |preset: &str| exports().into_iter().find(|export| export.preset == preset).unwrap().text;
    let folder = Folder::new();
    let files =
        ["hubspot-deals", "hubspot-tickets", "hubspot-contacts", "hubspot-companies"].map(|preset| folder.file(preset, text_of(preset)));
    let store = store();
    let report = import(&store, &folder, &files.each_ref().map(|path| path.as_path()));
    assert_eq!((report.read, report.rejected), (6, 0));
    // Whom a deal names by id is made whole by its own row, which comes later.
    let contacts = all(&store, Kind::Contact);
    assert_eq!(contacts.len(), 3);
    let ada = contacts.iter().find(|contact| text(&store, contact, "external_id") == "hubspot:51").unwrap();
    assert_eq!(text(&store, ada, "email"), "ada@acme.cz");
    assert_eq!(text(&store, ada, "given"), "Ada");
    assert_eq!(all(&store, Kind::Company).len(), 2);
    let again = import(&store, &folder, &files.each_ref().map(|path| path.as_path()));
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 6));
}
