//! Rules of locating, on a small town drawn here and on the public phrases.

use std::collections::BTreeMap;

use geo::{Geometry, LineString, Point, Polygon};
use proptest::prelude::{any, proptest};
use zhilu::place::pairs::{PairState, examine};
use zhilu::place::{
    Alias, CityMap, Gazetteer, Language, Located, Locator, MapFeature, Options, PairVerdicts,
    Precision, Query,
};
use zhilu::spatial::{Datum, LonLat};
use zhilu::ticket::GivenPair;

const ORIGIN: LonLat = LonLat::new(113.70, 34.70);

/// A point so many metres east and north of the town's corner.
fn at(east: f64, north: f64) -> (f64, f64) {
    (ORIGIN.lon + east / 91_400.0, ORIGIN.lat + north / 111_195.0)
}

fn feature(id: &str, tags: &[(&str, &str)], geometry: Geometry<f64>) -> MapFeature {
    let tags: BTreeMap<String, String> = tags
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    MapFeature {
        id: id.to_owned(),
        tags,
        geometry,
    }
}

fn road(id: &str, name: &str, points: &[(f64, f64)]) -> MapFeature {
    let line: Vec<(f64, f64)> = points.iter().map(|p| at(p.0, p.1)).collect();
    let tags = [("highway", "tertiary"), ("name", name)];
    feature(id, &tags, Geometry::LineString(LineString::from(line)))
}

fn square(id: &str, tags: &[(&str, &str)], east: f64, north: f64, side: f64) -> MapFeature {
    let ring: Vec<(f64, f64)> = [
        (0.0, 0.0),
        (side, 0.0),
        (side, side),
        (0.0, side),
        (0.0, 0.0),
    ]
    .iter()
    .map(|p| at(east + p.0, north + p.1))
    .collect();
    let polygon = Polygon::new(LineString::from(ring), Vec::new());
    feature(id, tags, Geometry::Polygon(polygon))
}

fn spot(id: &str, tags: &[(&str, &str)], east: f64, north: f64) -> MapFeature {
    feature(id, tags, Geometry::Point(Point::from(at(east, north))))
}

/// Two ordinal roads, three named ones, an express road without a shared node, schools, a mall with a garage, a stop, a district.
fn town() -> Gazetteer {
    let roads = vec![
        road(
            "r1",
            "梧桐路",
            &[(0.0, 500.0), (1000.0, 500.0), (2000.0, 500.0)],
        ),
        road(
            "r2",
            "清河街",
            &[(1000.0, 0.0), (1000.0, 500.0), (1000.0, 1500.0)],
        ),
        road(
            "r3",
            "高新第八大街",
            &[(1500.0, 0.0), (1500.0, 500.0), (1500.0, 1500.0)],
        ),
        road("r4", "高新第十八大街", &[(200.0, 0.0), (200.0, 1500.0)]),
        road("r5", "松江东路", &[(0.0, 1200.0), (2000.0, 1200.0)]),
        road("r6", "环城快速路", &[(0.0, 900.0), (2000.0, 900.0)]),
        road("r7", "经南五路", &[(0.0, 200.0), (2000.0, 200.0)]),
    ];
    let features = vec![
        square(
            "s1",
            &[
                ("amenity", "school"),
                ("name", "第三中学"),
                ("short_name", "三中"),
                ("addr:street", "清河街"),
                ("addr:housenumber", "20"),
            ],
            1020.0,
            650.0,
            100.0,
        ),
        spot(
            "s1-g1",
            &[
                ("parent", "s1"),
                ("gate", "西门"),
                ("entrance", "main"),
                ("addr:street", "清河街"),
            ],
            1020.0,
            700.0,
        ),
        spot(
            "s1-g2",
            &[("parent", "s1"), ("gate", "南门"), ("entrance", "yes")],
            1070.0,
            650.0,
        ),
        square(
            "s2",
            &[("amenity", "school"), ("name", "文澜小学东校区")],
            1600.0,
            1300.0,
            80.0,
        ),
        square(
            "s3",
            &[("amenity", "school"), ("name", "文澜小学西校区")],
            100.0,
            1300.0,
            80.0,
        ),
        square(
            "m1",
            &[("shop", "mall"), ("name", "星悦广场")],
            600.0,
            520.0,
            100.0,
        ),
        spot(
            "p1",
            &[
                ("amenity", "parking"),
                ("name", "星悦广场地下停车场"),
                ("parent", "m1"),
            ],
            650.0,
            570.0,
        ),
        spot(
            "p1-g1",
            &[
                ("parent", "p1"),
                ("gate", "入口"),
                ("amenity", "parking_entrance"),
            ],
            600.0,
            560.0,
        ),
        spot(
            "p1-g2",
            &[
                ("parent", "p1"),
                ("gate", "出口"),
                ("amenity", "parking_entrance"),
            ],
            700.0,
            560.0,
        ),
        spot(
            "a1",
            &[("addr:street", "清河街"), ("addr:housenumber", "60")],
            990.0,
            1000.0,
        ),
        spot(
            "b1",
            &[("highway", "bus_stop"), ("name", "梧桐路清河街口")],
            1060.0,
            510.0,
        ),
        spot(
            "b2",
            &[("highway", "bus_stop"), ("name", "梧桐路清河街口")],
            940.0,
            490.0,
        ),
    ];
    let areas = vec![square(
        "area:滨湖区",
        &[
            ("boundary", "administrative"),
            ("admin_level", "6"),
            ("name", "滨湖区"),
        ],
        -500.0,
        -500.0,
        3000.0,
    )];
    let map = CityMap {
        roads,
        features,
        areas,
        ..CityMap::default()
    };
    Gazetteer::build(&map, &Language::mandarin()).0
}

fn read(g: &Gazetteer, text: &str) -> Located {
    let query = Query {
        content: text,
        ..Query::default()
    };
    Locator::new(g, &[], Options::default())
        .locate(&query)
        .remove(0)
}

/// The text must come out in this class, at most `within` metres from the point.
fn check(text: &str, precision: Precision, (east, north): (f64, f64), within: f64) {
    let g = town();
    let found = read(&g, text);
    let (lon, lat) = at(east, north);
    let d = found
        .point
        .map_or(f64::INFINITY, |p| p.distance_m(LonLat::new(lon, lat)));
    assert!(
        found.precision == precision && d <= within,
        "{text}: {:?} {} {} at {d:.0} m",
        found.precision,
        found.form,
        found.label
    );
}

fn nowhere(text: &str) {
    let g = town();
    let found = read(&g, text);
    assert!(
        matches!(found.precision, Precision::None | Precision::Area),
        "{text}: {} {}",
        found.form,
        found.label
    );
}

#[test]
fn two_roads_meet_with_every_connector_or_none() {
    let crossing = (1000.0, 500.0);
    for text in [
        "梧桐路与清河街交叉口",
        "梧桐路清河街路口",
        "清河街、梧桐路交界处",
        "梧桐和清河街的红绿灯",
        "梧桐路（近清河街）",
        "梧桐路路口（清河街）",
        "梧桐路由西向东走到清河街路口",
        "市民反映滨湖区梧桐路-清河街口东进口绿灯太短",
        "吾同路与清河街交汇处",
    ] {
        check(text, Precision::Intersection, crossing, 30.0);
    }
}

#[test]
fn ordinal_roads_are_read_in_every_spelling_and_never_cut() {
    for text in [
        "第八大街与梧桐路口",
        "8大街梧桐路口",
        "高新八大街和梧桐路交叉口",
        "第大8街与梧桐路路口",
    ] {
        check(text, Precision::Intersection, (1500.0, 500.0), 30.0);
    }
    check(
        "十八大街与梧桐路口",
        Precision::Intersection,
        (200.0, 500.0),
        30.0,
    );
    check("经南五路口堵车", Precision::Road, (1000.0, 200.0), 1200.0);
}

#[test]
fn an_express_road_meets_a_ground_road_without_a_shared_node() {
    check(
        "环城高架与清河街交叉口",
        Precision::Intersection,
        (1000.0, 900.0),
        40.0,
    );
}

#[test]
fn an_offset_walks_along_the_road_that_runs_that_way() {
    check(
        "梧桐路与清河街路口往北200米路东",
        Precision::Point,
        (1007.0, 700.0),
        15.0,
    );
    check(
        "梧桐路（清河街往西四百米）",
        Precision::Point,
        (600.0, 500.0),
        15.0,
    );
    check(
        "梧桐路上，距清河街路口以东300米",
        Precision::Point,
        (1300.0, 500.0),
        15.0,
    );
}

#[test]
fn a_movement_is_no_offset() {
    let g = town();
    let found = read(&g, "梧桐路清河街路口北往东左转");
    assert_eq!(found.precision, Precision::Intersection);
    assert_eq!(found.movement.as_deref(), Some("北往东左转"));
}

#[test]
fn a_stretch_is_a_line_and_never_a_point() {
    for text in [
        "梧桐路（清河街至第八大街段）",
        "清河街与第八大街之间的梧桐路",
        "梧桐路从清河街到八大街沿线",
    ] {
        check(text, Precision::Segment, (1250.0, 500.0), 30.0);
    }
    assert!(!read(&town(), "梧桐路（清河街至第八大街段）").clusters_as_point());
}

#[test]
fn gates_opposite_and_entrances_are_points() {
    check("第三中学西门", Precision::Point, (1020.0, 700.0), 5.0);
    check("三中南门口", Precision::Point, (1070.0, 650.0), 5.0);
    check("第三中学门口对面", Precision::Point, (980.0, 700.0), 15.0);
    check("星悦广场车库入口", Precision::Point, (600.0, 560.0), 5.0);
    check(
        "星悦广场地下停车场出口",
        Precision::Point,
        (700.0, 560.0),
        5.0,
    );
}

#[test]
fn house_numbers_are_known_or_between_known_ones() {
    check("清河街60号门口", Precision::Address, (990.0, 1000.0), 5.0);
    check("清河街40号", Precision::Address, (1000.0, 850.0), 40.0);
}

#[test]
fn a_stop_named_like_a_junction_needs_a_stop_word() {
    check(
        "梧桐路清河街口公交站",
        Precision::Point,
        (1060.0, 510.0),
        130.0,
    );
    check(
        "梧桐路清河街口",
        Precision::Intersection,
        (1000.0, 500.0),
        30.0,
    );
}

#[test]
fn two_campuses_are_alternatives() {
    let found = read(&town(), "文澜小学门口");
    assert_eq!(found.alternatives.len(), 1);
    assert!(found.confidence < 0.85);
}

#[test]
fn a_list_of_sites_begins_with_the_one_that_is_meant_whatever_is_named_more_exactly() {
    let junction = (1500.0, 500.0);
    let mall = (650.0, 570.0);
    for (text, first) in [
        (
            "1、星悦广场门口；2、梧桐路与高新第八大街交叉口违停严重",
            mall,
        ),
        ("星悦广场、梧桐路与高新第八大街交叉口等处违停严重", mall),
        (
            "1、梧桐路与高新第八大街交叉口；2、星悦广场门口违停严重",
            junction,
        ),
        // No list: what is said of the way does not lead.
        ("从星悦广场出来，梧桐路与高新第八大街交叉口堵车", junction),
    ] {
        check_near(text, first);
    }
}

fn check_near(text: &str, (east, north): (f64, f64)) {
    let found = read(&town(), text);
    let (lon, lat) = at(east, north);
    let apart = found.point.unwrap().distance_m(LonLat::new(lon, lat));
    assert!(apart < 130.0, "{text}: {apart:.0} m, {}", found.label);
}

#[test]
fn words_that_only_contain_a_short_name_are_no_place() {
    for text in [
        "交警三中队",
        "等了三小时",
        "五小时",
        "中华人民共和国",
        "学校门口",
        "科目三考试",
        "12号",
        "同上",
        "",
        "驾驶证补办要多久",
        "建议多划停车位",
        "未知小学门口",
    ] {
        nowhere(text);
    }
}

#[test]
fn home_and_way_are_not_the_place() {
    nowhere("我家住清河街，想问驾驶证怎么办");
    check(
        "我住在星悦广场，第三中学西门违停",
        Precision::Point,
        (1020.0, 700.0),
        5.0,
    );
    check(
        "从松江东路过来，梧桐路与清河街路口堵车",
        Precision::Intersection,
        (1000.0, 500.0),
        30.0,
    );
}

#[test]
fn a_known_road_with_an_unknown_place_is_the_road() {
    check(
        "松江路无名新天地门口",
        Precision::Road,
        (1000.0, 1200.0),
        1200.0,
    );
    let found = read(&town(), "长林小学门口");
    assert!(
        found.evidence.iter().any(|e| e.role == "unknown"),
        "{found:?}"
    );
}

#[test]
fn the_title_helps_when_the_content_names_nothing() {
    let g = town();
    let query = Query {
        title: "第三中学西门违停",
        content: "如题，天天堵。",
        ..Query::default()
    };
    let found = Locator::new(&g, &[], Options::default())
        .locate(&query)
        .remove(0);
    assert_eq!(found.precision, Precision::Point);
}

#[test]
fn a_learned_alias_resolves_its_words_and_can_be_taken_away() {
    let g = town();
    let query = Query {
        content: "老火车站西门违停",
        ..Query::default()
    };
    let alias = Alias {
        surface: "老火车站".to_owned(),
        feature: "s1".to_owned(),
        district: None,
        confirmations: 2,
    };
    let with = Locator::new(&g, &[alias], Options::default())
        .locate(&query)
        .remove(0);
    assert_eq!(with.features.first().map(String::as_str), Some("s1"));
    let without = Locator::new(&g, &[], Options::default())
        .locate(&query)
        .remove(0);
    assert_eq!(without.precision, Precision::None);
}

#[test]
fn a_pair_is_examined_before_it_is_believed() {
    let g = town();
    let none = PairVerdicts::default();
    let pair = |x: f64, y: f64| GivenPair {
        x,
        y,
        datum: Some(Datum::Wgs84),
    };
    let look = |p: &GivenPair| examine(&g, Some(p), &none, "");
    assert_eq!(look(&pair(0.0, 0.0)), PairState::Absent);
    assert_eq!(look(&pair(113.7, 0.0)), PairState::Absent);
    assert_eq!(look(&pair(123.0, 25.0)), PairState::Refused("pair_outside"));
    assert!(matches!(
        look(&pair(34.7, 113.7)),
        PairState::Usable { swapped: true, .. }
    ));
    assert!(matches!(
        look(&pair(113.7, 34.7)),
        PairState::Usable { swapped: false, .. }
    ));
}

#[test]
fn the_same_words_give_the_same_bytes() {
    let (a, b) = (town(), town());
    for text in ["第三中学西门", "梧桐路清河街口", "文澜小学", "松江东路沿线"]
    {
        assert_eq!(read(&a, text), read(&b, text));
    }
}

proptest! {
    #[test]
    fn arbitrary_texts_are_read_without_panic(text in any::<String>()) {
        thread_local! { static TOWN: Gazetteer = town(); }
        TOWN.with(|g| read(g, &text));
    }

    #[test]
    fn scrambled_place_words_are_read_without_panic(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "梧桐路", "清河街", "第八大街", "8", "号", "与", "至", "段", "往", "东", "200", "米", "路口", "门口", "对面", "之间", "的",
            "第三中学", "停车场", "公交站", "，", "、", "南门", "由", "到", "沿", "三", "十", "百", "A", "口", "滨湖区", " ",
        ]), 0..14)
    ) {
        thread_local! { static TOWN: Gazetteer = town(); }
        let text: String = words.concat();
        TOWN.with(|g| read(g, &text));
    }
}

/// The public phrases hold the bars of the locating reference, section 11.
#[test]
fn the_public_phrases_hold_their_bars() {
    let Some(shared) = crate::support::shared() else {
        return;
    };
    let verdict =
        zhilu::app::verify::run(&[shared.join("data/oracles/locating")], None, &mut |_| {});
    let failed: Vec<_> = verdict.checks.iter().filter(|c| !c.passed).collect();
    assert!(failed.is_empty() && verdict.passed() >= 4, "{failed:?}");
}
