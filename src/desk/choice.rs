//! From what a person chose on the screen to decisions: which scope, for one line or for many at once.

use std::collections::HashSet;

use crate::catalog;
use crate::contents::{Contents, ReadError};
use crate::desk::{Desk, LineId};
use crate::matching::{Status, Why};
use crate::review::{Action, Decision, Target};

/// How far a decision about a line reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The line's item, at its DSP.
    #[default]
    Item,
    /// Everything with the line's ISRC from its DSP.
    IsrcAtDsp,
    /// Everything with the line's ISRC; without one the item at all DSPs.
    Everywhere,
}

impl Scope {
    /// All scopes, from narrow to wide.
    pub const ALL: [Self; 3] = [Self::Item, Self::IsrcAtDsp, Self::Everywhere];

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Item => "Only this item",
            Self::IsrcAtDsp => "This ISRC from this DSP",
            Self::Everywhere => "Everywhere",
        }
    }

    /// The target of a decision about a line; `None` when the line has no readable ISRC and the scope needs one.
    #[must_use]
    pub fn target(self, desk: &Desk, line: LineId) -> Option<Target> {
        let lines = desk.lines();
        let item = lines.code(line);
        let dsp = lines.dsp(line).to_owned();
        match (self, desk.isrc(line)) {
            (Self::Item, _) => Some(Target::Item {
                item,
                dsp: Some(dsp),
            }),
            (Self::IsrcAtDsp, isrc) => isrc.map(|isrc| Target::Isrc {
                isrc,
                dsp: Some(dsp),
                upc: None,
            }),
            (Self::Everywhere, Some(isrc)) => Some(Target::Isrc {
                isrc,
                dsp: None,
                upc: None,
            }),
            (Self::Everywhere, None) => Some(Target::Item { item, dsp: None }),
        }
    }
}

/// The same decision about many lines, each item once.
#[must_use]
pub fn for_all(desk: &Desk, lines: &[LineId], action: &Action, note: &str) -> Vec<Decision> {
    each(desk, lines, |_| Some((action.clone(), note.to_owned())))
}

/// A decision for each line, each item once; lines for which there is none are left out.
fn each(
    desk: &Desk,
    lines: &[LineId],
    mut action: impl FnMut(LineId) -> Option<(Action, String)>,
) -> Vec<Decision> {
    let mut seen = HashSet::new();
    let mut decisions = Vec::new();
    for &line in lines {
        let Some(target) = Scope::Item.target(desk, line) else {
            continue;
        };
        if seen.contains(&target) {
            continue;
        }
        if let Some((action, note)) = action(line) {
            seen.insert(target.clone());
            decisions.push(Decision {
                target,
                action,
                note,
            });
        }
    }
    decisions
}

/// Settles many lines at once: each that has candidates goes to the best of them, the others are held with a note.
///
/// # Errors
/// [`ReadError`] when the catalog cannot be read.
pub fn settle_all(
    contents: &Contents,
    desk: &Desk,
    lines: &[LineId],
    is_stale: &dyn Fn() -> bool,
) -> Result<Vec<Decision>, ReadError> {
    let mut failed = None;
    let decisions = each(desk, lines, |line| {
        if failed.is_some() || is_stale() || desk.status(line) == Status::Matched {
            return None;
        }
        match best_candidate(contents, desk, line) {
            Ok(Some(track)) => Some((Action::Assign { track }, "best candidate".into())),
            Ok(None) => {
                (desk.status(line) != Status::Held).then(|| (Action::Hold, "no candidate".into()))
            }
            Err(error) => {
                failed = Some(error);
                None
            }
        }
    });
    failed.map_or(Ok(decisions), Err)
}

/// The candidate that shares most with what was reported; of equal ones the first by id. An album line has none: it is not one track's.
fn best_candidate(
    contents: &Contents,
    desk: &Desk,
    line: LineId,
) -> Result<Option<String>, ReadError> {
    if desk.why(line) == Why::UpcRelease {
        return Ok(None);
    }
    let ids: Vec<String> = desk
        .track_ids(line)
        .into_iter()
        .map(str::to_owned)
        .collect();
    if ids.len() < 2 {
        return Ok(ids.into_iter().next());
    }
    let tracks = catalog::tracks(contents.workspace(), &ids)?;
    let mut best: Option<(i32, String)> = None;
    for track in tracks.into_iter().flatten() {
        let score = crate::desk::candidates::agreement(desk, line, &track);
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, track.id));
        }
    }
    Ok(best.map(|(_, id)| id))
}
