//! Attachments and their uploads.

use std::{collections::BTreeMap, sync::Arc};

use super::fixtures::{NOW_MS, Sender, admission, admit, blob, change, device, dossier, outline, rows};
use crate::storage::{BlobRow, FeedRow, Storage, UploadRow};

async fn name(storage: &dyn Storage, number: u32, scopes: &[&str], blobs: &[(u8, u64)]) {
    let mut admission = admission(storage, dossier(number), scopes).await;
    admission.blobs = blobs.iter().map(|(number, size)| (blob(*number), *size)).collect();
    assert!(storage.admit(&admission).await.unwrap());
}

/// Another dossier with the same content has its own row, or none.
pub async fn an_attachment_belongs_to_its_dossier(storage: Arc<dyn Storage>) {
    Sender::new(1).send(&*storage, vec![change(dossier(1), 1, 1), change(dossier(2), 1, 1)]).await;
    assert_eq!(storage.blob(&dossier(1), &blob(1)).await.unwrap(), None);
    name(&*storage, 1, &["a"], &[(1, 10)]).await;
    name(&*storage, 2, &["a"], &[]).await;
    let mut row = BlobRow { dossier: dossier(1), blob: blob(1), size_bytes: 10, arrived_ms: None };
    assert_eq!(storage.blob(&dossier(1), &blob(1)).await.unwrap(), Some(row.clone()));
    assert_eq!(storage.blob(&dossier(2), &blob(1)).await.unwrap(), None);
    storage.blob_arrived(&dossier(1), &blob(1), 12, NOW_MS).await.unwrap();
    row = BlobRow { size_bytes: 12, arrived_ms: Some(NOW_MS), ..row };
    assert_eq!(storage.blob(&dossier(1), &blob(1)).await.unwrap(), Some(row.clone()));
    assert_eq!(storage.blob(&dossier(2), &blob(1)).await.unwrap(), None);
    // What somebody declares later does not alter what is here.
    name(&*storage, 1, &["a"], &[(1, u64::MAX)]).await;
    assert_eq!(storage.blob(&dossier(1), &blob(1)).await.unwrap(), Some(row));
    assert!(storage.blob_arrived(&dossier(9), &blob(1), 12, NOW_MS).await.is_err(), "there is no such dossier");
}

/// Every scope of the dossier hears of it, once.
pub async fn an_arrival_is_told_once(storage: Arc<dyn Storage>) {
    Sender::new(1).send(&*storage, vec![change(dossier(1), 1, 1)]).await;
    name(&*storage, 1, &["a", "b"], &[(1, 10)]).await;
    for later in 0..3 {
        storage.blob_arrived(&dossier(1), &blob(1), 12, NOW_MS + later).await.unwrap();
    }
    for scope in ["a", "b"] {
        let rows = rows(&*storage, scope, 0).await;
        assert_eq!(outline(&rows), ["enter", "item 1", "blob"]);
        assert_eq!(rows[2], FeedRow::Blob { dossier: dossier(1), blob: blob(1), size_bytes: 12 });
    }
    assert_eq!(storage.blob(&dossier(1), &blob(1)).await.unwrap().unwrap().arrived_ms, Some(NOW_MS));
    assert_eq!(storage.record(&dossier(1)).await.unwrap().unwrap().arrived.into_iter().collect::<Vec<_>>(), [blob(1)]);
}

/// Wanted is what a dossier of the scope names and what has not arrived: no more once it is named no more.
pub async fn only_what_is_named_and_missing_is_wanted(storage: Arc<dyn Storage>) {
    Sender::new(1).send(&*storage, vec![change(dossier(1), 1, 1), change(dossier(2), 1, 1)]).await;
    name(&*storage, 1, &["a"], &[(1, 10), (2, 10), (3, 10)]).await;
    name(&*storage, 2, &["b"], &[(1, 10)]).await;
    storage.blob_arrived(&dossier(1), &blob(2), 10, NOW_MS).await.unwrap();
    let wanted = storage.wanted_blobs("a", 10).await.unwrap();
    assert_eq!(wanted, [(dossier(1), blob(1)), (dossier(1), blob(3))]);
    assert_eq!(storage.wanted_blobs("a", 1).await.unwrap().len(), 1);
    assert_eq!(storage.wanted_blobs("b", 10).await.unwrap(), [(dossier(2), blob(1))]);
    assert_eq!(storage.wanted_blobs("c", 10).await.unwrap(), []);
    name(&*storage, 1, &["a"], &[(3, 20)]).await;
    assert_eq!(storage.wanted_blobs("a", 10).await.unwrap(), [(dossier(1), blob(3))]);
    assert_eq!(storage.blob(&dossier(1), &blob(3)).await.unwrap().unwrap().size_bytes, 20);
    assert!(storage.blob(&dossier(1), &blob(2)).await.unwrap().is_some(), "what arrived stays");
    assert_eq!(storage.counts().await.unwrap().blobs, 1);
}

/// Whoever comes later learns which attachments are here.
pub async fn arrived_attachments_are_backfilled(storage: Arc<dyn Storage>) {
    Sender::new(1).send(&*storage, vec![change(dossier(1), 1, 1)]).await;
    name(&*storage, 1, &["a"], &[(1, 10), (2, 10)]).await;
    storage.blob_arrived(&dossier(1), &blob(1), 10, NOW_MS).await.unwrap();
    name(&*storage, 1, &["a", "b"], &[(1, 10), (2, 10)]).await;
    assert_eq!(outline(&rows(&*storage, "b", 0).await), ["enter", "item 1", "blob"]);
    storage.blob_arrived(&dossier(1), &blob(2), 10, NOW_MS).await.unwrap();
    assert_eq!(outline(&rows(&*storage, "b", 3).await), ["blob"]);
    admit(&*storage, dossier(1), &["b"]).await;
    assert_eq!(outline(&rows(&*storage, "a", 0).await), ["enter", "item 1", "blob", "blob", "leave"]);
}

fn upload(id: &str, touched_ms: i64) -> UploadRow {
    UploadRow {
        id: id.into(),
        dossier: dossier(1),
        blob: blob(1),
        device: device(1),
        length_bytes: 1_000,
        offset_bytes: 0,
        touched_ms,
    }
}

/// Of two that append at one offset, one moves the upload.
pub async fn an_upload_moves_from_where_it_is(storage: Arc<dyn Storage>) {
    let row = upload("u1", NOW_MS);
    assert_eq!(storage.upload("u1").await.unwrap(), None);
    storage.create_upload(&row).await.unwrap();
    assert!(storage.create_upload(&row).await.is_err(), "an id is given once");
    assert_eq!(storage.upload("u1").await.unwrap(), Some(row.clone()));
    assert!(storage.advance_upload("u1", 0, 400, NOW_MS + 5).await.unwrap());
    assert!(!storage.advance_upload("u1", 0, 500, NOW_MS + 6).await.unwrap());
    assert!(!storage.advance_upload("u2", 0, 500, NOW_MS + 6).await.unwrap());
    let moved = UploadRow { offset_bytes: 400, touched_ms: NOW_MS + 5, ..row };
    assert_eq!(storage.upload("u1").await.unwrap(), Some(moved));
    storage.delete_upload("u1").await.unwrap();
    storage.delete_upload("u1").await.unwrap();
    assert_eq!(storage.upload("u1").await.unwrap(), None);
}

/// Touching an upload keeps it from being cleaned up.
pub async fn untouched_uploads_are_stale(storage: Arc<dyn Storage>) {
    for (id, touched_ms) in [("old", NOW_MS), ("older", NOW_MS - 1), ("touched", NOW_MS), ("new", NOW_MS + 10)] {
        storage.create_upload(&upload(id, touched_ms)).await.unwrap();
    }
    assert!(storage.advance_upload("touched", 0, 1, NOW_MS + 10).await.unwrap());
    let stale = storage.stale_uploads(NOW_MS + 10).await.unwrap();
    assert_eq!(stale.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["older", "old"]);
    assert_eq!(stale[1], upload("old", NOW_MS));
    let counted: BTreeMap<_, _> = stale.iter().map(|row| (&row.id, row.offset_bytes)).collect();
    assert_eq!(counted.len(), 2);
}
