//! The files of a catalogue as bytes, and their hash.

use std::collections::BTreeMap;
use std::fmt;

use include_dir::{Dir, DirEntry, include_dir};

/// Path, relative to the catalogue's folder, to content.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Largest single file. A procedure with six forms is about 150 kB.
pub const FILE_MAX_BYTES: usize = 2 * 1024 * 1024;
/// Most files: one for each of the country's procedures at provincial and communal level, and room to spare.
pub const FILES_MAX: usize = 8_192;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../catalogue");

/// The files inside this program.
pub fn shipped() -> Files {
    fn collect(dir: &Dir<'_>, out: &mut Files) {
        for entry in dir.entries() {
            match entry {
                DirEntry::Dir(inner) => collect(inner, out),
                DirEntry::File(file) => {
                    // Windows builds embed backslashes; the catalogue's paths are the same everywhere.
                    let path = file.path().to_string_lossy().replace('\\', "/");
                    out.insert(path, file.contents().to_vec());
                }
            }
        }
    }
    let mut out = Files::new();
    collect(&SHIPPED, &mut out);
    out
}

/// Content hash of a catalogue: SHA-256 over each file in order of path, path and content both preceded by their
/// length in bytes as a big-endian 64-bit number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CatalogueHash(pub [u8; 32]);

impl fmt::Display for CatalogueHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for CatalogueHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CatalogueHash({self})")
    }
}

/// The hash of files.
pub fn hash(files: &Files) -> CatalogueHash {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut feed = |bytes: &[u8]| {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        context.update(&length.to_be_bytes());
        context.update(bytes);
    };
    for (path, bytes) in files {
        feed(path.as_bytes());
        feed(bytes);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    CatalogueHash(out)
}
