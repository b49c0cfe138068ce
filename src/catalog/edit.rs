//! One track, changed or added by hand: its record, its index entries and the catalog's digest in
//! one synced batch.

use super::lookup::{dsp_id_prefix, isrc_prefix, track_key, upc_prefix};
use super::track::{IndexFacts, push_number};
use super::{CatalogError, CatalogState, STATE_KEY, Track, payees, prefix};
use crate::workspace::{Workspace, WorkspaceError, family};

/// Puts a track into the catalog and gives back what stood there before. The codes that it no
/// longer has do not find it any more.
///
/// # Errors
/// [`CatalogError`] when the id cannot be one, or the workspace says no; the catalog is as it was
/// then.
pub fn put_track(workspace: &Workspace, track: &Track) -> Result<Option<Track>, CatalogError> {
    if track.id.is_empty() || track.id.contains(['\0', ';']) {
        return Err(CatalogError::BadId(track.id.clone()));
    }
    let id = track.id.as_bytes();
    let record = track.encode();
    let before = workspace.read(family::CATALOG, &track_key(&track.id))?;
    if before.as_deref() == Some(&record) {
        return Track::decode(&track.id, &record)
            .map(Some)
            .ok_or_else(|| damaged(workspace, track).into());
    }
    let state = CatalogState::read(workspace)?;
    let mut state = CatalogState {
        before: state.digest,
        ..state
    };
    let names = payees(workspace)?;
    let known = names.iter().position(|n| *n == track.payee);
    let payee =
        u32::try_from(known.unwrap_or(names.len())).expect("there are fewer than 2^32 payees");
    let old_keys = match &before {
        Some(old) => {
            state.subtract(CatalogState::parts(id, old));
            index_keys(
                id,
                &IndexFacts::of(old).ok_or_else(|| damaged(workspace, track))?,
            )
        }
        None => {
            state.tracks += 1;
            Vec::new()
        }
    };
    state.add(CatalogState::parts(id, &record));
    let new_keys = index_keys(
        id,
        &IndexFacts::of(&record).ok_or_else(|| damaged(workspace, track))?,
    );
    let mut value = Vec::new();
    push_number(&mut value, u64::from(payee));
    workspace.write(|batch, ws| {
        let family = ws.cf(family::CATALOG);
        old_keys.iter().for_each(|key| batch.delete_cf(family, key));
        new_keys
            .iter()
            .for_each(|key| batch.put_cf(family, key, &value));
        batch.put_cf(family, track_key(&track.id), &record);
        if known.is_none() {
            batch.put_cf(
                family,
                [&[prefix::PAYEE], payee.to_be_bytes().as_slice()].concat(),
                track.payee.as_bytes(),
            );
        }
        batch.put_cf(family, STATE_KEY, state.to_bytes());
    })?;
    before
        .map(|old| Track::decode(&track.id, &old).ok_or_else(|| damaged(workspace, track).into()))
        .transpose()
}

fn damaged(workspace: &Workspace, track: &Track) -> WorkspaceError {
    workspace.damaged(format!("track {}", track.id))
}

fn index_keys(id: &[u8], facts: &IndexFacts<'_>) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = facts
        .isrc
        .iter()
        .map(|isrc| [&isrc_prefix(*isrc)[..], id].concat())
        .collect();
    keys.extend(
        facts
            .upcs
            .iter()
            .map(|upc| [&upc_prefix(*upc)[..], id].concat()),
    );
    keys.extend(
        facts
            .dsp_ids
            .iter()
            .map(|(namespace, dsp_id)| [&dsp_id_prefix(namespace, dsp_id)[..], id].concat()),
    );
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::lookup_isrcs;
    use crate::ident::Isrc;

    #[test]
    fn an_edited_track_is_found_by_its_new_code_only() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(&folder.path().join("w"), |_| Vec::new()).unwrap();
        let old = Isrc::parse("USX123000001").unwrap();
        let new = Isrc::parse("USX123000002").unwrap();
        let track = Track {
            id: "T1".into(),
            isrc: Some(old),
            payee: "Ada".into(),
            ..Track::default()
        };
        assert_eq!(put_track(&workspace, &track).unwrap(), None);
        let edited = Track {
            isrc: Some(new),
            ..track.clone()
        };
        assert_eq!(put_track(&workspace, &edited).unwrap(), Some(track.clone()));
        let hits = lookup_isrcs(&workspace, &[old, new]).unwrap();
        assert_eq!((hits.of(0).len(), hits.of(1).len()), (0, 1));
        let there_and_back = CatalogState::read(&workspace).unwrap();
        put_track(&workspace, &track).unwrap();
        put_track(&workspace, &edited).unwrap();
        let state = CatalogState::read(&workspace).unwrap();
        assert_eq!((state.tracks, state.digest), (1, there_and_back.digest));
        assert!(
            put_track(
                &workspace,
                &Track {
                    id: "a;b".into(),
                    ..Track::default()
                }
            )
            .is_err()
        );
    }
}
