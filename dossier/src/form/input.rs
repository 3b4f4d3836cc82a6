//! What a person typed into one field, read and judged.

use serde::{Deserialize, Serialize};

use super::condition::scalar_json;
use super::field::{Field, FieldKind};
use super::{Form, INPUT_MAX_BYTES, Scalar, UnknownField, report, value};
use crate::text;

mod commune;
mod numbers;

/// A value fit to be stored, with what a person should look at again.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The value as stored.
    pub value: Scalar,
    /// Doubts that do not keep it from being stored.
    pub warnings: Vec<Warning>,
}

/// A doubt about a value. Papers contain errors, so a doubt never blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Warning {
    /// The personal number says another birth year.
    IdContradictsBirth,
    /// The personal number says another sex.
    IdContradictsSex,
    /// The personal number begins with no known province.
    IdUnknownProvince,
    /// The personal number says a birth in 2100 or later.
    IdCenturyAhead,
    /// A mobile number of eleven digits, out of use since 2018.
    OldMobile {
        /// The number that replaced it, E.164.
        replacement: Option<String>,
    },
    /// The text looks like a broken old encoding.
    LegacyEncoding {
        /// Name of the encoding it was read as.
        read_as: String,
        /// What it seems to have been.
        repaired: Option<String>,
    },
    /// Look-alike letters were replaced by `đ` or `Đ`.
    LettersReplaced,
    /// The answer is kept, but its field is hidden by other answers and does not count.
    HiddenAnswer,
}

/// Why a typed text, or a stored answer, does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum FieldError {
    /// No such field.
    #[error("the form has no such field")]
    UnknownField {
        /// The nearest path that exists.
        did_you_mean: Option<String>,
    },
    /// Nothing but blanks; clearing a field is another act.
    #[error("nothing was typed")]
    Empty,
    /// More characters than the field takes.
    #[error("more than {max_chars} characters")]
    TooLong {
        /// Most characters.
        max_chars: u64,
    },
    /// Fewer characters than the field takes.
    #[error("fewer than {min_chars} characters")]
    TooShort {
        /// Least characters.
        min_chars: u64,
    },
    /// Not a day of the calendar.
    #[error("not a date")]
    NotADate,
    /// Not a whole number.
    #[error("not a whole number")]
    NotANumber,
    /// Below the least number.
    #[error("less than {minimum}")]
    TooSmall {
        /// Least number.
        minimum: i64,
    },
    /// Above the greatest number.
    #[error("more than {maximum}")]
    TooLarge {
        /// Greatest number.
        maximum: i64,
    },
    /// None of the choices.
    #[error("not one of the choices")]
    NotAChoice {
        /// Values that may be chosen.
        choices: Vec<String>,
    },
    /// Neither yes nor no.
    #[error("neither yes nor no")]
    NotABoolean,
    /// The declaration must be agreed to.
    #[error("this must be agreed to")]
    MustAgree,
    /// Not a personal identification number.
    #[error("not a personal identification number of 12 digits")]
    NotAPersonalId,
    /// Not a phone number.
    #[error("not a phone number")]
    NotAPhone,
    /// Not a tax code.
    #[error("not a tax code")]
    NotATaxCode,
    /// A digit of the tax code is wrong.
    #[error("the check digit of the tax code does not fit")]
    TaxCodeCheckDigit,
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    NotAnEmail,
    /// No commune of this name or code.
    #[error("no such commune")]
    UnknownUnit,
    /// Several communes have this name.
    #[error("several communes have this name")]
    AmbiguousUnit {
        /// Codes of those that fit.
        candidates: Vec<String>,
    },
    /// The text is not written as the field asks.
    #[error("not written as the field asks")]
    WrongPattern {
        /// What a filled field looks like.
        example: Option<String>,
    },
    /// The stored value has another type.
    #[error("the value has the wrong type")]
    WrongType {
        /// JSON type asked for.
        expected: String,
    },
    /// Fewer rows than the form asks for.
    #[error("fewer than {min_rows} rows")]
    TooFewRows {
        /// Least rows.
        min_rows: u64,
    },
    /// More rows than the form takes.
    #[error("more than {max_rows} rows")]
    TooManyRows {
        /// Most rows.
        max_rows: u64,
    },
    /// More answers than any form holds.
    #[error("too many answers")]
    TooManyAnswers,
    /// Another rule of the schema.
    #[error("the schema's {keyword} does not hold")]
    Schema {
        /// Keyword of JSON Schema.
        keyword: String,
    },
}

impl From<UnknownField> for FieldError {
    fn from(unknown: UnknownField) -> Self {
        Self::UnknownField { did_you_mean: unknown.did_you_mean }
    }
}

impl Form {
    /// Reads what a person typed into the field of a path. The text is cleaned to NFC, read by the field's kind, and the
    /// value judged by the field's own schema; what is returned may be stored as it is.
    pub fn check(&self, path: &str, raw: &str) -> Result<Checked, FieldError> {
        let field = self.resolve(path)?;
        let (text, mut warnings) = cleaned(field, raw)?;
        let value = self.read(field, &text, &mut warnings)?;
        let instance = scalar_json(&value);
        let broken = self.rules_of(field).and_then(|rules| rules.broken(&instance).into_iter().next());
        match broken {
            Some((_, rule)) => Err(report::field_error(field, rule)),
            None => Ok(Checked { value, warnings }),
        }
    }

    fn read(&self, field: &Field, text: &str, warnings: &mut Vec<Warning>) -> Result<Scalar, FieldError> {
        let in_text = |found: Option<String>, error| found.map(Scalar::Text).ok_or(error);
        match field.kind {
            FieldKind::Text | FieldKind::LongText | FieldKind::AddressLine => Ok(Scalar::Text(text.to_owned())),
            FieldKind::Date => in_text(value::date(text).map(|day| day.to_string()), FieldError::NotADate),
            FieldKind::YearOrDate => in_text(value::year_or_date(text), FieldError::NotADate),
            FieldKind::Integer => value::integer(text).map(Scalar::Integer).ok_or(FieldError::NotANumber),
            FieldKind::Money => value::money(text).map(Scalar::Integer).ok_or(FieldError::NotANumber),
            FieldKind::Boolean => value::boolean(text).map(Scalar::Boolean).ok_or(FieldError::NotABoolean),
            FieldKind::Email => in_text(value::email(text), FieldError::NotAnEmail),
            FieldKind::Choice => choice(field, text),
            FieldKind::Unit => commune::read(&self.units, text).map(Scalar::Text),
            FieldKind::PersonalId => numbers::personal_id(text, warnings).map(Scalar::Text),
            FieldKind::Phone => numbers::phone(text, warnings).map(Scalar::Text),
            FieldKind::TaxCode => numbers::tax_code(text).map(Scalar::Text),
        }
    }
}

/// Cleans the text and bounds it. One-line fields have their inner blanks made single.
fn cleaned(field: &Field, raw: &str) -> Result<(String, Vec<Warning>), FieldError> {
    let max_chars = field.limits.max_chars.unwrap_or(super::TEXT_MAX_CHARS);
    if raw.len() > INPUT_MAX_BYTES {
        return Err(FieldError::TooLong { max_chars });
    }
    let mut warnings = Vec::new();
    if let Some(legacy) = text::detect_legacy(raw) {
        let repaired = legacy.repaired().map(str::to_owned);
        warnings.push(Warning::LegacyEncoding { read_as: legacy.name().to_owned(), repaired });
    }
    let cleaned = text::clean(raw).map_err(|_| FieldError::TooLong { max_chars })?;
    if cleaned.notes.iter().any(|note| note.change == text::Change::StrokeReplaced) {
        warnings.push(Warning::LettersReplaced);
    }
    let text = match field.kind {
        FieldKind::LongText => cleaned.text.trim().to_owned(),
        _ => cleaned.text.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    if text.is_empty() {
        return Err(FieldError::Empty);
    }
    let chars = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    if chars > max_chars { Err(FieldError::TooLong { max_chars }) } else { Ok((text, warnings)) }
}

/// A choice by its stored value or by its title in either language, with or without diacritics, if only one fits.
fn choice(field: &Field, text: &str) -> Result<Scalar, FieldError> {
    if let Some(exact) = field.choices.iter().find(|choice| choice.value == text) {
        return Ok(Scalar::Text(exact.value.clone()));
    }
    let wanted = text::fold(text);
    let fits = |label: &str| text::fold(label) == wanted;
    let mut found =
        field.choices.iter().filter(|choice| fits(&choice.value) || fits(&choice.label.vi) || fits(&choice.label.en));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(Scalar::Text(only.value.clone())),
        _ => Err(FieldError::NotAChoice { choices: field.choices.iter().map(|choice| choice.value.clone()).collect() }),
    }
}
