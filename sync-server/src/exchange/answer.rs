//! The frames of an answer that say what is new: directory, feed, end.

use std::collections::BTreeMap;

use dossier::{
    envelope,
    event::SignedEvent,
    id::{DeviceId, DossierId},
    wire::{ArrivedBlob, DeviceEntry, Directory, Feed, FeedChange, FeedDossier, FeedEvent, ScopeCursor},
};

use crate::{
    centre::{Centre, Position},
    storage::{FeedRow, ItemKind, ItemRow, Own, Storage, StorageFault},
};

/// What is new in a device's scopes.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// Every author of what follows.
    pub directory: Directory,
    /// One stretch per scope in which something is new.
    pub feeds: Vec<Feed>,
    /// Whether there is more to read.
    pub more: bool,
}

/// Reads each scope from where the device stands, up to `max_bytes` of items in all.
///
/// What the device just brought is left out: it has it.
pub async fn news(
    storage: &dyn Storage,
    centre: &Centre,
    own: &Own,
    scopes: &[String],
    cursors: &[ScopeCursor],
    max_bytes: usize,
) -> Result<News, StorageFault> {
    let mut authors = Authors::default();
    let mut news = News::default();
    let mut left = max_bytes;
    for scope in scopes {
        if left == 0 {
            news.more = true;
            break;
        }
        let named = cursors.iter().find(|cursor| cursor.scope == *scope);
        let from = named.and_then(|cursor| centre.position(cursor));
        let after = from.map_or(0, |Position(seq)| seq);
        let page = storage.feed(scope, after, left, Some(own)).await?;
        news.more |= page.more;
        if page.upto == after && page.rows.is_empty() && named.is_some() == from.is_some() {
            continue;
        }
        let merged = merge(page.rows, &mut authors)?;
        left = left.saturating_sub(merged.iter().map(size).sum());
        news.feeds.push(Feed { cursor: centre.cursor(scope, Position(page.upto)), dossiers: merged });
    }
    news.directory = directory(storage, centre, authors).await?;
    Ok(news)
}

fn size(dossier: &FeedDossier) -> usize {
    dossier.changes.iter().map(|change| change.bytes.len()).sum::<usize>()
        + dossier.events.iter().map(|event| event.event.0.body.len()).sum::<usize>()
}

/// Devices in the order of first mention.
#[derive(Debug, Default)]
struct Authors {
    order: Vec<DeviceId>,
    places: BTreeMap<DeviceId, u32>,
}

impl Authors {
    fn place(&mut self, device: DeviceId) -> u32 {
        *self.places.entry(device).or_insert_with(|| {
            self.order.push(device);
            u32::try_from(self.order.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

async fn directory(storage: &dyn Storage, centre: &Centre, authors: Authors) -> Result<Directory, StorageFault> {
    let rows = storage.devices(&authors.order).await?;
    let mut by_id: BTreeMap<DeviceId, DeviceEntry> = rows
        .into_iter()
        .map(|row| (DeviceId::of(&row.key), DeviceEntry { key: row.key, certificates: row.certificates }))
        .collect();
    by_id.insert(
        centre.device(),
        DeviceEntry { key: centre.public(), certificates: vec![centre.signed_certificate().clone()] },
    );
    let devices = authors
        .order
        .iter()
        .map(|device| by_id.get(device).cloned().ok_or(StorageFault::Damaged("author of a feed row")))
        .collect::<Result<_, _>>()?;
    Ok(Directory { devices })
}

/// One entry per dossier, in the order in which they are first mentioned. What came before a dossier entered or left
/// the scope says nothing any more.
fn merge(rows: Vec<FeedRow>, authors: &mut Authors) -> Result<Vec<FeedDossier>, StorageFault> {
    let mut merged: Vec<FeedDossier> = Vec::new();
    let mut places: BTreeMap<DossierId, usize> = BTreeMap::new();
    let mut entry = |dossier: DossierId, merged: &mut Vec<FeedDossier>| {
        *places.entry(dossier).or_insert_with(|| {
            merged.push(blank(dossier, None));
            merged.len() - 1
        })
    };
    for row in rows {
        match row {
            FeedRow::Enter(dossier) => {
                let at = entry(dossier, &mut merged);
                merged[at] = blank(dossier, Some(true));
            }
            FeedRow::Leave(dossier) => {
                let at = entry(dossier, &mut merged);
                merged[at] = blank(dossier, Some(false));
            }
            FeedRow::Item(item) => {
                let at = entry(item.dossier, &mut merged);
                add(&mut merged[at], *item, authors)?;
            }
            FeedRow::Blob { dossier, blob, size_bytes } => {
                let at = entry(dossier, &mut merged);
                merged[at].blobs.push(ArrivedBlob { blob, size_bytes });
            }
        }
    }
    Ok(merged)
}

fn blank(dossier: DossierId, enters: Option<bool>) -> FeedDossier {
    FeedDossier { dossier, enters, texts: vec![], changes: vec![], events: vec![], blobs: vec![] }
}

fn add(entry: &mut FeedDossier, item: ItemRow, authors: &mut Authors) -> Result<(), StorageFault> {
    let ItemRow { kind, bytes, author, received, .. } = item;
    let author = authors.place(author);
    match kind {
        ItemKind::Text { field } => entry.texts.push(field),
        ItemKind::Change { .. } => entry.changes.push(FeedChange { bytes, author, received }),
        ItemKind::Event { .. } => {
            let event: SignedEvent = envelope::decode(&bytes).map_err(|_| StorageFault::Damaged("event"))?;
            entry.events.push(FeedEvent { event, received });
        }
    }
    Ok(())
}
