//! HTTP: headers, addresses, JSON.

use data_encoding::BASE64;
use dossier::id::BlobId;

use super::{Bomb, Thrown, bomb};
use crate::{honest::DOSSIER, target::Asker};

/// Every bomb of this kind.
pub const BOMBS: [Bomb; 12] = [
    bomb("an upload of 2⁶⁴−1 bytes", "Upload-Length", "ATTACHMENT_TOO_LARGE", || {
        upload("upload-length: 18446744073709551615", &metadata())
    }),
    bomb("an upload of −1 bytes", "Upload-Length", "BAD_REQUEST", || upload("upload-length: -1", &metadata())),
    bomb("metadata without sense", "ten thousand commas", "BAD_REQUEST", || {
        upload("upload-length: 4", &",".repeat(10_000))
    }),
    bomb("metadata that is not base 64", "letters of no alphabet", "BAD_REQUEST", || {
        upload("upload-length: 4", "dossier !!!,blob ***")
    }),
    bomb("a path for a blob's id", "../../etc/passwd in base 64", "BAD_REQUEST", path_in_metadata),
    bomb("a path in an address", "dots and slashes, percent-encoded, for a blob", "NOT_FOUND", || {
        ask(|asker| {
            format!(
                "GET /v1/dossiers/{DOSSIER}/blobs/..%2f..%2fetc%2fpasswd\nauthorization: Bearer {}\n\n",
                asker.token
            )
        })
    }),
    bomb("a path among the apps", "dots and slashes", "NOT_FOUND", || {
        ask(|_| "GET /assets/../../../etc/passwd\n\n".to_owned())
    }),
    bomb("a forged token", "a hundred thousand letters", "NOT_AUTHENTICATED", || {
        ask(|_| format!("GET /v1/dossiers\nauthorization: Bearer {}\n\n", "A".repeat(100_000)))
    }),
    bomb("JSON nested deep", "eight thousand brackets to the operator's address", "BAD_REQUEST", || {
        admin(&"[".repeat(8_000))
    }),
    bomb("keys that fall into one place", "a thousand keys chosen against common hashes", "BAD_REQUEST", || {
        admin(&flooding())
    }),
    bomb("a key twice", "the role two times", "BAD_REQUEST", || {
        admin(r#"{"role":"postal","role":"head","unit":"25747","name":"x"}"#)
    }),
    bomb("a name of 1 MB", "to the operator's address", "OVER_LIMIT", || {
        admin(&format!(r#"{{"role":"postal","unit":"25747","name":"{}"}}"#, "x".repeat(1 << 20)))
    }),
];

fn ask(words: impl FnOnce(&Asker) -> String) -> Thrown {
    let mut asker = Asker::new();
    let words = words(&asker);
    Box::new(move || asker.code(words.as_bytes()))
}

fn metadata() -> String {
    let blob = BlobId::of(b"page").to_string();
    format!("dossier {},blob {}", BASE64.encode(DOSSIER.to_string().as_bytes()), BASE64.encode(blob.as_bytes()))
}

fn upload(length: &str, metadata: &str) -> Thrown {
    ask(|asker| {
        let token = &asker.token;
        format!(
            "POST /v1/uploads\nauthorization: Bearer {token}\ntus-resumable: 1.0.0\n{length}\nupload-metadata: {metadata}\n\n"
        )
    })
}

fn path_in_metadata() -> Thrown {
    let dossier = BASE64.encode(DOSSIER.to_string().as_bytes());
    upload("upload-length: 4", &format!("dossier {dossier},blob {}", BASE64.encode(b"../../../../etc/passwd")))
}

fn admin(body: &str) -> Thrown {
    ask(|asker| {
        let token = &asker.operator;
        format!("POST /v1/admin/invitations\nauthorization: Bearer {token}\ncontent-type: application/json\n\n{body}")
    })
}

/// Pairs that FNV, and every hash that adds letters, takes for one: permutations of the same letters.
fn flooding() -> String {
    let mut keys = Vec::new();
    let letters = b"abcdefg".to_vec();
    for n in 0..1_000usize {
        let (mut left, mut key, mut n) = (letters.clone(), String::new(), n);
        while !left.is_empty() {
            key.push(char::from(left.remove(n % left.len())));
            n /= left.len() + 1;
        }
        keys.push(format!("\"{key}\":1"));
    }
    format!("{{{}}}", keys.join(","))
}
