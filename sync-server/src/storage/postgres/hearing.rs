//! News of other processes, by the database's own NOTIFY.
//!
//! A message is the sender's mark and, each after a line feed, scopes. What a process hears of itself it knows already.

use std::{collections::BTreeSet, time::Duration};

use sqlx::postgres::{PgListener, PgNotification};
use tokio::task::JoinHandle;

use crate::storage::news::{News, Told};

/// Where messages go.
pub const CHANNEL: &str = "tram_feed";
/// The setting of a connection in which the process's mark stands.
pub const PROCESS: &str = "tram.process";

/// PostgreSQL takes messages below 8,000 bytes; the mark has 16.
const MAX_PAYLOAD_BYTES: usize = 7_900;
/// How long to wait before asking again a database that does not let us listen.
const PAUSE: Duration = Duration::from_secs(1);

/// The scopes as few messages, without the mark. Scopes with a line feed, of which there are none, would be passed over.
pub fn payloads(scopes: &BTreeSet<String>) -> Vec<String> {
    let mut payloads = vec![String::new()];
    for scope in scopes.iter().filter(|scope| !scope.contains('\n') && scope.len() < MAX_PAYLOAD_BYTES) {
        if payloads.last().is_some_and(|last| last.len() + scope.len() >= MAX_PAYLOAD_BYTES) {
            payloads.push(String::new());
        }
        if let Some(last) = payloads.last_mut() {
            last.push('\n');
            last.push_str(scope);
        }
    }
    payloads
}

/// The task that listens; it ends with this.
#[derive(Debug)]
pub struct Ear(JoinHandle<()>);

impl Ear {
    /// Passes on what other processes than `own` tell.
    pub fn open(listener: PgListener, told: Told, own: String) -> Self {
        Self(tokio::spawn(hear(listener, told, own)))
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn hear(mut listener: PgListener, told: Told, own: String) {
    loop {
        match listener.try_recv().await {
            Ok(Some(message)) => told.tell(scopes(&message, &own)),
            // The line is made anew by itself, but what was said meanwhile is gone.
            Ok(None) => told.send(News::Unknown),
            Err(sqlx::Error::PoolClosed) => return,
            Err(fault) => {
                tracing::warn!(error = &fault as &dyn std::error::Error, "news of other processes do not come");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn scopes(message: &PgNotification, own: &str) -> BTreeSet<String> {
    let mut lines = message.payload().split('\n');
    if lines.next() == Some(own) { BTreeSet::new() } else { lines.map(str::to_owned).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_scopes_fit_into_few_messages() {
        let scopes: BTreeSet<String> = (0..1_000).map(|number| format!("device:{number:032}")).collect();
        let payloads = payloads(&scopes);
        assert_eq!(payloads.len(), 6);
        assert!(payloads.iter().all(|payload| payload.len() + 16 < 8_000));
        let read: BTreeSet<String> =
            payloads.iter().flat_map(|payload| payload.split('\n').skip(1)).map(str::to_owned).collect();
        assert_eq!(read, scopes);
    }
}
