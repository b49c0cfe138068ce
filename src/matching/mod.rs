//! Items, catalog and decisions into outcomes: a fixed cascade in which every step leaves a reason that people can read.
//!
//! First a decision; then the ISRC, where several tracks are narrowed by UPC, title, duration and label; then the DSP's own id; then,
//! without ISRC, the UPC with the same title. An ISRC that is given but unknown is never overruled by UPC and title: those become candidates.

mod decided;

use std::collections::HashMap;

use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};
use rayon::slice::ParallelSliceMut;

use serde::{Deserialize, Serialize};

use crate::catalog::{self, Hit, Hits, Ids, TrackFacts};
use crate::ident::{Isrc, Upc, UpcError, is_not_given, text_key, title_key};
use crate::review::{Decisions, Origin};
use crate::statement::cube::Cube;
use crate::statement::item::Field;
use crate::workspace::{Workspace, WorkspaceError};

use decided::apply_decisions;
pub use decided::{DecidedPart, DecidedTracks, dsp_of, subject};

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
    pub const ALL: [Self; 6] = [
        Self::Matched,
        Self::Ambiguous,
        Self::Unmatched,
        Self::Ignored,
        Self::Held,
        Self::Quarantined,
    ];

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
    /// A person split it over several tracks.
    DecidedSplit,
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
    /// What stands for the ISRC is not one.
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
    /// What stands for the UPC is not one.
    UpcUnreadable,
    /// Nothing that identifies a track is given.
    NoIdentifier,
}

impl Why {
    /// All reasons.
    pub const ALL: [Self; 22] = [
        Self::DecidedTrack,
        Self::DecidedSplit,
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
            Self::DecidedSplit => "decided_split",
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
            Self::DecidedSplit => "A person split this item over several tracks.",
            Self::DecidedIgnore => "A person decided that this item is not the label's.",
            Self::DecidedHold => "A person decided that this item waits.",
            Self::DecidedTrackGone => {
                "A person assigned this item to a track that the catalog no longer has."
            }
            Self::Isrc => "One track of the catalog has this ISRC.",
            Self::IsrcUpc => {
                "Several tracks share the ISRC; one of them is on the release with this UPC."
            }
            Self::IsrcTitle => {
                "Several tracks share the ISRC; one of them has this title and version."
            }
            Self::IsrcDuration => "Several tracks share the ISRC; one of them has this duration.",
            Self::IsrcLabel => "Several tracks share the ISRC; one of them is of this label.",
            Self::IsrcShared => {
                "Several tracks share the ISRC, and neither UPC, title, duration nor label tells them apart."
            }
            Self::IsrcUnknown => {
                "No track of the catalog has this ISRC; tracks with the same UPC and title are candidates."
            }
            Self::IsrcUnreadable => "What stands in the ISRC column is no ISRC.",
            Self::DspId => "One track of the catalog has this id of the DSP.",
            Self::DspIdShared => "Several tracks of the catalog have this id of the DSP.",
            Self::UpcTitle => {
                "No ISRC is given; one track of the release with this UPC has the title."
            }
            Self::UpcTitleShared => {
                "No ISRC is given; several tracks of the release with this UPC have the title."
            }
            Self::UpcRelease => {
                "No ISRC is given and no track of the release has the title: an album line, to be spread by contract, or a track under another name."
            }
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
            | Self::DecidedSplit
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

/// The outcomes of all items of a cube.
#[derive(Debug, Default)]
pub struct Outcomes {
    whys: Vec<Why>,
    /// Which of `hits` belong to each item.
    spans: Vec<(u32, u32)>,
    hits: Vec<Hit>,
    ids: Ids,
    /// Shares of the tracks of items that are split.
    shares: HashMap<u32, Vec<u32>>,
}

impl Outcomes {
    /// Outcomes from what each item leads to, for measurements and tests: the reason, and track ids with the numbers of their payees.
    #[must_use]
    pub fn of_parts<'a>(items: impl Iterator<Item = (Why, Vec<(&'a str, u32)>)>) -> Self {
        let mut outcomes = Self::default();
        for (item, (why, tracks)) in items.enumerate() {
            let hits: Vec<Hit> = tracks
                .into_iter()
                .map(|(id, payee)| Hit {
                    track: outcomes.ids.push(id),
                    payee,
                })
                .collect();
            outcomes.whys.push(why);
            outcomes.spans.push((0, 0));
            outcomes.set(item, why, &hits);
        }
        outcomes
    }

    /// Why an item has its status.
    #[must_use]
    pub fn why(&self, item: usize) -> Why {
        self.whys[item]
    }

    /// The track of a matched item, or those that it is split over; otherwise candidates, sorted by id.
    #[must_use]
    pub fn tracks(&self, item: usize) -> &[Hit] {
        let (start, end) = self.spans[item];
        &self.hits[start as usize..end as usize]
    }

    /// The shares of the tracks of an item that is split.
    #[must_use]
    pub fn shares(&self, item: usize) -> Option<&[u32]> {
        if self.whys[item] == Why::DecidedSplit {
            self.shares.get(&(item as u32)).map(Vec::as_slice)
        } else {
            None
        }
    }

    /// Track and payee of a matched item; of an item that is split the first.
    #[must_use]
    pub fn matched(&self, item: usize) -> Option<Hit> {
        if self.whys[item].status() == Status::Matched {
            self.tracks(item).first().copied()
        } else {
            None
        }
    }

    /// The track's id of a hit.
    #[must_use]
    pub fn id(&self, hit: Hit) -> &str {
        self.ids.of(hit.track)
    }

    fn set(&mut self, item: usize, why: Why, hits: &[Hit]) {
        let start = self.hits.len() as u32;
        self.hits.extend_from_slice(hits);
        self.whys[item] = why;
        self.spans[item] = (start, self.hits.len() as u32);
    }
}

/// Candidates that are listed at most; a compilation's UPC can have hundreds of tracks.
const MAX_CANDIDATES: usize = 50;

/// What an item says of its ISRC, in comparable form.
#[derive(Clone, Copy)]
struct ReportedIsrc {
    isrc: Option<Isrc>,
    is_given: bool,
}

/// An item whose ISRC does not lead to exactly one track.
struct OpenItem {
    item: usize,
    wanted: ReportedIsrc,
    /// Place among the looked-up ISRCs.
    isrc: Option<usize>,
    upc: Result<Upc, UpcError>,
    dsp_id: Option<(String, String)>,
}

/// Distinct codes with the tracks that carry them.
struct FoundCodes {
    isrc_hits: Hits,
    upcs: Vec<Upc>,
    upc_hits: Hits,
    dsp_ids: Vec<(String, String)>,
    dsp_id_hits: Hits,
    facts: HashMap<String, TrackFacts>,
    ids: Ids,
}

/// Finds the outcome of every item of a cube. Each distinct code is looked up once, in key order.
///
/// # Errors
/// [`WorkspaceError`] when the catalog cannot be read.
pub fn match_items(
    workspace: &Workspace,
    cube: &Cube,
    origin: Origin<'_>,
    decisions: &Decisions,
) -> Result<Outcomes, WorkspaceError> {
    let wanted: Vec<ReportedIsrc> = (0..cube.items())
        .into_par_iter()
        .with_min_len(4096)
        .map(|item| ReportedIsrc::new(cube.field(item, Field::Isrc)))
        .collect();
    let (isrcs, places) = distinct(&wanted);
    let isrc_hits = catalog::lookup_isrcs(workspace, &isrcs)?;
    // Nearly all items are settled by their ISRC alone; the others are looked at one by one.
    let mut outcomes = Outcomes {
        whys: vec![Why::NoIdentifier; cube.items()],
        spans: vec![(0, 0); cube.items()],
        ..Outcomes::default()
    };
    let mut open = Vec::new();
    for (item, place) in places.into_iter().enumerate() {
        let place = (place != NOWHERE).then_some(place as usize);
        match place.map(|p| isrc_hits.of(p)) {
            Some(hits @ [_]) => outcomes.set(item, Why::Isrc, hits),
            _ => open.push(OpenItem::new(
                cube,
                item,
                wanted[item],
                place,
                origin.namespace,
            )),
        }
    }
    let found = FoundCodes::look_up(workspace, &open, isrc_hits)?;
    let settled: Vec<(Why, Vec<Hit>)> = open.par_iter().map(|o| found.settle(o, cube)).collect();
    for (open, (why, hits)) in open.iter().zip(settled) {
        outcomes.set(open.item, why, &hits);
    }
    outcomes.ids = found.ids;
    apply_decisions(workspace, cube, origin, decisions, &mut outcomes)?;
    Ok(outcomes)
}

/// Place of an item without an ISRC.
const NOWHERE: u32 = u32::MAX;

/// The distinct ISRCs in order, and for each item the place of its own among them.
fn distinct(wanted: &[ReportedIsrc]) -> (Vec<Isrc>, Vec<u32>) {
    let mut pairs: Vec<(Isrc, u32)> = wanted
        .iter()
        .zip(0..)
        .filter_map(|(w, item)| Some((w.isrc?, item)))
        .collect();
    pairs.par_sort_unstable();
    let mut isrcs: Vec<Isrc> = Vec::with_capacity(pairs.len());
    let mut places = vec![NOWHERE; wanted.len()];
    for (isrc, item) in pairs {
        if isrcs.last() != Some(&isrc) {
            isrcs.push(isrc);
        }
        places[item as usize] = isrcs.len() as u32 - 1;
    }
    (isrcs, places)
}

impl ReportedIsrc {
    fn new(text: &str) -> Self {
        let is_given = !is_not_given(text);
        Self {
            isrc: if is_given {
                Isrc::parse(text).ok()
            } else {
                None
            },
            is_given,
        }
    }
}

impl OpenItem {
    fn new(
        cube: &Cube,
        item: usize,
        wanted: ReportedIsrc,
        isrc: Option<usize>,
        namespace: &str,
    ) -> Self {
        let id = cube.field(item, Field::DspId);
        let dsp_id = (!namespace.is_empty() && !is_not_given(id))
            .then(|| (namespace.to_owned(), id.to_owned()));
        Self {
            item,
            wanted,
            isrc,
            upc: Upc::parse(cube.field(item, Field::Upc)),
            dsp_id,
        }
    }
}

impl FoundCodes {
    fn look_up(
        workspace: &Workspace,
        open: &[OpenItem],
        mut isrc_hits: Hits,
    ) -> Result<Self, WorkspaceError> {
        let without_track = open
            .iter()
            .filter(|o| o.isrc.is_none_or(|place| isrc_hits.of(place).is_empty()));
        let mut dsp_ids: Vec<(String, String)> =
            without_track.filter_map(|o| o.dsp_id.clone()).collect();
        dsp_ids.par_sort_unstable();
        dsp_ids.dedup();
        let mut upcs: Vec<Upc> = open.iter().filter_map(|o| o.upc.ok()).collect();
        upcs.par_sort_unstable();
        upcs.dedup();
        let mut upc_hits = catalog::lookup_upcs(workspace, &upcs)?;
        let mut dsp_id_hits = catalog::lookup_dsp_ids(workspace, &dsp_ids)?;
        let mut ids = Ids::default();
        // The ISRCs' hits come first, so that outcomes set before keep their numbers.
        for hits in [&mut isrc_hits, &mut upc_hits, &mut dsp_id_hits] {
            hits.give_ids(&mut ids);
        }
        let mut found = Self {
            isrc_hits,
            upcs,
            upc_hits,
            dsp_ids,
            dsp_id_hits,
            facts: HashMap::new(),
            ids,
        };
        found.facts = facts_of(
            workspace,
            open.par_iter()
                .flat_map_iter(|o| found.unread(o))
                .map(|hit| found.ids.of(hit.track))
                .collect(),
        )?;
        Ok(found)
    }

    fn by_isrc(&self, open: &OpenItem) -> &[Hit] {
        open.isrc.map_or(&[], |place| self.isrc_hits.of(place))
    }

    fn by_dsp_id(&self, open: &OpenItem) -> &[Hit] {
        let place = open
            .dsp_id
            .as_ref()
            .and_then(|id| self.dsp_ids.binary_search(id).ok());
        place.map_or(&[], |place| self.dsp_id_hits.of(place))
    }

    fn by_upc(&self, open: &OpenItem) -> &[Hit] {
        let place = open
            .upc
            .ok()
            .and_then(|upc| self.upcs.binary_search(&upc).ok());
        place.map_or(&[], |place| self.upc_hits.of(place))
    }

    /// Those of the tracks with an item's ISRC that are on the release with its UPC.
    fn on_release(&self, shared: &[Hit], open: &OpenItem) -> Vec<Hit> {
        let release = self.by_upc(open);
        shared
            .iter()
            .filter(|hit| {
                release
                    .iter()
                    .any(|other| self.ids.of(other.track) == self.ids.of(hit.track))
            })
            .copied()
            .collect()
    }

    /// Tracks whose facts are needed to settle an item: few items, since the indexes alone settle most.
    fn unread(&self, open: &OpenItem) -> Vec<Hit> {
        let shared = self.by_isrc(open);
        if shared.is_empty() {
            return if self.by_dsp_id(open).is_empty() {
                self.by_upc(open).to_vec()
            } else {
                Vec::new()
            };
        }
        match self.on_release(shared, open) {
            one if one.len() == 1 => Vec::new(),
            none if none.is_empty() => shared.to_vec(),
            several => several,
        }
    }

    fn facts(&self, hit: Hit) -> Option<&TrackFacts> {
        self.facts.get(self.ids.of(hit.track))
    }

    /// Steps 2 to 4 of the cascade for an item whose ISRC does not lead to exactly one track.
    fn settle(&self, open: &OpenItem, cube: &Cube) -> (Why, Vec<Hit>) {
        let shared = self.by_isrc(open);
        if !shared.is_empty() {
            return self.narrow(shared, open, cube);
        }
        match self.by_dsp_id(open) {
            [] => {}
            [one] => return (Why::DspId, vec![*one]),
            several => return (Why::DspIdShared, several.to_vec()),
        }
        let title = title_key(
            cube.field(open.item, Field::Title),
            cube.field(open.item, Field::Version),
        );
        let release = self.by_upc(open);
        let fitting: Vec<Hit> = release
            .iter()
            .filter(|hit| !title.is_empty() && self.facts(**hit).is_some_and(|f| f.title == title))
            .copied()
            .collect();
        if open.wanted.is_given {
            return (
                if open.wanted.isrc.is_some() {
                    Why::IsrcUnknown
                } else {
                    Why::IsrcUnreadable
                },
                fitting,
            );
        }
        match (open.upc, release.len(), fitting.len()) {
            (Err(UpcError::NotGiven), ..) => (Why::NoIdentifier, Vec::new()),
            (Err(error), ..) if error.is_damage() => (Why::UpcDamaged, Vec::new()),
            (Err(_), ..) => (Why::UpcUnreadable, Vec::new()),
            (Ok(_), 0, _) => (Why::UpcUnknown, Vec::new()),
            (Ok(_), _, 0) => (
                Why::UpcRelease,
                release.iter().take(MAX_CANDIDATES).copied().collect(),
            ),
            (Ok(_), _, 1) => (Why::UpcTitle, fitting),
            (Ok(_), ..) => (Why::UpcTitleShared, fitting),
        }
    }

    /// Several tracks share the ISRC: by UPC, then title, then duration, then label; a step that none fits is passed over.
    fn narrow(&self, shared: &[Hit], open: &OpenItem, cube: &Cube) -> (Why, Vec<Hit>) {
        let mut left = match self.on_release(shared, open) {
            one if one.len() == 1 => return (Why::IsrcUpc, one),
            none if none.is_empty() => shared.to_vec(),
            several => several,
        };
        let field = |f: Field| cube.field(open.item, f);
        let title = title_key(field(Field::Title), field(Field::Version));
        let label = text_key(field(Field::Label));
        let duration_ms = catalog::parse_duration(field(Field::Duration));
        type Fits<'a> = &'a dyn Fn(&TrackFacts) -> bool;
        let steps: [(Why, Fits<'_>); 3] = [
            (Why::IsrcTitle, &|f| !title.is_empty() && f.title == title),
            (Why::IsrcDuration, &|f| {
                duration_ms
                    .zip(f.duration_ms)
                    .is_some_and(|(a, b)| a.abs_diff(b) <= 2000)
            }),
            (Why::IsrcLabel, &|f| !label.is_empty() && f.label == label),
        ];
        for (why, fits) in steps {
            let fitting: Vec<Hit> = left
                .iter()
                .filter(|hit| self.facts(**hit).is_some_and(fits))
                .copied()
                .collect();
            match fitting.len() {
                0 => {}
                1 => return (why, fitting),
                _ => left = fitting,
            }
        }
        (Why::IsrcShared, left)
    }
}

fn facts_of(
    workspace: &Workspace,
    mut ids: Vec<&str>,
) -> Result<HashMap<String, TrackFacts>, WorkspaceError> {
    ids.par_sort_unstable();
    ids.dedup();
    let facts = catalog::track_facts(workspace, &ids)?;
    ids.into_iter()
        .zip(facts)
        .map(|(id, facts)| match facts {
            Some(facts) => Ok((id.to_owned(), facts)),
            None => Err(workspace.damaged(format!("track {id}, which the index names,"))),
        })
        .collect()
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
