//! A track as a person types it into a track of the catalog, with what is wrong with it in sentences.

use super::columns::{dsp_namespaces, parse_duration};
use super::{Track, duration_text};
use crate::ident::{Isrc, Upc, UpcError, is_not_given};

/// A track as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrackDraft {
    /// The label's own id.
    pub id: String,
    /// ISRC.
    pub isrc: String,
    /// Release codes, with semicolons between them.
    pub upcs: String,
    /// Title.
    pub title: String,
    /// Version.
    pub version: String,
    /// Artist.
    pub artist: String,
    /// Label.
    pub label: String,
    /// Duration: `3:35`, `215` or `PT3M35S`.
    pub duration: String,
    /// Title of the release.
    pub release_title: String,
    /// Catalog number.
    pub catalog_number: String,
    /// Who is paid.
    pub payee: String,
    /// Ids of DSPs, each behind the DSP's name: `youtube A123; apple 456`.
    pub dsp_ids: String,
}

/// Something about a draft that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field's name for people.
    pub field: &'static str,
    /// What is wrong and what to do about it.
    pub text: String,
    /// Whether the track cannot be saved with it.
    pub is_error: bool,
}

fn problem(field: &'static str, text: impl Into<String>, is_error: bool) -> Problem {
    Problem {
        field,
        text: text.into(),
        is_error,
    }
}

impl From<&Track> for TrackDraft {
    fn from(track: &Track) -> Self {
        let list = |parts: Vec<String>| parts.join("; ");
        Self {
            id: track.id.clone(),
            isrc: track.isrc.map(|i| i.to_string()).unwrap_or_default(),
            upcs: list(track.upcs.iter().map(Upc::to_string).collect()),
            title: track.title.clone(),
            version: track.version.clone(),
            artist: track.artist.clone(),
            label: track.label.clone(),
            duration: track.duration_ms.map(duration_text).unwrap_or_default(),
            release_title: track.release_title.clone(),
            catalog_number: track.catalog_number.clone(),
            payee: track.payee.clone(),
            dsp_ids: list(
                track
                    .dsp_ids
                    .iter()
                    .map(|(namespace, id)| format!("{namespace} {id}"))
                    .collect(),
            ),
        }
    }
}

impl TrackDraft {
    /// The track, with what a person should know about it; no track when something is wrong with it.
    #[must_use]
    pub fn check(&self) -> (Option<Track>, Vec<Problem>) {
        let mut problems = Vec::new();
        let text = |field: &str| field.trim().to_owned();
        let track = Track {
            id: self.checked_id(&mut problems),
            isrc: self.checked_isrc(&mut problems),
            upcs: self.checked_upcs(&mut problems),
            title: text(&self.title),
            version: text(&self.version),
            artist: text(&self.artist),
            label: text(&self.label),
            duration_ms: self.checked_duration(&mut problems),
            release_title: text(&self.release_title),
            catalog_number: text(&self.catalog_number),
            payee: text(&self.payee),
            dsp_ids: self.checked_dsp_ids(&mut problems),
        };
        if track.title.is_empty() {
            problems.push(problem(
                "Title",
                "Without a title only codes can lead to this track",
                false,
            ));
        }
        if track.payee.is_empty() {
            problems.push(problem(
                "Payee",
                "Without a payee its money is listed as nobody's",
                false,
            ));
        }
        if self.isrc.trim().is_empty() && track.upcs.is_empty() && track.dsp_ids.is_empty() {
            problems.push(problem(
                "ISRC",
                "Without any code no report can be matched to this track",
                false,
            ));
        }
        let is_sound = problems.iter().all(|p| !p.is_error);
        (is_sound.then_some(track), problems)
    }

    fn checked_id(&self, problems: &mut Vec<Problem>) -> String {
        let id = self.id.trim();
        if id.is_empty() {
            problems.push(problem(
                "Track id",
                "A track needs an id of the label's own",
                true,
            ));
        } else if id.contains([';', '\0']) {
            problems.push(problem(
                "Track id",
                "A track id cannot hold a semicolon",
                true,
            ));
        }
        id.to_owned()
    }

    fn checked_isrc(&self, problems: &mut Vec<Problem>) -> Option<Isrc> {
        if is_not_given(&self.isrc) {
            return None;
        }
        Isrc::parse(&self.isrc)
            .inspect_err(|error| {
                problems.push(problem(
                    "ISRC",
                    format!("“{}”: {error}", self.isrc.trim()),
                    true,
                ))
            })
            .ok()
    }

    fn checked_upcs(&self, problems: &mut Vec<Problem>) -> Vec<Upc> {
        let mut upcs = Vec::new();
        for part in self.upcs.split([';', ',', '|']).map(str::trim) {
            match Upc::parse(part) {
                Ok(upc) if upc.has_valid_check_digit() => upcs.push(upc),
                Ok(upc) => {
                    problems.push(problem("UPC", format!("The last digit of {part} is not its check digit; is there a digit wrong?"), false));
                    upcs.push(upc);
                }
                Err(UpcError::NotGiven) => {}
                Err(error) => problems.push(problem("UPC", format!("“{part}”: {error}"), true)),
            }
        }
        upcs.sort_unstable();
        upcs.dedup();
        upcs
    }

    fn checked_duration(&self, problems: &mut Vec<Problem>) -> Option<u64> {
        if is_not_given(&self.duration) {
            return None;
        }
        let duration = parse_duration(&self.duration);
        if duration.is_none() {
            problems.push(problem(
                "Duration",
                format!(
                    "“{}” is not a duration; write 3:35, 215 or PT3M35S",
                    self.duration.trim()
                ),
                true,
            ));
        }
        duration
    }

    fn checked_dsp_ids(&self, problems: &mut Vec<Problem>) -> Vec<(String, String)> {
        let known = dsp_namespaces();
        let mut ids = Vec::new();
        for part in self
            .dsp_ids
            .split(';')
            .map(str::trim)
            .filter(|p| !p.is_empty())
        {
            match part.split_once(char::is_whitespace) {
                Some((namespace, id))
                    if known.iter().any(|k| k.eq_ignore_ascii_case(namespace)) =>
                {
                    ids.push((namespace.to_ascii_lowercase(), id.trim().to_owned()));
                }
                _ => {
                    let text = format!(
                        "“{part}”: write the DSP and its id, as in “youtube A123”; the DSPs are {}",
                        known.join(", ")
                    );
                    problems.push(problem("DSP ids", text, true));
                }
            }
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_reads_back_from_its_draft() {
        let track = Track {
            id: "T1".into(),
            isrc: Isrc::parse("USX123000001").ok(),
            upcs: vec![Upc::parse("085365572676").unwrap()],
            title: "Song".into(),
            version: "Live".into(),
            artist: "Ada".into(),
            label: "L".into(),
            duration_ms: Some(215_250),
            release_title: "R".into(),
            catalog_number: "C-1".into(),
            payee: "P".into(),
            dsp_ids: vec![
                ("apple".into(), "1".into()),
                ("youtube".into(), "A 1".into()),
            ],
        };
        assert_eq!(TrackDraft::from(&track).check(), (Some(track), Vec::new()));
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn what_is_wrong_is_said_by_field() {
        let draft = TrackDraft {
            id: "T1".into(),
            title: "Song".into(),
            payee: "P".into(),
            isrc: "USX123000001".into(),
            ..TrackDraft::default()
        };
        assert_eq!(draft.check().1, []);
        let cases: [(TrackDraft, &str, bool); 8] = [
            (
                TrackDraft {
                    id: " ".into(),
                    ..draft.clone()
                },
                "Track id",
                true,
            ),
            (
                TrackDraft {
                    id: "a;b".into(),
                    ..draft.clone()
                },
                "Track id",
                true,
            ),
            (
                TrackDraft {
                    isrc: "USX12300000".into(),
                    ..draft.clone()
                },
                "ISRC",
                true,
            ),
            (
                TrackDraft {
                    upcs: "8.5E+11".into(),
                    ..draft.clone()
                },
                "UPC",
                true,
            ),
            (
                TrackDraft {
                    upcs: "085365572677".into(),
                    ..draft.clone()
                },
                "UPC",
                false,
            ),
            (
                TrackDraft {
                    duration: "long".into(),
                    ..draft.clone()
                },
                "Duration",
                true,
            ),
            (
                TrackDraft {
                    dsp_ids: "A123".into(),
                    ..draft.clone()
                },
                "DSP ids",
                true,
            ),
            (
                TrackDraft {
                    payee: String::new(),
                    ..draft
                },
                "Payee",
                false,
            ),
        ];
        for (draft, field, is_error) in cases {
            let (track, problems) = draft.check();
            assert_eq!(
                problems
                    .iter()
                    .map(|p| (p.field, p.is_error))
                    .collect::<Vec<_>>(),
                [(field, is_error)],
                "{draft:?}"
            );
            assert_eq!(track.is_none(), is_error);
        }
    }
}
