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

/// Builds `mobile/web/dist`, if anything it is made from changed: what is served takes it in, and would be built anew.
pub fn build() -> Result<(), String> {
    prepare()?;
    let made_from = fingerprint().map_err(|error| error.to_string())?;
    let stamp = directory().join("node_modules/.built");
    if directory().join("dist/index.html").is_file() && fs::read_to_string(&stamp).is_ok_and(|known| known == made_from)
    {
        return Ok(());
    }
    run(npm(&["run", "--silent", "build"]))?;
    fs::write(stamp, made_from).map_err(|error| error.to_string())
}

/// Stands for everything that the pages are made from.
fn fingerprint() -> std::io::Result<String> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let directory = directory();
    let mut left: Vec<PathBuf> =
        ["src", "public", "plugins", "index.html", "package.json", "package-lock.json", "vite.config.ts"]
            .map(|name| directory.join(name))
            .into();
    left.extend([directory.join("svelte.config.js"), directory.join("tsconfig.json")]);
    let mut files = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                left.push(entry?.path());
            }
        } else {
            files.push(path);
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for path in files {
        path.strip_prefix(&directory).unwrap_or(&path).hash(&mut hasher);
        fs::read(&path)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
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
