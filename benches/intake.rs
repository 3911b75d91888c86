//! How many rows a second does the intake read: split, mapped, fingerprinted, from CSV and from XLSX?
//!
//! The rows are made here (30 columns would be the hotline's own export; these ten carry nine tenths of its bytes).
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

use std::hint::black_box;
use std::io::Cursor;
use std::ops::ControlFlow;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use zhilu::calendar::UtcMs;
use zhilu::intake::dedup::{Identity, fingerprint};
use zhilu::intake::{Limits, Line, Mapper, Mapping, Source, Synonyms, Tools, Workbook};
use zhilu::ticket::petitioner::Key;
use zhilu::ticket::redact::redact;

const ROWS: u64 = 10_000;

const HEAD: [&str; 10] = [
    "工单编号",
    "诉求来源",
    "诉求标题",
    "诉求内容",
    "问题分类",
    "问题点位",
    "诉求人",
    "联系电话",
    "受理时间",
    "办理状态",
];

fn cells(n: u64) -> [String; 10] {
    [
        format!("RX20240408{n:06}"),
        "12345热线".to_owned(),
        "反映文治路与鼎城街交叉口违停问题".to_owned(),
        format!(
            "市民来电反映，文治路与鼎城街交叉口东北角每天早上7点50分到8点10分路边停满车，学生只能走到车行道上，联系电话154{:08}，请交警部门处理并回复。",
            n % 100_000_000
        ),
        "交通秩序->违停".to_owned(),
        "文治路与鼎城街交叉口东北角".to_owned(),
        "杜琳".to_owned(),
        format!("154{:08}", n % 100_000_000),
        "2024-04-08 09:05:03".to_owned(),
        "已归档".to_owned(),
    ]
}

fn csv() -> Vec<u8> {
    let mut text = HEAD.join(",") + "\r\n";
    for n in 0..ROWS {
        text += &(cells(n).join(",") + "\r\n");
    }
    text.into_bytes()
}

fn xlsx() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(HEAD) {
        sheet.write(0, column, name).unwrap();
    }
    for n in 0..ROWS {
        let row = u32::try_from(n).unwrap() + 1;
        for (column, cell) in (0..).zip(cells(n)) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn read(bytes: &[u8], words: &Synonyms, map: bool) -> u64 {
    let mut book = Workbook::open(Cursor::new(bytes), Limits::default()).unwrap();
    let header = book.header(words).unwrap();
    let mapping = Mapping::propose(&header, words, None);
    let (key, source) = (Key::from_master(&[1; 32]), Source::default());
    let tools = Tools {
        words,
        key: &key,
        now: UtcMs(1_790_000_000_000),
    };
    let mapper = Mapper::new(&header, &mapping, &source, tools);
    let mut sum = 0;
    let counts = book.each_row(&header, |line| {
        if let (Line::Data(row), true) = (line, map) {
            let read = mapper.read(&row).unwrap();
            sum ^= fingerprint(&read.ticket, &read.personal) ^ Identity::of(&read.ticket).key;
        }
        ControlFlow::Continue(())
    });
    assert_eq!(counts.unwrap().data, ROWS);
    sum
}

fn rows(c: &mut Criterion) {
    let words = Synonyms::built_in();
    let mut group = c.benchmark_group("intake");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    for (format, bytes) in [("csv", csv()), ("xlsx", xlsx())] {
        group.bench_with_input(BenchmarkId::new("split", format), &bytes, |b, bytes| {
            b.iter(|| read(black_box(bytes), &words, false));
        });
        group.bench_with_input(BenchmarkId::new("map", format), &bytes, |b, bytes| {
            b.iter(|| read(black_box(bytes), &words, true));
        });
    }
    group.finish();
    let text = cells(7)[3].clone();
    c.bench_function("redact/100 characters", |b| {
        b.iter(|| redact(black_box(&text)).len())
    });
}

criterion_group!(benches, rows);
criterion_main!(benches);
