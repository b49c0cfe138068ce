//! The rows of one batch, read, counted and put into the fold.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::Encoding;

use super::dims::{DimTable, Dims};
use super::fold::{Fold, FoldSlice};
use super::interpret::{Bad, Interpreter, RowVerdict};
use super::layout::ControlKind;
use super::ledger::{LineLedger, StatedTotal};
use super::likeness::RowTally;
use super::names::currency_sign;
use super::plan::Plan;
use super::quarantine::{Quarantined, RAW_BYTES, Reason};
use super::records::{Row, RowReader};
use super::source::bytes_in_file;
use super::splitter::Batch;
use super::sums::{MAX_UNNAMED, RecordSums, Unnamed, is_total_label};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, DecimalMark, parse_amount};

/// What a batch came to.
#[derive(Default)]
pub(crate) struct BatchCount {
    pub(super) index: u64,
    pub(super) first_line: u64,
    pub(super) file_offset: u64,
    /// Rows as a spreadsheet shows them.
    pub(super) rows: u64,
    pub(super) records: u64,
    /// Records, and rows that may turn out to be totals: what places in the batch are counted by.
    pub(super) places: u64,
    pub(super) ledger: LineLedger,
    pub(super) bad: Vec<(u64, Quarantined)>,
    pub(super) stated: Vec<StatedTotal>,
    pub(super) flagged: u64,
    pub(super) last_line: u64,
    pub(super) bad_encoding_rows: u64,
    pub(super) has_good_non_ascii: bool,
    /// Sums of its records, and of what could be read of those in quarantine.
    pub(super) sums: RecordSums,
    /// Rows that name no recording, about which nothing is decided yet.
    pub(super) unnamed: Vec<Unnamed>,
    pub(super) aside: BTreeMap<(usize, Currency), (u64, Amount)>,
    /// The line and the names of a table below the records.
    pub(super) other_table: Option<(u64, Vec<String>)>,
    /// The first rows below the end of the records.
    pub(super) below: Vec<Vec<String>>,
}

impl BatchCount {
    /// Counts a row that a rule of the layout sets aside.
    fn set_aside(
        &mut self,
        rule: usize,
        currency: Currency,
        amount: Amount,
    ) -> Result<(), AmountOverflow> {
        let (rows, sum) = self.aside.entry((rule, currency)).or_default();
        *rows += 1;
        *sum = sum.plus(amount)?;
        Ok(())
    }

    /// Keeps the first table below the records.
    fn other_table(&mut self, line: u64, row: &Row<'_>) {
        if self.other_table.is_none() {
            let names = trimmed_cells(row).filter(|cell| !cell.is_empty());
            self.other_table = Some((line, names.collect()));
        }
    }
}

/// Rows below the records that are looked at for what they state.
const BELOW_ROWS: usize = 200;

/// What is known of the totals among the records.
#[derive(Debug, Clone, Copy)]
pub(super) enum KnownTotals<'a> {
    /// Nothing: rows that name no recording are counted here and put aside until all sums are known.
    Find(&'a AtomicU64),
    /// Their lines, in order.
    Lines(&'a [u64]),
}

/// Reads the batches of one thread.
pub(super) struct BatchReader<'a> {
    plan: &'a Plan,
    pub(super) interpreter: Interpreter<'a>,
    pub(super) slice: FoldSlice<'a>,
    pub(super) tally: RowTally<'a>,
    stop_line: &'a AtomicU64,
    totals: KnownTotals<'a>,
    encoding: &'static Encoding,
}

impl<'a> BatchReader<'a> {
    /// A reader of one thread. Those who only look at rows do not count them.
    pub(super) fn new(
        plan: &'a Plan,
        (dims, fold): (&'a DimTable, &'a Fold),
        stop_line: &'a AtomicU64,
        totals: KnownTotals<'a>,
        encoding: &'static Encoding,
    ) -> Self {
        let mut interpreter = Interpreter::new(plan, dims);
        interpreter.labels_decide = matches!(totals, KnownTotals::Lines(_));
        let says_period =
            !plan.period.is_empty() || !plan.period_start.is_empty() || !plan.period_in.is_empty();
        let tally = RowTally::new(dims, &plan.dsp, says_period);
        Self {
            plan,
            interpreter,
            slice: fold.slice(),
            tally,
            stop_line,
            totals,
            encoding,
        }
    }

    /// Whether a line is known to be a total.
    pub(super) fn is_total(&self, line: u64) -> bool {
        matches!(self.totals, KnownTotals::Lines(lines) if lines.binary_search(&line).is_ok())
    }
}

impl BatchReader<'_> {
    pub(super) fn read(&mut self, batch: &Batch) -> Result<BatchCount, AmountOverflow> {
        let mut count = BatchCount {
            index: batch.index,
            first_line: batch.first_line,
            file_offset: batch.file_offset,
            last_line: batch.first_line,
            ..BatchCount::default()
        };
        if let Some(length) = batch.oversize {
            self.oversize(batch, length, &mut count);
            return Ok(count);
        }
        let Survey {
            is_clean,
            is_ascii,
            has_cr,
        } = Survey::of(&batch.bytes);
        count.has_good_non_ascii = is_clean && !is_ascii;
        self.interpreter.may_have_cr = has_cr;
        let mut rows = RowReader::new(&batch.bytes, &self.plan.dialect, self.plan.columns());
        while let Some(row) = rows.next_row() {
            self.row(batch, &row, is_clean, &mut count)?;
        }
        Ok(count)
    }

    fn row(
        &mut self,
        batch: &Batch,
        row: &Row<'_>,
        is_clean: bool,
        count: &mut BatchCount,
    ) -> Result<(), AmountOverflow> {
        let line = batch.first_line + row.line;
        // A row behind a lone carriage return begins within a line that is counted already.
        let lines = u64::from(row.lines.max(1));
        count.ledger.within += u64::from(row.lines == 0);
        let row_index = count.rows;
        count.rows += 1;
        count.last_line = line;
        count.ledger.accounted_bytes += (row.next - row.span.start) as u64;
        let verdict = if is_clean {
            self.interpreter.read(row)
        } else {
            self.read_unclean(&batch.bytes, row, count)
        };
        if line > self.stop_line.load(Ordering::Relaxed) || self.is_total(line) {
            count.ledger.footer += lines;
            self.below_records(row, line, verdict, count);
            return Ok(());
        }
        if self.waits_for_sums(&verdict, row) {
            self.put_aside(batch, row, (line, row_index), verdict, count);
            return Ok(());
        }
        match verdict {
            RowVerdict::Good {
                dim,
                currency,
                quantity,
                amount,
                ..
            } => {
                count.ledger.continuation += lines - 1;
                count.flagged +=
                    u64::from(row.flags.has_stray_quote || row.flags.has_unclosed_quote);
                self.fold_good(batch.index, dim, (currency, quantity, amount), count)?;
            }
            RowVerdict::Bad(bad) => {
                count.ledger.quarantined += lines;
                self.set_bad_aside(batch, row, (line, row_index), *bad, count)?;
            }
            RowVerdict::Aside {
                rule,
                currency,
                amount,
                ..
            } => {
                count.ledger.aside += lines;
                count.set_aside(rule, currency, amount)?;
            }
            RowVerdict::Blank => count.ledger.blank += lines,
            RowVerdict::Header => count.ledger.header += lines,
            RowVerdict::Total { .. } => count.ledger.footer += lines,
            RowVerdict::OtherTable => {
                count.ledger.footer += lines;
                count.other_table(line, row);
                self.stop_line.fetch_min(line, Ordering::Relaxed);
            }
            RowVerdict::Footer {
                label,
                control,
                value,
                stop,
            } => {
                count.ledger.footer += lines;
                let stated = control.map(|kind| self.stated(label, kind, value));
                count.stated.extend(stated);
                if stop {
                    self.stop_line.fetch_min(line, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    /// A record into the fold and the sums.
    #[inline]
    fn fold_good(
        &mut self,
        batch_index: u64,
        dim: u32,
        (currency, quantity, amount): (Currency, Amount, Amount),
        count: &mut BatchCount,
    ) -> Result<(), AmountOverflow> {
        let index = batch_index << 32 | count.places;
        let key = (self.interpreter.key(), self.interpreter.key_number());
        self.slice.push(key, dim, index, quantity, amount)?;
        count.sums.add(currency, amount, quantity)?;
        count.places += 1;
        self.tally.add(key, dim, quantity, amount);
        count.records += 1;
        count.ledger.records += 1;
        Ok(())
    }

    /// A row into quarantine, with what could be read of its money.
    fn set_bad_aside(
        &mut self,
        batch: &Batch,
        row: &Row<'_>,
        (line, row_index): (u64, u64),
        bad: Bad,
        count: &mut BatchCount,
    ) -> Result<(), AmountOverflow> {
        count.places += 1;
        count.records += 1;
        if bad.currency != Currency::NONE {
            count.sums.add(bad.currency, bad.amount, bad.quantity)?;
        }
        let entry = self.quarantined(batch, row, line, bad);
        count.bad.push((row_index, entry));
        Ok(())
    }

    /// A row below the end of the records, or one that is known to be a total: only what it states
    /// counts.
    fn below_records(&self, row: &Row<'_>, line: u64, verdict: RowVerdict, count: &mut BatchCount) {
        if let RowVerdict::Footer {
            label,
            control: Some(kind),
            value,
            ..
        } = verdict
        {
            count.stated.push(self.stated(label, kind, value));
        } else if count.below.len() < BELOW_ROWS && !self.is_total(line) {
            count.below.push(trimmed_cells(row).collect());
        }
    }

    /// Whether a row names no recording while totals are being looked for: what it is, the sums tell.
    fn waits_for_sums(&self, verdict: &RowVerdict, row: &Row<'_>) -> bool {
        if !matches!(self.totals, KnownTotals::Find(_)) {
            return false;
        }
        match verdict {
            RowVerdict::Good { is_named, .. } => !is_named,
            RowVerdict::Total { .. } => true,
            RowVerdict::Bad(_) => self.interpreter.names_nothing(row),
            _ => false,
        }
    }

    /// Keeps a row that names no recording until all sums are known.
    fn put_aside(
        &self,
        batch: &Batch,
        row: &Row<'_>,
        (line, row_index): (u64, u64),
        verdict: RowVerdict,
        count: &mut BatchCount,
    ) {
        if let KnownTotals::Find(seen) = self.totals
            && seen.fetch_add(1, Ordering::Relaxed) > MAX_UNNAMED
        {
            // The file is read again without looking for totals.
            return;
        }
        let (amount, quantity, numbers) = self.interpreter.numbers(row);
        let words = RowWords::of(row, &verdict, !numbers.is_empty(), self.plan.decimal);
        let mut entry = Unnamed {
            row: row_index,
            line,
            lines: u64::from(row.lines.max(1)),
            place: batch.index << 32 | count.places,
            label: words.label,
            is_total: words.is_total,
            is_note: words.is_note,
            amount,
            quantity,
            numbers,
            currency: self.interpreter.currency(row),
            said: words.currency,
            key: Vec::new(),
            dim: None,
            facts: self.interpreter.facts(row),
            bad: None,
            is_flagged: row.flags.has_stray_quote || row.flags.has_unclosed_quote,
            before: count.sums.clone(),
        };
        match verdict {
            RowVerdict::Good {
                dim,
                currency,
                quantity,
                amount,
                ..
            } => {
                entry.key = self.interpreter.key().to_vec();
                entry.dim = Some(dim);
                entry.currency = Some(currency);
                entry.quantity = Some(quantity);
                entry.amount = Some(amount);
            }
            RowVerdict::Bad(bad) => entry.bad = Some(self.quarantined(batch, row, line, *bad)),
            _ => {}
        }
        count.places += 1;
        count.unnamed.push(entry);
    }

    fn stated(&self, label: String, kind: ControlKind, text: String) -> StatedTotal {
        let value = parse_amount(text.as_bytes(), self.plan.decimal).ok();
        StatedTotal {
            label,
            kind,
            text,
            value,
        }
    }

    /// Reads a row of a batch that holds bytes which are no text.
    pub(super) fn read_unclean(
        &mut self,
        bytes: &[u8],
        row: &Row<'_>,
        count: &mut BatchCount,
    ) -> RowVerdict {
        let raw = &bytes[row.span.clone()];
        let fault = match std::str::from_utf8(raw) {
            Err(error) => {
                count.bad_encoding_rows += 1;
                format!(
                    "byte {} of the row is not valid in {}",
                    error.valid_up_to() + 1,
                    self.encoding.name()
                )
            }
            Ok(text) if text.contains('\0') => "the row holds a NUL byte".to_owned(),
            Ok(text) => {
                count.has_good_non_ascii |= !text.is_ascii();
                return self.interpreter.read(row);
            }
        };
        match self.interpreter.read(row) {
            // The amount still counts in the totals, as far as it could be read.
            RowVerdict::Good {
                amount,
                quantity,
                currency,
                ..
            } => RowVerdict::Bad(Box::new(Bad {
                reason: Reason::BadEncoding,
                column: None,
                detail: fault,
                amount,
                currency,
                quantity,
            })),
            RowVerdict::Bad(bad) => RowVerdict::Bad(Box::new(Bad {
                reason: Reason::BadEncoding,
                detail: fault,
                column: None,
                ..*bad
            })),
            other => other,
        }
    }

    fn quarantined(&self, batch: &Batch, row: &Row<'_>, line: u64, bad: Bad) -> Quarantined {
        let raw = &batch.bytes[row.span.clone()];
        Quarantined {
            row_number: 0,
            line_number: line + 1,
            byte_offset: batch.file_offset
                + bytes_in_file(&batch.bytes[..row.span.start], self.encoding),
            column: bad
                .column
                .map(|c| self.plan.header[c].clone())
                .unwrap_or_default(),
            reason: bad.reason,
            detail: bad.detail,
            raw: String::from_utf8_lossy(&raw[..raw.len().min(RAW_BYTES)]).into_owned(),
            amount: bad.amount,
            currency: bad.currency,
            quantity: bad.quantity,
        }
    }

    /// Reads a batch for the line export; returns nothing, all goes to `write`.
    pub(super) fn reread(
        &mut self,
        batch: &Batch,
        first_row: u64,
        dims: &mut LocalDims<'_>,
        write: &mut impl FnMut(u64, &LineVerdict<'_>, &mut Vec<u8>),
        out: &mut Vec<u8>,
    ) {
        if batch.oversize.is_some() {
            let bad = self
                .interpreter
                .fault(Reason::LineTooLong, None, String::new());
            write(first_row + 1, &LineVerdict::of_bad(&bad), out);
            return;
        }
        let Survey {
            is_clean, has_cr, ..
        } = Survey::of(&batch.bytes);
        self.interpreter.may_have_cr = has_cr;
        let mut unused = BatchCount::default();
        let mut rows = RowReader::new(&batch.bytes, &self.plan.dialect, self.plan.columns());
        let mut row_number = first_row;
        while let Some(row) = rows.next_row() {
            row_number += 1;
            if batch.first_line + row.line > self.stop_line.load(Ordering::Relaxed) {
                break;
            }
            let verdict = if is_clean {
                self.interpreter.read(&row)
            } else {
                self.read_unclean(&batch.bytes, &row, &mut unused)
            };
            match verdict {
                _ if self.is_total(batch.first_line + row.line) => {}
                RowVerdict::Good {
                    dim,
                    quantity,
                    amount,
                    ..
                } => {
                    let key = (self.interpreter.key(), self.interpreter.key_number());
                    write(
                        row_number,
                        &LineVerdict::Good {
                            key,
                            dim: (dim, dims.of(dim)),
                            quantity,
                            amount,
                        },
                        out,
                    );
                }
                RowVerdict::Bad(bad) => write(row_number, &LineVerdict::of_bad(&bad), out),
                RowVerdict::Blank
                | RowVerdict::Header
                | RowVerdict::OtherTable
                | RowVerdict::Total { .. }
                | RowVerdict::Aside { .. }
                | RowVerdict::Footer { .. } => {}
            }
        }
    }

    fn oversize(&self, batch: &Batch, length: u64, count: &mut BatchCount) {
        let bad = self.interpreter.fault(
            Reason::LineTooLong,
            None,
            format!("the line has {length} bytes, more than any record"),
        );
        count.rows = 1;
        count.records = 1;
        count.places = 1;
        count.ledger.quarantined = 1;
        count.ledger.accounted_bytes = length;
        let entry = Quarantined {
            row_number: 0,
            line_number: batch.first_line + 1,
            byte_offset: batch.file_offset,
            column: String::new(),
            reason: bad.reason,
            detail: bad.detail,
            raw: String::from_utf8_lossy(&batch.bytes).into_owned(),
            amount: Amount::ZERO,
            currency: bad.currency,
            quantity: Amount::ZERO,
        };
        count.bad.push((0, entry));
    }
}

/// What kinds of bytes a text has.
struct Survey {
    /// UTF-8 without NUL.
    is_clean: bool,
    is_ascii: bool,
    has_cr: bool,
}

/// Bytes that are looked at several times while they are in the processor's cache.
const SURVEY_BYTES: usize = 32 << 10;

impl Survey {
    fn of(text: &[u8]) -> Self {
        let mut all = Self {
            is_clean: true,
            is_ascii: true,
            has_cr: false,
        };
        let mut rest = text;
        while !rest.is_empty() {
            let mut end = rest.len().min(SURVEY_BYTES);
            // Not within a character; four bytes in a row that only go on are no text wherever they are cut.
            for _ in 0..3 {
                end -= usize::from(rest.get(end).is_some_and(|byte| byte & 0xC0 == 0x80));
            }
            let (piece, others) = rest.split_at(end);
            all.is_ascii = all.is_ascii && piece.is_ascii();
            all.is_clean = all.is_clean
                && simdutf8::basic::from_utf8(piece).is_ok()
                && memchr::memchr(0, piece).is_none();
            all.has_cr = all.has_cr || memchr::memchr(b'\r', piece).is_some();
            rest = others;
        }
        all
    }
}

/// A currency that the name of a total says: `TOTAL USD`.
fn currency_of_label(cell: &str) -> Option<Currency> {
    if is_total_label(cell) {
        cell.split([' ', ':', '(', ')']).find_map(currency_sign)
    } else {
        None
    }
}

/// The cells of a row as texts without blanks around them.
fn trimmed_cells<'a>(row: &'a Row<'_>) -> impl Iterator<Item = String> + 'a {
    row.cells()
        .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
}

/// What the texts of a row that names no recording say.
struct RowWords {
    /// The first text that reads like the name of a total, else the first that is no number.
    label: String,
    /// Whether a text reads like the name of a total.
    is_total: bool,
    /// Whether it is a sentence and nothing else.
    is_note: bool,
    /// The currency that a text names.
    currency: Option<Currency>,
}

impl RowWords {
    fn of(row: &Row<'_>, verdict: &RowVerdict, has_numbers: bool, decimal: DecimalMark) -> Self {
        let cells: Vec<String> = trimmed_cells(row).filter(|cell| !cell.is_empty()).collect();
        let texts = || cells.iter().filter(|cell| !is_number(cell, decimal));
        let total = cells.iter().find(|cell| is_total_label(cell));
        let label = match verdict {
            RowVerdict::Total { label } => label.clone(),
            _ => total
                .or_else(|| texts().next())
                .cloned()
                .unwrap_or_default(),
        };
        let is_sentence =
            |cell: &String| cell.contains(' ') && cell.chars().any(char::is_alphabetic);
        Self {
            label,
            is_total: matches!(verdict, RowVerdict::Total { .. }) || total.is_some(),
            is_note: !has_numbers && cells.len() == 1 && is_sentence(&cells[0]),
            currency: texts()
                .find_map(|cell| currency_sign(cell).or_else(|| currency_of_label(cell))),
        }
    }
}

fn is_number(cell: &str, decimal: DecimalMark) -> bool {
    parse_amount(cell.as_bytes(), decimal).is_ok() && cell.bytes().any(|b| b.is_ascii_digit())
}

impl LineVerdict<'_> {
    fn of_bad(bad: &Bad) -> Self {
        Self::Bad {
            reason: bad.reason,
            amount: bad.amount,
            currency: bad.currency,
            quantity: bad.quantity,
        }
    }
}

/// A record for the line export.
pub(crate) enum LineVerdict<'a> {
    /// A record with the key of its item and its dimensions, each with a number that stands for it within one thread.
    Good {
        key: (&'a [u8], u64),
        dim: (u32, &'a Dims),
        quantity: Amount,
        amount: Amount,
    },
    /// A record in quarantine.
    Bad {
        reason: Reason,
        amount: Amount,
        currency: Currency,
        quantity: Amount,
    },
}

/// A thread's own copies of the dimensions, by number.
pub(super) struct LocalDims<'a> {
    table: &'a DimTable,
    known: Vec<Dims>,
}

impl<'a> LocalDims<'a> {
    pub(super) fn new(table: &'a DimTable) -> Self {
        Self {
            table,
            known: Vec::new(),
        }
    }

    pub(super) fn of(&mut self, number: u32) -> &Dims {
        if self.known.len() <= number as usize {
            self.table.copy_from(self.known.len(), &mut self.known);
        }
        &self.known[number as usize]
    }
}
