//! A text in the two languages of the catalogue.

use serde::{Deserialize, Serialize};

/// What a person reads: Vietnamese first, English second.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Vietnamese, never empty in a sound catalogue.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Label {
    /// A label of two texts.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}
