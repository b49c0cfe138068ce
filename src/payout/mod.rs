//! Outcomes into totals and payable amounts, with the proof that nothing was lost on the way.
//!
//! In this version a matched cell belongs to the catalog's payee whole; contracts take their place between [`Settlement`] and
//! [`payables`].

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::Serialize;

use crate::ident::Currency;
use crate::matching::{Outcomes, Status};
use crate::money::{Amount, AmountOverflow, allocate};
use crate::statement::cube::Cube;
use crate::statement::quarantine::Quarantined;

/// Rows, items and sums under one status in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Total {
    /// Rows.
    pub rows: u64,
    /// Distinct items.
    pub items: u64,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
}

impl Total {
    fn add(&mut self, other: &Self) -> Result<(), AmountOverflow> {
        self.rows += other.rows;
        self.items += other.items;
        self.quantity = self.quantity.plus(other.quantity)?;
        self.amount = self.amount.plus(other.amount)?;
        Ok(())
    }
}

/// Totals by currency and status.
pub type Totals = BTreeMap<(Currency, Status), Total>;

/// What a payee is owed in one currency, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Owed {
    /// Rows.
    pub rows: u64,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
}

impl Owed {
    fn add(&mut self, sum: &Total) -> Result<(), AmountOverflow> {
        self.rows += sum.rows;
        self.quantity = self.quantity.plus(sum.quantity)?;
        self.amount = self.amount.plus(sum.amount)?;
        Ok(())
    }
}

/// The settled cells of one or more statements.
#[derive(Debug, Default)]
pub struct Settlement {
    /// Totals by currency and status.
    pub totals: Totals,
    /// What each payee (by number) is owed.
    pub owed: HashMap<(u32, Currency), Owed>,
    /// Sums over all records, computed without looking at outcomes.
    pub reported: BTreeMap<Currency, Total>,
}

impl Settlement {
    /// Settles the cells of one statement.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn of(cube: &Cube, outcomes: &Outcomes, quarantine: &[Quarantined]) -> Result<Self, AmountOverflow> {
        let (settled, reported) = rayon::join(|| Self::settled(cube, outcomes, quarantine), || Self::reported(cube, quarantine));
        Ok(Self { reported: reported?, ..settled? })
    }

    fn settled(cube: &Cube, outcomes: &Outcomes, quarantine: &[Quarantined]) -> Result<Self, AmountOverflow> {
        let mut settlement = Self::default();
        // Small tables by number instead of maps: this loop runs over every cell.
        let mut currencies: Vec<Currency> = cube.dims.iter().map(|d| d.currency).collect();
        currencies.dedup();
        let currency_of: Vec<usize> = {
            let mut place = 0;
            cube.dims
                .iter()
                .map(|d| {
                    place += usize::from(currencies[place] != d.currency);
                    place
                })
                .collect()
        };
        let mut totals = vec![[Total::default(); Status::ALL.len()]; currencies.len()];
        // Cells are sorted by item and then by currency: first the sum of an item in a currency, then what it counts for.
        for cells in cube.cells.chunk_by(|a, b| a.item == b.item && currency_of[a.dim as usize] == currency_of[b.dim as usize]) {
            let (item, currency) = (cells[0].item as usize, currency_of[cells[0].dim as usize]);
            let mut sum = Total { items: 1, ..Total::default() };
            for cell in cells {
                sum.add(&Total { rows: cell.rows, items: 0, quantity: cell.quantity, amount: cell.amount })?;
            }
            totals[currency][outcomes.why(item).status() as usize].add(&sum)?;
            if let Some(hit) = outcomes.matched(item) {
                settlement.owed.entry((hit.payee, currencies[currency])).or_default().add(&sum)?;
            }
        }
        for (currency, by_status) in currencies.iter().zip(totals) {
            for (status, total) in Status::ALL.into_iter().zip(by_status) {
                if total.rows > 0 {
                    settlement.totals.entry((*currency, status)).or_default().add(&total)?;
                }
            }
        }
        settlement.count_quarantine(quarantine)?;
        Ok(settlement)
    }

    fn count_quarantine(&mut self, quarantine: &[Quarantined]) -> Result<(), AmountOverflow> {
        for bad in quarantine {
            let total = Total { rows: 1, items: 0, quantity: bad.quantity, amount: bad.amount };
            self.totals.entry((bad.currency, Status::Quarantined)).or_default().add(&total)?;
        }
        Ok(())
    }

    /// The same sums on another way: per currency, from the last cell to the first.
    fn reported(cube: &Cube, quarantine: &[Quarantined]) -> Result<BTreeMap<Currency, Total>, AmountOverflow> {
        let mut reported: BTreeMap<Currency, Total> = BTreeMap::new();
        let mut by_dim = vec![Total::default(); cube.dims.len()];
        for cell in cube.cells.iter().rev() {
            by_dim[cell.dim as usize].add(&Total { rows: cell.rows, items: 0, quantity: cell.quantity, amount: cell.amount })?;
        }
        for (dims, total) in cube.dims.iter().zip(by_dim) {
            reported.entry(dims.currency).or_default().add(&total)?;
        }
        for bad in quarantine {
            reported.entry(bad.currency).or_default().add(&Total { rows: 1, items: 0, quantity: bad.quantity, amount: bad.amount })?;
        }
        Ok(reported)
    }

    /// Adds another statement's settlement.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn add(&mut self, other: &Self) -> Result<(), AmountOverflow> {
        for (key, total) in &other.totals {
            self.totals.entry(*key).or_default().add(total)?;
        }
        for (key, owed) in &other.owed {
            let sum = self.owed.entry(*key).or_default();
            sum.rows += owed.rows;
            sum.quantity = sum.quantity.plus(owed.quantity)?;
            sum.amount = sum.amount.plus(owed.amount)?;
        }
        for (currency, total) in &other.reported {
            self.reported.entry(*currency).or_default().add(total)?;
        }
        Ok(())
    }
}

/// One line of the payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payable {
    /// Who is paid, or [`ROUNDING`].
    pub payee: String,
    /// In what.
    pub currency: Currency,
    /// Rows.
    pub rows: u64,
    /// Units.
    pub quantity: Amount,
    /// What is owed, exactly.
    pub exact: Amount,
    /// What is paid, in the currency's minor digits; for [`ROUNDING`] what is left.
    pub payable: Amount,
}

/// Name of the line that takes what rounding leaves.
pub const ROUNDING: &str = "(rounding)";
/// Name under which money stands whose track has no payee.
pub const NO_PAYEE: &str = "(no payee)";

/// Rounds what is owed, per currency, by largest remainder. Both money columns add up to the matched total; lines are sorted by payee.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn payables(settlement: &Settlement, payees: &[String]) -> Result<Vec<Payable>, AmountOverflow> {
    let mut by_currency: BTreeMap<Currency, BTreeMap<&str, Owed>> = BTreeMap::new();
    for ((payee, currency), owed) in &settlement.owed {
        let name = payees.get(*payee as usize).map(String::as_str).filter(|n| !n.is_empty()).unwrap_or(NO_PAYEE);
        let sum = by_currency.entry(*currency).or_default().entry(name).or_default();
        sum.rows += owed.rows;
        sum.quantity = sum.quantity.plus(owed.quantity)?;
        sum.amount = sum.amount.plus(owed.amount)?;
    }
    let mut lines = Vec::new();
    for (currency, owed) in by_currency {
        let exact: Vec<Amount> = owed.values().map(|o| o.amount).collect();
        let rounded = allocate(&exact, currency.minor_digits())?;
        for ((payee, owed), payable) in owed.iter().zip(rounded.payable) {
            lines.push(Payable { payee: (*payee).to_owned(), currency, rows: owed.rows, quantity: owed.quantity, exact: owed.amount, payable });
        }
        lines.push(Payable { payee: ROUNDING.to_owned(), currency, rows: 0, quantity: Amount::ZERO, exact: Amount::ZERO, payable: rounded.rounding });
    }
    lines.sort_by(|a, b| (a.payee.as_bytes(), a.currency).cmp(&(b.payee.as_bytes(), b.currency)));
    Ok(lines)
}

/// One equation of the conservation proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofLine {
    /// Currency.
    pub currency: String,
    /// What is claimed.
    pub claim: &'static str,
    /// The left side.
    pub left: Amount,
    /// The right side.
    pub right: Amount,
}

impl ProofLine {
    /// Whether both sides are equal.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.left == self.right
    }
}

/// The conservation proof: reported = matched + … + quarantined, in money and rows, and matched = payees exactly = payable + rounding.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn prove(settlement: &Settlement, payables: &[Payable]) -> Result<Vec<ProofLine>, AmountOverflow> {
    let mut lines = Vec::new();
    for (currency, reported) in &settlement.reported {
        let statuses = || Status::ALL.iter().filter_map(|s| settlement.totals.get(&(*currency, *s)));
        let rows = |n: u64| Amount::from_integer(i64::try_from(n).unwrap_or(i64::MAX));
        let mut claim = |claim, left, right| lines.push(ProofLine { currency: currency.to_string(), claim, left, right });
        claim("money reported = sum over all statuses", reported.amount, Amount::sum(statuses().map(|t| t.amount))?);
        claim("units reported = sum over all statuses", reported.quantity, Amount::sum(statuses().map(|t| t.quantity))?);
        claim("rows reported = sum over all statuses", rows(reported.rows), rows(statuses().map(|t| t.rows).sum()));
        let matched = settlement.totals.get(&(*currency, Status::Matched)).copied().unwrap_or_default();
        let of_currency = || payables.iter().filter(|p| p.currency == *currency);
        claim("money matched = sum owed to payees", matched.amount, Amount::sum(of_currency().map(|p| p.exact))?);
        claim("money matched = sum payable + rounding", matched.amount, Amount::sum(of_currency().map(|p| p.payable))?);
        claim("rows matched = rows of payees", rows(matched.rows), rows(of_currency().map(|p| p.rows).sum()));
    }
    Ok(lines)
}
