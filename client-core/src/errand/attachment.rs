//! What uploads and fetches have in common: requests with the device's token, and reading answers.

use dossier::{
    fault::{Code, Fault},
    id::{BlobId, DossierId},
};

use super::told::fault_of_transport;
use crate::{
    device::Device,
    ledger::Read,
    record::FileRecord,
    shelf::ShelfFault,
    store::StoreFault,
    transport::{Method, Request, Response, TransportFault},
};

/// Why an attachment does not travel.
#[derive(Debug, thiserror::Error)]
pub enum TravelFault {
    /// This device's own store failed.
    #[error(transparent)]
    Own(#[from] ShelfFault),
    /// The dossier is not here.
    #[error("the dossier is not on this device")]
    Unknown,
    /// Nobody was reached, or the connection broke.
    #[error(transparent)]
    Transport(#[from] TransportFault),
    /// The server said no.
    #[error("the server refused: {0}")]
    Told(Box<Fault>),
    /// The server's answer makes no sense.
    #[error("the server's answer is not what the protocol says: {0}")]
    Protocol(&'static str),
    /// The content that came is not what its name says.
    #[error("the content does not fit its id")]
    Mismatch,
    /// The device has no token: it must sync first.
    #[error("the device has no token yet")]
    NoToken,
}

impl From<StoreFault> for TravelFault {
    fn from(fault: StoreFault) -> Self {
        Self::Own(fault.into())
    }
}

impl From<TravelFault> for Fault {
    fn from(fault: TravelFault) -> Self {
        match fault {
            TravelFault::Own(fault) => fault.into(),
            TravelFault::Unknown => Code::UnknownDossier.into(),
            TravelFault::Transport(fault) => fault_of_transport(&fault),
            TravelFault::Told(fault) => *fault,
            TravelFault::Protocol(what) => Self::new(Code::Damaged).with("what", what),
            TravelFault::Mismatch => Code::BlobMismatch.into(),
            TravelFault::NoToken => Code::NotAuthenticated.into(),
        }
    }
}

impl Device {
    pub(super) fn authorised(
        &self,
        method: Method,
        path: &str,
        headers: Vec<(&str, String)>,
        body: Vec<u8>,
    ) -> Result<Request, TravelFault> {
        let token = self.token.as_ref().ok_or(TravelFault::NoToken)?;
        let mut headers: Vec<(String, String)> =
            headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        Ok(Request { method, path: path.to_owned(), headers, body })
    }

    /// How an attachment of a dossier stands; `None` if the dossier is not here or does not name it.
    pub(super) fn file_mark(&self, dossier: &DossierId, blob: &BlobId) -> Result<Option<FileRecord>, StoreFault> {
        self.store.record::<FileRecord>(&Self::dossier_key(dossier, blob.as_bytes()))
    }
}

pub fn number(response: &Response, header: &str) -> Option<u64> {
    response.header(header)?.trim().parse().ok()
}

/// The whole length that a `content-range` tells.
pub fn whole_of(response: &Response) -> Option<u64> {
    response.header("content-range")?.rsplit_once('/')?.1.trim().parse().ok()
}

/// The path of an upload's address, whether the server told all of it or only the path.
pub fn path_of(location: &str) -> Option<String> {
    let path = match location.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map(|(_, path)| format!("/{path}"))?,
        None => location.to_owned(),
    };
    let sound = path.starts_with('/') && path.len() <= 512 && path.bytes().all(|byte| byte.is_ascii_graphic());
    sound.then_some(path)
}
