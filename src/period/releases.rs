//! What the catalog says is on releases that were sold as a whole.

use std::collections::{BTreeSet, HashMap};

use crate::catalog::{self, Track, lookup_upcs};
use crate::ident::Upc;
use crate::money::Amount;
use crate::settlement::Cells;
use crate::terms::{ReleaseTrack, Releases};
use crate::workspace::{Workspace, WorkspaceError};

/// The tracks of all releases that have album lines among the cells. They are weighed by their seconds, where the catalog has the duration
/// of each.
pub(crate) fn releases_of(
    workspace: &Workspace,
    cells: &Cells,
) -> Result<Releases, WorkspaceError> {
    let mut upcs: Vec<Upc> = cells
        .album_releases()
        .filter_map(|code| Upc::parse(code).ok())
        .collect();
    upcs.sort_unstable();
    upcs.dedup();
    let mut releases = Releases::default();
    for (upc, tracks) in tracks_of(workspace, upcs)? {
        let seconds: Option<Vec<Amount>> = tracks
            .iter()
            .map(|track| track.duration_ms.and_then(seconds))
            .collect();
        let weight = |place: usize| seconds.as_ref().map(|seconds| seconds[place]);
        let tracks = tracks
            .into_iter()
            .enumerate()
            .map(|(place, t)| ReleaseTrack {
                id: t.id,
                label: t.label,
                weight: weight(place),
            });
        releases
            .add(&upc.to_string(), tracks.collect())
            .map_err(|e| workspace.damaged(format!("release {upc}: {e}")))?;
    }
    Ok(releases)
}

/// The tracks of releases that the catalog knows; the list must be sorted.
pub(super) fn tracks_of(
    workspace: &Workspace,
    upcs: Vec<Upc>,
) -> Result<Vec<(Upc, Vec<Track>)>, WorkspaceError> {
    let hits = lookup_upcs(workspace, &upcs)?;
    let ids_of = |place: usize| hits.of(place).iter().map(|hit| hits.id(*hit).to_owned());
    let ids: Vec<String> = (0..upcs.len())
        .flat_map(ids_of)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let tracks: HashMap<&String, Option<Track>> =
        ids.iter().zip(catalog::tracks(workspace, &ids)?).collect();
    let mut found = Vec::new();
    for (place, upc) in upcs.into_iter().enumerate() {
        let track = |id: String| {
            tracks[&id]
                .clone()
                .ok_or_else(|| workspace.damaged(format!("track {id}")))
        };
        let tracks = ids_of(place)
            .map(track)
            .collect::<Result<Vec<Track>, _>>()?;
        if !tracks.is_empty() {
            found.push((upc, tracks));
        }
    }
    Ok(found)
}

fn seconds(milliseconds: u64) -> Option<Amount> {
    let seconds = Amount::from_canonical(&format!(
        "{}.{:03}",
        milliseconds / 1000,
        milliseconds % 1000
    ))?;
    (!seconds.is_zero()).then_some(seconds)
}
