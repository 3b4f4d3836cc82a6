//! The e-form of a procedure: its fields, what a person may type into each, and when the whole is complete.
//!
//! The data file holds a JSON Schema (2020-12) and a `ui` part. The schema governs: a typed value and a whole form are
//! judged by it, with the same code on phone and server. The `ui` part says in which order and words the fields are
//! shown, when they are visible, and what role they play ("this is the applicant's number").
//!
//! Answers are *flat*: a map from path to scalar, so that every cell merges alone. A plain field's path is its id
//! (`child_name`). A repeated group is an array of objects in the schema; the path of a cell is `group/<row>/field`
//! (`members/k3f9/name`) with a row id minted elsewhere, and its field's id is `group/*/field`.
//!
//! A condition (`visible_when`) is written twice in the data, once for the screen and once as `if`/`then` of the
//! schema, so that anyone who validates with the published schema alone comes to the same answer;
//! [`crate::catalogue::check`] holds the two together.

mod condition;
mod definition;
mod field;
mod input;
mod instance;
mod label;
mod message;
mod path;
mod person;
mod read;
mod report;
mod schema;
mod sheet;
mod value;

pub use crate::content::Scalar;
pub use condition::Condition;
pub use definition::{FieldUi, FormDefinition, Group, IdentityPair, Page, Role, Rows, Ui};
pub use field::{Choice, Field, FieldKind, Limits};
pub use input::{Checked, FieldError, Warning};
pub use label::Label;
pub use path::{ROW_ID_MAX_BYTES, ROW_ID_MIN_BYTES, UnknownField, is_row_id};
pub use read::{FormFault, FormFaultKind};
pub use report::{Report, Reported};
pub use sheet::{FieldView, Filled, FormView, GroupView, Offer, PageView, RowView, TableView, Told, Voice};

use std::sync::Arc;

use crate::procedure::{FormId, Procedure, ProcedureError, Version};
use crate::unit::Units;
use schema::Schema;

/// Most fields one form may have, repeated groups counted once. The longest real form of the catalogue has about 40;
/// five times that bounds the work of a screen and of a check.
pub const FIELDS_MAX: usize = 200;
/// Most rows of one repeated group, whatever its schema says.
pub const ROWS_MAX: usize = 500;
/// Most answers one dossier's form may hold: what `FIELDS_MAX` fields and some full groups come to.
pub const ANSWERS_MAX: usize = 10_000;
/// Longest typed input that is looked at, in bytes: 4,000 characters of decomposed Vietnamese are under 20 kB.
pub const INPUT_MAX_BYTES: usize = 64 * 1024;
/// Longest answer to a plain field, in characters, when the schema gives no bound.
pub const TEXT_MAX_CHARS: u64 = 500;
/// Longest answer to a long-text field, in characters, when the schema gives no bound.
pub const LONG_TEXT_MAX_CHARS: u64 = 10_000;

/// A form ready for use. Build it once and share it.
#[derive(Debug)]
pub struct Form {
    id: FormId,
    title: Label,
    fields: Vec<Field>,
    definition: FormDefinition,
    units: Arc<Units>,
    rules: Schema,
}

/// A form cannot be made of this definition.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FormError {
    /// The version cites a form that the procedure does not have.
    #[error(transparent)]
    NoForm(#[from] ProcedureError),
    /// The definition has faults, which the catalogue check also shows.
    #[error("the form definition has {} faults", .0.len())]
    Faulty(Vec<FormFault>),
}

impl Form {
    /// The form of a version, with the units that its commune pickers know.
    pub fn from_version(procedure: &Procedure, version: &Version, units: Arc<Units>) -> Result<Self, FormError> {
        Self::from_definition(procedure.form_of(version)?, units)
    }

    /// The form of a definition.
    pub fn from_definition(definition: &FormDefinition, units: Arc<Units>) -> Result<Self, FormError> {
        let (fields, mut faults) = read::fields(definition);
        let rules = Schema::read(&definition.schema, "/schema").unwrap_or_else(|more| {
            faults.extend(more);
            Schema::default()
        });
        if !faults.is_empty() {
            return Err(FormError::Faulty(faults));
        }
        Ok(Self {
            id: definition.id.clone(),
            title: read::title(&definition.schema),
            fields,
            definition: definition.clone(),
            units,
            rules,
        })
    }

    /// Name of the form; stored answers keep it.
    pub fn id(&self) -> &FormId {
        &self.id
    }

    /// Title of the printed form.
    pub fn title(&self) -> &Label {
        &self.title
    }

    /// Fields in the order in which they are shown.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Pages and groups with their titles, in order.
    pub fn pages(&self) -> &[Page] {
        &self.definition.ui.pages
    }

    /// The JSON Schema (2020-12) as published.
    pub fn schema(&self) -> &serde_json::Value {
        &self.definition.schema
    }

    /// The field that plays a role, if the form has one.
    pub fn role(&self, role: Role) -> Option<&Field> {
        self.fields.iter().find(|field| field.role == Some(role))
    }

    /// The part of the schema that judges one value of a field.
    fn rules_of(&self, field: &Field) -> Option<&Schema> {
        match &field.repeated {
            Some(group) => self.rules.property(group)?.items()?.property(field.property()),
            None => self.rules.property(&field.id),
        }
    }
}

/// Everything wrong in a definition, apart from the values of its schema's keywords.
pub(crate) fn faults(definition: &FormDefinition) -> Vec<FormFault> {
    read::fields(definition).1
}

/// What is wrong with the keywords of a definition's schema.
pub(crate) fn schema_faults(definition: &FormDefinition) -> Vec<FormFault> {
    Schema::read(&definition.schema, "/schema").err().unwrap_or_default()
}

#[cfg(test)]
mod tests;
