//! Which files can be read, what is said about those that cannot, and what becomes of the dirt inside?

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use zhilu::calendar::UtcMs;
use zhilu::intake::dedup::{Identity, Known, Verdict, fingerprint, update};
use zhilu::intake::{
    Code, Header, Limits, Line, Mapper, Mapping, Read, Rejected, RowCounts, Source, Synonyms,
    Tools, Unreadable, Workbook,
};
use zhilu::ticket::petitioner::Key;
use zhilu::ticket::{Channel, TicketId};

use crate::support;

const HEAD: &str = "工单编号,诉求来源,诉求内容,事发地址,受理时间,联系电话\n";

pub(crate) struct Taken {
    pub(crate) header: Header,
    pub(crate) read: Vec<Read>,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) counts: RowCounts,
}

pub(crate) fn take(bytes: &[u8]) -> Result<Taken, Unreadable> {
    let words = Synonyms::built_in();
    let key = Key::from_master(&[5; 32]);
    let mut book = Workbook::open(Cursor::new(bytes), Limits::default())?;
    let header = book.header(&words)?;
    let mapping = Mapping::propose(&header, &words, None);
    let source = Source::default();
    let tools = Tools {
        words: &words,
        key: &key,
        now: UtcMs(1_790_000_000_000),
    };
    let mapper = Mapper::new(&header, &mapping, &source, tools);
    let (mut read, mut rejected) = (Vec::new(), Vec::new());
    let counts = book.each_row(&header, |line| {
        match line {
            Line::Broken(why) => rejected.push(why),
            Line::Data(row) => match mapper.read(&row) {
                Ok(ticket) => read.push(ticket),
                Err(why) => rejected.push(why),
            },
        }
        ControlFlow::Continue(())
    })?;
    Ok(Taken {
        header,
        read,
        rejected,
        counts,
    })
}

fn refused(bytes: &[u8]) -> &'static str {
    take(bytes).map_or_else(|e| e.code(), |_| "taken")
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn workbook(build: impl FnOnce(&mut rust_xlsxwriter::Workbook)) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    build(&mut book);
    book.save_to_buffer().unwrap()
}

fn data(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/intake");
    std::fs::read(folder.join(name)).unwrap()
}

#[test]
fn each_hopeless_file_has_its_own_reason() {
    assert_eq!(refused(b""), "file_empty");
    assert_eq!(refused(b"  \r\n\r\n"), "file_no_sheet");
    assert_eq!(refused(b"%PDF-1.7 ..."), "file_not_a_table");
    assert_eq!(refused(b"<html><table><tr><td>x"), "file_not_a_table");
    assert_eq!(
        refused(&[1, 0, 2, 0, 0, 0, 3, 200, 0, 7]),
        "file_not_a_table"
    );
    assert_eq!(refused(&data("locked.xlsx")), "file_encrypted");
    assert_eq!(
        refused(&zipped(&[("readme.txt", b"x")])),
        "file_not_a_table"
    );
    let whole = workbook(|b| {
        b.add_worksheet().write(0, 0, "x").unwrap();
    });
    assert_eq!(refused(&whole[..whole.len() / 2]), "file_truncated");
    let empty = workbook(|b| {
        b.add_worksheet();
    });
    assert_eq!(refused(&empty), "file_no_sheet");
}

#[test]
fn a_bomb_is_refused_before_it_fills_memory() {
    let text = vec![b'a'; 80 << 20];
    let sheet = zipped(&[
        ("xl/workbook.xml", b"<w/>"),
        ("xl/worksheets/sheet1.xml", &text),
    ]);
    assert_eq!(refused(&sheet), "file_too_big");
    let strings = zipped(&[
        ("xl/workbook.xml", b"<w/>"),
        ("xl/sharedStrings.xml", &text),
    ]);
    assert_eq!(refused(&strings), "file_too_big");
}

#[test]
fn an_open_document_that_repeats_one_cell_a_hundred_million_times_is_refused() {
    let cell = "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"16384\"><text:p>x</text:p></table:table-cell>";
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"a\"><table:table-row table:number-rows-repeated=\"6000\">{cell}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let bytes = zipped(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("content.xml", content.as_bytes()),
    ]);
    assert_eq!(refused(&bytes), "file_too_big");
}

#[test]
fn old_and_open_workbooks_are_read_like_new_ones() {
    for name in ["old.xls", "open.ods"] {
        let taken = take(&data(name)).unwrap();
        let times: Vec<_> = taken
            .read
            .iter()
            .map(|r| r.ticket.received_at.rfc3339())
            .collect();
        assert_eq!(
            times,
            ["2024-04-08T09:05:03+08:00", "2024-04-09T09:05:00+08:00"],
            "{name}"
        );
        let channels: Vec<_> = taken.read.iter().map(|r| r.ticket.channel).collect();
        assert_eq!(channels, [Channel::Hotline12345, Channel::Call122]);
        assert_eq!(taken.read[1].personal.phone.as_deref(), Some("15400000002"));
        assert!(taken.rejected.is_empty());
    }
}

#[test]
fn a_sheet_that_claims_more_cells_than_its_kind_can_hold_is_refused_before_memory_is_set_aside() {
    let good = data("old.xls");
    // Type 0x0200, 14 bytes, a last row.
    let is_claim = |w: &[u8]| w[..4] == [0x00, 0x02, 14, 0] && w[8] > 0;
    let claims: Vec<usize> = (0..good.len() - 18)
        .filter(|at| is_claim(&good[*at..]))
        .collect();
    assert!(!claims.is_empty(), "the example has a record of dimensions");
    for at in claims {
        for (byte, value) in [(at + 11, 0x7F), (at + 7, 0xFF)] {
            let mut bad = good.clone();
            bad[byte] = value;
            let why = take(&bad).err().unwrap();
            assert!(matches!(why, Unreadable::Damaged(_)), "{why}");
        }
    }
}

#[test]
fn the_name_and_the_encoding_do_not_matter() {
    let text = format!("{HEAD}A1,12345热线,违停𠮷,文治路,2024-04-08 09:05:03,15400000001\n");
    let (gb, _, _) = encoding_rs::GB18030.encode(&text);
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let tabs = text.replace(',', "\t");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    for bytes in [
        text.as_bytes().to_vec(),
        gb.to_vec(),
        le,
        tabs.into_bytes(),
        gz.finish().unwrap(),
    ] {
        let taken = take(&bytes).unwrap();
        assert_eq!(taken.read.len(), 1);
        assert_eq!(taken.read[0].ticket.content, "违停𠮷");
    }
}

#[test]
fn dirt_costs_what_it_should_and_no_more() {
    let text = format!(
        "{HEAD}\n\
         'A1,12345热线,\"两行\n内容，电话15400000009\",文治路,2024年4月8日9时5分,15400000001.0\n\
         A2,12345热线,违停,文治路,2024-02-30 09:00:00,15400000001\n\
         A3,12345热线,违停,文治路,昨天上午,15400000001\n\
         A4,12345热线,违停,文治路,2024-04-08 09:00:00,1.54E+10\n\
         {HEAD}\
         1.01E+11,12345热线,违停,文治路,2024-04-08 09:00:00,\n\
         A5,12345热线,违停,文治路,2024-04-08 09:00:00,15400000001,多出,的格\n\
         A6,飞鸽传书,违停,文治路,2024-04-08 09:00:00,\n\
         A7,12345热线,,,2024-04-08 09:00:00,\n"
    );
    let taken = take(text.as_bytes()).unwrap();
    let codes: Vec<_> = taken.rejected.iter().map(|r| (r.row, r.code)).collect();
    assert_eq!(
        codes,
        [
            (4, Code::DateImpossible),
            (5, Code::DateUnreadable),
            (8, Code::NumberLost),
            (9, Code::CellsBeyond),
            (11, Code::TextMissing)
        ]
    );
    let notes: BTreeMap<_, Vec<_>> = taken
        .read
        .iter()
        .map(|r| {
            (
                r.ticket.external_no.as_str(),
                r.notes.iter().map(|n| n.code).collect(),
            )
        })
        .collect();
    assert_eq!(
        notes["A1"],
        [Code::DateForm, Code::MarkStripped, Code::PhoneTail]
    );
    assert_eq!(notes["A4"], [Code::PhoneLost]);
    assert_eq!(notes["A6"], [Code::ChannelUnknown]);
    assert_eq!((taken.counts.blank, taken.counts.repeated_header), (1, 1));
    let first = &taken.read[0];
    assert_eq!(first.ticket.content, "两行\n内容，电话〔电话〕");
    assert_eq!(
        first.personal.content.as_deref(),
        Some("两行\n内容，电话15400000009")
    );
    assert!(!format!("{:?}{:?}", first.ticket, first.notes).contains("1540000"));
}

#[test]
fn a_year_before_2000_or_after_the_import_is_no_fact() {
    // The clock of the import stands in September 2026.
    let text = format!(
        "工单编号,诉求来源,诉求内容,受理时间,办结时间,承诺完成时间\n\
         B1,12345热线,违停,1924-04-08 09:00:00,,\n\
         B2,12345热线,违停,1999-12-31 23:59:59,,\n\
         B3,12345热线,违停,2034-04-08 09:00:00,,\n\
         B4,12345热线,违停,2000-01-01 00:00:00,1924-04-09 09:00:00,\n\
         B5,12345热线,违停,2026-09-21 20:00:00,,2026-12-31 18:00:00\n\
         B6,12345热线,违停,2024-04-08 09:00:00,2034-04-09 09:00:00,1914-04-09 09:00:00\n{}",
        ""
    );
    let taken = take(text.as_bytes()).unwrap();
    let rejected: Vec<_> = taken.rejected.iter().map(|r| (r.row, r.code)).collect();
    assert_eq!(
        rejected,
        [(2, Code::TimeFar), (3, Code::TimeFar), (4, Code::TimeFar)]
    );
    assert!(
        taken.rejected[0].value.contains("1924"),
        "shown for the cure"
    );
    let of = |no: &str| {
        taken
            .read
            .iter()
            .find(|r| r.ticket.external_no == no)
            .unwrap()
    };
    let codes = |no: &str| of(no).notes.iter().map(|n| n.code).collect::<Vec<_>>();
    assert_eq!(codes("B4"), [Code::FieldTimeFar]);
    assert_eq!(of("B4").ticket.closed_at, None);
    assert_eq!(codes("B5"), []);
    assert!(of("B5").ticket.due_at.is_some(), "a promise lies ahead");
    assert_eq!(codes("B6"), [Code::FieldTimeFar, Code::FieldTimeFar]);
}

#[test]
fn rows_of_a_sheet_in_any_order_are_read() {
    let cell =
        |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |n: u32, cells: [&str; 4]| {
        let cells: String = ["A", "B", "C", "D"]
            .iter()
            .zip(cells)
            .map(|(column, text)| cell(&format!("{column}{n}"), text))
            .collect();
        format!("<row r=\"{n}\">{cells}</row>")
    };
    let rows = [
        row(1, ["工单编号", "诉求来源", "诉求内容", "受理时间"]),
        row(9, ["C9", "12345热线", "违停", "2024-04-08 09:00:00"]),
        row(4, ["C4", "12345热线", "违停", "2024-04-08 09:00:00"]),
        row(3, ["C3", "12345热线", "违停", "2024-04-08 09:00:00"]),
    ];
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{}</sheetData></worksheet>",
        rows.concat()
    );
    let relations = |inner: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>"
        )
    };
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let bytes = zipped(&[
        ("[Content_Types].xml", b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>".as_slice()),
        ("_rels/.rels", relations(&format!("<Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/>")).as_bytes()),
        ("xl/workbook.xml", format!("<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{office}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>").as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations(&format!("<Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/>")).as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let taken = take(&bytes).unwrap();
    let numbers: Vec<&str> = taken
        .read
        .iter()
        .map(|r| r.ticket.external_no.as_str())
        .collect();
    assert_eq!(numbers, ["C9", "C4", "C3"]);
    assert_eq!(taken.counts.data, 3);
}

/// The same compound file with the sectors of its streams in the opposite order, so that no record lies in one piece.
fn scattered(bytes: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let count = bytes.len() / SECTOR - 1;
    let table = number(76) as usize;
    // All sectors but the table of sectors change places.
    let movable: Vec<usize> = (0..count).filter(|s| *s != table).collect();
    let mut place: Vec<usize> = (0..count).collect();
    for (from, to) in movable.iter().zip(movable.iter().rev()) {
        place[*from] = *to;
    }
    let moved = |id: u32| {
        place
            .get(id as usize)
            .map_or(id, |to| u32::try_from(*to).unwrap())
    };
    let mut out = bytes.to_vec();
    let put = |out: &mut Vec<u8>, at: usize, value: u32| {
        out[at..at + 4].copy_from_slice(&value.to_le_bytes());
    };
    for (from, to) in place.iter().enumerate() {
        let (old, new) = ((from + 1) * SECTOR, (to + 1) * SECTOR);
        out[new..new + SECTOR].copy_from_slice(&bytes[old..old + SECTOR]);
    }
    for (from, to) in place.iter().enumerate() {
        let next = moved(number((table + 1) * SECTOR + from * 4));
        put(&mut out, (table + 1) * SECTOR + to * 4, next);
    }
    let directory = moved(number(48));
    put(&mut out, 48, directory);
    for entry in 0..4 {
        let at = (directory as usize + 1) * SECTOR + entry * 128 + 116;
        let start = u32::from_le_bytes(out[at..at + 4].try_into().unwrap());
        put(&mut out, at, moved(start));
    }
    out
}

#[test]
fn a_claim_that_is_cut_in_two_by_the_sectors_of_the_file_is_found_too() {
    let good = data("old.xls");
    let apart = scattered(&good);
    assert_eq!(
        take(&apart).unwrap().read.len(),
        take(&good).unwrap().read.len(),
        "the scattered file is sound"
    );
    // The record is moved so that a sector ends in its middle: a note of the right length goes before it.
    let is_claim = |w: &[u8]| w[..4] == [0x00, 0x02, 14, 0] && w[8] > 0;
    let at = (0..good.len() - 18)
        .find(|at| is_claim(&good[*at..]))
        .unwrap();
    for cut in [6, 9, 11] {
        let mut bad = good.clone();
        let end = at.next_multiple_of(512);
        // A string of rows shifted back within the stream keeps every offset after it only if nothing follows; so the record is
        // copied over what stands at the end of its sector, where the reader meets it after a filler.
        let start = end - cut;
        let filler = start - at - 4;
        let claim: Vec<u8> = [
            0x00, 0x02, 14, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0xFF, 0, 0, 0,
        ]
        .to_vec();
        bad[at..at + 4].copy_from_slice(&[
            0xE1,
            0x00,
            u8::try_from(filler % 256).unwrap(),
            u8::try_from(filler / 256).unwrap(),
        ]);
        bad[start..start + claim.len()].copy_from_slice(&claim);
        let why = take(&scattered(&bad)).err().unwrap();
        assert!(
            why.to_string().contains("claims more cells"),
            "{cut}: {why}"
        );
    }
}

#[test]
fn a_compound_file_whose_sectors_run_in_a_circle_is_refused() {
    let mut bytes = data("old.xls");
    let table = u32::from_le_bytes(bytes[76..80].try_into().unwrap()) as usize;
    let directory = u32::from_le_bytes(bytes[48..52].try_into().unwrap());
    let at = (table + 1) * 512 + directory as usize * 4;
    bytes[at..at + 4].copy_from_slice(&directory.to_le_bytes());
    assert!(matches!(
        take(&bytes).err().unwrap(),
        Unreadable::Damaged(_)
    ));
}

#[test]
fn a_title_row_blank_tails_doubled_headers_and_empty_sheets_do_no_harm() {
    let bytes = workbook(|book| {
        book.add_worksheet().set_name("封面").unwrap();
        let blank = rust_xlsxwriter::Format::new().set_bold();
        let sheet = book.add_worksheet().set_name("工单").unwrap();
        sheet
            .merge_range(0, 0, 0, 5, "某区工单导出", &blank)
            .unwrap();
        let head = [
            "工单编号*",
            "诉求来源",
            "诉求内容（必填）",
            "备注",
            "备注",
            "受理时间",
        ];
        for (i, name) in (0..).zip(head) {
            sheet.write(1, i, name).unwrap();
        }
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        for (i, cell) in (0..).zip(["A1", "12345热线", "违停", "甲", "乙"]) {
            sheet.write(2, i, cell).unwrap();
        }
        sheet
            .write_with_format(2, 5, 45_390.378_506_944_4, &date)
            .unwrap();
        for row in 3..64_003 {
            sheet.write_blank(row, 0, &blank).unwrap();
        }
    });
    let taken = take(&bytes).unwrap();
    assert_eq!(taken.header.sheets.len(), 1);
    assert_eq!(
        (
            taken.header.sheets[0].name.as_str(),
            taken.header.sheets[0].row
        ),
        ("工单", 2)
    );
    assert_eq!((taken.counts.data, taken.counts.blank), (1, 64_000));
    let ticket = &taken.read[0].ticket;
    assert_eq!(ticket.received_at.rfc3339(), "2024-04-08T09:05:03+08:00");
    assert_eq!(ticket.extras["备注"], "甲");
    assert_eq!(ticket.extras["备注_2"], "乙");
}

#[test]
fn sheets_with_the_same_columns_are_read_one_after_the_other() {
    let bytes = workbook(|book| {
        for month in ["四月", "五月", "说明"] {
            let sheet = book.add_worksheet().set_name(month).unwrap();
            let head = if month == "说明" {
                ["甲", "乙", "丙"]
            } else {
                ["工单编号", "诉求内容", "受理时间"]
            };
            let number = format!("A{month}");
            let cells = [number.as_str(), "违停", "2024-04-08"];
            for ((i, name), cell) in (0..).zip(head).zip(cells) {
                sheet.write(0, i, name).unwrap();
                sheet.write(1, i, cell).unwrap();
            }
        }
    });
    let taken = take(&bytes).unwrap();
    let numbers: Vec<_> = taken
        .read
        .iter()
        .map(|r| r.ticket.external_no.as_str())
        .collect();
    assert_eq!(numbers, ["A四月", "A五月"]);
    assert_eq!(taken.header.skipped, ["说明"]);
}

#[test]
fn formulas_give_their_stored_value_and_failed_ones_an_empty_field() {
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        for (i, name) in (0..).zip(["工单编号", "诉求内容", "受理时间", "承办单位"])
        {
            sheet.write(0, i, name).unwrap();
        }
        sheet
            .write(
                1,
                0,
                rust_xlsxwriter::Formula::new("=\"A\"&1").set_result("A1"),
            )
            .unwrap();
        sheet
            .write(
                1,
                1,
                rust_xlsxwriter::Formula::new("=HYPERLINK(\"http://x\",\"违停\")")
                    .set_result("违停"),
            )
            .unwrap();
        sheet.write(1, 2, "2024-04-08").unwrap();
        sheet
            .write(
                1,
                3,
                rust_xlsxwriter::Formula::new("=VLOOKUP(1,A1:A1,9)").set_result("#REF!"),
            )
            .unwrap();
    });
    let taken = take(&bytes).unwrap();
    let read = &taken.read[0];
    assert_eq!(
        (
            read.ticket.external_no.as_str(),
            read.ticket.content.as_str()
        ),
        ("A1", "违停")
    );
    assert_eq!(read.ticket.unit, None);
    assert!(read.notes.iter().any(|n| n.code == Code::CellFailed));
}

#[test]
fn a_file_without_numbers_gets_stable_ones() {
    let text = "诉求内容,事发地址,受理时间\n违停,文治路,2024-04-08\n堵车,文治路,2024-04-08\n违停,文治路,2024-04-08\n";
    let turned = "受理时间,诉求内容,事发地址\n2024/4/8,违停,文治路\n";
    let (a, b) = (
        take(text.as_bytes()).unwrap(),
        take(turned.as_bytes()).unwrap(),
    );
    let number = |t: &Taken, i: usize| t.read[i].ticket.external_no.clone();
    assert!(number(&a, 0).starts_with('#'));
    assert_eq!(number(&a, 0), number(&a, 2));
    assert_ne!(number(&a, 0), number(&a, 1));
    assert_eq!(number(&a, 0), number(&b, 0));
}

#[test]
fn an_unknown_header_is_shown_and_can_be_mapped_by_hand() {
    let words = Synonyms::built_in();
    let text = "甲,乙,丙\n1,违停,2024-04-08\n";
    let mut book = Workbook::open(Cursor::new(text.as_bytes()), Limits::default()).unwrap();
    let header = book.header(&words).unwrap();
    let mut mapping = Mapping::propose(&header, &words, None);
    assert!(!header.sure());
    assert_eq!(mapping.missing().len(), 2);
    assert!(mapping.set("乙", Some(zhilu::intake::Field::Content)));
    assert!(mapping.set("丙", Some(zhilu::intake::Field::ReceivedAt)));
    assert!(!mapping.set("丁", None));
    assert!(mapping.missing().is_empty());
    let json = serde_json::to_string(&mapping).unwrap();
    let remembered: Mapping = serde_json::from_str(&json).unwrap();
    assert_eq!(
        Mapping::propose(&header, &words, Some(&remembered)),
        mapping
    );
}

/// Judges rows one by one and remembers each; a new ticket's key is its place in the file.
fn judge(known: &mut Known, read: &[Read]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (at, row) in (0..).zip(read) {
        let identity = Identity::of(&row.ticket);
        let print = fingerprint(&row.ticket, &row.personal);
        let verdict = known.judge(identity, print);
        match verdict {
            Verdict::New => known.insert(identity, TicketId(at), print),
            Verdict::Changed(id) => known.insert(identity, id, print),
            Verdict::Same(_) | Verdict::Joined(_) => {}
        }
        verdicts.push(verdict);
    }
    verdicts
}

#[test]
fn the_simulated_city_is_imported_with_the_known_treatment_of_its_dirt() {
    let Some(shared) = support::shared() else {
        return;
    };
    let folder = shared.join("data/city/zhengzhou-sim");
    let taken = take(&std::fs::read(folder.join("tickets.csv")).unwrap()).unwrap();
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut dirty = csv::Reader::from_path(folder.join("truth/dirty.csv")).unwrap();
    for row in dirty.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        *expected
            .entry((row["column"].clone(), row["expect"].clone()))
            .or_default() += 1;
    }
    let want = |column: &str, expect: &str| expected[&(column.to_owned(), expect.to_owned())];
    let notes = |code: Code| {
        taken
            .read
            .iter()
            .flat_map(|r| &r.notes)
            .filter(|n| n.code == code)
            .count() as u64
    };
    assert_eq!(taken.rejected.len() as u64, want("受理时间", "error"));
    assert_eq!(notes(Code::DateForm), want("受理时间", "repair"));
    assert_eq!(notes(Code::PhoneTail), want("联系电话", "repair"));
    assert_eq!(notes(Code::PhoneLost), want("联系电话", "field_error"));
    assert_eq!(notes(Code::MarkStripped), want("工单编号", "repair"));
    assert_eq!(notes(Code::ClosedEarly), want("办结时间", "warn"));
    assert_eq!(taken.counts.repeated_header, want("row", "skip"));

    let mut known = Known::default();
    let verdicts = judge(&mut known, &taken.read);
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|v| wanted(v)).count() as u64;
    assert_eq!(
        count(|v| matches!(v, Verdict::Same(_))),
        want("row", "duplicate")
    );
    assert_eq!(
        count(|v| matches!(v, Verdict::Changed(_))),
        want("row", "update")
    );
    assert_eq!(count(|v| *v == Verdict::New), 12_747);
    assert_eq!(count(|v| matches!(v, Verdict::Joined(_))), 114);
}

#[test]
fn other_shapes_of_the_same_tickets_create_none() {
    let Some(shared) = support::shared() else {
        return;
    };
    let folder = shared.join("data/city/zhengzhou-sim");
    let taken = take(&std::fs::read(folder.join("tickets.csv")).unwrap()).unwrap();
    let mut known = Known::default();
    judge(&mut known, &taken.read);
    let mut changed_words = 0;
    for name in [
        "2024-09_12345.xlsx",
        "2024-10_12345.xlsx",
        "2024-11_12345.xlsx",
        "2023Q4_122_gb18030.csv",
    ] {
        let export = take(&std::fs::read(folder.join("exports").join(name)).unwrap()).unwrap();
        assert!(export.rejected.is_empty(), "{name}");
        let verdicts = judge(&mut known, &export.read);
        for (verdict, read) in verdicts.iter().zip(&export.read) {
            let Verdict::Changed(TicketId(at)) = verdict else {
                assert!(*verdict != Verdict::New, "{name}: a second ticket");
                continue;
            };
            let mut held = taken.read[usize::try_from(*at).unwrap()].ticket.clone();
            let changes = update(&mut held, &read.ticket, read.state_given);
            changed_words += usize::from(
                changes
                    .iter()
                    .any(|c| ["title", "content", "place_text", "unit", "pair"].contains(c)),
            );
        }
    }
    assert_eq!(changed_words, 0, "no fact is changed by the other shape");
}

#[test]
fn real_messages_are_counted_right() {
    let Some(shared) = support::shared() else {
        return;
    };
    for (name, rows, format) in [
        ("zh/att3_messages.xlsx", 4326, "xlsx"),
        ("zh/att3_first600_gb18030.csv", 600, "csv"),
        ("zh/att4_replies_even.csv", 1402, "csv"),
    ] {
        let taken = take(&std::fs::read(shared.join("data/tickets").join(name)).unwrap()).unwrap();
        assert_eq!(
            (taken.read.len(), taken.rejected.len()),
            (rows, 0),
            "{name}"
        );
        assert_eq!(taken.header.format.code(), format);
        assert!(
            taken
                .read
                .iter()
                .all(|r| r.ticket.channel == Channel::Media)
        );
        assert!(
            taken.read.iter().all(|r| r.ticket.petitioner.is_some()),
            "the account says who"
        );
    }
}
