//! `POST /v1/sync`.

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use dossier::{
    fault::Code,
    wire::{Frame, MEDIA_TYPE, write_frame},
};
use futures::{Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tracing::Instrument;

use super::{
    App,
    body::{self, Outgoing},
    refusal::Refusal,
};
use crate::exchange::{ExchangeFault, Gone, Sink, Source};

/// Level 3: half of the best ratio's bytes at a tenth of its time.
const LEVEL: i32 = 3;
/// How much goes into the compressor at a time.
const PIECE_BYTES: usize = 256 * 1024;

/// One round trip: a batch of signed parcels in; receipts, feed and end out.
#[utoipa::path(
    post, path = "/v1/sync", tag = "sync",
    request_body(content = Vec<u8>, content_type = "application/vnd.tram.sync+zstd",
        description = "zstd frame of signed parcels (docs/protocol.md)"),
    responses(
        (status = 200, description = "zstd frame of frames: receipts, feed, end", body = Vec<u8>,
            content_type = "application/vnd.tram.sync+zstd"),
        (status = 400, description = "DAMAGED, BAD_SIGNATURE, PROTOCOL_UNKNOWN", body = super::openapi::FaultBody),
        (status = 403, description = "INVITATION_REFUSED; nothing of the batch was processed", body = super::openapi::FaultBody),
        (status = 409, description = "BATCH_REUSED", body = super::openapi::FaultBody),
        (status = 413, description = "OVER_LIMIT", body = super::openapi::FaultBody),
        (status = 421, description = "WRONG_CENTRE", body = super::openapi::FaultBody),
        (status = 503, description = "BUSY or NOT_STORED, with Retry-After", body = super::openapi::FaultBody),
    )
)]
pub(super) async fn sync(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let typed = request.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == MEDIA_TYPE);
    if !typed {
        return Err(Refusal::new(Code::BadRequest).status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let source = Upward {
        pieces: Box::pin(body::pieces(request.into_body())),
        syncs: Arc::clone(&app.0.syncs),
        turn: None,
        begun: false,
    };
    let (outgoing, mut pieces) = Outgoing::new();
    let (refuse, refused) = oneshot::channel();
    let work = async move { answer(&app, source, outgoing, refuse).await };
    // Its own task: what was begun is finished, also if the caller hangs up between two receipts.
    tokio::spawn(work.instrument(tracing::Span::current()));
    // Until the first piece is out, a fault is still the answer.
    match pieces.recv().await {
        Some(first) => Ok(streaming(first, pieces)),
        None => Err(refused.await.map_or_else(|_| Refusal::new(Code::Internal), Refusal::from)),
    }
}

fn streaming(first: Result<Bytes, body::Cut>, rest: mpsc::Receiver<Result<Bytes, body::Cut>>) -> Response {
    let stream = futures::stream::unfold((Some(first), rest), |(first, mut rest)| async move {
        match first {
            Some(first) => Some((first, (None, rest))),
            None => rest.recv().await.map(|piece| (piece, (None, rest))),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Body::from_stream(stream)).into_response()
}

async fn answer(app: &App, mut source: Upward, outgoing: Outgoing, refuse: oneshot::Sender<ExchangeFault>) {
    let mut sink = match Compressed::new(outgoing) {
        Ok(sink) => sink,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "no compressor");
            return;
        }
    };
    let outcome = app.0.exchange.run(&mut source, &mut sink).await;
    match outcome {
        Ok(()) => sink.finish().await,
        Err(fault) if !sink.begun => {
            // A caller that is cut off while it sends never gets to read why.
            body::drain(&mut source.pieces).await;
            // Dropping the sink closes the channel, which tells the handler to ask for the fault.
            let _ = refuse.send(fault);
        }
        Err(ExchangeFault::Gone(_)) => {}
        Err(fault @ (ExchangeFault::CutOff | ExchangeFault::Body(_) | ExchangeFault::Batch(_))) => {
            tracing::info!(error = &fault as &dyn std::error::Error, "the request broke off; its first parcels stand");
        }
        Err(fault) => {
            // The answer ends without its end. Breaking the connection would lose what is still on its way of it.
            tracing::error!(error = &fault as &dyn std::error::Error, "the answer was cut off");
        }
    }
}

/// The request on its way up. Whoever waits for more of it lets others have their turn.
struct Upward {
    pieces: Pin<Box<dyn Stream<Item = Option<Bytes>> + Send>>,
    syncs: Arc<Semaphore>,
    turn: Option<OwnedSemaphorePermit>,
    begun: bool,
}

#[async_trait]
impl Source for Upward {
    async fn next(&mut self) -> Result<Option<Bytes>, ExchangeFault> {
        self.turn = None;
        let piece = match self.pieces.next().await {
            Some(Some(piece)) => Some(piece),
            Some(None) => return Err(ExchangeFault::CutOff),
            None => None,
        };
        let syncs = Arc::clone(&self.syncs);
        // Nobody begins in a crowd; what was begun is finished when its turn comes.
        self.turn = if self.begun {
            syncs.acquire_owned().await.ok()
        } else {
            Some(syncs.try_acquire_owned().map_err(|_| ExchangeFault::Busy)?)
        };
        self.begun = true;
        Ok(piece)
    }
}

/// Frames into one zstd frame, flushed after each, so that a receipt is on its way before the next group is judged.
struct Compressed {
    outgoing: Outgoing,
    encoder: zstd::stream::write::Encoder<'static, Vec<u8>>,
    begun: bool,
}

impl Compressed {
    fn new(outgoing: Outgoing) -> std::io::Result<Self> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), LEVEL)?;
        // Feed rows carry no signature of the Centre: a byte that flips on the way must be seen all the same.
        encoder.include_checksum(true)?;
        Ok(Self { outgoing, encoder, begun: false })
    }

    async fn pass_on(&mut self) -> Result<(), Gone> {
        let ready = std::mem::take(self.encoder.get_mut());
        if ready.is_empty() {
            return Ok(());
        }
        self.begun = true;
        self.outgoing.send(Bytes::from(ready)).await.map_err(|_| Gone)
    }

    async fn finish(mut self) {
        let tail = match self.encoder.do_finish() {
            Ok(()) => std::mem::take(self.encoder.get_mut()),
            Err(_) => return self.outgoing.cut().await,
        };
        // A reader that is gone now has every receipt in the database.
        let _ = self.outgoing.send(Bytes::from(tail)).await;
    }
}

#[async_trait]
impl Sink for Compressed {
    async fn put(&mut self, frame: Frame) -> Result<(), Gone> {
        use std::io::Write;
        let mut bytes = Vec::new();
        write_frame(&mut bytes, &frame);
        for piece in bytes.chunks(PIECE_BYTES) {
            self.encoder.write_all(piece).map_err(|_| Gone)?;
            self.pass_on().await?;
        }
        self.encoder.flush().map_err(|_| Gone)?;
        self.pass_on().await
    }
}
