//! What admission writes, and to whom it is shown.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dossier::id::DossierId;

use super::fixtures::{NOW_MS, Sender, admission, admit, change, dossier, event, outline, projection, rows, scope};
use crate::storage::{Admission, FeedRow, ItemRow, ItemState, Projection, ProjectionQuery, Storage};

async fn states(storage: &dyn Storage, dossier: DossierId) -> Vec<ItemState> {
    storage.record(&dossier).await.unwrap().unwrap().items.iter().map(|item| item.state).collect()
}

async fn listed(storage: &dyn Storage, scope: &str) -> Vec<Projection> {
    let query = ProjectionQuery { scopes: vec![scope.into()], limit: 100, ..ProjectionQuery::default() };
    storage.projections(&query).await.unwrap()
}

/// Items get their states, lists their row, scopes their feed; what was quarantined is shown to nobody.
pub async fn admission_marks_projects_and_feeds(storage: Arc<dyn Storage>) {
    let items = vec![change(dossier(1), 1, 1), change(dossier(1), 2, 1), event(dossier(1), 1, 1, false)];
    Sender::new(1).send(&*storage, items.clone()).await;
    let mut admission = admission(&*storage, dossier(1), &["device:1", "unit:25747"]).await;
    admission.outcomes.insert(items[1].hash, ItemState::Quarantined);
    assert!(storage.admit(&admission).await.unwrap());
    let expected = [ItemState::Admitted, ItemState::Quarantined, ItemState::Admitted];
    assert_eq!(states(&*storage, dossier(1)).await, expected);
    assert_eq!(storage.awaiting_admission(10).await.unwrap(), []);
    assert_eq!(storage.scopes_of(&dossier(1)).await.unwrap(), ["device:1", "unit:25747"]);
    let record = storage.record(&dossier(1)).await.unwrap().unwrap();
    assert_eq!(record.scopes, [scope("device:1", false), scope("unit:25747", true)]);
    assert_eq!(listed(&*storage, "unit:25747").await, [projection(dossier(1))]);
    for scope in ["device:1", "unit:25747"] {
        let rows = rows(&*storage, scope, 0).await;
        assert_eq!(outline(&rows), ["enter", "item 1", "item 3"]);
        assert_eq!(rows[0], FeedRow::Enter(dossier(1)));
        let FeedRow::Item(item) = &rows[1] else { panic!("an item was expected") };
        assert_eq!(**item, record.items[0]);
    }
}

/// An item that arrives while a dossier is being looked at makes the outcome void.
pub async fn an_admission_overtaken_by_an_item_writes_nothing(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    sender.send(&*storage, vec![change(dossier(1), 1, 1)]).await;
    let overtaken = admission(&*storage, dossier(1), &["a"]).await;
    sender.send(&*storage, vec![change(dossier(1), 1, 2)]).await;
    assert!(!storage.admit(&overtaken).await.unwrap());
    assert_eq!(states(&*storage, dossier(1)).await, [ItemState::Received; 2]);
    assert_eq!(rows(&*storage, "a", 0).await, []);
    assert_eq!(listed(&*storage, "a").await, []);
    assert_eq!(storage.scopes_of(&dossier(1)).await.unwrap(), Vec::<String>::new());
    let unknown = Admission { dossier: dossier(2), ..overtaken };
    assert!(!storage.admit(&unknown).await.unwrap());
    admit(&*storage, dossier(1), &["a"]).await;
    assert_eq!(outline(&rows(&*storage, "a", 0).await), ["enter", "item 1", "item 2"]);
}

/// A scope that the dossier comes to later gets what was admitted before; the others only what is new.
pub async fn entering_a_scope_brings_everything(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    sender.send(&*storage, vec![change(dossier(1), 1, 1), change(dossier(1), 1, 2)]).await;
    admit(&*storage, dossier(1), &["a"]).await;
    sender.send(&*storage, vec![change(dossier(1), 1, 3)]).await;
    admit(&*storage, dossier(1), &["a", "b"]).await;
    assert_eq!(outline(&rows(&*storage, "a", 0).await), ["enter", "item 1", "item 2", "item 3"]);
    assert_eq!(outline(&rows(&*storage, "b", 0).await), ["enter", "item 1", "item 2", "item 3"]);
}

/// A scope that the dossier goes from is told so, once, and gets nothing more until it comes back.
pub async fn leaving_a_scope_tells_it(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    sender.send(&*storage, vec![change(dossier(1), 1, 1)]).await;
    admit(&*storage, dossier(1), &["a", "b"]).await;
    sender.send(&*storage, vec![change(dossier(1), 1, 2)]).await;
    admit(&*storage, dossier(1), &["b"]).await;
    sender.send(&*storage, vec![change(dossier(1), 1, 3)]).await;
    admit(&*storage, dossier(1), &["b"]).await;
    assert_eq!(outline(&rows(&*storage, "a", 0).await), ["enter", "item 1", "leave"]);
    assert_eq!(storage.scopes_of(&dossier(1)).await.unwrap(), ["b"]);
    assert_eq!(listed(&*storage, "a").await, []);
    admit(&*storage, dossier(1), &["a", "b"]).await;
    let back = ["enter", "item 1", "leave", "enter", "item 1", "item 2", "item 3"];
    assert_eq!(outline(&rows(&*storage, "a", 0).await), back);
}

/// An internal note reaches the unit and never the citizen, neither when new nor in a backfill.
pub async fn staff_events_stay_with_staff(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    sender.send(&*storage, vec![change(dossier(1), 1, 1), event(dossier(1), 1, 1, true)]).await;
    admit(&*storage, dossier(1), &["device:1", "unit:1"]).await;
    sender.send(&*storage, vec![event(dossier(1), 1, 2, true), event(dossier(1), 1, 3, false)]).await;
    admit(&*storage, dossier(1), &["device:1", "unit:1", "device:2", "unit:2"]).await;
    for scope in ["device:1", "device:2"] {
        assert_eq!(outline(&rows(&*storage, scope, 0).await), ["enter", "item 1", "item 4"]);
    }
    for scope in ["unit:1", "unit:2"] {
        assert_eq!(outline(&rows(&*storage, scope, 0).await), ["enter", "item 1", "item 2", "item 3", "item 4"]);
    }
}

/// Whoever may no longer see internal notes is told to drop the copy, and gets one without them.
pub async fn losing_sight_of_staff_events_means_entering_anew(storage: Arc<dyn Storage>) {
    Sender::new(1).send(&*storage, vec![change(dossier(1), 1, 1), event(dossier(1), 1, 1, true)]).await;
    let mut admission = admission(&*storage, dossier(1), &[]).await;
    for staff in [true, false, true] {
        admission.scopes = BTreeSet::from([scope("a", staff)]);
        assert!(storage.admit(&admission).await.unwrap());
    }
    let rows = outline(&rows(&*storage, "a", 0).await);
    let (with, without) = (["enter", "item 1", "item 2"], ["leave", "enter", "item 1"]);
    assert_eq!(rows, [&with[..], &without[..], &["leave"], &with[..]].concat());
}

/// Many dossiers in one transaction: one that was overtaken or is unknown hinders no other.
pub async fn many_admissions_at_once_answer_each(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    sender.send(&*storage, (1..=4).map(|number| change(dossier(number), 1, 1)).collect()).await;
    let mut admissions = Vec::new();
    for number in [3, 1, 4, 2] {
        let mut admission = admission(&*storage, dossier(number), &["a", "unit:1"]).await;
        admission.codes = BTreeSet::from([format!("code {number}"), "shared".into()]);
        admission.blobs = BTreeMap::from([(super::fixtures::blob(1), 10)]);
        admissions.push(admission);
    }
    admissions.push(Admission { dossier: dossier(9), ..admissions[0].clone() });
    sender.send(&*storage, vec![change(dossier(4), 1, 2)]).await;
    assert_eq!(storage.admit_all(&admissions).await.unwrap(), [true, true, false, true, false]);
    assert_eq!(rows(&*storage, "a", 0).await.len(), 6);
    assert_eq!(listed(&*storage, "a").await.len(), 3);
    assert_eq!(storage.wanted_blobs("unit:1", 10).await.unwrap().len(), 3);
    assert_eq!(storage.dossier_by_code("code 2").await.unwrap(), Some(dossier(2)));
    assert_eq!(storage.dossier_by_code("code 4").await.unwrap(), None);
    assert_eq!(storage.awaiting_admission(10).await.unwrap(), [dossier(4)]);
    assert_eq!(storage.admit_all(&[]).await.unwrap(), Vec::<bool>::new());
}

/// An officer may take over what was put aside: then it is shown like anything new.
pub async fn a_quarantined_item_may_be_admitted_later(storage: Arc<dyn Storage>) {
    let items = vec![change(dossier(1), 1, 1), change(dossier(1), 1, 2)];
    Sender::new(1).send(&*storage, items.clone()).await;
    let mut admission = admission(&*storage, dossier(1), &["a"]).await;
    admission.outcomes.insert(items[0].hash, ItemState::Quarantined);
    assert!(storage.admit(&admission).await.unwrap());
    admission.outcomes = BTreeMap::from([(items[0].hash, ItemState::Admitted)]);
    assert!(storage.admit(&admission).await.unwrap());
    assert_eq!(outline(&rows(&*storage, "a", 0).await), ["enter", "item 2", "item 1"]);
    assert_eq!(storage.counts().await.unwrap().quarantined, 0);
}

/// The same outcome written twice shows nothing twice, and nothing admitted is taken back.
pub async fn admitting_again_appends_nothing(storage: Arc<dyn Storage>) {
    let items = vec![change(dossier(1), 1, 1)];
    Sender::new(1).send(&*storage, items.clone()).await;
    let mut admission = admission(&*storage, dossier(1), &["a"]).await;
    assert!(storage.admit(&admission).await.unwrap());
    assert!(storage.admit(&admission).await.unwrap());
    admission.outcomes = BTreeMap::from([(items[0].hash, ItemState::Quarantined)]);
    admission.projection.updated_ms = NOW_MS + 1;
    assert!(storage.admit(&admission).await.unwrap());
    assert_eq!(outline(&rows(&*storage, "a", 0).await), ["enter", "item 1"]);
    assert_eq!(states(&*storage, dossier(1)).await, [ItemState::Admitted]);
    assert_eq!(listed(&*storage, "a").await[0].updated_ms, NOW_MS + 1);
}

/// Items without an outcome go on waiting, and their dossier is still found.
pub async fn what_still_waits_is_found_again(storage: Arc<dyn Storage>) {
    let items: Vec<ItemRow> = (1..=2).map(|seq| change(dossier(1), 1, seq)).collect();
    Sender::new(1).send(&*storage, items.clone()).await;
    let mut admission = admission(&*storage, dossier(1), &["a"]).await;
    admission.outcomes.remove(&items[1].hash);
    assert!(storage.admit(&admission).await.unwrap());
    assert_eq!(states(&*storage, dossier(1)).await, [ItemState::Admitted, ItemState::Received]);
    assert_eq!(storage.awaiting_admission(10).await.unwrap(), [dossier(1)]);
}
