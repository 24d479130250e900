//! The bits of a scan and their codes (ITU-T T.81, annexes C and F), read to the letter.

/// Why a scan cannot be read as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file ends inside the scan.
    CutOff,
    /// The scan holds something that no encoder writes; this says what.
    Damaged(&'static str),
}

/// Bits up to the next marker.
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    /// Reads bits from `bytes[at]` on.
    pub const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, held: 0, count: 0 }
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let Some(byte) = self.bytes.get(self.at) else { return };
            if *byte == 0xff {
                if self.bytes.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.held = self.held << 8 | u64::from(*byte);
            self.count += 8;
        }
    }

    /// The next 16 bits; zeros where there are none.
    fn peek(&mut self) -> u32 {
        if self.count < 16 {
            self.fill();
        }
        let bits = if self.count >= 16 { self.held >> (self.count - 16) } else { self.held << (16 - self.count) };
        (bits & 0xffff) as u32
    }

    fn skip(&mut self, count: u32) -> Result<(), Fault> {
        self.count = self.count.checked_sub(count).ok_or_else(|| self.short())?;
        Ok(())
    }

    fn short(&self) -> Fault {
        // a lone 0xff may be the first half of anything
        let ended = self.bytes.len() <= self.at + 1;
        if ended { Fault::CutOff } else { Fault::Damaged("a scan ends before its picture") }
    }

    /// The next `count` bits, at most 16.
    pub fn take(&mut self, count: u32) -> Result<i32, Fault> {
        let bits = self.peek() >> (16 - count);
        self.skip(count)?;
        Ok(bits as i32)
    }

    /// A number of `size` bits, extended with its sign (F.12).
    pub fn signed(&mut self, size: u8) -> Result<i32, Fault> {
        let size = u32::from(size);
        if size == 0 {
            return Ok(0);
        }
        let bits = self.take(size)?;
        Ok(if bits < 1 << (size - 1) { bits - (1 << size) + 1 } else { bits })
    }

    /// The symbol of the next code.
    pub fn symbol(&mut self, codes: &Codes) -> Result<u8, Fault> {
        let bits = self.peek();
        let (length, symbol) = codes.find(bits).ok_or(Fault::Damaged("a code that is in no table"))?;
        self.skip(length)?;
        Ok(symbol)
    }

    /// Behind the byte of the last bit taken.
    pub fn end(&self) -> usize {
        (0..self.count / 8).fold(self.at, |at, _| if self.bytes[..at].ends_with(&[0xff, 0]) { at - 2 } else { at - 1 })
    }
}

/// Codes up to this length are looked up at once.
const SHORT: u32 = 9;

/// A table of Huffman codes: which symbol each sequence of bits stands for.
#[derive(Clone)]
pub struct Codes {
    /// Length and symbol by the next bits; length 0 for longer codes.
    short: Vec<(u8, u8)>,
    /// By length: the first code behind those of this length, and where symbols begin, less the first code.
    long: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Codes {
    /// From the number of codes of each length and their symbols; none when they cannot be codes.
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let (mut short, mut long) = (vec![(0, 0); 1 << SHORT], [(0, 0); 17]);
        let (mut code, mut at) = (0_u32, 0_usize);
        for (length, count) in (1..).zip(counts) {
            let first = at as i32 - code as i32;
            for symbol in symbols.get(at..at + usize::from(*count))? {
                if length <= SHORT {
                    let from = (code << (SHORT - length)) as usize;
                    short.get_mut(from..from + (1 << (SHORT - length)))?.fill((length as u8, *symbol));
                }
                code += 1;
            }
            at += usize::from(*count);
            if code > 1 << length {
                return None;
            }
            long[length as usize] = (code, first);
            code <<= 1;
        }
        (at == symbols.len()).then(|| Self { short, long, symbols: symbols.to_vec() })
    }

    fn find(&self, bits: u32) -> Option<(u32, u8)> {
        let (length, symbol) = self.short[(bits >> (16 - SHORT)) as usize];
        if length > 0 {
            return Some((u32::from(length), symbol));
        }
        (SHORT + 1..=16).find_map(|length| {
            let ((behind, first), code) = (self.long[length as usize], bits >> (16 - length));
            let symbol = self.symbols.get(usize::try_from(code as i32 + first).ok()?)?;
            (code < behind).then_some((length, *symbol))
        })
    }
}
