//! From the published JSON to rules. Everything that is not understood is a fault: a rule left out would be a rule that
//! this program does not keep.

use regex_lite::Regex;
use serde_json::Value;

use super::super::read::{FormFault, FormFaultKind};
use super::{Format, JsonType, Schema, When};

/// Deepest nesting that is read. Forms have five levels; the bound keeps a hostile file from exhausting the stack.
const DEPTH_MAX: usize = 16;

impl Schema {
    /// Reads a schema, or says everything that is wrong with it; places are JSON pointers under `at`.
    pub fn read(schema: &Value, at: &str) -> Result<Self, Vec<FormFault>> {
        let mut reader = Reader { faults: Vec::new() };
        let read = reader.schema(schema, at, 0);
        if reader.faults.is_empty() { Ok(read) } else { Err(reader.faults) }
    }
}

struct Reader {
    faults: Vec<FormFault>,
}

impl Reader {
    fn fault(&mut self, at: &str, kind: FormFaultKind, name: &str) {
        self.faults.push(FormFault { pointer: at.to_owned(), kind, name: name.to_owned() });
    }

    fn schema(&mut self, value: &Value, at: &str, depth: usize) -> Schema {
        let mut read = Schema::default();
        let (Some(object), true) = (value.as_object(), depth <= DEPTH_MAX) else {
            self.fault(at, FormFaultKind::BadKeyword, "schema");
            return read;
        };
        for (keyword, value) in object {
            let here = format!("{at}/{keyword}");
            self.keyword(&mut read, keyword, value, &here, depth);
        }
        match (object.get("if"), object.get("then")) {
            (Some(condition), Some(then)) => {
                let holds = self.schema(condition, &format!("{at}/if"), depth + 1);
                let then = self.schema(then, &format!("{at}/then"), depth + 1);
                read.when = Some(Box::new(When { holds, then }));
            }
            (None, None) => {}
            // One without the other asks nothing, which nobody who writes it means.
            _ => self.fault(at, FormFaultKind::BadKeyword, "if"),
        }
        read
    }

    fn keyword(&mut self, read: &mut Schema, keyword: &str, value: &Value, at: &str, depth: usize) {
        let understood = match keyword {
            "if" | "then" => true,
            "$schema" | "title" | "x-title-en" | "x-type" | "description" => value.is_string(),
            "examples" => value.is_array(),
            "type" => set(&mut read.json_type, value.as_str().and_then(JsonType::of)),
            "const" => set(&mut read.constant, Some(value.clone())),
            "enum" => set(&mut read.among, value.as_array().filter(|list| !list.is_empty()).cloned()),
            "minLength" => set(&mut read.length.least, value.as_u64()),
            "maxLength" => set(&mut read.length.most, value.as_u64()),
            "minItems" => set(&mut read.rows.least, value.as_u64()),
            "maxItems" => set(&mut read.rows.most, value.as_u64()),
            "minimum" => set(&mut read.range.least, value.as_i64()),
            "maximum" => set(&mut read.range.most, value.as_i64()),
            "pattern" => set(&mut read.pattern, value.as_str().and_then(|text| Regex::new(text).ok())),
            "format" => set(&mut read.format, value.as_str().and_then(Format::of)),
            "required" => set_list(&mut read.required, distinct(value)),
            "additionalProperties" => {
                read.closed = *value == Value::Bool(false);
                read.closed
            }
            "properties" => return self.properties(read, value, at, depth),
            "items" => {
                read.items = Some(Box::new(self.schema(value, at, depth + 1)));
                true
            }
            "allOf" => return read.all_of = self.list(value, at, depth),
            "anyOf" => return read.any_of = Some(self.list(value, at, depth)),
            "oneOf" => return read.one_of = Some(self.list(value, at, depth)),
            _ => return self.fault(at, FormFaultKind::UnknownKeyword, keyword),
        };
        if !understood {
            self.fault(at, FormFaultKind::BadKeyword, keyword);
        }
    }

    fn properties(&mut self, read: &mut Schema, value: &Value, at: &str, depth: usize) {
        let Some(object) = value.as_object() else {
            return self.fault(at, FormFaultKind::BadKeyword, "properties");
        };
        for (name, property) in object {
            let property = self.schema(property, &format!("{at}/{name}"), depth + 1);
            read.properties.insert(name.clone(), property);
        }
    }

    fn list(&mut self, value: &Value, at: &str, depth: usize) -> Vec<Schema> {
        let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if parts.is_empty() {
            self.fault(at, FormFaultKind::BadKeyword, at.rsplit('/').next().unwrap_or_default());
        }
        parts.iter().enumerate().map(|(index, part)| self.schema(part, &format!("{at}/{index}"), depth + 1)).collect()
    }
}

/// Keeps what was understood, and says whether anything was.
fn set<T>(place: &mut Option<T>, found: Option<T>) -> bool {
    *place = found;
    place.is_some()
}

fn set_list(place: &mut Vec<String>, found: Option<Vec<String>>) -> bool {
    let understood = found.is_some();
    *place = found.unwrap_or_default();
    understood
}

/// A list of names, none of them twice.
fn distinct(value: &Value) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for name in value.as_array()? {
        let name = name.as_str()?;
        if names.iter().any(|known| known == name) {
            return None;
        }
        names.push(name.to_owned());
    }
    Some(names)
}

impl JsonType {
    fn of(name: &str) -> Option<Self> {
        match name {
            "object" => Some(Self::Object),
            "array" => Some(Self::Array),
            "string" => Some(Self::Text),
            "integer" => Some(Self::Integer),
            "boolean" => Some(Self::Boolean),
            _ => None,
        }
    }
}
