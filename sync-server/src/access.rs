//! Who asks, and what they may see.
//!
//! A device proves itself by its signature (in a sync) or by a token (elsewhere). What it may read follows from its
//! certificate at that moment and from nothing it says: its own scope always, its unit's queues if it is an officer's.

use std::collections::BTreeSet;

use dossier::{
    certificate::{Certificate, Role},
    deadline::local,
    event::EventBody,
    id::{DeviceId, DossierId},
    state::{EventTime, Received},
    unit::Units,
};

use crate::{
    centre::{CENTRE_SCOPE, Centre, UNROUTED_SCOPE, scope_of_unit, service_centre},
    storage::{DeviceRow, Storage, StorageFault},
};

/// What a device is at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A bare key: a citizen without an invitation.
    Bare,
    /// It holds certificates, none of which is valid now.
    Lapsed,
    /// An operator took it out of use; its certificates count for nothing.
    Revoked,
    /// It speaks for this person.
    Certified(Box<Certificate>),
}

/// The scope in which a device sees what it took part in.
#[must_use]
pub fn device_scope(device: &DeviceId) -> String {
    format!("device:{device}")
}

/// The certificates of a device that this Centre signed, oldest first.
#[must_use]
pub fn certificates(centre: &Centre, device: &DeviceRow) -> Vec<Certificate> {
    if device.key == centre.public() {
        return vec![centre.certificate().clone()];
    }
    device
        .certificates
        .iter()
        .filter_map(|signed| Certificate::verify(signed, &centre.public()).ok())
        .filter(|certificate| certificate.device_key == device.key)
        .collect()
}

/// What these certificates make of a device now: the latest valid one counts.
#[must_use]
pub fn standing(certificates: &[Certificate], now_ms: i64) -> Standing {
    match certificates.iter().rev().find(|certificate| certificate.is_valid_at(now_ms)) {
        Some(certificate) => Standing::Certified(Box::new(certificate.clone())),
        None if certificates.is_empty() => Standing::Bare,
        None => Standing::Lapsed,
    }
}

/// What a device is now; one that was never seen is a bare key.
#[must_use]
pub fn standing_of(centre: &Centre, device: Option<&DeviceRow>, now_ms: i64) -> Standing {
    match device {
        Some(row) if row.revocation.is_some() => Standing::Revoked,
        Some(row) => standing(&certificates(centre, row), now_ms),
        None => Standing::Bare,
    }
}

/// The certificate under which an event was made: the one it claims, if the device holds it and it was valid then.
/// Otherwise the nearest to it, so that the fold can say why the event has no authority.
#[must_use]
pub fn certificate_for<'a>(
    certificates: &'a [Certificate],
    body: &EventBody,
    received: &Received,
) -> Option<&'a Certificate> {
    let at = EventTime::of(body.at_ms, Some(received)).ms;
    let claims = |certificate: &&Certificate| {
        body.acting.as_ref().is_some_and(|acting| acting.role == certificate.role && acting.unit == certificate.unit)
    };
    let claimed = || certificates.iter().rev().filter(claims);
    claimed().find(|certificate| certificate.is_valid_at(at)).or_else(|| claimed().next()).or(certificates.last())
}

impl Standing {
    /// The officer or head that this is, if it is one.
    #[must_use]
    pub fn desk(&self) -> Option<&Certificate> {
        match self {
            Self::Certified(certificate) if matches!(certificate.role, Role::Officer | Role::Head) => Some(certificate),
            Self::Bare | Self::Lapsed | Self::Revoked | Self::Certified(_) => None,
        }
    }

    /// The scopes a device of this standing may read, its own first.
    #[must_use]
    pub fn scopes(&self, device: &DeviceId, units: &Units, now_ms: i64) -> Vec<String> {
        let mut scopes = vec![device_scope(device)];
        let today = local(now_ms).date();
        if let Some(certificate) = self.desk() {
            let own = scope_of_unit(units, &certificate.unit, today);
            if own != UNROUTED_SCOPE {
                scopes.push(own);
            }
            scopes.push(UNROUTED_SCOPE.to_owned());
            let is_centre = service_centre(units, today)
                .is_some_and(|centre| units.get(&certificate.unit).is_some_and(|unit| unit.id == centre.id));
            if is_centre {
                scopes.push(CENTRE_SCOPE.to_owned());
            }
        }
        // The operator runs the machine and reads no dossier, not even one it took part in.
        let is_operator = matches!(self, Self::Certified(certificate) if certificate.role == Role::Operator);
        if is_operator || *self == Self::Revoked {
            scopes.clear();
        }
        scopes
    }
}

/// A device that asks for something beside a sync.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The device.
    pub device: DeviceId,
    /// What it is now.
    pub standing: Standing,
    /// What it may read.
    pub scopes: Vec<String>,
}

impl Reader {
    /// The reader that a device is now. One that never brought anything is a bare key.
    pub async fn of(
        storage: &dyn Storage,
        centre: &Centre,
        units: &Units,
        device: &DeviceId,
        now_ms: i64,
    ) -> Result<Self, StorageFault> {
        let row = storage.device(device).await?;
        let standing = standing_of(centre, row.as_ref(), now_ms);
        let scopes = standing.scopes(device, units, now_ms);
        Ok(Self { device: *device, standing, scopes })
    }

    /// Whether a dossier is in one of this reader's scopes.
    pub async fn sees(&self, storage: &dyn Storage, dossier: &DossierId) -> Result<bool, StorageFault> {
        let theirs: BTreeSet<String> = storage.scopes_of(dossier).await?.into_iter().collect();
        Ok(self.scopes.iter().any(|scope| theirs.contains(scope)))
    }
}
