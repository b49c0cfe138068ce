//! The label's own catalog: tracks by id, and ISRC, UPC and DSP id to the tracks that carry them.
//!
//! All keys live in one column family, so that an import is one atomic ingestion:
//! `T id → track`, `I isrc ‖ id → payee`, `U upc ‖ id → payee`, `D namespace 1F dsp-id 00 id → payee`, `P number → payee's name`,
//! `M name → count or digest`. The payee's number stands in the index entries, so that a match that is unique needs no second look-up.

mod columns;
mod draft;
mod edit;
mod import;
mod lookup;
mod merge;
pub mod search;
mod track;

use thiserror::Error;

pub(crate) use columns::{duration_text, parse_duration};
pub use draft::{Problem, TrackDraft};
pub use edit::put_track;
pub use import::{CatalogReport, Difference, FilePlan, ImportPlan, import, plan_import};
pub use lookup::{
    Hit, Hits, Ids, TrackFacts, lookup_dsp_ids, lookup_isrcs, lookup_upcs, payees, track_facts,
    tracks,
};
pub use search::{
    CatalogChange, CatalogChangeOf, EditedTrack, LARGE_CATALOG, SearchResult, browse,
    build_word_index, has_word_index, search, track, track_count,
};
pub use track::Track;

use crate::statement::StatementError;
use crate::workspace::{Workspace, WorkspaceError, family};

/// What can go wrong with a catalog.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] StatementError),
    /// The workspace cannot be read or written.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A work file could not be written.
    #[error("cannot write a work file of the import: {0}; is the disk full?")]
    Work(#[from] std::io::Error),
    /// The header lacks what a catalog needs.
    #[error("{file}: {reason}. {remedy}")]
    Header {
        /// The file.
        file: String,
        /// Why.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// A track's id cannot be used as one.
    #[error("“{0}” cannot be a track id: it must not be empty or hold a semicolon")]
    BadId(String),
    /// One track id stands for different tracks.
    #[error("the catalog gives the same track id to rows that differ:\n{}\nNothing was imported. Correct the rows, or give each track an id of its own", .0.join("\n"))]
    Conflicts(Vec<String>),
}

/// First byte of the keys.
mod prefix {
    pub const DSP_ID: u8 = b'D';
    pub const ISRC: u8 = b'I';
    pub const META: u8 = b'M';
    pub const PAYEE: u8 = b'P';
    pub const TRACK: u8 = b'T';
    pub const UPC: u8 = b'U';
}

/// Size and identity of a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CatalogState {
    /// Tracks.
    pub tracks: u64,
    /// Sum of the hashes of all tracks modulo 2^256: equal catalogs have equal digests, whatever the order of their rows.
    pub digest: [u64; 4],
    /// Digest of the catalog before the last import: tells an interrupted import from a lost one.
    pub before: [u64; 4],
}

impl CatalogState {
    /// The state of a workspace's catalog.
    ///
    /// # Errors
    /// [`WorkspaceError`] when the record is damaged.
    pub fn read(workspace: &Workspace) -> Result<Self, WorkspaceError> {
        let Some(value) = workspace.read(family::CATALOG, STATE_KEY)? else {
            return Ok(Self::default());
        };
        let numbers: Option<Vec<u64>> = value
            .chunks(8)
            .map(|c| c.try_into().ok().map(u64::from_be_bytes))
            .collect();
        match numbers.as_deref() {
            Some(&[tracks, a, b, c, d, e, f, g, h]) => Ok(Self {
                tracks,
                digest: [a, b, c, d],
                before: [e, f, g, h],
            }),
            _ => Err(workspace.damaged("the catalog's state")),
        }
    }

    fn to_bytes(self) -> Vec<u8> {
        std::iter::once(self.tracks)
            .chain(self.digest)
            .chain(self.before)
            .flat_map(u64::to_be_bytes)
            .collect()
    }

    fn parts(id: &[u8], record: &[u8]) -> [u64; 4] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(id.len() as u64).to_le_bytes());
        hasher.update(id);
        hasher.update(record);
        let hash = *hasher.finalize().as_bytes();
        std::array::from_fn(|i| u64::from_be_bytes(std::array::from_fn(|j| hash[i * 8 + j])))
    }

    fn add(&mut self, parts: [u64; 4]) {
        let mut carry = 0u128;
        for i in (0..4).rev() {
            let sum = u128::from(self.digest[i]) + u128::from(parts[i]) + carry;
            self.digest[i] = sum as u64;
            carry = sum >> 64;
        }
    }

    fn subtract(&mut self, parts: [u64; 4]) {
        // Adding the two's complement.
        self.add(parts.map(|p| !p));
        self.add([0, 0, 0, 1]);
    }

    /// The digest as hexadecimal text.
    #[must_use]
    pub fn digest_hex(&self) -> String {
        hex(&self.digest)
    }

    /// The digest before the last import, as hexadecimal text.
    #[must_use]
    pub fn before_hex(&self) -> String {
        hex(&self.before)
    }
}

fn hex(digest: &[u64; 4]) -> String {
    digest.iter().map(|part| format!("{part:016x}")).collect()
}

const STATE_KEY: &[u8] = &[prefix::META];

/// An ISRC that several tracks share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedIsrc {
    /// The code.
    pub isrc: crate::ident::Isrc,
    /// Ids of its tracks, sorted.
    pub tracks: Vec<String>,
}

/// Hands every ISRC that several tracks share to `take`, in order of the codes.
///
/// # Errors
/// [`WorkspaceError`] when the catalog cannot be read to its end.
pub fn duplicates(
    workspace: &Workspace,
    mut take: impl FnMut(SharedIsrc),
) -> Result<(), WorkspaceError> {
    let mut scan = workspace.scan(family::CATALOG, &[prefix::ISRC])?;
    let mut current: Option<SharedIsrc> = None;
    let mut hand_over = |shared: Option<SharedIsrc>| {
        if let Some(shared) = shared.filter(|s| s.tracks.len() > 1) {
            take(shared);
        }
    };
    while let Some((key, _)) = scan.entry()? {
        let (isrc, track) = lookup::split_isrc_key(key)
            .ok_or_else(|| workspace.damaged("an ISRC of the catalog"))?;
        match &mut current {
            Some(shared) if shared.isrc == isrc => shared.tracks.push(track),
            _ => hand_over(current.replace(SharedIsrc {
                isrc,
                tracks: vec![track],
            })),
        }
        scan.step();
    }
    hand_over(current);
    Ok(())
}

/// Every ISRC that several tracks share, with how many, in order of the codes; `None` when `is_stale` said that nobody waits for it.
///
/// # Errors
/// [`WorkspaceError`] when the catalog cannot be read to its end.
pub fn shared_isrcs(
    workspace: &Workspace,
    is_stale: &dyn Fn() -> bool,
) -> Result<Option<Vec<(crate::ident::Isrc, u32)>>, WorkspaceError> {
    let mut scan = workspace.scan(family::CATALOG, &[prefix::ISRC])?;
    let mut all: Vec<(crate::ident::Isrc, u32)> = Vec::new();
    for step in 0u64.. {
        if step.is_multiple_of(65_536) && is_stale() {
            return Ok(None);
        }
        let Some((key, _)) = scan.entry()? else { break };
        let isrc =
            lookup::isrc_of_key(key).ok_or_else(|| workspace.damaged("an ISRC of the catalog"))?;
        match all.last_mut() {
            Some((last, count)) if *last == isrc => *count += 1,
            last => {
                // One that stands alone makes room for the next.
                if last.is_some_and(|(_, count)| *count == 1) {
                    all.pop();
                }
                all.push((isrc, 1));
            }
        }
        scan.step();
    }
    if all.last().is_some_and(|(_, count)| *count == 1) {
        all.pop();
    }
    Ok(Some(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_free_of_order_and_can_be_undone() {
        let parts: Vec<[u64; 4]> = (0..20u8)
            .map(|n| CatalogState::parts(&[n], b"record"))
            .collect();
        let mut forward = CatalogState::default();
        parts.iter().for_each(|p| forward.add(*p));
        let mut backward = CatalogState::default();
        parts.iter().rev().for_each(|p| backward.add(*p));
        assert_eq!(forward, backward);
        parts.iter().for_each(|p| backward.subtract(*p));
        assert_eq!(backward, CatalogState::default());
    }
}
