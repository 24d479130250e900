//! What the page has of the network that is compared with the one in use.

use std::cell::{Cell, RefCell};

use super::api::CnnLens;
use crate::state::{JobId, Seen};

/// Whatever serves the network that is compared with the one in use.
#[derive(Default)]
pub struct Other {
    /// A second engine.
    pub(super) engine: RefCell<Option<CnnLens>>,
    /// The picture that it has, of which network.
    pub(super) has: RefCell<Option<Seen>>,
    /// The job that waits for its weights.
    pub(super) job: Cell<JobId>,
    /// The page's own engine may run the other network.
    pub(super) lent: Cell<bool>,
}

impl Other {
    /// Nobody asks the other network any more: the second engine ends.
    pub fn release(&self) {
        *self.has.borrow_mut() = None;
        if let Some(engine) = self.engine.borrow_mut().take() {
            engine.close();
        }
    }

    /// The page's own engine runs the network in use.
    pub fn returned(&self) {
        if self.lent.replace(false) {
            *self.has.borrow_mut() = None;
        }
    }
}
