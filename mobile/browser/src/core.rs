//! The object that the worker holds.

use std::fmt;

use client_core::{
    Device, Errand, Method, NewFile, Response, TransportFault,
    browser::{BrowserClock, BrowserEntropy, LogStore, Medium, OriginFile},
};
use dossier::{
    fault::{Code, Fault},
    id::{BlobId, DossierId},
};
use serde::Deserialize;
use wasm_bindgen::{JsError, JsValue, prelude::wasm_bindgen};
use web_sys::FileSystemSyncAccessHandle;

use crate::call;

/// A device on a file of the origin.
#[wasm_bindgen]
pub struct Core {
    device: Device,
    /// The errand on its way. There is one at a time; the worker begins the next when it is over.
    errand: Option<Errand>,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Core({:?})", self.device)
    }
}

/// One request for the worker to carry.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug)]
pub struct TravelRequest {
    /// `GET`, `HEAD`, `POST` or `PATCH`.
    pub method: String,
    /// The path at the Centre.
    pub path: String,
    /// Header names and values, as JSON pairs.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
struct Attach {
    dossier: DossierId,
    component: String,
    name: String,
    media: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Travel {
    Sync {},
    Upload {},
    Fetch { dossier: DossierId, blob: BlobId },
}

/// Faults are thrown as their JSON, in the message of an error.
fn thrown(fault: Fault) -> JsError {
    JsError::new(&serde_json::to_string(&fault).unwrap_or_else(|_| fault.code.to_string()))
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, JsError> {
    serde_json::from_str(json).map_err(|error| thrown(Fault::new(Code::BadRequest).with("reason", error.to_string())))
}

#[wasm_bindgen]
impl Core {
    /// Opens the device on a file, or sets a new one up there if the file is empty. Throws a fault.
    pub fn open(handle: FileSystemSyncAccessHandle, server_url: &str) -> Result<Core, JsError> {
        let medium = Medium::new(OriginFile::new(handle));
        let store = |medium: &Medium| LogStore::open(medium).map_err(|fault| thrown(fault.into()));
        let opened = match Device::open(store(&medium)?, BrowserClock, BrowserEntropy::new()) {
            Err(fault) if fault.code == Code::NotSetUp => {
                Device::init(store(&medium)?, BrowserClock, BrowserEntropy::new(), server_url)
            }
            opened => opened,
        };
        Ok(Self { device: opened.map_err(thrown)?, errand: None })
    }

    /// Answers an operation; the arguments and the answer are JSON. Throws a fault.
    pub fn call(&mut self, operation: &str, args: &str) -> Result<String, JsError> {
        call::answer(&mut self.device, operation, args).map_err(thrown)
    }

    /// Attaches bytes; the arguments and the answer are JSON. Throws a fault.
    pub fn attach(&mut self, args: &str, bytes: &[u8]) -> Result<String, JsError> {
        let Attach { dossier, component, name, media } = read(args)?;
        let file = NewFile { name: &name, media: media.as_deref(), size_bytes: Some(bytes.len() as u64) };
        let attached = self.device.attach(&dossier, &component, &file, &mut &bytes[..]).map_err(thrown)?;
        serde_json::to_string(&attached).map_err(|error| JsError::new(&error.to_string()))
    }

    /// The bytes of an attachment that is wholly here. Throws a fault.
    pub fn read_blob(&self, blob: &str) -> Result<Vec<u8>, JsError> {
        let blob: BlobId = blob.parse().map_err(|_| thrown(Code::NotFound.into()))?;
        let mut bytes = Vec::new();
        self.device.read_blob(&blob, &mut bytes).map_err(thrown)?;
        Ok(bytes)
    }

    /// What to show the Centre as `authorization: Bearer …`; nothing before the first sync.
    pub fn token(&self) -> Option<String> {
        self.device.token().map(str::to_owned)
    }

    /// Begins an errand: `{"kind":"sync"}`, `{"kind":"upload"}` or `{"kind":"fetch","dossier":…,"blob":…}`. An errand
    /// that is not over is dropped; what it did stands. Throws a fault.
    pub fn travel_begin(&mut self, errand: &str) -> Result<(), JsError> {
        self.errand = Some(match read(errand)? {
            Travel::Sync {} => self.device.errand_sync(),
            Travel::Upload {} => self.device.errand_upload(),
            Travel::Fetch { dossier, blob } => self.device.errand_fetch(&dossier, &blob),
        });
        Ok(())
    }

    /// The next request to carry; nothing when the errand is over. Throws a fault of the device's own.
    pub fn travel_next(&mut self) -> Result<Option<TravelRequest>, JsError> {
        let Some(errand) = &mut self.errand else { return Ok(None) };
        let Some(request) = self.device.errand_next(errand).map_err(thrown)? else { return Ok(None) };
        let method = match request.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Patch => "PATCH",
        };
        let headers = serde_json::to_string(&request.headers).map_err(|error| JsError::new(&error.to_string()))?;
        Ok(Some(TravelRequest { method: method.to_owned(), path: request.path, headers, body: request.body }))
    }

    /// Takes an answer: its status, its headers as JSON pairs with names in lower case, and its body. Without a status
    /// nobody was reached; with `cut` the connection broke and the body is what came. Throws a fault of the device's own.
    pub fn travel_take(&mut self, status: Option<u16>, headers: &str, body: Vec<u8>, cut: bool) -> Result<(), JsError> {
        let Some(errand) = &mut self.errand else { return Ok(()) };
        let answer = match (status, cut) {
            (None, false) => Err(TransportFault::Offline),
            (status, true) => Err(TransportFault::CutOff { status, received: body }),
            (Some(status), false) => Ok(Response { status, headers: read(headers)?, body }),
        };
        self.device.errand_take(errand, answer).map_err(thrown)
    }

    /// How far the errand has come: JSON of stage, done, total.
    pub fn travel_progress(&self) -> Result<JsValue, JsError> {
        let told = self.errand.as_ref().map(|errand| serde_json::to_string(&errand.progress())).transpose();
        Ok(told.map_err(|error| JsError::new(&error.to_string()))?.map_or(JsValue::NULL, JsValue::from))
    }

    /// What came of the errand, as JSON; it is forgotten then.
    pub fn travel_report(&mut self) -> Result<String, JsError> {
        let report = self.errand.take().map(|errand| errand.report());
        serde_json::to_string(&report).map_err(|error| JsError::new(&error.to_string()))
    }

    /// Lets the errand end at its next safe point.
    pub fn travel_stop(&mut self) {
        if let Some(errand) = &mut self.errand {
            errand.stop();
        }
    }
}
