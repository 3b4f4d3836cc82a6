use std::{cell::RefCell, collections::BTreeMap};

use data_encoding::BASE64;
use dossier::{
    fault::Code,
    id::{BlobId, DossierId, PublicKey, sha256},
};

use crate::{
    Device, Method, NewFile, Proceed, Request, Response, Transport, TransportFault, WriteBatch,
    errand::{attachment::path_of, upload::PART_BYTES},
    ledger::{Put, Read},
    ports::{FixedClock, SeededEntropy},
    record::{BlobRecord, CentreRecord},
    store::MemoryStore,
};

/// A tus server in memory.
#[derive(Default)]
struct Tus {
    uploads: RefCell<BTreeMap<String, (u64, Vec<u8>)>>,
    made: RefCell<u32>,
    patches: RefCell<u32>,
    /// Breaks the connection at this patch, after taking so many of its bytes.
    break_at: RefCell<Option<(u32, usize)>>,
    /// What downloads serve, and after how many bytes each breaks off.
    content: Vec<u8>,
    breaks_after: Option<usize>,
}

fn answer(status: u16, headers: &[(&str, String)]) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Response { status, headers, body: Vec::new() }
}

impl Transport for Tus {
    fn send(&self, request: Request) -> Result<Response, TransportFault> {
        let header =
            |name: &str| request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(header("authorization"), Some("Bearer token"));
        let mut uploads = self.uploads.borrow_mut();
        match request.method {
            Method::Post => {
                assert!(header("upload-metadata").unwrap().starts_with("dossier "));
                *self.made.borrow_mut() += 1;
                let path = format!("/v1/uploads/{}", self.made.borrow());
                uploads.insert(path.clone(), (header("upload-length").unwrap().parse().unwrap(), Vec::new()));
                Ok(answer(201, &[("location", format!("http://elsewhere:1{path}"))]))
            }
            Method::Head => Ok(match uploads.get(&request.path) {
                Some((_, bytes)) => answer(200, &[("upload-offset", bytes.len().to_string())]),
                None => answer(404, &[]),
            }),
            Method::Patch => {
                *self.patches.borrow_mut() += 1;
                let Some((_, bytes)) = uploads.get_mut(&request.path) else { return Ok(answer(404, &[])) };
                if header("upload-offset").unwrap() != bytes.len().to_string() {
                    return Ok(answer(409, &[]));
                }
                let sum = format!("sha256 {}", BASE64.encode(&sha256(&[&request.body])));
                assert_eq!(header("upload-checksum"), Some(sum.as_str()));
                let broken = self.break_at.borrow().filter(|(at, _)| *at == *self.patches.borrow());
                if let Some((_, taken)) = broken {
                    bytes.extend_from_slice(&request.body[..taken]);
                    return Err(TransportFault::CutOff { status: None, received: vec![] });
                }
                bytes.extend_from_slice(&request.body);
                Ok(answer(204, &[("upload-offset", bytes.len().to_string())]))
            }
            Method::Get => {
                let range = header("range").unwrap().strip_prefix("bytes=").unwrap();
                let (from, last) = range.split_once('-').unwrap();
                let (from, last): (usize, usize) = (from.parse().unwrap(), last.parse().unwrap());
                let body = &self.content[from..self.content.len().min(last + 1)];
                if let Some(most) = self.breaks_after.filter(|most| *most < body.len()) {
                    return Err(TransportFault::CutOff { status: Some(206), received: body[..most].to_vec() });
                }
                let whole = format!("bytes {from}-{last}/{}", self.content.len());
                Ok(Response { body: body.to_vec(), ..answer(206, &[("content-range", whole)]) })
            }
        }
    }
}

fn device() -> (Device, DossierId) {
    let clock = FixedClock::at(1_795_000_000_000);
    let mut device = Device::init(MemoryStore::new(), clock, SeededEntropy::new(1), "http://centre").unwrap();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let mut batch = WriteBatch::new();
    batch.record(
        CentreRecord::KEY,
        &CentreRecord { token: Some("token".into()), ..CentreRecord::met(PublicKey([1; 32])) },
    );
    device.store.commit(batch).unwrap();
    device.token = Some("token".into());
    (device, dossier)
}

fn content() -> Vec<u8> {
    (0..1_300_000u32).map(|number| (number % 253) as u8).collect()
}

fn attach(device: &mut Device, dossier: &DossierId) -> BlobId {
    let file = NewFile { name: "a.jpg", media: None, size_bytes: None };
    device.attach(dossier, "to-khai", &file, &mut content().as_slice()).unwrap().blob
}

#[test]
fn an_upload_resumes_at_the_byte_where_the_server_is() {
    let (mut device, dossier) = device();
    attach(&mut device, &dossier);
    let server = Tus { break_at: RefCell::new(Some((2, 1_000))), ..Tus::default() };
    let broken = device.upload(&server, &mut |_| Proceed::Go);
    assert_eq!((broken.fault.unwrap().code, broken.pending), (Code::CutOff, 1));
    let report = device.upload(&server, &mut |_| Proceed::Go);
    assert_eq!((report.uploaded, report.pending, report.fault), (1, 0, None));
    assert_eq!(report.sent_bytes, 1_300_000 - PART_BYTES as u64 - 1_000, "nothing that arrived went again");
    assert_eq!(*server.made.borrow(), 1);
    assert_eq!(server.uploads.borrow().values().next().unwrap().1, content());
    assert_eq!(device.show(&dossier).unwrap().attachments.arrived, 1);
    assert_eq!(device.upload(&server, &mut |_| Proceed::Go).uploaded, 0);
}

#[test]
fn an_upload_that_the_server_forgot_begins_anew() {
    let (mut device, dossier) = device();
    attach(&mut device, &dossier);
    let server = Tus { break_at: RefCell::new(Some((2, 0))), ..Tus::default() };
    device.upload(&server, &mut |_| Proceed::Go);
    server.uploads.borrow_mut().clear();
    let report = device.upload(&server, &mut |_| Proceed::Go);
    assert_eq!((report.uploaded, report.fault), (1, None));
    assert_eq!(*server.made.borrow(), 2);
}

#[test]
fn the_shell_may_stop_between_parts() {
    let (mut device, dossier) = device();
    attach(&mut device, &dossier);
    let server = Tus::default();
    let mut told = 0;
    let report = device.upload(&server, &mut |_| {
        told += 1;
        if told > 1 { Proceed::Stop } else { Proceed::Go }
    });
    assert!(report.stopped && report.fault.is_none());
    assert_eq!((*server.patches.borrow(), report.pending), (1, 1));
}

#[test]
fn a_download_resumes_and_is_checked_against_its_name() {
    let (mut device, dossier) = device();
    let blob = BlobId::of(&content());
    let mut server = Tus { content: content(), breaks_after: Some(300_001), ..Tus::default() };
    for _ in 0..4 {
        let fault = device.fetch_blob(&dossier, &blob, &server, &mut |_| Proceed::Go).unwrap_err();
        assert_eq!(fault.code, Code::CutOff);
    }
    assert_eq!(device.read_blob(&blob, &mut Vec::new()).unwrap_err().code, Code::NotFound);
    assert_eq!(device.fetch_blob(&dossier, &blob, &server, &mut |_| Proceed::Go).unwrap(), 1_300_000);
    let mut out = Vec::new();
    device.read_blob(&blob, &mut out).unwrap();
    assert!(out == content());
    server = Tus { content: vec![1; 100], ..Tus::default() };
    let other = BlobId([7; 32]);
    let fault = device.fetch_blob(&dossier, &other, &server, &mut |_| Proceed::Go).unwrap_err();
    assert_eq!(fault.code, Code::BlobMismatch);
    assert_eq!(device.store.record::<BlobRecord>(other.as_bytes()).unwrap(), None);
}

#[test]
fn without_a_token_the_device_must_sync_first() {
    let (mut device, dossier) = device();
    attach(&mut device, &dossier);
    device.token = None;
    let report = device.upload(&Tus::default(), &mut |_| Proceed::Go);
    assert_eq!((report.fault.unwrap().code, report.pending), (Code::NotAuthenticated, 1));
}

#[test]
fn an_address_is_a_path_of_printable_characters() {
    assert_eq!(path_of("https://host:1/v1/uploads/a").as_deref(), Some("/v1/uploads/a"));
    assert_eq!(path_of("/v1/uploads/a").as_deref(), Some("/v1/uploads/a"));
    for bad in ["https://host", "uploads/a", "/a b", "/a\r\nx: y", ""] {
        assert_eq!(path_of(bad), None, "{bad:?}");
    }
}
