//! How far is a job: a bar on a terminal, silence elsewhere, and the job's own last words.

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use crate::app::{App, Event, JobView};

use crate::cli::run::Failure;

/// Waits for a job and shows how far it is.
///
/// # Errors
/// The job's own reason when it failed or was cancelled.
pub(super) async fn follow(app: &Arc<App>, job: i64) -> Result<JobView, Failure> {
    let mut events = app.listen();
    let bar = ProgressBar::new_spinner();
    let id = job.to_string();
    let wait = app.wait(job);
    tokio::pin!(wait);
    let done = loop {
        tokio::select! {
            done = &mut wait => break done?,
            event = events.recv() => {
                if let Ok(Event::Job { id: which, stage, done, total, .. }) = event
                    && which == id
                {
                    show(&bar, &stage, done, total);
                }
            }
        }
    };
    bar.finish_and_clear();
    match done.state.as_str() {
        "done" => Ok(done),
        _ => Err(Failure::failed(done.message)),
    }
}

fn show(bar: &ProgressBar, stage: &str, done: u64, total: u64) {
    if total > 0 && bar.length() != Some(total) {
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {human_pos}/{human_len} {eta}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_length(total);
    }
    bar.set_message(stage.to_owned());
    bar.set_position(done);
}
