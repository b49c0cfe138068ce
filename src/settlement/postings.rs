//! All movements of a settlement in their order, with those of income, which are made only when they are written.

use std::collections::BTreeMap;

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::album::AlbumPart;
use crate::settlement::assign::AssignedPart;
use crate::settlement::cells::Dim;
use crate::settlement::cells::LineNumber;
use crate::settlement::ledger::{Account, PostingReason, PostingStep, Transfer};
use crate::settlement::settle::Settled;
use crate::terms::ContractNumber;

/// What income is posted by: currency, whether it was received, sale period, DSP, statement, work, and the part of an album line.
type IncomeKey<'a> = (Currency, bool, u32, u32, u32, u32, Option<&'a AlbumPart>);

/// Amounts by key, with how many each is the sum of.
struct CountedSums<K> {
    sums: BTreeMap<K, (Amount, u64)>,
    /// Sums that stand as they are, because one more amount would have left the exact range.
    full: Vec<(K, (Amount, u64))>,
}

impl<K> Default for CountedSums<K> {
    fn default() -> Self {
        Self {
            sums: BTreeMap::new(),
            full: Vec::new(),
        }
    }
}

impl<K: Ord + Copy> CountedSums<K> {
    fn add(&mut self, key: K, amount: Amount) {
        let sum = self.sums.entry(key).or_default();
        match sum.0.plus(amount) {
            Ok(total) => *sum = (total, sum.1 + 1),
            Err(AmountOverflow) => self.full.push((key, std::mem::replace(sum, (amount, 1)))),
        }
    }

    /// All sums but those of nothing.
    fn all(self) -> impl Iterator<Item = (K, (Amount, u64))> {
        self.full
            .into_iter()
            .chain(self.sums)
            .filter(|(_, (amount, _))| !amount.is_zero())
    }
}

impl Settled {
    /// All movements in their order: opening balances, each contract's income and steps, money that waits, payees.
    pub fn movements(&self) -> impl Iterator<Item = Transfer> + '_ {
        let contracts = self.contracts.iter().flat_map(|result| {
            self.income(result.contract)
                .into_iter()
                .chain(result.transfers.iter().cloned())
        });
        self.before
            .iter()
            .cloned()
            .chain(contracts)
            .chain(self.waiting())
            .chain(self.after().cloned())
    }

    /// Movements of payees, and of rounding and paying.
    pub(crate) fn after(&self) -> impl Iterator<Item = &Transfer> {
        self.payees
            .iter()
            .flat_map(|payee| &payee.transfers)
            .chain(&self.rounded)
    }

    /// Income of a contract, by track, DSP and sale period.
    #[must_use]
    pub fn income(&self, contract: ContractNumber) -> Vec<Transfer> {
        let mut sums = CountedSums::default();
        for (key, amount) in self
            .assigned
            .parts(contract, &self.inputs.cells)
            .map(|part| self.income_of(part))
        {
            sums.add(key, amount);
        }
        sums.all()
            .map(|(key, (amount, lines))| {
                let reason = PostingReason {
                    contract: Some(contract),
                    ..self.income_reason(key, lines)
                };
                Transfer {
                    debit: self.debtor(key.1, key.3),
                    credit: Account::Contract(contract),
                    currency: key.0,
                    amount,
                    reason,
                }
            })
            .collect()
    }

    fn income_of<'a>(&self, part: AssignedPart<'a>) -> (IncomeKey<'a>, Amount) {
        (
            self.key_of(part.line, part.share.and_then(|s| s.album.as_deref())),
            part.amount,
        )
    }

    fn key_of<'a>(&self, line: LineNumber, album: Option<&'a AlbumPart>) -> IncomeKey<'a> {
        let cells = &self.inputs.cells;
        let line = &cells.lines[line];
        let Dim {
            currency,
            is_received,
            period,
            dsp,
            statement,
            ..
        } = cells.dims[line.dim as usize];
        (
            currency,
            is_received,
            period,
            dsp,
            statement,
            line.work,
            album,
        )
    }

    /// The parts of album lines name their track, and the release as their source.
    fn income_reason(
        &self,
        (_, _, period, dsp, statement, work, album): IncomeKey<'_>,
        lines: u64,
    ) -> PostingReason {
        let work = &self.inputs.cells.works[work as usize];
        let mut source = self.source(period, dsp, statement, lines);
        let track = match album {
            Some(part) => {
                source.push_str(&format!(" of release {}", work.release));
                &part.track
            }
            None if work.track.is_empty() => &work.release,
            None => &work.track,
        };
        let arithmetic = album.map(AlbumPart::words).unwrap_or_default();
        PostingReason {
            step: PostingStep::Income,
            clause: "income".into(),
            track: track.as_str().into(),
            source,
            arithmetic,
            ..PostingReason::default()
        }
    }

    pub(super) fn debtor(&self, is_received: bool, dsp: u32) -> Account {
        if is_received {
            Account::Exchange
        } else {
            Account::Receivable(self.inputs.cells.dsps[dsp as usize].as_str().into())
        }
    }

    fn source(&self, period: u32, dsp: u32, statement: u32, lines: u64) -> String {
        let cells = &self.inputs.cells;
        let mut words = vec![
            cells.dsps[dsp as usize].clone(),
            cells.periods[period as usize].to_string(),
            cells.statements[statement as usize].clone(),
        ];
        words.retain(|word| !word.is_empty());
        words.push(if lines == 1 {
            "1 cell".to_owned()
        } else {
            format!("{lines} cells")
        });
        words.join(", ")
    }

    /// Money that waits before any contract, by reason, contracts and what income is posted by.
    #[must_use]
    pub fn waiting(&self) -> Vec<Transfer> {
        let mut sums = CountedSums::default();
        for waiting in &self.assigned.waiting {
            let key = self.key_of(waiting.line, waiting.album.as_deref());
            sums.add(
                (waiting.why, waiting.contracts.as_slice(), key),
                waiting.amount,
            );
        }
        let transfer = |((why, contracts, key), (amount, lines)): (
            (
                crate::settlement::suspense::SuspenseReason,
                &[ContractNumber],
                IncomeKey<'_>,
            ),
            (Amount, u64),
        )| {
            let names: Vec<&str> = contracts
                .iter()
                .map(|c| &*self.inputs.book.contracts[*c].name)
                .collect();
            let mut reason = self.income_reason(key, lines);
            let clause = if names.is_empty() {
                why.code().to_owned()
            } else {
                names.join(" and ")
            };
            let remedy = why.remedy();
            let arithmetic = if reason.arithmetic.is_empty() {
                remedy.to_owned()
            } else {
                format!("{}; {remedy}", reason.arithmetic)
            };
            (reason.clause, reason.arithmetic) = (clause.into(), arithmetic);
            Transfer {
                debit: self.debtor(key.1, key.3),
                credit: Account::Suspense(why),
                currency: key.0,
                amount,
                reason,
            }
        };
        sums.all().map(transfer).collect()
    }

    /// What waits in suspense, by reason and currency.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn suspense(
        &self,
    ) -> Result<
        BTreeMap<(crate::settlement::suspense::SuspenseReason, Currency), Amount>,
        AmountOverflow,
    > {
        let mut sums: BTreeMap<(crate::settlement::suspense::SuspenseReason, Currency), Amount> =
            BTreeMap::new();
        let waiting = self.waiting();
        for transfer in waiting
            .iter()
            .chain(self.contracts.iter().flat_map(|r| &r.transfers))
        {
            if let Account::Suspense(why) = transfer.credit {
                let sum = sums.entry((why, transfer.currency)).or_default();
                *sum = sum.plus(transfer.amount)?;
            }
        }
        Ok(sums)
    }

    /// Whether movements lead to the balances that were proven: what is written is held against what was computed.
    #[must_use]
    pub fn is_balance(&self, trial: &crate::settlement::ledger::Trial) -> bool {
        let without_zeros = |trial: &crate::settlement::ledger::Trial| {
            trial
                .iter()
                .filter(|(_, a)| !a.is_zero())
                .map(|(k, a)| (*k, *a))
                .collect::<Vec<_>>()
        };
        without_zeros(trial) == without_zeros(&self.trial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_is_full_stands_beside_the_next() {
        let (most, one) = (Amount::from_raw(i128::MAX), Amount::from_raw(1));
        let mut sums = CountedSums::default();
        [(1, most), (1, one), (1, one), (2, one), (3, Amount::ZERO)]
            .into_iter()
            .for_each(|(key, amount)| sums.add(key, amount));
        let all: Vec<_> = sums.all().collect();
        assert_eq!(
            all,
            [(1, (most, 1)), (1, (Amount::from_raw(2), 2)), (2, (one, 1))]
        );
    }
}
