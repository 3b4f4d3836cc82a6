//! The pages of a paper: taking one out, and putting them in order.

use std::collections::BTreeMap;

use dossier::{
    content::{ContentPath, FileNote, PathFault, Scalar},
    fault::{Code, Fault},
    id::{BlobId, DossierId},
};

use crate::{
    card::effective,
    device::Device,
    draft::DraftFault,
    ledger::{Put, Read},
    record::{BlobRecord, FileRecord, JournalRecord, UploadRecord},
    seal::journal_key,
    shelf::{Folder, ShelfFault},
    store::{StoreFault, WriteBatch},
};

/// Why pages stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum PageFault {
    /// The dossier or the component is not there.
    #[error(transparent)]
    Draft(#[from] DraftFault),
    /// The component has no such page.
    #[error("the component has no such page")]
    NotFound,
}

impl From<StoreFault> for PageFault {
    fn from(fault: StoreFault) -> Self {
        Self::Draft(fault.into())
    }
}

impl From<ShelfFault> for PageFault {
    fn from(fault: ShelfFault) -> Self {
        Self::Draft(fault.into())
    }
}

impl From<PathFault> for PageFault {
    fn from(PathFault: PathFault) -> Self {
        Self::NotFound
    }
}

impl From<PageFault> for Fault {
    fn from(fault: PageFault) -> Self {
        match fault {
            PageFault::Draft(fault) => fault.into(),
            PageFault::NotFound => Code::NotFound.into(),
        }
    }
}

/// The files of a component that can be read, by page.
fn pages_of(cells: &BTreeMap<ContentPath, Scalar>, component: &str) -> Vec<(BlobId, FileNote)> {
    let mut pages: Vec<(BlobId, FileNote)> = cells
        .iter()
        .filter_map(|(path, value)| {
            let (of, blob) = path.as_file()?;
            (of == component).then_some((blob, FileNote::from_text(&value.to_string())?))
        })
        .collect();
    pages.sort_by_key(|(blob, note)| (note.page, *blob));
    pages
}

/// The page that a file attached to a component now becomes.
pub fn next_page(cells: &BTreeMap<ContentPath, Scalar>, component: &str) -> u32 {
    pages_of(cells, component).last().map_or(1, |(_, note)| note.page.saturating_add(1))
}

impl Device {
    pub(crate) fn detach_file(&mut self, dossier: &DossierId, component: &str, blob: &BlobId) -> Result<(), PageFault> {
        let mut folder = self.folder(dossier)?;
        self.check_component(&folder, component)?;
        let path = ContentPath::file(component, blob)?;
        if !effective(&folder.content, &folder.journal).contains_key(&path) {
            return Err(PageFault::NotFound);
        }
        let mut batch = WriteBatch::new();
        let said = was_sealed(&folder, &path);
        if said {
            self.journal(&mut folder, path, None, &mut batch);
        } else {
            // Nobody was told of it: the entry goes and leaves no trace.
            let path = path.to_string();
            folder.journal.retain(|entry| entry.path != path);
            batch.remove::<JournalRecord>(&journal_key(dossier, &path));
        }
        let cells = effective(&folder.content, &folder.journal);
        let named = cells.keys().filter_map(ContentPath::as_file).any(|(_, other)| other == *blob);
        if !named {
            self.let_go(dossier, blob, said, &mut batch)?;
        }
        let records = self.recorded(dossier)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        Ok(self.commit(batch, vec![card])?)
    }

    /// A file that the dossier names no more is not brought any more. Its content stays if others were told of it: what
    /// they wrote meanwhile may name it again.
    fn let_go(&self, dossier: &DossierId, blob: &BlobId, said: bool, batch: &mut WriteBatch) -> Result<(), StoreFault> {
        let at = Self::dossier_key(dossier, blob.as_bytes());
        if said {
            if let Some(mark) = self.store.record::<FileRecord>(&at)? {
                batch.record(&at, &FileRecord { ours: false, ..mark });
            }
            return Ok(());
        }
        batch.remove::<FileRecord>(&at);
        batch.remove::<UploadRecord>(&at);
        self.drop_blob_unless_named_elsewhere(dossier, &at, batch)
    }

    /// Marks files that the merged document names, whose content is here and not at the Centre, as this device's to
    /// bring: somebody who did not know that a page was taken out has put it back.
    pub(crate) fn take_up_files(&self, folder: &Folder, batch: &mut WriteBatch) -> Result<(), StoreFault> {
        let dropped: Vec<(Vec<u8>, FileRecord)> = self
            .store
            .records::<FileRecord>(folder.dossier.as_bytes())?
            .into_iter()
            .filter(|(_, mark)| !mark.ours && !mark.arrived)
            .collect();
        if dropped.is_empty() {
            return Ok(());
        }
        let cells = effective(&folder.content, &folder.journal);
        for (at, mark) in dropped {
            let blob = BlobId(crate::ledger::part(&at, 16)?);
            let named = cells.keys().filter_map(ContentPath::as_file).any(|(_, other)| other == blob);
            let here = self.store.record::<BlobRecord>(blob.as_bytes())?;
            if named && here.is_some_and(|here| here.size_bytes.is_some()) {
                batch.record(&at, &FileRecord { ours: true, ..mark });
            }
        }
        Ok(())
    }

    pub(crate) fn arrange_pages(
        &mut self,
        dossier: &DossierId,
        component: &str,
        order: &[BlobId],
    ) -> Result<(), PageFault> {
        let mut folder = self.folder(dossier)?;
        self.check_component(&folder, component)?;
        let mut left = pages_of(&effective(&folder.content, &folder.journal), component);
        let mut arranged: Vec<(BlobId, FileNote)> = Vec::new();
        for blob in order {
            if arranged.iter().any(|(known, _)| known == blob) {
                continue;
            }
            let at = left.iter().position(|(known, _)| known == blob).ok_or(PageFault::NotFound)?;
            arranged.push(left.remove(at));
        }
        arranged.extend(left);
        let mut batch = WriteBatch::new();
        for ((blob, note), page) in arranged.into_iter().zip(1..) {
            if note.page != page {
                let note = FileNote { page, ..note };
                let path = ContentPath::file(component, &blob)?;
                self.journal(&mut folder, path, Some(Scalar::Text(note.to_text())), &mut batch);
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        let records = self.recorded(dossier)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        Ok(self.commit(batch, vec![card])?)
    }
}

/// Whether a sealed change ever named a cell, even if a later one cleared it.
fn was_sealed(folder: &Folder, path: &ContentPath) -> bool {
    let names = |change: &dossier::content::ChangeNote| {
        folder.content.edits_of(&change.hash).iter().any(|edit| edit.path == *path)
    };
    folder.content.cells().contains_key(path) || folder.content.changes().iter().any(names)
}

#[cfg(test)]
mod tests;
