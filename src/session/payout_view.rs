//! What is paid, for people: payable amounts, the equations of the proof in words and numbers, and what still waits.
//!
//! Invariants: an equation holds only when the proof says so and its terms, as they are shown, add up; amounts of different currencies
//! never add.

use std::collections::BTreeMap;

use super::SessionError;
use super::desk::{Desk, Payout};
use crate::ident::Currency;
use crate::matching::Status;
use crate::money::Amount;
use crate::payout::{Payable, ROUNDING, Total, Totals, claim};
use crate::settlement::ProofLine;

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
    pub left: Term,
    /// What it is the sum of.
    pub terms: Vec<Term>,
    /// Whether both sides are equal.
    pub holds: bool,
}

/// A word and its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
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
    /// [`SessionError::Overflow`] when a sum leaves the exact range.
    pub fn of(desk: &Desk) -> Result<Self, SessionError> {
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

fn equation(
    line: &ProofLine,
    totals: &Totals,
    payables: &[Payable],
) -> Result<Equation, SessionError> {
    let of_currency = |p: &&Payable| p.currency.code() == line.currency;
    let statuses = |value: &dyn Fn(&Total) -> Amount| -> Vec<Term> {
        let total = |status: Status| {
            totals
                .iter()
                .find(|((c, s), _)| c.code() == line.currency && *s == status)
                .map(|(_, t)| *t)
        };
        Status::ALL
            .into_iter()
            .map(|status| Term {
                word: status.code(),
                amount: value(&total(status).unwrap_or_default()),
            })
            .collect()
    };
    let sum = |value: &dyn Fn(&Payable) -> Amount, is_rounding: bool| {
        Amount::sum(
            payables
                .iter()
                .filter(of_currency)
                .filter(|p| (p.payee == ROUNDING) == is_rounding)
                .map(value),
        )
    };
    let (what, left, terms) = match line.claim {
        claim::MONEY_REPORTED => ("Money", "reported", statuses(&|t| t.amount)),
        claim::UNITS_REPORTED => ("Units", "reported", statuses(&|t| t.quantity)),
        claim::ROWS_REPORTED => ("Rows", "reported", statuses(&|t| rows(t.rows))),
        claim::MONEY_OWED => (
            "Money",
            "matched",
            vec![Term {
                word: "owed to payees",
                amount: sum(&|p| p.exact, false)?,
            }],
        ),
        claim::MONEY_PAYABLE => {
            let (payable, rounding) = (sum(&|p| p.payable, false)?, sum(&|p| p.payable, true)?);
            (
                "Money",
                "matched",
                vec![
                    Term {
                        word: "payable",
                        amount: payable,
                    },
                    Term {
                        word: "rounding",
                        amount: rounding,
                    },
                ],
            )
        }
        claim::ROWS_OWED => (
            "Rows",
            "matched",
            vec![Term {
                word: "of payees",
                amount: sum(&|p| rows(p.rows), false)?,
            }],
        ),
        other => (
            other,
            "left side",
            vec![Term {
                word: "right side",
                amount: line.right,
            }],
        ),
    };
    let shown = Amount::sum(terms.iter().map(|t| t.amount))?;
    let holds = line.holds() && shown == line.left;
    Ok(Equation {
        currency: line.currency.clone(),
        what,
        left: Term {
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

fn currencies(totals: &Totals, payout: &Payout) -> Result<Vec<CurrencyPayout>, SessionError> {
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
        let (matched, payable, rounding) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
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
