//! The page, in Yew. It knows no tensor: it reaches the engine through `www/cnn-lens.js`, as any blog post would.

mod api;
mod app;
mod caption;
mod components;
mod drops;
mod effects;
mod extra;
mod fetch;
mod files;
mod flows;
mod hear;
mod keys;
mod outside;
mod own;
mod page;
mod paint;
mod pixels;
mod precomputed;
mod prefs;
mod save;
mod store;
mod story;
mod texts;

use yew::prelude::*;

pub use app::App;
pub use store::{Dispatch, Store};

/// Keeps files that a component was given.
#[derive(Clone, PartialEq)]
pub struct Open(outside::Outside);

/// The store of the page, for every component inside [`App`].
#[hook]
pub fn use_store() -> Store {
    use_context::<Store>().unwrap_or_else(|| unreachable!("every component lives inside App"))
}
