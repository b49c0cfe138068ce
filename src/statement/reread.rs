//! A statement read once more, batch by batch in the order of the file, for the line export.

use std::sync::atomic::AtomicU64;

use parking_lot::{Condvar, Mutex};

pub(crate) use super::batch::LineVerdict;
use super::batch::{BatchReader, KnownTotals, LocalDims};
use super::dims::DimTable;
use super::fold::Fold;
use super::import::{Opened, RecordsEnd, next_batch, run_workers};
use super::source::ReadTotals;
use super::splitter::Splitter;
use super::{ReadOptions, StatementError};
use crate::job::Job;

/// Reads a file once more and hands out its records, batch by batch; what a thread's writer (one for each from `writers`) makes of
/// a batch goes to `sink` in the order of the file. `starts` and `end` are those of the import.
pub(crate) fn reread<W, S>(
    opened: Opened,
    options: &ReadOptions,
    (starts, end): (&[(u64, u64)], &RecordsEnd),
    job: &Job,
    writers: &(impl Fn() -> W + Sync),
    sink: S,
) -> Result<ReadTotals, StatementError>
where
    W: FnMut(u64, &LineVerdict<'_>, &mut Vec<u8>),
    S: FnMut(&[u8]) -> Result<(), StatementError> + Send,
{
    let plan = &opened.plan;
    let path = opened.source.path().to_owned();
    job.begin(opened.bytes_to_read());
    let dims = DimTable::default();
    let encoding = opened.source.encoding();
    let fold = Fold::new();
    let stop = AtomicU64::new(end.stop_line);
    let splitter = Mutex::new(Splitter::new(
        opened.source,
        plan,
        opened.head_bytes,
        opened.head_lines,
        options.batch_rows,
        &options.limits,
    ));
    let order = InOrder {
        state: Mutex::new(OrderState {
            next: 0,
            sink,
            is_broken: false,
        }),
        turn: Condvar::new(),
    };
    let work = || -> Result<(), StatementError> {
        let mut reader = BatchReader::new(
            plan,
            (&dims, &fold),
            &stop,
            KnownTotals::Lines(&end.sum_lines),
            encoding,
        );
        let mut local = LocalDims::new(&dims);
        let mut write = writers();
        let mut out = Vec::new();
        while let Some(batch) = next_batch(&splitter, job)? {
            let start = starts
                .get(batch.index as usize)
                .filter(|s| s.0 == batch.first_line)
                .ok_or_else(|| StatementError::Changed { file: path.clone() })?;
            out.clear();
            reader.reread(&batch, start.1, &mut local, &mut write, &mut out);
            match order.put(batch.index, &out) {
                Ok(()) => {}
                // The thread that has failed says why.
                Err(None) => return Ok(()),
                Err(Some(error)) => return Err(error),
            }
            splitter.lock().recycle(batch.bytes);
        }
        Ok(())
    };
    let worker = || {
        let _on_panic = BreakOffOnPanic(&order);
        work().inspect_err(|_| order.break_off())
    };
    run_workers(job.threads(), &worker)?;
    splitter.into_inner().into_source().finish()
}

struct OrderState<S> {
    next: u64,
    sink: S,
    is_broken: bool,
}

struct InOrder<S> {
    state: Mutex<OrderState<S>>,
    turn: Condvar,
}

impl<S: FnMut(&[u8]) -> Result<(), StatementError>> InOrder<S> {
    /// Waits for the batch's turn and passes its bytes on. `Err(None)` when another thread has failed.
    fn put(&self, index: u64, out: &[u8]) -> Result<(), Option<StatementError>> {
        let mut state = self.state.lock();
        while state.next != index && !state.is_broken {
            self.turn.wait(&mut state);
        }
        if state.is_broken {
            return Err(None);
        }
        let result = (state.sink)(out);
        state.next += 1;
        state.is_broken = result.is_err();
        self.turn.notify_all();
        result.map_err(Some)
    }
}

impl<S> InOrder<S> {
    fn break_off(&self) {
        self.state.lock().is_broken = true;
        self.turn.notify_all();
    }
}

/// Breaks the order off when its thread panics. A batch that never comes would keep the other
/// threads waiting for ever, and the panic would never be seen.
struct BreakOffOnPanic<'a, S>(&'a InOrder<S>);

impl<S> Drop for BreakOffOnPanic<'_, S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.break_off();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// Without the guard the second thread would wait for ever for the batch of the first.
    #[test]
    fn a_thread_that_panics_lets_the_others_go() {
        let order = InOrder {
            state: Mutex::new(OrderState {
                next: 0,
                sink: |_: &[u8]| Ok(()),
                is_broken: false,
            }),
            turn: Condvar::new(),
        };
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| order.put(1, b"second"));
            let panicking = scope.spawn(|| {
                catch_unwind(AssertUnwindSafe(|| {
                    let _on_panic = BreakOffOnPanic(&order);
                    panic!("a planted fault");
                }))
            });
            assert!(panicking.join().unwrap().is_err());
            assert!(matches!(waiting.join().unwrap(), Err(None)));
        });
    }
}
