//! The transport over HTTP.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use dossier::wire::limits::MAX_BODY_BYTES;
use futures::StreamExt;
use reqwest::{
    Client, Url,
    header::{HeaderName, HeaderValue},
};

use crate::transport::{Method, Request, Response, Transport, TransportFault};

/// Time to reach the server: a village's mobile network takes seconds, never half a minute.
const CONNECT_WAIT: Duration = Duration::from_secs(15);
/// Time within which a connection that the server closed long ago shows it. What breaks later broke on the way, and
/// sending all of it again at once would only burden a bad line twice.
const STALE_WAIT: Duration = Duration::from_secs(5);
/// Time without a single byte before the connection counts as broken. A large batch keeps the server busy for a while.
const SILENCE_WAIT: Duration = Duration::from_secs(90);

/// Carries requests to one server, over HTTP/1.1, blocking the caller. It has a small runtime of its own.
#[derive(Debug)]
pub struct HttpTransport {
    runtime: tokio::runtime::Runtime,
    client: Client,
    base: Url,
    /// Whether a connection may be left over from an earlier request.
    used: AtomicBool,
}

/// Why there is no transport.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetup {
    /// The address is none.
    #[error("the server's address cannot be read")]
    Address,
    /// The machine would not give a socket or a thread.
    #[error("the network cannot be used")]
    Machine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl HttpTransport {
    /// A transport to the server of an address such as `http://localhost:8080`.
    pub fn new(server_url: &str) -> Result<Self, HttpSetup> {
        let base = Url::parse(server_url).map_err(|_| HttpSetup::Address)?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(HttpSetup::Address);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| HttpSetup::Machine(Box::new(source)))?;
        let client = Client::builder()
            .connect_timeout(CONNECT_WAIT)
            .read_timeout(SILENCE_WAIT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|source| HttpSetup::Machine(Box::new(source)))?;
        Ok(Self { runtime, client, base, used: AtomicBool::new(false) })
    }

    async fn carry(&self, request: Request) -> Result<Response, TransportFault> {
        let mut url = self.base.clone();
        let prefix = self.base.path().trim_end_matches('/');
        let (path, query) = match request.path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (request.path.as_str(), None),
        };
        url.set_path(&format!("{prefix}{path}"));
        url.set_query(query);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
        };
        let mut builder = self.client.request(method, url).body(request.body);
        for (name, value) in request.headers {
            let name = HeaderName::try_from(name).map_err(|_| TransportFault::Offline)?;
            let value = HeaderValue::try_from(value).map_err(|_| TransportFault::Offline)?;
            builder = builder.header(name, value);
        }
        let answer = builder.send().await.map_err(|error| {
            if error.is_connect() {
                TransportFault::Offline
            } else {
                TransportFault::CutOff { status: None, received: Vec::new() }
            }
        })?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        let mut parts = answer.bytes_stream();
        while let Some(part) = parts.next().await {
            let Ok(part) = part else { return Err(TransportFault::CutOff { status: Some(status), received: body }) };
            if body.len() + part.len() > MAX_BODY_BYTES {
                return Err(TransportFault::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(Response { status, headers, body })
    }
}

impl Transport for HttpTransport {
    /// A connection left over from an earlier request may have been closed by the server meanwhile, which shows only
    /// when it is used, and shows soon. So a request that got no answer at all over such a one is sent once more over a
    /// new one; every request of ours may be sent twice.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter that meets the network, which has no clock of ours"
    )]
    fn send(&self, request: Request) -> Result<Response, TransportFault> {
        let again = self.used.swap(true, Ordering::Relaxed).then(|| request.clone());
        let begun = Instant::now();
        let first = self.runtime.block_on(self.carry(request));
        match (first, again) {
            (Err(TransportFault::CutOff { status: None, .. }), Some(request)) if begun.elapsed() < STALE_WAIT => {
                self.runtime.block_on(self.carry(request))
            }
            (first, _) => first,
        }
    }
}

#[cfg(test)]
mod tests;
