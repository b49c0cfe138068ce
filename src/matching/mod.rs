//! Items, catalog and decisions into outcomes: a fixed cascade in which every step leaves a reason that people can read.
//!
//! 1. A decision. 2. ISRC; several tracks are narrowed by UPC, title, duration and label. 3. The DSP's own id. 4. Without ISRC: UPC
//! with the same title. An ISRC that is given but unknown is never overruled by UPC and title: those become candidates.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::catalog::{self, Hit, Hits, TrackFacts};
use crate::ident::{Isrc, Upc, UpcError, is_not_given, text_key, title_key};
use crate::review::{Action, Decisions, ItemCode};
use crate::statement::cube::Cube;
use crate::statement::item::Field;
use crate::workspace::{Workspace, WorkspaceError};

/// What became of an item, or of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// One track.
    Matched,
    /// Several tracks could be meant.
    Ambiguous,
    /// No track is known.
    Unmatched,
    /// A person said that it is not the label's.
    Ignored,
    /// A person said that it waits.
    Held,
    /// The row could not be read.
    Quarantined,
}

impl Status {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::Matched, Self::Ambiguous, Self::Unmatched, Self::Ignored, Self::Held, Self::Quarantined];

    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Ambiguous => "ambiguous",
            Self::Unmatched => "unmatched",
            Self::Ignored => "ignored",
            Self::Held => "held",
            Self::Quarantined => "quarantined",
        }
    }
}

/// Why an item has its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A person assigned it.
    DecidedTrack,
    /// A person ignored it.
    DecidedIgnore,
    /// A person holds it.
    DecidedHold,
    /// A person assigned it to a track that is no longer in the catalog.
    DecidedTrackGone,
    /// One track has the ISRC.
    Isrc,
    /// Several have it, one of them with this UPC.
    IsrcUpc,
    /// Several have it, one of them with this title.
    IsrcTitle,
    /// Several have it, one of them with this duration.
    IsrcDuration,
    /// Several have it, one of them with this label.
    IsrcLabel,
    /// Several have it and nothing tells them apart.
    IsrcShared,
    /// No track has the ISRC.
    IsrcUnknown,
    /// The ISRC is none.
    IsrcUnreadable,
    /// One track has the DSP's id.
    DspId,
    /// Several have it.
    DspIdShared,
    /// One track of the release has the title.
    UpcTitle,
    /// Several have it.
    UpcTitleShared,
    /// The release is known, no track of it has the title: an album line.
    UpcRelease,
    /// No track has the UPC.
    UpcUnknown,
    /// A spreadsheet destroyed the UPC.
    UpcDamaged,
    /// The UPC is none.
    UpcUnreadable,
    /// Nothing that identifies a track is given.
    NoIdentifier,
}

impl Why {
    /// All reasons.
    pub const ALL: [Self; 21] = [
        Self::DecidedTrack,
        Self::DecidedIgnore,
        Self::DecidedHold,
        Self::DecidedTrackGone,
        Self::Isrc,
        Self::IsrcUpc,
        Self::IsrcTitle,
        Self::IsrcDuration,
        Self::IsrcLabel,
        Self::IsrcShared,
        Self::IsrcUnknown,
        Self::IsrcUnreadable,
        Self::DspId,
        Self::DspIdShared,
        Self::UpcTitle,
        Self::UpcTitleShared,
        Self::UpcRelease,
        Self::UpcUnknown,
        Self::UpcDamaged,
        Self::UpcUnreadable,
        Self::NoIdentifier,
    ];

    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DecidedTrack => "decided_track",
            Self::DecidedIgnore => "decided_ignore",
            Self::DecidedHold => "decided_hold",
            Self::DecidedTrackGone => "decided_track_gone",
            Self::Isrc => "isrc",
            Self::IsrcUpc => "isrc_upc",
            Self::IsrcTitle => "isrc_title",
            Self::IsrcDuration => "isrc_duration",
            Self::IsrcLabel => "isrc_label",
            Self::IsrcShared => "isrc_shared",
            Self::IsrcUnknown => "isrc_unknown",
            Self::IsrcUnreadable => "isrc_unreadable",
            Self::DspId => "dsp_id",
            Self::DspIdShared => "dsp_id_shared",
            Self::UpcTitle => "upc_title",
            Self::UpcTitleShared => "upc_title_shared",
            Self::UpcRelease => "upc_release",
            Self::UpcUnknown => "upc_unknown",
            Self::UpcDamaged => "upc_damaged",
            Self::UpcUnreadable => "upc_unreadable",
            Self::NoIdentifier => "no_identifier",
        }
    }

    /// The reason in a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::DecidedTrack => "A person assigned this item to the track.",
            Self::DecidedIgnore => "A person decided that this item is not the label's.",
            Self::DecidedHold => "A person decided that this item waits.",
            Self::DecidedTrackGone => "A person assigned this item to a track that the catalog no longer has.",
            Self::Isrc => "One track of the catalog has this ISRC.",
            Self::IsrcUpc => "Several tracks share the ISRC; one of them is on the release with this UPC.",
            Self::IsrcTitle => "Several tracks share the ISRC; one of them has this title and version.",
            Self::IsrcDuration => "Several tracks share the ISRC; one of them has this duration.",
            Self::IsrcLabel => "Several tracks share the ISRC; one of them is of this label.",
            Self::IsrcShared => "Several tracks share the ISRC, and neither UPC, title, duration nor label tells them apart.",
            Self::IsrcUnknown => "No track of the catalog has this ISRC; tracks with the same UPC and title are candidates.",
            Self::IsrcUnreadable => "What stands in the ISRC column is no ISRC.",
            Self::DspId => "One track of the catalog has this id of the DSP.",
            Self::DspIdShared => "Several tracks of the catalog have this id of the DSP.",
            Self::UpcTitle => "No ISRC is given; one track of the release with this UPC has the title.",
            Self::UpcTitleShared => "No ISRC is given; several tracks of the release with this UPC have the title.",
            Self::UpcRelease => "No ISRC is given and no track of the release has the title: an album line, to be spread by contract.",
            Self::UpcUnknown => "No ISRC is given and no track of the catalog has this UPC.",
            Self::UpcDamaged => "No ISRC is given and a spreadsheet has destroyed the UPC.",
            Self::UpcUnreadable => "No ISRC is given and what stands in the UPC column is no UPC.",
            Self::NoIdentifier => "Neither ISRC, UPC nor an id of the DSP is given.",
        }
    }

    /// The status that goes with the reason.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::DecidedTrack
            | Self::Isrc
            | Self::IsrcUpc
            | Self::IsrcTitle
            | Self::IsrcDuration
            | Self::IsrcLabel
            | Self::DspId
            | Self::UpcTitle => Status::Matched,
            Self::IsrcShared | Self::DspIdShared | Self::UpcTitleShared => Status::Ambiguous,
            Self::DecidedIgnore => Status::Ignored,
            Self::DecidedHold => Status::Held,
            _ => Status::Unmatched,
        }
    }
}

/// The outcome of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Why; the status follows from it.
    pub why: Why,
    /// The track of a matched item; otherwise candidates, sorted by id.
    pub tracks: Vec<Hit>,
}

impl Outcome {
    fn new(why: Why, tracks: Vec<Hit>) -> Self {
        Self { why, tracks }
    }

    /// The track and payee of a matched item.
    #[must_use]
    pub fn matched(&self) -> Option<&Hit> {
        if self.why.status() == Status::Matched { self.tracks.first() } else { None }
    }
}

/// Candidates that are listed at most; a compilation's UPC can have hundreds of tracks.
const MAX_CANDIDATES: usize = 50;

/// What an item says, in comparable form.
struct Wanted {
    isrc: Option<Isrc>,
    is_isrc_given: bool,
    upc: Result<Upc, UpcError>,
    dsp_id: Option<u32>,
}

/// Distinct codes of all items with the tracks that carry them.
struct Found {
    isrcs: Vec<Isrc>,
    isrc_hits: Hits,
    upcs: Vec<Upc>,
    upc_hits: Hits,
    dsp_id_hits: Hits,
}

/// Finds the outcome of every item of a cube. Each distinct code is looked up once, in key order.
///
/// # Errors
/// [`WorkspaceError`] when the catalog cannot be read.
pub fn match_items(
    workspace: &Workspace,
    cube: &Cube,
    namespace: &str,
    default_dsp: &str,
    decisions: &Decisions,
) -> Result<Vec<Outcome>, WorkspaceError> {
    use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
    let mut dsp_ids: Vec<(String, String)> = Vec::new();
    let mut wanted: Vec<Wanted> = (0..cube.items()).into_par_iter().with_min_len(4096).map(|item| wanted(&cube.fields(item))).collect();
    if !namespace.is_empty() {
        collect_dsp_ids(cube, namespace, &mut wanted, &mut dsp_ids);
    }
    let found = Found::look_up(workspace, &wanted, &dsp_ids)?;
    let mut outcomes: Vec<Outcome> =
        wanted.par_iter().with_min_len(4096).map(|w| found.quick(w).unwrap_or_else(|| Outcome::new(Why::NoIdentifier, Vec::new()))).collect();
    // What a look at the index does not settle needs the tracks themselves.
    let open: Vec<usize> = (0..cube.items()).filter(|&i| found.quick(&wanted[i]).is_none()).collect();
    let facts = facts_of(workspace, open.iter().flat_map(|&i| found.related(&wanted[i])))?;
    let settled: Vec<Outcome> = open.par_iter().map(|&i| found.narrow(&wanted[i], &cube.fields(i), &facts)).collect();
    for (item, outcome) in open.into_iter().zip(settled) {
        outcomes[item] = outcome;
    }
    apply_decisions(workspace, cube, namespace, default_dsp, decisions, &mut outcomes)?;
    Ok(outcomes)
}

use rayon::iter::IntoParallelRefIterator;

fn wanted(fields: &[&str; Field::ALL.len()]) -> Wanted {
    let isrc_text = fields[Field::Isrc as usize];
    let is_isrc_given = !is_not_given(isrc_text);
    let isrc = if is_isrc_given { Isrc::parse(isrc_text).ok() } else { None };
    Wanted { isrc, is_isrc_given, upc: Upc::parse(fields[Field::Upc as usize]), dsp_id: None }
}

/// Gives each item the number of its DSP id in the sorted list of all.
fn collect_dsp_ids(cube: &Cube, namespace: &str, wanted: &mut [Wanted], ids: &mut Vec<(String, String)>) {
    let id_of = |item: usize| cube.fields(item)[Field::DspId as usize];
    let mut all: Vec<&str> = (0..cube.items()).map(id_of).filter(|id| !is_not_given(id)).collect();
    rayon::slice::ParallelSliceMut::par_sort_unstable(all.as_mut_slice());
    all.dedup();
    for (item, w) in wanted.iter_mut().enumerate() {
        w.dsp_id = all.binary_search(&id_of(item)).ok().map(|n| n as u32);
    }
    ids.extend(all.into_iter().map(|id| (namespace.to_owned(), id.to_owned())));
}

impl Found {
    fn look_up(workspace: &Workspace, wanted: &[Wanted], dsp_ids: &[(String, String)]) -> Result<Self, WorkspaceError> {
        let mut isrcs: Vec<Isrc> = wanted.iter().filter_map(|w| w.isrc).collect();
        rayon::slice::ParallelSliceMut::par_sort_unstable(isrcs.as_mut_slice());
        isrcs.dedup();
        let isrc_hits = catalog::lookup_isrcs(workspace, &isrcs)?;
        // UPCs and DSP ids are needed only where the ISRC does not settle the item.
        let is_open = |w: &&Wanted| w.isrc.is_none_or(|isrc| hits_of(&isrcs, &isrc_hits, isrc).is_empty());
        let mut upcs: Vec<Upc> = wanted.iter().filter(is_open).filter_map(|w| w.upc.ok()).collect();
        rayon::slice::ParallelSliceMut::par_sort_unstable(upcs.as_mut_slice());
        upcs.dedup();
        let needed: std::collections::BTreeSet<u32> = wanted.iter().filter(is_open).filter_map(|w| w.dsp_id).collect();
        let needed_ids: Vec<(String, String)> = needed.iter().map(|&n| dsp_ids[n as usize].clone()).collect();
        let found = catalog::lookup_dsp_ids(workspace, &needed_ids)?;
        let dsp_id_hits = DspIdHits { needed: needed.into_iter().collect(), hits: found };
        Ok(Self { upc_hits: catalog::lookup_upcs(workspace, &upcs)?, isrcs, isrc_hits, upcs, dsp_id_hits: dsp_id_hits.spread(dsp_ids.len()) })
    }

    fn by_isrc(&self, wanted: &Wanted) -> &[Hit] {
        wanted.isrc.map_or(&[], |isrc| hits_of(&self.isrcs, &self.isrc_hits, isrc))
    }

    fn by_dsp_id(&self, wanted: &Wanted) -> &[Hit] {
        wanted.dsp_id.map_or(&[], |n| self.dsp_id_hits.of(n as usize))
    }

    fn by_upc(&self, wanted: &Wanted) -> &[Hit] {
        match wanted.upc {
            Ok(upc) => self.upcs.binary_search(&upc).map_or(&[], |place| self.upc_hits.of(place)),
            Err(_) => &[],
        }
    }

    /// The outcome as far as the indexes alone tell it.
    fn quick(&self, wanted: &Wanted) -> Option<Outcome> {
        match self.by_isrc(wanted) {
            [one] => return Some(Outcome::new(Why::Isrc, vec![one.clone()])),
            [] => {}
            _ => return None,
        }
        match self.by_dsp_id(wanted) {
            [one] => return Some(Outcome::new(Why::DspId, vec![one.clone()])),
            [] => {}
            several => return Some(Outcome::new(Why::DspIdShared, several.to_vec())),
        }
        if !self.by_upc(wanted).is_empty() {
            return None;
        }
        let why = match (wanted.is_isrc_given, wanted.isrc.is_some(), wanted.upc) {
            (true, true, _) => Why::IsrcUnknown,
            (true, false, _) => Why::IsrcUnreadable,
            (false, _, Ok(_)) => Why::UpcUnknown,
            (false, _, Err(UpcError::NotGiven)) => Why::NoIdentifier,
            (false, _, Err(error)) if error.is_damage() => Why::UpcDamaged,
            (false, _, Err(_)) => Why::UpcUnreadable,
        };
        Some(Outcome::new(why, Vec::new()))
    }

    /// Tracks whose facts are needed to settle an item.
    fn related(&self, wanted: &Wanted) -> impl Iterator<Item = &str> {
        let shared = self.by_isrc(wanted);
        let hits = if shared.is_empty() { self.by_upc(wanted) } else { shared };
        hits.iter().map(|hit| hit.track.as_str())
    }

    /// The outcome of an item that needs a look at the tracks.
    fn narrow(&self, wanted: &Wanted, fields: &[&str; Field::ALL.len()], facts: &HashMap<String, TrackFacts>) -> Outcome {
        let shared = self.by_isrc(wanted);
        if !shared.is_empty() {
            return narrow_isrc(shared, wanted, fields, facts);
        }
        let title = title_key(fields[Field::Title as usize], fields[Field::Version as usize]);
        let release = self.by_upc(wanted);
        let fitting: Vec<Hit> =
            release.iter().filter(|hit| !title.is_empty() && facts.get(&hit.track).is_some_and(|f| f.title == title)).cloned().collect();
        if wanted.is_isrc_given {
            let why = if wanted.isrc.is_some() { Why::IsrcUnknown } else { Why::IsrcUnreadable };
            return Outcome::new(why, fitting);
        }
        match fitting.len() {
            0 => Outcome::new(Why::UpcRelease, release.iter().take(MAX_CANDIDATES).cloned().collect()),
            1 => Outcome::new(Why::UpcTitle, fitting),
            _ => Outcome::new(Why::UpcTitleShared, fitting),
        }
    }
}

fn hits_of<'a>(isrcs: &[Isrc], hits: &'a Hits, isrc: Isrc) -> &'a [Hit] {
    isrcs.binary_search(&isrc).map_or(&[], |place| hits.of(place))
}

/// Several tracks share the ISRC: by UPC, then title, then duration, then label; a step that none fits is passed over.
fn narrow_isrc(shared: &[Hit], wanted: &Wanted, fields: &[&str; Field::ALL.len()], facts: &HashMap<String, TrackFacts>) -> Outcome {
    let title = title_key(fields[Field::Title as usize], fields[Field::Version as usize]);
    let label = text_key(fields[Field::Label as usize]);
    let duration_ms = catalog::parse_duration(fields[Field::Duration as usize]);
    type Fits<'a> = Box<dyn Fn(&TrackFacts) -> bool + 'a>;
    let steps: [(Why, Fits<'_>); 4] = [
        (Why::IsrcUpc, Box::new(|f| wanted.upc.is_ok_and(|upc| f.upcs.contains(&upc)))),
        (Why::IsrcTitle, Box::new(|f| !title.is_empty() && f.title == title)),
        (Why::IsrcDuration, Box::new(|f| duration_ms.zip(f.duration_ms).is_some_and(|(a, b)| a.abs_diff(b) <= 2000))),
        (Why::IsrcLabel, Box::new(|f| !label.is_empty() && f.label == label)),
    ];
    let mut left: Vec<Hit> = shared.to_vec();
    for (why, fits) in steps {
        let fitting: Vec<Hit> = left.iter().filter(|hit| facts.get(&hit.track).is_some_and(&fits)).cloned().collect();
        match fitting.len() {
            0 => {}
            1 => return Outcome::new(why, fitting),
            _ => left = fitting,
        }
    }
    Outcome::new(Why::IsrcShared, left)
}

/// DSP ids that were looked up, spread over the list of all.
struct DspIdHits {
    needed: Vec<u32>,
    hits: Hits,
}

impl DspIdHits {
    fn spread(self, all: usize) -> Hits {
        let mut spread = Hits::default();
        let mut next = 0;
        for number in 0..all as u32 {
            if self.needed.get(next) == Some(&number) {
                spread.push(self.hits.of(next));
                next += 1;
            } else {
                spread.push(&[]);
            }
        }
        spread
    }
}

fn facts_of<'a>(workspace: &Workspace, ids: impl Iterator<Item = &'a str>) -> Result<HashMap<String, TrackFacts>, WorkspaceError> {
    let mut ids: Vec<String> = ids.map(str::to_owned).collect();
    ids.sort_unstable();
    ids.dedup();
    let tracks = catalog::tracks(workspace, &ids)?;
    ids.into_iter()
        .zip(tracks)
        .map(|(id, track)| match track {
            Some(track) => Ok((id, TrackFacts::from(&track))),
            None => Err(workspace.damaged(format!("track {id}, which the index names,"))),
        })
        .collect()
}

/// Step 1 of the cascade; done last because decisions are few and items many.
fn apply_decisions(
    workspace: &Workspace,
    cube: &Cube,
    namespace: &str,
    default_dsp: &str,
    decisions: &Decisions,
    outcomes: &mut [Outcome],
) -> Result<(), WorkspaceError> {
    if decisions.is_empty() {
        return Ok(());
    }
    let mut assigned: Vec<(usize, String)> = Vec::new();
    for (item, outcome) in outcomes.iter_mut().enumerate() {
        let fields = cube.fields(item);
        let dsp = if fields[Field::Dsp as usize].is_empty() { default_dsp } else { fields[Field::Dsp as usize] };
        match decisions.of(ItemCode::of(&fields, namespace), dsp) {
            None | Some(Action::Clear) => {}
            Some(Action::Ignore) => outcome.why = Why::DecidedIgnore,
            Some(Action::Hold) => outcome.why = Why::DecidedHold,
            Some(Action::Assign { track }) => assigned.push((item, track.clone())),
        }
    }
    let mut ids: Vec<String> = assigned.iter().map(|(_, id)| id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let tracks = catalog::tracks(workspace, &ids)?;
    let payees: HashMap<String, u32> = if assigned.is_empty() { HashMap::new() } else { catalog::payees(workspace)?.into_iter().zip(0..).collect() };
    for (item, id) in assigned {
        let track = ids.binary_search(&id).ok().and_then(|place| tracks[place].as_ref());
        outcomes[item] = match track.and_then(|t| payees.get(&t.payee)) {
            Some(&payee) => Outcome::new(Why::DecidedTrack, vec![Hit { track: id, payee }]),
            None => Outcome::new(Why::DecidedTrackGone, Vec::new()),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_code_and_a_sentence() {
        let mut codes: Vec<_> = Why::ALL.iter().map(|w| w.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Why::ALL.len());
        assert!(Why::ALL.iter().all(|w| w.sentence().ends_with('.')));
    }
}
