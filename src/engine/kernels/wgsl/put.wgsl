const WRITTEN = {{written}}u; // channels
const H = {{h}}u;             // of the maps written
const W = {{w}}u;
const PITCH = W + 2u;
const PLANE = {{plane}}u;

// Stores a convolution's sum at an index of a padded plane; 0 in the border.
fn put(image: u32, c: u32, at: u32, sum: f32) {
    if (c >= WRITTEN || at >= PLANE) { return; }
    let row = at / PITCH;
    let column = at % PITCH;
    let i = (image * WRITTEN + c) * PLANE + at;
    var v = 0.0;
    if (row >= 1u && row <= H && column >= 1u && column <= W) {
        let g = sum + bias[c];
        {{keep}}
    }
    y[i] = v;
}
