//! What this machine must have, and getting it where that is possible.

use std::{os::unix::fs::MetadataExt, path::PathBuf};

use crate::{
    programs::{exists, program, read, run},
    say,
};

/// The newest installed PostgreSQL's programs.
pub fn postgres() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, path)| path.join("initdb").is_file())
        .collect();
    found.sort();
    let installed = found.pop().map(|(_, path)| path);
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|directory| directory.join("initdb").is_file())
    };
    installed.or_else(on_path)
}

/// Whether a C compiler is there: SQLite, ring and zstd are built from source.
pub fn c_compiler() -> bool {
    ["cc", "gcc", "clang"].into_iter().any(exists)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// Installs a Debian package as root; anywhere else says what to install.
pub fn install(package: &str) -> Result<(), String> {
    if !is_root() || !exists("apt-get") {
        return Err(format!("{package} is missing. On Debian or Ubuntu: sudo apt-get install {package}"));
    }
    say::line(&format!("installing {package}"));
    run(program("apt-get", &["-qq", "update"]))?;
    let mut install = program("apt-get", &["-qq", "install", "--yes", "--no-install-recommends", package]);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install)
}

/// Makes sure of everything that the tests need; answers what is there, a line each.
pub fn prepare() -> Result<Vec<String>, String> {
    if !c_compiler() {
        install("gcc")?;
    }
    if postgres().is_none() {
        install("postgresql")?;
    }
    let binaries = postgres().ok_or("PostgreSQL is installed, but its initdb is not found")?;
    let mut there =
        vec![first_line(read(program("rustc", &["--version"]))?), first_line(read(program("cargo", &["--version"]))?)];
    let server = binaries.join("postgres").display().to_string();
    there.push(first_line(read(program(&server, &["--version"]))?));
    Ok(there)
}

fn first_line(text: String) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
