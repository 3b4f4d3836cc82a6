//! The frames of an answer that say what is new: directory, feed, end.

use std::collections::BTreeMap;

use dossier::{
    envelope,
    event::SignedEvent,
    id::{DeviceId, DossierId, ScopeDigest},
    wire::{
        ArrivedBlob, DeviceEntry, Directory, Feed, FeedChange, FeedDossier, FeedEvent, Hello, Whole,
        repair::{Differences, Repair},
    },
};

use super::{ExchangeFault, repair};
use crate::{
    centre::{Centre, Position, Read},
    port::Work,
    storage::{FeedRow, ItemKind, ItemRow, Own, Storage, StorageFault},
};

/// What is new in a device's scopes.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// Every author of what follows.
    pub directory: Directory,
    /// One stretch per scope in which something is new.
    pub feeds: Vec<Feed>,
    /// Where the device holds something else.
    pub differences: Vec<Differences>,
    /// Dossiers that it asked for.
    pub wholes: Vec<Whole>,
    /// Whether there is more to read.
    pub more: bool,
}

/// Who asks, and what for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// How far they have read, and what they know to differ.
    pub hello: &'a Hello,
    /// What they just brought: it is left out, since they have it.
    pub own: &'a Own,
    /// What they may read.
    pub scopes: &'a [String],
    /// Whether all that they brought was admitted. What a scope ought to hold is not told before.
    pub is_settled: bool,
    /// How many bytes of items are told in all.
    pub max_bytes: usize,
}

/// Reads each scope from where the device stands, and what it asked for to make good what differs.
pub async fn news(
    storage: &dyn Storage,
    centre: &Centre,
    work: &Work,
    asked: Asked<'_>,
) -> Result<News, ExchangeFault> {
    let Asked { hello, own, scopes, is_settled, max_bytes } = asked;
    let mut authors = Authors::default();
    let mut news = News::default();
    let mut left = max_bytes;
    for scope in scopes {
        if left == 0 {
            news.more = true;
            break;
        }
        let named = hello.cursors.iter().find(|cursor| cursor.scope == *scope);
        let read = named.and_then(|cursor| centre.read(cursor));
        let after = match read {
            Some(Read::UpTo(position)) => position.seq,
            Some(Read::OtherEpoch) => u64::MAX,
            None => 0,
        };
        let page = storage.feed(scope, after, left, Some(own)).await?;
        let head = Position { seq: page.head, digest: page.digest.told() };
        // A place beyond the end, or an end that is another one, is of a feed that a backup took the place of.
        let stands = match read {
            Some(Read::UpTo(position)) => position.seq < head.seq || position == head,
            Some(Read::OtherEpoch) => false,
            None => true,
        };
        let told = is_settled.then_some(head.digest);
        if !stands {
            news.feeds.push(Feed { cursor: centre.cursor(scope, head), dossiers: Vec::new(), digest: told });
            continue;
        }
        news.more |= page.more;
        if page.upto == after && page.rows.is_empty() && named.is_some() == read.is_some() {
            continue;
        }
        let is_whole = page.upto == head.seq;
        let at = if is_whole { head } else { Position { seq: page.upto, digest: ScopeDigest([0; 8]) } };
        let dossiers = merge(page.rows, &mut authors)?;
        left = left.saturating_sub(dossiers.iter().map(size).sum());
        news.feeds.push(Feed { cursor: centre.cursor(scope, at), dossiers, digest: told.filter(|_| is_whole) });
    }
    if let Some(Repair { compare, want }) = &hello.repair {
        news.differences = repair::differences(storage, work, scopes, compare, hello.batch).await?;
        news.wholes = repair::wholes(storage, work, scopes, want, &mut authors, left).await?;
    }
    news.directory = directory(storage, centre, authors).await?;
    Ok(news)
}

pub(super) fn size(dossier: &FeedDossier) -> usize {
    dossier.changes.iter().map(|change| change.bytes.len()).sum::<usize>()
        + dossier.events.iter().map(|event| event.event.0.body.len()).sum::<usize>()
}

/// Devices in the order of first mention.
#[derive(Debug, Default)]
pub(super) struct Authors {
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

pub(super) fn blank(dossier: DossierId, enters: Option<bool>) -> FeedDossier {
    FeedDossier { dossier, enters, texts: vec![], changes: vec![], events: vec![], blobs: vec![] }
}

pub(super) fn add(entry: &mut FeedDossier, item: ItemRow, authors: &mut Authors) -> Result<(), StorageFault> {
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
