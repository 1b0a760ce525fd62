//! The frames of a write-ahead log, and whether they are as they were written (SQLite's file format, section 4): each
//! frame carries the salts of the log's header and a checksum of everything before it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME: usize = 24;
/// The last bit tells the order of the bytes in which checksums are computed.
const MAGIC: u32 = 0x377f_0682;

/// How a log begins. SQLite writes a new header when it begins the log again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header([u8; HEADER]);

impl Header {
    /// `None`: the file does not begin as a log does.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        Self::of(&mut File::open(path)?)
    }

    fn of(file: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = [0; HEADER];
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let header = Self(bytes);
        let mut sum = Sum::default();
        sum.add(&bytes[..24], header.big_endian());
        let good = header.word(0) & !1 == MAGIC && sum == Sum(header.word(24), header.word(28));
        Ok((good && header.page() > 0).then_some(header))
    }

    /// Whether SQLite began the log again after `before`, when everything in it had been written back: it counts the
    /// first salt up.
    pub(super) fn follows(&self, before: &Self) -> bool {
        self.word(16) == before.word(16).wrapping_add(1)
    }

    fn big_endian(&self) -> bool {
        self.word(0) & 1 == 1
    }

    /// The size of a page, or 0 when it is none.
    fn page(&self) -> usize {
        let size = self.word(8);
        let good = size.is_power_of_two() && (512..=65_536).contains(&size);
        if good { size as usize } else { 0 }
    }

    fn word(&self, at: usize) -> u32 {
        word(&self.0, at)
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// SQLite's checksum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum(u32, u32);

impl Sum {
    fn add(&mut self, bytes: &[u8], big_endian: bool) {
        let number = |at: &[u8]| {
            let word = word(at, 0);
            if big_endian { word } else { word.swap_bytes() }
        };
        for pair in bytes.chunks_exact(8) {
            self.0 = self.0.wrapping_add(number(&pair[..4])).wrapping_add(self.1);
            self.1 = self.1.wrapping_add(number(&pair[4..])).wrapping_add(self.0);
        }
    }
}

/// A log as it was found: its header, and how many of its frames are good, up to the last commit among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) header: Header,
    pub(super) frames: u64,
}

impl Log {
    /// Reads a log to its last commit that can be read. `None`: it is no log.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
        let Some(header) = Header::of(&mut file)? else {
            return Ok(None);
        };
        let mut sum = Sum(header.word(24), header.word(28));
        let mut frame = vec![0; FRAME + header.page()];
        let (mut frames, mut read) = (0, 0);
        loop {
            match file.read_exact(&mut frame) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                read => read?,
            }
            sum.add(&frame[..8], header.big_endian());
            sum.add(&frame[FRAME..], header.big_endian());
            if frame[8..16] != header.0[16..24] || sum != Sum(word(&frame, 16), word(&frame, 20)) {
                break;
            }
            read += 1;
            // A frame that ends a commit says how large the database is then.
            if word(&frame, 4) > 0 {
                frames = read;
            }
        }
        Ok(Some(Self { header, frames }))
    }

    /// Whether everything that was in the log `before` is still there, or was written back before the log was begun
    /// again.
    pub(super) fn holds(&self, before: &Self) -> bool {
        if self.header == before.header {
            self.frames >= before.frames
        } else {
            self.header.follows(&before.header)
        }
    }
}
