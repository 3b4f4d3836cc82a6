//! `tram-server catalogue`: finds what is wrong in the data files, and says where.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use dossier::catalogue::{self, Finding, Severity};

use super::{CommandFault, say};

#[derive(Debug, Subcommand)]
pub(super) enum Catalogue {
    /// Check the files of a directory, or those inside this program.
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The catalogue's directory.
    dir: Option<PathBuf>,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

impl Catalogue {
    pub(super) fn run(self) -> Result<(), CommandFault> {
        let Self::Check(Check { dir, json }) = self;
        let files = match dir {
            Some(dir) => read(&dir)?,
            None => shipped()?,
        };
        let findings = catalogue::check(&files);
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        if json {
            say(&serde_json::to_string(&findings).map_err(std::io::Error::other)?)?;
        } else {
            for finding in &findings {
                let Finding { file, path, severity, what } = finding;
                let severity = match severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                };
                say(&format!("{severity}: {file}#{path}: {} / {}", what.vi, what.en))?;
            }
            say(&format!("{} files, {errors} errors, {} warnings", files.len(), findings.len() - errors))?;
        }
        if errors == 0 { Ok(()) } else { Err(CommandFault::Found) }
    }
}

/// The files inside this program, from the bundle that devices download.
fn shipped() -> Result<BTreeMap<String, Vec<u8>>, CommandFault> {
    #[derive(serde::Deserialize)]
    struct Bundle {
        files: BTreeMap<String, String>,
    }
    let bundle = catalogue::Catalogue::shipped().to_bundle();
    let Bundle { files } = serde_json::from_str(&bundle).map_err(std::io::Error::other)?;
    Ok(files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect())
}

fn read(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, CommandFault> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| CommandFault::Usage(format!("cannot read {}: {error}", folder.display())))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(relative) = path.strip_prefix(dir) {
                let name = relative.to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read(&path)?);
            }
        }
    }
    Ok(files)
}
