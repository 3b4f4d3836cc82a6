//! Whoever opens connections and says nothing, or says it letter by letter, is hung up on; meanwhile others are served.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken expectation ends the story, with the reason")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use stories::{Database, Phone, Role, Server, UNIT};

/// Twice what the server says it waits for a body.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the slow ones send a letter: far more often than any line of a real phone falls silent.
const LETTER_EVERY: Duration = Duration::from_millis(500);
const CROWD: usize = 20;

/// What came until the server hung up.
fn until_hung_up(mut stream: TcpStream) -> String {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "the server did not hang up");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn slow_callers_are_hung_up_on_and_others_served() {
    let mut server = Server::start(Database::Sqlite);
    let address = format!("127.0.0.1:{}", server.port());
    let begun = Instant::now();
    let connect = || TcpStream::connect(&address).unwrap();
    std::thread::scope(|scope| {
        let silent: Vec<_> = (0..CROWD).map(|_| scope.spawn(|| until_hung_up(connect()))).collect();
        let dripping: Vec<_> = (0..CROWD)
            .map(|_| {
                scope.spawn(|| {
                    let mut stream = connect();
                    let reader = stream.try_clone().unwrap();
                    let head = b"POST /v1/sync HTTP/1.1\r\nhost: x\r\nx-slow: ";
                    for letter in head.iter().chain(std::iter::repeat(&b'a')) {
                        if stream.write_all(&[*letter]).is_err() || begun.elapsed() > PATIENCE {
                            break;
                        }
                        std::thread::sleep(LETTER_EVERY);
                    }
                    until_hung_up(reader)
                })
            })
            .collect();
        let half_said = scope.spawn(|| {
            let mut stream = connect();
            let head = "POST /v1/sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1000\r\n\
                 content-type: application/vnd.tram.sync+zstd\r\n\r\n";
            stream.write_all(head.as_bytes()).unwrap();
            // The beginning of a zstd frame.
            stream.write_all(&[0x28, 0xb5, 0x2f, 0xfd]).unwrap();
            until_hung_up(stream)
        });
        let phone = Phone::enrolled(&server.url(), &server.invite(Role::Postal, UNIT, "Bưu tá tuyến 3"));
        assert_eq!(phone.sync()["pending"], 0, "others are served meanwhile");
        for caller in silent.into_iter().chain(dripping) {
            let heard = caller.join().unwrap();
            assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 408"), "{heard}");
        }
        let heard = half_said.join().unwrap();
        assert!(heard.starts_with("HTTP/1.1 400") && heard.contains("CUT_OFF"), "{heard}");
    });
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    server.stop();
}
