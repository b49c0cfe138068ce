//! What a change would do to the payables, before it is taken: two settlements of the open period beside each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::source::WorkspaceSource;
use super::{OpenPeriod, PeriodError, settle_open};
use crate::contents::Contents;
use crate::contents::terms::{change_of_files, terms_after};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::settlement::{PayableState, SuspenseReason};

/// What a payee would get in a currency, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The payee.
    pub payee: String,
    /// Currency.
    pub currency: Currency,
    /// What is paid as it stands; what waits or is carried forward is not in it.
    pub before: Amount,
    /// What would be paid.
    pub after: Amount,
    /// What is owed exactly as it stands, paid or carried forward.
    pub exact_before: Amount,
    /// What would be owed exactly.
    pub exact_after: Amount,
    /// What would become of it.
    pub state: Option<PayableState>,
}

impl Effect {
    /// How much more is paid; below zero less.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it leaves the exact range.
    pub fn difference(&self) -> Result<Amount, AmountOverflow> {
        self.after.minus(self.before)
    }
}

/// All effects of a change on the open period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WhatIf {
    /// Payees whose amounts would differ, sorted.
    pub effects: Vec<Effect>,
    /// Money in suspense as it stands and as it would be, where it would differ.
    pub waiting: Vec<(Currency, Amount, Amount)>,
    /// How many of the effects come from corrections of closed periods.
    pub corrected: usize,
}

impl WhatIf {
    /// Compares.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn of(before: &OpenPeriod, after: &OpenPeriod) -> Result<Self, AmountOverflow> {
        let old = by_payee(before);
        let new = by_payee(after);
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
        let mut found = Self::default();
        for key in keys {
            let nothing = (Amount::ZERO, Amount::ZERO, None);
            let was = old.get(&key).copied().unwrap_or(nothing);
            let is = new.get(&key).copied().unwrap_or(nothing);
            if (was.0, was.1) != (is.0, is.1) {
                let (payee, currency) = key;
                let before = was.0;
                let exact_before = was.1;
                let after = is.0;
                let exact_after = is.1;
                found.effects.push(Effect {
                    payee,
                    currency,
                    before,
                    after,
                    exact_before,
                    exact_after,
                    state: is.2,
                });
            }
        }
        let old = waiting(before)?;
        let new = waiting(after)?;
        let currencies: BTreeSet<Currency> = old.keys().chain(new.keys()).copied().collect();
        found.waiting = currencies
            .into_iter()
            .map(|currency| {
                let of = |sums: &BTreeMap<Currency, Amount>| {
                    sums.get(&currency).copied().unwrap_or_default()
                };
                (currency, of(&old), of(&new))
            })
            .filter(|(_, before, after)| before != after)
            .collect();
        found.corrected = found
            .effects
            .iter()
            .filter(|e| {
                after
                    .corrections
                    .iter()
                    .any(|c| c.payee == e.payee && c.currency == e.currency && c.is_sum())
            })
            .count();
        Ok(found)
    }

    /// Whether nothing would differ.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty() && self.waiting.is_empty()
    }
}

impl Contents {
    /// What importing files of terms would do to the payables of the open period, before they are imported.
    ///
    /// # Errors
    /// As for [`change_of_files`] and [`Contents::open_period`].
    pub fn what_if_imported(
        &self,
        files: &[PathBuf],
        period: Option<SalePeriod>,
    ) -> Result<WhatIf, PeriodError> {
        let texts = self.terms()?;
        let closed = self.closed_periods()?;
        let (after_texts, _) = terms_after(&texts, &change_of_files(&texts, files)?)?;
        let source = WorkspaceSource::new(self)?;
        let before = settle_open(self, &source, &texts, &closed, period)?;
        let after = settle_open(
            self,
            &source,
            &after_texts,
            &closed,
            Some(before.settled.period),
        )?;
        Ok(WhatIf::of(&before, &after)?)
    }
}

/// Paid, owed exactly, and what became of it. A payee has one line in the currency in which they are paid, and one for each that waits for a
/// rate.
fn by_payee(
    open: &OpenPeriod,
) -> BTreeMap<(String, Currency), (Amount, Amount, Option<PayableState>)> {
    let book = &open.settled.inputs.book;
    open.settled
        .payables
        .iter()
        .map(|l| {
            (
                (book.payees[l.payee].name.clone(), l.currency),
                (l.payable, l.exact, Some(l.state)),
            )
        })
        .collect()
}

fn waiting(open: &OpenPeriod) -> Result<BTreeMap<Currency, Amount>, AmountOverflow> {
    let mut sums: BTreeMap<Currency, Amount> = BTreeMap::new();
    for ((_, currency), amount) in open
        .settled
        .suspense()?
        .into_iter()
        .filter(|((why, _), _)| *why != SuspenseReason::Ignored)
    {
        let sum = sums.entry(currency).or_default();
        *sum = sum.plus(amount)?;
    }
    for line in &open.waiting_before {
        let sum = sums.entry(line.currency).or_default();
        *sum = sum.plus(line.amount)?;
    }
    Ok(sums)
}
