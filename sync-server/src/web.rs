//! The browser apps, as files: taken into the program when it was built, or read from a folder at start.
//!
//! All of them are held in memory under their addresses. A request is answered by looking its address up, so no address
//! leads out of the folder, however it is spelt. What the answers' headers say is [`crate::http`]'s part.

mod media;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use dossier::id::sha256;

/// The built app as it was when this program was built: names and contents. Empty if there was none.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/web_files.rs"));

/// The page of every app; the app looks at the address itself.
const PAGE: &str = "/index.html";
/// Where apps begin.
const APPS: [&str; 4] = ["/postal", "/branch", "/operator", "/track"];
/// Names under this are made from the content, so what stands there never changes.
const HASHED: &str = "/assets/";
/// The largest folder that is taken in, in bytes: ten times what the apps weigh.
const MAX_BYTES: u64 = 256 << 20;

/// Why a folder cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebFault {
    /// It cannot be read.
    #[error("the web folder {folder} cannot be read")]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds no page.
    #[error("the web folder {folder} has no index.html; `cargo xtask web` builds one")]
    NoPage {
        /// The folder.
        folder: PathBuf,
    },
    /// It holds more than any app.
    #[error("the web folder {folder} holds more than {MAX_BYTES} bytes")]
    TooLarge {
        /// The folder.
        folder: PathBuf,
    },
}

/// A way in which content is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Brotli,
    /// gzip.
    Gzip,
}

impl Coding {
    /// As in `content-encoding`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// One file of the apps.
#[derive(Debug, Clone)]
pub struct WebFile {
    /// Its media type.
    pub media: &'static str,
    /// Its content.
    pub plain: Bytes,
    /// The same in Brotli, if the build made it.
    pub brotli: Option<Bytes>,
    /// The same in gzip, if the build made it.
    pub gzip: Option<Bytes>,
    /// The beginning of the content's SHA-256, in hexadecimal.
    pub tag: String,
    /// Whether the name follows from the content, so that a copy is good for ever.
    pub is_immutable: bool,
}

impl WebFile {
    /// The best form of those that are allowed.
    #[must_use]
    pub fn form(&self, brotli: bool, gzip: bool) -> (Option<Coding>, &Bytes) {
        match (&self.brotli, &self.gzip) {
            (Some(bytes), _) if brotli => (Some(Coding::Brotli), bytes),
            (_, Some(bytes)) if gzip => (Some(Coding::Gzip), bytes),
            _ => (None, &self.plain),
        }
    }

    /// Whether it has several forms, so that a cache must look at what was asked for.
    #[must_use]
    pub fn has_forms(&self) -> bool {
        self.brotli.is_some() || self.gzip.is_some()
    }
}

/// What an address shows.
#[derive(Debug, Clone, Copy)]
pub enum Found<'a> {
    /// A file.
    File(&'a WebFile),
    /// It is an app's address, and no app was built.
    NotBuilt,
    /// Nothing.
    Nothing,
}

/// The apps' files by address.
#[derive(Debug, Clone, Default)]
pub struct Web(BTreeMap<String, WebFile>);

impl Web {
    /// The apps inside this program; empty if it was built without them.
    #[must_use]
    pub fn embedded() -> Self {
        Self::of(EMBEDDED.iter().map(|(name, content)| ((*name).to_owned(), Bytes::from_static(content))).collect())
    }

    /// The apps of a folder, read now: what changes there later is seen after the next start.
    pub fn folder(folder: &Path) -> Result<Self, WebFault> {
        let unreadable = |source| WebFault::Unreadable { folder: folder.to_owned(), source };
        let (mut files, mut bytes, mut folders) = (BTreeMap::new(), 0u64, vec![folder.to_owned()]);
        while let Some(inner) = folders.pop() {
            for entry in std::fs::read_dir(&inner).map_err(unreadable)? {
                let path = entry.map_err(unreadable)?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(relative) = path.strip_prefix(folder) {
                    bytes = bytes.saturating_add(std::fs::metadata(&path).map_err(unreadable)?.len());
                    if bytes > MAX_BYTES {
                        return Err(WebFault::TooLarge { folder: folder.to_owned() });
                    }
                    let name = relative.to_string_lossy().replace('\\', "/");
                    files.insert(name, Bytes::from(std::fs::read(&path).map_err(unreadable)?));
                }
            }
        }
        let web = Self::of(files);
        if web.0.contains_key(PAGE) { Ok(web) } else { Err(WebFault::NoPage { folder: folder.to_owned() }) }
    }

    /// Files by their names within the folder. Compressed forms go with the file that they are forms of; names that
    /// begin with a dot are not for the world.
    fn of(mut files: BTreeMap<String, Bytes>) -> Self {
        files.retain(|name, _| !name.split('/').any(|part| part.starts_with('.')));
        let forms: BTreeMap<String, Bytes> =
            files.extract_if(.., |name, _| name.ends_with(".br") || name.ends_with(".gz")).collect();
        let served = files.into_iter().map(|(name, plain)| {
            let mut tag = HEXLOWER.encode(&sha256(&[&plain]));
            tag.truncate(32);
            let address = format!("/{name}");
            let file = WebFile {
                media: media::of(&name),
                brotli: forms.get(&format!("{name}.br")).cloned(),
                gzip: forms.get(&format!("{name}.gz")).cloned(),
                is_immutable: address.starts_with(HASHED),
                plain,
                tag,
            };
            (address, file)
        });
        Self(served.collect())
    }

    /// What stands at an address, which is taken as it came: file names of the apps need no escapes.
    #[must_use]
    pub fn at(&self, path: &str) -> Found<'_> {
        match self.0.get(path) {
            Some(file) => Found::File(file),
            None if is_page(path) => self.0.get(PAGE).map_or(Found::NotBuilt, Found::File),
            None => Found::Nothing,
        }
    }
}

/// Whether an address is a place within an app, and not a file.
fn is_page(path: &str) -> bool {
    let below = |app: &str| path.strip_prefix(app).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // Official codes have a dot, and stand alone behind the tracking app.
    let is_code = |code: &str| !code.starts_with('.') && !code.contains(['/', '%']);
    // An escape may stand for a dot; no place within the apps needs one.
    let is_place = APPS.into_iter().any(below) && !path.contains(['.', '%']);
    is_place || path == "/" || path == PAGE || path.strip_prefix("/track/").is_some_and(is_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_places_within_apps() {
        for page in
            ["/", "/index.html", "/postal", "/postal/", "/branch/queue/7", "/operator", "/track/H29.16-261121-0001"]
        {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "/postalx",
            "/track/..",
            "/track/a.b/c",
            "/track/%2e%2e/x",
            "/postal/a.js",
            "/v1/sync",
            "/assets/",
            "//",
            "",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }

    #[test]
    fn forms_and_hidden_files_have_no_address() {
        let names = ["index.html", "index.html.br", "sw.js", "lone.gz", ".vite/manifest.json", "assets/.x"];
        let web = Web::of(names.map(|name| (name.to_owned(), Bytes::from_static(b"x"))).into());
        assert_eq!(web.0.keys().collect::<Vec<_>>(), ["/index.html", "/sw.js"]);
        assert!(web.0["/index.html"].has_forms() && !web.0["/sw.js"].has_forms());
    }
}
