//! `tram status`: whose device this is, when the Centre last received something, what waits.

use serde::Serialize;

use client_core::Device;
use dossier::{certificate::Role, id::DeviceId};

use crate::{answer::Answer, command::receipts::last_contact_ms, failure::Failure, page, person, shell::Shell};

/// Nothing is given.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// What is told.
#[derive(Debug, Serialize)]
struct Status {
    device: DeviceId,
    short: String,
    server: String,
    /// The person of the certificate; none for a citizen's bare key.
    person: Option<String>,
    role: Option<Role>,
    unit: Option<String>,
    /// Until when the certificate is valid, Unix milliseconds.
    valid_until_ms: Option<i64>,
    invitation_waiting: bool,
    catalogue: String,
    /// When the Centre last signed for something of this device, by its own clock, Unix milliseconds.
    last_contact_ms: Option<i64>,
    /// The same in local time.
    last_contact: Option<String>,
    /// Sealed items that the Centre has not signed for.
    unsent: usize,
    /// Of these, how many it refused.
    refused: usize,
    /// Dossiers with anything that the Centre does not have, unsealed work among it.
    unsent_dossiers: usize,
}

/// Tells it.
pub fn run(shell: &Shell, Args {}: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let centre = device.identity().centre;
    let mut status = of(&mut device)?;
    // The store has one owner at a time.
    drop(device);
    status.last_contact_ms = last_contact_ms(&shell.stored()?, centre)?;
    status.last_contact = status.last_contact_ms.map(page::moment);
    shell.answer(&status, |page| {
        page.filled("status.device", &[("short", &status.short), ("server", &status.server)]);
        match (&status.person, &status.unit) {
            (Some(name), Some(unit)) => {
                let name = person::named(name, status.role, page.language());
                page.filled("status.person", &[("name", &name), ("unit", unit)]);
            }
            _ => page.line("status.nobody"),
        }
        if status.invitation_waiting {
            page.line("status.invitation");
        }
        match &status.last_contact {
            Some(at) => page.filled("status.contact", &[("at", at)]),
            None => page.line("status.no_contact"),
        }
        page.filled("status.unsent", &[("unsent", &status.unsent_dossiers), ("refused", &status.refused)]);
        page.filled("status.catalogue", &[("version", &status.catalogue)]);
    })
}

fn of(device: &mut Device) -> Result<Status, Failure> {
    let identity = device.identity();
    let outbox = device.outbox()?;
    let unsent_dossiers = device.list(&client_core::ListQuery { only_unsent: true, ..Default::default() })?.len();
    let certificate = identity.certificate.as_ref();
    Ok(Status {
        device: identity.device,
        short: identity.short,
        server: identity.server_url,
        person: certificate.map(|certificate| certificate.name.clone()),
        role: certificate.map(|certificate| certificate.role),
        unit: certificate.map(|certificate| certificate.unit.clone()),
        valid_until_ms: certificate.map(|certificate| certificate.until_ms),
        invitation_waiting: identity.invitation_waiting,
        catalogue: identity.catalogue,
        last_contact_ms: None,
        last_contact: None,
        unsent: outbox.len(),
        refused: outbox.iter().filter(|item| item.refused.is_some()).count(),
        unsent_dossiers,
    })
}
