//! The conservation proof of a settlement, from the cells as they were given to what is paid.

use std::collections::BTreeSet;

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, Sums};
use crate::settlement::PayableLine;
use crate::settlement::assign::Assigned;
use crate::settlement::cells::Cells;
use crate::settlement::claim::{Claim, ProofLine};
use crate::settlement::ledger::Trial;
use crate::settlement::payees::PayableState;
use crate::terms::account_kind::AccountKind;
use crate::terms::balances::{BalanceKind, BalanceTotals, Balances};

/// Kinds of accounts in which money of the cells may end. Their balances with a minus are what
/// went there.
const DESTINATIONS: [AccountKind; 15] = [
    AccountKind::Payable,
    AccountKind::TaxWithheld,
    AccountKind::FeeIncome,
    AccountKind::Retained,
    AccountKind::Unrecouped,
    AccountKind::Spent,
    AccountKind::Reserve,
    AccountKind::CarriedForward,
    AccountKind::Waiting,
    AccountKind::Suspense,
    AccountKind::Rounding,
    AccountKind::Exchange,
    AccountKind::Adjustment,
    AccountKind::Opening,
    AccountKind::Earned,
];

/// What a proof looks at.
pub(super) struct ProofInputs<'a> {
    /// Balances of all accounts.
    pub trial: &'a Trial,
    /// What was reported.
    pub reported: &'a Sums<Currency>,
    pub opening: &'a Balances,
    pub closing: &'a Balances,
    pub payables: &'a [PayableLine],
    /// What rounding left.
    pub rounding: &'a Sums<Currency>,
    pub cells: &'a Cells,
    pub assigned: &'a Assigned,
}

/// All equations: of album lines first, then of each currency in order.
pub(super) fn prove(settled: &ProofInputs<'_>) -> Result<Vec<ProofLine>, AmountOverflow> {
    let mut lines = prove_albums(settled.cells, settled.assigned)?;
    let closing = settled.closing.totals()?;
    let corrected = settled.opening.corrected_by_kind()?;
    for currency in currencies(settled, &closing) {
        let mut equations = Equations {
            settled,
            closing: &closing,
            corrected: &corrected,
            currency,
            lines: Vec::new(),
        };
        equations.of_cells()?;
        equations.of_postings()?;
        equations.of_payables()?;
        equations.of_closing_balances();
        lines.append(&mut equations.lines);
    }
    Ok(lines)
}

/// Every currency in which anything was reported, posted, carried or paid.
fn currencies(settled: &ProofInputs<'_>, closing: &BalanceTotals) -> BTreeSet<Currency> {
    let posted = settled.trial.keys().map(|(_, currency)| *currency);
    let carried = closing.keys().map(|(_, currency)| *currency);
    let paid = settled.payables.iter().map(|line| line.currency);
    let reported = settled.reported.keys().copied();
    posted.chain(reported).chain(carried).chain(paid).collect()
}

/// The equations of one currency.
struct Equations<'a> {
    settled: &'a ProofInputs<'a>,
    closing: &'a BalanceTotals,
    /// What is corrected of closed periods, by kind of account and currency.
    corrected: &'a Sums<(AccountKind, Currency)>,
    currency: Currency,
    lines: Vec<ProofLine>,
}

impl Equations<'_> {
    fn say(&mut self, claim: Claim, left: Amount, right: Amount) {
        self.lines.push(ProofLine {
            currency: self.currency.to_string(),
            claim,
            left,
            right,
        });
    }

    /// The balance of all accounts of a kind; what is owed is below zero.
    fn balance(&self, kind: AccountKind) -> Amount {
        self.settled.trial.of(&(kind, self.currency))
    }

    /// What was reported is what DSPs owe, and reaches its destinations.
    fn of_cells(&mut self) -> Result<(), AmountOverflow> {
        let reported = self.settled.reported.of(&self.currency);
        let receivable = self.balance(AccountKind::Receivable);
        let went = DESTINATIONS
            .iter()
            .try_fold(Amount::ZERO, |sum, kind| sum.minus(self.balance(*kind)))?;
        if self.corrected.is_empty() {
            self.say(Claim::CellsReceivable, reported, receivable);
            self.say(Claim::CellsReachPayables, reported, went);
            return Ok(());
        }
        let corrected = self.corrected.of(&(AccountKind::Receivable, self.currency));
        let whole = reported.plus(corrected)?;
        let left = self.balance(AccountKind::Correction);
        self.say(Claim::CellsAndCorrectionsReceivable, whole, receivable);
        self.say(Claim::CellsAndCorrectionsReachPayables, whole, went);
        self.say(Claim::CorrectionsEmpty, left, Amount::ZERO);
        Ok(())
    }

    /// Every posting has two sides, and nothing is left on the way.
    fn of_postings(&mut self) -> Result<(), AmountOverflow> {
        let of_currency = self
            .settled
            .trial
            .iter()
            .filter(|((_, currency), _)| *currency == self.currency);
        let all = Amount::sum(of_currency.map(|(_, amount)| *amount))?;
        let contracts = self.balance(AccountKind::Contract);
        let earned = self.balance(AccountKind::Earned);
        self.say(Claim::PostingsBalanced, all, Amount::ZERO);
        self.say(Claim::ContractsEmpty, contracts, Amount::ZERO);
        self.say(Claim::PayeesEmpty, earned, Amount::ZERO);
        Ok(())
    }

    /// The payables say what the postings pay, and each line of them adds up.
    fn of_payables(&mut self) -> Result<(), AmountOverflow> {
        let payable = self.sum_of_payables(|line| line.payable)?;
        let paid = self.sum_of_payables(|line| match line.state {
            PayableState::Paid => line.exact,
            _ => Amount::ZERO,
        })?;
        let rounding = self.settled.rounding.of(&self.currency);
        let came = self
            .sum_of_payables(|line| line.carried_in)?
            .plus(self.sum_of_payables(|line| line.earned)?)?
            .minus(self.sum_of_payables(|line| line.tax)?)?;
        let carried_out = self.sum_of_payables(|line| line.carried_out)?;
        let posted = self.balance(AccountKind::Payable).negated();
        self.say(Claim::PostedPayable, posted, payable);
        self.say(Claim::RoundingBetween, paid, payable.plus(rounding)?);
        self.say(Claim::PayableLines, came, paid.plus(carried_out)?);
        Ok(())
    }

    fn sum_of_payables(&self, value: fn(&PayableLine) -> Amount) -> Result<Amount, AmountOverflow> {
        let payables = self.settled.payables.iter();
        let of_currency = payables.filter(|line| line.currency == self.currency);
        Amount::sum(of_currency.map(value))
    }

    /// What is carried to the next settlement is what the postings leave.
    fn of_closing_balances(&mut self) {
        for (claim, account, balance) in [
            (
                Claim::UnrecoupedClosing,
                self.balance(AccountKind::Unrecouped),
                BalanceKind::Unrecouped,
            ),
            (
                Claim::ReservesClosing,
                self.balance(AccountKind::Reserve).negated(),
                BalanceKind::Reserve,
            ),
            (
                Claim::CarriedClosing,
                self.balance(AccountKind::CarriedForward).negated(),
                BalanceKind::CarriedForward,
            ),
            (
                Claim::WaitingClosing,
                self.balance(AccountKind::Waiting).negated(),
                BalanceKind::Waiting,
            ),
        ] {
            self.say(claim, account, self.closing.of(&(balance, self.currency)));
        }
    }
}

/// Money and units of album lines, and of the parts that they were spread into.
#[derive(Default)]
struct AlbumSums {
    money: Sums<Currency>,
    units: Sums<Currency>,
}

impl AlbumSums {
    fn add(
        &mut self,
        currency: Currency,
        units: Amount,
        money: Amount,
    ) -> Result<(), AmountOverflow> {
        self.money.add(currency, money)?;
        self.units.add(currency, units)
    }
}

/// Only where album lines were spread.
fn prove_albums(cells: &Cells, assigned: &Assigned) -> Result<Vec<ProofLine>, AmountOverflow> {
    let mut whole = AlbumSums::default();
    let mut parts = AlbumSums::default();
    for line in &assigned.spread {
        let album = &cells.lines[*line];
        whole.add(cells.currency(*line), album.quantity, album.amount)?;
    }
    for (line, units, amount) in assigned.album_parts(cells) {
        parts.add(cells.currency(line), units, amount)?;
    }
    let currencies: BTreeSet<Currency> =
        (whole.money.keys().chain(parts.money.keys()).copied()).collect();
    let mut lines = Vec::new();
    for currency in currencies {
        for (claim, left, right) in [
            (Claim::AlbumLinesSpread, &whole.money, &parts.money),
            (Claim::AlbumUnitsSpread, &whole.units, &parts.units),
        ] {
            lines.push(ProofLine {
                currency: currency.to_string(),
                claim,
                left: left.of(&currency),
                right: right.of(&currency),
            });
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ident::SalePeriod;
    use crate::settlement::{CellText, CellsBuilder, Inputs, LineNumber, Settled};
    use crate::terms::Book;

    #[test]
    fn a_part_of_an_album_line_that_is_lost_is_found() {
        let contracts = "[[payee]]\nname = \"A\"\ncurrency = \"USD\"\n[[release]]\nname = \"R\"\ntracks = [\"T\", \"U\"]\n\
            [[contract]]\nname = \"C\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\neverything = true\nalbum_lines = \"equal\"\n[[contract.split]]\nshares = { A = 1 }\n";
        let album = CellText {
            work: ["", "R", ""],
            territory: "US",
            period: SalePeriod::month(2026, 9).unwrap(),
            usage: "stream",
            dsp: "D",
            flags: "",
            statement: "",
        };
        let mut cells = CellsBuilder::default();
        let usd = Currency::parse("USD").unwrap();
        cells.push(
            &album,
            usd,
            Amount::from_integer(1),
            Amount::from_integer(10),
        );
        let book = Book::read(&[("c.toml".into(), contracts.into())]).unwrap();
        let cells = Arc::new(cells.finish().unwrap());
        let mut settled = Settled::of(Inputs {
            book,
            cells,
            ..Inputs::default()
        })
        .unwrap();
        let failing = |settled: &Settled| {
            prove_albums(&settled.inputs.cells, &settled.assigned)
                .unwrap()
                .iter()
                .filter(|l| !l.holds())
                .map(|l| l.claim)
                .collect::<Vec<_>>()
        };
        assert_eq!(failing(&settled), Vec::<Claim>::new());
        // Twice the line, once its parts.
        Arc::get_mut(&mut settled.assigned)
            .unwrap()
            .spread
            .push(LineNumber::of(0));
        assert_eq!(
            failing(&settled),
            [Claim::AlbumLinesSpread, Claim::AlbumUnitsSpread]
        );
    }
}
