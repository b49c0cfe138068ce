//! The tables of a settlement: postings, payables, balances.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::guarded;
use super::tables::writer;
use crate::account::{PayoutFile, PayoutProfile};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::{Settled, Transfer, Trial};
use crate::terms::{AccountKind, BALANCE_COLUMNS};

/// Columns of postings.csv.
pub const POSTING_COLUMNS: [&str; 11] = [
    "posting",
    "step",
    "clause",
    "contract",
    "payee",
    "account",
    "currency",
    "amount",
    "track",
    "source",
    "arithmetic",
];
/// Columns of journal.csv.
pub const JOURNAL_COLUMNS: [&str; 5] = ["account", "currency", "debit", "credit", "balance"];
/// Columns of payables.csv.
pub const PAYABLE_COLUMNS: [&str; 10] = [
    "payee",
    "currency",
    "state",
    "carried_in",
    "earned",
    "tax_withheld",
    "exact_amount",
    "carried_forward",
    "payable_amount",
    "bank",
];

/// Debits and credits by kind of account and currency; neither is below zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turnover {
    sums: BTreeMap<(AccountKind, Currency), (Amount, Amount)>,
}

impl Turnover {
    fn add(&mut self, transfer: &Transfer) -> Result<(), AmountOverflow> {
        let mut debit = transfer.debit.kind();
        let mut credit = transfer.credit.kind();
        let mut amount = transfer.amount;
        if amount.is_negative() {
            // What is below zero goes the other way.
            std::mem::swap(&mut debit, &mut credit);
            amount = amount.negated();
        }
        let debited = &mut self.sums.entry((debit, transfer.currency)).or_default().0;
        *debited = debited.plus(amount)?;
        let credited = &mut self.sums.entry((credit, transfer.currency)).or_default().1;
        *credited = credited.plus(amount)?;
        Ok(())
    }

    /// The balances that they come to.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a balance leaves the exact range.
    pub fn trial(&self) -> Result<Trial, AmountOverflow> {
        self.sums
            .iter()
            .map(|(key, (debit, credit))| Ok((*key, debit.minus(*credit)?)))
            .collect()
    }
}

/// Writes journal.csv: one line for each kind of account and currency, with what was debited and credited.
///
/// # Errors
/// The error of the writer; a balance outside of the exact range is one too.
pub fn write_journal(out: &mut impl Write, turnover: &Turnover) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(JOURNAL_COLUMNS)?;
    for ((account, currency), (debit, credit)) in &turnover.sums {
        let balance = debit.minus(*credit).map_err(io::Error::other)?;
        csv.write_record([
            account.label(),
            currency.code(),
            &debit.to_string(),
            &credit.to_string(),
            &balance.to_string(),
        ])?;
    }
    csv.flush()
}

/// Writes a payout file. Names and texts are guarded; bank references are numbers and codes, and stay as they are.
///
/// # Errors
/// The error of the writer.
pub fn write_payout_file(
    out: &mut impl Write,
    profile: &PayoutProfile,
    file: &PayoutFile,
) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new()
        .delimiter(profile.delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    if profile.has_header {
        csv.write_record(profile.columns.iter().map(|c| c.title.as_str()))?;
    }
    for row in &file.rows {
        let cells = row.iter().zip(&profile.columns).map(|(text, column)| {
            if column.is_text {
                guarded(text)
            } else {
                text.into()
            }
        });
        csv.write_record(cells.map(|cell| cell.into_owned()))?;
    }
    csv.flush()
}

/// Writes postings.csv: each movement as two rows, the account that is debited with a plus and the one that is credited with a minus, so
/// that the amounts of each currency sum to zero. Gives back what the written rows come to.
///
/// # Errors
/// The error of the writer; a sum outside of the exact range is one too.
pub fn write_postings(out: &mut impl Write, settled: &Settled) -> io::Result<Turnover> {
    let book = &settled.inputs.book;
    let mut csv = writer(out);
    csv.write_record(POSTING_COLUMNS)?;
    let mut turnover = Turnover::default();
    for (number, transfer) in (1u64..).zip(settled.movements()) {
        let reason = &transfer.reason;
        let number = number.to_string();
        let contract = reason.contract.map_or("", |c| &*book.contracts[c].name);
        let payee = reason.payee.map_or("", |p| book.payees[p].name.as_str());
        let texts = [
            &*reason.clause,
            contract,
            payee,
            &*reason.track,
            reason.source.as_str(),
            reason.arithmetic.as_str(),
        ];
        let [clause, contract, payee, track, source, arithmetic] = texts.map(guarded);
        for (account, amount) in [
            (&transfer.debit, transfer.amount),
            (&transfer.credit, transfer.amount.negated()),
        ] {
            let account = account.label(book);
            let amount = amount.to_string();
            let currency = transfer.currency;
            csv.write_record([
                number.as_str(),
                reason.step.word(),
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
        turnover.add(&transfer).map_err(io::Error::other)?;
    }
    csv.flush()?;
    Ok(turnover)
}

/// Writes payables.csv: one line for each payee and currency, and one for what rounding leaves of each currency.
///
/// # Errors
/// The error of the writer.
pub fn write_payables(out: &mut impl Write, settled: &Settled) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(PAYABLE_COLUMNS)?;
    for line in &settled.payables {
        let payee = &settled.inputs.book.payees[line.payee];
        let amounts = [
            line.carried_in,
            line.earned,
            line.tax,
            line.exact,
            line.carried_out,
            line.payable,
        ]
        .map(|a| a.to_string());
        let texts = [
            guarded(&payee.name),
            line.currency.code().into(),
            line.state.code().into(),
        ];
        let bank = guarded(&payee.bank);
        let cells = texts
            .iter()
            .map(|t| t.as_bytes())
            .chain(amounts.iter().map(String::as_bytes))
            .chain([bank.as_bytes()]);
        csv.write_record(cells)?;
    }
    for (currency, rounding) in &settled.rounding {
        let zero = Amount::ZERO.to_string();
        let rounding = rounding.to_string();
        csv.write_record([
            crate::payout::ROUNDING,
            currency.code(),
            "rounding",
            &zero,
            &zero,
            &zero,
            &zero,
            &zero,
            &rounding,
            "",
        ])?;
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
