//! The money of one contract through the steps of its profile, from income to the shares of payees.
//!
//! Cells are summed into *groups* first: all cells of the contract for which the same clauses hold. Steps work on groups, so the work
//! grows with clauses and not with cells, and no digit is rounded that a sum would have kept.
//!
//! Invariant: what comes into the pool leaves it, to the last digit; [`ContractResult::left`] is what has not, and settlement refuses it.

mod groups;
mod rate;
mod take;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ident::{Currency, Day, SalePeriod};
use crate::money::{Amount, AmountOverflow, divide, spread};
use crate::settlement::assign::Assigned;
use crate::settlement::cells::Cells;
use crate::settlement::ledger::{Account, PostingReason, PostingStep, Transfer, Trial};
use crate::terms::balances::{Balances, ReserveKey};
use crate::terms::book::general_split;
use crate::terms::contracts::{Bearer, Book, Contract, Deduction, Reserve, Step};
use crate::terms::rates::Rates;
use crate::terms::{ContractNumber, PayeeNumber};

pub(super) use groups::CellGroup;
use groups::{GatheredCells, gather};

/// What a settlement works with.
pub(super) struct SettlementContext<'a> {
    pub book: &'a Book,
    pub cells: &'a Cells,
    pub rates: &'a Rates,
    pub opening: &'a Balances,
    pub assigned: &'a Assigned,
    /// The period that is settled.
    pub period: SalePeriod,
    /// Its first and last day.
    pub days: (Day, Day),
    /// Territories that taxes name; earnings from each are kept apart. Class 0 is the rest.
    pub classes: &'a [String],
    /// The class of each territory of the cells.
    pub class_of: &'a [TerritoryClass],
}

/// A class of territories, from each of which earnings are kept apart because a tax names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerritoryClass(u32);

impl TerritoryClass {
    /// Territories that no tax names.
    pub const REST: Self = Self(0);

    pub(super) fn of(index: usize) -> Self {
        Self(u32::try_from(index).expect("there are fewer than 2^32 territories"))
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

impl SettlementContext<'_> {
    /// The class of a territory.
    pub(super) fn class(&self, territory: &str) -> TerritoryClass {
        let index = self.classes.iter().position(|c| c == territory);
        index.map_or(TerritoryClass::REST, TerritoryClass::of)
    }

    /// The number of a payee that a balance names.
    pub(super) fn payee(&self, name: &str) -> PayeeNumber {
        let index = self.book.payee(name);
        index.expect("balances are checked against the contracts")
    }
}

/// What became of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractResult {
    /// Number of the contract.
    pub contract: ContractNumber,
    /// Movements after income, in the order of the steps.
    pub transfers: Vec<Transfer>,
    /// Income by currency of the cells.
    pub income: BTreeMap<Currency, Amount>,
    /// Shares by payee and class of territory, in the account's currency.
    pub shares: BTreeMap<(PayeeNumber, TerritoryClass), Amount>,
    /// What is still to be recouped, by place in the contract; `None` for what lies in the future.
    pub unrecouped: Vec<Option<Amount>>,
    /// Reserves that are still held, or newly.
    pub reserves: BTreeMap<ReserveKey, Amount>,
    /// Units or income counted by rates with tiers, by place in the contract.
    pub counted: Vec<(usize, Amount)>,
    /// What is left in the pool at the end: nothing.
    pub left: Amount,
    /// Balances that income and movements come to, added up for the proof.
    pub trial: Trial,
    /// What was not settled because its day lies outside of the period.
    pub notes: Vec<String>,
}

impl ContractResult {
    /// Before the first step.
    fn with_income(contract: ContractNumber, income: BTreeMap<Currency, Amount>) -> Self {
        Self {
            contract,
            income,
            transfers: Vec::new(),
            shares: BTreeMap::new(),
            unrecouped: Vec::new(),
            reserves: BTreeMap::new(),
            counted: Vec::new(),
            left: Amount::ZERO,
            trial: Trial::default(),
            notes: Vec::new(),
        }
    }
}

/// A contract on its way through the steps.
pub(super) struct ContractSteps<'a> {
    context: &'a SettlementContext<'a>,
    contract: &'a Contract,
    number: ContractNumber,
    groups: Vec<CellGroup>,
    /// Reserves that were computed before the rate and are taken after it, by group.
    pending: Option<Vec<Amount>>,
    result: ContractResult,
}

/// Settles contracts whose accounts are joined, or one alone.
pub(super) fn settle_unit(
    context: &SettlementContext<'_>,
    members: &[ContractNumber],
) -> Result<Vec<ContractResult>, (ContractNumber, AmountOverflow)> {
    let mut accounts = Vec::with_capacity(members.len());
    for &number in members {
        let account = ContractSteps::up_to_recoupment(context, number);
        accounts.push(account.map_err(|e| (number, e))?);
    }
    take::cross(&mut accounts)?;
    let results = accounts.into_iter().map(|account| {
        let number = account.number;
        account.after_recoupment().map_err(|e| (number, e))
    });
    results.collect()
}

impl<'a> ContractSteps<'a> {
    /// Opens a contract's account and runs the steps up to and with recoupment; joined accounts
    /// recoup each other's advances after that.
    fn up_to_recoupment(
        context: &'a SettlementContext<'a>,
        number: ContractNumber,
    ) -> Result<Self, AmountOverflow> {
        let GatheredCells { groups, income } = gather(context, number)?;
        let mut account = Self {
            context,
            contract: &context.book.contracts[number],
            number,
            groups,
            pending: None,
            result: ContractResult::with_income(number, income),
        };
        account.open_accounts();
        account.set_aside();
        account.run(true)?;
        Ok(account)
    }

    /// Runs the steps that are left.
    fn after_recoupment(mut self) -> Result<ContractResult, AmountOverflow> {
        self.run(false)?;
        self.result.left = Amount::sum(self.groups.iter().map(|s| s.amount))?;
        Ok(self.result)
    }

    /// Runs the steps up to and with recoupment, or those after it.
    fn run(&mut self, is_first: bool) -> Result<(), AmountOverflow> {
        let steps = &self.context.book.profiles[self.contract.profile].steps;
        let turn = steps
            .iter()
            .position(|s| *s == Step::Recoup)
            .map_or(0, |at| at + 1);
        let steps = if is_first {
            &steps[..turn]
        } else {
            &steps[turn..]
        };
        for step in steps {
            match step {
                Step::Exchange => self.exchange()?,
                Step::Charges => self.deduct(Step::Charges, &self.contract.charges, |group| {
                    group.key.charges
                })?,
                Step::Fees => {
                    self.deduct(Step::Fees, &self.contract.fees, |group| group.key.fees)?
                }
                Step::SharedCosts => self.recoup(Bearer::Shared, Step::SharedCosts)?,
                Step::Rate => self.rate()?,
                Step::Reserve => self.reserve()?,
                Step::Recoup => self.recoup(Bearer::Royalty, Step::Recoup)?,
                Step::Adjustments => self.adjust()?,
                Step::Split => self.split()?,
                Step::PayeeRecoup => self.payee_recoup()?,
            }
        }
        Ok(())
    }

    fn reason(
        &self,
        step: impl Into<PostingStep>,
        clause: &Arc<str>,
        source: String,
        arithmetic: String,
    ) -> PostingReason {
        PostingReason {
            step: step.into(),
            contract: Some(self.number),
            clause: Arc::clone(clause),
            source,
            arithmetic,
            ..PostingReason::default()
        }
    }

    fn post(&mut self, debit: Account, credit: Account, amount: Amount, reason: PostingReason) {
        self.post_in(self.contract.currency, debit, credit, amount, reason);
    }

    fn post_in(
        &mut self,
        currency: Currency,
        debit: Account,
        credit: Account,
        amount: Amount,
        reason: PostingReason,
    ) {
        if !amount.is_zero() {
            self.result.transfers.push(Transfer {
                debit,
                credit,
                currency,
                amount,
                reason,
            });
        }
    }

    fn account(&self) -> Account {
        Account::Contract(self.number)
    }

    /// Fees and charges, each on what those before it have left.
    ///
    /// Several fees in sequence are not one fee of their sum: 10 % and then 20 % of 100 leave 72
    /// (help.infinitecatalog.com/article/275).
    fn deduct(
        &mut self,
        step: Step,
        deductions: &[Deduction],
        bits: impl Fn(&CellGroup) -> u32,
    ) -> Result<(), AmountOverflow> {
        for (index, deduction) in deductions.iter().enumerate() {
            let mut base = Amount::ZERO;
            let mut taken = Amount::ZERO;
            let mut lines = 0;
            for group in self.groups.iter_mut().filter(|s| bits(s) >> index & 1 == 1) {
                let part = deduction.rate.of(group.amount)?;
                base = base.plus(group.amount)?;
                taken = taken.plus(part)?;
                lines += group.lines;
                group.amount = group.amount.minus(part)?;
            }
            let reason = self.reason(
                step,
                &deduction.name,
                cells(lines),
                format!("{} of {base} = {taken}", deduction.rate),
            );
            self.post(
                self.account(),
                Account::Fee(self.number, Arc::clone(&deduction.name)),
                taken,
                reason,
            );
        }
        Ok(())
    }

    /// Reserves are taken of positive sales only (help.curveroyaltysystems.com/article/55). Before the rate they are computed on income
    /// and taken from the royalty as far as it reaches; after it they are a part of the royalty.
    fn reserve(&mut self) -> Result<(), AmountOverflow> {
        let profile = &self.context.book.profiles[self.contract.profile];
        let is_before_rate = profile.position(Step::Reserve) < profile.position(Step::Rate);
        let mut held = vec![Amount::ZERO; self.groups.len()];
        if let Some(reserve) = &self.contract.reserve {
            for (group, held) in self
                .groups
                .iter()
                .zip(&mut held)
                .filter(|(s, _)| !s.key.is_return && s.amount > Amount::ZERO)
            {
                *held = reserve.rate.of(group.amount)?;
            }
        }
        if is_before_rate {
            self.pending = Some(held);
            return Ok(());
        }
        self.hold(&held)
    }

    fn hold(&mut self, held: &[Amount]) -> Result<(), AmountOverflow> {
        let mut by_key: BTreeMap<(u32, TerritoryClass), Amount> = BTreeMap::new();
        let mut base = Amount::ZERO;
        let mut lines = 0;
        for (group, held) in self.groups.iter_mut().zip(held) {
            let taken = (*held).min(group.amount.max(Amount::ZERO));
            if taken.is_zero() {
                continue;
            }
            base = base.plus(group.amount)?;
            lines += group.lines;
            group.amount = group.amount.minus(taken)?;
            let sum = by_key
                .entry((group.key.split, group.key.class))
                .or_default();
            *sum = sum.plus(taken)?;
        }
        let contract = self.contract;
        if let Some(reserve) = &contract.reserve {
            for ((split, class), amount) in by_key {
                self.hold_part(
                    reserve,
                    split,
                    class,
                    amount,
                    format!(
                        "{} of positive sales, of a royalty of {base} from {}",
                        reserve.rate,
                        cells(lines)
                    ),
                )?;
            }
        }
        self.release()
    }

    fn hold_part(
        &mut self,
        reserve: &Reserve,
        split: u32,
        class: TerritoryClass,
        amount: Amount,
        words: String,
    ) -> Result<(), AmountOverflow> {
        let ratios: Vec<_> = reserve.release.iter().map(|(_, part)| *part).collect();
        for ((months, _), part) in reserve.release.iter().zip(divide(amount, &ratios)?) {
            let key = self.reserve_key(split, class, month_end_after(self.context.days.1, *months));
            let source = format!("released on {}", key.release);
            let sum = self.result.reserves.entry(key).or_default();
            *sum = sum.plus(part)?;
            let clause = Arc::clone(&self.contract.splits[split as usize].name);
            let reason = self.reason(Step::Reserve, &clause, source, words.clone());
            self.post(self.account(), Account::Reserve(self.number), part, reason);
        }
        Ok(())
    }

    fn reserve_key(&self, split: u32, class: TerritoryClass, release: Day) -> ReserveKey {
        ReserveKey {
            contract: self.contract.name.to_string(),
            release,
            split: self.contract.splits[split as usize].name.to_string(),
            territory: self.context.classes[class.index()].clone(),
            currency: self.contract.currency,
        }
    }

    /// Reserves whose day has come go to those for whom they were held.
    fn release(&mut self) -> Result<(), AmountOverflow> {
        let first = ReserveKey {
            split: String::new(),
            territory: String::new(),
            ..self.reserve_key(0, TerritoryClass::REST, FIRST_DAY)
        };
        let of_contract = self
            .context
            .opening
            .reserves
            .range(first..)
            .take_while(|(key, _)| *key.contract == *self.contract.name);
        for (key, amount) in of_contract {
            if key.release > self.context.days.1 {
                let sum = self.result.reserves.entry(key.clone()).or_default();
                *sum = sum.plus(*amount)?;
                continue;
            }
            let split = self
                .contract
                .splits
                .iter()
                .position(|s| *s.name == *key.split)
                .expect("balances are checked against the contracts");
            self.groups.push(CellGroup::single(
                split as u32,
                self.context.class(&key.territory),
                *amount,
            ));
            let clause = Arc::clone(&self.contract.splits[split].name);
            let reason = self.reason(
                Step::Reserve,
                &clause,
                format!("reserve to be released on {}", key.release),
                format!("released {amount}"),
            );
            self.post(
                Account::Reserve(self.number),
                self.account(),
                *amount,
                reason,
            );
        }
        Ok(())
    }

    fn adjust(&mut self) -> Result<(), AmountOverflow> {
        let contract = self.contract;
        let (first, _) = self.context.days;
        let first = self
            .context
            .opening
            .settled_until
            .and_then(Day::day_after)
            .map_or(first, |day| day.min(first));
        for adjustment in &contract.adjustments {
            if adjustment.date < first || adjustment.date > self.context.days.1 {
                self.result.notes.push(format!(
                    "adjustment {:?} of {:?} is of {}, outside of the period",
                    adjustment.name, contract.name, adjustment.date
                ));
                continue;
            }
            let source = format!("{}, {}", adjustment.date, adjustment.reason);
            let mut reason = self.reason(
                Step::Adjustments,
                &adjustment.name,
                source,
                format!("adjusted by {}", adjustment.amount),
            );
            reason.payee = adjustment.payee;
            if let Some(payee) = adjustment.payee {
                self.give(payee, TerritoryClass::REST, adjustment.amount)?;
                self.post(
                    Account::Adjustment(self.number),
                    Account::Payee(payee),
                    adjustment.amount,
                    reason,
                );
            } else {
                let split = general_split(contract, adjustment.date)
                    .expect("contracts are checked to have a split for it");
                self.groups.push(CellGroup::single(
                    split as u32,
                    TerritoryClass::REST,
                    adjustment.amount,
                ));
                self.post(
                    Account::Adjustment(self.number),
                    self.account(),
                    adjustment.amount,
                    reason,
                );
            }
        }
        Ok(())
    }

    fn split(&mut self) -> Result<(), AmountOverflow> {
        let mut sums: BTreeMap<(u32, TerritoryClass), Amount> = BTreeMap::new();
        for group in self.groups.drain(..) {
            let sum = sums.entry((group.key.split, group.key.class)).or_default();
            *sum = sum.plus(group.amount)?;
        }
        let contract = self.contract;
        for ((split, class), amount) in sums {
            let split = &contract.splits[split as usize];
            let ratios: Vec<_> = split.payees.iter().map(|(_, share)| *share).collect();
            for ((payee, share), part) in split.payees.iter().zip(divide(amount, &ratios)?) {
                self.give(*payee, class, part)?;
                let source = if class == TerritoryClass::REST {
                    String::new()
                } else {
                    format!("sales in {}", self.context.classes[class.index()])
                };
                let mut reason = self.reason(
                    Step::Split,
                    &split.name,
                    source,
                    format!("{share} of {amount} = {part}"),
                );
                reason.payee = Some(*payee);
                self.post(self.account(), Account::Payee(*payee), part, reason);
            }
        }
        Ok(())
    }

    fn give(
        &mut self,
        payee: PayeeNumber,
        class: TerritoryClass,
        amount: Amount,
    ) -> Result<(), AmountOverflow> {
        let share = self.result.shares.entry((payee, class)).or_default();
        *share = share.plus(amount)?;
        Ok(())
    }

    /// Takes an amount from all groups in proportion to what they hold.
    fn take_from_groups(&mut self, amount: Amount) -> Result<(), AmountOverflow> {
        let weights: Vec<Amount> = self.groups.iter().map(|s| s.amount).collect();
        for (group, part) in self.groups.iter_mut().zip(spread(amount, &weights)?) {
            group.amount = group.amount.minus(part)?;
        }
        Ok(())
    }
}

fn cells(lines: u64) -> String {
    if lines == 1 {
        "1 cell".to_owned()
    } else {
        format!("{lines} cells")
    }
}

/// The earliest day that there is.
const FIRST_DAY: Day = Day::FIRST;

/// The last day of the month so many months after a day's.
fn month_end_after(day: Day, months: u32) -> Day {
    let (year, month, _) = day.to_ymd();
    let count = year * 12 + (month as i32 - 1) + i32::try_from(months).unwrap_or(0);
    let year = count.div_euclid(12);
    let month = count.rem_euclid(12) as u32 + 1;
    SalePeriod::month(year, month)
        .ok()
        .and_then(SalePeriod::days)
        .map_or(day, |(_, last)| last)
}
