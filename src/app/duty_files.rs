//! What do the planners of posts, rosters and loops say about plain files?
//!
//! Input is one JSON document. `posts`: slots of one peak (`slots`, `gates`, `speed_kmh`, …) or gates with bells and a date.
//! `roster`: an instance (`persons`, `duties`, `rules`, …), or gates, persons and leave with a first day and a number of
//! weeks. `loop`: spots with a table of times, or a Solomon file (`.txt`). The formats stand in `docs/duty.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::error::Error;
use crate::calendar::{Day, WorkCalendar};
use crate::optim::shift::{Shift, man};
use crate::plan::chain::{BadSlot, Crew, Peak, Slot, ride_minutes, share};
use crate::plan::post::{Cutting, Gate, day_posts, duties};
use crate::plan::roster::fair::fairness;
use crate::plan::roster::{Instance, Limits, Person, Progress, Rules, solve, tie, why};
use crate::plan::routes::{self, Options, Spot, Spots};
use crate::plan::school::{Around, PEAKS};
use crate::spatial::LonLat;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 200_000_000;

/// Share of tickets that remains with a post, where a file does not say.
const MULTIPLIER: f64 = 0.7;

/// Reads a JSON document.
fn document(path: &Path) -> Result<Value, Error> {
    let shown = path.display();
    let bad = |e: &dyn std::fmt::Display| Error::invalid("input", format!("{shown}: {e}"));
    let size = fs::metadata(path).map_err(|e| bad(&e))?.len();
    if size > LARGEST {
        return Err(Error::refused(
            "too_large",
            format!("{shown} has {size} bytes, the limit is {LARGEST}"),
        ));
    }
    let bytes = fs::read(path).map_err(|e| bad(&e))?;
    serde_json::from_slice(unmarked(&bytes)).map_err(|e| bad(&e))
}

/// A file's text without the byte order mark that editors of some systems put before UTF-8.
pub(super) fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|e| Error::invalid("input", e.to_string()))
}

fn refuse(e: impl std::fmt::Display) -> Error {
    Error::invalid("input", e.to_string())
}

/// A peak as a file: slots and where their gates are.
#[derive(Clone, Debug, Deserialize)]
pub struct ChainFile {
    slots: Vec<Slot>,
    #[serde(default)]
    gates: Vec<Place>,
    #[serde(default = "twenty")]
    speed_kmh: f64,
    #[serde(default = "detour")]
    detour: f64,
    #[serde(default = "three")]
    buffer_min: i64,
    #[serde(default)]
    crews: Vec<Crew>,
    /// Slots that are worth nothing unless both are served (two-officer gates).
    #[serde(default)]
    pairs: Vec<(i64, i64)>,
    /// Who serves a slot serves another within so many metres whose window lies within its own.
    #[serde(default)]
    together_m: f64,
}

const fn twenty() -> f64 {
    20.0
}
const fn detour() -> f64 {
    1.3
}
const fn three() -> i64 {
    3
}

/// A gate's place: metres in a plane, or degrees.
#[derive(Clone, Debug, Deserialize)]
struct Place {
    id: i64,
    #[serde(default)]
    x: Option<f64>,
    #[serde(default)]
    y: Option<f64>,
    #[serde(default)]
    lon: Option<f64>,
    #[serde(default)]
    lat: Option<f64>,
}

/// Metres between two places; `None` when one has no coordinates, so that no chain passes there.
fn metres(a: &Place, b: &Place) -> Option<f64> {
    if let (Some(ax), Some(ay), Some(bx), Some(by)) = (a.x, a.y, b.x, b.y) {
        return Some((ax - bx).hypot(ay - by));
    }
    let point = |p: &Place| Some(LonLat::new(p.lon?, p.lat?));
    Some(point(a)?.distance_m(point(b)?))
}

/// Refuses a gate that stands twice, has no coordinates, or degrees that do not exist.
fn check_places(places: &[Place]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for (row, place) in (1..).zip(places) {
        let wrong = |why: &str| {
            Err(Error::invalid(
                "gates",
                format!("第 {row} 行校门 {}：{why}", place.id),
            ))
        };
        if !seen.insert(place.id) {
            return wrong(
                "编号重复，每个校门一个编号 (stands twice; every gate needs an id of its own)",
            );
        }
        match *place {
            Place {
                x: Some(x),
                y: Some(y),
                ..
            } if x.is_finite() && y.is_finite() => {}
            Place {
                lon: Some(lon),
                lat: Some(lat),
                ..
            } => {
                if !LonLat::new(lon, lat).is_valid() {
                    return wrong(&format!(
                        "lon {lon}、lat {lat} 不是经纬度，lon 为 -180 至 180，lat 为 -90 至 90 (no longitude and latitude in degrees)"
                    ));
                }
            }
            _ => {
                return wrong(
                    "缺坐标，请写 x、y（米）或 lon、lat（度） (no coordinates: write x and y in metres, or lon and lat in degrees)",
                );
            }
        }
    }
    Ok(())
}

impl ChainFile {
    /// Refuses figures that no ride has, and slots at gates whose place is not given though people are to ride there.
    fn check(&self) -> Result<(), Error> {
        let bounds = [
            ("speed_kmh", self.speed_kmh, 1.0, 200.0),
            ("detour", self.detour, 1.0, 10.0),
            ("buffer_min", self.buffer_min as f64, 0.0, 1440.0),
            ("together_m", self.together_m, 0.0, 100_000.0),
        ];
        for (name, value, low, high) in bounds {
            if !(low..=high).contains(&value) {
                return Err(Error::invalid(
                    name,
                    format!(
                        "{name} 为 {value}，应在 {low} 至 {high} ({name} is {value}, must be {low} to {high})"
                    ),
                ));
            }
        }
        check_places(&self.gates)?;
        let known: BTreeSet<i64> = self.gates.iter().map(|g| g.id).collect();
        let named: BTreeSet<i64> = self.slots.iter().map(|s| s.gate).collect();
        let lost = (1..)
            .zip(&self.slots)
            .find(|(_, s)| !known.contains(&s.gate));
        if let Some((row, slot)) = lost.filter(|_| named.len() > 1) {
            return Err(Error::invalid(
                "slots",
                format!(
                    "第 {row} 行岗位 {}：gates 中没有校门 {}，请补上它的坐标 (slot {}: gate {} is not among gates, add it with its place)",
                    slot.id, slot.gate, slot.id, slot.gate
                ),
            ));
        }
        Ok(())
    }

    /// The slots with the arcs between them.
    ///
    /// # Errors
    /// A slot that makes no sense.
    pub fn peak(&self) -> Result<Peak, BadSlot> {
        let places: BTreeMap<i64, &Place> = self.gates.iter().map(|p| (p.id, p)).collect();
        let travel = |a: i64, b: i64| {
            let way = places
                .get(&a)
                .zip(places.get(&b))
                .and_then(|(a, b)| metres(a, b));
            way.map_or(i64::MAX / 4, |m| {
                ride_minutes(m, self.detour, self.speed_kmh)
            })
        };
        Peak::new(self.slots.clone(), self.buffer_min, travel)
    }
}

/// Chains of a peak, or the posts that gates ask for on a day.
pub fn posts(input: &Path, date: Option<&str>) -> Result<Value, Error> {
    let value = document(input)?;
    if value.get("slots").is_some() {
        let file = parse::<ChainFile>(value)?;
        file.check()?;
        return chains(&file);
    }
    let file: TermFile = parse(value)?;
    check_places(&file.places)?;
    let date = date
        .ok_or_else(|| Error::invalid("date", "gates with bells need a date: --date 2024-09-02"))?;
    let day = Day::parse(date)
        .ok_or_else(|| Error::invalid("date", format!("{date} is no date; write 2024-09-02")))?;
    let found = day_posts(
        &file.gates,
        day,
        &file.calendar()?,
        &Around::default(),
        file.multiplier,
    );
    serde_json::to_value(found).map_err(|e| Error::Internal(e.to_string()))
}

fn chains(file: &ChainFile) -> Result<Value, Error> {
    let peak = file.peak().map_err(refuse)?;
    let named = |chains: &[Vec<usize>]| -> Vec<Vec<i64>> {
        let ids = |c: &Vec<usize>| c.iter().map(|i| peak.slots()[*i].id).collect();
        chains.iter().map(ids).collect()
    };
    let curve = peak.curve(peak.slots().len());
    let mut out = json!({
        "status": "optimal", "slots": peak.slots().len(), "arcs": peak.arcs(), "total_weight": peak.total_weight(),
        "min_persons": peak.fewest().len(), "chains_of_everything": named(&peak.fewest()),
        "best_weight_by_persons": curve.weight.iter().enumerate().skip(1).collect::<Vec<_>>(),
    });
    if !file.crews.is_empty() {
        let shared = share(&peak, &file.crews);
        out["crews"] = json!({"status": shared.status(), "plan": shared});
        if !file.pairs.is_empty() || file.together_m > 0.0 || shared.status() == "gap" {
            out["cover"] = cover(file, &peak)?;
        }
    }
    Ok(out)
}

/// Maximal covering by crews with pairs and sight: one program, proved best or with its bound.
fn cover(file: &ChainFile, peak: &Peak) -> Result<Value, Error> {
    let slots = peak.slots();
    let at: BTreeMap<i64, usize> = slots.iter().enumerate().map(|(i, s)| (s.id, i)).collect();
    let places: BTreeMap<i64, &Place> = file.gates.iter().map(|p| (p.id, p)).collect();
    let near = |a: &Slot, b: &Slot| {
        let way = places.get(&a.gate).zip(places.get(&b.gate));
        let metres = way.and_then(|(a, b)| metres(a, b)).unwrap_or(f64::INFINITY);
        a.gate != b.gate && b.start <= a.start && b.end >= a.end && metres <= file.together_m
    };
    let pair = |(a, b): &(i64, i64)| {
        let number = |id: &i64| {
            at.get(id).copied().ok_or_else(|| {
                Error::invalid(
                    "pairs",
                    format!("{id} is no slot; name two slots of the file"),
                )
            })
        };
        Ok((number(a)?, number(b)?))
    };
    let may = |role: &str| {
        slots
            .iter()
            .map(|s| s.accepts.is_empty() || s.accepts.iter().any(|r| r == role))
            .collect()
    };
    let shift = Shift {
        weight: slots.iter().map(|s| s.weight).collect(),
        next: (0..slots.len()).map(|i| peak.after(i).to_vec()).collect(),
        crews: file
            .crews
            .iter()
            .map(|c| (c.people, may(&c.role)))
            .collect(),
        pairs: file.pairs.iter().map(pair).collect::<Result<_, Error>>()?,
        seen: slots
            .iter()
            .map(|s| (0..slots.len()).filter(|t| near(s, &slots[*t])).collect())
            .collect(),
    };
    let found = man(&shift, 4000);
    let ids = |path: &Vec<usize>| path.iter().map(|s| slots[*s].id).collect::<Vec<_>>();
    let chains: Vec<Value> = file
        .crews
        .iter()
        .zip(&found.paths)
        .map(|(c, paths)| json!({"role": c.role, "chains": paths.iter().map(ids).collect::<Vec<_>>()}))
        .collect();
    let open = (0..slots.len()).filter(|s| !found.served[*s]);
    Ok(json!({
        "status": if found.proved { "optimal" } else { "gap" }, "weight": found.value, "bound": found.bound, "crews": chains,
        "uncovered": open.map(|s| json!({"slot": slots[s].id, "cost": slots[s].weight})).collect::<Vec<_>>(),
    }))
}

fn unknown_peak(field: &'static str, peak: &str) -> Error {
    Error::invalid(
        field,
        format!("{peak} is no peak; write one of {}", PEAKS.join(", ")),
    )
}

/// Gates with bells, people and leave of a term.
#[derive(Clone, Debug, Deserialize)]
struct TermFile {
    #[serde(default)]
    gates: Vec<Gate>,
    #[serde(default)]
    places: Vec<Place>,
    #[serde(default)]
    persons: Vec<Person>,
    /// (person, date, peak or "" for the whole day).
    #[serde(default)]
    leave: Vec<(i64, String, String)>,
    /// Lines `date,kind` with a header.
    #[serde(default)]
    calendar: String,
    #[serde(default = "multiplier")]
    multiplier: f64,
    #[serde(default)]
    rules: Rules,
    #[serde(default)]
    chains: bool,
    #[serde(default)]
    load: BTreeMap<String, i64>,
}

const fn multiplier() -> f64 {
    MULTIPLIER
}

impl TermFile {
    fn calendar(&self) -> Result<WorkCalendar, Error> {
        let text = if self.calendar.is_empty() {
            "date,kind\n"
        } else {
            self.calendar.as_str()
        };
        WorkCalendar::read(text).map_err(refuse)
    }

    fn instance(&self, from: Day, days: i64) -> Result<(Instance, Value), Error> {
        if let Some(peak) = self.load.keys().find(|k| !PEAKS.contains(&k.as_str())) {
            return Err(unknown_peak("load", peak));
        }
        let calendar = self.calendar()?;
        let mut all = Vec::new();
        let mut gaps = Vec::new();
        for day in from.0..from.0 + days {
            let found = day_posts(
                &self.gates,
                Day(day),
                &calendar,
                &Around::default(),
                self.multiplier,
            );
            gaps.extend(
                found
                    .gaps
                    .into_iter()
                    .map(|g| json!({"date": Day(day).iso(), "gate": g.0, "gap": g.1})),
            );
            all.extend(found.posts);
        }
        let gate_at: BTreeMap<i64, i64> =
            self.gates.iter().zip(0..).map(|(g, n)| (g.id, n)).collect();
        let travel = self.travel();
        let cut = Cutting {
            from,
            gate_at: &gate_at,
            travel: &travel,
            buffer_min: self.rules.buffer_min,
            chains: self.chains,
            load: &self.load,
        };
        let cut = duties(&all, &cut).map_err(refuse)?;
        let persons = self.present(from)?;
        let instance = Instance {
            days,
            peaks: PEAKS.map(str::to_owned).to_vec(),
            persons,
            duties: cut.iter().map(|c| c.0.clone()).collect(),
            rules: Rules {
                travel_min: travel,
                first_weekday: i64::from(from.weekday()),
                ..self.rules.clone()
            },
            fairness: true,
            ..Instance::default()
        };
        let posts: Vec<Value> = cut
            .iter()
            .map(|(d, list)| json!({"duty": d.id, "date": Day(from.0 + d.day).iso(), "posts": list.iter().map(|i| &all[*i]).collect::<Vec<_>>()}))
            .collect();
        Ok((instance, json!({"duties": posts, "gaps": gaps})))
    }

    /// People with their leave in days of the horizon.
    fn present(&self, from: Day) -> Result<Vec<Person>, Error> {
        let mut persons = self.persons.clone();
        for (id, date, peak) in &self.leave {
            let day = Day::parse(date).ok_or_else(|| {
                Error::invalid("leave", format!("{date} is no date; write 2024-09-02"))
            })?;
            let person = persons.iter_mut().find(|p| p.id == *id);
            let person = person.ok_or_else(|| {
                Error::invalid("leave", format!("{id} is no person; add the row"))
            })?;
            if !peak.is_empty() && !PEAKS.contains(&peak.as_str()) {
                return Err(unknown_peak("leave", peak));
            }
            let peaks = PEAKS
                .iter()
                .filter(|p| peak.is_empty() || **p == peak.as_str());
            person
                .unavailable
                .extend(peaks.map(|p| (day.0 - from.0, (*p).to_owned())));
        }
        Ok(persons)
    }

    fn travel(&self) -> Vec<Vec<i64>> {
        let places: BTreeMap<i64, &Place> = self.places.iter().map(|p| (p.id, p)).collect();
        let ride = |a: i64, b: i64| {
            let way = places
                .get(&a)
                .zip(places.get(&b))
                .and_then(|(a, b)| metres(a, b));
            way.map_or(600, |m| ride_minutes(m, detour(), twenty()))
        };
        let ids: Vec<i64> = self.gates.iter().map(|g| g.id).collect();
        let row = |a: &i64| {
            ids.iter()
                .map(|b| if a == b { 0 } else { ride(*a, *b) })
                .collect()
        };
        ids.iter().map(row).collect()
    }
}

/// Hears best, bound and thousandths of the work done; false ends a search with the best plan so far.
pub type Tell<'a> = &'a mut dyn FnMut(i64, i64, u64) -> bool;

/// A roster of a file, with explanations and fairness. A roster that was stopped comes without what is solved after it.
pub fn roster(
    input: &Path,
    from: Option<&str>,
    weeks: i64,
    tell: Tell<'_>,
) -> Result<Value, Error> {
    let value = document(input)?;
    let (instance, beside) = if value.get("duties").is_some() {
        (parse::<Instance>(value)?, Value::Null)
    } else {
        let file: TermFile = parse(value)?;
        check_places(&file.places)?;
        let from = from.ok_or_else(|| {
            Error::invalid(
                "from",
                "gates with bells need a first day: --from 2024-09-02",
            )
        })?;
        let day = Day::parse(from).ok_or_else(|| {
            Error::invalid("from", format!("{from} is no date; write 2024-09-02"))
        })?;
        file.instance(day, weeks.clamp(1, 26) * 7)?
    };
    let told = &mut |p: Progress| tell(p.coverage, p.bound, p.done);
    let mut answer = solve(&instance, &Limits::default(), told).map_err(refuse)?;
    tie::settle(&instance, &mut answer.assignment).map_err(refuse)?;
    let mut out = json!({"answer": answer, "fairness": fairness(&instance, &answer.assignment)});
    if !beside.is_null() {
        out["posts"] = beside;
    }
    if answer.stopped {
        return Ok(out);
    }
    if let Some(repair) = why::repair(&instance, &answer) {
        out["repair"] = json!(repair);
    }
    // The first uncovered duties with their exact reason; each is a solve of its own.
    let mut reasons = Vec::new();
    for duty in answer.uncovered.iter().take(5) {
        let why = why::uncovered(&instance, &answer, *duty).map_err(refuse)?;
        reasons.push(json!({"duty": duty, "reason": why}));
    }
    out["reasons"] = json!(reasons);
    let mut roles: Vec<&str> = instance.persons.iter().map(|p| p.role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    let mut more = BTreeMap::new();
    for role in roles {
        more.insert(
            role,
            why::one_more(&instance, &answer, role).map_err(refuse)?,
        );
    }
    out["one_more_person_brings"] = json!(more);
    Ok(out)
}

/// Loops of a file.
pub fn loops(
    input: &Path,
    units: Option<usize>,
    draw: Option<u64>,
    tell: Tell<'_>,
) -> Result<Value, Error> {
    let solomon_file = input
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("txt"));
    let mut spots = if solomon_file {
        let text = fs::read_to_string(input)
            .map_err(|e| Error::invalid("input", format!("{}: {e}", input.display())))?;
        solomon(&text, usize::MAX, units.unwrap_or(1))?
    } else {
        parse::<Spots>(document(input)?)?
    };
    if let Some(units) = units {
        spots.units = units;
    }
    let options = Options {
        draw,
        ..Options::default()
    };
    let mut stopped = false;
    let watch = &mut |p: &routes::Progress| {
        stopped = !tell(p.best, p.bound, p.done);
        !stopped
    };
    let plan = routes::plan_watched(&spots, &options, watch).map_err(refuse)?;
    let mut out = serde_json::to_value(plan).map_err(|e| Error::Internal(e.to_string()))?;
    out["stopped"] = json!(stopped);
    Ok(out)
}

/// Reads a Solomon file: first `customers` rows, distance and times in tenths, prize = demand.
pub fn solomon(text: &str, customers: usize, units: usize) -> Result<Spots, Error> {
    let rows: Vec<Vec<i64>> = text
        .lines()
        .map(|l| {
            l.split_whitespace()
                .filter_map(|w| w.parse().ok())
                .collect()
        })
        .filter(|r: &Vec<i64>| r.len() == 7)
        .take(customers.saturating_add(1))
        .collect();
    let depot = rows
        .first()
        .ok_or_else(|| Error::invalid("input", "no row of seven numbers: not a Solomon file"))?;
    let tenths = |a: &Vec<i64>, b: &Vec<i64>| {
        let (dx, dy) = ((a[1] - b[1]) as f64, (a[2] - b[2]) as f64);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "coordinates of a file, far below 2^53"
        )]
        let whole = ((dx * dx + dy * dy).sqrt() * 10.0).floor() as i64;
        whole
    };
    Ok(Spots {
        units,
        shift: depot[5] * 10,
        travel: rows
            .iter()
            .map(|a| rows.iter().map(|b| tenths(a, b)).collect())
            .collect(),
        spots: rows[1..]
            .iter()
            .map(|r| Spot {
                id: r[0],
                dwell: r[6] * 10,
                prize: r[3],
                open: r[4] * 10,
                close: r[5] * 10,
            })
            .collect(),
    })
}
