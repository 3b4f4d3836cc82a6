use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::tests::{any_answers, filled, forms};
use super::super::{Form, Label};
use super::*;
use crate::id::{ChangeHash, DeviceId};
use crate::state::ClockFlag;

fn form(code: &str) -> std::sync::Arc<Form> {
    forms().into_iter().find(|(known, _)| known == code).unwrap().1
}

fn text(value: &str) -> Scalar {
    Scalar::Text(value.to_owned())
}

fn view(form: &Form, answers: &BTreeMap<String, Scalar>) -> FormView {
    let filled =
        Filled { dossier: DossierId([1; 16]), procedure: "1.001612", answers, voices: &BTreeMap::new(), own: None };
    form.view(&filled)
}

fn cells(view: &FormView) -> Vec<&FieldView> {
    view.pages.iter().flat_map(|page| &page.groups).flat_map(GroupView::cells).collect()
}

fn tables(view: &FormView) -> Vec<&TableView> {
    view.pages.iter().flat_map(|page| &page.groups).filter_map(|group| group.table.as_ref()).collect()
}

fn cell<'a>(view: &'a FormView, path: &str) -> &'a FieldView {
    cells(view).into_iter().find(|cell| cell.path == path).unwrap_or_else(|| panic!("{path} is not shown"))
}

fn household() -> BTreeMap<String, Scalar> {
    let mut answers = BTreeMap::new();
    for (path, value) in [
        ("applicant_name", text("Trần Văn Bình")),
        ("applicant_id", text("074090001234")),
        ("applicant_phone", text("+84912345678")),
        ("applicant_birth", text("1991-03-21")),
        ("founder_kind", text("family")),
        ("capital", Scalar::Integer(1_200_000)),
        ("members/k3f9/name", text("Trần Thị Hoa")),
        ("members/k3f9/personal_id", text("074185001234")),
        ("members/a1b2/name", text("Trần Văn Nam")),
        ("business_lines/row1/code", text("47")),
    ] {
        answers.insert(path.to_owned(), value);
    }
    answers
}

#[test]
fn a_real_form_with_rows_is_shown_whole() {
    insta::assert_json_snapshot!(view(&form("1.001612"), &household()));
}

#[test]
fn rows_are_in_the_order_of_their_ids_and_columns_are_templates() {
    let shown = view(&form("1.001612"), &household());
    let table = tables(&shown).into_iter().find(|table| table.group == "members").unwrap();
    assert_eq!(table.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["a1b2", "k3f9"]);
    assert!(table.columns.iter().all(|column| column.path.starts_with("members/+/") && column.value.is_none()));
    assert!(!table.columns.is_empty() && table.max.is_some());
}

#[test]
fn what_conditions_hide_is_left_out() {
    let mut answers = household();
    answers.insert("founder_kind".into(), text("individual"));
    let shown = view(&form("1.001612"), &answers);
    assert!(tables(&shown).iter().all(|table| table.group != "members"));
    answers.insert("founder_kind".into(), text("family"));
    answers.retain(|path, _| !path.starts_with("members/"));
    let shown = view(&form("1.001612"), &answers);
    let members = tables(&shown).into_iter().find(|table| table.group == "members").unwrap();
    assert!(members.missing && members.rows.is_empty());
}

#[test]
fn a_number_offers_birth_year_and_sex_while_they_are_empty() {
    let mut answers = household();
    let household = form("1.001612");
    let shown = view(&household, &answers);
    let sex = cell(&shown, "members/k3f9/sex").offer.clone().unwrap();
    assert_eq!((sex.value.as_str(), sex.shown.vi.as_str()), ("female", "Nữ"));
    answers.insert("members/k3f9/sex".into(), text("male"));
    let shown = view(&household, &answers);
    assert_eq!(cell(&shown, "members/k3f9/sex").offer, None);
    let number = cell(&shown, "members/k3f9/personal_id");
    assert_eq!(number.warnings.iter().map(|told| told.code).collect::<Vec<_>>(), ["id_contradicts_sex"]);
    let birth = form("1.001193");
    let mut answers = BTreeMap::from([("mother_id".to_owned(), text("074185001234"))]);
    let shown = view(&birth, &answers);
    assert_eq!(cell(&shown, "mother_birth").offer.as_ref().map(|offer| offer.value.as_str()), Some("1985"));
    answers.insert("mother_id".into(), text("074985001234"));
    assert_eq!(cell(&view(&birth, &answers), "mother_birth").offer, None, "nobody is born in 2485");
}

#[test]
fn values_are_shown_as_people_read_them() {
    let household = form("1.001612");
    let shown = |path: &str, value: Scalar| household.shown(household.resolve(path).unwrap(), &value).vi;
    assert_eq!(shown("capital", Scalar::Integer(1_200_000)), "1.200.000");
    assert_eq!(shown("applicant_phone", text("+84912345678")), "0912 345 678");
    assert_eq!(shown("applicant_phone", text("+842743822222")), "0274 3822 222");
    assert_eq!(shown("applicant_phone", text("+842838222222")), "028 3822 2222");
    assert_eq!(shown("applicant_phone", text("+4930123456")), "+4930123456");
    assert_eq!(shown("applicant_birth", text("1990-03-21")), "21/03/1990");
    assert_eq!(shown("applicant_birth", text("hôm qua")), "hôm qua");
    let birth = form("1.001193");
    let shown = |path: &str, value: Scalar| birth.shown(birth.resolve(path).unwrap(), &value);
    assert_eq!(shown("mother_birth", text("1990-03")).vi, "03/1990");
    assert_eq!(shown("mother_birth", text("1990")).vi, "1990");
    assert_eq!(shown("child_sex", text("female")), Label::new("Nữ", "Female"));
    assert_eq!(shown("wants_copies", Scalar::Boolean(true)), Label::new("Có", "Yes"));
    assert_eq!(shown("applicant_commune", text("25747")).vi, "Phường Thủ Dầu Một");
    assert_eq!(shown("copy_count", Scalar::Integer(3)).vi, "3");
    let former = shown::unit_shown(crate::catalogue::Catalogue::shipped().units(), "bd-tdm-phu-tan");
    assert_eq!(former, Label::new("Phường Phú Tân (đến 30/06/2025)", "Phường Phú Tân (until 30/06/2025)"));
}

#[test]
fn what_is_shown_is_read_back_as_the_same_value() {
    for (code, form) in forms() {
        for (path, value) in filled(&form) {
            let field = form.resolve(&path).unwrap();
            let shown = form.shown(field, &value);
            assert_eq!(form.check(&path, &shown.vi).map(|checked| checked.value), Ok(value), "{code} {path}");
        }
    }
}

#[test]
fn a_conflict_has_every_voice() {
    let household = form("1.001612");
    let answers = self::household();
    let own = DeviceId([7; 16]);
    let voice = |value: i64, device: DeviceId| VoiceView {
        value: Scalar::Integer(value),
        by: "Nguyễn Văn An".into(),
        role: None,
        device: Some(device),
        at: "2026-11-22T08:00:00+07:00".into(),
        clock: ClockFlag::Unconfirmed,
        base: None,
        change: ChangeHash([3; 32]),
    };
    let voices =
        BTreeMap::from([("capital".to_owned(), vec![voice(1_200_000, DeviceId([8; 16])), voice(2_000_000, own)])]);
    let shown = household.view(&Filled {
        dossier: DossierId([1; 16]),
        procedure: "1.001612",
        answers: &answers,
        voices: &voices,
        own: Some(own),
    });
    assert_eq!(shown.conflicts, 1);
    let conflict = cell(&shown, "capital").conflict.clone().unwrap();
    let said: Vec<(&str, bool, bool)> =
        conflict.iter().map(|voice| (voice.shown.vi.as_str(), voice.own, voice.stands)).collect();
    assert_eq!(said, [("1.200.000", false, true), ("2.000.000", true, false)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_view_and_the_validation_agree((at, answers) in any_answers()) {
        let (code, form) = &forms()[at];
        let (report, _) = form.judged(&answers);
        let shown = view(form, &answers);
        let missing: BTreeSet<&str> = cells(&shown).into_iter().filter(|cell| cell.missing).map(|cell| cell.path.as_str())
            .chain(tables(&shown).into_iter().filter(|table| table.missing).map(|table| table.group.as_str()))
            .collect();
        prop_assert_eq!(&missing, &report.missing.iter().map(String::as_str).collect::<BTreeSet<_>>(), "{}", code);
        let errors: BTreeSet<&str> = cells(&shown).into_iter().filter(|cell| cell.error.is_some()).map(|cell| cell.path.as_str())
            .chain(tables(&shown).into_iter().filter(|table| table.error.is_some()).map(|table| table.group.as_str()))
            .collect();
        prop_assert_eq!(&errors, &report.errors.iter().map(|error| error.path.as_str()).collect::<BTreeSet<_>>(), "{}", code);
        prop_assert_eq!((shown.missing, shown.errors), (missing.len(), errors.len()));
        prop_assert_eq!(shown.missing + shown.errors == 0, report.is_complete());
        for cell in cells(&shown) {
            let field = form.resolve(&cell.path);
            prop_assert!(field.is_ok_and(|field| field.kind == cell.kind), "{} {}", code, cell.path);
            prop_assert_eq!(cell.value.as_ref(), answers.get(&cell.path));
        }
        for table in tables(&shown) {
            for column in &table.columns {
                prop_assert!(form.resolve(&column.path.replace("/+/", "/k3f9/")).is_ok());
            }
        }
        for page in &shown.pages {
            prop_assert_eq!(page.visible, !page.groups.is_empty());
        }
    }
}
