//! The whole form judged by its schema.

use std::collections::BTreeMap;

use serde::Serialize;

use super::field::{Field, FieldKind};
use super::input::{FieldError, Warning};
use super::instance::Instance;
use super::path::is_row_id;
use super::schema::Rule;
use super::{ANSWERS_MAX, Form, Scalar, person};

/// Most problems one report lists: more than a person would read, few enough to send.
pub const REPORT_MAX: usize = 200;

/// Something said about the cell of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reported<T> {
    /// Path of the cell, or name of the group for what concerns all its rows; empty for the form as a whole.
    pub path: String,
    /// What is said.
    #[serde(flatten)]
    pub what: T,
}

/// What is still wrong with a filled form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Values that do not fit their field.
    pub errors: Vec<Reported<FieldError>>,
    /// Doubts that block nothing.
    pub warnings: Vec<Reported<Warning>>,
    /// Paths that are needed and empty; the name of the group when it needs a first row.
    pub missing: Vec<String>,
}

impl Report {
    /// Whether the form may be handed in.
    pub fn is_complete(&self) -> bool {
        self.errors.is_empty() && self.missing.is_empty()
    }
}

impl Form {
    /// Judges all answers, flat paths to values, by the published schema. Answers of hidden fields are kept out of the
    /// judgement and mentioned as warnings.
    pub fn validate(&self, answers: &BTreeMap<String, Scalar>) -> Report {
        let (mut report, _) = self.judged(answers);
        report.errors.truncate(REPORT_MAX);
        report.warnings.truncate(REPORT_MAX);
        report.missing.truncate(REPORT_MAX);
        report
    }

    /// The whole report, and the instance it speaks of.
    pub(super) fn judged(&self, answers: &BTreeMap<String, Scalar>) -> (Report, Instance) {
        let mut report = Report::default();
        if answers.len() > ANSWERS_MAX {
            report.errors.push(Reported { path: String::new(), what: FieldError::TooManyAnswers });
            return (report, self.instance(&BTreeMap::new()));
        }
        for path in answers.keys() {
            if let Err(unknown) = self.resolve(path) {
                report.errors.push(Reported { path: path.clone(), what: unknown.into() });
            }
        }
        let instance = self.instance(answers);
        report
            .warnings
            .extend(instance.hidden.iter().map(|path| Reported { path: path.clone(), what: Warning::HiddenAnswer }));
        for (pointer, rule) in self.rules.broken(&instance.value) {
            self.report_one(&mut report, &instance, &pointer, rule);
        }
        report.warnings.extend(person::contradictions(self, answers, &instance));
        report.missing.sort_by_key(|path| self.position(path));
        report.missing.dedup();
        (report, instance)
    }

    fn report_one(&self, report: &mut Report, instance: &Instance, pointer: &str, rule: Rule<'_>) {
        let path = cell_path(instance, pointer);
        if let Rule::Required(property) = rule {
            report.missing.push(if path.is_empty() { property.to_owned() } else { format!("{path}/{property}") });
            return;
        }
        let what = match (self.resolve(&path), rule) {
            (Ok(field), _) => field_error(field, rule),
            (_, Rule::MinItems(min_rows)) => FieldError::TooFewRows { min_rows },
            (_, Rule::MaxItems(max_rows)) => FieldError::TooManyRows { max_rows },
            _ => FieldError::Schema { keyword: rule.keyword().to_owned() },
        };
        report.errors.push(Reported { path, what });
    }

    /// Place of a path on the screen, so that what is missing is listed as a person goes through the form.
    fn position(&self, path: &str) -> (usize, String) {
        let place = self.fields().iter().position(|field| match (&field.repeated, path.split_once('/')) {
            (Some(group), Some(_)) => self.resolve(path).is_ok_and(|found| found.id == field.id) && !group.is_empty(),
            (Some(group), None) => group == path,
            (None, _) => field.id == path,
        });
        (place.unwrap_or(usize::MAX), path.to_owned())
    }
}

/// The flat path of a JSON pointer: `/members/0/name` with the row's id in place of its index.
fn cell_path(instance: &Instance, pointer: &str) -> String {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let row = |group: &str, index: &str| instance.rows.get(group)?.get(index.parse::<usize>().ok()?);
    match parts.as_slice() {
        [group, index, rest @ ..] => match row(group, index) {
            Some(id) => {
                std::iter::once(*group).chain([id.as_str()]).chain(rest.iter().copied()).collect::<Vec<_>>().join("/")
            }
            None => parts.join("/"),
        },
        _ => parts.join("/"),
    }
}

/// A broken rule of the schema in the words of its field.
pub fn field_error(field: &Field, rule: Rule<'_>) -> FieldError {
    match rule {
        Rule::MaxLength(max_chars) => FieldError::TooLong { max_chars },
        Rule::MinLength(min_chars) => FieldError::TooShort { min_chars },
        Rule::Minimum(minimum) => FieldError::TooSmall { minimum },
        Rule::Maximum(maximum) => FieldError::TooLarge { maximum },
        Rule::Constant if field.kind == FieldKind::Boolean => FieldError::MustAgree,
        Rule::OneOf => {
            FieldError::NotAChoice { choices: field.choices.iter().map(|choice| choice.value.clone()).collect() }
        }
        Rule::Type => FieldError::WrongType { expected: field.kind.json_type().to_owned() },
        Rule::Pattern | Rule::Format => match field.kind {
            FieldKind::Date | FieldKind::YearOrDate => FieldError::NotADate,
            FieldKind::PersonalId => FieldError::NotAPersonalId,
            FieldKind::Phone => FieldError::NotAPhone,
            FieldKind::TaxCode => FieldError::NotATaxCode,
            FieldKind::Email => FieldError::NotAnEmail,
            FieldKind::Unit => FieldError::UnknownUnit,
            _ => FieldError::WrongPattern { example: field.example.clone() },
        },
        other => FieldError::Schema { keyword: other.keyword().to_owned() },
    }
}

/// Rows that a path of this instance may name; used where a pair of fields is looked up row by row.
pub fn rows_of<'a>(instance: &'a Instance, id: &str) -> Vec<&'a str> {
    let group = id.split_once("/*/").map(|(group, _)| group);
    let rows = group.and_then(|group| instance.rows.get(group)).map(Vec::as_slice).unwrap_or_default();
    rows.iter().map(String::as_str).filter(|row| is_row_id(row)).collect()
}
