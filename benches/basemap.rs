//! How fast is a tile of the base map, and how long does a city take to build? (`cargo bench --bench basemap`)
#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::absolute_paths,
    clippy::str_to_string,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench may fail loudly and print what it measured"
)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use zhilu::app::demo_data;
use zhilu::place::read::read_any;
use zhilu::place::road_network::of_map;
use zhilu::place::{CityMap, ReadOptions};
use zhilu::spatial::{Datum, LonLat, TileId, World};
use zhilu::tile::basemap::Basemap;

fn demo() -> CityMap {
    let mut map = CityMap::default();
    for file in demo_data::order().unwrap().files {
        let options = ReadOptions {
            subject: file.name,
            role: file.role,
            datum: Some(Datum::Wgs84),
        };
        map.merge(read_any(&file.bytes, &options).unwrap().map);
    }
    map
}

fn tile(z: u8) -> TileId {
    let w = World::of(LonLat::new(113.76, 34.72));
    TileId::new(z, w.x >> (32 - z), w.y >> (32 - z)).unwrap()
}

fn basemap(c: &mut Criterion) {
    c.bench_function("read the demo map", |b| b.iter(demo));
    let map = demo();
    c.bench_function("build the demo base map", |b| {
        b.iter(|| Basemap::build(&map))
    });
    c.bench_function("split the demo network", |b| b.iter(|| of_map(&map)));
    let base = Basemap::build(&map);
    let mut group = c.benchmark_group("base tile");
    for z in [8, 10, 12, 14, 16] {
        group.bench_with_input(BenchmarkId::from_parameter(z), &z, |b, z| {
            b.iter(|| base.tile(tile(*z)));
        });
    }
    group.finish();
}

criterion_group!(benches, basemap);
criterion_main!(benches);
