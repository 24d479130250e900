//! A network as a graph of operations, and what can be asked of it without computing: shapes, receptive fields, roles.

mod roles;
mod sort;

pub use roles::HeadKind;

use crate::ops::{ArraySpec, Dims, Field, Misfit, Op};

/// A node as a card writes it: its inputs are names.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedNode {
    /// The node's name.
    pub name: String,
    /// The operation that it computes.
    pub op: Op,
    /// The nodes that it reads; `input` is the picture.
    pub inputs: Vec<String>,
    /// What the names of its arrays begin with in the network's shards, before a dot.
    pub arrays: String,
}

/// A node of a checked graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The name, of which every node has another.
    pub name: String,
    /// What it computes; `None` for the picture.
    pub op: Option<Op>,
    /// The numbers of the nodes that it reads, in order. All are smaller than its own.
    pub inputs: Vec<usize>,
    /// What the names of its arrays begin with in the network's shards, before a dot: `features.0` of `features.0.weight`.
    pub arrays: String,
}

/// The name of the picture among a card's nodes, and node 0's.
pub const INPUT: &str = "input";

/// Why some nodes are no network.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("node {node}: {fault}")]
pub struct GraphError {
    /// The node's name.
    pub node: String,
    /// The reason for which it is refused.
    pub fault: Fault,
}

/// Why a node is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Another node has its name, or it is called as the picture.
    #[error("its name is taken")]
    Twice,
    /// It reads a node that there is not.
    #[error("reads {0}, which is no node")]
    UnknownInput(String),
    /// It reads, over some nodes, its own output.
    #[error("reads its own output")]
    Cycle,
    /// The shapes of its inputs do not fit its parameters.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The graph's output has this name, and no node has it.
    #[error("is to be the output, and is no node")]
    NoOutput,
    /// The graph's output is no vector of logits.
    #[error("is to give the logits, and writes {0}: a vector (one place) is needed")]
    NoLogits(Dims),
    /// A fully connected layer behind maps of a certain size.
    #[error("its weights are for pictures of another size")]
    Size,
    /// A softmax may only stand behind the logits.
    #[error("a softmax may only stand behind the logits")]
    Softmax,
}

impl Fault {
    fn of(self, node: &str) -> GraphError {
        GraphError { node: node.to_owned(), fault: self }
    }
}

/// A checked network: nodes in an order in which each stands behind what it reads. Node 0 is the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
    output: usize,
    consumers: Vec<Vec<usize>>,
    dims: Vec<Dims>,
}

impl Graph {
    /// The network of these nodes, for pictures of shape `input`; the logits are what the node `output` writes.
    ///
    /// # Errors
    /// [`GraphError`] names the first node that is wrong, and says how.
    pub fn new(input: Dims, named: Vec<NamedNode>, output: &str) -> Result<Self, GraphError> {
        let nodes = sort::sorted(named)?;
        let find = |name: &str| nodes.iter().position(|node| node.name == name);
        let output = find(output).filter(|at| *at > 0).ok_or_else(|| Fault::NoOutput.of(output))?;
        let mut consumers = vec![Vec::new(); nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            node.inputs.iter().for_each(|from| consumers[*from].push(i));
        }
        let mut graph = Self { nodes, output, consumers, dims: Vec::new() };
        graph.dims = graph.shapes_of(input)?;
        for (i, node) in graph.nodes.iter().enumerate() {
            if matches!(node.op, Some(Op::Softmax(_))) && (i == output || !graph.consumers[i].is_empty()) {
                return Err(Fault::Softmax.of(&node.name));
            }
        }
        match graph.dims[output] {
            logits if logits.places() != 1 => Err(Fault::NoLogits(logits).of(&graph.nodes[output].name)),
            _ => Ok(graph),
        }
    }

    /// The same nodes with the logits at another one: a second head. What the roles tell is then told of that.
    ///
    /// # Errors
    /// [`GraphError`]: there is no such node, or it writes no vector.
    pub fn towards(&self, output: &str) -> Result<Self, GraphError> {
        let at = self.find(output).filter(|at| *at > 0).ok_or_else(|| Fault::NoOutput.of(output))?;
        match self.dims[at] {
            logits if logits.places() != 1 => Err(Fault::NoLogits(logits).of(output)),
            _ => Ok(Self { output: at, ..self.clone() }),
        }
    }

    /// All nodes, the picture first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The number of the node that writes the logits.
    pub const fn output(&self) -> usize {
        self.output
    }

    /// The number of the node called `name`.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name)
    }

    /// The nodes that read node `at`, in order; twice, if they read it twice.
    pub fn consumers(&self, at: usize) -> &[usize] {
        &self.consumers[at]
    }

    /// What every node writes for a picture of the card's own size.
    pub fn dims(&self) -> &[Dims] {
        &self.dims
    }

    /// What every node writes for a picture of `h` rows and `w` columns.
    ///
    /// # Errors
    /// [`GraphError`]: at this size a node's inputs do not fit it, or its arrays would have to be others.
    pub fn shapes(&self, h: usize, w: usize) -> Result<Vec<Dims>, GraphError> {
        let dims = self.shapes_of(Dims { h, w, ..self.dims[0] })?;
        match (1..self.nodes.len()).find(|at| self.arrays(*at, &dims) != self.arrays(*at, &self.dims)) {
            Some(at) => Err(Fault::Size.of(&self.nodes[at].name)),
            None => Ok(dims),
        }
    }

    /// The same network for pictures of `h` rows and `w` columns, with the arrays that fully connected layers need there.
    ///
    /// # Errors
    /// [`GraphError`]: at this size a node's inputs do not fit.
    pub fn resized(self, h: usize, w: usize) -> Result<Self, GraphError> {
        let dims = self.shapes_of(Dims { h, w, ..self.dims[0] })?;
        Ok(Self { dims, ..self })
    }

    fn shapes_of(&self, input: Dims) -> Result<Vec<Dims>, GraphError> {
        let mut dims = Vec::<Dims>::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let Some(op) = &node.op else {
                dims.push(input);
                continue;
            };
            let below: Vec<Dims> = node.inputs.iter().map(|from| dims[*from]).collect();
            let arity = op.arity();
            if !arity.contains(&below.len()) {
                let misfit = Misfit::Inputs { takes: *arity.start(), given: below.len() };
                return Err(Fault::from(misfit).of(&node.name));
            }
            dims.push(op.shape(&below).map_err(|misfit| Fault::from(misfit).of(&node.name))?);
        }
        Ok(dims)
    }

    /// The receptive field of every node's units: over several branches, all that any of them sees.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::<Field>::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let below = node.inputs.iter().map(|from| fields[*from]).reduce(Field::union).unwrap_or(Field::PIXEL);
            fields.push(node.op.as_ref().map_or(below, |op| op.field(below)));
        }
        fields
    }

    /// The arrays that node `at` needs when the nodes write `dims` ([`Graph::shapes`]).
    pub fn arrays(&self, at: usize, dims: &[Dims]) -> Vec<ArraySpec> {
        let node = &self.nodes[at];
        let below: Vec<Dims> = node.inputs.iter().map(|from| dims[*from]).collect();
        node.op.as_ref().map_or_else(Vec::new, |op| op.arrays(&below))
    }
}

#[cfg(test)]
mod tests;
