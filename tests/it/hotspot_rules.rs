//! Do the methods keep their laws: level under the null, named outcomes for bad input, one page of documentation each?

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use zhilu::app::hotspot_files;
use zhilu::app::verify;
use zhilu::hotspot::scan::{Ask, scan};
use zhilu::hotspot::scan_model::{Cases, Model};
use zhilu::hotspot::scan_zones::{Growth, Sites};
use zhilu::hotspot::{Input, METHODS, Table, method};
use zhilu::spatial::Xy;
use zhilu::stats::Rng;

use crate::support;

fn csv(name: &str, text: &str) -> Input {
    Input::of(Table::parse(name, text.as_bytes()).unwrap())
}

fn run(name: &str, input: &Input, given: &[(&str, &str)]) -> Result<Value, String> {
    let found = method(name).unwrap();
    let answer = found
        .run_with(input, given.iter().copied())
        .map_err(|e| e.to_string())?;
    let notes: Vec<&str> = answer.notes.iter().map(|n| n.code).collect();
    let mut value = json!(answer.value);
    value["notes"] = json!(notes);
    Ok(value)
}

/// Golden cases whose replicates take long at the working build's optimisation; the check run and `zhilu verify` make them.
const SLOW: &[&str] = &["_retro", "knox_tickets", "near_repeat"];

#[test]
fn the_golden_cases_come_out() {
    let Some(shared) = support::shared() else {
        return;
    };
    let all = std::env::var_os("CI").is_some() || std::env::var_os("ZHILU_SLOW").is_some();
    let mut folders: Vec<PathBuf> = fs::read_dir(shared.join("data/oracles/hotspots"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir() && (all || !SLOW.iter().any(|s| p.to_string_lossy().contains(s))))
        .collect();
    folders.sort();
    assert!(folders.len() > 30);
    let verdict = verify::run(&folders, None, &mut |_| {});
    let failed: Vec<_> = verdict.checks.iter().filter(|c| !c.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// A world of `n` values without any pattern on a ring of hexagon-like neighbourhoods.
fn shuffled_ring(rng: &mut Rng, n: usize) -> Input {
    let mut text = String::from("id,value,neighbours\n");
    for i in 0..n {
        let around: Vec<String> = [1, 2, 3, n - 1, n - 2, n - 3]
            .iter()
            .map(|d| ((i + d) % n).to_string())
            .collect();
        let value = rng.poisson(6.0).to_string();
        text += &[i.to_string(), value, around.join(" ")].join(",");
        text.push('\n');
    }
    csv("input", &text)
}

#[test]
fn complete_randomness_has_a_false_hot_spot_at_most_at_the_stated_rate() {
    let mut rng = Rng::new(2024);
    let worlds = 200;
    let (mut exact, mut normal) = (0, 0);
    for _ in 0..worlds {
        let world = shuffled_ring(&mut rng, 120);
        let got = run("gi_star", &world, &[("conditional", "false")]).unwrap();
        let any = |key: &str| {
            got[key]
                .as_array()
                .unwrap()
                .iter()
                .any(|b| b.as_i64().unwrap().abs() >= 2)
        };
        exact += u32::from(any("gi_bin_exact"));
        normal += u32::from(any("gi_bin_norm"));
    }
    // Four standard errors above 5 % in 200 worlds; the normal approximation has a heavier tail on counts.
    let rate = |n: i32| f64::from(n) / f64::from(worlds);
    assert!(
        rate(i32::try_from(exact).unwrap()) <= 0.05 + 0.062,
        "{exact} of {worlds}"
    );
    assert!(
        rate(i32::try_from(normal).unwrap()) <= 0.05 + 0.10,
        "{normal} of {worlds}"
    );
}

/// Places on a street network: two long roads and a crossing one, tickets fall anywhere on them at any step.
fn along_roads(rng: &mut Rng) -> (Sites, Cases) {
    let mut places = Vec::new();
    for i in 0..20 {
        let at = f64::from(i) * 60.0;
        places.extend([
            Xy { x: at, y: 0.0 },
            Xy { x: at, y: 300.0 },
            Xy {
                x: 500.0,
                y: at - 400.0,
            },
        ]);
    }
    let mut rows: Vec<(u32, u32)> = (0..240).map(|_| (rng.below(60), rng.below(12))).collect();
    rows.sort_unstable();
    let mut mass = vec![0.0; places.len()];
    for r in &rows {
        mass[r.0 as usize] += 1.0;
    }
    let cases = Cases {
        model: Model::Permutation,
        place: rows.iter().map(|r| r.0).collect(),
        step: rows.iter().map(|r| r.1).collect(),
        steps: 12,
        mass,
    };
    (Sites::Plane(places), cases)
}

#[test]
fn randomness_along_the_network_raises_an_alarm_at_the_stated_rate() {
    let mut rng = Rng::new(77);
    let worlds = 120;
    let mut alarms = 0;
    for seed in 0..worlds {
        let (sites, cases) = along_roads(&mut rng);
        let ask = Ask {
            growth: Growth {
                max_share: 0.3,
                max_radius: f64::INFINITY,
            },
            longest: 3,
            prospective: true,
            replicates: 99,
            seed,
            stop_after: 0,
        };
        let found = scan(&sites, &cases, &ask);
        alarms += u32::from(found.clusters.first().is_some_and(|c| c.p <= 0.05));
    }
    let rate = f64::from(alarms) / worlds as f64;
    // Four standard errors around 5 % in 120 worlds.
    assert!(rate <= 0.05 + 0.08, "{alarms} alarms in {worlds} worlds");
}

#[test]
fn an_outbreak_that_is_planted_is_found_where_and_when_it_is() {
    let mut rng = Rng::new(5);
    let (sites, mut cases) = along_roads(&mut rng);
    let mut rows: Vec<(u32, u32)> = cases
        .place
        .iter()
        .copied()
        .zip(cases.step.iter().copied())
        .collect();
    rows.extend((0..25).map(|i| (30 + i % 2 * 3, 11)));
    rows.sort_unstable();
    cases.mass.fill(0.0);
    for r in &rows {
        cases.mass[r.0 as usize] += 1.0;
    }
    cases.place = rows.iter().map(|r| r.0).collect();
    cases.step = rows.iter().map(|r| r.1).collect();
    let ask = Ask {
        growth: Growth {
            max_share: 0.3,
            max_radius: f64::INFINITY,
        },
        longest: 3,
        prospective: true,
        replicates: 199,
        seed: 1,
        stop_after: 0,
    };
    let found = scan(&sites, &cases, &ask);
    let top = &found.clusters[0];
    assert!(top.p <= 0.005 && top.places.contains(&30) && top.places.contains(&33));
    assert_eq!((top.found.window.from, top.found.window.to), (11, 12));
    assert_eq!(
        scan(&sites, &cases, &ask),
        found,
        "the same seed gives the same answer"
    );
}

#[test]
fn clusters_of_shuffled_rows_are_the_same_clusters() {
    let mut rng = Rng::new(9);
    let mut rows: Vec<(usize, f64, f64, f64)> = (0..200)
        .map(|i| {
            (
                i,
                rng.normal() * 120.0,
                rng.normal() * 120.0,
                rng.unit() * 60.0,
            )
        })
        .collect();
    let answer = |rows: &[(usize, f64, f64, f64)], name: &str| {
        let mut text = String::from("id,x,y,t\n");
        for (id, x, y, t) in rows {
            text += &[id.to_string(), x.to_string(), y.to_string(), t.to_string()].join(",");
            text.push('\n');
        }
        let got = run(name, &csv("input", &text), &[]).unwrap();
        let labels = got["labels"].as_array().unwrap().clone();
        let mut pairs: Vec<(usize, i64)> = rows
            .iter()
            .map(|r| r.0)
            .zip(labels.iter().map(|l| l.as_i64().unwrap()))
            .collect();
        pairs.sort_unstable();
        pairs
    };
    for name in ["dbscan", "st_dbscan"] {
        let before = answer(&rows, name);
        rng.shuffle(&mut rows);
        assert_eq!(answer(&rows, name), before, "{name}");
    }
}

#[test]
fn nothing_and_one_thing_have_a_named_outcome_in_every_method() {
    let none =
        "id,x,y,t,lon,lat,t_day,caller,sev,w,cases,exposure,p,count,city_count,next,score_a,day\n";
    let one = format!("{none}1,2,3,4,115.9,36.4,5,a,1,1,1,2,0.5,1,1,1,1,1\n");
    for m in METHODS {
        for text in [none, one.as_str()] {
            let given: Vec<(&str, &str)> = if ["knox", "local_moran"].contains(&m.name) {
                vec![("permutations", "99")]
            } else {
                Vec::new()
            };
            match run(m.name, &csv("input", text), &given) {
                Ok(value) => assert!(!value.to_string().contains("NaN"), "{}", m.name),
                Err(why) => assert!(why.len() > 10, "{}: {why}", m.name),
            }
        }
    }
}

#[test]
fn degenerate_areas_say_why_they_have_no_score() {
    let constant = run(
        "gi_star",
        &csv("input", "id,value,neighbours\na,4,b\nb,4,a c\nc,4,b\n"),
        &[],
    )
    .unwrap();
    assert_eq!(constant["z"], json!([null, null, null]));
    assert_eq!(constant["notes"], json!(["TOO_FEW", "NO_VARIANCE"]));
    let alone = run(
        "local_moran",
        &csv("input", "id,value,neighbours\na,4,\nb,5,c\nc,1,b\n"),
        &[("permutations", "99")],
    )
    .unwrap();
    assert!(alone["quadrant"][0].is_null());
    assert!(
        alone["notes"]
            .as_array()
            .unwrap()
            .contains(&json!("NO_NEIGHBOURS"))
    );
}

#[test]
fn all_tickets_at_one_coordinate_are_one_cluster_and_one_cell() {
    let mut text = String::from("lon,lat,t,t_day,caller\n");
    for i in 0..40 {
        text += "115.985,36.456,";
        text += &[i.to_string(), i.to_string(), format!("c{i}")].join(",");
        text.push('\n');
    }
    let input = csv("input", &text);
    let clusters = run("dbscan", &input, &[]).unwrap();
    assert_eq!(
        (clusters["clusters"].as_u64(), clusters["noise"].as_u64()),
        (Some(1), Some(0))
    );
    let cells = run("h3_aggregate", &input, &[("resolutions", "9")]).unwrap();
    assert_eq!(cells["9"]["cells"], json!(1));
    let gi = run("gi_star", &input, &[]).unwrap();
    assert_eq!(
        gi["cell"].as_array().unwrap().len(),
        7,
        "the cell and its ring"
    );
    let persistent = run("hdbscan", &input, &[]).unwrap();
    assert_eq!(persistent["core_distance_sum"], json!(0.0));
}

#[test]
fn a_default_coordinate_is_no_cluster_in_any_method_unless_it_is_kept() {
    // Twelve tickets of one corner, and twelve of six streets on the coordinate a geocoder gives to what it does not know.
    let mut text = String::from("lon,lat,t,street\n");
    for i in 0..24 {
        let street = if i < 12 { i % 2 } else { i % 6 };
        let lon = 113.70 + 0.00001 * f64::from(i % 4) * f64::from(u8::from(i < 12));
        let lat = if i < 12 { 34.70 } else { 34.80 };
        text += &format!("{lon},{lat},{},路{street}\n", i % 12);
    }
    let input = csv("tickets", &text);
    let asks: [(&str, &[(&str, &str)]); 3] = [
        ("dbscan", &[]),
        ("st_dbscan", &[]),
        (
            "hdbscan",
            &[("min_cluster_size", "4"), ("min_samples", "4")],
        ),
    ];
    for (name, given) in asks {
        let found = run(name, &input, given).unwrap();
        let labels = found["labels"].as_array().unwrap();
        assert_eq!(labels.len(), 24, "{name}");
        assert!(
            labels[12..].iter().all(|l| *l == json!(-1)),
            "{name}: {labels:?}"
        );
        assert_eq!(
            (&found["pile_up"], &found["notes"]),
            (&json!(12), &json!(["PILE_UP"])),
            "{name}"
        );
        let mut given = given.to_vec();
        given.push(("keep_pile_ups", "true"));
        let kept = run(name, &input, &given).unwrap();
        assert_eq!(kept["clusters"], json!(2), "{name}");
        assert_eq!(
            (&kept["noise"], &kept["pile_up"]),
            (&json!(0), &Value::Null),
            "{name}"
        );
    }
}

#[test]
fn broken_numbers_and_unknown_settings_are_refused_by_name() {
    let why = run("dbscan", &csv("input", "x,y\n1,NaN\n"), &[]).unwrap_err();
    assert!(why.contains("row 1, column y"), "{why}");
    let why = run("dbscan", &csv("input", "x,y\n1,2\n"), &[("radius", "5")]).unwrap_err();
    assert!(why.contains("known are eps, min_pts"), "{why}");
    let why = run(
        "gi_star",
        &csv("input", "lon,lat\n500,3\n"),
        &[("value", "tickets")],
    )
    .unwrap_err();
    assert!(why.contains("outside the globe"), "{why}");
    let why = run("scan", &csv("locations", "id,x,y\na,1,2\n"), &[]).unwrap_err();
    assert!(why.contains("choose poisson or bernoulli"), "{why}");
}

#[test]
fn every_method_has_its_page_and_the_page_is_current() {
    for m in METHODS {
        support::holds_page("methods", m.name, m.doc, &m.page());
    }
}

#[test]
fn plain_files_go_in_and_json_or_csv_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("points.csv");
    fs::write(&input, "x,y\n0,0\n1,1\n2,0\n900,900\n").unwrap();
    let given = vec![("min_pts".to_owned(), "3".to_owned())];
    let answer = hotspot_files::run("dbscan", &input, &given).unwrap();
    assert_eq!(answer["result"]["labels"], json!([0, 0, 0, -1]));
    assert_eq!(answer["params"]["min_pts"], json!(3.0));
    let out = folder.path().join("answer.csv");
    hotspot_files::write(&answer, &out).unwrap();
    assert_eq!(
        fs::read_to_string(out).unwrap(),
        "core,labels\n1,0\n1,0\n1,0\n0,-1\n"
    );
    assert!(hotspot_files::run("nonsense", &input, &[]).is_err());
    assert!(hotspot_files::run("dbscan", &folder.path().join("absent.csv"), &[]).is_err());
}
