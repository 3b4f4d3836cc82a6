//! One property of a schema as a field.

use serde_json::Value;

use super::super::field::{Choice, Field, FieldKind, Limits};
use super::super::{LONG_TEXT_MAX_CHARS, TEXT_MAX_CHARS};
use super::fault::FormFaultKind;
use super::{Reader, title};

/// Keywords a property may have.
const PROPERTY_KEYWORDS: [&str; 14] = [
    "title",
    "x-title-en",
    "x-type",
    "type",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "pattern",
    "format",
    "oneOf",
    "const",
    "description",
    "examples",
];

impl<'a> Reader<'a> {
    pub(super) fn property(&mut self, id: String, rows: Option<&str>, property: &'a Value, at: &str) {
        let label = self.label(property, at);
        self.keywords(property, at, &PROPERTY_KEYWORDS);
        let x_type = property.get("x-type").cloned().unwrap_or_default();
        let Ok(kind) = serde_json::from_value::<FieldKind>(x_type.clone()) else {
            self.fault(format!("{at}/x-type"), FormFaultKind::UnknownType, x_type.as_str().unwrap_or_default());
            return;
        };
        if property.get("type").and_then(Value::as_str) != Some(kind.json_type()) {
            self.fault(format!("{at}/type"), FormFaultKind::TypeDisagrees, kind.json_type());
        }
        let hints = self.definition.ui.fields.get(&id).cloned().unwrap_or_default();
        if hints.long_text != (kind == FieldKind::LongText) {
            self.fault(
                format!("/ui/fields/{}/long_text", id.replace('/', "~1")),
                FormFaultKind::LongTextDisagrees,
                &id,
            );
        }
        if let Some(condition) = self.visible_when(&id) {
            self.known_fields(condition, &id, rows);
        }
        let choices = self.choices(kind, property, at);
        let role = self.definition.ui.roles.iter().find(|(_, field)| **field == id).map(|(role, _)| *role);
        let number = |key: &str| property.get(key).and_then(Value::as_i64);
        let field = Field {
            id: id.clone(),
            kind,
            label,
            help: hints.help,
            example: hints.example,
            required: false,
            choices,
            suggestions: hints.suggestions,
            page: String::new(),
            group: String::new(),
            visible_when: hints.visible_when,
            repeated: rows.map(str::to_owned),
            long_text: hints.long_text,
            role,
            widget: hints.widget,
            autocomplete: hints.autocomplete,
            limits: Limits {
                max_chars: (kind.json_type() == "string").then(|| max_chars(kind, property)),
                minimum: number("minimum"),
                maximum: number("maximum"),
            },
        };
        self.fields.insert(id, field);
    }

    fn choices(&mut self, kind: FieldKind, property: &Value, at: &str) -> Vec<Choice> {
        let listed = property.get("oneOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if (kind == FieldKind::Choice) == listed.is_empty() {
            self.fault(format!("{at}/oneOf"), FormFaultKind::ChoicesDisagree, kind.name());
        }
        let mut out: Vec<Choice> = Vec::new();
        for (index, one) in listed.iter().enumerate() {
            let here = format!("{at}/oneOf/{index}");
            self.keywords(one, &here, &["const", "title", "x-title-en"]);
            let value = one.get("const").and_then(Value::as_str).unwrap_or_default().to_owned();
            if value.is_empty() || out.iter().any(|earlier| earlier.value == value) {
                self.fault(format!("{here}/const"), FormFaultKind::ChoicesDisagree, &value);
            }
            if title(one).vi.trim().is_empty() {
                self.fault(format!("{here}/title"), FormFaultKind::NoVietnamese, &value);
            }
            out.push(Choice { value, label: title(one) });
        }
        out
    }
}

fn max_chars(kind: FieldKind, property: &Value) -> u64 {
    let ceiling = if kind == FieldKind::LongText { LONG_TEXT_MAX_CHARS } else { TEXT_MAX_CHARS };
    property.get("maxLength").and_then(Value::as_u64).map_or(ceiling, |length| length.min(ceiling))
}
