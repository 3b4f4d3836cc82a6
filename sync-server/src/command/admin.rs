//! `tram-server admin`: invitations, devices, counts. Works before the first `serve` and beside a running one.

use clap::{Args, Subcommand};
use dossier::{
    catalogue::Catalogue,
    certificate::Role,
    deadline::local,
    id::{DeviceId, Digest, sha256},
    wire::Invitation,
};
use serde_json::json;

use super::{At, CommandFault, say};
use crate::{
    access::certificates,
    centre::Centre,
    port::{Clock, Entropy, SystemClock, SystemEntropy},
    server::Place,
    storage::{InvitationRow, Storage},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The longest name of a person, in characters; the longest real ones have about 50.
const MAX_NAME_CHARS: usize = 120;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make a one-time invitation and print it as the last word.
    Invite(Invite),
    /// List the devices that hold a certificate.
    Devices(Look),
    /// Count what the database holds.
    Status(Look),
}

#[derive(Debug, Args)]
pub(super) struct Invite {
    #[command(flatten)]
    at: At,
    /// What the person may do.
    #[arg(long, value_parser = ["citizen", "postal", "officer", "head", "operator"])]
    role: String,
    /// The unit: a commune code such as 25747, a unit id, or an organisation id such as H29.16.
    #[arg(long, value_name = "CODE")]
    unit: String,
    /// The person's name as colleagues know it.
    #[arg(long)]
    name: String,
    /// For how many days the invitation can be taken up.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=365))]
    days: u16,
    /// Print one JSON object instead of a sentence.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Look {
    #[command(flatten)]
    at: At,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Admin {
    pub(super) async fn run(self) -> Result<(), CommandFault> {
        match self {
            Self::Invite(invite) => invite.run().await,
            Self::Devices(look) => look.devices().await,
            Self::Status(look) => look.status().await,
        }
    }
}

impl Invite {
    async fn run(self) -> Result<(), CommandFault> {
        let Self { at, role, unit, name, days, json } = self;
        let role = Role::from_name(&role).ok_or_else(|| CommandFault::Usage(format!("there is no role {role}")))?;
        let unit = known_unit(unit.trim())?;
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(CommandFault::Usage(format!("a name has 1 to {MAX_NAME_CHARS} characters")));
        }
        let entropy = SystemEntropy::default();
        let now_ms = SystemClock.now_ms();
        let storage = Place::from(at).open_storage().await?;
        let centre = Centre::open(storage.as_ref(), &entropy, Catalogue::shipped(), now_ms).await?;
        let mut token = [0; 16];
        entropy.fill(&mut token);
        let expires_ms = now_ms.saturating_add(i64::from(days) * DAY_MS);
        storage
            .invite(&InvitationRow {
                token_hash: Digest(sha256(&[&token])),
                role,
                unit: unit.clone(),
                name: name.clone(),
                expires_ms,
                used_by: None,
            })
            .await?;
        let invitation = Invitation { centre: centre.public(), token };
        let until = local(expires_ms).strftime("%Y-%m-%d %H:%M").to_string();
        if json {
            let role = role.name();
            let word = invitation.to_string();
            say(&json!({"invitation": word, "role": role, "unit": unit, "name": name, "until": until}).to_string())?;
        } else {
            let role = role.name();
            say(&format!(
                "Invitation for {name} as {role} of {unit}, to be taken up once until {until}: {invitation}"
            ))?;
        }
        Ok(())
    }
}

/// The unit as it goes into the certificate: a unit of the catalogue that exists today, as it was named.
fn known_unit(named: &str) -> Result<String, CommandFault> {
    let units = Catalogue::shipped().units();
    let today = local(SystemClock.now_ms()).date();
    let unknown = || {
        let reason = "give a commune code such as 25747, a unit id or an organisation id such as H29.16";
        CommandFault::Usage(format!("the catalogue knows no unit {named:?}; {reason}"))
    };
    let unit = units.get(named).ok_or_else(unknown)?;
    if unit.valid_on(today) {
        return Ok(named.to_owned());
    }
    let after: Vec<String> = units
        .successors(named, today)
        .into_iter()
        .map(|unit| format!("{} ({})", unit.code.as_deref().unwrap_or(unit.id.as_str()), unit.full_name()))
        .collect();
    Err(CommandFault::Usage(format!("the unit {named:?} is no more; it is followed by {}", after.join(", "))))
}

impl Look {
    async fn open(self) -> Result<(std::sync::Arc<dyn Storage>, Centre, bool), CommandFault> {
        let storage = Place::from(self.at).open_storage().await?;
        let now_ms = SystemClock.now_ms();
        let centre = Centre::open(storage.as_ref(), &SystemEntropy::default(), Catalogue::shipped(), now_ms).await?;
        Ok((storage, centre, self.json))
    }

    async fn devices(self) -> Result<(), CommandFault> {
        let (storage, centre, as_json) = self.open().await?;
        let now_ms = SystemClock.now_ms();
        let mut rows = Vec::new();
        for device in storage.enrolled_devices().await? {
            for certificate in certificates(&centre, &device) {
                rows.push(json!({
                    "device": DeviceId::of(&device.key).to_string(),
                    "name": certificate.name,
                    "role": certificate.role.name(),
                    "unit": certificate.unit,
                    "valid": certificate.is_valid_at(now_ms),
                    "until": local(certificate.until_ms).strftime("%Y-%m-%d").to_string(),
                    "receipts": device.receipts,
                    "last_contact": local(device.last_contact_ms).strftime("%Y-%m-%d %H:%M").to_string(),
                }));
            }
        }
        if as_json {
            say(&serde_json::Value::from(rows).to_string())?;
            return Ok(());
        }
        for row in &rows {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let valid = if row["valid"] == true { "until" } else { "ended" };
            let (device, name, role) = (text("device"), text("name"), text("role"));
            let (unit, until, seen) = (text("unit"), text("until"), text("last_contact"));
            say(&format!("{device}  {role:<8} {unit:<14} {valid} {until}  last seen {seen}  {name}"))?;
        }
        Ok(())
    }

    async fn status(self) -> Result<(), CommandFault> {
        let (storage, centre, as_json) = self.open().await?;
        let counts = storage.counts().await?;
        let figures = [
            ("dossiers", counts.dossiers),
            ("changes", counts.changes),
            ("events", counts.events),
            ("blobs", counts.blobs),
            ("devices", counts.devices),
            ("receipts", counts.receipts),
            ("awaiting", counts.awaiting),
            ("quarantined", counts.quarantined),
        ];
        if as_json {
            let mut object: serde_json::Map<String, serde_json::Value> =
                figures.into_iter().map(|(name, figure)| (name.to_owned(), figure.into())).collect();
            object.insert("centre".to_owned(), centre.public().to_string().into());
            object.insert("storage".to_owned(), storage.name().into());
            say(&serde_json::Value::from(object).to_string())?;
            return Ok(());
        }
        say(&format!("{:<12} {}", "centre", centre.public()))?;
        say(&format!("{:<12} {}", "storage", storage.name()))?;
        for (name, figure) in figures {
            say(&format!("{name:<12} {figure}"))?;
        }
        Ok(())
    }
}
