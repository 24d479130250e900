//! What can happen on the page, and what it asks of the outside.

use std::rc::Rc;

use serde_json::Value;

use super::around::{Export, Format};
use super::board::By;
use super::catalogue::Catalogue;
use super::job::{Ask, JobId};
use super::look::{Mode, Order, Palette, Theme};
use super::picture::{ClassScore, Picture, Source};
use super::question::Given;
use super::story::Turn;
use super::weights::Weights;
use crate::catalog::Unit;
use crate::catalog::picture::Fit;
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
    /// Results computed when the page was built: the classes, and each one's class activation map.
    Precomputed(Picture, Vec<ClassScore>, Vec<Figure>),
    /// The first screen has shown that one photo has two answers.
    Greeted,
    /// The engine takes jobs from now on.
    Ready,
    /// A job's step.
    Progress(JobId, usize, usize),
    /// What the running method's figures and facts are so far.
    Partial(JobId, Vec<Rc<Figure>>, Value),
    /// The engine took one picture of a gallery, or could not (`None`).
    Gathered(JobId, String, Option<Picture>),
    /// A job's answer.
    Answered(JobId, Reply),
    /// A job came to nothing.
    Failed(JobId, Problem),
    /// A job is not wanted any more.
    Stop(JobId),
    /// The teaching head, or the default one.
    Teach(bool),
    /// Another part of the picture is to be read.
    Fit(Fit),
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
    /// A layer was chosen in the strip: its maps take the stage, beside the photo.
    Layers(usize),
    /// Back: from an opened channel to its layer, from the layers to the page.
    Back,
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
    /// A moment later: it runs, unless its settings were touched meanwhile.
    Begin(&'static str),
    /// One of its parameters.
    Param(&'static str, Value),
    /// Run pressed.
    Explain,
    /// A channel or neuron to explain instead of the class; `None`: the class again.
    Aim(Option<Unit>),
    /// A method to be run beside the chosen one's result.
    Beside(&'static str, Given),
    /// Pause pressed: the method stops, and can be continued.
    Pause,
    /// Continue pressed.
    Resume,
    /// A second picture was chosen.
    OpenSecond(Source),
    /// Pictures of what units want to see are looked for.
    CatalogueWanted,
    /// The catalogue's index.
    Catalogue(Rc<Catalogue>),
    /// A film is to be saved as a GIF.
    SaveFilm(Rc<Figure>),
    /// Pictures for the gallery, each with its group.
    OpenMany(Vec<(String, Source)>),
    /// A group is to be forgotten.
    Forget(String),
    /// The weights wait for the visitor's consent: so many bytes.
    Offer(u64),
    /// It was given, or is not needed.
    Accept,
    /// A page of this origin around this one asks for what is shown.
    Export(Format, String),
    /// The visitor's word for the origin that asks.
    Allow(bool),
    /// A picture of another site was dropped: its address.
    Elsewhere(String),
    /// More pictures were dropped than one: they could be a group of the gallery.
    OfferMany(Vec<(String, Source)>),
    /// The report is to be saved: as a page, or (`true`) as JSON.
    Report(bool),
    /// The stage is to be split: what stands on it, and something beside it.
    Compare,
    /// In what the cells of the board differ.
    BoardBy(By),
    /// Into how many cells.
    BoardSize(usize),
    /// A cell's method; of the first one classes, layers or photos are compared.
    BoardMethod(usize, &'static str),
    /// Compare pressed: with the parameters as they are now.
    BoardRun,
    /// The engine is up.
    Device(DeviceReport),
    /// Weights.
    Weights(Weights),
    /// The cancel key, or the page around this one: whatever runs is stopped.
    Cancel,
    /// Something went wrong that is no job's.
    Problem(Problem),
    /// The message was closed.
    Dismiss,
    /// Try the weights again.
    Retry,
    /// The engine was replaced.
    Restarted(DeviceReport),
    /// The story was opened, read, paused or answered.
    Story(Turn),
}

/// What the engine answers to a job.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A picture as it took it.
    Picture(Picture),
    /// Classes.
    Classes(Vec<ClassScore>),
    /// A method's figures, and `{ params, facts, target, ms }`.
    Ran(Vec<Rc<Figure>>, Value),
    /// It is done.
    Done,
}

/// What the outside is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Show an example's precomputed results.
    Precomputed(&'static str),
    /// Give the engine a job.
    Ask(JobId, Ask),
    /// Cancel the job.
    Cancel(JobId),
    /// Fetch the catalogue's index.
    Catalogue,
    /// Fetch the story in this language.
    Story(Lang),
    /// Fetch the weights again.
    Retry,
    /// Start the engine, which fetches the weights.
    Start,
    /// Hand what is shown to the page around this one.
    Export(Export),
    /// Tell an origin around this page that the visitor did not agree.
    Refuse(String, Format),
}
