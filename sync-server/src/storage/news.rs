//! Telling whoever listens that a feed has something new.
//!
//! News are a courtesy: whoever misses one finds the same rows at the next reading of the feed.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::broadcast;

/// News that wait for a slow listener; one that is further behind is told that it missed some.
const WAITING: usize = 1_024;

/// Which feeds got rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Those of these scopes.
    In(Arc<BTreeSet<String>>),
    /// Perhaps some: the line to other processes was down for a while.
    Unknown,
}

/// Where news go.
#[derive(Debug, Clone)]
pub struct Told(broadcast::Sender<News>);

impl Default for Told {
    fn default() -> Self {
        Self(broadcast::Sender::new(WAITING))
    }
}

impl Told {
    /// Tells of these scopes, if any.
    pub fn tell(&self, scopes: BTreeSet<String>) {
        if !scopes.is_empty() {
            self.send(News::In(Arc::new(scopes)));
        }
    }

    /// Tells everybody who listens; nobody need.
    pub fn send(&self, news: News) {
        let _ = self.0.send(news);
    }

    /// What is told from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }
}
