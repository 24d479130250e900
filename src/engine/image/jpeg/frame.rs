//! What the headers of a JPEG say (T.81, annex B).

use super::huffman::Fault;

/// The 64 frequencies of a block of 8 x 8 pixels, in zigzag order.
pub type Block = [i16; 64];

/// A component (brightness, a colour difference, an ink).
pub struct Component {
    /// The number by which scan headers name it.
    pub id: u8,
    /// Blocks in a unit of an interleaved scan, across and down.
    pub sampling: [usize; 2],
    /// Blocks of a scan of its own.
    pub blocks: [usize; 2],
    /// Number of its quantisation table.
    pub table: usize,
    /// The table itself, from its first scan on.
    pub steps: [u16; 64],
    /// How many low bits of each coefficient are still missing; none before its first scan.
    pub missing: [Option<u8>; 64],
    /// Blocks in a row of `kept`.
    pub stride: usize,
    /// Coefficients so far, of a progressive picture.
    pub kept: Vec<Block>,
}

/// The frame header of a picture: its size and its components.
pub struct Frame {
    /// Whether coefficients come in several scans.
    pub progressive: bool,
    /// Width and height in pixels.
    pub size: [usize; 2],
    /// Units of an interleaved scan, across and down.
    pub units: [usize; 2],
    /// One (grey), three (colour) or four (inks).
    pub components: Vec<Component>,
}

/// A scan header: which components, which of their coefficients, which of their bits.
pub struct Part {
    /// Components with the numbers of their tables of codes.
    pub components: Vec<(usize, usize, usize)>,
    /// Place of the scan's first coefficient in zigzag order, 0..=63.
    pub first: usize,
    /// Place of its last coefficient, 0..=63.
    pub last: usize,
    /// Low bits that were missing before; 0 for a first scan.
    pub high: u8,
    /// Low bits of each coefficient that a later scan will bring.
    pub low: u8,
}

/// Why a frame is not decoded here.
pub enum Refusal {
    /// A kind of JPEG that is not supported.
    Unsupported(String),
    /// A header that no encoder writes.
    Damaged(&'static str),
}

const HEADER: Refusal = Refusal::Damaged("the frame header is wrong");

impl Frame {
    /// From a start-of-frame segment of the kind `marker`.
    pub fn read(marker: u8, segment: &[u8]) -> Result<Self, Refusal> {
        let unsupported = |what: &str| Err(Refusal::Unsupported(format!("{what} JPEG")));
        match marker {
            0xc0..=0xc2 => {}
            0xc3 | 0xcb => return unsupported("lossless"),
            0xc9 | 0xca => return unsupported("arithmetic-coded"),
            _ => return unsupported("hierarchical"),
        }
        let [precision, h0, h1, w0, w1, count, components @ ..] = segment else { return Err(HEADER) };
        let size = [[w0, w1], [h0, h1]].map(|[a, b]| usize::from(u16::from_be_bytes([*a, *b])));
        if components.len() != 3 * usize::from(*count) || size[0] == 0 {
            return Err(HEADER);
        }
        if *precision != 8 || !matches!(count, 1 | 3 | 4) || size[1] == 0 {
            return unsupported(&format!("{precision}-bit {count}-component {} x {}", size[0], size[1]));
        }
        let sampling = |c: &[u8]| [c[1] >> 4, c[1] & 15].map(usize::from);
        let most = [0, 1].map(|i| components.chunks_exact(3).map(|c| sampling(c)[i]).max().unwrap_or(0));
        let units = [0, 1].map(|i| size[i].div_ceil(8 * most[i].max(1)));
        let mut read = Vec::new();
        for c in components.chunks_exact(3) {
            let sampling = sampling(c);
            if sampling.iter().any(|s| !(1..=4).contains(s))
                || c[2] > 3
                || read.iter().any(|r: &Component| r.id == c[0])
            {
                return Err(HEADER);
            }
            // what is not a whole fraction no common decoder shows
            if (0..2).any(|i| most[i] % sampling[i] != 0) {
                return unsupported("fractionally sampled");
            }
            let blocks = [0, 1].map(|i| (size[i] * sampling[i]).div_ceil(most[i]).div_ceil(8));
            // jpeg-decoder counts the blocks of a scan of its own by the whole picture's
            if (0..2).any(|i| (units[i] * sampling[i]).min(size[i].div_ceil(8)) != blocks[i]) {
                return unsupported("unusually sampled");
            }
            read.push(Component {
                id: c[0],
                sampling,
                blocks,
                table: c[2].into(),
                steps: [0; 64],
                missing: [None; 64],
                stride: units[0] * sampling[0],
                kept: Vec::new(),
            });
        }
        Ok(Self { progressive: marker == 0xc2, size, units, components: read })
    }

    /// From a start-of-scan segment; what it brings is noted in the components.
    pub fn scan(&mut self, segment: &[u8], steps: &[Option<[u16; 64]>; 4]) -> Result<Part, Fault> {
        let wrong = Fault::Damaged("a scan header is wrong");
        let (count, rest) = segment.split_first().ok_or(wrong)?;
        let (list, [first, last, bits]) = rest.split_last_chunk().ok_or(wrong)?;
        let (first, last, high, low) = (usize::from(*first), usize::from(*last), bits >> 4, bits & 15);
        let single = *count == 1;
        let fits = if self.progressive {
            last < 64
                && first <= last
                && low <= 13
                && (high == 0 || high == low + 1)
                && if first == 0 { last == 0 } else { single }
        } else {
            (first, last, *bits) == (0, 63, 0)
        };
        if list.len() != 2 * usize::from(*count) || !(1..=4).contains(count) || !fits {
            return Err(wrong);
        }
        let mut components: Vec<(usize, usize, usize)> = Vec::new();
        for c in list.chunks_exact(2) {
            let index = self.components.iter().position(|k| k.id == c[0]).ok_or(wrong)?;
            let tables = (usize::from(c[1] >> 4), usize::from(c[1] & 15));
            if tables.0 > 3 || tables.1 > 3 || components.last().is_some_and(|(before, ..)| *before >= index) {
                return Err(wrong);
            }
            components.push((index, tables.0, tables.1));
            let component = &mut self.components[index];
            for missing in &mut component.missing[first..=last] {
                if *missing != (high > 0).then_some(high) {
                    return Err(Fault::Damaged("scans do not follow each other"));
                }
                *missing = Some(low);
            }
            component.steps = steps[component.table].ok_or(Fault::Damaged("a quantisation table is missing"))?;
            if self.progressive && component.kept.is_empty() {
                component.kept = vec![[0; 64]; component.stride * self.units[1] * component.sampling[1]];
            }
        }
        let blocks: usize = components.iter().map(|c| self.components[c.0].sampling.iter().product::<usize>()).sum();
        if !single && blocks > 10 {
            return Err(Fault::Damaged("a unit has more than 10 blocks"));
        }
        Ok(Part { components, first, last, high, low })
    }

    /// Whether every bit of every coefficient has come.
    pub fn complete(&self) -> bool {
        self.components.iter().all(|c| c.missing.iter().all(|m| *m == Some(0)))
    }
}
