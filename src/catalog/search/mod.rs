//! A query as a person types it into the tracks that fit, best first.
//!
//! Codes (track id, ISRC, UPC, id of a DSP) are found at once through the catalog's indexes. Words
//! are looked for in title, version, artist, label, release, catalog number and payee, without case
//! and accents, and a word of the query fits every word that begins with it. Small catalogs are
//! looked through; for large ones there is a side file of words ([`build_word_index`]), which can
//! be thrown away.
//!
//! Invariant: with and without the side file a complete answer is the same: the first tracks in the
//! order of [`Rank`], then of their ids.

mod codes;
mod fit;
mod scan;
#[cfg(test)]
mod tests;
mod word_file;
mod words;

use std::collections::HashSet;

pub use fit::{Query, Rank};
pub use words::{build_word_index, has_word_index};

use super::{CatalogState, Track, prefix, tracks};
use crate::workspace::{Entry, Workspace, WorkspaceError, family};

/// What the catalog is after an entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogChange {
    /// Its digest, in hexadecimal digits.
    pub digest: String,
    /// The one track that the entry changed; `None` after an import of files.
    pub edited: Option<EditedTrack>,
}

/// A track that was edited by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedTrack {
    /// Its id.
    pub id: String,
    /// Whether it was added by this.
    pub is_new: bool,
}

/// Reads an entry; `None` when it is not about the catalog. The journal above knows the kinds of
/// entries, the catalog does not.
pub type CatalogChangeOf = fn(&Entry) -> Option<CatalogChange>;

/// Tracks that fit a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchResult {
    /// The best of them, best first.
    pub tracks: Vec<Track>,
    /// How many of them have all words of the query, or a code that begins with it; they come
    /// first.
    pub fitting: usize,
    /// Whether the whole catalog was looked at, so that no better track can exist.
    pub is_complete: bool,
    /// Tracks that fit wholly, as far as was looked.
    pub total_seen: u64,
}

/// Tracks from which on words are looked up in the side file.
pub const LARGE_CATALOG: u64 = 100_000;

/// The tracks that fit a query best, at most `limit`. An empty query gives the first tracks.
///
/// A large catalog without its side file is looked through only until `limit` tracks fit, or until
/// `is_stale` says that nobody waits for the answer any more; then the result is not complete.
///
/// # Errors
/// [`WorkspaceError`] when the catalog cannot be read.
pub fn search(
    workspace: &Workspace,
    change_of: CatalogChangeOf,
    query: &str,
    limit: usize,
    is_stale: &dyn Fn() -> bool,
) -> Result<SearchResult, WorkspaceError> {
    let query = Query::new(query);
    if query.is_empty() {
        let tracks = browse(workspace, "", limit)?;
        let total_seen = track_count(workspace)?;
        return Ok(SearchResult {
            fitting: tracks.len(),
            is_complete: true,
            total_seen,
            tracks,
        });
    }
    let coded = codes::of_query(workspace, &query, limit)?;
    let known: HashSet<&str> = coded.iter().map(String::as_str).collect();
    let is_large = track_count(workspace)? > LARGE_CATALOG;
    let looked_up = if is_large {
        words::search(workspace, change_of, &query, limit, &known, is_stale)?
    } else {
        None
    };
    let by_words = match looked_up {
        Some(found) => found,
        None => scan::search(workspace, &query, limit, &known, is_stale)?,
    };
    assemble(workspace, coded, by_words, limit)
}

/// Tracks found by words, best first, with how many of them have all words.
#[derive(Debug, Default)]
struct Found {
    tracks: Vec<Track>,
    fitting: usize,
    total: u64,
    is_complete: bool,
}

fn assemble(
    workspace: &Workspace,
    mut coded: Vec<String>,
    found: Found,
    limit: usize,
) -> Result<SearchResult, WorkspaceError> {
    coded.truncate(limit);
    let mut sorted = coded.clone();
    sorted.sort_unstable();
    let mut records: Vec<Option<Track>> = tracks(workspace, &sorted)?;
    // Records are looked up in the order of their ids and shown in the order of the codes.
    let mut all: Vec<Track> = Vec::with_capacity(limit.min(4096));
    for id in &coded {
        if let Ok(index) = sorted.binary_search(id) {
            all.extend(records[index].take());
        }
    }
    let by_code = all.len();
    let room = limit.saturating_sub(by_code);
    all.extend(found.tracks.into_iter().take(room));
    let fitting = by_code + found.fitting.min(room);
    Ok(SearchResult {
        tracks: all,
        fitting,
        is_complete: found.is_complete,
        total_seen: by_code as u64 + found.total,
    })
}

/// Tracks in the order of their ids, beginning with the first that is not before `from`.
///
/// # Errors
/// [`WorkspaceError`] when the catalog cannot be read.
pub fn browse(
    workspace: &Workspace,
    from: &str,
    limit: usize,
) -> Result<Vec<Track>, WorkspaceError> {
    let mut scan = workspace.scan(family::CATALOG, &[prefix::TRACK])?;
    scan.seek(&super::lookup::track_key(from));
    let mut page = Vec::with_capacity(limit.min(4096));
    while page.len() < limit
        && let Some((key, record)) = scan.entry()?
    {
        page.push(decode(workspace, &key[1..], record)?);
        scan.step();
    }
    Ok(page)
}

/// One track, by its id.
///
/// # Errors
/// [`WorkspaceError`] when the catalog cannot be read.
pub fn track(workspace: &Workspace, id: &str) -> Result<Option<Track>, WorkspaceError> {
    Ok(tracks(workspace, &[id.to_owned()])?.pop().flatten())
}

/// How many tracks there are.
///
/// # Errors
/// [`WorkspaceError`] when the catalog's state cannot be read.
pub fn track_count(workspace: &Workspace) -> Result<u64, WorkspaceError> {
    Ok(CatalogState::read(workspace)?.tracks)
}

fn decode(workspace: &Workspace, id: &[u8], record: &[u8]) -> Result<Track, WorkspaceError> {
    let id = std::str::from_utf8(id).unwrap_or_default();
    Track::decode(id, record).ok_or_else(|| workspace.damaged(format!("track {id}")))
}
