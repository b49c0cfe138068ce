//! Cells, contracts, rates and balances into payables, closing balances and a proof.
//!
//! Contracts whose accounts are joined are settled together, all others each alone, on as many threads as there are; payees come after
//! them. What is settled keeps the result of each contract, so that a change of one contract settles that one anew and reuses the others.
//!
//! Invariant: what is settled is a function of the inputs, whatever the number of threads and the order of rows.
//!
//! Invariant: a settlement whose proof fails is an error, not a result.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use thiserror::Error;

use super::ProofLine;
use super::assign::Assigned;
use super::balances::Balances;
use super::cells::Cells;
use super::contracts::Book;
use super::input::Fault;
use super::ledger::{Account, Reason, Transfer, Trial, add_up};
use super::payees::{self, Paid, PayableLine};
use super::pool::{ContractResult, Ground, settle_unit};
use super::proof;
use super::rates::Rates;
use super::received::spread_received;
use crate::ident::{Currency, Day, SalePeriod};
use crate::money::{Amount, AmountOverflow};

/// The step of balances that were carried from before.
const OPENING: &str = "opening";

/// What a settlement is a function of.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Contracts with their parties.
    pub book: Book,
    /// Money by cell; shared, because settling again by other contracts keeps them.
    pub cells: Arc<Cells>,
    /// Exchange rates.
    pub rates: Rates,
    /// What was carried from before.
    pub opening: Balances,
    /// The month that is settled; without one the month of the last sales.
    pub period: Option<SalePeriod>,
}

/// Why nothing was settled.
#[derive(Debug, Error)]
pub enum SettleError {
    /// Inputs that contradict each other or cannot be read.
    #[error("{}", .0.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<Fault>),
    /// No cell has a sale period and none was given.
    #[error("no cell has a sale period, so the period that is settled is not known; give it with --period 2026-09")]
    NoPeriod,
    /// A sum left the exact range.
    #[error("{0}: {1}")]
    Overflow(String, AmountOverflow),
    /// The conservation proof fails.
    #[error("the conservation proof fails, so nothing is settled: {0}. This is a fault of the program; please report it with this line")]
    Unproven(String),
}

impl From<Vec<Fault>> for SettleError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Faults(faults)
    }
}

/// What a settlement gives.
#[derive(Debug, Clone)]
pub struct Settled {
    /// What it was settled from; cells of statements whose money was received are in the bank's currency.
    pub inputs: Arc<Inputs>,
    /// The month that was settled.
    pub period: SalePeriod,
    /// One for each contract.
    pub contracts: Vec<Arc<ContractResult>>,
    /// What each payee gets, by payee and currency.
    pub payables: Vec<PayableLine>,
    /// What rounding leaves, by currency.
    pub rounding: BTreeMap<Currency, Amount>,
    /// What is carried to the next settlement.
    pub closing: Balances,
    /// The conservation proof; all of it holds.
    pub proof: Vec<ProofLine>,
    /// What was left out because its day lies outside of the period, and money for statements without cells.
    pub notes: Vec<String>,
    /// The part of the notes that no contract makes.
    received_notes: Vec<String>,
    pub(super) assigned: Arc<Assigned>,
    pub(super) classes: Vec<String>,
    /// Movements before contracts: opening balances, money received.
    pub(super) before: Vec<Transfer>,
    /// Movements of payees.
    pub(super) after: Vec<Transfer>,
    /// Sums of the cells as they were given, by currency.
    pub(super) reported: BTreeMap<Currency, Amount>,
    /// Balances of accounts.
    pub(super) trial: Trial,
}

impl Settled {
    /// Settles.
    ///
    /// # Errors
    /// [`SettleError`].
    pub fn of(inputs: Inputs) -> Result<Self, SettleError> {
        let reported = sums(&inputs.cells, |_| true).map_err(|e| SettleError::Overflow("the cells".into(), e))?;
        let (mut before, mut notes) = (opening_transfers(&inputs.book, &inputs.opening), Vec::new());
        let period = period(&inputs)?;
        let inputs = match spread_received(&inputs.cells, &inputs.rates, period)? {
            None => inputs,
            Some(spread) => {
                before.extend(spread.transfers);
                notes.extend(spread.notes);
                Inputs { cells: Arc::new(spread.cells), ..inputs }
            }
        };
        let blank = Self {
            inputs: Arc::new(inputs),
            period,
            contracts: Vec::new(),
            payables: Vec::new(),
            rounding: BTreeMap::new(),
            closing: Balances::default(),
            proof: Vec::new(),
            notes: notes.clone(),
            received_notes: notes,
            assigned: Arc::default(),
            classes: Vec::new(),
            before,
            after: Vec::new(),
            reported,
            trial: Trial::new(),
        };
        blank.settle(None)
    }

    /// Settles the same money with other contracts. Contracts that are as they were and have the same cells are not settled again.
    ///
    /// # Errors
    /// [`SettleError`], also when the contracts lack what an opening balance is about.
    pub fn with_contracts(&self, book: Book) -> Result<Self, SettleError> {
        let old = &self.inputs;
        old.opening.check(&book)?;
        // Accounts are named by the numbers of contracts and payees, which may be others now.
        let mut first = opening_transfers(&book, &old.opening);
        first.extend(self.before.iter().filter(|t| t.reason.step != OPENING).cloned());
        let names = |book: &Book| book.contracts.iter().map(|c| Arc::clone(&c.name)).collect::<Vec<_>>();
        let payees = |book: &Book| book.payees.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        let is_comparable = names(&old.book) == names(&book)
            && payees(&old.book) == payees(&book)
            && (&old.book.profiles, &old.book.groups) == (&book.profiles, &book.groups)
            && classes(&old.book) == classes(&book);
        let inputs = Inputs { book, cells: Arc::clone(&old.cells), rates: old.rates.clone(), opening: old.opening.clone(), period: old.period };
        let fresh = Self {
            inputs: Arc::new(inputs),
            period: self.period,
            contracts: Vec::new(),
            payables: Vec::new(),
            rounding: BTreeMap::new(),
            closing: Balances::default(),
            proof: Vec::new(),
            notes: self.received_notes.clone(),
            received_notes: self.received_notes.clone(),
            assigned: Arc::default(),
            classes: Vec::new(),
            before: first,
            after: Vec::new(),
            reported: self.reported.clone(),
            trial: Trial::new(),
        };
        fresh.settle(is_comparable.then_some(self))
    }

    fn settle(mut self, before: Option<&Self>) -> Result<Self, SettleError> {
        let inputs = Arc::clone(&self.inputs);
        let (book, cells) = (&inputs.book, &inputs.cells);
        let days = self.period.days().expect("the period was just found to have days");
        self.classes = classes(book);
        self.assigned = Arc::new(Assigned::of(book, cells).map_err(|e| SettleError::Overflow("the cells of contracts with shares".into(), e))?);
        let assigned = Arc::clone(&self.assigned);
        let class_of: Vec<u32> =
            cells.territories.iter().map(|t| self.classes.iter().position(|c| c == t && !c.is_empty()).map_or(0, |at| at as u32)).collect();
        let ground = Ground {
            book,
            cells,
            rates: &inputs.rates,
            opening: &inputs.opening,
            assigned: &assigned,
            period: self.period,
            days,
            classes: &self.classes,
            class_of: &class_of,
        };
        let overflow =
            |(contract, e): (u32, AmountOverflow)| SettleError::Overflow(format!("contract {:?}", book.contracts[contract as usize].name), e);
        let unit = |members: &Vec<u32>| match reusable(before, &ground, members) {
            Some(old) => Ok(old),
            None => Ok(settle_unit(&ground, members).map_err(overflow)?.into_iter().map(Arc::new).collect::<Vec<_>>()),
        };
        let settled = units(book).par_iter().map(unit).collect::<Result<Vec<_>, SettleError>>()?;
        self.contracts = settled.into_iter().flatten().collect();
        self.contracts.sort_by_key(|r| r.contract);
        self.closing = self.close_contracts(book);
        let who = |payee: u32| book.payees.get(payee as usize).map_or_else(|| "rounding".to_owned(), |p| format!("payee {:?}", p.name));
        let Paid { lines, rounding, transfers } =
            payees::settle(&ground, &self.contracts, &mut self.closing).map_err(|(payee, e)| SettleError::Overflow(who(payee), e))?;
        (self.payables, self.rounding, self.after) = (lines, rounding, transfers);
        self.notes.extend(self.contracts.iter().flat_map(|r| r.notes.iter().cloned()));
        self.prove()
    }

    fn prove(mut self) -> Result<Self, SettleError> {
        let overflow = |e| SettleError::Overflow("the proof".into(), e);
        self.trial = self.trial_balance().map_err(overflow)?;
        self.proof = proof::prove(&self).map_err(overflow)?;
        if let Some(line) = self.proof.iter().find(|l| !l.holds()) {
            return Err(SettleError::Unproven(format!("{} {}: {} is not {}", line.currency, line.claim, line.left, line.right)));
        }
        let book = &self.inputs.book;
        match self.contracts.iter().find(|r| !r.left.is_zero()) {
            Some(result) => Err(SettleError::Unproven(format!("contract {:?} keeps {}", book.contracts[result.contract as usize].name, result.left))),
            None => Ok(self),
        }
    }

    fn close_contracts(&self, book: &Book) -> Balances {
        let mut closing = Balances { taxes: self.inputs.opening.taxes.clone(), ..Balances::default() };
        for result in &self.contracts {
            let contract = &book.contracts[result.contract as usize];
            for (recoupable, left) in contract.recoupables.iter().zip(&result.unrecouped) {
                if let Some(left) = left {
                    let key = (contract.name.to_string(), recoupable.name.to_string());
                    closing.unrecouped.insert(key, (contract.currency, *left));
                }
            }
            closing.reserves.extend(result.reserves.iter().map(|(key, amount)| (key.clone(), *amount)));
            for (rate, counted) in &result.counted {
                closing.counted.insert((contract.name.to_string(), contract.rates[*rate].name.to_string()), *counted);
            }
        }
        closing
    }

    fn trial_balance(&self) -> Result<Trial, AmountOverflow> {
        let mut trial = Trial::new();
        add_up(&mut trial, &self.before)?;
        let cells = &self.inputs.cells;
        for (kind, is_received) in [("receivable", false), ("exchange", true)] {
            for (currency, amount) in sums(cells, |dim| dim.is_received == is_received)? {
                let sum = trial.entry((kind, currency)).or_default();
                *sum = sum.plus(amount)?;
            }
        }
        for waiting in &self.assigned.waiting {
            let currency = cells.dims[cells.lines[waiting.line as usize].dim as usize].currency;
            let sum = trial.entry(("suspense", currency)).or_default();
            *sum = sum.minus(waiting.amount)?;
        }
        let parts = self.contracts.par_iter().map(|result| {
            let mut part = Trial::new();
            for (currency, amount) in &result.income {
                let sum = part.entry(("contract", *currency)).or_default();
                *sum = sum.minus(*amount)?;
            }
            add_up(&mut part, &result.transfers)?;
            Ok(part)
        });
        for part in parts.collect::<Result<Vec<_>, AmountOverflow>>()? {
            for (key, amount) in part {
                let sum = trial.entry(key).or_default();
                *sum = sum.plus(amount)?;
            }
        }
        add_up(&mut trial, &self.after)?;
        Ok(trial)
    }
}

/// Sums of cells by currency.
fn sums(cells: &Cells, wanted: impl Fn(&super::cells::Dim) -> bool) -> Result<BTreeMap<Currency, Amount>, AmountOverflow> {
    let mut by_dim = vec![Amount::ZERO; cells.dims.len()];
    for line in &cells.lines {
        let sum = &mut by_dim[line.dim as usize];
        *sum = sum.plus(line.amount)?;
    }
    let mut sums: BTreeMap<Currency, Amount> = BTreeMap::new();
    for (dim, amount) in cells.dims.iter().zip(by_dim).filter(|(dim, _)| wanted(dim)) {
        let sum = sums.entry(dim.currency).or_default();
        *sum = sum.plus(amount)?;
    }
    Ok(sums)
}

fn period(inputs: &Inputs) -> Result<SalePeriod, SettleError> {
    if let Some(period) = inputs.period.filter(|p| p.days().is_some()) {
        return Ok(period);
    }
    let (year, month, _) = inputs.cells.last_day().map(Day::to_ymd).ok_or(SettleError::NoPeriod)?;
    SalePeriod::month(year, month).map_err(|_| SettleError::NoPeriod)
}

/// Territories that taxes name, sorted, behind the empty one for all others.
fn classes(book: &Book) -> Vec<String> {
    let named: BTreeSet<&String> = book.taxes.iter().flat_map(|t| &t.territories).filter(|t| !t.is_empty()).collect();
    std::iter::once(String::new()).chain(named.into_iter().cloned()).collect()
}

/// Contracts whose accounts are joined, and each other contract alone.
fn units(book: &Book) -> Vec<Vec<u32>> {
    let mut joined: Vec<Vec<u32>> = vec![Vec::new(); book.groups.len()];
    let mut alone = Vec::new();
    for (number, contract) in (0u32..).zip(&book.contracts) {
        match contract.group {
            Some(group) => joined[group].push(number),
            None => alone.push(vec![number]),
        }
    }
    joined.retain(|members| !members.is_empty());
    joined.into_iter().chain(alone).collect()
}

/// The results of a unit from an earlier settlement of the same money, when nothing that they depend on has changed.
fn reusable(before: Option<&Settled>, ground: &Ground<'_>, members: &[u32]) -> Option<Vec<Arc<ContractResult>>> {
    let before = before?;
    let is_same = |number: &u32| {
        let at = *number as usize;
        let (old, new) = (&before.inputs.book.contracts[at], &ground.book.contracts[at]);
        same_terms(old, new) && ground.assigned.is_same(*number, &before.assigned)
    };
    members.iter().all(is_same).then(|| members.iter().map(|m| Arc::clone(&before.contracts[*m as usize])).collect())
}

/// Whether two versions of a contract have the same terms; where they are written does not matter.
fn same_terms(old: &super::contracts::Contract, new: &super::contracts::Contract) -> bool {
    if old.place == new.place {
        return old == new;
    }
    *old == super::contracts::Contract { place: old.place.clone(), ..new.clone() }
}

fn opening_transfers(book: &Book, opening: &Balances) -> Vec<Transfer> {
    let mut transfers = Vec::new();
    let contract = |name: &str| book.contract(name).expect("balances are checked against the contracts") as u32;
    let payee = |name: &str| book.payee(name).expect("balances are checked against the contracts") as u32;
    let mut post = |debit: Account, credit: Account, currency: Currency, amount: Amount, mut reason: Reason| {
        (reason.step, reason.arithmetic) = (OPENING, format!("balance {amount}"));
        if !amount.is_zero() {
            transfers.push(Transfer { debit, credit, currency, amount, reason });
        }
    };
    for ((name, advance), (currency, amount)) in &opening.unrecouped {
        let number = contract(name);
        let clause: Arc<str> = advance.as_str().into();
        let reason = Reason { contract: Some(number), clause: Arc::clone(&clause), ..Reason::default() };
        post(Account::Unrecouped(number, clause), Account::Opening, *currency, *amount, reason);
    }
    for (key, amount) in &opening.reserves {
        let number = contract(&key.contract);
        let source = format!("to be released on {}", key.release);
        let reason = Reason { contract: Some(number), clause: key.split.as_str().into(), source, ..Reason::default() };
        post(Account::Opening, Account::Reserve(number), key.currency, *amount, reason);
    }
    for ((name, currency), amount) in &opening.carried {
        let number = payee(name);
        let reason = Reason { payee: Some(number), clause: "carried forward".into(), ..Reason::default() };
        post(Account::Opening, Account::Carried(number), *currency, *amount, reason);
    }
    for ((name, currency, period), amount) in &opening.corrections {
        let number = payee(name);
        let reason = Reason { payee: Some(number), clause: format!("corrects {period}").into(), ..Reason::default() };
        post(Account::Opening, Account::Carried(number), *currency, *amount, reason);
    }
    for ((name, currency, territory), amount) in &opening.waiting {
        let number = payee(name);
        let reason = Reason { payee: Some(number), clause: "waiting".into(), source: territory.clone(), ..Reason::default() };
        post(Account::Opening, Account::Waiting(number), *currency, *amount, reason);
    }
    transfers
}
