//! How are the rows of a staged file read in chunks, on all cores, while the reader goes on?

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use rayon::prelude::*;

use crate::app::error::{Error, Result};
use crate::app::stage::Staged;
use crate::intake::dedup::{Identity, fingerprint};
use crate::intake::{
    Header, Lang, Limits, Line, Mapper, Read as Taken, Rejected, Row, RowCounts, Synonyms,
    Unreadable, Workbook, words,
};

/// Rows handed on at a time.
const CHUNK: usize = 4_096;

/// A staged file that tells how far it was read.
pub(super) struct Counted {
    inner: Staged,
    at: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.at
            .fetch_max(self.inner.stream_position()?, Ordering::Relaxed);
        Ok(n)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// An opened staged file.
pub(super) struct Opened {
    book: Workbook<Counted>,
    /// What the file's first rows say.
    pub(super) header: Header,
    /// Bytes of the file.
    pub(super) bytes: u64,
    at: Arc<AtomicU64>,
}

/// A whole file that cannot be read, as a refusal in two languages.
pub(super) fn refusal(error: &Unreadable) -> Error {
    let (zh, en) = (
        words::unreadable(error, Lang::Zh),
        words::unreadable(error, Lang::En),
    );
    Error::refused(error.code(), format!("{zh} ({en})"))
}

/// Opens a staged file and reads its header.
pub(super) fn open(key: &[u8; 32], path: &Path, synonyms: &Synonyms) -> Result<Opened> {
    let inner = Staged::open(key, path)?;
    let bytes = inner.len();
    let at = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner,
        at: Arc::clone(&at),
    };
    let mut book = Workbook::open(counted, Limits::default()).map_err(|e| refusal(&e))?;
    let header = book.header(synonyms).map_err(|e| refusal(&e))?;
    Ok(Opened {
        book,
        header,
        bytes,
        at,
    })
}

/// One row as read: what the hard rule looks at, and the ticket.
pub(super) struct Seen {
    pub(super) identity: Identity,
    pub(super) print: u64,
    pub(super) taken: Taken,
}

/// What a chunk of lines gave, in the order of the file.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) rows: Vec<Seen>,
    pub(super) rejected: Vec<Rejected>,
    /// Bytes of the file read so far.
    pub(super) at: u64,
}

/// Reads the whole file: a thread of its own takes lines off the file, all cores map them, `sink` takes chunks in order.
///
/// `sink` says whether to go on; an error of it ends the reading.
pub(super) fn each_chunk(
    opened: Opened,
    mapper: &Mapper<'_>,
    mut sink: impl FnMut(Chunk) -> Result<()>,
) -> Result<RowCounts> {
    let Opened {
        mut book,
        header,
        at,
        ..
    } = opened;
    let (send, receive) = sync_channel::<Vec<Line>>(2);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut lines = Vec::with_capacity(CHUNK);
            let counts = book.each_row(&header, |line| {
                lines.push(line);
                if lines.len() < CHUNK {
                    return ControlFlow::Continue(());
                }
                match send.send(std::mem::replace(&mut lines, Vec::with_capacity(CHUNK))) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_closed) => ControlFlow::Break(()),
                }
            });
            // The receiver is gone only after an error of its own, which is the one that is reported.
            let _ = send.send(lines);
            counts
        });
        let outcome = take(receive, mapper, &at, &mut sink);
        let counts = reader
            .join()
            .map_err(|_panic| Error::Internal("the reading thread stopped".to_owned()))?;
        outcome?;
        counts.map_err(|e| refusal(&e))
    })
}

fn take(
    receive: Receiver<Vec<Line>>,
    mapper: &Mapper<'_>,
    at: &AtomicU64,
    sink: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<()> {
    for lines in receive {
        let mapped: Vec<std::result::Result<Seen, Rejected>> = lines
            .into_par_iter()
            .map(|line| read_line(mapper, line))
            .collect();
        let mut chunk = Chunk {
            at: at.load(Ordering::Relaxed),
            ..Chunk::default()
        };
        for row in mapped {
            match row {
                Ok(seen) => chunk.rows.push(seen),
                Err(rejected) => chunk.rejected.push(rejected),
            }
        }
        sink(chunk)?;
    }
    Ok(())
}

fn read_line(mapper: &Mapper<'_>, line: Line) -> std::result::Result<Seen, Rejected> {
    let row: Row = match line {
        Line::Data(row) => row,
        Line::Broken(rejected) => return Err(rejected),
    };
    let taken = mapper.read(&row)?;
    Ok(Seen {
        identity: Identity::of(&taken.ticket),
        print: fingerprint(&taken.ticket, &taken.personal),
        taken,
    })
}
