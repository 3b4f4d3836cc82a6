//! Serials, attachments, uploads and the access log. See [`super`].

macro_rules! attachments_queries {
    () => {
        pub async fn take_serials(
            db: &mut Connection,
            org_unit: &str,
            date: &str,
            many: u32,
        ) -> Result<u32, StorageFault> {
            let first: i64 = query_scalar(
                "INSERT INTO code_counters (org_unit, date, next) VALUES ($1, $2, 1 + $3)
                 ON CONFLICT (org_unit, date) DO UPDATE SET next = code_counters.next + $3
                 RETURNING next - $3",
            )
            .bind(plain(org_unit))
            .bind(plain(date))
            .bind(i64::from(many))
            .fetch_one(db)
            .await?;
            u32::try_from(first).map_err(|_| StorageFault::Damaged("code counter"))
        }

        pub async fn blob(
            db: &mut Connection,
            dossier: &DossierId,
            blob: &BlobId,
        ) -> Result<Option<BlobRow>, StorageFault> {
            let row: Option<BlobColumns> =
                query_as("SELECT dossier, blob, size_bytes, arrived_ms FROM blobs WHERE dossier = $1 AND blob = $2")
                    .bind(&dossier.0[..])
                    .bind(&blob.0[..])
                    .fetch_optional(db)
                    .await?;
            row.map(TryInto::try_into).transpose()
        }

        pub async fn wanted_blobs(
            db: &mut Connection,
            scope: &str,
            limit: u32,
        ) -> Result<Vec<(DossierId, BlobId)>, StorageFault> {
            let rows: Vec<(Vec<u8>, Vec<u8>)> = query_as(
                "SELECT b.dossier, b.blob FROM dossier_scopes s JOIN blobs b ON b.dossier = s.dossier
                 WHERE s.scope = $1 AND b.arrived_ms IS NULL ORDER BY b.dossier, b.blob LIMIT $2",
            )
            .bind(plain(scope))
            .bind(i64::from(limit))
            .fetch_all(db)
            .await?;
            rows.iter()
                .map(|(dossier, blob)| Ok((DossierId(id(dossier, "attachment")?), BlobId(id(blob, "attachment")?))))
                .collect()
        }

        pub async fn create_upload(db: &mut Connection, upload: &UploadRow) -> Result<(), StorageFault> {
            query(
                "INSERT INTO uploads (id, dossier, blob, device, length_bytes, offset_bytes, touched_ms)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(plain(&upload.id))
            .bind(&upload.dossier.0[..])
            .bind(&upload.blob.0[..])
            .bind(&upload.device.0[..])
            .bind(upload.length_bytes.cast_signed())
            .bind(upload.offset_bytes.cast_signed())
            .bind(upload.touched_ms)
            .execute(db)
            .await?;
            Ok(())
        }

        pub async fn upload(db: &mut Connection, upload: &str) -> Result<Option<UploadRow>, StorageFault> {
            let row: Option<UploadColumns> =
                query_as("SELECT * FROM uploads WHERE id = $1").bind(plain(upload)).fetch_optional(db).await?;
            row.map(TryInto::try_into).transpose()
        }

        pub async fn advance_upload(
            db: &mut Connection,
            upload: &str,
            from: u64,
            to: u64,
            now_ms: i64,
        ) -> Result<bool, StorageFault> {
            let moved =
                query("UPDATE uploads SET offset_bytes = $3, touched_ms = $4 WHERE id = $1 AND offset_bytes = $2")
                    .bind(plain(upload))
                    .bind(from.cast_signed())
                    .bind(to.cast_signed())
                    .bind(now_ms)
                    .execute(db)
                    .await?;
            Ok(moved.rows_affected() == 1)
        }

        pub async fn delete_upload(db: &mut Connection, upload: &str) -> Result<(), StorageFault> {
            query("DELETE FROM uploads WHERE id = $1").bind(plain(upload)).execute(db).await?;
            Ok(())
        }

        pub async fn stale_uploads(db: &mut Connection, before_ms: i64) -> Result<Vec<UploadRow>, StorageFault> {
            let rows: Vec<UploadColumns> =
                query_as("SELECT * FROM uploads WHERE touched_ms < $1 ORDER BY touched_ms, id")
                    .bind(before_ms)
                    .fetch_all(db)
                    .await?;
            rows.into_iter().map(TryInto::try_into).collect()
        }

        pub async fn log_read(
            db: &mut Connection,
            dossier: &DossierId,
            device: &DeviceId,
            now_ms: i64,
        ) -> Result<(), StorageFault> {
            query("INSERT INTO read_log (dossier, device, at_ms) VALUES ($1, $2, $3)")
                .bind(&dossier.0[..])
                .bind(&device.0[..])
                .bind(now_ms)
                .execute(db)
                .await?;
            Ok(())
        }

        pub async fn reads_of(db: &mut Connection, dossier: &DossierId) -> Result<Vec<ReadRow>, StorageFault> {
            let rows: Vec<ReadColumns> =
                query_as("SELECT device, at_ms FROM read_log WHERE dossier = $1 ORDER BY number")
                    .bind(&dossier.0[..])
                    .fetch_all(db)
                    .await?;
            rows.into_iter().map(TryInto::try_into).collect()
        }
    };
}

pub(crate) use attachments_queries;
