//! Is it safe to unpack this workbook?

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};

use crate::intake::sniff::{Capped, Format, Limits, Unreadable};

/// Parts of a workbook; real ones have some dozens.
const MAX_PARTS: usize = 10_000;

/// Longest text between two tags; a cell holds at most 32,767 characters.
const MAX_TEXT: u64 = 4 << 20;

/// Below this packed size no part can unpack to more than 64 MiB (deflate reaches at most 1:1032).
const HARMLESS: u64 = 60 << 10;

/// Cells that an open document may hold; the format writes a million equal cells in 100 bytes, and the reader expands them.
const MAX_CELLS: u64 = 20_000_000;

/// Unpacks every part that could be a bomb into nothing and counts, because declared sizes may lie.
///
/// Streamed sheets may be large; parts that are held whole may not. Cost: about 400 MB/s of unpacked XML.
pub(crate) fn check<R: Read + Seek>(
    reader: &mut R,
    format: Format,
    limits: &Limits,
) -> Result<(), Unreadable> {
    reader.seek(SeekFrom::Start(0))?;
    let mut archive =
        zip::ZipArchive::new(&mut *reader).map_err(|e| Unreadable::Truncated(e.to_string()))?;
    if archive.len() > MAX_PARTS {
        return Err(Unreadable::TooBig(limits.streamed >> 20));
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|e| match e {
            zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => {
                Unreadable::Encrypted
            }
            other => Unreadable::Damaged(other.to_string()),
        })?;
        let name = part.name().map_or_else(|_| String::new(), Cow::into_owned);
        let packed = part.compressed_size();
        let streamed = format == Format::Xlsx && name.starts_with("xl/worksheets/");
        // Pictures and macros are never unpacked; small sheets are streamed and can do no harm.
        let xml = [".xml", ".rels", ".vml"]
            .iter()
            .any(|end| name.ends_with(end));
        if !xml || (packed < HARMLESS && streamed) {
            continue;
        }
        let limit = if streamed {
            limits.streamed
        } else {
            limits.held
        };
        let ratio = packed.saturating_mul(limits.ratio).max(64 << 20);
        let limit = limit.min(ratio);
        if format == Format::Ods && name == "content.xml" {
            let mut xml = Vec::new();
            Capped::new(part, limit).read_to_end(&mut xml)?;
            if open_cells(&xml) > MAX_CELLS {
                return Err(Unreadable::TooBig(limit >> 20));
            }
            total += xml.len() as u64;
        } else {
            total += count(part, limit).map_err(|e| over(&e, limit))?;
        }
        if total > limits.streamed {
            return Err(Unreadable::TooBig(limits.streamed >> 20));
        }
    }
    Ok(())
}

fn over(error: &io::Error, limit: u64) -> Unreadable {
    match error.kind() {
        io::ErrorKind::FileTooLarge => Unreadable::TooBig(limit >> 20),
        io::ErrorKind::UnexpectedEof => Unreadable::Truncated(error.to_string()),
        _ => Unreadable::Damaged(error.to_string()),
    }
}

/// Unpacked size of a part; fails beyond `limit` or when one text has no tag for [`MAX_TEXT`] bytes.
fn count<R: Read>(mut part: R, limit: u64) -> io::Result<u64> {
    let mut buffer = vec![0_u8; 1 << 16];
    let mut size = 0;
    let mut run = 0;
    loop {
        let read = part.read(&mut buffer)?;
        if read == 0 {
            return Ok(size);
        }
        size += read as u64;
        let chunk = buffer.get(..read).unwrap_or_default();
        run = match chunk.iter().rposition(|b| *b == b'<') {
            Some(at) => (read - at) as u64,
            None => run + read as u64,
        };
        if size > limit || run > MAX_TEXT {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
    }
}

/// Cells with content that an open document stands for once its repetitions are written out.
fn open_cells(xml: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(xml);
    let mut cells: u64 = 0;
    for row in text.split("table-row").skip(1) {
        let rows = repeated(row, "number-rows-repeated=\"");
        let mut columns: u64 = 0;
        for cell in row.split("table-cell").skip(1) {
            let (tag, rest) = cell.split_once('>').unwrap_or((cell, ""));
            let blank = tag.is_empty() || tag.ends_with('/') || rest.starts_with("</");
            if !blank {
                columns = columns.saturating_add(repeated(tag, "number-columns-repeated=\""));
            }
        }
        cells = cells.saturating_add(rows.saturating_mul(columns));
    }
    cells
}

/// The number of the first such attribute, 1 without it; digits beyond 64 bits count as endless.
fn repeated(text: &str, attribute: &str) -> u64 {
    let Some((_, after)) = text.split_once(attribute) else {
        return 1;
    };
    let digits = after.split('"').next().unwrap_or_default();
    digits.parse().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_counted_before_they_are_written_out() {
        let row = |rows: &str, cell: &str| format!("<t:table-row {rows}>{cell}</t:table-row>");
        let filled = "<t:table-cell o:value-type=\"string\" t:number-columns-repeated=\"16384\"><p>x</p></t:table-cell>";
        let blank = "<t:table-cell t:number-columns-repeated=\"16384\"/>";
        let many = "t:number-rows-repeated=\"6000\"";
        assert!(open_cells(row(many, filled).as_bytes()) > MAX_CELLS);
        assert!(open_cells(row(many, blank).as_bytes()) < MAX_CELLS);
        assert!(open_cells(row("", filled).as_bytes()) < MAX_CELLS);
    }
}
