//! `tram-server admin`: invitations, devices, counts. Works before the first `serve` and beside a running one.

use std::sync::Arc;

use clap::{Args, Subcommand};
use dossier::{catalogue::Catalogue, deadline::local};
use serde::Serialize;
use serde_json::json;

use super::{At, CommandFault, say};
use crate::{
    centre::{Centre, begin_epoch},
    operating::{INVITATION_DAYS, Operating, OperatorFault},
    port::{Clock, SystemClock, SystemEntropy},
    server::Place,
};

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make a one-time invitation and print it as the last word.
    Invite(Invite),
    /// List the devices that hold a certificate.
    Devices(Look),
    /// Take a device out of use: what it sends is received and kept aside, and it is told nothing more.
    Revoke(Revoke),
    /// Count what the database holds.
    Status(Look),
    /// Say that the database was put back from a backup: devices then compare what they hold with it and bring back what
    /// it lost. Before the server is started again.
    Restored(Restored),
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
    #[arg(long, default_value_t = INVITATION_DAYS, value_parser = clap::value_parser!(u16).range(1..=365))]
    days: u16,
    /// Print one JSON object instead of a sentence.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    at: At,
    /// The device's id, as `admin devices` prints it.
    #[arg(long, value_name = "ID")]
    device: String,
    /// Why, in a sentence.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Restored {
    #[command(flatten)]
    at: At,
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
            Self::Revoke(revoke) => revoke.run().await,
            Self::Status(look) => look.status().await,
            Self::Restored(restored) => restored.run().await,
        }
    }
}

async fn open(at: At) -> Result<Operating, CommandFault> {
    let storage = Place::from(at).open_storage().await?;
    let entropy = SystemEntropy::default();
    let catalogue = Catalogue::shipped();
    let centre = Centre::open(storage.as_ref(), &entropy, catalogue, SystemClock.now_ms()).await?;
    Ok(Operating::new(storage, Arc::new(centre), catalogue, Arc::new(SystemClock), Arc::new(entropy)))
}

impl From<OperatorFault> for CommandFault {
    fn from(fault: OperatorFault) -> Self {
        match fault {
            OperatorFault::Storage(fault) => fault.into(),
            fault @ (OperatorFault::Wrong { .. } | OperatorFault::UnknownDevice) => Self::Usage(fault.to_string()),
        }
    }
}

fn minute(at_ms: i64) -> String {
    local(at_ms).strftime("%Y-%m-%d %H:%M").to_string()
}

fn object(value: &impl Serialize) -> Result<String, CommandFault> {
    Ok(serde_json::to_string(value).map_err(std::io::Error::other)?)
}

impl Restored {
    async fn run(self) -> Result<(), CommandFault> {
        let storage = Place::from(self.at).open_storage().await?;
        begin_epoch(storage.as_ref(), &SystemEntropy::default(), SystemClock.now_ms()).await?;
        say("A new epoch has begun. Each device compares what it holds at its next sync.")?;
        Ok(())
    }
}

impl Invite {
    async fn run(self) -> Result<(), CommandFault> {
        let Self { at, role, unit, name, days, json } = self;
        let made = open(at).await?.invite(&role, &unit, &name, days).await?;
        let (word, until) = (made.invitation.to_string(), minute(made.row.expires_ms));
        let (unit, name) = (made.row.unit, made.row.name);
        if json {
            say(&json!({"invitation": word, "role": role, "unit": unit, "name": name, "until": until}).to_string())?;
        } else {
            say(&format!("Invitation for {name} as {role} of {unit}, to be taken up once until {until}: {word}"))?;
        }
        Ok(())
    }
}

impl Revoke {
    async fn run(self) -> Result<(), CommandFault> {
        let Self { at, device, reason } = self;
        let revoked = open(at).await?.revoke(&device, &reason).await?;
        say(&format!("{device} is out of use since {}: {}", minute(revoked.at_ms), revoked.reason))?;
        Ok(())
    }
}

impl Look {
    async fn devices(self) -> Result<(), CommandFault> {
        let devices = open(self.at).await?.devices().await?;
        if self.json {
            say(&object(&devices)?)?;
            return Ok(());
        }
        let now_ms = SystemClock.now_ms();
        for line in devices {
            let stands = match line.revoked_ms {
                Some(at_ms) => format!("revoked {}", minute(at_ms)),
                None if line.certificate_until_ms < now_ms => format!("ended {}", minute(line.certificate_until_ms)),
                None => format!("until {}", minute(line.certificate_until_ms)),
            };
            let seen = minute(line.last_contact_ms);
            let holds = format!("holds {} items, {} files", line.waiting_items, line.waiting_files);
            let (device, role, unit, name) = (line.device, line.role, line.unit, line.name);
            say(&format!("{device}  {role:<8} {unit:<14} {stands}  last seen {seen}  {holds}  {name}"))?;
        }
        Ok(())
    }

    async fn status(self) -> Result<(), CommandFault> {
        let figures = open(self.at).await?.figures().await?;
        if self.json {
            say(&object(&figures)?)?;
            return Ok(());
        }
        let serde_json::Value::Object(lines) = serde_json::to_value(figures).map_err(std::io::Error::other)? else {
            return Ok(());
        };
        for (name, value) in lines {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            say(&format!("{name:<12} {value}"))?;
        }
        Ok(())
    }
}
