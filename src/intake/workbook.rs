//! How are the rows of any table file read one by one, without holding the file?

use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use calamine::{Data, DataRef, Ods, Range, Reader, Xls, Xlsx};
use flate2::read::MultiGzDecoder;

use crate::intake::archive;
use crate::intake::cell::Row;
use crate::intake::compound;
use crate::intake::delimited::{self, End, Record};
use crate::intake::encoding::{self, Encoding, Transcode};
use crate::intake::guard::guarded;
use crate::intake::header::{
    Column, Guess, HEADER_ROWS, Header, SAMPLES, SheetHead, guess, repeats,
};
use crate::intake::open311;
use crate::intake::reject::{Code, Rejected};
use crate::intake::sniff::{self, Capped, Format, Limits, Unreadable};
use crate::intake::synonyms::{Synonyms, normal};

/// One line of the table below the header.
#[derive(Debug)]
pub enum Line {
    /// A filled row.
    Data(Row),
    /// A row that could not even be split into cells.
    Broken(Rejected),
}

/// What was met while reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct RowCounts {
    /// Filled rows.
    pub data: u64,
    /// Rows without content.
    pub blank: u64,
    /// Header rows repeated inside.
    pub repeated_header: u64,
    /// Rows that could not be split.
    pub broken: u64,
}

/// An opened table file.
pub struct Workbook<R> {
    body: Body<R>,
    format: Format,
    limits: Limits,
}

enum Body<R> {
    Text {
        reader: R,
        gzip: bool,
        encoding: Encoding,
    },
    Xlsx(Box<Xlsx<BufReader<Source<R>>>>),
    /// Old and open formats are small by nature (65,536 rows) or limited by [`Limits::held`]; they are held whole.
    Held(Vec<(String, Range<Data>)>),
    /// The requests of an Open311 list, held whole.
    Rows(Vec<Row>),
}

/// The file itself, or its unpacked bytes where it came packed by gzip.
enum Source<R> {
    File(R),
    Memory(Cursor<Vec<u8>>),
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(r) => r.read(out),
            Self::Memory(r) => r.read(out),
        }
    }
}

impl<R: Seek> Seek for Source<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File(r) => r.seek(to),
            Self::Memory(r) => r.seek(to),
        }
    }
}

impl<R: Read + Seek> Workbook<R> {
    /// Opens a file by its content.
    ///
    /// # Errors
    /// [`Unreadable`] says why the whole file cannot be read.
    pub fn open(mut reader: R, limits: Limits) -> Result<Self, Unreadable> {
        let shape = sniff::sniff(&mut reader, &limits)?;
        let body = match shape.format {
            Format::Csv => text_body(reader, shape.gzip, &limits)?,
            format => book_body(unpacked(reader, shape.gzip, &limits)?, format, &limits)?,
        };
        Ok(Self {
            body,
            format: shape.format,
            limits,
        })
    }

    /// Reads the first rows of each sheet and says which columns there are.
    ///
    /// # Errors
    /// [`Unreadable`], also when no sheet has a filled row.
    pub fn header(&mut self, words: &Synonyms) -> Result<Header, Unreadable> {
        let mut delimiter = None;
        let mut guesses = Vec::new();
        let mut skipped = Vec::new();
        for sheet in self.sheet_names() {
            let rows = match self.encoding() {
                Some(_) => {
                    let (found, rows) = self.text_head(words)?;
                    delimiter = Some(found);
                    rows
                }
                None => self.head(&sheet, 0)?,
            };
            match guess(&rows, words) {
                Some(found) => guesses.push((sheet, found)),
                None => skipped.push(sheet),
            }
        }
        let mut header = assemble(guesses, skipped)?;
        header.format = self.format;
        header.encoding = self.encoding();
        header.delimiter = delimiter.map(char::from);
        Ok(header)
    }

    /// Hands every line below the header to `sink`; stops when it breaks.
    ///
    /// # Errors
    /// [`Unreadable`] if the file breaks off in the middle; lines before that were handed over.
    pub fn each_row<F>(&mut self, header: &Header, mut sink: F) -> Result<RowCounts, Unreadable>
    where
        F: FnMut(Line) -> ControlFlow<()>,
    {
        let names: Vec<String> = header.columns.iter().map(|c| normal(&c.name)).collect();
        let mut counts = RowCounts::default();
        for sheet in &header.sheets {
            let mut last = sheet.row;
            let flow = self.rows(&sheet.name, header.delimiter, |record| {
                let row = match record {
                    Record::Unclosed(number) => {
                        counts.broken += 1;
                        return sink(Line::Broken(unclosed(number)));
                    }
                    Record::Row(row) => row,
                };
                if row.number <= sheet.row {
                    return ControlFlow::Continue(());
                }
                // Rows of a damaged sheet may stand in any order.
                counts.blank += row.number.saturating_sub(last + 1);
                last = last.max(row.number);
                if row.is_blank() {
                    counts.blank += 1;
                } else if repeats(&row, &names) {
                    counts.repeated_header += 1;
                } else {
                    counts.data += 1;
                    return sink(Line::Data(row));
                }
                ControlFlow::Continue(())
            })?;
            if flow.is_break() {
                break;
            }
        }
        Ok(counts)
    }

    fn encoding(&self) -> Option<Encoding> {
        match &self.body {
            Body::Text { encoding, .. } => Some(*encoding),
            _ => None,
        }
    }

    fn sheet_names(&self) -> Vec<String> {
        match &self.body {
            Body::Text { .. } | Body::Rows(_) => vec![String::new()],
            Body::Xlsx(book) => book.sheet_names(),
            Body::Held(sheets) => sheets.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// First rows of a sheet: enough for title, header and samples.
    fn head(&mut self, sheet: &str, delimiter: u8) -> Result<Vec<Row>, Unreadable> {
        let mut rows = Vec::new();
        let delimiter = Some(char::from(delimiter));
        let _flow = self.rows(sheet, delimiter, |record| {
            if let Record::Row(row) = record {
                rows.push(row);
            }
            if rows.len() < HEADER_ROWS + SAMPLES {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(rows)
    }

    /// The delimiter whose header row has the most known names, then the most cells.
    fn text_head(&mut self, words: &Synonyms) -> Result<(u8, Vec<Row>), Unreadable> {
        let mut best: Option<((usize, usize), u8, Vec<Row>)> = None;
        for delimiter in [b',', b'\t', b';', b'|'] {
            let rows = self.head("", delimiter)?;
            let score = guess(&rows, words).map_or((0, 0), |g| (g.known, g.columns.len()));
            if best.as_ref().is_none_or(|(held, _, _)| score > *held) {
                best = Some((score, delimiter, rows));
            }
        }
        best.map(|(_, delimiter, rows)| (delimiter, rows))
            .ok_or(Unreadable::Empty)
    }

    fn rows<F>(
        &mut self,
        sheet: &str,
        delimiter: Option<char>,
        mut sink: F,
    ) -> Result<ControlFlow<()>, Unreadable>
    where
        F: FnMut(Record) -> ControlFlow<()>,
    {
        match &mut self.body {
            Body::Text {
                reader,
                gzip,
                encoding,
            } => {
                reader.seek(SeekFrom::Start(0))?;
                let delimiter = delimiter.and_then(|c| u8::try_from(c).ok()).unwrap_or(b',');
                let end = if *gzip {
                    let plain = Capped::new(
                        MultiGzDecoder::new(BufReader::new(reader)),
                        self.limits.streamed,
                    );
                    delimited::split(Transcode::new(plain, *encoding), delimiter, sink)?
                } else {
                    delimited::split(Transcode::new(reader, *encoding), delimiter, sink)?
                };
                match end {
                    End::TooBroken => Err(Unreadable::Quotes),
                    End::Stopped => Ok(ControlFlow::Break(())),
                    End::Finished => Ok(ControlFlow::Continue(())),
                }
            }
            Body::Xlsx(book) => xlsx_rows(book, sheet, &mut sink),
            Body::Rows(rows) => Ok(rows
                .iter()
                .try_for_each(|row| sink(Record::Row(row.clone())))),
            Body::Held(sheets) => Ok(sheets
                .iter()
                .find(|(name, _)| name == sheet)
                .map_or(ControlFlow::Continue(()), |(_, range)| {
                    held_rows(range, &mut sink)
                })),
        }
    }
}

fn unclosed(row: u64) -> Rejected {
    Rejected {
        row,
        column: String::new(),
        value: String::new(),
        code: Code::QuoteUnclosed,
    }
}

/// The sheet with the most known names leads; sheets with the same columns follow, all others are left out.
fn assemble(guesses: Vec<(String, Guess)>, mut skipped: Vec<String>) -> Result<Header, Unreadable> {
    let mut lead = 0;
    for (i, (_, found)) in guesses.iter().enumerate() {
        if guesses
            .get(lead)
            .is_some_and(|(_, best)| found.known > best.known)
        {
            lead = i;
        }
    }
    let columns: Vec<Column> = guesses
        .get(lead)
        .map(|(_, found)| found.columns.clone())
        .ok_or(Unreadable::NoSheet)?;
    let known = guesses.get(lead).map_or(0, |(_, found)| found.known);
    let names = |columns: &[Column]| columns.iter().map(|c| normal(&c.name)).collect::<Vec<_>>();
    let wanted = names(&columns);
    let width = guesses.get(lead).map_or(0, |(_, found)| found.width);
    let mut sheets = Vec::new();
    for (name, found) in guesses {
        if names(&found.columns) == wanted {
            sheets.push(SheetHead {
                name,
                row: found.row,
            });
        } else {
            skipped.push(name);
        }
    }
    Ok(Header {
        format: Format::Csv,
        encoding: None,
        delimiter: None,
        sheets,
        skipped,
        columns,
        width,
        known,
    })
}

fn text_body<R: Read + Seek>(
    mut reader: R,
    gzip: bool,
    limits: &Limits,
) -> Result<Body<R>, Unreadable> {
    reader.seek(SeekFrom::Start(0))?;
    let found = if gzip {
        encoding::detect(Capped::new(
            MultiGzDecoder::new(BufReader::new(&mut reader)),
            limits.streamed,
        ))?
    } else {
        encoding::detect(&mut reader)?
    };
    if found.bytes == 0 {
        return Err(Unreadable::Empty);
    }
    if found.binary {
        return Err(Unreadable::NotATable("binary".to_owned()));
    }
    Ok(Body::Text {
        reader,
        gzip,
        encoding: found.encoding,
    })
}

fn unpacked<R: Read + Seek>(
    mut reader: R,
    gzip: bool,
    limits: &Limits,
) -> Result<Source<R>, Unreadable> {
    reader.seek(SeekFrom::Start(0))?;
    if !gzip {
        return Ok(Source::File(reader));
    }
    let mut bytes = Vec::new();
    Capped::new(MultiGzDecoder::new(reader), limits.held).read_to_end(&mut bytes)?;
    Ok(Source::Memory(Cursor::new(bytes)))
}

fn book_body<R: Read + Seek>(
    mut source: Source<R>,
    format: Format,
    limits: &Limits,
) -> Result<Body<R>, Unreadable> {
    if format == Format::Xls || format == Format::Open311 {
        let size = source.seek(SeekFrom::End(0))?;
        if size > limits.held {
            return Err(Unreadable::TooBig(limits.held >> 20));
        }
    } else {
        archive::check(&mut source, format, limits)?;
    }
    source.seek(SeekFrom::Start(0))?;
    let mut source = BufReader::with_capacity(1 << 16, source);
    match format {
        Format::Open311 => {
            let mut bytes = Vec::new();
            source.read_to_end(&mut bytes)?;
            Ok(Body::Rows(open311::rows(&bytes)?))
        }
        Format::Xls => {
            let mut bytes = Vec::new();
            source.read_to_end(&mut bytes)?;
            let damaged = |why: &str| Unreadable::Damaged(why.to_owned());
            let stream = compound::table_stream(&bytes)
                .map_err(|_circle| damaged("its sectors run in a circle"))?;
            // A record may be cut in two by the sectors, so the stream is looked at as it is read.
            if claims_too_many_cells(&bytes) || stream.is_some_and(|s| claims_too_many_cells(&s)) {
                return Err(damaged("a sheet claims more cells than its kind can hold"));
            }
            let mut book = guarded(|| Xls::new(Cursor::new(bytes)))?.map_err(|e| match e {
                calamine::XlsError::Password => Unreadable::Encrypted,
                other => Unreadable::Damaged(other.to_string()),
            })?;
            Ok(Body::Held(guarded(|| book.worksheets())?))
        }
        Format::Ods => {
            let mut book = guarded(|| Ods::new(source))?.map_err(|e| match e {
                calamine::OdsError::Password => Unreadable::Encrypted,
                other => Unreadable::Damaged(other.to_string()),
            })?;
            Ok(Body::Held(guarded(|| book.worksheets())?))
        }
        Format::Xlsx | Format::Csv => {
            let book = guarded(|| Xlsx::new(source))?.map_err(xlsx_error)?;
            Ok(Body::Xlsx(Box::new(book)))
        }
    }
}

/// Whether a record of dimensions (`BIFF` type 0x0200) claims more than 65,536 × 256 cells or an end before its start. The reader sets
/// memory aside for what the record claims, and a failed allocation ends the whole program: no guard could catch it afterwards.
fn claims_too_many_cells(bytes: &[u8]) -> bool {
    bytes.windows(4).enumerate().any(|(at, head)| {
        let wide = match head {
            [0x00, 0x02, 10, 0] => false,
            [0x00, 0x02, 14 | 16, 0] => true,
            _ => return false,
        };
        let number = |from: usize, long: bool| {
            let from = at + 4 + from;
            let digits = bytes.get(from..from + if long { 4 } else { 2 })?;
            Some(
                digits
                    .iter()
                    .rev()
                    .fold(0_u64, |n, b| n << 8 | u64::from(*b)),
            )
        };
        let spans = if wide {
            [(0, 4, true), (8, 10, false)]
        } else {
            [(0, 2, false), (4, 6, false)]
        };
        let mut cells = 1_u64;
        for (span, (low, high, long)) in spans.into_iter().enumerate() {
            let (Some(low), Some(high)) = (number(low, long), number(high, long)) else {
                return false;
            };
            // Writers write nonsense as the first column; the reader then counts from zero.
            let nonsense = span == 1 && (low > 0xFF || high < low);
            let low = if nonsense { 0 } else { low };
            if high > 0 && low > high {
                return true;
            }
            cells = cells.saturating_mul(high.saturating_sub(low) + 1);
        }
        cells > 65_537 * 257
    })
}

fn xlsx_error(error: calamine::XlsxError) -> Unreadable {
    match error {
        calamine::XlsxError::Password => Unreadable::Encrypted,
        calamine::XlsxError::XmlEof(at) => Unreadable::Truncated(at.to_owned()),
        other => Unreadable::Damaged(other.to_string()),
    }
}

/// Streams the cells of a sheet; memory is one row and the shared strings.
fn xlsx_rows<RS, F>(
    book: &mut Xlsx<RS>,
    sheet: &str,
    sink: &mut F,
) -> Result<ControlFlow<()>, Unreadable>
where
    RS: Read + Seek,
    F: FnMut(Record) -> ControlFlow<()>,
{
    let mut cells = match guarded(|| book.worksheet_cells_reader(sheet))? {
        Ok(cells) => cells,
        // A chart sheet has no rows; that is no fault of the file.
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(ControlFlow::Continue(())),
        Err(e) => return Err(xlsx_error(e)),
    };
    let mut row = Row::default();
    while let Some(cell) = guarded(|| cells.next_cell())?.map_err(xlsx_error)? {
        let (at, column) = cell.get_position();
        let number = u64::from(at) + 1;
        if number != row.number {
            let full = std::mem::replace(&mut row, Row::new(number));
            if full.number > 0 && sink(Record::Row(full)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        push_cell(&mut row, column, cell.get_value());
    }
    if row.number > 0 && sink(Record::Row(row)).is_break() {
        return Ok(ControlFlow::Break(()));
    }
    Ok(ControlFlow::Continue(()))
}

/// Columns beyond this are styled blanks of a damaged sheet, never data of a ticket export.
const MAX_COLUMNS: u32 = 1024;

fn push_cell(row: &mut Row, column: u32, value: &DataRef<'_>) {
    if column >= MAX_COLUMNS || matches!(value, DataRef::Empty) {
        return;
    }
    let column = column as usize;
    if row.len() > column {
        // A cell given twice or out of order: the first stands.
        return;
    }
    row.pad_to(column);
    match value {
        DataRef::Int(n) => row.push_number(*n as f64),
        DataRef::Float(n) => row.push_number(*n),
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => row.push_text(s),
        DataRef::SharedString(s) => row.push_text(s),
        DataRef::Bool(b) => row.push_bool(*b),
        DataRef::DateTime(d) => row.push_serial(serial_1900(d)),
        DataRef::Error(e) => row.push_failed(&e.to_string()),
        DataRef::Empty => {}
    }
}

/// Days between the 1904 and the 1900 date system are given by calamine's calendar; the serial is taken to 1900.
fn serial_1900(date: &calamine::ExcelDateTime) -> f64 {
    let (year, month, day, h, m, s, ms) = date.to_ymd_hms_milli();
    let days = crate::calendar::Day::of(i64::from(year), u32::from(month), u32::from(day))
        .map_or(0, |d| d.0 + 25_569);
    let seconds =
        f64::from(h) * 3600.0 + f64::from(m) * 60.0 + f64::from(s) + f64::from(ms) / 1000.0;
    days as f64 + seconds / 86_400.0
}

fn held_rows<F>(range: &Range<Data>, sink: &mut F) -> ControlFlow<()>
where
    F: FnMut(Record) -> ControlFlow<()>,
{
    let (first_row, first_column) = range.start().unwrap_or((0, 0));
    for (offset, cells) in range.rows().enumerate() {
        let mut row = Row::new(u64::from(first_row) + offset as u64 + 1);
        for (i, cell) in cells.iter().enumerate() {
            let column = first_column.saturating_add(u32::try_from(i).unwrap_or(u32::MAX));
            push_cell(&mut row, column, &as_ref(cell));
        }
        sink(Record::Row(row))?;
    }
    ControlFlow::Continue(())
}

fn as_ref(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Int(n) => DataRef::Int(*n),
        Data::Float(n) => DataRef::Float(*n),
        Data::String(s) | Data::DateTimeIso(s) | Data::DurationIso(s) => DataRef::SharedString(s),
        Data::Bool(b) => DataRef::Bool(*b),
        Data::DateTime(d) => DataRef::DateTime(*d),
        Data::Error(e) => DataRef::Error(e.clone()),
        Data::Empty => DataRef::Empty,
    }
}
