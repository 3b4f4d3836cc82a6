use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// One answer: what a cell of the content document holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A yes or no.
    #[n(0)]
    Boolean(#[n(0)] bool),
    /// A whole number: counts, and money in đồng.
    #[n(1)]
    Integer(#[n(0)] i64),
    /// Text in NFC: names, choices, dates as `yyyy-mm-dd`.
    #[n(2)]
    Text(#[n(0)] String),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

impl From<&str> for Scalar {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
