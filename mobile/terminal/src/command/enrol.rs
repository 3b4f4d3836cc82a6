//! `tram enrol`: an invitation is kept at once and taken up as soon as the Centre can be reached.

use serde_json::json;

use crate::{answer::Answer, command::sync, failure::Failure, person, progress::ProgressLine, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The invitation.
    #[arg(value_name = "INVITATION")]
    invitation: String,
}

/// Keeps it durably, then syncs, which takes it up; offline, the next sync does.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    device.enrol(&args.invitation)?;
    let transport = shell.transport(&device)?;
    let mut line = ProgressLine::new(shell.manner().language);
    let mut report = device.sync(&transport, &mut |progress| line.show(progress));
    drop(line);
    let fault = report.fault.take();
    let identity = device.identity();
    let certificate = identity.certificate.as_ref();
    let value = json!({
        "device": identity.device,
        "enrolled": report.enrolled,
        "invitation_waiting": identity.invitation_waiting,
        "person": certificate.map(|certificate| &certificate.name),
        "role": certificate.map(|certificate| certificate.role),
        "unit": certificate.map(|certificate| &certificate.unit),
        "sync": sync::json(&report, None),
    });
    match fault {
        Some(fault) => Err(sync::ended_early(fault, value)),
        None => shell.answer(&value, |page| match certificate {
            Some(own) => {
                let name = person::named(&own.name, Some(own.role), page.language());
                page.filled("enrol.done", &[("name", &name), ("unit", &own.unit)]);
            }
            None => {
                page.line("enrol.kept");
                page.line("enrol.waits");
            }
        }),
    }
}
