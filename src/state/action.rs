//! What can happen on the page, and what it asks of the outside.

use std::rc::Rc;

use serde_json::Value;

use super::board::Aim;
use super::catalogue::Catalogue;
use super::explain::{Explained, Given, Place};
use super::look::{Mode, Order, Palette, Theme};
use super::model::{ClassScore, Picture, Source, Weights};
use crate::catalog::Unit;
use crate::catalog::text::Lang;
use crate::figure::Figure;
use crate::figure::scale::Normalise;
use crate::protocol::{DeviceReport, Problem};

/// What happened.
#[derive(Clone, Debug)]
pub enum Action {
    /// The page was opened at an address, or the address changed.
    Go(String),
    /// Language chosen.
    Lang(Lang),
    /// Theme chosen.
    Theme(Theme),
    /// A picture was dropped, picked, pasted, photographed or clicked.
    Open(Source),
    /// Results computed when the page was built.
    Precomputed(Picture, Vec<ClassScore>, Figure),
    /// The engine took the picture.
    Opened(Picture),
    /// Classes.
    Classes(Vec<ClassScore>),
    /// Class activation map, its class, and its milliseconds.
    Cam(Figure, usize, f64),
    /// Feature maps, with the scale of all layers when it was asked for.
    Maps(Figure, Option<f32>),
    /// The map is there: the feature maps of the chosen layer come next.
    MapsWanted,
    /// The teaching head, or the default one.
    Teach(bool),
    /// A class to explain.
    Target(usize),
    /// A layer to look at.
    Layer(usize),
    /// A channel to open; `None` closes.
    Channel(Option<usize>),
    /// The unit under the pointer.
    Unit(Option<(usize, usize)>),
    /// Normalisation.
    Normalise(Normalise),
    /// Order.
    Order(Order),
    /// Page.
    Page(usize),
    /// Colours.
    Palette(Palette),
    /// 0..1.
    Opacity(f32),
    /// What is drawn.
    Mode(Mode),
    /// A method was chosen.
    Method(&'static str),
    /// One of its parameters.
    Param(&'static str, Value),
    /// Run pressed.
    Explain,
    /// A channel or neuron to explain instead of the class; `None`: the class again.
    Aim(Option<Unit>),
    /// A method to be run beside the chosen one's result.
    Beside(&'static str, Given),
    /// What the running method's figures and facts are so far.
    Partial(Vec<Rc<Figure>>, Value),
    /// Pause pressed: the method stops, and can be continued.
    Pause,
    /// Continue pressed.
    Resume,
    /// A second picture was chosen.
    OpenSecond(Source),
    /// The engine took it.
    Second(Picture),
    /// Pictures of what units want to see are looked for.
    CatalogueWanted,
    /// The catalogue's index.
    Catalogue(Rc<Catalogue>),
    /// A film is to be saved as a GIF.
    SaveFilm(Rc<Figure>),
    /// Pictures for the gallery, each with its group.
    OpenMany(Vec<(String, Source)>),
    /// The engine took one of them, or could not (`None`).
    Gathered(String, Option<Picture>),
    /// A group is to be forgotten.
    Forget(String),
    /// The weights wait for the visitor's consent: so many bytes.
    Offer(u64),
    /// It was given, or is not needed.
    Accept,
    /// The page around this one asks for the result: `png` or `json`.
    Export(String),
    /// The report is to be saved: as a page, or (`true`) as JSON.
    Report(bool),
    /// A result.
    Explained(Explained, Place),
    /// A method was taken onto the board or off it.
    BoardToggle(&'static str),
    /// Compare pressed.
    BoardRun,
    /// A map of the board: method, target, figure (none: it cannot explain that).
    BoardMap(&'static str, Aim, Option<Rc<Figure>>),
    /// The engine is up.
    Device(DeviceReport),
    /// Weights.
    Weights(Weights),
    /// A job's step.
    Progress(usize, usize),
    /// No job runs.
    Idle,
    /// Cancel pressed.
    Cancel,
    /// Something went wrong.
    Problem(Problem),
    /// The message was closed.
    Dismiss,
    /// Try the weights again.
    Retry,
    /// The engine was replaced.
    Restarted(DeviceReport),
}

/// What the outside is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Show an example's precomputed results.
    Precomputed(&'static str),
    /// Give the picture to the engine (`true`: with the teaching head), then classes, map and feature maps.
    Open(Source, bool),
    /// The class activation map of a class (`None`: the most probable).
    Cam(Option<usize>),
    /// A layer's feature maps; `true`: with the scale of all layers.
    Maps(usize, bool),
    /// Run a method on a target (a class or unit as the API takes it) and show its result there.
    Explain(&'static str, Given, Option<Value>, Place),
    /// Run these methods on these targets for the board, one after another.
    Board(Vec<(&'static str, Aim)>, Given),
    /// Give the engine the second picture.
    Second(Source),
    /// Fetch the catalogue's index.
    Catalogue,
    /// Give the engine pictures for the gallery.
    Gather(Vec<(String, Source)>),
    /// Let the engine forget a group.
    Forget(String),
    /// Save the report as a page, or (`true`) as JSON.
    Report(Lang, bool),
    /// Save a film as a GIF.
    SaveFilm(Rc<Figure>),
    /// Stop what runs.
    Cancel,
    /// Fetch the weights again.
    Retry,
    /// Start the engine, which fetches the weights.
    Start,
    /// Hand the result to the page around this one: as `png`, or (`json`) what the method told.
    Export(String, Option<Value>),
}
