//! What a device is told whose digest of a scope differs from the Centre's: where, and then those dossiers whole.
//!
//! Nobody learns here of anything but their own scopes. The one exception is a dossier of which the device shows an item:
//! it is told whether that dossier left, for whoever holds a copy knows that it exists.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    id::{BatchId, DossierId},
    wire::{
        FeedDossier, Whole,
        repair::{Comparison, Differences, Doubt, Elements, Wants},
    },
};

use super::{
    ExchangeFault,
    answer::{Authors, add, blank, size},
};
use crate::{
    access::device_scope,
    port::Work,
    storage::{DossierRecord, ItemKind, ItemState, Needs, Storage, StorageFault},
};

/// What the Centre holds where these comparisons differ; scopes that the device may not read are passed over.
pub async fn differences(
    storage: &dyn Storage,
    work: &Work,
    scopes: &[String],
    comparisons: &[Comparison],
    salt: BatchId,
) -> Result<Vec<Differences>, ExchangeFault> {
    let mut all = Vec::new();
    for comparison in comparisons.iter().filter(|comparison| scopes.contains(&comparison.scope)) {
        let (held, comparison) = (storage.held(&comparison.scope).await?, comparison.clone());
        let found = work.heavy(move || Elements::of(held).differences(&comparison, &salt)).await?;
        // The batch was checked when it was read, so that this makes sense; if not, there is nothing to say.
        all.extend(found);
    }
    Ok(all)
}

/// The dossiers that a device wants, whole, as far as `left` bytes go; the rest shows at the next comparison.
pub async fn wholes(
    storage: &dyn Storage,
    work: &Work,
    scopes: &[String],
    wants: &[Wants],
    authors: &mut Authors,
    mut left: usize,
) -> Result<Vec<Whole>, ExchangeFault> {
    let mut all = Vec::new();
    for wants in wants.iter().filter(|wants| scopes.contains(&wants.scope)) {
        let (scope, held, asked) = (&wants.scope, storage.held(&wants.scope).await?, wants.clone());
        let named = work.heavy(move || Elements::of(held).named(&asked)).await?.unwrap_or_default();
        let mut dossiers = Vec::new();
        for dossier in named.into_iter().collect::<BTreeSet<DossierId>>() {
            if left == 0 {
                break;
            }
            let Some(record) = storage.record(&dossier).await? else { continue };
            let Some(whole) = whole(storage, scope, dossier, record, authors).await? else { continue };
            left = left.saturating_sub(size(&whole));
            dossiers.push(whole);
        }
        dossiers.extend(gone(storage, scope, &wants.doubts).await?);
        all.push(Whole { scope: scope.clone(), dossiers });
    }
    Ok(all)
}

/// Everything about a dossier that is to be seen in a scope; `None` if it just left it.
async fn whole(
    storage: &dyn Storage,
    scope: &str,
    dossier: DossierId,
    record: DossierRecord,
    authors: &mut Authors,
) -> Result<Option<FeedDossier>, StorageFault> {
    let Some(staff) = record.scopes.iter().find(|row| row.scope == scope).map(|row| row.staff) else {
        return Ok(None);
    };
    let mut whole = blank(dossier, Some(true));
    for item in record.items {
        let for_staff = matches!(item.kind, ItemKind::Event { staff_only: true, .. });
        let is_shown = staff || !for_staff || scope == device_scope(&item.author);
        if item.state == ItemState::Admitted && is_shown {
            add(&mut whole, item, authors)?;
        }
    }
    for blob in record.arrived {
        let known = storage.blob(&dossier, &blob).await?.ok_or(StorageFault::Damaged("attachment"))?;
        whole.blobs.push(dossier::wire::ArrivedBlob { blob, size_bytes: known.size_bytes });
    }
    Ok(Some(whole))
}

/// Those dossiers which the Centre holds and which are not in the scope.
async fn gone(storage: &dyn Storage, scope: &str, doubts: &[Doubt]) -> Result<Vec<FeedDossier>, StorageFault> {
    if doubts.is_empty() {
        return Ok(Vec::new());
    }
    let mut needs = Needs { device: None, dossiers: BTreeMap::new() };
    for Doubt { dossier, item } in doubts {
        needs.dossiers.entry(*dossier).or_default().hashes.insert(*item);
    }
    let facts = storage.facts(&needs).await?;
    let mut gone = Vec::new();
    for (dossier, known) in facts.dossiers {
        if !known.known.is_empty() && !storage.scopes_of(&dossier).await?.iter().any(|of| of == scope) {
            gone.push(blank(dossier, Some(false)));
        }
    }
    Ok(gone)
}
