//! Admission and the arrival of attachments: what appends to feeds.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    id::{BlobId, DeviceId, DossierId},
    wire::repair::Sum,
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, query, query_as, query_scalar};

use super::intake::ROWS;

use crate::storage::{
    StorageFault,
    columns::{self, ProjectionColumns, bound, plain, state_number},
    digest::Held,
    plan::{Admitted, Appended, Feeds, Moves, News},
    types::{Admission, ItemState, ScopeRow},
};

/// In a transaction. Answers also which scopes got rows.
pub async fn admit_all(
    db: &mut SqliteConnection,
    admissions: &[Admission],
) -> Result<(Vec<bool>, BTreeSet<String>), StorageFault> {
    let mut feeds = Feeds::default();
    let mut answers = Vec::with_capacity(admissions.len());
    for admission in admissions {
        let row: Option<(i64, Vec<u8>, Vec<u8>)> =
            query_as("SELECT last_position, parties_sum, staff_sum FROM dossiers WHERE id = $1")
                .bind(&admission.dossier.0[..])
                .fetch_optional(&mut *db)
                .await?;
        let current = row.filter(|(last, ..)| *last <= bound(admission.upto));
        answers.push(current.is_some());
        if let Some((_, parties, staff)) = current {
            let before = Held { parties: columns::sum(&parties)?, staff: columns::sum(&staff)? };
            admit(&mut *db, admission, before, &mut feeds).await?;
        }
    }
    let scopes = append(db, feeds).await?;
    Ok((answers, scopes))
}

async fn admit(
    db: &mut SqliteConnection,
    admission: &Admission,
    before: Held,
    feeds: &mut Feeds,
) -> Result<(), StorageFault> {
    let dossier = &admission.dossier.0[..];
    let fresh = mark(&mut *db, admission).await?;
    let now: Vec<(String, bool)> = query_as("SELECT scope, staff FROM dossier_scopes WHERE dossier = $1")
        .bind(dossier)
        .fetch_all(&mut *db)
        .await?;
    let now: Vec<ScopeRow> = now.into_iter().map(|(scope, staff)| ScopeRow { scope, staff }).collect();
    let moves = Moves::between(&now, &admission.scopes);
    let (mut all, mut arrived) = (Vec::new(), Vec::new());
    if moves.needs_backfill() {
        let rows: Vec<Marked> = query_as(
            "SELECT position, staff_only, author, hash FROM items WHERE dossier = $1 AND state = 2 ORDER BY position",
        )
        .bind(dossier)
        .fetch_all(&mut *db)
        .await?;
        all = rows.into_iter().map(admitted).collect::<Result<_, _>>()?;
        arrived = query_scalar("SELECT blob FROM blobs WHERE dossier = $1 AND arrived_ms IS NOT NULL ORDER BY blob")
            .bind(dossier)
            .fetch_all(&mut *db)
            .await?;
    }
    let news = News { dossier: &admission.dossier, moves: &moves, fresh: &fresh, all: &all, arrived: &arrived, before };
    let held = feeds.admit(news);
    for scope in &moves.leaves {
        query("DELETE FROM dossier_scopes WHERE dossier = $1 AND scope = $2")
            .bind(dossier)
            .bind(scope)
            .execute(&mut *db)
            .await?;
    }
    if !moves.enters.is_empty() {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO dossier_scopes (dossier, scope, staff) ");
        insert.push_values(&moves.enters, |mut values, (scope, staff)| {
            values.push_bind(dossier).push_bind(scope).push_bind(staff);
        });
        insert.build().execute(&mut *db).await?;
    }
    name_blobs(&mut *db, admission).await?;
    for code in &admission.codes {
        query("INSERT INTO codes (code, dossier) VALUES ($1, $2) ON CONFLICT (code) DO NOTHING")
            .bind(plain(code))
            .bind(dossier)
            .execute(&mut *db)
            .await?;
    }
    project(db, admission, &held).await
}

/// Position, whether it is for staff alone, author and hash of an item.
type Marked = (i64, bool, Vec<u8>, Vec<u8>);

fn admitted((position, staff_only, author, hash): Marked) -> Result<Admitted, StorageFault> {
    let author = DeviceId(columns::id(&author, "item")?);
    Ok(Admitted { position, staff_only, author, hash: columns::id(&hash, "item")? })
}

/// Gives items their states; the newly admitted ones by position.
async fn mark(db: &mut SqliteConnection, admission: &Admission) -> Result<Vec<Admitted>, StorageFault> {
    let mut by_state: BTreeMap<i16, (ItemState, Vec<String>)> = BTreeMap::new();
    for (hash, state) in &admission.outcomes {
        let (_, hashes) = by_state.entry(state_number(*state)).or_insert_with(|| (*state, Vec::new()));
        hashes.push(hash.to_string());
    }
    let mut fresh = Vec::new();
    for (number, (state, hashes)) in by_state {
        let rows: Vec<Marked> = query_as(
            "UPDATE items SET state = $3
             WHERE dossier = $1 AND hash IN (SELECT unhex(value) FROM json_each($2)) AND state <> 2
             RETURNING position, staff_only, author, hash",
        )
        .bind(&admission.dossier.0[..])
        .bind(serde_json::json!(hashes).to_string())
        .bind(number)
        .fetch_all(&mut *db)
        .await?;
        if state == ItemState::Admitted {
            fresh = rows.into_iter().map(admitted).collect::<Result<_, _>>()?;
        }
    }
    fresh.sort_unstable();
    Ok(fresh)
}

/// Notes which attachments the dossier names; what arrived stays.
async fn name_blobs(db: &mut SqliteConnection, admission: &Admission) -> Result<(), StorageFault> {
    let dossier = &admission.dossier.0[..];
    let named: Vec<String> = admission.blobs.keys().map(ToString::to_string).collect();
    query(
        "DELETE FROM blobs WHERE dossier = $1 AND arrived_ms IS NULL
         AND blob NOT IN (SELECT unhex(value) FROM json_each($2))",
    )
    .bind(dossier)
    .bind(serde_json::json!(named).to_string())
    .execute(&mut *db)
    .await?;
    let named: Vec<_> = admission.blobs.iter().collect();
    for rows in named.chunks(ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO blobs (dossier, blob, size_bytes) ");
        insert.push_values(rows, |mut values, (blob, size_bytes)| {
            values.push_bind(dossier).push_bind(&blob.0[..]).push_bind(size_bytes.cast_signed());
        });
        insert.push(
            " ON CONFLICT (dossier, blob) DO UPDATE SET size_bytes = excluded.size_bytes WHERE arrived_ms IS NULL",
        );
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}

async fn project(db: &mut SqliteConnection, admission: &Admission, held: &Held) -> Result<(), StorageFault> {
    let row = ProjectionColumns::from(&admission.projection);
    query(
        "UPDATE dossiers SET code = $2, provisional_code = $3, procedure = $4, status = $5, unit = $6, channel = $7,
             submitted_ms = $8, accepted_ms = $9, due_at = $10, conflicts = $11, disputed = $12,
             pending_amendment = $13, updated_ms = $14, parties_sum = $15, staff_sum = $16,
             awaiting_since_ms = (SELECT MIN(received_ms) FROM items WHERE dossier = $1 AND state = 1)
         WHERE id = $1",
    )
    .bind(&admission.dossier.0[..])
    .bind(row.code)
    .bind(row.provisional_code)
    .bind(row.procedure)
    .bind(row.status)
    .bind(row.unit)
    .bind(row.channel)
    .bind(row.submitted_ms)
    .bind(row.accepted_ms)
    .bind(row.due_at)
    .bind(row.conflicts)
    .bind(row.disputed)
    .bind(row.pending_amendment)
    .bind(row.updated_ms)
    .bind(held.parties.to_bytes().to_vec())
    .bind(held.staff.to_bytes().to_vec())
    .execute(db)
    .await?;
    Ok(())
}

/// In a transaction. Answers which scopes got rows.
pub async fn blob_arrived(
    db: &mut SqliteConnection,
    dossier: &DossierId,
    blob: &BlobId,
    size_bytes: u64,
    now_ms: i64,
) -> Result<BTreeSet<String>, StorageFault> {
    let noted = query(
        "INSERT INTO blobs (dossier, blob, size_bytes, arrived_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (dossier, blob) DO UPDATE SET size_bytes = excluded.size_bytes, arrived_ms = excluded.arrived_ms
         WHERE arrived_ms IS NULL",
    )
    .bind(&dossier.0[..])
    .bind(&blob.0[..])
    .bind(size_bytes.cast_signed())
    .bind(now_ms)
    .execute(&mut *db)
    .await?;
    if noted.rows_affected() == 0 {
        return Ok(BTreeSet::new());
    }
    let scopes: Vec<String> = query_scalar("SELECT scope FROM dossier_scopes WHERE dossier = $1")
        .bind(&dossier.0[..])
        .fetch_all(&mut *db)
        .await?;
    let mut feeds = Feeds::default();
    feeds.blob(&dossier.0, &scopes, &blob.0);
    append(db, feeds).await
}

/// Gives the rows their numbers and writes them. The one writer is the lock.
async fn append(db: &mut SqliteConnection, feeds: Feeds) -> Result<BTreeSet<String>, StorageFault> {
    let mut scopes = BTreeSet::new();
    for (scope, Appended { rows, digest: added }) in feeds.0 {
        let count = i64::try_from(rows.len()).map_err(|_| StorageFault::Damaged("feed"))?;
        let (head, digest): (i64, Vec<u8>) = query_as(
            "INSERT INTO scopes (scope, head) VALUES ($1, $2)
             ON CONFLICT (scope) DO UPDATE SET head = head + excluded.head RETURNING head, digest",
        )
        .bind(&scope)
        .bind(count)
        .fetch_one(&mut *db)
        .await?;
        if added != Sum::default() {
            query("UPDATE scopes SET digest = $2 WHERE scope = $1")
                .bind(&scope)
                .bind(columns::sum(&digest)?.plus(added).to_bytes().to_vec())
                .execute(&mut *db)
                .await?;
        }
        let mut rows = (head - count + 1..).zip(rows).peekable();
        while rows.peek().is_some() {
            let mut insert =
                QueryBuilder::<Sqlite>::new("INSERT INTO feed (scope, seq, kind, dossier, position, blob) ");
            insert.push_values(rows.by_ref().take(ROWS), |mut values, (seq, row)| {
                values.push_bind(&*scope).push_bind(seq).push_bind(row.kind);
                values.push_bind(row.dossier).push_bind(row.position).push_bind(row.blob);
            });
            insert.build().execute(&mut *db).await?;
        }
        scopes.insert(scope);
    }
    Ok(scopes)
}
