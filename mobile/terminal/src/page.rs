//! A page for people: headings, lines, and figures as they are written in Vietnam.

use std::fmt::Display;

use dossier::{content::Scalar, form::FieldKind};

use crate::language::Language;

/// Milliseconds of Vietnam's distance from UTC; it has no summer time.
const LOCAL_OFFSET_MS: i64 = 7 * 3_600_000;

/// A page being written.
#[derive(Debug)]
pub struct Page {
    language: Language,
    text: String,
}

impl Page {
    /// An empty page.
    pub fn new(language: Language) -> Self {
        Self { language, text: String::new() }
    }

    /// Its language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A line as it is.
    pub fn plain(&mut self, text: impl Display) {
        self.text.push_str(&text.to_string());
        self.text.push('\n');
    }

    /// A line under the one before.
    pub fn under(&mut self, text: impl Display) {
        self.plain(format_args!("  {text}"));
    }

    /// A sentence of the catalogue.
    pub fn line(&mut self, key: &'static str) {
        self.plain(self.language.say(key));
    }

    /// A sentence of the catalogue with values.
    pub fn filled(&mut self, key: &'static str, values: &[(&str, &dyn Display)]) {
        self.plain(self.language.fill(key, values));
    }

    /// A heading with an empty line before it.
    pub fn heading(&mut self, key: &'static str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.plain(self.language.say(key));
    }

    /// The page.
    pub fn finish(self) -> String {
        self.text
    }
}

/// A day and time as written in Vietnam, `21/11/2026 09:05`, from Unix milliseconds.
pub fn moment(ms: i64) -> String {
    let local_minutes = ms.saturating_add(LOCAL_OFFSET_MS).div_euclid(60_000);
    let (days, minute) = (local_minutes.div_euclid(1_440), local_minutes.rem_euclid(1_440));
    let (year, month, day) = civil(days);
    format!("{day:02}/{month:02}/{year} {:02}:{:02}", minute / 60, minute % 60)
}

/// The calendar day of a count of days since 1 January 1970 (H. Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// A local time in ISO 8601 as people write it; what is none stays as it is.
pub fn iso(text: &str) -> String {
    let digits =
        |from: usize, to: usize| text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let (Some(year), Some(month), Some(day)) = (digits(0, 4), digits(5, 7), digits(8, 10)) else {
        return text.to_owned();
    };
    match (digits(11, 13), digits(14, 16)) {
        (Some(hour), Some(minute)) => format!("{day}/{month}/{year} {hour}:{minute}"),
        _ => format!("{day}/{month}/{year}"),
    }
}

/// An amount of đồng: `1.200.000 đ`.
pub fn dong(amount: impl Into<i128>) -> String {
    let amount: i128 = amount.into();
    let digits = amount.unsigned_abs().to_string();
    let mut text = String::from(if amount < 0 { "-" } else { "" });
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text + " đ"
}

/// A size: `512 B`, `20,5 kB`, `3,2 MB`.
pub fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{},{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

/// A stored value as people read it, by the kind of its field where that is known.
pub fn value(value: &Scalar, kind: Option<FieldKind>, language: Language) -> String {
    match (value, kind) {
        (Scalar::Boolean(true), _) => language.say("value.yes").to_owned(),
        (Scalar::Boolean(false), _) => language.say("value.no").to_owned(),
        (Scalar::Integer(amount), Some(FieldKind::Money)) => dong(*amount),
        (Scalar::Text(text), Some(FieldKind::Date | FieldKind::YearOrDate)) => iso(text),
        (value, _) => value.to_string(),
    }
}

/// The beginning of a long name, enough to tell it by and to type it.
pub fn short(id: impl Display) -> String {
    id.to_string().chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_local_and_day_first() {
        assert_eq!(moment(1_795_000_000_000), "18/11/2026 18:06");
        assert_eq!(moment(0), "01/01/1970 07:00");
        assert_eq!(moment(951_782_400_000), "29/02/2000 07:00");
        assert_eq!(iso("2026-11-21T09:05:00+07:00"), "21/11/2026 09:05");
        assert_eq!(iso("1990-03-21"), "21/03/1990");
        assert_eq!(iso("1990"), "1990");
        assert_eq!(iso("đang chờ"), "đang chờ");
        for extreme in [i64::MIN, i64::MAX] {
            assert!(!moment(extreme).is_empty());
        }
    }

    #[test]
    fn figures_are_grouped() {
        assert_eq!(dong(0_i64), "0 đ");
        assert_eq!(dong(1_200_000_u64), "1.200.000 đ");
        assert_eq!(dong(-50_000_i64), "-50.000 đ");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(20_540), "20,5 kB");
        assert_eq!(size(3_221_225_472), "3221,2 MB");
    }

    #[test]
    fn values_are_read_by_their_kind() {
        let read = |scalar: &Scalar, kind| value(scalar, Some(kind), Language::Vi);
        assert_eq!(read(&Scalar::Boolean(true), FieldKind::Boolean), "Có");
        assert_eq!(read(&Scalar::Integer(1_000), FieldKind::Money), "1.000 đ");
        assert_eq!(read(&Scalar::Integer(1_000), FieldKind::Integer), "1000");
        assert_eq!(read(&Scalar::from("1990-03-21"), FieldKind::Date), "21/03/1990");
        assert_eq!(read(&Scalar::from("1990-03-21"), FieldKind::Text), "1990-03-21");
    }
}
