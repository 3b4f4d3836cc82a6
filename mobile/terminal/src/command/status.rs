//! `tram status`: whose device this is, when the Centre last answered, what waits.

use serde::Serialize;

use client_core::{Device, Summary};
use dossier::{certificate::Role, id::DeviceId};

use crate::{answer::Answer, failure::Failure, page, person, shell::Shell};

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
    /// What waits, and when an answer of the Centre was last whole.
    #[serde(flatten)]
    summary: Summary,
    /// When that was, in local time.
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
    let status = of(&mut device)?;
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
        if status.summary.unsent_files > 0 {
            let size = page::size(status.summary.unsent_bytes);
            page.filled("status.files", &[("files", &status.summary.unsent_files), ("size", &size)]);
        }
        page.filled("status.held", &[("dossiers", &status.summary.dossiers), ("drafts", &status.summary.drafts)]);
        page.filled("status.catalogue", &[("version", &status.catalogue)]);
    })
}

fn of(device: &mut Device) -> Result<Status, Failure> {
    let identity = device.identity();
    let (outbox, summary) = (device.outbox()?, device.summary()?);
    let unsent_dossiers = device.list(&client_core::ListQuery { only_unsent: true, ..Default::default() })?.total;
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
        last_contact: summary.last_contact_ms.map(page::moment),
        summary,
        unsent: outbox.len(),
        refused: outbox.iter().filter(|item| item.refused.is_some()).count(),
        unsent_dossiers,
    })
}
