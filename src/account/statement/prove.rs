//! The statements together against the settlement that they are of.

use std::collections::{BTreeMap, BTreeSet};

use super::{PayeeStatement, Section};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, Sums};
use crate::settlement::settle::Settled;
use crate::settlement::{Claim, ProofLine};
use crate::terms::{AccountKind, BalanceKind, BalanceTotals, ContractNumber};

/// Proves all statements of a settlement: each ties out, and together they are its payables and its trial balance.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn prove_statements(
    settled: &Settled,
    statements: &[PayeeStatement<'_>],
) -> Result<Vec<ProofLine>, AmountOverflow> {
    let mut sums: Sums<(Section, Currency)> = Sums::new();
    for entry in statements.iter().flat_map(PayeeStatement::account) {
        sums.add((entry.section, entry.currency()), entry.amount)?;
    }
    let opening = settled.inputs.opening.totals()?;
    let closing = settled.closing.totals()?;
    let corrected = settled.inputs.opening.corrected_by_kind()?;
    let mut currencies: BTreeSet<Currency> = sums.keys().map(|(_, currency)| *currency).collect();
    currencies.extend(settled.payables.iter().map(|l| l.currency));
    currencies.extend(opening.keys().map(|(_, currency)| *currency));
    currencies.extend(closing.keys().map(|(_, currency)| *currency));
    let mut lines = counted(statements)?;
    for currency in currencies {
        let sum = |section| sums.of(&(section, currency));
        let balance = |kind| settled.trial.of(&(kind, currency));
        let of_currency = settled.payables.iter().filter(|l| l.currency == currency);
        let paid = Amount::sum(of_currency.map(|l| l.payable))?;
        // What is corrected of closed periods comes to payees less tax.
        let corrected_tax = corrected.of(&(AccountKind::TaxWithheld, currency));
        let tax = balance(AccountKind::TaxWithheld).minus(corrected_tax)?;
        for (claim, left, right) in [
            (
                Claim::StatementOpening,
                sum(Section::Opening),
                carried(&opening, currency)?,
            ),
            (
                Claim::StatementClosing,
                sum(Section::Closing).negated(),
                carried(&closing, currency)?,
            ),
            (Claim::StatementTax, sum(Section::Tax), tax),
            (Claim::StatementPaid, sum(Section::Paid).negated(), paid),
            (
                Claim::StatementRounding,
                sum(Section::Rounding),
                balance(AccountKind::Rounding),
            ),
        ] {
            lines.push(ProofLine {
                currency: currency.to_string(),
                claim,
                left,
                right,
            });
        }
    }
    Ok(lines)
}

/// What balances carry forward for payees in a currency, and what waits for a rate.
fn carried(balances: &BalanceTotals, currency: Currency) -> Result<Amount, AmountOverflow> {
    balances
        .of(&(BalanceKind::CarriedForward, currency))
        .plus(balances.of(&(BalanceKind::Waiting, currency)))
}

/// How many statements and contracts there are, and how many of them tie out.
fn counted(statements: &[PayeeStatement<'_>]) -> Result<Vec<ProofLine>, AmountOverflow> {
    let number = |n: usize| Amount::from_integer(i64::try_from(n).unwrap_or(i64::MAX));
    let mut tied = 0;
    let mut contracts: BTreeMap<ContractNumber, bool> = BTreeMap::new();
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
        say(Claim::StatementsTieOut, statements.len(), tied),
        say(Claim::StatementContractsTieOut, contracts.len(), whole),
    ])
}
