//! The rows behind a total, looked for in the background: only batches that can hold them are read, hits are there as they are found,
//! and what they come to is compared with the total.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::wanted::{RowSearch, WantedRows};
use super::{FileRow, Pagers, Preparation, RowPager, RowsError, RowsOf};
use crate::contents::Contents;
use crate::desk::{Desk, LineSum};
use crate::ident::Currency;
use crate::job::{Job, Wake};
use crate::money::AmountOverflow;
use crate::statement::import::run_workers;
use crate::statement::spread::BatchIndex;
use crate::statement::stored::BatchText;
use crate::statement::view::{Meaning, Seen};
use parking_lot::Mutex;

/// Most hits that are kept to be shown; all are counted.
pub const MAX_LISTED: usize = 1_000_000;
/// Most bytes of their text.
const MAX_LISTED_BYTES: usize = 256 << 20;

/// A search that runs, or has run. Dropping it stops it.
pub struct Drill {
    of: RowsOf,
    desk: Arc<Desk>,
    pagers: Arc<Pagers>,
    job: Job,
    found: Arc<Mutex<DrillFindings>>,
}

/// A row that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowHit {
    /// Place of its statement on the desk.
    pub statement: u32,
    /// The row.
    pub row: FileRow,
}

/// How far a search is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DrillView {
    /// Rows that can be shown.
    pub listed: usize,
    /// What all hits come to, by currency.
    pub sums: BTreeMap<Currency, LineSum>,
    /// What they must come to.
    pub expected: BTreeMap<Currency, LineSum>,
    /// Batches that have been read.
    pub batches_read: usize,
    /// Batches that can hold hits.
    pub batches: usize,
    /// Batches of all files that were looked at.
    pub batches_in_files: usize,
    /// Lines that are split over several payees and count in full.
    pub split_lines: usize,
    /// The statement whose packed file is being unpacked, or whose content is compared, before it can be searched.
    pub preparing: Option<String>,
    /// Whether it has come to its end.
    pub is_done: bool,
    /// Whether it was stopped.
    pub is_cancelled: bool,
    /// Why it could not go on.
    pub failure: Option<String>,
}

impl DrillView {
    /// How many rows have been found.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.sums.values().map(|s| s.rows).sum()
    }

    /// Whether rows, units and money are exactly what they must be; `None` as long as the search goes on.
    #[must_use]
    pub fn ties_out(&self) -> Option<bool> {
        self.is_done.then(|| self.sums == self.expected)
    }
}

#[derive(Default)]
struct DrillFindings {
    view: DrillView,
    rows: Vec<FoundRow>,
    text: Vec<u8>,
}

/// A row: its place, and where its text ends.
struct FoundRow {
    statement: u32,
    place: RowPlace,
    end: usize,
}

/// Where a row is, both from 0.
#[derive(Debug, Clone, Copy)]
struct RowPlace {
    row: u64,
    line: u64,
    is_oversize: bool,
}

impl Drill {
    /// Begins a search on a thread of its own; `wake` is called when there is something new.
    #[must_use]
    pub fn start(
        contents: Contents,
        desk: Arc<Desk>,
        pagers: Arc<Pagers>,
        of: RowsOf,
        wake: Wake,
    ) -> Self {
        let job = Job::new(0);
        let found = Arc::new(Mutex::new(DrillFindings::default()));
        let drill = Self {
            of: of.clone(),
            desk: Arc::clone(&desk),
            pagers: Arc::clone(&pagers),
            job: job.clone(),
            found: Arc::clone(&found),
        };
        let search = RowSearcher {
            contents: contents.for_job(job.clone()),
            desk,
            pagers,
            job,
            found,
            wake,
        };
        std::thread::Builder::new()
            .name("drill".into())
            .spawn(move || {
                let result =
                    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| search.run(&of)));
                search.end(&result.unwrap_or_else(|_| {
                    Err("the search broke off; this is a fault of the program".into())
                }));
            })
            .expect("the system gives a thread");
        drill
    }

    /// What is looked for.
    #[must_use]
    pub fn of(&self) -> &RowsOf {
        &self.of
    }

    /// The desk that it was begun on; line numbers are this desk's.
    #[must_use]
    pub fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Stops it at the next batch.
    pub fn cancel(&self) {
        self.job.cancel();
    }

    /// How far it is.
    #[must_use]
    pub fn view(&self) -> DrillView {
        self.found.lock().view.clone()
    }

    /// A handle by which another thread reads the hits.
    #[must_use]
    pub fn reader(&self) -> HitReader {
        HitReader {
            desk: Arc::clone(&self.desk),
            pagers: Arc::clone(&self.pagers),
            found: Arc::clone(&self.found),
        }
    }
}

/// Reads the hits of a search, also while it runs.
#[derive(Clone)]
pub struct HitReader {
    desk: Arc<Desk>,
    pagers: Arc<Pagers>,
    found: Arc<Mutex<DrillFindings>>,
}

impl PartialEq for HitReader {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.found, &other.found)
    }
}

impl HitReader {
    /// The rows of these hits, as they stand in the files.
    ///
    /// # Errors
    /// [`RowsError`] when a statement's file cannot be opened.
    pub fn read(&self, contents: &Contents, hits: Range<usize>) -> Result<Vec<RowHit>, RowsError> {
        let taken: Vec<(u32, RowPlace, Vec<u8>)> = {
            let found = self.found.lock();
            let range = hits.start.min(found.rows.len())..hits.end.min(found.rows.len());
            range.map(|n| found.at(n)).collect()
        };
        let mut out = Vec::with_capacity(taken.len());
        for (statement, place, bytes) in taken {
            let pager = self
                .pagers
                .of(contents, &self.desk.statements()[statement as usize])?;
            let text = BatchText {
                bytes,
                is_oversize: place.is_oversize,
            };
            out.extend(
                pager
                    .row_of(text, place.row + 1, place.line + 1, statement, &self.desk)
                    .map(|row| RowHit { statement, row }),
            );
        }
        Ok(out)
    }

    /// The header that all hits have in common; `None` when they are of several statements, or there are none.
    ///
    /// # Errors
    /// [`RowsError`] when a statement's file cannot be opened.
    pub fn header(&self, contents: &Contents) -> Result<Option<Vec<String>>, RowsError> {
        let ends = {
            let found = self.found.lock();
            found
                .rows
                .first()
                .zip(found.rows.last())
                .map(|(first, last)| (first.statement, last.statement))
        };
        let Some((first, last)) = ends.filter(|(first, last)| first == last) else {
            return Ok(None);
        };
        debug_assert_eq!(first, last, "hits stand in the order of statements");
        Ok(Some(
            self.pagers
                .of(contents, &self.desk.statements()[first as usize])?
                .header()
                .to_vec(),
        ))
    }
}

impl Drop for Drill {
    fn drop(&mut self) {
        self.job.cancel();
    }
}

impl DrillFindings {
    fn at(&self, place: usize) -> (u32, RowPlace, Vec<u8>) {
        let start = if place == 0 {
            0
        } else {
            self.rows[place - 1].end
        };
        let row = &self.rows[place];
        (row.statement, row.place, self.text[start..row.end].to_vec())
    }

    fn add(&mut self, statement: u32, hits: &BatchHits) -> Result<(), AmountOverflow> {
        for (currency, sum) in &hits.sums {
            self.view.sums.entry(*currency).or_default().add(sum)?;
        }
        let mut start = 0;
        for (place, end) in &hits.rows {
            if self.rows.len() == MAX_LISTED || self.text.len() > MAX_LISTED_BYTES {
                break;
            }
            self.text.extend_from_slice(&hits.text[start..*end]);
            self.rows.push(FoundRow {
                statement,
                place: *place,
                end: self.text.len(),
            });
            start = *end;
        }
        self.view.listed = self.rows.len();
        self.view.batches_read += 1;
        Ok(())
    }
}

/// Hits of one batch, each with where its text ends.
#[derive(Default)]
struct BatchHits {
    rows: Vec<(RowPlace, usize)>,
    text: Vec<u8>,
    sums: BTreeMap<Currency, LineSum>,
}

/// The thread's own side.
struct RowSearcher {
    contents: Contents,
    desk: Arc<Desk>,
    pagers: Arc<Pagers>,
    job: Job,
    found: Arc<Mutex<DrillFindings>>,
    wake: Wake,
}

impl RowSearcher {
    fn run(&self, of: &RowsOf) -> Result<(), String> {
        let search = RowSearch::new(&self.desk, of).map_err(|e| e.to_string())?;
        self.tell(|view| {
            view.expected.clone_from(&search.expected);
            view.split_lines = search.split_lines;
        });
        let work = || -> Result<(), RowsError> {
            let mut plans = Vec::new();
            for wanted in &search.wanted {
                let pager = self.pagers.of(&self.contents, &wanted.loaded)?;
                let batches = self.batches(wanted, &pager)?;
                self.tell(|view| {
                    view.batches += batches.len();
                    view.batches_in_files += pager.batches();
                });
                plans.push((wanted, pager, batches));
            }
            for (wanted, pager, batches) in &plans {
                if pager.preparation() != Preparation::None {
                    self.tell(|view| view.preparing = Some(wanted.loaded.record.name.clone()));
                }
                pager.prepare(&self.contents, &self.job)?;
                self.tell(|view| view.preparing = None);
                self.search(wanted, pager, batches)?;
            }
            Ok(())
        };
        work().map_err(|e| e.to_string())
    }

    fn tell(&self, change: impl FnOnce(&mut DrillView)) {
        change(&mut self.found.lock().view);
        (self.wake)();
    }

    fn end(&self, result: &Result<(), String>) {
        let is_cancelled = self.job.is_cancelled();
        self.tell(|view| {
            view.preparing = None;
            view.is_cancelled = is_cancelled && result.is_err();
            view.is_done = result.is_ok();
            view.failure = result.as_ref().err().filter(|_| !is_cancelled).cloned();
        });
    }

    /// The batches that can hold what is looked for; all of them when nobody knows.
    fn batches(&self, wanted: &WantedRows, pager: &RowPager) -> Result<Vec<usize>, RowsError> {
        if wanted.with_quarantine {
            let mut batches: Vec<usize> = wanted
                .loaded
                .quarantine
                .iter()
                .map(|bad| pager.batch_of(bad.row_number - 1))
                .collect();
            batches.dedup();
            return Ok(batches);
        }
        let index = self
            .contents
            .batch_index(&wanted.loaded.record)?
            .filter(|index| index.items() == wanted.loaded.cube.items());
        let total = u32::try_from(pager.batches()).expect("a file has fewer than 2^32 batches");
        Ok(index.map_or_else(
            || (0..pager.batches()).collect(),
            |i: BatchIndex| {
                i.batches_of(wanted.items(), total)
                    .into_iter()
                    .map(|b| b as usize)
                    .collect()
            },
        ))
    }

    /// Reads the batches on all threads and takes their hits in the order of the file.
    fn search(
        &self,
        wanted: &WantedRows,
        pager: &RowPager,
        batches: &[usize],
    ) -> Result<(), RowsError> {
        let tables = pager.tables();
        let next = AtomicUsize::new(0);
        let order: Mutex<(usize, BTreeMap<usize, BatchHits>)> = Mutex::default();
        let work = || -> Result<(), RowsError> {
            let mut visitor = pager.visitor(&tables);
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                let Some(&batch) = batches.get(turn) else {
                    return Ok(());
                };
                if self.job.is_cancelled() {
                    return Err(crate::statement::StatementError::Cancelled.into());
                }
                let text = pager.batch_text(batch)?;
                let mut hits = BatchHits::default();
                let mut overflow = Ok(());
                let (first_line, first_row) = pager.start(batch);
                visitor.all(&text, first_line, &mut |seen| {
                    if let Some((currency, sum)) = hit(wanted, &seen) {
                        overflow = overflow.and(hits.add(
                            first_row + seen.row_in_batch as u64,
                            &seen,
                            currency,
                            &sum,
                        ));
                    }
                });
                overflow?;
                self.deliver(wanted.statement, &order, turn, hits)?;
            }
        };
        run_workers(self.job.threads(), &work)
    }

    fn deliver(
        &self,
        statement: u32,
        order: &Mutex<(usize, BTreeMap<usize, BatchHits>)>,
        turn: usize,
        hits: BatchHits,
    ) -> Result<(), RowsError> {
        let mut order = order.lock();
        order.1.insert(turn, hits);
        loop {
            let next = order.0;
            let Some(hits) = order.1.remove(&next) else {
                break;
            };
            order.0 += 1;
            self.found.lock().add(statement, &hits)?;
        }
        (self.wake)();
        Ok(())
    }
}

/// What a row adds, when it is looked for.
fn hit(wanted: &WantedRows, seen: &Seen<'_>) -> Option<(Currency, LineSum)> {
    match &seen.meaning {
        Meaning::Record {
            key,
            dims,
            quantity,
            amount,
        } if !wanted.with_quarantine && wanted.holds(key, dims.currency) => Some((
            dims.currency,
            LineSum {
                rows: 1,
                quantity: *quantity,
                amount: *amount,
            },
        )),
        Meaning::Quarantined {
            quantity,
            amount,
            currency,
            ..
        } if wanted.with_quarantine => Some((
            *currency,
            LineSum {
                rows: 1,
                quantity: *quantity,
                amount: *amount,
            },
        )),
        _ => None,
    }
}

impl BatchHits {
    fn add(
        &mut self,
        row: u64,
        seen: &Seen<'_>,
        currency: Currency,
        sum: &LineSum,
    ) -> Result<(), AmountOverflow> {
        self.text.extend_from_slice(seen.raw);
        self.rows.push((
            RowPlace {
                row,
                line: seen.line,
                is_oversize: seen.row.is_none(),
            },
            self.text.len(),
        ));
        self.sums.entry(currency).or_default().add(sum)
    }
}
