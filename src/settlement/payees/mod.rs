//! Shares of payees into what is paid: exchange into the payee's currency, tax, what was carried
//! forward, minimum, rounding.
//!
//! This order is the same for all payees, because a payee has one account over all contracts;
//! [`PAYMENT_STEPS`] names it, and proof.json shows it.
//!
//! Invariant: for each line, carried in + earned − tax = exact = payable + carried forward + what
//! rounding takes.

mod account;
mod rounding;
mod tax;

use std::collections::BTreeMap;
use std::sync::Arc;

use account::PayeeAccount;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rounding::round;

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, Sums};
use crate::settlement::ledger::{PostingStep, Transfer, Trial};
use crate::settlement::settle::{SettleError, Whose};
use crate::settlement::steps::TerritoryClass;
use crate::settlement::steps::{ContractResult, SettlementContext};
use crate::terms::PayeeNumber;
use crate::terms::balances::Balances;
use crate::terms::contracts::{Book, Tax};

/// The steps from the shares of contracts to what is paid.
pub const PAYMENT_STEPS: [PostingStep; 5] = [
    PostingStep::Exchange,
    PostingStep::Tax,
    PostingStep::CarriedForward,
    PostingStep::Minimum,
    PostingStep::Rounding,
];

/// What became of a payee's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayableState {
    /// It is paid.
    Paid,
    /// It is less than the minimum, or than the smallest unit of the currency, and is carried forward.
    BelowMinimum,
    /// It is below zero and is carried forward: later earnings make it good.
    Negative,
    /// It waits for an exchange rate into the payee's currency.
    WaitsForRate,
    /// There is nothing.
    Nothing,
}

impl PayableState {
    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::BelowMinimum => "below_minimum",
            Self::Negative => "negative",
            Self::WaitsForRate => "waits_for_rate",
            Self::Nothing => "nothing",
        }
    }
}

/// What a payee gets in one currency, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayableLine {
    /// Number of the payee.
    pub payee: PayeeNumber,
    /// Currency.
    pub currency: Currency,
    /// What became of it.
    pub state: PayableState,
    /// Carried forward from before.
    pub carried_in: Amount,
    /// Earned, exactly.
    pub earned: Amount,
    /// Tax withheld.
    pub tax: Amount,
    /// Carried in + earned − tax.
    pub exact: Amount,
    /// Carried forward to the next settlement.
    pub carried_out: Amount,
    /// Paid, in the currency's smallest unit.
    pub payable: Amount,
}

/// All payees.
#[derive(Debug, Clone, Default)]
pub(super) struct Paid {
    /// By payee.
    pub payees: Vec<Arc<PayeeResult>>,
    /// Sorted by payee and currency.
    pub lines: Vec<PayableLine>,
    /// What rounding leaves, by currency.
    pub rounding: Sums<Currency>,
    /// Movements of rounding and paying, by currency.
    pub transfers: Vec<Transfer>,
}

/// What became of one payee before rounding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayeeResult {
    payee: PayeeNumber,
    /// What they were settled from, beside their own terms.
    shares: Shares,
    lines: Vec<PayableLine>,
    /// Movements in the order of the steps.
    pub transfers: Vec<Transfer>,
    /// What is carried to the next settlement.
    pub closing: Balances,
    /// Balances that the movements come to.
    pub trial: Trial,
}

/// Amounts by class of territory.
type ByClass = Sums<TerritoryClass>;
/// What a payee has earned, by currency of the contract's account and class of territory. A payee of
/// whom only a balance is known has an empty one.
type Shares = BTreeMap<Currency, ByClass>;

/// Settles all payees. Those whose terms and shares are as in an earlier settlement, of the same
/// balances and rates and by a book with the same numbers, are not settled again.
pub(super) fn settle(
    context: &SettlementContext<'_>,
    contracts: &[Arc<ContractResult>],
    earlier: Option<(&Book, &[Arc<PayeeResult>])>,
) -> Result<Paid, SettleError> {
    let earlier = earlier.filter(|(old, _)| have_same_terms(&old.taxes, &context.book.taxes));
    let shares: Vec<(PayeeNumber, Shares)> = shares(context, contracts)?.into_iter().collect();
    let payees = shares
        .into_par_iter()
        .map(|(payee, shares)| settle_payee(context, payee, shares, earlier))
        .collect::<Result<Vec<_>, SettleError>>()?;
    let mut paid = Paid {
        lines: payees.iter().flat_map(|p| &p.lines).copied().collect(),
        payees,
        ..Paid::default()
    };
    paid.lines.sort_by_key(|l| (l.payee, l.currency, l.state));
    round(context, &mut paid).map_err(|e| SettleError::Overflow(Whose::Rounding, e))?;
    Ok(paid)
}

fn have_same_terms(old: &[Tax], new: &[Tax]) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(a, b)| a.has_same_terms(b))
}

fn settle_payee(
    context: &SettlementContext<'_>,
    payee: PayeeNumber,
    shares: Shares,
    earlier: Option<(&Book, &[Arc<PayeeResult>])>,
) -> Result<Arc<PayeeResult>, SettleError> {
    let terms = &context.book.payees[payee];
    if let Some((old, results)) = earlier
        && let Ok(index) = results.binary_search_by_key(&payee, |r| r.payee)
        && results[index].shares == shares
        && old.payees[payee].has_same_terms(terms)
    {
        return Ok(Arc::clone(&results[index]));
    }
    let settled = PayeeAccount::of(context, payee).settle(shares);
    settled
        .map(Arc::new)
        .map_err(|e| overflow_of(context, payee, e))
}

fn overflow_of(
    context: &SettlementContext<'_>,
    payee: PayeeNumber,
    e: AmountOverflow,
) -> SettleError {
    let name = context.book.payees[payee].name.clone();
    SettleError::Overflow(Whose::Payee(name), e)
}

/// What each payee has earned from contracts, or what waited for a rate; also those of whom only a
/// balance is carried.
fn shares(
    context: &SettlementContext<'_>,
    contracts: &[Arc<ContractResult>],
) -> Result<BTreeMap<PayeeNumber, Shares>, SettleError> {
    let mut shares: BTreeMap<PayeeNumber, Shares> = BTreeMap::new();
    for result in contracts {
        let currency = context.book.contracts[result.contract].currency;
        for ((payee, class), amount) in &result.shares {
            let by_currency = shares.entry(*payee).or_default();
            let by_class = by_currency.entry(currency).or_default();
            let added = by_class.add(*class, *amount);
            added.map_err(|e| overflow_of(context, *payee, e))?;
        }
    }
    let opening = context.opening;
    for (key, amount) in &opening.waiting {
        let payee = context.payee(&key.payee);
        let by_currency = shares.entry(payee).or_default();
        let by_class = by_currency.entry(key.currency).or_default();
        let added = by_class.add(context.class(&key.territory), *amount);
        added.map_err(|e| overflow_of(context, payee, e))?;
    }
    let carried = opening.carried.keys().map(|key| &key.payee);
    let corrected = opening.corrections.keys().map(|key| &key.payee);
    for name in carried.chain(corrected) {
        shares.entry(context.payee(name)).or_default();
    }
    Ok(shares)
}
