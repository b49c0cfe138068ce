//! Long work: how far it is, and whether it shall stop.
//!
//! Counters are overwritten by workers and read by whoever shows them; a job looks at its cancel flag once a batch.

mod latest;

pub use latest::Latest;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Wakes whoever shows what long work has found.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Shared between a job and those who watch it.
#[derive(Debug, Clone)]
pub struct Job {
    state: Arc<JobState>,
    threads: usize,
}

#[derive(Debug, Default)]
struct JobState {
    is_cancelled: AtomicBool,
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
    rows_done: AtomicU64,
}

impl Job {
    /// A job on so many threads; 0 means one for each core.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            state: Arc::default(),
            threads: if threads == 0 { cores } else { threads },
        }
    }

    /// Threads that the job may use.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Asks the job to stop at its next batch.
    pub fn cancel(&self) {
        self.state.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it shall stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.state.is_cancelled.load(Ordering::Relaxed)
    }

    /// Sets how many bytes there are to read.
    pub fn begin(&self, bytes_total: u64) {
        self.state.bytes_total.store(bytes_total, Ordering::Relaxed);
        self.state.bytes_done.store(0, Ordering::Relaxed);
        self.state.rows_done.store(0, Ordering::Relaxed);
    }

    /// Overwrites how many bytes have been read.
    pub fn set_bytes_done(&self, bytes: u64) {
        self.state.bytes_done.store(bytes, Ordering::Relaxed);
    }

    /// Adds rows.
    pub fn add_rows(&self, rows: u64) {
        self.state.rows_done.fetch_add(rows, Ordering::Relaxed);
    }

    /// Bytes read, bytes in all, rows read.
    #[must_use]
    pub fn progress(&self) -> (u64, u64, u64) {
        let load = |value: &AtomicU64| value.load(Ordering::Relaxed);
        (
            load(&self.state.bytes_done),
            load(&self.state.bytes_total),
            load(&self.state.rows_done),
        )
    }
}

impl Default for Job {
    fn default() -> Self {
        Self::new(0)
    }
}
