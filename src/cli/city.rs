//! Which map does the program work on: import one, list them, choose.

use std::path::Path;

use clap::{Args, Subcommand};

use crate::app::city::{self, InputFile, Order};
use crate::config::Config;
use crate::place::MapRole;
use crate::spatial::Datum;

use crate::cli::out::{remark, say};
use crate::cli::run::Failure;

#[derive(Subcommand)]
pub(super) enum CityTask {
    /// 导入地图作为当前城市 — import a map and make it the current city
    Import(ImportArgs),
    /// 列出已导入的城市 — list the imported cities; * marks the current one
    List,
    /// 选择当前城市 — choose the current city
    Choose {
        /// id of an imported city
        id: String,
    },
}

const EXAMPLES: &str = "\
例 Examples:
  zhilu city import ninghua --osm ninghua.osm.pbf --name 宁化县
  zhilu city import dongchangfu --roads roads.geojson --pois pois.csv@gcj02 --boundary boundary.geojson@gcj02
每个文件后可写 @wgs84、@gcj02 或 @bd09；都未注明时会比对并提示。
Each file may carry its datum as @wgs84, @gcj02 or @bd09; without one it is compared and said.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ImportArgs {
    /// 城市代号，用作目录名 — id of the city: letters, digits, - and _
    id: String,
    /// 中文名 — Chinese name; default: the name of the largest area
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    /// 英文名 — English name
    #[arg(long, value_name = "NAME", default_value = "")]
    name_en: String,
    /// OSM 文件 — OSM PBF, or any file whose features carry tags
    #[arg(long, value_name = "FILE")]
    osm: Vec<String>,
    /// 道路 — roads (GeoJSON)
    #[arg(long, value_name = "FILE")]
    roads: Vec<String>,
    /// 地点 — places, gates, addresses (GeoJSON or CSV)
    #[arg(long, value_name = "FILE")]
    pois: Vec<String>,
    /// 行政区域 — administrative areas (GeoJSON)
    #[arg(long, value_name = "FILE")]
    boundary: Vec<String>,
    /// 未注明文件的坐标系 — datum of the files that do not say theirs: wgs84, cgcs2000, gcj02, bd09
    #[arg(long, value_name = "DATUM")]
    datum: Option<String>,
}

/// Runs one of the city commands.
pub(super) async fn run(config: &Config, task: CityTask) -> Result<(), Failure> {
    let data = config.data.clone();
    let approval = config.approval_no.clone().unwrap_or_default();
    let work = move || match task {
        CityTask::Import(args) => import(&data, args, approval),
        CityTask::List => list(&data),
        CityTask::Choose { id } => {
            city::choose(&data, &id).map_err(|e| Failure::failed(e.to_string()))?;
            remark(
                "运行中的服务须重新启动或执行 zhilu rebuild — restart a running server, or run zhilu rebuild",
            );
            Ok(())
        }
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Failure::failed(e.to_string()))?
}

fn import(data: &Path, args: ImportArgs, approval_no: String) -> Result<(), Failure> {
    let datum = match args.datum.as_deref() {
        None => None,
        Some(text) => Some(Datum::parse(text).ok_or_else(|| {
            Failure::usage(format!(
                "--datum {text}: must be wgs84, cgcs2000, gcj02 or bd09"
            ))
        })?),
    };
    let mut files = Vec::new();
    let groups = [
        (&args.osm, MapRole::Any),
        (&args.roads, MapRole::Roads),
        (&args.pois, MapRole::Pois),
        (&args.boundary, MapRole::Boundary),
    ];
    for (paths, role) in groups {
        for path in paths {
            files.push(InputFile::open(path, role).map_err(|e| Failure::failed(e.to_string()))?);
        }
    }
    let order = Order {
        id: args.id,
        name: args.name,
        name_en: args.name_en,
        files,
        datum,
        approval_no,
        rules: None,
    };
    let report = city::import(data, &order).map_err(|e| Failure::failed(e.to_string()))?;
    say(&format!(
        "{} ({}): {} 路段 road pieces, {} 路名 road names, {} 地点 places, {} 区域 areas",
        report.meta.name,
        report.meta.id,
        report.roads,
        report.road_names,
        report.places,
        report.areas
    ))?;
    let net = &report.network;
    say(&format!(
        "路网 network: {} 节点 nodes, {} 路段 edges, {:.1} km, {} 块 pieces",
        net.nodes, net.edges, net.km, net.pieces
    ))?;
    if let Some((new, gone)) = report.changed {
        say(&format!(
            "与上次相比 against the last import: +{new} −{gone} 路段 road pieces"
        ))?;
    }
    for note in &report.notes {
        say(&format!("· {}: {}", note.subject, note.text))?;
    }
    Ok(())
}

fn list(data: &Path) -> Result<(), Failure> {
    let current = city::current(data);
    let all = city::list(data);
    if all.is_empty() {
        return Err(Failure::failed(
            "尚未导入城市：zhilu city import 代号 --osm 文件.osm.pbf — no city yet: zhilu city import ID --osm FILE.osm.pbf",
        ));
    }
    for meta in all {
        let mark = if current.as_deref() == Some(meta.id.as_str()) {
            "*"
        } else {
            " "
        };
        let simulated = if meta.simulated {
            " 模拟 simulated"
        } else {
            ""
        };
        say(&format!(
            "{mark} {} {} ({}){simulated}",
            meta.id, meta.name, meta.name_en
        ))?;
    }
    Ok(())
}
