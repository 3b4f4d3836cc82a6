//! Writes the list of the built web app's files, for `src/web.rs` to take into the program.
//!
//! Without a built app the list is empty: the server compiles all the same, and says how to build one.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("no manifest"))?);
    let app = root.join("../mobile/web");
    let built = app.join("dist");
    // Cargo builds anew each time what it is to watch is missing, so an empty folder stands in for an app not yet built.
    if app.is_dir() && !built.exists() {
        fs::create_dir(&built)?;
    }
    let watched = if built.is_dir() { built.clone() } else { root.join("../Cargo.toml") };
    let mut files = Vec::new();
    if built.is_dir() {
        collect(&built, &built, &mut files)?;
    }
    files.sort();
    let mut list = String::from("&[\n");
    for (name, path) in files {
        list.push_str(&format!("    ({name:?}, include_bytes!({path:?})),\n"));
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no output directory"))?);
    fs::write(out.join("web_files.rs"), list)?;
    use io::Write;
    let mut cargo = io::stdout().lock();
    writeln!(cargo, "cargo::rerun-if-changed={}", watched.display())?;
    writeln!(cargo, "cargo::rerun-if-changed=build.rs")
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            files.push((relative.to_string_lossy().replace('\\', "/"), path.canonicalize()?));
        }
    }
    Ok(())
}
