//! Taking a row out of a repeated group.

use dossier::{
    content::{ContentPath, Root},
    form::FieldError,
    id::DossierId,
};

use super::DraftFault;
use crate::{card::effective, device::Device, store::WriteBatch};

impl Device {
    pub(crate) fn clear_row(&mut self, dossier: &DossierId, group: &str, row: &str) -> Result<(), DraftFault> {
        let mut folder = self.folder(dossier)?;
        let beginning = format!("{group}/{row}/");
        let cells = effective(&folder.content, &folder.journal);
        let of_row = |path: &&ContentPath| {
            matches!(path.root(), Root::Answers | Root::Texts) && path.key().starts_with(&beginning)
        };
        let cells: Vec<ContentPath> = cells.keys().filter(of_row).cloned().collect();
        if cells.is_empty() {
            let form = self.form_of(self.procedure_of(&folder)?)?;
            let known = form.fields().iter().any(|field| field.repeated.as_deref() == Some(group));
            let error = FieldError::UnknownField { did_you_mean: None };
            // Somebody who takes out a row that is gone already has what they wanted.
            return if known { Ok(()) } else { Err(DraftFault::Field { field: group.to_owned(), error }) };
        }
        let mut batch = WriteBatch::new();
        for path in cells {
            self.journal(&mut folder, path, None, &mut batch);
        }
        let records = self.recorded(dossier)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        Ok(self.commit(batch, vec![card])?)
    }
}
