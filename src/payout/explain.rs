//! Why a payee gets what they get: the arithmetic step by step, down to the cells.

use std::collections::BTreeSet;

use super::assign::Part;
use super::ledger::{Account, Transfer};
use super::payees::PayableLine;
use super::settle::Settled;
use crate::ident::Currency;

/// Cells, and incomes, that are listed of each contract; the rest is counted.
const MOST_SOURCES: usize = 20;

impl Settled {
    /// The arithmetic behind what a payee gets in a currency, as lines of text. `None` when they get nothing in it.
    #[must_use]
    pub fn explain(&self, payee: &str, currency: Currency) -> Option<Vec<String>> {
        let number = self.inputs.book.payee(payee)? as u32;
        let line = self.payables.iter().find(|l| l.payee == number && l.currency == currency)?;
        let mut out = vec![format!("{payee}, {currency}, {}: {}", self.period, self.verdict(line))];
        out.push(format!(
            "  {} carried in + {} earned - {} tax = {} exactly; {} paid, {} carried forward",
            line.carried_in, line.earned, line.tax, line.exact, line.payable, line.carried_out
        ));
        out.push("Payee:".to_owned());
        out.extend(self.before.iter().chain(self.after()).filter(|t| t.reason.payee == Some(number)).map(|t| self.sentence(t)));
        for result in self.contracts.iter().filter(|r| r.transfers.iter().any(|t| touches(t, number))) {
            self.explain_contract(result.contract, number, &mut out);
        }
        Some(out)
    }

    fn verdict(&self, line: &PayableLine) -> String {
        let payee = &self.inputs.book.payees[line.payee as usize];
        match line.state {
            super::State::Paid => format!("{} is paid", line.payable),
            super::State::BelowMinimum => format!("{} is below the minimum of {} and is carried forward", line.exact, payee.minimum),
            super::State::Negative => format!("{} is below zero and is carried forward", line.exact),
            super::State::WaitsForRate => format!("{} waits for a rate to {}; give a file of rates that has it", line.earned, payee.currency),
            super::State::Nothing => "nothing".to_owned(),
        }
    }

    fn explain_contract(&self, number: u32, payee: u32, out: &mut Vec<String>) {
        let book = &self.inputs.book;
        let contract = &book.contracts[number as usize];
        let profile = &book.profiles[contract.profile];
        let steps: Vec<&str> = profile.steps.iter().map(|s| s.word()).collect();
        out.push(format!("Contract {:?} ({}), profile {:?}: {}", contract.name, contract.place, profile.name, steps.join(" > ")));
        let income = self.income(number);
        let mut tracks: BTreeSet<&str> = BTreeSet::new();
        for transfer in &income {
            tracks.insert(&transfer.reason.track);
        }
        out.push(format!("  income: {} postings of {} tracks", income.len(), tracks.len()));
        let mut largest: Vec<&Transfer> = income.iter().collect();
        largest.sort_by_key(|t| std::cmp::Reverse(t.amount.magnitude()));
        out.extend(largest.iter().take(MOST_SOURCES).map(|t| self.sentence(t)));
        if largest.len() > MOST_SOURCES {
            out.push(format!("    … and {} more, in postings.csv", largest.len() - MOST_SOURCES));
        }
        out.extend(self.explain_cells(number));
        let transfers = &self.contracts[number as usize].transfers;
        // The shares of other payees are none of this payee's business.
        let is_shown = |t: &&Transfer| t.reason.payee.is_none_or(|p| p == payee);
        out.extend(transfers.iter().filter(is_shown).map(|t| self.sentence(t)));
    }

    /// The largest cells of a contract, as they stand in the input, equal ones summed.
    fn explain_cells(&self, number: u32) -> Vec<String> {
        let cells = &self.inputs.cells;
        let mut parts: Vec<Part<'_>> = self.assigned.parts(number, cells).collect();
        parts.sort_by_key(|part| (std::cmp::Reverse(part.amount.magnitude()), part.line));
        let row = |part: &Part<'_>| {
            let line = &cells.lines[part.line as usize];
            let dim = &cells.dims[line.dim as usize];
            let work = &cells.works[line.work as usize];
            let texts = [
                if work.track.is_empty() { &work.release } else { &work.track },
                &cells.territories[dim.territory as usize],
                &cells.periods[dim.period as usize].to_string(),
                &cells.usages[dim.usage as usize],
                &cells.dsps[dim.dsp as usize],
                &cells.flags[dim.flags as usize],
                &cells.statements[dim.statement as usize],
            ];
            let key = texts.into_iter().filter(|t| !t.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" | ");
            let of = if part.share.is_some() { format!(" of {}", line.amount) } else { String::new() };
            let album = part.share.and_then(|s| s.album.as_deref());
            let spread = album.map(|a| format!("; track {}, {}", a.track, a.words())).unwrap_or_default();
            format!("    cell {key}: {} units, {}{of} {}{spread}", part.quantity, part.amount, dim.currency)
        };
        let mut out: Vec<String> = parts.iter().take(MOST_SOURCES).map(row).collect();
        if parts.len() > MOST_SOURCES {
            out.push(format!("    … and {} more cells", parts.len() - MOST_SOURCES));
        }
        out
    }

    fn sentence(&self, transfer: &Transfer) -> String {
        let book = &self.inputs.book;
        let reason = &transfer.reason;
        let mut text = format!("  {}: {}", reason.step, reason.clause);
        if !reason.track.is_empty() {
            text.push_str(&format!(", track {}", reason.track));
        }
        if !reason.arithmetic.is_empty() {
            text.push_str(&format!(": {}", reason.arithmetic));
        }
        if !reason.source.is_empty() {
            text.push_str(&format!(" ({})", reason.source));
        }
        text.push_str(&format!(
            " -> {} {} from {} to {}",
            transfer.amount,
            transfer.currency,
            transfer.debit.label(book),
            transfer.credit.label(book)
        ));
        text
    }
}

fn touches(transfer: &Transfer, payee: u32) -> bool {
    [&transfer.debit, &transfer.credit].into_iter().any(|account| *account == Account::Payee(payee))
}
