//! What kind of file is this, judged by its content and never by its name?

use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A kind of table file that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Delimited text, packed by gzip or not.
    Csv,
    /// Excel 2007 and later.
    Xlsx,
    /// Excel 97 to 2003.
    Xls,
    /// Spreadsheet of the open document format.
    Ods,
    /// List of requests of an Open311 server, JSON or XML.
    Open311,
}

impl Format {
    /// Stable code, also the usual extension.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Open311 => "open311",
        }
    }
}

/// Why a file cannot be read as a table at all; each has its own sentence with the cure (`intake::words`).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unreadable {
    /// No byte, or only blanks.
    #[error("the file is empty; export it again")]
    Empty,
    /// A workbook with an opening password.
    #[error("the workbook is protected by a password; save it without password and import again")]
    Encrypted,
    /// The file ends early.
    #[error("the file is cut off ({0}); copy or download it again")]
    Truncated(String),
    /// Unpacked it would pass the limit.
    #[error(
        "the file unpacks to more than {0} MiB or more than its kind can hold; split the export by months"
    )]
    TooBig(u64),
    /// Not a table.
    #[error("the file is {0}, not a table; export CSV or XLSX")]
    NotATable(String),
    /// The workbook's inside is damaged.
    #[error("the workbook is damaged ({0}); open and save it again")]
    Damaged(String),
    /// There is no sheet with rows.
    #[error("the workbook has no sheet with rows; look whether the export was empty")]
    NoSheet,
    /// Too many unclosed quotes.
    #[error(
        "more than 100 records have a quotation mark that is never closed; export the file again as XLSX"
    )]
    Quotes,
    /// The disk or the network failed.
    #[error("reading failed: {0}")]
    Io(String),
}

impl Unreadable {
    /// Stable code for the doors.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::Encrypted => "file_encrypted",
            Self::Truncated(_) => "file_truncated",
            Self::TooBig(_) => "file_too_big",
            Self::NotATable(_) => "file_not_a_table",
            Self::Damaged(_) => "file_damaged",
            Self::NoSheet => "file_no_sheet",
            Self::Quotes => "file_quotes",
            Self::Io(_) => "file_io",
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(e: io::Error) -> Self {
        if let Some(limit) = e
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Overrun>())
        {
            return Self::TooBig(limit.0 >> 20);
        }
        match e.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated(e.to_string()),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                Self::Damaged(e.to_string())
            }
            _ => Self::Io(e.to_string()),
        }
    }
}

/// How much a file may unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a streamed text or sheet, unpacked. A million tickets are about 0.5 GB of CSV and 3 GB of sheet XML.
    pub streamed: u64,
    /// Bytes of parts that must be held whole: shared strings, styles, an XLS file, the content of an ODS file.
    pub held: u64,
    /// Unpacked to packed bytes beyond 64 MiB; sheets of blank styled rows reach 100.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            streamed: 8 << 30,
            held: 768 << 20,
            ratio: 250,
        }
    }
}

/// The error inside an `io::Error` when a limit is passed.
#[derive(Debug, Error)]
#[error("more than {0} bytes")]
struct Overrun(u64);

/// A reader that fails beyond a number of bytes instead of filling memory or time.
pub(super) struct Capped<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R> Capped<R> {
    pub(super) const fn new(inner: R, limit: u64) -> Self {
        Self {
            inner,
            left: limit,
            limit,
        }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(Overrun(self.limit)))?;
        Ok(read)
    }
}

/// The outer shape of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) format: Format,
    pub(super) gzip: bool,
}

/// Judges the content; `reader` may stand anywhere and stands at the start afterwards.
pub(super) fn sniff<R: Read + Seek>(reader: &mut R, limits: &Limits) -> Result<Shape, Unreadable> {
    let head = head_of(reader)?;
    if head.starts_with(&[0x1F, 0x8B]) {
        let mut inner = Vec::new();
        let mut packed = Capped::new(MultiGzDecoder::new(&mut *reader), limits.streamed);
        fill(&mut packed, &mut inner, HEAD)?;
        reader.seek(SeekFrom::Start(0))?;
        let format = by_magic(&inner)?;
        let format = match format {
            Magic::Text => Format::Csv,
            Magic::Ole => Format::Xls,
            Magic::Zip => Format::Xlsx,
            Magic::Open311 => Format::Open311,
        };
        return Ok(Shape { format, gzip: true });
    }
    let format = match by_magic(&head)? {
        Magic::Text => Format::Csv,
        Magic::Ole => ole(reader)?,
        Magic::Zip => zipped(reader)?,
        Magic::Open311 => Format::Open311,
    };
    reader.seek(SeekFrom::Start(0))?;
    Ok(Shape {
        format,
        gzip: false,
    })
}

const HEAD: usize = 1 << 14;

enum Magic {
    Text,
    Ole,
    Zip,
    Open311,
}

fn head_of<R: Read + Seek>(reader: &mut R) -> Result<Vec<u8>, Unreadable> {
    reader.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    fill(reader, &mut head, HEAD)?;
    reader.seek(SeekFrom::Start(0))?;
    Ok(head)
}

fn fill<R: Read>(reader: &mut R, into: &mut Vec<u8>, most: usize) -> io::Result<()> {
    reader.by_ref().take(most as u64).read_to_end(into)?;
    Ok(())
}

/// First bytes of files that people mistake for tables.
const KINDS: [(&[u8], &str); 9] = [
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xFF\xD8\xFF", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xBC\xAF", "7-Zip"),
    (b"\xFD7zXZ", "xz"),
    (b"SQLite format", "SQLite"),
    (b"\x7FELF", "ELF"),
];

fn by_magic(head: &[u8]) -> Result<Magic, Unreadable> {
    if head.is_empty() {
        return Err(Unreadable::Empty);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Magic::Zip);
    }
    if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Ok(Magic::Ole);
    }
    if let Some((_, kind)) = KINDS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(Unreadable::NotATable((*kind).to_owned()));
    }
    if is_request_list(&String::from_utf8_lossy(head)) {
        return Ok(Magic::Open311);
    }
    let start: String =
        String::from_utf8_lossy(head.get(..512.min(head.len())).unwrap_or_default())
            .trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t'])
            .to_ascii_lowercase();
    for (mark, kind) in [
        ("<html", "HTML"),
        ("<!doctype html", "HTML"),
        ("<table", "HTML"),
        ("<?xml", "XML"),
        ("{\\rtf", "RTF"),
        ("{\"", "JSON"),
        ("[{", "JSON"),
    ] {
        if start.starts_with(mark) {
            return Err(Unreadable::NotATable(kind.to_owned()));
        }
    }
    Ok(Magic::Text)
}

/// Whether a file's beginning is a list of requests of another Open311 server.
fn is_request_list(head: &str) -> bool {
    let start = head.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
    start.starts_with(['[', '{', '<']) && head.contains("service_request_id")
}

/// An OLE file is an XLS workbook, an encrypted modern workbook, or something else; the directory holds UTF-16 names.
fn ole<R: Read + Seek>(reader: &mut R) -> Result<Format, Unreadable> {
    reader.seek(SeekFrom::Start(0))?;
    let wide = |name: &str| -> Vec<u8> { name.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let names = [
        (wide("EncryptedPackage"), 0),
        (wide("Workbook"), 1),
        (wide("Book"), 1),
        (wide("WordDocument"), 2),
    ];
    let mut seen = [false; 3];
    let mut window = Vec::new();
    loop {
        let before = window.len();
        fill(reader, &mut window, 1 << 20)?;
        if window.len() == before {
            break;
        }
        for (name, slot) in &names {
            let found = window.windows(name.len()).any(|w| w == name.as_slice());
            if let Some(flag) = seen.get_mut(*slot) {
                *flag |= found;
            }
        }
        if seen[0] || seen[1] {
            break;
        }
        let keep = window.len().saturating_sub(64);
        window.drain(..keep);
    }
    match seen {
        [true, _, _] => Err(Unreadable::Encrypted),
        [_, true, _] => Ok(Format::Xls),
        [_, _, true] => Err(Unreadable::NotATable("Word".to_owned())),
        _ => Err(Unreadable::Truncated(
            "no workbook in the container".to_owned(),
        )),
    }
}

fn zipped<R: Read + Seek>(reader: &mut R) -> Result<Format, Unreadable> {
    let archive =
        zip::ZipArchive::new(&mut *reader).map_err(|e| Unreadable::Truncated(e.to_string()))?;
    let has = |name: &str| archive.index_for_name(name).is_some();
    if has("xl/workbook.xml") {
        return Ok(Format::Xlsx);
    }
    if has("content.xml") {
        return Ok(Format::Ods);
    }
    let kind = if has("xl/workbook.bin") {
        "XLSB"
    } else if has("word/document.xml") {
        "Word"
    } else if archive.is_empty() {
        return Err(Unreadable::Empty);
    } else {
        "ZIP"
    };
    Err(Unreadable::NotATable(kind.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn check(bytes: &[u8], code: &str) {
        let got = sniff(&mut Cursor::new(bytes), &Limits::default());
        assert_eq!(got.map_or_else(|e| e.code(), |s| s.format.code()), code);
    }

    #[test]
    fn the_content_decides_and_not_the_name() {
        check(b"", "file_empty");
        check(b"\xef\xbb\xbf [{\"service_request_id\": 1}]", "open311");
        check(
            b"<a><service_request_id>1</service_request_id></a>",
            "open311",
        );
        check("序号,标题\n".as_bytes(), "csv");
        check(b"%PDF-1.7", "file_not_a_table");
        check(b"<html><table>", "file_not_a_table");
        check(b"PK\x03\x04 cut off", "file_truncated");
        check(
            &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0],
            "file_truncated",
        );
    }

    #[test]
    fn an_encrypted_workbook_has_its_own_sentence() {
        let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        bytes.extend(vec![0; 4096]);
        bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        check(&bytes, "file_encrypted");
    }
}
