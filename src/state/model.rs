//! Everything that the page knows.

use std::rc::Rc;

use super::action::Effect;
use super::around::Around;
use super::board::Board;
use super::explain::Explain;
use super::frame::{Frame, Missing, Wanted};
use super::gallery::Gallery;
use super::job::Jobs;
use super::look::{Look, Mode, Order, Palette, Theme};
use super::maps::{Maps, Strongest};
use super::pair::Pair;
use super::picture::{ClassScore, Picture, Source};
use super::question::{Aim, Answer, Seen};
use super::sprites::Sprites;
use super::story::Story;
use super::weights::Weights;
use crate::catalog::picture::Fit;
use crate::catalog::text::Lang;
use crate::catalog::{LayerRole, MethodInfo, NetworkSpec, networks};
use crate::figure::Figure;
use crate::figure::scale::Normalise;
use crate::methods::{cam, hires_cam};
use crate::protocol::{DeviceReport, Problem};

/// The state of the whole page. It changes by [`State::reduce`] alone.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Language.
    pub lang: Lang,
    /// Light or dark.
    pub theme: Theme,
    /// The network that is asked.
    pub net: Rc<NetworkSpec>,
    /// The picture shown.
    pub picture: Option<Picture>,
    /// The picture that was asked for and is not shown yet.
    pub opening: Option<Source>,
    /// The picture and head that the engine has.
    pub live: Option<Seen>,
    /// The second picture, for methods that take two.
    pub second: Option<Picture>,
    /// Pictures in groups, for methods that take many.
    pub gallery: Gallery,
    /// Pictures that were dropped beside the one that was opened, each with the group that it could be of.
    pub offered: Vec<(String, Source)>,
    /// What the network's units want to see, once looked for.
    pub sprites: Option<Rc<Sprites>>,
    /// The most probable classes.
    pub classes: Vec<ClassScore>,
    /// Whether these classes are the engine's own of the picture that it has, not precomputed ones.
    pub classified: bool,
    /// What is shown was computed when the page was built.
    pub precomputed: bool,
    /// An example's maps that were computed when the page was built, one for every class that is listed.
    pub early: Vec<Answer<(Rc<Figure>, f64)>>,
    /// The first screen shows that one photo has two answers, until it has or the visitor does something.
    pub greeting: bool,
    /// The teaching head is in use.
    pub taught: bool,
    /// Which part of the picture the network reads.
    pub fit: Fit,
    /// The class explained; `None`: the most probable.
    pub target: Option<usize>,
    /// The class activation map and its milliseconds: while another class's is computed, the old one stays under its own name.
    pub cam: Option<Answer<(Rc<Figure>, f64)>>,
    /// Milliseconds that the engine took for a class activation map's share of a longer method.
    pub pace: Option<f64>,
    /// The chosen layer's node.
    pub layer: usize,
    /// The feature maps that were computed last: of the chosen layer, or still of the one before.
    pub maps: Option<Maps>,
    /// The strip: of every stage the channel that answers most.
    pub strip: Option<Answer<Vec<Strongest>>>,
    /// The opened channel of the chosen layer.
    pub channel: Option<usize>,
    /// The unit under the pointer: column and row in the layer's map.
    pub unit: Option<(usize, usize)>,
    /// Normalisation of the grid.
    pub normalise: Normalise,
    /// 99.5 % of all layers, once computed.
    pub model_scale: Option<f32>,
    /// Order of the grid.
    pub order: Order,
    /// Page of the grid.
    pub page: usize,
    /// How the map is drawn.
    pub look: Look,
    /// The engine's device.
    pub device: Option<DeviceReport>,
    /// The weights' progress.
    pub weights: Weights,
    /// The chosen method, its settings and its results.
    pub explain: Explain,
    /// The compare board.
    pub board: Board,
    /// The other network, where two are compared.
    pub pair: Pair,
    /// What the engine is asked, and what waits.
    pub jobs: Jobs,
    /// Bytes of weights that wait for the visitor's consent.
    pub offer: Option<u64>,
    /// The network that a link waits for.
    pub missing: Option<Missing>,
    /// The ids of the visitor's own networks that are kept in this browser.
    pub kept: Vec<String>,
    /// The story beside the stage.
    pub story: Story,
    /// How much of the page is shown.
    pub frame: Frame,
    /// The page around this one, and what it may learn.
    pub around: Around,
    /// What a link asked for that waits for its picture.
    pub wanted: Wanted,
    /// What of the link could not be used, as `key=value`.
    pub refused: Vec<String>,
    /// What went wrong last, until the visitor closes the message.
    pub problem: Option<Problem>,
    /// The engine was replaced; said once.
    pub restarted: bool,
    /// What the last action asks of the outside.
    pub effects: Vec<Effect>,
}

impl Default for State {
    fn default() -> Self {
        let net = networks::first();
        Self {
            lang: Lang::En,
            theme: Theme::Auto,
            picture: None,
            opening: None,
            live: None,
            second: None,
            gallery: Gallery::default(),
            offered: Vec::new(),
            sprites: None,
            classes: Vec::new(),
            classified: false,
            precomputed: false,
            early: Vec::new(),
            greeting: false,
            taught: false,
            fit: Fit::default(),
            target: None,
            cam: None,
            pace: None,
            layer: net.role(LayerRole::First),
            maps: None,
            strip: None,
            channel: None,
            unit: None,
            normalise: Normalise::Layer,
            model_scale: None,
            order: Order::Mean,
            page: 0,
            look: Look { palette: Palette::Turbo, opacity: 0.5, mode: Mode::Overlay, high: None },
            device: None,
            weights: Weights::default(),
            explain: Explain::default(),
            board: Board::default(),
            pair: Pair::default(),
            jobs: Jobs::default(),
            offer: None,
            missing: None,
            kept: Vec::new(),
            story: Story::default(),
            frame: Frame::default(),
            around: Around::default(),
            wanted: Wanted::default(),
            refused: Vec::new(),
            problem: None,
            restarted: false,
            effects: Vec::new(),
            net,
        }
    }
}

impl State {
    /// Channels per page of the grid.
    pub const PAGE: usize = 64;

    /// The picture asked for, else the one shown.
    pub fn source(&self) -> Option<&Source> {
        self.opening.as_ref().or(self.picture.as_ref().map(|p| &p.source))
    }

    /// The method whose map stands on the stage while no other was asked for: the class activation map, or HiResCAM, which
    /// is the same where both exist, for a network that has none.
    pub fn overview(&self) -> &'static MethodInfo {
        if self.net.lacks(&cam::INFO).is_none() { &cam::INFO } else { &hires_cam::INFO }
    }

    /// The class that is explained.
    pub fn class(&self) -> Option<usize> {
        self.target.or_else(|| self.classes.first().map(|c| c.index))
    }

    /// The class that the class activation map explains.
    pub fn cam_class(&self) -> Option<usize> {
        match self.cam.as_ref()?.question().target {
            Some(Aim::Class(class)) => Some(class),
            _ => None,
        }
    }

    /// The chosen layer's feature maps, once they are there.
    pub fn layer_maps(&self) -> Option<&Maps> {
        self.maps.as_ref().filter(|m| m.layer == self.layer)
    }

    /// What is explained: a unit if one was chosen, else the class.
    pub fn aim(&self) -> Option<Aim> {
        self.explain.unit.map(Aim::Unit).or_else(|| self.class().map(Aim::Class))
    }

    /// What it is compared with: the class when a unit is explained, else the most probable other class.
    pub fn other(&self) -> Option<Aim> {
        let mut classes = self.classes.iter().map(|c| c.index);
        let other = if self.explain.unit.is_some() { self.class() } else { classes.find(|c| Some(*c) != self.class()) };
        other.map(Aim::Class)
    }
}
