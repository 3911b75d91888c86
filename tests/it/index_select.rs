//! Does a selection hold exactly the tickets that reading every row would give?

use std::sync::Arc;

use proptest::prelude::*;
use zhilu::calendar::UtcMs;
use zhilu::index::{Builder, By, Delta, Dicts, Filter, Index, NONE, Row, TimeAxis, text};
use zhilu::place::Precision;
use zhilu::spatial::{LonLat, World};
use zhilu::ticket::{Channel, PetitionerKey, State, TicketId};

const WORDS: [&str; 6] = [
    "文治路",
    "鼎城街",
    "实验小学东门",
    "违停 BRT",
    "107国道",
    "",
];

fn dicts() -> Arc<Dicts> {
    let mut dicts = Dicts::default();
    for path in [&["秩序", "违停"][..], &["秩序", "拥堵"], &["设施"]] {
        let path: Vec<String> = path.iter().map(|s| (*s).to_owned()).collect();
        dicts.categories.intern_path(&path);
    }
    dicts.areas.intern("area:1", "北苑街道", None);
    dicts.units.intern("一中队", "一中队", None);
    Arc::new(dicts)
}

prop_compose! {
    fn row(id: i64)(
        place in prop::option::of((113.70..113.80_f64, 34.65..34.75_f64)),
        precision in 0..8_usize,
        when in 1_700_000_000..1_702_000_000_i64,
        closed in prop::option::of(1_700_000_000..1_703_000_000_i64),
        (category, channel, state) in (0..5_u16, 0..9_usize, 0..3_usize),
        petitioner in prop::option::of(0..9_i64),
        (redo, site, confidence) in (0..4_u16, prop::option::of(1..4_i64), 0..=100_u8),
    ) -> Row {
        Row {
            point: place.map(|(lon, lat)| LonLat { lon, lat }),
            precision: Precision::ALL[precision],
            closed: closed.map(|s| UtcMs(s * 1000)),
            category: if category == 4 { NONE } else { category },
            channel: Channel::ALL[channel],
            state: [State::Intake, State::Working, State::Closed][state],
            petitioner: petitioner.map(PetitionerKey),
            confidence: f32::from(confidence) / 100.0,
            area: if redo == 0 { 0 } else { NONE },
            unit: if redo == 1 { 0 } else { NONE },
            redo,
            site,
            ..Row::bare(TicketId(id), UtcMs(when * 1000))
        }
    }
}

fn rows() -> impl Strategy<Value = Vec<(Row, usize)>> {
    prop::collection::vec((row(0), 0..WORDS.len()), 0..300).prop_map(|mut rows| {
        for (i, (row, _)) in rows.iter_mut().enumerate() {
            row.ticket = TicketId(i64::try_from(i).unwrap() * 7 % 1009);
        }
        rows
    })
}

fn parameters() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let options: Vec<(&'static str, &'static str)> = vec![
        ("kind", "秩序"),
        ("kind", "设施,none"),
        ("channel", "12345,122"),
        ("state", "working"),
        ("precision", "point,poi"),
        ("area", "北苑街道"),
        ("unit", "none"),
        ("bbox", "113.72,34.66,113.76,34.72"),
        ("from", "2023-11-20"),
        ("to", "2023-11-25"),
        ("time", "closed"),
        ("q", "文治路"),
        ("q", "brt"),
        ("redo", "2"),
        ("site", "any"),
        ("site", "1,3"),
        ("min_confidence", "0.35"),
    ];
    prop::sample::subsequence(options.clone(), 0..5).prop_map(|mut chosen| {
        chosen.dedup_by_key(|(name, _)| *name);
        chosen
    })
}

fn owned(parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    parameters
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

/// The meaning of the grammar, said once more without an index.
fn naive(parameters: &[(&str, &str)], row: &Row, words: &str) -> bool {
    let closed = parameters.contains(&("time", "closed"));
    let time = if closed {
        row.closed
    } else {
        Some(row.received)
    };
    let at = row.point.map(World::of);
    let corner = |lon, lat| World::of(LonLat { lon, lat });
    let (low, high) = (corner(113.72, 34.72), corner(113.76, 34.66));
    parameters.iter().all(|p| match *p {
        ("kind", "秩序") => row.category <= 2,
        ("kind", _) => row.category == 3 || row.category == NONE,
        ("channel", _) => matches!(row.channel, Channel::Hotline12345 | Channel::Call122),
        ("state", _) => row.state == State::Working,
        ("precision", _) => matches!(row.precision, Precision::Point | Precision::Poi),
        ("area", _) => row.area == 0,
        ("unit", _) => row.unit == NONE,
        ("bbox", _) => {
            at.is_some_and(|w| (low.x..=high.x).contains(&w.x) && (low.y..=high.y).contains(&w.y))
        }
        ("from", _) => time.is_some_and(|t| t.0 >= 1_700_409_600_000),
        ("to", _) => time.is_some_and(|t| t.0 < 1_700_928_000_000),
        ("q", q) => text::matches(words, q),
        ("redo", _) => row.redo >= 2,
        ("site", "any") => row.site.is_some(),
        ("site", _) => matches!(row.site, Some(1 | 3)),
        ("min_confidence", _) => row.confidence >= 0.35,
        _ => true,
    })
}

fn build(rows: &[(Row, usize)]) -> Index {
    Index::build(rows.iter().map(|(r, w)| (r.clone(), WORDS[*w])), dicts())
}

fn answer(index: &Index, filter: &Filter) -> Vec<i64> {
    let mut ids: Vec<i64> = index
        .select(filter)
        .rows()
        .map(|row| index.ticket(row).0)
        .collect();
    ids.sort_unstable();
    ids
}

fn distinct(rows: Vec<(Row, usize)>) -> Vec<(Row, usize)> {
    let mut seen = std::collections::BTreeSet::new();
    rows.into_iter()
        .filter(|(r, _)| seen.insert(r.ticket))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_selection_is_what_reading_every_row_gives(rows in rows(), asked in parameters()) {
        let rows = distinct(rows);
        let index = build(&rows);
        let filter = Filter::parse(&owned(&asked), index.dicts()).unwrap();
        let mut want: Vec<i64> = rows
            .iter()
            .filter(|(row, w)| naive(&asked, row, WORDS[*w]))
            .map(|(row, _)| row.ticket.0)
            .collect();
        want.sort_unstable();
        let selection = index.select(&filter);
        prop_assert_eq!(selection.count(), want.len());
        prop_assert_eq!(answer(&index, &filter), want);
        let mapped = rows.iter().filter(|(r, w)| naive(&asked, r, WORDS[*w]) && r.is_spot()).count();
        prop_assert_eq!(selection.mapped(), mapped);
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(rows in rows()) {
        let rows = distinct(rows);
        let mut turned = rows.clone();
        turned.reverse();
        let (a, b) = (build(&rows), build(&turned));
        let all = |i: &Index| i.everything().rows().map(|r| i.ticket(r).0).collect::<Vec<_>>();
        prop_assert_eq!(all(&a), all(&b));
        for (_, by) in By::ALL {
            let (x, y) = (a.everything(), b.everything());
            prop_assert_eq!(a.tally(&x, by, TimeAxis::Received), b.tally(&y, by, TimeAxis::Received));
        }
        prop_assert_eq!(a.voices(&a.everything()), b.voices(&b.everything()));
    }

    #[test]
    fn a_refreshed_index_answers_as_a_fresh_one(
        rows in rows(), more in rows(), removed in prop::collection::vec(0..1009_i64, 0..20), asked in parameters()
    ) {
        let (rows, more) = (distinct(rows), distinct(more));
        let delta = Delta {
            upsert: more.iter().map(|(r, w)| (r.clone(), WORDS[*w].to_owned())).collect(),
            remove: removed.iter().filter(|id| !more.iter().any(|(r, _)| r.ticket.0 == **id)).map(|id| TicketId(*id)).collect(),
        };
        let next = build(&rows).refresh(&delta, dicts());
        let mut want = more.clone();
        want.extend(rows.iter().filter(|(r, _)| {
            !delta.remove.contains(&r.ticket) && !more.iter().any(|(m, _)| m.ticket == r.ticket)
        }).cloned());
        let fresh = build(&want);
        let filter = Filter::parse(&owned(&asked), fresh.dicts()).unwrap();
        prop_assert_eq!(answer(&next, &filter), answer(&fresh, &filter));
        let order = |i: &Index| i.everything().rows().map(|r| (i.ticket(r).0, i.world(r), i.petitioner(r), i.site(r))).collect::<Vec<_>>();
        prop_assert_eq!(order(&next), order(&fresh));
        prop_assert_eq!(next.spots(), fresh.spots());
    }

    #[test]
    fn pages_of_the_newest_tickets_make_the_whole_list(rows in rows(), limit in 1..40_usize) {
        let rows = distinct(rows);
        let index = build(&rows);
        let all = index.everything();
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = index.newest(&all, after, limit);
            let Some(last) = page.last() else { break };
            after = Some(*last);
            seen.extend(page);
        }
        let mut want: Vec<_> = rows.iter().map(|(r, _)| (r.received.0 / 1000, r.ticket)).collect();
        want.sort_unstable_by(|a, b| b.cmp(a));
        prop_assert_eq!(seen, want);
    }
}

#[test]
fn an_unknown_parameter_is_refused_with_the_valid_ones() {
    let dicts = dicts();
    let refuse = |name: &str, value: &str| {
        Filter::parse(&owned(&[(name, value)]), &dicts)
            .unwrap_err()
            .to_string()
    };
    assert!(refuse("squad", "1").contains("kind, channel, state"));
    assert!(refuse("channel", "fax").contains("12345"));
    assert!(refuse("from", "yesterday").contains("2024-03-01"));
    assert!(refuse("bbox", "1,2,3").contains("west,south,east,north"));
    assert!(refuse("q", "，").contains("at least one"));
    assert!(refuse("kind", "飞行").contains("/api/v1/meta"));
    let twice = Filter::parse(&owned(&[("redo", "1"), ("redo", "2")]), &dicts);
    assert_eq!(twice.unwrap_err().code(), "parameter_twice");
    let turned = Filter::parse(&owned(&[("from", "2024"), ("to", "2023")]), &dicts);
    assert_eq!(turned.unwrap_err().name(), "to");
    assert!(
        Filter::parse(&owned(&[("q", " "), ("kind", "")]), &dicts)
            .unwrap()
            .is_everything()
    );
}

#[test]
fn an_empty_index_answers_every_question_with_nothing() {
    let index = Builder::default().finish(dicts());
    let all = index.everything();
    assert_eq!((all.count(), all.mapped(), index.voices(&all)), (0, 0, 0));
    assert_eq!(index.span(&all), None);
    for (_, by) in By::ALL {
        let tally = index.tally(&all, by, TimeAxis::Closed);
        assert!(tally.buckets.iter().all(|b| b.count == 0));
    }
}

#[test]
fn a_segment_is_counted_and_listed_but_never_a_spot() {
    let mut row = Row::bare(TicketId(1), UtcMs(0));
    row.point = Some(LonLat {
        lon: 113.7,
        lat: 34.7,
    });
    row.precision = Precision::Segment;
    let index = Index::build([(row, "")], dicts());
    let all = index.everything();
    assert_eq!((all.count(), all.mapped(), index.spots()), (1, 0, 0));
}

#[test]
fn every_ticket_is_found_by_its_number_and_no_other() {
    let mut builder = Builder::with_capacity(0);
    for id in [7, 3, 900, 11, 4] {
        let row = Row {
            point: (id % 2 == 1).then(|| LonLat::new(113.7 + id as f64 * 1e-4, 34.7)),
            ..Row::bare(TicketId(id), UtcMs(1_700_000_000_000))
        };
        builder.push(&row, "");
    }
    let index = builder.finish(Arc::new(Dicts::default()));
    for id in [7, 3, 900, 11, 4] {
        let row = index.row_of(TicketId(id)).unwrap();
        assert_eq!(index.ticket(row), TicketId(id));
    }
    assert!(
        [0, 5, 1_000]
            .iter()
            .all(|id| index.row_of(TicketId(*id)).is_none())
    );
}
