//! Settings, invitations and devices. See [`super`].

macro_rules! devices_queries {
    () => {
        pub async fn setting(db: &mut Connection, name: &str) -> Result<Option<Vec<u8>>, StorageFault> {
            Ok(query_scalar("SELECT value FROM settings WHERE name = $1").bind(name).fetch_optional(db).await?)
        }

        pub async fn settle_setting(db: &mut Connection, name: &str, value: &[u8]) -> Result<Vec<u8>, StorageFault> {
            query("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
                .bind(name)
                .bind(value)
                .execute(&mut *db)
                .await?;
            setting(db, name).await?.ok_or(StorageFault::Damaged("setting"))
        }

        pub async fn invite(db: &mut Connection, invitation: &InvitationRow) -> Result<(), StorageFault> {
            query("INSERT INTO invitations (token_hash, role, unit, name, expires_ms) VALUES ($1, $2, $3, $4, $5)")
                .bind(&invitation.token_hash.0[..])
                .bind(invitation.role.name())
                .bind(plain(&invitation.unit))
                .bind(plain(&invitation.name))
                .bind(invitation.expires_ms)
                .execute(db)
                .await?;
            Ok(())
        }

        pub async fn invitation(db: &mut Connection, token: &Digest) -> Result<Option<InvitationRow>, StorageFault> {
            let row: Option<InvitationColumns> = query_as(
                "SELECT token_hash, role, unit, name, expires_ms, used_by FROM invitations WHERE token_hash = $1",
            )
            .bind(&token.0[..])
            .fetch_optional(db)
            .await?;
            row.map(TryInto::try_into).transpose()
        }

        pub async fn open_invitations(db: &mut Connection, now_ms: i64) -> Result<Vec<InvitationRow>, StorageFault> {
            let rows: Vec<InvitationColumns> = query_as(
                "SELECT token_hash, role, unit, name, expires_ms, used_by FROM invitations
                 WHERE expires_ms >= $1 ORDER BY expires_ms, token_hash",
            )
            .bind(now_ms)
            .fetch_all(db)
            .await?;
            rows.into_iter().map(TryInto::try_into).collect()
        }

        pub async fn heard_from(
            db: &mut Connection,
            device: &DeviceId,
            waiting: Waiting,
            now_ms: i64,
        ) -> Result<(), StorageFault> {
            query(
                "UPDATE devices SET last_contact_ms = $2, waiting_items = $3, waiting_files = $4,
                     waiting_since_ms = CASE WHEN $3 + $4 = 0 THEN NULL ELSE COALESCE(waiting_since_ms, $2) END
                 WHERE id = $1 AND (waiting_items <> $3 OR waiting_files <> $4 OR last_contact_ms <= $5)",
            )
            .bind(&device.0[..])
            .bind(now_ms)
            .bind(i64::from(waiting.items))
            .bind(i64::from(waiting.files))
            .bind(now_ms.saturating_sub(CONTACT_GRAIN_MS))
            .execute(db)
            .await?;
            Ok(())
        }

        pub async fn revoke(
            db: &mut Connection,
            device: &DeviceId,
            reason: &str,
            now_ms: i64,
        ) -> Result<Option<Revocation>, StorageFault> {
            let row: Option<(i64, String)> = query_as(
                "UPDATE devices SET revoked_ms = COALESCE(revoked_ms, $2), revoked_reason = COALESCE(revoked_reason, $3)
                 WHERE id = $1 RETURNING revoked_ms, revoked_reason",
            )
            .bind(&device.0[..])
            .bind(now_ms)
            .bind(plain(reason))
            .fetch_optional(db)
            .await?;
            Ok(row.map(|(at_ms, reason)| Revocation { at_ms, reason }))
        }

        /// In a transaction.
        pub async fn enrol(
            db: &mut Connection,
            token: &Digest,
            key: &PublicKey,
            certificate: &CertificateRow,
            now_ms: i64,
        ) -> Result<Enrolment, StorageFault> {
            let device = DeviceId::of(key);
            // Writing the row as it is locks it in both databases: of two devices, one comes second.
            let row: Option<(Option<Vec<u8>>, Option<i64>, i64)> = query_as(
                "UPDATE invitations SET expires_ms = expires_ms WHERE token_hash = $1
                 RETURNING used_by, certificate, expires_ms",
            )
            .bind(&token.0[..])
            .fetch_optional(&mut *db)
            .await?;
            let Some((used_by, number, expires_ms)) = row else { return Ok(Enrolment::Unknown) };
            if let Some(used_by) = used_by {
                if used_by != device.0 {
                    return Ok(Enrolment::AlreadyUsed);
                }
                let first: Vec<u8> = query_scalar("SELECT signed FROM certificates WHERE device = $1 AND number = $2")
                    .bind(&device.0[..])
                    .bind(number)
                    .fetch_one(db)
                    .await?;
                return Ok(Enrolment::Enrolled(signed(&first, "certificate")?));
            }
            if now_ms > expires_ms {
                return Ok(Enrolment::Unknown);
            }
            query(
                "INSERT INTO devices (id, key, receipts, last_contact_ms) VALUES ($1, $2, 0, $3)
                 ON CONFLICT (id) DO UPDATE SET last_contact_ms = excluded.last_contact_ms",
            )
            .bind(&device.0[..])
            .bind(&key.0[..])
            .bind(now_ms)
            .execute(&mut *db)
            .await?;
            let number: i64 = query_scalar("SELECT COALESCE(MAX(number), 0) + 1 FROM certificates WHERE device = $1")
                .bind(&device.0[..])
                .fetch_one(&mut *db)
                .await?;
            query("INSERT INTO certificates (device, number, signed) VALUES ($1, $2, $3)")
                .bind(&device.0[..])
                .bind(number)
                .bind(dossier::envelope::encode(certificate))
                .execute(&mut *db)
                .await?;
            query("UPDATE invitations SET used_by = $2, certificate = $3 WHERE token_hash = $1")
                .bind(&token.0[..])
                .bind(&device.0[..])
                .bind(number)
                .execute(db)
                .await?;
            Ok(Enrolment::Enrolled(certificate.clone()))
        }

        /// In a transaction, to see device and certificates as of one moment.
        pub async fn device(db: &mut Connection, device: &DeviceId) -> Result<Option<DeviceRow>, StorageFault> {
            let row: Vec<DeviceColumns> =
                query_as("SELECT * FROM devices WHERE id = $1")
                    .bind(&device.0[..])
                    .fetch_all(&mut *db)
                    .await?;
            let certificates: Vec<CertificateColumns> =
                query_as("SELECT device, signed FROM certificates WHERE device = $1 ORDER BY number")
                    .bind(&device.0[..])
                    .fetch_all(db)
                    .await?;
            Ok(device_rows(row, certificates)?.pop())
        }

        /// In a transaction.
        pub async fn enrolled_devices(db: &mut Connection) -> Result<Vec<DeviceRow>, StorageFault> {
            let rows: Vec<DeviceColumns> = query_as(
                "SELECT * FROM devices
                 WHERE EXISTS (SELECT 1 FROM certificates WHERE device = devices.id) ORDER BY id",
            )
            .fetch_all(&mut *db)
            .await?;
            let certificates: Vec<CertificateColumns> =
                query_as("SELECT device, signed FROM certificates ORDER BY device, number").fetch_all(db).await?;
            device_rows(rows, certificates)
        }
    };
}

pub(crate) use devices_queries;
