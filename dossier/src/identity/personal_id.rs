//! The personal identification number (số định danh cá nhân), printed on the citizen card.

use super::{Birth, digits, mask};
use serde::{Deserialize, Serialize};

/// Twelve digits `PPP G YY NNNNNN`: province of birth registration, sex with century, year of birth, six random digits.
/// There is no check digit (domain §7.1). The number never changes, not even when provinces merge.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonalId(String);

/// Sex as the number and the civil status register tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Nam.
    Male,
    /// Nữ.
    Female,
}

/// Why a text is not a personal identification number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonalIdError {
    /// It holds something else than digits, spaces, dots and dashes.
    #[error("a personal identification number has digits only")]
    NotDigits,
    /// It has another number of digits than twelve.
    #[error("a personal identification number has 12 digits, not {found}")]
    Length {
        /// How many digits it has.
        found: usize,
    },
}

/// A contradiction that a person should look at. It never blocks: registers hold errors, and the card is what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The province digits are outside 001–096.
    UnknownProvince,
    /// The century digit says the person is born in 2100 or later.
    CenturyAhead,
    /// The number says another sex than the form.
    SexDiffers,
    /// The number says another year of birth than the form.
    BirthYearDiffers,
}

impl PersonalId {
    /// Reads a number as people write it: spaces, dots and dashes between the digits do not count.
    ///
    /// # Errors
    /// [`PersonalIdError`]; the message does not hold the number.
    pub fn parse(text: &str) -> Result<PersonalId, PersonalIdError> {
        let digits = digits(text).ok_or(PersonalIdError::NotDigits)?;
        if digits.len() != 12 {
            return Err(PersonalIdError::Length { found: digits.len() });
        }
        Ok(PersonalId(digits))
    }

    /// The twelve digits, for storage and for the form itself; show [`PersonalId::masked`] elsewhere.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The three digits of the province where the birth was registered: 074 Bình Dương, 079 TP.HCM, 077 Bà Rịa–Vũng Tàu.
    #[must_use]
    pub fn province(&self) -> &str {
        &self.0[..3]
    }

    /// The sex the number was given for.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.digit(3).is_multiple_of(2) { Sex::Male } else { Sex::Female }
    }

    /// The century of birth as its ordinal: 20 for 1900–1999, 21 for 2000–2099, up to 24.
    #[must_use]
    pub fn century(&self) -> u8 {
        20 + self.digit(3) / 2
    }

    /// The year of birth, 1900 to 2399.
    #[must_use]
    pub fn birth_year(&self) -> i16 {
        (i16::from(self.century()) - 1) * 100 + i16::from(self.digit(4)) * 10 + i16::from(self.digit(5))
    }

    /// Holds the number against what the form says. `None` means the form does not say it. The warnings come in the
    /// order of [`Warning`]; none means no contradiction.
    #[must_use]
    pub fn check_against(&self, birth: Option<Birth>, sex: Option<Sex>) -> Vec<Warning> {
        let province: u16 = self.0[..3].bytes().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        let checks = [
            (!(1..=96).contains(&province), Warning::UnknownProvince),
            (self.century() > 21, Warning::CenturyAhead),
            (sex.is_some_and(|sex| sex != self.sex()), Warning::SexDiffers),
            (birth.is_some_and(|birth| birth.year() != self.birth_year()), Warning::BirthYearDiffers),
        ];
        checks.into_iter().filter(|(found, _)| *found).map(|(_, warning)| warning).collect()
    }

    /// The number with all but the province and the last three digits hidden: `074******123`.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.0, 3, 3)
    }

    fn digit(&self, at: usize) -> u8 {
        self.0.as_bytes()[at] - b'0'
    }
}

impl std::fmt::Debug for PersonalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonalId({})", self.masked())
    }
}

impl TryFrom<String> for PersonalId {
    type Error = PersonalIdError;
    fn try_from(text: String) -> Result<PersonalId, PersonalIdError> {
        PersonalId::parse(&text)
    }
}

impl From<PersonalId> for String {
    fn from(id: PersonalId) -> String {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn birth(text: &str) -> Option<Birth> {
        Some(Birth::parse(text).unwrap())
    }

    #[test]
    fn the_parts_are_read() {
        let id = PersonalId::parse("074 1.85-000123").unwrap();
        assert_eq!(id.as_str(), "074185000123");
        assert_eq!((id.province(), id.sex(), id.century(), id.birth_year()), ("074", Sex::Female, 20, 1985));
        let child = PersonalId::parse("079220000456").unwrap();
        assert_eq!((child.sex(), child.century(), child.birth_year()), (Sex::Male, 21, 2020));
    }

    #[test]
    fn contradictions_are_warnings() {
        let id = PersonalId::parse("074185000123").unwrap();
        assert_eq!(id.check_against(birth("02/05/1985"), Some(Sex::Female)), []);
        assert_eq!(id.check_against(None, None), []);
        assert_eq!(id.check_against(birth("1986"), Some(Sex::Male)), [Warning::SexDiffers, Warning::BirthYearDiffers]);
        let odd = PersonalId::parse("097985000123").unwrap();
        assert_eq!(odd.check_against(None, None), [Warning::UnknownProvince, Warning::CenturyAhead]);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(PersonalId::parse("07418500012").unwrap_err(), PersonalIdError::Length { found: 11 });
        assert_eq!(PersonalId::parse("07418500012A").unwrap_err(), PersonalIdError::NotDigits);
        assert_eq!(PersonalId::parse("０７４185000123").unwrap_err(), PersonalIdError::NotDigits);
        assert_eq!(PersonalId::parse(&" ".repeat(100)).unwrap_err(), PersonalIdError::NotDigits);
    }

    #[test]
    fn debug_and_mask_hide_the_middle() {
        let id = PersonalId::parse("074185000123").unwrap();
        assert_eq!(id.masked(), "074******123");
        assert_eq!(format!("{id:?}"), "PersonalId(074******123)");
    }

    #[test]
    fn json_is_the_plain_number_and_is_checked() {
        let id: PersonalId = serde_json::from_str("\"074 185 000 123\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"074185000123\"");
        assert!(serde_json::from_str::<PersonalId>("\"12\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}") {
            let _ = PersonalId::parse(&text);
        }

        #[test]
        fn every_number_agrees_with_its_own_parts(digits in "0[0-8][1-9][0-3][0-9]{8}") {
            let id = PersonalId::parse(&digits).unwrap();
            prop_assert_eq!(id.check_against(Some(Birth::Year(id.birth_year())), Some(id.sex())), []);
        }
    }
}
