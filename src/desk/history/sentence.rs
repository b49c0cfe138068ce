//! What an entry did, in a sentence.

use std::collections::{BTreeMap, HashSet};

use super::entry;
use crate::catalog::Track;
use crate::contents::Accepted;
use crate::desk::Desk;
use crate::journal::{Change, JournalEvent, StatementImported, TrackEdited};
use crate::review::{Action, Decision, Target, TermsChange};
use crate::statement::item::Field;

/// What entries before have done: the same kind of entry means different things after different
/// ones.
#[derive(Debug, Default)]
pub(super) struct EntriesBefore {
    /// Keys of statements that are in the workspace.
    present: HashSet<String>,
    /// Keys of statements that were in it.
    seen: HashSet<String>,
    /// Pieces of the terms that were there, by kind and name.
    terms: HashSet<(String, String)>,
}

fn keys_of(change: &TermsChange) -> Vec<(&str, &str)> {
    change
        .set
        .iter()
        .map(|t| (t.kind.as_str(), t.name.as_str()))
        .collect()
}

fn removed_of(change: &TermsChange) -> Vec<(&str, &str)> {
    change
        .removed
        .iter()
        .map(|(kind, name)| (kind.as_str(), name.as_str()))
        .collect()
}

impl EntriesBefore {
    /// The sentence of an entry; entries must come in order.
    pub(super) fn sentence(&mut self, desk: &Desk, history: &[Change], change: &Change) -> String {
        match &change.event {
            Some(JournalEvent::Decided(decisions)) => decided(desk, decisions),
            Some(JournalEvent::TermsChanged(change)) => self.terms(change),
            Some(JournalEvent::PeriodClosed(closed)) => format!("Closed {}", closed.period),
            Some(JournalEvent::Undone(seq)) => {
                format!("Undid entry {seq}{}", of_entry(desk, history, *seq))
            }
            Some(JournalEvent::Redone(seq)) => {
                format!("Took entry {seq} again{}", of_entry(desk, history, *seq))
            }
            Some(JournalEvent::StatementImported(imported)) => self.imported(imported),
            Some(JournalEvent::StatementRemoved(removed)) => {
                self.present.remove(&removed.key);
                let name = removed.name.as_deref().unwrap_or("without a name");
                format!("Removed the statement {name}")
            }
            Some(JournalEvent::CatalogImported(imported)) => format!(
                "Imported a catalog; it has {} since",
                counted(imported.tracks, "track")
            ),
            Some(JournalEvent::TrackEdited(edited)) => track_edited(edited),
            None => format!(
                "Did something that this version does not know ({})",
                change.entry.kind
            ),
        }
    }

    fn terms(&mut self, change: &TermsChange) -> String {
        let (known, new): (Vec<_>, Vec<_>) =
            keys_of(change).into_iter().partition(|(kind, name)| {
                self.terms
                    .contains(&((*kind).to_owned(), (*name).to_owned()))
            });
        let sentence = terms([
            ("added", new),
            ("changed", known),
            ("removed", removed_of(change)),
        ]);
        self.terms.extend(
            keys_of(change)
                .into_iter()
                .map(|(kind, name)| (kind.to_owned(), name.to_owned())),
        );
        change.removed.iter().for_each(|key| {
            self.terms.remove(key);
        });
        sentence
    }

    fn imported(&mut self, imported: &StatementImported) -> String {
        let facts = imported.facts();
        let name = facts.name;
        if let Some(old) = &imported.replaces {
            self.present.remove(old);
        }
        let was_present = !self.present.insert(imported.key.clone());
        let was_seen = !self.seen.insert(imported.key.clone());
        let rows = counted(facts.records, "row");
        let layout = facts.layout_name;
        if imported.replaces.is_some() {
            let accepted = accepted(imported);
            format!("Read {name} anew in place of an earlier reading: {rows}, {layout}{accepted}")
        } else if was_present {
            // The same reading of the same text, from another path.
            format!("Noted where the file {name} is now")
        } else if was_seen {
            format!("Put the statement {name} back: {rows}")
        } else {
            format!("Imported {name}: {rows}, {layout}{}", accepted(imported))
        }
    }
}

/// What a person took on purpose, to follow what was imported.
fn accepted(imported: &StatementImported) -> String {
    let accepted: Accepted = imported
        .accepted
        .clone()
        .and_then(|data| serde_json::from_value(data).ok())
        .unwrap_or_default();
    accepted
        .sentences()
        .iter()
        .map(|sentence| format!("; {sentence}"))
        .collect()
}

/// The sentence of an entry that another one names, to follow its number.
fn of_entry(desk: &Desk, history: &[Change], seq: u64) -> String {
    let sentence = match entry(history, seq).and_then(|c| c.event.as_ref()) {
        Some(JournalEvent::Decided(decisions)) => decided(desk, decisions),
        Some(JournalEvent::TermsChanged(change)) => terms([
            ("set", keys_of(change)),
            ("removed", removed_of(change)),
            ("", Vec::new()),
        ]),
        _ => return String::new(),
    };
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| format!(": {}{}", first.to_lowercase(), letters.as_str()))
        .unwrap_or_default()
}

/// Names that a sentence lists; of more it says how many.
const MOST_NAMES: usize = 3;

/// What was done to pieces of the terms.
fn terms(verbs_and_pieces: [(&str, Vec<(&str, &str)>); 3]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (verb, pieces) in verbs_and_pieces {
        let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        pieces
            .into_iter()
            .for_each(|(kind, name)| by_kind.entry(kind).or_default().push(name));
        let whats: Vec<String> = by_kind
            .into_iter()
            .map(|(kind, names)| pieces_of(kind, &names))
            .collect();
        if !whats.is_empty() {
            parts.push(format!("{verb} {}", whats.join(", ")));
        }
    }
    let sentence = parts.join("; ");
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| format!("{}{}", first.to_uppercase(), letters.as_str()))
        .unwrap_or_default()
}

fn pieces_of(kind: &str, names: &[&str]) -> String {
    let is_file = kind.ends_with('s');
    match names.len() {
        many if many > MOST_NAMES && is_file => format!("{many} files of {kind}"),
        many if many > MOST_NAMES => {
            counted(many as u64, if kind == "tax" { "taxe" } else { kind })
        }
        _ => format!("{kind} {}", names.join(", ")),
    }
}

fn decided(desk: &Desk, decisions: &[Decision]) -> String {
    match decisions {
        [one] => one_decision(desk, one),
        many => {
            let mut verbs: BTreeMap<&str, usize> = BTreeMap::new();
            many.iter()
                .for_each(|d| *verbs.entry(verb(&d.action)).or_default() += 1);
            let parts: Vec<String> = verbs
                .iter()
                .map(|(verb, count)| format!("{count} {verb}"))
                .collect();
            format!(
                "Took {} decisions at once: {}",
                many.len(),
                parts.join(", ")
            )
        }
    }
}

fn verb(action: &Action) -> &'static str {
    match action {
        Action::Assign { .. } => "assigned",
        Action::Split { .. } => "split",
        Action::Ignore => "ignored",
        Action::Hold => "held",
        Action::Leave => "left",
        Action::Clear => "cleared",
    }
}

fn one_decision(desk: &Desk, decision: &Decision) -> String {
    let what = target(desk, &decision.target);
    match &decision.action {
        Action::Assign { track } => format!("Assigned {what} to {track}"),
        Action::Split { parts } => {
            let parts: Vec<String> = parts
                .iter()
                .map(|p| format!("{} {}", p.share, p.track))
                .collect();
            format!("Split {what} over {}", parts.join(" : "))
        }
        Action::Ignore => format!("Ignored {what}"),
        Action::Hold => format!("Put {what} on hold"),
        Action::Leave => format!("Left {what} as matching leaves it"),
        Action::Clear => format!("Cleared what was decided about {what}"),
    }
}

fn target(desk: &Desk, target: &Target) -> String {
    let lines = desk.lines_of(target);
    let (what, dsp) = match target {
        Target::Item { item, dsp } => {
            let title = lines
                .first()
                .map(|line| desk.field(*line, Field::Title))
                .filter(|t| !t.is_empty());
            (
                title.map_or_else(|| format!("item {item}"), |t| format!("“{t}”")),
                dsp,
            )
        }
        Target::Isrc { isrc, dsp, upc } => {
            let codes: HashSet<_> = lines.iter().map(|line| desk.lines().code(*line)).collect();
            let items = if lines.is_empty() {
                "all items".into()
            } else {
                counted(codes.len() as u64, "item")
            };
            let upc = upc.map(|upc| format!(" and UPC {upc}")).unwrap_or_default();
            (format!("{items} with ISRC {isrc}{upc}"), dsp)
        }
    };
    match dsp {
        Some(dsp) => format!("{what} at {dsp}"),
        None => format!("{what} at all DSPs"),
    }
}

/// A number, in groups of three digits, with its noun.
pub(super) fn counted(number: u64, noun: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{text} {noun}s")
    }
}

fn track_edited(edited: &TrackEdited) -> String {
    let after = &edited.after;
    match &edited.before {
        None => format!("Added the track {}: {}", after.id, after.title),
        Some(before) => format!(
            "Changed the track {}: {}",
            after.id,
            differences(before, after).join(", ")
        ),
    }
}

/// What differs between two tracks, field by field.
pub(super) fn differences(before: &Track, after: &Track) -> Vec<String> {
    fields_of(before)
        .into_iter()
        .zip(fields_of(after))
        .filter(|(old, new)| old != new)
        .map(|((name, old), (_, new))| format!("{name} from “{old}” to “{new}”"))
        .collect()
}

/// The fields of a track with their names, as people read them; empty texts for what it does not
/// have.
fn fields_of(track: &Track) -> Vec<(&'static str, String)> {
    vec![
        (
            "ISRC",
            track.isrc.map(|i| i.to_string()).unwrap_or_default(),
        ),
        (
            "UPC",
            track
                .upcs
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        ),
        ("title", track.title.clone()),
        ("version", track.version.clone()),
        ("artist", track.artist.clone()),
        ("label", track.label.clone()),
        (
            "duration",
            track
                .duration_ms
                .map(|ms| format!("{ms} ms"))
                .unwrap_or_default(),
        ),
        ("release", track.release_title.clone()),
        ("catalog number", track.catalog_number.clone()),
        ("payee", track.payee.clone()),
        (
            "DSP ids",
            track
                .dsp_ids
                .iter()
                .map(|(namespace, id)| format!("{namespace} {id}"))
                .collect::<Vec<_>>()
                .join("; "),
        ),
    ]
}
