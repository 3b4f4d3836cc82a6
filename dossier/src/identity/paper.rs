//! The paper by which a person is known: citizen card, the old card, a passport, or none with a reason.

use super::{MAX_NUMBER_BYTES, PersonalId, digits, mask};
use serde::{Deserialize, Serialize};

/// The nine digits of the old identity card (CMND). Those cards ended on 31/12/2024; the number lives in old papers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OldCardNumber(String);

/// A Vietnamese passport number: one letter and seven or eight digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PassportNumber(String);

/// Why a person has no number of the known kinds (domain §7.1). Nobody is turned away for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoIdReason {
    /// A child whose birth is not registered yet.
    ChildNotRegistered,
    /// A foreigner, with papers of another country.
    Foreigner,
    /// A person without papers of any country.
    Undocumented,
    /// Something else, told in the notes.
    Other,
}

/// By what a person is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum IdentityPaper {
    /// The personal identification number of the citizen card.
    PersonalId(PersonalId),
    /// The number of an old card.
    OldCard(OldCardNumber),
    /// A Vietnamese passport.
    Passport(PassportNumber),
    /// None of these.
    Missing(NoIdReason),
}

/// Why a text is not the number of an identity paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// Not nine digits.
    #[error("an old identity card number has 9 digits")]
    OldCard,
    /// Not a letter with seven or eight digits.
    #[error("a passport number has a letter and 7 or 8 digits")]
    Passport,
    /// Neither twelve digits, nor nine, nor a letter with seven or eight.
    #[error("the number is neither of a citizen card, an old card nor a passport")]
    Unknown,
}

impl OldCardNumber {
    /// Reads nine digits; spaces, dots and dashes do not count.
    ///
    /// # Errors
    /// [`PaperError::OldCard`].
    pub fn parse(text: &str) -> Result<OldCardNumber, PaperError> {
        digits(text).filter(|digits| digits.len() == 9).map(OldCardNumber).ok_or(PaperError::OldCard)
    }

    /// The nine digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number with all but the last three digits hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.0, 0, 3)
    }
}

impl PassportNumber {
    /// Reads a letter (made a capital) and seven or eight digits; spaces, dots and dashes do not count.
    ///
    /// # Errors
    /// [`PaperError::Passport`].
    pub fn parse(text: &str) -> Result<PassportNumber, PaperError> {
        let text = text.trim();
        let letter = text.chars().next().filter(char::is_ascii_alphabetic).ok_or(PaperError::Passport)?;
        if text.len() > MAX_NUMBER_BYTES {
            return Err(PaperError::Passport);
        }
        let number = digits(&text[1..]).filter(|digits| matches!(digits.len(), 7 | 8)).ok_or(PaperError::Passport)?;
        Ok(PassportNumber(format!("{}{number}", letter.to_ascii_uppercase())))
    }

    /// The letter and the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number with all but the letter and the last three digits hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.0, 1, 3)
    }
}

impl IdentityPaper {
    /// Reads any of the three kinds of number by its shape.
    ///
    /// # Errors
    /// [`PaperError::Unknown`]; the message does not hold the number.
    pub fn parse(text: &str) -> Result<IdentityPaper, PaperError> {
        PersonalId::parse(text)
            .map(IdentityPaper::PersonalId)
            .or_else(|_| OldCardNumber::parse(text).map(IdentityPaper::OldCard))
            .or_else(|_| PassportNumber::parse(text).map(IdentityPaper::Passport))
            .map_err(|_| PaperError::Unknown)
    }
}

macro_rules! masked_text {
    ($type:ident) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($type), self.masked())
            }
        }

        impl TryFrom<String> for $type {
            type Error = PaperError;
            fn try_from(text: String) -> Result<$type, PaperError> {
                $type::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(number: $type) -> String {
                number.0
            }
        }
    };
}

masked_text!(OldCardNumber);
masked_text!(PassportNumber);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shape_tells_the_kind() {
        assert!(matches!(IdentityPaper::parse("074185000123"), Ok(IdentityPaper::PersonalId(_))));
        assert!(matches!(IdentityPaper::parse("280 123 456"), Ok(IdentityPaper::OldCard(_))));
        assert!(matches!(IdentityPaper::parse("c1234567"), Ok(IdentityPaper::Passport(_))));
        assert!(matches!(IdentityPaper::parse("P 00123456"), Ok(IdentityPaper::Passport(_))));
        for text in ["", "12345678", "CC1234567", "C123456", "C123456789", "Đ1234567"] {
            assert_eq!(IdentityPaper::parse(text), Err(PaperError::Unknown), "{text}");
        }
    }

    #[test]
    fn debug_is_masked() {
        assert_eq!(format!("{:?}", OldCardNumber::parse("280123456").unwrap()), "OldCardNumber(******456)");
        assert_eq!(format!("{:?}", PassportNumber::parse("c1234567").unwrap()), "PassportNumber(C****567)");
    }

    #[test]
    fn json_names_the_kind() {
        let paper = IdentityPaper::Missing(NoIdReason::ChildNotRegistered);
        let json = serde_json::to_string(&paper).unwrap();
        assert_eq!(json, r#"{"kind":"missing","value":"child_not_registered"}"#);
        assert_eq!(serde_json::from_str::<IdentityPaper>(&json).unwrap(), paper);
        assert!(serde_json::from_str::<IdentityPaper>(r#"{"kind":"old_card","value":"12"}"#).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}") {
            let _ = IdentityPaper::parse(&text);
        }
    }
}
