//! `tram show`: everything about one dossier.

mod event_line;
mod labels;
mod sections;

use dossier::fault::Fault;

use crate::{answer::Answer, failure::Failure, shell::Shell};

pub use event_line::{event_title, ineffective};
pub use labels::Labels;
pub use sections::tell_conflict;

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: String,
}

/// Shows it as it stands on this device, with what is typed and not yet sealed.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    let shown = device.show(&dossier)?;
    let labels = if shell.manner().json {
        Labels::none()
    } else {
        Labels::of_procedure(&device, shown.view.procedure.as_deref())
    };
    shell.answer(&shown, |page| sections::tell(page, &shown, &labels))
}

impl Labels {
    /// The labels of a dossier's form and papers.
    pub fn of(device: &mut client_core::Device, dossier: &dossier::id::DossierId) -> Result<Self, Fault> {
        let procedure = device.show(dossier)?.view.procedure;
        Ok(Self::of_procedure(device, procedure.as_deref()))
    }
}
