//! The statements together against the settlement that they are of.

use std::collections::{BTreeMap, BTreeSet};

use super::{PayeeStatement, Section};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::ProofLine;
use crate::settlement::settle::Settled;

/// What the equations claim.
pub mod statement_claim {
    /// Each statement comes out.
    pub const TIE_OUT: &str = "statements = statements where opening + earned - recouped - tax - rounding - paid = closing";
    /// Each account of a contract comes out.
    pub const CONTRACTS: &str =
        "contracts in statements = contracts whose income and steps are what is split";
    /// Balances that the statements begin with.
    pub const OPENING: &str =
        "opening balances of statements = opening balances carried forward and waiting";
    /// Balances that they end with.
    pub const CLOSING: &str =
        "closing balances of statements = closing balances carried forward and waiting";
    /// Tax.
    pub const TAX: &str = "tax in statements = tax withheld in postings";
    /// What is paid.
    pub const PAID: &str = "paid in statements = payable to payees";
    /// What rounding takes.
    pub const ROUNDING: &str = "rounding in statements = rounding";
}

/// Proves all statements of a settlement: each ties out, and together they are its payables and its trial balance.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn prove_statements(
    settled: &Settled,
    statements: &[PayeeStatement<'_>],
) -> Result<Vec<ProofLine>, AmountOverflow> {
    let mut sums: BTreeMap<(Section, Currency), Amount> = BTreeMap::new();
    for entry in statements.iter().flat_map(PayeeStatement::account) {
        let sum = sums.entry((entry.section, entry.currency())).or_default();
        *sum = sum.plus(entry.amount)?;
    }
    let (opening, closing) = (settled.inputs.opening.totals()?, settled.closing.totals()?);
    let corrected = settled.inputs.opening.corrected_by_kind()?;
    let mut currencies: BTreeSet<Currency> = sums.keys().map(|(_, currency)| *currency).collect();
    currencies.extend(settled.payables.iter().map(|l| l.currency));
    currencies.extend(
        opening
            .keys()
            .chain(closing.keys())
            .map(|(_, currency)| *currency),
    );
    let mut lines = counted(statements)?;
    for currency in currencies {
        let sum = |section| sums.get(&(section, currency)).copied().unwrap_or_default();
        let balance = |kind: &'static str| {
            settled
                .trial
                .get(&(kind, currency))
                .copied()
                .unwrap_or_default()
        };
        let carried = |totals: &BTreeMap<(&'static str, Currency), Amount>| {
            let of = |kind| totals.get(&(kind, currency)).copied().unwrap_or_default();
            of("carried_forward").plus(of("waiting"))
        };
        let paid = Amount::sum(
            settled
                .payables
                .iter()
                .filter(|l| l.currency == currency)
                .map(|l| l.payable),
        )?;
        let mut say = |claim, left, right| {
            lines.push(ProofLine {
                currency: currency.to_string(),
                claim,
                left,
                right,
            })
        };
        say(
            statement_claim::OPENING,
            sum(Section::Opening),
            carried(&opening)?,
        );
        say(
            statement_claim::CLOSING,
            sum(Section::Closing).negated(),
            carried(&closing)?,
        );
        // What is corrected of closed periods comes to payees less tax.
        let corrected_tax = corrected
            .get(&("tax withheld", currency))
            .copied()
            .unwrap_or_default();
        say(
            statement_claim::TAX,
            sum(Section::Tax),
            balance("tax withheld").minus(corrected_tax)?,
        );
        say(statement_claim::PAID, sum(Section::Paid).negated(), paid);
        say(
            statement_claim::ROUNDING,
            sum(Section::Rounding),
            balance("rounding"),
        );
    }
    Ok(lines)
}

/// How many statements and contracts there are, and how many of them tie out.
fn counted(statements: &[PayeeStatement<'_>]) -> Result<Vec<ProofLine>, AmountOverflow> {
    let number = |n: usize| Amount::from_integer(i64::try_from(n).unwrap_or(i64::MAX));
    let mut tied = 0;
    let mut contracts: BTreeMap<u32, bool> = BTreeMap::new();
    for statement in statements {
        tied += usize::from(statement.summary.ties_out()?);
        for part in &statement.contracts {
            if let std::collections::btree_map::Entry::Vacant(place) =
                contracts.entry(part.account.result.contract)
            {
                place.insert(part.account.left()?.is_empty());
            }
        }
    }
    let whole = contracts.values().filter(|ties_out| **ties_out).count();
    let say = |claim, left, right| ProofLine {
        currency: Currency::NONE.to_string(),
        claim,
        left: number(left),
        right: number(right),
    };
    Ok(vec![
        say(statement_claim::TIE_OUT, statements.len(), tied),
        say(statement_claim::CONTRACTS, contracts.len(), whole),
    ])
}
