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
    fn what_is_unzipped_is_zipped_again() {
        let [a, b] = [f32x4::new([0.0, 1.0, 2.0, 3.0]), f32x4::new([4.0, 5.0, 6.0, 7.0])];
        let [even, odd] = unzip([a, b]);
        assert_eq!([even.to_array(), odd.to_array()], [[0.0, 2.0, 4.0, 6.0], [1.0, 3.0, 5.0, 7.0]]);
        assert_eq!(zip([even, odd]).map(f32x4::to_array), [a, b].map(f32x4::to_array));
    }
}
