//! The one step where money of contracts is rounded.

use std::collections::BTreeMap;

use super::{Paid, PayableLine, PayableState};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, allocate};
use crate::settlement::ledger::{Account, PostingReason, PostingStep, Transfer};
use crate::settlement::steps::SettlementContext;

/// Rounds what is paid in a currency, by largest remainder over its payees. What each gains or loses
/// by it is a movement of its own.
pub(super) fn round(
    context: &SettlementContext<'_>,
    paid: &mut Paid,
) -> Result<(), AmountOverflow> {
    let mut by_currency: BTreeMap<Currency, Vec<usize>> = BTreeMap::new();
    for (index, line) in paid.lines.iter().enumerate() {
        if line.state == PayableState::Paid {
            by_currency.entry(line.currency).or_default().push(index);
        }
    }
    for (currency, indices) in by_currency {
        let exact: Vec<Amount> = indices.iter().map(|i| paid.lines[*i].exact).collect();
        let rounded = allocate(&exact, currency.minor_digits())?;
        paid.rounding.add(currency, rounded.rounding)?;
        for (index, payable) in indices.into_iter().zip(rounded.payable) {
            let line = &mut paid.lines[index];
            line.payable = payable;
            let bank = &context.book.payees[line.payee].bank;
            paid.transfers.extend(payments(line, bank)?);
        }
    }
    Ok(())
}

/// What rounding takes from a line, and what is paid; nothing where an amount is zero.
fn payments(
    line: &PayableLine,
    bank: &str,
) -> Result<impl Iterator<Item = Transfer>, AmountOverflow> {
    let payable = line.payable;
    let digits = line.currency.minor_digits();
    let rounding = Transfer {
        debit: Account::Payee(line.payee),
        credit: Account::Rounding,
        currency: line.currency,
        amount: line.exact.minus(payable)?,
        reason: PostingReason {
            step: PostingStep::Rounding,
            payee: Some(line.payee),
            clause: "rounding".into(),
            arithmetic: format!(
                "{} to {digits} digits, by largest remainder: {payable}",
                line.exact
            ),
            ..PostingReason::default()
        },
    };
    let payment = Transfer {
        debit: Account::Payee(line.payee),
        credit: Account::Payable(line.payee),
        currency: line.currency,
        amount: payable,
        reason: PostingReason {
            step: PostingStep::Minimum,
            payee: Some(line.payee),
            clause: "paid".into(),
            source: bank.to_owned(),
            arithmetic: payable.to_string(),
            ..PostingReason::default()
        },
    };
    let both = [rounding, payment].into_iter();
    Ok(both.filter(|transfer| !transfer.amount.is_zero()))
}
