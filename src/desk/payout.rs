//! What is paid, for people: payable amounts, the equations of the proof in words and numbers, and what still waits.
//!
//! Invariants: an equation holds only when the proof says so and its terms, as they are shown, add up; amounts of different currencies
//! never add.

use std::collections::BTreeMap;

use crate::contents::ReadError;
use crate::desk::{Desk, Payout};
use crate::ident::Currency;
use crate::matching::Status;
use crate::money::{Amount, AmountOverflow};
use crate::payout::{Payable, ROUNDING, Total, Totals};
use crate::settlement::{Claim, ProofLine};

/// What is paid, the proof, and what still waits.
#[derive(Debug, Clone, Default)]
pub struct PayoutView {
    /// One for each payee and currency, sorted; without the lines of rounding.
    pub payees: Vec<Payable>,
    /// The proof.
    pub equations: Vec<Equation>,
    /// Totals by currency.
    pub currencies: Vec<CurrencyPayout>,
}

/// One equation of the proof, in words and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equation {
    /// Currency.
    pub currency: String,
    /// What is counted: `Money`, `Units` or `Rows`.
    pub what: &'static str,
    /// The left side.
    pub left: AccountTerm,
    /// What it is the sum of.
    pub terms: Vec<AccountTerm>,
    /// Whether both sides are equal.
    pub holds: bool,
}

/// A word and its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTerm {
    /// What it is.
    pub word: &'static str,
    /// How much.
    pub amount: Amount,
}

/// What is paid in one currency, and what waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyPayout {
    /// Currency.
    pub currency: Currency,
    /// Payees with an amount.
    pub payees: usize,
    /// What is matched, exactly.
    pub matched: Amount,
    /// What is paid.
    pub payable: Amount,
    /// What rounding leaves.
    pub rounding: Amount,
    /// What is not paid yet: ambiguous, unmatched, held and quarantined, as far as there is any.
    pub waiting: Vec<(Status, Total)>,
    /// What is not the label's.
    pub ignored: Total,
}

impl PayoutView {
    /// Computes all of it from a desk.
    ///
    /// # Errors
    /// [`ReadError::Overflow`] when a sum leaves the exact range.
    pub fn of(desk: &Desk) -> Result<Self, ReadError> {
        let payout = desk.payout()?;
        let equations = payout
            .proof
            .iter()
            .map(|line| equation(line, desk.totals(), &payout.payables))
            .collect::<Result<_, _>>()?;
        let currencies = currencies(desk.totals(), &payout)?;
        let payees = payout
            .payables
            .into_iter()
            .filter(|p| p.payee != ROUNDING)
            .collect();
        Ok(Self {
            payees,
            equations,
            currencies,
        })
    }

    /// Whether every equation holds.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.equations.iter().all(|e| e.holds)
    }

    /// Why nothing may be exported; `None` when it may.
    #[must_use]
    pub fn block(&self) -> Option<String> {
        let broken = self.equations.iter().find(|e| !e.holds)?;
        Some(format!(
            "The proof fails in {}: {} {} is not the sum of its parts",
            broken.currency,
            broken.what.to_lowercase(),
            broken.left.word
        ))
    }
}

/// The figures of one currency that equations are shown with.
struct Figures<'a> {
    currency: &'a str,
    totals: &'a Totals,
    payables: &'a [Payable],
}

impl Figures<'_> {
    /// A value of each status, in order.
    fn statuses(&self, value: fn(&Total) -> Amount) -> Vec<AccountTerm> {
        let total = |status: Status| {
            let of_status = self
                .totals
                .iter()
                .find(|((currency, s), _)| currency.code() == self.currency && *s == status);
            of_status.map(|(_, total)| *total).unwrap_or_default()
        };
        Status::ALL
            .into_iter()
            .map(|status| AccountTerm {
                word: status.code(),
                amount: value(&total(status)),
            })
            .collect()
    }

    /// A value of all payees, or of what rounding leaves.
    fn payees(
        &self,
        word: &'static str,
        value: fn(&Payable) -> Amount,
        is_rounding: bool,
    ) -> Result<AccountTerm, AmountOverflow> {
        let lines = self
            .payables
            .iter()
            .filter(|p| p.currency.code() == self.currency)
            .filter(|p| (p.payee == ROUNDING) == is_rounding);
        let amount = Amount::sum(lines.map(value))?;
        Ok(AccountTerm { word, amount })
    }
}

fn equation(
    line: &ProofLine,
    totals: &Totals,
    payables: &[Payable],
) -> Result<Equation, ReadError> {
    let figures = Figures {
        currency: &line.currency,
        totals,
        payables,
    };
    let (what, left, terms) = match line.claim {
        Claim::MoneyReported => ("Money", "reported", figures.statuses(|t| t.amount)),
        Claim::UnitsReported => ("Units", "reported", figures.statuses(|t| t.quantity)),
        Claim::RowsReported => ("Rows", "reported", figures.statuses(|t| rows(t.rows))),
        Claim::MoneyOwed => {
            let owed = figures.payees("owed to payees", |p| p.exact, false)?;
            ("Money", "matched", vec![owed])
        }
        Claim::MoneyPayable => {
            let payable = figures.payees("payable", |p| p.payable, false)?;
            let rounding = figures.payees("rounding", |p| p.payable, true)?;
            ("Money", "matched", vec![payable, rounding])
        }
        Claim::RowsOwed => {
            let owed = figures.payees("of payees", |p| rows(p.rows), false)?;
            ("Rows", "matched", vec![owed])
        }
        // Equations of settlements are shown as they are.
        other => {
            let right = AccountTerm {
                word: "right side",
                amount: line.right,
            };
            (other.words(), "left side", vec![right])
        }
    };
    let shown = Amount::sum(terms.iter().map(|t| t.amount))?;
    let holds = line.holds() && shown == line.left;
    Ok(Equation {
        currency: line.currency.clone(),
        what,
        left: AccountTerm {
            word: left,
            amount: line.left,
        },
        terms,
        holds,
    })
}

fn rows(count: u64) -> Amount {
    Amount::from_integer(i64::try_from(count).unwrap_or(i64::MAX))
}

fn currencies(totals: &Totals, payout: &Payout) -> Result<Vec<CurrencyPayout>, ReadError> {
    let mut all: BTreeMap<Currency, CurrencyPayout> = BTreeMap::new();
    for ((currency, status), total) in totals {
        let sums = all
            .entry(*currency)
            .or_insert_with(|| CurrencyPayout::new(*currency));
        match status {
            Status::Matched => sums.matched = total.amount,
            Status::Ignored => sums.ignored = *total,
            Status::Ambiguous | Status::Unmatched | Status::Held | Status::Quarantined => {
                sums.waiting.push((*status, *total))
            }
        }
    }
    for payable in &payout.payables {
        let sums = all
            .entry(payable.currency)
            .or_insert_with(|| CurrencyPayout::new(payable.currency));
        if payable.payee == ROUNDING {
            sums.rounding = sums.rounding.plus(payable.payable)?;
        } else {
            sums.payees += 1;
            sums.payable = sums.payable.plus(payable.payable)?;
        }
    }
    Ok(all.into_values().collect())
}

impl CurrencyPayout {
    fn new(currency: Currency) -> Self {
        let matched = Amount::ZERO;
        let payable = Amount::ZERO;
        let rounding = Amount::ZERO;
        Self {
            currency,
            payees: 0,
            matched,
            payable,
            rounding,
            waiting: Vec::new(),
            ignored: Total::default(),
        }
    }
}
