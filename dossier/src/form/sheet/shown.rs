//! Stored values as people read them. What is shown here can be typed again and is then read as the same value.

use super::super::field::{Field, FieldKind};
use super::super::{Form, Label, Scalar};
use crate::identity::Phone;
use crate::unit::Units;

/// The least whole number whose digits are parted by dots: years, house and plot numbers are read without.
const DOTS_FROM: i64 = 10_000;

impl Form {
    /// A value of a field as a person reads it: day before month, numbers with dots, a choice by its label, a commune by
    /// its full name. A value that the field would not take is shown as it is.
    #[must_use]
    pub fn shown(&self, field: &Field, value: &Scalar) -> Label {
        let same = |text: String| Label { en: text.clone(), vi: text };
        match (field.kind, value) {
            (_, Scalar::Boolean(true)) => Label::new("Có", "Yes"),
            (_, Scalar::Boolean(false)) => Label::new("Không", "No"),
            (FieldKind::Money, Scalar::Integer(amount)) => same(dotted(*amount)),
            (_, Scalar::Integer(number)) if number.abs() >= DOTS_FROM => same(dotted(*number)),
            (_, Scalar::Integer(number)) => same(number.to_string()),
            (FieldKind::Choice, Scalar::Text(value)) => (field.choices.iter())
                .find(|choice| choice.value == *value)
                .map_or_else(|| same(value.clone()), |choice| choice.label.clone()),
            (FieldKind::Date | FieldKind::YearOrDate, Scalar::Text(value)) => same(day_first(value)),
            (FieldKind::Phone, Scalar::Text(value)) => {
                same(Phone::parse(value).map_or_else(|_| value.clone(), |phone| phone.grouped()))
            }
            (FieldKind::Unit, Scalar::Text(value)) => unit_shown(&self.units, value),
            (_, Scalar::Text(value)) => same(value.clone()),
        }
    }
}

/// The name of a unit with, for a former one, its last day.
pub fn unit_shown(units: &Units, key: &str) -> Label {
    let Some(unit) = units.get(key) else { return Label::new(key, key) };
    let name = unit.full_name();
    match unit.valid_to.and_then(|ended| ended.yesterday().ok()) {
        Some(last) => {
            let last = format!("{:02}/{:02}/{:04}", last.day(), last.month(), last.year());
            Label::new(format!("{name} (đến {last})"), format!("{name} (until {last})"))
        }
        None => Label::new(name.clone(), name),
    }
}

/// `1990-03-21` as `21/03/1990`, `1990-03` as `03/1990`; anything else as it is.
fn day_first(value: &str) -> String {
    let parts: Vec<&str> = value.split('-').collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [year, rest @ ..] if year.len() == 4 && rest.len() <= 2 && parts.iter().all(digits) => {
            parts.iter().rev().copied().collect::<Vec<_>>().join("/")
        }
        _ => value.to_owned(),
    }
}

/// Digits in groups of three, parted by dots as in Vietnam.
fn dotted(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}
