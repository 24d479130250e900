//! Where Winograd's gradient differs from the direct one's: only through kinks, pooling windows whose two largest values are
//! equal to rounding and ReLUs whose input is 0 to rounding. There the function has no derivative, and either answer is right.

use crate::support::{packed, photo};
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::noise::Noise;
use cnn_lens::engine::{Network, Planes, Silent, Tape};
use pollster::block_on;

/// What node `index` reads.
fn read_by<'a>(network: &Network, tape: &'a Tape, index: usize) -> &'a Planes {
    tape.value(network.spec.node(index).inputs[0]).unwrap()
}

/// Plane, row and column of each window's winner at pool `index`.
fn winners(network: &Network, tape: &Tape, index: usize) -> Vec<usize> {
    let x = read_by(network, tape, index);
    let mut out = Vec::new();
    for c in 0..x.shape.c {
        for y in 0..x.shape.h / 2 {
            for column in 0..x.shape.w / 2 {
                let at = |i: usize| x.row(c, 2 * y + i / 2)[2 * column + i % 2];
                out.push((0..4).fold(0, |best, i| if at(i) > at(best) { i } else { best }));
            }
        }
    }
    out
}

fn gradient(network: &Network, x: &Planes) -> (Tape, Planes) {
    block_on(async {
        let tape = network.forward(x, 30, &Silent).await.unwrap();
        let mut seed = Planes::zeros(tape.value(30).unwrap().shape);
        (0..14).for_each(|y| seed.row_mut(63, y).fill(1.0 / 196.0));
        let mut found = network.backward(&tape, ByNode::from([(30, seed)]), &[0], Gate::Relu, &Silent).await.unwrap();
        (tape, found.remove(&0).unwrap())
    })
}

#[test]
fn gradients_differ_only_through_ties() {
    let (winograd, direct) = (packed(Cpu::default()), packed(Cpu::direct()));
    // the photo, and noisy copies of it: such windows are rare, about one in a million
    let ties: usize = (0..4).map(|sample| compare(&winograd, &direct, sample)).sum();
    assert!(ties > 0, "no window was equal to rounding: this test has tested nothing");
}

fn compare(winograd: &Network, direct: &Network, sample: u64) -> usize {
    let mut x = photo(224);
    let noise = Noise::new(1, sample);
    let sigma = if sample == 0 { 0.0 } else { 0.5 };
    for y in 0..224 {
        (0..3).for_each(|c| {
            x.row_mut(c, y).iter_mut().zip(0..).for_each(|(v, i)| *v += sigma * noise.normal(y as u64 * 1000 + i))
        });
    }
    let ((ours, g), (theirs, want)) = (gradient(winograd, &x), gradient(direct, &x));
    let (mut touched, mut ties) = (vec![false; 224 * 224], 0);
    for index in (1..30).filter(|i| winograd.spec.is_pool(*i)) {
        let (x, field) = (read_by(direct, &theirs, index), winograd.spec.receptive_field(index));
        let side = x.shape.w / 2;
        for (i, _) in winners(winograd, &ours, index)
            .into_iter()
            .zip(winners(direct, &theirs, index))
            .enumerate()
            .filter(|(_, (a, b))| a != b)
        {
            let (c, y, column) = (i / (side * side), i / side % side, i % side);
            let mut values: Vec<f32> = (0..4).map(|k| x.row(c, 2 * y + k / 2)[2 * column + k % 2]).collect();
            values.sort_by(f32::total_cmp);
            let scale = x.data.iter().fold(0.0_f32, |m, v| m.max(*v));
            println!("stage {index}: window {c} {y} {column}: {:?}", &values[2..]);
            assert!(values[3] - values[2] <= 1e-5 * scale, "not a tie: {values:?}");
            ties += 1;
            let (x0, y0, x1, y1) = field.clipped((column, y), 224, 224);
            (y0..y1).for_each(|y| touched[y * 224 + x0..y * 224 + x1].fill(true));
        }
    }
    for index in (1..30).filter(|i| winograd.spec.is_relu(*i)) {
        let (a, b, field) =
            (ours.value(index).unwrap(), theirs.value(index).unwrap(), winograd.spec.receptive_field(index));
        let scale = b.data.iter().fold(0.0_f32, |m, v| m.max(*v));
        for c in 0..a.shape.c {
            for y in 0..a.shape.h {
                for (x, (a, b)) in
                    a.row(c, y).iter().zip(b.row(c, y)).enumerate().filter(|(_, (a, b))| (**a > 0.0) != (**b > 0.0))
                {
                    assert!(a.max(*b) <= 1e-5 * scale, "{}: not a kink: {a} {b}", winograd.spec.name(index));
                    ties += 1;
                    let (x0, y0, x1, y1) = field.clipped((x, y), 224, 224);
                    (y0..y1).for_each(|y| touched[y * 224 + x0..y * 224 + x1].fill(true));
                }
            }
        }
    }
    let largest = want.data.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    let mut compared = 0;
    for c in 0..3 {
        for (i, (a, b)) in g.channel(c).iter().zip(want.channel(c)).enumerate().filter(|(i, _)| !touched[*i]) {
            assert!((a - b).abs() <= 1e-4 * largest, "channel {c}, pixel {i}: {a} {b}");
            compared += 1;
        }
    }
    println!("{ties} ties, {compared} of {} values compared", 3 * 224 * 224);
    assert!(compared > 1000, "too few values lie outside the ties' fields");
    ties
}
