//! Lists of things that are asked for by a set of names.

use dossier::id::DeviceId;
use sqlx::{PgConnection, query_as};

use crate::storage::{
    StorageFault,
    columns::{CertificateColumns, DeviceColumns, ProjectionColumns, device_rows, plain},
    types::{DeviceRow, Projection, ProjectionQuery},
};

/// In a transaction that sees one moment.
pub async fn devices(db: &mut PgConnection, devices: &[DeviceId]) -> Result<Vec<DeviceRow>, StorageFault> {
    let names: Vec<&[u8]> = devices.iter().map(DeviceId::as_bytes).collect();
    let rows: Vec<DeviceColumns> =
        query_as("SELECT * FROM devices WHERE id = ANY($1) ORDER BY id").bind(&names).fetch_all(&mut *db).await?;
    let certificates: Vec<CertificateColumns> =
        query_as("SELECT device, signed FROM certificates WHERE device = ANY($1) ORDER BY device, number")
            .bind(&names)
            .fetch_all(db)
            .await?;
    device_rows(rows, certificates)
}

/// Newest first.
pub async fn projections(db: &mut PgConnection, query: &ProjectionQuery) -> Result<Vec<Projection>, StorageFault> {
    let scopes: Vec<_> = query.scopes.iter().map(|scope| plain(scope).into_owned()).collect();
    let rows: Vec<ProjectionColumns> = query_as(
        "SELECT id, code, provisional_code, procedure, status, unit, channel, submitted_ms, accepted_ms, due_at,
                conflicts, disputed, pending_amendment, updated_ms
         FROM dossiers
         WHERE updated_ms IS NOT NULL
           AND id IN (SELECT dossier FROM dossier_scopes WHERE scope = ANY($1))
           AND ($2 IS NULL OR status = $2)
           AND ($3 IS NULL OR updated_ms < $3 OR updated_ms = $3 AND id < $4)
         ORDER BY updated_ms DESC, id DESC LIMIT $5",
    )
    .bind(scopes)
    .bind(query.status.map(i16::from))
    .bind(query.before_ms)
    .bind(query.before_dossier.map(|dossier| dossier.0.to_vec()))
    .bind(i64::from(query.limit))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}
