//! Which schools are registered (一校一策), from where did they come, and who may change them?

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::snapshot::CityView;
use crate::calendar::Day;
use crate::plan::need::Override;
use crate::plan::school::{Around, Bell, Stage, Way};
use crate::spatial::LonLat;
use crate::store::school::{self, SchoolRow};
use crate::store::{Tx, duty};
use crate::ticket::permit::{Cell, Power, Right, Scope};

/// A gate of a school.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchoolGate {
    /// Key, unique over all schools; 0 in a wish gives a new one.
    pub id: i64,
    /// Its name, such as 东门.
    pub name: String,
    /// WGS-84 degrees.
    pub lon: f64,
    /// WGS-84 degrees.
    pub lat: f64,
    /// Side of the road, in words.
    pub side: String,
    /// Pupils who use it.
    pub students: i64,
    /// A crash with a pupil in three years.
    pub pupil_crash: bool,
    /// Arterial road or four lanes.
    pub wide_road: bool,
    /// No signal and no bridge at the crossing.
    pub no_safe_crossing: bool,
    /// A person's word about the number of units.
    pub set: Option<Override>,
}

/// A school as the register holds it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct School {
    /// Name.
    pub name: String,
    /// Kind of school.
    pub stage: Stage,
    /// Address in words.
    pub address: String,
    /// Pupils.
    pub students: i64,
    /// Gates.
    pub gates: Vec<SchoolGate>,
    /// Bell table.
    pub bells: Vec<Bell>,
    /// End of after-school service in words.
    pub after_school: String,
    /// Boarding school.
    pub boarding: bool,
    /// School buses in words.
    pub buses: String,
    /// Catchment in words.
    pub catchment: String,
    /// Who speaks for the school: an office, no person's phone.
    pub contact: String,
    /// Problems at the gates.
    pub problems: String,
    /// Measures of the package.
    pub measures: String,
    /// Day on which the package is judged.
    pub evaluation_on: String,
    /// Closed on make-up Saturdays and Sundays.
    pub closed_on_makeup: bool,
    /// Squad whose area it is.
    pub squad: String,
    /// Invented data.
    pub simulated: bool,
}

/// A school with its row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SchoolView {
    /// Key, as text.
    pub id: String,
    /// Row version.
    pub version: i64,
    /// What is known.
    pub school: School,
}

impl App {
    /// All schools by key.
    pub async fn schools(&self, who: &Who) -> Result<Vec<SchoolView>> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let list = all(&mut tx).await?;
        Ok(list
            .into_iter()
            .map(|(id, version, school)| SchoolView {
                id: id.to_string(),
                version,
                school,
            })
            .collect())
    }

    /// Writes a school: a new one (`id` none), or one whose version is still `version`. A gate's key is 0 for a new gate, or that
    /// of a gate the school has.
    pub async fn save_school(
        &self,
        who: &Who,
        target: Option<(i64, i64)>,
        wish: School,
    ) -> Result<i64> {
        need_power(who, Power::Edit)?;
        check(&wish)?;
        let mut tx = self.store.write().await?;
        let id = self.write_school(&mut tx, who, (target, wish)).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn write_school(
        &self,
        tx: &mut Tx,
        who: &Who,
        (target, mut wish): (Option<(i64, i64)>, School),
    ) -> Result<i64> {
        let now = self.now().0;
        let (id, mut known) = if let Some((id, _)) = target {
            let mut list = all(tx).await?.into_iter();
            let found = list.find(|s| s.0 == id).ok_or(Error::NotFound)?;
            self.known_squad(&wish.squad, &found.2.squad)?;
            (id, found.2.gates.iter().map(|g| g.id).collect())
        } else {
            self.known_squad(&wish.squad, "")?;
            (school::next_key(tx, "school").await?, BTreeSet::new())
        };
        for gate in &mut wish.gates {
            if gate.id == 0 {
                gate.id = school::next_key(tx, "school_gate").await?;
            } else if !known.remove(&gate.id) {
                return Err(Error::invalid(
                    "gates",
                    format!(
                        "校门 {}（编号 {}）不属于本校或重复 (a gate of another school, or named twice)",
                        gate.name, gate.id
                    ),
                ));
            }
        }
        let body = text(&wish)?;
        match target {
            None => school::insert_school(tx, (id, &body), &who.name, now).await?,
            Some((_, version)) => {
                let row = SchoolRow {
                    id,
                    body,
                    version,
                    changed_at: now,
                };
                if !school::update_school(tx, &row, &who.name, now).await? {
                    let mut list = all(tx).await?.into_iter();
                    let current = list.find(|s| s.0 == id).ok_or(Error::NotFound)?;
                    return Err(Error::Conflict { version: current.1 });
                }
            }
        }
        let overrides = wish.gates.iter().filter(|g| g.set.is_some()).count();
        let detail = json!({"name": wish.name, "gates": wish.gates.len(), "overrides": overrides});
        let key = id.to_string();
        self.audit(tx, &who.name, ["school.save", &key], &detail)
            .await?;
        Ok(id)
    }

    /// Takes schools with gates from the city's map that the register does not know by name, all of them or none; returns how
    /// many.
    pub async fn take_schools(&self, who: &Who) -> Result<usize> {
        need_power(who, Power::Edit)?;
        let view = self
            .city()
            .ok_or_else(|| Error::refused("no_city", "尚未导入城市地图 (no city imported yet)"))?;
        let units = view.city.rules.units.iter();
        let units: Vec<String> = units.map(|u| u.name.clone()).collect();
        let found = of_map(&view, &units);
        let mut tx = self.store.write().await?;
        let known: BTreeSet<String> = all(&mut tx).await?.into_iter().map(|s| s.2.name).collect();
        let mut taken = 0;
        for wish in found.into_iter().filter(|s| !known.contains(&s.name)) {
            check(&wish)?;
            self.write_school(&mut tx, who, (None, wish)).await?;
            taken += 1;
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// Refuses a squad that is none of the city's units, where the city lists them; what stands `stored` may stay.
    pub(super) fn known_squad(&self, squad: &str, stored: &str) -> Result<()> {
        let Some(view) = self.city() else {
            return Ok(());
        };
        let units = view.city.rules.units.iter();
        let units: Vec<&str> = units.map(|u| u.name.as_str()).collect();
        if squad.is_empty() || squad == stored || units.is_empty() || units.contains(&squad) {
            return Ok(());
        }
        let units = units.join("、");
        Err(Error::invalid(
            "squad",
            format!("没有中队 {squad}，应为 {units} (no such unit of the city; one of {units})"),
        ))
    }

    /// Observations at a school's gates by time.
    pub async fn school_watches(&self, who: &Who, id: i64) -> Result<Vec<serde_json::Value>> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let rows = duty::watches(&mut tx, id).await?;
        Ok(rows
            .into_iter()
            .map(|w| {
                let body: serde_json::Value = serde_json::from_str(&w.body).unwrap_or_default();
                json!({"day": w.day, "at": crate::calendar::UtcMs(w.at).rfc3339(), "by": w.actor, "seen": body})
            })
            .collect())
    }
}

/// Refuses who reads only what was published: rosters, people and registers are the office's own.
pub(super) fn insider(who: &Who) -> Result<Cell> {
    let cell = who.may(Right::Sites)?;
    if cell.scope == Scope::Published {
        return Err(Error::Forbidden);
    }
    Ok(cell)
}

/// Refuses who has less than a power over sites, measures, duty posts.
pub(super) fn need_power(who: &Who, least: Power) -> Result<()> {
    if who.may(Right::Sites)?.power < least {
        return Err(Error::Forbidden);
    }
    Ok(())
}

pub(super) fn text<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()))
}

/// All schools as (key, version, school).
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<(i64, i64, School)>> {
    let rows = school::schools(tx).await?;
    rows.into_iter()
        .map(|r| {
            let school = serde_json::from_str(&r.body)
                .map_err(|e| Error::Internal(format!("school {}: {e}", r.id)))?;
            Ok((r.id, r.version, school))
        })
        .collect()
}

/// Most characters of a name or a short remark, and of a text.
const SHORT: usize = 80;
const LONG: usize = 2_000;

/// Refuses texts that no register holds.
fn check_texts(wish: &School) -> Result<()> {
    let gates = wish.gates.iter();
    let of_gates = gates.flat_map(|g| [("gates", &g.name, SHORT), ("gates", &g.side, SHORT)]);
    let reasons = wish.gates.iter().filter_map(|g| g.set.as_ref());
    let of_reasons = reasons.map(|o| ("gates", &o.reason, LONG));
    let of_bells = wish.bells.iter().map(|b| ("bells", &b.grades, SHORT));
    let own = [
        ("address", &wish.address, LONG),
        ("after_school", &wish.after_school, LONG),
        ("buses", &wish.buses, LONG),
        ("catchment", &wish.catchment, LONG),
        ("contact", &wish.contact, LONG),
        ("problems", &wish.problems, LONG),
        ("measures", &wish.measures, LONG),
        ("squad", &wish.squad, SHORT),
    ];
    let texts = own
        .into_iter()
        .chain(of_gates)
        .chain(of_reasons)
        .chain(of_bells);
    for (field, text, most) in texts {
        let letters = text.chars().count();
        if letters > most {
            return Err(Error::invalid(
                field,
                format!("{letters} 字，至多 {most} 字 ({letters} characters, at most {most})"),
            ));
        }
    }
    Ok(())
}

fn check(wish: &School) -> Result<()> {
    check_texts(wish)?;
    if wish.name.trim().is_empty() || wish.name.chars().count() > 80 {
        return Err(Error::invalid(
            "name",
            "学校名称为 1 至 80 字 (a name of 1 to 80 characters)",
        ));
    }
    for gate in &wish.gates {
        if !LonLat::new(gate.lon, gate.lat).is_valid() {
            return Err(Error::invalid(
                "gates",
                format!(
                    "校门 {} 的坐标无效，应为 WGS-84 经纬度 (gate without a valid point)",
                    gate.name
                ),
            ));
        }
        if !(0..=100_000).contains(&gate.students) {
            return Err(Error::invalid(
                "gates",
                format!(
                    "校门 {} 的学生数须在 0 至 100000 (students out of range)",
                    gate.name
                ),
            ));
        }
        if gate
            .set
            .as_ref()
            .is_some_and(|o| o.reason.trim().is_empty())
        {
            return Err(Error::invalid(
                "gates",
                format!(
                    "校门 {} 人工指定岗数须写明理由 (an override needs a reason)",
                    gate.name
                ),
            ));
        }
    }
    for bell in &wish.bells {
        bell.window(&Around::default())
            .map_err(|e| Error::invalid("bells", e.to_string()))?;
    }
    if !wish.evaluation_on.is_empty() && Day::parse(&wish.evaluation_on).is_none() {
        return Err(Error::invalid(
            "evaluation_on",
            "日期写作 2024-09-02 (a date such as 2024-09-02)",
        ));
    }
    Ok(())
}

/// Schools of the map with their gates and bells, each given to the squads in turn from west to east.
#[expect(
    clippy::too_many_lines,
    reason = "one school after the other, field by field"
)]
fn of_map(view: &Arc<CityView>, units: &[String]) -> Vec<School> {
    let map = &view.city.map;
    let mut found: Vec<(f64, School)> = Vec::new();
    for feature in map
        .features
        .iter()
        .filter(|f| f.is("amenity", "school") || f.is("amenity", "kindergarten"))
    {
        let Some(name) = feature.tag("name") else {
            continue;
        };
        let mut gates: Vec<SchoolGate> = map
            .features
            .iter()
            .filter(|g| {
                g.tag("parent") == Some(feature.id.as_str()) || g.tag("parent_name") == Some(name)
            })
            .filter_map(|g| gate(name, g))
            .collect();
        if gates.is_empty() {
            gates.extend(middle(feature).map(|p| SchoolGate {
                name: "校门".to_owned(),
                lon: p.lon,
                lat: p.lat,
                ..SchoolGate::default()
            }));
        }
        let students: i64 = feature
            .tag("students")
            .and_then(|s| s.parse().ok())
            .unwrap_or(0);
        let share = students / i64::try_from(gates.len().max(1)).unwrap_or(1);
        for g in &mut gates {
            g.students = share;
        }
        let stage = Stage::of_words(feature.tag("school_level").unwrap_or(name))
            .or_else(|| Stage::of_words(name));
        let school = School {
            name: name.to_owned(),
            stage: stage.unwrap_or_default(),
            address: feature.tag("addr:full").unwrap_or_default().to_owned(),
            students,
            bells: bells(
                stage.unwrap_or_default(),
                feature.tag("bell:arrive"),
                feature.tag("bell:leave"),
            ),
            simulated: feature.is("synthetic", "true") || map.synthetic,
            gates,
            ..School::default()
        };
        let lon = school.gates.first().map_or(0.0, |g| g.lon);
        found.push((lon, school));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.name.cmp(&b.1.name)));
    let n = found.len();
    found
        .into_iter()
        .enumerate()
        .map(|(i, (_, mut school))| {
            school.squad = units
                .get(i * units.len() / n.max(1))
                .cloned()
                .unwrap_or_default();
            school
        })
        .collect()
}

fn gate(school: &str, feature: &crate::place::MapFeature) -> Option<SchoolGate> {
    let p = middle(feature)?;
    let name = feature
        .tag("gate")
        .or_else(|| feature.tag("name"))
        .unwrap_or("校门");
    let name = name.strip_prefix(school).unwrap_or(name);
    Some(SchoolGate {
        name: name.to_owned(),
        lon: p.lon,
        lat: p.lat,
        ..SchoolGate::default()
    })
}

fn middle(feature: &crate::place::MapFeature) -> Option<LonLat> {
    use geo::Centroid;
    feature
        .geometry
        .centroid()
        .map(|p| LonLat::new(p.x(), p.y()))
}

/// Bells from `07:30-08:00` (into school by the end) and `16:40-17:15` (home in waves at both ends).
fn bells(stage: Stage, arrive: Option<&str>, leave: Option<&str>) -> Vec<Bell> {
    let range = |text: Option<&str>| {
        let (a, b) = text?.split_once('-')?;
        Some((minute(a)?, minute(b)?))
    };
    let make = |way, at, until| Bell {
        way,
        at,
        until,
        weekdays: Vec::new(),
        grades: String::new(),
        from: String::new(),
        to: String::new(),
    };
    let mut out = Vec::new();
    if let Some((a, b)) = range(arrive) {
        let open = stage == Stage::Kindergarten;
        out.push(if open {
            make(Way::Arrive, a, Some(b))
        } else {
            make(Way::Arrive, b, None)
        });
    }
    if let Some((a, b)) = range(leave) {
        if stage == Stage::Kindergarten {
            out.push(make(Way::Leave, a, Some(b)));
        } else {
            out.push(make(Way::Leave, a, None));
            if b != a {
                out.push(make(Way::Leave, b, None));
            }
        }
    }
    out
}

fn minute(text: &str) -> Option<i64> {
    let (h, m) = text.trim().split_once(':')?;
    let (h, m): (i64, i64) = (h.parse().ok()?, m.parse().ok()?);
    ((0..24).contains(&h) && (0..60).contains(&m)).then_some(h * 60 + m)
}
