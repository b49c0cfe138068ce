//! A progress bar over a job's counters: bytes, rows a second, time left. Drawn only on a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::job::Job;

/// A bar that follows a job until it is finished.
pub(super) struct Progress {
    is_over: Arc<AtomicBool>,
    watcher: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to follow the job.
    pub(super) fn start(job: &Job, what: &str) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        job.begin(0);
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        if bar.is_hidden() {
            return Self {
                is_over,
                watcher: None,
            };
        }
        bar.set_prefix(what.to_owned());
        let job = job.clone();
        let over = is_over.clone();
        let watcher = std::thread::Builder::new()
            .name("progress".into())
            .spawn(move || watch(&job, &bar, &over))
            .ok();
        Self { is_over, watcher }
    }

    /// Takes the bar away.
    pub(super) fn finish(self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(watcher) = self.watcher {
            watcher.thread().unpark();
            // A panic of the bar is no reason to fail the job.
            let _ = watcher.join();
        }
    }
}

fn watch(job: &Job, bar: &ProgressBar, is_over: &AtomicBool) {
    let sized =
        ProgressStyle::with_template("{prefix} [{bar:30}] {bytes}/{total_bytes} {msg} {eta} left");
    let unsized_bar = ProgressStyle::with_template("{prefix} {spinner} {bytes} {msg}");
    let started = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        let (done, total, rows) = job.progress();
        if let Ok(style) = if total > 0 { &sized } else { &unsized_bar } {
            bar.set_style(style.clone());
        }
        if total > 0 {
            bar.set_length(total);
        }
        bar.set_position(done);
        let millis = u64::try_from(started.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        bar.set_message(format!("{} rows/s", rows.saturating_mul(1000) / millis));
        std::thread::park_timeout(Duration::from_millis(200));
    }
    bar.finish_and_clear();
}
