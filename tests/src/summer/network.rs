//! The way to the Centre, which sometimes swallows an answer, and remembers what was sent.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use client_core::{Request, Response, Transport, TransportFault, native::HttpTransport};

/// A transport that keeps every sync request, and loses an answer when told to.
pub struct Network {
    inner: HttpTransport,
    sent: Mutex<Vec<Request>>,
    lose_next: AtomicBool,
}

impl Network {
    /// The way to a server.
    pub fn to(server_url: &str) -> Self {
        let inner = HttpTransport::new(server_url).expect("the address is sound");
        Self { inner, sent: Mutex::default(), lose_next: AtomicBool::new(false) }
    }

    /// The next answer is lost after the Centre did its work: the worst that a network can do.
    pub fn lose_next_answer(&self) {
        self.lose_next.store(true, Ordering::SeqCst);
    }

    /// Everything that was sent in syncs, in order.
    pub fn take_sent(&self) -> Vec<Request> {
        std::mem::take(&mut *self.sent.lock().expect("nobody panics with the lock"))
    }

    /// Sends a request as it is, without keeping it.
    pub fn resend(&self, request: Request) -> Result<Response, TransportFault> {
        self.inner.send(request)
    }
}

impl Transport for Network {
    fn send(&self, request: Request) -> Result<Response, TransportFault> {
        if request.path == "/v1/sync" {
            self.sent.lock().expect("nobody panics with the lock").push(request.clone());
        }
        let answer = self.inner.send(request)?;
        if self.lose_next.swap(false, Ordering::SeqCst) {
            return Err(TransportFault::CutOff { status: None, received: Vec::new() });
        }
        Ok(answer)
    }
}
