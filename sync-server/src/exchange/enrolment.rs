//! Taking up an invitation.

use dossier::{
    certificate::Certificate,
    envelope::{Namespace, Signed},
    id::{Digest, PublicKey, sha256},
    state::TOLERANCE_MS,
};

use crate::{
    centre::Centre,
    storage::{Enrolment, Storage, StorageFault},
};

/// A year: people change their place, and a lost device stops by itself.
pub const CERTIFICATE_LIFE_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// Gives the device its certificate; `None` if the invitation cannot be taken up. The same device may ask again.
///
/// The certificate is valid from a little before now: a device whose clock is slow within the tolerance must not find
/// its first act dated before its authority.
pub async fn enrol(
    storage: &dyn Storage,
    centre: &Centre,
    device: &PublicKey,
    token: &[u8],
    now_ms: i64,
) -> Result<Option<Signed>, StorageFault> {
    let token_hash = Digest(sha256(&[token]));
    let Some(invitation) = storage.invitation(&token_hash).await? else { return Ok(None) };
    let certificate = Certificate {
        centre: centre.public(),
        device_key: *device,
        name: invitation.name,
        role: invitation.role,
        unit: invitation.unit,
        from_ms: now_ms.saturating_sub(TOLERANCE_MS),
        until_ms: now_ms.saturating_add(CERTIFICATE_LIFE_MS),
    };
    let sealed = Signed::seal(centre.key(), Namespace::Certificate, &certificate);
    match storage.enrol(&token_hash, device, &sealed, now_ms).await? {
        Enrolment::Enrolled(certificate) => Ok(Some(certificate)),
        Enrolment::AlreadyUsed | Enrolment::Unknown => Ok(None),
    }
}
