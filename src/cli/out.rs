//! How are lines written: answers to standard output, everything else to standard error; a closed pipe is not a failure.

use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::cli::run::Failure;

/// Writes a line of the answer.
///
/// # Errors
/// When standard output cannot be written; a reader that went away (`| head`) ends quietly.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::failed(format!(
            "standard output cannot be written: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Writes a remark beside the answer.
pub(super) fn remark(text: &str) {
    // Nobody can be told when standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes the last line of a command that did not work.
pub(super) fn complain(failure: &Failure) {
    if !failure.text().is_empty() {
        remark(&format!("zhilu: {}", failure.text()));
    }
}

/// Asks a yes-or-no question on a terminal; `None` when there is nobody to ask.
pub(super) fn ask(question: &str) -> Option<bool> {
    if !io::stdin().is_terminal() {
        return None;
    }
    let mut err = io::stderr().lock();
    let _ = write!(err, "{question} [y/N] ");
    let _ = err.flush();
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).ok()?;
    Some(matches!(
        answer.trim().to_lowercase().as_str(),
        "y" | "yes" | "是" | "好"
    ))
}
