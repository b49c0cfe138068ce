//! The tables of a settlement: postings, payables, balances.

use std::io::{self, Write};

use super::guarded;
use super::tables::writer;
use crate::money::{Amount, AmountOverflow};
use crate::payout::{BALANCE_COLUMNS, Settled, Trial, add_up};

/// Columns of postings.csv.
pub const POSTING_COLUMNS: [&str; 11] =
    ["posting", "step", "clause", "contract", "payee", "account", "currency", "amount", "track", "source", "arithmetic"];
/// Columns of payables.csv.
pub const PAYABLE_COLUMNS: [&str; 10] =
    ["payee", "currency", "state", "carried_in", "earned", "tax_withheld", "exact_amount", "carried_forward", "payable_amount", "bank"];

/// Writes postings.csv: each movement as two rows, the account that is debited with a plus and the one that is credited with a minus, so
/// that the amounts of each currency sum to zero. Gives back the balances that the written rows come to.
///
/// # Errors
/// The error of the writer; a balance outside of the exact range is one too.
pub fn write_postings(out: &mut impl Write, settled: &Settled) -> io::Result<Trial> {
    let book = &settled.inputs.book;
    let mut csv = writer(out);
    csv.write_record(POSTING_COLUMNS)?;
    let mut trial = Trial::new();
    let overflow = |e: AmountOverflow| io::Error::other(e);
    for (number, transfer) in (1u64..).zip(settled.movements()) {
        let reason = &transfer.reason;
        let number = number.to_string();
        let contract = reason.contract.map_or("", |c| &*book.contracts[c as usize].name);
        let payee = reason.payee.map_or("", |p| book.payees[p as usize].name.as_str());
        let texts = [&*reason.clause, contract, payee, &*reason.track, reason.source.as_str(), reason.arithmetic.as_str()];
        let [clause, contract, payee, track, source, arithmetic] = texts.map(guarded);
        for (account, amount) in [(&transfer.debit, transfer.amount), (&transfer.credit, transfer.amount.negated())] {
            let (account, amount) = (account.label(book), amount.to_string());
            let currency = transfer.currency;
            csv.write_record([
                number.as_str(),
                reason.step,
                &clause,
                &contract,
                &payee,
                &account,
                currency.code(),
                &amount,
                &track,
                &source,
                &arithmetic,
            ])?;
        }
        add_up(&mut trial, std::slice::from_ref(&transfer)).map_err(overflow)?;
    }
    csv.flush()?;
    Ok(trial)
}

/// Writes payables.csv: one line for each payee and currency, and one for what rounding leaves of each currency.
///
/// # Errors
/// The error of the writer.
pub fn write_payables(out: &mut impl Write, settled: &Settled) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(PAYABLE_COLUMNS)?;
    for line in &settled.payables {
        let payee = &settled.inputs.book.payees[line.payee as usize];
        let amounts = [line.carried_in, line.earned, line.tax, line.exact, line.carried_out, line.payable].map(|a| a.to_string());
        let texts = [guarded(&payee.name), line.currency.code().into(), line.state.code().into()];
        let bank = guarded(&payee.bank);
        let cells = texts.iter().map(|t| t.as_bytes()).chain(amounts.iter().map(String::as_bytes)).chain([bank.as_bytes()]);
        csv.write_record(cells)?;
    }
    for (currency, rounding) in &settled.rounding {
        let zero = Amount::ZERO.to_string();
        let rounding = rounding.to_string();
        csv.write_record([crate::payout::ROUNDING, currency.code(), "rounding", &zero, &zero, &zero, &zero, &zero, &rounding, ""])?;
    }
    csv.flush()
}

/// Writes balances.csv, which is a file of opening balances for the next settlement.
///
/// # Errors
/// The error of the writer.
pub fn write_balances(out: &mut impl Write, settled: &Settled) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(BALANCE_COLUMNS)?;
    for row in settled.closing.rows() {
        csv.write_record(row)?;
    }
    csv.flush()
}
