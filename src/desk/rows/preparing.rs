//! Reading a file through in the background, while what has gone by is shown already.

use std::sync::Arc;

use super::{RowPager, RowsError};
use crate::contents::Contents;
use crate::job::{Job, Wake};
use parking_lot::Mutex;

/// A file that is being read through. Dropping it stops that.
pub struct Preparing {
    job: Job,
    outcome: Arc<Mutex<Option<PreparedAs>>>,
}

/// How reading through has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreparedAs {
    /// All of it can be shown, and it is what was imported.
    Ready,
    /// Somebody stopped it.
    Stopped,
    /// It failed, for this reason.
    Failed(String),
}

impl Preparing {
    /// Begins on a thread of its own: what the pager needs, or with `every_byte` a comparison of the whole content. `wake` is called at
    /// the end.
    #[must_use]
    pub fn start(pager: Arc<RowPager>, contents: Contents, every_byte: bool, wake: Wake) -> Self {
        let job = Job::new(1);
        let outcome = Arc::new(Mutex::new(None));
        let this = Self {
            job: job.clone(),
            outcome: Arc::clone(&outcome),
        };
        let run = move || {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                if every_byte {
                    pager.compare(&contents, &job)
                } else {
                    pager.prepare(&contents, &job)
                }
            }));
            // The workspace is let go before anybody is told.
            drop(contents);
            *outcome.lock() = Some(match result {
                Ok(Ok(())) => PreparedAs::Ready,
                Ok(Err(error)) if error.is_cancelled() => PreparedAs::Stopped,
                Ok(Err(error)) => PreparedAs::Failed(error.to_string()),
                Err(_) => {
                    PreparedAs::Failed("reading broke off; this is a fault of the program".into())
                }
            });
            wake();
        };
        std::thread::Builder::new()
            .name("read-through".into())
            .spawn(run)
            .expect("the system gives a thread");
        this
    }

    /// How it has ended; `None` as long as it goes on.
    #[must_use]
    pub fn outcome(&self) -> Option<PreparedAs> {
        self.outcome.lock().clone()
    }

    /// Bytes done and bytes in all; the latter is 0 when that is not known.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        let (done, total, _) = self.job.progress();
        (done, total)
    }

    /// Stops it at the next batch.
    pub fn cancel(&self) {
        self.job.cancel();
    }
}

impl Drop for Preparing {
    fn drop(&mut self) {
        self.job.cancel();
    }
}

impl RowsError {
    /// Whether waiting helps.
    #[must_use]
    pub fn is_not_yet(&self) -> bool {
        matches!(self, Self::NotYet)
    }
}
