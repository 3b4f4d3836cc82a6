//! The floor: what carrying and keeping the bytes costs if nothing is checked, merged, signed or receipted.
//!
//! One POST of all documents into SQLite (WAL, `synchronous=FULL`, one transaction), one GET of all of them.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use client_core::{Method, Request, Transport, native::HttpTransport};

/// A server that keeps what it is sent.
#[derive(Debug)]
pub struct Floor {
    port: u16,
}

impl Floor {
    /// Starts it on a file, in a thread of this process.
    #[must_use]
    pub fn start(file: &Path) -> Self {
        let connection = rusqlite::Connection::open(file).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 CREATE TABLE documents (name INTEGER PRIMARY KEY, saved BLOB NOT NULL)",
            )
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().unwrap().port();
        let connection = Arc::new(Mutex::new(connection));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                client.set_nodelay(true).unwrap();
                let connection = Arc::clone(&connection);
                std::thread::spawn(move || serve(&client, &connection));
            }
        });
        Self { port }
    }

    /// Its port on this machine.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Answers one connection's requests, one after the other.
fn serve(client: &TcpStream, connection: &Mutex<rusqlite::Connection>) {
    let mut reader = BufReader::new(client);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if !matches!(reader.read_line(&mut first), Ok(1..)) {
            return;
        }
        loop {
            let mut header = String::new();
            if !matches!(reader.read_line(&mut header), Ok(1..)) {
                return;
            }
            match header.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let answer = match first.split(' ').collect::<Vec<_>>().as_slice() {
            ["GET", path, _] => {
                read_all(&connection.lock().unwrap(), path.trim_start_matches("/after/").parse().unwrap())
            }
            _ => {
                keep(&mut connection.lock().unwrap(), &body);
                Vec::new()
            }
        };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", answer.len());
        let whole = [head.as_bytes(), &answer].concat();
        if (&mut (&*client)).write_all(&whole).is_err() {
            return;
        }
    }
}

fn keep(connection: &mut rusqlite::Connection, mut body: &[u8]) {
    let transaction = connection.transaction().unwrap();
    {
        let mut insert = transaction.prepare_cached("INSERT INTO documents (saved) VALUES (?1)").unwrap();
        while let Some((length, rest)) = body.split_first_chunk::<4>() {
            let (document, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
            insert.execute([document]).unwrap();
            body = rest;
        }
    }
    transaction.commit().unwrap();
}

fn read_all(connection: &rusqlite::Connection, after: u32) -> Vec<u8> {
    let mut select = connection.prepare_cached("SELECT saved FROM documents WHERE name > ?1 ORDER BY name").unwrap();
    let mut rows = select.query([after]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        append(&mut all, row.get_ref(0).unwrap().as_blob().unwrap());
    }
    all
}

fn append(all: &mut Vec<u8>, document: &[u8]) {
    all.extend_from_slice(&u32::try_from(document.len()).unwrap().to_be_bytes());
    all.extend_from_slice(document);
}

/// Times of the floor, through a URL: a POST of the documents, a GET of them by somebody else, a GET of nothing.
#[must_use]
pub fn measure(url: &str, documents: &[Vec<u8>], edited: usize) -> Times {
    let (sender, reader) = (HttpTransport::new(url).unwrap(), HttpTransport::new(url).unwrap());
    let all = documents.iter().fold(Vec::new(), |mut all, document| {
        append(&mut all, document);
        all
    });
    let some = documents[..edited].iter().fold(Vec::new(), |mut some, document| {
        append(&mut some, document);
        some
    });
    let count = documents.len();
    Times {
        push: timed(|| assert!(send(&sender, Method::Post, "/", all.clone()).is_empty())),
        pull: timed(|| assert_eq!(send(&reader, Method::Get, "/after/0", Vec::new()), all)),
        quiet: timed(|| assert!(send(&sender, Method::Get, &format!("/after/{count}"), Vec::new()).is_empty())),
        edits_push: timed(|| assert!(send(&sender, Method::Post, "/", some.clone()).is_empty())),
        edits_pull: timed(|| {
            assert_eq!(send(&reader, Method::Get, &format!("/after/{count}"), Vec::new()), some);
        }),
    }
}

/// What the floor took for each phase.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// All documents up.
    pub push: Duration,
    /// All documents down.
    pub pull: Duration,
    /// Nothing down.
    pub quiet: Duration,
    /// The edited documents up.
    pub edits_push: Duration,
    /// The edited documents down.
    pub edits_pull: Duration,
}

fn send(transport: &HttpTransport, method: Method, path: &str, body: Vec<u8>) -> Vec<u8> {
    let request = Request { method, path: path.to_owned(), headers: Vec::new(), body };
    let response = transport.send(request).unwrap();
    assert_eq!(response.status, 200);
    response.body
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}
