//! Facts for a group and its commit. Sets of things to look up travel as one JSON text of hexadecimal names; rows are
//! written many to a statement, since every statement crosses to the connection's thread and back.

use std::collections::{BTreeSet, HashMap};

use dossier::{
    envelope,
    id::{DeviceId, Digest, DossierId},
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, query, query_as};

use crate::storage::{
    StorageFault,
    arrival::{self, Tally},
    columns::{ActorColumns, ItemColumns, count, id},
    types::{DossierFacts, Facts, Group, Needs},
};

/// Rows written by one statement. A larger statement takes longer to prepare than it saves; at most 15 columns of so many
/// rows stay far below the 32,766 values that SQLite takes.
pub(super) const ROWS: usize = 64;

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
    let counted: Vec<(&DossierId, &Tally)> = tallies.iter().collect();
    let mut last_positions = HashMap::with_capacity(tallies.len());
    for rows in counted.chunks(ROWS) {
        last_positions.extend(count_in(&mut *db, rows).await?);
    }
    let items = arrival::placed(&group.items, &tallies, &last_positions)?;
    let joining = arrival::joining(&items);
    let mut items = items.into_iter();
    while items.len() > 0 {
        insert(&mut *db, items.by_ref().take(ROWS)).await?;
    }
    for rows in joining.chunks(ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO participants (dossier, device, since_position) ");
        insert.push_values(rows, |mut values, row| {
            values.push_bind(&row.dossier[..]).push_bind(&row.device[..]).push_bind(row.since_position);
        });
        insert.push(" ON CONFLICT (dossier, device) DO NOTHING");
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}

/// Counts a group's items into their dossiers; answers the last position of each.
async fn count_in(
    db: &mut SqliteConnection,
    rows: &[(&DossierId, &Tally)],
) -> Result<Vec<(Vec<u8>, i64)>, StorageFault> {
    let mut upsert = QueryBuilder::<Sqlite>::new(
        "INSERT INTO dossiers (id, last_position, changes, events, texts, awaiting_since_ms) ",
    );
    upsert.push_values(rows, |mut values, (dossier, tally)| {
        values.push_bind(&dossier.0[..]).push_bind(tally.items).push_bind(tally.changes);
        values.push_bind(tally.events).push_bind(tally.texts).push_bind(tally.awaiting_since_ms);
    });
    upsert.push(
        " ON CONFLICT (id) DO UPDATE SET
             last_position = last_position + excluded.last_position, changes = changes + excluded.changes,
             events = events + excluded.events, texts = texts + excluded.texts,
             awaiting_since_ms = COALESCE(awaiting_since_ms, excluded.awaiting_since_ms)
         RETURNING id, last_position",
    );
    Ok(upsert.build_query_as().fetch_all(db).await?)
}

async fn insert(db: &mut SqliteConnection, items: impl Iterator<Item = ItemColumns>) -> Result<(), StorageFault> {
    let mut insert = QueryBuilder::<Sqlite>::new(
        "INSERT INTO items (dossier, position, hash, kind, field, actor, seq, last_op, counter, staff_only, bytes,
                            author, received_ms, clock_offset_ms, state) ",
    );
    insert.push_values(items, |mut values, item| {
        values.push_bind(item.dossier).push_bind(item.position).push_bind(item.hash).push_bind(item.kind);
        values.push_bind(item.field).push_bind(item.actor).push_bind(item.seq).push_bind(item.last_op);
        values.push_bind(item.counter).push_bind(item.staff_only).push_bind(item.bytes).push_bind(item.author);
        values.push_bind(item.received_ms).push_bind(item.clock_offset_ms).push_bind(item.state);
    });
    insert.build().execute(db).await?;
    Ok(())
}
