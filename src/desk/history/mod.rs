//! The journal for people: every entry as a row with a sentence, the money that it is about, and
//! the way to take it back.
//!
//! Invariants: every entry has a row; a row that cannot be taken back says why; amounts of
//! different currencies never add.

mod filter;
mod reversal;
mod sentence;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use filter::HistoryFilter;
pub use reversal::{Facts, Reversal, consequence};

use crate::desk::{Desk, LineId, LineSum};
use crate::export::{LogLine, write_log};
use crate::ident::Currency;
use crate::journal::{Change, JournalEvent};
use crate::money::AmountOverflow;
use crate::statement::item::Field;

/// What kind of thing an entry did, for people and for the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// One decision.
    Decision,
    /// Many decisions at once.
    Bulk,
    /// An entry was undone.
    Undo,
    /// An undone entry was taken again.
    Redo,
    /// A statement was taken.
    Import,
    /// A statement was removed.
    Removal,
    /// A catalog was imported.
    Catalog,
    /// One track was changed or added.
    Track,
    /// Contracts, rates or balances were changed.
    Terms,
    /// A period was closed.
    Close,
    /// Something that this version does not know.
    Other,
}

impl EntryKind {
    /// All kinds that the filter knows.
    pub const ALL: [Self; 11] = [
        Self::Decision,
        Self::Bulk,
        Self::Undo,
        Self::Redo,
        Self::Import,
        Self::Removal,
        Self::Catalog,
        Self::Track,
        Self::Terms,
        Self::Close,
        Self::Other,
    ];

    fn of(change: &Change) -> Self {
        match &change.event {
            Some(JournalEvent::Decided(all)) if all.len() > 1 => Self::Bulk,
            Some(JournalEvent::Decided(_)) => Self::Decision,
            Some(JournalEvent::TermsChanged(_)) => Self::Terms,
            Some(JournalEvent::PeriodClosed(_)) => Self::Close,
            Some(JournalEvent::Undone(_)) => Self::Undo,
            Some(JournalEvent::Redone(_)) => Self::Redo,
            Some(JournalEvent::StatementImported(_)) => Self::Import,
            Some(JournalEvent::StatementRemoved(_)) => Self::Removal,
            Some(JournalEvent::CatalogImported(_)) => Self::Catalog,
            Some(JournalEvent::TrackEdited(_)) => Self::Track,
            None => Self::Other,
        }
    }

    /// The word of the filter.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Bulk => "bulk",
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::Import => "import",
            Self::Removal => "removal",
            Self::Catalog => "catalog",
            Self::Track => "track",
            Self::Terms => "terms",
            Self::Close => "close",
            Self::Other => "other",
        }
    }
}

/// One entry of the journal, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRow {
    /// Number of the entry.
    pub seq: u64,
    /// When, in UTC.
    pub at: String,
    /// Who.
    pub who: String,
    /// What kind of thing it did.
    pub kind: EntryKind,
    /// What it did, in a sentence without a full stop.
    pub sentence: String,
    /// Titles of the items that it is about, as far as they are on the desk; the first few.
    pub titles: Vec<String>,
    /// How many titles there are.
    pub title_count: usize,
    /// Money of the lines that it is about, by currency.
    pub money: Vec<(Currency, LineSum)>,
    /// Why.
    pub note: String,
    /// Hash of the entry.
    pub hash: String,
    /// Whether it is undone now.
    pub is_undone: bool,
    /// How it is taken back.
    pub reversal: Reversal,
}

/// Titles that a row names; the others are counted.
const TITLES: usize = 5;

/// All entries as rows, oldest first. Gives up, with nothing, when `is_stale` says so.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn history_rows(
    desk: &Desk,
    history: &[Change],
    facts: &Facts,
    is_stale: &dyn Fn() -> bool,
) -> Result<Vec<HistoryRow>, AmountOverflow> {
    let mut before = sentence::EntriesBefore::default();
    let mut rows = Vec::with_capacity(history.len());
    for change in history {
        if is_stale() {
            return Ok(Vec::new());
        }
        let lines = lines_of(desk, history, change);
        let titles = titles_of(desk, &lines);
        rows.push(HistoryRow {
            seq: change.entry.seq,
            at: change.entry.at.clone(),
            who: change.entry.who.clone(),
            kind: EntryKind::of(change),
            sentence: before.sentence(desk, history, change),
            title_count: titles.len(),
            titles: titles.into_iter().take(TITLES).collect(),
            money: money_of(desk, change, &lines)?,
            note: note_of(change),
            hash: change.entry.hash.clone(),
            is_undone: change.is_undone,
            reversal: facts.reversal(history, change),
        });
    }
    Ok(rows)
}

/// The entry of a number. Numbers count from 1 without gaps.
fn entry(history: &[Change], seq: u64) -> Option<&Change> {
    history
        .get(usize::try_from(seq.checked_sub(1)?).ok()?)
        .filter(|c| c.entry.seq == seq)
}

/// The entry whose decisions an entry is about: itself, or the one that it undoes or takes again.
fn subject<'a>(history: &'a [Change], change: &'a Change) -> &'a Change {
    match change.event {
        Some(JournalEvent::Undone(seq) | JournalEvent::Redone(seq)) => {
            entry(history, seq).unwrap_or(change)
        }
        _ => change,
    }
}

fn lines_of(desk: &Desk, history: &[Change], change: &Change) -> Vec<LineId> {
    desk.lines_of_all(
        subject(history, change)
            .decisions()
            .iter()
            .map(|d| &d.target),
    )
}

fn titles_of(desk: &Desk, lines: &[LineId]) -> BTreeSet<String> {
    lines
        .iter()
        .map(|line| title_of(desk, *line))
        .filter(|title| !title.is_empty())
        .collect()
}

fn title_of(desk: &Desk, line: LineId) -> String {
    let title = desk.field(line, Field::Title);
    match desk.field(line, Field::Artist) {
        "" => title.to_owned(),
        artist => format!("{title} – {artist}"),
    }
}

/// Sums of the lines, or of the statement that was taken, by currency.
fn money_of(
    desk: &Desk,
    change: &Change,
    lines: &[LineId],
) -> Result<Vec<(Currency, LineSum)>, AmountOverflow> {
    if let Some(JournalEvent::StatementImported(imported)) = &change.event {
        let statement = desk.statements().iter().find(|s| imported.key == s.key);
        let sums = statement.into_iter().flat_map(|s| &s.reported);
        return Ok(sums
            .map(|(currency, t)| {
                (
                    *currency,
                    LineSum {
                        rows: t.rows,
                        quantity: t.quantity,
                        amount: t.amount,
                    },
                )
            })
            .collect());
    }
    let mut sums: BTreeMap<Currency, LineSum> = BTreeMap::new();
    for &line in lines {
        sums.entry(desk.lines().currency(line))
            .or_default()
            .add(desk.lines().sum(line))?;
    }
    Ok(sums.into_iter().collect())
}

/// The note of the decisions; several notes stand one after another, each once.
fn note_of(change: &Change) -> String {
    if let Some(terms) = change.terms() {
        return terms.note.clone();
    }
    let mut notes: Vec<&str> = change
        .decisions()
        .iter()
        .map(|d| d.note.as_str())
        .filter(|n| !n.is_empty())
        .collect();
    notes.sort_unstable();
    notes.dedup();
    notes.join("; ")
}

/// Writes all entries of a journal as CSV: number, time, who, kind, what, note, whether it is
/// undone, hash.
///
/// # Errors
/// The error of the writer.
pub fn write_history(history: &[Change], out: &mut impl Write) -> io::Result<()> {
    let desk = Desk::default();
    // Entries are told in order: what one means depends on those before it.
    let mut before = sentence::EntriesBefore::default();
    write_log(
        out,
        history.iter().map(|change| LogLine {
            seq: change.entry.seq,
            at: change.entry.at.clone(),
            who: change.entry.who.clone(),
            kind: EntryKind::of(change).word(),
            what: before.sentence(&desk, history, change),
            note: note_of(change),
            is_undone: change.is_undone,
            hash: change.entry.hash.clone(),
        }),
    )
}

/// The time zone of the machine, as far as it can be found out; otherwise UTC.
#[derive(Debug, Clone)]
pub struct LocalTime(TimeZone);

impl LocalTime {
    /// The zone that `TZ` names, or that the system is set to.
    #[must_use]
    pub fn of_system() -> Self {
        let named = std::env::var("TZ")
            .ok()
            .map(|name| name.trim_start_matches(':').to_owned())
            .filter(|name| !name.is_empty());
        let file = match &named {
            Some(name) => Path::new("/usr/share/zoneinfo").join(name),
            None => "/etc/localtime".into(),
        };
        Self(
            zone_of_file(&file)
                .or_else(|| TimeZone::posix(&named?).ok())
                .unwrap_or(TimeZone::UTC),
        )
    }

    /// An entry's time as the clock on the wall showed it, to the second; the text itself when it
    /// is no time.
    #[must_use]
    pub fn show(&self, at: &str) -> String {
        let Ok(time) = at.parse::<Timestamp>() else {
            return at.to_owned();
        };
        self.0
            .to_datetime(time)
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string()
    }
}

/// The zone that a compiled file of the time zone database describes; `None` when it is no such
/// file.
fn zone_of_file(path: &Path) -> Option<TimeZone> {
    let data = std::fs::read(path).ok()?;
    TimeZone::tzif("local", &data).ok()
}
