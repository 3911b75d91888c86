//! How does a long solve show its best and bound on the terminal, and keep its best plan when it is interrupted?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use indicatif::ProgressBar;
use tokio::runtime::Builder;
use tokio::signal;

use crate::cli::out::remark;
use crate::cli::run::Failure;

/// Exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// A solve under way: its line on the terminal, and whether it shall go on.
pub(super) struct Solving {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
    begun: Instant,
    seconds: Option<u64>,
}

impl Solving {
    /// Begins; stops after so many seconds or at Ctrl-C with the best plan so far, a second Ctrl-C ends the program.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn begin(seconds: Option<u64>) -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Failure::failed(format!("no runtime: {e}")))?;
        std::thread::spawn(move || {
            runtime.block_on(async {
                while signal::ctrl_c().await.is_ok() {
                    if asked.swap(true, Ordering::Relaxed) {
                        std::process::exit(INTERRUPTED);
                    }
                }
            });
        });
        Ok(Self {
            bar: ProgressBar::new_spinner(),
            stop,
            begun: Instant::now(),
            seconds,
        })
    }

    /// Shows a line; false when the solve shall end.
    pub(super) fn tell(&self, line: String) -> bool {
        self.bar.set_message(line);
        self.bar.tick();
        let late = self
            .seconds
            .is_some_and(|most| self.begun.elapsed().as_secs() >= most);
        !late && !self.stop.load(Ordering::Relaxed)
    }

    /// Clears the line; says so when the plan is what was found until it was stopped.
    pub(super) fn end(self) {
        self.bar.finish_and_clear();
        if self.stop.load(Ordering::Relaxed) {
            remark("已中断，保留目前最好的方案 — interrupted, the best plan so far is kept");
        }
    }
}
