// Convolution with any window, or its adjoint. One invocation: LANES written channels of one group x TILE places of a row, STEP
// apart. STEP is the adjoint's stride, so that the same taps read all of these places; gpu/window_conv.rs writes them out.
alias Lanes = {{lanes}};
{{buffers}} // w: [written / LANES][READ][taps]
{{put}}
const LANES = {{count}}u;
const GROUP = {{group}}u;   // written channels of a group
const READ = {{read}}u;     // channels read by each
const CHANNELS = {{channels}}u; // of the maps read
const FROM = vec2<i32>({{from}}); // their rows, columns
const FROM_PLANE = {{from_plane}}u;
const KERNEL = vec2<i32>({{kernel}});
const STRIDE = vec2<i32>({{stride}});
const DILATION = vec2<i32>({{dilation}});
const BEFORE = vec2<i32>({{before}});
const ADJOINT = {{adjoint}};
const TILE = {{tile}}u;
const STEP = {{step}}u;
const BLOCKS = {{blocks}}u; // of TILE places, STEP apart, in a row
const ROWS = (PLANE + PITCH - 1u) / PITCH;

// Where along an axis (0: rows, 1: columns) tap k reads for place p; -1 for nowhere.
fn source(p: i32, k: i32, axis: u32) -> i32 {
    if (!ADJOINT) { return p * STRIDE[axis] + k * DILATION[axis] - BEFORE[axis]; }
    let n = p + BEFORE[axis] - k * DILATION[axis];
    return select(-1, n / STRIDE[axis], n % STRIDE[axis] == 0);
}

// The index in a padded row that tap k reads for the place at a padded column; columns beyond the border read its zeros.
fn read_at(at: u32, k: i32) -> u32 { return u32(clamp(source(i32(at) - 1, k, 1u), -1, FROM.y) + 1); }

@compute @workgroup_size({{wx}}, {{wy}}, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x / (BLOCKS * STEP);
    let first = id.x / BLOCKS % STEP + id.x % BLOCKS * TILE * STEP;
    let c = id.y * LANES;
    if (row >= ROWS || c >= WRITTEN) { return; }
    {{declare}}
    let planes = (id.z * CHANNELS + c / GROUP * READ) * FROM_PLANE;
    for (var ky = 0; ky < KERNEL.x; ky++) {
        let line = source(i32(row) - 1, ky, 0u);
        if (row < 1u || row > H || line < 0 || line >= FROM.x) { continue; }
        for (var kx = 0; kx < KERNEL.y; kx++) {
            if (ADJOINT && (i32(first) - 1 + BEFORE.y - kx * DILATION.y) % STRIDE.y != 0) { continue; }
            {{at}}
            var p = planes + u32((line + 1) * (FROM.y + 2));
            var q = (id.y * READ * u32(KERNEL.x) + u32(ky)) * u32(KERNEL.y) + u32(kx);
            for (var r = 0u; r < READ; r++) {
                let u = w[q];
                {{add}}
                p += FROM_PLANE;
                q += u32(KERNEL.x * KERNEL.y);
            }
        }
    }
    {{store}}
}
