//! The payee's own account: from balances and shares to what is paid and carried on.

use std::collections::BTreeMap;

use super::{AccountEntry, PayeeStatement, Section};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::ledger::{Account, Transfer};
use crate::terms::PayeeNumber;

/// A movement as the account of a payee sees it; `None` when it does not touch it.
pub(super) fn entry(transfer: &Transfer, payee: PayeeNumber) -> Option<AccountEntry<'_>> {
    let account = Account::Payee(payee);
    let (other, amount, is_in) = match (&transfer.debit, &transfer.credit) {
        (debit, credit) if *credit == account => (debit, transfer.amount, true),
        (debit, credit) if *debit == account => (credit, transfer.amount.negated(), false),
        _ => return None,
    };
    let section = match other {
        Account::Contract(_) => Section::Share,
        Account::Adjustment(_) => Section::PayeeAdjustment,
        Account::Spent => Section::PaidBack,
        Account::Unrecouped(..) => Section::PayeeRecoup,
        Account::Exchange => Section::Exchange,
        Account::Tax(_) => Section::Tax,
        Account::Rounding => Section::Rounding,
        Account::Payable(_) => Section::Paid,
        Account::Carried(_) | Account::Waiting(_) if is_in => Section::Opening,
        Account::Carried(_) | Account::Waiting(_) => Section::Closing,
        _ => return None,
    };
    Some(AccountEntry {
        section,
        amount,
        transfer,
    })
}

/// The account in the currency of the statement, summed. What is taken off is above zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountSummary {
    /// The balance of the last statement.
    pub opening: Amount,
    /// Shares, adjustments, what comes back, and what was exchanged into this currency.
    pub earned: Amount,
    /// Advances and costs of this payee alone, from shares in this currency. What they take from shares in other currencies is taken
    /// before the exchange.
    pub recouped: Amount,
    /// Tax withheld.
    pub tax: Amount,
    /// What rounding takes.
    pub rounding: Amount,
    /// Paid.
    pub paid: Amount,
    /// The balance that is carried on.
    pub closing: Amount,
    /// What is left in any currency, which is nothing.
    pub left: BTreeMap<Currency, Amount>,
}

impl AccountSummary {
    pub(super) fn of(statement: &PayeeStatement<'_>) -> Result<Self, AmountOverflow> {
        let mut summary = Self::default();
        for entry in statement.account() {
            let left = summary.left.entry(entry.currency()).or_default();
            *left = left.plus(entry.amount)?;
            if entry.currency() != statement.currency {
                continue;
            }
            let (sum, is_taken) = match entry.section {
                Section::Opening => (&mut summary.opening, false),
                Section::PayeeRecoup => (&mut summary.recouped, true),
                Section::Tax => (&mut summary.tax, true),
                Section::Rounding => (&mut summary.rounding, true),
                Section::Paid => (&mut summary.paid, true),
                Section::Closing => (&mut summary.closing, true),
                _ => (&mut summary.earned, false),
            };
            *sum = if is_taken {
                sum.minus(entry.amount)?
            } else {
                sum.plus(entry.amount)?
            };
        }
        summary.left.retain(|_, amount| !amount.is_zero());
        Ok(summary)
    }

    /// Whether opening + earned − recouped − tax − rounding − paid = closing, and nothing is left in other currencies.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn ties_out(&self) -> Result<bool, AmountOverflow> {
        let taken = [self.recouped, self.tax, self.rounding, self.paid];
        let end = taken
            .into_iter()
            .try_fold(self.opening.plus(self.earned)?, Amount::minus)?;
        Ok(end == self.closing && self.left.is_empty())
    }
}
