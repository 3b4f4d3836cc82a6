//! Lists, codes, counts and the access log.

use std::{collections::BTreeSet, sync::Arc};

use dossier::id::DossierId;

use super::fixtures::{NOW_MS, Sender, admission, admit, blob, change, device, dossier, event, text};
use crate::storage::{Counts, ItemRow, ItemState, Projection, ProjectionQuery, ReadRow, Storage};

async fn project(storage: &dyn Storage, number: u32, scopes: &[&str], alter: impl FnOnce(&mut Projection) + Send) {
    let mut admission = admission(storage, dossier(number), scopes).await;
    alter(&mut admission.projection);
    assert!(storage.admit(&admission).await.unwrap());
}

async fn ids(storage: &dyn Storage, query: &ProjectionQuery) -> Vec<DossierId> {
    storage.projections(query).await.unwrap().iter().map(|row| row.dossier).collect()
}

/// Only what is in one of the scopes, each once, newest first, as many as asked for.
pub async fn projections_are_listed_by_scope_newest_first(storage: Arc<dyn Storage>) {
    Sender::new(1).send(&*storage, (1..=5).map(|number| change(dossier(number), 1, 1)).collect()).await;
    project(&*storage, 1, &["a"], |row| row.updated_ms = NOW_MS + 1).await;
    project(&*storage, 2, &["a", "b"], |row| row.updated_ms = NOW_MS + 3).await;
    project(&*storage, 3, &["b"], |row| {
        row.updated_ms = NOW_MS + 2;
        row.status = Some(9);
    })
    .await;
    project(&*storage, 4, &["c"], |_| ()).await;
    let scopes = vec!["a".to_owned(), "b".to_owned()];
    let all = ProjectionQuery { scopes, limit: 100, ..ProjectionQuery::default() };
    assert_eq!(ids(&*storage, &all).await, [dossier(2), dossier(3), dossier(1)]);
    assert_eq!(ids(&*storage, &ProjectionQuery { limit: 1, ..all.clone() }).await, [dossier(2)]);
    assert_eq!(ids(&*storage, &ProjectionQuery { status: Some(9), ..all.clone() }).await, [dossier(3)]);
    let older = ProjectionQuery { before_ms: Some(NOW_MS + 2), ..all.clone() };
    assert_eq!(ids(&*storage, &older).await, [dossier(1)]);
    assert_eq!(ids(&*storage, &ProjectionQuery { scopes: vec![], ..all }).await, []);
    // A draft of which nothing is known but that it exists.
    let nothing = Projection {
        dossier: dossier(5),
        code: None,
        provisional_code: None,
        procedure: None,
        status: None,
        unit: None,
        channel: None,
        submitted_ms: None,
        accepted_ms: None,
        due_at: None,
        conflicts: 0,
        disputed: false,
        pending_amendment: true,
        updated_ms: NOW_MS,
    };
    let expected = nothing.clone();
    project(&*storage, 5, &["d"], |row| *row = nothing).await;
    let query = ProjectionQuery { scopes: vec!["d".into()], limit: 1, ..ProjectionQuery::default() };
    assert_eq!(storage.projections(&query).await.unwrap(), [expected]);
}

/// Paging by the last row seen passes over nothing, though a whole group shares one millisecond.
pub async fn no_row_of_one_millisecond_is_passed_over(storage: Arc<dyn Storage>) {
    Sender::new(1).send(&*storage, (1..=7).map(|number| change(dossier(number), 1, 1)).collect()).await;
    for number in 1..=7 {
        admit(&*storage, dossier(number), &["a"]).await;
    }
    let mut query = ProjectionQuery { scopes: vec!["a".into()], limit: 2, ..ProjectionQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = storage.projections(&query).await.unwrap();
        let Some(last) = page.last() else { break };
        (query.before_ms, query.before_dossier) = (Some(last.updated_ms), Some(last.dossier));
        seen.extend(page.iter().map(|row| row.dossier));
        assert!(seen.len() <= 7, "the list must end");
    }
    assert_eq!(seen, (1..=7).rev().map(dossier).collect::<Vec<_>>());
}

/// Codes lead to their dossier for ever, and nobody takes one over.
pub async fn a_code_leads_to_its_first_dossier(storage: Arc<dyn Storage>) {
    Sender::new(1).send(&*storage, vec![change(dossier(1), 1, 1), change(dossier(2), 1, 1)]).await;
    for (number, codes) in [(1, ["A", "P1"]), (2, ["A", "P2"]), (1, ["A", "B"])] {
        let mut admission = admission(&*storage, dossier(number), &[]).await;
        admission.codes = BTreeSet::from(codes.map(str::to_owned));
        assert!(storage.admit(&admission).await.unwrap());
    }
    for (code, number) in [("A", 1), ("P1", 1), ("P2", 2), ("B", 1)] {
        assert_eq!(storage.dossier_by_code(code).await.unwrap(), Some(dossier(number)), "{code}");
    }
    assert_eq!(storage.dossier_by_code("a").await.unwrap(), None);
}

/// Serials count from 1 for each unit and date.
pub async fn serials_are_given_once(storage: Arc<dyn Storage>) {
    assert_eq!(storage.take_serials("H29.16", "2026-11-21", 50).await.unwrap(), 1);
    assert_eq!(storage.take_serials("H29.16", "2026-11-21", 1).await.unwrap(), 51);
    assert_eq!(storage.take_serials("H29.16", "2026-11-21", 10).await.unwrap(), 52);
    assert_eq!(storage.take_serials("H29.16", "2026-11-22", 10).await.unwrap(), 1);
    assert_eq!(storage.take_serials("H29.17", "2026-11-21", 10).await.unwrap(), 1);
}

/// Counts are of everything that is kept.
pub async fn things_are_counted(storage: Arc<dyn Storage>) {
    assert_eq!(storage.counts().await.unwrap(), Counts::default());
    let aside = ItemRow { state: ItemState::Quarantined, ..change(dossier(2), 1, 1) };
    let mut sender = Sender::new(1);
    sender.send(&*storage, vec![text(dossier(1), 1, "x"), change(dossier(1), 1, 1), aside]).await;
    sender.send(&*storage, vec![event(dossier(1), 1, 1, false), change(dossier(1), 1, 2)]).await;
    let aside = ItemRow { state: ItemState::Revoked, ..change(dossier(2), 1, 2) };
    sender.send(&*storage, vec![aside]).await;
    Sender::new(2).send(&*storage, vec![]).await;
    let mut admission = admission(&*storage, dossier(1), &["a"]).await;
    admission.blobs.insert(blob(1), 10);
    admission.outcomes.remove(&event(dossier(1), 1, 1, false).hash);
    assert!(storage.admit(&admission).await.unwrap());
    let expected = Counts {
        dossiers: 2,
        changes: 4,
        events: 1,
        blobs: 0,
        devices: 2,
        receipts: 4,
        awaiting: 1,
        quarantined: 1,
        revoked: 1,
    };
    assert_eq!(storage.counts().await.unwrap(), expected);
}

/// Each reading is kept, also two in one millisecond.
pub async fn readings_are_logged(storage: Arc<dyn Storage>) {
    for (reader, at_ms) in [(1, NOW_MS), (2, NOW_MS + 1), (1, NOW_MS + 1), (1, NOW_MS + 1)] {
        storage.log_read(&dossier(1), &device(reader), at_ms).await.unwrap();
    }
    let row = |reader, at_ms| ReadRow { device: device(reader), at_ms };
    let expected = [row(1, NOW_MS), row(2, NOW_MS + 1), row(1, NOW_MS + 1), row(1, NOW_MS + 1)];
    assert_eq!(storage.reads_of(&dossier(1)).await.unwrap(), expected);
    assert_eq!(storage.reads_of(&dossier(2)).await.unwrap(), []);
}

/// Text from outside may hold a character that one database does not take: neither look-ups nor admission fail by it.
pub async fn a_nul_character_harms_nothing(storage: Arc<dyn Storage>) {
    assert_eq!(storage.dossier_by_code("a\0b").await.unwrap(), None);
    assert_eq!(storage.upload("a\0b").await.unwrap(), None);
    assert!(storage.feed("a\0b", 0, 1, None).await.unwrap().rows.is_empty());
    assert_eq!(storage.wanted_blobs("a\0b", 1).await.unwrap(), []);
    let query = ProjectionQuery { scopes: vec!["a\0b".into()], limit: 1, ..ProjectionQuery::default() };
    assert_eq!(storage.projections(&query).await.unwrap(), []);
    Sender::new(1).send(&*storage, vec![change(dossier(1), 1, 1)]).await;
    let mut admission = admission(&*storage, dossier(1), &["a"]).await;
    admission.projection.procedure = Some("1.0\0".into());
    admission.codes.insert("H29\0".into());
    assert!(storage.admit(&admission).await.unwrap());
    let query = ProjectionQuery { scopes: vec!["a".into()], limit: 1, ..ProjectionQuery::default() };
    let listed = storage.projections(&query).await.unwrap();
    assert_eq!(listed[0].procedure.as_deref(), Some("1.0\u{fffd}"));
}
