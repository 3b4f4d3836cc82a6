//! The official code of a dossier.

use super::org_unit_id::{OrgUnitId, is_level, is_level_1};
use super::{MAX_CODE_BYTES, is_digits};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The largest serial that fits into the seven digits any generator uses.
pub const MAX_SERIAL: u32 = 9_999_999;

/// A code such as `H29.16-261121-0042`: identifier, date of receipt, serial of that day.
///
/// It is opaque after issue: there are no accessors for its parts on purpose. Codes of other generators (legacy
/// identifiers, dates of eight digits, serials of seven) are read as well and kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DossierCode(String);

/// Why there is no dossier code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DossierCodeError {
    /// The text has another shape.
    #[error("a dossier code is written H29.16-261121-0042")]
    Shape,
    /// The date is outside 2000–2099, where two digits of a year are clear.
    #[error("a dossier code cannot carry this year")]
    Year,
    /// The serial is zero or above [`MAX_SERIAL`].
    #[error("the serial {serial} is not between 1 and {MAX_SERIAL}")]
    Serial {
        /// The serial.
        serial: u32,
    },
}

impl DossierCode {
    /// Reads a code of any known generator (domain §3.2). Lower case and spaces around are understood.
    ///
    /// # Errors
    /// [`DossierCodeError::Shape`].
    pub fn parse(text: &str) -> Result<DossierCode, DossierCodeError> {
        if text.len() > MAX_CODE_BYTES {
            return Err(DossierCodeError::Shape);
        }
        let code = text.trim().to_ascii_uppercase();
        let parts: Vec<&str> = code.split('-').collect();
        let [authority, day, serial] = parts.as_slice() else {
            return Err(DossierCodeError::Shape);
        };
        let right =
            is_authority(authority) && (is_digits(day, 6..=6) || is_digits(day, 8..=8)) && is_digits(serial, 4..=7);
        if right { Ok(DossierCode(code)) } else { Err(DossierCodeError::Shape) }
    }

    /// Makes the code of the `serial`-th dossier that an authority received on `day` (local date). The serial has at
    /// least four digits.
    ///
    /// # Errors
    /// [`DossierCodeError::Year`] and [`DossierCodeError::Serial`].
    pub fn format(authority: &OrgUnitId, day: Date, serial: u32) -> Result<DossierCode, DossierCodeError> {
        if !(2000..=2099).contains(&day.year()) {
            return Err(DossierCodeError::Year);
        }
        if !(1..=MAX_SERIAL).contains(&serial) {
            return Err(DossierCodeError::Serial { serial });
        }
        Ok(DossierCode(format!("{authority}-{}-{serial:04}", six_digits(day))))
    }

    /// The code as printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A date as `yyMMdd`.
pub(super) fn six_digits(day: Date) -> String {
    format!("{:02}{:02}{:02}", day.year().rem_euclid(100), day.month(), day.day())
}

/// `^(?:\d{3}\.\d{2}\.\d{2}\.)?[GH]\d{2}(?:\.[0-9A-Z]{1,5})*$`
fn is_authority(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let rest = match parts.as_slice() {
        [a, b, c, rest @ ..] if is_digits(a, 3..=3) && is_digits(b, 2..=2) && is_digits(c, 2..=2) => rest,
        all => all,
    };
    matches!(rest, [level1, lower @ ..] if is_level_1(level1) && lower.iter().all(|level| is_level(level)))
}

impl std::fmt::Display for DossierCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DossierCode {
    type Error = DossierCodeError;
    fn try_from(text: String) -> Result<DossierCode, DossierCodeError> {
        DossierCode::parse(&text)
    }
}

impl From<DossierCode> for String {
    fn from(code: DossierCode) -> String {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn codes_of_all_generators_are_read() {
        for code in [
            "H09.16-241231-0042",
            "000.00.16.H09-241231-0042",
            "G09.20-20260609-0092637",
            "H29.16.25747-261121-0001",
            "H29-261121-0001",
        ] {
            assert_eq!(DossierCode::parse(code).unwrap().as_str(), code);
        }
        assert_eq!(DossierCode::parse(" h29.16-261121-0042\n").unwrap().as_str(), "H29.16-261121-0042");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in [
            "",
            "H29.16-261121-042",
            "H29.16-2611210042",
            "H29.16-2611210-0042",
            "X29.16-261121-0042",
            "H29.16-261121-00000042",
            "00.00.16.H09-241231-0042",
            "H29.16.123456-261121-0042",
            "H29.16-261121-0042-1",
        ] {
            assert_eq!(DossierCode::parse(text), Err(DossierCodeError::Shape), "{text}");
        }
    }

    #[test]
    fn a_code_is_made_of_authority_day_and_serial() {
        let authority = OrgUnitId::parse("H29.16").unwrap();
        let day = date(2026, 11, 21);
        assert_eq!(DossierCode::format(&authority, day, 42).unwrap().as_str(), "H29.16-261121-0042");
        assert_eq!(DossierCode::format(&authority, day, 12345).unwrap().as_str(), "H29.16-261121-12345");
        let legacy = OrgUnitId::parse("000.00.16.H09").unwrap();
        assert_eq!(DossierCode::format(&legacy, day, 1).unwrap().as_str(), "H09.16-261121-0001");
        assert_eq!(DossierCode::format(&authority, day, 0), Err(DossierCodeError::Serial { serial: 0 }));
        assert_eq!(
            DossierCode::format(&authority, day, 10_000_000),
            Err(DossierCodeError::Serial { serial: 10_000_000 })
        );
        assert_eq!(DossierCode::format(&authority, date(2126, 1, 1), 1), Err(DossierCodeError::Year));
    }

    proptest! {
        #[test]
        fn every_code_made_reads_back(serial in 1u32..=MAX_SERIAL, days in 0i64..36_000) {
            let day = date(2000, 1, 1).checked_add(jiff::ToSpan::days(days)).unwrap();
            let code = DossierCode::format(&OrgUnitId::parse("H29.16").unwrap(), day, serial).unwrap();
            prop_assert_eq!(DossierCode::parse(code.as_str()).unwrap(), code);
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,100}|[GH0-9.-]{0,30}") {
            let _ = DossierCode::parse(&text);
        }
    }
}
