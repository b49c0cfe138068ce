//! The import of one statement file: in parallel batches into a cube, with quarantine, control totals and line ledger.

use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::assembly::{Assembly, Read};
use super::batch::{BatchCount, BatchReader, KnownTotals};
use super::cube::Cube;
use super::dims::DimTable;
use super::fold::Fold;
use super::layout::Layouts;
use super::ledger::{ControlTotal, LineLedger};
use super::likeness::{GatheredRows, Likeness};
use super::plan::{Draft, Plan, Question};
use super::quarantine::Quarantined;
use super::recognize::recognize;
use super::records::RowReader;
use super::shape::OtherTable;
use super::source::{Part, ReadTotals, Source};
use super::splitter::{Batch, Splitter};
use super::spread::BatchIndex;
use super::sums::MAX_UNNAMED;
use super::{ReadOptions, StatementError};
use crate::ident::{Currency, SalePeriod};
use crate::job::Job;
use crate::money::{Amount, AmountOverflow};

/// A statement as read.
#[derive(Debug)]
pub struct Imported {
    /// The file's name, for archives followed by the member's.
    pub name: String,
    /// By what it was read.
    pub plan: Plan,
    /// Items and cells.
    pub cube: Cube,
    /// Rows that could not be taken, in the order of the file.
    pub quarantine: Vec<Quarantined>,
    /// Records, those in quarantine included.
    pub records: u64,
    /// What every line is.
    pub ledger: LineLedger,
    /// Totals that the file states, compared with what was read.
    pub control_totals: Vec<ControlTotal>,
    /// Hashes and size.
    pub read: ReadTotals,
    /// Sale periods of all records.
    pub sale_period: SalePeriod,
    /// Rows with a stray quote that could be read all the same.
    pub flagged_rows: u64,
    /// The encoding's name.
    pub encoding: &'static str,
    /// Physical line (0-based) of the footer that ends the records; `u64::MAX` when none does.
    pub stop_line: u64,
    /// Physical lines (0-based) of totals and notes among the records, in order.
    pub sum_lines: Vec<u64>,
    /// Rows that a rule of the layout sets aside.
    pub aside: Vec<AsideRows>,
    /// Other tables with money, above and below the records.
    pub tables: Vec<OtherTable>,
    /// Records whose sale period nobody says.
    pub without_period: u64,
    /// Where the batches begin.
    pub batch_starts: BatchStarts,
    /// Where they begin in the decompressed file, in bytes.
    pub batch_offsets: Vec<u64>,
    /// Rows as a spreadsheet counts them, header and preamble included.
    pub rows: u64,
    /// Which batches hold which items.
    pub batch_index: BatchIndex,
    /// What the good rows mean, for comparing them with those of other statements.
    pub likeness: Likeness,
}

/// Rows of one kind that are no sales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsideRows {
    /// Why, as the end of a sentence.
    pub because: String,
    /// How many.
    pub rows: u64,
    /// The money on them by currency, as far as it can be read.
    pub amounts: Vec<(Currency, Amount)>,
}

/// Most rows of one file in quarantine: beyond it the layout does not fit the file.
const MAX_QUARANTINED: usize = 1_000_000;

/// Reads one part of a file.
///
/// # Errors
/// [`StatementError`] when the file as a whole cannot be taken; bad rows never are an error.
pub fn import(
    part: &Part,
    layouts: &Layouts,
    options: &ReadOptions,
    job: &Job,
) -> Result<Imported, StatementError> {
    let mut pass = Pass {
        encoding: None,
        stop_line: u64::MAX,
        found: None,
    };
    // At most four passes: a second encoding, a footer in the middle, and totals that only the whole file tells.
    for _ in 0..4 {
        match read_pass(part, layouts, options, job, &pass)? {
            PassEnd::Done(imported) => return Ok(*imported),
            PassEnd::Again(next) => pass = next,
        }
    }
    Err(StatementError::Changed { file: part.shown() })
}

#[derive(Debug, Clone)]
struct Pass {
    encoding: Option<&'static Encoding>,
    /// Physical line (0-based) of a footer after which no record follows.
    stop_line: u64,
    /// Totals among the records, when they are known from an earlier pass.
    found: Option<FoundTotals>,
}

/// Lines of totals among the records, and what they state.
#[derive(Debug, Clone, Default)]
pub(super) struct FoundTotals {
    pub lines: Vec<u64>,
    pub totals: Vec<ControlTotal>,
}

enum PassEnd {
    Done(Box<Imported>),
    Again(Pass),
}

/// An opened file with its plan, ready to be cut into batches.
pub(crate) struct Opened {
    pub source: Source,
    pub plan: Plan,
    pub head_bytes: usize,
    pub head_lines: u64,
    pub header_lines: u64,
    pub head_rows: u64,
}

impl Opened {
    /// The lines that are read before the records.
    fn ledger_of_head(&self) -> LineLedger {
        LineLedger {
            preamble: self.head_lines - self.header_lines,
            header: self.header_lines,
            accounted_bytes: self.head_bytes as u64,
            ..LineLedger::default()
        }
    }

    /// How many bytes of the file there are to read; 0 when nobody knows, because it is packed.
    pub(super) fn bytes_to_read(&self) -> u64 {
        if self.source.is_packed() {
            0
        } else {
            self.source.file_bytes()
        }
    }
}

/// Opens a part and finds out how it is to be read.
pub(crate) fn open(
    part: &Part,
    layouts: &Layouts,
    options: &ReadOptions,
    encoding: Option<&'static Encoding>,
) -> Result<Opened, StatementError> {
    let source = part.open(encoding, options.encoding, &options.limits)?;
    let refuse = |reason: String, remedy: String| StatementError::Refused {
        file: part.shown(),
        reason,
        remedy,
    };
    let found = recognize(source.head(), layouts)
        .map_err(|unrecognized| unrecognized.of_part(part, options))?;
    let head_bytes = found.body_offset;
    let head_lines = found.head_lines;
    let head_rows = found.head_rows;
    let header_lines = found.header_lines;
    let ask = |Question {
                   reason,
                   remedy,
                   asks,
               }| match asks {
        Some(asks) => StatementError::Asks {
            file: part.shown(),
            reason,
            remedy,
            asks,
        },
        None => refuse(reason, remedy),
    };
    let mut draft = Draft::new(found, &part.name, &layouts.common_footers, options).map_err(ask)?;
    look_at(&source.head()[head_bytes..], &mut draft);
    if draft.decimal.needs_more() && source.head().len() >= super::source::HEAD_BYTES {
        look_further(part, options, encoding, head_bytes, &mut draft)?;
    }
    let plan = draft.finish(options).map_err(ask)?;
    Ok(Opened {
        source,
        plan,
        head_bytes,
        head_lines,
        header_lines,
        head_rows,
    })
}

fn look_at(bytes: &[u8], draft: &mut Draft) {
    let dialect = draft.plan.dialect.clone();
    let mut reader = RowReader::new(bytes, &dialect, draft.plan.columns());
    while let Some(row) = reader.next_row() {
        draft.look(&row);
    }
}

/// Reads on until the decimal mark is certain, which is hardly ever beyond the head.
fn look_further(
    part: &Part,
    options: &ReadOptions,
    encoding: Option<&'static Encoding>,
    head_bytes: usize,
    draft: &mut Draft,
) -> Result<(), StatementError> {
    let plan = draft.plan.clone();
    let source = part.open(encoding, options.encoding, &options.limits)?;
    let mut splitter = Splitter::new(source, &plan, head_bytes, 0, None, &options.limits);
    while let Some(batch) = splitter.next_batch()? {
        if batch.oversize.is_none() {
            look_at(&batch.bytes, draft);
        }
        if !draft.decimal.needs_more() {
            break;
        }
        splitter.recycle(batch.bytes);
    }
    Ok(())
}

/// What all threads of a pass share.
#[derive(Clone, Copy)]
struct PassContext<'a> {
    plan: &'a Plan,
    dims: &'a DimTable,
    fold: &'a Fold,
    stop_line: &'a AtomicU64,
    totals: KnownTotals<'a>,
    encoding: &'static Encoding,
}

impl<'a> PassContext<'a> {
    fn reader(&self) -> BatchReader<'a> {
        BatchReader::new(
            self.plan,
            (self.dims, self.fold),
            self.stop_line,
            self.totals,
            self.encoding,
        )
    }
}

/// What the batches of a file came to.
struct Batches {
    /// In the order of the file.
    counts: Vec<BatchCount>,
    tally: GatheredRows,
    physical_lines: u64,
    text_bytes: u64,
    read: ReadTotals,
}

fn read_pass(
    part: &Part,
    layouts: &Layouts,
    options: &ReadOptions,
    job: &Job,
    pass: &Pass,
) -> Result<PassEnd, StatementError> {
    let opened = open(part, layouts, options, pass.encoding)?;
    job.begin(opened.bytes_to_read());
    let dims = DimTable::default();
    let fold = Fold::new();
    let stop_line = AtomicU64::new(pass.stop_line);
    let unnamed_seen = AtomicU64::new(0);
    let context = PassContext {
        plan: &opened.plan,
        dims: &dims,
        fold: &fold,
        stop_line: &stop_line,
        totals: match &pass.found {
            Some(found) => KnownTotals::Lines(&found.lines),
            None => KnownTotals::Find(&unnamed_seen),
        },
        encoding: opened.source.encoding(),
    };
    let mut ledger = opened.ledger_of_head();
    let head_rows = opened.head_rows;
    let splitter = Splitter::new(
        opened.source,
        &opened.plan,
        opened.head_bytes,
        opened.head_lines,
        options.batch_rows,
        &options.limits,
    );
    let batches = read_batches(&context, splitter, part, job)?;
    let stopped_at = stop_line.load(Ordering::Relaxed);
    let counts = batches.counts;
    if let Some(again) = next_pass(&counts, pass, stopped_at, options, context.encoding) {
        return Ok(PassEnd::Again(again));
    }
    if unnamed_seen.load(Ordering::Relaxed) > MAX_UNNAMED {
        // So many rows without a name are the file's way of writing.
        return Ok(PassEnd::Again(Pass {
            found: Some(FoundTotals::default()),
            ..pass.clone()
        }));
    }
    ledger.physical_lines = batches.physical_lines;
    ledger.text_bytes = batches.text_bytes;
    let mut whole = Assembly::new(ledger, context.plan.stated.clone(), head_rows);
    let mut gathered = batches.tally;
    gathered.join(assemble(&mut whole, counts, &context, part)?);
    let encoding = context.encoding;
    let (cube, batch_index) = fold.finish(dims.into_values(), &whole.first_records);
    let overflow = |source| StatementError::Overflow {
        file: part.shown(),
        source,
    };
    let parts = whole.totals_of_parts(&cube, pass.found.is_none());
    if let Some(found) = parts.map_err(overflow)? {
        return Ok(PassEnd::Again(Pass {
            found: Some(found),
            ..pass.clone()
        }));
    }
    let read = Read {
        name: part.name.clone(),
        plan: opened.plan,
        cube,
        batch_index,
        likeness: gathered.finish(),
        read: batches.read,
        encoding: encoding.name(),
        stop_line: stopped_at,
        found: pass.found.clone(),
    };
    let imported = whole.finish(read).map_err(overflow)?;
    Ok(PassEnd::Done(Box::new(imported)))
}

/// Puts all batches together. Gives back what the rows mean that were folded only now.
fn assemble(
    whole: &mut Assembly,
    counts: Vec<BatchCount>,
    context: &PassContext<'_>,
    part: &Part,
) -> Result<GatheredRows, StatementError> {
    let overflow = |source: AmountOverflow| StatementError::Overflow {
        file: part.shown(),
        source,
    };
    let mut late = context.reader();
    for count in counts {
        whole.add(count, &mut late).map_err(overflow)?;
        if whole.quarantine.len() > MAX_QUARANTINED {
            return Err(too_many_bad(part, &whole.quarantine));
        }
    }
    late.slice.flush().map_err(overflow)?;
    Ok(late.tally.finish())
}

/// Reads all batches, on the threads of the job.
fn read_batches(
    context: &PassContext<'_>,
    splitter: Splitter,
    part: &Part,
    job: &Job,
) -> Result<Batches, StatementError> {
    let splitter = Mutex::new(splitter);
    let counts: Mutex<Vec<BatchCount>> = Mutex::default();
    let gathered: Mutex<GatheredRows> = Mutex::default();
    let overflow = |source| StatementError::Overflow {
        file: part.shown(),
        source,
    };
    let worker = || -> Result<(), StatementError> {
        let mut reader = context.reader();
        while let Some(batch) = next_batch(&splitter, job)? {
            let count = reader.read(&batch).map_err(overflow)?;
            job.add_rows(count.records);
            counts.lock().push(count);
            splitter.lock().recycle(batch.bytes);
        }
        gathered.lock().join(reader.tally.finish());
        reader.slice.flush().map_err(overflow)
    };
    run_workers(job.threads(), &worker)?;
    let splitter = splitter.into_inner();
    let (physical_lines, text_bytes) = splitter.handed_out();
    let mut counts = counts.into_inner();
    counts.sort_unstable_by_key(|count| count.index);
    Ok(Batches {
        counts,
        tally: gathered.into_inner(),
        physical_lines,
        text_bytes,
        read: splitter.into_source().finish()?,
    })
}

/// The next batch of a file that several threads read; `None` at its end.
pub(super) fn next_batch(
    splitter: &Mutex<Splitter>,
    job: &Job,
) -> Result<Option<Batch>, StatementError> {
    if job.is_cancelled() {
        return Err(StatementError::Cancelled);
    }
    let mut splitter = splitter.lock();
    let batch = splitter.next_batch()?;
    job.set_bytes_done(splitter.content_bytes());
    Ok(batch)
}

/// Runs the same work on so many threads; the first error is returned.
pub(crate) fn run_workers<E: Send>(
    threads: usize,
    work: &(impl Fn() -> Result<(), E> + Sync),
) -> Result<(), E> {
    std::thread::scope(|scope| {
        let handles: Vec<_> = (1..threads)
            .map(|n| {
                std::thread::Builder::new()
                    .name(format!("reader-{n}"))
                    .spawn_scoped(scope, work)
                    .expect("the system gives a thread")
            })
            .collect();
        let mut result = work();
        for handle in handles {
            let other = handle
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            result = result.and(other);
        }
        result
    })
}

fn too_many_bad(part: &Part, quarantine: &[Quarantined]) -> StatementError {
    let first = &quarantine[0];
    StatementError::Refused {
        file: part.shown(),
        reason: format!(
            "more than {MAX_QUARANTINED} rows cannot be read; the first is row {}, column “{}”: {}",
            first.row_number, first.column, first.detail
        ),
        remedy: "The layout does not fit this file: check its columns, --decimal, --date-order and --encoding".into(),
    }
}

/// Whether the file has to be read once more, knowing better.
fn next_pass(
    counts: &[BatchCount],
    pass: &Pass,
    stop_line: u64,
    options: &ReadOptions,
    encoding: &'static Encoding,
) -> Option<Pass> {
    let bad_encoding: u64 = counts.iter().map(|c| c.bad_encoding_rows).sum();
    let has_good = counts.iter().any(|c| c.has_good_non_ascii);
    if bad_encoding > 0 && !has_good && encoding == UTF_8 && pass.encoding.is_none() {
        return Some(Pass {
            encoding: Some(options.encoding.unwrap_or(WINDOWS_1252)),
            stop_line: u64::MAX,
            found: None,
        });
    }
    let stopped_early = counts
        .last()
        .is_some_and(|last| stop_line < last.last_line && counts.len() > 1);
    (stopped_early && pass.stop_line == u64::MAX).then_some(Pass {
        stop_line,
        ..pass.clone()
    })
}

/// Lines of a statement that are no records: the footer that ends them, and totals among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordsEnd {
    /// Physical line (0-based) after which no record follows.
    pub stop_line: u64,
    /// Physical lines (0-based) of totals, in order.
    pub sum_lines: Vec<u64>,
}

/// Where the batches of an import begin: physical lines and rows before each.
pub type BatchStarts = Vec<(u64, u64)>;
