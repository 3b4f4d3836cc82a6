//! `tram attach`: a file becomes part of a dossier.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use client_core::NewFile;
use dossier::fault::Code;

use crate::{answer::Answer, failure::Failure, page, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: String,
    /// The component.
    #[arg(value_name = "COMPONENT")]
    component: String,
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its media type.
    #[arg(long, value_name = "TYPE")]
    media: Option<String>,
}

/// Copies it into the device's store. Only the ending of its name is looked at.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    let (mut content, size_bytes) = open(&args.file)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let file = NewFile { name: &name, media: args.media.as_deref(), size_bytes };
    let attached = device.attach(&dossier, &args.component, &file, &mut content)?;
    shell.answer(&attached, |page| {
        let size = page::size(attached.bytes);
        page.filled("attach.done", &[("page", &attached.page), ("component", &args.component), ("size", &size)]);
        page.line("saved.here");
    })
}

/// The file and its size; what is no file (a pipe, say) has none that could be known before it is read.
fn open(path: &Path) -> Result<(File, Option<u64>), Failure> {
    let unreadable = |_| Failure::from(Code::FileUnreadable);
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        return Err(Code::FileUnreadable.into());
    }
    let size_bytes = about.is_file().then_some(about.len());
    Ok((file, size_bytes))
}
