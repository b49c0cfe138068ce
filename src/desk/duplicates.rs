//! ISRCs that several tracks of the catalog share: the money that hangs on each, what became of it, and rules that settle it once.
//!
//! A rule is a list of [`RuleClause`]s; as decisions they are one entry of the journal. Of the clauses that fit a report the narrowest holds.
//!
//! Invariant: setting a rule replaces the rule that was there, as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{self, Track, lookup_isrcs};
use crate::contents::{Contents, ReadError};
use crate::desk::{Desk, LineId, LineSum};
use crate::ident::{Currency, Isrc, SalePeriod, Upc, text_key};
use crate::matching::Status;
use crate::money::AmountOverflow;
use crate::review::{Action, Decision, Target};
use crate::statement::item::Field;

/// How an ISRC that several tracks share stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Some of its money waits for a person.
    Open,
    /// A person left it ambiguous on purpose.
    Left,
    /// Decisions say where its money goes.
    Settled,
    /// The cascade told the tracks apart in all reports.
    ToldApart,
    /// No statement reports it.
    NotReported,
}

impl State {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Left,
        Self::Settled,
        Self::ToldApart,
        Self::NotReported,
    ];

    /// Its words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Left => "left on purpose",
            Self::Settled => "settled by a person",
            Self::ToldApart => "told apart",
            Self::NotReported => "not reported",
        }
    }
}

/// One ISRC that several tracks share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The code.
    pub isrc: Isrc,
    /// How many tracks share it.
    pub tracks: u32,
    /// How it stands.
    pub state: State,
    /// Rows, units and money of all its lines, by currency.
    pub sums: Vec<(Currency, LineSum)>,
    /// One of its lines, for a title and an artist; `None` when it is not reported.
    pub line: Option<LineId>,
}

impl Duplicate {
    /// Its sum in a currency.
    #[must_use]
    pub fn sum(&self, currency: Currency) -> LineSum {
        self.sums
            .iter()
            .find(|(c, _)| *c == currency)
            .map(|(_, sum)| *sum)
            .unwrap_or_default()
    }

    /// Rows in all currencies.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.sums.iter().map(|(_, sum)| sum.rows).sum()
    }
}

/// Puts the money of all statements to the shared ISRCs, in their order; `None` when `is_stale` said that nobody waits for it.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn duplicates_of(
    desk: &Desk,
    shared: &[(Isrc, u32)],
    is_stale: &dyn Fn() -> bool,
) -> Result<Option<Vec<Duplicate>>, AmountOverflow> {
    let mut all = Vec::with_capacity(shared.len());
    for (index, &(isrc, tracks)) in shared.iter().enumerate() {
        if index.is_multiple_of(4096) && is_stale() {
            return Ok(None);
        }
        let (mut sums, mut line): (BTreeMap<Currency, LineSum>, Option<LineId>) =
            (BTreeMap::new(), None);
        for each in desk.lines().of_isrc(isrc) {
            line.get_or_insert(each);
            sums.entry(desk.lines().currency(each))
                .or_default()
                .add(desk.lines().sum(each))?;
        }
        all.push(Duplicate {
            isrc,
            tracks,
            state: state_of(desk, isrc),
            sums: sums.into_iter().collect(),
            line,
        });
    }
    Ok(Some(all))
}

fn state_of(desk: &Desk, isrc: Isrc) -> State {
    let rules: Vec<&Action> = desk
        .decisions()
        .rules(isrc)
        .map(|(_, _, ruling)| &ruling.action)
        .collect();
    let is_left = |line: LineId| {
        desk.decisions()
            .of(&desk.subject(line))
            .is_some_and(|r| r.action == Action::Leave)
    };
    let mut any = false;
    let mut any_left = false;
    let mut any_decided = rules.iter().any(|a| **a != Action::Leave);
    for line in desk.lines().of_isrc(isrc) {
        any = true;
        any_decided |= desk.decided(line).is_some();
        match desk.status(line) {
            Status::Ambiguous | Status::Unmatched if is_left(line) => any_left = true,
            Status::Ambiguous | Status::Unmatched => return State::Open,
            _ => {}
        }
    }
    match (
        any_left || (!any_decided && !rules.is_empty()),
        any_decided,
        any,
    ) {
        (true, ..) => State::Left,
        (_, true, _) => State::Settled,
        (_, _, true) => State::ToldApart,
        _ => State::NotReported,
    }
}

/// Which shared ISRCs are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Only those that stand so.
    pub state: Option<State>,
    /// Only those that begin so, or whose title or artist, as reported, has this.
    pub text: String,
}

/// In which order shared ISRCs are shown. What is equal stands in the order of the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Most money in a currency first, then most money in any other.
    Money(Currency),
    /// Most rows first.
    Rows,
    /// Most tracks first.
    Tracks,
    /// By the code.
    Isrc,
    /// In the order of [`State::ALL`].
    State,
}

/// The places of the duplicates that fit, in order.
#[must_use]
pub fn listed(
    desk: &Desk,
    all: &[Duplicate],
    filter: &ListFilter,
    sort: SortBy,
    is_reversed: bool,
) -> Vec<u32> {
    let code: String = filter
        .text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let words = text_key(&filter.text);
    let fits = |d: &Duplicate| {
        let is_named = || {
            d.isrc.to_string().starts_with(&code)
                || d.line.is_some_and(|line: LineId| {
                    [Field::Title, Field::Artist]
                        .into_iter()
                        .any(|f| text_key(desk.field(line, f)).contains(&words))
                })
        };
        filter.state.is_none_or(|s| s == d.state) && (words.is_empty() || is_named())
    };
    let mut places: Vec<u32> = (0u32..)
        .zip(all)
        .filter(|(_, d)| fits(d))
        .map(|(index, _)| index)
        .collect();
    // Large first is what people look for, so that is how they are sorted by themselves.
    let large_first = |d: &Duplicate| {
        let most_of = |is_wanted: &dyn Fn(Currency) -> bool| {
            d.sums
                .iter()
                .filter(|(c, _)| is_wanted(*c))
                .map(|(_, sum)| sum.amount.magnitude().units())
                .max()
                .unwrap_or_default()
        };
        match sort {
            SortBy::Money(currency) => (most_of(&|c| c == currency), most_of(&|c| c != currency)),
            SortBy::Rows => (u128::from(d.rows()), 0),
            SortBy::Tracks => (u128::from(d.tracks), 0),
            SortBy::Isrc | SortBy::State => (0, 0),
        }
    };
    places.sort_by_cached_key(|index| {
        let d = &all[*index as usize];
        let state = if sort == SortBy::State {
            d.state as u8
        } else {
            0
        };
        (std::cmp::Reverse(large_first(d)), state, d.isrc)
    });
    if is_reversed {
        places.reverse();
    }
    places
}

/// The currencies of the duplicates, that with most rows first.
#[must_use]
pub fn currencies_of(all: &[Duplicate]) -> Vec<Currency> {
    let mut rows: BTreeMap<Currency, u64> = BTreeMap::new();
    for (currency, sum) in all.iter().flat_map(|d| &d.sums) {
        *rows.entry(*currency).or_default() += sum.rows;
    }
    let mut currencies: Vec<(u64, Currency)> = rows
        .into_iter()
        .map(|(currency, rows)| (rows, currency))
        .collect();
    currencies.sort_by_key(|(rows, currency)| (std::cmp::Reverse(*rows), *currency));
    currencies
        .into_iter()
        .map(|(_, currency)| currency)
        .collect()
}

/// Everything about one ISRC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuplicateDetail {
    /// Its tracks, sorted by id.
    pub tracks: Vec<Track>,
    /// Field by field, what each track has.
    pub fields: Vec<SharedField>,
    /// What was reported with it, most money first.
    pub reports: Vec<Report>,
    /// The rule that holds, the narrowest clause first.
    pub rule: Vec<RuleClause>,
    /// Release codes that are reported with it, sorted.
    pub upcs: Vec<Upc>,
    /// DSPs that report it, sorted.
    pub dsps: Vec<String>,
}

/// One field of tracks that share an ISRC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedField {
    /// The field's name for people.
    pub name: &'static str,
    /// What each track has, in the order of the tracks.
    pub values: Vec<String>,
    /// Whether not all are equal in normal form: what can tell the tracks apart.
    pub differs: bool,
}

/// What one DSP reported with an ISRC in one period and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The line on the desk.
    pub line: LineId,
    /// The DSP.
    pub dsp: String,
    /// The release code as written.
    pub upc: String,
    /// Title and version as written.
    pub title: String,
    /// When it was used.
    pub period: SalePeriod,
    /// The currency of the sum.
    pub currency: Currency,
    /// Rows, units and money.
    pub sum: LineSum,
    /// What became of it.
    pub status: Status,
    /// Its track, those it is split over, or its candidates.
    pub tracks: Vec<String>,
}

/// Collects everything about an ISRC.
///
/// # Errors
/// [`ReadError`] when the catalog cannot be read or a sum leaves the exact range.
pub fn duplicate_detail(
    contents: &Contents,
    desk: &Desk,
    isrc: Isrc,
) -> Result<DuplicateDetail, ReadError> {
    let hits = lookup_isrcs(contents.workspace(), &[isrc])?;
    let mut ids: Vec<String> = hits
        .of(0)
        .iter()
        .map(|hit| hits.id(*hit).to_owned())
        .collect();
    ids.sort_unstable();
    let tracks: Vec<Track> = catalog::tracks(contents.workspace(), &ids)?
        .into_iter()
        .flatten()
        .collect();
    let mut reports = Vec::new();
    let mut upcs = BTreeSet::new();
    let mut dsps = BTreeSet::new();
    for line in desk.lines().of_isrc(isrc) {
        upcs.extend(desk.upc(line));
        dsps.insert(desk.lines().dsp(line).to_owned());
        reports_of(desk, line, &mut reports)?;
    }
    reports.sort_by(|a: &Report, b: &Report| {
        b.sum
            .amount
            .magnitude()
            .cmp(&a.sum.amount.magnitude())
            .then_with(|| (a.line, a.period).cmp(&(b.line, b.period)))
    });
    let rule = clauses_of(desk, isrc);
    Ok(DuplicateDetail {
        fields: shared_fields(&tracks),
        tracks,
        reports,
        rule,
        upcs: upcs.into_iter().collect(),
        dsps: dsps.into_iter().collect(),
    })
}

fn reports_of(desk: &Desk, line: LineId, reports: &mut Vec<Report>) -> Result<(), AmountOverflow> {
    let title = [Field::Title, Field::Version]
        .map(|f| desk.field(line, f))
        .into_iter()
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(" – ");
    for (period, sum) in desk.evidence(line)?.periods {
        reports.push(Report {
            line,
            dsp: desk.lines().dsp(line).to_owned(),
            upc: desk.field(line, Field::Upc).to_owned(),
            title: title.clone(),
            period,
            currency: desk.lines().currency(line),
            sum,
            status: desk.status(line),
            tracks: desk
                .track_ids(line)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        });
    }
    Ok(())
}

/// The fields of tracks side by side; those that no track has are left out.
#[must_use]
pub fn shared_fields(tracks: &[Track]) -> Vec<SharedField> {
    let shown: Vec<[(&'static str, String); 11]> = tracks.iter().map(Track::shown_fields).collect();
    // The ISRC, which comes first, is what they share.
    (1..11)
        .filter_map(|index| {
            let name = shown.first()?[index].0;
            let values: Vec<String> = shown.iter().map(|fields| fields[index].1.clone()).collect();
            let keys: BTreeSet<String> = values.iter().map(|v| text_key(v)).collect();
            values.iter().any(|v| !v.is_empty()).then_some(SharedField {
                name,
                values,
                differs: keys.len() > 1,
            })
        })
        .collect()
}

/// One clause of a rule: reports of a DSP with a release code go to a track.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleClause {
    /// Only reports of this DSP.
    pub dsp: Option<String>,
    /// Only reports with this release code.
    pub upc: Option<Upc>,
    /// The track; without one the reports are left as the cascade leaves them.
    pub track: Option<String>,
}

impl RuleClause {
    /// Whether it holds for all reports that no narrower clause fits.
    #[must_use]
    pub fn is_rest(&self) -> bool {
        self.dsp.is_none() && self.upc.is_none()
    }

    /// Which reports it is about, for people.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.dsp, self.upc) {
            (None, None) => "the rest".into(),
            (Some(dsp), None) => format!("reports of {dsp}"),
            (None, Some(upc)) => format!("reports with UPC {upc}"),
            (Some(dsp), Some(upc)) => format!("reports of {dsp} with UPC {upc}"),
        }
    }
}

/// Why a list of clauses is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Nothing is said.
    #[error("choose a track for at least one clause")]
    Empty,
    /// Two clauses are about the same reports.
    #[error("two clauses are about {0}; keep one of them")]
    Twice(String),
}

/// The clauses of the rule that holds for an ISRC, the narrowest first.
#[must_use]
pub fn clauses_of(desk: &Desk, isrc: Isrc) -> Vec<RuleClause> {
    desk.decisions()
        .rules(isrc)
        .map(|(dsp, upc, ruling)| RuleClause {
            dsp: dsp.map(str::to_owned),
            upc,
            track: ruling.action.tracks().next().map(str::to_owned),
        })
        .collect()
}

/// The decisions that put a rule in place of the one that holds.
///
/// # Errors
/// [`RuleError`] when the clauses are no rule.
pub fn rule_decisions(
    desk: &Desk,
    isrc: Isrc,
    clauses: &[RuleClause],
    note: &str,
) -> Result<Vec<Decision>, RuleError> {
    if clauses.iter().all(|c| c.track.is_none()) {
        return Err(RuleError::Empty);
    }
    for (index, clause) in clauses.iter().enumerate() {
        if clauses[..index]
            .iter()
            .any(|c| (&c.dsp, c.upc) == (&clause.dsp, clause.upc))
        {
            return Err(RuleError::Twice(clause.words()));
        }
    }
    let mut decisions = clear_decisions(desk, isrc, note);
    decisions.extend(
        clauses
            .iter()
            .filter(|c| !(c.is_rest() && c.track.is_none()))
            .map(|clause| Decision {
                target: Target::Isrc {
                    isrc,
                    dsp: clause.dsp.clone(),
                    upc: clause.upc,
                },
                action: clause
                    .track
                    .clone()
                    .map_or(Action::Leave, |track| Action::Assign { track }),
                note: note.to_owned(),
            }),
    );
    Ok(decisions)
}

/// The decisions that leave an ISRC as the cascade leaves it, on purpose.
#[must_use]
pub fn leave_decisions(desk: &Desk, isrc: Isrc, note: &str) -> Vec<Decision> {
    let leave = Decision {
        target: Target::Isrc {
            isrc,
            dsp: None,
            upc: None,
        },
        action: Action::Leave,
        note: note.to_owned(),
    };
    clear_decisions(desk, isrc, note)
        .into_iter()
        .chain([leave])
        .collect()
}

/// The decisions that take the rule of an ISRC away; none when it has none.
#[must_use]
pub fn clear_decisions(desk: &Desk, isrc: Isrc, note: &str) -> Vec<Decision> {
    let clear = Decision {
        target: Target::Isrc {
            isrc,
            dsp: None,
            upc: None,
        },
        action: Action::Clear,
        note: note.to_owned(),
    };
    desk.decisions()
        .rules(isrc)
        .next()
        .map(|_| clear)
        .into_iter()
        .collect()
}

/// A rule that fits what was reported, to begin with: each release code that is of exactly one track goes there.
#[must_use]
pub fn proposed_clauses(detail: &DuplicateDetail) -> Vec<RuleClause> {
    let owner = |upc: Upc| {
        let mut with = detail.tracks.iter().filter(|t| t.upcs.contains(&upc));
        with.next().filter(|_| with.next().is_none())
    };
    detail
        .upcs
        .iter()
        .filter_map(|upc| {
            owner(*upc).map(|track| RuleClause {
                dsp: None,
                upc: Some(*upc),
                track: Some(track.id.clone()),
            })
        })
        .chain([RuleClause::default()])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(id: &str, title: &str, upc: &str) -> Track {
        Track {
            id: id.into(),
            title: title.into(),
            upcs: vec![Upc::parse(upc).unwrap()],
            ..Track::default()
        }
    }

    #[test]
    fn only_what_differs_in_normal_form_is_marked() {
        let fields = shared_fields(&[
            track("A", "Café", "085365572676"),
            track("B", "CAFE", "085365572683"),
        ]);
        let marked: Vec<(&str, bool)> = fields.iter().map(|f| (f.name, f.differs)).collect();
        assert_eq!(marked, [("UPC", true), ("Title", false)]);
    }

    #[test]
    fn a_rule_needs_a_track_and_distinct_clauses() {
        let (desk, isrc) = (Desk::default(), Isrc::parse("USX123000001").unwrap());
        let clause = |dsp: Option<&str>, track: Option<&str>| RuleClause {
            dsp: dsp.map(str::to_owned),
            upc: None,
            track: track.map(str::to_owned),
        };
        let rule =
            |clauses: &[RuleClause]| rule_decisions(&desk, isrc, clauses, "").map(|d| d.len());
        assert_eq!(rule(&[clause(None, None)]), Err(RuleError::Empty));
        assert_eq!(
            rule(&[clause(None, Some("A")), clause(None, Some("B"))]),
            Err(RuleError::Twice("the rest".into()))
        );
        assert_eq!(
            rule(&[clause(Some("YouTube"), Some("A")), clause(None, None)]),
            Ok(1)
        );
        assert_eq!(
            rule(&[clause(Some("YouTube"), None), clause(None, Some("A"))]),
            Ok(2)
        );
    }

    #[test]
    fn release_codes_of_one_track_are_proposed() {
        let detail = DuplicateDetail {
            tracks: vec![
                track("A", "a", "085365572676"),
                track("B", "b", "085365572683"),
            ],
            upcs: vec![
                Upc::parse("085365572676").unwrap(),
                Upc::parse("12345678").unwrap(),
            ],
            ..DuplicateDetail::default()
        };
        let clauses = proposed_clauses(&detail);
        assert_eq!(clauses.len(), 2);
        assert_eq!(clauses[0].track.as_deref(), Some("A"));
        assert!(clauses[1].is_rest());
    }
}
