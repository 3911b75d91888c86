//! How is the program used from a shell: the same use cases as over HTTP, with examples, progress and exit codes.
//!
//! Exit codes: 0 done, 1 refused or failed (the last line says the cure), 2 the command line or an option is wrong.

mod admin;
mod city;
mod doctor;
mod effect;
mod effect_design;
mod hotspot;
mod import;
mod out;
mod plan;
mod plan_measures;
mod progress;
mod run;
mod serve;
mod solving;
mod verify;
mod work;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::{Shell, generate};

use crate::config::{Config, ConfigError, SETTINGS, file_candidates, platform_folder, sample_file};

use out::say;
use run::Failure;

const ABOUT: &str =
    "治路 Zhilu：把群众诉求变成点位地图 — citizens' traffic tickets become places, sites and a map";

const EXAMPLES: &str = "\
先看看 / look first:
  zhilu demo                                  模拟城市，浏览器打开所示地址 / a simulated city; open the printed address

用自己的数据 / with your own data:
  zhilu city import ninghua --osm ninghua.osm.pbf --name 宁化县
  zhilu import 2024年11月.xlsx --dry-run      先看报告，不写入 / the report only
  zhilu import 2024年11月.xlsx                确认后写入 / asks, then writes
  zhilu serve                                 http://127.0.0.1:8080 (首次启动显示一次性管理员密码)

检查 / check:
  zhilu doctor                                数据目录、数据库、城市、端口……每项附解决办法
  zhilu locate \"文治路与鼎城街交叉口向北50米\"   一句话定位在哪里、怎样读出 / how a text is read
  zhilu verify ../shared/data                 全部标准用例 / every golden case";

/// The program's command line.
#[derive(Parser)]
#[command(name = "zhilu", version, about = ABOUT, after_help = EXAMPLES, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// 启动服务 — serve the page and the interface until stopped
    Serve,
    /// 演示：模拟城市与每个角色的账号 — a simulated city with one account per role
    Demo(serve::DemoArgs),
    /// 城市地图 — import a map as the city, or list the cities
    #[command(subcommand)]
    City(city::CityTask),
    /// 导入工单文件 — import ticket files: dry run, report, commit
    Import(import::ImportArgs),
    /// 定位一句话，或重新定位全部工单 — where does a text point, and how was it read
    Locate(work::LocateArgs),
    /// 重新生成点位 — form the sites anew
    Survey,
    /// 导出工单（已遮蔽） — export the filtered tickets, masked
    Export(work::ExportArgs),
    /// 由事实重算全部派生数据 — recompute all derived data from the facts
    Rebuild,
    /// 对文件评估治理成效 — what measures did, from plain files; placebo on untreated sites
    Effect(Box<effect::EffectArgs>),
    /// 对文件运行热点方法 — run a hotspot method on plain files, list the methods, show a page
    Hotspot(hotspot::HotspotArgs),
    /// 护学岗、排班、巡逻环线（文件进，结果出） — posts, rosters and loops on plain files
    #[command(subcommand)]
    Plan(plan::PlanTask),
    /// 用标准用例检验本程序 — run every golden case below the folders
    Verify(verify::VerifyArgs),
    /// 检查运行环境 — check folder, database, city, key, page, port, disk; each with its cure
    Doctor(doctor::DoctorArgs),
    /// 审计日志 — the audit log
    #[command(subcommand)]
    Audit(admin::AuditTask),
    /// 账号 — accounts
    #[command(subcommand)]
    User(admin::UserTask),
    /// 命令补全脚本 — shell completions, e.g. `zhilu completions bash > /etc/bash_completion.d/zhilu`
    Completions(CompletionArgs),
    /// 接口说明 — print the OpenAPI document
    Openapi,
    /// 选项文件样例 — print a commented zhilu.toml with every option
    Options,
}

#[derive(Args)]
struct CompletionArgs {
    /// bash, zsh, fish, powershell or elvish
    shell: Shell,
}

/// Runs the program with the process's own arguments; the only function that `main` calls.
#[must_use]
pub fn main() -> ExitCode {
    let command = command();
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version go to standard output with code 0, mistakes to standard error with code 2.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match begin(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::complain(&failure);
            ExitCode::from(failure.code())
        }
    }
}

/// The definition: subcommands by type, options from the one list of settings.
fn command() -> Command {
    let mut command = Cli::command().arg(
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .global(true)
            .help_heading("选项 Options")
            .help("选项文件 — options file; default: zhilu.toml here or in the data folder"),
    );
    for setting in SETTINGS.iter().filter(|s| !s.secret) {
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!(" [{}]", setting.default)
        };
        let help = format!(
            "{} — {}{default} (env {})",
            setting.title, setting.doc, setting.env
        );
        let flag: &'static str = Box::leak(setting.key.replace('_', "-").into_boxed_str());
        command = command.arg(
            Arg::new(setting.key)
                .long(flag)
                .value_name(setting.value)
                .global(true)
                .help_heading("选项 Options")
                .hide_short_help(setting.key != "data")
                .help(help),
        );
    }
    command
}

fn begin(matches: &ArgMatches) -> Result<(), Failure> {
    let cli = Cli::from_arg_matches(matches).map_err(|e| Failure::usage(e.to_string()))?;
    match &cli.command {
        Task::Completions(args) => {
            generate(args.shell, &mut command(), "zhilu", &mut io::stdout());
            return Ok(());
        }
        Task::Openapi => return openapi(),
        Task::Options => return say(&sample_file()),
        Task::Verify(args) => return verify::verify(args),
        Task::Effect(args) => return effect::effect(args),
        Task::Hotspot(args) => return hotspot::hotspot(args),
        Task::Plan(task) => return plan::plan(task),
        _ => {}
    }
    let mut flags = flags_of(matches);
    if matches!(cli.command, Task::Demo(_)) && !flags.contains_key("data") {
        let folder = platform_folder()?.join("demo");
        flags.insert("data".to_owned(), folder.to_string_lossy().into_owned());
    }
    let config = options(matches, &flags)?;
    run::log_to_stderr(&config)?;
    run::block_on(async move {
        match cli.command {
            Task::Serve => serve::serve(config).await,
            Task::Demo(args) => serve::demo(config, args).await,
            Task::City(task) => city::run(&config, task).await,
            Task::Import(args) => import::import(&config, args).await,
            Task::Locate(args) => work::locate(&config, args).await,
            Task::Survey => work::survey(&config).await,
            Task::Export(args) => work::export(&config, args).await,
            Task::Rebuild => work::rebuild(&config).await,
            Task::Doctor(args) => doctor::run(&config, &args).await,
            Task::Audit(task) => admin::audit(&config, task).await,
            Task::User(task) => admin::user(&config, task).await,
            Task::Verify(_)
            | Task::Effect(_)
            | Task::Hotspot(_)
            | Task::Plan(_)
            | Task::Completions(_)
            | Task::Openapi
            | Task::Options => Ok(()),
        }
    })
}

fn openapi() -> Result<(), Failure> {
    let document = crate::http::describe().map_err(Failure::failed)?;
    say(&format!("{document:#}"))
}

/// The settings that were given as flags; clap keeps global flags on the innermost subcommand.
fn flags_of(matches: &ArgMatches) -> BTreeMap<String, String> {
    let mut inner = matches;
    while let Some((_, next)) = inner.subcommand() {
        inner = next;
    }
    SETTINGS
        .iter()
        .filter(|s| !s.secret && inner.value_source(s.key) == Some(ValueSource::CommandLine))
        .filter_map(|s| Some((s.key.to_owned(), inner.get_one::<String>(s.key)?.clone())))
        .collect()
}

/// Reads the options file, if any, and merges it with environment and flags.
fn options(matches: &ArgMatches, flags: &BTreeMap<String, String>) -> Result<Config, Failure> {
    let mut inner = matches;
    while let Some((_, next)) = inner.subcommand() {
        inner = next;
    }
    let variable = |name: &str| env::var(name).ok();
    let said = inner
        .get_one::<String>("config")
        .cloned()
        .or_else(|| variable("ZHILU_CONFIG"));
    let data = flags
        .get("data")
        .cloned()
        .or_else(|| variable("ZHILU_DATA"));
    let data = data.map(PathBuf::from).or_else(|| platform_folder().ok());
    let path = match said {
        Some(path) => Some(PathBuf::from(path)),
        None => file_candidates(data.as_deref())
            .into_iter()
            .find(|p| p.is_file()),
    };
    let Some(path) = path else {
        return Ok(Config::read(None, &variable, flags)?);
    };
    let name = path.display().to_string();
    let text = fs::read_to_string(&path)
        .map_err(|e| Failure::usage(format!("options file {name} cannot be read: {e}")))?;
    Ok(Config::read(Some((&name, &text)), &variable, flags)?)
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn the_definition_holds_and_names_every_setting_once() {
        command().debug_assert();
    }
}
