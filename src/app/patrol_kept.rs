//! Which patrols were planned, and how do they leave the house: list, map file, calendar?

use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::school::insider;
use crate::calendar::{Day, UtcMs};
use crate::plan::ics::{Event, calendar};
use crate::store::plan::{self, PatrolRow};

fn read(row: &PatrolRow) -> Result<Value> {
    let mut body: Value =
        serde_json::from_str(&row.body).map_err(|e| Error::Internal(e.to_string()))?;
    body["id"] = json!(row.id.to_string());
    body["created_by"] = json!(row.created_by);
    body["created_at"] = json!(UtcMs(row.created_at).rfc3339());
    Ok(body)
}

/// One loop with its number, from 1.
fn loops(body: &Value) -> impl Iterator<Item = (i64, &Value)> {
    let all = body["plan"]["loops"].as_array();
    (1..).zip(all.into_iter().flatten())
}

impl App {
    /// The newest patrols with their figures.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who sees published sites only.
    pub async fn patrols(&self, who: &Who) -> Result<Vec<Value>> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let rows = plan::patrols(&mut tx).await?;
        let brief = |row: &PatrolRow| -> Result<Value> {
            let body = read(row)?;
            let plan = &body["plan"];
            Ok(json!({
                "id": body["id"], "date": body["date"], "start_min": body["start_min"], "created_by": body["created_by"],
                "created_at": body["created_at"], "status": plan["status"], "prize": plan["prize"], "bound": plan["bound"],
                "loops": plan["loops"].as_array().map_or(0, Vec::len), "simulated": body["simulated"],
            }))
        };
        rows.iter().map(brief).collect()
    }

    /// One patrol, whole, as it was planned.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown key.
    pub async fn kept_patrol(&self, who: &Who, id: i64) -> Result<Value> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let row = plan::patrol(&mut tx, id).await?.ok_or(Error::NotFound)?;
        read(&row)
    }

    /// Roads driven and stays of a patrol as a map file.
    ///
    /// # Errors
    /// As [`Self::kept_patrol`].
    pub async fn patrol_geojson(&self, who: &Who, id: i64) -> Result<Value> {
        Ok(geojson(&self.kept_patrol(who, id).await?))
    }

    /// Stays of a patrol as a calendar; `unit` from 1, none for all.
    ///
    /// # Errors
    /// As [`Self::kept_patrol`]; [`Error::NotFound`] for a unit that does not drive.
    pub async fn patrol_calendar(&self, who: &Who, id: i64, unit: Option<i64>) -> Result<Vec<u8>> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let row = plan::patrol(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let body = read(&row)?;
        let driven = |u: &i64| loops(&body).any(|l| l.0 == *u);
        if unit.is_some_and(|u| !driven(&u)) {
            return Err(Error::NotFound);
        }
        let instance = format!("{}.patrol.zhilu", self.keys.mark());
        Ok(calendar(
            "机动巡逻",
            &instance,
            UtcMs(row.created_at),
            &events(&body, unit),
        ))
    }
}

fn events(body: &Value, unit: Option<i64>) -> Vec<Event> {
    let number = |v: &Value| v.as_i64().unwrap_or(0);
    let day = body["date"].as_str().and_then(Day::parse);
    let start = number(&body["start_min"]);
    let id: i64 = body["id"]
        .as_str()
        .and_then(|i| i.parse().ok())
        .unwrap_or(0);
    let simulated = if body["simulated"] == true {
        "（模拟数据）"
    } else {
        ""
    };
    let mut out = Vec::new();
    for (own, one) in loops(body).filter(|l| unit.is_none_or(|u| l.0 == u)) {
        let stops = one["stops"].as_array().into_iter().flatten();
        for (stop, place) in stops.zip(1..) {
            let spot = &body["spots"][usize::try_from(number(&stop["spot"])).unwrap_or(usize::MAX)];
            let name = spot["name"].as_str().unwrap_or_default();
            let point = spot["point"].as_array();
            out.push(Event {
                name: format!("patrol-{id}-{own}-{place}"),
                sequence: 0,
                cancelled: false,
                day: day.unwrap_or(Day(0)),
                start: start + number(&stop["start"]),
                end: start + number(&stop["leave"]),
                summary: format!("巡逻 {own} 组 {name}{simulated}"),
                place: name.to_owned(),
                description: format!("第 {place} 站，{}", visit_words(spot)),
                point: point.and_then(|p| Some((p.first()?.as_f64()?, p.get(1)?.as_f64()?))),
            });
        }
    }
    out
}

fn visit_words(spot: &Value) -> String {
    match spot["visit"].as_i64() {
        Some(n) if n > 1 => format!("本班第 {n} 次到此"),
        _ => "本班首次到此".to_owned(),
    }
}

fn geojson(body: &Value) -> Value {
    let mut features = Vec::new();
    let ways = body["ways"].as_array().into_iter().flatten();
    for (way, unit) in ways.zip(1..) {
        features.push(json!({
            "type": "Feature", "geometry": {"type": "LineString", "coordinates": way},
            "properties": {"unit": unit, "simulated": body["simulated"]},
        }));
    }
    for (unit, one) in loops(body) {
        let stops = one["stops"].as_array().into_iter().flatten();
        for (stop, place) in stops.zip(1..) {
            let at = stop["spot"].as_u64().and_then(|s| usize::try_from(s).ok());
            let spot = &body["spots"][at.unwrap_or(usize::MAX)];
            features.push(json!({
                "type": "Feature", "geometry": {"type": "Point", "coordinates": spot["point"]},
                "properties": {
                    "unit": unit, "stop": place, "site": spot["site"], "name": spot["name"], "visit": spot["visit"],
                    "start": stop["start"], "leave": stop["leave"], "prevented_millionths": spot["prize"],
                    "date": body["date"], "start_min": body["start_min"], "simulated": body["simulated"],
                },
            }));
        }
    }
    json!({"type": "FeatureCollection", "features": features})
}
