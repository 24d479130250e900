//! What can happen on the page, and what it asks of the outside.

use std::rc::Rc;

use serde_json::Value;

use super::around::{Export, Format};
use super::board::By;
use super::job::{Ask, JobId};
use super::look::{Mode, Order, Palette, Theme};
use super::picture::{ClassScore, Picture, Source};
use super::question::Settings;
use super::sprites::Sprites;
use super::story::Turn;
use super::weights::Weights;
use crate::catalog::picture::Fit;
use crate::catalog::text::Lang;
use crate::catalog::{NetworkSpec, Unit};
use crate::figure::Figure;
use crate::figure::scale::Normalise;
use crate::protocol::{DeviceReport, Problem};

/// Something that happened: the visitor did it, the engine told it, or the page around this one asked for it.
#[derive(Clone, Debug)]
pub enum Action {
    /// The page was opened at an address, or the address changed.
    Go(String),
    /// The visitor chose a language.
    Lang(Lang),
    /// The visitor chose light or dark.
    Theme(Theme),
    /// A picture was dropped, picked, pasted, photographed or clicked.
    Open(Source),
    /// A network's results computed when the page was built: the classes, and each one's class activation map.
    Precomputed(Rc<NetworkSpec>, Picture, Vec<ClassScore>, Vec<Figure>),
    /// The first screen has shown that one photo has two answers.
    Greeted,
    /// The engine takes jobs from now on.
    Ready,
    /// A job made progress: steps done and in all.
    Progress(JobId, usize, usize),
    /// What the running method's figures and facts are so far.
    Partial(JobId, Vec<Rc<Figure>>, Value),
    /// The engine took one picture of a gallery, or could not (`None`).
    Gathered(JobId, String, Option<Picture>),
    /// The engine answered a job.
    Answered(JobId, Reply),
    /// A job failed or was cancelled.
    Failed(JobId, Problem),
    /// A job is not wanted any more.
    Stop(JobId),
    /// The teaching head, or the default one.
    Teach(bool),
    /// Another network was chosen.
    Network(Rc<NetworkSpec>),
    /// A network to be compared with the one in use.
    Against(Rc<NetworkSpec>),
    /// A network of the visitor's own was read from its files.
    Opened(Rc<NetworkSpec>),
    /// Photos of which both networks are to tell the class; none: they are forgotten.
    Sort(Vec<Source>),
    /// The networks are to go on with these photos.
    SortOn,
    /// They are to stop; what they have said stays.
    SortStop,
    /// The files of a network of the visitor's own were dropped or chosen: what they are kept as.
    OpenNetwork(u32),
    /// These of the visitor's own networks (their ids) are kept in this browser.
    Kept(Vec<String>),
    /// One of the visitor's own networks is to be kept in this browser.
    Keep(Rc<NetworkSpec>),
    /// One of the visitor's own networks is to be deleted from this browser.
    Delete(Rc<NetworkSpec>),
    /// Which part of the picture the network reads was chosen.
    Fit(Fit),
    /// The class to explain was chosen.
    Target(usize),
    /// A layer's feature maps were chosen: its node.
    Layer(usize),
    /// A channel to open; `None` closes.
    Channel(Option<usize>),
    /// The pointer went over a unit of the opened channel: its column and row; `None`: it left.
    Unit(Option<(usize, usize)>),
    /// How feature maps are scaled to grey levels was chosen.
    Normalise(Normalise),
    /// In which order feature maps stand was chosen.
    Order(Order),
    /// A layer was chosen in the strip: its maps take the stage, beside the photo.
    Layers(usize),
    /// Back: from an opened channel to its layer, from the layers to the page.
    Back,
    /// A page of the grid of feature maps was chosen, from 0.
    Page(usize),
    /// A palette was chosen.
    Palette(Palette),
    /// How opaque the map lies over the photo was chosen, 0..1.
    Opacity(f32),
    /// Whether map, photo or both are drawn was chosen.
    Mode(Mode),
    /// A method was chosen; the empty id: it was left.
    Method(&'static str),
    /// A moment later: it runs, unless its settings were touched meanwhile.
    Begin(&'static str),
    /// A parameter of methods was set: its id and its value. It counts for every method that has it.
    Param(&'static str, Value),
    /// The chosen method is to run.
    Explain,
    /// A channel or neuron to explain instead of the class; `None`: the class again.
    Aim(Option<Unit>),
    /// A method to be run beside the chosen one's result.
    Beside(&'static str, Settings),
    /// Pause pressed: the method stops, and can be continued.
    Pause,
    /// The paused method is to go on.
    Resume,
    /// A second picture was chosen.
    OpenSecond(Source),
    /// Pictures of what units want to see are looked for.
    SpritesWanted,
    /// The index of a network's sprite sheets is here.
    Sprites(Rc<NetworkSpec>, Rc<Sprites>),
    /// A film is to be saved as a GIF.
    SaveFilm(Rc<Figure>),
    /// Pictures for the gallery, each with its group.
    OpenMany(Vec<(String, Source)>),
    /// A group is to be forgotten.
    Forget(String),
    /// The weights wait for the visitor's consent: so many bytes.
    Offer(u64),
    /// The visitor agreed to the download of the weights, or is not asked.
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
    /// In what the cells of the board differ was chosen.
    BoardBy(By),
    /// Into how many cells the stage is split was chosen.
    BoardSize(usize),
    /// A cell's method; of the first one classes, layers or photos are compared.
    BoardMethod(usize, &'static str),
    /// Compare pressed: with the parameters as they are now.
    BoardRun,
    /// The engine is up, on this device.
    Device(DeviceReport),
    /// So much of the weights has arrived.
    Weights(Weights),
    /// The cancel key, or the page around this one: whatever runs is stopped.
    Cancel,
    /// Something went wrong that is no job's.
    Problem(Problem),
    /// The visitor closed the message about a problem.
    Dismiss,
    /// The visitor wants the weights to be fetched again.
    Retry,
    /// The engine failed and was replaced by another one, on this device.
    Restarted(DeviceReport),
    /// The story was opened, read, paused or answered.
    Story(Turn),
}

/// What the engine answers to a job.
#[derive(Clone, Debug)]
pub enum Reply {
    /// To [`Ask::Picture`] and [`Ask::Second`]: the picture as the engine took it.
    Picture(Picture),
    /// To [`Ask::Classes`] and [`Ask::Other`]: all classes, the most probable first.
    Classes(Vec<ClassScore>),
    /// To [`Ask::Run`]: the method's figures, and `{ params, facts, target, ms }`.
    Ran(Vec<Rc<Figure>>, Value),
    /// To [`Ask::Sort`]: the photo, made small, and its most probable class.
    Sorted(Picture, ClassScore),
    /// To all other jobs: what was asked is done, and there is nothing to tell.
    Done,
}

/// What the state asks of the outside: engine, network, the page around this one.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Show a network's precomputed results of an example.
    Precomputed(Rc<NetworkSpec>, &'static str),
    /// Give the engine a job; all news of it carries the number.
    Ask(JobId, Ask),
    /// Cancel the job that the engine has.
    Cancel(JobId),
    /// Fetch the index of a network's sprite sheets.
    Sprites(Rc<NetworkSpec>),
    /// Fetch the story in this language.
    Story(Lang),
    /// No other network than the one in use is asked any more.
    Release,
    /// Fetch the weights again.
    Retry,
    /// Start the engine with this network, whose weights it fetches.
    Start(Rc<NetworkSpec>),
    /// The engine, if it was started, is to run another network.
    Network(Rc<NetworkSpec>),
    /// Ask what is to be known of a network.
    OpenNetwork {
        /// What its files are kept as.
        files: u32,
        /// The visitor's photo: what the network makes of it is shown.
        photo: Option<Source>,
        /// The dialog's language.
        lang: Lang,
        /// How pictures are to be prepared, if a link says it.
        wanted: Option<String>,
    },
    /// Keep one of the visitor's own networks in this browser.
    Keep(Rc<NetworkSpec>),
    /// Delete one of the visitor's own networks from this browser.
    Delete(Rc<NetworkSpec>),
    /// Hand what is shown to the page around this one.
    Export(Export),
    /// Tell an origin around this page that the visitor did not agree.
    Refuse(String, Format),
}
