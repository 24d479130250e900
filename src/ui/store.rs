//! The page's state and the way to change it.
//!
//! An action changes the state, and what it asks of the outside is done, before [`Dispatch::dispatch`] returns: a cancel is
//! sent by the very click, whatever there is to be drawn. The drawing follows when the browser has time for it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use yew::prelude::*;

use crate::state::{Action, Effect, State};

/// The state as it is drawn, and its dispatcher; shared with every component.
#[derive(Clone)]
pub struct Store(pub Rc<State>, Dispatch);

impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Store {
    /// The way to change the state.
    pub fn dispatcher(&self) -> Dispatch {
        self.1.clone()
    }
}

/// Does what the state asks of the outside: engine, files, network, the page around.
pub trait Perform {
    /// Does it; what comes of it is dispatched, now or later.
    fn perform(&self, effect: Effect, dispatch: &Dispatch);
    /// Lets go of the visitor's files but for those with these numbers.
    fn retain(&self, used: &[u32]);
}

/// Takes actions: the only way in which the page's state changes.
#[derive(Clone)]
pub struct Dispatch(Rc<Shared>);

struct Shared {
    state: RefCell<Rc<State>>,
    outside: Box<dyn Perform>,
    /// Actions that came while another one was at work.
    next: RefCell<VecDeque<Action>>,
    at_work: Cell<bool>,
    redraw: UseForceUpdateHandle,
}

impl Dispatch {
    /// Changes the state and does what that asks for; the page is drawn later.
    pub fn dispatch(&self, action: Action) {
        let shared = &self.0;
        shared.next.borrow_mut().push_back(action);
        if shared.at_work.replace(true) {
            return;
        }
        loop {
            let action = shared.next.borrow_mut().pop_front();
            let Some(action) = action else { break };
            let state = Rc::new(shared.state.borrow().reduce(action));
            *shared.state.borrow_mut() = Rc::clone(&state);
            shared.outside.retain(&state.files());
            for effect in &state.effects {
                shared.outside.perform(effect.clone(), self);
            }
        }
        shared.at_work.set(false);
        shared.redraw.force_update();
    }
}

/// The store of the page: made once with what `action` makes of `first`, drawn anew after every action.
#[hook]
pub fn use_page(outside: impl Perform + 'static, first: impl FnOnce() -> (State, Action)) -> Store {
    let redraw = use_force_update();
    let dispatch = use_memo((), move |()| {
        let (state, action) = first();
        let dispatch = Dispatch(Rc::new(Shared {
            state: RefCell::new(Rc::new(state)),
            outside: Box::new(outside),
            next: RefCell::default(),
            at_work: Cell::new(false),
            redraw,
        }));
        dispatch.dispatch(action);
        dispatch
    });
    let state = Rc::clone(&dispatch.0.state.borrow());
    Store(state, (*dispatch).clone())
}
