//! When does the program end, and how do long answers learn of it?

use tokio::sync::watch;

/// A switch that is thrown once.
#[derive(Clone)]
pub(super) struct Stop {
    sender: watch::Sender<bool>,
}

impl Stop {
    /// Not thrown.
    pub(super) fn new() -> Self {
        Self {
            sender: watch::Sender::new(false),
        }
    }

    /// Throws the switch.
    pub(super) fn throw(&self) {
        self.sender.send_replace(true);
    }

    /// Whether it was thrown.
    pub(super) fn is_stopping(&self) -> bool {
        *self.sender.borrow()
    }

    /// Waits until it is thrown.
    pub(super) async fn wait(&self) {
        let mut receiver = self.sender.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = receiver.wait_for(|stopping| *stopping).await;
    }
}
