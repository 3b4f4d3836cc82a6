//! Where in a file the reading failed.
//!
//! The reader of JSON says what it did not like, but not where. So when a file cannot be read, each of its parts is
//! read alone, the smallest first, and the parts that fail are the places.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::manifest::{LifeEvent, Sector};
use crate::deadline::Term;
use crate::form::{FieldUi, FormDefinition, Group, IdentityPair, Page, Ui};
use crate::procedure::{
    Case, Component, Fee, Flags, LegalBasis, LifeEventId, Offering, Procedure, ProcedureCode, ResultPaper, SectorId,
    Step, Version,
};

/// A kind of part: its places (`*` is any key or index) and how it is read.
pub type Node = (&'static str, fn(&Value) -> Result<(), String>);

/// Parts of `sectors.json`.
pub const SECTORS: &[Node] = &[("/sectors/*", reads::<Sector>)];

/// Parts of `life_events.json`.
pub const LIFE_EVENTS: &[Node] = &[("/life_events/*", reads::<LifeEvent>)];

/// Parts of a procedure, smaller before greater.
pub const PROCEDURE: &[Node] = &[
    ("/code", reads::<ProcedureCode>),
    ("/sector", reads::<SectorId>),
    ("/life_events/*", reads::<LifeEventId>),
    ("/versions/*/cases/*/channels/*/term", reads::<Option<Term>>),
    ("/versions/*/cases/*/channels/*/fees/*", reads::<Fee>),
    ("/versions/*/cases/*/channels/*", reads::<Offering>),
    ("/versions/*/cases/*", reads::<Case>),
    ("/versions/*/components/*", reads::<Component>),
    ("/versions/*/legal_bases/*", reads::<LegalBasis>),
    ("/versions/*/results/*", reads::<ResultPaper>),
    ("/versions/*/steps/*", reads::<Step>),
    ("/versions/*/flags", reads::<Flags>),
    ("/versions/*", reads::<Version>),
    ("/forms/*/ui/fields/*", reads::<FieldUi>),
    ("/forms/*/ui/pages/*/groups/*", reads::<Group>),
    ("/forms/*/ui/pages/*", reads::<Page>),
    ("/forms/*/ui/identities/*", reads::<IdentityPair>),
    ("/forms/*/ui", reads::<Ui>),
    ("/forms/*", reads::<FormDefinition>),
    ("", reads::<Procedure>),
];

fn reads<T: DeserializeOwned>(value: &Value) -> Result<(), String> {
    T::deserialize(value).map(|_| ()).map_err(|error| error.to_string())
}

/// The smallest parts that cannot be read, each with the reader's words.
pub fn locate(value: &Value, shape: &[Node]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (pattern, read) in shape {
        for (pointer, part) in expand(value, pattern) {
            let within = format!("{pointer}/");
            if found.iter().any(|(inner, _)| inner.starts_with(&within)) {
                continue;
            }
            if let Err(message) = read(part) {
                found.push((exact(&pointer, &message), message));
            }
        }
    }
    found
}

/// An unknown key is a place of its own.
fn exact(pointer: &str, message: &str) -> String {
    match message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
        Some((key, _)) => format!("{pointer}/{}", escape(key)),
        None => pointer.to_owned(),
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// All parts of a pattern with their pointers.
fn expand<'a>(value: &'a Value, pattern: &str) -> Vec<(String, &'a Value)> {
    let mut parts = vec![(String::new(), value)];
    for step in pattern.split('/').skip(1) {
        parts = parts
            .into_iter()
            .flat_map(|(pointer, part)| -> Vec<(String, &Value)> {
                let below = |key: &str| format!("{pointer}/{}", escape(key));
                match (step, part) {
                    ("*", Value::Array(items)) => {
                        items.iter().enumerate().map(|(at, item)| (below(&at.to_string()), item)).collect()
                    }
                    ("*", Value::Object(map)) => map.iter().map(|(key, item)| (below(key), item)).collect(),
                    (key, Value::Object(map)) => map.get(key).map(|item| (below(key), item)).into_iter().collect(),
                    _ => Vec::new(),
                }
            })
            .collect();
    }
    parts
}
