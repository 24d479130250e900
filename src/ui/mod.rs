//! The page, in Yew. It knows no tensor: it reaches the engine through `www/cnn-lens.js`, as any blog post would.

mod app;
mod components;
mod effects;
mod extra;
mod flows;
mod hear;
mod keys;
mod lens;
mod page;
mod paint;
mod prefs;
mod save;
mod texts;

use yew::prelude::*;

use crate::state::{Action, State};

pub use app::App;

/// The state and its dispatcher, shared with every component.
pub type Store = UseReducerHandle<Model>;

/// [`State`] as Yew wants it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Model(pub State);

impl Reducible for Model {
    type Action = Action;

    fn reduce(self: std::rc::Rc<Self>, action: Action) -> std::rc::Rc<Self> {
        std::rc::Rc::new(Self(self.0.reduce(action)))
    }
}

/// Keeps files that a component was given.
#[derive(Clone, PartialEq)]
pub struct Open(effects::Outside);

/// The store of the page.
#[hook]
pub fn use_store() -> Store {
    use_context::<Store>().unwrap_or_else(|| unreachable!("every component lives inside App"))
}
