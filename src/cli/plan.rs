//! What do the planners say about plain files: posts and chains, a roster, loops of motor units?

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::app::{Error, duty_files, hotspot_files};

use crate::cli::out::say;
use crate::cli::plan_measures::{MeasuresArgs, measures};
use crate::cli::run::Failure;
use crate::cli::solving::Solving;

const EXAMPLES: &str = "\
例 Examples:
  zhilu plan measures --sites sites.csv --budget 交警=200000 --budget 城管=80000
  zhilu plan measures --sites sites.csv --budget 交警=200000 --explain s07:marking_yellow_grid
  zhilu plan posts --input peak.json                                  一个高峰：最少人数、每多一人多覆盖多少
  zhilu plan posts --input term.json --date 2024-09-02                某日各校门需要几岗
  zhilu plan roster --input roster.json --output answer.json          排班、公平性、未覆盖原因
  zhilu plan roster --input term.json --from 2024-09-02 --weeks 4
  zhilu plan loop --input spots.json --units 2 --draw 7               巡逻环线；--draw 使到访不可预测";

/// Planners on plain files.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum PlanTask {
    /// 措施选择：有限经费下上哪些措施 — which measures for the money: proved, with frontier, stability and reasons
    Measures(MeasuresArgs),
    /// 护学岗：每个校门要几人，几个人最多能覆盖多少 — posts a day asks for, and chains of gates one person can serve
    Posts(PostsArgs),
    /// 排班：覆盖、变动、公平三级最优 — a roster: coverage, change, fairness, with reasons and bounds
    Roster(RosterArgs),
    /// 巡逻环线 — loops of motor units along spots with time windows
    Loop(LoopArgs),
}

/// Where input and answer are.
#[derive(Args)]
struct Files {
    /// JSON 文件 — a JSON file
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// 结果写到这里，缺省打印 — write the answer here, else it is printed
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct PostsArgs {
    #[command(flatten)]
    files: Files,
    /// 日期，输入为校门与铃声时需要 — the day, when the file holds gates and bells
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
}

#[derive(Args)]
pub(super) struct RosterArgs {
    #[command(flatten)]
    files: Files,
    /// 第一天，输入为校门、铃声与人员时需要 — first day, when the file holds gates, bells and people
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// 周数 — weeks
    #[arg(long, value_name = "N", default_value_t = 1)]
    weeks: i64,
    /// 最多求解多少秒，到时保留目前最好的方案 — stop after so many seconds and keep the best plan so far
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

#[derive(Args)]
pub(super) struct LoopArgs {
    #[command(flatten)]
    files: Files,
    /// 巡逻单元数，缺省取文件 — units, else those of the file
    #[arg(long, value_name = "N")]
    units: Option<usize>,
    /// 在最优 1% 以内随机抽取一案的种子 — seed: draw one of the plans within 1 % of the best
    #[arg(long, value_name = "SEED")]
    draw: Option<u64>,
    /// 最多求解多少秒，到时保留目前最好的方案 — stop after so many seconds and keep the best plan so far
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

/// Runs a planner.
pub(super) fn plan(task: &PlanTask) -> Result<(), Failure> {
    let (files, answer) = match task {
        PlanTask::Measures(args) => return measures(args),
        PlanTask::Posts(a) => (
            &a.files,
            duty_files::posts(&a.files.input, a.date.as_deref()),
        ),
        PlanTask::Roster(a) => {
            let from = a.from.as_deref();
            let answer = watched(a.seconds, |tell| {
                duty_files::roster(&a.files.input, from, a.weeks, tell)
            })?;
            (&a.files, answer)
        }
        PlanTask::Loop(a) => {
            let answer = watched(a.seconds, |tell| {
                duty_files::loops(&a.files.input, a.units, a.draw, tell)
            })?;
            (&a.files, answer)
        }
    };
    give(files, answer)
}

/// What a solver is given to tell: best, bound, thousandths of the work done; false ends it.
type Tell<'a> = &'a mut dyn FnMut(i64, i64, u64) -> bool;

/// Solves with best and bound on the terminal; time and Ctrl-C end the search with the best plan so far.
fn watched(
    seconds: Option<u64>,
    work: impl FnOnce(Tell<'_>) -> Result<Value, Error>,
) -> Result<Result<Value, Error>, Failure> {
    let solving = Solving::begin(seconds)?;
    let answer = work(&mut |best, bound, done| {
        solving.tell(format!(
            "最好 best {best} / 上界 bound {bound} · {} %",
            done / 10
        ))
    });
    solving.end();
    Ok(answer)
}

fn give(files: &Files, answer: Result<Value, Error>) -> Result<(), Failure> {
    let failed = |e: Error| Failure::failed(e.to_string());
    let answer = answer.map_err(failed)?;
    match &files.output {
        Some(output) => hotspot_files::write(&answer, output).map_err(failed),
        None => say(&format!("{answer:#}")),
    }
}
