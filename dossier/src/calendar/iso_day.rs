//! Days as `"2025-07-01"` in JSON: what the calendar's library reads and writes, without the hundred sentences in which it
//! says what is wrong with a day, which a phone would fetch and nobody would read.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub(crate) fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    parse(&String::deserialize(deserializer)?)
}

fn parse<E: Error>(text: &str) -> Result<Date, E> {
    text.parse().map_err(|_| E::custom("a day is written YYYY-MM-DD"))
}

/// The same for a day that may be missing.
pub(crate) mod optional {
    use super::{Date, Deserialize, Deserializer, Serializer, parse};

    pub(crate) fn serialize<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => serializer.collect_str(day),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        Option::<String>::deserialize(deserializer)?.map(|text| parse(&text)).transpose()
    }
}
