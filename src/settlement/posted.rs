//! What a settlement posts about its own period, by account: with it, a period that would be settled differently now can be corrected
//! account by account.

use std::collections::BTreeMap;

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::ledger::{Account, PostingStep, Transfer};
use crate::settlement::settle::Settled;

/// Balances by label of the account and currency; debits are above zero.
pub type Posted = BTreeMap<(String, Currency), Amount>;

impl Settled {
    /// What is posted about the period itself: from the cells to what payees have earned. What was carried in or corrected, and what is paid
    /// or carried on, is not in it. The balances of each currency sum to zero.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a balance leaves the exact range.
    pub fn posted(&self) -> Result<Posted, AmountOverflow> {
        let mut sums: BTreeMap<(Account, Currency), Amount> = BTreeMap::new();
        let mut add = |account: &Account, currency: Currency, amount: Amount| {
            let sum = sums.entry((account.clone(), currency)).or_default();
            *sum = sum.plus(amount)?;
            Ok::<(), AmountOverflow>(())
        };
        let cells = &self.inputs.cells;
        let book = &self.inputs.book;
        // Income is posted by work and sale period; its debtor depends on neither.
        let mut by_dim = vec![Amount::ZERO; cells.dims.len()];
        for line in &cells.lines {
            let sum = &mut by_dim[line.dim as usize];
            *sum = sum.plus(line.amount)?;
        }
        for (dim, amount) in cells.dims.iter().zip(by_dim) {
            add(&self.debtor(dim.is_received, dim.dsp), dim.currency, amount)?;
        }
        for waiting in &self.assigned.waiting {
            let currency = cells.dims[cells.lines[waiting.line].dim as usize].currency;
            add(
                &Account::Suspense(waiting.why),
                currency,
                waiting.amount.negated(),
            )?;
        }
        let contracts = self.contracts.iter().flat_map(|result| &result.transfers);
        for transfer in self
            .before
            .iter()
            .chain(contracts)
            .chain(self.after())
            .filter(|t| is_own(t))
        {
            add(&transfer.debit, transfer.currency, transfer.amount)?;
            add(
                &transfer.credit,
                transfer.currency,
                transfer.amount.negated(),
            )?;
        }
        // Nothing is left with contracts; their income is not among the movements here.
        let labels = sums.into_iter().filter(|((account, _), amount)| {
            !matches!(account, Account::Contract(_)) && !amount.is_zero()
        });
        // Two accounts may have the same label where names have a slash.
        let mut posted = Posted::new();
        for ((account, currency), amount) in labels {
            let sum = posted.entry((account.label(book), currency)).or_default();
            *sum = sum.plus(amount)?;
        }
        posted.retain(|_, amount| !amount.is_zero());
        Ok(posted)
    }
}

/// Whether a movement is about the period itself. What was carried in another currency is exchanged, too.
fn is_own(transfer: &Transfer) -> bool {
    let is_other = |account: &Account| {
        matches!(
            account,
            Account::Opening
                | Account::Carried(_)
                | Account::Payable(_)
                | Account::Rounding
                | Account::Correction(_)
        )
    };
    !is_other(&transfer.debit)
        && !is_other(&transfer.credit)
        && transfer.reason.step != PostingStep::CarriedForward
}
