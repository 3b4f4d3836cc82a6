//! The form of a dossier as a screen shows it.

use std::collections::BTreeMap;

use dossier::{
    content::{ContentPath, Root},
    form::{Filled, FormView},
    id::DossierId,
    view::{self, Sources, VoiceView},
};

use super::ReadFault;
use crate::{
    card::{answers, effective},
    device::Device,
    shelf::Folder,
};

impl Device {
    pub(crate) fn dossier_form(&mut self, dossier: &DossierId) -> Result<FormView, ReadFault> {
        let folder = self.folder(dossier)?;
        let procedure = self.procedure_of(&folder)?;
        let form = self.form_of(procedure).map_err(|_| ReadFault::Form)?;
        Ok(form.view(&Filled {
            dossier: *dossier,
            procedure: procedure.code.base(),
            answers: &answers(&effective(&folder.content, &folder.journal)),
            voices: &self.voices(&folder)?,
            own: Some(self.id()),
        }))
    }

    /// What people say where they disagree, by path. A conflict that was typed over here is none any more.
    fn voices(&self, folder: &Folder) -> Result<BTreeMap<String, Vec<VoiceView>>, ReadFault> {
        let typed: Vec<String> = folder
            .journal
            .iter()
            .filter_map(|entry| entry.path.parse::<ContentPath>().ok())
            .filter(|path| matches!(path.root(), Root::Answers | Root::Texts))
            .map(|path| path.key().to_owned())
            .collect();
        let conflicts = view::conflicts(&Sources {
            dossier: folder.dossier,
            content: &folder.content,
            records: &[],
            authors: &self.authors(&folder.dossier)?,
            received: &self.changes_received(&folder.dossier)?,
            arrived: &Default::default(),
            catalogue: self.catalogue,
            provisional_code: None,
        });
        let open = conflicts.into_iter().filter(|conflict| !typed.contains(&conflict.field));
        Ok(open.map(|conflict| (conflict.field, conflict.values)).collect())
    }
}
