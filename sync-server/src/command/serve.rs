//! `tram-server serve`.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Args;
use dossier::catalogue::Catalogue;
use tokio::{net::TcpListener, signal};
use tracing_subscriber::EnvFilter;

use super::{At, CommandFault, say};
use crate::{
    port::{SystemClock, SystemEntropy},
    server::{Place, Server, ServerFault},
    web::Web,
};

/// Answer devices.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    at: At,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, env = "TRAM_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// The folder of the built web app, instead of the one inside this program. It is read once, at start.
    #[arg(long, env = "TRAM_WEB", value_name = "DIR")]
    web: Option<PathBuf>,
    /// Write the log as JSON, one object a line.
    #[arg(long)]
    json: bool,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), CommandFault> {
        let Self { at, listen, web, json } = self;
        log(json);
        let place = Place::from(at);
        let server =
            Server::open(&place, Catalogue::shipped(), Arc::new(SystemClock), Arc::<SystemEntropy>::default()).await?;
        let server = match web {
            Some(folder) => server.with_web(Web::folder(&folder).map_err(ServerFault::Web)?),
            None => server,
        };
        let listener = TcpListener::bind(listen).await.map_err(ServerFault::Network)?;
        let address = listener.local_addr().map_err(ServerFault::Network)?;
        let stop = stop()?;
        tracing::info!(storage = server.exchange().storage.name(), "serving");
        // The socket takes connections from here on, so whoever reads this line is answered.
        say(&format!("http://{address}"))?;
        server.serve(listener, stop).await?;
        Ok(())
    }
}

/// The log goes to standard error; what is logged is said with `RUST_LOG`.
fn log(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        builder.json().init();
    } else {
        builder.with_ansi(false).init();
    }
}

/// Resolves when the process is asked to stop.
fn stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        let mut interrupt = signal::unix::signal(signal::unix::SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            if signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
