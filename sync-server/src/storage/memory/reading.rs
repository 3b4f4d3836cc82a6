//! Feeds, lists and records.

use std::collections::BTreeSet;

use dossier::{
    id::{BlobId, DossierId},
    wire::repair::Sum,
};

use super::tables::{DossierTable, Tables};
use crate::storage::{
    DossierRecord, FeedPage, Own, Projection, ProjectionQuery, ScopeRow, StorageFault,
    columns::{ItemColumns, plain},
    page::{FeedColumns, LOOK_AHEAD_ROWS, Page},
};

pub fn record(table: &DossierTable) -> DossierRecord {
    let arrived = table.blobs.values().filter(|blob| blob.arrived_ms.is_some());
    DossierRecord {
        items: table.items.clone(),
        participants: table.participants.clone(),
        scopes: table.scopes.iter().map(|(scope, staff)| ScopeRow { scope: scope.clone(), staff: *staff }).collect(),
        arrived: arrived.map(|blob| blob.blob).collect(),
    }
}

impl Tables {
    pub fn feed(&self, scope: &str, after: u64, max_bytes: usize, own: Option<&Own>) -> Result<FeedPage, StorageFault> {
        let all = self.feeds.get(&*plain(scope)).map_or(&[][..], Vec::as_slice);
        let first = usize::try_from(after).unwrap_or(usize::MAX).min(all.len());
        let mut page = Page::after(i64::try_from(after).unwrap_or(i64::MAX), max_bytes, own);
        let ahead = usize::try_from(LOOK_AHEAD_ROWS).unwrap_or(usize::MAX);
        let mut items = Vec::new();
        let (mut seq, mut left) = (first, all.get(first..).unwrap_or_default());
        loop {
            let (near, far) = left.split_at(left.len().min(ahead));
            let mut rows = Vec::with_capacity(near.len());
            for entry in near {
                seq += 1;
                let dossier = DossierId(crate::storage::columns::id(&entry.dossier, "feed row")?);
                let table = self.dossiers.get(&dossier).ok_or(StorageFault::Damaged("feed row"))?;
                let place = entry.position.and_then(|position| usize::try_from(position - 1).ok());
                let item = place.and_then(|place| table.items.get(place));
                let made = item.filter(|item| own.is_some_and(|own| own.device == item.author));
                let blob = entry.blob.as_deref().and_then(|blob| Some(BlobId(blob.try_into().ok()?)));
                let size = blob.and_then(|blob| table.blobs.get(&blob)).map(|row| row.size_bytes.cast_signed());
                let seq = i64::try_from(seq).map_err(|_| StorageFault::Damaged("feed row"))?;
                let bytes = item.map_or(0, |item| item.bytes.len());
                rows.push(FeedColumns {
                    seq,
                    kind: entry.kind,
                    dossier: entry.dossier.clone(),
                    position: entry.position,
                    blob: entry.blob.clone(),
                    size_bytes: size,
                    weight: i64::try_from(bytes).unwrap_or(i64::MAX),
                    own_hash: made.map(|item| item.hash.0.to_vec()),
                });
                if let Some(item) = item {
                    items.push((seq, ItemColumns::of(item, entry.position.unwrap_or_default())));
                }
            }
            if !page.take(rows) {
                break;
            }
            left = far;
        }
        let upto = page.upto();
        let items = items.into_iter().filter(|(seq, _)| *seq <= upto).map(|(_, item)| item).collect();
        let digest = self.digests.get(&*plain(scope)).copied().unwrap_or_default();
        page.fill(items, u64::try_from(all.len()).unwrap_or(u64::MAX), digest)
    }

    pub fn held(&self, scope: &str) -> Vec<(DossierId, Sum)> {
        let within = self.dossiers.iter().filter(|(_, table)| table.scopes.contains_key(&*plain(scope)));
        within.map(|(dossier, table)| (*dossier, table.held.within(scope))).collect()
    }

    pub fn projections(&self, query: &ProjectionQuery) -> Vec<Projection> {
        let scopes: BTreeSet<&String> = query.scopes.iter().collect();
        let within = self.dossiers.values().filter(|table| table.scopes.keys().any(|scope| scopes.contains(scope)));
        let mut rows: Vec<&Projection> = within.filter_map(|table| table.projection.as_ref()).collect();
        rows.retain(|row| query.status.is_none() || row.status == query.status);
        rows.retain(|row| match (query.before_ms, query.before_dossier) {
            (Some(before), Some(dossier)) => (row.updated_ms, row.dossier) < (before, dossier),
            (Some(before), None) => row.updated_ms < before,
            (None, _) => true,
        });
        rows.sort_by_key(|row| std::cmp::Reverse((row.updated_ms, row.dossier)));
        rows.into_iter().take(usize::try_from(query.limit).unwrap_or(usize::MAX)).cloned().collect()
    }

    pub fn wanted_blobs(&self, scope: &str, limit: u32) -> Vec<(DossierId, BlobId)> {
        let within = self.dossiers.iter().filter(|(_, table)| table.scopes.contains_key(&*plain(scope)));
        let missing = within.flat_map(|(dossier, table)| {
            let missing = table.blobs.values().filter(|blob| blob.arrived_ms.is_none());
            missing.map(|blob| (*dossier, blob.blob))
        });
        missing.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
    }
}
