//! How many tickets a second are read, against the demo city and against a hundred times as many features? (`cargo bench --bench locate`)
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

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use zhilu::app::demo_data;
use zhilu::place::read::read_any;
use zhilu::place::{CityMap, Gazetteer, Language, Locator, Options, Query, ReadOptions};
use zhilu::spatial::Datum;

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

/// The demo's places again and again under new names, far enough apart to stay apart.
fn large(map: &CityMap, times: usize) -> CityMap {
    let marks = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
    let mut out = map.clone();
    for k in 1..times {
        let mark: String = [marks[k / 10 % 10], marks[k % 10]].iter().collect();
        for feature in &map.features {
            let mut copy = feature.clone();
            copy.id = format!("{}-{k}", copy.id);
            for key in ["name", "parent_name", "parent"] {
                if let Some(value) = copy.tags.get_mut(key) {
                    *value = if key == "parent" {
                        format!("{value}-{k}")
                    } else {
                        format!("{mark}{value}")
                    };
                }
            }
            out.features.push(copy);
        }
    }
    out
}

const TEXTS: [(&str, &str); 6] = [
    (
        "经开第六大街与经北六路红绿灯配时不合理",
        "市民来电反映，早上七点半，经开第六大街和经北六路的交叉路口建议增加左转专用信号，请相关部门核实处理。",
    ),
    (
        "反映星河小学周边违停严重",
        "来电人反映：骑车经过星河小学周边，机动车违法停车严重，天天早上基本走不动。",
    ),
    (
        "关于驾驶证业务的咨询",
        "来电反映：驾驶证被扣七分，想问什么时候能考科目一，请给个答复。",
    ),
    (
        "经南3路从东三患到经开第十三大街沿线违停",
        "报警：机动车违法停车严重，地点：经南3路从东三患到经开第十三大街沿线，谢谢！",
    ),
    (
        "第二人民医院南门堵车",
        "我住在尚品花园一期，第二人民医院南门长期堵车，从南三环过来要半小时。",
    ),
    (
        "文治路与鼎城街口往北一百米路东",
        "文治路与鼎城街口往北一百米路东有一排车长期占着非机动车道。",
    ),
];

fn locate(c: &mut Criterion) {
    let map = demo();
    let mut group = c.benchmark_group("locate");
    group.throughput(Throughput::Elements(TEXTS.len() as u64));
    for (name, times) in [("1,177 features", 1), ("100,000 features", 85)] {
        let (g, _) = Gazetteer::build(&large(&map, times), &Language::mandarin());
        let locator = Locator::new(&g, &[], Options::default());
        group.bench_function(name, |b| {
            b.iter(|| {
                TEXTS
                    .iter()
                    .map(|(title, content)| {
                        let query = Query {
                            title,
                            content,
                            ..Query::default()
                        };
                        locator.locate(&query).len()
                    })
                    .sum::<usize>()
            });
        });
    }
    group.finish();
    c.bench_function("build the demo gazetteer", |b| {
        b.iter(|| Gazetteer::build(&map, &Language::mandarin()));
    });
}

criterion_group!(benches, locate);
criterion_main!(benches);
