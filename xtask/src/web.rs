//! `cargo xtask web`: the apps as files to be served.
//!
//! ```text
//! mobile/browser ──cargo, wasm32──▶ target/web/…/tram_browser.wasm ──bind──▶ mobile/web/src/core/pkg
//! mobile/web     ──npm, vite──────▶ mobile/web/dist ──embedded when next built──▶ tram-server
//! ```

mod compiler;
mod core;
mod pages;

use clap::Args;

use crate::say;

/// What to build.
#[derive(Debug, Args)]
pub struct Options {
    /// Only the core, not the pages around it.
    #[arg(long, conflicts_with = "store_test")]
    core_only: bool,
    /// Only the browser's store as a module under test; prints its folder, for `TRAM_STORE_MODULE`.
    #[arg(long)]
    store_test: bool,
}

/// Builds the apps; says how much each visitor transfers.
pub fn run(options: &Options) -> Result<(), String> {
    if options.store_test {
        say::line(&store_under_test()?.display().to_string());
        return Ok(());
    }
    core::build()?;
    if options.core_only {
        return Ok(());
    }
    pages::build()?;
    for (what, bytes) in pages::weights()? {
        say::line(&format!("{:>8.1} kB  {what}", bytes as f64 / 1000.0));
    }
    Ok(())
}

/// The same, where the result alone is wanted.
pub fn build() -> Result<(), String> {
    core::build()?;
    pages::build()
}

/// The browser's store as a module to be tested; the directory that holds it.
pub fn store_under_test() -> Result<std::path::PathBuf, String> {
    core::store_under_test()
}

/// Types and markup of the pages.
pub use pages::check;
