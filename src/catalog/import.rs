//! Catalog files into the database: rows in parallel, sorted by track id, compared with what is there, and ingested as finished
//! table files, so that twenty million tracks need little memory and an import is taken whole or not at all.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rocksdb::SstFileWriter;

use super::columns::{Columns, columns_of, find_header};
use super::lookup::{dsp_id_prefix, isrc_prefix, payees, track_key, upc_prefix};
use super::track::{IndexFacts, push_number};
use super::{CatalogError, CatalogState, STATE_KEY, Track, prefix};
use crate::job::Job;
use crate::statement::records::{Dialect, RowReader};
use crate::statement::source::{self, Part};
use crate::statement::{Limits, StatementError};
use crate::workspace::{ExternalSorter, Scan, Sorted, Workspace, WorkspaceError, family, table_options};

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogReport {
    /// Rows read.
    pub rows: u64,
    /// Tracks that are new.
    pub added: u64,
    /// Tracks that differ from what was there.
    pub changed: u64,
    /// Tracks that are as they were.
    pub unchanged: u64,
    /// Rows that repeat another row.
    pub repeated: u64,
    /// Cells that could not be read; the track was taken without them.
    pub warnings: u64,
    /// The first of them, in sentences.
    pub first_warnings: Vec<String>,
    /// Rows that could not be taken, in sentences.
    pub rejected: Vec<String>,
}

/// Memory of each sorter; there are five.
const SORT_BYTES: usize = 192 << 20;
/// Rows from which on a catalog is large.
const LARGE_ROWS: u64 = 5_000_000;
/// Warnings that are kept as sentences.
pub(super) const SHOWN: usize = 20;
/// The place of a row is the number of its file above, and its line below this bit.
const FILE_SHIFT: u32 = 44;
/// Batch size when reading.
const READ_BYTES: usize = 4 << 20;

/// Imports catalog files into a workspace.
///
/// # Errors
/// [`CatalogError`]; the catalog is then as it was.
pub fn import(workspace: &Workspace, files: &[PathBuf], job: &Job) -> Result<CatalogReport, CatalogError> {
    let work = workspace.temporary()?;
    let mut gathered = gather(work.path(), files, job)?;
    let mut merge = Merge::new(workspace, work.path(), &gathered.names, &mut gathered.report, 0)?;
    merge.run(gathered.sorted, job)?;
    let files = merge.finish()?;
    if gathered.report.added + gathered.report.changed > 0 {
        workspace.ingest(family::CATALOG, files)?;
    }
    Ok(gathered.report)
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportPlan {
    /// The counts that the import would report.
    pub report: CatalogReport,
    /// Each file, with what its columns are taken for.
    pub files: Vec<FilePlan>,
    /// The first tracks that would be added or changed, in the order of their ids.
    pub differences: Vec<Difference>,
}

/// One file of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilePlan {
    /// Its name.
    pub name: String,
    /// Each column as its header names it, with what it is taken for; columns without a meaning are passed over.
    pub columns: Vec<(String, Option<String>)>,
}

/// A track that an import would add or change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// As it is; `None` when it would be new.
    pub before: Option<Track>,
    /// As it would be.
    pub after: Track,
}

impl Difference {
    /// The fields that differ, with what they are and what they would be; of a new track all that are given.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String, String)> {
        fields_that_differ(&self.before.clone().unwrap_or_default(), &self.after).collect()
    }
}

/// Does all of an import but the last step, and keeps the first `shown` differences. The catalog stays as it is.
///
/// # Errors
/// [`CatalogError`], just as the import would fail.
pub fn plan_import(workspace: &Workspace, files: &[PathBuf], job: &Job, shown: usize) -> Result<ImportPlan, CatalogError> {
    let work = workspace.temporary()?;
    let mut gathered = gather(work.path(), files, job)?;
    let mut merge = Merge::new(workspace, work.path(), &gathered.names, &mut gathered.report, shown)?;
    merge.run(gathered.sorted, job)?;
    let differences = std::mem::take(&mut merge.differences);
    drop(merge);
    Ok(ImportPlan { report: gathered.report, files: gathered.files, differences })
}

/// The rows of all files, sorted by track id.
struct Sources {
    sorted: Sorted,
    names: Vec<String>,
    files: Vec<FilePlan>,
    report: CatalogReport,
}

fn gather(work: &Path, files: &[PathBuf], job: &Job) -> Result<Sources, CatalogError> {
    let gathered = Gathered { rows: Mutex::new(ExternalSorter::new(work, 2 * SORT_BYTES)), report: Mutex::default() };
    let (mut names, mut plans) = (Vec::new(), Vec::new());
    for file in files {
        for part in source::parts(file)? {
            plans.push(read_file(&part, names.len() as u64, job, &gathered)?);
            names.push(part.name);
        }
    }
    let mut report = gathered.report.into_inner().expect("no code panics while holding this lock");
    report.rejected.sort();
    let sorted = gathered.rows.into_inner().expect("no code panics while holding this lock").finish()?;
    Ok(Sources { sorted, names, files: plans, report })
}

struct Gathered {
    rows: Mutex<ExternalSorter>,
    report: Mutex<CatalogReport>,
}

fn read_file(part: &Part, number: u64, job: &Job, gathered: &Gathered) -> Result<FilePlan, CatalogError> {
    let mut source = part.open(None, None, &Limits::default())?;
    job.begin(if source.is_packed() { 0 } else { source.file_bytes() });
    let head = source.head();
    let (dialect, header, body) = find_header(&part.name, head)?;
    let columns = columns_of(&part.name, &header)?;
    let head_lines = memchr::memchr_iter(dialect.line_end(), &source.head()[..body]).count() as u64;
    let mut buffer = source.take_head().split_off(body);
    let mut first_line = head_lines + 1;
    let mut ended = false;
    // Rows of a batch are read by several threads; a batch ends before a line that is a row by itself.
    while !ended || !buffer.is_empty() {
        if job.is_cancelled() {
            return Err(StatementError::Cancelled.into());
        }
        while !ended && buffer.len() < READ_BYTES * job.threads() {
            ended = source.fill(&mut buffer, 1 << 20)? == 0;
        }
        let cuts = cut(&buffer, &dialect, columns.count, job.threads(), ended);
        let end = *cuts.last().unwrap_or(&0);
        if end == 0 {
            if ended {
                break;
            }
            if buffer.len() > 512 << 20 {
                return Err(CatalogError::Header {
                    file: part.name.clone(),
                    reason: format!("no row with {} columns was found in 512 MiB", columns.count),
                    remedy: "Check that it is a catalog with one row a track".into(),
                });
            }
            ended = source.fill(&mut buffer, READ_BYTES)? == 0;
            continue;
        }
        read_pieces((part, number), &buffer, &cuts, first_line, &dialect, &columns, gathered)?;
        first_line += memchr::memchr_iter(dialect.line_end(), &buffer[..end]).count() as u64;
        buffer.drain(..end);
        job.set_bytes_done(source.content_bytes());
    }
    source.finish()?;
    let meanings = header.into_iter().enumerate().map(|(column, name)| (name, columns.meaning(column)));
    Ok(FilePlan { name: part.name.clone(), columns: meanings.collect() })
}

/// Ends of pieces that can be read apart; the last one is as far as can be read now.
fn cut(buffer: &[u8], dialect: &Dialect, columns: usize, pieces: usize, ended: bool) -> Vec<usize> {
    let mut cuts = Vec::new();
    for piece in 1..pieces {
        let wanted = buffer.len() / pieces * piece;
        if let Some(at) = safe_cut_after(buffer, wanted, dialect, columns)
            && cuts.last().is_none_or(|last| at > *last)
        {
            cuts.push(at);
        }
    }
    let last = if ended { Some(buffer.len()) } else { safe_cut_before_end(buffer, dialect, columns) };
    if let Some(last) = last
        && cuts.last().is_none_or(|cut| last > *cut)
    {
        cuts.push(last);
    }
    cuts
}

fn safe_cut_after(buffer: &[u8], wanted: usize, dialect: &Dialect, columns: usize) -> Option<usize> {
    let mut at = wanted + memchr::memchr(dialect.line_end(), &buffer[wanted..])? + 1;
    for _ in 0..200 {
        let end = at + memchr::memchr(dialect.line_end(), &buffer[at..])?;
        if dialect.is_row(trimmed(buffer, at, end), columns) {
            return Some(at);
        }
        at = end + 1;
    }
    None
}

fn safe_cut_before_end(buffer: &[u8], dialect: &Dialect, columns: usize) -> Option<usize> {
    // The last line is whole only if its end is there.
    let mut end = memchr::memrchr(dialect.line_end(), buffer)?;
    for _ in 0..100_000 {
        let start = memchr::memrchr(dialect.line_end(), &buffer[..end]).map_or(0, |at| at + 1);
        if start > 0 && dialect.is_row(trimmed(buffer, start, end), columns) {
            return Some(start);
        }
        end = start.checked_sub(1)?;
    }
    None
}

pub(super) fn trimmed(buffer: &[u8], start: usize, end: usize) -> &[u8] {
    let line = &buffer[start..end];
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn read_pieces(
    part: (&Part, u64),
    buffer: &[u8],
    cuts: &[usize],
    first_line: u64,
    dialect: &Dialect,
    columns: &Columns,
    gathered: &Gathered,
) -> Result<(), CatalogError> {
    let results = Mutex::new(Ok(()));
    rayon::scope(|scope| {
        let mut start = 0;
        let mut line = first_line;
        for &end in cuts {
            let (piece, piece_line) = (&buffer[start..end], line);
            let results = &results;
            scope.spawn(move |_| {
                if let Err(error) = read_piece(part, piece, piece_line, dialect, columns, gathered) {
                    *results.lock().expect("no code panics while holding this lock") = Err(error);
                }
            });
            line += memchr::memchr_iter(dialect.line_end(), piece).count() as u64;
            start = end;
        }
    });
    results.into_inner().expect("no code panics while holding this lock")
}

fn read_piece(
    (part, number): (&Part, u64),
    piece: &[u8],
    first_line: u64,
    dialect: &Dialect,
    columns: &Columns,
    gathered: &Gathered,
) -> Result<(), CatalogError> {
    let is_clean = simdutf8::basic::from_utf8(piece).is_ok();
    let mut reader = RowReader::new(piece, dialect, columns.count);
    let mut report = CatalogReport::default();
    let mut entries: Vec<(Vec<u8>, Vec<u8>)> = Vec::with_capacity(4096);
    while let Some(row) = reader.next_row() {
        if row.is_empty() || row.cells().all(<[u8]>::is_empty) {
            continue;
        }
        report.rows += 1;
        let place = || format!("{}, line {}", part.name, first_line + row.line);
        match columns.track(&row, is_clean, &place, &mut report) {
            Ok(track) => {
                let mut value = (number << FILE_SHIFT | (first_line + row.line)).to_be_bytes().to_vec();
                value.extend_from_slice(&track.encode());
                entries.push((track.id.into_bytes(), value));
            }
            Err(reason) => report.rejected.push(format!("{}: {reason}", place())),
        }
        if entries.len() == 4096 {
            push_all(&mut entries, gathered)?;
        }
    }
    push_all(&mut entries, gathered)?;
    let mut all = gathered.report.lock().expect("no code panics while holding this lock");
    all.rows += report.rows;
    all.warnings += report.warnings;
    all.rejected.extend(report.rejected);
    let room = SHOWN.saturating_sub(all.first_warnings.len());
    all.first_warnings.extend(report.first_warnings.into_iter().take(room));
    Ok(())
}

fn push_all(entries: &mut Vec<(Vec<u8>, Vec<u8>)>, gathered: &Gathered) -> Result<(), CatalogError> {
    let mut rows = gathered.rows.lock().expect("no code panics while holding this lock");
    for (key, value) in entries.drain(..) {
        rows.push(&key, &value)?;
    }
    Ok(())
}

/// Compares the sorted rows with the catalog and writes what differs into table files.
struct Merge<'a> {
    workspace: &'a Workspace,
    folder: &'a Path,
    report: &'a mut CatalogReport,
    state: CatalogState,
    /// Names of the files, by the number in the upper bits of a row's place.
    files: &'a [String],
    is_large: bool,
    payees: HashMap<String, u32>,
    new_payees: Vec<String>,
    tracks: Table,
    indexes: [ExternalSorter; 3],
    conflicts: Vec<String>,
    /// The first differences, at most `shown`.
    differences: Vec<Difference>,
    shown: usize,
}

/// Place of each index among the sorters.
const BY_DSP_ID: usize = 0;
const BY_ISRC: usize = 1;
const BY_UPC: usize = 2;

impl<'a> Merge<'a> {
    fn new(
        workspace: &'a Workspace,
        folder: &'a Path,
        files: &'a [String],
        report: &'a mut CatalogReport,
        shown: usize,
    ) -> Result<Self, CatalogError> {
        let names = payees(workspace)?;
        let is_large = report.rows > LARGE_ROWS;
        Ok(Self {
            workspace,
            folder,
            report,
            state: CatalogState::read(workspace).map(|s| CatalogState { before: s.digest, ..s })?,
            files,
            payees: names.into_iter().zip(0..).collect(),
            new_payees: Vec::new(),
            is_large,
            tracks: Table::create(&folder.join("tracks.sst"), is_large)?,
            indexes: std::array::from_fn(|_| ExternalSorter::new(folder, SORT_BYTES)),
            conflicts: Vec::new(),
            differences: Vec::new(),
            shown,
        })
    }

    fn run(&mut self, mut sorted: Sorted, job: &Job) -> Result<(), CatalogError> {
        let is_new = self.state.tracks == 0;
        let mut old = self.workspace.scan(family::CATALOG, &[prefix::TRACK])?;
        let mut last: Option<(Vec<u8>, Vec<u8>)> = None;
        let mut count = 0u64;
        while let Some((id, value)) = sorted.next_entry()? {
            count += 1;
            if count.is_multiple_of(65_536) && job.is_cancelled() {
                return Err(StatementError::Cancelled.into());
            }
            if let Some((last_id, last_value)) = &last
                && last_id == id
            {
                self.repeated(id, last_value.clone().as_slice(), value);
                continue;
            }
            let record = &value[8..];
            let existing = if is_new { None } else { self.existing(&mut old, id)? };
            self.take(id, record, existing)?;
            let (last_id, last_value) = last.get_or_insert_default();
            last_id.clear();
            last_id.extend_from_slice(id);
            last_value.clear();
            last_value.extend_from_slice(value);
        }
        if self.conflicts.is_empty() { Ok(()) } else { Err(CatalogError::Conflicts(std::mem::take(&mut self.conflicts))) }
    }

    /// Two rows with one id: the same row twice is one track, different rows are an error.
    fn repeated(&mut self, id: &[u8], first: &[u8], second: &[u8]) {
        self.report.repeated += 1;
        if first[8..] == second[8..] {
            return;
        }
        if self.conflicts.len() < SHOWN {
            let id = String::from_utf8_lossy(id);
            let place = |value: &[u8]| {
                let place = value[..8].try_into().map(u64::from_be_bytes).unwrap_or_default();
                let file = self.files.get((place >> FILE_SHIFT) as usize).map_or("?", String::as_str);
                format!("{file}, line {}", place & ((1 << FILE_SHIFT) - 1))
            };
            let differing = match (Track::decode(&id, &first[8..]), Track::decode(&id, &second[8..])) {
                (Some(a), Some(b)) => difference(&a, &b),
                _ => String::new(),
            };
            self.conflicts.push(format!("  {id}: {} and {} ({differing})", place(first), place(second)));
        }
    }

    fn existing(&self, old: &mut Scan<'_>, id: &[u8]) -> Result<Option<Vec<u8>>, WorkspaceError> {
        let key = [&[prefix::TRACK], id].concat();
        for step in 0..16 {
            match old.entry()? {
                Some((found, _)) if found < key.as_slice() => old.step(),
                Some((found, record)) => return Ok((found == key.as_slice()).then(|| record.to_vec())),
                None => return Ok(None),
            }
            if step == 15 {
                old.seek(&key);
                return Ok(old.entry()?.filter(|(found, _)| *found == key.as_slice()).map(|(_, record)| record.to_vec()));
            }
        }
        Ok(None)
    }

    fn take(&mut self, id: &[u8], record: &[u8], existing: Option<Vec<u8>>) -> Result<(), CatalogError> {
        let text = std::str::from_utf8(id).unwrap_or_default();
        let damaged = || self.workspace.damaged(format!("track {text}"));
        let facts = IndexFacts::of(record).ok_or_else(damaged)?;
        match existing {
            Some(old) if old == record => {
                self.report.unchanged += 1;
                return Ok(());
            }
            Some(old) => {
                self.show(text, Some(&old), record);
                self.report.changed += 1;
                let old_facts = IndexFacts::of(&old).ok_or_else(damaged)?;
                self.state.subtract(CatalogState::parts(id, &old));
                self.index(id, &old_facts, true)?;
            }
            None => {
                self.show(text, None, record);
                self.report.added += 1;
                self.state.tracks += 1;
            }
        }
        self.state.add(CatalogState::parts(id, record));
        self.index(id, &facts, false)?;
        self.tracks.put(&track_key(text), record)
    }

    /// Keeps a difference to be shown, as long as there is room.
    fn show(&mut self, id: &str, before: Option<&[u8]>, after: &[u8]) {
        if self.differences.len() < self.shown
            && let Some(after) = Track::decode(id, after)
        {
            self.differences.push(Difference { before: before.and_then(|old| Track::decode(id, old)), after });
        }
    }

    /// Index entries of a track, to be put or to be deleted. A put after a delete of the same key wins (see [`write_index`]).
    fn index(&mut self, id: &[u8], facts: &IndexFacts<'_>, is_delete: bool) -> Result<(), CatalogError> {
        let mut value = vec![u8::from(!is_delete)];
        if !is_delete {
            push_number(&mut value, u64::from(self.payee(facts.payee)));
        }
        let mut key = Vec::with_capacity(64);
        let mut push = |index: usize, prefix: &[u8]| {
            key.clear();
            key.extend_from_slice(prefix);
            key.extend_from_slice(id);
            self.indexes[index].push(&key, &value)
        };
        if let Some(isrc) = facts.isrc {
            push(BY_ISRC, &isrc_prefix(isrc))?;
        }
        for upc in &facts.upcs {
            push(BY_UPC, &upc_prefix(*upc))?;
        }
        for (namespace, dsp_id) in &facts.dsp_ids {
            push(BY_DSP_ID, &dsp_id_prefix(namespace, dsp_id))?;
        }
        Ok(())
    }

    fn payee(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.payees.get(name) {
            return number;
        }
        let number = u32::try_from(self.payees.len()).expect("there are fewer than 2^32 payees");
        self.payees.insert(name.to_owned(), number);
        self.new_payees.push(name.to_owned());
        number
    }

    fn finish(self) -> Result<Vec<PathBuf>, CatalogError> {
        let [by_dsp_id, by_isrc, by_upc] = self.indexes;
        let (folder, is_large) = (self.folder, self.is_large);
        let write = |sorter: ExternalSorter, name: &str| write_index(sorter, &folder.join(name), is_large);
        let (dsp_ids, (isrcs, upcs)) =
            rayon::join(|| write(by_dsp_id, "dsp_ids.sst"), || rayon::join(|| write(by_isrc, "isrcs.sst"), || write(by_upc, "upcs.sst")));
        let first_new = self.payees.len() - self.new_payees.len();
        let mut state = Table::create(&folder.join("state.sst"), is_large)?;
        state.put(STATE_KEY, &self.state.to_bytes())?;
        for (number, name) in (first_new as u32..).zip(&self.new_payees) {
            let [a, b, c, d] = number.to_be_bytes();
            state.put(&[prefix::PAYEE, a, b, c, d], name.as_bytes())?;
        }
        let files = [self.tracks.finish()?, dsp_ids?, isrcs?, upcs?, state.finish()?];
        Ok(files.into_iter().flatten().collect())
    }
}

fn difference(a: &Track, b: &Track) -> String {
    let names: Vec<&str> = fields_that_differ(a, b).map(|(name, _, _)| name).collect();
    format!("different {}", names.join(", "))
}

fn fields_that_differ(a: &Track, b: &Track) -> impl Iterator<Item = (&'static str, String, String)> {
    let both = a.shown_fields().into_iter().zip(b.shown_fields());
    both.filter(|((_, a), (_, b))| a != b).map(|((name, a), (_, b))| (name, a, b))
}

/// Equal keys come with the delete (a single zero byte) before the put, so the last of them is what counts.
fn write_index(sorter: ExternalSorter, path: &Path, is_large: bool) -> Result<Option<PathBuf>, CatalogError> {
    let mut sorted = sorter.finish()?;
    let mut table = Table::create(path, is_large)?;
    let mut last: Option<(Vec<u8>, Vec<u8>)> = None;
    while let Some((key, value)) = sorted.next_entry()? {
        if let Some((last_key, last_value)) = &mut last {
            if last_key != key {
                table.put_or_delete(last_key, last_value)?;
                last_key.clear();
                last_key.extend_from_slice(key);
            }
            last_value.clear();
            last_value.extend_from_slice(value);
        } else {
            last = Some((key.to_vec(), value.to_vec()));
        }
    }
    if let Some((key, value)) = last {
        table.put_or_delete(&key, &value)?;
    }
    table.finish()
}

/// A table file being written, in key order.
struct Table {
    path: PathBuf,
    writer: SstFileWriter<'static>,
    entries: u64,
}

impl Table {
    /// Large catalogs are packed harder: there the disk counts more than the seconds.
    fn create(path: &Path, is_large: bool) -> Result<Self, CatalogError> {
        static FAST: std::sync::LazyLock<rocksdb::Options> = std::sync::LazyLock::new(|| table_options(3));
        static SMALL: std::sync::LazyLock<rocksdb::Options> = std::sync::LazyLock::new(|| table_options(6));
        let writer = SstFileWriter::create(if is_large { &SMALL } else { &FAST });
        writer.open(path).map_err(|e| Self::error(path, e))?;
        Ok(Self { path: path.to_owned(), writer, entries: 0 })
    }

    fn error(path: &Path, source: rocksdb::Error) -> CatalogError {
        CatalogError::Workspace(WorkspaceError::Database { path: path.to_owned(), source })
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), CatalogError> {
        self.entries += 1;
        self.writer.put(key, value).map_err(|e| Self::error(&self.path, e))
    }

    fn put_or_delete(&mut self, key: &[u8], value: &[u8]) -> Result<(), CatalogError> {
        match value.split_first() {
            Some((1, payee)) => self.put(key, payee),
            _ => {
                self.entries += 1;
                self.writer.delete(key).map_err(|e| Self::error(&self.path, e))
            }
        }
    }

    /// The finished file; nothing when it has no entries.
    fn finish(mut self) -> Result<Option<PathBuf>, CatalogError> {
        if self.entries == 0 {
            return Ok(None);
        }
        self.writer.finish().map_err(|e| Self::error(&self.path, e))?;
        Ok(Some(self.path))
    }
}
