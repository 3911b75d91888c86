//! What is compared on plain files: jurisdiction, roads, default coordinates, paused steps, general weights, borders; and what is refused?

use serde_json::{Value, json};
use zhilu::hotspot::{Input, Table, method};

fn input(tables: &[(&str, &str)]) -> Input {
    let mut out = Input::default();
    for (name, text) in tables {
        let table = Table::parse(name, text.as_bytes()).unwrap();
        out.tables.insert((*name).to_owned(), table);
    }
    out
}

/// The figures of a run with the codes of its notes, or the words of the refusal.
fn run(name: &str, tables: &[(&str, &str)], given: &[(&str, &str)]) -> Result<Value, String> {
    let answer = method(name)
        .unwrap()
        .run_with(&input(tables), given.iter().copied());
    let answer = answer.map_err(|e| e.to_string())?;
    let codes: Vec<&str> = answer.notes.iter().map(|n| n.code).collect();
    let mut value = Value::Object(answer.value);
    value["notes"] = json!(codes);
    Ok(value)
}

fn cells(answer: &Value) -> usize {
    answer["cell"].as_array().unwrap().len()
}

const AREA: &str = "ring,lon,lat\na,115.95,36.42\na,116.02,36.42\na,116.02,36.49\na,115.95,36.49\n";

/// Forty tickets on a diagonal, one of them far outside the jurisdiction.
fn tickets() -> String {
    let mut text = String::from("lon,lat,caller,t_day\n");
    for i in 0..40 {
        let far = if i == 39 { 0.5 } else { 0.0 };
        text += &format!(
            "{},{},c{i},{i}\n",
            115.96 + f64::from(i) * 0.001,
            36.43 + far
        );
    }
    text
}

#[test]
fn a_jurisdiction_brings_its_empty_cells_and_every_cell_with_a_ticket() {
    let text = tickets();
    let bare = run("gi_star", &[("tickets", &text)], &[]).unwrap();
    let ruled = run("gi_star", &[("tickets", &text), ("area", AREA)], &[]).unwrap();
    assert_eq!(bare["study_area"], json!("tickets_dilated"));
    assert_eq!(ruled["study_area"], json!("jurisdiction"));
    let total: f64 = ruled["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_f64)
        .sum();
    assert!(
        (total - 40.0).abs() < 1e-9,
        "the stray ticket counts in a cell of its own"
    );
    assert!(cells(&ruled) > 400, "{}", cells(&ruled));
    let roads = "road,lon,lat\nr,115.955,36.43\nr,116.015,36.43\n";
    let tables = [("tickets", text.as_str()), ("area", AREA), ("roads", roads)];
    let touched = run("gi_star", &tables, &[]).unwrap();
    assert_eq!(touched["study_area"], json!("jurisdiction_roads"));
    assert!(cells(&touched) < 60, "{}", cells(&touched));
    let cube = run(
        "emerging",
        &[("tickets", &text), ("area", AREA)],
        &[("step_days", "4")],
    )
    .unwrap();
    assert_eq!(cells(&cube), cells(&ruled));
}

#[test]
fn an_area_of_too_many_cells_and_a_ring_of_two_corners_are_refused_with_the_cure() {
    let text = tickets();
    let wide = "ring,lon,lat\na,110,30\na,120,30\na,120,40\na,110,40\n";
    let why = run(
        "gi_star",
        &[("tickets", &text), ("area", wide)],
        &[("res", "10")],
    )
    .unwrap_err();
    assert!(why.contains("coarser resolution"), "{why}");
    let line = "ring,lon,lat\na,110,30\na,120,30\n";
    let why = run("gi_star", &[("tickets", &text), ("area", line)], &[]).unwrap_err();
    assert!(why.contains("at least three corners"), "{why}");
}

#[test]
fn a_default_coordinate_is_left_out_and_counted_unless_it_is_kept() {
    let mut text = String::from("lon,lat,caller,t_day,street\n");
    for (i, street) in ["甲路", "乙路", "丙路", "丁路", "戊路", "甲路"]
        .iter()
        .enumerate()
    {
        text += &format!("115.98,36.45,c{i},1,{street}\n");
    }
    for i in 0..8 {
        text += &format!("115.97,36.44,d{i},{i},甲路\n");
    }
    for (name, given) in [
        ("gi_star", vec![]),
        ("local_moran", vec![("permutations", "99")]),
        ("h3_aggregate", vec![]),
        ("emerging", vec![("step_days", "1")]),
        ("dbscan", vec![]),
    ] {
        let without = run(name, &[("tickets", &text)], &given).unwrap();
        assert_eq!(without["pile_up"], json!(6), "{name}");
        assert!(
            without["notes"]
                .as_array()
                .unwrap()
                .contains(&json!("PILE_UP"))
        );
        let kept: Vec<_> = given
            .iter()
            .copied()
            .chain([("keep_pile_ups", "true")])
            .collect();
        assert!(run(name, &[("tickets", &text)], &kept).unwrap()["pile_up"].is_null());
    }
    let clusters = run("dbscan", &[("tickets", &text)], &[]).unwrap();
    assert_eq!(
        (&clusters["clusters"], &clusters["noise"]),
        (&json!(1), &json!(6))
    );
}

#[test]
fn the_knee_of_the_distances_is_shown_and_never_applied() {
    let mut text = String::from("x,y\n");
    for i in 0..100 {
        text += &format!("{},{}\n", i % 10 * 8, i / 10 * 8);
    }
    for i in 1..20 {
        text += &format!("{},90000\n", i * i * 700);
    }
    let plain = run("dbscan", &[("input", &text)], &[]).unwrap();
    let told = run("dbscan", &[("input", &text)], &[("suggest", "true")]).unwrap();
    assert_eq!(plain["labels"], told["labels"]);
    assert!(plain["knee"].is_null());
    let eps = told["eps_suggested"].as_f64().unwrap();
    assert!((20.0..=150.0).contains(&eps), "{eps}");
    let same = run(
        "dbscan",
        &[("input", "x,y\n1,1\n1,1\n1,1\n")],
        &[("suggest", "true")],
    )
    .unwrap();
    assert_eq!(same["notes"], json!(["NO_KNEE"]));
}

#[test]
fn row_standardised_weights_give_the_scores_of_binary_ones() {
    let mut binary = String::from("id,value,neighbours\n");
    let mut scaled = String::from("id,value,neighbours,weights,self_weight\n");
    for i in 0..40_usize {
        let near = [(i + 39) % 40, (i + 1) % 40];
        let value = i * i % 17;
        binary += &format!("{i},{value},{} {}\n", near[0], near[1]);
        scaled += &format!("{i},{value},{} {},0.25 0.25,0.25\n", near[0], near[1]);
    }
    let a = run("gi_star", &[("input", &binary)], &[]).unwrap();
    let b = run("gi_star", &[("input", &scaled)], &[]).unwrap();
    for (a, b) in a["z"]
        .as_array()
        .unwrap()
        .iter()
        .zip(b["z"].as_array().unwrap())
    {
        assert!((a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-9);
    }
    assert!(b["notes"].as_array().unwrap().contains(&json!("WEIGHTED")));
    assert!(b["p2_exact"].is_null());
    let short = "id,value,neighbours,weights\na,1,b,1 2\nb,2,a,1\n";
    let why = run("gi_star", &[("input", short)], &[]).unwrap_err();
    assert!(why.contains("1 neighbours, 2 weights"), "{why}");
}

#[test]
fn paused_steps_count_neither_in_series_nor_as_the_last_step() {
    let trend = |text: &str| run("mann_kendall", &[("input", text)], &[]).unwrap();
    let masked = trend("x,active\n1,1\n2,1\n90,0\n3,1\n4,1\n0,0\n");
    assert_eq!(masked["S"], trend("x\n1\n2\n3\n4\n")["S"]);
    // A cell that was hot in every step of school and silent in the holidays at the end persists.
    let mut cube = String::from("cell,step,count\n");
    let centre = h3o::LatLng::new(36.45, 115.98)
        .unwrap()
        .to_cell(h3o::Resolution::Nine);
    for (i, cell) in centre.grid_disk::<Vec<_>>(6).into_iter().enumerate() {
        for step in 0..12 {
            let loud = i < 7 && step < 10;
            cube += &format!("{cell},{step},{}\n", if loud { 30 } else { (i + step) % 3 });
        }
    }
    let class = |tables: &[(&str, &str)]| {
        let found = run("emerging", tables, &[("lag", "0")]).unwrap();
        let at = found["cell"]
            .as_array()
            .unwrap()
            .iter()
            .position(|c| *c == json!(centre.to_string()));
        found["category"][at.unwrap()].clone()
    };
    let steps = "step,active\n10,0\n11,0\n";
    assert_eq!(
        class(&[("cube", &cube), ("steps", steps)]),
        json!("persistent_hot")
    );
    assert_ne!(class(&[("cube", &cube)]), json!("persistent_hot"));
}

#[test]
fn a_border_is_corrected_by_the_mass_of_the_kernel_inside() {
    let mut events = String::from("x,y\n");
    for i in 0..400 {
        events += &format!("{},{}\n", i % 20 * 50 + 25, i / 20 * 50 + 25);
    }
    let area = "x,y\n0,0\n1000,0\n1000,1000\n0,1000\n";
    let at = "x,y\n500,500\n0.001,500\n-5,500\n";
    let tables = [("events", events.as_str()), ("at", at), ("area", area)];
    let plain = run("kde", &tables, &[]).unwrap();
    let even = run("kde", &tables, &[("edge", "divide")]).unwrap();
    let value = |v: &Value, i: usize| v["density"][i].as_f64();
    assert!(value(&plain, 1).unwrap() < 0.6 * value(&plain, 0).unwrap());
    let ratio = value(&even, 1).unwrap() / value(&even, 0).unwrap();
    assert!((ratio - 1.0).abs() < 0.05, "{ratio}");
    assert_eq!(
        value(&even, 2),
        None,
        "outside the area there is no density"
    );
    let why = run("kde", &[("events", &events)], &[("edge", "divide")]).unwrap_err();
    assert!(why.contains("no table area"), "{why}");
}

#[test]
fn a_period_without_tickets_has_a_named_outcome() {
    let cases = "id,t_day,cases\na,500,1\n";
    let places = "id,x,y\na,1,2\nb,3,4\n";
    let scan = run(
        "scan",
        &[("locations", places), ("cases", cases)],
        &[("steps", "10")],
    )
    .unwrap();
    assert!(
        scan["notes"]
            .as_array()
            .unwrap()
            .contains(&json!("NO_CASES"))
    );
    let cube = run(
        "emerging",
        &[("tickets", "lon,lat,t_day\n115.9,36.4,500\n")],
        &[("steps", "12")],
    )
    .unwrap();
    assert_eq!(cube["notes"].as_array().unwrap()[0], json!("OUTSIDE"));
    let text = cube.to_string();
    assert!(!text.contains("NaN"), "{text}");
}
