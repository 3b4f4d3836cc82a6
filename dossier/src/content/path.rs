use serde::{Deserialize, Serialize};

use crate::id::BlobId;

/// The longest path of a cell, in bytes. A group, a row id of 32 and a field of 64 fit four times over.
pub const MAX_PATH_BYTES: usize = 256;

/// The four root maps of the content document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// Which procedure, under which catalogue.
    Procedure,
    /// The e-form's answers.
    Answers,
    /// The papers: counts and files.
    Components,
    /// Long free text.
    Texts,
}

impl Root {
    /// All of them, in the order in which [`super::genesis`] makes them.
    pub const ALL: [Self; 4] = [Self::Procedure, Self::Answers, Self::Components, Self::Texts];

    /// The key in the document's root.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Procedure => "procedure",
            Self::Answers => "answers",
            Self::Components => "components",
            Self::Texts => "texts",
        }
    }
}

/// Text that names no cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a cell")]
pub struct PathFault;

/// One cell of the content document, such as `answers/child_name` or `components/declaration/copies`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentPath {
    root: Root,
    key: String,
}

impl ContentPath {
    /// A cell under a root. The key is 1–256 bytes with no control characters.
    pub fn new(root: Root, key: impl Into<String>) -> Result<Self, PathFault> {
        let key = key.into();
        if Self::is_key(&key) { Ok(Self { root, key }) } else { Err(PathFault) }
    }

    /// Whether text can be the key of a cell.
    #[must_use]
    pub(super) fn is_key(key: &str) -> bool {
        !key.is_empty() && key.len() <= MAX_PATH_BYTES && !key.chars().any(char::is_control)
    }

    /// The cell of a file among the papers of a component.
    pub fn file(component: &str, blob: &BlobId) -> Result<Self, PathFault> {
        Self::new(Root::Components, format!("{component}/files/{blob}"))
    }

    /// The root map.
    #[must_use]
    pub fn root(&self) -> Root {
        self.root
    }

    /// The key within the root map.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The component and blob, if this is the cell of a file.
    #[must_use]
    pub fn as_file(&self) -> Option<(&str, BlobId)> {
        if self.root != Root::Components {
            return None;
        }
        let (component, blob) = self.key.split_once("/files/")?;
        Some((component, blob.parse().ok()?))
    }
}

impl std::fmt::Display for ContentPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.root.key(), self.key)
    }
}

impl std::str::FromStr for ContentPath {
    type Err = PathFault;

    fn from_str(text: &str) -> Result<Self, PathFault> {
        let (root, key) = text.split_once('/').ok_or(PathFault)?;
        let root = Root::ALL.into_iter().find(|known| known.key() == root).ok_or(PathFault)?;
        Self::new(root, key)
    }
}

/// What a dossier says about one attached file; the cell's text is its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// Size of the content, in bytes.
    pub bytes: u64,
    /// Media type, such as `image/jpeg`.
    pub media: String,
    /// Which page of the component it is, for order.
    pub page: u32,
}

impl FileNote {
    /// The text of the cell.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a file note is plain data")
    }

    /// Reads a cell; `None` if somebody wrote something else there.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
