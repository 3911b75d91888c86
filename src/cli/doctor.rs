//! Is everything in order: prints what the check-up found, each finding with its cure.

use clap::Args;

use crate::app::doctor::{self, Grade};
use crate::config::Config;

use crate::cli::out::say;
use crate::cli::run::Failure;

#[derive(Args)]
pub(super) struct DoctorArgs {
    /// 机器可读 — print JSON lines
    #[arg(long)]
    json: bool,
}

/// Runs the check-up; exit code 1 when something does not work.
pub(super) async fn run(config: &Config, args: &DoctorArgs) -> Result<(), Failure> {
    let findings = doctor::examine(config).await;
    for finding in &findings {
        if args.json {
            let line =
                serde_json::to_string(finding).map_err(|e| Failure::failed(e.to_string()))?;
            say(&line)?;
            continue;
        }
        let mark = match finding.grade {
            Grade::Good => "✓",
            Grade::Note => "·",
            Grade::Bad => "✗",
        };
        say(&format!("{mark} {}: {}", finding.subject, finding.found))?;
        if !finding.cure.is_empty() {
            say(&format!("    → {}", finding.cure))?;
        }
    }
    if findings.iter().any(|f| f.grade == Grade::Bad) {
        return Err(Failure::silent());
    }
    Ok(())
}
