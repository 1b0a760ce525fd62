//! How many pixels a picture has, as its header says: nothing is unpacked. Where browsers might read another size than the one found
//! here, none is found.

use shared::files::FileKind;

/// The most pixels of a picture that pages show. A browser holds four bytes for each, so this many take 160 MB, and 31 KB of PNG can
/// claim six times as many. Telephones make pictures of 12 to 24 million.
const PIXELS_MAX: u64 = 40_000_000;
/// The media type of a picture that no page shows.
const NOT_SHOWN: &str = "application/octet-stream";

/// Width and height, in pixels.
type Size = (u64, u64);

/// The media type under which a file is stored and leaves: that of its kind. A picture of more than [`PIXELS_MAX`] pixels, or of a
/// size that cannot be read, is data without a type, so that every page offers it as a download.
pub(crate) fn media_type(kind: FileKind, content: &[u8]) -> &'static str {
    let size = match kind {
        FileKind::Png => png(content),
        FileKind::Jpeg => jpeg(content),
        FileKind::Gif => gif(content),
        FileKind::WebP => webp(content),
        FileKind::Pdf | FileKind::Text | FileKind::Csv => return kind.media_type(),
    };
    match size {
        Some((width, height)) if (1..=PIXELS_MAX).contains(&(width * height)) => kind.media_type(),
        _ => NOT_SHOWN,
    }
}

/// The first chunk is the header.
fn png(content: &[u8]) -> Option<Size> {
    if content.get(8..16)? != b"\0\0\0\rIHDR" {
        return None;
    }
    let side = |at: usize| -> Option<u64> {
        let bytes = content.get(at..)?.first_chunk()?;
        Some(u32::from_be_bytes(*bytes).into())
    };
    Some((side(16)?, side(20)?))
}

/// Segments up to the one that begins the frame. Browsers skip what stands between segments; here it ends the search.
fn jpeg(content: &[u8]) -> Option<Size> {
    let two = |at: usize| -> Option<u16> {
        let bytes = content.get(at..)?.first_chunk()?;
        Some(u16::from_be_bytes(*bytes))
    };
    let mut at: usize = 2;
    loop {
        if *content.get(at)? != 0xff {
            return None;
        }
        // A marker begins with one of these or with many.
        while *content.get(at)? == 0xff {
            at += 1;
        }
        match *content.get(at)? {
            // The frame: its length in two bytes, its precision in one, its height and its width.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((two(at + 6)?.into(), two(at + 4)?.into()));
            }
            // Tables, notes of applications and comments, with their length, which counts its own two bytes.
            0xc4 | 0xcc | 0xdb | 0xdd | 0xe0..=0xef | 0xfe => {
                let length = two(at + 1)?;
                if length < 2 {
                    return None;
                }
                at += 1 + usize::from(length);
            }
            _ => return None,
        }
    }
}

/// The canvas, which browsers widen to a first frame that is larger. Frames are drawn on it one at a time.
fn gif(content: &[u8]) -> Option<Size> {
    let (width, height) = (little_u16(content, 6)?, little_u16(content, 8)?);
    let flags = *content.get(10)?;
    let colors = match flags & 0x80 {
        0 => 0,
        _ => 3_usize << ((flags & 7) + 1),
    };
    let mut at = 13 + colors;
    loop {
        match *content.get(at)? {
            // An extension: a mark, and blocks up to one without any bytes.
            b'!' => {
                at += 2;
                loop {
                    let length = usize::from(*content.get(at)?);
                    at += 1 + length;
                    if length == 0 {
                        break;
                    }
                }
            }
            // A frame: where it begins, and its size.
            b',' => {
                let end = |at: usize| -> Option<u64> {
                    Some(little_u16(content, at)? + little_u16(content, at + 4)?)
                };
                return Some((width.max(end(at + 1)?), height.max(end(at + 3)?)));
            }
            _ => return None,
        }
    }
}

/// The canvas where there is one, which no frame exceeds, and else the only frame.
fn webp(content: &[u8]) -> Option<Size> {
    match content.get(12..16)? {
        b"VP8X" => {
            let side = |at: usize| -> Option<u64> {
                let high = *content.get(at + 2)?;
                Some((u64::from(high) << 16) + little_u16(content, at)? + 1)
            };
            Some((side(24)?, side(27)?))
        }
        b"VP8L" if *content.get(20)? == 0x2f => {
            let bytes = content.get(21..)?.first_chunk()?;
            let sides = u64::from(u32::from_le_bytes(*bytes));
            Some(((sides & 0x3fff) + 1, ((sides >> 14) & 0x3fff) + 1))
        }
        b"VP8 " if content.get(23..26)? == b"\x9d\x01\x2a" => {
            let side = |at: usize| -> Option<u64> { Some(little_u16(content, at)? & 0x3fff) };
            Some((side(26)?, side(28)?))
        }
        _ => None,
    }
}

fn little_u16(content: &[u8], at: usize) -> Option<u64> {
    let bytes = content.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        [&head[..], &width.to_be_bytes(), &height.to_be_bytes()].concat()
    }

    /// With the notes of a camera in front, which hold a small picture of their own.
    fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
        let notes =
            b"\xff\xd8\xff\xe1\0\x0d\xff\xc0\0\x11\x08\0\x01\0\x01\x03\x01\xff\xff\xc2\0\x11\x08";
        [&notes[..], &height.to_be_bytes(), &width.to_be_bytes()].concat()
    }

    /// A canvas with two colours and a comment, and a frame that begins a pixel from its edges.
    fn gif_of(canvas: (u16, u16), frame: (u16, u16)) -> Vec<u8> {
        let sides = |(width, height): (u16, u16)| [width.to_le_bytes(), height.to_le_bytes()];
        [
            &b"GIF89a"[..],
            sides(canvas).as_flattened(),
            b"\x80\0\0\0\0\0\xff\xff\xff!\xfe\x02,,\0,\x01\0\x01\0",
            sides(frame).as_flattened(),
        ]
        .concat()
    }

    fn webp_of(kind: &[u8; 4], head: &[u8]) -> Vec<u8> {
        [&b"RIFF\x40\0\0\0WEBP"[..], kind, b"\x20\0\0\0", head].concat()
    }

    /// One that may move.
    fn webp_canvas(width: u32, height: u32) -> Vec<u8> {
        let [w0, w1, w2, _] = (width - 1).to_le_bytes();
        let [h0, h1, h2, _] = (height - 1).to_le_bytes();
        webp_of(b"VP8X", &[2, 0, 0, 0, w0, w1, w2, h0, h1, h2])
    }

    fn webp_lossless(width: u32, height: u32) -> Vec<u8> {
        let [a, b, c, d] = ((width - 1) | ((height - 1) << 14)).to_le_bytes();
        webp_of(b"VP8L", &[0x2f, a, b, c, d])
    }

    fn webp_lossy(width: u16, height: u16) -> Vec<u8> {
        let ([w0, w1], [h0, h1]) = (width.to_le_bytes(), height.to_le_bytes());
        // The two highest bits say how to scale it.
        webp_of(
            b"VP8 ",
            &[0, 0, 0, 0x9d, 1, 0x2a, w0, w1 | 0x40, h0, h1 | 0x80],
        )
    }

    fn is_shown(kind: FileKind, content: &[u8]) -> bool {
        media_type(kind, content).starts_with("image/")
    }

    #[test]
    fn a_picture_of_as_many_pixels_as_pages_show_is_one_and_a_row_more_is_none() {
        for (kind, most, more) in [
            (FileKind::Png, png_of(8_000, 5_000), png_of(8_000, 5_001)),
            (FileKind::Png, png_of(1, 1), png_of(16_000, 16_000)),
            (FileKind::Jpeg, jpeg_of(8_000, 5_000), jpeg_of(8_000, 5_001)),
            (
                FileKind::Gif,
                gif_of((8_000, 5_000), (10, 10)),
                gif_of((8_000, 5_001), (10, 10)),
            ),
            (
                FileKind::Gif,
                gif_of((1, 1), (7_999, 4_999)),
                gif_of((1, 1), (7_999, 5_000)),
            ),
            (
                FileKind::WebP,
                webp_canvas(8_000, 5_000),
                webp_canvas(8_000, 5_001),
            ),
            (
                FileKind::WebP,
                webp_lossless(8_000, 5_000),
                webp_lossless(8_000, 5_001),
            ),
            (
                FileKind::WebP,
                webp_lossy(8_000, 5_000),
                webp_lossy(8_000, 5_001),
            ),
        ] {
            assert_eq!(media_type(kind, &most), kind.media_type());
            assert_eq!(media_type(kind, &more), NOT_SHOWN, "{kind:?}");
        }
    }

    #[test]
    fn the_largest_sides_are_no_small_picture() {
        for (kind, content) in [
            (FileKind::Png, png_of(u32::MAX, u32::MAX)),
            (FileKind::Jpeg, jpeg_of(u16::MAX, u16::MAX)),
            (FileKind::Gif, gif_of((1, 1), (u16::MAX, u16::MAX))),
            (FileKind::WebP, webp_canvas(1 << 24, 1 << 24)),
        ] {
            assert!(!is_shown(kind, &content), "{kind:?}");
        }
    }

    #[test]
    fn a_picture_without_a_size_is_not_shown() {
        for (kind, content) in [
            (FileKind::Png, png_of(0, 100)),
            (
                FileKind::Png,
                b"\x89PNG\r\n\x1a\n\0\0\0\x04gAMA....".to_vec(),
            ),
            // Its height is said at the end.
            (FileKind::Jpeg, jpeg_of(100, 0)),
            (FileKind::Jpeg, b"\xff\xd8\xff\xe0\0\0\xff\xc0".to_vec()),
            // Between segments there are bytes that browsers skip.
            (
                FileKind::Jpeg,
                b"\xff\xd8\xff\xfe\0\x02 \xff\xc0\0\x11\x08\0\x01\0\x01".to_vec(),
            ),
            (FileKind::Gif, b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
            (FileKind::WebP, webp_of(b"ALPH", &[0; 20])),
            (FileKind::WebP, webp_of(b"VP8 ", &[0; 20])),
        ] {
            assert!(!is_shown(kind, &content), "{content:?}");
        }
        // Wherever it is cut off.
        for (kind, whole) in [
            (FileKind::Png, png_of(1, 1)),
            (FileKind::Jpeg, jpeg_of(1, 1)),
            (FileKind::Gif, gif_of((1, 1), (1, 1))),
            (FileKind::WebP, webp_canvas(1, 1)),
            (FileKind::WebP, webp_lossless(1, 1)),
            (FileKind::WebP, webp_lossy(1, 1)),
        ] {
            assert!(is_shown(kind, &whole), "{kind:?}");
            for end in 0..whole.len() {
                assert!(!is_shown(kind, &whole[..end]), "{kind:?} of {end} bytes");
            }
        }
    }

    #[test]
    fn what_is_no_picture_is_what_it_is() {
        for kind in [FileKind::Pdf, FileKind::Text, FileKind::Csv] {
            assert_eq!(media_type(kind, b"a"), kind.media_type());
        }
    }
}
