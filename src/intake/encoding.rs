//! In which character encoding is this text file written, and how does it become UTF-8 while it streams?

use std::io::{self, Read};

use encoding_rs::{Decoder, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

/// Encodings a hotline platform, Excel or a call-taking system writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// UTF-16 little-endian ("Unicode text" of Excel).
    Utf16Le,
    /// UTF-16 big-endian.
    Utf16Be,
    /// GB18030, which holds GBK and GB2312.
    Gb18030,
}

impl Encoding {
    /// Name for people and files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Gb18030 => "GB18030",
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Self::Utf16Le => UTF_16LE.new_decoder_with_bom_removal(),
            Self::Utf16Be => UTF_16BE.new_decoder_with_bom_removal(),
            Self::Gb18030 => GB18030.new_decoder_with_bom_removal(),
        }
    }
}

/// What the whole text was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The encoding to read with.
    pub encoding: Encoding,
    /// Bytes of the text.
    pub bytes: u64,
    /// Whether NUL bytes stand in a text that is not UTF-16: a binary file.
    pub binary: bool,
}

/// Reads a text to its end and says its encoding: byte order mark, else UTF-16 by its zero bytes, else strict UTF-8, else GB18030.
///
/// Strict means the whole text: one bad byte in the last line makes it GB18030, because a file is written in one encoding.
/// Cost: one pass, about 1 GB/s.
pub fn detect<R: Read>(mut reader: R) -> io::Result<Found> {
    let mut buffer = vec![0_u8; 1 << 16];
    let mut held = 0_usize;
    let mut first = true;
    let mut sixteen = None;
    let mut utf8 = true;
    let mut binary = false;
    let mut bytes = 0_u64;
    while let Some(space) = buffer.get_mut(held..) {
        let read = read_some(&mut reader, space)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        let filled = held + read;
        let Some(chunk) = buffer.get(..filled) else {
            break;
        };
        if first {
            first = false;
            sixteen = wide(chunk);
        }
        binary |= chunk.contains(&0);
        held = if utf8 { tail(chunk, &mut utf8) } else { 0 };
        buffer.copy_within(filled - held..filled, 0);
    }
    let encoding = match sixteen {
        Some(wide) => wide,
        None if utf8 && held == 0 => Encoding::Utf8,
        None => Encoding::Gb18030,
    };
    Ok(Found {
        encoding,
        bytes,
        binary: binary && sixteen.is_none(),
    })
}

fn read_some<R: Read>(reader: &mut R, space: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(space) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Bytes of an unfinished character at the end of a chunk; sets `valid` to false at the first wrong byte.
fn tail(chunk: &[u8], valid: &mut bool) -> usize {
    match std::str::from_utf8(chunk) {
        Ok(_) => 0,
        Err(e) if e.error_len().is_none() => chunk.len() - e.valid_up_to(),
        Err(_) => {
            *valid = false;
            0
        }
    }
}

/// UTF-16 by its mark, or by zero bytes that stand only in even or only in odd places of the first chunk.
fn wide(chunk: &[u8]) -> Option<Encoding> {
    if chunk.starts_with(&[0xFF, 0xFE]) {
        return Some(Encoding::Utf16Le);
    }
    if chunk.starts_with(&[0xFE, 0xFF]) {
        return Some(Encoding::Utf16Be);
    }
    let sample = chunk.get(..chunk.len().min(4096))?;
    let zeros = |odd: usize| {
        sample
            .iter()
            .enumerate()
            .filter(|(i, b)| i % 2 == odd && **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    // Separators, digits and line ends of any table are ASCII, so a sixteenth of the units is a low bar.
    let bar = sample.len() / 32;
    match (even, odd) {
        (0, n) if n > bar => Some(Encoding::Utf16Le),
        (n, 0) if n > bar => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// A reader that gives UTF-8 without byte order mark; bytes that fit no character become U+FFFD.
pub struct Transcode<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    done: bool,
}

impl<R: Read> Transcode<R> {
    /// Wraps a reader that stands at the start of the text.
    pub fn new(inner: R, encoding: Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.decoder(),
            input: vec![0; 1 << 16],
            start: 0,
            end: 0,
            ended: false,
            done: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.start == self.end && !self.ended {
            self.start = 0;
            self.end = read_some(&mut self.inner, &mut self.input)?;
            self.ended = self.end == 0;
        }
        Ok(())
    }
}

impl<R: Read> Read for Transcode<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // encoding_rs needs room for one whole character.
        if out.len() < 16 {
            return Err(io::Error::other(
                "a transcoding buffer needs at least 16 bytes",
            ));
        }
        while !self.done {
            self.fill()?;
            let input = self.input.get(self.start..self.end).unwrap_or_default();
            let (result, read, written, _) = self.decoder.decode_to_utf8(input, out, self.ended);
            self.start += read;
            self.done = self.ended && result == encoding_rs::CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], encoding: Encoding, text: &str) {
        let found = detect(bytes).unwrap();
        assert_eq!(found.encoding, encoding);
        let mut reader = Transcode::new(bytes, encoding);
        let mut out = Vec::new();
        let mut buffer = [0; 64];
        loop {
            let n = reader.read(&mut buffer).unwrap();
            if n == 0 {
                break;
            }
            out.extend_from_slice(&buffer[..n]);
        }
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn each_encoding_is_found_and_read() {
        let text = "工单编号,诉求内容\r\n1,违停𠮷\r\n".repeat(40);
        check(text.as_bytes(), Encoding::Utf8, &text);
        check(format!("\u{feff}{text}").as_bytes(), Encoding::Utf8, &text);
        check(&GB18030.encode(&text).0, Encoding::Gb18030, &text);
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&le, Encoding::Utf16Le, &text);
        let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(le).collect();
        check(&marked, Encoding::Utf16Le, &text);
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&be, Encoding::Utf16Be, &text);
    }

    #[test]
    fn one_wrong_byte_at_the_end_makes_it_gb18030() {
        let mut bytes = "序号,标题\n".repeat(20_000).into_bytes();
        assert_eq!(detect(&*bytes).unwrap().encoding, Encoding::Utf8);
        bytes.push(0xCE);
        bytes.push(0xA5);
        bytes.push(0xFF);
        assert_eq!(detect(&*bytes).unwrap().encoding, Encoding::Gb18030);
    }
}
