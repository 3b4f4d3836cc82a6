//! What a group of items adds to its dossiers: the same for both databases, and without a database.

use std::collections::{BTreeMap, HashMap};

use dossier::id::DossierId;

use super::{
    StorageFault,
    columns::ItemColumns,
    types::{ItemKind, ItemRow, ItemState},
};

/// How many items a group brings to one dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub items: i64,
    pub changes: i64,
    pub events: i64,
    pub texts: i64,
    /// When the first of those that await admission was received.
    pub awaiting_since_ms: Option<i64>,
}

/// Per dossier, in the order in which dossiers are locked.
pub fn tallies(items: &[ItemRow]) -> BTreeMap<DossierId, Tally> {
    let mut tallies = BTreeMap::<DossierId, Tally>::new();
    for item in items {
        let tally = tallies.entry(item.dossier).or_default();
        tally.items += 1;
        match item.kind {
            ItemKind::Text { .. } => tally.texts += 1,
            ItemKind::Change { .. } => tally.changes += 1,
            ItemKind::Event { .. } => tally.events += 1,
        }
        if item.state == ItemState::Received {
            let since = tally.awaiting_since_ms.get_or_insert(item.received.at_ms);
            *since = item.received.at_ms.min(*since);
        }
    }
    tallies
}

/// The items with their positions. `last_positions` are those of the dossiers' last items once the whole group is
/// counted in.
pub fn placed(
    items: &[ItemRow],
    tallies: &BTreeMap<DossierId, Tally>,
    last_positions: &HashMap<Vec<u8>, i64>,
) -> Result<Vec<ItemColumns>, StorageFault> {
    let mut next = HashMap::<DossierId, i64>::with_capacity(tallies.len());
    for (dossier, tally) in tallies {
        let last = last_positions.get(dossier.as_bytes()).ok_or(StorageFault::Damaged("dossier"))?;
        next.insert(*dossier, last - tally.items);
    }
    let place = |item: &ItemRow| {
        let position = next.get_mut(&item.dossier).ok_or(StorageFault::Damaged("dossier"))?;
        *position += 1;
        Ok(ItemColumns::of(item, *position))
    };
    items.iter().map(place).collect()
}

/// A device that made something of a dossier, with the position of the first such thing of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    pub dossier: Vec<u8>,
    pub device: Vec<u8>,
    pub since_position: i64,
}

/// Who joins which dossier, if they are not in it yet. Sorted, so that rows are locked in one order.
pub fn joining(items: &[ItemColumns]) -> Vec<Joining> {
    let mut first = BTreeMap::<(&[u8], &[u8]), i64>::new();
    for item in items {
        first.entry((&item.dossier, &item.author)).or_insert(item.position);
    }
    let join = |((dossier, device), since_position): ((&[u8], &[u8]), i64)| Joining {
        dossier: dossier.to_vec(),
        device: device.to_vec(),
        since_position,
    };
    first.into_iter().map(join).collect()
}
