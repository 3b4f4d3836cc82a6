//! A bad network: passes bytes on to a server until it is told to cut the line.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// When a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Never.
    Never,
    /// After so many bytes of the request went through.
    RequestAfter(u64),
    /// After so many bytes of the answer came through.
    AnswerAfter(u64),
}

/// A relay on a port of its own.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    cut: Arc<Mutex<Cut>>,
    up_bytes: Arc<AtomicU64>,
    down_bytes: Arc<AtomicU64>,
}

impl Proxy {
    /// A relay to a port of this machine. It runs until the process ends.
    #[must_use]
    pub fn to(server_port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let proxy =
            Self { port, cut: Arc::new(Mutex::new(Cut::Never)), up_bytes: Arc::default(), down_bytes: Arc::default() };
        let (cut, up_bytes, down_bytes) = (proxy.cut.clone(), proxy.up_bytes.clone(), proxy.down_bytes.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let cut = *cut.lock().expect("nobody panics with the lock");
                let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)) else { continue };
                relay(&client, &server, up_limit(cut), &up_bytes);
                relay(&server, &client, down_limit(cut), &down_bytes);
            }
        });
        proxy
    }

    /// The relay's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Says when connections made from now on are cut.
    pub fn cut(&self, cut: Cut) {
        *self.cut.lock().expect("nobody panics with the lock") = cut;
    }

    /// Bytes that went up and came down so far.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        (self.up_bytes.load(Ordering::SeqCst), self.down_bytes.load(Ordering::SeqCst))
    }
}

fn up_limit(cut: Cut) -> u64 {
    if let Cut::RequestAfter(bytes) = cut { bytes } else { u64::MAX }
}

fn down_limit(cut: Cut) -> u64 {
    if let Cut::AnswerAfter(bytes) = cut { bytes } else { u64::MAX }
}

/// Copies one direction in a thread, up to a limit; then both directions are closed.
fn relay(from: &TcpStream, to: &TcpStream, limit: u64, counted: &Arc<AtomicU64>) {
    let mut from = from.try_clone().expect("a socket can be cloned");
    let mut to = to.try_clone().expect("a socket can be cloned");
    let counted = counted.clone();
    std::thread::spawn(move || {
        let mut left = limit;
        let mut buffer = [0; 4096];
        while let Ok(read) = from.read(&mut buffer) {
            let pass = u64::try_from(read).unwrap_or(0).min(left);
            let Ok(bytes) = usize::try_from(pass) else { break };
            if bytes == 0 || to.write_all(&buffer[..bytes]).is_err() {
                break;
            }
            counted.fetch_add(pass, Ordering::SeqCst);
            left -= pass;
            if left == 0 {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    });
}
