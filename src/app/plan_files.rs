//! Which measures for the money, reckoned from plain files: sites with their loads, budgets, marks?
//!
//! Sites come as JSON (a list of sites with loads) or as CSV with one row for each site and kind: `site,name,kind,
//! tickets_per_year` and, if known, `weight`, `installed` (separated by `;`), `lng`, `lat`, and facts of the place: `lanes`,
//! `one_way`, `signal`, `crossing`, `bus_line`, `school_gate`, `junction` (1 yes, 0 no), `width_m`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::duty_files::unmarked;
use crate::app::error::Error;
use crate::app::plan_sheet::{geojson, workbook};
use crate::case::{Catalogue, FigureSource, Measure};
use crate::optim::Progress;
use crate::plan::{
    BadWish, Desk, FACTS, Load, LocalResult, MeasurePlan, Shown, SiteAlternative, SiteNeed, Wish,
    against, standard,
};

/// What is read and wished for.
pub struct Files<'a> {
    /// Sites: CSV or JSON.
    pub sites: &'a Path,
    /// Folder with `problem_kinds.csv` and `measures.csv`; the shipped catalogue without it.
    pub catalogue: Option<&'a Path>,
    /// JSON with own results: measure → list of `{ratio, log_se}`.
    pub local: Option<&'a Path>,
    /// The wish.
    pub wish: Wish,
    /// Alternative to be explained, if any.
    pub explain: Option<&'a str>,
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|e| Error::invalid("file", format!("{}: {e}", path.display())))
}

fn wrong(error: &BadWish) -> Error {
    Error::invalid("wish", error.to_string())
}

/// Reads the sites of a file.
///
/// # Errors
/// [`Error::Invalid`] with row, column and cure.
pub fn read_sites(path: &Path) -> Result<Vec<SiteNeed>, Error> {
    let bytes = bytes(path)?;
    let json = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let sites = if json {
        serde_json::from_slice(unmarked(&bytes))
            .map_err(|e| Error::invalid("sites", e.to_string()))?
    } else {
        from_csv(&bytes)?
    };
    check(sites)
}

/// One row of the table with its names and its number for messages.
struct Line<'r> {
    headers: &'r csv::StringRecord,
    row: &'r csv::StringRecord,
    number: usize,
}

impl Line<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let at = self
            .headers
            .iter()
            .position(|h| h.trim_start_matches('\u{feff}') == name)?;
        self.row.get(at).filter(|t| !t.is_empty())
    }

    fn real(&self, name: &str) -> Result<Option<f64>, Error> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let value = text.parse::<f64>().ok().filter(|n| n.is_finite());
        let why = || format!("row {}: {name} is {text:?}, must be a number", self.number);
        value
            .map(Some)
            .ok_or_else(|| Error::invalid("sites", why()))
    }

    fn needed(&self, name: &str) -> Result<&str, Error> {
        let why = || {
            format!(
                "row {}: {name} is missing; the file needs site, kind, tickets_per_year",
                self.number
            )
        };
        self.text(name)
            .ok_or_else(|| Error::invalid("sites", why()))
    }

    /// Adds what the row says to its site.
    fn add(&self, out: &mut Vec<SiteNeed>) -> Result<(), Error> {
        let id = self.needed("site")?;
        let place = out.iter().position(|s| s.site == id).unwrap_or_else(|| {
            out.push(SiteNeed {
                site: id.to_owned(),
                ..SiteNeed::default()
            });
            out.len() - 1
        });
        let found = &mut out[place];
        if let Some(name) = self.text("name") {
            name.clone_into(&mut found.name);
        }
        if let (Some(lng), Some(lat)) = (self.real("lng")?, self.real("lat")?) {
            found.point = Some([lng, lat]);
        }
        let installed = self.text("installed").unwrap_or_default().split(';');
        found
            .installed
            .extend(installed.filter(|m| !m.is_empty()).map(str::to_owned));
        for (fact, _, _) in FACTS {
            if let Some(value) = self.real(fact)? {
                found.facts.insert(fact.to_owned(), value);
            }
        }
        self.needed("tickets_per_year")?;
        let kind = self.needed("kind")?;
        if found.loads.iter().any(|l| l.kind == kind) {
            return Err(Error::invalid(
                "sites",
                format!(
                    "第 {} 行：点位 {id} 的类别 {kind} 已有一行，请并为一行 (row {}: site {id} has a row of kind {kind} already, make them one)",
                    self.number, self.number
                ),
            ));
        }
        found.loads.push(Load {
            kind: kind.to_owned(),
            rate: self.real("tickets_per_year")?.unwrap_or(0.0),
            weight: self.real("weight")?.unwrap_or(1.0),
        });
        Ok(())
    }
}

fn from_csv(bytes: &[u8]) -> Result<Vec<SiteNeed>, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let unreadable = |e: csv::Error| Error::invalid("sites", e.to_string());
    let headers = reader.headers().map_err(unreadable)?.clone();
    known_columns(&headers)?;
    let mut out: Vec<SiteNeed> = Vec::new();
    for (at, row) in reader.records().enumerate() {
        let line = Line {
            headers: &headers,
            row: &row.map_err(unreadable)?,
            number: at + 2,
        };
        line.add(&mut out)?;
    }
    Ok(out)
}

/// Columns of the table beside the facts of a place.
const COLUMNS: [&str; 8] = [
    "site",
    "name",
    "kind",
    "tickets_per_year",
    "weight",
    "installed",
    "lng",
    "lat",
];

/// Refuses a column that would be passed over: a misspelt one changes the plan without a word.
fn known_columns(headers: &csv::StringRecord) -> Result<(), Error> {
    let known: Vec<&str> = COLUMNS
        .into_iter()
        .chain(FACTS.iter().map(|f| f.0))
        .collect();
    let plain = |h: &str| h.trim_start_matches('\u{feff}').to_owned();
    let misspelt = headers.iter().map(plain).find_map(|h| {
        let unknown = !known.contains(&h.as_str());
        let meant = known.iter().find(|k| unknown && nearly_spelt(&h, k))?;
        Some((h, *meant))
    });
    misspelt.map_or(Ok(()), |(column, meant)| {
        Err(Error::invalid(
            "sites",
            format!(
                "列 {column} 是否应为 {meant}？请改名或删去 (column {column:?}: is {meant:?} meant? rename or remove it)"
            ),
        ))
    })
}

/// Whether two names have the same letters but for one: letters swapped, one missing or one too many.
fn nearly_spelt(a: &str, b: &str) -> bool {
    let mut letters: BTreeMap<char, i64> = BTreeMap::new();
    for (text, step) in [(a, 1), (b, -1)] {
        for c in text.trim().to_lowercase().chars() {
            *letters.entry(c).or_default() += step;
        }
    }
    letters.values().map(|n| n.abs()).sum::<i64>() <= 1
}

/// Refuses budgets of departments that lead no measure: nothing could be bought with them.
fn known_departments(wish: &Wish, catalogue: &Catalogue) -> Result<(), Error> {
    let known: BTreeSet<&str> = catalogue
        .measures
        .all()
        .iter()
        .map(|m| m.lead.as_str())
        .collect();
    let mut asked = wish
        .years
        .iter()
        .chain([&wish.budgets])
        .flat_map(BTreeMap::keys);
    asked.find(|d| !known.contains(d.as_str())).map_or(Ok(()), |department| {
        let known: Vec<&str> = known.into_iter().collect();
        Err(Error::invalid(
            "budgets",
            format!(
                "目录中没有由 {department} 牵头的措施，部门应为 {0} (no measure of the catalogue is led by {department:?}; departments are {0})",
                known.join("、")
            ),
        ))
    })
}

fn check(sites: Vec<SiteNeed>) -> Result<Vec<SiteNeed>, Error> {
    if sites.is_empty() {
        return Err(Error::invalid(
            "sites",
            "文件没有任何点位，无从选择措施 (the file has no site: there is nothing to choose for)",
        ));
    }
    for (at, need) in sites.iter().enumerate() {
        let invalid = |why: String| {
            Err(Error::invalid(
                "sites",
                format!("site {:?}: {why}", need.site),
            ))
        };
        if need.site.is_empty() {
            return invalid("the key is empty".to_owned());
        }
        if sites[..at].iter().any(|s| s.site == need.site) {
            return invalid("stands twice; keys must differ".to_owned());
        }
        if let Some(fact) = need
            .facts
            .keys()
            .find(|f| !FACTS.iter().any(|k| k.0 == **f))
        {
            let known: Vec<&str> = FACTS.iter().map(|f| f.0).collect();
            return invalid(format!(
                "{fact:?} is no fact; known are {}",
                known.join(", ")
            ));
        }
        for load in &need.loads {
            if !(load.rate >= 0.0
                && load.rate.is_finite()
                && load.weight >= 0.0
                && load.weight.is_finite())
            {
                return invalid(format!(
                    "rate {} and weight {} of {} must be 0 or more",
                    load.rate, load.weight, load.kind
                ));
            }
        }
    }
    Ok(sites)
}

/// Makes the plan of the files, or explains one alternative, as a document. `tell` hears of best and bound and stops the search by
/// `false`, keeping the best plan so far.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong and the cure.
pub fn run(
    files: &Files<'_>,
    tell: &mut dyn FnMut(Option<i64>, i64) -> bool,
) -> Result<Value, Error> {
    let catalogue = match files.catalogue {
        None => Catalogue::shipped(),
        Some(folder) => Catalogue::read(
            &bytes(&folder.join("problem_kinds.csv"))?,
            &bytes(&folder.join("measures.csv"))?,
            FigureSource::City,
        ),
    };
    let catalogue = catalogue.map_err(|e| Error::invalid("catalogue", e.to_string()))?;
    let sites = read_sites(files.sites)?;
    for load in sites.iter().flat_map(|s| &s.loads) {
        if catalogue.kinds.get(&load.kind).is_none() {
            let why = format!("{:?} is no problem kind of the catalogue", load.kind);
            return Err(Error::invalid("kind", why));
        }
    }
    known_departments(&files.wish, &catalogue)?;
    let local = files.local.map(read_local).transpose()?.unwrap_or_default();
    let desk = Desk::new(files.wish.clone(), sites, &catalogue, local).map_err(|e| wrong(&e))?;
    let mut watch = |p: &Progress| tell(p.best, p.bound);
    let plan = desk.plan(&catalogue, &mut watch).map_err(|e| wrong(&e))?;
    if let Some(id) = files.explain {
        let why = desk.explain(id, &Shown::from(&plan));
        return Ok(json!({ "why": why.map_err(|e| wrong(&e))? }));
    }
    let mut body = document(&desk, &plan, &catalogue);
    body["needs"] = json!(desk.sites);
    Ok(body)
}

/// The document of a plan in the form its name asks for: `.xlsx`, `.geojson`, else JSON.
///
/// # Errors
/// [`Error::Internal`] when the workbook cannot be made.
pub fn written(body: &Value, path: &Path) -> Result<Vec<u8>, Error> {
    let ends = |with: &str| {
        path.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(with))
    };
    if ends("xlsx") {
        return workbook(body);
    }
    let text = if ends("geojson") {
        geojson(body).to_string()
    } else {
        format!("{body:#}")
    };
    Ok(format!("{text}\n").into_bytes())
}

fn read_local(path: &Path) -> Result<BTreeMap<String, Vec<LocalResult>>, Error> {
    let value: Value = serde_json::from_slice(unmarked(&bytes(path)?))
        .map_err(|e| Error::invalid("local", e.to_string()))?;
    let mut out = BTreeMap::new();
    for (measure, rows) in value.as_object().into_iter().flatten() {
        let mut results = Vec::new();
        for row in rows.as_array().into_iter().flatten() {
            let (ratio, log_se) = (row["ratio"].as_f64(), row["log_se"].as_f64());
            match (ratio, log_se) {
                (Some(ratio), Some(log_se)) if ratio > 0.0 && log_se >= 0.0 => {
                    results.push(LocalResult { ratio, log_se });
                }
                _ => {
                    return Err(Error::invalid(
                        "local",
                        format!("{measure}: needs ratio above 0 and log_se of 0 or more"),
                    ));
                }
            }
        }
        out.insert(measure.clone(), results);
    }
    Ok(out)
}

/// The plan with the alternatives it chose, what each costs and prevents, and the wish it answers.
#[must_use]
pub fn document(desk: &Desk, plan: &MeasurePlan, catalogue: &Catalogue) -> Value {
    let chosen = |a: &&SiteAlternative| plan.chosen.contains(&a.id);
    let works: Vec<Value> = desk
        .alternatives
        .iter()
        .filter(chosen)
        .map(|a| work(desk, plan, catalogue, a))
        .collect();
    let used: BTreeSet<&str> = desk
        .alternatives
        .iter()
        .flat_map(|a| a.measures.iter().map(String::as_str))
        .collect();
    let names: BTreeMap<&str, [&str; 2]> = used
        .into_iter()
        .filter_map(|id| catalogue.measures.get(id))
        .map(|m| (m.id.as_str(), [m.name_zh.as_str(), m.name_en.as_str()]))
        .collect();
    let gates = desk.sites.iter().map(|s| (s, standard::check(s)));
    let standards: BTreeMap<&str, Vec<standard::Item>> = gates
        .filter(|(_, items)| !items.is_empty())
        .map(|(s, items)| (s.site.as_str(), items))
        .collect();
    json!({
        "plan": plan, "works": works, "wish": desk.wish, "alternatives": desk.alternatives.len(), "sites": desk.sites.len(),
        "names": names, "standards": standards, "ruled_out": ruled_out(desk, catalogue), "local": desk.reckoning().local,
        "engine": env!("CARGO_PKG_VERSION"),
    })
}

/// One chosen alternative with its measures and what it promises.
fn work(desk: &Desk, plan: &MeasurePlan, catalogue: &Catalogue, a: &SiteAlternative) -> Value {
    let site = &desk.sites[a.site];
    let reckoning = desk.reckoning();
    let measure = |m: &Measure| {
        let known = reckoning.posterior(m);
        let [cost, staff] = reckoning.cost(m);
        json!({
            "id": m.id, "name": m.name_zh, "name_en": m.name_en, "quantity": m.typical_quantity, "unit": m.unit,
            "department": m.lead, "partners": m.partners, "evidence": m.evidence.letter(), "standards": m.standards,
            "cost": cost, "staff_cost": staff, "cost_source": m.source.code(), "life_years": m.life_years,
            "multiplier": known.multiplier(), "interval": known.interval(),
            "local": reckoning.local.get(&m.id).map_or(0, Vec::len),
        })
    };
    let measures: Vec<Value> = a
        .measures
        .iter()
        .filter_map(|id| catalogue.measures.get(id))
        .map(measure)
        .collect();
    let stability = plan.stability.get(&a.id);
    json!({
        "id": a.id, "site": site.site, "name": site.name, "point": site.point, "measures": measures, "start": a.start,
        "cost": a.cost, "staff_cost": a.staff_cost, "standard": a.standard,
        "benefit": a.benefit, "benefit_low": a.benefit_low, "benefit_high": a.benefit_high,
        "prevented_a_year": a.yearly, "prevented_low": a.yearly_range[0], "prevented_high": a.yearly_range[1],
        "life_years": a.life, "lead_days": a.lead_days, "evaluate_after_days": a.lead_days + 90, "remarks": a.remarks,
        "stability": stability, "doubtful": stability.is_some_and(|s| *s < 0.5),
    })
}

/// Measures that fit the kinds of a site and are ruled out by what is known of the place.
fn ruled_out(desk: &Desk, catalogue: &Catalogue) -> Vec<Value> {
    let mut out = Vec::new();
    for site in &desk.sites {
        let fits = |m: &&Measure| site.loads.iter().any(|l| m.addresses(&l.kind).is_some());
        for m in catalogue.measures.all().iter().filter(fits) {
            if let Some(why) = against(&m.id, &site.facts) {
                out.push(json!({ "site": site.site, "measure": m.id, "name": m.name_zh, "name_en": m.name_en, "why": why }));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::known_columns;

    #[test]
    fn a_misspelt_column_is_refused_and_one_of_another_use_is_passed_over() {
        let header = |names: &[&str]| known_columns(&csv::StringRecord::from(names));
        assert!(header(&["site", "kind", "tickets_per_year", "remarks", "负责人"]).is_ok());
        for bad in ["wieght", "weigth", "sites", "instaled"] {
            let why = header(&["site", bad]).unwrap_err().to_string();
            assert!(why.contains(bad), "{why}");
        }
    }
}
