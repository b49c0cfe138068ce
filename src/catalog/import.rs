//! Catalog files into the database: rows in parallel, sorted by track id, compared with what is there, and ingested as finished
//! table files, so that twenty million tracks need little memory and an import is taken whole or not at all.

use std::path::{Path, PathBuf};

use super::columns::{CatalogColumns, columns_of, find_header};
use super::merge::{Merge, fields_that_differ};
use super::{CatalogError, Track};
use crate::job::Job;
use crate::statement::records::{Dialect, RowReader};
use crate::statement::source::{self, Part};
use crate::statement::{Limits, StatementError};
use crate::workspace::{ExternalSorter, Sorted, Workspace, family};
use parking_lot::Mutex;

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
pub(super) const SORT_BYTES: usize = 192 << 20;
/// Warnings that are kept as sentences.
pub(super) const SHOWN: usize = 20;
/// The place of a row is the number of its file above, and its line below this bit.
pub(super) const FILE_SHIFT: u32 = 44;
/// Batch size when reading.
const READ_BYTES: usize = 4 << 20;

/// Imports catalog files into a workspace.
///
/// # Errors
/// [`CatalogError`]; the catalog is then as it was.
pub fn import(
    workspace: &Workspace,
    files: &[PathBuf],
    job: &Job,
) -> Result<CatalogReport, CatalogError> {
    let work = workspace.temporary()?;
    let mut gathered = gather(work.path(), files, job)?;
    let mut merge = Merge::new(
        workspace,
        work.path(),
        &gathered.names,
        &mut gathered.report,
        0,
    )?;
    let tracks = merge.run(gathered.sorted, job)?;
    let files = merge.finish(tracks)?;
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
pub fn plan_import(
    workspace: &Workspace,
    files: &[PathBuf],
    job: &Job,
    shown: usize,
) -> Result<ImportPlan, CatalogError> {
    let work = workspace.temporary()?;
    let mut gathered = gather(work.path(), files, job)?;
    let mut merge = Merge::new(
        workspace,
        work.path(),
        &gathered.names,
        &mut gathered.report,
        shown,
    )?;
    merge.run(gathered.sorted, job)?;
    let differences = std::mem::take(&mut merge.differences);
    drop(merge);
    Ok(ImportPlan {
        report: gathered.report,
        files: gathered.files,
        differences,
    })
}

/// The rows of all files, sorted by track id.
struct Sources {
    sorted: Sorted,
    names: Vec<String>,
    files: Vec<FilePlan>,
    report: CatalogReport,
}

fn gather(work: &Path, files: &[PathBuf], job: &Job) -> Result<Sources, CatalogError> {
    let gathered = GatheredTracks {
        rows: Mutex::new(ExternalSorter::new(work, 2 * SORT_BYTES)),
        report: Mutex::default(),
    };
    let mut names = Vec::new();
    let mut plans = Vec::new();
    for file in files {
        for part in source::parts(file)? {
            plans.push(read_file(&part, names.len() as u64, job, &gathered)?);
            names.push(part.name);
        }
    }
    let mut report = gathered.report.into_inner();
    report.rejected.sort();
    let sorted = gathered.rows.into_inner().finish()?;
    Ok(Sources {
        sorted,
        names,
        files: plans,
        report,
    })
}

struct GatheredTracks {
    rows: Mutex<ExternalSorter>,
    report: Mutex<CatalogReport>,
}

fn read_file(
    part: &Part,
    number: u64,
    job: &Job,
    gathered: &GatheredTracks,
) -> Result<FilePlan, CatalogError> {
    let mut source = part.open(None, None, &Limits::default())?;
    job.begin(if source.is_packed() {
        0
    } else {
        source.file_bytes()
    });
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
        read_pieces(
            (part, number),
            &buffer,
            &cuts,
            first_line,
            &dialect,
            &columns,
            gathered,
        )?;
        first_line += memchr::memchr_iter(dialect.line_end(), &buffer[..end]).count() as u64;
        buffer.drain(..end);
        job.set_bytes_done(source.content_bytes());
    }
    source.finish()?;
    let meanings = header
        .into_iter()
        .enumerate()
        .map(|(column, name)| (name, columns.meaning(column)));
    Ok(FilePlan {
        name: part.name.clone(),
        columns: meanings.collect(),
    })
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
    let last = if ended {
        Some(buffer.len())
    } else {
        safe_cut_before_end(buffer, dialect, columns)
    };
    if let Some(last) = last
        && cuts.last().is_none_or(|cut| last > *cut)
    {
        cuts.push(last);
    }
    cuts
}

fn safe_cut_after(
    buffer: &[u8],
    wanted: usize,
    dialect: &Dialect,
    columns: usize,
) -> Option<usize> {
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
    columns: &CatalogColumns,
    gathered: &GatheredTracks,
) -> Result<(), CatalogError> {
    let results = Mutex::new(Ok(()));
    rayon::scope(|scope| {
        let mut start = 0;
        let mut line = first_line;
        for &end in cuts {
            let piece = &buffer[start..end];
            let piece_line = line;
            let results = &results;
            scope.spawn(move |_| {
                if let Err(error) = read_piece(part, piece, piece_line, dialect, columns, gathered)
                {
                    *results.lock() = Err(error);
                }
            });
            line += memchr::memchr_iter(dialect.line_end(), piece).count() as u64;
            start = end;
        }
    });
    results.into_inner()
}

fn read_piece(
    (part, number): (&Part, u64),
    piece: &[u8],
    first_line: u64,
    dialect: &Dialect,
    columns: &CatalogColumns,
    gathered: &GatheredTracks,
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
                let mut value = (number << FILE_SHIFT | (first_line + row.line))
                    .to_be_bytes()
                    .to_vec();
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
    let mut all = gathered.report.lock();
    all.rows += report.rows;
    all.warnings += report.warnings;
    all.rejected.extend(report.rejected);
    let room = SHOWN.saturating_sub(all.first_warnings.len());
    all.first_warnings
        .extend(report.first_warnings.into_iter().take(room));
    Ok(())
}

fn push_all(
    entries: &mut Vec<(Vec<u8>, Vec<u8>)>,
    gathered: &GatheredTracks,
) -> Result<(), CatalogError> {
    let mut rows = gathered.rows.lock();
    for (key, value) in entries.drain(..) {
        rows.push(&key, &value)?;
    }
    Ok(())
}
