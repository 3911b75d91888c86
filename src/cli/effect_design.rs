//! What does a second opinion say about a plain document: run it, list the designs, show a design's page.

use std::path::PathBuf;

use clap::Args;

use crate::app::design_files;

use crate::cli::out::say;
use crate::cli::run::Failure;

const EXAMPLES: &str = "\
例 Examples:
  zhilu effect design                                        列出方法 / lists the designs
  zhilu effect design its --doc                              方法说明 / the design's page
  zhilu effect design comparison_group --input case.json --output answer.json";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DesignArgs {
    /// 方法名 — the design; without it the designs are listed
    #[arg(value_name = "DESIGN")]
    design: Option<String>,
    /// JSON 文件 — a JSON document, or a file of cases
    #[arg(long, value_name = "JSON")]
    input: Option<PathBuf>,
    /// 结果写到这里，缺省打印 — write the answer here, else it is printed
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// 显示方法说明 — show the design's page instead of running it
    #[arg(long)]
    doc: bool,
}

/// Runs, lists or explains.
pub(super) fn design(args: &DesignArgs) -> Result<(), Failure> {
    let Some(name) = &args.design else {
        for (name, title) in design_files::list() {
            say(&format!("{name:<18} {title}"))?;
        }
        return Ok(());
    };
    let failed = |e: crate::app::Error| Failure::failed(e.to_string());
    if args.doc {
        return say(&design_files::page(name).map_err(failed)?);
    }
    let Some(input) = &args.input else {
        return Err(Failure::usage(
            "--input JSON 缺失 — is missing: a document with the fields of the design's page",
        ));
    };
    let answer = design_files::run(name, input).map_err(failed)?;
    match &args.output {
        Some(output) => design_files::write(&answer, output).map_err(failed),
        None => say(&format!("{answer:#}")),
    }
}
