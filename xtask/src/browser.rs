//! Stories in a real browser: the apps as people use them, against a real server.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    machine,
    programs::{binaries, exists, program, root, run, target},
    stage::{Count, Failed, count_tests},
    web,
};

/// The browsers that will do, best first.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

fn directory() -> PathBuf {
    root().join("tests/browser")
}

/// Where the screens that the stories passed are kept, with a page to look at them.
pub fn gallery() -> PathBuf {
    target().join("gallery")
}

/// The browser, installed if need be.
fn browser() -> Result<PathBuf, String> {
    let found = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let places = |name: &&str| directories.iter().map(|at| at.join(name)).find(|path| path.is_file());
        BROWSERS.iter().find_map(places)
    };
    if let Some(path) = found() {
        return Ok(path);
    }
    machine::install("chromium")?;
    machine::install("fonts-noto-core")?;
    found().ok_or_else(|| "chromium is installed, but not found".to_owned())
}

/// A program of Node's, with everything that the stories ask of their surroundings.
pub fn node(arguments: &[&str]) -> Result<Command, String> {
    let directory = directory();
    if !exists("node") {
        machine::install("nodejs")?;
    }
    let lock = fs::read(directory.join("package-lock.json")).map_err(|error| error.to_string())?;
    let stamp = directory.join("node_modules/.installed");
    if !fs::read(&stamp).is_ok_and(|known| known == lock) {
        let mut install = program("npm", &["ci", "--no-audit", "--no-fund"]);
        install.current_dir(&directory);
        run(install)?;
        fs::write(stamp, lock).map_err(|error| error.to_string())?;
    }
    let mut command = program("node", arguments);
    command.current_dir(&directory).env("TRAM_BINARIES", binaries()).env("TRAM_WEB", root().join("mobile/web/dist"));
    command.env("TRAM_CHROMIUM", browser()?).env("TRAM_GALLERY", gallery());
    Ok(command)
}

/// Every story, one after the other: each has phones and a server of its own, and two cores are few.
pub fn stories() -> Result<Count, Failed> {
    let store = web::store_under_test()?;
    // Screens of an earlier run would stand among those of this one.
    if gallery().exists() {
        fs::remove_dir_all(gallery()).map_err(|error| error.to_string())?;
    }
    let mut command = node(&["--test", "--test-concurrency=1", "--test-reporter=tap", "stories/"])?;
    command.env("TRAM_STORE_MODULE", store);
    count_tests(command)
}
