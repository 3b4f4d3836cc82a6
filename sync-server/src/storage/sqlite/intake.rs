//! Facts for a group and its commit. Sets of things to look up travel as one JSON text of hexadecimal names; rows are
//! written one by one with prepared statements, since a call costs nothing but the call.

use std::collections::{BTreeSet, HashMap};

use dossier::{
    envelope,
    id::{DeviceId, Digest, DossierId},
};
use sqlx::{SqliteConnection, query, query_as, query_scalar};

use crate::storage::{
    StorageFault, arrival,
    columns::{ActorColumns, count, id},
    types::{DossierFacts, Facts, Group, Needs},
};

/// Pairs of a dossier and something in it, as JSON.
fn pairs<'a, const N: usize>(needs: impl Iterator<Item = (&'a DossierId, [u8; N])>) -> String {
    let hex = data_encoding::HEXLOWER;
    let pairs: Vec<[String; 2]> = needs.map(|(dossier, name)| [hex.encode(&dossier.0), hex.encode(&name)]).collect();
    serde_json::json!(pairs).to_string()
}

/// In a transaction that sees one moment.
pub async fn facts(db: &mut SqliteConnection, needs: &Needs) -> Result<Facts, StorageFault> {
    let mut facts = Facts::default();
    if let Some(device) = &needs.device {
        let head: Option<(i64, Option<Vec<u8>>)> = query_as("SELECT receipts, last_receipt FROM devices WHERE id = $1")
            .bind(&device.0[..])
            .fetch_optional(&mut *db)
            .await?;
        if let Some((receipts, last)) = head {
            facts.receipts = count(receipts, "device")?;
            facts.last_receipt = last.map(|hash| id(&hash, "device").map(Digest)).transpose()?;
        }
    }
    let dossiers: BTreeSet<String> =
        needs.dossiers.keys().map(|dossier| data_encoding::HEXLOWER.encode(&dossier.0)).collect();
    let rows: Vec<(Vec<u8>, i64, i64, i64)> = query_as(
        "SELECT d.id, d.changes, d.events, d.texts FROM json_each($1) n JOIN dossiers d ON d.id = unhex(n.value)",
    )
    .bind(serde_json::json!(dossiers).to_string())
    .fetch_all(&mut *db)
    .await?;
    for (dossier, changes, events, texts) in rows {
        let known = DossierFacts {
            changes: count(changes, "dossier")?,
            events: count(events, "dossier")?,
            texts: count(texts, "dossier")?,
            ..DossierFacts::default()
        };
        facts.dossiers.insert(DossierId(id(&dossier, "dossier")?), known);
    }
    let hashes =
        needs.dossiers.iter().flat_map(|(dossier, needs)| needs.hashes.iter().map(move |hash| (dossier, hash.0)));
    let rows: Vec<(Vec<u8>, Vec<u8>, Option<i64>)> = query_as(
        "SELECT i.dossier, i.hash, i.last_op FROM json_each($1) n
         JOIN items i ON i.dossier = unhex(n.value ->> 0) AND i.hash = unhex(n.value ->> 1)",
    )
    .bind(pairs(hashes))
    .fetch_all(&mut *db)
    .await?;
    for (dossier, hash, last_op) in rows {
        if let Some(known) = facts.dossiers.get_mut(&DossierId(id(&dossier, "item")?)) {
            known.known.insert(Digest(id(&hash, "item")?), last_op.map(i64::cast_unsigned));
        }
    }
    let actors =
        needs.dossiers.iter().flat_map(|(dossier, needs)| needs.actors.iter().map(move |actor| (dossier, actor.0)));
    let rows: Vec<ActorColumns> = query_as(
        "WITH needed AS MATERIALIZED (
             SELECT unhex(value ->> 0) AS dossier, unhex(value ->> 1) AS actor FROM json_each($1)
         )
         SELECT n.dossier, n.actor, first.author, last.seq, last.hash FROM needed n
         JOIN items first ON first.dossier = n.dossier AND first.actor = n.actor AND first.seq =
             (SELECT MIN(seq) FROM items WHERE dossier = n.dossier AND actor = n.actor)
         JOIN items last ON last.dossier = n.dossier AND last.actor = n.actor AND last.seq =
             (SELECT MAX(seq) FROM items WHERE dossier = n.dossier AND actor = n.actor)",
    )
    .bind(pairs(actors))
    .fetch_all(db)
    .await?;
    for row in rows {
        row.note(&mut facts.dossiers)?;
    }
    Ok(facts)
}

/// In a transaction. What was taken in the meantime ends in a fault that is a duplicate.
pub async fn commit(db: &mut SqliteConnection, group: &Group) -> Result<(), StorageFault> {
    let device = DeviceId::of(&group.device);
    let number = group.receipt_number.cast_signed();
    query(
        "INSERT INTO devices (id, key, receipts, last_contact_ms) VALUES ($1, $2, 0, $3) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&device.0[..])
    .bind(&group.device.0[..])
    .bind(group.now_ms)
    .execute(&mut *db)
    .await?;
    let headed = query(
        "UPDATE devices SET receipts = $2, last_receipt = $3, last_contact_ms = $4 WHERE id = $1 AND receipts = $2 - 1",
    )
    .bind(&device.0[..])
    .bind(number)
    .bind(&group.receipt.hash().0[..])
    .bind(group.now_ms)
    .execute(&mut *db)
    .await?;
    if headed.rows_affected() == 0 {
        return Err(StorageFault::taken());
    }
    query("INSERT INTO receipts (device, number, batch, batch_hash, signed, given_ms) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&device.0[..])
        .bind(number)
        .bind(&group.batch.0[..])
        .bind(&group.batch_hash.0[..])
        .bind(envelope::encode(&group.receipt))
        .bind(group.now_ms)
        .execute(&mut *db)
        .await?;
    let tallies = arrival::tallies(&group.items);
    let mut last_positions = HashMap::with_capacity(tallies.len());
    for (dossier, tally) in &tallies {
        let last: i64 = query_scalar(
            "INSERT INTO dossiers (id, last_position, changes, events, texts, awaiting_since_ms)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (id) DO UPDATE SET
                 last_position = last_position + excluded.last_position, changes = changes + excluded.changes,
                 events = events + excluded.events, texts = texts + excluded.texts,
                 awaiting_since_ms = COALESCE(awaiting_since_ms, excluded.awaiting_since_ms)
             RETURNING last_position",
        )
        .bind(&dossier.0[..])
        .bind(tally.items)
        .bind(tally.changes)
        .bind(tally.events)
        .bind(tally.texts)
        .bind(tally.awaiting_since_ms)
        .fetch_one(&mut *db)
        .await?;
        last_positions.insert(dossier.0.to_vec(), last);
    }
    let items = arrival::placed(&group.items, &tallies, &last_positions)?;
    let joining = arrival::joining(&items);
    for item in items {
        query(
            "INSERT INTO items (dossier, position, hash, kind, field, actor, seq, last_op, counter, staff_only, bytes,
                                author, received_ms, clock_offset_ms, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(item.dossier)
        .bind(item.position)
        .bind(item.hash)
        .bind(item.kind)
        .bind(item.field)
        .bind(item.actor)
        .bind(item.seq)
        .bind(item.last_op)
        .bind(item.counter)
        .bind(item.staff_only)
        .bind(item.bytes)
        .bind(item.author)
        .bind(item.received_ms)
        .bind(item.clock_offset_ms)
        .bind(item.state)
        .execute(&mut *db)
        .await?;
    }
    for row in joining {
        query(
            "INSERT INTO participants (dossier, device, since_position) VALUES ($1, $2, $3)
             ON CONFLICT (dossier, device) DO NOTHING",
        )
        .bind(row.dossier)
        .bind(row.device)
        .bind(row.since_position)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
