//! How does a file come in from the shell: dry run, report, question, commit; the same steps as on the page.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::app::{App, ImportView, Policy, Upload, Who};
use crate::config::Config;
use crate::spatial::Datum;
use crate::ticket::Channel;

use crate::cli::out::{ask, remark, say};
use crate::cli::progress::follow;
use crate::cli::run::{Failure, open};

const EXAMPLES: &str = "\
例 Examples:
  zhilu import 2024年11月.xlsx --dry-run                    只看报告 / the report only
  zhilu import 2024年11月.xlsx                              看报告，确认后写入 / asks before it writes
  zhilu import 122.csv --channel 122 --datum gcj02 --yes    不再询问 / without a question
同一文件再导入一次不会改变任何数据。 The same file again changes nothing.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ImportArgs {
    /// CSV、XLSX、XLS 或 ODS 文件 — files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 只试读并报告，不写入 — read and report, write nothing
    #[arg(long)]
    dry_run: bool,
    /// 不询问，直接写入 — write without asking
    #[arg(long, short)]
    yes: bool,
    /// 有任何一行不能导入就全部不导入 — write nothing if a single row is refused
    #[arg(long)]
    all_or_none: bool,
    /// 经纬度的坐标系 — datum of pairs that say none: wgs84, cgcs2000, gcj02, bd09
    #[arg(long, value_name = "DATUM")]
    datum: Option<String>,
    /// 未注明渠道的行归入 — channel of rows that say none: 12345, 12123, media, 122, supervision, patrol, walkin, api
    #[arg(long, value_name = "CODE")]
    channel: Option<String>,
    /// 来源名称，记住其列映射 — name of the source whose column mapping is remembered
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
}

/// Imports files one after the other; stops at the first that cannot be read.
pub(super) async fn import(config: &Config, args: ImportArgs) -> Result<(), Failure> {
    let upload = options(&args)?;
    let app = open(config).await?;
    let mut outcome = Ok(());
    for file in &args.files {
        outcome = one(&app, file, &upload, &args).await;
        if outcome.is_err() {
            break;
        }
    }
    app.close().await;
    outcome
}

fn options(args: &ImportArgs) -> Result<Upload, Failure> {
    let datum = args.datum.as_deref().map(|text| {
        Datum::parse(text).ok_or_else(|| {
            Failure::usage(format!(
                "--datum {text}: must be wgs84, cgcs2000, gcj02 or bd09"
            ))
        })
    });
    let channel = args.channel.as_deref().map(|code| {
        Channel::from_code(code).ok_or_else(|| {
            let known = Channel::ALL.map(Channel::code).join(", ");
            Failure::usage(format!("--channel {code}: must be one of {known}"))
        })
    });
    Ok(Upload {
        file_name: String::new(),
        source: args.source.clone(),
        channel: channel.transpose()?,
        datum: datum.transpose()?,
    })
}

async fn one(
    app: &Arc<App>,
    path: &Path,
    upload: &Upload,
    args: &ImportArgs,
) -> Result<(), Failure> {
    let file = File::open(path).map_err(|e| {
        Failure::failed(format!("{} 无法打开 cannot be opened: {e}", path.display()))
    })?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let upload = Upload {
        file_name: name.unwrap_or_default(),
        ..upload.clone()
    };
    let who = Who::system("shell");
    let staged = app.stage(&who, upload, Box::new(file)).await?;
    if let Err(failure) = follow(app, staged.job).await {
        app.discard_import(&who, staged.id).await?;
        return Err(Failure::failed(format!(
            "{}: {}",
            path.display(),
            failure.text()
        )));
    }
    let report = app.import_report(&who, staged.id).await?;
    print(&report)?;
    if args.dry_run {
        app.discard_import(&who, staged.id).await?;
        return say("试读完成，未写入 — dry run, nothing was written");
    }
    if !agreed(args.yes, &report) {
        app.discard_import(&who, staged.id).await?;
        return Err(Failure::failed(
            "未写入 — nothing was written; --yes writes without a question",
        ));
    }
    let policy = if args.all_or_none {
        Policy::AllOrNone
    } else {
        Policy::GoodRows
    };
    let job = match app.commit_import(&who, staged.id, policy).await {
        Ok(job) => job,
        Err(error) => {
            app.discard_import(&who, staged.id).await?;
            return Err(error.into());
        }
    };
    let done = follow(app, job).await?;
    say(&format!(
        "已写入，批次 {} — committed as batch {}. {}",
        report.id, report.id, done.message
    ))
}

/// Nothing to write needs no question; nobody to ask needs `--yes`.
fn agreed(yes: bool, report: &ImportView) -> bool {
    if yes || report.counts.new + report.counts.changed == 0 {
        return true;
    }
    let question = format!(
        "写入 {} 条新工单、更新 {} 条？ write {} new, change {}?",
        report.counts.new, report.counts.changed, report.counts.new, report.counts.changed
    );
    ask(&question).unwrap_or_else(|| {
        remark("没有终端可询问 — no terminal to ask on");
        false
    })
}

/// Prints the report of a dry run: counts, mapping, findings.
fn print(report: &ImportView) -> Result<(), Failure> {
    let c = &report.counts;
    let about = [report.format, report.encoding]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ");
    say(&format!("{} ({about}) {}", report.file, report.sheet))?;
    say(&format!(
        "  {} 行 rows: 新增 new {}, 更新 changed {}, 相同 same {}, 错误 error {}, 空行 blank {}, 重复表头 repeated header {}",
        report.rows, c.new, c.changed, c.same, c.error, c.blank, c.repeated_header
    ))?;
    for finding in &report.findings {
        say(&format!(
            "  · {}×{} {}；{}",
            finding.count, finding.code, finding.why, finding.cure
        ))?;
    }
    for missing in &report.missing {
        say(&format!(
            "  ! 缺少字段 missing field: {} ({})",
            missing.title, missing.id
        ))?;
    }
    for e in report.errors.iter().take(20) {
        say(&format!(
            "  行 row {} {} \"{}\": {}；{}",
            e.row, e.column, e.value, e.why, e.cure
        ))?;
    }
    Ok(())
}
