//! How much of the page is shown, for links and for pages that embed it; and what a link asked for that has to wait.

use crate::catalog::Unit;
use crate::catalog::text::Lang;

use super::look::Theme;
use super::picture::Source;

/// How much of the page surrounds the view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chrome {
    /// The whole page.
    #[default]
    Full,
    /// One view with its controls, and a way to the whole page.
    Min,
    /// One view's figure alone.
    None,
}

/// What has the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The page from its top; embedded: the chosen method, else the class activation map.
    #[default]
    Page,
    /// The class activation map.
    Cam,
    /// The chosen method.
    Method,
    /// The compare board.
    Board,
    /// A layer's feature maps.
    Maps,
}

/// How the page is framed: what a link or an embedding page says of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// How much of the page surrounds the view.
    pub chrome: Chrome,
    /// What has the stage.
    pub view: View,
    /// The reader can look, not change.
    pub locked: bool,
    /// The method (or the board) runs as soon as it can.
    pub autorun: bool,
    /// Whether to ask before the weights are fetched; `None`: as the device and the frame suggest.
    pub ask: Option<bool>,
    /// The language that the link names; it goes before the visitor's own.
    pub lang: Option<Lang>,
    /// The theme that the link names; it goes before the visitor's own.
    pub theme: Option<Theme>,
}

impl Frame {
    /// The view that an embedded page shows.
    pub fn shown(&self, method: &str) -> View {
        match self.view {
            View::Page if method.is_empty() => View::Cam,
            View::Page => View::Method,
            view => view,
        }
    }
}

/// What a link asks for that has to wait for its picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The class that is explained.
    pub class: Option<usize>,
    /// The channel or neuron that is explained instead.
    pub unit: Option<Unit>,
    /// The method or the board is to run.
    pub run: bool,
    /// The link was made for a picture of its maker's own: the reader is asked for one.
    pub own_picture: bool,
    /// The address of the picture: another site would learn of the visitor, who is asked first.
    pub url: Option<String>,
}

/// A network that a link was made with and that is not here: a file of its maker's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its id.
    pub id: String,
    /// The link, which is followed once the file is opened.
    pub link: String,
}

impl Wanted {
    /// What of it is meant for `source`, which the visitor opens: nothing, unless this is the picture that the link waits for.
    pub fn of(&self, source: &Source) -> Self {
        let waits = match source {
            Source::File(..) => self.own_picture,
            Source::Url(url) => self.url.as_ref() == Some(url),
            Source::Example(_) => false,
        };
        if waits { self.clone() } else { Self::default() }
    }
}
