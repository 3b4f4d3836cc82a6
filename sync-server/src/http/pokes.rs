//! Pokes: a line that stays open and says "sync now" when there is a reason to.
//!
//! A poke says nothing about what is new, nor where. Whoever misses one loses nothing but time.

use std::{collections::BTreeSet, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use dossier::fault::Code;
use futures::{Stream, stream};
use tokio::{
    sync::{
        OwnedSemaphorePermit,
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::Instant,
};

use super::{App, bearer::Bearer, refusal::Refusal};
use crate::storage::News;

/// Who may listen at once: a socket and a few kilobytes each.
pub const MAX_LISTENERS: usize = 2_000;
/// How often a line that is silent says that it lives. Proxies cut lines that are silent for 30 seconds or more.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long a line stays open. Then the device asks anew, with what its certificate allows by then.
const LIFE: Duration = Duration::from_secs(600);

/// An event `poke` with `{"seq":n}` (the how-manieth of this line, from 1) whenever a feed of the caller's scopes has
/// something new; a comment every 20 seconds. Ends after 10 minutes and when the server stops. Sync once after it opened.
#[utoipa::path(get, path = "/v1/pokes", tag = "sync", security(("token" = [])), responses(
    (status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream"),
    (status = 401, description = "NOT_AUTHENTICATED", body = super::openapi::FaultBody),
    (status = 403, description = "DEVICE_REVOKED", body = super::openapi::FaultBody),
    (status = 503, description = "BUSY: too many listen, with Retry-After", body = super::openapi::FaultBody),
))]
pub(super) async fn pokes(State(app): State<App>, Bearer(reader): Bearer) -> Result<Response, Refusal> {
    let Ok(place) = Arc::clone(&app.0.listeners).try_acquire_owned() else { return Err(Refusal::new(Code::Busy)) };
    let line = Line {
        news: app.0.storage.news().await?,
        scopes: reader.scopes.into_iter().collect(),
        stopped: app.0.stopped.clone(),
        until: Instant::now() + LIFE,
        pokes: 0,
        _place: Some(place),
    };
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("");
    let mut response = Sse::new(line.events()).keep_alive(heartbeat).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Some proxies gather an answer before they pass it on, unless they are told otherwise.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// One listener's line.
struct Line {
    news: Receiver<News>,
    scopes: BTreeSet<String>,
    stopped: watch::Receiver<bool>,
    until: Instant,
    pokes: u64,
    /// Given back when the line closes.
    _place: Option<OwnedSemaphorePermit>,
}

impl Line {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        stream::unfold(self, |mut line| async move {
            line.next().await.then(|| {
                line.pokes += 1;
                let data = format!("{{\"seq\":{}}}", line.pokes);
                (Ok(Event::default().event("poke").data(data)), line)
            })
        })
    }

    /// Waits for the next reason to poke; `false` when the line is to close.
    async fn next(&mut self) -> bool {
        loop {
            tokio::select! {
                biased;
                // A sender that is gone means that the server is.
                _ = self.stopped.wait_for(|stopped| *stopped) => return false,
                () = tokio::time::sleep_until(self.until) => return false,
                heard = self.news.recv() => match heard {
                    Ok(News::In(scopes)) if scopes.is_disjoint(&self.scopes) => {}
                    // One who is behind may have missed something of theirs.
                    Ok(News::In(_) | News::Unknown) | Err(RecvError::Lagged(_)) => return true,
                    Err(RecvError::Closed) => return false,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use tokio::sync::broadcast;

    use super::*;

    fn line(news: Receiver<News>, stopped: watch::Receiver<bool>, life: Duration) -> Line {
        let scopes = BTreeSet::from(["unit:1".to_owned()]);
        Line { news, scopes, stopped, until: Instant::now() + life, pokes: 0, _place: None }
    }

    fn of(scope: &str) -> News {
        News::In(Arc::new(BTreeSet::from([scope.to_owned()])))
    }

    #[tokio::test]
    async fn only_news_of_ones_own_scopes_poke() {
        let (news, (_stop, stopped)) = (broadcast::Sender::new(2), watch::channel(false));
        let mut line = line(news.subscribe(), stopped, LIFE);
        news.send(of("unit:2")).unwrap();
        news.send(of("unit:1")).unwrap();
        assert!(line.next().await);
        for _ in 0..4 {
            news.send(of("unit:2")).unwrap();
        }
        assert!(line.next().await, "who is behind is poked");
        drop(news);
        assert!(!line.next().await);
    }

    #[tokio::test]
    async fn a_line_ends_with_its_time_and_with_the_server() {
        let (news, (stop, stopped)) = (broadcast::Sender::new(2), watch::channel(false));
        let short = line(news.subscribe(), stopped.clone(), Duration::ZERO);
        assert_eq!(short.events().count().await, 0);
        let long = line(news.subscribe(), stopped, LIFE);
        stop.send(true).unwrap();
        assert_eq!(long.events().count().await, 0);
    }
}
