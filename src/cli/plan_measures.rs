//! Which measures for the money, from plain files in a shell?

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::app::plan_files::{self, Files};
use crate::cli::out::say;
use crate::cli::run::Failure;
use crate::cli::solving::Solving;
use crate::plan::Wish;

#[derive(Args)]
pub(super) struct MeasuresArgs {
    /// 点位表：CSV（`site,name,kind,tickets_per_year,weight`）或 JSON — sites with their loads
    #[arg(long, value_name = "FILE")]
    sites: PathBuf,
    /// 部门预算（元），可重复：--budget 交警=200000 — a department's budget in yuan, may be repeated
    #[arg(long, value_name = "DEPARTMENT=YUAN")]
    budget: Vec<String>,
    /// 参数，可重复：`mode`、`gamma`、`horizon_years`、`rate`、`max_bundle`、`gap_limit`、`draws`、`seed`… — a parameter, may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// 必上 — an alternative that must be taken, may be repeated
    #[arg(long, value_name = "ID")]
    must: Vec<String>,
    /// 不上 — an alternative that must not, may be repeated
    #[arg(long, value_name = "ID")]
    without: Vec<String>,
    /// 为什么选它、为什么不选它 — why an alternative is in the plan or not
    #[arg(long, value_name = "ID")]
    explain: Option<String>,
    /// 措施目录文件夹，缺省为内置 — folder of the catalogue, else the shipped one
    #[arg(long, value_name = "FOLDER")]
    catalogue: Option<PathBuf>,
    /// 本市实测效果 JSON — own results by measure
    #[arg(long, value_name = "FILE")]
    local: Option<PathBuf>,
    /// 最多求解多少秒，到时保留目前最好的方案 — stop after so many seconds and keep the best plan so far
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
    /// 结果写到这里（.json、.xlsx、.geojson），缺省打印 — write the answer here, else it is printed
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Makes the plan or explains an alternative.
pub(super) fn measures(args: &MeasuresArgs) -> Result<(), Failure> {
    let files = Files {
        sites: &args.sites,
        catalogue: args.catalogue.as_deref(),
        local: args.local.as_deref(),
        wish: wish(args)?,
        explain: args.explain.as_deref(),
    };
    let solving = Solving::begin(args.seconds)?;
    let mut tell = |best: Option<i64>, bound: i64| {
        solving.tell(format!(
            "最好 best {:.1} / 上界 bound {:.1}",
            best.unwrap_or(0) as f64 / 1000.0,
            bound as f64 / 1000.0
        ))
    };
    let answer = plan_files::run(&files, &mut tell);
    solving.end();
    let answer = answer.map_err(|e| Failure::failed(e.to_string()))?;
    match &args.output {
        None => say(&format!("{answer:#}")),
        Some(path) => {
            let bytes = plan_files::written(&answer, path);
            let bytes = bytes.map_err(|e| Failure::failed(e.to_string()))?;
            fs::write(path, bytes).map_err(|e| Failure::failed(format!("{}: {e}", path.display())))
        }
    }
}

/// The defaults with what was given; names and bounds are those of the page.
fn wish(args: &MeasuresArgs) -> Result<Wish, Failure> {
    let mut body = json!(Wish::default());
    for pair in &args.set {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::usage("--set 应为 NAME=VALUE — is written NAME=VALUE"))?;
        let read = serde_json::from_str::<Value>(value).unwrap_or_else(|_| json!(value));
        body[name] = read;
    }
    let mut named = BTreeSet::new();
    for pair in &args.budget {
        let read = pair
            .split_once('=')
            .and_then(|(d, y)| Some((d, y.parse::<i64>().ok()?)));
        let (department, yuan) = read.ok_or_else(|| {
            Failure::usage("--budget 应为 部门=元，如 交警=200000 — is written DEPARTMENT=YUAN")
        })?;
        if !named.insert(department) {
            return Err(Failure::usage(format!(
                "--budget {department} 给了两次，每个部门一次 — stands twice, name every department once"
            )));
        }
        let budgets = body["budgets"].as_object_mut().ok_or_else(|| {
            Failure::usage(
                "--set budgets 应为对象，如 budgets={\"交警\":200000} — must be an object of department: yuan",
            )
        })?;
        budgets.insert(department.to_owned(), json!(yuan));
    }
    body["mandatory"] = json!(args.must);
    body["forbidden"] = json!(args.without);
    serde_json::from_value(body).map_err(|e| Failure::usage(format!("--set: {e}")))
}
