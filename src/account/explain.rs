//! Why a payee gets what they get: the arithmetic step by step, down to the cells; as steps, and as lines of text.

use std::collections::BTreeSet;

use crate::account::statement::parties;
use crate::ident::Currency;
use crate::money::{Amount, smallest_unit};
use crate::settlement::AssignedPart;
use crate::settlement::ledger::{Account, Transfer};
use crate::settlement::payees::{PayableLine, PayableState};
use crate::settlement::settle::Settled;
use crate::terms::{ContractNumber, PayeeNumber};

/// Cells, and incomes, that are listed of each contract; the rest is counted.
const MOST_SOURCES: usize = 20;

/// Why a payee gets what they get in a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayableReasons {
    /// What is paid, carried and withheld.
    pub line: PayableLine,
    /// What became of it, in words.
    pub verdict: String,
    /// Movements of the payee's own account: exchange, tax, carried forward, rounding.
    pub account: Vec<ReasonStep>,
    /// The contracts that the payee has a part in.
    pub contracts: Vec<ContractReasons>,
}

/// What a contract does to the money on its way to a payee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractReasons {
    /// Its name.
    pub contract: String,
    /// Where it is written.
    pub place: String,
    /// Its profile.
    pub profile: String,
    /// The order of its steps.
    pub order: Vec<&'static str>,
    /// How many postings of income it has.
    pub incomes: usize,
    /// Of how many tracks.
    pub tracks: usize,
    /// The largest incomes.
    pub largest: Vec<ReasonStep>,
    /// The largest cells, as they stand in the input.
    pub cells: Vec<ReasonCell>,
    /// How many more cells there are.
    pub more_cells: usize,
    /// Its steps, without the shares of other payees.
    pub steps: Vec<ReasonStep>,
}

/// One movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonStep {
    /// The step: `fees`, `split`, `tax`, …
    pub step: &'static str,
    /// The clause of the contract.
    pub clause: String,
    /// The track, where it is about one.
    pub track: String,
    /// How the amount was computed.
    pub arithmetic: String,
    /// Cells, rate or balance.
    pub source: String,
    /// How much.
    pub amount: Amount,
    /// Currency.
    pub currency: Currency,
    /// Where it comes from, as in files.
    pub from: String,
    /// Where it goes, as in files.
    pub to: String,
}

/// A cell of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCell {
    /// The track; empty for a whole release.
    pub track: String,
    /// The release; empty where the track says it.
    pub release: String,
    /// Territory.
    pub territory: String,
    /// Sale period.
    pub period: String,
    /// Usage type.
    pub usage: String,
    /// DSP.
    pub dsp: String,
    /// Flags of a promotion programme.
    pub flags: String,
    /// The statement.
    pub statement: String,
    /// Units.
    pub quantity: Amount,
    /// The contract's part of the money.
    pub amount: Amount,
    /// The money of the whole cell, where it is shared by several contracts or tracks.
    pub shared_of: Option<Amount>,
    /// Of an album line the track that this is the part of, and how the part is computed.
    pub spread: Option<(String, String)>,
    /// Currency.
    pub currency: Currency,
}

impl Settled {
    /// The arithmetic behind what a payee gets in a currency. `None` when they get nothing in it.
    #[must_use]
    pub fn reasons(&self, payee: &str, currency: Currency) -> Option<PayableReasons> {
        let number = self.inputs.book.payee(payee)?;
        let line = self
            .payables
            .iter()
            .find(|l| l.payee == number && l.currency == currency)?;
        let own = self
            .before
            .iter()
            .chain(self.after())
            .filter(|t| t.reason.payee == Some(number));
        let contracts = self.contracts.iter().filter(|r| {
            // Who is still recouping asks most of all why nothing is paid.
            let terms = &self.inputs.book.contracts[r.contract];
            r.transfers.iter().any(|t| touches(t, number))
                || (!r.income.is_empty() && parties(terms).contains(&number))
        });
        Some(PayableReasons {
            line: *line,
            verdict: self.verdict(line),
            account: own.map(|t| self.reason_step(t)).collect(),
            contracts: contracts
                .map(|r| self.contract_reasons(r.contract, number))
                .collect(),
        })
    }

    /// The arithmetic behind what a payee gets in a currency, as lines of text. `None` when they get nothing in it.
    #[must_use]
    pub fn explain(&self, payee: &str, currency: Currency) -> Option<Vec<String>> {
        let PayableReasons {
            line,
            verdict,
            account,
            contracts,
        } = self.reasons(payee, currency)?;
        let mut out = vec![format!("{payee}, {currency}, {}: {verdict}", self.period)];
        out.push(format!(
            "  {} carried in + {} earned - {} tax = {} exactly; {} paid, {} carried forward",
            line.carried_in, line.earned, line.tax, line.exact, line.payable, line.carried_out
        ));
        out.push("Payee:".to_owned());
        out.extend(account.iter().map(ReasonStep::sentence));
        contracts.iter().for_each(|c| c.sentences(&mut out));
        Some(out)
    }

    fn verdict(&self, line: &PayableLine) -> String {
        let payee = &self.inputs.book.payees[line.payee];
        let unit = smallest_unit(payee.currency);
        match line.state {
            PayableState::Paid => format!("{} is paid", line.payable),
            PayableState::BelowMinimum if payee.minimum < unit => format!(
                "{} is less than the smallest unit of {}, {unit}, and is carried forward",
                line.exact, payee.currency
            ),
            PayableState::BelowMinimum => format!(
                "{} is below the minimum of {} {} and is carried forward",
                line.exact, payee.minimum, payee.currency
            ),
            PayableState::Negative => {
                format!("{} is below zero and is carried forward", line.exact)
            }
            PayableState::WaitsForRate => format!(
                "{} waits for a rate to {}; give a file of rates that has it",
                line.exact, payee.currency
            ),
            PayableState::Nothing => {
                let open = self.still_unrecouped(line.payee);
                let open = open.into_iter().map(|open| format!("; {open}"));
                format!("nothing is paid{}", open.collect::<String>())
            }
        }
    }

    /// What is still to be recouped before a payee is paid, a sentence for each contract.
    fn still_unrecouped(&self, payee: PayeeNumber) -> Vec<String> {
        let book = &self.inputs.book;
        let of_payee = self
            .contracts
            .iter()
            .map(|result| (result, &book.contracts[result.contract]))
            .filter(|(_, terms)| parties(terms).contains(&payee));
        let sentences = of_payee.filter_map(|(result, terms)| {
            let open = Amount::sum(result.unrecouped.iter().copied().flatten()).ok()?;
            (!open.is_zero()).then(|| {
                format!(
                    "{open} {} of contract {:?} are still to be recouped",
                    terms.currency, terms.name
                )
            })
        });
        sentences.collect()
    }

    fn contract_reasons(&self, number: ContractNumber, payee: PayeeNumber) -> ContractReasons {
        let book = &self.inputs.book;
        let contract = &book.contracts[number];
        let profile = &book.profiles[contract.profile];
        let income = self.income(number);
        let tracks: BTreeSet<&str> = income.iter().map(|t| &*t.reason.track).collect();
        let mut largest: Vec<&Transfer> = income.iter().collect();
        largest.sort_by_key(|t| std::cmp::Reverse(t.amount.magnitude()));
        // The shares of other payees are none of this payee's business.
        let is_shown = |t: &&Transfer| t.reason.payee.is_none_or(|p| p == payee);
        let (cells, more_cells) = self.largest_cells(number);
        ContractReasons {
            contract: contract.name.to_string(),
            place: contract.place.to_string(),
            profile: profile.name.clone(),
            order: profile.steps.iter().map(|s| s.word()).collect(),
            incomes: income.len(),
            tracks: tracks.len(),
            largest: largest
                .iter()
                .take(MOST_SOURCES)
                .map(|t| self.reason_step(t))
                .collect(),
            cells,
            more_cells,
            steps: self.contracts[number.index()]
                .transfers
                .iter()
                .filter(is_shown)
                .map(|t| self.reason_step(t))
                .collect(),
        }
    }

    /// The largest cells of a contract, as they stand in the input, equal ones summed; and how many more there are.
    fn largest_cells(&self, number: ContractNumber) -> (Vec<ReasonCell>, usize) {
        let cells = &self.inputs.cells;
        let mut parts: Vec<AssignedPart<'_>> = self.assigned.parts(number, cells).collect();
        parts.sort_by_key(|part| (std::cmp::Reverse(part.amount.magnitude()), part.line));
        let cell = |part: &AssignedPart<'_>| {
            let line = &cells.lines[part.line];
            let dim = &cells.dims[line.dim as usize];
            let work = &cells.works[line.work as usize];
            ReasonCell {
                track: work.track.clone(),
                release: if work.track.is_empty() {
                    work.release.clone()
                } else {
                    String::new()
                },
                territory: cells.territories[dim.territory as usize].clone(),
                period: cells.periods[dim.period as usize].to_string(),
                usage: cells.usages[dim.usage as usize].clone(),
                dsp: cells.dsps[dim.dsp as usize].clone(),
                flags: cells.flags[dim.flags as usize].clone(),
                statement: cells.statements[dim.statement as usize].clone(),
                quantity: part.quantity,
                amount: part.amount,
                shared_of: part.share.map(|_| line.amount),
                spread: part
                    .share
                    .and_then(|s| s.album.as_deref())
                    .map(|album| (album.track.clone(), album.words())),
                currency: dim.currency,
            }
        };
        (
            parts.iter().take(MOST_SOURCES).map(cell).collect(),
            parts.len().saturating_sub(MOST_SOURCES),
        )
    }

    fn reason_step(&self, transfer: &Transfer) -> ReasonStep {
        let book = &self.inputs.book;
        let reason = &transfer.reason;
        ReasonStep {
            step: reason.step.word(),
            clause: reason.clause.to_string(),
            track: reason.track.to_string(),
            arithmetic: reason.arithmetic.clone(),
            source: reason.source.clone(),
            amount: transfer.amount,
            currency: transfer.currency,
            from: transfer.debit.label(book),
            to: transfer.credit.label(book),
        }
    }
}

impl ContractReasons {
    fn sentences(&self, out: &mut Vec<String>) {
        let Self {
            contract,
            place,
            profile,
            order,
            incomes,
            tracks,
            ..
        } = self;
        out.push(format!(
            "Contract {contract:?} ({place}), profile {profile:?}: {}",
            order.join(" > ")
        ));
        out.push(format!("  income: {incomes} postings of {tracks} tracks"));
        out.extend(self.largest.iter().map(ReasonStep::sentence));
        if *incomes > self.largest.len() {
            out.push(format!(
                "    … and {} more, in postings.csv",
                incomes - self.largest.len()
            ));
        }
        out.extend(self.cells.iter().map(ReasonCell::sentence));
        if self.more_cells > 0 {
            out.push(format!("    … and {} more cells", self.more_cells));
        }
        out.extend(self.steps.iter().map(ReasonStep::sentence));
    }
}

impl ReasonCell {
    /// Its key: what was used where and when.
    #[must_use]
    pub fn key(&self) -> String {
        let texts = [
            &self.track,
            &self.release,
            &self.territory,
            &self.period,
            &self.usage,
            &self.dsp,
            &self.flags,
            &self.statement,
        ];
        texts
            .into_iter()
            .filter(|t| !t.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" | ")
    }

    fn sentence(&self) -> String {
        let of = self
            .shared_of
            .map(|whole| format!(" of {whole}"))
            .unwrap_or_default();
        let spread = self
            .spread
            .as_ref()
            .map(|(track, words)| format!("; track {track}, {words}"))
            .unwrap_or_default();
        format!(
            "    cell {}: {} units, {}{of} {}{spread}",
            self.key(),
            self.quantity,
            self.amount,
            self.currency
        )
    }
}

impl ReasonStep {
    fn sentence(&self) -> String {
        let mut text = format!("  {}: {}", self.step, self.clause);
        if !self.track.is_empty() {
            text.push_str(&format!(", track {}", self.track));
        }
        if !self.arithmetic.is_empty() {
            text.push_str(&format!(": {}", self.arithmetic));
        }
        if !self.source.is_empty() {
            text.push_str(&format!(" ({})", self.source));
        }
        text.push_str(&format!(
            " -> {} {} from {} to {}",
            self.amount, self.currency, self.from, self.to
        ));
        text
    }
}

fn touches(transfer: &Transfer, payee: PayeeNumber) -> bool {
    [&transfer.debit, &transfer.credit]
        .into_iter()
        .any(|account| *account == Account::Payee(payee))
}
