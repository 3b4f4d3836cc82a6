//! What scopes ought to hold. See [`super`].

macro_rules! digest_queries {
    () => {
        /// The number of a scope's last row, and its digest.
        pub async fn head(db: &mut Connection, scope: &str) -> Result<(u64, Sum), StorageFault> {
            let row: Option<(i64, Vec<u8>)> =
                query_as("SELECT head, digest FROM scopes WHERE scope = $1").bind(scope).fetch_optional(db).await?;
            row.map_or(Ok((0, Sum::default())), |(head, digest)| Ok((count(head, "scope")?, sum(&digest)?)))
        }

        pub async fn held(db: &mut Connection, scope: &str) -> Result<Vec<(DossierId, Sum)>, StorageFault> {
            let scope = plain(scope);
            let rows: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> = query_as(
                "SELECT d.id, d.parties_sum, d.staff_sum FROM dossier_scopes s JOIN dossiers d ON d.id = s.dossier
                 WHERE s.scope = $1",
            )
            .bind(&*scope)
            .fetch_all(db)
            .await?;
            let row = |(dossier, parties, staff): (Vec<u8>, Vec<u8>, Vec<u8>)| {
                let held = Held { parties: sum(&parties)?, staff: sum(&staff)? };
                Ok((DossierId(id(&dossier, "dossier")?), held.within(&scope)))
            };
            rows.into_iter().map(row).collect()
        }

        pub async fn replace_setting(db: &mut Connection, name: &str, value: &[u8]) -> Result<(), StorageFault> {
            query(
                "INSERT INTO settings (name, value) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )
            .bind(name)
            .bind(value)
            .execute(db)
            .await?;
            Ok(())
        }
    };
}

pub(crate) use digest_queries;
