//! Whole-system stories: real devices, a real server, real databases.
//!
//! Nothing here looks inside a program. A story starts [`Server`]s and [`Phone`]s as processes (or, where thousands of
//! dossiers are played, drives `client-core` devices as a library against a server process), does what people do, and
//! compares what everybody then sees. The stories themselves stand in `tests/tests/`, each named after the promise it
//! tests or the failure it brings about.
//!
//! ```text
//!   story ──▶ Phone (`tram --home … --json`) ──┐
//!         ──▶ Device (`client-core`)         ──┼──▶ Proxy? ──▶ Server (`tram-server serve`) ──▶ SQLite | PostgreSQL
//!         ──▶ raw requests                   ──┘
//! ```
//!
//! Programs are those of the workspace: [`Programs::built`] has cargo build them in the profile of the running story,
//! so that `cargo test -p stories` works by itself.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this crate is a test harness: a broken expectation ends the story, with the reason"
)]

mod evidence;
pub mod field;
pub mod forms;
mod link;
mod past;
mod phone;
mod photo;
mod postgres;
mod programs;
mod proxy;
pub mod repair;
pub mod rng;
mod server;
pub mod summer;

pub use evidence::note_evidence;
pub use link::{Line, Link};
pub use phone::{Answer, Phone};
pub use photo::photo;
pub use postgres::Postgres;
pub use programs::Programs;
pub use proxy::{Cut, Proxy};
pub use server::{Database, Role, Server, ServerOptions};

/// The unit in which the stories play: phường Thủ Dầu Một.
pub const UNIT: &str = "25747";
/// Another unit, whose officers must see nothing of them: phường Phú Lợi.
pub const OTHER_UNIT: &str = "25750";
