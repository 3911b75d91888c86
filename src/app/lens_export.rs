//! How does what a lens shows leave the program: GeoJSON, CSV and a workbook, each with what is needed to repeat it.

use h3o::{CellIndex, LatLng};
use serde_json::{Value, json};

use crate::app::access::Who;
use crate::app::export::Remarks;
use crate::app::lens::{Lens, LensPicture};
use crate::app::sheet::Sheet;
use crate::app::{App, Snapshot};
use crate::hotspot::lens::CellMark;
use crate::hotspot::road_density::Piece;
use crate::spatial::LonLat;

const CELL_HEAD: [&str; 11] = [
    "单元H3",
    "经度WGS84",
    "纬度WGS84",
    "判定",
    "工单数",
    "前期工单数",
    "计数值",
    "统计量",
    "q值",
    "点或面",
    "显著期数",
];

const ROAD_HEAD: [&str; 7] = [
    "序号",
    "起点经度",
    "起点纬度",
    "终点经度",
    "终点纬度",
    "密度级别",
    "件每公里",
];

fn six(v: f64) -> f64 {
    (v * 1e6).round() / 1e6
}

/// The class of a cell in Chinese.
#[must_use]
pub fn class_words(class: &str) -> String {
    let fixed = match class {
        "none" => "不显著",
        "insufficient" => "历史不足",
        "hot3" => "热点 99%",
        "hot2" => "热点 95%",
        "hot1" => "热点 90%",
        "cold3" => "冷点 99%",
        "cold2" => "冷点 95%",
        "cold1" => "冷点 90%",
        "up3" => "上升 99%",
        "up2" => "上升 95%",
        "up1" => "上升 90%",
        "down3" => "下降 99%",
        "down2" => "下降 95%",
        "down1" => "下降 90%",
        "hh" => "高-高（成片）",
        "hl" => "高-低（孤立高点）",
        "lh" => "低-高（高中之低）",
        "ll" => "低-低",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    let (pattern, side) = class.split_once('_').unwrap_or((class, ""));
    let name = match pattern {
        "new" => "新增",
        "consecutive" => "连续",
        "intensifying" => "加强",
        "persistent" => "持续",
        "diminishing" => "减弱",
        "sporadic" => "分散",
        "oscillating" => "振荡",
        "historical" => "历史",
        other => other,
    };
    format!("{name}{}", if side == "cold" { "冷点" } else { "热点" })
}

fn ring(cell: CellIndex) -> Vec<[f64; 2]> {
    let mut ring: Vec<[f64; 2]> = cell
        .boundary()
        .iter()
        .map(|p| [six(p.lng()), six(p.lat())])
        .collect();
    ring.extend(ring.first().copied());
    ring
}

fn cell_feature(mark: &CellMark) -> Value {
    json!({
        "type": "Feature",
        "id": mark.cell.to_string(),
        "geometry": {"type": "Polygon", "coordinates": [ring(mark.cell)]},
        "properties": {
            "h3": mark.cell.to_string(), "class": mark.class, "class_title": class_words(mark.class),
            "tickets": mark.tickets, "before": mark.before, "value": mark.value, "score": mark.score, "q": mark.q,
            "kind": mark.kind, "steps": mark.steps,
        },
    })
}

fn road_feature(piece: &Piece) -> Value {
    let line: Vec<[f64; 2]> = piece
        .line
        .iter()
        .map(|p| [six(p.lon), six(p.lat)])
        .collect();
    json!({
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": line},
        "properties": {"class": piece.class, "tickets_per_km": piece.density},
    })
}

/// RFC 7946 with the record of the run as a foreign member.
#[must_use]
pub fn geojson(lens: &Lens) -> Vec<u8> {
    let features: Vec<Value> = match &lens.picture {
        LensPicture::Cells(cells) => cells.marks.iter().map(cell_feature).collect(),
        LensPicture::Roads(roads) => roads.pieces.iter().map(road_feature).collect(),
    };
    let all = json!({"type": "FeatureCollection", "features": features, "run": lens.record});
    all.to_string().into_bytes()
}

/// Header and rows as text.
fn rows(lens: &Lens) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let number = |v: Option<f64>| v.map(|v| format!("{v}")).unwrap_or_default();
    match &lens.picture {
        LensPicture::Cells(cells) => {
            let row = |mark: &CellMark| {
                let centre = LatLng::from(mark.cell);
                let kind = match mark.kind {
                    Some("area") => "面",
                    Some(_) => "点",
                    None => "",
                };
                vec![
                    mark.cell.to_string(),
                    format!("{:.6}", centre.lng()),
                    format!("{:.6}", centre.lat()),
                    class_words(mark.class),
                    mark.tickets.to_string(),
                    mark.before.map(|b| b.to_string()).unwrap_or_default(),
                    mark.value.to_string(),
                    number(mark.score),
                    number(mark.q),
                    kind.to_owned(),
                    mark.steps.map(|s| s.to_string()).unwrap_or_default(),
                ]
            };
            (CELL_HEAD.to_vec(), cells.marks.iter().map(row).collect())
        }
        LensPicture::Roads(roads) => {
            let row = |(at, piece): (usize, &Piece)| {
                let end = |p: Option<&LonLat>| p.copied().unwrap_or_default();
                let (a, b) = (end(piece.line.first()), end(piece.line.last()));
                let mut out = vec![(at + 1).to_string()];
                out.extend([a.lon, a.lat, b.lon, b.lat].map(|v| format!("{v:.6}")));
                out.extend([piece.class.to_string(), format!("{:.3}", piece.density)]);
                out
            };
            let all = roads.pieces.iter().enumerate().map(row);
            (ROAD_HEAD.to_vec(), all.collect())
        }
    }
}

/// The marks as a table; its remarks hold the record of the run.
#[must_use]
pub fn sheet(lens: &Lens) -> Sheet {
    let (head, rows) = rows(lens);
    Sheet {
        name: "判定",
        head,
        rows,
        remarks: vec![("方法与参数", lens.record.to_string())],
    }
}

impl App {
    /// What the sheet 说明 says of an export by this person.
    #[must_use]
    pub fn remarks(&self, who: &Who, snapshot: &Snapshot, filter: String) -> Remarks {
        let city = snapshot.city.as_ref().map_or_else(String::new, |c| {
            let mark = if c.city.meta.simulated {
                "（模拟）"
            } else {
                ""
            };
            format!("{}{mark}", c.city.meta.name)
        });
        Remarks {
            filter,
            person: who.title.clone(),
            at: self.now(),
            version: snapshot.version,
            city,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::class_words;

    #[test]
    fn every_class_has_chinese_words() {
        for (code, words) in [
            ("hot3", "热点 99%"),
            ("new_hot", "新增热点"),
            ("historical_cold", "历史冷点"),
            ("none", "不显著"),
        ] {
            assert_eq!(class_words(code), words);
        }
    }
}
