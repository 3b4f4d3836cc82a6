//! A Centre whose clock stands elsewhere: the real server as a library, on the directory and database of a [`Server`].
//!
//! The shipped program reads the machine's clock and nothing else. Stories that need certificates of another time let
//! this one issue them, and then start the program itself.

use std::sync::Arc;

use dossier::catalogue::Catalogue;
use sync_server::{
    port::{Clock, SystemClock, SystemEntropy},
    server::{Place, Server as Library},
};

use crate::Server;

/// The machine's clock, shifted.
struct Shifted {
    by_ms: i64,
}

impl Clock for Shifted {
    fn now_ms(&self) -> i64 {
        SystemClock.now_ms() + self.by_ms
    }
}

impl Server {
    /// Does `work` while the Centre answers at its address with its clock showing `now_ms` (and going on from there).
    /// The program must not run meanwhile.
    ///
    /// # Panics
    /// If the server does not start.
    pub fn with_clock_at<T>(&self, now_ms: i64, work: impl FnOnce() -> T) -> T {
        let place = Place { data: self.data().to_owned(), database_url: self.database_url() };
        let address = ("127.0.0.1", self.port());
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (serving,) = runtime.block_on(async {
            let clock = Arc::new(Shifted { by_ms: now_ms - SystemClock.now_ms() });
            let library = Library::open(&place, Catalogue::shipped(), clock, Arc::<SystemEntropy>::default()).await;
            let library = library.expect("the Centre opens");
            let listener = tokio::net::TcpListener::bind(address).await.expect("the Centre's port is free");
            let stop = async {
                let _ = stopped.await;
            };
            (tokio::spawn(library.serve(listener, stop)),)
        });
        let done = work();
        let _ = stop.send(());
        runtime.block_on(serving).expect("the server does not panic").expect("the server ends well");
        done
    }
}
