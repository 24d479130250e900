//! CRC-32 (ISO 3309) for `flate2` and `png`, under the name and with the functions of the crate `crc32fast` that they ask for (the
//! workspace's `[patch.crates-io]`). That crate carries its tables, 16 kB of noise that no compression shortens, in every engine that
//! a visitor downloads; here they are computed when the first byte comes.

use std::sync::OnceLock;

/// The polynomial, its lowest power in the highest bit.
const POLYNOMIAL: u32 = 0xEDB8_8320;
/// Bytes that are taken at once ("slicing by 16", after Kounavis and Berry 2005).
const SLICES: usize = 16;

type Tables = [[u32; 256]; SLICES];

/// `tables[k][b]`: what the byte `b` becomes with `k` zero bytes behind it.
fn tables() -> &'static Tables {
    static TABLES: OnceLock<Box<Tables>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let step = |crc: u32, _| if crc & 1 == 1 { POLYNOMIAL ^ (crc >> 1) } else { crc >> 1 };
        let mut tables = Box::new([[0; 256]; SLICES]);
        for byte in 0..256 {
            tables[0][byte] = (0..8).fold(byte as u32, step);
        }
        for k in 1..SLICES {
            for byte in 0..256 {
                let before = tables[k - 1][byte];
                tables[k][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            }
        }
        tables
    })
}

/// A checksum under way.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    /// The checksum of what came so far.
    crc: u32,
    /// How many bytes that was.
    len: u64,
}

impl Hasher {
    /// The checksum of no bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what came so far.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let tables = tables();
        let mut crc = !self.crc;
        let (blocks, rest) = bytes.as_chunks::<SLICES>();
        for block in blocks {
            let mut next = 0;
            for (i, byte) in block.iter().enumerate() {
                // the checksum so far lies over the first four
                let over = if i < 4 { (crc >> (8 * i)) as u8 } else { 0 };
                next ^= tables[SLICES - 1 - i][usize::from(byte ^ over)];
            }
            crc = next;
        }
        for byte in rest {
            crc = (crc >> 8) ^ tables[0][usize::from(*byte ^ crc as u8)];
        }
        self.crc = !crc;
        self.len += bytes.len() as u64;
    }

    /// The checksum.
    pub fn finalize(self) -> u32 {
        self.crc
    }

    /// Takes the bytes that came to `other`, as if they came here.
    pub fn combine(&mut self, other: &Self) {
        // this checksum with as many zero bytes behind it: times x^8 for each, by repeated squares
        let (mut power, mut left) = (1 << (31 - 8), other.len);
        while left > 0 {
            if left & 1 == 1 {
                self.crc = times(self.crc, power);
            }
            power = times(power, power);
            left >>= 1;
        }
        self.crc ^= other.crc;
        self.len += other.len;
    }
}

/// The product of two polynomials modulo [`POLYNOMIAL`].
fn times(a: u32, b: u32) -> u32 {
    let (mut product, mut b) = (0, b);
    for power in (0..32).rev() {
        if a >> power & 1 == 1 {
            product ^= b;
        }
        b = if b & 1 == 1 { POLYNOMIAL ^ (b >> 1) } else { b >> 1 };
    }
    product
}

/// The checksum of these bytes.
pub fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit by bit, as the definition has it.
    fn slowly(bytes: &[u8]) -> u32 {
        let step = |crc: u32, _| if crc & 1 == 1 { POLYNOMIAL ^ (crc >> 1) } else { crc >> 1 };
        !bytes.iter().fold(!0, |crc, b| (0..8).fold(crc ^ u32::from(*b), step))
    }

    #[test]
    fn the_checksums_are_those_of_the_definition() {
        // the check value of the catalogue of parametrised CRC algorithms (CRC-32/ISO-HDLC)
        assert_eq!(hash(b"123456789"), 0xCBF4_3926);
        let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * i / 7) as u8).collect();
        for len in (0..70).chain([999, 1000]) {
            assert_eq!(hash(&bytes[..len]), slowly(&bytes[..len]), "{len} bytes");
        }
    }

    #[test]
    fn pieces_make_the_whole() {
        let bytes: Vec<u8> = (0..300_u32).map(|i| (i * 37 % 251) as u8).collect();
        for cut in [0, 1, 15, 16, 17, 100, 300] {
            let (mut first, mut second) = (Hasher::new(), Hasher::new());
            first.update(&bytes[..cut]);
            let mut on = first.clone();
            on.update(&bytes[cut..]);
            second.update(&bytes[cut..]);
            first.combine(&second);
            assert_eq!((first.finalize(), on.finalize()), (hash(&bytes), hash(&bytes)), "cut at {cut}");
        }
    }
}
