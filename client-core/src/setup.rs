//! Making a device, opening it, and keeping an invitation.

use std::collections::BTreeMap;

use dossier::{
    catalogue::Catalogue,
    certificate::Certificate,
    envelope::SigningKey,
    fault::{Code, Fault},
    wire::{Invitation, NotAnInvitation},
};

use crate::{
    chain::Chain,
    device::Device,
    held::WatchedStore,
    ledger::{Put, Read, key},
    ports::{Clock, Entropy, draw},
    record::{CentreRecord, CertificateRecord, ChunkRecord, IdentityRecord, InvitationRecord, StagingRecord},
    store::{Store, StoreFault, WriteBatch},
    sync::Repairs,
};

/// Why there is no device, or no invitation kept.
#[derive(Debug, thiserror::Error)]
pub enum SetupFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The store holds no device.
    #[error("the device was not set up")]
    NotSetUp,
    /// The store holds a device already.
    #[error("the device was set up before")]
    SetUpBefore,
    /// Not the address of a server.
    #[error("the server's address is not http:// or https://")]
    Address,
    /// Not an invitation.
    #[error(transparent)]
    Unreadable(#[from] NotAnInvitation),
    /// An invitation of another Centre than the device's.
    #[error("the invitation is another Centre's")]
    OtherCentre,
}

impl From<SetupFault> for Fault {
    fn from(fault: SetupFault) -> Self {
        match fault {
            SetupFault::Store(fault) => fault.into(),
            SetupFault::NotSetUp => Code::NotSetUp.into(),
            SetupFault::SetUpBefore => Self::new(Code::BadRequest).with("reason", "set_up_before"),
            SetupFault::Address => Self::new(Code::BadRequest).with("reason", "server_url"),
            SetupFault::Unreadable(_) => Code::InvitationUnreadable.into(),
            SetupFault::OtherCentre => Code::WrongCentre.into(),
        }
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Full => Code::DiskFull.into(),
            StoreFault::InUse => Code::InUse.into(),
            StoreFault::Newer => Self::new(Code::StoreUnreadable).with("reason", "newer"),
            StoreFault::Damaged(what) => Self::new(Code::StoreUnreadable).with("reason", "damaged").with("what", what),
            StoreFault::Io(_) => Code::NotSaved.into(),
        }
    }
}

pub fn init(
    mut store: Box<dyn Store>,
    clock: Box<dyn Clock>,
    mut entropy: Box<dyn Entropy>,
    server_url: &str,
) -> Result<Device, SetupFault> {
    if store.record::<IdentityRecord>(IdentityRecord::KEY)?.is_some() {
        return Err(SetupFault::SetUpBefore);
    }
    let server_url = server_url.trim().trim_end_matches('/');
    let host = server_url.strip_prefix("http://").or_else(|| server_url.strip_prefix("https://"));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
        return Err(SetupFault::Address);
    }
    let identity = IdentityRecord {
        seed: draw(entropy.as_mut()),
        installation: draw(entropy.as_mut()),
        server_url: server_url.to_owned(),
    };
    let mut batch = WriteBatch::new();
    batch.record(IdentityRecord::KEY, &identity);
    store.commit(batch)?;
    open(store, clock, entropy)
}

pub fn open(mut store: Box<dyn Store>, clock: Box<dyn Clock>, entropy: Box<dyn Entropy>) -> Result<Device, SetupFault> {
    let identity = store.record::<IdentityRecord>(IdentityRecord::KEY)?.ok_or(SetupFault::NotSetUp)?;
    sweep(store.as_mut())?;
    let centre = store.record::<CentreRecord>(CentreRecord::KEY)?;
    let invitation = store.record::<InvitationRecord>(InvitationRecord::KEY)?;
    let certificate = match (&centre, store.record::<CertificateRecord>(CertificateRecord::KEY)?) {
        (Some(centre), Some(record)) => {
            let certificate = Certificate::verify(&record.signed, &centre.key)
                .map_err(|_| StoreFault::Damaged(<CertificateRecord as crate::record::Record>::NAME))?;
            Some((record.signed, certificate))
        }
        _ => None,
    };
    let chain = Chain::read(store.as_ref())?;
    Ok(Device {
        store: WatchedStore::new(store),
        clock,
        entropy,
        key: SigningKey::derive_from_seed(&identity.seed),
        installation: identity.installation,
        server_url: identity.server_url,
        centre: centre.as_ref().map(|centre| centre.key),
        certificate,
        invitation,
        clock_offset_ms: centre.as_ref().map_or(0, |centre| centre.clock_offset_ms),
        last_contact_ms: centre.as_ref().and_then(|centre| centre.last_contact_ms),
        revoked_ms: centre.as_ref().and_then(|centre| centre.revoked_ms),
        token: centre.and_then(|centre| centre.token),
        catalogue: Catalogue::shipped(),
        chain,
        repairs: Repairs::default(),
        provisional: BTreeMap::new(),
        index: None,
        request_bytes: crate::sync::REQUEST_BYTES,
        most_parcel_dossiers: dossier::wire::limits::PARCEL_DOSSIERS,
    })
}

/// Removes what an attachment cut short by a crash left behind: nothing names it.
fn sweep(store: &mut dyn Store) -> Result<(), StoreFault> {
    let mut batch = WriteBatch::new();
    for staged in store.keys::<StagingRecord>(&[])? {
        for chunk in store.keys::<ChunkRecord>(&staged)? {
            batch.remove::<ChunkRecord>(&chunk);
        }
        batch.remove::<StagingRecord>(&staged);
    }
    if batch.is_empty() { Ok(()) } else { store.commit(batch) }
}

impl Device {
    pub(crate) fn keep_invitation(&mut self, text: &str) -> Result<(), SetupFault> {
        let invitation: Invitation = text.parse()?;
        if self.centre.is_some_and(|centre| centre != invitation.centre) {
            return Err(SetupFault::OtherCentre);
        }
        let record = InvitationRecord { centre: invitation.centre, token: invitation.token.to_vec() };
        let mut batch = WriteBatch::new();
        batch.record(InvitationRecord::KEY, &record);
        if self.centre.is_none() {
            batch.record(CentreRecord::KEY, &CentreRecord::met(invitation.centre));
        }
        self.store.commit(batch)?;
        self.centre = Some(invitation.centre);
        self.invitation = Some(record);
        Ok(())
    }

    /// The moment by this device's clock, Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The key of a record of this dossier.
    pub(crate) fn dossier_key(dossier: &dossier::id::DossierId, rest: &[u8]) -> Vec<u8> {
        key(&[dossier.as_bytes(), rest])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ports::{FixedClock, SeededEntropy},
        store::{MemoryDisk, MemoryStore},
    };

    fn fresh() -> (MemoryDisk, Device) {
        let store = MemoryStore::new();
        let disk = store.disk();
        (disk, Device::init(store, FixedClock::at(0), SeededEntropy::new(1), "http://centre/").unwrap())
    }

    #[test]
    fn a_device_is_the_same_when_opened_again() {
        let (disk, device) = fresh();
        let before = device.identity();
        assert_eq!(before.server_url, "http://centre");
        drop(device);
        let again = Device::open(disk.open().unwrap(), FixedClock::at(0), SeededEntropy::new(2)).unwrap();
        assert_eq!(again.identity(), before);
        drop(again);
        let twice = Device::init(disk.open().unwrap(), FixedClock::at(0), SeededEntropy::new(3), "http://x");
        assert_eq!(twice.unwrap_err().code, Code::BadRequest);
    }

    #[test]
    fn an_empty_store_and_a_bad_address_are_refused() {
        let open = Device::open(MemoryStore::new(), FixedClock::at(0), SeededEntropy::new(1));
        assert_eq!(open.unwrap_err().code, Code::NotSetUp);
        for address in ["", "centre:80", "http://", "ftp://centre"] {
            let made = Device::init(MemoryStore::new(), FixedClock::at(0), SeededEntropy::new(1), address);
            assert_eq!(made.unwrap_err().code, Code::BadRequest, "{address}");
        }
    }

    #[test]
    fn a_full_disk_at_setting_up_leaves_nothing_behind() {
        let store = MemoryStore::new();
        let disk = store.disk();
        disk.fill_up(Some(1));
        let made = Device::init(store, FixedClock::at(0), SeededEntropy::new(1), "http://centre");
        assert_eq!(made.unwrap_err().code, Code::DiskFull);
        assert!(disk.dump().is_empty());
    }

    #[test]
    fn an_invitation_pins_its_centre() {
        let (_disk, mut device) = fresh();
        let invitation =
            |seed| Invitation { centre: SigningKey::derive_from_seed(&[seed; 32]).public(), token: [1; 16] };
        assert_eq!(device.enrol("TRAM1-XYZ").unwrap_err().code, Code::InvitationUnreadable);
        device.enrol(&invitation(1).to_string()).unwrap();
        assert_eq!(device.identity().centre, Some(invitation(1).centre));
        assert!(device.identity().invitation_waiting);
        assert_eq!(device.enrol(&invitation(2).to_string()).unwrap_err().code, Code::WrongCentre);
        device.enrol(&invitation(1).to_string()).unwrap();
    }
}
