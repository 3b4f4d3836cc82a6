//! Stories over HTTP, against a real listening server on SQLite.

#[path = "http/world.rs"]
mod world;

#[path = "http/attachments.rs"]
mod attachments;
#[path = "http/exchange.rs"]
mod exchange;
#[path = "http/hostile.rs"]
mod hostile;
#[path = "http/reads.rs"]
mod reads;
#[path = "http/scopes.rs"]
mod scopes;
