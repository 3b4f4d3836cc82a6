//! What people type, scan and paste, and JSON from elsewhere.

use std::{collections::BTreeMap, sync::Arc};

use dossier::{
    catalogue::{Catalogue, ProcedureQuery},
    code::{DeviceTag, DossierCode, LookupCode, OrgUnitId, ProcedureCode, ProvisionalCode},
    content::{ContentPath, Scalar},
    form::{Form, is_row_id},
    id::{ActorId, BlobId, ChangeHash, DeviceId, DossierId, EventId, PublicKey},
    identity::{Birth, IdentityPaper, OldCardNumber, PassportNumber, PersonalId, Phone, TaxCode},
    procedure::Procedure,
    text,
    unit::Units,
    wire::Invitation,
};

use serde_json::Value;

use super::{Target, Verdict};
use crate::{
    honest::{self, NOW_MS, Who},
    mutate::Shape,
};

/// A word that a person pastes or scans.
pub fn invitation() -> Target {
    let word = Invitation { centre: honest::key(Who::Centre).public(), token: [9; 16] }.to_string();
    Target::text(&[&word, &word.to_lowercase()], |text| {
        text.parse::<Invitation>().is_ok_and(|invitation| std::hint::black_box(invitation).token.len() == 16)
    })
}

/// The code on a receipt.
pub fn official_code() -> Target {
    Target::text(&["H29.16-261121-0042", "000.00.16.H09-261121-0042", " h29.16-261121-0001\n"], |text| {
        DossierCode::parse(text).is_ok_and(|code| DossierCode::parse(code.as_str()).as_ref() == Ok(&code))
    })
}

/// The code on a door.
pub fn provisional_code() -> Target {
    let day = dossier::deadline::local(NOW_MS).date();
    let tag = DeviceTag::from_id(honest::key(Who::Postal).device().as_bytes()).expect("an id is long enough");
    let code = ProvisionalCode::new(tag, day, 17).expect("a number of the day").to_string();
    Target::text(&[&code, &code.to_lowercase()], |text| {
        ProvisionalCode::parse(text).is_ok_and(|code| ProvisionalCode::parse(&code.to_string()) == Ok(code))
    })
}

/// Codes of look-ups, units and procedures.
pub fn other_codes() -> Target {
    Target::text(&["A0B1", " a o-b l ", "000.00.16.H09", "H09.16", "1.001193", "2.000908.000.00.00.H61"], |text| {
        let lookup = LookupCode::parse(text).is_ok_and(|code| code.matches(&code));
        let unit = OrgUnitId::parse(text).is_ok_and(|id| OrgUnitId::parse(id.as_str()).is_ok());
        let procedure = ProcedureCode::parse(text).is_ok_and(|code| !code.base().is_empty());
        lookup || unit || procedure
    })
}

/// Ids and hashes in addresses, and paths of cells.
pub fn ids() -> Target {
    let hex = "01".repeat(32);
    let uuid = DossierId::mint(NOW_MS, &[3; 10]).to_string();
    let file = format!("components/birth/files/{hex}");
    Target::text(&[&hex, &hex[..32], &uuid, "answers/members/k3f9/name", &file, "texts/note", "k3f9"], |text| {
        let path = text.parse::<ContentPath>().map(|path| path.as_file().is_some());
        [
            text.parse::<BlobId>().is_ok(),
            text.parse::<ChangeHash>().is_ok(),
            text.parse::<EventId>().is_ok(),
            text.parse::<PublicKey>().is_ok(),
            text.parse::<DeviceId>().is_ok(),
            text.parse::<ActorId>().is_ok(),
            text.parse::<DossierId>().is_ok_and(|id| id.to_string().parse() == Ok(id)),
            path.is_ok(),
            is_row_id(text),
        ]
        .contains(&true)
    })
}

/// Numbers of people's papers, phones and dates.
pub fn papers() -> Target {
    let honest = [
        "074190001234",
        "0741 9000 1234",
        "281234567",
        "B1234567",
        "0912 345 678",
        "+84912345678",
        "3700123456",
        "3700123456-001",
        "02/09/1985",
        "1985",
        "09/1985",
    ];
    Target::text(&honest, |text| {
        [
            PersonalId::parse(text).is_ok_and(|id| id.check_against(None, None).len() < 9),
            OldCardNumber::parse(text).is_ok(),
            PassportNumber::parse(text).is_ok(),
            IdentityPaper::parse(text).is_ok(),
            Phone::parse(text)
                .is_ok_and(|phone| !phone.grouped().is_empty() && phone.e164().is_none_or(|e| e.len() < 30)),
            TaxCode::parse(text).is_ok_and(|code| !code.masked().is_empty()),
            Birth::parse(text).is_ok_and(|birth| !birth.printed().is_empty()),
        ]
        .contains(&true)
    })
}

const SENTENCES: [&str; 6] = [
    "Nguyễn Thị Hòa, phường Thủ Dầu Một, Thành phố Hồ Chí Minh",
    "Nguye\u{302}\u{303}n Thi\u{323} Ho\u{300}a",
    "Vie^.t Nam, ddu+o+`ng Nguye^~n Tra~i",
    "PhÆ°á»ng Thủ Dầu Một",
    "NguyÔn ThÞ Hoµ",
    "số 12/3 ấp 4\r\nxã Phú Lợi\u{a0}",
];

/// Words: cleaned, folded, sorted, told from old encodings.
pub fn typed() -> Target {
    // One is just as long as a text may be.
    let longest = "Hòa ".repeat(text::MAX_TEXT_BYTES / "Hòa ".len());
    let honest: Vec<&str> = SENTENCES.iter().copied().cycle().take(60).chain([longest.as_str()]).collect();
    Target::text(&honest, |typed| {
        let cleaned = text::clean(typed).is_ok();
        let keys = (text::sort_key(typed), text::name_sort_key(typed), text::fold(typed), text::tone_fold(typed));
        let read = text::detect_legacy(typed).map(|legacy| legacy.repaired().map(str::len));
        std::hint::black_box((keys, read, text::rank("nguyen", typed), text::nfc(typed)));
        cleaned
    })
}

/// What somebody's device says the answers of a form are: `field`, a tab, the value, on each line.
pub fn answers() -> Target {
    let catalogue = Catalogue::shipped();
    let form = catalogue.form_of("1.001193", dossier::deadline::local(NOW_MS).date()).expect("the catalogue has it");
    let mut honest: Vec<Vec<u8>> = Vec::new();
    let values =
        ["Nguyễn Thị Hòa", "02/09/1985", "074190001234", "3", "có", "Phường Thủ Dầu Một", "0912345678", "male"];
    for value in values {
        let paths = form.fields().iter().map(|field| field.id.replace('*', "k3f9"));
        let fitting = paths.filter(|path| form.check(path, value).is_ok());
        honest.push(fitting.map(|path| format!("{path}\t{value}\n")).collect::<String>().into_bytes());
    }
    let feed = move |input: &[u8]| judge_form(&form, &String::from_utf8_lossy(input));
    Target { shape: Shape::Text, honest, feed: Box::new(feed) }
}

fn judge_form(form: &Arc<Form>, text: &str) -> Verdict {
    let mut answers: BTreeMap<String, Scalar> = BTreeMap::new();
    let (mut taken, mut refused) = (0, 0);
    for line in text.lines() {
        let (path, value) = line.split_once('\t').unwrap_or((line, ""));
        match form.check(path, value) {
            Ok(checked) => {
                answers.insert(path.to_owned(), checked.value);
                taken += 1;
            }
            Err(_) => {
                // A stranger's device checks nothing: what it says stands in the dossier as it is.
                answers.insert(path.to_owned(), value.into());
                refused += 1;
            }
        }
    }
    std::hint::black_box(form.validate(&answers));
    match (taken, refused) {
        (0, _) => Verdict::Refused,
        (_, 0) => Verdict::Accepted,
        _ => Verdict::Deep,
    }
}

/// Questions to the catalogue and to the units.
pub fn search() -> Target {
    let catalogue = Catalogue::shipped();
    let today = dossier::deadline::local(NOW_MS).date();
    Target::text(
        &["khai sinh", "chứng thực bản sao", "Thủ Dầu Một", "thu dau mot", "1.001193", "đất đai"],
        move |text| {
            let query = ProcedureQuery { words: text.to_owned(), ..ProcedureQuery::default() };
            let found = catalogue.find(&query).len() + catalogue.units().search(text, today).len();
            std::hint::black_box(catalogue.procedure_of(text).is_ok());
            found > 0
        },
    )
}

/// A procedure of a bundle: read, and its forms built.
pub fn procedure() -> Target {
    let honest: Vec<Vec<u8>> = files("procedures/").into_iter().take(4).collect();
    assert!(!honest.is_empty(), "the catalogue has procedures");
    let units = Arc::clone(Catalogue::shipped().units());
    Target::bytes(honest, move |input| {
        let Ok(procedure) = Procedure::parse(input) else { return Verdict::Refused };
        let built = procedure.versions.iter().all(|version| {
            let form = Form::from_version(&procedure, version, Arc::clone(&units));
            form.is_ok_and(|form| !form.validate(&BTreeMap::new()).errors.is_empty() || form.fields().len() < 10_000)
        });
        if built { Verdict::Accepted } else { Verdict::Deep }
    })
}

/// The table of units, with the first of each list.
pub fn units() -> Target {
    let mut small: Value = serde_json::from_slice(&shipped("units.json")).expect("the catalogue is JSON");
    for list in small.as_object_mut().into_iter().flat_map(|file| file.values_mut()).filter_map(Value::as_array_mut) {
        list.truncate(4);
    }
    Target::text(&[&small.to_string()], |text| {
        Units::from_json(text).is_ok_and(|units| units.all().iter().all(|unit| units.ancestors(unit).len() < 10_000))
    })
}

/// Files of the shipped catalogue whose paths begin so, one after the other.
fn files(begin: &str) -> Vec<Vec<u8>> {
    let bundle: Value = serde_json::from_str(&Catalogue::shipped().to_bundle()).expect("a bundle is JSON");
    let files = bundle["files"].as_object().expect("a bundle holds files").iter();
    let ours = files.filter(|(path, _)| path.starts_with(begin));
    ours.filter_map(|(_, text)| text.as_str().map(|text| text.as_bytes().to_vec())).collect()
}

fn shipped(path: &str) -> Vec<u8> {
    files(path).into_iter().next().expect("the catalogue has this file")
}
