//! Lists of things that are asked for by a set of names.

use dossier::id::DeviceId;
use sqlx::{SqliteConnection, query_as};

use crate::storage::{
    StorageFault,
    columns::{CertificateColumns, DeviceColumns, ProjectionColumns, device_rows},
    types::{DeviceRow, Projection, ProjectionQuery},
};

/// In a transaction that sees one moment.
pub async fn devices(db: &mut SqliteConnection, devices: &[DeviceId]) -> Result<Vec<DeviceRow>, StorageFault> {
    let names: Vec<String> = devices.iter().map(ToString::to_string).collect();
    let names = serde_json::json!(names).to_string();
    let rows: Vec<DeviceColumns> = query_as(
        "SELECT * FROM devices
         WHERE id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY id",
    )
    .bind(&names)
    .fetch_all(&mut *db)
    .await?;
    let certificates: Vec<CertificateColumns> = query_as(
        "SELECT device, signed FROM certificates
         WHERE device IN (SELECT unhex(value) FROM json_each($1)) ORDER BY device, number",
    )
    .bind(&names)
    .fetch_all(db)
    .await?;
    device_rows(rows, certificates)
}

/// Newest first.
pub async fn projections(db: &mut SqliteConnection, query: &ProjectionQuery) -> Result<Vec<Projection>, StorageFault> {
    let rows: Vec<ProjectionColumns> = query_as(
        "SELECT id, code, provisional_code, procedure, status, unit, channel, submitted_ms, accepted_ms, due_at,
                conflicts, disputed, pending_amendment, updated_ms
         FROM dossiers
         WHERE updated_ms IS NOT NULL
           AND id IN (SELECT dossier FROM dossier_scopes WHERE scope IN (SELECT value FROM json_each($1)))
           AND ($2 IS NULL OR status = $2)
           AND ($3 IS NULL OR updated_ms < $3 OR updated_ms = $3 AND id < $4)
         ORDER BY updated_ms DESC, id DESC LIMIT $5",
    )
    .bind(serde_json::json!(query.scopes).to_string())
    .bind(query.status.map(i16::from))
    .bind(query.before_ms)
    .bind(query.before_dossier.map(|dossier| dossier.0.to_vec()))
    .bind(i64::from(query.limit))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}
