//! The account of a contract: income, each step that takes from it or gives to it, and what is left to be split.

use std::collections::BTreeMap;

use super::{AccountEntry, Section};
use crate::ident::{Currency, Day, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::settlement::ContractResult;
use crate::settlement::ledger::{Account, PostingStep, Transfer};
use crate::settlement::scope::ScopeTest;
use crate::settlement::settle::Settled;
use crate::terms::ContractNumber;
use crate::terms::balances::{ClauseKey, ReserveKey};
use crate::terms::contracts::{Contract, Recoupable, Split, Step};

/// An advance or a cost with what became of it, in the currency of its contract's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recoupment<'a> {
    /// Number of the contract.
    pub contract: ContractNumber,
    /// The clause.
    pub clause: &'a Recoupable,
    /// Still to be recouped before.
    pub opening: Amount,
    /// New in this period.
    pub added: Amount,
    /// Recouped, also from contracts that are joined with this one.
    pub recouped: Amount,
    /// Still to be recouped.
    pub closing: Amount,
}

/// What is held back until a day, in the currency of the contract's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reserved {
    /// Held before.
    pub opening: Amount,
    /// Held back in this period.
    pub held: Amount,
    /// Released in this period.
    pub released: Amount,
    /// Still held.
    pub closing: Amount,
}

/// A cell of a contract's income.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncomeLine<'a> {
    /// The track, also of a part of an album line; empty for a release as a whole.
    pub track: &'a str,
    /// The release.
    pub release: &'a str,
    /// DSP.
    pub dsp: &'a str,
    /// Sale period.
    pub period: SalePeriod,
    /// Alpha-2 code, or the sender's word.
    pub territory: &'a str,
    /// Usage type.
    pub usage: &'a str,
    /// Units.
    pub units: Amount,
    /// Money, before anything is taken off.
    pub amount: Amount,
    /// Its currency.
    pub currency: Currency,
    /// By what shares it is split; `None` when no split holds for it and it waits.
    pub split: Option<&'a Split>,
}

/// Income of a release at a DSP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseIncome<'a> {
    /// The release; empty where the cells name none.
    pub release: &'a str,
    /// The track, where the cells name no release.
    pub track: &'a str,
    /// DSP.
    pub dsp: &'a str,
    /// Currency.
    pub currency: Currency,
    /// Units.
    pub units: Amount,
    /// Money, before anything is taken off.
    pub amount: Amount,
}

/// The account of a contract.
#[derive(Debug, Clone)]
pub struct ContractAccount<'a> {
    settled: &'a Settled,
    /// What became of the contract.
    pub result: &'a ContractResult,
    /// What comes in and goes out after income and before the split, step by step.
    pub steps: Vec<AccountEntry<'a>>,
    /// What is split, in the currency of the account.
    pub split: Amount,
    /// Advances and costs whose day has come.
    pub recoupments: Vec<Recoupment<'a>>,
    /// Reserves by the day of their release.
    pub reserves: BTreeMap<Day, Reserved>,
}

impl<'a> ContractAccount<'a> {
    pub(super) fn of(
        settled: &'a Settled,
        result: &'a ContractResult,
    ) -> Result<Self, AmountOverflow> {
        let number = result.contract;
        let mut steps = Vec::new();
        let mut split = Amount::ZERO;
        for transfer in &result.transfers {
            match entry(transfer, number) {
                Some(AccountEntry {
                    section: Section::Share,
                    amount,
                    ..
                }) => split = split.minus(amount)?,
                other => steps.extend(other),
            }
        }
        let mut account = Self {
            settled,
            result,
            steps,
            split,
            recoupments: Vec::new(),
            reserves: BTreeMap::new(),
        };
        account.recoupments = account.recoupments()?;
        account.reserves = account.reserves()?;
        Ok(account)
    }

    /// The terms of the contract.
    #[must_use]
    pub fn terms(&self) -> &'a Contract {
        &self.settled.inputs.book.contracts[self.result.contract]
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.result.income.is_empty()
            && self.result.transfers.is_empty()
            && self.reserves.is_empty()
            && self
                .recoupments
                .iter()
                .all(|r| r.opening.is_zero() && r.added.is_zero())
    }

    /// What is left of the account in each currency, which is nothing: income and steps are what is split.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn left(&self) -> Result<BTreeMap<Currency, Amount>, AmountOverflow> {
        let mut left = self.result.income.clone();
        let split = (self.terms().currency, self.split.negated());
        for (currency, amount) in self
            .steps
            .iter()
            .map(|e| (e.currency(), e.amount))
            .chain([split])
        {
            let sum = left.entry(currency).or_default();
            *sum = sum.plus(amount)?;
        }
        left.retain(|_, amount| !amount.is_zero());
        Ok(left)
    }

    /// Income cell by cell, in the order of releases and tracks.
    pub fn income(&self) -> impl Iterator<Item = IncomeLine<'a>> + use<'a> {
        let settled = self.settled;
        let cells = &*settled.inputs.cells;
        let terms = self.terms();
        let sieves: Vec<(ScopeTest, &Split)> = terms
            .splits
            .iter()
            .map(|s| (ScopeTest::of(&s.condition, cells), s))
            .collect();
        settled
            .assigned
            .parts(self.result.contract, cells)
            .map(move |part| {
                let line = &cells.lines[part.line];
                let dim = &cells.dims[line.dim as usize];
                let work = &cells.works[line.work as usize];
                IncomeLine {
                    track: part
                        .share
                        .and_then(|s| s.album.as_deref())
                        .map_or(work.track.as_str(), |album| &album.track),
                    release: &work.release,
                    dsp: &cells.dsps[dim.dsp as usize],
                    period: cells.periods[dim.period as usize],
                    territory: &cells.territories[dim.territory as usize],
                    usage: &cells.usages[dim.usage as usize],
                    units: part.quantity,
                    amount: part.amount,
                    currency: dim.currency,
                    split: sieves
                        .iter()
                        .find(|(sieve, _)| sieve.holds(dim))
                        .map(|(_, split)| *split),
                }
            })
    }

    /// Income by release, or by track where the cells name no release, and by DSP and currency, in this order.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn income_by_release(&self) -> Result<Vec<ReleaseIncome<'a>>, AmountOverflow> {
        let mut sums: BTreeMap<(&str, &str, &str, Currency), (Amount, Amount)> = BTreeMap::new();
        for line in self.income() {
            let track = if line.release.is_empty() {
                line.track
            } else {
                ""
            };
            let (units, amount) = sums
                .entry((line.release, track, line.dsp, line.currency))
                .or_default();
            (*units, *amount) = (units.plus(line.units)?, amount.plus(line.amount)?);
        }
        Ok(sums
            .into_iter()
            .map(
                |((release, track, dsp, currency), (units, amount))| ReleaseIncome {
                    release,
                    track,
                    dsp,
                    currency,
                    units,
                    amount,
                },
            )
            .collect())
    }

    fn recoupments(&self) -> Result<Vec<Recoupment<'a>>, AmountOverflow> {
        let terms = self.terms();
        let mut found = Vec::new();
        for (clause, closing) in terms.recoupables.iter().zip(&self.result.unrecouped) {
            let Some(closing) = *closing else { continue };
            let before = self.settled.inputs.opening.unrecouped.get(&ClauseKey {
                contract: terms.name.to_string(),
                clause: clause.name.to_string(),
            });
            let (opening, added) = before.map_or((Amount::ZERO, clause.amount), |(_, amount)| {
                (*amount, Amount::ZERO)
            });
            let recouped = opening.plus(added)?.minus(closing)?;
            found.push(Recoupment {
                contract: self.result.contract,
                clause,
                opening,
                added,
                recouped,
                closing,
            });
        }
        Ok(found)
    }

    fn reserves(&self) -> Result<BTreeMap<Day, Reserved>, AmountOverflow> {
        let terms = self.terms();
        let mut by_day: BTreeMap<Day, Reserved> = BTreeMap::new();
        let first = ReserveKey {
            contract: terms.name.to_string(),
            release: Day::FIRST,
            split: String::new(),
            territory: String::new(),
            currency: Currency::FIRST,
        };
        let opening = self
            .settled
            .inputs
            .opening
            .reserves
            .range(first..)
            .take_while(|(key, _)| *key.contract == *terms.name);
        for (key, amount) in opening {
            let sum = &mut by_day.entry(key.release).or_default().opening;
            *sum = sum.plus(*amount)?;
        }
        for (key, amount) in &self.result.reserves {
            let sum = &mut by_day.entry(key.release).or_default().closing;
            *sum = sum.plus(*amount)?;
        }
        let last_day = self.settled.period.days().map(|(_, last)| last);
        for (day, reserved) in &mut by_day {
            let grown = reserved.closing.minus(reserved.opening)?;
            if last_day.is_some_and(|last| *day <= last) {
                reserved.released = grown.negated()
            } else {
                reserved.held = grown
            }
        }
        by_day.retain(|_, r| !(r.opening.is_zero() && r.closing.is_zero()));
        Ok(by_day)
    }
}

/// A movement as the account of a contract sees it; `None` when it does not touch it.
fn entry(transfer: &Transfer, contract: ContractNumber) -> Option<AccountEntry<'_>> {
    let account = Account::Contract(contract);
    let (other, amount) = match (&transfer.debit, &transfer.credit) {
        (debit, credit) if *credit == account => (debit, transfer.amount),
        (debit, credit) if *debit == account => (credit, transfer.amount.negated()),
        _ => return None,
    };
    let step = transfer.reason.step;
    let section = match other {
        Account::Suspense(_) => Section::Waits,
        Account::Exchange => Section::Exchange,
        Account::Fee(..) if step == PostingStep::Profile(Step::Charges) => Section::Charge,
        Account::Fee(..) => Section::Fee,
        Account::Unrecouped(..) if step == PostingStep::Profile(Step::SharedCosts) => {
            Section::SharedCost
        }
        Account::Unrecouped(..) => Section::Recoup,
        Account::Retained(_) => Section::Rate,
        Account::Reserve(_) => Section::Reserve,
        Account::Adjustment(_) => Section::Adjustment,
        Account::Payee(_) => Section::Share,
        _ => return None,
    };
    Some(AccountEntry {
        section,
        amount,
        transfer,
    })
}
