//! A compiler for `wasm32-unknown-unknown`.
//!
//! The standard library that comes with a compiler is built to be fast; here it is built from its sources to be small, which
//! spares each phone 67 kB. Where rustup can fetch the sources, cargo builds them with everything else. Where it cannot,
//! Debian's compiler builds them once from Debian's, into a directory of its own under `target`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    machine,
    programs::{cargo, exists, program, read, run, target},
    say,
};

pub const TARGET: &str = "wasm32-unknown-unknown";
/// Forces one way: `rustup` or `debian`.
const WAY: &str = "TRAM_WASM_COMPILER";
/// Debian's compiler, its library's sources, its linker.
const PACKAGES: [&str; 4] = ["rustc-web", "rust-web-src", "rust-web-llvm", "lld-22"];
const DEBIAN_COMPILER: &str = "/usr/bin/rustc";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library";
/// How long rustup may try to fetch the sources, in seconds, before the other way is taken.
const FETCH_SECONDS: &str = "60";
/// What zstd leaves out on a phone: the slow encoders (a level that asks for one takes the quickest of those that are
/// left), and a copy of each function for every width that it is used with.
const ZSTD_FLAGS: &str = "-DZSTD_EXCLUDE_GREEDY_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_LAZY_BLOCK_COMPRESSOR \
    -DZSTD_EXCLUDE_LAZY2_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_BTLAZY2_BLOCK_COMPRESSOR \
    -DZSTD_EXCLUDE_BTOPT_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_BTULTRA_BLOCK_COMPRESSOR -DZSTD_STRIP_ERROR_STRINGS \
    -DHUF_FORCE_DECOMPRESS_X1 -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DZSTD_NO_INLINE";

/// What a module leaves out that nobody on a phone reads: the texts of panics and of `Debug`, and what a panic does before it
/// stops the module, as it does either way. These flags are not stable, so the compiler is told to take them.
const SMALL: &str = "-Zfmt-debug=none -Zlocation-detail=none -Cpanic=immediate-abort -Zunstable-options";
/// The standard library, small before fast, too.
const LIBRARY: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/// A compiler that is ready.
pub enum Compiler {
    /// The toolchain's own.
    Own,
    /// Another one, by the path of its `rustc`.
    Other(PathBuf),
}

impl Compiler {
    /// Cargo with this compiler, building into a directory of its own: two compilers must not share one.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = cargo(arguments);
        command.env("CARGO_TARGET_DIR", directory()).env("CC_wasm32_unknown_unknown", "clang");
        command.env("CFLAGS_wasm32_unknown_unknown", ZSTD_FLAGS);
        command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", SMALL);
        match self {
            Self::Own => command.args(LIBRARY),
            // What rustup told this process about its toolchain would lead the other compiler astray.
            Self::Other(rustc) => command.env("RUSTC", rustc).env_remove("RUSTUP_TOOLCHAIN"),
        };
        command
    }
}

/// Where everything for the browser is built.
pub fn directory() -> PathBuf {
    target().join("web")
}

/// Finds a compiler or makes one.
pub fn ready() -> Result<Compiler, String> {
    if !exists("clang") {
        machine::install("clang")?;
    }
    match std::env::var(WAY).as_deref() {
        Ok("rustup") => {
            by_rustup()?.ok_or_else(|| format!("rustup cannot fetch the standard library's sources ({WAY}=rustup)"))
        }
        Ok("debian") => by_debian(),
        Ok(other) => Err(format!("{WAY} is rustup or debian, not {other}")),
        Err(_) => match by_rustup()? {
            Some(compiler) => Ok(compiler),
            None => by_debian(),
        },
    }
}

fn by_rustup() -> Result<Option<Compiler>, String> {
    let sysroot = read(program("rustc", &["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").is_dir() {
        return Ok(Some(Compiler::Own));
    }
    if !exists("rustup") || !exists("timeout") {
        return Ok(None);
    }
    say::line("fetching the standard library's sources by rustup");
    let fetched = run(program("timeout", &[FETCH_SECONDS, "rustup", "component", "add", "rust-src"]));
    Ok(fetched.is_ok().then_some(Compiler::Own))
}

fn by_debian() -> Result<Compiler, String> {
    if !Path::new(DEBIAN_COMPILER).is_file() || !Path::new(DEBIAN_SOURCES).is_dir() || linker().is_none() {
        PACKAGES.into_iter().try_for_each(machine::install)?;
    }
    let told = read(program(DEBIAN_COMPILER, &["-vV"]))?;
    let word =
        |name: &str| told.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("unknown").trim().to_owned();
    let sysroot = directory().join(format!("sysroot-{}", word("release:")));
    let rustc = sysroot.join("bin/rustc");
    if !rustc.is_file() {
        say::line("building the standard library for the browser, once");
        lay_sysroot(&sysroot, &word("host:")).map_err(|error| format!("the library for the browser: {error}"))?;
    }
    Ok(Compiler::Other(rustc))
}

/// Debian's linker for WebAssembly.
fn linker() -> Option<PathBuf> {
    let linked = fs::canonicalize("/usr/bin/rust-lld").ok().filter(|path| path.is_file());
    linked.or_else(|| Some(PathBuf::from("/usr/bin/wasm-ld-22")).filter(|path| path.is_file()))
}

/// Builds the standard library and lays a sysroot around it; the compiler's own name comes last, so that a sysroot
/// half laid is laid again.
fn lay_sysroot(sysroot: &Path, host: &str) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let scratch = tempfile::tempdir().map_err(told)?;
    let source = scratch.path().join("src");
    fs::create_dir_all(&source).map_err(told)?;
    fs::write(source.join("lib.rs"), "#![no_std]\n").map_err(told)?;
    fs::write(
        scratch.path().join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n\
         [profile.release]\npanic = \"abort\"\nopt-level = \"z\"\n",
    )
    .map_err(told)?;
    let built = scratch.path().join("built");
    let mut command = cargo(&["build", "--release", "-Zbuild-std=std,panic_abort,proc_macro,test", "--target", TARGET]);
    command.arg("-Zbuild-std-features=optimize_for_size").current_dir(scratch.path());
    command.env("RUSTC", DEBIAN_COMPILER).env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTUP_TOOLCHAIN");
    let flags = format!("-Cembed-bitcode=yes -Cdebuginfo=0 {SMALL}");
    command.env("RUSTFLAGS", flags).env("CARGO_TARGET_DIR", &built);
    run(command)?;
    if sysroot.exists() {
        fs::remove_dir_all(sysroot).map_err(told)?;
    }
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let of_host = sysroot.join("lib/rustlib").join(host);
    fs::create_dir_all(&libraries).map_err(told)?;
    fs::create_dir_all(of_host.join("bin")).map_err(told)?;
    fs::create_dir_all(sysroot.join("bin")).map_err(told)?;
    for entry in fs::read_dir(built.join(TARGET).join("release/deps")).map_err(told)? {
        let path = entry.map_err(told)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let wanted = name.ends_with(".rlib") || name.ends_with(".rmeta");
        if wanted && !name.starts_with("libempty") {
            fs::copy(&path, libraries.join(&name)).map_err(told)?;
        }
    }
    use std::os::unix::fs::{PermissionsExt, symlink};
    symlink(Path::new("/usr/lib/rustlib").join(host).join("lib"), of_host.join("lib")).map_err(told)?;
    symlink(linker().ok_or("Debian's linker is not found")?, of_host.join("bin/rust-lld")).map_err(told)?;
    let rustc = sysroot.join("bin/rustc");
    let script = format!("#!/bin/sh\nexec {DEBIAN_COMPILER} --sysroot '{}' \"$@\"\n", sysroot.display());
    fs::write(rustc.with_extension("new"), script).map_err(told)?;
    fs::set_permissions(rustc.with_extension("new"), fs::Permissions::from_mode(0o755)).map_err(told)?;
    fs::rename(rustc.with_extension("new"), rustc).map_err(told)
}
