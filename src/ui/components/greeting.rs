//! The first screen: one photo has two answers. The map glides from one class to the other and back, once.

use std::rc::Rc;

use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::utils::window;
use web_sys::HtmlCanvasElement;
use yew::functional::Hook;
use yew::prelude::*;

use super::part::part;
use crate::catalog::examples::TWO;
use crate::figure::Figure;
use crate::state::{Action, Aim, Look, Picture, Source, State};
use crate::ui::{Dispatch, paint, texts, use_store};

/// Milliseconds of a whole glide.
const LONG: f64 = 5200.0;

/// How much of the second map is seen after so many milliseconds: none, all, none; in between it glides.
fn second(ms: f64) -> f64 {
    let ramp = |from: f64| ((ms - from) / 700.0).clamp(0.0, 1.0);
    let smooth = |t: f64| t * t * (3.0 - 2.0 * t);
    smooth(ramp(1200.0)) - smooth(ramp(3400.0))
}

/// The two classes with their maps, while the first screen stands as it was opened.
fn both(s: &State) -> Option<[(usize, &Rc<Figure>); 2]> {
    let untouched = s.target.is_none()
        && s.explain.method.is_empty()
        && !s.layers_opened()
        && !s.comparing()
        && !s.leaving()
        && s.reading().is_none()
        && s.picture.as_ref().is_some_and(|p| p.source == Source::Example(TWO.0));
    let map = |class: usize| {
        let of = s.early.iter().find(|a| a.question().target == Some(Aim::Class(class)))?;
        Some((class, &of.own().1.0))
    };
    if untouched { Some([map(s.class()?)?, map(TWO.1)?]) } else { None }
}

/// The words of the first screen, and the glide from one map to the other.
pub fn greeting() -> Html {
    part("greeting", |ctx| use_greeting().run(ctx))
}

#[hook]
fn use_greeting() -> Html {
    let store = use_store();
    let s = &store.0;
    let (Some([from, to]), Some(picture)) = (both(s), s.picture.clone()) else { return html! {} };
    html! {
        <>
            <em class="tag greeting" id="greeting">{ texts::TWO_ANSWERS.get(s.lang) }</em>
            if s.greeting {
                <Glide {picture} from={Rc::clone(from.1)} to={Rc::clone(to.1)} look={s.look} dispatch={store.dispatcher()}
                    names={[from.0, to.0].map(|class| s.net.label(class, s.lang)).to_vec()} />
            }
        </>
    }
}

#[derive(Properties)]
struct Props {
    picture: Picture,
    from: Rc<Figure>,
    to: Rc<Figure>,
    look: Look,
    names: Vec<String>,
    dispatch: Dispatch,
}

impl PartialEq for Props {
    /// A glide that has begun goes on: nothing that changes meanwhile is its.
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

/// The canvas over the photo's, and whose map it shows.
#[component]
fn Glide(props: &Props) -> Html {
    let canvas = use_node_ref();
    let shown = use_state(|| 0_usize);
    let still = *use_memo((), |()| {
        window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|m| m.matches())
    });
    {
        let film = Film {
            canvas: canvas.clone(),
            picture: props.picture.clone(),
            maps: [Rc::clone(&props.from), Rc::clone(&props.to)],
            look: props.look,
            shown: shown.setter(),
            done: props.dispatch.clone(),
        };
        use_effect_with((), move |()| {
            let frame: Frame = Rc::default();
            if still {
                film.draw(1.0)
            } else {
                film.play(None, &frame)
            }
            // a frame that is asked for goes with the canvas
            move || drop(frame.take())
        });
    }
    let name = if still { props.names.get(1) } else { props.names.get(*shown) };
    html! {
        <div class={classes!("glide", still.then_some("still"))} aria-hidden="true">
            <canvas ref={canvas} />
            <em class="tag">{ name.cloned().unwrap_or_default() }</em>
        </div>
    }
}

/// The request for the next frame: dropping it ends the glide.
type Frame = Rc<std::cell::RefCell<Option<AnimationFrame>>>;

#[derive(Clone)]
struct Film {
    canvas: NodeRef,
    picture: Picture,
    maps: [Rc<Figure>; 2],
    look: Look,
    shown: UseStateSetter<usize>,
    done: Dispatch,
}

impl Film {
    /// Draws frame after frame from `start` on.
    fn play(&self, start: Option<f64>, frame: &Frame) {
        let (film, next) = (self.clone(), Rc::clone(frame));
        let asked = request_animation_frame(move |now| {
            let start = start.unwrap_or(now);
            if now - start > LONG {
                return film.done.dispatch(Action::Greeted);
            }
            let part = second(now - start);
            film.draw(part as f32);
            film.shown.set(usize::from(part > 0.5));
            film.play(Some(start), &next);
        });
        *frame.borrow_mut() = Some(asked);
    }

    /// `part` of the second map and the rest of the first.
    fn draw(&self, part: f32) {
        let [a, b] = &self.maps;
        let data = a.data.iter().zip(&b.data).map(|(a, b)| a + (b - a) * part).collect();
        let map = Figure { info: a.info.clone(), data };
        let p = &self.picture;
        let rgba = paint::overlay(&p.rgba, p.size, Some(&map), self.look);
        // a canvas without a 2D context stays empty, and the one beneath is seen
        let _ = self.canvas.cast::<HtmlCanvasElement>().map(|canvas| paint::draw(&canvas, p.size, p.size, &rgba));
    }
}
