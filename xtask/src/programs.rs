//! Starting other programs, in the project's directory.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The project's directory.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |directory| root().join(directory))
}

/// Where the programs of a development build are.
pub fn binaries() -> PathBuf {
    target().join("debug")
}

/// A program to be run in the project's directory.
pub fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// Cargo, the one that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    // What cargo told this program about itself would make it build some dependencies anew, each time.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it, its output going where ours goes.
pub fn run(mut command: Command) -> Result<(), String> {
    let shown = shown(&command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

/// Runs it and answers its standard output; its standard error goes where ours goes.
pub fn read(mut command: Command) -> Result<String, String> {
    let shown = shown(&command);
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("{shown}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(text) } else { Err(format!("{shown}: {}\n{text}", output.status)) }
}

/// Whether a program of that name can be started.
pub fn exists(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(name).is_file())
}

/// The product's programs in a development build; the directory that holds them.
pub fn build() -> Result<PathBuf, String> {
    // The whole workspace, so that every dependency is built with one set of features, once.
    run(cargo(&["build", "--workspace"]))?;
    Ok(binaries())
}

/// The server and the measuring programs, optimised as for release except for what only linking would gain: that takes
/// minutes for each program. The directory that holds them.
pub fn build_measured() -> Result<PathBuf, String> {
    let mut command = cargo(&["build", "--profile", "measured", "--bins", "--package", "sync-server"]);
    command.args(["--package", "tram", "--package", "stories"]);
    run(command)?;
    Ok(target().join("measured"))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
