//! Dossiers, their items and their feed. See [`super`].

macro_rules! record_queries {
    () => {
        pub async fn receipts(
            db: &mut Connection,
            device: &DeviceId,
            batch: &BatchId,
        ) -> Result<Vec<SignedReceipt>, StorageFault> {
            let rows: Vec<Vec<u8>> =
                query_scalar("SELECT signed FROM receipts WHERE device = $1 AND batch = $2 ORDER BY number")
                    .bind(&device.0[..])
                    .bind(&batch.0[..])
                    .fetch_all(db)
                    .await?;
            rows.iter().map(|row| receipt(row)).collect()
        }

        pub async fn awaiting_admission(db: &mut Connection, limit: u32) -> Result<Vec<DossierId>, StorageFault> {
            let rows: Vec<Vec<u8>> = query_scalar(
                "SELECT id FROM dossiers WHERE awaiting_since_ms IS NOT NULL ORDER BY awaiting_since_ms, id LIMIT $1",
            )
            .bind(i64::from(limit))
            .fetch_all(db)
            .await?;
            rows.iter().map(|row| id(row, "dossier").map(DossierId)).collect()
        }

        /// In a transaction that sees one moment.
        pub async fn record(db: &mut Connection, dossier: &DossierId) -> Result<Option<DossierRecord>, StorageFault> {
            let known: Option<i64> = query_scalar("SELECT last_position FROM dossiers WHERE id = $1")
                .bind(&dossier.0[..])
                .fetch_optional(&mut *db)
                .await?;
            if known.is_none() {
                return Ok(None);
            }
            let items: Vec<ItemColumns> = query_as("SELECT * FROM items WHERE dossier = $1 ORDER BY position")
                .bind(&dossier.0[..])
                .fetch_all(&mut *db)
                .await?;
            let participants: Vec<(Vec<u8>, i64)> = query_as(
                "SELECT device, since_position FROM participants WHERE dossier = $1 ORDER BY since_position, device",
            )
            .bind(&dossier.0[..])
            .fetch_all(&mut *db)
            .await?;
            let scopes: Vec<(String, bool)> =
                query_as("SELECT scope, staff FROM dossier_scopes WHERE dossier = $1 ORDER BY scope")
                    .bind(&dossier.0[..])
                    .fetch_all(&mut *db)
                    .await?;
            let arrived: Vec<Vec<u8>> =
                query_scalar("SELECT blob FROM blobs WHERE dossier = $1 AND arrived_ms IS NOT NULL")
                    .bind(&dossier.0[..])
                    .fetch_all(db)
                    .await?;
            let participant = |(device, since): (Vec<u8>, i64)| {
                Ok(Participant {
                    device: DeviceId(id(&device, "participant")?),
                    since_position: count(since, "participant")?,
                })
            };
            Ok(Some(DossierRecord {
                items: items.into_iter().map(TryInto::try_into).collect::<Result<_, StorageFault>>()?,
                participants: participants.into_iter().map(participant).collect::<Result<_, StorageFault>>()?,
                scopes: scopes.into_iter().map(|(scope, staff)| ScopeRow { scope, staff }).collect(),
                arrived: arrived
                    .iter()
                    .map(|blob| id(blob, "attachment").map(BlobId))
                    .collect::<Result<_, StorageFault>>()?,
            }))
        }

        /// In a transaction. If it does not see one moment, the head may be older than the rows.
        pub async fn feed(
            db: &mut Connection,
            scope: &str,
            after: u64,
            max_bytes: usize,
            own: Option<&Own>,
        ) -> Result<FeedPage, StorageFault> {
            let scope = plain(scope);
            let reader = own.map(|own| &own.device.0[..]);
            let (head, digest) = head(&mut *db, &scope).await?;
            let after = bound(after);
            let mut page = Page::after(after, max_bytes, own);
            loop {
                let rows: Vec<FeedColumns> = query_as(
                    "SELECT f.seq, f.kind, f.dossier, f.position, f.blob, b.size_bytes,
                            CAST(COALESCE(LENGTH(i.bytes), 0) AS BIGINT) AS weight,
                            CASE WHEN i.author = $3 THEN i.hash END AS own_hash
                     FROM feed f
                     LEFT JOIN items i ON i.dossier = f.dossier AND i.position = f.position
                     LEFT JOIN blobs b ON b.dossier = f.dossier AND b.blob = f.blob
                     WHERE f.scope = $1 AND f.seq > $2 ORDER BY f.seq LIMIT $4",
                )
                .bind(&*scope)
                .bind(page.upto())
                .bind(reader)
                .bind(LOOK_AHEAD_ROWS)
                .fetch_all(&mut *db)
                .await?;
                if !page.take(rows) {
                    break;
                }
            }
            let items: Vec<ItemColumns> = query_as(
                "SELECT i.* FROM feed f JOIN items i ON i.dossier = f.dossier AND i.position = f.position
                 WHERE f.scope = $1 AND f.seq > $2 AND f.seq <= $3 AND ($4 IS NULL OR i.author <> $4)
                 ORDER BY f.seq",
            )
            .bind(&*scope)
            .bind(after)
            .bind(page.upto())
            .bind(reader.filter(|_| !page.tells_of_own()))
            .fetch_all(db)
            .await?;
            page.fill(items, head, digest)
        }

        pub async fn dossier_by_code(db: &mut Connection, code: &str) -> Result<Option<DossierId>, StorageFault> {
            let row: Option<Vec<u8>> =
                query_scalar("SELECT dossier FROM codes WHERE code = $1").bind(plain(code)).fetch_optional(db).await?;
            row.map(|row| id(&row, "code").map(DossierId)).transpose()
        }

        pub async fn scopes_of(db: &mut Connection, dossier: &DossierId) -> Result<Vec<String>, StorageFault> {
            Ok(query_scalar("SELECT scope FROM dossier_scopes WHERE dossier = $1 ORDER BY scope")
                .bind(&dossier.0[..])
                .fetch_all(db)
                .await?)
        }

        pub async fn counts(db: &mut Connection) -> Result<Counts, StorageFault> {
            let row: [i64; 9] = query_as::<_, (i64, i64, i64, i64, i64, i64, i64, i64, i64)>(
                "SELECT (SELECT COUNT(*) FROM dossiers),
                        (SELECT COUNT(*) FROM items WHERE kind = 2),
                        (SELECT COUNT(*) FROM items WHERE kind = 3),
                        (SELECT COUNT(*) FROM blobs WHERE arrived_ms IS NOT NULL),
                        (SELECT COUNT(*) FROM devices),
                        (SELECT COUNT(*) FROM receipts),
                        (SELECT COUNT(*) FROM items WHERE state = 1),
                        (SELECT COUNT(*) FROM items WHERE state = 3),
                        (SELECT COUNT(*) FROM items WHERE state = 4)",
            )
            .fetch_one(db)
            .await?
            .into();
            let [dossiers, changes, events, blobs, devices, receipts, awaiting, quarantined, revoked] =
                row.map(i64::cast_unsigned);
            Ok(Counts { dossiers, changes, events, blobs, devices, receipts, awaiting, quarantined, revoked })
        }
    };
}

pub(crate) use record_queries;
