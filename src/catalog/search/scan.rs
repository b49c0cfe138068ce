//! Words looked for by going through all tracks: what small catalogs need, and large ones until
//! their side file is there.

use std::collections::HashSet;

use memchr::memmem::Finder;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::fit::{Query, Rank, TrackWords};
use super::{Found, LARGE_CATALOG, decode, track_count};
use crate::catalog::track::texts;
use crate::catalog::{Track, prefix};
use crate::workspace::{Scan, Workspace, WorkspaceError, family};

/// Tracks that are looked at between two questions whether the answer is still wanted.
const BATCH: usize = 16_384;

pub(super) fn search(
    workspace: &Workspace,
    query: &Query,
    limit: usize,
    known: &HashSet<&str>,
    is_stale: &dyn Fn() -> bool,
) -> Result<Found, WorkspaceError> {
    let may_stop = track_count(workspace)? > LARGE_CATALOG;
    let finders: Vec<Finder<'_>> = query
        .words
        .iter()
        .map(|w| Finder::new(w.as_str()))
        .collect();
    let mut scan = workspace.scan(family::CATALOG, &[prefix::TRACK])?;
    let mut best = BestTracks {
        limit,
        ..BestTracks::default()
    };
    loop {
        let batch = TrackBatch::read(&mut scan)?;
        if batch.spans.is_empty() {
            return Ok(best.finish(true));
        }
        let hits = batch.hits(workspace, query, &finders)?;
        best.add(
            hits.into_iter()
                .filter(|(_, track)| !known.contains(track.id.as_str())),
        );
        if is_stale() || (may_stop && best.total >= limit as u64) {
            return Ok(best.finish(false));
        }
    }
}

/// Records of consecutive tracks in one piece.
#[derive(Default)]
pub(super) struct TrackBatch {
    bytes: Vec<u8>,
    /// Where the ids and the records end.
    spans: Vec<(u32, u32)>,
}

impl TrackBatch {
    /// Reads the next tracks; none at the end.
    pub(super) fn read(scan: &mut Scan<'_>) -> Result<Self, WorkspaceError> {
        let mut batch = Self::default();
        while batch.spans.len() < BATCH
            && let Some((key, record)) = scan.entry()?
        {
            batch.bytes.extend_from_slice(&key[1..]);
            let id_end = batch.bytes.len() as u32;
            batch.bytes.extend_from_slice(record);
            batch.spans.push((id_end, batch.bytes.len() as u32));
            scan.step();
        }
        Ok(batch)
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Id and record of a track.
    pub(super) fn of(&self, place: usize) -> (&[u8], &[u8]) {
        let start = if place == 0 {
            0
        } else {
            self.spans[place - 1].1 as usize
        };
        let (id_end, end) = self.spans[place];
        (
            &self.bytes[start..id_end as usize],
            &self.bytes[id_end as usize..end as usize],
        )
    }

    /// Makes something of every track, on all threads, in order.
    pub(super) fn map<T: Send>(
        &self,
        make: impl Fn(&[u8], &[u8]) -> Result<T, WorkspaceError> + Sync,
    ) -> Result<Vec<T>, WorkspaceError> {
        (0..self.len())
            .into_par_iter()
            .with_min_len(1024)
            .map(|index| {
                let (id, record) = self.of(index);
                make(id, record)
            })
            .collect()
    }

    fn hits(
        &self,
        workspace: &Workspace,
        query: &Query,
        finders: &[Finder<'_>],
    ) -> Result<Vec<(Rank, Track)>, WorkspaceError> {
        let hits = self.map(|id, record| {
            if !may_fit(record, finders) {
                return Ok(None);
            }
            let track = decode(workspace, id, record)?;
            Ok(query
                .rank(&TrackWords::of(&track))
                .map(|rank| (rank, track)))
        })?;
        Ok(hits.into_iter().flatten().collect())
    }
}

/// Whether a record can have one of the words; texts with apostrophes or letters beyond ASCII are
/// always looked at.
fn may_fit(record: &[u8], finders: &[Finder<'_>]) -> bool {
    let Some(texts) = texts(record) else {
        return true;
    };
    if !texts.is_ascii() || memchr::memchr2(b'\'', b'`', texts).is_some() {
        return true;
    }
    let lower = texts.to_ascii_lowercase();
    finders.iter().any(|finder| finder.find(&lower).is_some())
}

/// The best hits so far.
#[derive(Default)]
struct BestTracks {
    hits: Vec<(Rank, Track)>,
    limit: usize,
    total: u64,
}

impl BestTracks {
    fn add(&mut self, hits: impl Iterator<Item = (Rank, Track)>) {
        for (rank, track) in hits {
            self.total += u64::from(rank.is_whole());
            self.hits.push((rank, track));
        }
        if self.hits.len() > 4 * self.limit + BATCH {
            self.prune();
        }
    }

    fn prune(&mut self) {
        self.hits
            .sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
        self.hits.truncate(self.limit);
    }

    fn finish(mut self, is_complete: bool) -> Found {
        self.prune();
        let fitting = self.hits.iter().filter(|(rank, _)| rank.is_whole()).count();
        Found {
            tracks: self.hits.into_iter().map(|(_, track)| track).collect(),
            fitting,
            total: self.total,
            is_complete,
        }
    }
}
