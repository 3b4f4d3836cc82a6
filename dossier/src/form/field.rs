//! One field as code and screens use it.

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::definition::Role;
use super::label::Label;

/// What a field holds, the `x-type` of its property. It decides how typed text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Free text of several lines.
    LongText,
    /// A day, stored `yyyy-mm-dd`.
    Date,
    /// A day, a month or only a year, stored `yyyy-mm-dd`, `yyyy-mm` or `yyyy`.
    YearOrDate,
    /// A whole number.
    Integer,
    /// An amount in đồng.
    Money,
    /// One of a list; the stored value is the choice's own name.
    Choice,
    /// Yes or no; a choice of several is several of these.
    Boolean,
    /// Số định danh cá nhân, 12 digits.
    PersonalId,
    /// A phone number, stored E.164.
    Phone,
    /// Mã số thuế.
    TaxCode,
    /// An e-mail address.
    Email,
    /// A commune, stored by its five-digit code.
    Unit,
    /// House number, street, quarter: free text, kept as written.
    AddressLine,
}

impl FieldKind {
    /// The `x-type` in the data file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::Date => "date",
            Self::YearOrDate => "year_or_date",
            Self::Integer => "integer",
            Self::Money => "money",
            Self::Choice => "choice",
            Self::Boolean => "boolean",
            Self::PersonalId => "personal_id",
            Self::Phone => "phone",
            Self::TaxCode => "tax_code",
            Self::Email => "email",
            Self::Unit => "unit",
            Self::AddressLine => "address_line",
        }
    }

    /// The JSON type of the stored value.
    pub fn json_type(self) -> &'static str {
        match self {
            Self::Integer | Self::Money => "integer",
            Self::Boolean => "boolean",
            _ => "string",
        }
    }
}

/// One value of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: Label,
}

/// Bounds of a value, from the schema. They are for screens; the schema itself decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Most characters of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<u64>,
    /// Least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// Greatest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Path of the field: `child_name`, or `members/*/name` in a repeated group, where `*` stands for the row id.
    pub id: String,
    /// What it holds.
    pub kind: FieldKind,
    /// What it is called.
    pub label: Label,
    /// A sentence beside it.
    pub help: Option<Label>,
    /// What a filled field looks like.
    pub example: Option<String>,
    /// Needed whenever it is visible; in a repeated group, in each row.
    pub required: bool,
    /// Values of a choice, in order; empty otherwise.
    pub choices: Vec<Choice>,
    /// Values offered without shutting out others.
    pub suggestions: Vec<String>,
    /// Page it stands on.
    pub page: String,
    /// Group it stands in.
    pub group: String,
    /// When it is shown; for a row's cell, a condition on the same row.
    pub visible_when: Option<Condition>,
    /// Array property it is repeated in.
    pub repeated: Option<String>,
    /// Free text that people edit together: it lives in the document's `texts`.
    pub long_text: bool,
    /// What it is, seen from the dossier.
    pub role: Option<Role>,
    /// Control that suits it.
    pub widget: Option<String>,
    /// Autofill token of HTML.
    pub autocomplete: Option<String>,
    /// Bounds of the value.
    pub limits: Limits,
}

impl Field {
    /// Name of the property in its object: the last part of the id.
    pub fn property(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(&self.id)
    }

    /// Path of the cell in a row, or the id itself for a field that does not repeat.
    pub fn path(&self, row: &str) -> String {
        match &self.repeated {
            Some(group) => format!("{group}/{row}/{}", self.property()),
            None => self.id.clone(),
        }
    }
}
