//! When somebody was born, as exactly as they know.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A date of birth, or only the year: many elderly people have no more on their papers (domain §7.1).
///
/// JSON is `"1950-05-02"` or `"1950"`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Birth {
    /// The full date.
    Date(Date),
    /// The year alone.
    Year(i16),
}

/// Years that a living person or a register entry can have; what lies outside is a slip of the pen.
const YEARS: std::ops::RangeInclusive<i16> = 1850..=2199;

/// Why a text is not a date or year of birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BirthError {
    /// Neither day/month/year nor a year of four digits.
    #[error("a birth is written dd/mm/yyyy or yyyy")]
    Shape,
    /// The calendar has no such day, or the year is outside 1850–2199.
    #[error("there is no such date of birth")]
    NoSuchDate,
}

impl Birth {
    /// Reads `dd/mm/yyyy` (also with dots, dashes or spaces, and without leading zeros), `yyyy-mm-dd`, or `yyyy`.
    ///
    /// # Errors
    /// [`BirthError`]; the message does not hold the date.
    pub fn parse(text: &str) -> Result<Birth, BirthError> {
        if text.len() > super::MAX_NUMBER_BYTES {
            return Err(BirthError::Shape);
        }
        let parts: Vec<&str> = text.trim().split(['/', '-', '.', ' ']).filter(|part| !part.is_empty()).collect();
        let number = |part: &str, most: usize| {
            let plain = part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
            if plain { part.parse::<i16>().map_err(|_| BirthError::Shape) } else { Err(BirthError::Shape) }
        };
        let (day, month, year) = match parts.as_slice() {
            [year] if year.len() == 4 => {
                let year = number(year, 4)?;
                return if YEARS.contains(&year) { Ok(Birth::Year(year)) } else { Err(BirthError::NoSuchDate) };
            }
            [year, month, day] if year.len() == 4 => (number(day, 2)?, number(month, 2)?, number(year, 4)?),
            [day, month, year] if year.len() == 4 => (number(day, 2)?, number(month, 2)?, number(year, 4)?),
            _ => return Err(BirthError::Shape),
        };
        let part = |value: i16| i8::try_from(value).map_err(|_| BirthError::NoSuchDate);
        let date = Date::new(year, part(month)?, part(day)?).map_err(|_| BirthError::NoSuchDate)?;
        if YEARS.contains(&year) { Ok(Birth::Date(date)) } else { Err(BirthError::NoSuchDate) }
    }

    /// The year of birth.
    #[must_use]
    pub fn year(self) -> i16 {
        match self {
            Birth::Date(date) => date.year(),
            Birth::Year(year) => year,
        }
    }

    /// As it is printed: `02/05/1950` or `1950`.
    #[must_use]
    pub fn printed(self) -> String {
        match self {
            Birth::Date(date) => format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
            Birth::Year(year) => format!("{year:04}"),
        }
    }
}

impl std::fmt::Debug for Birth {
    /// Says only how much is known.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Birth::Date(_) => "Birth(date)",
            Birth::Year(_) => "Birth(year)",
        })
    }
}

impl TryFrom<String> for Birth {
    type Error = BirthError;
    fn try_from(text: String) -> Result<Birth, BirthError> {
        Birth::parse(&text)
    }
}

impl From<Birth> for String {
    fn from(birth: Birth) -> String {
        match birth {
            Birth::Date(date) => date.to_string(),
            Birth::Year(year) => format!("{year:04}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn the_ways_of_writing_a_birth() {
        for text in ["02/05/1950", "2/5/1950", "2-5-1950", "02.05.1950", " 02 / 05 / 1950 ", "1950-05-02"] {
            assert_eq!(Birth::parse(text), Ok(Birth::Date(date(1950, 5, 2))), "{text}");
        }
        assert_eq!(Birth::parse("1950"), Ok(Birth::Year(1950)));
    }

    #[test]
    fn what_is_no_birth_is_refused() {
        for text in ["", "50", "2/5/50", "hai", "1/2/3/1950", "+1/2/1950", "001/2/1950", "5/1950"] {
            assert_eq!(Birth::parse(text), Err(BirthError::Shape), "{text}");
        }
        for text in ["31/02/1950", "29/02/2023", "13/13/1950", "0/1/1950", "01/01/0950", "9999"] {
            assert_eq!(Birth::parse(text), Err(BirthError::NoSuchDate), "{text}");
        }
    }

    #[test]
    fn debug_hides_the_date() {
        assert_eq!(format!("{:?}", Birth::Year(1950)), "Birth(year)");
    }

    proptest! {
        #[test]
        fn printed_and_json_forms_read_back(year in 1850i16..2200, month in 1i8..13, day in 1i8..29, whole: bool) {
            let birth = if whole { Birth::Date(date(year, month, day)) } else { Birth::Year(year) };
            prop_assert_eq!(Birth::parse(&birth.printed()), Ok(birth));
            let json = serde_json::to_string(&birth).unwrap();
            prop_assert_eq!(serde_json::from_str::<Birth>(&json).unwrap(), birth);
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}|[0-9/. -]{0,12}") {
            let _ = Birth::parse(&text);
        }
    }
}
