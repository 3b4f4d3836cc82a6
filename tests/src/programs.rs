//! Where the programs under test are.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// Set by `cargo xtask`, which has built the programs already: the directory that holds them.
const BUILT_VARIABLE: &str = "TRAM_BINARIES";

/// The two programs, as files.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `tram-server`.
    pub server: PathBuf,
    /// `tram`.
    pub tram: PathBuf,
}

impl Programs {
    /// The programs in the profile that this story was built in; built by cargo first, unless `cargo xtask` did so.
    #[must_use]
    pub fn built() -> &'static Self {
        static PROGRAMS: OnceLock<Programs> = OnceLock::new();
        PROGRAMS.get_or_init(|| {
            let directory = match std::env::var_os(BUILT_VARIABLE) {
                Some(directory) => PathBuf::from(directory),
                None => build(),
            };
            let programs = Self { server: directory.join("tram-server"), tram: directory.join("tram") };
            for program in [&programs.server, &programs.tram] {
                assert!(program.is_file(), "{} is not there: cargo build -p sync-server -p tram", program.display());
            }
            programs
        })
    }
}

/// The directory of the running program's profile, such as `target/debug`.
fn profile_directory() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a file");
    program
        .ancestors()
        .skip(1)
        .find(|directory| directory.file_name().is_some_and(|name| name != "deps"))
        .expect("a test program lies below its profile's directory")
        .to_owned()
}

fn build() -> PathBuf {
    let directory = profile_directory();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--package", "sync-server", "--package", "tram"]);
    if directory.file_name().is_some_and(|name| name == "release") {
        cargo.arg("--release");
    }
    let status = cargo.current_dir(workspace()).status().expect("cargo runs");
    assert!(status.success(), "the programs under test do not build");
    directory
}

/// The workspace's directory.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in the workspace")
}
