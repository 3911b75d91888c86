//! What surrounds every command: the runtime, the log, opening the data folder, and failures with their exit code.

use std::future::Future;
use std::io;
use std::sync::Arc;

use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

use crate::app::{self, App, Clock};
use crate::config::{Config, LogFormat};

/// Why a command did not work, with its exit code.
#[derive(Debug)]
pub(super) struct Failure {
    text: String,
    code: u8,
}

impl Failure {
    /// Refused or failed: exit code 1.
    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            code: 1,
        }
    }

    /// The command line or an option is wrong: exit code 2.
    pub(super) fn usage(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            code: 2,
        }
    }

    /// Failed, and everything was said already.
    pub(super) fn silent() -> Self {
        Self::failed("")
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) const fn code(&self) -> u8 {
        self.code
    }
}

impl From<app::Error> for Failure {
    fn from(error: app::Error) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::failed(format!("{error:#}"))
    }
}

/// Runs a command on all cores.
pub(super) fn block_on<F>(work: F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::failed(format!("no runtime: {e}")))?;
    let done = runtime.block_on(work);
    // A long computation of a job that nobody waits for any more must not hold the program.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}

/// Sends the log to standard error, as text or JSON; never personal data, ticket text, tokens or bodies.
pub(super) fn log_to_stderr(config: &Config) -> Result<(), Failure> {
    // The library of the embedded page speaks on every start; its warnings are enough.
    let filter = EnvFilter::try_new(format!("memory_serve=warn,{}", config.log)).map_err(|e| {
        Failure::usage(format!(
            "log = \"{}\": {e}; write for example info or zhilu=debug,info",
            config.log
        ))
    })?;
    let base = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    // A second call happens in tests only, where the first one stands.
    let _ = match config.log_format {
        LogFormat::Json => base.json().flatten_event(true).try_init(),
        LogFormat::Text => base.with_target(false).try_init(),
    };
    Ok(())
}

/// Options of the use cases.
pub(super) fn app_options(config: &Config) -> app::Options {
    app::Options {
        database_url: config.database_url.clone(),
        key: config.key.clone(),
        demo: config.demo,
        ..app::Options::new(&config.data)
    }
}

/// Opens the data folder.
pub(super) async fn open(config: &Config) -> Result<Arc<App>, Failure> {
    open_at(config, None).await
}

/// Opens the data folder with a clock of its own, or the machine's.
pub(super) async fn open_at(config: &Config, clock: Option<Clock>) -> Result<Arc<App>, Failure> {
    let options = app_options(config);
    Ok(App::open(app::Options { clock, ..options }).await?)
}
