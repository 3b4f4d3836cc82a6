//! Admission and the arrival of attachments: what appends to feeds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dossier::{
    id::{BlobId, DeviceId, DossierId},
    wire::repair::Sum,
};
use sqlx::{PgConnection, query, query_as, query_scalar};

use super::hearing;
use crate::storage::{
    StorageFault,
    columns::{self, ProjectionColumns, bound, plain, state_number},
    digest::Held,
    plan::{Admitted, Appended, Feeds, Moves, News},
    types::{Admission, ItemState, ScopeRow},
};

/// Admitted items per dossier.
type Items = HashMap<Vec<u8>, Vec<Admitted>>;

/// Dossier, position, whether it is for staff alone, author and hash of an item.
type Marked = (Vec<u8>, i64, bool, Vec<u8>, Vec<u8>);

/// Id, last position and both sums of a dossier.
type Locked = (Vec<u8>, i64, Vec<u8>, Vec<u8>);

/// The sums of dossiers.
type Sums = HashMap<DossierId, Held>;

/// In a transaction. Answers also which scopes got rows.
pub async fn admit_all(
    db: &mut PgConnection,
    admissions: &[Admission],
) -> Result<(Vec<bool>, BTreeSet<String>), StorageFault> {
    let dossiers: Vec<&[u8]> = admissions.iter().map(|admission| admission.dossier.as_bytes()).collect();
    let rows: Vec<Locked> = query_as(
        "SELECT id, last_position, parties_sum, staff_sum FROM dossiers WHERE id = ANY($1)
         ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(dossiers)
    .fetch_all(&mut *db)
    .await?;
    let (mut locked, mut held) = (HashMap::<Vec<u8>, i64>::new(), Sums::new());
    for (dossier, last, parties, staff) in rows {
        let sums = Held { parties: columns::sum(&parties)?, staff: columns::sum(&staff)? };
        held.insert(DossierId(columns::id(&dossier, "dossier")?), sums);
        locked.insert(dossier, last);
    }
    let is_current = |admission: &Admission| {
        locked.get(admission.dossier.as_bytes()).is_some_and(|last| *last <= bound(admission.upto))
    };
    let answers: Vec<bool> = admissions.iter().map(is_current).collect();
    let current: Vec<&Admission> = admissions.iter().filter(|admission| is_current(admission)).collect();
    if current.is_empty() {
        return Ok((answers, BTreeSet::new()));
    }
    let fresh = mark(&mut *db, &current).await?;
    let feeds = move_scopes(&mut *db, &current, &fresh, &mut held).await?;
    name_blobs(&mut *db, &current).await?;
    note_codes(&mut *db, &current).await?;
    project(&mut *db, &current, &held).await?;
    let scopes = append(db, feeds).await?;
    Ok((answers, scopes))
}

/// Gives items their states; the newly admitted ones by position.
async fn mark(db: &mut PgConnection, admissions: &[&Admission]) -> Result<Items, StorageFault> {
    let (mut dossiers, mut hashes, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for admission in admissions {
        for (hash, state) in &admission.outcomes {
            dossiers.push(admission.dossier.as_bytes());
            hashes.push(hash.as_bytes());
            states.push(state_number(*state));
        }
    }
    let rows: Vec<Marked> = query_as(
        "WITH marked AS (
             UPDATE items SET state = n.state FROM UNNEST($1, $2, $3) AS n (dossier, hash, state)
             WHERE items.dossier = n.dossier AND items.hash = n.hash AND items.state <> 2
             RETURNING items.dossier, items.position, items.staff_only, items.author, items.hash, items.state
         )
         SELECT dossier, position, staff_only, author, hash FROM marked WHERE state = $4",
    )
    .bind(dossiers)
    .bind(hashes)
    .bind(states)
    .bind(state_number(ItemState::Admitted))
    .fetch_all(db)
    .await?;
    by_dossier(rows)
}

fn by_dossier(rows: Vec<Marked>) -> Result<Items, StorageFault> {
    let mut items = Items::new();
    for (dossier, position, staff_only, author, hash) in rows {
        let author = DeviceId(columns::id(&author, "item")?);
        let hash = columns::id(&hash, "item")?;
        items.entry(dossier).or_default().push(Admitted { position, staff_only, author, hash });
    }
    for items in items.values_mut() {
        items.sort_unstable();
    }
    Ok(items)
}

/// Moves the dossiers between scopes; the feed rows that follow.
async fn move_scopes(
    db: &mut PgConnection,
    admissions: &[&Admission],
    fresh: &Items,
    held: &mut Sums,
) -> Result<Feeds, StorageFault> {
    let dossiers: Vec<&[u8]> = admissions.iter().map(|admission| admission.dossier.as_bytes()).collect();
    let rows: Vec<(Vec<u8>, String, bool)> =
        query_as("SELECT dossier, scope, staff FROM dossier_scopes WHERE dossier = ANY($1)")
            .bind(dossiers)
            .fetch_all(&mut *db)
            .await?;
    let mut now = HashMap::<Vec<u8>, Vec<ScopeRow>>::new();
    for (dossier, scope, staff) in rows {
        now.entry(dossier).or_default().push(ScopeRow { scope, staff });
    }
    let mut moves = BTreeMap::<&[u8], Moves>::new();
    for admission in admissions {
        let dossier = admission.dossier.as_bytes();
        let now = now.get(dossier).map_or(&[][..], Vec::as_slice);
        moves.insert(dossier, Moves::between(now, &admission.scopes));
    }
    let newcomers: Vec<&[u8]> =
        moves.iter().filter(|(_, moves)| moves.needs_backfill()).map(|(dossier, _)| *dossier).collect();
    let (mut all, mut arrived) = (Items::new(), HashMap::<Vec<u8>, Vec<Vec<u8>>>::new());
    if !newcomers.is_empty() {
        let rows: Vec<Marked> = query_as(
            "SELECT dossier, position, staff_only, author, hash FROM items WHERE dossier = ANY($1) AND state = 2",
        )
        .bind(&newcomers)
        .fetch_all(&mut *db)
        .await?;
        all = by_dossier(rows)?;
        let rows: Vec<(Vec<u8>, Vec<u8>)> = query_as(
            "SELECT dossier, blob FROM blobs WHERE dossier = ANY($1) AND arrived_ms IS NOT NULL ORDER BY dossier, blob",
        )
        .bind(&newcomers)
        .fetch_all(&mut *db)
        .await?;
        for (dossier, blob) in rows {
            arrived.entry(dossier).or_default().push(blob);
        }
    }
    let mut feeds = Feeds::default();
    let (mut left, mut left_scopes) = (Vec::new(), Vec::new());
    let (mut entered, mut entered_scopes, mut staffs) = (Vec::new(), Vec::new(), Vec::new());
    for (dossier, moves) in &moves {
        let of = |items: &Items| items.get(*dossier).cloned().unwrap_or_default();
        let blobs = arrived.get(*dossier).map_or(&[][..], Vec::as_slice);
        let id = DossierId(columns::id(dossier, "dossier")?);
        let before = held.get(&id).copied().unwrap_or_default();
        let (fresh, all) = (of(fresh), of(&all));
        let after = feeds.admit(News { dossier: &id, moves, fresh: &fresh, all: &all, arrived: blobs, before });
        held.insert(id, after);
        for scope in &moves.leaves {
            left.push(*dossier);
            left_scopes.push(&**scope);
        }
        for (scope, staff) in &moves.enters {
            entered.push(*dossier);
            entered_scopes.push(&**scope);
            staffs.push(*staff);
        }
    }
    if !left.is_empty() {
        query(
            "DELETE FROM dossier_scopes s USING UNNEST($1, $2) AS n (dossier, scope)
             WHERE s.dossier = n.dossier AND s.scope = n.scope",
        )
        .bind(left)
        .bind(left_scopes)
        .execute(&mut *db)
        .await?;
    }
    if !entered.is_empty() {
        query("INSERT INTO dossier_scopes (dossier, scope, staff) SELECT * FROM UNNEST($1, $2, $3)")
            .bind(entered)
            .bind(entered_scopes)
            .bind(staffs)
            .execute(db)
            .await?;
    }
    Ok(feeds)
}

/// Notes which attachments the dossiers name; what arrived stays.
async fn name_blobs(db: &mut PgConnection, admissions: &[&Admission]) -> Result<(), StorageFault> {
    let (mut dossiers, mut blobs, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for admission in admissions {
        for (blob, size_bytes) in &admission.blobs {
            dossiers.push(admission.dossier.as_bytes());
            blobs.push(blob.as_bytes());
            sizes.push(size_bytes.cast_signed());
        }
    }
    query(
        "DELETE FROM blobs b WHERE b.dossier = ANY($1) AND b.arrived_ms IS NULL AND NOT EXISTS (
             SELECT 1 FROM UNNEST($2, $3) AS n (dossier, blob) WHERE n.dossier = b.dossier AND n.blob = b.blob)",
    )
    .bind(admissions.iter().map(|admission| admission.dossier.as_bytes()).collect::<Vec<_>>())
    .bind(&dossiers)
    .bind(&blobs)
    .execute(&mut *db)
    .await?;
    query(
        "INSERT INTO blobs (dossier, blob, size_bytes) SELECT * FROM UNNEST($1, $2, $3)
         ON CONFLICT (dossier, blob) DO UPDATE SET size_bytes = excluded.size_bytes WHERE blobs.arrived_ms IS NULL",
    )
    .bind(dossiers)
    .bind(blobs)
    .bind(sizes)
    .execute(db)
    .await?;
    Ok(())
}

async fn note_codes(db: &mut PgConnection, admissions: &[&Admission]) -> Result<(), StorageFault> {
    // By code: two transactions that note the same codes wait for each other in one order.
    let mut codes = BTreeMap::<String, &[u8]>::new();
    for admission in admissions {
        for code in &admission.codes {
            codes.entry(plain(code).into_owned()).or_insert(admission.dossier.as_bytes());
        }
    }
    query("INSERT INTO codes (code, dossier) SELECT * FROM UNNEST($1, $2) ON CONFLICT (code) DO NOTHING")
        .bind(codes.keys().map(String::as_str).collect::<Vec<_>>())
        .bind(codes.values().copied().collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}

async fn project(db: &mut PgConnection, admissions: &[&Admission], held: &Sums) -> Result<(), StorageFault> {
    let sums: Vec<Held> =
        admissions.iter().map(|admission| held.get(&admission.dossier).copied().unwrap_or_default()).collect();
    let dossiers: Vec<&[u8]> = admissions.iter().map(|admission| admission.dossier.as_bytes()).collect();
    let rows: Vec<ProjectionColumns> = admissions.iter().map(|admission| (&admission.projection).into()).collect();
    query(
        "UPDATE dossiers SET code = n.code, provisional_code = n.provisional_code, procedure = n.procedure,
             status = n.status, unit = n.unit, channel = n.channel, submitted_ms = n.submitted_ms,
             accepted_ms = n.accepted_ms, due_at = n.due_at, conflicts = n.conflicts, disputed = n.disputed,
             pending_amendment = n.pending_amendment, updated_ms = n.updated_ms,
             parties_sum = n.parties_sum, staff_sum = n.staff_sum,
             awaiting_since_ms = (SELECT MIN(received_ms) FROM items WHERE dossier = dossiers.id AND state = 1)
         FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             AS n (id, code, provisional_code, procedure, status, unit, channel, submitted_ms, accepted_ms, due_at,
                   conflicts, disputed, pending_amendment, updated_ms,
                   parties_sum, staff_sum)
         WHERE dossiers.id = n.id",
    )
    .bind(dossiers)
    .bind(rows.iter().map(|row| row.code.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.provisional_code.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.procedure.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.status).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.unit.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.channel).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.submitted_ms).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.accepted_ms).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.due_at.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.conflicts).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.disputed).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.pending_amendment).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.updated_ms).collect::<Vec<_>>())
    .bind(sums.iter().map(|held| held.parties.to_bytes().to_vec()).collect::<Vec<_>>())
    .bind(sums.iter().map(|held| held.staff.to_bytes().to_vec()).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// In a transaction. Answers which scopes got rows.
pub async fn blob_arrived(
    db: &mut PgConnection,
    dossier: &DossierId,
    blob: &BlobId,
    size_bytes: u64,
    now_ms: i64,
) -> Result<BTreeSet<String>, StorageFault> {
    // Admission holds the same lock: the attachment goes to the scopes before a move, or is backfilled after it.
    query("SELECT 1 FROM dossiers WHERE id = $1 FOR NO KEY UPDATE").bind(&dossier.0[..]).execute(&mut *db).await?;
    let noted = query(
        "INSERT INTO blobs (dossier, blob, size_bytes, arrived_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (dossier, blob) DO UPDATE SET size_bytes = excluded.size_bytes, arrived_ms = excluded.arrived_ms
         WHERE blobs.arrived_ms IS NULL",
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

/// Locks the scopes in the order of their names, gives the rows their numbers and writes them.
async fn append(db: &mut PgConnection, feeds: Feeds) -> Result<BTreeSet<String>, StorageFault> {
    let feeds: Vec<(String, Appended)> = feeds.0.into_iter().collect();
    if feeds.is_empty() {
        return Ok(BTreeSet::new());
    }
    let counts: Vec<i64> = feeds
        .iter()
        .map(|(_, appended)| i64::try_from(appended.rows.len()).map_err(|_| StorageFault::Damaged("feed")))
        .collect::<Result<_, _>>()?;
    let heads: Vec<(String, i64, Vec<u8>)> = query_as(
        "INSERT INTO scopes (scope, head) SELECT n.scope, n.rows FROM UNNEST($1, $2) AS n (scope, rows)
         ORDER BY n.scope COLLATE \"C\"
         ON CONFLICT (scope) DO UPDATE SET head = scopes.head + excluded.head RETURNING scope, head, digest",
    )
    .bind(feeds.iter().map(|(scope, _)| scope.as_str()).collect::<Vec<_>>())
    .bind(&counts)
    .fetch_all(&mut *db)
    .await?;
    let heads: HashMap<String, (i64, Vec<u8>)> =
        heads.into_iter().map(|(scope, head, digest)| (scope, (head, digest))).collect();
    let (mut counted, mut digests) = (Vec::new(), Vec::new());
    let (mut scopes, mut seqs, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for ((scope, appended), count) in feeds.iter().zip(counts) {
        let (head, digest) = heads.get(scope).ok_or(StorageFault::Damaged("scope"))?;
        if appended.digest != Sum::default() {
            counted.push(scope.as_str());
            digests.push(columns::sum(digest)?.plus(appended.digest).to_bytes().to_vec());
        }
        for (seq, entry) in (head - count + 1..).zip(&appended.rows) {
            scopes.push(scope.as_str());
            seqs.push(seq);
            rows.push(entry);
        }
    }
    query("UPDATE scopes SET digest = n.digest FROM UNNEST($1, $2) AS n (scope, digest) WHERE scopes.scope = n.scope")
        .bind(counted)
        .bind(digests)
        .execute(&mut *db)
        .await?;
    query("INSERT INTO feed (scope, seq, kind, dossier, position, blob) SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6)")
        .bind(scopes)
        .bind(seqs)
        .bind(rows.iter().map(|row| row.kind).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| &row.dossier[..]).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.position).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.blob.as_deref()).collect::<Vec<_>>())
        .execute(&mut *db)
        .await?;
    let scopes: BTreeSet<String> = feeds.into_iter().map(|(scope, _)| scope).collect();
    // Delivered to the other processes when this transaction commits, and not at all if it does not.
    query("SELECT pg_notify($1, current_setting($2) || n.scopes) FROM UNNEST($3) AS n (scopes)")
        .bind(hearing::CHANNEL)
        .bind(hearing::PROCESS)
        .bind(hearing::payloads(&scopes))
        .execute(db)
        .await?;
    Ok(scopes)
}
