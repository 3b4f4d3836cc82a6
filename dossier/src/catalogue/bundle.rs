//! The whole catalogue as one JSON document for download.
//!
//! Each file travels as the text it is, not as parsed JSON, so that the receiver hashes the very bytes the sender did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::files::{self, FILE_MAX_BYTES, FILES_MAX};
use super::{Catalogue, CatalogueError};

/// Largest bundle that is read: 1,500 procedures of 30 kB come to 45 MB.
pub const BUNDLE_MAX_BYTES: usize = 96 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle<'a> {
    /// 1.
    format: u32,
    version: String,
    /// Hexadecimal SHA-256 of the files.
    hash: String,
    #[serde(borrow)]
    files: BTreeMap<String, std::borrow::Cow<'a, str>>,
}

/// A document is no bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Larger than [`BUNDLE_MAX_BYTES`], or with more or larger files than a catalogue has.
    #[error("the bundle is too large")]
    TooLarge,
    /// Not the JSON of a bundle.
    #[error("the bundle cannot be read: {0}")]
    Unreadable(String),
    /// Made by a newer program.
    #[error("the bundle has format {0}, which this program does not know")]
    UnknownFormat(u32),
    /// Cut or altered on the way: the files do not have the hash that the bundle states.
    #[error("the bundle's files do not have the hash it states")]
    Altered,
    /// The files are no catalogue.
    #[error(transparent)]
    Faulty(#[from] CatalogueError),
}

const FORMAT: u32 = 1;

impl Catalogue {
    /// The bundle of this catalogue. The same catalogue always gives the same text.
    pub fn to_bundle(&self) -> String {
        let bundle = Bundle {
            format: FORMAT,
            version: self.version().to_owned(),
            hash: self.hash().to_string(),
            files: self.files.iter().map(|(path, bytes)| (path.clone(), String::from_utf8_lossy(bytes))).collect(),
        };
        serde_json::to_string(&bundle).expect("strings and numbers always have a JSON form")
    }

    /// Reads a bundle and checks its hash and its files.
    pub fn from_bundle(json: &[u8]) -> Result<Self, BundleError> {
        if json.len() > BUNDLE_MAX_BYTES {
            return Err(BundleError::TooLarge);
        }
        let bundle: Bundle<'_> =
            serde_json::from_slice(json).map_err(|error| BundleError::Unreadable(error.to_string()))?;
        let Bundle { format, version: _, hash, files } = bundle;
        if format != FORMAT {
            return Err(BundleError::UnknownFormat(format));
        }
        if files.len() > FILES_MAX || files.values().any(|text| text.len() > FILE_MAX_BYTES) {
            return Err(BundleError::TooLarge);
        }
        let files = files.into_iter().map(|(path, text)| (path, text.into_owned().into_bytes())).collect();
        if files::hash(&files).to_string() != hash {
            return Err(BundleError::Altered);
        }
        Ok(Self::from_files(files)?)
    }
}
