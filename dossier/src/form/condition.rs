//! When a field is shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::content::Scalar;

/// Deepest nesting of conditions that is followed, and longest chain of fields that depend on one another. Real forms
/// have two; the bound keeps a circle in a data file from running for ever.
pub const CONDITION_DEPTH_MAX: usize = 8;

/// A condition on other answers of the form. Inside a repeated group it speaks of the same row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    /// The field has this value.
    Equals(Equals),
    /// The field has one of these values.
    OneOf(OneOf),
    /// All hold.
    All(All),
    /// At least one holds.
    Any(Any),
}

/// See [`Condition::Equals`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equals {
    /// Property name.
    pub field: String,
    /// Its value.
    pub equals: Scalar,
}

/// See [`Condition::OneOf`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOf {
    /// Property name.
    pub field: String,
    /// Its values.
    pub one_of: Vec<Scalar>,
}

/// See [`Condition::All`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct All {
    /// The parts.
    pub all: Vec<Condition>,
}

/// See [`Condition::Any`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Any {
    /// The parts.
    pub any: Vec<Condition>,
}

impl Condition {
    /// Property names the condition speaks of, in order, repeats included.
    pub fn fields(&self) -> Vec<&str> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect<'a>(&'a self, out: &mut Vec<&'a str>) {
        match self {
            Self::Equals(one) => out.push(&one.field),
            Self::OneOf(one) => out.push(&one.field),
            Self::All(parts) => parts.all.iter().for_each(|part| part.collect(out)),
            Self::Any(parts) => parts.any.iter().for_each(|part| part.collect(out)),
        }
    }

    /// Whether it holds, given the value of each *visible* field by property name.
    pub fn holds<'a>(&self, value_of: &dyn Fn(&str) -> Option<&'a Scalar>) -> bool {
        match self {
            Self::Equals(one) => value_of(&one.field) == Some(&one.equals),
            Self::OneOf(one) => value_of(&one.field).is_some_and(|value| one.one_of.contains(value)),
            Self::All(parts) => parts.all.iter().all(|part| part.holds(value_of)),
            Self::Any(parts) => parts.any.iter().any(|part| part.holds(value_of)),
        }
    }
}

/// The condition as the `if` of a schema. The catalogue check compares it with what the file says, so the form of the
/// result is fixed.
pub fn condition_schema(condition: &Condition) -> Value {
    let leaf = |field: &str, keyword: &str, value: Value| {
        let mut rule = serde_json::Map::new();
        rule.insert(keyword.to_owned(), value);
        let mut properties = serde_json::Map::new();
        properties.insert(field.to_owned(), Value::Object(rule));
        json!({ "properties": properties, "required": [field] })
    };
    match condition {
        Condition::Equals(one) => leaf(&one.field, "const", scalar_json(&one.equals)),
        Condition::OneOf(one) => leaf(&one.field, "enum", one.one_of.iter().map(scalar_json).collect()),
        Condition::All(parts) => json!({ "allOf": parts.all.iter().map(condition_schema).collect::<Vec<_>>() }),
        Condition::Any(parts) => json!({ "anyOf": parts.any.iter().map(condition_schema).collect::<Vec<_>>() }),
    }
}

/// A scalar as JSON.
pub fn scalar_json(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => Value::from(text.as_str()),
        Scalar::Integer(number) => Value::from(*number),
        Scalar::Boolean(flag) => Value::from(*flag),
    }
}
