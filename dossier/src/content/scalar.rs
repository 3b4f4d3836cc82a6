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

impl From<&Scalar> for automerge::ScalarValue {
    fn from(value: &Scalar) -> Self {
        match value {
            Scalar::Boolean(value) => Self::Boolean(*value),
            Scalar::Integer(value) => Self::Int(*value),
            Scalar::Text(value) => Self::Str(value.as_str().into()),
        }
    }
}

impl Scalar {
    /// The scalar of an Automerge value, if it is one that a dossier can hold.
    #[must_use]
    pub(crate) fn from_automerge(value: &automerge::Value<'_>) -> Option<Self> {
        match value {
            automerge::Value::Scalar(scalar) => match scalar.as_ref() {
                automerge::ScalarValue::Boolean(value) => Some(Self::Boolean(*value)),
                automerge::ScalarValue::Int(value) => Some(Self::Integer(*value)),
                automerge::ScalarValue::Uint(value) => i64::try_from(*value).ok().map(Self::Integer),
                automerge::ScalarValue::Str(value) => Some(Self::Text(value.to_string())),
                _ => None,
            },
            automerge::Value::Object(_) => None,
        }
    }
}
