//! The core as a WebAssembly module with its JavaScript side.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wasm_bindgen_cli_support::Bindgen;

use super::compiler::{self, Compiler};
use crate::programs::{root, run};

/// Builds the core and binds it for the pages.
pub fn build() -> Result<(), String> {
    let compiler = compiler::ready()?;
    let module = module(&compiler, "tram-browser", "tram_browser")?;
    bind(&module, &root().join("mobile/web/src/core/pkg"))
}

/// The browser's store as a module to be tested; the directory that holds it.
pub fn store_under_test() -> Result<PathBuf, String> {
    let module = module(&compiler::ready()?, "store-test", "store_test")?;
    let into = compiler::directory().join("store-test");
    bind(&module, &into)?;
    Ok(into)
}

/// A package of the workspace as a module; where it lies.
fn module(compiler: &Compiler, package: &str, name: &str) -> Result<PathBuf, String> {
    // Debian's compiler may be older than what the workspace says it is tried with; what it cannot compile it says.
    let arguments = ["build", "--profile", "web", "--package", package, "--target", compiler::TARGET];
    let mut command = compiler.cargo(&arguments);
    command.arg("--ignore-rust-version");
    run(command)?;
    Ok(compiler::directory().join(compiler::TARGET).join("web").join(format!("{name}.wasm")))
}

/// Writes the JavaScript side, if the module changed since.
fn bind(module: &Path, into: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", into.display());
    let stamp = into.join("module");
    let bytes = fs::read(module).map_err(told)?;
    if fs::read(&stamp).is_ok_and(|known| known == fingerprint(&bytes)) {
        return Ok(());
    }
    let mut binding = Bindgen::new();
    let bound = binding.input_path(module).web(true).map_err(|error| error.to_string())?.typescript(true);
    bound.remove_name_section(true).remove_producers_section(true);
    bound.omit_default_module_path(false).generate(into).map_err(|error| format!("binding: {error:#}"))?;
    fs::write(stamp, fingerprint(&bytes)).map_err(told)
}

/// Enough to notice that a module is another one.
fn fingerprint(bytes: &[u8]) -> Vec<u8> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{} {:016x}\n", bytes.len(), hasher.finish()).into_bytes()
}
