//! The cells of a desk into sums: money by status for each DSP, territory and sale period, and what changed between two periods.
//!
//! Invariants: one currency at a time; every sum over the rows of one dimension is the desk's total of that currency and status, money in
//! quarantine included; differences are exact, and their thousandths whole numbers.

mod change;
mod collect;

use std::collections::BTreeMap;

pub use change::{Changes, Dimension, SumChange, per_mille};

use crate::desk::{Desk, LineSum};
use crate::ident::{Currency, SalePeriod};
use crate::matching::Status;
use crate::money::{Amount, AmountOverflow};
use collect::Collector;

/// Name under which money stands that could not be told apart by this dimension: rows in quarantine.
pub const NOT_READ: &str = "(not read)";
/// Name under which money stands whose row leaves this place empty.
pub const NOT_GIVEN: &str = "(not given)";
/// Name of the track under which money stands that is matched to none.
pub const NO_TRACK: &str = "(no track)";

/// Sums by status, in the order of [`Status::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByStatus(pub [LineSum; Status::ALL.len()]);

impl ByStatus {
    /// The sum of one status.
    #[must_use]
    pub fn of(&self, status: Status) -> &LineSum {
        &self.0[status as usize]
    }

    /// The sum of all.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it leaves the exact range.
    pub fn all(&self) -> Result<LineSum, AmountOverflow> {
        let mut sum = LineSum::default();
        self.0.iter().try_for_each(|s| sum.add(s))?;
        Ok(sum)
    }

    fn add(&mut self, status: Status, sum: &LineSum) -> Result<(), AmountOverflow> {
        self.0[status as usize].add(sum)
    }
}

/// Sums of a value of a dimension by sale period.
type ByPeriod = BTreeMap<SalePeriod, Amount>;

/// All sums of one currency.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// By DSP, most money first.
    pub dsps: Vec<(String, ByStatus)>,
    /// By territory, most money first.
    pub territories: Vec<(String, ByStatus)>,
    /// By sale period, in order of time; [`SalePeriod::UNKNOWN`] holds rows without one and those in quarantine.
    pub periods: Vec<(SalePeriod, ByStatus)>,
    /// Names and sums by period, for each dimension in the order of [`Dimension::ALL`].
    moving: [Vec<(String, String, ByPeriod)>; Dimension::ALL.len()],
}

impl Overview {
    /// Adds everything up. Gives up, with nothing, when `is_stale` says so.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn of(
        desk: &Desk,
        currency: Currency,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<Self, AmountOverflow> {
        let mut collector = Collector::new(desk, currency);
        for line in 0..desk.lines().len() as u32 {
            if line.is_multiple_of(4096) && is_stale() {
                return Ok(Self::default());
            }
            if desk.lines().currency(line) == currency {
                collector.take(line)?;
            }
        }
        collector.take_quarantine()?;
        collector.end()
    }

    /// The periods that rows name, in order of time.
    pub fn known_periods(&self) -> impl DoubleEndedIterator<Item = SalePeriod> + '_ {
        self.periods
            .iter()
            .map(|(period, _)| *period)
            .filter(|period| period.days().is_some())
    }

    /// The latest period, and the one before it: the latest of those that end before it begins.
    #[must_use]
    pub fn latest_two(&self) -> Option<(SalePeriod, Option<SalePeriod>)> {
        let latest = self.known_periods().next_back()?;
        Some((latest, self.before(latest)))
    }

    /// The latest period that ends before this one begins.
    #[must_use]
    pub fn before(&self, period: SalePeriod) -> Option<SalePeriod> {
        let (first, _) = period.days()?;
        self.known_periods()
            .filter(|p| p.days().is_some_and(|(_, last)| last < first))
            .max_by_key(|p| p.days().map(|(start, end)| (end, start)))
    }

    /// What changed from one period to another.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a difference leaves the exact range.
    pub fn changes(
        &self,
        before: Option<SalePeriod>,
        period: SalePeriod,
    ) -> Result<Changes, AmountOverflow> {
        Changes::of(&self.moving, before, period)
    }
}
