//! How do the counts of the hexagons on the map leave the program: the same sums as on the tiles, of one resolution?

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use h3o::{CellIndex, LatLng, Resolution};
use serde_json::{Value, json};

use crate::app::export::Remarks;
use crate::app::sheet::Sheet;
use crate::app::{Snapshot, Who};
use crate::http::alarm::ring;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::point::degrees;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::{Door, compute, table};
use crate::ticket::permit::Right;
use crate::tile::hex::{self, Sum};
use crate::tile::hex_table::HexView;

const NEED: Need = Need::May(Right::Tickets);

const QUERY: &[&str] = &["res:integer", "filter"];

/// Coarsest and finest resolution of the map.
const RANGE: std::ops::RangeInclusive<usize> = 4..=11;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/cells.geojson", NEED, geojson)
            .says("Filtered tickets and petitioners by hexagon of one resolution (`res`, 4 to 11, 9 if not given) as GeoJSON (RFC 7946).", "application/geo+json")
            .query(QUERY),
        Endpoint::new("GET /api/v1/cells.csv", NEED, csv)
            .says("The same as CSV with BOM.", "text/csv")
            .query(QUERY),
        Endpoint::new("GET /api/v1/cells.xlsx", NEED, xlsx)
            .says("The same as a workbook with a sheet that says which filter it was.", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            .query(QUERY),
    ]
}

/// Cells in order; `None` where the numbers are withheld from this person.
type Sums = BTreeMap<CellIndex, Option<Sum>>;

fn seen(sums: BTreeMap<CellIndex, Sum>, view: HexView) -> Sums {
    let shown = |sum: Sum| (!view.withholds(sum)).then_some(sum);
    sums.into_iter()
        .map(|(cell, sum)| (cell, shown(sum)))
        .collect()
}

async fn counted(door: &Door, who: &Who, mut asked: Asked) -> Result<(Sums, Remarks), Problem> {
    let words = asked.words();
    let snapshot: Arc<Snapshot> = door.app.snapshot();
    let level = asked.number("res", 9, 99)?;
    let known = Some(level).filter(|level| RANGE.contains(level));
    let res = known
        .and_then(|level| u8::try_from(level).ok())
        .and_then(|level| Resolution::try_from(level).ok())
        .ok_or_else(|| Problem::field("res", format!("{level} is not in 4..=11")))?;
    let filter = asked.narrowed(who, &snapshot)?;
    let remarks = door.app.remarks(who, &snapshot, words);
    let view = who.hex_view();
    let sums =
        compute(move || hex::all(&snapshot.index, &snapshot.index.select(&filter), res)).await?;
    Ok((seen(sums, view), remarks))
}

async fn geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (sums, _) = counted(&door, &who, asked).await?;
    let feature = |(cell, sum): (&CellIndex, &Option<Sum>)| {
        let name = cell.to_string();
        let properties = match sum {
            Some(sum) => json!({"h3": name, "tickets": sum.count, "petitioners": sum.petitioners}),
            None => json!({"h3": name, "low": true}),
        };
        json!({
            "type": "Feature", "id": name, "geometry": {"type": "Polygon", "coordinates": [ring(&name)]},
            "properties": properties,
        })
    };
    let features: Vec<Value> = sums.iter().map(feature).collect();
    Ok(table::geojson("网格", &features))
}

fn sheet(sums: &Sums) -> Sheet {
    let low = || "<3".to_owned();
    let row = |(cell, sum): (&CellIndex, &Option<Sum>)| {
        let centre = LatLng::from(*cell);
        vec![
            cell.to_string(),
            degrees(centre.lng()).to_string(),
            degrees(centre.lat()).to_string(),
            sum.map_or_else(low, |s| s.count.to_string()),
            sum.map_or_else(low, |s| s.petitioners.to_string()),
            format!("{:.6}", cell.area_km2()),
        ]
    };
    Sheet {
        name: "网格",
        head: vec![
            "单元H3",
            "经度WGS84",
            "纬度WGS84",
            "工单数",
            "诉求人数",
            "面积平方公里",
        ],
        rows: sums.iter().map(row).collect(),
        remarks: vec![(
            "口径",
            "只含已上图的工单；无住址权限的角色，少于3件的单元记为“<3”".to_owned(),
        )],
    }
}

async fn csv(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (sums, _) = counted(&door, &who, asked).await?;
    Ok(table::csv("网格", sheet(&sums)))
}

async fn xlsx(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (sums, remarks) = counted(&door, &who, asked).await?;
    table::xlsx("网格", &sheet(&sums), &remarks)
}
