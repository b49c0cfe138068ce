//! Album lines: money of a release as a whole. The contracts say whether one of them takes such a line as it is, or by what rule it is
//! spread over the tracks of the release.
//!
//! It is the rule of the contracts that cover the release as such; where none does, the one that all contracts of its tracks name. Each
//! part is a sale of its track from then on.
//!
//! Invariant: no rule is implied. Where none is named, or several are, the line waits.
//!
//! Invariant: the parts of a line sum to it, money and units, to the last digit ([`crate::money::spread`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::money::{Amount, AmountOverflow};
use crate::settlement::cells::{Cells, Work};
use crate::settlement::scope::{WorkIndex, lines_of};
use crate::settlement::suspense::SuspenseReason;
use crate::terms::ContractNumber;
use crate::terms::contracts::{AlbumLines, Book};
use crate::terms::releases::{Release, Releases};

/// What a part of an album line is of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlbumPart {
    /// The track that the part is a sale of.
    pub track: String,
    /// By which rule.
    pub rule: AlbumLines,
    /// What the track counts for.
    pub weight: Amount,
    /// What all tracks count for.
    pub total: Amount,
}

impl AlbumPart {
    /// The arithmetic: `1 of 12 tracks`.
    #[must_use]
    pub fn words(&self) -> String {
        let what = match self.rule {
            AlbumLines::Equal => "tracks",
            AlbumLines::Units => "units",
            _ => "by weight",
        };
        format!("{} of {} {what}", self.weight, self.total)
    }
}

/// Net units of tracks, over all cells of the settlement.
pub(super) type Units = HashMap<String, Amount, FixedState>;

/// What is on releases: what contract files say, and then a catalog.
#[derive(Clone, Copy)]
pub(super) struct KnownReleases<'a> {
    pub written: &'a Releases,
    pub catalog: &'a Releases,
}

impl<'a> KnownReleases<'a> {
    fn find(self, work: &Work) -> Option<&'a Release> {
        self.written
            .find(&work.release)
            .or_else(|| self.catalog.find(&work.release))
    }

    /// The works that decide about an album line: the release with its label, then each of its tracks.
    pub(super) fn works(self, work: &Work) -> (Work, Vec<Work>) {
        let release = self.find(work);
        let label = |label: &str| {
            if label.is_empty() {
                work.label.clone()
            } else {
                label.to_owned()
            }
        };
        let whole = match release {
            Some(release) if work.label.is_empty() => Work {
                label: release.label().to_owned(),
                ..work.clone()
            },
            _ => work.clone(),
        };
        let tracks = release.into_iter().flat_map(Release::tracks);
        (
            whole,
            tracks
                .map(|t| Work {
                    track: t.id.clone(),
                    release: work.release.clone(),
                    label: label(&t.label),
                })
                .collect(),
        )
    }
}

/// Whether lines of a work are album lines.
pub(super) fn is_album(work: &Work) -> bool {
    work.track.is_empty() && !work.release.is_empty()
}

/// Net units of the tracks of all releases that have album lines.
pub(super) fn units(cells: &Cells, shelf: KnownReleases<'_>) -> Result<Units, AmountOverflow> {
    let mut units = Units::default();
    let releases = cells
        .works
        .iter()
        .filter(|w| is_album(w))
        .filter_map(|w| shelf.find(w));
    units.extend(
        releases
            .flat_map(Release::tracks)
            .map(|t| (t.id.clone(), Amount::ZERO)),
    );
    for (number, work) in (0u32..).zip(&cells.works) {
        if let Some(sum) = units.get_mut(&work.track) {
            for line in &cells.lines[lines_of(cells, number)] {
                *sum = sum.plus(line.quantity)?;
            }
        }
    }
    Ok(units)
}

/// What becomes of an album line.
pub(super) enum AlbumRule {
    /// The contracts that cover the release take it as it is.
    Whole,
    /// It waits, because of what these contracts say.
    Waits(SuspenseReason, Vec<ContractNumber>),
    /// It is spread.
    Spread(Arc<Spreading>),
}

/// The parts of the lines of a release by one rule, with what each track counts for.
pub(super) struct Spreading {
    /// Places of the tracks on the release.
    pub tracks: Vec<usize>,
    /// What each is of a line.
    pub parts: Vec<Arc<AlbumPart>>,
    /// Its weights.
    pub weights: Vec<Amount>,
}

/// A release that has album lines, with the contracts that cover it and its tracks, whatever their conditions.
pub(super) struct Album<'a> {
    release: Option<&'a Release>,
    /// Contracts that cover the release as such.
    pub whole: Vec<ContractNumber>,
    /// Contracts of each track.
    pub tracks: Vec<Vec<ContractNumber>>,
    spreadings: BTreeMap<AlbumLines, Option<Arc<Spreading>>>,
}

impl<'a> Album<'a> {
    pub(super) fn of(work: &Work, shelf: KnownReleases<'a>, index: &WorkIndex<'_>) -> Self {
        let candidates = |work: &Work| {
            let mut found = Vec::new();
            index.candidates(work, &mut found);
            found
        };
        let (whole, tracks) = shelf.works(work);
        let whole = candidates(&whole);
        let tracks = tracks.iter().map(candidates).collect();
        Self {
            release: shelf.find(work),
            whole,
            tracks,
            spreadings: BTreeMap::new(),
        }
    }

    /// Decides about a line that these contracts cover.
    pub(super) fn decide(
        &mut self,
        book: &Book,
        units: &Units,
        covers: impl Fn(ContractNumber) -> bool,
    ) -> Result<AlbumRule, AmountOverflow> {
        let mut asked: Vec<ContractNumber> =
            self.whole.iter().copied().filter(|c| covers(*c)).collect();
        let is_covered = !asked.is_empty();
        if !is_covered {
            asked.extend(self.tracks.iter().flatten().filter(|c| covers(**c)));
            asked.sort_unstable();
            asked.dedup();
        }
        let rule = |number: &ContractNumber| match book.contracts[*number].album_lines {
            None if is_covered => AlbumLines::Whole,
            // A contract of tracks has no line to take.
            None | Some(AlbumLines::Whole) if !is_covered => AlbumLines::Wait,
            Some(rule) => rule,
            None => AlbumLines::Wait,
        };
        let Some(first) = asked.first().map(rule) else {
            return Ok(AlbumRule::Waits(SuspenseReason::NoContract, asked));
        };
        if asked.iter().any(|number| rule(number) != first) {
            return Ok(AlbumRule::Waits(SuspenseReason::AlbumRules, asked));
        }
        let missing = match first {
            AlbumLines::Whole => return Ok(AlbumRule::Whole),
            AlbumLines::Wait => SuspenseReason::AlbumLine,
            _ if self.release.is_none() => SuspenseReason::NoTracks,
            AlbumLines::Weights => SuspenseReason::NoWeights,
            AlbumLines::Equal | AlbumLines::Units => SuspenseReason::NoUnits,
        };
        Ok(match self.spreading(first, units)? {
            Some(spreading) => AlbumRule::Spread(spreading),
            None => AlbumRule::Waits(missing, asked),
        })
    }

    fn spreading(
        &mut self,
        rule: AlbumLines,
        units: &Units,
    ) -> Result<Option<Arc<Spreading>>, AmountOverflow> {
        if let Some(known) = self.spreadings.get(&rule) {
            return Ok(known.clone());
        }
        let found = match self.release {
            Some(release) => spreading(release, rule, units)?.map(Arc::new),
            None => None,
        };
        self.spreadings.insert(rule, found.clone());
        Ok(found)
    }
}

/// `None` where the rule gives no proportion.
fn spreading(
    release: &Release,
    rule: AlbumLines,
    units: &Units,
) -> Result<Option<Spreading>, AmountOverflow> {
    let one = Amount::from_integer(1);
    let weight = |track: &crate::terms::ReleaseTrack| match rule {
        AlbumLines::Equal => one,
        AlbumLines::Weights => track.weight.unwrap_or_default(),
        // Returns are netted; a track with more returns than sales counts for nothing.
        AlbumLines::Units => units
            .get(&track.id)
            .copied()
            .unwrap_or_default()
            .max(Amount::ZERO),
        AlbumLines::Wait | AlbumLines::Whole => Amount::ZERO,
    };
    let weighted: Vec<(usize, Amount)> = release
        .tracks()
        .iter()
        .map(weight)
        .enumerate()
        .filter(|(_, w)| !w.is_zero())
        .collect();
    let weights: Vec<Amount> = weighted.iter().map(|(_, weight)| *weight).collect();
    let total = Amount::sum(weights.iter().copied())?;
    let parts = weighted
        .iter()
        .map(|(index, weight)| {
            Arc::new(AlbumPart {
                track: release.tracks()[*index].id.clone(),
                rule,
                weight: *weight,
                total,
            })
        })
        .collect();
    Ok((!total.is_zero()).then(|| Spreading {
        tracks: weighted.iter().map(|(index, _)| *index).collect(),
        parts,
        weights,
    }))
}
