//! Rows of a catalog, sorted by track id, against the catalog that is there: what differs becomes finished table files, with the
//! indexes sorted outside of memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rocksdb::{BlockBasedOptions, DBCompressionType, SstFileWriter};

use super::import::{Difference, FILE_SHIFT, SHOWN, SORT_BYTES};
use super::lookup::{dsp_id_prefix, isrc_prefix, payees, upc_prefix};
use super::track::{IndexFacts, push_number};
use super::{CatalogError, CatalogReport, CatalogState, STATE_KEY, Track, prefix};
use crate::job::Job;
use crate::statement::StatementError;
use crate::workspace::{
    ExternalSorter, Scan, Sorted, Workspace, WorkspaceError, family, table_options,
};

/// Rows from which on a catalog is large.
const LARGE_ROWS: u64 = 5_000_000;
/// Bytes of tracks that are gathered and written together.
const BATCH_BYTES: usize = 1 << 20;
/// Rows that are compared together.
const BATCH_ROWS: usize = 65_536;

/// Compares the sorted rows with the catalog and writes what differs into table files.
pub(super) struct Merge<'a> {
    workspace: &'a Workspace,
    folder: &'a Path,
    report: &'a mut CatalogReport,
    state: CatalogState,
    /// Names of the files, by the number in the upper bits of a row's place.
    files: &'a [String],
    is_large: bool,
    /// Whether there was no catalog before.
    is_new: bool,
    payees: HashMap<String, u32>,
    new_payees: Vec<String>,
    indexes: [ExternalSorter; 3],
    conflicts: Vec<String>,
    /// The first differences, at most `shown`.
    pub(super) differences: Vec<Difference>,
    shown: usize,
    /// The row before: id and value.
    last: Option<(Vec<u8>, Vec<u8>)>,
}

/// Place of each index among the sorters.
const BY_DSP_ID: usize = 0;
const BY_ISRC: usize = 1;
const BY_UPC: usize = 2;

impl<'a> Merge<'a> {
    /// Keeps the first `shown` differences.
    pub(super) fn new(
        workspace: &'a Workspace,
        folder: &'a Path,
        files: &'a [String],
        report: &'a mut CatalogReport,
        shown: usize,
    ) -> Result<Self, CatalogError> {
        let names = payees(workspace)?;
        let is_large = report.rows > LARGE_ROWS;
        let state = CatalogState::read(workspace).map(|s| CatalogState {
            before: s.digest,
            ..s
        })?;
        Ok(Self {
            workspace,
            folder,
            report,
            is_new: state.tracks == 0,
            state,
            files,
            payees: names.into_iter().zip(0..).collect(),
            new_payees: Vec::new(),
            is_large,
            indexes: std::array::from_fn(|_| ExternalSorter::new(folder, SORT_BYTES)),
            conflicts: Vec::new(),
            differences: Vec::new(),
            shown,
            last: None,
        })
    }

    /// Takes all rows; gives the table of those that differ from what is there.
    pub(super) fn run(
        &mut self,
        mut sorted: Sorted,
        job: &Job,
    ) -> Result<TrackTable, CatalogError> {
        let mut old = self.workspace.scan(family::CATALOG, &[prefix::TRACK])?;
        let mut table = TrackTable {
            table: TableFile::create(&self.folder.join("tracks.sst"), self.is_large)?,
            sum: CatalogState::default(),
        };
        let mut gathered = SortedBatch::default();
        loop {
            if job.is_cancelled() {
                return Err(StatementError::Cancelled.into());
            }
            // One thread writes what was gathered while another gathers the next.
            let (written, next) = rayon::join(
                || table.write(&gathered),
                || self.gather(&mut sorted, &mut old),
            );
            written?;
            gathered = next?;
            if gathered.rows == 0 {
                break;
            }
        }
        self.state.add(table.sum.digest);
        if self.conflicts.is_empty() {
            Ok(table)
        } else {
            Err(CatalogError::Conflicts(std::mem::take(&mut self.conflicts)))
        }
    }

    /// The next rows, and those of them that differ from what is there.
    fn gather(
        &mut self,
        sorted: &mut Sorted,
        old: &mut Scan<'_>,
    ) -> Result<SortedBatch, CatalogError> {
        let mut batch = SortedBatch::default();
        while batch.text.len() < BATCH_BYTES
            && batch.rows < BATCH_ROWS
            && let Some((id, value)) = sorted.next_entry()?
        {
            batch.rows += 1;
            if let Some((_, first)) = self.last.take_if(|(last, _)| last == id) {
                self.repeated(id, &first, value);
                self.last = Some((id.to_vec(), first));
                continue;
            }
            let existing = if self.is_new {
                None
            } else {
                self.existing(old, id)?
            };
            self.take(id, &value[8..], existing, &mut batch)?;
            let (last_id, last_value) = self.last.get_or_insert_default();
            last_id.clear();
            last_id.extend_from_slice(id);
            last_value.clear();
            last_value.extend_from_slice(value);
        }
        Ok(batch)
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
                let place = value[..8]
                    .try_into()
                    .map(u64::from_be_bytes)
                    .unwrap_or_default();
                let file = self
                    .files
                    .get((place >> FILE_SHIFT) as usize)
                    .map_or("?", String::as_str);
                format!("{file}, line {}", place & ((1 << FILE_SHIFT) - 1))
            };
            let differing = match (
                Track::decode(&id, &first[8..]),
                Track::decode(&id, &second[8..]),
            ) {
                (Some(a), Some(b)) => difference(&a, &b),
                _ => String::new(),
            };
            self.conflicts.push(format!(
                "  {id}: {} and {} ({differing})",
                place(first),
                place(second)
            ));
        }
    }

    fn existing(&self, old: &mut Scan<'_>, id: &[u8]) -> Result<Option<Vec<u8>>, WorkspaceError> {
        let key = [&[prefix::TRACK], id].concat();
        for step in 0..16 {
            match old.entry()? {
                Some((found, _)) if found < key.as_slice() => old.step(),
                Some((found, record)) => {
                    return Ok((found == key.as_slice()).then(|| record.to_vec()));
                }
                None => return Ok(None),
            }
            if step == 15 {
                old.seek(&key);
                return Ok(old
                    .entry()?
                    .filter(|(found, _)| *found == key.as_slice())
                    .map(|(_, record)| record.to_vec()));
            }
        }
        Ok(None)
    }

    fn take(
        &mut self,
        id: &[u8],
        record: &[u8],
        existing: Option<Vec<u8>>,
        batch: &mut SortedBatch,
    ) -> Result<(), CatalogError> {
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
        self.index(id, &facts, false)?;
        batch.push(id, record);
        Ok(())
    }

    /// Keeps a difference to be shown, as long as there is room.
    fn show(&mut self, id: &str, before: Option<&[u8]>, after: &[u8]) {
        if self.differences.len() < self.shown
            && let Some(after) = Track::decode(id, after)
        {
            self.differences.push(Difference {
                before: before.and_then(|old| Track::decode(id, old)),
                after,
            });
        }
    }

    /// Index entries of a track, to be put or to be deleted. A put after a delete of the same key wins (see [`write_index`]).
    fn index(
        &mut self,
        id: &[u8],
        facts: &IndexFacts<'_>,
        is_delete: bool,
    ) -> Result<(), CatalogError> {
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

    pub(super) fn finish(self, tracks: TrackTable) -> Result<Vec<PathBuf>, CatalogError> {
        let [by_dsp_id, by_isrc, by_upc] = self.indexes;
        let folder = self.folder;
        let is_large = self.is_large;
        let write =
            |sorter: ExternalSorter, name: &str| write_index(sorter, &folder.join(name), is_large);
        let (dsp_ids, (isrcs, upcs)) = rayon::join(
            || write(by_dsp_id, "dsp_ids.sst"),
            || rayon::join(|| write(by_isrc, "isrcs.sst"), || write(by_upc, "upcs.sst")),
        );
        let first_new = self.payees.len() - self.new_payees.len();
        let mut state = TableFile::create(&folder.join("state.sst"), is_large)?;
        state.put(STATE_KEY, &self.state.to_bytes())?;
        for (number, name) in (first_new as u32..).zip(&self.new_payees) {
            let [a, b, c, d] = number.to_be_bytes();
            state.put(&[prefix::PAYEE, a, b, c, d], name.as_bytes())?;
        }
        let files = [
            tracks.table.finish()?,
            dsp_ids?,
            isrcs?,
            upcs?,
            state.finish()?,
        ];
        Ok(files.into_iter().flatten().collect())
    }
}

/// Tracks on their way into their table, in order.
#[derive(Default)]
struct SortedBatch {
    /// Rows that were looked at, unchanged ones included.
    rows: usize,
    text: Vec<u8>,
    /// Where each id and each record ends.
    ends: Vec<(usize, usize)>,
}

impl SortedBatch {
    fn push(&mut self, id: &[u8], record: &[u8]) {
        self.text.extend_from_slice(id);
        let id_end = self.text.len();
        self.text.extend_from_slice(record);
        self.ends.push((id_end, self.text.len()));
    }
}

/// The table of tracks being written, and the sum of the hashes of what is in it.
pub(super) struct TrackTable {
    table: TableFile,
    sum: CatalogState,
}

impl TrackTable {
    fn write(&mut self, batch: &SortedBatch) -> Result<(), CatalogError> {
        let mut key = vec![prefix::TRACK];
        let mut start = 0;
        for &(id_end, end) in &batch.ends {
            let id = &batch.text[start..id_end];
            let record = &batch.text[id_end..end];
            self.sum.add(CatalogState::parts(id, record));
            key.truncate(1);
            key.extend_from_slice(id);
            self.table.put(&key, record)?;
            start = end;
        }
        Ok(())
    }
}

fn difference(a: &Track, b: &Track) -> String {
    let names: Vec<&str> = fields_that_differ(a, b).map(|(name, _, _)| name).collect();
    format!("different {}", names.join(", "))
}

pub(super) fn fields_that_differ(
    a: &Track,
    b: &Track,
) -> impl Iterator<Item = (&'static str, String, String)> {
    let both = a.shown_fields().into_iter().zip(b.shown_fields());
    both.filter(|((_, a), (_, b))| a != b)
        .map(|((name, a), (_, b))| (name, a, b))
}

/// Equal keys come with the delete (a single zero byte) before the put, so the last of them is what counts.
fn write_index(
    sorter: ExternalSorter,
    path: &Path,
    is_large: bool,
) -> Result<Option<PathBuf>, CatalogError> {
    let mut sorted = sorter.finish()?;
    let mut table = TableFile::create(path, is_large)?;
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

/// Half as large again as with zstd, and unpacked in half the time when items are matched.
fn fast_options() -> rocksdb::Options {
    let mut options = table_options(0);
    options.set_compression_type(DBCompressionType::Lz4);
    options
}

/// Larger blocks than the database's own pack a little better.
fn small_options() -> rocksdb::Options {
    let mut block = BlockBasedOptions::default();
    block.set_block_size(256 << 10);
    block.set_format_version(5);
    block.set_block_restart_interval(128);
    let mut options = table_options(6);
    options.set_block_based_table_factory(&block);
    options
}

/// A table file being written, in key order.
struct TableFile {
    path: PathBuf,
    writer: SstFileWriter<'static>,
    entries: u64,
}

impl TableFile {
    /// Large catalogs are packed hard: there the disk counts more than the seconds.
    fn create(path: &Path, is_large: bool) -> Result<Self, CatalogError> {
        static FAST: std::sync::LazyLock<rocksdb::Options> = std::sync::LazyLock::new(fast_options);
        static SMALL: std::sync::LazyLock<rocksdb::Options> =
            std::sync::LazyLock::new(small_options);
        let writer = SstFileWriter::create(if is_large { &SMALL } else { &FAST });
        writer.open(path).map_err(|e| Self::error(path, e))?;
        Ok(Self {
            path: path.to_owned(),
            writer,
            entries: 0,
        })
    }

    fn error(path: &Path, source: rocksdb::Error) -> CatalogError {
        CatalogError::Workspace(WorkspaceError::Database {
            path: path.to_owned(),
            source,
        })
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), CatalogError> {
        self.entries += 1;
        self.writer
            .put(key, value)
            .map_err(|e| Self::error(&self.path, e))
    }

    fn put_or_delete(&mut self, key: &[u8], value: &[u8]) -> Result<(), CatalogError> {
        match value.split_first() {
            Some((1, payee)) => self.put(key, payee),
            _ => {
                self.entries += 1;
                self.writer
                    .delete(key)
                    .map_err(|e| Self::error(&self.path, e))
            }
        }
    }

    /// The finished file; nothing when it has no entries.
    fn finish(mut self) -> Result<Option<PathBuf>, CatalogError> {
        if self.entries == 0 {
            return Ok(None);
        }
        self.writer
            .finish()
            .map_err(|e| Self::error(&self.path, e))?;
        Ok(Some(self.path))
    }
}
