//! The part of JSON Schema 2020-12 that forms are written in, read once and evaluated here.
//!
//! A form's schema is published whole and anyone may validate with it; this program reads exactly the keywords that forms
//! use and refuses every other, so that it comes to the verdict of a full implementation (a test holds the two
//! together) without carrying one onto every phone.

mod format;
mod judge;
mod read;

pub use judge::Rule;

use std::collections::BTreeMap;

use format::Format;
use regex_lite::Regex;
use serde_json::Value;

/// One schema, or one part of it. What is absent asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    json_type: Option<JsonType>,
    constant: Option<Value>,
    among: Option<Vec<Value>>,
    length: Bounds<u64>,
    pattern: Option<Regex>,
    format: Option<Format>,
    range: Bounds<i64>,
    one_of: Option<Vec<Schema>>,
    all_of: Vec<Schema>,
    any_of: Option<Vec<Schema>>,
    when: Option<Box<When>>,
    properties: BTreeMap<String, Schema>,
    required: Vec<String>,
    /// Whether properties that are not listed are forbidden.
    closed: bool,
    items: Option<Box<Schema>>,
    rows: Bounds<u64>,
}

/// Least and most, both inclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds<T> {
    /// Least.
    pub least: Option<T>,
    /// Most.
    pub most: Option<T>,
}

/// `if` and `then`.
#[derive(Debug, Clone)]
struct When {
    holds: Schema,
    then: Schema,
}

/// Types that a form's values have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JsonType {
    Object,
    Array,
    Text,
    Integer,
    Boolean,
}

impl Schema {
    /// The part that judges a property of an object.
    pub fn property(&self, name: &str) -> Option<&Self> {
        self.properties.get(name)
    }

    /// The part that judges each row of an array.
    pub fn items(&self) -> Option<&Self> {
        self.items.as_deref()
    }

    /// How many rows an array may have.
    pub fn rows(&self) -> Bounds<u64> {
        self.rows
    }
}

#[cfg(test)]
mod tests;
