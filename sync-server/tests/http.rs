//! Stories over HTTP, against a real listening server on SQLite, and the command line around it.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "http/world.rs"]
mod world;

#[path = "http/apps.rs"]
mod apps;
#[path = "http/attachments.rs"]
mod attachments;
#[path = "http/command.rs"]
mod command;
#[path = "http/exchange.rs"]
mod exchange;
#[path = "http/guide.rs"]
mod guide;
#[path = "http/hostile.rs"]
mod hostile;
#[path = "http/operator.rs"]
mod operator;
#[path = "http/pokes.rs"]
mod pokes;
#[path = "http/reads.rs"]
mod reads;
#[path = "http/repair.rs"]
mod repair;
#[path = "http/scopes.rs"]
mod scopes;
#[path = "http/tracking.rs"]
mod tracking;
