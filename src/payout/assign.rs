//! Which contract gets which cell. A cell that no contract covers, that several cover, or that one covers only in part, waits: nothing is
//! resolved in silence.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use super::cells::{Cells, Dim, Line};
use super::contracts::{Book, Condition, Contract, MidPeriod};
use super::ledger::Why;
use crate::ident::Day;
use crate::money::{Amount, AmountOverflow, Ratio, divide};

/// A condition as tables of what the cells hold, so that a cell is tested without comparing texts.
pub(super) struct Sieve {
    territories: Option<Vec<bool>>,
    usages: Option<Vec<bool>>,
    dsps: Option<Vec<bool>>,
    periods: Option<Vec<bool>>,
}

impl Sieve {
    /// A sieve of a clause: it holds for a sale period whose first day lies in its dates.
    pub(super) fn of(condition: &Condition, cells: &Cells) -> Self {
        let mut sieve = Self::without_dates(condition, cells);
        if condition.from.is_some() || condition.to.is_some() {
            let holds = cells.periods.iter().map(|p| p.days().is_some_and(|(first, _)| condition.holds_on(first)));
            sieve.periods = Some(holds.collect());
        }
        sieve
    }

    fn without_dates(condition: &Condition, cells: &Cells) -> Self {
        let named = |list: &[String], values: &[String], lower: bool| {
            let holds = |value: &String| if lower { list.contains(&value.to_lowercase()) } else { list.contains(value) };
            (!list.is_empty()).then(|| values.iter().map(holds).collect::<Vec<bool>>())
        };
        let mut territories = named(&condition.territories, &cells.territories, false);
        if !condition.not_territories.is_empty() {
            let table = territories.get_or_insert_with(|| vec![true; cells.territories.len()]);
            for (holds, territory) in table.iter_mut().zip(&cells.territories) {
                *holds &= !condition.not_territories.contains(territory);
            }
        }
        let (usages, dsps) = (named(&condition.usages, &cells.usages, false), named(&condition.dsps, &cells.dsps, true));
        Self { territories, usages, dsps, periods: None }
    }

    pub(super) fn holds(&self, dim: &Dim) -> bool {
        let test = |table: &Option<Vec<bool>>, at: u32| table.as_ref().is_none_or(|t| t[at as usize]);
        test(&self.territories, dim.territory) && test(&self.usages, dim.usage) && test(&self.dsps, dim.dsp) && test(&self.periods, dim.period)
    }
}

/// How much of a sale period a contract covers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coverage {
    None,
    Whole,
    Part,
}

struct Scope {
    sieve: Sieve,
    coverage: Option<Vec<Coverage>>,
}

impl Scope {
    fn of(contract: &Contract, cells: &Cells) -> Self {
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
        Self { sieve: Sieve::without_dates(condition, cells), coverage }
    }

    fn coverage(&self, dim: &Dim) -> Coverage {
        if !self.sieve.holds(dim) {
            return Coverage::None;
        }
        self.coverage.as_ref().map_or(Coverage::Whole, |c| c[dim.period as usize])
    }
}

fn covered_days(condition: &Condition, first: Day, last: Day) -> Option<(Day, Day)> {
    let days = (condition.from.map_or(first, |f| f.max(first)), condition.to.map_or(last, |t| t.min(last)));
    (days.0 <= days.1).then_some(days)
}

/// A line, or a part of one, that belongs to a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// The line.
    pub line: u32,
    /// 0 for the whole line, else one more than the place of the part's sums.
    pub shared: u32,
}

/// Money of a line that waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// Why.
    pub why: Why,
    /// The contracts that cover it.
    pub contracts: Vec<u32>,
    /// The line.
    pub line: u32,
    /// How much.
    pub amount: Amount,
}

/// Every line with its contract.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    starts: Vec<u32>,
    parts: Vec<Part>,
    shared: Vec<(Amount, Amount)>,
    /// What waits, by line.
    pub waiting: Vec<Waiting>,
}

/// A line that is not simply one contract's.
const SPECIAL: u32 = u32::MAX;

impl Assigned {
    pub(super) fn of(book: &Book, cells: &Cells) -> Result<Self, AmountOverflow> {
        let scopes: Vec<Scope> = book.contracts.par_iter().map(|c| Scope::of(c, cells)).collect();
        let index = WorkIndex::of(book);
        let candidates: Vec<Vec<u32>> = cells.works.par_iter().map(|work| index.candidates(work)).collect();
        let owner = |line: &Line| {
            let dim = &cells.dims[line.dim as usize];
            let mut only = None;
            for &contract in &candidates[line.work as usize] {
                match scopes[contract as usize].coverage(dim) {
                    Coverage::None => {}
                    Coverage::Whole if only.is_none() && book.contracts[contract as usize].participation == Ratio::ONE => only = Some(contract),
                    _ => return SPECIAL,
                }
            }
            only.unwrap_or(SPECIAL)
        };
        let owners: Vec<u32> = cells.lines.par_chunks(1 << 14).flat_map_iter(|chunk| chunk.iter().map(owner)).collect();
        let mut assigned = Self::default();
        let mut special: Vec<(u32, Part)> = Vec::new();
        for (line, _) in owners.iter().enumerate().filter(|(_, owner)| **owner == SPECIAL) {
            let covering = candidates[cells.lines[line].work as usize].iter().copied();
            let dim = &cells.dims[cells.lines[line].dim as usize];
            let covering: Vec<u32> = covering.filter(|c| scopes[*c as usize].coverage(dim) != Coverage::None).collect();
            assigned.take_special(book, cells, line, covering, &mut special)?;
        }
        assigned.sort_by_contract(book.contracts.len(), &owners, &special);
        Ok(assigned)
    }

    /// The lines of a contract, in their order.
    pub(super) fn parts(&self, contract: u32) -> &[Part] {
        let at = contract as usize;
        &self.parts[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Units and money of a part.
    pub(super) fn sums(&self, part: Part, cells: &Cells) -> (Amount, Amount) {
        match part.shared.checked_sub(1) {
            None => {
                let line = &cells.lines[part.line as usize];
                (line.quantity, line.amount)
            }
            Some(at) => self.shared[at as usize],
        }
    }

    /// Whether a contract has the same lines with the same sums as in another assignment of the same cells.
    pub(super) fn is_same(&self, contract: u32, other: &Self) -> bool {
        let (ours, theirs) = (self.parts(contract), other.parts(contract));
        let shared = |assigned: &Self, part: &Part| part.shared.checked_sub(1).map(|at| assigned.shared[at as usize]);
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| a.line == b.line && shared(self, a) == shared(other, b))
    }

    fn take_special(
        &mut self,
        book: &Book,
        cells: &Cells,
        line: usize,
        covering: Vec<u32>,
        special: &mut Vec<(u32, Part)>,
    ) -> Result<(), AmountOverflow> {
        let Line { work, dim, quantity, amount } = cells.lines[line];
        let line = u32::try_from(line).expect("there are fewer than 2^32 cells");
        let waits = cells.works[work as usize].waits();
        let period = cells.periods[cells.dims[dim as usize].period as usize].days();
        let why = if covering.is_empty() { Some(waits.unwrap_or(Why::NoContract)) } else { conflict(book, &covering, period) };
        if let Some(why) = why {
            self.waiting.push(Waiting { why, contracts: covering, line, amount });
            return Ok(());
        }
        // What is left over is the last share.
        let mut weights = Vec::with_capacity(covering.len() + 1);
        for contract in &covering {
            let contract = &book.contracts[*contract as usize];
            let days = period.map_or(Ratio::ONE, |(first, last)| covered_ratio(&contract.condition, first, last));
            weights.push(contract.participation.times(days).ok_or(AmountOverflow)?);
        }
        let covered = weights.iter().try_fold(Ratio::ZERO, |sum, w| sum.plus(*w)).ok_or(AmountOverflow)?;
        weights.push(covered.rest().ok_or(AmountOverflow)?);
        let (quantities, amounts) = (divide(quantity, &weights)?, divide(amount, &weights)?);
        for (place, contract) in covering.iter().enumerate() {
            self.shared.push((quantities[place], amounts[place]));
            special.push((*contract, Part { line, shared: u32::try_from(self.shared.len()).expect("there are fewer than 2^32 parts") }));
        }
        if covered < Ratio::ONE {
            self.waiting.push(Waiting { why: Why::Uncovered, contracts: covering, line, amount: amounts[weights.len() - 1] });
        }
        Ok(())
    }

    fn sort_by_contract(&mut self, contracts: usize, owners: &[u32], special: &[(u32, Part)]) {
        let mut counts = vec![0u32; contracts + 1];
        for owner in owners.iter().copied().chain(special.iter().map(|(c, _)| *c)).filter(|o| *o != SPECIAL) {
            counts[owner as usize + 1] += 1;
        }
        for at in 1..counts.len() {
            counts[at] += counts[at - 1];
        }
        self.starts.clone_from(&counts);
        self.parts = vec![Part { line: 0, shared: 0 }; counts[contracts] as usize];
        let mut place = |contract: u32, part: Part| {
            let next = &mut counts[contract as usize];
            self.parts[*next as usize] = part;
            *next += 1;
        };
        let mut special = special.iter().peekable();
        for (line, owner) in owners.iter().enumerate() {
            if *owner != SPECIAL {
                place(*owner, Part { line: line as u32, shared: 0 });
            }
            while let Some((contract, part)) = special.next_if(|(_, part)| part.line as usize == line) {
                place(*contract, *part);
            }
        }
    }
}

/// Why a line that contracts cover cannot be theirs: on some day their participations exceed the whole, or the period is covered in part.
fn conflict(book: &Book, covering: &[u32], period: Option<(Day, Day)>) -> Option<Why> {
    let contracts = || covering.iter().map(|c| &book.contracts[*c as usize]);
    let days = |contract: &Contract| period.and_then(|(first, last)| covered_days(&contract.condition, first, last));
    let starts: Vec<Option<Day>> = contracts().map(|c| days(c).map(|d| d.0)).collect();
    for start in starts {
        let holds = |contract: &&Contract| match (start, days(contract)) {
            (Some(start), Some((first, last))) => first <= start && start <= last,
            _ => true,
        };
        let total = contracts().filter(holds).try_fold(Ratio::ZERO, |sum, c| sum.plus(c.participation));
        if total.is_none_or(|t| t > Ratio::ONE) {
            return Some(Why::Overlap);
        }
    }
    let is_part = |contract: &Contract| match period {
        Some((first, last)) => covered_days(&contract.condition, first, last) != Some((first, last)),
        None => contract.condition.from.is_some() || contract.condition.to.is_some(),
    };
    let waits = |contract: &Contract| is_part(contract) && (contract.mid_period == MidPeriod::Wait || period.is_none());
    contracts().any(waits).then_some(Why::MidPeriod)
}

fn covered_ratio(condition: &Condition, first: Day, last: Day) -> Ratio {
    let length = |days: (Day, Day)| i64::from(days.1.number() - days.0.number()) + 1;
    let covered = covered_days(condition, first, last).map_or(0, length);
    Ratio::new(covered, length((first, last))).expect("a period has a day")
}

/// Contracts by what they cover.
struct WorkIndex<'a> {
    tracks: HashMap<&'a str, Vec<u32>, FixedState>,
    releases: HashMap<&'a str, Vec<u32>, FixedState>,
    labels: BTreeMap<&'a str, Vec<u32>>,
    all: Vec<u32>,
}

impl<'a> WorkIndex<'a> {
    fn of(book: &'a Book) -> Self {
        let mut index = Self { tracks: HashMap::default(), releases: HashMap::default(), labels: BTreeMap::new(), all: Vec::new() };
        for (number, contract) in (0u32..).zip(&book.contracts) {
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

    fn candidates(&self, work: &super::cells::Work) -> Vec<u32> {
        if work.waits().is_some() {
            return Vec::new();
        }
        let mut found = self.all.clone();
        found.extend(self.tracks.get(work.track.as_str()).into_iter().flatten());
        for release in work.release.split(';').map(str::trim).filter(|r| !r.is_empty()) {
            found.extend(self.releases.get(release).into_iter().flatten());
        }
        if !work.label.is_empty() {
            found.extend(self.labels.get(work.label.to_lowercase().as_str()).into_iter().flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
