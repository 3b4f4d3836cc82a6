//! A form as the data file holds it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::label::Label;
use crate::procedure::FormId;

/// Schema and screen of one form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDefinition {
    /// Name of the form, unique in its procedure.
    pub id: FormId,
    /// Name of the printed form it stands for ("Mẫu số 18").
    pub template: String,
    /// JSON Schema 2020-12. Each property has `title` (Vietnamese), `x-title-en` and `x-type` beside the standard
    /// keywords.
    pub schema: serde_json::Value,
    /// Order, grouping and hints.
    pub ui: Ui,
}

/// How the form is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ui {
    /// Pages in order.
    pub pages: Vec<Page>,
    /// Hints by field id (`child_name`, `members/*/name`, or `members` for the group itself).
    pub fields: BTreeMap<String, FieldUi>,
    /// Which field plays which role.
    pub roles: BTreeMap<Role, String>,
    /// Which number belongs to which birth date and sex.
    pub identities: Vec<IdentityPair>,
}

/// A page of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Name of the page, a slug.
    pub id: String,
    /// Title shown.
    pub title: Label,
    /// Groups in order.
    pub groups: Vec<Group>,
}

/// Fields under one heading, or one repeated group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Name of the group, a slug.
    pub id: String,
    /// Heading shown.
    pub title: Label,
    /// A sentence under the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Label>,
    /// Present when the group repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// Property names in order; of the row's object when the group repeats.
    pub fields: Vec<String>,
}

/// What makes a group repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// The array property of the schema.
    pub field: String,
    /// What one row is called ("Thành viên").
    pub row_label: Label,
}

/// Hints for one field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldUi {
    /// A sentence beside the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Label>,
    /// What a filled field looks like; never a real person's datum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Control that suits it: `textarea`, `radio`, `select`, `checkbox`, `date`, `money`, `unit_picker`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widget: Option<String>,
    /// Autofill token of HTML (WHATWG), such as `name` or `bday`; `off` for another person's datum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// Values offered, without shutting out others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// True for free text that people edit together.
    #[serde(default, skip_serializing_if = "crate::procedure::is_false")]
    pub long_text: bool,
    /// When it is shown; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_when: Option<Condition>,
}

/// What a field is, seen from the dossier rather than the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Name of the person who applies.
    ApplicantName,
    /// Birth date of the person who applies.
    ApplicantBirth,
    /// Sex of the person who applies.
    ApplicantSex,
    /// Personal identification number of the person who applies.
    ApplicantId,
    /// Phone of the person who applies.
    ApplicantPhone,
    /// E-mail of the person who applies.
    ApplicantEmail,
    /// Address of the person who applies.
    ApplicantAddress,
    /// Commune of the person who applies.
    ApplicantUnit,
    /// Commune where the result is received.
    ReceivingCommune,
    /// The person the matter is about, when another than the applicant.
    SubjectName,
}

/// A personal number with the birth date and sex it should agree with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityPair {
    /// Field of the number.
    pub personal_id: String,
    /// Field of the birth date or year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<String>,
    /// Field of the sex, a choice of `male` and `female`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex_field: Option<String>,
    /// Sex that the role implies (a mother is `female`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
}
