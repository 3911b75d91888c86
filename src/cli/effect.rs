//! What did measures do, from plain files: evaluate them all, or pretend decisions to see how often this city cries wolf?

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, value_parser};

use crate::app::effect_files::{self, Order, Outcome};
use crate::calendar::Day;
use crate::effect::placebo::{Calibration, Placebo};
use crate::effect::{Look, Settings};

use crate::cli::effect_design::{DesignArgs, design};
use crate::cli::out::say;
use crate::cli::run::Failure;

/// What the command is for, and how to read what it writes.
const LESSON: &str = "\
措施到底有没有用：只用普通文件回答，不需要数据库 — what measures did, from plain files, without a database.

每条措施先算“不治理预计多少件”，再与实际件数相比；节假日、上报增长、治理前高发后的自然回落都已扣除。
For every measure the tickets that would have come without it are estimated from untreated sites on the same days (holidays,
growth and the falling back after a bad spell included) and compared with what came, with a 95 % interval.";

const EXAMPLES: &str = "\
例 Examples:
  zhilu effect --sites sites.csv --tickets tickets.csv --treatments treatments.csv --calendar calendar.csv
  zhilu effect --sites sites.csv --tickets tickets.csv --treatments treatments.csv --ring ring_tickets.csv --output out
  zhilu effect --sites sites.csv --tickets tickets.csv --treatments treatments.csv --look due --json
  zhilu effect placebo --sites sites.csv --tickets tickets.csv --treatments treatments.csv
  zhilu effect design its --doc
读入 What is read (CSV, UTF-8, header in the first line; [ ] may be absent):
  sites      site_id[,lon,lat][,category]          one line a site; categories have calendars of their own
  tickets    site_id,date[,caller,channel,kind,hour]   one line a ticket; a caller counts once in seven days
  treatments site_id,measure,decision_date,install_end[,install_start,removed_on,id,settle,hours,kinds,cost]
             hours 7-9;16-18 与 kinds（工单中的类别，分号分开）：问题是否转到其他时段、其他类别 — did it move to other hours or kinds?
  calendar   date,is_offday,is_schoolday  或 or  date,kind (holiday, makeup, winter_break, summer_break)
  ring       site_id,date   周边 300 米的工单 — tickets within 300 m around the site: did the trouble only move?
  other      site_id,date   措施管不到的类别 — categories the measure cannot touch: did only the reporting change?
  gaps       from,to[,note]  停报、封路、疫情，首末日都不计 — days that count on neither side, both ends included
写出 What is written (folder of --output, each as NAME.csv and NAME.json, all together as effect.json):
  estimates  每条措施：实际、预计、比值与区间、结论、瀑布三因子、疑点 — one line a measure
  ring       周边：预计与实际、总净效果 — rings and total net effect
  measures   措施类型排行 — league of measure types, with rank and evidence letter
  opinions   第二意见 — what other designs say; a different sign is flagged
  remarks    拒收的行与提示：文件、行号、原因、改法 — refused rows with row, reason and cure
怎样读 How to read estimates: theta 0.70 (0.52-0.93) = 比不治理少约 30%，区间 7-48% (about 30 % fewer than without it);
  verdict works / worse / no_change / no_evidence / too_early / too_little_history / overlap / not_installed / weak_reference.
  没有区间的数字不可引用 — never quote the ratio without its interval.";

/// Folder that is written when none is named.
const FOLDER: &str = "zhilu-effect";

#[derive(Args)]
#[command(long_about = LESSON, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct EffectArgs {
    #[command(subcommand)]
    command: Option<EffectCommand>,
    #[command(flatten)]
    files: Option<FileArgs>,
    /// 输出目录，缺省 zhilu-effect — folder that is written (CSV and JSON); `zhilu-effect` unless named
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// 打印 JSON，不写文件（除非指定目录） — print the whole answer as JSON and write no files, unless --output names a folder
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
    /// 不计的日子：停报、封路、疫情 — days that count on neither side: outage, road closure, epidemic
    #[arg(long, value_name = "CSV")]
    gaps: Option<PathBuf>,
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
    #[arg(long, value_name = "METRES", default_value_t = 500.0, value_parser = metres)]
    contamination_m: f64,
    /// 历史天数 — longest history in days
    #[arg(long, value_name = "DAYS", default_value_t = 1_096, value_parser = value_parser!(i32).range(180..=36_525))]
    history_days: i32,
    /// 完工后稳定天数 — days between the end of works and the first day that counts
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = value_parser!(i32).range(0..=365))]
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

fn metres(text: &str) -> Result<f64, String> {
    let metres = text.parse().ok().filter(|m| (0.0..=100_000.0).contains(m));
    metres.ok_or_else(|| format!("{text} is no distance; write metres from 0 to 100000"))
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
            gaps: self.gaps.clone(),
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
    let unnamed = || (!args.json).then(|| PathBuf::from(FOLDER));
    let folder = args.output.clone().or_else(unnamed);
    let written = match &folder {
        Some(folder) => effect_files::write(&outcome, folder).map_err(failed)?,
        None => Vec::new(),
    };
    if args.json {
        let o = &outcome;
        let value = effect_files::document(&o.prepared, &o.records, &o.league, &o.remarks);
        return say(&format!("{value:#}"));
    }
    say_outcome(&outcome)?;
    let place = folder.unwrap_or_default();
    say(&format!(
        "写入 written to {}: {}",
        place.display(),
        written.join(" ")
    ))
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
        "未治理点位 untreated {}，假装治理 pretended {} 次，日期 dates {}，各看至少 {} 天 days each，选点方式 rule {}",
        found.untreated,
        found.pretended,
        found.dates.join(" "),
        found.after_days,
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
