//! A filled form as a screen shows it: every rule already applied, so that a phone, a browser and a desk show the same.
//!
//! [`Form::view`] is a pure function of the form, the answers and what people disagree about. What conditions hide is left
//! out; what is missing or refused is exactly what [`Form::validate`] says.

mod compose;
mod offer;
mod shown;

use std::collections::BTreeMap;

use serde::Serialize;

use super::field::{Choice, FieldKind, Limits};
use super::input::{FieldError, Warning};
use super::{Label, Scalar};
use crate::id::{DeviceId, DossierId};
use crate::view::VoiceView;

/// What a view is made from, beside the form.
#[derive(Debug, Clone, Copy)]
pub struct Filled<'a> {
    /// The dossier.
    pub dossier: DossierId,
    /// Its procedure's code.
    pub procedure: &'a str,
    /// Answers by path.
    pub answers: &'a BTreeMap<String, Scalar>,
    /// Fields about which people disagree, by path; the first voice is the one that `answers` holds.
    pub voices: &'a BTreeMap<String, Vec<VoiceView>>,
    /// The device on which it is looked at.
    pub own: Option<DeviceId>,
}

/// A filled form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormView {
    /// The dossier.
    pub dossier: DossierId,
    /// Its procedure's code.
    pub procedure: String,
    /// Title of the printed form.
    pub title: Label,
    /// Every page in order, those with nothing to show among them.
    pub pages: Vec<PageView>,
    /// Needed and empty: cells, and tables without a first row.
    pub missing: usize,
    /// Cells and tables whose content is refused.
    pub errors: usize,
    /// Cells about which people disagree.
    pub conflicts: usize,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageView {
    /// Its name.
    pub id: String,
    /// Its title.
    pub title: Label,
    /// Groups with something to show.
    pub groups: Vec<GroupView>,
    /// As for the form.
    pub missing: usize,
    /// As for the form.
    pub errors: usize,
    /// As for the form.
    pub conflicts: usize,
    /// Whether there is anything on it.
    pub visible: bool,
}

/// Fields under one heading, or a table of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupView {
    /// Its name.
    pub id: String,
    /// Its heading.
    pub title: Label,
    /// A sentence under the heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<Label>,
    /// Its visible fields, unless it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<FieldView>>,
    /// Its rows, if it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableView>,
}

/// A repeated group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableView {
    /// The group's name in paths.
    pub group: String,
    /// What one row is called.
    pub row_label: Label,
    /// Empty fields for a new row; their paths have `+` in place of the row's id.
    pub columns: Vec<FieldView>,
    /// Rows by id. Ids begin with the time at which they were made, so that the order is that of making.
    pub rows: Vec<RowView>,
    /// Least rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// Most rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    /// Whether a first row is needed.
    pub missing: bool,
    /// What is wrong with the rows as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Label>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowView {
    /// Its id in paths.
    pub id: String,
    /// Its visible fields.
    pub fields: Vec<FieldView>,
}

/// One field with what stands in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldView {
    /// Path of the cell.
    pub path: String,
    /// What it holds.
    pub kind: FieldKind,
    /// What it is called.
    pub label: Label,
    /// A sentence beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<Label>,
    /// What a filled field looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Whether it is needed.
    pub required: bool,
    /// Values of a choice.
    pub choices: Vec<Choice>,
    /// Values offered without shutting out others.
    pub suggestions: Vec<String>,
    /// Autofill token of HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// Bounds of the value.
    pub limits: Limits,
    /// What is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Scalar>,
    /// The value as a person reads it; empty if there is none.
    pub shown: Label,
    /// Needed and empty.
    pub missing: bool,
    /// Why the value is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Told>,
    /// Doubts about the value.
    pub warnings: Vec<Told>,
    /// Every voice, if people disagree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Vec<Voice>>,
    /// What another answer says that this one might be, while it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
}

/// Something said about a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub sentence: Label,
}

impl From<&FieldError> for Told {
    fn from(error: &FieldError) -> Self {
        Self { code: error.code(), sentence: error.sentence() }
    }
}

impl From<&Warning> for Told {
    fn from(warning: &Warning) -> Self {
        Self { code: warning.code(), sentence: warning.sentence() }
    }
}

/// One of several values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voice {
    /// Who said what, and when.
    #[serde(flatten)]
    pub voice: VoiceView,
    /// The value as a person reads it.
    pub shown: Label,
    /// Whether it was said on this device.
    pub own: bool,
    /// Whether it is the one shown until somebody chooses.
    pub stands: bool,
}

/// A value to be taken over or corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// What would be stored.
    pub value: String,
    /// As a person reads it.
    pub shown: Label,
    /// Where it comes from.
    pub because: Label,
}

#[cfg(test)]
mod tests;
