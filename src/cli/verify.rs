//! Does the program give the known answers: one line per group, failures with their figures, and the count.

use std::path::PathBuf;

use clap::Args;

use crate::app::verify::{self, Check};

use crate::cli::out::{remark, say};
use crate::cli::run::Failure;

const EXAMPLES: &str = "\
例 Examples:
  zhilu verify ../shared/data/oracles ../shared/data/city
  zhilu verify ../shared/data/oracles/locating --emit out   同时写出本程序算出的结果 / writes what it computed";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyArgs {
    /// 用例目录，逐层查找 — folders that are searched for golden cases
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// 把算出的结果写到这里 — write what was computed here, one folder per case
    #[arg(long, value_name = "DIR")]
    emit: Option<PathBuf>,
}

/// Failed checks shown per group; the count tells of the others.
const SHOWN: usize = 20;

/// Runs the golden cases; exit code 1 on any failure.
pub(super) fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let mut wrote = Ok(());
    let mut each = |checks: &[Check]| {
        if wrote.is_ok() {
            wrote = report(checks);
        }
    };
    let verdict = verify::run(&args.folders, args.emit.as_deref(), &mut each);
    wrote?;
    let (passed, failed) = (verdict.passed(), verdict.failed());
    say(&format!("{passed} passed, {failed} failed"))?;
    if failed > 0 {
        return Err(Failure::silent());
    }
    Ok(())
}

fn report(checks: &[Check]) -> Result<(), Failure> {
    let verdict = verify::Verdict {
        checks: checks.to_vec(),
    };
    for group in verdict.groups() {
        let mark = if group.failed == 0 {
            "ok    "
        } else {
            "FAILED"
        };
        say(&format!(
            "{mark} {}: {} passed, {} failed",
            group.name, group.passed, group.failed
        ))?;
        let bad = checks.iter().filter(|c| !c.passed && c.group == group.name);
        for check in bad.take(SHOWN) {
            say(&format!("         {}: {}", check.name, check.detail))?;
        }
        if group.failed > SHOWN {
            remark(&format!("         … {} more", group.failed - SHOWN));
        }
    }
    Ok(())
}
