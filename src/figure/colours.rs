//! Colours that do not depend on the viewer's choice.

/// The colour of the `i`-th label: Okabe and Ito's, safe for colour blindness; grey beyond them.
pub fn label(i: usize) -> [u8; 3] {
    const COLOURS: [[u8; 3]; 8] = [
        [230, 159, 0],
        [86, 180, 233],
        [0, 158, 115],
        [240, 228, 66],
        [0, 114, 178],
        [213, 94, 0],
        [204, 121, 167],
        [60, 60, 60],
    ];
    COLOURS.get(i).copied().unwrap_or([140, 140, 140])
}
