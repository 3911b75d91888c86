//! How does a person start the program: `serve` for work, `demo` to look.

use std::sync::Arc;

use crate::config::Config;
use crate::http::{Listening, ServeError};

use super::out::say;
use super::run::{Failure, open};

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self::failed(error.to_string())
    }
}

/// Serves until stopped; the first start makes an administrator and prints the one-time password, once.
pub(super) async fn serve(config: Config) -> Result<(), Failure> {
    let app = open(&config).await?;
    // The port is taken before a password is made, so that a failed start shows none.
    let listening = Listening::bind(Arc::clone(&app), config).await?;
    if let Some((name, password)) = app.first_admin().await? {
        say(&format!(
            "首次启动，已建立管理员账号（密码仅显示这一次，登录后须修改）\nfirst start: an administrator was made (shown once, to be changed at login)\n  用户名 name:     {name}\n  密码   password: {password}"
        ))?;
    }
    say(&format!("治路 Zhilu: http://{}", listening.addr()))?;
    listening.run().await?;
    app.close().await;
    Ok(())
}

/// Serves the simulated city with one ready account per role.
pub(super) async fn demo(config: Config) -> Result<(), Failure> {
    let _ = config;
    Err(Failure::failed(
        "demo: the import of the simulated city is not part of this build",
    ))
}
