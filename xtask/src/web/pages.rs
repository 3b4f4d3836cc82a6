//! The pages around the core: npm and vite.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    machine,
    programs::{exists, program, root, run},
    stage::{Count, Failed},
};

fn directory() -> PathBuf {
    root().join("mobile/web")
}

fn npm(arguments: &[&str]) -> Command {
    let mut command = program("npm", arguments);
    command.current_dir(directory());
    command
}

/// Node and what the pages are built with.
fn prepare() -> Result<(), String> {
    if !exists("node") || !exists("npm") {
        machine::install("nodejs")?;
        machine::install("npm")?;
    }
    let directory = directory();
    let lock = fs::read(directory.join("package-lock.json")).map_err(|error| error.to_string())?;
    let stamp = directory.join("node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|known| known == lock) {
        return Ok(());
    }
    run(npm(&["ci", "--no-audit", "--no-fund"]))?;
    fs::write(stamp, lock).map_err(|error| error.to_string())
}

/// Builds `mobile/web/dist`.
pub fn build() -> Result<(), String> {
    prepare()?;
    run(npm(&["run", "--silent", "build"]))
}

/// Types and markup.
pub fn check() -> Result<Count, Failed> {
    prepare()?;
    run(npm(&["run", "--silent", "check"]))?;
    Ok(Count::ONE)
}

/// What was built and how much of it travels, compressed, the largest first.
pub fn weights() -> Result<Vec<(String, u64)>, String> {
    let told = |error: std::io::Error| error.to_string();
    let dist = directory().join("dist");
    let mut found = Vec::new();
    let mut left = vec![dist.clone()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path).map_err(told)? {
                left.push(entry.map_err(told)?.path());
            }
            continue;
        }
        let name = path.strip_prefix(&dist).unwrap_or(&path).display().to_string();
        if name.ends_with(".br") || name.ends_with(".gz") {
            continue;
        }
        let small = PathBuf::from(format!("{}.br", path.display()));
        let travels = if small.is_file() { small } else { path };
        found.push((name, fs::metadata(travels).map_err(told)?.len()));
    }
    found.push(("in all".to_owned(), found.iter().map(|(_, bytes)| bytes).sum()));
    found.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(found)
}
