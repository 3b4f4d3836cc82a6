//! The ports in a browser: a durable store in a file of the origin, the page's clock and randomness.
//!
//! The store is synchronous, as the engine is, and therefore lives in a dedicated worker: only there does a browser
//! lend a file's synchronous access handle. Requests go out from the worker too, but not through here: the shell
//! fetches what an errand asks for, so that typing never waits for a network.

mod file;
mod log;
mod system;

pub use file::{File, OriginFile};
pub use log::{LogStore, Medium};
pub use system::{BrowserClock, BrowserEntropy};
