//! What do the hotspot methods say of the filtered tickets on the map: one computation per data, scope, filter and setting.

use std::sync::{Arc, Mutex, PoisonError};

use h3o::Resolution;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::{App, Snapshot};
use crate::hotspot::category::Rule;
use crate::hotspot::cube::View;
use crate::hotspot::lens::{self, CellLens, Cells, CubeAsk, Ground};
use crate::hotspot::method::MethodError;
use crate::hotspot::pile_up::KEEP;
use crate::hotspot::road_density::RoadLens;
use crate::hotspot::sample::{Sample, day_of};
use crate::hotspot::study::Source;
use crate::hotspot::{Method, emerging, gi_star, local_moran, network_kde, period_change};
use crate::index::Filter;
use crate::param::Settings;
use crate::spatial::network_kde::Split;
use crate::stats::multiple::Correction;

/// What the map may be coloured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LensView {
    /// Gi*: loud neighbourhoods.
    Gi,
    /// Local Moran: loud cells in quiet places.
    Moran,
    /// Emerging categories.
    Emerging,
    /// Change between two periods.
    Change,
    /// Density along roads.
    Network,
}

impl LensView {
    /// All views in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::Gi,
        Self::Emerging,
        Self::Moran,
        Self::Change,
        Self::Network,
    ];

    /// Name in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gi => "gi",
            Self::Moran => "moran",
            Self::Emerging => "emerging",
            Self::Change => "change",
            Self::Network => "network",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.code() == code)
    }

    /// The method whose parameters it takes.
    #[must_use]
    pub const fn method(self) -> &'static Method {
        match self {
            Self::Gi => &gi_star::GI_STAR,
            Self::Moran => &local_moran::LOCAL_MORAN,
            Self::Emerging => &emerging::EMERGING,
            Self::Change => &period_change::PERIOD_CHANGE,
            Self::Network => &network_kde::NETWORK_KDE,
        }
    }

    /// Whether it compares the cells of a study area; the others compare the cells with a ticket, whatever the area.
    #[must_use]
    pub const fn has_area(self) -> bool {
        matches!(self, Self::Gi | Self::Moran)
    }

    /// Parameters of the method that the map sets itself, or that need what the map's tickets do not carry.
    #[must_use]
    pub const fn own(self) -> &'static [&'static str] {
        match self {
            Self::Gi => &["conditional", KEEP.name],
            Self::Moran => &["permutations", "seed", KEEP.name],
            Self::Emerging => &["exact", "cap", KEEP.name],
            Self::Change => &["days_before", "days_after"],
            Self::Network => &[],
        }
    }
}

/// A question to a lens.
#[derive(Clone, Debug)]
pub struct LensAsk {
    /// By what.
    pub view: LensView,
    /// Checked settings of the view's method.
    pub settings: Settings,
    /// Which tickets, already narrowed to the person.
    pub filter: Filter,
    /// First and last second (exclusive) of the earlier period of a change.
    pub before: Option<(i64, i64)>,
    /// Resolution of the cells of a change, 5 to 11.
    pub res: u8,
    /// Only cells that a road touches are compared.
    pub masked: bool,
}

/// What a lens shows.
#[derive(Debug)]
pub enum LensPicture {
    /// Cells with a class.
    Cells(CellLens),
    /// Pieces of road with a density.
    Roads(RoadLens),
}

/// A finished lens with what is needed to repeat it.
#[derive(Debug)]
pub struct Lens {
    /// By what.
    pub view: LensView,
    /// The picture.
    pub picture: LensPicture,
    /// Method, parameters, n, study area, period, data version.
    pub record: Value,
}

/// Key and value of one remembered lens.
type Slot = (String, Arc<OnceCell<Arc<Lens>>>);

/// The last lenses that were asked for; equal questions at the same time are computed once.
#[derive(Default)]
pub(super) struct Lenses(Mutex<Vec<Slot>>);

impl Lenses {
    /// Lenses remembered: a session plays through the weeks of half a year without computing twice.
    const ROOM: usize = 48;

    fn slot(&self, key: &str) -> Arc<OnceCell<Arc<Lens>>> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = list.iter().position(|(k, _)| k == key) {
            let slot = list.remove(at);
            let cell = Arc::clone(&slot.1);
            list.push(slot);
            return cell;
        }
        if list.len() >= Self::ROOM {
            list.remove(0);
        }
        let cell = Arc::default();
        list.push((key.to_owned(), Arc::clone(&cell)));
        cell
    }
}

impl LensAsk {
    /// A stable text of the question.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!(
            "{}|{}|{}|{:?}|{}|{}",
            self.view.code(),
            self.settings.to_json(),
            self.filter.canonical(),
            self.before,
            self.res,
            self.masked
        )
    }
}

impl App {
    /// The lens of a question over a state of the data; computed once however many ask.
    pub async fn lens(
        &self,
        snapshot: &Arc<Snapshot>,
        who: &Who,
        ask: LensAsk,
    ) -> Result<Arc<Lens>> {
        let key = format!(
            "{}|{}|{}",
            snapshot.version,
            who.scope_word(),
            ask.canonical()
        );
        let slot = self.lenses.slot(&key);
        let snapshot = Arc::clone(snapshot);
        // By a task of its own: when the map moves on the lens is finished all the same, for the next tile that asks.
        let work = tokio::spawn(async move {
            let made = slot.get_or_try_init(|| async move {
                let work = tokio::task::spawn_blocking(move || compute(&snapshot, &ask));
                work.await
                    .map_err(|e| Error::Internal(e.to_string()))?
                    .map(Arc::new)
            });
            made.await.cloned()
        });
        work.await.map_err(|e| Error::Internal(e.to_string()))?
    }
}

/// What a refusal of a method is to the caller.
pub(super) fn refused(error: &MethodError) -> Error {
    match error {
        MethodError::TooLarge { .. } => Error::refused("too_large", error.to_string()),
        _ => Error::invalid("settings", error.to_string()),
    }
}

fn compute(snapshot: &Snapshot, ask: &LensAsk) -> Result<Lens> {
    let picture = match ask.view {
        LensView::Network => LensPicture::Roads(roads(snapshot, ask)?),
        LensView::Emerging => LensPicture::Cells(emerging(snapshot, ask)?),
        LensView::Change => LensPicture::Cells(change(snapshot, ask)?),
        LensView::Gi | LensView::Moran => LensPicture::Cells(spatial(snapshot, ask)?),
    };
    Ok(Lens {
        view: ask.view,
        record: record(snapshot, ask, &picture),
        picture,
    })
}

fn resolution(level: i64) -> Result<Resolution> {
    u8::try_from(level)
        .ok()
        .filter(|r| (5..=11).contains(r))
        .and_then(|r| Resolution::try_from(r).ok())
        .ok_or_else(|| {
            Error::invalid(
                "res",
                format!("{level}: 地图上可用 5 至 11 (on the map 5 to 11)"),
            )
        })
}

fn sample(snapshot: &Snapshot, filter: &Filter) -> Sample {
    Sample::of(&snapshot.index, &snapshot.index.select(filter))
}

/// Runs with the study area of the city.
fn on_ground<T>(
    snapshot: &Snapshot,
    (res, masked): (Resolution, bool),
    work: impl FnOnce(Ground<'_>) -> T,
) -> T {
    let view = snapshot.city.as_ref();
    let (area, source) = view.map_or((None, Source::Tickets), |v| {
        v.ground.cells(&v.city, res, masked)
    });
    work(Ground {
        area: area.as_deref(),
        source,
    })
}

fn spatial(snapshot: &Snapshot, ask: &LensAsk) -> Result<CellLens> {
    let s = &ask.settings;
    let res = resolution(s.integer("res"))?;
    let k = u32::try_from(s.integer("k")).unwrap_or(1);
    let tickets = sample(snapshot, &ask.filter);
    Ok(on_ground(snapshot, (res, ask.masked), |ground| {
        let mut counts = Cells::count(&snapshot.index, &tickets, res, s.choice("value"), ground);
        let mut start = lens::start(&tickets, res, ground);
        let cap = s.integer("cap");
        if cap > 0 {
            let over = counts.value.iter().filter(|v| **v > cap as f64).count();
            for v in &mut counts.value {
                *v = v.min(cap as f64);
            }
            start.note("CAPPED", format!("{over}个单元的数值已按上限截断"));
        }
        if ask.view == LensView::Moran {
            lens::moran(&counts, k, start)
        } else {
            let correction = Correction::parse(s.choice("correction")).unwrap_or_default();
            lens::gi(&counts, k, correction, start)
        }
    }))
}

/// What emerging categories and changes compare (rule book, section 9): an area would only be a label to them.
const HELD: Ground<'static> = Ground {
    area: None,
    source: Source::Held,
};

fn emerging(snapshot: &Snapshot, ask: &LensAsk) -> Result<CellLens> {
    let s = &ask.settings;
    let res = resolution(s.integer("res"))?;
    // The steps end with the window's end; what lies before its beginning is the history they need.
    let mut filter = ask.filter.clone();
    filter.from_s = None;
    let tickets = sample(snapshot, &filter);
    let last = tickets.span().map_or(0.0, |s| s.1.floor() + 1.0);
    let end = filter.until_s.map_or(last, |until| {
        day_of(crate::calendar::UtcMs(until * 1000)).min(last)
    });
    let own_step = s.choice("window") == "step";
    let cube = CubeAsk {
        k: u32::try_from(s.integer("k")).unwrap_or(1),
        step_days: s.real("step_days"),
        steps: if s.size("steps") == 0 {
            26
        } else {
            s.size("steps")
        },
        view: View {
            lag: s.size("lag"),
            own_step,
        },
        alpha_bin: s.real("alpha_bin"),
        rule: Rule {
            alpha_trend: s.real("alpha_trend"),
            share: 0.9,
            min_steps: s.size("min_steps"),
            legacy_sporadic: s.flag("legacy_sporadic"),
        },
    };
    let start = lens::start(&tickets, res, HELD);
    let made = lens::emerging(&snapshot.index, &tickets, res, (end, &cube), start);
    made.map_err(|e| refused(&e))
}

/// The earlier and the later period of a comparison, seconds, ends exclusive.
///
/// # Errors
/// A period is missing or empty, or both share a day: a ticket of both would be on either side.
pub fn two_periods(filter: &Filter, before: Option<(i64, i64)>) -> Result<[(i64, i64); 2]> {
    let missing = || {
        Error::invalid(
            "before",
            "请给出前后两期：from、to、from2、to2 (give both periods: from, to, from2, to2)",
        )
    };
    let earlier = before.filter(|p| p.0 < p.1).ok_or_else(missing)?;
    let later = filter.from_s.zip(filter.until_s).filter(|p| p.0 < p.1);
    let later = later.ok_or_else(missing)?;
    if earlier.0 < later.1 && later.0 < earlier.1 {
        let why = "前后两期有重叠的日子，请分开 (the two periods share days: part them)";
        return Err(Error::invalid("before", why));
    }
    Ok([earlier, later])
}

fn change(snapshot: &Snapshot, ask: &LensAsk) -> Result<CellLens> {
    let s = &ask.settings;
    let res = resolution(i64::from(ask.res))?;
    let [(since, until), (from, to)] = two_periods(&ask.filter, ask.before)?;
    let mut earlier = ask.filter.clone();
    (earlier.from_s, earlier.until_s) = (Some(since), Some(until));
    let (before, after) = (sample(snapshot, &earlier), sample(snapshot, &ask.filter));
    let days = |a: i64, b: i64| (b - a) as f64 / 86_400.0;
    let correction = Correction::parse(s.choice("correction")).unwrap_or_default();
    let rule = (s.choice("baseline") == "city", correction);
    let count = |t: &Sample| Cells::count(&snapshot.index, t, res, "caller_weeks", HELD);
    let start = lens::start(&after, res, HELD);
    let both = (&count(&before), &count(&after));
    let lengths = (days(since, until), days(from, to));
    Ok(lens::change(both, lengths, rule, start))
}

fn roads(snapshot: &Snapshot, ask: &LensAsk) -> Result<RoadLens> {
    let view = snapshot.city.as_ref();
    let roads = view.and_then(|v| v.ground.roads(&v.city)).ok_or_else(|| {
        Error::refused(
            "no_roads",
            "地图里没有道路，请先导入路网 (the map has no roads: import them first)",
        )
    })?;
    let s = &ask.settings;
    let split = match s.choice("split") {
        "simple" => Split::Simple,
        "esc" => Split::Continuous,
        _ => Split::Discontinuous,
    };
    let tickets = sample(snapshot, &ask.filter);
    roads
        .density(&tickets.place, (s.real("h"), split, s.real("lixel_m")))
        .map_err(|e| refused(&e))
}

fn record(snapshot: &Snapshot, ask: &LensAsk, picture: &LensPicture) -> Value {
    let mut params = ask.settings.to_json();
    if let Some(map) = params.as_object_mut() {
        map.retain(|name, _| !ask.view.own().contains(&name.as_str()));
        if ask.view.has_area() {
            map.insert("road_mask".to_owned(), json!(ask.masked));
        }
        if ask.view == LensView::Change {
            map.insert("res".to_owned(), json!(ask.res));
        }
    }
    let period = |a: Option<i64>, b: Option<i64>| json!({"from_s": a, "until_s": b});
    let mut out = json!({
        "view": ask.view.code(),
        "method": ask.view.method().name,
        "title": ask.view.method().title,
        "params": params,
        "period": period(ask.filter.from_s, ask.filter.until_s),
        "before": ask.before.map(|(a, b)| period(Some(a), Some(b))),
        "data_version": snapshot.version,
        "engine": env!("CARGO_PKG_VERSION"),
    });
    match picture {
        LensPicture::Cells(cells) => {
            let notes = cells.notes.iter();
            out["n"] = json!(cells.tickets);
            out["left_out"] = json!(cells.left_out);
            out["compared"] = json!(cells.compared);
            out["classes"] = json!(cells.tally());
            out["area"] = json!(cells.area.map(Source::code));
            out["area_words"] = json!(cells.area.map(Source::words));
            out["steps"] = json!(cells.steps);
            out["notes"] = notes
                .map(|n| json!({"code": n.code, "text": n.text}))
                .collect();
        }
        LensPicture::Roads(roads) => {
            let mut classes = [0_usize; 5];
            for piece in &roads.pieces {
                classes[usize::from(piece.class).min(4)] += 1;
            }
            let counted = (1..5).map(|c| (format!("density{c}"), json!(classes[c])));
            out["n"] = json!(roads.tickets);
            out["left_out"] = json!(roads.off_road);
            out["km"] = json!(roads.km.round());
            out["bounds"] = json!(roads.bounds);
            out["classes"] = Value::Object(counted.collect());
            out["notes"] = json!([{"code": "NOT_A_TEST", "text": "核密度用于查看,不作显著性判断"}]);
        }
    }
    out
}
