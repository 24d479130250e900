//! A part of the page that remembers something: a component without properties. For Yew all of them are one type, which one it is
//! says its key; a type of its own would cost each of them 4 kB of code.

use yew::functional::{Hook, HookContext};
use yew::prelude::*;

/// What a part shows: its hook, run.
#[derive(Clone, Copy)]
struct View(fn(&mut HookContext) -> Html);

impl Hook for View {
    type Output = Html;

    fn run(self, ctx: &mut HookContext) -> Html {
        (self.0)(ctx)
    }
}

#[derive(Properties)]
struct Props {
    name: &'static str,
    view: View,
}

impl PartialEq for Props {
    /// Parts of the same name are the same: a view never changes under its name.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Under a name that starts as Yew wants a hook's to.
fn use_view(view: View) -> View {
    view
}

#[component]
fn Part(props: &Props) -> Html {
    use_view(props.view)
}

/// The part called `name`; no two have the same name.
pub fn part(name: &'static str, view: fn(&mut HookContext) -> Html) -> Html {
    html! { <Part key={name} {name} view={View(view)} /> }
}
