//! Facts for a group and its commit: each a handful of statements, whatever the number of dossiers.

use std::collections::HashMap;

use dossier::{
    envelope,
    id::{DeviceId, Digest, DossierId},
};
use sqlx::{PgConnection, query, query_as};

use crate::storage::{
    StorageFault, arrival,
    columns::{ActorColumns, ItemColumns, count, id},
    types::{DossierFacts, Facts, Group, Needs},
};

/// In a transaction that sees one moment.
pub async fn facts(db: &mut PgConnection, needs: &Needs) -> Result<Facts, StorageFault> {
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
    let dossiers: Vec<&[u8]> = needs.dossiers.keys().map(DossierId::as_bytes).collect();
    let rows: Vec<(Vec<u8>, i64, i64, i64)> =
        query_as("SELECT id, changes, events, texts FROM dossiers WHERE id = ANY($1)")
            .bind(dossiers)
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
        needs.dossiers.iter().flat_map(|(dossier, needs)| needs.hashes.iter().map(move |hash| (dossier, hash)));
    let (dossiers, hashes): (Vec<&[u8]>, Vec<&[u8]>) =
        hashes.map(|(dossier, hash)| (dossier.as_bytes(), hash.as_bytes())).unzip();
    let rows: Vec<(Vec<u8>, Vec<u8>, Option<i64>)> = query_as(
        "SELECT i.dossier, i.hash, i.last_op FROM UNNEST($1, $2) AS n (dossier, hash)
         JOIN items i ON i.dossier = n.dossier AND i.hash = n.hash",
    )
    .bind(dossiers)
    .bind(hashes)
    .fetch_all(&mut *db)
    .await?;
    for (dossier, hash, last_op) in rows {
        if let Some(known) = facts.dossiers.get_mut(&DossierId(id(&dossier, "item")?)) {
            known.known.insert(Digest(id(&hash, "item")?), last_op.map(i64::cast_unsigned));
        }
    }
    let actors =
        needs.dossiers.iter().flat_map(|(dossier, needs)| needs.actors.iter().map(move |actor| (dossier, actor)));
    let (dossiers, actors): (Vec<&[u8]>, Vec<&[u8]>) =
        actors.map(|(dossier, actor)| (dossier.as_bytes(), actor.as_bytes())).unzip();
    let rows: Vec<ActorColumns> = query_as(
        "SELECT n.dossier, n.actor, first.author, last.seq, last.hash
         FROM UNNEST($1, $2) AS n (dossier, actor)
         CROSS JOIN LATERAL (SELECT author FROM items
             WHERE dossier = n.dossier AND actor = n.actor ORDER BY seq LIMIT 1) AS first
         CROSS JOIN LATERAL (SELECT seq, hash FROM items
             WHERE dossier = n.dossier AND actor = n.actor ORDER BY seq DESC LIMIT 1) AS last",
    )
    .bind(dossiers)
    .bind(actors)
    .fetch_all(db)
    .await?;
    for row in rows {
        row.note(&mut facts.dossiers)?;
    }
    Ok(facts)
}

/// In a transaction. What was taken in the meantime ends in a fault that is a duplicate.
pub async fn commit(db: &mut PgConnection, group: &Group) -> Result<(), StorageFault> {
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
    query(
        "INSERT INTO receipts (device, number, batch, parcel_hash, signed, given_ms) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&device.0[..])
    .bind(number)
    .bind(&group.batch.0[..])
    .bind(&group.parcel_hash.0[..])
    .bind(envelope::encode(&group.receipt))
    .bind(group.now_ms)
    .execute(&mut *db)
    .await?;
    let tallies = arrival::tallies(&group.items);
    if tallies.is_empty() {
        return Ok(());
    }
    // Makes or locks the dossiers' rows in the order of their ids.
    let last_positions: Vec<(Vec<u8>, i64)> = query_as(
        "INSERT INTO dossiers (id, last_position, changes, events, texts, awaiting_since_ms)
         SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6) AS n (id) ORDER BY n.id
         ON CONFLICT (id) DO UPDATE SET
             last_position = dossiers.last_position + excluded.last_position,
             changes = dossiers.changes + excluded.changes,
             events = dossiers.events + excluded.events,
             texts = dossiers.texts + excluded.texts,
             awaiting_since_ms = COALESCE(dossiers.awaiting_since_ms, excluded.awaiting_since_ms)
         RETURNING id, last_position",
    )
    .bind(tallies.keys().map(DossierId::as_bytes).collect::<Vec<_>>())
    .bind(tallies.values().map(|tally| tally.items).collect::<Vec<_>>())
    .bind(tallies.values().map(|tally| tally.changes).collect::<Vec<_>>())
    .bind(tallies.values().map(|tally| tally.events).collect::<Vec<_>>())
    .bind(tallies.values().map(|tally| tally.texts).collect::<Vec<_>>())
    .bind(tallies.values().map(|tally| tally.awaiting_since_ms).collect::<Vec<_>>())
    .fetch_all(&mut *db)
    .await?;
    let last_positions: HashMap<_, _> = last_positions.into_iter().collect();
    let items = arrival::placed(&group.items, &tallies, &last_positions)?;
    let joining = arrival::joining(&items);
    insert(&mut *db, &items).await?;
    query(
        "INSERT INTO participants (dossier, device, since_position)
         SELECT * FROM UNNEST($1, $2, $3) ON CONFLICT (dossier, device) DO NOTHING",
    )
    .bind(joining.iter().map(|row| &row.dossier[..]).collect::<Vec<_>>())
    .bind(joining.iter().map(|row| &row.device[..]).collect::<Vec<_>>())
    .bind(joining.iter().map(|row| row.since_position).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

async fn insert(db: &mut PgConnection, items: &[ItemColumns]) -> Result<(), StorageFault> {
    query(
        "INSERT INTO items (dossier, position, hash, kind, field, actor, seq, last_op, counter, staff_only, bytes,
                            author, received_ms, clock_offset_ms, state)
         SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(items.iter().map(|item| &item.dossier[..]).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.position).collect::<Vec<_>>())
    .bind(items.iter().map(|item| &item.hash[..]).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.kind).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.field.as_deref()).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.actor.as_deref()).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.seq).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.last_op).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.counter).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.staff_only).collect::<Vec<_>>())
    .bind(items.iter().map(|item| &item.bytes[..]).collect::<Vec<_>>())
    .bind(items.iter().map(|item| &item.author[..]).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.received_ms).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.clock_offset_ms).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.state).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}
