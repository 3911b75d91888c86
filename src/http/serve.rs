//! How does the server start, listen and stop?

use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal;

use crate::app::{App, BasemapFile};
use crate::config::Config;
use crate::http::{Door, assemble};

/// Why the server did not start.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The port is taken.
    #[error(
        "{0} is in use by another program: stop that one, or listen elsewhere with --listen 127.0.0.1:{next}",
        next = .0.port().checked_add(1).unwrap_or(8081)
    )]
    PortInUse(SocketAddr),
    /// The port or address is not allowed to this user.
    #[error("listening on {addr} is not possible: {why}; try --listen 127.0.0.1:8080")]
    Address {
        /// Where.
        addr: SocketAddr,
        /// What the system says.
        why: String,
    },
    /// `public_url` is no origin.
    #[error("public_url {url} is not an address such as https://zhilu.example: {why}")]
    PublicUrl {
        /// As configured.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// The interface description is broken: a fault of the program.
    #[error("the description of the interface cannot be made: {0}")]
    Description(String),
    /// The server failed while running.
    #[error("the server stopped: {0}")]
    Failed(String),
}

/// A server that holds its port but does not answer yet.
pub struct Listening {
    listener: TcpListener,
    router: axum::Router,
    door: Arc<Door>,
    addr: SocketAddr,
}

impl Listening {
    /// Takes the port.
    ///
    /// # Errors
    /// [`ServeError::PortInUse`] and its kin, each with the cure.
    pub async fn bind(app: Arc<App>, config: Config) -> Result<Self, ServeError> {
        let wanted = config.listen;
        let basemap = match &config.basemap {
            Some(path) => Some(
                BasemapFile::open(path)
                    .await
                    .map_err(|e| ServeError::Failed(e.to_string()))?,
            ),
            None => None,
        };
        let (router, door) = assemble(app, config, basemap)?;
        let failed = |e: std::io::Error| match e.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::PortInUse(wanted),
            _ => ServeError::Address {
                addr: wanted,
                why: e.to_string(),
            },
        };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            router,
            door,
            addr,
        })
    }

    /// Where it listens; the real port when port 0 was asked.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Answers until the program is told to stop (Ctrl-C, SIGTERM); running requests get the grace time, then the rest is cut.
    ///
    /// # Errors
    /// [`ServeError::Failed`] when the socket breaks.
    pub async fn run(self) -> Result<(), ServeError> {
        let door = Arc::clone(&self.door);
        let service = self
            .router
            .into_make_service_with_connect_info::<SocketAddr>();
        let stop = door.stop.clone();
        let graceful = async move {
            asked_to_stop().await;
            tracing::info!("stopping: running requests are finished first");
            stop.throw();
        };
        let serving = axum::serve(self.listener, service).with_graceful_shutdown(graceful);
        let late = async {
            door.stop.wait().await;
            tokio::time::sleep(door.config.grace).await;
        };
        tokio::select! {
            done = async { serving.await } => done.map_err(|e| ServeError::Failed(e.to_string())),
            () = late => {
                tracing::warn!("stopped with requests still running");
                Ok(())
            }
        }
    }
}

async fn asked_to_stop() {
    let interrupt = async {
        // Without a handler the program would end at once anyway.
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use signal::unix::{SignalKind, signal as listen};
        match listen(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    () = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
