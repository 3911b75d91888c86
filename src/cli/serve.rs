//! How does a person start the program: `serve` for work, `demo` to look.

use std::io::Cursor;
use std::sync::Arc;

use crate::app::{App, Policy, Upload, Who, city, clock_from, demo_data};
use crate::config::Config;
use crate::http::{Listening, ServeError};

use crate::cli::out::{remark, say};
use crate::cli::progress::follow;
use crate::cli::run::{Failure, open, open_at};

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self::failed(error.to_string())
    }
}

/// Serves until stopped; the first start makes an administrator and prints the one-time password, once.
pub(super) async fn serve(config: Config) -> Result<(), Failure> {
    let app = open(&config).await?;
    // The port is taken before a password is made, so that a failed start shows none.
    let listening = Listening::bind(Arc::clone(&app), config).await?;
    if let Some((name, password)) = app.first_admin().await? {
        say(&format!(
            "首次启动，已建立管理员账号（密码仅显示这一次，登录后须修改）\nfirst start: an administrator was made (shown once, to be changed at login)\n  用户名 name:     {name}\n  密码   password: {password}"
        ))?;
    }
    say(&format!("治路 Zhilu: http://{}", listening.addr()))?;
    until_stopped(app, listening).await
}

/// Answers until stopped, with what runs by itself beside: looks that fall due, weekly alarms, and what other processes change.
async fn until_stopped(app: Arc<App>, listening: Listening) -> Result<(), Failure> {
    let beside = [
        tokio::spawn(Arc::clone(&app).nights()),
        tokio::spawn(Arc::clone(&app).alarm_nights()),
        tokio::spawn(Arc::clone(&app).watch()),
    ];
    listening.run().await?;
    for task in beside {
        task.abort();
    }
    app.close().await;
    Ok(())
}

#[derive(clap::Args)]
pub(super) struct DemoArgs {
    /// 演示时钟从这一时刻走起 — the demo's clock starts at this time of today, e.g. 06:50 to show the morning's posts in the
    /// evening; default: the machine's time
    #[arg(long, value_name = "HH:MM", value_parser = minute_of)]
    at: Option<i64>,
}

/// The minute of the day of `HH:MM`.
fn minute_of(text: &str) -> Result<i64, String> {
    let cure = || format!("`{text}` 不是时刻，请写成 06:50 (is not a time of day: write 06:50)");
    let (hour, minute) = text.split_once(':').ok_or_else(cure)?;
    let part = |digits: &str, below: i64| {
        let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|n| plain && *n < below)
    };
    let (hour, minute) = part(hour, 24).zip(part(minute, 60)).ok_or_else(cure)?;
    Ok(hour * 60 + minute)
}

/// Serves the simulated city with one ready account per role; the first start imports, locates and forms sites.
pub(super) async fn demo(mut config: Config, args: DemoArgs) -> Result<(), Failure> {
    config.demo = true;
    let app = open_at(&config, args.at.map(clock_from)).await?;
    // The port is taken first: a port in use is told before a minute of work, and nobody is answered before the data are in.
    let listening = Listening::bind(Arc::clone(&app), config).await?;
    if app.snapshot().city.is_none() {
        remark("首次启动，正在建立模拟城市 — first start: building the simulated city");
        build_city(&app).await?;
    }
    let who = Who::system("demo");
    let committed = app
        .imports(&who)
        .await?
        .iter()
        .any(|i| i.state == "committed");
    if !committed {
        import_tickets(&app, &who).await?;
    }
    if app.snapshot().sites.is_empty() {
        let job = app.survey(&who).await?;
        follow(&app, job).await?;
    }
    let units: Vec<String> = app.snapshot().city.as_ref().map_or_else(Vec::new, |c| {
        c.city.rules.units.iter().map(|u| u.name.clone()).collect()
    });
    app.demo_accounts(&units).await?;
    if app.cases(&who).await?.is_empty() {
        register_measures(&app, &who).await?;
    }
    app.demo_duty(&who).await?;
    say(&format!(
        "治路演示：数据均为模拟，账号与密码见登录页\ndemo: all data are simulated; accounts and passwords are on the login page\n  http://{}",
        listening.addr()
    ))?;
    until_stopped(app, listening).await
}

async fn build_city(app: &Arc<App>) -> Result<(), Failure> {
    let data = app.options().data.clone();
    let build = move || {
        let order = demo_data::order()?;
        city::import(&data, &order).map_err(|e| e.to_string())
    };
    let built = tokio::task::spawn_blocking(build).await;
    built
        .map_err(|e| Failure::failed(e.to_string()))?
        .map_err(Failure::failed)?;
    app.use_city().await?;
    Ok(())
}

async fn import_tickets(app: &Arc<App>, who: &Who) -> Result<(), Failure> {
    let bytes = demo_data::tickets().map_err(|e| Failure::failed(e.to_string()))?;
    let upload = Upload {
        file_name: demo_data::TICKETS_FILE.to_owned(),
        ..Upload::default()
    };
    let staged = app.stage(who, upload, Box::new(Cursor::new(bytes))).await?;
    follow(app, staged.job).await?;
    let job = app.commit_import(who, staged.id, Policy::GoodRows).await?;
    follow(app, job).await?;
    Ok(())
}

/// The demo's invented measures become simulated cases, judged on the day after the last ticket.
async fn register_measures(app: &Arc<App>, who: &Who) -> Result<(), Failure> {
    remark("正在登记模拟措施并评估 — registering the simulated measures and judging them");
    if let Some(day) = app.day_after_data() {
        app.set_case_day(who, Some(day)).await?;
    }
    let table = demo_data::measures().as_bytes().to_vec();
    app.import_cases(who, table, false).await?;
    app.evaluate(&who.name, false).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::minute_of;

    #[test]
    fn a_time_of_day_is_two_digits_each_and_exists() {
        assert_eq!(minute_of("06:50"), Ok(410));
        assert_eq!(minute_of("23:59"), Ok(1439));
        for bad in [
            "", "7", "24:00", "06:60", "6:5", "+6:50", "0650", "06:50:00",
        ] {
            assert!(
                minute_of(bad).is_err_and(|why| why.contains("06:50")),
                "{bad}"
            );
        }
    }
}
