//! The seam itself, the same for both databases: which method runs in which kind of transaction.
//!
//! Each database's type has `read` (a connection), `snapshot` (a transaction that sees one moment) and `write` (a
//! transaction that may write); its `intake`, `admission` and `listing` modules hold what is its own, its `plain` module
//! what both share. A write that the database broke off because of another one is tried again, whole.

/// How often a broken-off write is tried again. Locks are taken in one order, so a second such break is rare already.
pub const RETRIES: u32 = 8;

/// Runs work in a transaction and commits, again if the database broke it off.
macro_rules! writing {
    ($storage:ident, $db:ident => $work:expr) => {{
        let mut left = crate::storage::implement::RETRIES;
        loop {
            let outcome: Result<_, StorageFault> = async {
                let mut transaction = $storage.write().await?;
                let $db = &mut *transaction;
                let answer = $work.await?;
                transaction.commit().await?;
                Ok(answer)
            }
            .await;
            match outcome {
                Err(fault) if left > 0 && fault.was_broken_off() => left -= 1,
                outcome => break outcome,
            }
        }
    }};
}

macro_rules! implement_storage {
    ($storage:ty, $name:literal) => {
        #[async_trait::async_trait]
        impl Storage for $storage {
            async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFault> {
                plain::setting(&mut *self.read().await?, name).await
            }

            async fn settle_setting(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StorageFault> {
                writing!(self, db => plain::settle_setting(db, name, value))
            }

            async fn replace_setting(&self, name: &str, value: &[u8]) -> Result<(), StorageFault> {
                writing!(self, db => plain::replace_setting(db, name, value))
            }

            async fn invite(&self, invitation: &InvitationRow) -> Result<(), StorageFault> {
                writing!(self, db => plain::invite(db, invitation))
            }

            async fn invitation(&self, token_hash: &Digest) -> Result<Option<InvitationRow>, StorageFault> {
                plain::invitation(&mut *self.read().await?, token_hash).await
            }

            async fn enrol(
                &self,
                token_hash: &Digest,
                device: &PublicKey,
                certificate: &CertificateRow,
                now_ms: i64,
            ) -> Result<Enrolment, StorageFault> {
                writing!(self, db => plain::enrol(db, token_hash, device, certificate, now_ms))
            }

            async fn device(&self, device: &DeviceId) -> Result<Option<DeviceRow>, StorageFault> {
                plain::device(&mut *self.snapshot().await?, device).await
            }

            async fn devices(&self, devices: &[DeviceId]) -> Result<Vec<DeviceRow>, StorageFault> {
                listing::devices(&mut *self.snapshot().await?, devices).await
            }

            async fn enrolled_devices(&self) -> Result<Vec<DeviceRow>, StorageFault> {
                plain::enrolled_devices(&mut *self.snapshot().await?).await
            }

            async fn open_invitations(&self, now_ms: i64) -> Result<Vec<InvitationRow>, StorageFault> {
                plain::open_invitations(&mut *self.read().await?, now_ms).await
            }

            async fn heard_from(&self, device: &DeviceId, waiting: Waiting, now_ms: i64) -> Result<(), StorageFault> {
                writing!(self, db => plain::heard_from(db, device, waiting, now_ms))
            }

            async fn revoke(
                &self,
                device: &DeviceId,
                reason: &str,
                now_ms: i64,
            ) -> Result<Option<Revocation>, StorageFault> {
                writing!(self, db => plain::revoke(db, device, reason, now_ms))
            }

            async fn facts(&self, needs: &Needs) -> Result<Facts, StorageFault> {
                intake::facts(&mut *self.snapshot().await?, needs).await
            }

            async fn commit(&self, group: &Group) -> Result<Committed, CommitFault> {
                // The work ends in an error if it raced, so that the transaction is never committed half.
                match writing!(self, db => intake::commit(db, group)) {
                    Ok(()) => Ok(Committed::after_commit(group)),
                    Err(fault) if fault.is_duplicate() => Err(CommitFault::Raced),
                    Err(fault) => Err(fault.into()),
                }
            }

            async fn receipts(&self, device: &DeviceId, batch: &BatchId) -> Result<Vec<SignedReceipt>, StorageFault> {
                plain::receipts(&mut *self.read().await?, device, batch).await
            }

            async fn awaiting_admission(&self, limit: u32) -> Result<Vec<DossierId>, StorageFault> {
                plain::awaiting_admission(&mut *self.read().await?, limit).await
            }

            async fn record(&self, dossier: &DossierId) -> Result<Option<DossierRecord>, StorageFault> {
                plain::record(&mut *self.snapshot().await?, dossier).await
            }

            async fn admit_all(&self, admissions: &[Admission]) -> Result<Vec<bool>, StorageFault> {
                let (answers, scopes) = writing!(self, db => admission::admit_all(db, admissions))?;
                self.told.tell(scopes);
                Ok(answers)
            }

            async fn news(&self) -> Result<broadcast::Receiver<News>, StorageFault> {
                self.listen().await
            }

            async fn feed(
                &self,
                scope: &str,
                after: u64,
                max_bytes: usize,
                own: Option<&Own>,
            ) -> Result<FeedPage, StorageFault> {
                plain::feed(&mut *self.snapshot().await?, scope, after, max_bytes, own).await
            }

            async fn held(&self, scope: &str) -> Result<Vec<(DossierId, Sum)>, StorageFault> {
                plain::held(&mut *self.read().await?, scope).await
            }

            async fn projections(&self, query: &ProjectionQuery) -> Result<Vec<Projection>, StorageFault> {
                listing::projections(&mut *self.read().await?, query).await
            }

            async fn dossier_by_code(&self, code: &str) -> Result<Option<DossierId>, StorageFault> {
                plain::dossier_by_code(&mut *self.read().await?, code).await
            }

            async fn scopes_of(&self, dossier: &DossierId) -> Result<Vec<String>, StorageFault> {
                plain::scopes_of(&mut *self.read().await?, dossier).await
            }

            async fn counts(&self) -> Result<Counts, StorageFault> {
                plain::counts(&mut *self.read().await?).await
            }

            async fn take_serials(&self, org_unit: &str, date: &str, count: u32) -> Result<u32, StorageFault> {
                writing!(self, db => plain::take_serials(db, org_unit, date, count))
            }

            async fn blob(&self, dossier: &DossierId, blob: &BlobId) -> Result<Option<BlobRow>, StorageFault> {
                plain::blob(&mut *self.read().await?, dossier, blob).await
            }

            async fn wanted_blobs(&self, scope: &str, limit: u32) -> Result<Vec<(DossierId, BlobId)>, StorageFault> {
                plain::wanted_blobs(&mut *self.read().await?, scope, limit).await
            }

            async fn blob_arrived(
                &self,
                dossier: &DossierId,
                blob: &BlobId,
                size_bytes: u64,
                now_ms: i64,
            ) -> Result<(), StorageFault> {
                let scopes =
                    writing!(self, db => admission::blob_arrived(db, dossier, blob, size_bytes, now_ms))?;
                self.told.tell(scopes);
                Ok(())
            }

            async fn create_upload(&self, upload: &UploadRow) -> Result<(), StorageFault> {
                writing!(self, db => plain::create_upload(db, upload))
            }

            async fn upload(&self, id: &str) -> Result<Option<UploadRow>, StorageFault> {
                plain::upload(&mut *self.read().await?, id).await
            }

            async fn advance_upload(&self, id: &str, from: u64, to: u64, now_ms: i64) -> Result<bool, StorageFault> {
                writing!(self, db => plain::advance_upload(db, id, from, to, now_ms))
            }

            async fn delete_upload(&self, id: &str) -> Result<(), StorageFault> {
                writing!(self, db => plain::delete_upload(db, id))
            }

            async fn stale_uploads(&self, before_ms: i64) -> Result<Vec<UploadRow>, StorageFault> {
                plain::stale_uploads(&mut *self.read().await?, before_ms).await
            }

            async fn log_read(&self, dossier: &DossierId, device: &DeviceId, now_ms: i64) -> Result<(), StorageFault> {
                writing!(self, db => plain::log_read(db, dossier, device, now_ms))
            }

            async fn reads_of(&self, dossier: &DossierId) -> Result<Vec<ReadRow>, StorageFault> {
                plain::reads_of(&mut *self.read().await?, dossier).await
            }

            fn name(&self) -> &'static str {
                $name
            }
        }
    };
}

pub(crate) use {implement_storage, writing};
