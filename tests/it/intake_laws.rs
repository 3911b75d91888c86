//! What holds for every input of the intake, however strange?

use std::io::Cursor;
use std::ops::ControlFlow;

use proptest::prelude::*;
use zhilu::calendar::moment;
use zhilu::intake::delimited::{End, Record, split};
use zhilu::intake::mapping::mask;
use zhilu::intake::{Limits, Row, Synonyms, Workbook, value};
use zhilu::ticket::petitioner::{Phone, mask_name, mask_phone};
use zhilu::ticket::redact::redact;

use crate::intake_files::take;

fn quoted(field: &str) -> String {
    format!("\"{}\"", field.replace('"', "\"\""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_may_be_refused_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = take(&bytes);
    }

    #[test]
    fn a_file_with_flipped_bytes_never_panics(at in prop::collection::vec((0_usize..5600, any::<u8>()), 1..40), which in 0_usize..3) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/intake");
        let name = ["old.xls", "open.ods", "locked.xlsx"][which];
        let mut bytes = std::fs::read(folder.join(name)).unwrap();
        for (place, value) in at {
            let length = bytes.len();
            bytes[place % length] ^= value;
        }
        let _ = take(&bytes);
    }

    #[test]
    fn quoted_records_come_back_as_they_were(rows in prop::collection::vec(prop::collection::vec("[^\u{0}]{0,12}", 2..5), 1..8)) {
        let text: String = rows.iter().map(|r| r.iter().map(|f| quoted(f)).collect::<Vec<_>>().join(",") + "\r\n").collect();
        let mut back: Vec<Vec<String>> = Vec::new();
        let end = split(text.as_bytes(), b',', |record| {
            if let Record::Row(row) = record {
                back.push((0..row.len()).map(|i| row.raw(i).to_owned()).collect());
            }
            ControlFlow::Continue(())
        }).unwrap();
        prop_assert_eq!(end, End::Finished);
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn redaction_is_stable_and_hides_every_mobile(words in "[\u{4e00}-\u{4eff}，。 a-z]{0,12}", phone in "1[3-9][0-9]{9}", tail in "[\u{4e00}-\u{4eff}，]{0,8}") {
        let text = format!("{words}{phone}{tail}");
        let once = redact(&text).into_owned();
        prop_assert!(!once.contains(&phone));
        prop_assert_eq!(redact(&once).into_owned(), once);
    }

    #[test]
    fn any_text_is_redacted_and_masked_without_panic(text in any::<String>()) {
        let _ = redact(&text);
        let _ = mask_name(&text);
        let _ = mask_phone(&text);
        let _ = Phone::read(&text);
        let _ = value::phone(&text);
        let _ = value::number_text(&text);
        let _ = value::place_in(&text);
        let _ = moment::parse(&text);
        prop_assert!(mask(&Synonyms::built_in(), "备注", None, &text).chars().count() <= 40);
    }

    #[test]
    fn an_instant_reads_back(ms in 0_i64..4_000_000_000) {
        let at = zhilu::calendar::UtcMs(ms * 1000);
        let read = moment::parse(&at.rfc3339()).unwrap().map(|(found, _)| found);
        prop_assert_eq!(read, Some(at));
    }

    #[test]
    fn the_order_of_columns_changes_nothing(seed in any::<u64>()) {
        let names = ["工单编号", "诉求来源", "诉求内容", "事发地址", "受理时间", "联系电话", "承办单位"];
        let cells = ["A1", "12345热线", "违停，电话15400000009", "文治路", "2024-04-08 09:05:03", "15400000001", "一中队"];
        let mut order: Vec<usize> = (0..names.len()).collect();
        let mut state = seed | 1;
        for i in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            order.swap(i, usize::try_from(state >> 33).unwrap() % (i + 1));
        }
        let line = |of: &[&str]| order.iter().map(|i| of[*i]).collect::<Vec<_>>().join(",");
        let turned = take(format!("{}\n{}\n", line(&names), line(&cells)).as_bytes()).unwrap();
        let straight = take(format!("{}\n{}\n", names.join(","), cells.join(",")).as_bytes()).unwrap();
        prop_assert_eq!(&turned.read[0].ticket, &straight.read[0].ticket);
        prop_assert_eq!(&turned.read[0].personal, &straight.read[0].personal);
    }
}

#[test]
fn a_million_rows_stream_in_the_memory_of_one() {
    // The reader gives rows without end; only the receiver stops it.
    struct Endless(usize);
    impl std::io::Read for Endless {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let line = b"A1,x,2024-04-08\n";
            for slot in out.iter_mut() {
                *slot = line[self.0 % line.len()];
                self.0 += 1;
            }
            Ok(out.len())
        }
    }
    let mut rows = 0_u64;
    let end = split(Endless(0), b',', |_| {
        rows += 1;
        if rows < 1_000_000 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    assert_eq!(end.unwrap(), End::Stopped);
    assert_eq!(rows, 1_000_000);
}

#[test]
fn one_opening_quote_per_line_does_not_cost_the_square() {
    let text = "\"a,b\n".repeat(200_000);
    let mut book = Workbook::open(Cursor::new(text.as_bytes()), Limits::default()).unwrap();
    let header = book.header(&Synonyms::built_in());
    let refused = match header {
        Err(e) => e.code(),
        Ok(header) => book
            .each_row(&header, |_| ControlFlow::Continue(()))
            .map_or_else(|e| e.code(), |_| "taken"),
    };
    assert!(
        ["file_quotes", "taken", "file_no_sheet"].contains(&refused),
        "{refused}"
    );
}

#[test]
fn a_row_is_small_and_sendable() {
    fn sendable<T: Send + Sync>() {}
    sendable::<Row>();
    sendable::<zhilu::intake::Mapper<'static>>();
}
