//! Step 1 of the cascade: what people decided, as outcomes.

use std::collections::HashMap;

use super::{Outcomes, Why};
use crate::catalog::{self, Hit};
use crate::ident::{Isrc, Upc};
use crate::review::{Action, Decisions, ItemCode, Origin, Subject};
use crate::statement::cube::Cube;
use crate::statement::item::Field;
use crate::workspace::{Workspace, WorkspaceError};

/// The tracks that decisions name, with their payees' numbers; tracks that the catalog no longer has are not in it.
#[derive(Debug, Default, Clone)]
pub struct DecidedTracks(HashMap<String, u32>);

/// One track of a decided outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecidedPart<'a> {
    /// The track's id.
    pub track: &'a str,
    /// Number of its payee.
    pub payee: u32,
    /// Its share, in proportion to the sum of all shares.
    pub share: u32,
}

impl DecidedTracks {
    /// Tracks with the numbers of their payees, for measurements and tests.
    #[must_use]
    pub fn of(tracks: impl Iterator<Item = (String, u32)>) -> Self {
        Self(tracks.collect())
    }

    /// Looks up all tracks that the decisions name, each once.
    ///
    /// # Errors
    /// [`WorkspaceError`] when the catalog cannot be read.
    pub fn read(workspace: &Workspace, decisions: &Decisions) -> Result<Self, WorkspaceError> {
        let ids: Vec<String> = decisions.tracks().into_iter().map(str::to_owned).collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let tracks = catalog::tracks(workspace, &ids)?;
        let payees: HashMap<String, u32> =
            catalog::payees(workspace)?.into_iter().zip(0..).collect();
        let payee_of = |track: catalog::Track| payees.get(&track.payee).copied();
        Ok(Self(
            ids.into_iter()
                .zip(tracks)
                .filter_map(|(id, track)| Some((id, payee_of(track?)?)))
                .collect(),
        ))
    }

    /// What an action makes of an item; `None` when it leaves the item to the rest of the cascade.
    #[must_use]
    pub fn outcome<'a>(&self, action: &'a Action) -> Option<(Why, Vec<DecidedPart<'a>>)> {
        let part = |track: &'a str, share: u32| {
            self.0.get(track).map(|&payee| DecidedPart {
                track,
                payee,
                share,
            })
        };
        let parts = |why: Why, parts: Option<Vec<DecidedPart<'a>>>| match parts {
            Some(parts) => (why, parts),
            None => (Why::DecidedTrackGone, Vec::new()),
        };
        match action {
            Action::Clear | Action::Leave => None,
            Action::Ignore => Some((Why::DecidedIgnore, Vec::new())),
            Action::Hold => Some((Why::DecidedHold, Vec::new())),
            Action::Assign { track } => {
                Some(parts(Why::DecidedTrack, part(track, 1).map(|p| vec![p])))
            }
            Action::Split { parts: all } => Some(parts(
                Why::DecidedSplit,
                all.iter().map(|p| part(&p.track, p.share)).collect(),
            )),
        }
    }
}

/// What decisions about an item are looked up by.
#[must_use]
pub fn subject<'a>(cube: &'a Cube, item: usize, origin: Origin<'a>) -> Subject<'a> {
    Subject {
        item: ItemCode::of(&cube.fields(item), origin),
        isrc: Isrc::parse(cube.field(item, Field::Isrc)).ok(),
        upc: Upc::parse(cube.field(item, Field::Upc)).ok(),
        dsp: dsp_of(cube, item, origin.dsp),
    }
}

/// The DSP of an item: as reported, or the one whose report it is.
#[must_use]
pub fn dsp_of<'a>(cube: &'a Cube, item: usize, default_dsp: &'a str) -> &'a str {
    match cube.field(item, Field::Dsp) {
        "" => default_dsp,
        own => own,
    }
}

/// Puts decisions over the outcomes of the other steps; done last because decisions are few and items many.
pub(super) fn apply_decisions(
    workspace: &Workspace,
    cube: &Cube,
    origin: Origin<'_>,
    decisions: &Decisions,
    outcomes: &mut Outcomes,
) -> Result<(), WorkspaceError> {
    if decisions.is_empty() {
        return Ok(());
    }
    let tracks = DecidedTracks::read(workspace, decisions)?;
    for item in 0..cube.items() {
        let Some(ruling) = decisions.of(&subject(cube, item, origin)) else {
            continue;
        };
        match tracks.outcome(&ruling.action) {
            None => {}
            // What could be meant stays listed where nobody is paid.
            Some((why @ (Why::DecidedIgnore | Why::DecidedHold), _)) => outcomes.whys[item] = why,
            Some((why, parts)) => {
                let hits: Vec<Hit> = parts
                    .iter()
                    .map(|p| Hit {
                        track: outcomes.ids.push(p.track),
                        payee: p.payee,
                    })
                    .collect();
                outcomes.set(item, why, &hits);
                if why == Why::DecidedSplit {
                    outcomes
                        .shares
                        .insert(item as u32, parts.iter().map(|p| p.share).collect());
                }
            }
        }
    }
    Ok(())
}
