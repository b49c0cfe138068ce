//! The side file of words: every folded word of the catalog to the ordinals of the tracks that have
//! it.
//!
//! It lies in `cache/` under the digest of the catalog that it was made from, may be thrown away at
//! any time, and is made anew from the tracks alone. Tracks edited by hand since then are known
//! from the journal and looked at one by one.
//!
//! Invariant: what the file says is checked against the tracks themselves; a file that says
//! something else is removed and not believed.

use std::collections::HashSet;
use std::path::PathBuf;

use super::fit::{Query, Rank, TrackWords};
use super::word_file::{WordFile, WordFileWriter, exact_token};
use super::{CatalogChangeOf, Found, LARGE_CATALOG, decode, scan::TrackBatch};
use crate::catalog::{CatalogState, Track, prefix, tracks};
use crate::job::Job;
use crate::workspace::{Workspace, WorkspaceError, family};

/// Edits by hand since the file was made, from which on it is made anew.
const MAX_EDITS: usize = 500;
/// Tracks between two whose ids stand in the file.
pub(super) const ANCHOR: u64 = 64;

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.path().join("cache")
}

fn path_of(workspace: &Workspace, digest: &str) -> PathBuf {
    folder(workspace).join(format!("words-{}.idx", digest.get(..32).unwrap_or(digest)))
}

/// Whether words are looked up in the side file, or the catalog is so small that none is needed.
///
/// # Errors
/// [`WorkspaceError`] when the catalog's state cannot be read.
pub fn has_word_index(
    workspace: &Workspace,
    change_of: CatalogChangeOf,
) -> Result<bool, WorkspaceError> {
    Ok(CatalogState::read(workspace)?.tracks <= LARGE_CATALOG
        || Edits::since_file(workspace, change_of)?.is_some())
}

/// What was edited since the side file was made.
struct Edits {
    file: PathBuf,
    /// Ids of the tracks that were changed or added.
    ids: Vec<String>,
    /// Those that the file does not know at all.
    added: HashSet<String>,
}

impl Edits {
    /// Walks back through the journal to the catalog that the file was made from; `None` when there
    /// is no file, or too much was changed since.
    fn since_file(
        workspace: &Workspace,
        change_of: CatalogChangeOf,
    ) -> Result<Option<Self>, WorkspaceError> {
        let mut digest = CatalogState::read(workspace)?.digest_hex();
        let mut edits = Self {
            file: PathBuf::new(),
            ids: Vec::new(),
            added: HashSet::new(),
        };
        let journal = workspace.journal();
        let mut changes = journal
            .entries()
            .iter()
            .rev()
            .filter_map(change_of)
            .peekable();
        while edits.ids.len() <= MAX_EDITS {
            edits.file = path_of(workspace, &digest);
            if edits.file.is_file() {
                edits.ids.sort_unstable();
                edits.ids.dedup();
                return Ok(Some(edits));
            }
            // An import changes many tracks without naming them: the file must be made anew.
            let Some(change) = changes.next().filter(|change| change.digest == digest) else {
                break;
            };
            let (Some(edited), Some(before)) = (change.edited, changes.peek()) else {
                break;
            };
            if edited.is_new {
                edits.added.insert(edited.id.clone());
            }
            edits.ids.push(edited.id);
            digest.clone_from(&before.digest);
        }
        Ok(None)
    }
}

/// Makes the side file for the catalog as it is now; `false` when the job was cancelled.
///
/// # Errors
/// [`WorkspaceError`] when the catalog cannot be read or the file not be written.
pub fn build_word_index(workspace: &Workspace, job: &Job) -> Result<bool, WorkspaceError> {
    let cache = folder(workspace);
    std::fs::create_dir_all(&cache).map_err(WorkspaceError::io("cannot make", &cache))?;
    let work = workspace.temporary()?;
    let part = work.path().join("words.idx");
    let state = CatalogState::read(workspace)?;
    let mut scan = workspace.scan(family::CATALOG, &[prefix::TRACK])?;
    if CatalogState::read(workspace)? != state {
        // Edited in between: what is scanned is not what the digest stands for. The next call makes
        // the file.
        return Ok(false);
    }
    let mut writer =
        WordFileWriter::create(&part).map_err(WorkspaceError::io("cannot write", &part))?;
    loop {
        let batch = TrackBatch::read(&mut scan)?;
        if batch.len() == 0 {
            break;
        }
        if job.is_cancelled() {
            return Ok(false);
        }
        let words = batch.map(|id, record| {
            decode(workspace, id, record).map(|track| (track.id.clone(), tokens(&track)))
        })?;
        writer
            .add(words)
            .map_err(WorkspaceError::io("cannot write", &part))?;
        job.add_rows(batch.len() as u64);
    }
    writer
        .finish()
        .map_err(WorkspaceError::io("cannot write", &part))?;
    let target = path_of(workspace, &state.digest_hex());
    remove_others(workspace)?;
    std::fs::rename(&part, &target).map_err(WorkspaceError::io("cannot place", &target))?;
    Ok(true)
}

/// All words of a track, and what finds it by its whole name.
fn tokens(track: &Track) -> Vec<String> {
    let words = TrackWords::of(track);
    let mut tokens: Vec<String> = words
        .title_and_artist
        .iter()
        .map(|name| exact_token(true, name))
        .collect();
    tokens.extend(words.title.iter().map(|name| exact_token(false, name)));
    tokens.sort_unstable();
    tokens.dedup();
    tokens.extend(words.all);
    tokens
}

fn remove_others(workspace: &Workspace) -> Result<(), WorkspaceError> {
    let cache = folder(workspace);
    let entries = std::fs::read_dir(&cache).map_err(WorkspaceError::io("cannot list", &cache))?;
    for path in entries
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "idx"))
    {
        std::fs::remove_file(&path).map_err(WorkspaceError::io("cannot remove", &path))?;
    }
    Ok(())
}

/// Looks the words up; `None` when there is no file to look in, or it cannot be believed.
pub(super) fn search(
    workspace: &Workspace,
    change_of: CatalogChangeOf,
    query: &Query,
    limit: usize,
    known: &HashSet<&str>,
    is_stale: &dyn Fn() -> bool,
) -> Result<Option<Found>, WorkspaceError> {
    let Some(edits) = Edits::since_file(workspace, change_of)? else {
        return Ok(None);
    };
    let Some(file) = WordFile::open(&edits.file) else {
        return Ok(distrust(&edits));
    };
    let Some(mut hits) = file.look_up(query, is_stale) else {
        return Ok(if is_stale() {
            Some(Found::default())
        } else {
            distrust(&edits)
        });
    };
    let mut search = WordSearch {
        workspace,
        query,
        limit,
        known,
        edits: &edits,
        file: &file,
    };
    for ordinal in search.passed_over()? {
        hits.clear(ordinal);
    }
    match search.gather(&hits)? {
        Some(found) => Ok(Some(found)),
        None => Ok(distrust(&edits)),
    }
}

/// The file is of no use any more; it is made anew when somebody asks for it.
fn distrust(edits: &Edits) -> Option<Found> {
    // When it cannot be removed it stays unused: what it says is checked each time.
    let _ = std::fs::remove_file(&edits.file);
    None
}

struct WordSearch<'a> {
    workspace: &'a Workspace,
    query: &'a Query,
    limit: usize,
    known: &'a HashSet<&'a str>,
    edits: &'a Edits,
    file: &'a WordFile,
}

impl WordSearch<'_> {
    /// Ordinals of tracks that are listed already, or that are no longer what the file says.
    fn passed_over(&self) -> Result<Vec<u64>, WorkspaceError> {
        let edited = self.edits.ids.iter().map(String::as_str);
        let known = self.known.iter().copied().filter(|id| {
            self.edits
                .ids
                .binary_search_by(|e| e.as_str().cmp(id))
                .is_err()
        });
        let ids = edited
            .chain(known)
            .filter(|id| !self.edits.added.contains(*id));
        let mut scan = self.workspace.scan(family::CATALOG, &[prefix::TRACK])?;
        let mut ordinals = Vec::new();
        for id in ids {
            let Some((anchor, mut ordinal)) = self.file.anchor_before(id) else {
                continue;
            };
            scan.seek(&crate::catalog::lookup::track_key(anchor));
            while let Some((key, _)) = scan.entry()? {
                if &key[1..] >= id.as_bytes() {
                    ordinals.push(ordinal);
                    break;
                }
                ordinal += u64::from(!self.is_added(&key[1..]));
                scan.step();
            }
        }
        Ok(ordinals)
    }

    fn is_added(&self, id: &[u8]) -> bool {
        !self.edits.added.is_empty()
            && std::str::from_utf8(id).is_ok_and(|id| self.edits.added.contains(id))
    }

    /// The best tracks; `None` when the file does not tell the truth.
    fn gather(
        &mut self,
        hits: &super::word_file::WordCounts,
    ) -> Result<Option<Found>, WorkspaceError> {
        let mut ranked = self.edited()?;
        let mut total =
            hits.whole() + ranked.iter().filter(|(rank, _)| rank.is_whole()).count() as u64;
        let mut exact = HashSet::new();
        for (rank, is_name) in [(Rank::TitleAndArtist, true), (Rank::Title, false)] {
            // The file knows names by a short hash only, so these are candidates.
            let mut found = 0;
            for ordinals in hits
                .named(is_name)
                .collect::<Vec<u64>>()
                .chunks(self.limit.max(1))
            {
                let tracks = self.read(ordinals)?;
                let fitting = ordinals
                    .iter()
                    .zip(tracks)
                    .filter(|(_, track)| self.query.rank(&TrackWords::of(track)) == Some(rank));
                for (ordinal, track) in fitting {
                    found += usize::from(exact.insert(*ordinal));
                    ranked.push((rank, track));
                }
                if found >= self.limit {
                    break;
                }
            }
        }
        let mut have = exact.len();
        for lacking in 0..self.query.words.len() as u8 {
            let room = self.limit.saturating_sub(have);
            let ordinals: Vec<u64> = hits
                .lacking(lacking)
                .filter(|o| !exact.contains(o))
                .take(room)
                .collect();
            let rank = if lacking == 0 {
                Rank::All
            } else {
                Rank::Some(lacking)
            };
            for track in self.read(&ordinals)? {
                if self.query.rank(&TrackWords::of(&track)) != Some(rank) {
                    return Ok(None);
                }
                ranked.push((rank, track));
            }
            have += ordinals.len();
        }
        ranked.sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
        ranked.truncate(self.limit);
        let fitting = ranked.iter().filter(|(rank, _)| rank.is_whole()).count();
        total = total.max(fitting as u64);
        Ok(Some(Found {
            tracks: ranked.into_iter().map(|(_, track)| track).collect(),
            fitting,
            total,
            is_complete: true,
        }))
    }

    /// Tracks edited since the file was made, that fit.
    fn edited(&self) -> Result<Vec<(Rank, Track)>, WorkspaceError> {
        let edited = tracks(self.workspace, &self.edits.ids)?
            .into_iter()
            .flatten()
            .filter(|t| !self.known.contains(t.id.as_str()));
        Ok(edited
            .filter_map(|track| {
                self.query
                    .rank(&TrackWords::of(&track))
                    .map(|rank| (rank, track))
            })
            .collect())
    }

    /// The tracks at ordinals, which are sorted.
    fn read(&self, ordinals: &[u64]) -> Result<Vec<Track>, WorkspaceError> {
        let mut scan = self.workspace.scan(family::CATALOG, &[prefix::TRACK])?;
        let mut all = Vec::with_capacity(ordinals.len());
        let mut at: Option<u64> = None;
        for &ordinal in ordinals {
            let anchor = ordinal / ANCHOR;
            let mut here = match at {
                Some(here) if here / ANCHOR == anchor && here <= ordinal => here,
                _ => {
                    scan.seek(&crate::catalog::lookup::track_key(self.file.anchor(anchor)));
                    anchor * ANCHOR
                }
            };
            while let Some((key, record)) = scan.entry()? {
                let is_added = self.is_added(&key[1..]);
                if here == ordinal && !is_added {
                    all.push(decode(self.workspace, &key[1..], record)?);
                    break;
                }
                here += u64::from(!is_added);
                scan.step();
            }
            at = Some(here);
        }
        Ok(all)
    }
}
