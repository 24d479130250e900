//! A header as a message, or whose it was and why it is none.

use serde_json::Value;

use super::{JobId, Problem, ToWorker};
use crate::catalog::ProblemKind;

/// A message that could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    /// The job that waits for an answer, if it has a number.
    pub job: Option<JobId>,
    /// What is wrong with the message.
    pub problem: Problem,
}

/// Characters of an unreadable message that its problem shows.
const SHOWN: usize = 300;

impl ToWorker {
    /// Reads a header.
    ///
    /// # Errors
    /// [`Unread`]: an unknown kind of message, a field that is missing, unknown, or of another type or range.
    pub fn read(header: &str) -> Result<Self, Unread> {
        serde_json::from_str(header).map_err(|error| {
            let given: Value = serde_json::from_str(header).unwrap_or_default();
            let job = given["job"].as_u64().and_then(|job| job.try_into().ok());
            // where in the header means nothing to whoever called a function
            let (error, given) = (error.to_string(), shown(given));
            let why = error.split(" at line ").next().unwrap_or_default();
            Unread { job, problem: Problem::new(ProblemKind::BadParameter, format!("{why}; given: {given}")) }
        })
    }
}

fn shown(mut given: Value) -> String {
    if let Value::Object(fields) = &mut given {
        fields.remove("job");
    }
    given.to_string().chars().take(SHOWN).collect()
}
