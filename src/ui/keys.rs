//! The keyboard, for those who do not point.

use gloo::events::EventListener;
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::page::SHEET;
use super::store::Dispatch;
use super::{api, page};
use crate::catalog::text::{Text, text};
use crate::state::{Action, Mode};

/// What a key does.
enum Deed {
    /// Dispatches an action.
    Act(Action),
    /// Moves the focus to the first element of a selector.
    Focus(&'static str),
    /// Presses a button of the question that is open: a method.
    Choose(u32),
    /// Shows or closes the help.
    Help,
}

/// The keys and what they do, for the help.
pub const KEYS: &[(&str, Text)] = &[
    ("1 … 9", text!("open Ask; there, choose a method of the open question", "打开“提问”；在其中选择当前问题下的方法")),
    ("r", text!("run it", "运行")),
    ("x", text!("cancel", "取消")),
    ("o  m  p", text!("overlay, map, photo", "叠加、热图、照片")),
    ("/", text!("find a class", "查找类别")),
    ("l", text!("to the layers", "转到各层")),
    (
        "g",
        text!(
            "to the feature maps; arrows move, Enter opens, Esc closes",
            "转到特征图；方向键移动，回车打开，Esc 关闭"
        ),
    ),
    ("← →", text!("in the story: the paragraph before, the next one", "导览中：上一段、下一段")),
    ("?", text!("this list", "显示此列表")),
];

fn deed(key: &str) -> Option<Deed> {
    Some(match key {
        "r" => Deed::Focus("#run"),
        "x" => Deed::Act(Action::Cancel),
        "o" => Deed::Act(Action::Mode(Mode::Overlay)),
        "m" => Deed::Act(Action::Mode(Mode::Heat)),
        "p" => Deed::Act(Action::Mode(Mode::Photo)),
        "/" => Deed::Focus("#class-search"),
        "l" => Deed::Focus(".strip [tabindex='0']"),
        "g" => Deed::Focus("#tiles .cell"),
        "Escape" => Deed::Act(Action::Back),
        "?" => Deed::Help,
        digit => {
            let n = digit.parse::<u32>().ok().filter(|n| (1..=9).contains(n))?;
            Deed::Choose(n - 1)
        }
    })
}

/// The key of an event; `None` for those that autofill, dictation and input methods make without one, or while they compose.
pub fn key(e: &KeyboardEvent) -> Option<String> {
    api::field(e, "key").as_string().filter(|_| !api::field(e, "isComposing").is_truthy())
}

/// Whether an element takes what is typed or pasted.
pub fn editable(element: &Element) -> bool {
    ["INPUT", "TEXTAREA", "SELECT"].contains(&element.tag_name().as_str())
        || element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
}

/// Whether a dialog is open: nothing behind it is meant.
pub fn in_dialog() -> bool {
    is_there("dialog[open]")
}

fn is_there(selector: &str) -> bool {
    document().query_selector(selector).ok().flatten().is_some()
}

/// Hears keys everywhere but in fields, and without Ctrl, Alt or Meta, which are the browser's.
pub fn listen(dispatch: Dispatch, help: Callback<()>) -> EventListener {
    let options = gloo::events::EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&document(), "keydown", options, move |e| {
        let Some(e) = e.dyn_ref::<KeyboardEvent>() else { return };
        let Some(key) = key(e) else { return };
        let field = e.target().and_then(|t| t.dyn_into::<Element>().ok());
        let typing = field.is_some_and(|f| editable(&f));
        // who may look only does not press Run either
        let locked = is_there(".locked");
        if locked || in_dialog() || e.ctrl_key() || e.alt_key() || e.meta_key() || (typing && key != "Escape") {
            return;
        }
        // over an open sheet the keys are its own: Esc closes it, digits choose in it
        match deed(&key).filter(|deed| matches!(deed, Deed::Choose(_)) || !is_there(":popover-open")) {
            Some(Deed::Act(action)) => dispatch.dispatch(action),
            Some(Deed::Focus(selector)) => {
                let found = document().query_selector(selector).ok().flatten();
                if let Some(element) = found.and_then(|f| f.dyn_into::<HtmlElement>().ok()) {
                    // the key itself is not typed into the field
                    e.prevent_default();
                    let _ = element.focus();
                    if selector == "#run" {
                        element.click();
                    }
                }
            }
            // nobody can choose of what is not to be seen; without popovers the questions stand on the page
            Some(Deed::Choose(_)) if is_there("#ask:not(:popover-open)") => page::sheet(SHEET, true),
            Some(Deed::Choose(n)) => {
                let methods = document().query_selector_all(".menu .modes:not([hidden]) button").ok();
                let method = methods.and_then(|all| all.item(n)?.dyn_into::<HtmlElement>().ok());
                method.iter().for_each(HtmlElement::click);
            }
            Some(Deed::Help) => help.emit(()),
            None => {}
        }
    })
}

/// Where an arrow key points: columns to the right, rows down. `None` for any other key.
pub fn arrow(e: &KeyboardEvent) -> Option<(i32, i32)> {
    match key(e)?.as_str() {
        "ArrowLeft" => Some((-1, 0)),
        "ArrowRight" => Some((1, 0)),
        "ArrowUp" => Some((0, -1)),
        "ArrowDown" => Some((0, 1)),
        _ => None,
    }
}

/// Whether the tabulator stops at a button of a group that [`arrows`] move in: at one of them.
pub fn stop(here: bool) -> &'static str {
    if here { "0" } else { "-1" }
}

/// Arrow keys move the focus among the buttons of a group (`role="group"`), in rows where there are some.
pub fn arrows(e: KeyboardEvent) {
    let Some((right, down)) = arrow(&e) else { return };
    let Some(from) = e.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) else { return };
    let Some(group) = from.closest("[role=group]").ok().flatten() else { return };
    let Ok(found) = group.query_selector_all("button") else { return };
    let buttons: Vec<HtmlElement> =
        (0..found.length()).filter_map(|i| found.item(i)?.dyn_into::<HtmlElement>().ok()).collect();
    let columns = buttons.iter().filter(|b| b.offset_top() == from.offset_top()).count() as i32;
    e.prevent_default();
    let to = |i: usize| usize::try_from(i as i32 + right + down * columns).ok();
    let at = buttons.iter().position(|b| *b == from).and_then(to);
    if let Some(next) = at.and_then(|i| buttons.get(i)) {
        // an element that cannot take the focus leaves it where it is
        let _ = next.focus();
    }
}

/// Steps across a map of more cells than these.
const STEPS: usize = 16;

/// The place (0..1) to which an arrow key moves on a map of `width` x `height` cells, from its middle when there is none: a cell
/// further, or a sixteenth of a fine map. `None` for any other key.
pub fn walk(e: &KeyboardEvent, from: Option<(f64, f64)>, [width, height]: [usize; 2]) -> Option<(f64, f64)> {
    let (right, down) = arrow(e)?;
    e.prevent_default();
    let along = |at: f64, n: usize, d: i32| {
        let steps = n.clamp(1, STEPS) as f64;
        (((at * steps).floor() + f64::from(d)).clamp(0.0, steps - 1.0) + 0.5) / steps
    };
    let (x, y) = from.unwrap_or((0.5, 0.5));
    Some((along(x, width, right), along(y, height, down)))
}
