//! The open period for people: what each payee gets, sums by currency, and what waits.
//!
//! Invariant: amounts of different currencies never add.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contents::ReadError;
use crate::ident::Currency;
use crate::money::Amount;
use crate::period::OpenPeriod;
use crate::results::{SuspenseLine, suspense_lines};
use crate::settlement::{PayableLine, SuspenseReason};

/// What a payee gets in a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayeeRow {
    /// The payee.
    pub payee: String,
    /// The amounts.
    pub line: PayableLine,
}

/// Sums in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodSums {
    /// Currency.
    pub currency: Currency,
    /// Payees with a line.
    pub payees: usize,
    /// What is paid.
    pub payable: Amount,
    /// What is withheld.
    pub tax: Amount,
    /// What is carried forward.
    pub carried_out: Amount,
    /// What rounding leaves.
    pub rounding: Amount,
    /// What waits in suspense, of this period.
    pub waiting: Amount,
    /// What of closed periods still waits.
    pub waiting_before: Amount,
}

/// The open period.
#[derive(Debug, Clone)]
pub struct PeriodView {
    /// What it was made of.
    pub open: Arc<OpenPeriod>,
    /// By payee and currency.
    pub payees: Vec<PayeeRow>,
    /// By currency; those in which somebody is paid come first.
    pub sums: Vec<PeriodSums>,
    /// Money that waits, most first in each currency.
    pub suspense: Vec<SuspenseLine>,
}

impl PeriodView {
    /// Makes it of the open period.
    ///
    /// # Errors
    /// [`ReadError::Overflow`] when a sum leaves the exact range.
    pub fn of(open: Arc<OpenPeriod>) -> Result<Self, ReadError> {
        let settled = &open.settled;
        let name = |line: &PayableLine| settled.inputs.book.payees[line.payee].name.clone();
        let payees = settled
            .payables
            .iter()
            .map(|line| PayeeRow {
                payee: name(line),
                line: *line,
            })
            .collect();
        let mut suspense = suspense_lines(settled)?;
        // What a decision ignores waits for nobody; the open period says it beside.
        suspense.retain(|line| line.reason != SuspenseReason::Ignored.code());
        suspense.sort_by_key(|l| {
            (
                l.currency,
                std::cmp::Reverse(l.amount.magnitude()),
                l.reason,
            )
        });
        let sums = sums(&open, &suspense)?;
        Ok(Self {
            open,
            payees,
            sums,
            suspense,
        })
    }

    /// Whether every equation of the proof holds.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.open
            .settled
            .proof
            .iter()
            .all(crate::settlement::ProofLine::holds)
    }
}

fn sums(open: &OpenPeriod, suspense: &[SuspenseLine]) -> Result<Vec<PeriodSums>, ReadError> {
    let zero = Amount::ZERO;
    let blank = |currency| PeriodSums {
        currency,
        payees: 0,
        payable: zero,
        tax: zero,
        carried_out: zero,
        rounding: zero,
        waiting: zero,
        waiting_before: zero,
    };
    let mut all: BTreeMap<Currency, PeriodSums> = BTreeMap::new();
    for line in &open.settled.payables {
        let sums = all
            .entry(line.currency)
            .or_insert_with(|| blank(line.currency));
        sums.payees += 1;
        sums.payable = sums.payable.plus(line.payable)?;
        sums.tax = sums.tax.plus(line.tax)?;
        sums.carried_out = sums.carried_out.plus(line.carried_out)?;
    }
    for (currency, amount) in &open.settled.rounding {
        all.entry(*currency)
            .or_insert_with(|| blank(*currency))
            .rounding = *amount;
    }
    for line in suspense {
        let sums = all
            .entry(line.currency)
            .or_insert_with(|| blank(line.currency));
        sums.waiting = sums.waiting.plus(line.amount)?;
    }
    for line in &open.waiting_before {
        let sums = all
            .entry(line.currency)
            .or_insert_with(|| blank(line.currency));
        sums.waiting_before = sums.waiting_before.plus(line.amount)?;
    }
    // What is paid comes first.
    let mut sums: Vec<PeriodSums> = all.into_values().collect();
    sums.sort_by_key(|s| s.payees == 0);
    Ok(sums)
}
