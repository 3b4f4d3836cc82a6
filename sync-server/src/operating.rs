//! What operators do: invite people, look after devices, take one out of use, read the figures.
//!
//! The command line and the API do it by the same functions. Who may is for the caller to know.

use std::sync::Arc;

use dossier::{
    catalogue::Catalogue,
    certificate::{Certificate, Role},
    deadline::local,
    id::{DeviceId, Digest, sha256},
    wire::Invitation,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::{Standing, certificates, standing},
    centre::Centre,
    port::{Clock, Entropy},
    storage::{Counts, DeviceRow, InvitationRow, Revocation, Storage, StorageFault},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// For how many days an invitation can be taken up unless somebody says otherwise.
pub const INVITATION_DAYS: u16 = 14;
/// The longest name of a person, in characters; the longest real ones have about 50.
const MAX_NAME_CHARS: usize = 120;
/// The longest reason, in characters: a few sentences.
const MAX_REASON_CHARS: usize = 500;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum OperatorFault {
    /// Something that was asked for makes no sense.
    #[error("{why}")]
    Wrong {
        /// What: `role`, `unit`, `name` or `reason`.
        field: &'static str,
        /// What would make sense.
        why: String,
    },
    /// No such device was ever seen.
    #[error("no such device was ever seen")]
    UnknownDevice,
    /// The database failed.
    #[error("the database failed")]
    Storage(#[from] StorageFault),
}

impl OperatorFault {
    fn wrong(field: &'static str, why: impl Into<String>) -> Self {
        Self::Wrong { field, why: why.into() }
    }
}

/// An invitation just made.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The one word for the person.
    pub invitation: Invitation,
    /// What it gives, as it is kept.
    pub row: InvitationRow,
}

/// An invitation as operators see it, without its word, which nobody has but the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenInvitation {
    /// The role it gives.
    pub role: String,
    /// The unit it gives it for.
    pub unit: String,
    /// The person's name.
    pub name: String,
    /// Not to be taken up after this (Unix milliseconds).
    pub expires_ms: i64,
    /// The device that took it up, in hexadecimal.
    pub used_by: Option<String>,
}

/// A device that holds a certificate, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeviceLine {
    /// Its id, in hexadecimal.
    pub device: String,
    /// Six letters of it, for people.
    pub short: String,
    /// The person's name.
    pub name: String,
    /// Their role.
    pub role: String,
    /// Their unit.
    pub unit: String,
    /// When it last synced, true to a minute (Unix milliseconds).
    pub last_contact_ms: i64,
    /// Changes, events and texts that it said then it still holds.
    pub waiting_items: u32,
    /// Attachments that it said then it still holds.
    pub waiting_files: u32,
    /// Since when it has always said that it holds something (Unix milliseconds, the Centre's clock).
    pub oldest_waiting_ms: Option<i64>,
    /// When it was taken out of use (Unix milliseconds).
    pub revoked_ms: Option<i64>,
    /// Until when its certificate is valid (Unix milliseconds).
    pub certificate_until_ms: i64,
}

/// What the database holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figures {
    /// The Centre's public key, in hexadecimal.
    pub centre: String,
    /// The database: `sqlite` or `postgres`.
    pub storage: String,
    /// Dossiers.
    pub dossiers: u64,
    /// Changes.
    pub changes: u64,
    /// Events.
    pub events: u64,
    /// Attachments that are here.
    pub blobs: u64,
    /// Devices.
    pub devices: u64,
    /// Receipts given.
    pub receipts: u64,
    /// Items received and not admitted.
    pub awaiting: u64,
    /// Items kept aside because they could not be taken in.
    pub quarantined: u64,
    /// Items kept aside because their device was revoked.
    pub revoked: u64,
}

/// What operators do, over these ports.
#[derive(Clone)]
pub struct Operating {
    storage: Arc<dyn Storage>,
    centre: Arc<Centre>,
    catalogue: &'static Catalogue,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Operating {
    /// Over these ports.
    #[must_use]
    pub fn new(
        storage: Arc<dyn Storage>,
        centre: Arc<Centre>,
        catalogue: &'static Catalogue,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { storage, centre, catalogue, clock, entropy }
    }

    /// Makes a one-time invitation.
    pub async fn invite(&self, role: &str, unit: &str, name: &str, days: u16) -> Result<Invited, OperatorFault> {
        let role = Role::from_name(role)
            .filter(|role| *role != Role::Centre)
            .ok_or_else(|| OperatorFault::wrong("role", "a role is citizen, postal, officer, head or operator"))?;
        let unit = self.known_unit(unit.trim())?;
        let name = line("name", name, MAX_NAME_CHARS)?;
        let mut token = [0; 16];
        self.entropy.fill(&mut token);
        let row = InvitationRow {
            token_hash: Digest(sha256(&[&token])),
            role,
            unit,
            name,
            expires_ms: self.clock.now_ms().saturating_add(i64::from(days) * DAY_MS),
            used_by: None,
        };
        self.storage.invite(&row).await?;
        Ok(Invited { invitation: Invitation { centre: self.centre.public(), token }, row })
    }

    /// The unit as it goes into the certificate: a unit of the catalogue that exists today, as it was named.
    fn known_unit(&self, named: &str) -> Result<String, OperatorFault> {
        let units = self.catalogue.units();
        let today = local(self.clock.now_ms()).date();
        let Some(unit) = units.get(named) else {
            let reason = "give a commune code such as 25747, a unit id or an organisation id such as H29.16";
            return Err(OperatorFault::wrong("unit", format!("the catalogue knows no unit {named:?}; {reason}")));
        };
        if unit.valid_on(today) {
            return Ok(named.to_owned());
        }
        let after: Vec<String> = units
            .successors(named, today)
            .into_iter()
            .map(|unit| format!("{} ({})", unit.code.as_deref().unwrap_or(unit.id.as_str()), unit.full_name()))
            .collect();
        let after = after.join(", ");
        Err(OperatorFault::wrong("unit", format!("the unit {named:?} is no more; it is followed by {after}")))
    }

    /// Invitations whose time is not over, with who took them up.
    pub async fn invitations(&self) -> Result<Vec<OpenInvitation>, OperatorFault> {
        let rows = self.storage.open_invitations(self.clock.now_ms()).await?;
        let open = |row: InvitationRow| OpenInvitation {
            role: row.role.name().to_owned(),
            unit: row.unit,
            name: row.name,
            expires_ms: row.expires_ms,
            used_by: row.used_by.map(|device| device.to_string()),
        };
        Ok(rows.into_iter().map(open).collect())
    }

    /// All devices that hold a certificate.
    pub async fn devices(&self) -> Result<Vec<DeviceLine>, OperatorFault> {
        let now_ms = self.clock.now_ms();
        let rows = self.storage.enrolled_devices().await?;
        Ok(rows.iter().filter_map(|row| self.line(row, now_ms)).collect())
    }

    /// `None` if the device holds no certificate of this Centre.
    fn line(&self, row: &DeviceRow, now_ms: i64) -> Option<DeviceLine> {
        let held = certificates(&self.centre, row);
        // What it is now, or else was last.
        let certificate: Certificate = match standing(&held, now_ms) {
            Standing::Certified(certificate) => *certificate,
            Standing::Bare | Standing::Lapsed | Standing::Revoked => held.last()?.clone(),
        };
        let device = DeviceId::of(&row.key);
        Some(DeviceLine {
            device: device.to_string(),
            short: device.short(),
            name: certificate.name,
            role: certificate.role.name().to_owned(),
            unit: certificate.unit,
            last_contact_ms: row.last_contact_ms,
            waiting_items: row.waiting.items,
            waiting_files: row.waiting.files,
            oldest_waiting_ms: row.waiting_since_ms,
            revoked_ms: row.revocation.as_ref().map(|revocation| revocation.at_ms),
            certificate_until_ms: certificate.until_ms,
        })
    }

    /// Takes a device out of use for good. Doing it twice changes nothing: the first time and reason stand.
    pub async fn revoke(&self, device: &str, reason: &str) -> Result<Revocation, OperatorFault> {
        let reason = line("reason", reason, MAX_REASON_CHARS)?;
        // The Centre is an author like others, and cannot do without itself.
        let device = device.trim().parse::<DeviceId>().ok().filter(|device| *device != self.centre.device());
        let device = device.ok_or(OperatorFault::UnknownDevice)?;
        let revoked = self.storage.revoke(&device, &reason, self.clock.now_ms()).await?;
        revoked.ok_or(OperatorFault::UnknownDevice)
    }

    /// What the database holds.
    pub async fn figures(&self) -> Result<Figures, OperatorFault> {
        let Counts { dossiers, changes, events, blobs, devices, receipts, awaiting, quarantined, revoked } =
            self.storage.counts().await?;
        Ok(Figures {
            centre: self.centre.public().to_string(),
            storage: self.storage.name().to_owned(),
            dossiers,
            changes,
            events,
            blobs,
            devices,
            receipts,
            awaiting,
            quarantined,
            revoked,
        })
    }
}

/// A line of text that a person wrote: not empty, not a novel, nothing that moves a cursor.
fn line(field: &'static str, text: &str, most: usize) -> Result<String, OperatorFault> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(OperatorFault::wrong(field, format!("a {field} has 1 to {most} characters on one line")));
    }
    Ok(text.to_owned())
}
