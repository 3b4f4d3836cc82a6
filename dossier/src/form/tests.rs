use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::catalogue::Catalogue;

fn form(code: &str) -> Arc<Form> {
    Catalogue::shipped().form_of(code, date(2026, 11, 22)).unwrap()
}

pub(super) fn forms() -> Vec<(String, Arc<Form>)> {
    let shipped = Catalogue::shipped();
    let all = shipped.procedures().flat_map(|procedure| {
        procedure.versions.iter().map(|version| (procedure.code.to_string(), shipped.form(procedure, version).unwrap()))
    });
    all.collect()
}

fn text(value: &str) -> Scalar {
    Scalar::Text(value.to_owned())
}

fn value(form: &Form, path: &str, raw: &str) -> Result<Scalar, FieldError> {
    form.check(path, raw).map(|checked| checked.value)
}

/// A full, sound answer to every field that is shown, as a person would type it.
pub(super) fn filled(form: &Form) -> BTreeMap<String, Scalar> {
    let mut answers = BTreeMap::new();
    for field in form.fields() {
        let row = field.repeated.as_ref().map(|_| "row1");
        if !form.is_visible(field, row, &answers) {
            continue;
        }
        let path = field.path("row1");
        let typed = match (&field.example, field.kind) {
            (Some(example), _) => example.clone(),
            (None, FieldKind::Choice) => field.choices[0].label.vi.clone(),
            (None, FieldKind::Boolean) => "có".to_owned(),
            (None, FieldKind::Integer | FieldKind::Money) => "1".to_owned(),
            (None, _) => "Nội dung".to_owned(),
        };
        let checked = form.check(&path, &typed).unwrap_or_else(|error| panic!("{path}: {error:?} for {typed}"));
        answers.insert(path, checked.value);
    }
    answers
}

#[test]
fn every_field_of_every_form_resolves_and_says_what_it_is() {
    for (code, form) in forms() {
        assert!((12..=45).contains(&form.fields().len()), "{code}: {} fields", form.fields().len());
        for field in form.fields() {
            assert_eq!(form.resolve(&field.path("k3f9")), Ok(field), "{code}");
            assert!(
                !field.label.vi.is_empty() && !field.page.is_empty() && !field.group.is_empty(),
                "{code} {}",
                field.id
            );
            assert_eq!(field.kind == FieldKind::Choice, !field.choices.is_empty(), "{code} {}", field.id);
        }
        assert!(form.role(Role::ApplicantName).is_some(), "{code}");
    }
}

#[test]
fn every_example_is_accepted_and_every_filled_form_is_complete() {
    for (code, form) in forms() {
        let report = form.validate(&filled(&form));
        assert!(report.is_complete(), "{code}: {:?} {:?}", report.errors, report.missing);
    }
}

#[test]
fn an_empty_form_misses_what_is_required_and_nothing_hidden() {
    for (code, form) in forms() {
        let report = form.validate(&BTreeMap::new());
        assert!(report.errors.is_empty(), "{code}: {:?}", report.errors);
        let plain: Vec<&str> = form
            .fields()
            .iter()
            .filter(|field| {
                field.required && field.repeated.is_none() && form.is_visible(field, None, &BTreeMap::new())
            })
            .map(|field| field.id.as_str())
            .collect();
        let missing: Vec<&str> = report.missing.iter().map(String::as_str).collect();
        assert!(plain.iter().all(|id| missing.contains(id)), "{code}");
        assert!(missing.iter().all(|id| plain.contains(id) || form.resolve(id).is_err()), "{code}: {missing:?}");
    }
}

#[test]
fn typed_texts_become_stored_values() {
    let birth = form("1.001193");
    assert_eq!(value(&birth, "child_birth", "3/4/2026"), Ok(text("2026-04-03")));
    assert_eq!(value(&birth, "child_birth", "2026-04-03"), Ok(text("2026-04-03")));
    assert_eq!(value(&birth, "child_birth", "31/02/2026"), Err(FieldError::NotADate));
    assert_eq!(value(&birth, "father_birth", "1988"), Ok(text("1988")));
    assert_eq!(value(&birth, "child_sex", "Nữ"), Ok(text("female")));
    assert_eq!(value(&birth, "child_sex", "nu"), Ok(text("female")));
    assert!(
        matches!(value(&birth, "child_sex", "khác"), Err(FieldError::NotAChoice { choices }) if choices.len() == 2)
    );
    assert_eq!(value(&birth, "wants_copies", "Có"), Ok(Scalar::Boolean(true)));
    assert_eq!(value(&birth, "wants_copies", "không"), Ok(Scalar::Boolean(false)));
    assert_eq!(value(&birth, "wants_copies", "no"), Ok(Scalar::Boolean(false)));
    assert_eq!(value(&birth, "declared_true", "không"), Err(FieldError::MustAgree));
    assert_eq!(value(&birth, "copy_count", "3"), Ok(Scalar::Integer(3)));
    assert_eq!(value(&birth, "copy_count", "0"), Err(FieldError::TooSmall { minimum: 1 }));
    assert_eq!(value(&birth, "copy_count", "51"), Err(FieldError::TooLarge { maximum: 50 }));
    assert_eq!(value(&birth, "copy_count", "ba"), Err(FieldError::NotANumber));
    assert_eq!(value(&birth, "applicant_phone", "0912 345 678"), Ok(text("+84912345678")));
    assert_eq!(value(&birth, "applicant_phone", "12"), Err(FieldError::NotAPhone));
    assert_eq!(value(&birth, "applicant_id", "074 090 001 234"), Ok(text("074090001234")));
    assert_eq!(value(&birth, "applicant_id", "07409"), Err(FieldError::NotAPersonalId));
    assert_eq!(value(&birth, "applicant_commune", "25747"), Ok(text("25747")));
    assert_eq!(value(&birth, "applicant_commune", "phường thủ dầu một"), Ok(text("25747")));
    assert_eq!(value(&birth, "applicant_commune", "99999"), Err(FieldError::UnknownUnit));
    let household = form("1.001612");
    assert_eq!(value(&household, "capital", "1.200.000 đ"), Ok(Scalar::Integer(1_200_000)));
    assert_eq!(value(&household, "applicant_email", "An@Example.VN"), Ok(text("An@example.vn")));
    assert_eq!(value(&household, "applicant_email", "an"), Err(FieldError::NotAnEmail));
    assert_eq!(value(&household, "business_lines/k3f9/code", "4711"), Ok(text("4711")));
    assert!(matches!(value(&household, "business_lines/k3f9/code", "47"), Err(FieldError::WrongPattern { .. })));
    let copies = form("2.000815");
    assert_eq!(value(&copies, "organisation_tax_code", "3700123450"), Ok(text("3700123450")));
    assert_eq!(value(&copies, "organisation_tax_code", "3700123451"), Err(FieldError::TaxCodeCheckDigit));
}

#[test]
fn decomposed_text_is_stored_composed() {
    let birth = form("1.001193");
    let typed: String = "Nguyễn Thị Hòa".nfd().collect();
    assert_ne!(typed, "Nguyễn Thị Hòa");
    assert_eq!(value(&birth, "child_name", &typed), Ok(text("Nguyễn Thị Hòa")));
    assert_eq!(value(&birth, "child_name", "  Nguyễn\u{a0} Thị\u{200b}  Hòa "), Ok(text("Nguyễn Thị Hòa")));
    assert_eq!(value(&birth, "child_name", " \u{200b} "), Err(FieldError::Empty));
    let replaced = birth.check("child_name", "Ðặng Văn An").unwrap();
    assert_eq!((replaced.value, replaced.warnings), (text("Đặng Văn An"), vec![Warning::LettersReplaced]));
}

#[test]
fn lengths_are_bounded_by_the_schema_and_before_it() {
    let birth = form("1.001193");
    assert_eq!(value(&birth, "child_name", &"a".repeat(150)), Ok(text(&"a".repeat(150))));
    assert_eq!(value(&birth, "child_name", &"a".repeat(151)), Err(FieldError::TooLong { max_chars: 150 }));
    assert_eq!(
        value(&birth, "child_name", &"a".repeat(INPUT_MAX_BYTES + 1)),
        Err(FieldError::TooLong { max_chars: 150 })
    );
}

#[test]
fn unknown_paths_say_what_was_meant() {
    let household = form("1.001612");
    let meant = |path: &str| household.resolve(path).unwrap_err().did_you_mean;
    assert_eq!(meant("applicant_nam").as_deref(), Some("applicant_name"));
    assert_eq!(meant("members/name").as_deref(), Some("members/*/name"));
    assert_eq!(meant("members/K3F9/name").as_deref(), Some("members/*/name"));
    assert_eq!(meant("members/abc/name").as_deref(), Some("members/*/name"));
    assert_eq!(meant("weather"), None);
    for path in ["members", "members/k3f9", "members/k3f9/name/first", "", "/", "members/*/name/x", "capital/k3f9/name"]
    {
        assert!(household.resolve(path).is_err(), "{path}");
    }
    assert!(household.resolve("members/k3f9/name").is_ok());
}

#[test]
fn a_condition_makes_its_field_required_only_when_it_holds() {
    let household = form("1.001612");
    let mut answers = filled(&household);
    answers.retain(|path, _| !path.starts_with("members/"));
    answers.insert("founder_kind".into(), text("individual"));
    assert!(household.validate(&answers).is_complete());
    answers.insert("founder_kind".into(), text("family"));
    assert_eq!(household.validate(&answers).missing, ["members"]);
    answers.insert("members/zz99/name".into(), text("Trần Văn Bình"));
    assert_eq!(
        household.validate(&answers).missing,
        ["members/zz99/birth", "members/zz99/sex", "members/zz99/personal_id"],
        "in the order of the screen"
    );
}

#[test]
fn a_hidden_answer_is_kept_out_and_mentioned() {
    let land = form("1.012783");
    let mut answers = filled(&land);
    answers.insert("mortgaged".into(), Scalar::Boolean(false));
    answers.insert("bank".into(), text("Ngân hàng"));
    let report = land.validate(&answers);
    assert!(report.is_complete());
    assert!(report.warnings.contains(&Reported { path: "bank".into(), what: Warning::HiddenAnswer }));
}

#[test]
fn a_row_is_named_by_its_id_in_errors() {
    let copies = form("2.000815");
    let mut answers = filled(&copies);
    answers.insert("documents/aaaa/pages".into(), Scalar::Integer(0));
    answers.insert("documents/aaaa/copies".into(), text("three"));
    answers.insert("colour".into(), text("red"));
    let report = copies.validate(&answers);
    let error = |path: &str| report.errors.iter().find(|one| one.path == path).map(|one| one.what.code());
    assert_eq!(error("documents/aaaa/pages"), Some("too_small"));
    assert_eq!(error("documents/aaaa/copies"), Some("wrong_type"));
    assert_eq!(error("colour"), Some("unknown_field"));
    assert!(report.missing.contains(&"documents/aaaa/title".to_owned()));
    assert!(!report.missing.iter().any(|path| path.starts_with("documents/row1")));
}

#[test]
fn more_rows_than_the_form_takes_are_an_error() {
    let copies = form("2.000815");
    let mut answers = filled(&copies);
    for row in 0..=100 {
        answers.insert(format!("documents/r{row:04}/pages"), Scalar::Integer(1));
    }
    let report = copies.validate(&answers);
    let rows = Reported { path: "documents".to_owned(), what: FieldError::TooManyRows { max_rows: 100 } };
    assert!(report.errors.contains(&rows), "{:?}", report.errors);
}

#[test]
fn a_number_that_contradicts_birth_or_sex_is_a_warning() {
    let household = form("1.001612");
    let mut answers = filled(&household);
    let warn = |answers: &BTreeMap<String, Scalar>| {
        let report = household.validate(answers);
        assert!(report.is_complete(), "a contradiction never blocks");
        report.warnings.into_iter().map(|one| (one.path, one.what)).collect::<Vec<_>>()
    };
    answers.insert("applicant_id".into(), text("074090001234"));
    answers.insert("applicant_birth".into(), text("1990-03-21"));
    answers.insert("applicant_sex".into(), text("male"));
    assert!(!warn(&answers).iter().any(|(path, _)| path == "applicant_id"));
    answers.insert("applicant_birth".into(), text("1991-03-21"));
    answers.insert("applicant_sex".into(), text("female"));
    let found = warn(&answers);
    assert!(found.contains(&("applicant_id".into(), Warning::IdContradictsBirth)));
    assert!(found.contains(&("applicant_id".into(), Warning::IdContradictsSex)));
    answers.insert("founder_kind".into(), text("family"));
    for (property, answer) in
        [("name", "Trần Thị Hoa"), ("birth", "1985-01-01"), ("sex", "female"), ("personal_id", "074085001234")]
    {
        answers.insert(format!("members/zz99/{property}"), text(answer));
    }
    assert!(warn(&answers).contains(&("members/zz99/personal_id".into(), Warning::IdContradictsSex)));
}

#[test]
fn the_published_schema_alone_comes_to_the_same_answer() {
    for (code, form) in forms() {
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(form.schema()).unwrap();
        let answers = filled(&form);
        let instance = form.instance(&answers);
        assert!(validator.is_valid(&instance.value), "{code}");
        for path in answers.keys() {
            let mut without = answers.clone();
            without.remove(path);
            let report = form.validate(&without);
            let alone = validator.is_valid(&form.instance(&without).value);
            assert_eq!(report.is_complete(), alone, "{code} without {path}");
        }
    }
}

#[test]
fn sentences_are_in_both_languages() {
    let errors = [
        FieldError::UnknownField { did_you_mean: None },
        FieldError::Empty,
        FieldError::AmbiguousUnit { candidates: vec!["25747".into()] },
        FieldError::WrongPattern { example: None },
        FieldError::TooManyAnswers,
    ];
    for error in errors {
        let sentence = error.sentence();
        assert!(!sentence.vi.is_empty() && !sentence.en.is_empty() && sentence.vi != sentence.en);
    }
}

/// Answers to one of the shipped forms (its place among [`forms`]): sound ones, of which some are taken away and some
/// are replaced by anything, with a few rows.
pub(super) fn any_answers() -> impl Strategy<Value = (usize, BTreeMap<String, Scalar>)> {
    let count = forms().len();
    let odd = prop_oneof![
        any::<bool>().prop_map(Scalar::Boolean),
        (-3_i64..200).prop_map(Scalar::Integer),
        any::<i64>().prop_map(Scalar::Integer),
        "\\PC{0,12}|[0-9]{4,12}|family|2026-02-30|male|074090001234|25747".prop_map(Scalar::Text),
    ];
    let fates = proptest::collection::vec((0_u8..6, odd), 130);
    (0..count, fates).prop_map(|(at, fates)| {
        let (_, form) = &forms()[at];
        let sound = filled(form);
        let mut answers = BTreeMap::new();
        let paths = ["row1", "row2", "k3f9"].into_iter().flat_map(|row| form.fields().iter().map(move |f| f.path(row)));
        let paths: std::collections::BTreeSet<String> = paths.collect();
        for (path, (fate, odd)) in paths.into_iter().zip(fates) {
            let field = form.resolve(&path).unwrap();
            let choice = field.choices.last().map(|choice| text(&choice.value));
            let answer = match fate {
                0 => None,
                1 => Some(odd),
                2 => choice.or_else(|| sound.get(&field.path("row1")).cloned()),
                3 if field.kind == FieldKind::Boolean => Some(Scalar::Boolean(false)),
                _ => sound.get(&field.path("row1")).cloned(),
            };
            answers.extend(answer.map(|answer| (path, answer)));
        }
        (at, answers)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_typed_breaks_a_form(raw in "\\PC{0,60}", at in 0_usize..40) {
        let birth = form("1.001193");
        let field = &birth.fields()[at % birth.fields().len()];
        if let Ok(checked) = birth.check(&field.path("k3f9"), &raw) {
            let mut answers = BTreeMap::new();
            answers.insert(field.path("k3f9"), checked.value);
            prop_assert!(birth.validate(&answers).errors.is_empty(), "what check takes, validate takes");
        }
    }

    #[test]
    fn no_path_breaks_a_form(path in "\\PC{0,60}|[a-z_/*0-9]{0,40}") {
        let _ = form("1.001612").resolve(&path);
    }

    #[test]
    fn any_answers_are_judged_without_a_fall(
        cells in proptest::collection::btree_map(
            "(members|business_lines|x)/[0-9a-z]{3,6}/(name|code|main|birth)|capital|founder_kind|[a-z]{1,9}",
            prop_oneof![
                any::<bool>().prop_map(Scalar::Boolean),
                any::<i64>().prop_map(Scalar::Integer),
                "\\PC{0,20}|family".prop_map(Scalar::Text),
            ],
            0..20,
        )
    ) {
        let household = form("1.001612");
        let report = household.validate(&cells);
        prop_assert!(!report.is_complete());
    }
}
