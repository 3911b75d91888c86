//! Is it a photo, how large, and what is left when position, camera and time are cut out?
//!
//! Nothing is decoded: segments and chunks are walked and only those that draw the picture are kept, so a text block, an Exif
//! block, a film hidden behind the end are gone. The turn of a camera (Exif orientation) is kept as a block of its own.

use crate::case::check::Finding;

/// Largest file in bytes.
pub const LARGEST: usize = 8 << 20;
/// Longest side in pixels.
pub const LONGEST_SIDE: u32 = 12_000;

/// A photo that may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clean {
    /// image/jpeg, image/png or image/webp.
    pub media_type: &'static str,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The bytes without metadata.
    pub bytes: Vec<u8>,
}

/// Checks a file and cuts out everything that does not draw the picture.
///
/// # Errors
/// A finding with the cure: too large, no photo, damaged, too many pixels.
pub fn clean(bytes: &[u8]) -> Result<Clean, Finding> {
    if bytes.len() > LARGEST {
        return Err(bad(
            "too_large",
            "照片超过 8 MB，请缩小后上传",
            "the photo is larger than 8 MB: make it smaller",
        ));
    }
    let made = if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        jpeg(bytes)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        webp(bytes)
    } else {
        return Err(bad(
            "not_a_photo",
            "只接受 JPEG、PNG、WebP 照片",
            "only JPEG, PNG and WebP photos are taken",
        ));
    };
    let clean = made.ok_or_else(|| {
        bad(
            "damaged_photo",
            "照片文件不完整或已损坏，请重新导出",
            "the photo is cut off or damaged: export it again",
        )
    })?;
    let sides = [clean.width, clean.height];
    if sides.contains(&0) || sides.iter().any(|s| *s > LONGEST_SIDE) {
        return Err(bad(
            "too_many_pixels",
            "照片边长须在 1 至 12000 像素之间",
            "each side must have 1 to 12,000 pixels",
        ));
    }
    Ok(clean)
}

fn bad(code: &'static str, zh: &str, en: &str) -> Finding {
    Finding::new(code, (0, "file"), zh.to_owned(), en.to_owned())
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    let pair = bytes.get(at..at + 2)?;
    Some(u32::from(pair[0]) << 8 | u32::from(pair[1]))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(be16(bytes, at)? << 16 | be16(bytes, at + 2)?)
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(four))
}

fn jpeg(bytes: &[u8]) -> Option<Clean> {
    let mut kept = vec![0xff, 0xd8];
    let mut size = None;
    let mut turn = None;
    let mut at = 2;
    loop {
        // Fill bytes before a marker are allowed.
        while bytes.get(at) == Some(&0xff) && bytes.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        if bytes.get(at) != Some(&0xff) {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        if marker == 0xd9 {
            break;
        }
        if marker == 0x01 || (0xd0..=0xd7).contains(&marker) {
            at += 2;
            continue;
        }
        let length = usize::try_from(be16(bytes, at + 2)?).ok()?;
        let end = at + 2 + length;
        let segment = bytes.get(at..end).filter(|_| length >= 2)?;
        let frame = (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
        if frame {
            size = Some((be16(bytes, at + 7)?, be16(bytes, at + 5)?));
        }
        if marker == 0xe1 {
            turn = turn.or_else(|| orientation(segment.get(4..)?));
        }
        // APP0 (JFIF), APP2 (colour profile) and APP14 (Adobe colours) draw; other APPn and comments tell.
        let tells = marker == 0xfe
            || ((0xe0..=0xef).contains(&marker) && ![0xe0, 0xe2, 0xee].contains(&marker));
        let profile = marker != 0xe2 || segment.get(4..15) == Some(b"ICC_PROFILE");
        if !tells && profile {
            kept.extend_from_slice(segment);
        }
        at = end;
        if marker == 0xda {
            let data = entropy_end(bytes, at)?;
            kept.extend_from_slice(bytes.get(at..data)?);
            at = data;
        }
    }
    kept.extend_from_slice(&[0xff, 0xd9]);
    if let Some(turn) = turn.filter(|t| (2..=8).contains(t)) {
        let block = turned(turn);
        kept.splice(2..2, block);
    }
    let (width, height) = size?;
    Some(Clean {
        media_type: "image/jpeg",
        width,
        height,
        bytes: kept,
    })
}

/// Where the coded data of a scan end: at the next marker that is no restart.
fn entropy_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let next = *bytes.get(at + 1)?;
        if bytes[at] == 0xff && next != 0 && !(0xd0..=0xd7).contains(&next) && next != 0xff {
            return Some(at);
        }
        at += 1;
    }
}

/// The turn of the camera in an Exif block; 1 = upright.
fn orientation(block: &[u8]) -> Option<u8> {
    let tiff = block.strip_prefix(b"Exif\0\0")?;
    let little = tiff.starts_with(b"II");
    let two = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    };
    let first = if little {
        le32(tiff, 4)?
    } else {
        be32(tiff, 4)?
    };
    let first = usize::try_from(first).ok()?;
    let entries = usize::from(two(first)?);
    (0..entries)
        .find_map(|n| {
            let at = first.checked_add(2 + n * 12)?;
            (two(at)? == 0x0112).then(|| two(at + 8))?
        })
        .and_then(|t| u8::try_from(t).ok())
}

/// An Exif block that says nothing but the turn.
fn turned(turn: u8) -> Vec<u8> {
    let mut block = vec![0xff, 0xe1, 0, 34];
    block.extend_from_slice(b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    block.push(turn);
    block.extend_from_slice(&[0, 0, 0, 0, 0, 0]);
    block
}

fn png(bytes: &[u8]) -> Option<Clean> {
    const KEPT: [&[u8]; 11] = [
        b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs",
        b"bKGD",
    ];
    let mut kept = bytes.get(..8)?.to_vec();
    let mut at = 8;
    loop {
        let length = usize::try_from(be32(bytes, at)?).ok()?;
        let end = at.checked_add(length)?.checked_add(12)?;
        let chunk = bytes.get(at..end)?;
        let name = chunk.get(4..8)?;
        if KEPT.contains(&name) {
            kept.extend_from_slice(chunk);
        }
        at = end;
        if name == b"IEND" {
            break;
        }
    }
    let first = bytes.get(12..16) == Some(b"IHDR");
    let (width, height) = (be32(bytes, 16).filter(|_| first)?, be32(bytes, 20)?);
    Some(Clean {
        media_type: "image/png",
        width,
        height,
        bytes: kept,
    })
}

fn webp(bytes: &[u8]) -> Option<Clean> {
    const KEPT: [&[u8]; 7] = [
        b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP",
    ];
    let mut kept = b"RIFF\0\0\0\0WEBP".to_vec();
    let mut size = None;
    let end = usize::try_from(le32(bytes, 4)?).ok()?.checked_add(8)?;
    let mut at = 12;
    while at + 8 <= end {
        let name = bytes.get(at..at + 4)?;
        let length = usize::try_from(le32(bytes, at + 4)?).ok()?;
        let next = at
            .checked_add(8)?
            .checked_add(length)?
            .checked_add(length % 2)?;
        let chunk = bytes.get(at..next)?;
        size = size.or_else(|| webp_size(name, chunk));
        if KEPT.contains(&name) {
            let from = kept.len();
            kept.extend_from_slice(chunk);
            if name == b"VP8X" {
                // The bits that promise Exif and XMP blocks.
                kept[from + 8] &= !0b0000_1100;
            }
        }
        at = next;
    }
    let length = u32::try_from(kept.len() - 8).ok()?;
    kept.splice(4..8, length.to_le_bytes());
    let (width, height) = size?;
    Some(Clean {
        media_type: "image/webp",
        width,
        height,
        bytes: kept,
    })
}

fn webp_size(name: &[u8], chunk: &[u8]) -> Option<(u32, u32)> {
    match name {
        b"VP8X" => Some((
            (le32(chunk, 12)? & 0xff_ffff) + 1,
            (le32(chunk, 14)? >> 8) + 1,
        )),
        b"VP8L" => {
            let bits = le32(chunk, 9)?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8 " => {
            let sides = le32(chunk, 14)?;
            Some((sides & 0x3fff, (sides >> 16) & 0x3fff))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    /// A JPEG skeleton with Exif (turned by 6, with a place name), a comment, one scan and a film behind the end.
    fn jpeg() -> Vec<u8> {
        let mut tiff =
            b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        tiff.extend_from_slice(b"GPS 34.72,113.75");
        let mut exif = b"Exif\0\0".to_vec();
        exif.extend_from_slice(&tiff);
        let mut bytes = vec![0xff, 0xd8];
        let mut segment = |marker: u8, body: &[u8]| {
            let length = u16::try_from(body.len() + 2).unwrap();
            bytes.extend_from_slice(&[0xff, marker]);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(body);
        };
        segment(0xe1, &exif);
        segment(0xfe, b"taken at home");
        segment(0xc0, &[8, 0, 40, 0, 60, 1, 1, 0x11, 0]);
        segment(0xda, &[1, 1, 0, 0, 63, 0]);
        bytes.extend_from_slice(&[1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xd9]);
        bytes.extend_from_slice(b"ftypmp42 GPS 34.72");
        bytes
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|w| w == part)
    }

    #[test]
    fn position_comment_and_a_film_behind_the_end_are_gone_and_the_turn_stays() {
        let made = clean(&jpeg()).unwrap();
        assert_eq!(
            (made.media_type, made.width, made.height),
            ("image/jpeg", 60, 40)
        );
        for told in [&b"GPS"[..], b"home", b"ftyp"] {
            assert!(!holds(&made.bytes, told));
        }
        assert_eq!(
            clean(&made.bytes).unwrap(),
            made,
            "cleaning twice changes nothing"
        );
        assert!(holds(&made.bytes, b"\x01\x12\0\x03\0\0\0\x01\0\x06"));
        assert!(
            made.bytes
                .ends_with(&[1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xd9])
        );
    }

    #[test]
    fn text_and_exif_chunks_of_a_png_are_gone() {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut chunk = |name: &[u8], body: &[u8]| {
            bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(&[0; 4]);
        };
        chunk(b"IHDR", &[0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0]);
        chunk(b"tEXt", b"Location\0home");
        chunk(b"eXIf", b"II GPS");
        chunk(b"IDAT", &[9]);
        chunk(b"IEND", &[]);
        let made = clean(&bytes).unwrap();
        assert_eq!((made.width, made.height), (3, 2));
        assert!(
            !holds(&made.bytes, b"home")
                && !holds(&made.bytes, b"GPS")
                && holds(&made.bytes, b"IDAT")
        );
    }

    #[test]
    fn what_is_no_photo_or_cut_off_is_refused_with_a_cure() {
        assert_eq!(
            clean(b"<svg onload=alert(1)>").unwrap_err().code,
            "not_a_photo"
        );
        let whole = jpeg();
        for cut in [3, 20, 70, 90] {
            assert_eq!(
                clean(&whole[..cut]).unwrap_err().code,
                "damaged_photo",
                "{cut}"
            );
        }
        assert_eq!(
            clean(&vec![0; super::LARGEST + 1]).unwrap_err().code,
            "too_large"
        );
    }
}
