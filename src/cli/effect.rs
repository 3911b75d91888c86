//! What did measures do, from plain files: evaluate them all, or pretend decisions to see how often this city cries wolf?

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::effect_files::{self, Order, Outcome};
use crate::calendar::Day;
use crate::effect::placebo::{Calibration, Placebo};
use crate::effect::{Look, Settings};

use crate::cli::effect_design::{DesignArgs, design};
use crate::cli::out::say;
use crate::cli::run::Failure;

const EXAMPLES: &str = "\
例 Examples:
  zhilu effect --sites sites.csv --tickets tickets.csv --treatments treatments.csv --calendar calendar.csv --output out
  zhilu effect --sites sites.csv --tickets tickets.csv --treatments treatments.csv --ring ring_tickets.csv
  zhilu effect design its --doc
  zhilu effect placebo --sites sites.csv --tickets tickets.csv --treatments treatments.csv
文件列 Columns:
  sites      site_id,lon,lat,category              tickets  site_id,date[,caller,channel,kind,hour]
  treatments site_id,measure,decision_date,install_start,install_end[,removed_on,id,settle,hours,cost]
  calendar   date,is_offday,is_schoolday  或 or  date,kind            ring, other  site_id,date";

#[derive(Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct EffectArgs {
    #[command(subcommand)]
    command: Option<EffectCommand>,
    #[command(flatten)]
    files: Option<FileArgs>,
    /// 输出目录 — folder for estimates.csv, ring.csv, measures.csv, opinions.csv, remarks.csv, effect.json
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// 打印 JSON — print the whole answer as JSON instead of the table
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum EffectCommand {
    /// 自检：在未治理点位假装治理，看误报率 — pretend decisions at untreated sites and count false verdicts
    Placebo(PlaceboArgs),
    /// 第二意见：在普通文件上运行其他评估方法 — second opinions: run another design on a plain document
    Design(DesignArgs),
}

#[derive(Args)]
struct PlaceboArgs {
    #[command(flatten)]
    files: FileArgs,
    /// 随机种子 — seed that breaks ties between sites
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 打印 JSON — print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct FileArgs {
    /// 点位 — sites
    #[arg(long, value_name = "CSV")]
    sites: PathBuf,
    /// 工单 — tickets, one line each
    #[arg(long, value_name = "CSV")]
    tickets: PathBuf,
    /// 措施 — measures with their dates
    #[arg(long, value_name = "CSV")]
    treatments: Option<PathBuf>,
    /// 日历 — days off and school days
    #[arg(long, value_name = "CSV")]
    calendar: Option<PathBuf>,
    /// 周边工单 — tickets in the rings
    #[arg(long, value_name = "CSV")]
    ring: Option<PathBuf>,
    /// 其他类工单 — tickets of other categories in core and ring (negative control)
    #[arg(long, value_name = "CSV")]
    other: Option<PathBuf>,
    /// 数据起始日 — first day of data, else taken from the files
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Day>,
    /// 数据截止日 — last day of data, else taken from the files
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Day>,
    /// 评估方式 — one look over all that is there, or the planned look that has fallen due
    #[arg(long, value_enum, default_value_t = LookArg::Single)]
    look: LookArg,
    /// 参照排除半径（米，0 为不排除） — reference sites this near to a treated one leave the reference; 0 switches it off
    #[arg(long, value_name = "METRES", default_value_t = 500.0)]
    contamination_m: f64,
    /// 历史天数 — longest history in days
    #[arg(long, value_name = "DAYS", default_value_t = 1_096)]
    history_days: i32,
    /// 完工后稳定天数 — days between the end of works and the first day that counts
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    settle: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LookArg {
    /// 一次评估，水平 0.05 — one look at .05
    Single,
    /// 最近到期的计划评估 — the latest planned look that has fallen due
    Due,
    /// 90 天 — after 90 days
    First,
    /// 182 天 — after 182 days
    Second,
    /// 365 天 — after 365 days
    Final,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("{text} is no date; write it as 2024-05-01"))
}

impl FileArgs {
    fn order(&self) -> Order {
        let look = match self.look {
            LookArg::Single => Some(Look::Single),
            LookArg::Due => None,
            LookArg::First => Some(Look::First),
            LookArg::Second => Some(Look::Second),
            LookArg::Final => Some(Look::Final),
        };
        Order {
            sites: self.sites.clone(),
            tickets: self.tickets.clone(),
            treatments: self.treatments.clone(),
            calendar: self.calendar.clone(),
            ring: self.ring.clone(),
            other: self.other.clone(),
            from: self.from,
            until: self.until,
            look,
            settings: Settings {
                history_days: self.history_days,
                settle: self.settle,
                contamination_m: self.contamination_m,
                ..Settings::default()
            },
        }
    }
}

/// Evaluates measures on plain files, or runs the placebo.
pub(super) fn effect(args: &EffectArgs) -> Result<(), Failure> {
    let failed = |e: crate::app::Error| Failure::failed(e.to_string());
    if let Some(EffectCommand::Design(order)) = &args.command {
        return design(order);
    }
    if let Some(EffectCommand::Placebo(placebo)) = &args.command {
        let found =
            effect_files::run_placebo(&placebo.files.order(), placebo.seed).map_err(failed)?;
        if placebo.json {
            let text =
                serde_json::to_string_pretty(&found).map_err(|e| Failure::failed(e.to_string()))?;
            return say(&text);
        }
        return say_placebo(&found);
    }
    let Some(files) = &args.files else {
        return Err(Failure::usage(
            "--sites --tickets 缺失 — are missing: see zhilu effect --help",
        ));
    };
    if files.treatments.is_none() {
        return Err(Failure::usage(
            "--treatments CSV 缺失 — is missing: the measures with their dates",
        ));
    }
    let outcome = effect_files::run(&files.order()).map_err(failed)?;
    if let Some(folder) = &args.output {
        effect_files::write(&outcome, folder).map_err(failed)?;
    }
    if args.json {
        let o = &outcome;
        let value = effect_files::document(&o.prepared, &o.records, &o.league, &o.remarks);
        return say(&format!("{value:#}"));
    }
    say_outcome(&outcome)
}

/// Rows of remarks that are shown; the file holds all.
const SHOWN: usize = 20;

fn say_outcome(outcome: &Outcome) -> Result<(), Failure> {
    for r in &outcome.records {
        say(&format!(
            "{:<12} {:<18} {}。{}",
            r.site, r.measure, r.zh, r.counts_zh
        ))?;
    }
    say("")?;
    say("措施类型 Types of measures")?;
    for l in &outcome.league {
        say(&format!(
            "{:<22} {:>4} 点位 sites  预计 expected {:>8.1}  实际 came {:>6}  比值 ratio {:.3} ({:.3}–{:.3})  {}{}",
            l.measure,
            l.pooled.sites,
            l.pooled.expected,
            l.pooled.y,
            l.pooled.theta,
            l.pooled.lo,
            l.pooled.hi,
            l.letter,
            if l.listed {
                ""
            } else {
                "  (少于 3 个点位或 20 件，仅供参考)"
            },
        ))?;
    }
    for r in outcome.remarks.iter().take(SHOWN) {
        let mark = if r.refused {
            "拒收 refused"
        } else {
            "提示 note"
        };
        say(&format!("{mark} {} {}: {} — {}", r.file, r.row, r.zh, r.en))?;
    }
    if outcome.remarks.len() > SHOWN {
        say(&format!(
            "… {} more in remarks.csv",
            outcome.remarks.len() - SHOWN
        ))?;
    }
    Ok(())
}

fn say_placebo(found: &Placebo) -> Result<(), Failure> {
    if let Some([zh, en]) = &found.refused {
        return say(&format!("{zh} — {en}"));
    }
    say(&format!(
        "未治理点位 {}，假装治理 {} 次，日期 {}，选点方式 {}",
        found.untreated,
        found.pretended,
        found.dates.join(" "),
        found.rule
    ))?;
    say_line("本方法 this estimator", &found.estimator)?;
    say_line("简单前后 plain before/after", &found.naive)
}

fn say_line(name: &str, c: &Calibration) -> Result<(), Failure> {
    let share = |n: usize| 100.0 * n as f64 / (c.judged as f64).max(1.0);
    let ratio = c.pooled.as_ref().map_or_else(String::new, |p| {
        format!(
            "，合计比值 pooled ratio {:.3} ({:.3}–{:.3})",
            p.theta, p.lo, p.hi
        )
    });
    say(&format!(
        "{name}: 判断 judged {}，误报有效 false works {:.1}%，误报变差 false worse {:.1}%，95% 区间覆盖 covers {:.1}%{ratio}",
        c.judged,
        share(c.works),
        share(c.worse),
        share(c.covered),
    ))
}
