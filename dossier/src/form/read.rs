//! From a definition to fields, noting everything that is wrong on the way.

mod fault;
mod property;
mod screen;

pub use fault::{FormFault, FormFaultKind};

use std::collections::BTreeMap;

use serde_json::Value;

use super::FIELDS_MAX;
use super::condition::{Condition, condition_schema};
use super::definition::FormDefinition;
use super::field::Field;
use super::label::Label;

/// Keywords an object (the form or a row) may have.
const OBJECT_KEYWORDS: [&str; 9] = [
    "$schema",
    "title",
    "x-title-en",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "allOf",
    "description",
];

/// Title of the printed form, empty where the schema gives none.
pub fn title(schema: &Value) -> Label {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    Label::new(text("title"), text("x-title-en"))
}

/// Fields in the order of the screen, and the faults of the definition.
pub fn fields(definition: &FormDefinition) -> (Vec<Field>, Vec<FormFault>) {
    let mut reader = Reader { definition, fields: BTreeMap::new(), faults: Vec::new() };
    reader.label(&definition.schema, "/schema");
    reader.object(&definition.schema, "/schema", None);
    if reader.fields.len() > FIELDS_MAX {
        reader.fault("/schema/properties", FormFaultKind::TooManyFields, reader.fields.len().to_string());
    }
    let ordered = reader.order();
    reader.hints();
    reader.circles();
    (ordered, reader.faults)
}

struct Reader<'a> {
    definition: &'a FormDefinition,
    /// By field id; `repeated` names the array.
    fields: BTreeMap<String, Field>,
    faults: Vec<FormFault>,
}

impl<'a> Reader<'a> {
    fn fault(&mut self, pointer: impl Into<String>, kind: FormFaultKind, name: impl Into<String>) {
        self.faults.push(FormFault { pointer: pointer.into(), kind, name: name.into() });
    }

    fn label(&mut self, schema: &Value, at: &str) -> Label {
        let label = title(schema);
        if label.vi.trim().is_empty() {
            self.fault(format!("{at}/title"), FormFaultKind::NoVietnamese, "title");
        }
        if label.en.trim().is_empty() {
            self.fault(format!("{at}/x-title-en"), FormFaultKind::NoEnglish, "x-title-en");
        }
        label
    }

    /// Reads the properties of the form (`rows` none) or of one row of a repeated group.
    fn object(&mut self, schema: &'a Value, at: &str, rows: Option<&str>) {
        self.keywords(schema, at, &OBJECT_KEYWORDS);
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            self.fault(format!("{at}/type"), FormFaultKind::TypeDisagrees, "object");
        }
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            self.fault(format!("{at}/additionalProperties"), FormFaultKind::OpenObject, "additionalProperties");
        }
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            self.fault(format!("{at}/properties"), FormFaultKind::NoProperties, "properties");
            return;
        };
        for (name, property) in properties {
            let here = format!("{at}/properties/{name}");
            if !is_property_name(name) {
                self.fault(&here, FormFaultKind::BadName, name);
            } else if rows.is_none() && property.get("x-type").and_then(Value::as_str) == Some("rows") {
                self.rows(name, property, &here);
            } else {
                let id = rows.map_or_else(|| name.clone(), |group| format!("{group}/*/{name}"));
                self.property(id, rows, property, &here);
            }
        }
        self.required(schema, at, rows);
        self.conditionals(schema, at, rows);
    }

    fn rows(&mut self, name: &str, property: &'a Value, at: &str) {
        self.label(property, at);
        self.keywords(property, at, &["title", "x-title-en", "x-type", "type", "minItems", "maxItems", "items"]);
        if property.get("type").and_then(Value::as_str) != Some("array") {
            self.fault(format!("{at}/type"), FormFaultKind::TypeDisagrees, "array");
        }
        if let Some(condition) = self.visible_when(name) {
            self.known_fields(condition, name, None);
        }
        match property.get("items") {
            Some(items) => self.object(items, &format!("{at}/items"), Some(name)),
            None => self.fault(format!("{at}/items"), FormFaultKind::NoProperties, "items"),
        }
    }

    fn visible_when(&self, id: &str) -> Option<&'a Condition> {
        self.definition.ui.fields.get(id).and_then(|hints| hints.visible_when.as_ref())
    }

    /// `required` of an object: names that exist and are never hidden.
    fn required(&mut self, schema: &'a Value, at: &str, rows: Option<&str>) {
        for (index, name) in names(schema.get("required")).enumerate() {
            let id = rows.map_or_else(|| name.to_owned(), |group| format!("{group}/*/{name}"));
            let here = format!("{at}/required/{index}");
            if schema.get("properties").and_then(|all| all.get(name)).is_none() {
                self.fault(here, FormFaultKind::RequiredUnknown, name);
            } else if self.visible_when(&id).is_some() {
                self.fault(here, FormFaultKind::RequiredThoughHidden, name);
            } else if let Some(field) = self.fields.get_mut(&id) {
                field.required = true;
            }
        }
    }

    /// `allOf` of an object: each entry is `if` a condition `then` `required`, and agrees with `visible_when`.
    fn conditionals(&mut self, schema: &'a Value, at: &str, rows: Option<&str>) {
        let entries = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, entry) in entries.iter().enumerate() {
            let here = format!("{at}/allOf/{index}");
            self.keywords(entry, &here, &["if", "then"]);
            for name in names(entry.pointer("/then/required")) {
                let id = rows.map_or_else(|| name.to_owned(), |group| format!("{group}/*/{name}"));
                if schema.get("properties").and_then(|all| all.get(name)).is_none() {
                    self.fault(format!("{here}/then/required"), FormFaultKind::RequiredUnknown, name);
                    continue;
                }
                if self.visible_when(&id).map(condition_schema).as_ref() != entry.get("if") {
                    self.fault(format!("{here}/if"), FormFaultKind::ConditionDiffers, name);
                }
                if let Some(field) = self.fields.get_mut(&id) {
                    field.required = true;
                }
            }
        }
    }

    fn keywords(&mut self, schema: &Value, at: &str, known: &[&str]) {
        let unknown: Vec<String> = match schema.as_object() {
            Some(object) => object.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect(),
            None => Vec::new(),
        };
        for key in unknown {
            self.fault(format!("{at}/{key}"), FormFaultKind::UnknownKeyword, key);
        }
    }
}

/// Strings of an array, others left out: the reading of the schema speaks of those.
fn names(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str)
}

/// Property names are keys of the content document for ever: plain and short.
fn is_property_name(name: &str) -> bool {
    name.len() <= crate::procedure::SLUG_MAX_BYTES
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
