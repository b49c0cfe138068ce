//! Rows of one batch as they stand in the file, each with what it means, for those who show rows instead of adding them up.
//!
//! Invariant: a row means here what it meant at the import: the same reader and the same interpreter look at it.

use std::sync::atomic::AtomicU64;

use encoding_rs::Encoding;

use super::batch::{BatchCount, BatchReader, KnownTotals, LocalDims};
use super::dims::{DimTable, Dims};
use super::fold::Fold;
use super::import::RecordsEnd;
use super::interpret::RowVerdict;
use super::plan::Plan;
use super::quarantine::Reason;
use super::records::{Row, RowReader};
use super::stored::BatchText;
use crate::ident::Currency;
use crate::money::Amount;

/// A batch whose rows have been found.
#[derive(Debug)]
pub(crate) struct BatchRows {
    text: BatchText,
    /// Where each row begins: its byte and its line in the batch.
    starts: Vec<(u32, u32)>,
    is_clean: bool,
}

impl BatchRows {
    /// Finds the rows.
    pub(crate) fn find(text: BatchText, plan: &Plan) -> Self {
        let is_clean = is_clean(&text.bytes);
        let mut starts = Vec::new();
        if text.is_oversize {
            starts.push((0, 0));
        } else {
            let mut reader = RowReader::new(&text.bytes, &plan.dialect, plan.columns());
            while let Some(row) = reader.next_row() {
                starts.push((row.span.start as u32, row.line as u32));
            }
        }
        Self {
            text,
            starts,
            is_clean,
        }
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Bytes that it holds in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.text.bytes.len() + self.starts.len() * 8
    }
}

fn is_clean(bytes: &[u8]) -> bool {
    simdutf8::basic::from_utf8(bytes).is_ok() && memchr::memchr(0, bytes).is_none()
}

/// What a row of the body is.
#[derive(Debug)]
pub(crate) enum Meaning<'a> {
    /// A record, with the key of its item.
    Record {
        key: &'a [u8],
        dims: &'a Dims,
        quantity: Amount,
        amount: Amount,
    },
    /// A record that could not be taken.
    Quarantined {
        reason: Reason,
        column: Option<usize>,
        detail: String,
        quantity: Amount,
        amount: Amount,
        currency: Currency,
    },
    /// Nothing on it.
    Blank,
    /// The header again.
    Header,
    /// A total, or behind the end of the records.
    Footer,
    /// No sale, by a rule of the layout.
    Aside,
}

/// A row on its way to whoever looks at it.
pub(crate) struct Seen<'a> {
    /// 0-based row of the batch.
    pub row_in_batch: usize,
    /// 0-based physical line of the file.
    pub line: u64,
    /// Its bytes.
    pub raw: &'a [u8],
    /// Its cells; `None` for a line that is too long to be read.
    pub row: Option<&'a Row<'a>>,
    /// What it is.
    pub meaning: Meaning<'a>,
}

/// What several visitors of one file share.
pub(crate) struct Tables {
    dims: DimTable,
    fold: Fold,
    stop: AtomicU64,
    end: RecordsEnd,
}

impl Tables {
    /// For a file some of whose lines are no records.
    pub(crate) fn new(end: RecordsEnd) -> Self {
        Self {
            dims: DimTable::default(),
            fold: Fold::new(),
            stop: AtomicU64::new(end.stop_line),
            end,
        }
    }
}

/// Looks at the rows of batches of one file; each thread has its own.
pub(crate) struct Visitor<'a> {
    plan: &'a Plan,
    reader: BatchReader<'a>,
    dims: LocalDims<'a>,
    stop_line: u64,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(plan: &'a Plan, encoding: &'static Encoding, tables: &'a Tables) -> Self {
        let reader = BatchReader::new(
            plan,
            (&tables.dims, &tables.fold),
            &tables.stop,
            KnownTotals::Lines(&tables.end.sum_lines),
            encoding,
        );
        Self {
            plan,
            reader,
            dims: LocalDims::new(&tables.dims),
            stop_line: tables.end.stop_line,
        }
    }

    /// Hands out the rows `range` of a batch that begins at the file's line `first_line`.
    pub(crate) fn rows(
        &mut self,
        batch: &BatchRows,
        range: std::ops::Range<usize>,
        first_line: u64,
        each: &mut dyn FnMut(Seen<'_>),
    ) {
        let Some(&(offset, line)) = batch.starts.get(range.start) else {
            return;
        };
        let count = range.len().min(batch.len() - range.start);
        let from = WalkStart {
            text: &batch.text.bytes[offset as usize..],
            first_line: first_line + u64::from(line),
            first_row: range.start,
        };
        if batch.text.is_oversize {
            return self.oversize(&from, each);
        }
        self.walk(&from, batch.is_clean, count, each);
    }

    /// Hands out all rows of a batch.
    pub(crate) fn all(
        &mut self,
        text: &BatchText,
        first_line: u64,
        each: &mut dyn FnMut(Seen<'_>),
    ) {
        let from = WalkStart {
            text: &text.bytes,
            first_line,
            first_row: 0,
        };
        if text.is_oversize {
            return self.oversize(&from, each);
        }
        self.walk(&from, is_clean(&text.bytes), usize::MAX, each);
    }

    fn walk(
        &mut self,
        from: &WalkStart<'_>,
        is_clean: bool,
        count: usize,
        each: &mut dyn FnMut(Seen<'_>),
    ) {
        self.reader.interpreter.may_have_cr = memchr::memchr(b'\r', from.text).is_some();
        let mut unused = BatchCount::default();
        let mut rows = RowReader::new(from.text, &self.plan.dialect, self.plan.columns());
        for row_in_batch in (from.first_row..).take(count) {
            let Some(row) = rows.next_row() else { break };
            let verdict = if is_clean {
                self.reader.interpreter.read(&row)
            } else {
                self.reader.read_unclean(from.text, &row, &mut unused)
            };
            let line = from.first_line + row.line;
            let meaning = match verdict {
                _ if line > self.stop_line || self.reader.is_total(line) => Meaning::Footer,
                RowVerdict::Good {
                    dim,
                    quantity,
                    amount,
                    ..
                } => Meaning::Record {
                    key: self.reader.interpreter.key(),
                    dims: self.dims.of(dim),
                    quantity,
                    amount,
                },
                RowVerdict::Bad(bad) => Meaning::Quarantined {
                    reason: bad.reason,
                    column: bad.column,
                    detail: bad.detail,
                    quantity: bad.quantity,
                    amount: bad.amount,
                    currency: bad.currency,
                },
                RowVerdict::Blank => Meaning::Blank,
                RowVerdict::Header => Meaning::Header,
                RowVerdict::Aside { .. } => Meaning::Aside,
                RowVerdict::Footer { .. } | RowVerdict::OtherTable | RowVerdict::Total { .. } => {
                    Meaning::Footer
                }
            };
            each(Seen {
                row_in_batch,
                line,
                raw: &from.text[row.span.clone()],
                row: Some(&row),
                meaning,
            });
        }
    }

    fn oversize(&self, from: &WalkStart<'_>, each: &mut dyn FnMut(Seen<'_>)) {
        let bad = self.reader.interpreter.fault(
            Reason::LineTooLong,
            None,
            "the line is longer than any record".into(),
        );
        let meaning = Meaning::Quarantined {
            reason: bad.reason,
            column: None,
            detail: bad.detail,
            quantity: bad.quantity,
            amount: bad.amount,
            currency: bad.currency,
        };
        each(Seen {
            row_in_batch: 0,
            line: from.first_line,
            raw: from.text,
            row: None,
            meaning,
        });
    }
}

/// Where a walk begins.
struct WalkStart<'a> {
    text: &'a [u8],
    first_line: u64,
    first_row: usize,
}
