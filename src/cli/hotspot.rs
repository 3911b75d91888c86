//! What does a hotspot method say about plain files: run it, list the methods, show a method's page.

use std::path::PathBuf;

use clap::Args;

use crate::app::hotspot_files;

use crate::cli::out::say;
use crate::cli::run::Failure;

const EXAMPLES: &str = "\
例 Examples:
  zhilu hotspot                                              列出方法 / lists the methods
  zhilu hotspot gi_star --doc                                方法说明 / the method's page
  zhilu hotspot dbscan --input points.csv --set eps=50 --set min_pts=5
  zhilu hotspot scan --input FOLDER --output answer.json     文件夹含 locations.csv, cases.csv";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct HotspotArgs {
    /// 方法名 — the method; without it the methods are listed
    #[arg(value_name = "METHOD")]
    method: Option<String>,
    /// CSV、JSON 文件或文件夹 — a CSV or JSON file, or a folder of CSV files
    #[arg(long, value_name = "PATH")]
    input: Option<PathBuf>,
    /// 结果写到这里（.json 或 .csv），缺省打印 — write the answer here, else it is printed
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// 参数 — a parameter, may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// 显示方法说明 — show the method's page instead of running it
    #[arg(long)]
    doc: bool,
}

/// Runs, lists or explains.
pub(super) fn hotspot(args: &HotspotArgs) -> Result<(), Failure> {
    let Some(method) = &args.method else {
        for (name, title) in hotspot_files::list() {
            say(&format!("{name:<18} {title}"))?;
        }
        return Ok(());
    };
    let failed = |e: crate::app::Error| Failure::failed(e.to_string());
    if args.doc {
        return say(&hotspot_files::page(method).map_err(failed)?);
    }
    let Some(input) = &args.input else {
        return Err(Failure::usage(
            "--input PATH 缺失 — is missing: a CSV or JSON file, or a folder",
        ));
    };
    let given = args
        .set
        .iter()
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Failure::usage("--set 应为 NAME=VALUE — is written NAME=VALUE"))?;
    let answer = hotspot_files::run(method, input, &given).map_err(failed)?;
    match &args.output {
        Some(output) => hotspot_files::write(&answer, output).map_err(failed),
        None => say(&format!("{answer:#}")),
    }
}
