//! A far network: a relay that lets bytes arrive late, slowly, or only until the connection has lasted too long.
//!
//! What a real far line also has and this one has not: TLS and the slow start of TCP, which cost more round trips the
//! more bytes there are.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

/// How much is read at once: small, so that a slow line is slow evenly.
const PIECE_BYTES: usize = 4096;

/// What the line is like.
#[derive(Debug, Clone, Copy, Default)]
pub struct Line {
    /// From sending something to the earliest answer. A new connection costs one more.
    pub round_trip: Duration,
    /// What goes up in a second, in bits; unbounded if none.
    pub up_bits_per_second: Option<u64>,
    /// How long a connection lasts, whatever is on its way; unbounded if none.
    pub lasts: Option<Duration>,
}

/// A relay on a port of its own. It runs until the process ends.
#[derive(Debug)]
pub struct Link {
    port: u16,
    up_bytes: Arc<AtomicU64>,
    down_bytes: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
}

impl Link {
    /// A relay to a port of this machine.
    #[must_use]
    pub fn to(server_port: u16, line: Line) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let link = Self { port, up_bytes: Arc::default(), down_bytes: Arc::default(), connections: Arc::default() };
        let (up, down, connections) = (link.up_bytes.clone(), link.down_bytes.clone(), link.connections.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)) else { continue };
                connections.fetch_add(1, Ordering::SeqCst);
                // Small pieces must not wait for others: only the line delays.
                for socket in [&client, &server] {
                    socket.set_nodelay(true).expect("a socket takes the option");
                }
                // The handshake is local, so its round trip is played before the first byte goes up.
                let opened = Instant::now() + line.round_trip;
                relay(&client, &server, line, line.up_bits_per_second, opened, &up);
                relay(&server, &client, line, None, opened, &down);
                if let Some(lasts) = line.lasts {
                    std::thread::spawn(move || {
                        std::thread::sleep(lasts);
                        let _ = client.shutdown(Shutdown::Both);
                        let _ = server.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        link
    }

    /// The relay's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Bytes that went up and came down so far, with everything HTTP adds.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        (self.up_bytes.load(Ordering::SeqCst), self.down_bytes.load(Ordering::SeqCst))
    }

    /// How many connections were opened.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Copies one direction: one thread reads and notes when, another passes on when it is time.
fn relay(
    from: &TcpStream,
    to: &TcpStream,
    line: Line,
    bits_per_second: Option<u64>,
    opened: Instant,
    counted: &Arc<AtomicU64>,
) {
    let mut from = from.try_clone().expect("a socket can be cloned");
    let mut to = to.try_clone().expect("a socket can be cloned");
    let counted = counted.clone();
    let one_way = line.round_trip / 2;
    // On a slow line the sender waits with it; on a fast one much may be on its way at once.
    let (sender, receiver) = mpsc::sync_channel::<(Instant, Vec<u8>)>(if bits_per_second.is_some() { 1 } else { 8192 });
    std::thread::spawn(move || {
        let mut buffer = [0; PIECE_BYTES];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let sent = Instant::now().max(opened);
            if sender.send((sent + one_way, buffer[..read].to_vec())).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        let mut free = opened;
        while let Ok((due, piece)) = receiver.recv() {
            let bits = piece.len() as u64 * 8;
            let takes =
                bits_per_second.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(bits as f64 / rate as f64));
            free = free.max(Instant::now()) + takes;
            std::thread::sleep(due.max(free).saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
            counted.fetch_add(piece.len() as u64, Ordering::SeqCst);
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
