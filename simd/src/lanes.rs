//! The few vector operations that the kernels are made of.

use wide::{f32x4, f32x8};

/// `a * b + c`: one instruction where there is one (FMA natively, relaxed SIMD in wasm), else two.
#[inline(always)]
pub fn madd(a: f32x8, b: f32x8, c: f32x8) -> f32x8 {
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    {
        use core::arch::wasm32::{f32x4_relaxed_madd, v128};
        let [a, b, c] = [a, b, c].map(bytemuck::cast::<f32x8, [v128; 2]>);
        bytemuck::cast([f32x4_relaxed_madd(a[0], b[0], c[0]), f32x4_relaxed_madd(a[1], b[1], c[1])])
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
    a.mul_add(b, c)
}

/// As [`madd`], on four values at once.
#[inline(always)]
pub fn madd4(a: f32x4, b: f32x4, c: f32x4) -> f32x4 {
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    {
        use core::arch::wasm32::{f32x4_relaxed_madd, v128};
        let [a, b, c] = [a, b, c].map(bytemuck::cast::<f32x4, v128>);
        bytemuck::cast(f32x4_relaxed_madd(a, b, c))
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
    a.mul_add(b, c)
}

/// The four floats from `at` on; zero past the end.
#[inline(always)]
pub fn load4(from: &[f32], at: usize) -> f32x4 {
    from.get(at..).and_then(|v| v.first_chunk::<4>()).map_or(f32x4::ZERO, |v| f32x4::new(*v))
}

/// Of eight neighbours those at even and those at odd places.
#[inline(always)]
pub fn unzip([a, b]: [f32x4; 2]) -> [f32x4; 2] {
    let (low, high) = (a.unpack_lo(b), a.unpack_hi(b));
    [low.unpack_lo(high), low.unpack_hi(high)]
}

/// The inverse of [`unzip`].
#[inline(always)]
pub fn zip([even, odd]: [f32x4; 2]) -> [f32x4; 2] {
    [even.unpack_lo(odd), even.unpack_hi(odd)]
}

/// The scalar product.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let sum = a.iter().zip(b).fold(f32x8::ZERO, |s, (a, b)| f32x8::new(*a).mul_add(f32x8::new(*b), s));
    sum.reduce_add() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

/// The sum, in eight parts that are added up at the end.
pub fn sum(values: &[f32]) -> f32 {
    let (values, rest) = values.as_chunks::<8>();
    values.iter().fold(f32x8::ZERO, |sum, v| sum + f32x8::new(*v)).reduce_add() + rest.iter().sum::<f32>()
}

/// Whether every value is a number, and no infinity.
pub fn finite(values: &[f32]) -> bool {
    let (values, rest) = values.as_chunks::<8>();
    // 0 times what is not finite is no number, and stays none in a sum
    let zero = values.iter().fold(f32x8::ZERO, |sum, v| sum + f32x8::new(*v) * f32x8::ZERO);
    zero.to_array().iter().chain(rest).all(|v| v.is_finite())
}

/// `to += from`.
pub fn add(to: &mut [f32], from: &[f32]) {
    let (to, to_rest) = to.as_chunks_mut::<8>();
    let (from, from_rest) = from.as_chunks::<8>();
    to.iter_mut().zip(from).for_each(|(to, from)| *to = (f32x8::new(*to) + f32x8::new(*from)).to_array());
    to_rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to += from);
}

/// `to += factor * from`.
pub fn axpy(factor: f32, from: &[f32], to: &mut [f32]) {
    let by = f32x8::splat(factor);
    let (from, from_rest) = from.as_chunks::<8>();
    let (to, to_rest) = to.as_chunks_mut::<8>();
    to.iter_mut().zip(from).for_each(|(to, from)| *to = madd(by, f32x8::new(*from), f32x8::new(*to)).to_array());
    to_rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to += factor * from);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_what_is_no_number() {
        let values: Vec<f32> = (0..21).map(|v| v as f32).collect();
        assert_eq!((sum(&values), finite(&values)), (210.0, true));
        for at in [0, 9, 20] {
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut values = values.clone();
                values[at] = bad;
                assert!(!finite(&values), "{bad} at {at}");
            }
        }
        let mut twice = values.clone();
        add(&mut twice, &values);
        assert!(twice.iter().zip(&values).all(|(twice, once)| *twice == 2.0 * once));
    }

    #[test]
    fn what_is_unzipped_is_zipped_again() {
        let [a, b] = [f32x4::new([0.0, 1.0, 2.0, 3.0]), f32x4::new([4.0, 5.0, 6.0, 7.0])];
        let [even, odd] = unzip([a, b]);
        assert_eq!([even.to_array(), odd.to_array()], [[0.0, 2.0, 4.0, 6.0], [1.0, 3.0, 5.0, 7.0]]);
        assert_eq!(zip([even, odd]).map(f32x4::to_array), [a, b].map(f32x4::to_array));
    }
}
