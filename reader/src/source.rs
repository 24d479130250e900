//! Where bytes come from: a file, a part of one, or memory. A model of half a gigabyte is read by slices and never held whole.

use std::rc::Rc;

use crate::error::ReadError;

/// Something of known length whose bytes can be asked for at any place.
pub trait Source {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes from `at` on.
    ///
    /// # Errors
    /// [`ReadError::Unreadable`] when the file is not what it was, [`ReadError::Truncated`] when it has no such bytes.
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), ReadError>;
}

/// A source that several parts share.
pub type Shared = Rc<dyn Source>;

/// Bytes in memory.
impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let from = usize::try_from(at).map_err(|_| ReadError::Truncated)?;
        let bytes = self.get(from..).and_then(|rest| rest.get(..into.len())).ok_or(ReadError::Truncated)?;
        into.copy_from_slice(bytes);
        Ok(())
    }
}

/// A part of another source.
pub struct Part {
    whole: Shared,
    from: u64,
    size: u64,
}

impl Part {
    /// `size` bytes of `whole` from `from` on.
    ///
    /// # Errors
    /// [`ReadError::Truncated`] when there are fewer.
    pub fn of(whole: &Shared, from: u64, size: u64) -> Result<Shared, ReadError> {
        let end = from.checked_add(size).ok_or(ReadError::Truncated)?;
        if end > whole.size() {
            return Err(ReadError::Truncated);
        }
        Ok(Rc::new(Self { whole: Rc::clone(whole), from, size }))
    }
}

impl Source for Part {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        match at.checked_add(into.len() as u64) {
            Some(end) if end <= self.size => self.whole.read_at(self.from + at, into),
            _ => Err(ReadError::Truncated),
        }
    }
}

/// `size` bytes from `at` on. The length is checked against the source before anything is allocated: a length that lies costs
/// nothing.
///
/// # Errors
/// As [`Source::read_at`].
pub fn bytes(source: &dyn Source, at: u64, size: u64) -> Result<Vec<u8>, ReadError> {
    match at.checked_add(size) {
        Some(end) if end <= source.size() => {}
        _ => return Err(ReadError::Truncated),
    }
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| ReadError::Truncated)?];
    source.read_at(at, &mut bytes)?;
    Ok(bytes)
}

/// Bytes that a [`Cursor`] asks its source for at a time.
const AHEAD: u64 = 1 << 16;

/// Reads a source from a place on, byte by byte.
pub struct Cursor {
    source: Shared,
    at: u64,
    /// What was read ahead, and where it begins.
    ahead: (u64, Vec<u8>),
}

impl Cursor {
    /// From `at` on.
    pub const fn new(source: Shared, at: u64) -> Self {
        Self { source, at, ahead: (0, Vec::new()) }
    }

    /// Where it stands.
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// What it reads.
    pub const fn source(&self) -> &Shared {
        &self.source
    }

    /// Bytes that are left.
    pub fn left(&self) -> u64 {
        self.source.size().saturating_sub(self.at)
    }

    /// Goes on at another place.
    pub const fn go(&mut self, at: u64) {
        self.at = at;
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`ReadError::Truncated`] at the end.
    pub fn byte(&mut self) -> Result<u8, ReadError> {
        let inside = |at: u64, ahead: &(u64, Vec<u8>)| {
            let place = usize::try_from(at.checked_sub(ahead.0)?).ok()?;
            ahead.1.get(place).copied()
        };
        if let Some(byte) = inside(self.at, &self.ahead) {
            self.at += 1;
            return Ok(byte);
        }
        self.ahead = (self.at, bytes(self.source.as_ref(), self.at, AHEAD.min(self.left()))?);
        let byte = inside(self.at, &self.ahead).ok_or(ReadError::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    /// The next `size` bytes.
    ///
    /// # Errors
    /// [`ReadError::Truncated`] when there are fewer.
    pub fn take(&mut self, size: u64) -> Result<Vec<u8>, ReadError> {
        if size <= 64 && size <= self.left() {
            return (0..size).map(|_| self.byte()).collect();
        }
        let taken = bytes(self.source.as_ref(), self.at, size)?;
        self.at += size;
        Ok(taken)
    }

    /// The next bytes as an array.
    ///
    /// # Errors
    /// [`ReadError::Truncated`] when there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut array = [0; N];
        for byte in &mut array {
            *byte = self.byte()?;
        }
        Ok(array)
    }

    /// The bytes up to and without `end`, which is passed.
    ///
    /// # Errors
    /// [`ReadError::Truncated`] when it does not come within `most` bytes.
    pub fn until(&mut self, end: u8, most: usize) -> Result<Vec<u8>, ReadError> {
        let mut found = Vec::new();
        loop {
            match self.byte()? {
                byte if byte == end => return Ok(found),
                _ if found.len() >= most => return Err(ReadError::Truncated),
                byte => found.push(byte),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_lies_is_refused_before_anything_is_allocated() {
        let source: Shared = Rc::new(vec![1_u8, 2, 3, 4]);
        assert_eq!(bytes(source.as_ref(), 1, 3).unwrap(), [2, 3, 4]);
        for (at, size) in [(0, 5), (4, 1), (1, 1 << 60), (u64::MAX, 2)] {
            assert!(matches!(bytes(source.as_ref(), at, size), Err(ReadError::Truncated)), "{at} {size}");
            assert!(Part::of(&source, at, size).is_err());
        }
        let part = Part::of(&source, 1, 2).unwrap();
        assert_eq!(bytes(part.as_ref(), 0, 2).unwrap(), [2, 3]);
        assert!(bytes(part.as_ref(), 1, 2).is_err());
    }

    #[test]
    fn a_cursor_goes_over_the_edge_of_what_it_read_ahead() {
        let all: Vec<u8> = (0..200_000_u32).map(|i| (i % 251) as u8).collect();
        let mut cursor = Cursor::new(Rc::new(all.clone()), 65_530);
        assert_eq!(cursor.take(20).unwrap(), all[65_530..65_550]);
        assert_eq!(cursor.take(100_000).unwrap(), all[65_550..165_550]);
        assert_eq!((cursor.byte().unwrap(), cursor.left()), (all[165_550], 200_000 - 165_551));
        assert!(cursor.take(200_000).is_err());
    }
}
