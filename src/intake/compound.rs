//! What stands in the table stream of an old workbook once its scattered sectors are put in order?
//!
//! A compound file cuts its streams into sectors that may lie anywhere in the file, so that a record can begin in one place and go
//! on in another. The stream is put together as the reader of old workbooks does it, but a chain that runs in a circle is found.

/// What a sector number may not be: free, end of a chain, part of the tables themselves.
const RESERVED: u32 = 0xFFFF_FFFA;
/// Bytes of a small sector.
const MINI: usize = 64;
/// Streams below this lie in small sectors.
const CUTOFF: usize = 4096;

/// A chain of sectors that never ends: following it would fill the memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Circle;

/// The table stream (`Workbook` or `Book`); `None` where the file has none, or breaks off before it.
pub(super) fn table_stream(bytes: &[u8]) -> Result<Option<Vec<u8>>, Circle> {
    let Some(file) = File::of(bytes)? else {
        return Ok(None);
    };
    let Some(directory) = file.chain(number(bytes, 48), usize::MAX)? else {
        return Ok(None);
    };
    let entries: Vec<&[u8]> = directory
        .chunks(128)
        .filter(|entry| entry.len() == 128)
        .collect();
    for wanted in ["workbook", "book"] {
        let Some(entry) = entries.iter().find(|e| name(e) == wanted) else {
            continue;
        };
        let (start, length) = (number(entry, 116), size(entry));
        if length >= CUTOFF {
            return file.chain(start, length);
        }
        let root = entries.first().copied().unwrap_or_default();
        return file.small(start, length, root);
    }
    Ok(None)
}

/// The sectors of a compound file.
struct File<'a> {
    bytes: &'a [u8],
    sector: usize,
    next: Vec<u32>,
}

impl<'a> File<'a> {
    fn of(bytes: &'a [u8]) -> Result<Option<Self>, Circle> {
        let sector = match bytes.get(30..32) {
            Some([9, 0]) => 512,
            Some([12, 0]) => 4096,
            _ => return Ok(None),
        };
        let mut file = Self {
            bytes,
            sector,
            next: Vec::new(),
        };
        let mut tables = numbers(bytes.get(76..512).unwrap_or_default());
        let mut more = number(bytes, 68);
        let mut seen = 0;
        while more < RESERVED {
            seen += 1;
            if seen > bytes.len() / sector + 1 {
                return Err(Circle);
            }
            let Some(part) = file.at(more) else {
                return Ok(None);
            };
            tables.extend(numbers(part));
            more = tables.pop().unwrap_or(RESERVED);
        }
        for table in tables.into_iter().filter(|t| *t < RESERVED) {
            let part = file.at(table).map(numbers).unwrap_or_default();
            file.next.extend(part);
        }
        Ok(Some(file))
    }

    /// A sector; the last one of the file may be short.
    fn at(&self, id: u32) -> Option<&'a [u8]> {
        let start = (id as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    fn chain(&self, start: u32, length: usize) -> Result<Option<Vec<u8>>, Circle> {
        walk((start, length), &self.next, |id| self.at(id))
    }

    /// A stream of small sectors, which lie in a stream of their own.
    fn small(&self, start: u32, length: usize, root: &[u8]) -> Result<Option<Vec<u8>>, Circle> {
        let Some(body) = self.chain(number(root, 116), size(root))? else {
            return Ok(None);
        };
        let table = self.chain(number(self.bytes, 60), usize::MAX)?;
        let next = numbers(&table.unwrap_or_default());
        walk((start, length), &next, |id| {
            let from = (id as usize).checked_mul(MINI)?;
            body.get(from..from.checked_add(MINI)?.min(body.len()))
        })
    }
}

/// Sectors one after the other until the length is reached or the chain ends; `None` where it leads out of the file.
fn walk<'b>(
    (start, length): (u32, usize),
    next: &[u32],
    at: impl Fn(u32) -> Option<&'b [u8]>,
) -> Result<Option<Vec<u8>>, Circle> {
    let mut out = Vec::new();
    let mut id = start;
    for _step in 0..=next.len() {
        if id >= RESERVED || out.len() >= length {
            out.truncate(length);
            return Ok(Some(out));
        }
        let Some(sector) = at(id) else {
            return Ok(None);
        };
        out.extend_from_slice(sector);
        let Some(following) = next.get(id as usize) else {
            return Ok(None);
        };
        id = *following;
    }
    Err(Circle)
}

/// Bytes of a stream by its directory entry.
fn size(entry: &[u8]) -> usize {
    number(entry, 120) as usize
}

/// Lower-case name of a directory entry, as far as it is ASCII.
fn name(entry: &[u8]) -> String {
    let letters = entry.get(..64).unwrap_or_default().chunks(2);
    letters
        .map_while(|pair| match pair {
            [0, 0] => None,
            [low, 0] => Some(char::from(low.to_ascii_lowercase())),
            _ => Some('\u{fffd}'),
        })
        .collect()
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let four = bytes
        .get(at..at + 4)
        .and_then(|b| <[u8; 4]>::try_from(b).ok());
    four.map_or(u32::MAX, u32::from_le_bytes)
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    let whole = bytes.chunks_exact(4);
    whole.map(|four| number(four, 0)).collect()
}
