//! The money that reached the bank for a statement, spread over its lines.
//!
//! Invariant: the lines of the statement sum to what was received, to the last digit, those without a contract included.

use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, spread};
use crate::settlement::cells::Cells;
use crate::settlement::ledger::{Account, PostingReason, PostingStep, Transfer};
use crate::terms::input::Fault;
use crate::terms::rates::Rates;

/// What [`spread_received`] gives.
pub(super) struct SpreadMoney {
    /// Cells whose statements have been received are in the bank's currency now.
    pub cells: Cells,
    /// From what was reported to what was received.
    pub transfers: Vec<Transfer>,
    /// Money for statements that have no cells.
    pub notes: Vec<String>,
}

/// Spreads what was received in a period over the lines of each statement, in proportion to what was reported.
///
/// # Errors
/// Faults, where a statement reports nothing on the whole, so that there is no proportion.
pub(super) fn spread_received(
    cells: &Cells,
    rates: &Rates,
    period: SalePeriod,
) -> Result<Option<SpreadMoney>, Vec<Fault>> {
    let of_period = || {
        rates
            .received
            .iter()
            .filter(|r| r.period.is_none_or(|p| p == period))
    };
    if of_period().next().is_none() {
        return Ok(None);
    }
    let mut out = SpreadMoney {
        cells: cells.clone(),
        transfers: Vec::new(),
        notes: Vec::new(),
    };
    let mut faults = Vec::new();
    for received in of_period() {
        let statement = cells.statements.binary_search(&received.statement).ok();
        let is_of = |line: usize| {
            let dim = &cells.dims[cells.lines[line].dim as usize];
            Some(dim.statement as usize) == statement && dim.currency == received.from
        };
        let lines: Vec<usize> = (0..cells.lines.len()).filter(|line| is_of(*line)).collect();
        if lines.is_empty() {
            out.notes.push(format!(
                "{}: no cell of statement {:?} is in {}",
                received.place, received.statement, received.from
            ));
            continue;
        }
        let weights: Vec<Amount> = lines.iter().map(|line| cells.lines[*line].amount).collect();
        let parts = spread(received.amount, &weights)
            .and_then(|parts| Ok((parts, Amount::sum(weights.iter().copied())?)));
        let Ok((parts, reported)) = parts else {
            let problem = format!(
                "statement {:?} reports nothing in {} on the whole, or the amounts are too large",
                received.statement, received.from
            );
            faults.push(Fault::new(
                &received.place,
                "received",
                problem,
                "give a rate instead",
            ));
            continue;
        };
        for (line, part) in lines.into_iter().zip(parts) {
            out.cells.lines[line].amount = part;
        }
        post(&mut out.transfers, received, reported);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    for dim in &mut out.cells.dims {
        if let Some(received) = of_period().find(|r| {
            r.from == dim.currency && cells.statements[dim.statement as usize] == r.statement
        }) {
            dim.currency = received.to;
            dim.is_received = true;
        }
    }
    Ok(Some(out))
}

fn post(transfers: &mut Vec<Transfer>, received: &crate::terms::rates::Received, reported: Amount) {
    let words = format!(
        "{reported} {} reported, {} {} received",
        received.from, received.amount, received.to
    );
    let reason = PostingReason {
        step: PostingStep::Exchange,
        clause: "received".into(),
        source: received.source.clone(),
        arithmetic: words,
        ..PostingReason::default()
    };
    let account = || Account::Receivable(received.statement.as_str().into());
    let mut push = |currency: Currency, debit, credit, amount| {
        transfers.push(Transfer {
            debit,
            credit,
            currency,
            amount,
            reason: reason.clone(),
        })
    };
    push(received.from, account(), Account::Exchange, reported);
}
