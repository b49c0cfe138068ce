//! The import of one statement file: in parallel batches into a cube, with quarantine, control totals and line ledger.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use serde::{Deserialize, Serialize};

pub(crate) use super::batch::LineVerdict;
use super::batch::{BatchCount, BatchReader, KnownTotals, LocalDims};
use super::cube::Cube;
use super::dims::DimTable;
use super::fold::Fold;
use super::layout::{ControlKind, Layouts};
use super::ledger::{ControlTotal, LineLedger, StatedTotal};
use super::likeness::{Gathered, Likeness};
use super::plan::{Draft, Plan, Question};
use super::quarantine::Quarantined;
use super::recognize::recognize;
use super::records::RowReader;
use super::shape::{OtherTable, table_below};
use super::source::{Part, ReadTotals, Source};
use super::splitter::Splitter;
use super::spread::BatchIndex;
use super::sums::{Footing, MAX_UNNAMED, Standing, Sums, Unnamed, group_totals};
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
            Outcome::Done(imported) => return Ok(*imported),
            Outcome::Again(next) => pass = next,
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
    found: Option<Found>,
}

/// Lines of totals among the records, and what they state.
#[derive(Debug, Clone, Default)]
struct Found {
    lines: Vec<u64>,
    totals: Vec<ControlTotal>,
}

enum Outcome {
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
    let (head_bytes, head_lines, head_rows) =
        (found.body_offset, found.head_lines, found.head_rows);
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

fn read_pass(
    part: &Part,
    layouts: &Layouts,
    options: &ReadOptions,
    job: &Job,
    pass: &Pass,
) -> Result<Outcome, StatementError> {
    let opened = open(part, layouts, options, pass.encoding)?;
    let (plan, encoding) = (&opened.plan, opened.source.encoding());
    job.begin(if opened.source.is_packed() {
        0
    } else {
        opened.source.file_bytes()
    });
    let dims = DimTable::default();
    let fold = Fold::new();
    let stop_line = AtomicU64::new(pass.stop_line);
    let counts: Mutex<Vec<BatchCount>> = Mutex::default();
    let gathered: Mutex<Gathered> = Mutex::default();
    let head_bytes = opened.head_bytes;
    let splitter = Mutex::new(Splitter::new(
        opened.source,
        plan,
        opened.head_bytes,
        opened.head_lines,
        options.batch_rows,
        &options.limits,
    ));
    let unnamed_seen = AtomicU64::new(0);
    let totals = match &pass.found {
        Some(found) => KnownTotals::Lines(&found.lines),
        None => KnownTotals::Find(&unnamed_seen),
    };
    let worker = || -> Result<(), StatementError> {
        let mut reader = BatchReader::new(plan, (&dims, &fold), &stop_line, totals, encoding);
        loop {
            if job.is_cancelled() {
                return Err(StatementError::Cancelled);
            }
            let batch = {
                let mut splitter = splitter
                    .lock()
                    .expect("no code panics while holding this lock");
                let batch = splitter.next_batch()?;
                job.set_bytes_done(splitter.content_bytes());
                batch
            };
            let overflow = |source| StatementError::Overflow {
                file: part.shown(),
                source,
            };
            let Some(batch) = batch else {
                gathered
                    .lock()
                    .expect("no code panics while holding this lock")
                    .join(reader.tally.finish());
                return reader.slice.flush().map_err(overflow);
            };
            let count = reader.read(&batch).map_err(overflow)?;
            job.add_rows(count.records);
            counts
                .lock()
                .expect("no code panics while holding this lock")
                .push(count);
            splitter
                .lock()
                .expect("no code panics while holding this lock")
                .recycle(batch.bytes);
        }
    };
    run_workers(job.threads(), &worker)?;

    let splitter = splitter
        .into_inner()
        .expect("no code panics while holding this lock");
    let (physical_lines, text_bytes) = splitter.handed_out();
    let read = splitter.into_source().finish()?;
    let mut counts = counts
        .into_inner()
        .expect("no code panics while holding this lock");
    counts.sort_unstable_by_key(|c| c.index);
    if let Some(again) = next_pass(
        &counts,
        pass,
        stop_line.load(Ordering::Relaxed),
        options,
        encoding,
    ) {
        return Ok(Outcome::Again(again));
    }
    if unnamed_seen.load(Ordering::Relaxed) > MAX_UNNAMED {
        // So many rows without a name are the file's way of writing.
        return Ok(Outcome::Again(Pass {
            found: Some(Found::default()),
            ..pass.clone()
        }));
    }
    let overflow = |source: AmountOverflow| StatementError::Overflow {
        file: part.shown(),
        source,
    };
    let mut ledger = LineLedger {
        physical_lines,
        text_bytes,
        preamble: opened.head_lines - opened.header_lines,
        header: opened.header_lines,
        accounted_bytes: head_bytes as u64,
        ..LineLedger::default()
    };
    let mut first_records = Vec::with_capacity(counts.len());
    let mut batch_starts = Vec::with_capacity(counts.len());
    let mut batch_offsets = Vec::with_capacity(counts.len());
    let (mut quarantine, mut stated, mut flagged_rows, mut records, mut rows) =
        (Vec::new(), plan.stated.clone(), 0, 0, opened.head_rows);
    let mut footing = Footing::default();
    let mut late = BatchReader::new(plan, (&dims, &fold), &stop_line, totals, encoding);
    let mut unnamed: Vec<(Vec<Unnamed>, Sums, u64)> = Vec::new();
    let (mut undecided, mut late_rows) = (Vec::new(), 0);
    let (mut aside, mut other_table, mut below, mut places) =
        (BTreeMap::new(), None, Vec::new(), 0);
    for mut count in counts {
        let standings = footing
            .batch(&count.unnamed, &count.sums, rows)
            .map_err(overflow)?;
        let batch_rows = std::mem::take(&mut count.unnamed);
        for (place, (row, standing)) in batch_rows.iter().zip(standings).enumerate() {
            late_rows += 1;
            settle_unnamed(row, standing, &mut count, &mut late, u64::MAX - late_rows)
                .map_err(overflow)?;
            if standing == Standing::Record {
                undecided.push((unnamed.len(), place));
            }
        }
        unnamed.push((batch_rows, std::mem::take(&mut count.sums), rows));
        count.bad.sort_by_key(|(row, _)| *row);
        ledger.add(&count.ledger);
        first_records.push(places);
        places += count.places;
        for ((rule, currency), (n, amount)) in count.aside {
            let sum: &mut (u64, Amount) = aside.entry((rule, currency)).or_default();
            *sum = (sum.0 + n, sum.1.plus(amount).map_err(overflow)?);
        }
        other_table = other_table.or(count.other_table);
        below.extend(count.below);
        batch_starts.push((count.first_line, rows));
        batch_offsets.push(count.file_offset);
        for (row, mut bad) in count.bad {
            bad.row_number = rows + row + 1;
            quarantine.push(bad);
        }
        rows += count.rows;
        records += count.records;
        flagged_rows += count.flagged;
        stated.extend(count.stated);
        if quarantine.len() > MAX_QUARANTINED {
            return Err(too_many_bad(part, &quarantine));
        }
    }
    late.slice.flush().map_err(overflow)?;
    let BatchReader { tally, .. } = late;
    let mut gathered = gathered
        .into_inner()
        .expect("no code panics while holding this lock");
    gathered.join(tally.finish());
    let dims = dims.into_values();
    let (cube, batch_index) = fold.finish(dims, &first_records);
    // Only the whole file tells which rows are totals of a part of its records, and which totals are those of all then.
    let labelled: std::collections::HashSet<u64> =
        footing.unmatched.iter().map(|(line, _)| *line).collect();
    let is_open = |row: &&Unnamed| labelled.contains(&row.line);
    let open_rows = undecided
        .iter()
        .map(|&(batch, place)| &unnamed[batch].0[place]);
    let candidates: Vec<&Unnamed> = open_rows
        .clone()
        .chain(unnamed.iter().flat_map(|batch| &batch.0).filter(is_open))
        .collect();
    let groups = group_totals(&candidates, &cube).map_err(overflow)?;
    footing.compare_with(&groups);
    if pass.found.is_none() && open_rows.clone().any(|row| groups.contains_key(&row.line)) {
        let mut anew = Footing::with_groups(groups);
        for (rows, sums, above) in &unnamed {
            anew.batch(rows, sums, *above).map_err(overflow)?;
        }
        return Ok(Outcome::Again(Pass {
            found: Some(Found {
                lines: anew.lines,
                totals: anew.totals,
            }),
            ..pass.clone()
        }));
    }
    let mut tables = plan.tables.clone();
    if let Some((line, names)) = other_table {
        let (table, total) = table_below(line + 1, names, &below, plan.decimal);
        stated.extend(total);
        tables.push(table);
    }
    let mut control_totals = compare(stated, &cube, &quarantine, records).map_err(overflow)?;
    let Found {
        lines: sum_lines,
        totals,
    } = pass.found.clone().unwrap_or(Found {
        lines: footing.lines,
        totals: footing.totals,
    });
    control_totals.extend(totals);
    let without_period = cube
        .cells()
        .iter()
        .filter(|c| cube.dims[c.dim as usize].period == SalePeriod::UNKNOWN)
        .map(|c| c.rows)
        .sum();
    let sale_period = cube
        .dims
        .iter()
        .fold(SalePeriod::UNKNOWN, |all, dims| all.union(dims.period));
    Ok(Outcome::Done(Box::new(Imported {
        name: part.name.clone(),
        plan: opened.plan.clone(),
        cube,
        quarantine,
        records,
        ledger,
        control_totals,
        read,
        sale_period,
        flagged_rows,
        encoding: encoding.name(),
        stop_line: stop_line.load(Ordering::Relaxed),
        sum_lines,
        aside: aside_rows(plan, aside),
        tables,
        without_period,
        batch_starts,
        batch_offsets,
        rows,
        batch_index,
        likeness: gathered.finish(),
    })))
}

/// Puts an unnamed row where it belongs.
fn settle_unnamed(
    row: &Unnamed,
    standing: Standing,
    count: &mut BatchCount,
    late: &mut BatchReader<'_>,
    key_number: u64,
) -> Result<(), AmountOverflow> {
    if standing == Standing::Footer {
        count.ledger.footer += row.lines;
        return Ok(());
    }
    count.records += 1;
    if let Some(bad) = &row.bad {
        count.ledger.quarantined += row.lines;
        count.bad.push((row.row, bad.clone()));
        return Ok(());
    }
    let Some(dim) = row.dim else { return Ok(()) };
    let (quantity, amount) = (
        row.quantity.unwrap_or_default(),
        row.amount.unwrap_or_default(),
    );
    late.slice
        .push((&row.key, key_number), dim, row.place, quantity, amount)?;
    late.tally
        .add((&row.key, key_number), dim, quantity, amount);
    count.ledger.records += 1;
    count.ledger.continuation += row.lines - 1;
    count.flagged += u64::from(row.is_flagged);
    Ok(())
}

fn aside_rows(plan: &Plan, sums: BTreeMap<(usize, Currency), (u64, Amount)>) -> Vec<AsideRows> {
    let mut all: Vec<AsideRows> = Vec::new();
    for ((rule, currency), (rows, amount)) in sums {
        let because = &plan.rows[rule].because;
        let place = all
            .iter()
            .position(|a| a.because == *because)
            .unwrap_or_else(|| {
                all.push(AsideRows {
                    because: because.clone(),
                    rows: 0,
                    amounts: Vec::new(),
                });
                all.len() - 1
            });
        all[place].rows += rows;
        all[place].amounts.push((currency, amount));
    }
    all
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

/// Compares what the file states with what was read; sums of several currencies are not comparable.
fn compare(
    stated: Vec<StatedTotal>,
    cube: &Cube,
    quarantine: &[Quarantined],
    records: u64,
) -> Result<Vec<ControlTotal>, AmountOverflow> {
    if stated.is_empty() {
        return Ok(Vec::new());
    }
    let mut amounts: BTreeMap<Currency, Amount> = BTreeMap::new();
    let mut quantity = Amount::ZERO;
    for cell in cube.cells() {
        let sum = amounts
            .entry(cube.dims[cell.dim as usize].currency)
            .or_default();
        *sum = sum.plus(cell.amount)?;
        quantity = quantity.plus(cell.quantity)?;
    }
    for bad in quarantine {
        if !bad.amount.is_zero() {
            let sum = amounts.entry(bad.currency).or_default();
            *sum = sum.plus(bad.amount)?;
        }
        quantity = quantity.plus(bad.quantity)?;
    }
    let single = if amounts.len() <= 1 {
        Some(amounts.values().next().copied().unwrap_or_default())
    } else {
        None
    };
    let records = i64::try_from(records).unwrap_or(i64::MAX);
    Ok(stated
        .into_iter()
        .map(|total| {
            let read = match total.kind {
                ControlKind::Rows => Some(Amount::from_integer(records)),
                ControlKind::Quantity => Some(quantity),
                ControlKind::Amount => single,
            };
            ControlTotal {
                agrees: read.zip(total.value).map(|(read, stated)| read == stated),
                read: read.map(|r| r.to_string()),
                stated: total.value.map_or(total.text, |v| v.to_string()),
                label: total.label,
                kind: total.kind,
            }
        })
        .collect())
}

/// Where the batches of an import begin: physical lines and rows before each.
pub type BatchStarts = Vec<(u64, u64)>;

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
    job.begin(if opened.source.is_packed() {
        0
    } else {
        opened.source.file_bytes()
    });
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
    let changed = || StatementError::Changed { file: path.clone() };
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
        loop {
            if job.is_cancelled() {
                return Err(StatementError::Cancelled);
            }
            let batch = {
                let mut splitter = splitter
                    .lock()
                    .expect("no code panics while holding this lock");
                let batch = splitter.next_batch()?;
                job.set_bytes_done(splitter.content_bytes());
                batch
            };
            let Some(batch) = batch else { return Ok(()) };
            let start = starts
                .get(batch.index as usize)
                .filter(|s| s.0 == batch.first_line)
                .ok_or_else(changed)?;
            out.clear();
            reader.reread(&batch, start.1, &mut local, &mut write, &mut out);
            match order.put(batch.index, &out) {
                Ok(()) => {}
                // The thread that has failed says why.
                Err(None) => return Ok(()),
                Err(Some(error)) => return Err(error),
            }
            splitter
                .lock()
                .expect("no code panics while holding this lock")
                .recycle(batch.bytes);
        }
    };
    let worker = || work().inspect_err(|_| order.break_off());
    run_workers(job.threads(), &worker)?;
    splitter
        .into_inner()
        .expect("no code panics while holding this lock")
        .into_source()
        .finish()
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
        let mut state = self
            .state
            .lock()
            .expect("no code panics while holding this lock");
        while state.next != index && !state.is_broken {
            state = self
                .turn
                .wait(state)
                .expect("no code panics while holding this lock");
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

    fn break_off(&self) {
        self.state
            .lock()
            .expect("no code panics while holding this lock")
            .is_broken = true;
        self.turn.notify_all();
    }
}
