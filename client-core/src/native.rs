//! The ports on a machine with files and sockets.

mod http;
mod sqlite;
mod system;

pub use http::HttpTransport;
pub use sqlite::SqliteStore;
pub use system::{SystemClock, SystemEntropy};
