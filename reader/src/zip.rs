//! The members of a zip archive, found through its central directory; only what is asked for is read. Limits hold what a small
//! archive could unpack to.

use std::io::Read;
use std::rc::Rc;

use crate::error::ReadError;
use crate::source::{Part, Shared, bytes};

/// A member of an archive.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its path.
    pub name: String,
    method: u16,
    packed: u64,
    size: u64,
    header: u64,
}

/// An archive's list of members.
pub struct Archive {
    source: Shared,
    members: Vec<Member>,
}

/// No archive of a model has more members.
const MOST: u64 = 100_000;
/// No compressed member unpacks to more bytes.
const LARGEST: u64 = 1 << 30;

fn little(bytes: &[u8], at: usize, size: usize) -> u64 {
    let field = bytes.get(at..at + size).unwrap_or_default();
    field.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

impl Archive {
    /// Reads the list.
    ///
    /// # Errors
    /// [`ReadError::Truncated`] without its end, [`ReadError::Damaged`] when the list is none.
    pub fn open(source: &Shared) -> Result<Self, ReadError> {
        let size = source.size();
        // the end of the list, and before it up to 64 kB of comment
        let tail = size.min(22 + (1 << 16));
        let end = bytes(source.as_ref(), size - tail, tail)?;
        let at = (0..end.len().saturating_sub(21)).rev().find(|at| end[*at..].starts_with(b"PK\x05\x06"));
        let at = at.ok_or(ReadError::Truncated)?;
        let (mut count, mut length, mut first) =
            (little(&end, at + 10, 2), little(&end, at + 12, 4), little(&end, at + 16, 4));
        // zip64's own end stands elsewhere, and a locator before this one tells where
        if at >= 20 && end[at - 20..].starts_with(b"PK\x06\x07") {
            let wide = bytes(source.as_ref(), little(&end, at - 12, 8), 56)?;
            if !wide.starts_with(b"PK\x06\x06") {
                return Err(ReadError::Damaged { what: "zip64 end record" });
            }
            (count, length, first) = (little(&wide, 32, 8), little(&wide, 40, 8), little(&wide, 48, 8));
        }
        if count > MOST || length > 512 * MOST {
            return Err(ReadError::Hostile { what: "an archive of more members than any model has" });
        }
        let list = bytes(source.as_ref(), first, length)?;
        let mut members = Vec::new();
        let mut at = 0;
        for _ in 0..count {
            let Some(entry) = list.get(at..).filter(|entry| entry.len() >= 46 && entry.starts_with(b"PK\x01\x02"))
            else {
                return Err(ReadError::Damaged { what: "zip directory" });
            };
            let [name, extra, comment] = [28, 30, 32].map(|at| little(entry, at, 2) as usize);
            let text = entry.get(46..46 + name).ok_or(ReadError::Damaged { what: "zip directory" })?;
            let mut member = Member {
                name: String::from_utf8_lossy(text).into_owned(),
                method: little(entry, 10, 2) as u16,
                packed: little(entry, 20, 4),
                size: little(entry, 24, 4),
                header: little(entry, 42, 4),
            };
            if little(entry, 8, 2) & 1 == 1 {
                return Err(ReadError::Damaged { what: "an encrypted archive" });
            }
            member.widen(entry.get(46 + name..46 + name + extra).unwrap_or_default());
            members.push(member);
            at += 46 + name + extra + comment;
        }
        Ok(Self { source: Rc::clone(source), members })
    }

    /// All members, in the order of the list.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of that path.
    pub fn find(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// A member's bytes: a part of the archive where they are stored as they are, in memory where they were compressed.
    ///
    /// # Errors
    /// [`ReadError`]: they are not there, or unpack to more than a model's.
    pub fn open_member(&self, member: &Member) -> Result<Shared, ReadError> {
        let header = bytes(self.source.as_ref(), member.header, 30)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(ReadError::Damaged { what: "zip member" });
        }
        let before = 30 + little(&header, 26, 2) + little(&header, 28, 2);
        let at = member.header.checked_add(before).ok_or(ReadError::Truncated)?;
        match member.method {
            0 => Part::of(&self.source, at, member.packed.max(member.size)),
            8 => {
                let packed = bytes(self.source.as_ref(), at, member.packed)?;
                // deflate packs at most 1032 to 1
                let most = LARGEST.min(member.packed.saturating_mul(1032)).min(member.size);
                if member.size > LARGEST {
                    return Err(ReadError::Hostile { what: "a member that unpacks to over a gigabyte" });
                }
                let mut plain = Vec::new();
                let unpacked =
                    flate2::read::DeflateDecoder::new(packed.as_slice()).take(most + 1).read_to_end(&mut plain);
                match unpacked {
                    Ok(_) if plain.len() as u64 > most => {
                        Err(ReadError::Hostile { what: "a member that unpacks to more than it says" })
                    }
                    Ok(_) if (plain.len() as u64) < member.size => Err(ReadError::Truncated),
                    Ok(_) => Ok(Rc::new(plain)),
                    Err(_) => Err(ReadError::Damaged { what: "compressed zip member" }),
                }
            }
            _ => Err(ReadError::Damaged { what: "an unknown compression in the archive" }),
        }
    }

    /// A small member, whole: at most 64 MB.
    ///
    /// # Errors
    /// As [`Archive::open_member`].
    pub fn read(&self, member: &Member) -> Result<Vec<u8>, ReadError> {
        if member.size > 64 << 20 {
            return Err(ReadError::Hostile { what: "a description of more than 64 MB" });
        }
        let source = self.open_member(member)?;
        bytes(source.as_ref(), 0, source.size())
    }
}

impl Member {
    /// Bytes when unpacked.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Takes the 8-byte fields of zip64 where the 4-byte ones are all ones.
    fn widen(&mut self, mut extra: &[u8]) {
        while extra.len() >= 4 {
            let (id, size) = (little(extra, 0, 2), little(extra, 2, 2) as usize);
            let body = extra.get(4..4 + size).unwrap_or_default();
            if id == 1 {
                let mut at = 0;
                for field in [&mut self.size, &mut self.packed, &mut self.header] {
                    if *field == 0xffff_ffff {
                        *field = little(body, at, 8);
                        at += 8;
                    }
                }
            }
            extra = extra.get(4 + size..).unwrap_or_default();
        }
    }
}
