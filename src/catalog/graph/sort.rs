//! From names to numbers, in an order in which every node stands behind what it reads.

use std::collections::BTreeMap;

use super::{Fault, GraphError, INPUT, NamedNode, Node};

/// The picture and then all nodes; those whose inputs stand before them keep their order.
pub fn sorted(named: Vec<NamedNode>) -> Result<Vec<Node>, GraphError> {
    let mut names = BTreeMap::from([(INPUT, false)]);
    for node in &named {
        if names.insert(&node.name, false).is_some() {
            return Err(Fault::Twice.of(&node.name));
        }
    }
    for node in &named {
        if let Some(unknown) = node.inputs.iter().find(|name| !names.contains_key(name.as_str())) {
            return Err(Fault::UnknownInput(unknown.clone()).of(&node.name));
        }
    }
    let mut numbers = BTreeMap::from([(INPUT.to_owned(), 0)]);
    let mut nodes = vec![Node { name: INPUT.to_owned(), op: None, inputs: Vec::new(), arrays: INPUT.to_owned() }];
    let mut waiting = named;
    while !waiting.is_empty() {
        let mut late = Vec::new();
        for node in waiting {
            let inputs: Option<Vec<usize>> = node.inputs.iter().map(|name| numbers.get(name).copied()).collect();
            match inputs {
                Some(inputs) => {
                    numbers.insert(node.name.clone(), nodes.len());
                    nodes.push(Node { name: node.name, op: Some(node.op), inputs, arrays: node.arrays });
                }
                None => late.push(node),
            }
        }
        if let Some(stuck) = late.first().filter(|_| late.iter().all(|node| waits(node, &late))) {
            return Err(Fault::Cycle.of(&stuck.name));
        }
        waiting = late;
    }
    Ok(nodes)
}

/// Whether a node reads one of those that could not be placed.
fn waits(node: &NamedNode, late: &[NamedNode]) -> bool {
    node.inputs.iter().any(|name| late.iter().any(|other| other.name == *name))
}
