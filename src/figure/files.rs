//! A figure's numbers as files for other programs: NumPy and CSV.

use std::fmt::Write;

use super::Figure;

/// NumPy's `.npy`, version 1.0: float32, little-endian, `[channels, height, width]`.
pub fn npy(figure: &Figure) -> Vec<u8> {
    let info = &figure.info;
    let mut header = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}, {}), }}",
        info.channels, info.height, info.width
    );
    // the numbers begin at a multiple of 64
    let fill = 64 - (10 + header.len() + 1) % 64;
    header.push_str(&" ".repeat(fill));
    header.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((header.len() as u16).to_le_bytes());
    out.extend(header.as_bytes());
    out.extend(figure.data.iter().flat_map(|v| v.to_le_bytes()));
    out
}

/// One line per row; several planes follow one another, each under `# channel k`.
pub fn csv(figure: &Figure) -> String {
    let mut out = String::new();
    for channel in 0..figure.info.channels {
        if figure.info.channels > 1 {
            // a String takes everything
            let _ = writeln!(out, "# channel {channel}");
        }
        for row in figure.plane(channel).chunks(figure.info.width.max(1)) {
            out.push_str(&row.iter().map(f32::to_string).collect::<Vec<_>>().join(","));
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Kind;

    #[test]
    fn numbers_are_as_numpy_and_spreadsheets_read_them() {
        let figure = Figure::new(Kind::Heat, "cam", [1, 2, 2], vec![1.0, -0.5, 0.0, 3e-5]);
        let bytes = npy(&figure);
        assert_eq!((&bytes[..6], (bytes.len() - 16) % 64), (&b"\x93NUMPY"[..], 0));
        assert!(String::from_utf8_lossy(&bytes).contains("'shape': (1, 2, 2)"));
        assert_eq!(&bytes[bytes.len() - 12..bytes.len() - 8], (-0.5_f32).to_le_bytes());
        assert_eq!(csv(&figure), "1,-0.5\n0,0.00003\n");
        assert!(csv(&Figure::new(Kind::Rgb, "x", [2, 1, 1], vec![1.0, 2.0])).ends_with("# channel 1\n2\n"));
    }
}
