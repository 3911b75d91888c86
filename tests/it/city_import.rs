//! Importing a city: datums settled or refused, folders whole or untouched, the demo city inside the binary.

use std::fs;
use std::path::Path;

use tempfile::tempdir;
use zhilu::app::city::{
    CityError, Extent, InputFile, Order, Rules, choose, current, import, list, load,
};
use zhilu::app::demo_data;
use zhilu::place::MapRole;
use zhilu::spatial::{Datum, LonLat};

use crate::support::shared;

fn text(name: &str, role: MapRole, body: &str) -> InputFile {
    InputFile {
        name: name.to_owned(),
        role,
        datum: None,
        bytes: body.as_bytes().to_vec(),
    }
}

/// A street of ten named pieces near Zhengzhou, written in a datum.
fn roads(datum: Datum) -> String {
    let features: Vec<String> = (0..10)
        .map(|i| {
            let at = |k: i32| {
                let p = datum.from_wgs84(LonLat::new(113.70 + 0.004 * f64::from(k), 34.70));
                format!("[{:.7},{:.7}]", p.lon, p.lat)
            };
            format!(
                "{{\"type\":\"Feature\",\"properties\":{{\"highway\":\"primary\",\"name\":\"文治路\"}},\"geometry\":{{\"type\":\"LineString\",\"coordinates\":[{},{}]}}}}",
                at(i),
                at(i + 1)
            )
        })
        .collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
        features.join(",")
    )
}

/// Twenty shops along that street, 15 m north of it, written in a datum.
fn shops(datum: Datum) -> String {
    let features: Vec<String> = (0..20)
        .map(|i| {
            let p = datum.from_wgs84(LonLat::new(113.701 + 0.0015 * f64::from(i), 34.700_135));
            format!(
                "{{\"type\":\"Feature\",\"properties\":{{\"name\":\"店{i}\",\"addr:street\":\"文治路\"}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{:.7},{:.7}]}}}}",
                p.lon, p.lat
            )
        })
        .collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
        features.join(",")
    )
}

fn order(files: Vec<InputFile>) -> Order {
    Order {
        id: "a".to_owned(),
        files,
        ..Order::default()
    }
}

fn stated(mut file: InputFile, datum: Datum) -> InputFile {
    file.datum = Some(datum);
    file
}

#[test]
fn an_undeclared_file_alone_is_refused_with_the_cure_and_accepted_once_its_datum_is_stated() {
    let data = tempdir().unwrap();
    let file = || text("roads.json", MapRole::Roads, &roads(Datum::Gcj02));
    let refused = import(data.path(), &order(vec![file()])).unwrap_err();
    assert!(matches!(refused, CityError::DatumUnknown { .. }));
    assert!(refused.to_string().contains("--datum"));
    assert!(list(data.path()).is_empty(), "nothing was written");
    let mut good = order(vec![file()]);
    good.datum = Some(Datum::Gcj02);
    import(data.path(), &good).unwrap();
    let city = load(data.path(), "a").unwrap();
    assert!(
        (city.meta.bbox[0] - 113.70).abs() < 1e-6,
        "{:?}",
        city.meta.bbox
    );
    assert_eq!(city.meta.sources[0].datum_by, "stated");
}

#[test]
fn each_datum_is_guessed_from_the_streets_that_addresses_name_and_warned_about() {
    for datum in Datum::ALL {
        let data = tempdir().unwrap();
        let files = vec![
            text("shops.json", MapRole::Pois, &shops(datum)),
            stated(
                text("roads.json", MapRole::Roads, &roads(Datum::Wgs84)),
                Datum::Wgs84,
            ),
        ];
        let report = import(data.path(), &order(files)).unwrap();
        assert_eq!(report.meta.sources[0].datum, datum);
        assert_eq!(report.meta.sources[0].datum_by, "guessed");
        let note = report
            .notes
            .iter()
            .find(|n| n.subject == "shops.json")
            .unwrap();
        assert!(
            note.text.contains(datum.name()) && note.text.contains("--datum"),
            "{}",
            note.text
        );
    }
}

#[test]
fn a_file_may_state_its_own_datum_behind_its_path() {
    let data = tempdir().unwrap();
    let path = data.path().join("x.geojson");
    fs::write(&path, roads(Datum::Bd09)).unwrap();
    let given = format!("{}@bd09", path.display());
    let file = InputFile::open(&given, MapRole::Roads).unwrap();
    assert_eq!(
        (file.name.as_str(), file.datum),
        ("x.geojson", Some(Datum::Bd09))
    );
    assert!(InputFile::open("nowhere.geojson", MapRole::Roads).is_err());
}

#[test]
fn the_demo_city_comes_out_of_the_binary_whole_and_marked_as_simulated() {
    let data = tempdir().unwrap();
    let report = import(data.path(), &demo_data::order().unwrap()).unwrap();
    assert_eq!((report.roads, report.road_names), (2988, 71));
    assert_eq!((report.places, report.areas), (1177, 5));
    assert!(report.meta.simulated);
    assert_eq!(
        report.meta.attribution,
        ["© OpenStreetMap contributors, ODbL 1.0"]
    );
    let said: Vec<&str> = report.notes.iter().map(|n| n.text.as_str()).collect();
    assert!(
        matches!(said.as_slice(), [one] if one.contains("路网分成")),
        "{said:?}"
    );
    let net = report.network;
    assert_eq!((net.nodes, net.edges), (2_059, 2_988));
    assert!((net.km - 766.9).abs() < 0.06 && (net.largest - 2_000.0 / 2_059.0).abs() < 1e-9);
    assert_eq!(current(data.path()).as_deref(), Some(demo_data::CITY));
    let city = load(data.path(), demo_data::CITY).unwrap();
    assert_eq!(city.rules.units.len(), 6);
    let mut fresh = zhilu::place::CityMap::default();
    for file in demo_data::order().unwrap().files {
        let options = zhilu::place::ReadOptions {
            subject: file.name,
            role: file.role,
            datum: Some(Datum::Wgs84),
        };
        fresh.merge(
            zhilu::place::read::read_any(&file.bytes, &options)
                .unwrap()
                .map,
        );
    }
    assert_eq!(city.map, fresh, "what is kept is what was understood");
    assert_eq!(
        demo_data::tickets()
            .unwrap()
            .iter()
            .filter(|b| **b == b'\n')
            .count(),
        13_042
    );
    assert_eq!(demo_data::measures().lines().count(), 27);
    assert!(demo_data::calendar().starts_with("date,kind"));
}

#[test]
fn importing_again_reports_what_changed_and_a_bad_file_leaves_the_old_city() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/geo/zhengzhou-jingkai");
    let data = tempdir().unwrap();
    let of = |name: &str| {
        InputFile::open(&folder.join(name).display().to_string(), MapRole::Roads).unwrap()
    };
    import(
        data.path(),
        &order(vec![of("overpass_2026-07-14.geojson.gz")]),
    )
    .unwrap();
    let report = import(
        data.path(),
        &order(vec![of("overpass_2026-07-15.geojson.gz")]),
    )
    .unwrap();
    assert_eq!(
        report.changed,
        Some((37, 263)),
        "two of the 265 older features are areas, not lines"
    );
    import(
        data.path(),
        &order(vec![text("x.geojson", MapRole::Roads, "{\"type\":")]),
    )
    .unwrap_err();
    assert_eq!(load(data.path(), "a").unwrap().map.roads.len(), 1085);
}

#[test]
fn a_killed_exchange_is_finished_by_the_next_start() {
    let data = tempdir().unwrap();
    import(data.path(), &demo_data::order().unwrap()).unwrap();
    let cities = data.path().join("cities");
    fs::rename(
        cities.join(demo_data::CITY),
        cities.join(format!(".{}.old", demo_data::CITY)),
    )
    .unwrap();
    assert_eq!(
        load(data.path(), demo_data::CITY).unwrap().map.areas.len(),
        5
    );
    assert!(cities.join(demo_data::CITY).join("city.toml").is_file());
}

#[test]
fn ids_that_are_no_folder_names_and_unknown_cities_are_refused() {
    let data = tempdir().unwrap();
    for id in ["", "../x", "a/b", ".", "a b"] {
        let mut bad = order(vec![text("r", MapRole::Roads, "{}")]);
        bad.id = id.to_owned();
        assert!(
            matches!(import(data.path(), &bad), Err(CityError::BadId { .. })),
            "{id:?}"
        );
    }
    assert!(matches!(
        import(data.path(), &order(vec![])),
        Err(CityError::NoFiles)
    ));
    assert!(matches!(
        load(data.path(), "a"),
        Err(CityError::NotFound { .. })
    ));
    assert!(matches!(
        choose(data.path(), "a"),
        Err(CityError::NotFound { .. })
    ));
    assert_eq!(current(data.path()), None);
}

#[test]
fn a_map_without_names_says_what_will_not_work() {
    let Some(shared) = shared() else { return };
    let data = tempdir().unwrap();
    let path = shared.join("data/geo/jinan-core/jinan_edges.geojson.gz");
    let file = InputFile::open(&path.display().to_string(), MapRole::Roads).unwrap();
    let report = import(data.path(), &order(vec![file])).unwrap();
    assert_eq!((report.roads, report.road_names), (18_119, 0));
    let said = |words: &str| report.notes.iter().any(|n| n.text.contains(words));
    assert!(said("道路没有名称") && said("没有地点") && said("没有辖区边界"));
}

#[test]
fn the_shipped_rules_hold_the_nineteen_categories_and_find_them_by_export_words() {
    let rules = Rules::shipped();
    let path = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let id = |words: &[&str]| rules.category(&path(words)).map(|c| c.id.as_str());
    let seeds = "违停 停车场出入口 校园周边 信号灯 标志标线 护栏隔离 拥堵 货车闯禁 非机动车 行人过街 占道施工 噪声炸街 僵尸车 事故处理 违法处理 车驾管业务 执法态度 表扬 其他";
    assert!(seeds.split(' ').all(|word| id(&[word]).is_some()));
    assert_eq!(id(&["交通秩序", "违停"]), Some("parking"));
    assert_eq!(id(&["交通秩序", "其他"]), Some("order_other"));
    assert_eq!(id(&["综合", "其他"]), Some("other"));
    assert_eq!(id(&["交通秩序"]), Some("order"));
    assert_eq!(id(&["非交管", "物业管理"]), Some("not_ours"));
    assert_eq!(id(&["从未见过"]), None);
    assert_eq!(
        rules.category(&path(&["校门口"])).unwrap().geometry,
        Extent::Frontage
    );
    let broken = Rules::read(
        "[[category]]\nid='a'\nname='甲'\nname_en='A'\nparent='b'\n",
        "channel=[]",
        "unit=[]",
    );
    assert!(broken.unwrap_err().contains("must stand above"));
}

#[test]
fn a_city_folder_holds_its_licence_and_no_temporary_files() {
    let data = tempdir().unwrap();
    import(data.path(), &demo_data::order().unwrap()).unwrap();
    let cities = data.path().join("cities");
    let names = |folder: &Path| {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&cities), ["current", demo_data::CITY]);
    assert_eq!(
        names(&cities.join(demo_data::CITY)),
        [
            "areas.geojson",
            "categories.toml",
            "channels.toml",
            "city.toml",
            "places.geojson",
            "roads.geojson",
            "units.toml"
        ]
    );
    let head = fs::read_to_string(cities.join(demo_data::CITY).join("roads.geojson")).unwrap();
    let head = head.lines().next().unwrap();
    assert!(head.contains("© OpenStreetMap contributors") && head.contains("\"synthetic\":false"));
}
