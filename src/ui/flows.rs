//! The geometry of the cascade's diagram: where nodes and ribbons lie. Heights are shares of the score.

use serde_json::Value;

/// The drawing's width.
pub const WIDTH: f64 = 1180.0;
/// The drawing's height.
pub const HEIGHT: f64 = 440.0;
const GAP: f64 = 5.0;
const BAR: f64 = 10.0;

/// A channel, a layer's rest, the pixels, or the target.
pub struct Node {
    /// Layer, `pixels`, or `score`.
    pub layer: String,
    /// `None` for all others than a channel.
    pub channel: Option<usize>,
    /// The relevance that flows through the node, in units of the score.
    pub relevance: f64,
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// The height: the node's share of the score.
    pub height: f64,
}

/// A flow between two nodes.
pub struct Ribbon {
    /// Index of the node on the left.
    pub lower: usize,
    /// Index of the node on the right.
    pub upper: usize,
    /// The relevance that flows along the ribbon, in units of the score.
    pub flow: f64,
    /// SVG path.
    pub path: String,
}

/// A channel (none: all the others together) and what flows through it.
type Flow = (Option<usize>, f64);

/// The whole diagram, laid out.
pub struct Diagram {
    /// The nodes, column by column.
    pub nodes: Vec<Node>,
    /// The ribbons that are wide enough to be seen.
    pub ribbons: Vec<Ribbon>,
    /// Columns' names and where they stand.
    pub titles: Vec<(f64, String)>,
}

impl Diagram {
    /// Lays out what the method told.
    pub fn new(facts: &Value) -> Self {
        let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
        let number = |v: &Value| v.as_f64().unwrap_or_default();
        let score = number(&facts["score"]);
        let mut columns: Vec<(String, Vec<Flow>)> = list(&facts["columns"])
            .iter()
            .map(|c| {
                let nodes = list(&c["nodes"])
                    .iter()
                    .map(|n| (n["channel"].as_u64().map(|k| k as usize), number(&n["relevance"])))
                    .collect::<Vec<_>>();
                (
                    c["layer"].as_str().unwrap_or_default().to_owned(),
                    nodes.into_iter().chain([(None, number(&c["rest"]))]).collect(),
                )
            })
            .collect();
        columns.push(("score".into(), vec![(None, score)]));
        let room = |nodes: &[Flow]| HEIGHT - GAP * (nodes.len() as f64 - 1.0);
        let scale = columns.iter().fold(f64::INFINITY, |m, (_, nodes)| {
            m.min(room(nodes) / nodes.iter().map(|n| n.1.abs()).sum::<f64>().max(1e-9))
        });
        let step = (WIDTH - BAR - 24.0) / (columns.len() as f64 - 1.0).max(1.0);
        let (mut nodes, mut first, mut titles) = (Vec::new(), Vec::new(), Vec::new());
        for (i, (layer, list)) in columns.iter().enumerate() {
            let (x, mut y) = (i as f64 * step, 0.0);
            first.push(nodes.len());
            titles.push((x, layer.clone()));
            for (channel, relevance) in list {
                let height = relevance.abs() * scale;
                nodes.push(Node { layer: layer.clone(), channel: *channel, relevance: *relevance, x, y, height });
                y += height + GAP;
            }
        }
        // tables [lower][upper]; to the score everything of the last layer
        let mut tables: Vec<Vec<Vec<f64>>> = list(&facts["links"])
            .iter()
            .map(|t| list(t).iter().map(|r| list(r).iter().map(number).collect()).collect())
            .collect();
        if let [.., (_, last), _] = columns.as_slice() {
            tables.push(last.iter().map(|n| vec![n.1]).collect());
        }
        let ribbons = tables
            .iter()
            .enumerate()
            .flat_map(|(i, t)| ribbons(&nodes, (first[i], first[i + 1]), t, scale, score))
            .collect();
        Self { nodes, ribbons, titles }
    }
}

/// Between two columns: stacked on both sides in the nodes' order, narrowed where both signs would overflow a node.
fn ribbons(nodes: &[Node], (lower, upper): (usize, usize), table: &[Vec<f64>], scale: f64, score: f64) -> Vec<Ribbon> {
    let fit = |node: &Node, total: f64| if total * scale > node.height { node.height / (total * scale) } else { 1.0 };
    let rows = table.len();
    let across = table.first().map_or(0, Vec::len);
    let left: Vec<f64> = (0..rows).map(|k| fit(&nodes[lower + k], table[k].iter().map(|f| f.abs()).sum())).collect();
    let right: Vec<f64> = (0..across).map(|m| fit(&nodes[upper + m], table.iter().map(|r| r[m].abs()).sum())).collect();
    let mut at_left: Vec<f64> = (0..rows).map(|k| nodes[lower + k].y).collect();
    let mut at_right: Vec<f64> = (0..across).map(|m| nodes[upper + m].y).collect();
    let mut list = Vec::new();
    for (k, row) in table.iter().enumerate() {
        for (m, flow) in row.iter().enumerate() {
            let (a, b) = (flow.abs() * scale * left[k], flow.abs() * scale * right[m]);
            let (y0, y1) = (at_left[k], at_right[m]);
            (at_left[k], at_right[m]) = (y0 + a, y1 + b);
            if flow.abs() < 0.003 * score.abs() {
                continue;
            }
            let (x0, x1) = (nodes[lower].x + BAR, nodes[upper].x);
            let middle = (x0 + x1) / 2.0;
            let path = format!(
                "M{x0:.1} {y0:.1}C{middle:.1} {y0:.1} {middle:.1} {y1:.1} {x1:.1} {y1:.1}L{x1:.1} {:.1}C{middle:.1} {:.1} {middle:.1} {:.1} {x0:.1} {:.1}Z",
                y1 + b,
                y1 + b,
                y0 + a,
                y0 + a
            );
            list.push(Ribbon { lower: lower + k, upper: upper + m, flow: *flow, path });
        }
    }
    list
}
