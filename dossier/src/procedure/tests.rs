use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::catalogue::Catalogue;

fn procedure(code: &str) -> &'static Procedure {
    Catalogue::shipped().procedure_of(code).unwrap()
}

fn working_days(amount: u32) -> Term {
    serde_json::from_value(json!({ "amount": amount, "unit": "working_days" })).unwrap()
}

#[test]
fn codes_are_read_with_and_without_suffix() {
    for text in ["1.001193", "2.000815", "3.000181", " 1.001193 ", "1.001193.000.00.00.H22"] {
        assert_eq!(ProcedureCode::parse(text).unwrap().base(), &text.trim()[..8]);
    }
    for text in [
        "",
        "4.001193",
        "1.00119",
        "1.0011933",
        "1001193",
        "1.001193.",
        "1.001193.000.00.00.X22",
        "１.001193",
        "1.1.012756",
    ] {
        assert!(ProcedureCode::parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_building_permit_changes_its_term_on_the_first_of_july_2026() {
    let permit = procedure("1.009994");
    let term = |day| permit.term(Channel::Online, &CaseId::normal(), day).cloned();
    assert_eq!(term(date(2026, 6, 30)), Ok(working_days(15)));
    assert_eq!(term(date(2026, 7, 1)), Ok(working_days(7)));
    assert_ne!(permit.version_on(date(2026, 6, 30)), permit.version_on(date(2026, 7, 1)));
}

#[test]
fn other_terms_that_changed_with_the_law() {
    for (code, before, term_before, after, term_after) in [
        ("1.001776", date(2025, 6, 30), 22, date(2025, 7, 1), 10),
        ("2.000205", date(2025, 8, 6), 5, date(2025, 8, 7), 10),
    ] {
        let found = procedure(code);
        assert_eq!(found.term(Channel::Postal, &CaseId::normal(), before), Ok(&working_days(term_before)));
        assert_eq!(found.term(Channel::Postal, &CaseId::normal(), after), Ok(&working_days(term_after)));
    }
    let record = procedure("2.000488");
    let terms = [date(2026, 6, 30), date(2026, 7, 1)].map(|day| record.term(Channel::Postal, &CaseId::normal(), day));
    assert!(terms.iter().all(Result::is_ok) && terms[0] != terms[1]);
}

#[test]
fn before_its_first_day_a_procedure_is_not_in_force() {
    let day = date(1999, 1, 1);
    let birth = procedure("1.001193");
    assert_eq!(birth.version_on(day), Err(ProcedureError::NotInForce { code: birth.code.clone(), date: day }));
}

#[test]
fn presence_closes_the_post_by_rule_whatever_the_record_says() {
    let day = date(2026, 11, 22);
    let signature = procedure("2.000906");
    let refusal = |of: &Procedure| match of.channel_allowed(Channel::Postal, day) {
        Err(ProcedureError::ChannelRefused { refusal, .. }) => Some(*refusal),
        _ => None,
    };
    assert_eq!(refusal(signature), Some(ChannelRefusal::PresenceRequired));
    assert_eq!(signature.channel_allowed(Channel::Direct, day), Ok(()));
    assert!(matches!(
        signature.channel_allowed(Channel::Online, day),
        Err(ProcedureError::ChannelRefused { refusal, .. }) if matches!(*refusal, ChannelRefusal::Closed(Some(_)))
    ));
    let mut opened = procedure("1.001193").clone();
    opened.versions[0].flags.presence_required = true;
    assert_eq!(refusal(&opened), Some(ChannelRefusal::PresenceRequired));
    opened.versions[0].flags.presence_required = false;
    opened.versions[0].flags.postal_send = false;
    assert_eq!(refusal(&opened), Some(ChannelRefusal::NotByPost));
    assert!(opened.term(Channel::Postal, &CaseId::normal(), day).is_err());
}

#[test]
fn fees_hang_on_the_channel() {
    let company = procedure("2.001583");
    let day = date(2026, 11, 22);
    let total = |channel| {
        let fees = company.fees(channel, &CaseId::normal(), day).unwrap();
        total_dong(fees, FeeUnit::Dossier, 1, false)
    };
    assert_eq!(total(Channel::Direct), 150_000);
    assert_eq!(total(Channel::Online), 100_000);
}

#[test]
fn pages_cost_less_from_the_third_and_never_more_than_the_cap() {
    let fees = procedure("2.000815").fees(Channel::Postal, &CaseId::normal(), date(2026, 11, 22)).unwrap();
    for (pages, dong) in [(0, 0), (1, 2_000), (2, 4_000), (3, 5_000), (10, 12_000), (198, 200_000), (2_000, 200_000)] {
        assert_eq!(total_dong(fees, FeeUnit::Page, pages, false), dong, "{pages} pages");
    }
    let record = procedure("2.000488").fees(Channel::Postal, &CaseId::normal(), date(2026, 11, 22)).unwrap();
    assert_eq!(total_dong(record, FeeUnit::Person, 1, false), 200_000);
    assert_eq!(total_dong(record, FeeUnit::Person, 1, true), 100_000);
}

#[test]
fn an_unknown_case_is_an_error_not_the_ordinary_case() {
    let birth = procedure("1.001193");
    let case = CaseId::parse("nowhere").unwrap();
    assert!(matches!(birth.term(Channel::Postal, &case, date(2026, 11, 22)), Err(ProcedureError::UnknownCase { .. })));
    let verification = CaseId::parse("verification").unwrap();
    assert_eq!(birth.term(Channel::Postal, &verification, date(2026, 11, 22)), Ok(&working_days(5)));
}

#[test]
fn a_component_of_one_case_does_not_belong_to_another() {
    let mut version = procedure("1.001193").versions[0].clone();
    let verification = CaseId::parse("verification").unwrap();
    let all = version.components(&CaseId::normal()).count();
    version.components[0].cases = vec![verification.clone()];
    assert_eq!(version.components(&CaseId::normal()).count(), all - 1);
    assert_eq!(version.components(&verification).count(), all);
}

#[test]
fn a_procedure_with_an_unknown_key_is_refused() {
    let mut value = serde_json::to_value(procedure("1.001193")).unwrap();
    assert_eq!(Procedure::parse(value.to_string().as_bytes()).as_ref(), Ok(procedure("1.001193")));
    value["colour"] = json!("red");
    assert!(matches!(Procedure::parse(value.to_string().as_bytes()), Err(ProcedureError::Unreadable(_))));
}
