//! What contracts cover: their conditions as tables of what the cells hold, and contracts by works.

use std::collections::BTreeMap;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::ident::Day;
use crate::money::Ratio;
use crate::settlement::cells::{Cells, Dim, Work};
use crate::settlement::suspense::SuspenseReason;
use crate::terms::ContractNumber;
use crate::terms::contracts::{Book, Condition, Contract, MidPeriod};

/// A condition as tables of what the cells hold, so that a cell is tested without comparing texts.
pub(crate) struct ScopeTest {
    territories: Option<Vec<bool>>,
    usages: Option<Vec<bool>>,
    dsps: Option<Vec<bool>>,
    periods: Option<Vec<bool>>,
}

impl ScopeTest {
    /// A sieve of a clause: it holds for a sale period whose first day lies in its dates.
    pub(crate) fn of(condition: &Condition, cells: &Cells) -> Self {
        let mut sieve = Self::without_dates(condition, cells);
        if condition.from.is_some() || condition.to.is_some() {
            let holds = cells
                .periods
                .iter()
                .map(|p| p.days().is_some_and(|(first, _)| condition.holds_on(first)));
            sieve.periods = Some(holds.collect());
        }
        sieve
    }

    fn without_dates(condition: &Condition, cells: &Cells) -> Self {
        let named = |list: &[String], values: &[String], lower: bool| {
            (!list.is_empty()).then(|| {
                values
                    .iter()
                    .map(|value| {
                        if lower {
                            list.contains(&value.to_lowercase())
                        } else {
                            list.contains(value)
                        }
                    })
                    .collect::<Vec<bool>>()
            })
        };
        let mut territories = named(&condition.territories, &cells.territories, false);
        if !condition.not_territories.is_empty() {
            let table = territories.get_or_insert_with(|| vec![true; cells.territories.len()]);
            for (holds, territory) in table.iter_mut().zip(&cells.territories) {
                *holds &= !condition.not_territories.contains(territory);
            }
        }
        let usages = named(&condition.usages, &cells.usages, false);
        let dsps = named(&condition.dsps, &cells.dsps, true);
        Self {
            territories,
            usages,
            dsps,
            periods: None,
        }
    }

    pub(crate) fn holds(&self, dim: &Dim) -> bool {
        let test =
            |table: &Option<Vec<bool>>, at: u32| table.as_ref().is_none_or(|t| t[at as usize]);
        test(&self.territories, dim.territory)
            && test(&self.usages, dim.usage)
            && test(&self.dsps, dim.dsp)
            && test(&self.periods, dim.period)
    }
}

/// How much of a sale period a contract covers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    None,
    Whole,
    Part,
}

/// What a contract covers, but for works.
pub(super) struct SaleScope {
    sieve: ScopeTest,
    coverage: Option<Vec<Coverage>>,
}

impl SaleScope {
    pub(super) fn of(contract: &Contract, cells: &Cells) -> Self {
        let condition = &contract.condition;
        let has_dates = condition.from.is_some() || condition.to.is_some();
        let coverage = has_dates.then(|| {
            let coverage = cells.periods.iter().map(|period| match period.days() {
                None => Coverage::Part,
                Some((first, last)) => match covered_days(condition, first, last) {
                    None => Coverage::None,
                    Some(days) if days == (first, last) => Coverage::Whole,
                    Some(_) => Coverage::Part,
                },
            });
            coverage.collect()
        });
        Self {
            sieve: ScopeTest::without_dates(condition, cells),
            coverage,
        }
    }

    pub(super) fn coverage(&self, dim: &Dim) -> Coverage {
        if !self.sieve.holds(dim) {
            return Coverage::None;
        }
        self.coverage
            .as_ref()
            .map_or(Coverage::Whole, |c| c[dim.period as usize])
    }
}

fn covered_days(condition: &Condition, first: Day, last: Day) -> Option<(Day, Day)> {
    let days = (
        condition.from.map_or(first, |f| f.max(first)),
        condition.to.map_or(last, |t| t.min(last)),
    );
    (days.0 <= days.1).then_some(days)
}

/// Why a line that contracts cover cannot be theirs: on some day their participations exceed the whole, or the period is covered in part.
pub(super) fn conflict(
    book: &Book,
    covering: &[ContractNumber],
    period: Option<(Day, Day)>,
) -> Option<SuspenseReason> {
    let contracts = || covering.iter().map(|c| &book.contracts[*c]);
    let days = |contract: &Contract| {
        period.and_then(|(first, last)| covered_days(&contract.condition, first, last))
    };
    let starts: Vec<Option<Day>> = contracts().map(|c| days(c).map(|d| d.0)).collect();
    for start in starts {
        let total = contracts()
            .filter(|contract| match (start, days(contract)) {
                (Some(start), Some((first, last))) => first <= start && start <= last,
                _ => true,
            })
            .try_fold(Ratio::ZERO, |sum, c| sum.plus(c.participation));
        if total.is_none_or(|t| t > Ratio::ONE) {
            return Some(SuspenseReason::Overlap);
        }
    }
    let is_part = |contract: &Contract| match period {
        Some((first, last)) => {
            covered_days(&contract.condition, first, last) != Some((first, last))
        }
        None => contract.condition.from.is_some() || contract.condition.to.is_some(),
    };
    contracts()
        .any(|contract| {
            is_part(contract) && (contract.mid_period == MidPeriod::Wait || period.is_none())
        })
        .then_some(SuspenseReason::MidPeriod)
}

pub(super) fn covered_ratio(condition: &Condition, first: Day, last: Day) -> Ratio {
    let length = |days: (Day, Day)| i64::from(days.1.number() - days.0.number()) + 1;
    let covered = covered_days(condition, first, last).map_or(0, length);
    Ratio::new(covered, length((first, last))).expect("a period has a day")
}

/// The lines of a work: they stand together.
pub(super) fn lines_of(cells: &Cells, work: u32) -> Range<usize> {
    let start = cells.lines.partition_point(|l| l.work < work);
    start..start + cells.lines[start..].partition_point(|l| l.work == work)
}

/// Contracts by the works that they cover.
#[derive(Default)]
pub(super) struct WorkIndex<'a> {
    tracks: HashMap<&'a str, Vec<ContractNumber>, FixedState>,
    releases: HashMap<&'a str, Vec<ContractNumber>, FixedState>,
    labels: BTreeMap<&'a str, Vec<ContractNumber>>,
    all: Vec<ContractNumber>,
}

impl<'a> WorkIndex<'a> {
    pub(super) fn of(contracts: impl Iterator<Item = (ContractNumber, &'a Contract)>) -> Self {
        let mut index = Self::default();
        for (number, contract) in contracts {
            for track in &contract.tracks {
                index.tracks.entry(track).or_default().push(number);
            }
            for release in &contract.releases {
                index.releases.entry(release).or_default().push(number);
            }
            for label in &contract.labels {
                index.labels.entry(label).or_default().push(number);
            }
            if contract.covers_all {
                index.all.push(number);
            }
        }
        index
    }

    /// The contracts that cover a work, whatever their conditions, sorted.
    pub(super) fn candidates(&self, work: &Work, found: &mut Vec<ContractNumber>) {
        found.clear();
        if work.waits().is_some() {
            return;
        }
        found.extend(&self.all);
        found.extend(self.tracks.get(work.track.as_str()).into_iter().flatten());
        for release in work
            .release
            .split(';')
            .map(str::trim)
            .filter(|r| !r.is_empty())
        {
            found.extend(self.releases.get(release).into_iter().flatten());
        }
        if !work.label.is_empty() && !self.labels.is_empty() {
            found.extend(
                self.labels
                    .get(work.label.to_lowercase().as_str())
                    .into_iter()
                    .flatten(),
            );
        }
        found.sort_unstable();
        found.dedup();
    }
}
