//! Who has an account, and is the audit record whole: the owner of the machine at the shell.

use clap::{Args, Subcommand};

use crate::app::{Account, AccountChange, App, NewAccount, Who};
use crate::config::Config;
use crate::ticket::permit::Role;

use crate::cli::out::say;
use crate::cli::run::{Failure, open};

#[derive(Subcommand)]
pub(super) enum AuditTask {
    /// 校验审计链 — walk the hash chain and name the first row that does not fit
    Verify,
}

#[derive(Subcommand)]
pub(super) enum UserTask {
    /// 新建账号，显示一次性密码 — make an account and print its one-time password
    Add(AddArgs),
    /// 列出账号 — list the accounts
    List,
    /// 重置密码，显示一次性密码 — give a new one-time password
    Reset {
        /// login name
        name: String,
    },
    /// 结束该账号的所有会话 — end all sessions of an account
    Revoke {
        /// login name
        name: String,
    },
}

#[derive(Args)]
pub(super) struct AddArgs {
    /// 登录名 — login name
    name: String,
    /// 角色 — clerk, officer, `squad_leader`, `deputy_leader`, `principal_leader`, planner, auditor, admin, liaison, publicist, public
    #[arg(long)]
    role: String,
    /// 姓名或岗位 — name shown to people
    #[arg(long, default_value = "")]
    title: String,
    /// 单位（民警、中队长必填） — unit; needed for officers and squad leaders
    #[arg(long)]
    unit: Option<String>,
}

/// The audit commands.
pub(super) async fn audit(config: &Config, task: AuditTask) -> Result<(), Failure> {
    let AuditTask::Verify = task;
    let app = open(config).await?;
    let verdict = app.audit_verify(&Who::system("shell")).await?;
    app.close().await;
    if let Some((seq, why)) = verdict.broken {
        return Err(Failure::failed(format!(
            "审计链在第 {seq} 行断开 — the audit chain breaks at row {seq}: {why}"
        )));
    }
    say(&format!(
        "审计链完整 — the audit chain is whole: {} rows, head {}",
        verdict.rows, verdict.head
    ))
}

/// The account commands.
pub(super) async fn user(config: &Config, task: UserTask) -> Result<(), Failure> {
    let app = open(config).await?;
    let who = Who::system("shell");
    let done = match task {
        UserTask::Add(args) => add(&app, &who, args).await,
        UserTask::List => list(&app, &who).await,
        UserTask::Reset { name } => reset(&app, &who, &name).await,
        UserTask::Revoke { name } => {
            let account = find(&app, &who, &name).await?;
            let n = app.revoke(&who, id(&account)?).await?;
            say(&format!("{name}: {n} 个会话已结束 sessions ended"))
        }
    };
    app.close().await;
    done
}

async fn add(app: &App, who: &Who, args: AddArgs) -> Result<(), Failure> {
    let role = Role::from_code(&args.role).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|r| r.code()).collect();
        Failure::usage(format!(
            "--role {}: must be one of {}",
            args.role,
            known.join(", ")
        ))
    })?;
    if matches!(role, Role::Officer | Role::SquadLeader) && args.unit.is_none() {
        return Err(Failure::usage(format!(
            "{} 需要 --unit 单位 — this role sees its own unit only: say which with --unit",
            role.title()
        )));
    }
    let new = NewAccount {
        name: args.name,
        title: args.title,
        role,
        unit: args.unit,
        password: None,
    };
    let (account, once) = app.create_user(who, &new).await?;
    say(&format!("{} {}", account.name, account.role.title()))?;
    once.map_or(Ok(()), |password| {
        say(&format!("一次性密码 one-time password: {password}"))
    })
}

async fn list(app: &App, who: &Who) -> Result<(), Failure> {
    for account in app.users(who).await? {
        let state = if account.active { "" } else { " 停用 off" };
        let unit = account.unit.as_deref().unwrap_or("-");
        say(&format!(
            "{}\t{}\t{}\t{unit}\t{}{state}",
            account.name,
            account.role.code(),
            account.role.title(),
            account.title
        ))?;
    }
    Ok(())
}

async fn reset(app: &App, who: &Who, name: &str) -> Result<(), Failure> {
    let account = find(app, who, name).await?;
    let change = AccountChange {
        reset_password: true,
        ..AccountChange::default()
    };
    let (_, once) = app.change_user(who, id(&account)?, &change).await?;
    once.map_or(Ok(()), |password| {
        say(&format!("{name} 一次性密码 one-time password: {password}"))
    })
}

async fn find(app: &App, who: &Who, name: &str) -> Result<Account, Failure> {
    let found = app.users(who).await?.into_iter().find(|a| a.name == name);
    found.ok_or_else(|| {
        Failure::failed(format!(
            "没有账号 no account \"{name}\"; zhilu user list 列出全部 shows all"
        ))
    })
}

fn id(account: &Account) -> Result<i64, Failure> {
    account
        .id
        .parse()
        .map_err(|e| Failure::failed(format!("account id: {e}")))
}
