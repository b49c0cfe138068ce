//! Windows of rows: any rows of a file at once, by reading only the batches that hold them.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::Encoding;
use parking_lot::{Mutex, MutexGuard};

use super::{BadRow, FileRow, RecordRow, RowKind, RowsError, place_of};
use crate::contents::{Contents, ReadError, StatementRecord};
use crate::desk::Desk;
use crate::job::Job;
use crate::statement::import::BatchStarts;
use crate::statement::plan::Plan;
use crate::statement::records::RowReader;
use crate::statement::source::{FileMark, ReadTotals};
use crate::statement::stored::{BatchText, CopyWriter, Passing, Span, Store, is_seekable, pass};
use crate::statement::view::{BatchRows, Meaning, Seen, Tables, Visitor};
use crate::statement::{ReadOptions, StatementError};

/// What has to be read before, or while, rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preparation {
    /// Nothing.
    None,
    /// The file is packed: a copy is made in the workspace, so that its rows can be reached.
    Copy,
    /// An older version did not keep where its batches begin.
    Index,
    /// Its date is not what it was: its content is compared.
    Verify,
}

/// What is known of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceState {
    /// Size and date are as they were when it was imported.
    SameMark,
    /// Every byte is as it was when it was imported.
    SameBytes,
    /// It has not been compared to its end yet.
    Comparing,
}

/// Rows of one statement's file.
pub struct RowPager {
    record: Box<StatementRecord>,
    plan: Plan,
    encoding: &'static Encoding,
    options: ReadOptions,
    head: Vec<u8>,
    store: Store,
    mark: FileMark,
    preparation: Preparation,
    /// Holds the copy as long as the pager lives.
    folder: Option<tempfile::TempDir>,
    known: Mutex<KnownBatches>,
    cache: Mutex<VecDeque<(usize, Arc<BatchRows>)>>,
    pass: Mutex<()>,
}

/// What is known of the batches so far.
struct KnownBatches {
    spans: Vec<Span>,
    rows: Option<u64>,
    state: SourceState,
}

/// Bytes of batches that are kept, at least two batches.
const CACHE_BYTES: usize = 64 << 20;

impl Preparation {
    /// What a file needs before any of its rows can be read.
    fn of(can_seek: bool, has_offsets: bool, is_same: bool) -> Self {
        match (can_seek, has_offsets, is_same) {
            (false, _, _) => Self::Copy,
            (true, false, _) => Self::Index,
            (true, true, false) => Self::Verify,
            (true, true, true) => Self::None,
        }
    }
}

impl RowPager {
    /// Opens the file of a statement and reads its beginning.
    pub(super) fn open(contents: &Contents, record: &StatementRecord) -> Result<Self, RowsError> {
        let mark = FileMark::of(&record.path).map_err(|e: std::io::Error| StatementError::Io {
            file: record.path.clone(),
            source: e,
        })?;
        let options = record.options(&ReadOptions::default());
        let opened = contents.open_again(record, &options)?;
        let source = &opened.source;
        let encoding = source.encoding();
        let can_seek = is_seekable(source);
        let bytes = source.file_bytes();
        if !source.is_packed() && bytes != record.content_bytes && record.mark.is_some() {
            return Err(RowsError::Changed(record.path.clone()));
        }
        let head = source.head()[..opened.head_bytes].to_vec();
        let is_same = record.mark.is_some_and(|m| m.is_same(&mark));
        let has_offsets =
            record.batch_offsets.len() == record.batch_starts.len() && record.rows > 0;
        let preparation = Preparation::of(can_seek, has_offsets, is_same);
        let folder = if can_seek {
            None
        } else {
            Some(contents.workspace().temporary().map_err(ReadError::from)?)
        };
        let store = match &folder {
            None => Store::File {
                path: record.path.clone(),
                mark,
                encoding,
            },
            Some(folder) => Store::Copy {
                path: folder.path().join("rows"),
            },
        };
        let spans = if can_seek && has_offsets {
            spans(&record.batch_offsets, bytes)
        } else {
            Vec::new()
        };
        let known = KnownBatches {
            spans,
            rows: (record.rows > 0).then_some(record.rows),
            state: if is_same {
                SourceState::SameMark
            } else {
                SourceState::Comparing
            },
        };
        Ok(Self {
            record: Box::new(record.clone()),
            plan: opened.plan,
            encoding,
            options,
            head,
            store,
            mark,
            preparation,
            folder,
            known: Mutex::new(known),
            cache: Mutex::default(),
            pass: Mutex::default(),
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.record.path
    }

    /// Where the copy of a packed file lies.
    #[must_use]
    pub fn copy_folder(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|f| f.path().to_owned())
    }

    /// Names of the columns, as the header writes them.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.plan.header
    }

    /// Whether the file is still the one that was opened, by size and date.
    #[must_use]
    pub fn is_as_opened(&self) -> bool {
        FileMark::of(&self.record.path).is_ok_and(|mark| mark == self.mark)
    }

    /// What has to be read by [`Self::prepare`]; nothing once that is done.
    #[must_use]
    pub fn preparation(&self) -> Preparation {
        let known = self.known();
        let is_done = known.spans.len() == self.starts().len()
            && known.rows.is_some()
            && known.state != SourceState::Comparing;
        if is_done {
            Preparation::None
        } else {
            self.preparation
        }
    }

    /// What is known of the file.
    #[must_use]
    pub fn state(&self) -> SourceState {
        self.known().state
    }

    /// How many rows there are; `None` until an older statement has been read through.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.known().rows
    }

    /// How many rows from the first on can be read now.
    #[must_use]
    pub fn rows_ready(&self) -> u64 {
        let known = self.known();
        match self.starts().get(known.spans.len()) {
            Some((_, rows_before)) => *rows_before,
            None => known
                .rows
                .or(self.starts().last().map(|s| s.1))
                .unwrap_or(self.head_rows()),
        }
    }

    fn known(&self) -> MutexGuard<'_, KnownBatches> {
        self.known.lock()
    }

    fn starts(&self) -> &BatchStarts {
        &self.record.batch_starts
    }

    /// Rows up to and including the header.
    fn head_rows(&self) -> u64 {
        self.starts()
            .first()
            .map_or_else(|| self.record.ledger.preamble + 1, |s| s.1)
    }

    /// Reads the file through where that is needed: makes the copy of a packed file, finds its batches, compares its content. Rows that
    /// have gone by can be read meanwhile. Several callers wait for one another.
    ///
    /// # Errors
    /// [`RowsError`]; [`RowsError::Changed`] when the content is not what was imported.
    pub fn prepare(&self, contents: &Contents, job: &Job) -> Result<(), RowsError> {
        let _turn = self.pass.lock();
        if self.preparation() == Preparation::None {
            return Ok(());
        }
        self.read_through(contents, job)
    }

    /// Compares every byte with what was imported.
    ///
    /// # Errors
    /// [`RowsError::Changed`] when it is not.
    pub fn compare(&self, contents: &Contents, job: &Job) -> Result<(), RowsError> {
        let _turn = self.pass.lock();
        self.read_through(contents, job)
    }

    fn read_through(&self, contents: &Contents, job: &Job) -> Result<(), RowsError> {
        let opened = contents.open_again(&self.record, &self.options)?;
        let mut copy = match &self.store {
            Store::Copy { path } => Some(CopyWriter::new(path.clone())?),
            Store::File { .. } => None,
        };
        if copy.is_some() {
            // Whoever makes the copy anew begins at its beginning.
            self.known().spans.clear();
        }
        let mut offsets = Vec::with_capacity(self.starts().len());
        let read = pass(opened, &self.options, job, &mut |batch: &Passing<'_>| {
            let start = self
                .starts()
                .get(batch.index as usize)
                .filter(|s| s.0 == batch.first_line)
                .ok_or_else(|| StatementError::Changed {
                    file: self.record.path.clone(),
                })?;
            job.add_rows(start.1.saturating_sub(job.progress().2));
            match &mut copy {
                Some(copy) => {
                    let span = copy.push(batch.text, batch.is_oversize)?;
                    self.known().spans.push(span);
                }
                None => offsets.push(batch.file_offset),
            }
            Ok(())
        })?;
        self.take(&read, &offsets)
    }

    /// Takes over what reading through has found.
    fn take(&self, read: &ReadTotals, offsets: &[u64]) -> Result<(), RowsError> {
        let is_same = read.content_hash.to_hex().as_str() == self.record.content_hash
            || read.text_hash.to_hex().as_str() == self.record.text_hash;
        if !is_same {
            return Err(RowsError::Changed(self.record.path.clone()));
        }
        if matches!(self.store, Store::File { .. }) {
            self.known().spans = spans(offsets, self.mark.bytes);
            self.cache.lock().clear();
        }
        let rows = match self.starts().len().checked_sub(1) {
            Some(last) => self.starts()[last].1 + self.batch(last)?.len() as u64,
            None => self.head_rows(),
        };
        let mut known = self.known();
        known.rows = Some(rows);
        known.state = SourceState::SameBytes;
        Ok(())
    }

    /// Reads rows, given by 0-based numbers; fewer at the end of the file. `desk` tells what became of records.
    ///
    /// # Errors
    /// [`RowsError::NotYet`] when they lie in a part of the file that has not been read.
    pub fn read(&self, rows: Range<u64>, desk: &Desk) -> Result<Vec<FileRow>, RowsError> {
        let end = self.rows().map_or(rows.end, |all| rows.end.min(all));
        let mut out = Vec::new();
        let mut next = rows.start;
        while next < end.min(self.head_rows()) {
            out.push(self.head_row(next));
            next += 1;
        }
        let statement = desk
            .statements()
            .iter()
            .position(|s| s.key == self.record.key())
            .map_or(u32::MAX, |p| p as u32);
        while next < end {
            let batch = self.batch_of(next);
            let start = self.starts()[batch].1;
            let rows = match self.batch(batch) {
                Err(RowsError::NotYet) if !out.is_empty() => break,
                other => other?,
            };
            let wanted = (next - start) as usize..(end - start).min(rows.len() as u64) as usize;
            if wanted.is_empty() {
                break;
            }
            next = start + wanted.end as u64;
            self.visit(&rows, batch, wanted, &mut |seen| {
                out.push(self.file_row(batch, seen, statement, desk))
            });
        }
        Ok(out)
    }

    fn visit(
        &self,
        rows: &BatchRows,
        batch: usize,
        range: Range<usize>,
        each: &mut dyn FnMut(Seen<'_>),
    ) {
        let tables = self.tables();
        Visitor::new(&self.plan, self.encoding, &tables).rows(
            rows,
            range,
            self.starts()[batch].0,
            each,
        );
    }

    /// A row above the first record.
    fn head_row(&self, row: u64) -> FileRow {
        let line_end = self.plan.dialect.line_end();
        let line = self
            .head
            .split(|b| *b == line_end)
            .nth(row as usize)
            .unwrap_or_default();
        let mut reader = RowReader::new(line, &self.plan.dialect, 0);
        let cells = reader
            .next_row()
            .map(|row| row.cells().map(text).collect())
            .unwrap_or_default();
        let kind = if row + 1 == self.head_rows() {
            RowKind::Header
        } else {
            RowKind::Preamble
        };
        FileRow {
            row_number: row + 1,
            line_number: row + 1,
            cells,
            kind,
        }
    }

    /// A row of a batch as it is shown.
    fn file_row(&self, batch: usize, seen: Seen<'_>, statement: u32, desk: &Desk) -> FileRow {
        let cells = seen.row.map_or_else(
            || vec![text(seen.raw)],
            |row| row.cells().map(text).collect(),
        );
        let kind = match seen.meaning {
            Meaning::Record {
                key,
                dims,
                quantity,
                amount,
            } => RowKind::Record(Box::new(RecordRow {
                place: place_of(desk, statement, key, dims.currency),
                territory: dims.territory.clone(),
                period: dims.period,
                usage: dims.usage.clone(),
                quantity,
                amount,
                currency: dims.currency,
            })),
            Meaning::Quarantined {
                reason,
                column,
                detail,
                amount,
                currency,
                ..
            } => RowKind::Quarantined(Box::new(BadRow {
                reason,
                column,
                detail,
                amount,
                currency,
            })),
            Meaning::Blank => RowKind::Blank,
            Meaning::Header => RowKind::Header,
            Meaning::Footer => RowKind::Footer,
            Meaning::Aside => RowKind::Aside,
        };
        FileRow {
            row_number: self.starts()[batch].1 + seen.row_in_batch as u64 + 1,
            line_number: seen.line + 1,
            cells,
            kind,
        }
    }

    /// A row that was taken out of the file before, from its bytes.
    pub(super) fn row_of(
        &self,
        text: BatchText,
        row_number: u64,
        line_number: u64,
        statement: u32,
        desk: &Desk,
    ) -> Option<FileRow> {
        let rows = BatchRows::find(text, &self.plan);
        let mut found = None;
        let tables = self.tables();
        Visitor::new(&self.plan, self.encoding, &tables).rows(
            &rows,
            0..1,
            line_number - 1,
            &mut |seen| {
                found = Some(FileRow {
                    row_number,
                    ..self.file_row(0, seen, statement, desk)
                });
            },
        );
        found
    }

    /// The batch that holds a row of the body.
    pub(super) fn batch_of(&self, row: u64) -> usize {
        self.starts()
            .partition_point(|s| s.1 <= row)
            .saturating_sub(1)
    }

    /// How many batches there are.
    pub(super) fn batches(&self) -> usize {
        self.starts().len()
    }

    /// Line and rows before a batch.
    pub(super) fn start(&self, batch: usize) -> (u64, u64) {
        self.starts()[batch]
    }

    pub(super) fn tables(&self) -> Tables {
        Tables::new(self.record.end())
    }

    pub(super) fn visitor<'a>(&'a self, tables: &'a Tables) -> Visitor<'a> {
        Visitor::new(&self.plan, self.encoding, tables)
    }

    /// The text of a batch, read from the disk.
    pub(super) fn batch_text(&self, batch: usize) -> Result<BatchText, RowsError> {
        let span = self
            .known()
            .spans
            .get(batch)
            .copied()
            .ok_or(RowsError::NotYet)?;
        Ok(self.store.read(
            span,
            self.plan.dialect.line_end(),
            self.options.limits.max_line_bytes,
        )?)
    }

    /// A batch with its rows; those looked at last are kept.
    fn batch(&self, batch: usize) -> Result<Arc<BatchRows>, RowsError> {
        let kept = {
            let mut cache = self.cache.lock();
            let index = cache.iter().position(|(number, _)| *number == batch);
            index
                .and_then(|p| cache.remove(p))
                .inspect(|entry| cache.push_front(entry.clone()))
        };
        if let Some((_, rows)) = kept {
            // What is kept is shown only as long as the file is what it was.
            return if self.is_as_opened() || !matches!(self.store, Store::File { .. }) {
                Ok(rows)
            } else {
                Err(self.missing())
            };
        }
        let rows = Arc::new(BatchRows::find(self.batch_text(batch)?, &self.plan));
        if self
            .starts()
            .get(batch + 1)
            .is_some_and(|next| self.starts()[batch].1 + rows.len() as u64 != next.1)
        {
            return Err(RowsError::Changed(self.record.path.clone()));
        }
        let mut cache = self.cache.lock();
        cache.push_front((batch, Arc::clone(&rows)));
        while cache.len() > 2
            && cache.iter().map(|(_, rows)| rows.bytes()).sum::<usize>() > CACHE_BYTES
        {
            cache.pop_back();
        }
        Ok(rows)
    }

    fn missing(&self) -> RowsError {
        let path = self.record.path.clone();
        if path.exists() {
            RowsError::Changed(path)
        } else {
            RowsError::Gone(path)
        }
    }
}

/// From where each batch begins to where the next one does.
fn spans(offsets: &[u64], end: u64) -> Vec<Span> {
    let ends = offsets.iter().skip(1).copied().chain([end]);
    offsets
        .iter()
        .zip(ends)
        .map(|(&offset, end)| Span {
            offset,
            bytes: end.saturating_sub(offset),
            is_oversize: false,
        })
        .collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
