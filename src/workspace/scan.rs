//! The only way to iterate over the database: an iterator that meets a damaged block just ends, and
//! a total over a shortened iteration is a smaller payout, so the status is looked at before "the
//! end" is believed.

use std::path::PathBuf;

use rocksdb::{ColumnFamily, DB, DBRawIterator, ReadOptions};

use super::WorkspaceError;

/// A key and its value.
pub(crate) type KeyValue<'a> = (&'a [u8], &'a [u8]);

/// An iteration over the keys with one prefix, in order.
pub(crate) struct Scan<'a> {
    iterator: DBRawIterator<'a>,
    prefix: Vec<u8>,
    path: PathBuf,
}

impl<'a> Scan<'a> {
    pub(super) fn new(db: &'a DB, family: &ColumnFamily, prefix: &[u8], path: PathBuf) -> Self {
        let mut options = ReadOptions::default();
        options.fill_cache(false);
        options.set_readahead_size(2 << 20);
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the wrapper that checks the status"
        )]
        let mut iterator = db.raw_iterator_cf_opt(family, options);
        iterator.seek(prefix);
        Self {
            iterator,
            prefix: prefix.to_vec(),
            path,
        }
    }

    /// Goes to the first key that is not before `key`.
    pub(crate) fn seek(&mut self, key: &[u8]) {
        self.iterator.seek(key);
    }

    /// Goes to the next key.
    pub(crate) fn step(&mut self) {
        self.iterator.next();
    }

    /// Key and value here; `None` at the end, and an error when the iteration stopped before it.
    pub(crate) fn entry(&self) -> Result<Option<KeyValue<'_>>, WorkspaceError> {
        if let Some((key, value)) = self.iterator.item() {
            return Ok(if key.starts_with(&self.prefix) {
                Some((key, value))
            } else {
                None
            });
        }
        match self.iterator.status() {
            Ok(()) => Ok(None),
            Err(source) => Err(WorkspaceError::Database {
                path: self.path.clone(),
                source,
            }),
        }
    }
}
