//! What is on a release: the tracks that lines of the whole release are spread over.
//!
//! They come from `[[release]]` records of contract files, or from whoever knows a catalog ([`Releases::add`]). A record stands for what a
//! catalog says of the same release.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::money::Amount;
use crate::terms::input::{Fault, Record, amount_of, releases_of, toml_map, toml_text};
use crate::terms::language::Key;

/// A track of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTrack {
    /// The label's id of the track, as cells have it.
    pub id: String,
    /// Its label; empty when it is that of the lines.
    pub label: String,
    /// Its weight beside the other tracks, above zero: its duration, for one. Any unit will do that is the same for all of them.
    pub weight: Option<Amount>,
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    tracks: Vec<ReleaseTrack>,
}

/// Releases by their codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Releases {
    by_code: BTreeMap<String, Release>,
}

/// Why a release cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReleaseError {
    /// It has no tracks.
    #[error("a release without tracks")]
    NoTracks,
    /// A track has no id.
    #[error("a track without an id")]
    NoId,
    /// A track stands there twice.
    #[error("track {0:?} stands there twice")]
    Twice(String),
    /// A weight is zero or below.
    #[error("the weight of track {0:?} is {1}, and a weight is above zero")]
    Weight(String, Amount),
    /// Some tracks have weights, and some have none.
    #[error("track {0:?} has no weight, and others have")]
    Unweighted(String),
}

impl Release {
    fn new(mut tracks: Vec<ReleaseTrack>) -> Result<Self, ReleaseError> {
        tracks.sort_by(|a, b| a.id.cmp(&b.id));
        let has_weights = tracks
            .first()
            .ok_or(ReleaseError::NoTracks)?
            .weight
            .is_some();
        for track in &tracks {
            match track.weight {
                _ if track.id.is_empty() => return Err(ReleaseError::NoId),
                Some(weight) if weight <= Amount::ZERO => {
                    return Err(ReleaseError::Weight(track.id.clone(), weight));
                }
                weight if weight.is_some() != has_weights => {
                    let bare = tracks
                        .iter()
                        .find(|t| t.weight.is_none())
                        .map(|t| t.id.clone());
                    return Err(ReleaseError::Unweighted(bare.unwrap_or_default()));
                }
                _ => {}
            }
        }
        match tracks.windows(2).find(|pair| pair[0].id == pair[1].id) {
            Some(pair) => Err(ReleaseError::Twice(pair[0].id.clone())),
            None => Ok(Self { tracks }),
        }
    }

    /// Its tracks, sorted by id; at least one.
    #[must_use]
    pub fn tracks(&self) -> &[ReleaseTrack] {
        &self.tracks
    }

    /// The label of all its tracks; empty when they have several.
    #[must_use]
    pub fn label(&self) -> &str {
        let first = self.tracks[0].label.as_str();
        if self.tracks.iter().all(|t| t.label == first) {
            first
        } else {
            ""
        }
    }
}

impl Releases {
    /// Adds a release, or says anew what is on it. The code is compared as a UPC of 14 digits where it is one.
    ///
    /// # Errors
    /// [`ReleaseError`]; nothing is added then.
    pub fn add(&mut self, code: &str, tracks: Vec<ReleaseTrack>) -> Result<(), ReleaseError> {
        self.by_code
            .insert(releases_of(code), Release::new(tracks)?);
        Ok(())
    }

    /// The release of a code as cells have it.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&Release> {
        self.by_code.get(code)
    }

    /// Takes out the releases of which this is not true.
    pub fn retain(&mut self, mut wanted: impl FnMut(&str) -> bool) {
        self.by_code.retain(|code, _| wanted(code));
    }

    /// All, by code.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Release)> {
        self.by_code
            .iter()
            .map(|(code, release)| (code.as_str(), release))
    }

    /// As `[[release]]` records of a contracts file, which read back as the same releases.
    #[must_use]
    pub fn to_toml(&self) -> String {
        self.iter()
            .map(|(code, release)| record_text(code, release))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Takes a `[[release]]` record.
    pub(super) fn take(&mut self, mut record: Record) -> Result<(), Fault> {
        let place = record.place.clone();
        let tracks_place = record.place_of(Key::Tracks);
        let labels_place = record.place_of(Key::TrackLabels);
        let code = releases_of(&record.needed(Key::Name)?);
        let label = record.text(Key::Label)?.unwrap_or_default();
        let mut labels: BTreeMap<String, String> =
            record.map(Key::TrackLabels)?.into_iter().collect();
        let weight = |text: String| {
            amount_of(&text).map_err(|p| {
                Fault::new(
                    &tracks_place,
                    "tracks",
                    p,
                    "write weights as { \"T1\" = 183.5 }",
                )
            })
        };
        let mut tracks = Vec::new();
        for (id, value) in record.names(Key::Tracks)? {
            let label = labels.remove(&id).unwrap_or_else(|| label.clone());
            tracks.push(ReleaseTrack {
                id,
                label,
                weight: value.map(weight).transpose()?,
            });
        }
        record.end()?;
        if let Some(other) = labels.into_keys().next() {
            return Err(Fault::new(
                &labels_place,
                "track_labels",
                format!("{other:?} is not a track of the release"),
                "correct the id, or add the track",
            ));
        }
        let release = Release::new(tracks)
            .map_err(|e| Fault::new(&tracks_place, "tracks", e.to_string(), remedy(&e)))?;
        match self.by_code.insert(code.clone(), release) {
            None => Ok(()),
            Some(_) => Err(Fault::new(
                &place,
                "name",
                format!("{code:?} is there already"),
                "say once what is on a release",
            )),
        }
    }
}

fn remedy(error: &ReleaseError) -> &'static str {
    match error {
        ReleaseError::NoTracks | ReleaseError::NoId => {
            "write tracks = [\"T1\", \"T2\"], or with weights { \"T1\" = 183, \"T2\" = 240 }"
        }
        ReleaseError::Twice(_) => "write each track once",
        ReleaseError::Weight(..) => {
            "write a weight above zero, such as the seconds that the track lasts, or take the track out"
        }
        ReleaseError::Unweighted(_) => "write a weight for every track, or for none",
    }
}

fn record_text(code: &str, release: &Release) -> String {
    let mut text = format!("[[release]]\nname = {}\n", toml_text(code));
    let label = release.label();
    if label.is_empty() {
        let labels = release
            .tracks
            .iter()
            .filter(|t| !t.label.is_empty())
            .map(|t| format!("{} = {}", toml_text(&t.id), toml_text(&t.label)));
        let labels: Vec<String> = labels.collect();
        if !labels.is_empty() {
            text.push_str(&format!("track_labels = {{ {} }}\n", labels.join(", ")));
        }
    } else {
        text.push_str(&format!("label = {}\n", toml_text(label)));
    }
    let weights: Option<Vec<(String, String)>> = release
        .tracks
        .iter()
        .map(|t| Some((t.id.clone(), t.weight?.to_string())))
        .collect();
    match weights {
        Some(weights) => text.push_str(&format!("tracks = {}\n", toml_map(&weights))),
        None => {
            let ids: Vec<String> = release.tracks.iter().map(|t| toml_text(&t.id)).collect();
            text.push_str(&format!("tracks = [{}]\n", ids.join(", ")));
        }
    }
    text
}
