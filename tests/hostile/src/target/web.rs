//! HTTP: routes, headers, tus, tokens, small bodies.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
    response::Response,
};
use data_encoding::BASE64;
use dossier::{
    id::BlobId,
    wire::{Batch, MEDIA_TYPE},
};
use sync_server::{
    blob::BlobStore,
    http::{App, Face, router},
    upload::Uploads,
    web::Web,
};
use tokio::{runtime, sync::watch};
use tower::ServiceExt as _;

use super::{Target, Verdict};
use crate::{
    centre::{Room, at_once},
    honest::{self, DOSSIER, NOW_MS, Who},
    mutate::Shape,
};

/// A request in words: `POST /path`, headers as lines, an empty line, the body.
fn read(input: &[u8], from: SocketAddr) -> Option<Request<Body>> {
    let at = input.windows(2).position(|two| two == b"\n\n").unwrap_or(input.len());
    let head = &input[..at];
    let body = input.get(at + 2..).unwrap_or_default().to_vec();
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, path) = first.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(from));
    for line in lines {
        let at = line.windows(2).position(|two| two == b": ")?;
        request = request.header(&line[..at], &line[at + 2..]);
    }
    request.body(Body::from(body)).ok()
}

/// A Centre's HTTP face, and whoever asks it.
pub(crate) struct Asker {
    /// The token of a device with a dossier.
    pub token: String,
    /// The token of an operator.
    pub operator: String,
    runtime: runtime::Runtime,
    router: Router,
    calls: u32,
    // The face looks at these for as long as it answers.
    _stopping: watch::Sender<bool>,
    _directory: tempfile::TempDir,
}

impl Asker {
    pub(crate) fn new() -> Self {
        let room = Room::new();
        let postal = honest::whole_batch(Who::Postal);
        room.post(honest::seal(&postal, Who::Postal)).expect("an honest batch");
        let invited =
            at_once(room.operating().invite("operator", honest::UNIT, "Vận hành", 14)).expect("an invitation");
        let token = Some(invited.invitation.token.to_vec());
        let hello = dossier::wire::Hello { invitation: token, ..honest::hello(Who::Officer, 1) };
        room.post(honest::seal(&Batch { hello, dossiers: vec![] }, Who::Officer)).expect("a good invitation");
        let centre = &room.exchange.centre;
        let token = centre.token(honest::key(Who::Postal).device(), NOW_MS);
        let operator = centre.token(honest::key(Who::Officer).device(), NOW_MS);
        let directory = tempfile::tempdir().expect("a directory");
        let blobs = BlobStore::in_directory(directory.path()).expect("an empty directory");
        let exchange = room.exchange.clone();
        let uploads = Uploads::new(exchange.storage.clone(), blobs.clone(), exchange.clock.clone(), room.entropy());
        let (stopping, stopped) = watch::channel(false);
        let face = Face { web: Web::embedded(), listeners: 4, stopped };
        let router = router(App::new(exchange, uploads, blobs, room.entropy(), face));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { token, operator, runtime, router, calls: 0, _stopping: stopping, _directory: directory }
    }

    /// The answer; `None` if the words are no request.
    fn ask(&mut self, words: &[u8]) -> Option<Response> {
        // What a request may cost is measured, not how many of them one address may send.
        self.calls = self.calls.wrapping_add(1);
        let [a, b, c, d] = self.calls.to_be_bytes();
        let request = read(words, SocketAddr::from(([a, b, c, d], 7)))?;
        Some(self.runtime.block_on(self.router.clone().oneshot(request)).expect("a router always answers"))
    }

    /// The code of the refusal.
    pub(crate) fn code(&mut self, words: &[u8]) -> String {
        let Some(answer) = self.ask(words) else { return "no request".to_owned() };
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20);
        let body = self.runtime.block_on(body).expect("a refusal is short");
        let fault: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        fault["code"].as_str().unwrap_or("taken").to_owned()
    }
}

/// Requests to every route.
pub fn request() -> Target {
    let mut asker = Asker::new();
    let (token, operator) = (asker.token.clone(), asker.operator.clone());
    let blob = BlobId::of(b"page");
    let metadata = format!(
        "dossier {},blob {}",
        BASE64.encode(DOSSIER.to_string().as_bytes()),
        BASE64.encode(blob.to_string().as_bytes())
    );
    let bearer = format!("authorization: Bearer {token}");
    let sync = honest::seal(&honest::whole_batch(Who::Stranger), Who::Stranger);
    let tus = "tus-resumable: 1.0.0";
    let mut honest: Vec<Vec<u8>> = [
        "GET /v1/health\n\n".to_owned(),
        "GET /v1/track/H29.16-261121-0042\nx-forwarded-for: 203.0.113.7\n\n".to_owned(),
        "GET /v1/guide/procedures?query=khai%20sinh&sector=&life_event=\n\n".to_owned(),
        "GET /v1/guide/procedures/1.001193\n\n".to_owned(),
        format!("GET /v1/dossiers?status=1&limit=20&before_ms=5&before_dossier={DOSSIER}\n{bearer}\n\n"),
        format!("GET /v1/dossiers/{DOSSIER}/history\n{bearer}\n\n"),
        format!("GET /v1/dossiers/{DOSSIER}/blobs/{blob}\n{bearer}\nrange: bytes=0-3\n\n"),
        format!("POST /v1/uploads\n{bearer}\n{tus}\nupload-length: 4\nupload-metadata: {metadata}\n\n"),
        format!("HEAD /v1/uploads/0102\n{bearer}\n{tus}\n\n"),
        format!(
            "PATCH /v1/uploads/0102\n{bearer}\n{tus}\ncontent-type: application/offset+octet-stream\nupload-offset: 0\n\
             upload-checksum: sha256 {}\n\npage",
            BASE64.encode(&blob.0)
        ),
        format!(
            "POST /v1/admin/invitations\nauthorization: Bearer {operator}\ncontent-type: application/json\n\n\
             {{\"role\":\"postal\",\"unit\":\"25747\",\"name\":\"Bưu tá\"}}"
        ),
        format!("GET /v1/admin/devices\nauthorization: Bearer {operator}\n\n"),
        format!(
            "POST /v1/admin/devices/{}/revoke\nauthorization: Bearer {operator}\ncontent-type: application/json\n\n\
             {{\"reason\":\"mất máy\"}}",
            honest::key(Who::Stranger).device()
        ),
        "GET /assets/../../etc/passwd\naccept-encoding: br\n\n".to_owned(),
        "GET /postal\nif-none-match: \"x\"\n\n".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec();
    honest.push([format!("POST /v1/sync\ncontent-type: {MEDIA_TYPE}\n\n").as_bytes(), &sync].concat());

    let feed = move |input: &[u8]| {
        let Some(answer) = asker.ask(input) else { return Verdict::Refused };
        let status = answer.status();
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "a stranger's bytes are no fault of the server");
        match status.as_u16() {
            ..=399 => Verdict::Accepted,
            400 | 401 | 404 | 405 => Verdict::Refused,
            _ => Verdict::Deep,
        }
    };
    Target { shape: Shape::Text, honest, feed: Box::new(feed) }
}
