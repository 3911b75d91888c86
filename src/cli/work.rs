//! How are places, sites and exports made from the shell: locate, survey, rebuild, export.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::app::export::{self, Book, Remarks};
use crate::app::{App, ExportRun, Who, explain};
use crate::config::Config;
use crate::index::Filter;

use crate::cli::out::{remark, say};
use crate::cli::progress::follow;
use crate::cli::run::{Failure, open};

const LOCATE_EXAMPLES: &str = "\
例 Examples:
  zhilu locate \"文治路与鼎城街交叉口向北50米\"
  zhilu locate --file phrases.txt          每行一句，输出 经度,纬度,精度,误差米,可能性,名称,原文
  zhilu locate --all                       按当前地图与别名重新定位全部工单 / locates all tickets anew";

#[derive(Args)]
#[command(after_help = LOCATE_EXAMPLES)]
pub(super) struct LocateArgs {
    /// 一句话 — a text
    #[arg(required_unless_present_any = ["file", "all"])]
    text: Option<String>,
    /// 每行一句的文件 — a file with one text a line
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// 重新定位全部工单 — locate all tickets anew
    #[arg(long, conflicts_with_all = ["text", "file"])]
    all: bool,
}

const EXPORT_EXAMPLES: &str = "\
例 Examples:
  zhilu export 11月.xlsx --filter from=2024-11-01 --filter to=2024-11-30
  zhilu export 违停.geojson --filter kind=违停 --filter min_confidence=0.8
导出内容已遮蔽个人信息。 Exports are masked.";

#[derive(Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(super) struct ExportArgs {
    /// 目标文件：.csv、.xlsx 或 .geojson — target file
    #[arg(value_name = "FILE")]
    target: PathBuf,
    /// 筛选条件 名称=值，可重复 — filter NAME=VALUE, repeatable; names as in the address of the page
    #[arg(long, value_name = "NAME=VALUE")]
    filter: Vec<String>,
}

/// Reads texts, or all tickets anew.
pub(super) async fn locate(config: &Config, args: LocateArgs) -> Result<(), Failure> {
    let app = open(config).await?;
    let done = if args.all {
        job(&app, "locate").await
    } else if let Some(file) = &args.file {
        locate_file(&app, file).await
    } else {
        locate_one(&app, args.text.as_deref().unwrap_or_default()).await
    };
    app.close().await;
    done
}

async fn locate_one(app: &App, text: &str) -> Result<(), Failure> {
    let places = app.locate_text(text).await?;
    for step in explain::steps(text, &places) {
        if step.words.is_empty() {
            say(&format!("{}\n    {}", step.zh, step.en))?;
        } else {
            say(&format!("「{}」 {}\n    {}", step.words, step.zh, step.en))?;
        }
    }
    Ok(())
}

async fn locate_file(app: &App, file: &Path) -> Result<(), Failure> {
    let text = fs::read_to_string(file).map_err(|e| {
        Failure::failed(format!(
            "{} 无法读取（须为 UTF-8） cannot be read as UTF-8: {e}",
            file.display()
        ))
    })?;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let places = app.locate_text(line).await?;
        let Some(main) = places.first() else {
            continue;
        };
        let at = main
            .point
            .map_or_else(|| ",".to_owned(), |p| format!("{:.6},{:.6}", p.lon, p.lat));
        say(&format!(
            "{at},{},{:.0},{:.2},{},{line}",
            main.precision.code(),
            main.radius_m,
            main.confidence,
            main.label
        ))?;
    }
    Ok(())
}

/// Forms the sites anew.
pub(super) async fn survey(config: &Config) -> Result<(), Failure> {
    let app = open(config).await?;
    let done = job(&app, "survey").await;
    app.close().await;
    done
}

/// Recomputes everything that is derived: places, index, sites.
pub(super) async fn rebuild(config: &Config) -> Result<(), Failure> {
    let app = open(config).await?;
    let done = job(&app, "rebuild").await;
    app.close().await;
    done
}

async fn job(app: &Arc<App>, kind: &str) -> Result<(), Failure> {
    let who = Who::system("shell");
    let job = match kind {
        "locate" => app.relocate(&who).await?,
        "survey" => app.survey(&who).await?,
        _ => app.rebuild(&who).await?,
    };
    let done = follow(app, job).await?;
    let figures = app.snapshot().figures;
    say(&format!(
        "{} 工单 tickets {}, 已定位 located {}, 上图 mapped {}, 待复核 review {}, 点位 sites {}",
        done.message,
        figures.tickets,
        figures.located,
        figures.mapped,
        figures.review,
        figures.sites
    ))
}

/// Writes the filtered tickets into a file; a file that is there already is not overwritten.
pub(super) async fn export(config: &Config, args: ExportArgs) -> Result<(), Failure> {
    let form = args
        .target
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_lowercase();
    if !["csv", "xlsx", "geojson"].contains(&form.as_str()) {
        return Err(Failure::usage(format!(
            "{}: 须以 .csv、.xlsx 或 .geojson 结尾 — must end in .csv, .xlsx or .geojson",
            args.target.display()
        )));
    }
    let mut pairs = Vec::new();
    for entry in &args.filter {
        let (name, value) = entry
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--filter {entry}: must be NAME=VALUE")))?;
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let app = open(config).await?;
    let done = write(&app, &args.target, &form, &pairs).await;
    app.close().await;
    done
}

async fn write(
    app: &App,
    target: &Path,
    form: &str,
    pairs: &[(String, String)],
) -> Result<(), Failure> {
    let snapshot = app.snapshot();
    let filter =
        Filter::parse(pairs, snapshot.index.dicts()).map_err(|e| Failure::usage(e.to_string()))?;
    let fault = |e: std::io::Error| {
        Failure::failed(format!(
            "{} 无法写入 cannot be written: {e}",
            target.display()
        ))
    };
    let file = File::create_new(target).map_err(fault)?;
    let mut out = BufWriter::new(file);
    let run = app.export(&Who::system("shell"), &filter, form).await?;
    let total = run.total();
    if form == "xlsx" {
        let words: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let remarks = Remarks {
            filter: words.join(" "),
            person: "shell".to_owned(),
            at: app.now(),
            version: run.version(),
            city: snapshot
                .city
                .as_ref()
                .map_or_else(String::new, |c| c.city.meta.name.clone()),
        };
        out.write_all(&workbook(app, run, &remarks).await?)
            .map_err(fault)?;
    } else {
        text(app, run, form == "csv", &mut out).await?;
    }
    out.flush().map_err(fault)?;
    remark(&format!("{} 条工单 tickets → {}", total, target.display()));
    Ok(())
}

async fn workbook(app: &App, mut run: ExportRun, remarks: &Remarks) -> Result<Vec<u8>, Failure> {
    let mut book = Book::new()?;
    loop {
        let page = app.export_page(&mut run).await?;
        if page.is_empty() {
            return Ok(book.finish(remarks)?);
        }
        book.rows(&page)?;
    }
}

async fn text(
    app: &App,
    mut run: ExportRun,
    csv: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let fault = |e: std::io::Error| Failure::failed(format!("无法写入 cannot be written: {e}"));
    let mut first = true;
    out.write_all(&if csv {
        export::csv_head()
    } else {
        export::geojson_head()
    })
    .map_err(fault)?;
    loop {
        let page = app.export_page(&mut run).await?;
        if page.is_empty() {
            break;
        }
        let part = if csv {
            export::csv_rows(&page)
        } else {
            export::geojson_rows(&page, &mut first)
        };
        out.write_all(&part).map_err(fault)?;
    }
    if !csv {
        out.write_all(&export::geojson_tail()).map_err(fault)?;
    }
    Ok(())
}
