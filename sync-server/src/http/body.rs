//! Bodies in and out, each within a bound of size and of patience.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use dossier::fault::Code;
use futures::{Stream, StreamExt, stream};
use tokio::sync::mpsc;

use super::refusal::Refusal;

/// What is still read, and thrown away, of a body that is refused. A caller that is cut off while it sends never gets to
/// read why; one that sends more than this is no honest caller.
const COURTESY_BYTES: usize = 64 << 20;

/// How long a caller may stay silent in the middle of a body, either way.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Pieces of an answer that wait for a slow reader.
const WAITING: usize = 4;

/// Reads a whole body of at most `limit` bytes.
pub(super) async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut pieces = pieces(body);
    let mut out = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.ok_or(Refusal::new(Code::CutOff))?;
        if out.len() + piece.len() > limit {
            drain(&mut pieces).await;
            return Err(Refusal::new(Code::OverLimit).with("limit", "bytes"));
        }
        out.extend_from_slice(&piece);
    }
    Ok(out)
}

/// The pieces of a body as they come; `None` once if the connection breaks or falls silent, and then no more.
pub(super) fn pieces(body: Body) -> impl Stream<Item = Option<Bytes>> + Send + Unpin {
    let start = Some(body.into_data_stream());
    Box::pin(stream::unfold(start, |state| async move {
        let mut data = state?;
        match tokio::time::timeout(PATIENCE, data.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(piece))) => Some((Some(piece), Some(data))),
            Ok(Some(Err(_))) | Err(_) => Some((None, None)),
        }
    }))
    // Who drains a body does not know whether it was read to its end.
    .fuse()
}

/// Reads the rest of a refused body.
pub(super) async fn drain(pieces: &mut (impl Stream<Item = Option<Bytes>> + Send + Unpin)) {
    let mut left = COURTESY_BYTES;
    while let Some(Some(piece)) = pieces.next().await {
        match left.checked_sub(piece.len()) {
            Some(less) => left = less,
            None => return,
        }
    }
}

/// Why a piece of an answer did not go out.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the answer was cut off")]
pub(super) struct Cut;

/// An answer that is written piece by piece. A reader that takes nothing for [`PATIENCE`] is given up.
pub(super) struct Outgoing(mpsc::Sender<Result<Bytes, Cut>>);

impl Outgoing {
    /// The writing end, and the body that a caller reads.
    pub fn new() -> (Self, mpsc::Receiver<Result<Bytes, Cut>>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }

    /// Sends a piece; `Err` if nobody takes it.
    pub async fn send(&self, piece: Bytes) -> Result<(), Cut> {
        self.0.send_timeout(Ok(piece), PATIENCE).await.map_err(|_| Cut)
    }

    /// Ends the answer as broken, so that the reader does not take it for whole.
    pub async fn cut(&self) {
        // If this cannot be delivered either, the reader is gone and knows.
        let _ = self.0.send_timeout(Err(Cut), PATIENCE).await;
    }
}

/// The body of what comes out of a channel.
pub(super) fn streamed(receiver: mpsc::Receiver<Result<Bytes, Cut>>) -> Body {
    Body::from_stream(stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    }))
}
