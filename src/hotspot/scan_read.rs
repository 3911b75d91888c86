//! How do tables become places, cases and steps of a scan?

use std::collections::BTreeMap;

use crate::hotspot::method::MethodError;
use crate::hotspot::scan_model::{Cases, Model};
use crate::hotspot::scan_zones::Sites;
use crate::hotspot::steps::Steps;
use crate::hotspot::table::{Input, InputError, Table, TableSpec};
use crate::param::Settings;
use crate::spatial::{LonLat, Xy};
use crate::stats::number::{id32, whole};

/// A scan's input after reading.
#[derive(Clone, Debug)]
pub struct Study {
    /// Name of each place.
    pub ids: Vec<String>,
    /// Where they are.
    pub sites: Sites,
    /// Cases and masses.
    pub cases: Cases,
    /// Day at which step 0 begins.
    pub origin: f64,
    /// Length of a step in days.
    pub step_days: f64,
    /// Cases outside the whole steps.
    pub dropped: usize,
}

static LOCATIONS: TableSpec = TableSpec {
    names: &["locations", "input"],
    columns: "",
};
static CASES: TableSpec = TableSpec {
    names: &["cases"],
    columns: "",
};

/// Most cases of one run.
const MOST_CASES: usize = 20_000_000;

/// Most places of one run: circles take memory by the square of it.
const MOST_PLACES: usize = 50_000;

/// Reads places and cases; the settings need `model`, `step_days` and `steps`.
pub fn read_study(input: &Input, settings: &Settings) -> Result<Study, MethodError> {
    let table = input.table(&LOCATIONS)?;
    let ids: Vec<String> = table.texts("id")?.into_iter().map(str::to_owned).collect();
    if ids.len() > MOST_PLACES {
        return Err(MethodError::TooLarge {
            what: "number of places",
            size: ids.len(),
            limit: MOST_PLACES,
            cure: "scan over sites or coarser cells",
        });
    }
    let sites = read_sites(table)?;
    let model = match settings.choice("model") {
        "poisson" => Model::Poisson,
        "bernoulli" => Model::Bernoulli,
        _ => Model::Permutation,
    };
    let step_days = settings.real("step_days");
    let mut study = Study {
        sites,
        cases: Cases {
            model,
            place: Vec::new(),
            step: Vec::new(),
            steps: 1,
            mass: vec![0.0; ids.len()],
        },
        origin: 0.0,
        step_days,
        dropped: 0,
        ids,
    };
    match input.optional_table(&CASES) {
        Some(cases) => timed(&mut study, cases, settings)?,
        None => untimed(&mut study, table)?,
    }
    study.cases.mass = masses(&study, table, model)?;
    Ok(study)
}

/// Places by `lon`, `lat` or by `x`, `y`.
pub fn read_sites(table: &Table) -> Result<Sites, InputError> {
    if table.has("lon") && table.has("lat") {
        let (lon, lat) = table.degrees()?;
        let pairs = lon.into_iter().zip(lat);
        return Ok(Sites::Earth(
            pairs.map(|(lon, lat)| LonLat { lon, lat }).collect(),
        ));
    }
    let pairs = table.numbers("x")?.into_iter().zip(table.numbers("y")?);
    Ok(Sites::Plane(pairs.map(|(x, y)| Xy { x, y }).collect()))
}

fn counts(table: &Table, column: &str) -> Result<Vec<u64>, InputError> {
    if !table.has(column) {
        return Ok(vec![1; table.n()]);
    }
    table.read(column, "a whole number of at least 0", |text| {
        text.parse().ok().and_then(whole)
    })
}

fn timed(study: &mut Study, cases: &Table, settings: &Settings) -> Result<(), MethodError> {
    let place: BTreeMap<&str, u32> = study
        .ids
        .iter()
        .enumerate()
        .map(|(i, id)| (id.as_str(), id32(i)))
        .collect();
    let places = cases.read("id", "an id of the table of locations", |id| {
        place.get(id).copied()
    })?;
    let days = cases.numbers("t_day")?;
    let steps = Steps::of(&days, study.step_days, settings.size("steps"))?;
    let mut all = Vec::new();
    for ((place, day), count) in places.into_iter().zip(&days).zip(counts(cases, "cases")?) {
        match steps.step(*day) {
            Some(step) => all.extend((0..count).map(|_| (place, id32(step)))),
            None => study.dropped += usize::try_from(count).unwrap_or(usize::MAX),
        }
        if all.len() > MOST_CASES {
            return Err(too_many(all.len()));
        }
    }
    all.sort_unstable();
    study.cases.place = all.iter().map(|c| c.0).collect();
    study.cases.step = all.iter().map(|c| c.1).collect();
    study.cases.steps = steps.count;
    study.origin = steps.origin;
    Ok(())
}

fn untimed(study: &mut Study, table: &Table) -> Result<(), MethodError> {
    if study.cases.model == Model::Permutation {
        return Err(MethodError::Invalid {
            what: "the permutation model needs cases with times".to_owned(),
            cure: "give a table cases with id and t_day, or choose poisson or bernoulli",
        });
    }
    if !table.has("cases") {
        table.numbers("cases")?;
    }
    let all = counts(table, "cases")?;
    let sum: u64 = all.iter().sum();
    if sum > MOST_CASES as u64 {
        return Err(too_many(usize::try_from(sum).unwrap_or(usize::MAX)));
    }
    for (i, count) in all.into_iter().enumerate() {
        study.cases.place.extend((0..count).map(|_| id32(i)));
    }
    study.cases.step = vec![0; study.cases.place.len()];
    Ok(())
}

fn too_many(size: usize) -> MethodError {
    MethodError::TooLarge {
        what: "number of cases",
        size,
        limit: MOST_CASES,
        cure: "scan a shorter period or a smaller area",
    }
}

fn masses(study: &Study, table: &Table, model: Model) -> Result<Vec<f64>, MethodError> {
    let mut cases = vec![0.0; study.ids.len()];
    for &place in &study.cases.place {
        cases[place as usize] += 1.0;
    }
    match model {
        Model::Permutation => Ok(cases),
        Model::Bernoulli => {
            let controls = counts(table, "controls")?;
            if !table.has("controls") {
                table.numbers("controls")?;
            }
            Ok(cases
                .iter()
                .zip(controls)
                .map(|(c, n)| c + n as f64)
                .collect())
        }
        Model::Poisson => {
            let exposure = table.numbers("population")?;
            for (row, (&e, &c)) in exposure.iter().zip(&cases).enumerate() {
                if e < 0.0 || (e <= 0.0 && c > 0.0) {
                    return Err(MethodError::Invalid {
                        what: format!("place {} has {c} cases and exposure {e}", study.ids[row]),
                        cure: "correct the exposure or leave the place out",
                    });
                }
            }
            Ok(exposure)
        }
    }
}
