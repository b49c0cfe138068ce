//! The conservation proof of a settlement, from the cells as they were given to what is paid.

use std::collections::BTreeMap;

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::payees::State;
use crate::settlement::settle::Settled;
use serde::Serialize;

/// One equation of the conservation proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofLine {
    /// Currency.
    pub currency: String,
    /// What is claimed.
    pub claim: &'static str,
    /// The left side.
    pub left: Amount,
    /// The right side.
    pub right: Amount,
}

impl ProofLine {
    /// Whether both sides are equal.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.left == self.right
    }
}

/// What the equations claim.
pub mod settle_claim {
    /// The money of the cells is what DSPs owe.
    pub const REPORTED: &str = "money reported = receivable";
    /// From the cells to the payables nothing was lost.
    pub const REACHES: &str = "money reported = payable + tax + fees + retained + recouped + reserves + carried forward + waiting + suspense + rounding + exchanged - adjustments";
    /// The first, where closed periods are corrected by account.
    pub const REPORTED_AND_CORRECTED: &str = "money reported + corrected = receivable";
    /// The second, where closed periods are corrected by account.
    pub const REACHES_CORRECTED: &str = "money reported + corrected = payable + tax + fees + retained + recouped + reserves + carried forward + waiting + suspense + rounding + exchanged - adjustments";
    /// What is corrected in one account is corrected in others.
    pub const CORRECTIONS_EMPTY: &str = "left with corrections = 0";
    /// Every movement has two sides.
    pub const BALANCED: &str = "sum of all postings = 0";
    /// Nothing is left under way.
    pub const CONTRACTS_EMPTY: &str = "left with contracts = 0";
    /// Nothing is left with payees that is neither paid nor carried.
    pub const EARNED_EMPTY: &str = "left with payees = 0";
    /// The parts of album lines are the lines.
    pub const ALBUMS: &str = "album lines that are spread = their parts";
    /// The same of their units.
    pub const ALBUM_UNITS: &str = "units of album lines that are spread = those of their parts";
    /// What the postings pay is what the payables say.
    pub const PAYABLE: &str = "payable in postings = payable to payees";
    /// Rounding is all that lies between what is owed and what is paid.
    pub const ROUNDING: &str = "exact amounts that are paid = payable + rounding";
    /// The lines of the payables add up.
    pub const LINES: &str = "carried in + earned - tax = paid exactly + carried forward";
    /// Advances: the postings lead from the opening to the closing balances.
    pub const UNRECOUPED: &str = "unrecouped in postings = closing balances";
    /// Reserves.
    pub const RESERVES: &str = "reserves in postings = closing balances";
    /// Carried forward.
    pub const CARRIED: &str = "carried forward in postings = closing balances";
    /// Waiting for a rate.
    pub const WAITING: &str = "waiting in postings = closing balances";
}

/// Kinds of accounts that are owed by, or stay with, the house; with a minus their balances are what went there.
const PLACES: [&str; 15] = [
    "payable",
    "tax withheld",
    "fee income",
    "retained",
    "unrecouped",
    "spent",
    "reserve",
    "carried forward",
    "waiting",
    "suspense",
    "rounding",
    "exchange",
    "adjustment",
    "opening",
    "earned",
];

pub(super) fn prove(settled: &Settled) -> Result<Vec<ProofLine>, AmountOverflow> {
    let (closing, corrected) = (
        settled.closing.totals()?,
        settled.inputs.opening.corrected_by_kind()?,
    );
    let mut currencies: Vec<Currency> = settled
        .trial
        .keys()
        .map(|(_, currency)| *currency)
        .chain(settled.reported.keys().copied())
        .collect();
    currencies.extend(closing.keys().map(|(_, currency)| *currency));
    currencies.extend(settled.payables.iter().map(|l| l.currency));
    currencies.sort_unstable();
    currencies.dedup();
    let mut lines = prove_albums(settled)?;
    for currency in currencies {
        let balance = |kind: &'static str| {
            settled
                .trial
                .get(&(kind, currency))
                .copied()
                .unwrap_or_default()
        };
        let closing =
            |kind: &'static str| closing.get(&(kind, currency)).copied().unwrap_or_default();
        let reported = settled.reported.get(&currency).copied().unwrap_or_default();
        let of_currency = || {
            settled
                .payables
                .iter()
                .filter(move |l| l.currency == currency)
        };
        let sum = |value: fn(&super::PayableLine) -> Amount| Amount::sum(of_currency().map(value));
        let paid = Amount::sum(
            of_currency()
                .filter(|l| l.state == State::Paid)
                .map(|l| l.exact),
        )?;
        let rounding = settled.rounding.get(&currency).copied().unwrap_or_default();
        let went = PLACES
            .iter()
            .try_fold(Amount::ZERO, |sum, kind| sum.minus(balance(kind)))?;
        let all = settled
            .trial
            .iter()
            .filter(|((_, c), _)| *c == currency)
            .map(|(_, amount)| *amount);
        let mut say = |claim, left, right| {
            lines.push(ProofLine {
                currency: currency.to_string(),
                claim,
                left,
                right,
            })
        };
        if corrected.is_empty() {
            say(settle_claim::REPORTED, reported, balance("receivable"));
            say(settle_claim::REACHES, reported, went);
        } else {
            let receivable = corrected
                .get(&("receivable", currency))
                .copied()
                .unwrap_or_default();
            say(
                settle_claim::REPORTED_AND_CORRECTED,
                reported.plus(receivable)?,
                balance("receivable"),
            );
            say(
                settle_claim::REACHES_CORRECTED,
                reported.plus(receivable)?,
                went,
            );
            say(
                settle_claim::CORRECTIONS_EMPTY,
                balance("correction"),
                Amount::ZERO,
            );
        }
        say(settle_claim::BALANCED, Amount::sum(all)?, Amount::ZERO);
        say(
            settle_claim::CONTRACTS_EMPTY,
            balance("contract"),
            Amount::ZERO,
        );
        say(settle_claim::EARNED_EMPTY, balance("earned"), Amount::ZERO);
        say(
            settle_claim::PAYABLE,
            balance("payable").negated(),
            sum(|l| l.payable)?,
        );
        say(
            settle_claim::ROUNDING,
            paid,
            sum(|l| l.payable)?.plus(rounding)?,
        );
        say(
            settle_claim::LINES,
            sum(|l| l.carried_in)?
                .plus(sum(|l| l.earned)?)?
                .minus(sum(|l| l.tax)?)?,
            paid.plus(sum(|l| l.carried_out)?)?,
        );
        say(
            settle_claim::UNRECOUPED,
            balance("unrecouped"),
            closing("unrecouped"),
        );
        say(
            settle_claim::RESERVES,
            balance("reserve").negated(),
            closing("reserve"),
        );
        say(
            settle_claim::CARRIED,
            balance("carried forward").negated(),
            closing("carried_forward"),
        );
        say(
            settle_claim::WAITING,
            balance("waiting").negated(),
            closing("waiting"),
        );
    }
    Ok(lines)
}

/// Only where album lines were spread.
fn prove_albums(settled: &Settled) -> Result<Vec<ProofLine>, AmountOverflow> {
    let (cells, assigned) = (&settled.inputs.cells, &settled.assigned);
    let mut sums: BTreeMap<Currency, [Amount; 4]> = BTreeMap::new();
    let mut add = |line: u32, place: usize, units: Amount, amount: Amount| {
        let sum = sums
            .entry(cells.dims[cells.lines[line as usize].dim as usize].currency)
            .or_default();
        sum[place] = sum[place].plus(amount)?;
        sum[place + 1] = sum[place + 1].plus(units)?;
        Ok(())
    };
    for line in &assigned.spread {
        let whole = &cells.lines[*line as usize];
        add(*line, 0, whole.quantity, whole.amount)?;
    }
    assigned
        .album_parts(cells)
        .try_for_each(|(line, units, amount)| add(line, 2, units, amount))?;
    let of_currency =
        |(currency, [money, units, parts, units_of_parts]): (Currency, [Amount; 4])| {
            let line = |claim, left, right| ProofLine {
                currency: currency.to_string(),
                claim,
                left,
                right,
            };
            [
                line(settle_claim::ALBUMS, money, parts),
                line(settle_claim::ALBUM_UNITS, units, units_of_parts),
            ]
        };
    Ok(sums.into_iter().flat_map(of_currency).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::settlement::{Cells, Inputs};
    use crate::terms::Book;

    #[test]
    fn a_part_of_an_album_line_that_is_lost_is_found() {
        let contracts = "[[payee]]\nname = \"A\"\ncurrency = \"USD\"\n[[release]]\nname = \"R\"\ntracks = [\"T\", \"U\"]\n\
            [[contract]]\nname = \"C\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\neverything = true\nalbum_lines = \"equal\"\n[[contract.split]]\nshares = { A = 1 }\n";
        let cells = b"track,territory,period,usage,dsp,quantity,amount,currency,release\n,US,2026-09,stream,D,1,10,USD,R\n";
        let book = Book::read(&[("c.toml".into(), contracts.into())]).unwrap();
        let cells = Arc::new(Cells::read("c.csv", cells).unwrap());
        let mut settled = Settled::of(Inputs {
            book,
            cells,
            ..Inputs::default()
        })
        .unwrap();
        let failing = |settled: &Settled| {
            prove(settled)
                .unwrap()
                .iter()
                .filter(|l| !l.holds())
                .map(|l| l.claim)
                .collect::<Vec<_>>()
        };
        assert_eq!(failing(&settled), Vec::<&str>::new());
        // Twice the line, once its parts.
        Arc::get_mut(&mut settled.assigned).unwrap().spread.push(0);
        assert_eq!(
            failing(&settled),
            [settle_claim::ALBUMS, settle_claim::ALBUM_UNITS]
        );
    }
}
