//! Is everything in order to run: data folder, database, city, key, page, port and free disk, each with its cure.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde::Serialize;

use crate::app::city;
use crate::app::{App, Options, Result, Who};
use crate::config::Config;
use crate::store::audit::Verdict;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// In order.
    Good,
    /// Works, but worth knowing.
    Note,
    /// Does not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, Chinese and English.
    pub subject: &'static str,
    /// How bad.
    pub grade: Grade,
    /// What was found.
    pub found: String,
    /// What to do; empty when in order.
    pub cure: String,
}

fn finding(
    subject: &'static str,
    grade: Grade,
    found: impl Into<String>,
    cure: impl Into<String>,
) -> Finding {
    Finding {
        subject,
        grade,
        found: found.into(),
        cure: cure.into(),
    }
}

/// Free space under which an import of a large workbook may fail: 1 GiB.
const LEAST_FREE: u64 = 1 << 30;

/// Looks at everything; changes nothing that `zhilu serve` would not make anyway (folder, database, key).
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut all = vec![folder(&config.data), disk(&config.data)];
    let usable = all.iter().all(|f| f.grade != Grade::Bad);
    if usable {
        all.extend(database(config).await);
        all.push(key(config));
        all.push(the_city(config));
    }
    all.push(basemap(config));
    all.push(page());
    all.push(port(config));
    all
}

fn folder(data: &Path) -> Finding {
    const SUBJECT: &str = "数据目录 data folder";
    let probe = data.join(".zhilu-probe");
    let tried = fs::create_dir_all(data)
        .and_then(|()| fs::write(&probe, b"probe"))
        .and_then(|()| fs::remove_file(&probe));
    match tried {
        Ok(()) => finding(SUBJECT, Grade::Good, data.display().to_string(), ""),
        Err(error) => finding(
            SUBJECT,
            Grade::Bad,
            format!("{} 不可写 cannot be written: {error}", data.display()),
            "更改目录权限，或用 --data DIR 指定其他目录 — give this user write rights, or choose another folder with --data DIR",
        ),
    }
}

fn disk(data: &Path) -> Finding {
    const SUBJECT: &str = "磁盘空间 free disk";
    match free_bytes(data) {
        None => finding(SUBJECT, Grade::Note, "无法得知 unknown on this system", ""),
        Some(free) => {
            let shown = format!("{:.1} GiB", free as f64 / f64::from(1 << 30));
            if free >= LEAST_FREE {
                finding(SUBJECT, Grade::Good, shown, "")
            } else {
                let cure =
                    "清理磁盘，导入大文件需要至少 1 GiB — make room: a large import needs 1 GiB";
                finding(SUBJECT, Grade::Bad, shown, cure)
            }
        }
    }
}

/// Free bytes for this user, by `df` where the platform has it; the program itself stays free of unsafe system calls.
fn free_bytes(data: &Path) -> Option<u64> {
    let output = std::process::Command::new("df")
        .arg("-Pk")
        .arg(data)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let kilobytes: u64 = text
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(kilobytes * 1024)
}

async fn database(config: &Config) -> Vec<Finding> {
    const SUBJECT: &str = "数据库 database";
    let options = Options {
        database_url: config.database_url.clone(),
        key: config.key.clone(),
        demo: config.demo,
        ..Options::new(&config.data)
    };
    match App::open(options).await {
        Ok(app) => {
            let engine = app.engine();
            let chain = app.audit_verify(&Who::system("doctor")).await;
            app.close().await;
            vec![
                finding(SUBJECT, Grade::Good, engine, ""),
                chain_finding(chain),
            ]
        }
        Err(error) => {
            let cure = if config.database_url.is_some() {
                "检查 DATABASE_URL、网络与账号；去掉它则使用 SQLite — check DATABASE_URL, network and account; without it SQLite is used"
            } else {
                "按上面的提示处理；数据库文件在数据目录内 — follow the sentence above; the file lies in the data folder"
            };
            vec![finding(SUBJECT, Grade::Bad, error.to_string(), cure)]
        }
    }
}

fn chain_finding(chain: Result<Verdict>) -> Finding {
    const SUBJECT: &str = "审计链 audit chain";
    match chain {
        Ok(verdict) => match verdict.broken {
            None => finding(SUBJECT, Grade::Good, format!("{} rows", verdict.rows), ""),
            Some((seq, why)) => finding(
                SUBJECT,
                Grade::Bad,
                format!("第 {seq} 行断开 breaks at row {seq}: {why}"),
                "保留现场，与备份比对 — keep everything as it is and compare with a backup",
            ),
        },
        Err(error) => finding(SUBJECT, Grade::Bad, error.to_string(), ""),
    }
}

fn key(config: &Config) -> Finding {
    const SUBJECT: &str = "密钥 sealing key";
    if config.key.is_some() {
        return finding(SUBJECT, Grade::Good, "ZHILU_KEY", "");
    }
    finding(
        SUBJECT,
        Grade::Note,
        "保存在数据目录内的文件中 in a file of the data folder",
        "与数据库分开备份密钥文件；失去它就无法读出姓名电话 — back the key file up apart from the database; without it names and phones cannot be read",
    )
}

fn the_city(config: &Config) -> Finding {
    const SUBJECT: &str = "城市 city";
    let Some(id) = city::current(&config.data) else {
        return finding(
            SUBJECT,
            Grade::Bad,
            "尚未导入 none yet",
            "zhilu city import 代号 --osm 文件.osm.pbf；或先看 zhilu demo — import one, or look at zhilu demo first",
        );
    };
    match city::load(&config.data, &id) {
        Ok(city) => {
            let simulated = if city.meta.simulated {
                "，模拟 simulated"
            } else {
                ""
            };
            let found = format!(
                "{} {}: {} 路段 road pieces, {} 地点 places{simulated}",
                city.meta.id,
                city.meta.name,
                city.map.roads.len(),
                city.map.features.len()
            );
            finding(SUBJECT, Grade::Good, found, "")
        }
        Err(error) => finding(
            SUBJECT,
            Grade::Bad,
            error.to_string(),
            "重新执行 zhilu city import — import the map again",
        ),
    }
}

fn basemap(config: &Config) -> Finding {
    const SUBJECT: &str = "底图 base map";
    match &config.basemap {
        None => finding(
            SUBJECT,
            Grade::Good,
            "由城市地图绘制 drawn from the city",
            "",
        ),
        Some(path) if path.is_file() => {
            finding(SUBJECT, Grade::Good, path.display().to_string(), "")
        }
        Some(path) => finding(
            SUBJECT,
            Grade::Bad,
            format!("{} 不存在 does not exist", path.display()),
            "改正 basemap 选项，或去掉它 — correct the option basemap, or leave it out",
        ),
    }
}

fn page() -> Finding {
    const SUBJECT: &str = "页面 page";
    if option_env!("ZHILU_PAGE") == Some("skip") {
        return finding(
            SUBJECT,
            Grade::Note,
            "本程序构建时未含页面 built without the page",
            "去掉 ZHILU_WEB=skip 重新构建 — build again without ZHILU_WEB=skip",
        );
    }
    finding(SUBJECT, Grade::Good, "在程序内 inside the binary", "")
}

fn port(config: &Config) -> Finding {
    const SUBJECT: &str = "端口 port";
    match TcpListener::bind(config.listen) {
        Ok(_) => finding(SUBJECT, Grade::Good, config.listen.to_string(), ""),
        Err(error) => finding(
            SUBJECT,
            Grade::Bad,
            format!("{}: {error}", config.listen),
            "停止占用它的程序（可能是正在运行的治路），或用 --listen 换端口 — stop the program that holds it (perhaps a running Zhilu), or choose another with --listen",
        ),
    }
}
