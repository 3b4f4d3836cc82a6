//! `tram fetch`: a dossier's attachments come to this device, and into a folder if one is named.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use client_core::{Device, native::HttpTransport};
use dossier::{
    fault::{Code, Fault},
    id::{BlobId, DossierId},
    view::FileView,
};
use serde::Serialize;
use serde_json::json;

use crate::{answer::Answer, failure::Failure, page, progress::ProgressLine, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: String,
    /// Where to write files.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A file that is here now.
#[derive(Debug, Serialize)]
struct Fetched {
    blob: BlobId,
    bytes: u64,
    component: String,
    page: u32,
    media: String,
    /// Whether it had to be downloaded.
    downloaded: bool,
    path: Option<PathBuf>,
}

/// Fetches what is not here, each file checked against its name, and writes all of them out.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    let shown = device.show(&dossier)?;
    let transport = shell.transport(&device)?;
    if let Some(folder) = &args.out {
        fs::create_dir_all(folder).map_err(|error| not_written(&error))?;
    }
    let mut files = Vec::new();
    let mut bytes = 0;
    for component in &shown.view.components {
        for file in &component.files {
            let downloaded = bring(shell, &mut device, &dossier, file, &transport)?;
            if downloaded {
                bytes += file.bytes;
            }
            let folder = args.out.as_deref();
            let path = folder.map(|folder| write_out(&device, &component.id, file, folder)).transpose()?;
            files.push(Fetched {
                blob: file.blob,
                bytes: file.bytes,
                component: component.id.clone(),
                page: file.page,
                media: file.media.clone(),
                downloaded,
                path,
            });
        }
    }
    shell.answer(&json!({ "dossier": dossier, "files": files, "bytes": bytes }), |page| {
        if files.is_empty() {
            page.line("fetch.none");
            return;
        }
        page.filled("fetch.done", &[("files", &files.len()), ("size", &page::size(bytes))]);
        for path in files.iter().filter_map(|file| file.path.as_ref()) {
            page.under(path.display());
        }
    })
}

/// Makes the content be here; says whether it had to come over the network.
fn bring(
    shell: &Shell,
    device: &mut Device,
    dossier: &DossierId,
    file: &FileView,
    transport: &HttpTransport,
) -> Result<bool, Failure> {
    match device.read_blob(&file.blob, &mut io::sink()) {
        Ok(_) => Ok(false),
        Err(fault) if fault.code == Code::NotFound => {
            let mut line = ProgressLine::new(shell.manner().language);
            device.fetch_blob(dossier, &file.blob, transport, &mut |progress| line.show(progress))?;
            Ok(true)
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Writes a file beside its final name first, so that a file under that name is whole.
fn write_out(device: &Device, component: &str, file: &FileView, folder: &Path) -> Result<PathBuf, Failure> {
    let path = folder.join(file_name(component, file));
    let unfinished = path.with_extension("part");
    let mut out = File::create(&unfinished).map_err(|error| not_written(&error))?;
    device.read_blob(&file.blob, &mut out)?;
    out.sync_all().map_err(|error| not_written(&error))?;
    drop(out);
    fs::rename(&unfinished, &path).map_err(|error| not_written(&error))?;
    Ok(path)
}

fn not_written(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::StorageFull => Code::DiskFull.into(),
        _ => Fault::new(Code::NotSaved).with("argument", "--out").into(),
    }
}

/// `giay-chung-sinh-1-ba7816bf.jpg`. The component's id came from somebody's device: nothing of it may lead elsewhere.
fn file_name(component: &str, file: &FileView) -> String {
    let sound = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let component: String = component.chars().take(60).map(sound).collect();
    let blob: String = file.blob.to_string().chars().take(8).collect();
    let ending = match file.media.as_str() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "image/heic" => "heic",
        "image/tiff" => "tif",
        "application/pdf" => "pdf",
        _ => "bin",
    };
    format!("{component}-{}-{blob}.{ending}", file.page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lands_in_the_folder_whatever_its_component_is_called() {
        let file = FileView {
            blob: BlobId::of(b"abc"),
            bytes: 3,
            media: "image/jpeg".into(),
            page: 2,
            by: String::new(),
            arrived: true,
        };
        assert_eq!(file_name("giay-chung-sinh", &file), "giay-chung-sinh-2-ba7816bf.jpg");
        assert_eq!(file_name("../../etc/passwd", &file), "______etc_passwd-2-ba7816bf.jpg");
    }
}
