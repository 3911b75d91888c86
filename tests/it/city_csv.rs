//! Reading tables of places and boundaries: header words, encodings, datums, shapes, corners, refusals.

use geo::{Area, CoordsIter, Geometry};
use zhilu::place::read::read_any;
use zhilu::place::read_csv::parse;
use zhilu::place::{MapError, MapRead, MapRole, ReadOptions, shape_text};
use zhilu::spatial::{Datum, LonLat};

use crate::support::shared;

fn read(text: &[u8], role: MapRole) -> Result<MapRead, MapError> {
    parse(
        text,
        &ReadOptions {
            subject: "x.csv".into(),
            role,
            datum: None,
        },
    )
}

fn first(read: &MapRead) -> LonLat {
    let c = read.map.features[0].geometry.coords_iter().next().unwrap();
    LonLat::new(c.x, c.y)
}

#[test]
fn chinese_headers_a_title_line_and_gb18030_are_understood() {
    let text = "澄湖区学校名录,,,,\n序号,学校名称,经度,纬度,类别\n1,实验小学,113.7,34.7,小学\n2,人民医院,113.71,34.71,综合医院\n,,,,\n";
    for bytes in [
        text.as_bytes().to_vec(),
        encoding_rs::GB18030.encode(text).0.into_owned(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
    ] {
        let read = read(&bytes, MapRole::Pois).unwrap();
        assert_eq!(read.map.features.len(), 2);
        assert_eq!(read.map.features[0].tag("name"), Some("实验小学"));
        assert_eq!(read.map.features[0].tag("amenity"), Some("school"));
        assert_eq!(read.map.features[1].tag("amenity"), Some("hospital"));
        assert_eq!(read.datum, None, "the datum is still to be decided");
        assert!(read.notes.is_empty());
    }
}

#[test]
fn a_datum_in_the_header_or_in_each_row_is_applied() {
    let p = LonLat::new(113.7, 34.7);
    let g = Datum::Gcj02.from_wgs84(p);
    let named = format!("name,gcj02_lng,gcj02_lat\n甲,{},{}\n", g.lon, g.lat);
    let by_header = read(named.as_bytes(), MapRole::Pois).unwrap();
    assert!(first(&by_header).distance_m(p) < 0.001);
    assert!(by_header.datum.is_some());
    let b = Datum::Bd09.from_wgs84(p);
    let rows = format!(
        "name,lon,lat,坐标系\n甲,{},{},百度\n乙,{},{},高德\n",
        b.lon, b.lat, g.lon, g.lat
    );
    let by_row = read(rows.as_bytes(), MapRole::Pois).unwrap();
    for feature in &by_row.map.features {
        let c = feature.geometry.coords_iter().next().unwrap();
        assert!(LonLat::new(c.x, c.y).distance_m(p) < 0.001);
    }
    assert!(by_row.datum.is_some());
    let gap = format!("{rows}丙,113.7,34.7,\n");
    let gap = read(gap.as_bytes(), MapRole::Pois).unwrap();
    assert_eq!(
        gap.map.features.len(),
        2,
        "a row without datum is not guessed beside rows that state one"
    );
    assert!(gap.notes[0].text.contains("fill the column"));
}

#[test]
fn of_several_pairs_of_columns_the_one_in_wgs84_is_taken() {
    let Some(shared) = shared() else { return };
    let bytes = std::fs::read(shared.join("data/geo/liaocheng/anchors.csv")).unwrap();
    let options = ReadOptions {
        subject: "anchors.csv".into(),
        role: MapRole::Pois,
        datum: None,
    };
    let read = read_any(&bytes, &options).unwrap();
    assert_eq!(read.map.features.len(), 21);
    assert!(first(&read).distance_m(LonLat::new(115.983_507, 36.459_912)) < 0.2);
    assert!(read.datum.is_some());
}

#[test]
fn boundaries_come_as_wkt_as_lists_or_one_corner_a_row() {
    let wkt = "名称,WKT\n甲区,\"POLYGON((113 34,114 34,114 35,113 35,113 34),(113.4 34.4,113.6 34.4,113.6 34.6,113.4 34.4))\"\n乙街道,\"MULTIPOLYGON(((1 1,2 1,2 2,1 1)),((3 3,4 3,4 4,3 3)))\"\n";
    let list = "name,边界坐标\n甲区,\"113,34;114,34;114,35;113,35;113,34\"\n";
    let corners = "name,lon,lat\n甲区,113,34\n甲区,114,34\n甲区,114,35\n甲区,113,35\n";
    let of = |text: &str| read(text.as_bytes(), MapRole::Boundary).unwrap().map.areas;
    let areas = of(wkt);
    assert_eq!(areas.len(), 2);
    assert_eq!(
        areas[0].tag("admin_level"),
        Some("6"),
        "甲区 is a district and comes first"
    );
    assert!((areas[0].geometry.unsigned_area() - 0.98).abs() < 1e-9);
    for text in [list, corners] {
        let areas = of(text);
        assert_eq!(areas.len(), 1, "{text}");
        assert!((areas[0].geometry.unsigned_area() - 1.0).abs() < 1e-9);
    }
}

#[test]
fn shapes_are_read_in_every_common_writing() {
    let points = |text: &str| shape_text::parse(text).map(|g| g.coords_count());
    assert_eq!(points("POINT(1 2)"), Some(1));
    assert_eq!(points("SRID=4326;LINESTRING(1 2,3 4,5 6)"), Some(3));
    assert_eq!(points("MULTILINESTRING((1 2,3 4),(5 6,7 8))"), Some(4));
    assert_eq!(points("113.7,34.7"), Some(1));
    assert_eq!(points("113.7 34.7,113.8 34.8"), Some(2));
    assert_eq!(points("1,2,3,4"), Some(2));
    assert_eq!(points("[[1,2],[3,4]]"), Some(2));
    assert!(matches!(
        shape_text::parse("1,1;2,1;2,2;1,1"),
        Some(Geometry::Polygon(_))
    ));
    for bad in [
        "",
        "POLYGON",
        "POLYGON((1 2",
        "abc",
        "1,2,3",
        "POINT(a b)",
        "[[1],[2]]",
        "((((",
    ] {
        assert_eq!(points(bad), None, "{bad}");
    }
}

#[test]
fn rows_that_cannot_be_used_are_counted_and_a_table_without_coordinates_names_the_cure() {
    let text = "name,lon,lat\n甲,113.7,34.7\n乙,,\n丙,0,0\n丁,abc,34\n";
    let got = read(text.as_bytes(), MapRole::Pois).unwrap();
    assert_eq!(got.map.features.len(), 1);
    let notes: Vec<&str> = got.notes.iter().map(|n| n.text.as_str()).collect();
    assert_eq!(
        notes,
        [
            "1 left out: at 0,0 (no coordinates)",
            "2 left out: without a longitude and latitude in figures"
        ]
    );
    let none = read("名称,电话\n甲,1\n".as_bytes(), MapRole::Pois)
        .unwrap_err()
        .to_string();
    assert!(
        none.contains("名称, 电话") && none.contains("经度"),
        "{none}"
    );
    let swapped = read("name,lon,lat\n甲,34.7,113.7\n".as_bytes(), MapRole::Pois).unwrap_err();
    assert!(matches!(swapped, MapError::Swapped { .. }));
}
