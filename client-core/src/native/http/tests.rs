use std::{
    io::{Read, Write},
    net::TcpListener,
    thread::JoinHandle,
};

use super::*;

/// Answers one connection with fixed bytes and hangs up; hands back what was asked.
fn answering(bytes: &'static [u8]) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/base", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut buffer = [0; 4096];
        while !asked.ends_with(b"hello") {
            let count = stream.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            asked.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(bytes).unwrap();
        String::from_utf8_lossy(&asked).into_owned()
    });
    (address, server)
}

fn request() -> Request {
    Request {
        method: Method::Post,
        path: "/v1/sync?a=b".into(),
        headers: vec![("x-thing".into(), "1".into())],
        body: b"hello".to_vec(),
    }
}

#[test]
fn a_request_arrives_and_the_answer_comes_back() {
    let (address, server) = answering(b"HTTP/1.1 201 Created\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nok");
    let answer = HttpTransport::new(&address).unwrap().send(request()).unwrap();
    assert_eq!((answer.status, answer.header("location"), answer.body.as_slice()), (201, Some("/x"), &b"ok"[..]));
    let asked = server.join().unwrap();
    assert!(asked.starts_with("POST /base/v1/sync?a=b HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("x-thing: 1"), "{asked}");
}

#[test]
fn a_broken_answer_hands_over_what_came() {
    let (address, _server) = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    let fault = HttpTransport::new(&address).unwrap().send(request()).unwrap_err();
    assert_eq!(fault, TransportFault::CutOff { status: Some(200), received: b"half".to_vec() });
}

#[test]
fn a_connection_that_the_server_closed_meanwhile_is_no_fault() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            let mut buffer = [0; 4096];
            while !asked.ends_with(b"hello") {
                let count = stream.read(&mut buffer).unwrap();
                assert_ne!(count, 0, "the request is whole");
                asked.extend_from_slice(&buffer[..count]);
            }
            // The connection is promised to stay, and does not.
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
        }
    });
    let transport = HttpTransport::new(&address).unwrap();
    for _ in 0..2 {
        assert_eq!(transport.send(request()).unwrap().body, b"ok");
    }
    server.join().unwrap();
}

#[test]
fn nobody_there_is_offline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(HttpTransport::new(&address).unwrap().send(request()), Err(TransportFault::Offline));
}

#[test]
fn what_is_no_address_is_refused() {
    assert!(matches!(HttpTransport::new("nonsense"), Err(HttpSetup::Address)));
    assert!(matches!(HttpTransport::new("ftp://x"), Err(HttpSetup::Address)));
}
