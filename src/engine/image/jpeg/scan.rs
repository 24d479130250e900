//! A scan, code by code: whether it says exactly the blocks of its part of the picture (T.81, annexes F and G).

use super::frame::{Block, Component, Frame, Part};
use super::huffman::{Bits, Codes, Fault};

/// Tables of codes by their number; for the first coefficient, and for the others.
pub type Tables = [[Option<Codes>; 4]; 2];

/// Reads the scan `part` at `bytes[at]`; returns its bytes without what lies behind each stretch, and where they end.
pub fn read(
    bytes: &[u8],
    mut at: usize,
    frame: &mut Frame,
    part: &Part,
    tables: &Tables,
    restart: usize,
) -> Result<(Vec<u8>, usize), Fault> {
    let single = part.components.len() == 1;
    let [across, down] = if single { frame.components[part.components[0].0].blocks } else { frame.units };
    let mut clean = Vec::new();
    let mut bits = Bits::new(bytes, at);
    let (mut dc, mut run, mut interval) = ([0; 4], 0, 0_u8);
    for unit in 0..across * down {
        if restart > 0 && unit > 0 && unit % restart == 0 {
            let end = bits.end();
            clean.extend_from_slice(&bytes[at..end]);
            // libjpeg skips what lies before the marker
            at = marker(bytes, end).ok_or(Fault::CutOff)? + 1;
            if bytes[at - 1] != 0xd0 + interval % 8 {
                return Err(Fault::Damaged("a restart marker is not the expected one"));
            }
            clean.extend([0xff, bytes[at - 1]]);
            interval = (interval + 1) % 8;
            bits = Bits::new(bytes, at);
            (dc, run) = ([0; 4], 0);
        }
        let (x, y) = (unit % across, unit / across);
        for (index, dc_table, ac_table) in &part.components {
            let component = &mut frame.components[*index];
            let [h, v] = if single { [1, 1] } else { component.sampling };
            for i in 0..h * v {
                let (x, y) = (x * h + i % h, y * v + i / h);
                let mut block = Coder { bits: &mut bits, part, run: &mut run };
                let tables = [tables[0][*dc_table].as_ref(), tables[1][*ac_table].as_ref()];
                if frame.progressive {
                    block.progressive(component.block(x, y), tables, &mut dc[*index])?;
                } else {
                    let read = block.sequential(tables, &mut dc[*index])?;
                    component.plausible(&read)?;
                }
            }
        }
    }
    let end = bits.end();
    clean.extend_from_slice(&bytes[at..end]);
    Ok((clean, end))
}

/// Where the next marker's second byte is.
pub fn marker(bytes: &[u8], from: usize) -> Option<usize> {
    let at = (from..bytes.len()).find(|i| bytes[*i] == 0xff && !matches!(bytes.get(i + 1), Some(0 | 0xff)))?;
    (at + 1 < bytes.len()).then_some(at + 1)
}

struct Coder<'a, 'b> {
    bits: &'a mut Bits<'b>,
    part: &'a Part,
    run: &'a mut i32,
}

/// What an index past the block's end is.
const OVER: Fault = Fault::Damaged("a block has more than 64 coefficients");
const SIZE: Fault = Fault::Damaged("a coefficient is larger than any picture's");
const NO_TABLE: Fault = Fault::Damaged("a table of codes is missing");

impl Coder<'_, '_> {
    fn dc(&mut self, codes: Option<&Codes>, before: &mut i32) -> Result<i16, Fault> {
        let size = self.bits.symbol(codes.ok_or(NO_TABLE)?)?;
        if size > 11 {
            return Err(SIZE);
        }
        *before += self.bits.signed(size)?;
        i16::try_from(*before << self.part.low).map_err(|_| SIZE)
    }

    fn sequential(&mut self, [dc, ac]: [Option<&Codes>; 2], before: &mut i32) -> Result<Block, Fault> {
        let mut block = [0; 64];
        block[0] = self.dc(dc, before)?;
        let codes = ac.ok_or(NO_TABLE)?;
        let mut at = 1;
        while at < 64 {
            let symbol = self.bits.symbol(codes)?;
            let (zeros, size) = (usize::from(symbol >> 4), symbol & 15);
            match (zeros, size) {
                (15, 0) => at += 16,
                (0, 0) => return Ok(block),
                (_, 1..=10) => {
                    *block.get_mut(at + zeros).ok_or(OVER)? = self.bits.signed(size)? as i16;
                    at += zeros + 1;
                }
                _ => return Err(SIZE),
            }
        }
        if at == 64 { Ok(block) } else { Err(OVER) }
    }

    fn progressive(&mut self, block: &mut Block, [dc, ac]: [Option<&Codes>; 2], before: &mut i32) -> Result<(), Fault> {
        match (self.part.first, self.part.high) {
            (0, 0) => block[0] = self.dc(dc, before)?,
            (0, _) => block[0] |= (self.bits.take(1)? as i16) << self.part.low,
            (_, 0) => self.others(block, ac.ok_or(NO_TABLE)?)?,
            _ => self.refined(block, ac.ok_or(NO_TABLE)?)?,
        }
        Ok(())
    }

    /// How many blocks from here on have nothing more, this one included.
    fn ends(&mut self, size: usize) -> Result<i32, Fault> {
        Ok((1 << size) + self.bits.take(size as u32)?)
    }

    fn others(&mut self, block: &mut Block, codes: &Codes) -> Result<(), Fault> {
        if *self.run > 0 {
            *self.run -= 1;
            return Ok(());
        }
        let (mut at, last) = (self.part.first, self.part.last);
        while at <= last {
            let symbol = self.bits.symbol(codes)?;
            let (zeros, size) = (usize::from(symbol >> 4), symbol & 15);
            match (zeros, size) {
                (15, 0) => at += 16,
                (_, 0) => {
                    *self.run = self.ends(zeros)? - 1;
                    return Ok(());
                }
                (_, 1..=10) => {
                    at += zeros;
                    if at > last {
                        return Err(OVER);
                    }
                    block[at] = i16::try_from(self.bits.signed(size)? << self.part.low).map_err(|_| SIZE)?;
                    at += 1;
                }
                _ => return Err(SIZE),
            }
        }
        if at == last + 1 { Ok(()) } else { Err(OVER) }
    }

    fn refined(&mut self, block: &mut Block, codes: &Codes) -> Result<(), Fault> {
        let (mut at, last, one) = (self.part.first, self.part.last, 1_i16 << self.part.low);
        while *self.run == 0 && at <= last {
            let symbol = self.bits.symbol(codes)?;
            let (mut zeros, mut new) = (symbol >> 4, 0);
            match (zeros, symbol & 15) {
                (15, 0) => {}
                (_, 0) => {
                    *self.run = self.ends(usize::from(zeros))?;
                    break;
                }
                (_, 1) => new = if self.bits.take(1)? == 1 { one } else { -one },
                _ => return Err(SIZE),
            }
            // past `zeros` coefficients that are still 0; the others get one bit more
            loop {
                let Some(value) = block[..=last].get_mut(at) else { return Err(OVER) };
                if *value != 0 {
                    self.refine(value, one)?;
                } else if zeros > 0 {
                    zeros -= 1;
                } else {
                    *value = new;
                    at += 1;
                    break;
                }
                at += 1;
            }
        }
        if *self.run > 0 {
            for value in block[at..=last].iter_mut().filter(|v| **v != 0) {
                self.refine(value, one)?;
            }
            *self.run -= 1;
        }
        Ok(())
    }

    fn refine(&mut self, value: &mut i16, one: i16) -> Result<(), Fault> {
        if self.bits.take(1)? == 1 && *value & one == 0 {
            *value = value.checked_add(if *value > 0 { one } else { -one }).ok_or(SIZE)?;
        }
        Ok(())
    }
}

impl Component {
    fn block(&mut self, x: usize, y: usize) -> &mut Block {
        &mut self.kept[y * self.stride + x]
    }

    /// Whether a block can be a picture's, so that no decoder's arithmetic overflows: its norm is that of its 64 pixels,
    /// at most 64 x 128^2, and rounding to the coarsest table can at most double it.
    pub fn plausible(&self, block: &Block) -> Result<(), Fault> {
        let squares: i64 = block.iter().zip(&self.steps).map(|(v, q)| (i64::from(*v) * i64::from(*q)).pow(2)).sum();
        if squares <= 1 << 22 { Ok(()) } else { Err(SIZE) }
    }
}
