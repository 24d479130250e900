//! Arithmetic on tensors that are known: the shapes that exporters compute, and small constants.

use super::proto::{Attribute, Constant, Data, Node};
use crate::error::ReadError;
use crate::tensor::{Stored, permute};

/// No constant of more numbers is computed.
const MOST: usize = 1 << 22;

/// No shape or list of axes is longer.
const SHORT: usize = 4096;

/// What a node writes whose inputs are all known; `None`: it is not computed here.
///
/// # Errors
/// [`ReadError`]: the file does not give a constant's numbers; [`ReadError::NoWeights`] for weights that are one number.
pub fn fold(node: &Node, inputs: &[Option<&Constant>]) -> Result<Option<Constant>, ReadError> {
    let get = |at: usize| inputs.get(at).copied().flatten();
    let Some(x) = get(0) else {
        return Ok(if node.op == "Constant" { constant(node) } else { None });
    };
    Ok(match node.op.as_str() {
        "Identity" | "Dropout" => Some(x.clone()),
        "Cast" => cast(node, x)?,
        "Shape" => Some(Constant::ints(x.shape.iter().map(|n| *n as i64).collect())),
        "Size" => Some(Constant { shape: Vec::new(), data: Data::Ints(vec![x.count() as i64]) }),
        "ConstantOfShape" => return filled(node, x),
        "Reshape" => get(1).and_then(ints).and_then(|target| reshaped(x, target)),
        "Flatten" => {
            let axis = at(node, "axis", 1, x.shape.len() + 1);
            axis.and_then(|axis| reshaped(x, &[x.shape[..axis].iter().product::<usize>() as i64, -1]))
        }
        "Unsqueeze" | "Squeeze" => squeezed(node, x, get(1)),
        "Transpose" => transposed(node, x)?,
        "Gather" => gathered(node, x, get(1)),
        "Concat" => concatenated(inputs),
        "Slice" => sliced(node, inputs),
        "Range" => ranged(inputs),
        "Neg" | "Sqrt" | "Reciprocal" | "Exp" | "Abs" => one_by_one(&node.op, x)?,
        "Add" | "Sub" | "Mul" | "Div" | "Pow" => match get(1) {
            Some(y) => pairwise(&node.op, x, y)?,
            None => None,
        },
        _ => None,
    })
}

/// Whether a node's constant is made anew, and is not another's numbers in another shape.
pub fn computes(node: &Node) -> bool {
    matches!(
        node.op.as_str(),
        "Transpose"
            | "Neg"
            | "Sqrt"
            | "Reciprocal"
            | "Exp"
            | "Abs"
            | "Add"
            | "Sub"
            | "Mul"
            | "Div"
            | "Pow"
            | "Slice"
            | "Range"
    )
}

/// Whole numbers that are known.
pub fn ints(constant: &Constant) -> Option<&[i64]> {
    match &constant.data {
        Data::Ints(values) => Some(values),
        Data::Floats(_) => None,
    }
}

/// The parameter `name`, an axis counted from the end where it is negative, below `rank`.
pub fn at(node: &Node, name: &str, default: i64, rank: usize) -> Option<usize> {
    let axis = match node.attributes.get(name) {
        Some(Attribute::Int(axis)) => *axis,
        _ => default,
    };
    axis_of(axis, rank)
}

/// An axis counted from the end where it is negative.
pub fn axis_of(axis: i64, rank: usize) -> Option<usize> {
    let axis = if axis < 0 { axis.checked_add(rank as i64)? } else { axis };
    usize::try_from(axis).ok().filter(|axis| *axis < rank)
}

fn constant(node: &Node) -> Option<Constant> {
    match node.attributes.iter().next()? {
        (_, Attribute::Tensor(tensor)) => Some(tensor.clone()),
        (_, Attribute::Int(value)) => Some(Constant { shape: Vec::new(), data: Data::Ints(vec![*value]) }),
        (_, Attribute::Ints(values)) => Some(Constant::ints(values.clone())),
        (_, Attribute::Float(value)) => Some(Constant::floats(Vec::new(), vec![*value])),
        (_, Attribute::Floats(values)) => Some(Constant::floats(vec![values.len()], values.clone())),
        _ => None,
    }
}

fn cast(node: &Node, x: &Constant) -> Result<Option<Constant>, ReadError> {
    let to = match node.attributes.get("to") {
        Some(Attribute::Int(to)) => *to,
        _ => 1,
    };
    Ok(Some(match (&x.data, to) {
        (Data::Ints(values), 1 | 10 | 11 | 16) => {
            Constant::floats(x.shape.clone(), values.iter().map(|v| *v as f32).collect())
        }
        (Data::Floats(stored), 6 | 7) if x.count() <= 4096 => {
            let values = stored.values()?.iter().map(|v| *v as i64).collect();
            Constant { shape: x.shape.clone(), data: Data::Ints(values) }
        }
        _ => x.clone(),
    }))
}

fn filled(node: &Node, shape: &Constant) -> Result<Option<Constant>, ReadError> {
    let shape: Option<Vec<usize>> =
        ints(shape).and_then(|sides| sides.iter().map(|n| usize::try_from(*n).ok()).collect());
    let Some(shape) = shape else { return Ok(None) };
    let count = crate::tensor::count(&shape).ok_or(ReadError::Damaged { what: "a shape larger than any file" })?;
    if count > MOST {
        return Err(ReadError::NoWeights);
    }
    let value = match node.attributes.get("value") {
        Some(Attribute::Tensor(tensor)) => tensor.clone(),
        _ => Constant::floats(vec![1], vec![0.0]),
    };
    Ok(match value.data {
        Data::Ints(values) if count <= SHORT => {
            values.first().map(|v| Constant { shape, data: Data::Ints(vec![*v; count]) })
        }
        Data::Floats(stored) if stored.count() == 1 => {
            Some(Constant { data: Data::Floats(Stored::same(shape.clone(), stored.values()?[0])), shape })
        }
        Data::Floats(_) | Data::Ints(_) => None,
    })
}

fn reshaped(x: &Constant, target: &[i64]) -> Option<Constant> {
    let mut shape = Vec::new();
    let mut open = None;
    for (i, side) in target.iter().enumerate() {
        match side {
            -1 => {
                open = Some(i);
                shape.push(1);
            }
            0 => shape.push(*x.shape.get(i)?),
            side => shape.push(usize::try_from(*side).ok()?),
        }
    }
    let known = crate::tensor::count(&shape)?;
    if let Some(open) = open {
        shape[open] = x.count().checked_div(known)?;
    }
    (crate::tensor::count(&shape)? == x.count()).then(|| Constant { shape, data: x.data.clone() })
}

fn squeezed(node: &Node, x: &Constant, axes: Option<&Constant>) -> Option<Constant> {
    let given = match (axes.and_then(ints), node.attributes.get("axes")) {
        (Some(axes), _) => axes.to_vec(),
        (None, Some(Attribute::Ints(axes))) => axes.clone(),
        _ => Vec::new(),
    };
    let puts_in = node.op == "Unsqueeze";
    let rank = x.shape.len() + if puts_in { given.len() } else { 0 };
    let mut axes: Vec<usize> = given.iter().map(|axis| axis_of(*axis, rank)).collect::<Option<_>>()?;
    axes.sort_unstable();
    let mut shape = x.shape.clone();
    if puts_in {
        axes.iter().for_each(|at| shape.insert((*at).min(shape.len()), 1));
    } else if axes.is_empty() {
        shape.retain(|side| *side != 1);
    } else {
        for at in axes.iter().rev() {
            if *shape.get(*at)? != 1 {
                return None;
            }
            shape.remove(*at);
        }
    }
    Some(Constant { shape, data: x.data.clone() })
}

fn transposed(node: &Node, x: &Constant) -> Result<Option<Constant>, ReadError> {
    let rank = x.shape.len();
    let order: Vec<usize> = match node.attributes.get("perm") {
        Some(Attribute::Ints(perm)) => perm.iter().filter_map(|axis| axis_of(*axis, rank)).collect(),
        _ => (0..rank).rev().collect(),
    };
    let mut all = order.clone();
    all.sort_unstable();
    if all != (0..rank).collect::<Vec<_>>() {
        return Ok(None);
    }
    if x.count() > 4 * MOST {
        return Ok(None);
    }
    let shape: Vec<usize> = order.iter().map(|axis| x.shape[*axis]).collect();
    Ok(Some(match &x.data {
        Data::Ints(values) => Constant { shape, data: Data::Ints(permute(values, &x.shape, &order)) },
        Data::Floats(_) => Constant::floats(shape, permute(&x.stored().values()?, &x.shape, &order)),
    }))
}

fn gathered(node: &Node, x: &Constant, indices: Option<&Constant>) -> Option<Constant> {
    let (values, indices) = (ints(x)?, indices?);
    if x.shape.len() != 1 || at(node, "axis", 0, 1) != Some(0) {
        return None;
    }
    let pick = |i: &i64| axis_of(*i, values.len()).map(|i| values[i]);
    let picked = ints(indices)?.iter().map(pick).collect::<Option<_>>()?;
    Some(Constant { shape: indices.shape.clone(), data: Data::Ints(picked) })
}

fn concatenated(inputs: &[Option<&Constant>]) -> Option<Constant> {
    let mut all = Vec::new();
    for input in inputs {
        let input = (*input)?;
        if input.shape.len() > 1 {
            return None;
        }
        all.extend_from_slice(ints(input)?);
    }
    Some(Constant::ints(all))
}

fn sliced(node: &Node, inputs: &[Option<&Constant>]) -> Option<Constant> {
    let x = inputs.first().copied().flatten()?;
    let values = ints(x)?;
    let given =
        |at: usize, name: &str| match (inputs.get(at).copied().flatten().and_then(ints), node.attributes.get(name)) {
            (Some(list), _) => Some(list.to_vec()),
            (None, Some(Attribute::Ints(list))) => Some(list.clone()),
            _ => None,
        };
    let (starts, ends) = (given(1, "starts")?, given(2, "ends")?);
    let axes = given(3, "axes").unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = given(4, "steps").unwrap_or_else(|| vec![1; starts.len()]);
    // the places that are taken along every axis
    let mut taken: Vec<Vec<usize>> = x.shape.iter().map(|side| (0..*side).collect()).collect();
    for (i, axis) in axes.iter().enumerate() {
        let along = taken.get_mut(axis_of(*axis, x.shape.len())?)?;
        *along = places(along.len() as i64, *starts.get(i)?, *ends.get(i)?, *steps.get(i)?)?;
    }
    let shape: Vec<usize> = taken.iter().map(Vec::len).collect();
    let mut picked = vec![0_usize];
    for (side, along) in x.shape.iter().zip(&taken) {
        picked = picked.iter().flat_map(|at| along.iter().map(move |i| at * side + i)).collect();
    }
    let picked: Option<Vec<i64>> = picked.iter().map(|at| values.get(*at).copied()).collect();
    Some(Constant { shape, data: Data::Ints(picked?) })
}

/// The places from `start` to `end` of `n`, as NumPy counts them.
fn places(n: i64, start: i64, end: i64, step: i64) -> Option<Vec<usize>> {
    let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let bound = |at: i64| if at < 0 { at.saturating_add(n).max(low) } else { at.min(high) };
    let (mut at, end) = (bound(start), bound(end));
    let mut found = Vec::new();
    while step != 0 && ((step > 0 && at < end) || (step < 0 && at > end)) {
        found.push(usize::try_from(at).ok()?);
        at = at.checked_add(step)?;
    }
    (step != 0).then_some(found)
}

fn ranged(inputs: &[Option<&Constant>]) -> Option<Constant> {
    let number = |at: usize| inputs.get(at).copied().flatten().and_then(ints)?.first().copied();
    let (from, to, step) = (number(0)?, number(1)?, number(2)?);
    if step <= 0 || to.checked_sub(from)? > 4096 {
        return None;
    }
    Some(Constant::ints((from..to).step_by(step as usize).collect()))
}

fn one_by_one(op: &str, x: &Constant) -> Result<Option<Constant>, ReadError> {
    if x.count() > MOST {
        return Ok(None);
    }
    let f: fn(f32) -> f32 = match op {
        "Neg" => |v| -v,
        "Sqrt" => f32::sqrt,
        "Exp" => f32::exp,
        "Abs" => f32::abs,
        _ => f32::recip,
    };
    let values = x.stored().values()?.into_iter().map(f).collect();
    Ok(Some(Constant::floats(x.shape.clone(), values)))
}

/// Broadcast from the last dimension on.
fn pairwise(op: &str, x: &Constant, y: &Constant) -> Result<Option<Constant>, ReadError> {
    if let (Some(a), Some(b)) = (ints(x), ints(y)) {
        let f = |a: i64, b: i64| match op {
            "Add" => a.checked_add(b),
            "Sub" => a.checked_sub(b),
            "Mul" => a.checked_mul(b),
            "Div" => a.checked_div(b),
            _ => None,
        };
        let (long, shape) = if a.len() >= b.len() { (a.len(), &x.shape) } else { (b.len(), &y.shape) };
        if a.is_empty() || b.is_empty() || [a.len(), b.len()].iter().any(|n| *n != 1 && *n != long) {
            return Ok(None);
        }
        let values: Option<Vec<i64>> = (0..long).map(|i| f(a[i % a.len()], b[i % b.len()])).collect();
        return Ok(values.map(|values| Constant { shape: shape.clone(), data: Data::Ints(values) }));
    }
    let rank = x.shape.len().max(y.shape.len());
    let side = |of: &Constant, at: usize| (at + of.shape.len()).checked_sub(rank).map_or(1, |at| of.shape[at]);
    let mut shape = Vec::with_capacity(rank);
    for at in 0..rank {
        match (side(x, at), side(y, at)) {
            (a, b) if a == b || b == 1 => shape.push(a),
            (1, b) => shape.push(b),
            _ => return Ok(None),
        }
    }
    let Some(total) = crate::tensor::count(&shape).filter(|total| *total <= MOST) else { return Ok(None) };
    let f: fn(f32, f32) -> f32 = match op {
        "Add" => |a, b| a + b,
        "Sub" => |a, b| a - b,
        "Mul" => |a, b| a * b,
        "Div" => |a, b| a / b,
        _ => f32::powf,
    };
    let read = |of: &Constant| -> Result<Vec<f32>, ReadError> { Stored::values(&of.stored()) };
    let (a, b) = (read(x)?, read(y)?);
    let steps = |of: &Constant| {
        let mut step = 1;
        let mut steps = vec![0; rank];
        for at in (0..rank).rev() {
            let side = side(of, at);
            steps[at] = if side == 1 { 0 } else { step };
            step *= side;
        }
        steps
    };
    let (by_a, by_b) = (steps(x), steps(y));
    let mut place = vec![0; rank];
    let mut values = Vec::with_capacity(total);
    for _ in 0..total {
        let index = |steps: &[usize]| place.iter().zip(steps).map(|(i, step)| i * step).sum::<usize>();
        values.push(f(a[index(&by_a)], b[index(&by_b)]));
        for at in (0..rank).rev() {
            place[at] += 1;
            if place[at] < shape[at] {
                break;
            }
            place[at] = 0;
        }
    }
    Ok(Some(Constant::floats(shape, values)))
}
