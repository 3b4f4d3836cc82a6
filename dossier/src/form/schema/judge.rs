//! A value against the rules.

use serde_json::Value;

use super::{JsonType, Schema};

/// A rule that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule<'a> {
    /// The type is another.
    Type,
    /// Not the one value that is allowed.
    Constant,
    /// Not one of the values that are allowed.
    Among,
    /// Fewer characters.
    MinLength(u64),
    /// More characters.
    MaxLength(u64),
    /// Not written so.
    Pattern,
    /// Not of the format.
    Format,
    /// Less than this.
    Minimum(i64),
    /// More than this.
    Maximum(i64),
    /// Not exactly one of the alternatives fits.
    OneOf,
    /// None of the alternatives fits.
    AnyOf,
    /// The property is needed.
    Required(&'a str),
    /// A property that the schema does not list.
    Additional,
    /// Fewer rows.
    MinItems(u64),
    /// More rows.
    MaxItems(u64),
}

impl Rule<'_> {
    /// The keyword of JSON Schema.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Constant => "const",
            Self::Among => "enum",
            Self::MinLength(_) => "minLength",
            Self::MaxLength(_) => "maxLength",
            Self::Pattern => "pattern",
            Self::Format => "format",
            Self::Minimum(_) => "minimum",
            Self::Maximum(_) => "maximum",
            Self::OneOf => "oneOf",
            Self::AnyOf => "anyOf",
            Self::Required(_) => "required",
            Self::Additional => "additionalProperties",
            Self::MinItems(_) => "minItems",
            Self::MaxItems(_) => "maxItems",
        }
    }
}

/// A rule that does not hold, with the place of the value as a JSON pointer. Names of properties are plain letters, so
/// nothing in a pointer is escaped.
pub type Broken<'a> = (String, Rule<'a>);

impl Schema {
    /// Everything that does not hold, in the order in which a person would mend it: the type before what rests on it.
    pub fn broken(&self, value: &Value) -> Vec<Broken<'_>> {
        let mut out = Vec::new();
        self.judge(value, "", &mut out);
        out
    }

    /// Whether everything holds.
    pub fn holds(&self, value: &Value) -> bool {
        self.broken(value).is_empty()
    }

    fn judge<'a>(&'a self, value: &Value, at: &str, out: &mut Vec<Broken<'a>>) {
        let mut note = |rule| out.push((at.to_owned(), rule));
        if self.json_type.is_some_and(|json_type| !json_type.is_of(value)) {
            note(Rule::Type);
        }
        if self.constant.as_ref().is_some_and(|constant| constant != value) {
            note(Rule::Constant);
        }
        if self.among.as_ref().is_some_and(|among| !among.contains(value)) {
            note(Rule::Among);
        }
        if self.one_of.as_ref().is_some_and(|parts| parts.iter().filter(|part| part.holds(value)).count() != 1) {
            note(Rule::OneOf);
        }
        if self.any_of.as_ref().is_some_and(|parts| !parts.iter().any(|part| part.holds(value))) {
            note(Rule::AnyOf);
        }
        match value {
            Value::String(text) => self.judge_text(text, &mut note),
            Value::Number(_) => self.judge_number(value, &mut note),
            Value::Array(rows) => self.judge_rows(rows, at, out),
            Value::Object(_) => self.judge_object(value, at, out),
            Value::Null | Value::Bool(_) => {}
        }
        for part in &self.all_of {
            part.judge(value, at, out);
        }
        if let Some(when) = &self.when
            && when.holds.holds(value)
        {
            when.then.judge(value, at, out);
        }
    }

    fn judge_text<'a>(&'a self, text: &str, note: &mut impl FnMut(Rule<'a>)) {
        let chars = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        if let Some(least) = self.length.least.filter(|least| chars < *least) {
            note(Rule::MinLength(least));
        }
        if let Some(most) = self.length.most.filter(|most| chars > *most) {
            note(Rule::MaxLength(most));
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
            note(Rule::Pattern);
        }
        if self.format.is_some_and(|format| !format.fits(text)) {
            note(Rule::Format);
        }
    }

    fn judge_number<'a>(&'a self, value: &Value, note: &mut impl FnMut(Rule<'a>)) {
        // Stored numbers are whole and fit; what does not is told by the type.
        let Some(number) = value.as_i64() else { return };
        if let Some(least) = self.range.least.filter(|least| number < *least) {
            note(Rule::Minimum(least));
        }
        if let Some(most) = self.range.most.filter(|most| number > *most) {
            note(Rule::Maximum(most));
        }
    }

    fn judge_rows<'a>(&'a self, rows: &[Value], at: &str, out: &mut Vec<Broken<'a>>) {
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        if let Some(least) = self.rows.least.filter(|least| count < *least) {
            out.push((at.to_owned(), Rule::MinItems(least)));
        }
        if let Some(most) = self.rows.most.filter(|most| count > *most) {
            out.push((at.to_owned(), Rule::MaxItems(most)));
        }
        if let Some(items) = &self.items {
            for (index, row) in rows.iter().enumerate() {
                items.judge(row, &format!("{at}/{index}"), out);
            }
        }
    }

    fn judge_object<'a>(&'a self, value: &Value, at: &str, out: &mut Vec<Broken<'a>>) {
        for name in self.required.iter().filter(|name| value.get(name.as_str()).is_none()) {
            out.push((at.to_owned(), Rule::Required(name)));
        }
        for (name, part) in value.as_object().into_iter().flatten() {
            match self.properties.get(name) {
                Some(property) => property.judge(part, &format!("{at}/{name}"), out),
                None if self.closed => out.push((at.to_owned(), Rule::Additional)),
                None => {}
            }
        }
    }
}

impl JsonType {
    fn is_of(self, value: &Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
            Self::Text => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
        }
    }
}
