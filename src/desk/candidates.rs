//! The tracks that a line could mean, each compared with the report field by field.
//!
//! Invariant: everything is compared in normal form, as the cascade does it, and shown as it was written.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    self, Track, TrackFacts, duration_text, lookup_dsp_ids, lookup_isrcs, lookup_upcs,
};
use crate::contents::{Contents, ReadError};
use crate::desk::{Desk, LineId};
use crate::ident::{Isrc, Upc, is_not_given, text_key, title_key};
use crate::statement::item::Field;

/// A track that a line could mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The track.
    pub track: Track,
    /// Why it is one: [`SHARES_ISRC`], [`SHARES_UPC_AND_TITLE`], [`HAS_DSP_ID`], [`DECIDED`] or [`ON_RELEASE`].
    pub why: Vec<&'static str>,
    /// The fields that the report or the catalog gives, in the order in which they are shown.
    pub comparison: Vec<FieldComparison>,
}

/// It has the ISRC that is reported.
pub const SHARES_ISRC: &str = "shares the ISRC";
/// It is on the release that is reported and has the title.
pub const SHARES_UPC_AND_TITLE: &str = "shares the UPC and the title";
/// It has the DSP's id that is reported.
pub const HAS_DSP_ID: &str = "has the DSP's id";
/// A decision that holds names it.
pub const DECIDED: &str = "decided before";
/// It is on the release that is reported.
pub const ON_RELEASE: &str = "is on the release";

/// One field as reported and as the catalog has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldComparison {
    /// The field's name for people.
    pub field: &'static str,
    /// As the DSP wrote it; empty when it did not.
    pub reported: String,
    /// As the catalog has it; empty when it does not.
    pub catalog: String,
    /// How they compare.
    pub verdict: FieldVerdict,
}

/// How a reported field compares with the catalog's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldVerdict {
    /// Equal in normal form.
    Agrees,
    /// Nearly: a duration within two seconds, a text that has all words of the other.
    Close,
    /// Not equal.
    Differs,
    /// The catalog does not say.
    OnlyReported,
    /// The report does not say.
    OnlyCatalog,
}

impl FieldVerdict {
    /// Its word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Close => "close",
            Self::Differs => "differs",
            Self::OnlyReported => "only reported",
            Self::OnlyCatalog => "only in the catalog",
        }
    }

    /// Its sign, which stands beside the color.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Agrees => "=",
            Self::Close => "≈",
            Self::Differs => "≠",
            Self::OnlyReported => "←",
            Self::OnlyCatalog => "→",
        }
    }
}

/// Durations this near are the same recording to the cascade.
const CLOSE_MS: u64 = 2000;

/// What a report says of an item.
struct Reported<'a> {
    fields: [&'a str; Field::ALL.len()],
    namespace: &'a str,
}

impl<'a> Reported<'a> {
    fn of(desk: &'a Desk, line: LineId) -> Self {
        let item = desk.lines().first(line);
        let statement = desk.statement(item);
        Self {
            fields: statement.cube.fields(item.item as usize),
            namespace: &statement.record.dsp_id_namespace,
        }
    }

    /// A field as written; empty when it says in words that there is no value.
    fn given(&self, field: Field) -> &'a str {
        let text = self.fields[field as usize].trim();
        if is_not_given(text) { "" } else { text }
    }

    fn isrc(&self) -> Option<Isrc> {
        Isrc::parse(self.given(Field::Isrc)).ok()
    }

    fn upc(&self) -> Option<Upc> {
        Upc::parse(self.given(Field::Upc)).ok()
    }

    fn title_key(&self) -> String {
        title_key(self.given(Field::Title), self.given(Field::Version))
    }
}

/// The tracks that a line could mean: those it has on the desk, those that share its ISRC, its UPC and title or its DSP's id, and those
/// that decisions name. Best first; which is best depends on the fields alone.
///
/// # Errors
/// [`ReadError`] when the catalog cannot be read.
pub fn candidates_for(
    contents: &Contents,
    desk: &Desk,
    line: LineId,
) -> Result<Vec<Candidate>, ReadError> {
    let reported = Reported::of(desk, line);
    let whys = gather(contents, desk, line, &reported)?;
    let ids: Vec<String> = whys.keys().cloned().collect();
    let tracks = catalog::tracks(contents.workspace(), &ids)?;
    let mut all: Vec<Candidate> = whys
        .into_values()
        .zip(tracks)
        .filter_map(|(why, track)| {
            let track = track?;
            let comparison = compare(&reported, &track);
            Some(Candidate {
                why: why.into_iter().collect(),
                comparison,
                track,
            })
        })
        .collect();
    all.sort_by(|a, b| {
        (std::cmp::Reverse(score(&a.comparison)), &a.track.id)
            .cmp(&(std::cmp::Reverse(score(&b.comparison)), &b.track.id))
    });
    Ok(all)
}

type Whys = BTreeMap<String, BTreeSet<&'static str>>;

fn gather(
    contents: &Contents,
    desk: &Desk,
    line: LineId,
    reported: &Reported<'_>,
) -> Result<Whys, ReadError> {
    let workspace = contents.workspace();
    let mut whys: Whys = BTreeMap::new();
    let mut add = |id: &str, why: &'static str| whys.entry(id.to_owned()).or_default().insert(why);
    if let Some(decided) = desk.decided(line) {
        decided
            .parts
            .iter()
            .for_each(|(id, _, _)| _ = add(id, DECIDED));
    }
    if let Some(isrc) = reported.isrc() {
        let hits = lookup_isrcs(workspace, &[isrc])?;
        hits.of(0)
            .iter()
            .for_each(|hit| _ = add(hits.id(*hit), SHARES_ISRC));
        desk.decisions()
            .rules(isrc)
            .flat_map(|(_, _, ruling)| ruling.action.tracks())
            .for_each(|id| _ = add(id, DECIDED));
    }
    let dsp_id = reported.given(Field::DspId);
    if !reported.namespace.is_empty() && !dsp_id.is_empty() {
        let hits = lookup_dsp_ids(
            workspace,
            &[(reported.namespace.to_owned(), dsp_id.to_owned())],
        )?;
        hits.of(0)
            .iter()
            .for_each(|hit| _ = add(hits.id(*hit), HAS_DSP_ID));
    }
    if let Some(upc) = reported.upc() {
        let hits = lookup_upcs(workspace, &[upc])?;
        let title = reported.title_key();
        let ids: Vec<String> = hits
            .of(0)
            .iter()
            .map(|hit| hits.id(*hit).to_owned())
            .collect();
        for (id, track) in ids.iter().zip(catalog::tracks(workspace, &ids)?) {
            if !title.is_empty() && track.is_some_and(|t| TrackFacts::from(&t).title == title) {
                add(id, SHARES_UPC_AND_TITLE);
            }
        }
    }
    for id in desk.track_ids(line) {
        let why = whys.entry(id.to_owned()).or_default();
        if why.is_empty() {
            why.insert(ON_RELEASE);
        }
    }
    Ok(whys)
}

fn named(
    field: &'static str,
    reported: String,
    catalog: String,
    verdict: FieldVerdict,
) -> FieldComparison {
    FieldComparison {
        field,
        reported,
        catalog,
        verdict,
    }
}

/// The verdict of two texts of which `both` is right when both are given; `None` when neither is.
fn verdict(reported: &str, catalog: &str, both: FieldVerdict) -> Option<FieldVerdict> {
    match (reported.is_empty(), catalog.is_empty()) {
        (true, true) => None,
        (false, true) => Some(FieldVerdict::OnlyReported),
        (true, false) => Some(FieldVerdict::OnlyCatalog),
        (false, false) => Some(both),
    }
}

/// Compares what was reported with a track, field by field. Fields that neither gives are left out.
fn compare(reported: &Reported<'_>, track: &Track) -> Vec<FieldComparison> {
    let codes = compare_codes(reported, track);
    let texts = compare_words(reported, track);
    let [isrc, upc, dsp_id] = codes;
    [isrc, upc]
        .into_iter()
        .chain(texts)
        .chain([dsp_id])
        .flatten()
        .collect()
}

/// ISRC, UPC and the DSP's id.
fn compare_codes(reported: &Reported<'_>, track: &Track) -> [Option<FieldComparison>; 3] {
    let isrc = track.isrc.map(|i| i.to_string()).unwrap_or_default();
    let dsp_ids: Vec<&str> = track
        .dsp_ids
        .iter()
        .filter(|(namespace, _)| namespace == reported.namespace)
        .map(|(_, id)| id.as_str())
        .collect();
    let dsp_id = reported.given(Field::DspId);
    let has_isrc = reported.isrc().is_some() && reported.isrc() == track.isrc;
    let has_upc = reported.upc().is_some_and(|upc| track.upcs.contains(&upc));
    [
        comparison("ISRC", reported.given(Field::Isrc), isrc, agrees(has_isrc)),
        comparison(
            "UPC",
            reported.given(Field::Upc),
            join(track.upcs.iter()),
            agrees(has_upc),
        ),
        comparison(
            "DSP id",
            dsp_id,
            join(dsp_ids.iter()),
            agrees(dsp_ids.contains(&dsp_id)),
        ),
    ]
}

/// Title, version, artist, label, release and duration.
fn compare_words(reported: &Reported<'_>, track: &Track) -> Vec<Option<FieldComparison>> {
    let name = reported.title_key();
    // Title and version may be cut elsewhere: only together they are the name.
    let has_same_name = !name.is_empty() && name == title_key(&track.title, &track.version);
    let duration = track.duration_ms.map(duration_text).unwrap_or_default();
    let mut all: Vec<Option<FieldComparison>> = [
        ("Title", Field::Title, &track.title, has_same_name),
        ("Version", Field::Version, &track.version, has_same_name),
        ("Artist", Field::Artist, &track.artist, false),
        ("Label", Field::Label, &track.label, false),
        ("Release", Field::Release, &track.release_title, false),
    ]
    .into_iter()
    .map(|(title, field, catalog, is_same)| {
        let given = reported.given(field);
        let verdict = if is_same {
            FieldVerdict::Agrees
        } else {
            compare_texts(given, catalog)
        };
        comparison(title, given, catalog.clone(), verdict)
    })
    .collect();
    let given = reported.given(Field::Duration);
    let verdict = compare_durations(given, track.duration_ms);
    all.push(comparison("Duration", given, duration, verdict));
    all
}

fn agrees(is_same: bool) -> FieldVerdict {
    if is_same {
        FieldVerdict::Agrees
    } else {
        FieldVerdict::Differs
    }
}

fn comparison(
    field: &'static str,
    reported: &str,
    catalog: String,
    both: FieldVerdict,
) -> Option<FieldComparison> {
    let verdict = verdict(reported, &catalog, both)?;
    Some(named(field, reported.to_owned(), catalog, verdict))
}

fn join(codes: impl Iterator<Item = impl std::fmt::Display>) -> String {
    codes.map(|c| c.to_string()).collect::<Vec<_>>().join("; ")
}

fn compare_texts(reported: &str, catalog: &str) -> FieldVerdict {
    let a = text_key(reported);
    let b = text_key(catalog);
    if a == b {
        return FieldVerdict::Agrees;
    }
    let words = |key: &str| {
        key.split(' ')
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect::<BTreeSet<String>>()
    };
    let a = words(&a);
    let b = words(&b);
    let is_part = !a.is_empty() && !b.is_empty() && (a.is_subset(&b) || b.is_subset(&a));
    if is_part {
        FieldVerdict::Close
    } else {
        FieldVerdict::Differs
    }
}

fn compare_durations(reported: &str, catalog_ms: Option<u64>) -> FieldVerdict {
    match catalog::parse_duration(reported)
        .zip(catalog_ms)
        .map(|(a, b)| a.abs_diff(b))
    {
        Some(0) => FieldVerdict::Agrees,
        Some(1..=CLOSE_MS) => FieldVerdict::Close,
        _ => FieldVerdict::Differs,
    }
}

/// How much speaks for a track: codes weigh most, then the name, then the rest.
fn score(comparison: &[FieldComparison]) -> i32 {
    let weight = |field: &str| match field {
        "ISRC" | "UPC" | "DSP id" => 8,
        "Title" => 6,
        "Version" | "Artist" => 4,
        _ => 2,
    };
    comparison
        .iter()
        .map(|c| match c.verdict {
            FieldVerdict::Agrees => 2 * weight(c.field),
            FieldVerdict::Close => weight(c.field),
            FieldVerdict::Differs => -weight(c.field),
            // A version that only one side names is another recording.
            FieldVerdict::OnlyReported | FieldVerdict::OnlyCatalog if c.field == "Version" => {
                -weight(c.field)
            }
            FieldVerdict::OnlyReported | FieldVerdict::OnlyCatalog => 0,
        })
        .sum()
}

/// A track compared with what a line reports.
#[must_use]
pub fn compare_line(desk: &Desk, line: LineId, track: &Track) -> Vec<FieldComparison> {
    compare(&Reported::of(desk, line), track)
}

/// How much speaks for a track: the more, the better it fits what a line reports.
#[must_use]
pub fn agreement(desk: &Desk, line: LineId, track: &Track) -> i32 {
    score(&compare_line(desk, line, track))
}

/// The reason of a line's status in one sentence with the facts: `The ISRC belongs to 3 tracks; the UPC is none of theirs; the title
/// fits 2.`
#[must_use]
pub fn sentence(desk: &Desk, line: LineId, candidates: &[Candidate]) -> String {
    let reported = Reported::of(desk, line);
    let with = |why: &str| {
        candidates
            .iter()
            .filter(|c| c.why.contains(&why))
            .collect::<Vec<_>>()
    };
    let shared = with(SHARES_ISRC);
    let mut facts = vec![isrc_fact(
        reported.given(Field::Isrc),
        reported.isrc().is_some(),
        shared.len(),
    )];
    if shared.is_empty() {
        let by_id = with(HAS_DSP_ID).len();
        let by_upc = with(SHARES_UPC_AND_TITLE).len();
        facts.extend((by_id > 0).then(|| format!("the DSP's id belongs to {}", tracks(by_id))));
        facts.push(if by_upc > 0 {
            format!("UPC and title fit {}", tracks(by_upc))
        } else {
            "no track has its UPC and title".into()
        });
    } else {
        for (name, field) in [("UPC", Field::Upc), ("title", Field::Title)] {
            facts.push(field_fact(name, reported.given(field), &shared));
        }
    }
    format!("{}.", facts.join("; "))
}

fn tracks(count: usize) -> String {
    if count == 1 {
        "1 track".into()
    } else {
        format!("{count} tracks")
    }
}

fn isrc_fact(given: &str, is_readable: bool, count: usize) -> String {
    match (given, is_readable, count) {
        ("", ..) => "No ISRC is given".into(),
        (_, false, _) => format!("“{given}” is not an ISRC"),
        (_, true, 0) => "No track has the ISRC".into(),
        (_, true, count) => format!("The ISRC belongs to {}", tracks(count)),
    }
}

fn field_fact(name: &str, given: &str, shared: &[&Candidate]) -> String {
    match (
        given,
        shared
            .iter()
            .filter(|c| {
                c.comparison.iter().any(|f| {
                    f.field.eq_ignore_ascii_case(name) && f.verdict == FieldVerdict::Agrees
                })
            })
            .count(),
        shared.len(),
    ) {
        ("", ..) => format!("no {name} is given"),
        (_, 0, 1) => format!("the {name} is not its"),
        (_, 0, _) => format!("the {name} is none of theirs"),
        (_, fitting, all) if fitting == all && all > 1 => format!("the {name} fits all of them"),
        (_, fitting, _) => format!("the {name} fits {fitting}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(fields: &[(Field, &str)], track: &Track) -> Vec<(&'static str, FieldVerdict)> {
        let mut all = [""; Field::ALL.len()];
        fields
            .iter()
            .for_each(|(field, text)| all[*field as usize] = text);
        let compared = compare(
            &Reported {
                fields: all,
                namespace: "youtube",
            },
            track,
        );
        compared.into_iter().map(|c| (c.field, c.verdict)).collect()
    }

    #[test]
    fn fields_are_compared_in_normal_form() {
        let track = Track {
            isrc: Isrc::parse("USX123000001").ok(),
            upcs: vec![Upc::parse("085365572676").unwrap()],
            title: "Café".into(),
            version: "Live".into(),
            artist: "Björk".into(),
            label: "One Little Indian".into(),
            duration_ms: Some(200_000),
            dsp_ids: vec![("youtube".into(), "A1".into())],
            ..Track::default()
        };
        let cases: [(&[(Field, &str)], &[(&str, FieldVerdict)]); 4] = [
            (
                &[(Field::Isrc, "us-x12-30-00001")],
                &[("ISRC", FieldVerdict::Agrees)],
            ),
            (
                &[(Field::Title, "Cafe (live)"), (Field::Artist, "BJORK")],
                &[
                    ("Title", FieldVerdict::Agrees),
                    ("Artist", FieldVerdict::Agrees),
                ],
            ),
            (
                &[(Field::Duration, "3:21"), (Field::Label, "Indian")],
                &[
                    ("Duration", FieldVerdict::Close),
                    ("Label", FieldVerdict::Close),
                ],
            ),
            (
                &[(Field::DspId, "A2"), (Field::Release, "R")],
                &[
                    ("DSP id", FieldVerdict::Differs),
                    ("Release", FieldVerdict::OnlyReported),
                ],
            ),
        ];
        for (fields, want) in cases {
            let got = comparison(fields, &track);
            assert!(want.iter().all(|w| got.contains(w)), "{fields:?}: {got:?}");
        }
        assert!(
            comparison(&[], &track)
                .iter()
                .all(|(_, v)| *v == FieldVerdict::OnlyCatalog)
        );
    }
}
