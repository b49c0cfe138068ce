//! Cells, contracts, rates and balances into payables, closing balances and a proof.
//!
//! Contracts whose accounts are joined are settled together, all others each alone, on as many threads as there are; payees come after
//! them. What is settled keeps the result of each contract, so that a change of one contract settles that one anew and reuses the others.
//!
//! Invariant: what is settled is a function of the inputs, whatever the number of threads and the order of rows.
//!
//! Invariant: a settlement whose proof fails is an error, not a result.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use thiserror::Error;

use crate::ident::{Currency, Day, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::settlement::ProofLine;
use crate::settlement::assign::Assigned;
use crate::settlement::cells::Cells;
use crate::settlement::ledger::{Account, Reason, Transfer, Trial, add_up};
use crate::settlement::payees::{self, Paid, PayableLine, PayeeResult};
use crate::settlement::proof;
use crate::settlement::received::spread_received;
use crate::settlement::steps::{ContractResult, Ground, settle_unit};
use crate::terms::balances::{Balances, corrected_account};
use crate::terms::contracts::Book;
use crate::terms::input::Fault;
use crate::terms::rates::Rates;
use crate::terms::releases::Releases;

/// The step of balances that were carried from before.
const OPENING: &str = "opening";
/// The step of what is corrected of closed periods.
const CORRECTION: &str = "correction";

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
    /// What is on releases, as a catalog has it; what contract files say of a release goes before it. Only those that have lines of their
    /// own are needed.
    pub releases: Arc<Releases>,
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
    #[error(
        "no cell has a sale period, so the period that is settled is not known; give it with --period 2026-09"
    )]
    NoPeriod,
    /// A sum left the exact range.
    #[error("{0}: {1}")]
    Overflow(String, AmountOverflow),
    /// The conservation proof fails.
    #[error(
        "the conservation proof fails, so nothing is settled: {0}. This is a fault of the program; please report it with this line"
    )]
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
    pub(crate) assigned: Arc<Assigned>,
    pub(crate) classes: Vec<String>,
    /// Movements before contracts: opening balances, money received.
    pub(crate) before: Vec<Transfer>,
    /// What became of payees.
    pub(crate) payees: Vec<Arc<PayeeResult>>,
    /// Movements of rounding and paying.
    pub(crate) rounded: Vec<Transfer>,
    /// Sums of the cells as they were given, by currency.
    pub(crate) reported: BTreeMap<Currency, Amount>,
    /// Sums of the cells that are settled, by currency and whether they were received.
    cell_sums: CellSums,
    /// Balances of accounts.
    pub(crate) trial: Trial,
}

impl Settled {
    /// Settles.
    ///
    /// # Errors
    /// [`SettleError`].
    pub fn of(inputs: Inputs) -> Result<Self, SettleError> {
        let sums =
            |cells: &Cells| sums(cells).map_err(|e| SettleError::Overflow("the cells".into(), e));
        let given = sums(&inputs.cells)?;
        let reported = given
            .iter()
            .map(|((currency, _), amount)| (*currency, *amount))
            .collect();
        let (mut before, mut notes) =
            (opening_transfers(&inputs.book, &inputs.opening), Vec::new());
        let period = period(&inputs)?;
        let (inputs, cell_sums) = match spread_received(&inputs.cells, &inputs.rates, period)? {
            None => (inputs, given),
            Some(spread) => {
                before.extend(spread.transfers);
                notes.extend(spread.notes);
                let cell_sums = sums(&spread.cells)?;
                (
                    Inputs {
                        cells: Arc::new(spread.cells),
                        ..inputs
                    },
                    cell_sums,
                )
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
            payees: Vec::new(),
            rounded: Vec::new(),
            reported,
            cell_sums,
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
        first.extend(
            self.before
                .iter()
                .filter(|t| !matches!(t.reason.step, OPENING | CORRECTION))
                .cloned(),
        );
        let is_comparable = old
            .book
            .contracts
            .iter()
            .map(|c| &c.name)
            .eq(book.contracts.iter().map(|c| &c.name))
            && old
                .book
                .payees
                .iter()
                .map(|p| &p.name)
                .eq(book.payees.iter().map(|p| &p.name))
            && old.book.profiles == book.profiles
            && classes(&old.book) == classes(&book);
        let inputs = Inputs {
            book,
            cells: Arc::clone(&old.cells),
            rates: old.rates.clone(),
            opening: old.opening.clone(),
            releases: Arc::clone(&old.releases),
            period: old.period,
        };
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
            payees: Vec::new(),
            rounded: Vec::new(),
            reported: self.reported.clone(),
            cell_sums: self.cell_sums.clone(),
            trial: Trial::new(),
        };
        fresh.settle(is_comparable.then_some(self))
    }

    fn settle(mut self, before: Option<&Self>) -> Result<Self, SettleError> {
        let inputs = Arc::clone(&self.inputs);
        let (book, cells) = (&inputs.book, &inputs.cells);
        let days = self
            .period
            .days()
            .expect("the period was just found to have days");
        self.classes = classes(book);
        let assigned = match before {
            Some(old) => old.assigned.again(&old.inputs.book, &inputs),
            None => Assigned::of(&inputs).map(Arc::new),
        };
        self.assigned = assigned
            .map_err(|e| SettleError::Overflow("the cells of contracts with shares".into(), e))?;
        let assigned = Arc::clone(&self.assigned);
        let class_of: Vec<u32> = cells
            .territories
            .iter()
            .map(|t| {
                self.classes
                    .iter()
                    .position(|c| c == t && !c.is_empty())
                    .map_or(0, |at| at as u32)
            })
            .collect();
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
        let settled = settle_contracts(&ground, before)?;
        let who = |payee: u32| {
            book.payees
                .get(payee as usize)
                .map_or_else(|| "rounding".to_owned(), |p| format!("payee {:?}", p.name))
        };
        let known = before.map(|old| (&old.inputs.book, old.payees.as_slice()));
        let (closing, paid) = rayon::join(
            || close_contracts(&ground, &settled),
            || payees::settle(&ground, &settled, known),
        );
        let Paid {
            payees,
            lines,
            rounding,
            transfers,
        } = paid.map_err(|(payee, e)| SettleError::Overflow(who(payee), e))?;
        self.closing = closing;
        payees
            .iter()
            .for_each(|payee| self.closing.extend(&payee.closing));
        (
            self.contracts,
            self.payees,
            self.payables,
            self.rounding,
            self.rounded,
        ) = (settled, payees, lines, rounding, transfers);
        self.notes
            .extend(self.contracts.iter().flat_map(|r| r.notes.iter().cloned()));
        self.prove()
    }

    fn prove(mut self) -> Result<Self, SettleError> {
        let overflow = |e| SettleError::Overflow("the proof".into(), e);
        self.trial = self.trial_balance().map_err(overflow)?;
        self.proof = proof::prove(&self).map_err(overflow)?;
        if let Some(line) = self.proof.iter().find(|l| !l.holds()) {
            return Err(SettleError::Unproven(format!(
                "{} {}: {} is not {}",
                line.currency, line.claim, line.left, line.right
            )));
        }
        let book = &self.inputs.book;
        match self.contracts.iter().find(|r| !r.left.is_zero()) {
            Some(result) => Err(SettleError::Unproven(format!(
                "contract {:?} keeps {}",
                book.contracts[result.contract as usize].name, result.left
            ))),
            None => Ok(self),
        }
    }

    fn trial_balance(&self) -> Result<Trial, AmountOverflow> {
        let mut trial = Trial::new();
        add_up(&mut trial, &self.before)?;
        for ((currency, is_received), amount) in &self.cell_sums {
            let sum = trial
                .entry((
                    if *is_received {
                        "exchange"
                    } else {
                        "receivable"
                    },
                    *currency,
                ))
                .or_default();
            *sum = sum.plus(*amount)?;
        }
        let cells = &self.inputs.cells;
        for waiting in &self.assigned.waiting {
            let currency = cells.dims[cells.lines[waiting.line as usize].dim as usize].currency;
            let sum = trial.entry(("suspense", currency)).or_default();
            *sum = sum.minus(waiting.amount)?;
        }
        // What a contract or payee comes to was added up when it was settled; as long as it is shared as it is, so are its sums.
        let parts = self
            .contracts
            .iter()
            .map(|r| &r.trial)
            .chain(self.payees.iter().map(|p| &p.trial));
        for (key, amount) in parts.flatten() {
            let sum = trial.entry(*key).or_default();
            *sum = sum.plus(*amount)?;
        }
        add_up(&mut trial, &self.rounded)?;
        Ok(trial)
    }
}

/// Sums by currency and whether the money is that which was received.
type CellSums = BTreeMap<(Currency, bool), Amount>;

/// Sums of cells.
fn sums(cells: &Cells) -> Result<CellSums, AmountOverflow> {
    let mut by_dim = vec![Amount::ZERO; cells.dims.len()];
    for line in &cells.lines {
        let sum = &mut by_dim[line.dim as usize];
        *sum = sum.plus(line.amount)?;
    }
    let mut sums = CellSums::new();
    for (dim, amount) in cells.dims.iter().zip(by_dim) {
        let sum = sums.entry((dim.currency, dim.is_received)).or_default();
        *sum = sum.plus(amount)?;
    }
    Ok(sums)
}

fn period(inputs: &Inputs) -> Result<SalePeriod, SettleError> {
    if let Some(period) = inputs.period.filter(|p| p.days().is_some()) {
        return Ok(period);
    }
    let (year, month, _) = inputs
        .cells
        .last_day()
        .map(Day::to_ymd)
        .ok_or(SettleError::NoPeriod)?;
    SalePeriod::month(year, month).map_err(|_| SettleError::NoPeriod)
}

/// Territories that taxes name, sorted, behind the empty one for all others.
fn classes(book: &Book) -> Vec<String> {
    let named: BTreeSet<&String> = book
        .taxes
        .iter()
        .flat_map(|t| &t.territories)
        .filter(|t| !t.is_empty())
        .collect();
    std::iter::once(String::new())
        .chain(named.into_iter().cloned())
        .collect()
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

/// All contracts, by number.
fn settle_contracts(
    ground: &Ground<'_>,
    before: Option<&Settled>,
) -> Result<Vec<Arc<ContractResult>>, SettleError> {
    let name = |contract: u32| {
        format!(
            "contract {:?}",
            ground.book.contracts[contract as usize].name
        )
    };
    let old_units: HashMap<u32, Vec<u32>> = before
        .map(|old| {
            units(&old.inputs.book)
                .into_iter()
                .map(|members| (members[0], members))
                .collect()
        })
        .unwrap_or_default();
    let unit = |members: &Vec<u32>| {
        if let Some(before) = before
            && old_units.get(&members[0]) == Some(members)
            && members
                .iter()
                .all(|number| is_as_before(*number, ground, before))
        {
            return Ok(members
                .iter()
                .map(|m| Arc::clone(&before.contracts[*m as usize]))
                .collect());
        }
        let mut results = settle_unit(ground, members)
            .map_err(|(contract, e)| SettleError::Overflow(name(contract), e))?;
        for result in &mut results {
            result.trial =
                trial_of(result).map_err(|e| SettleError::Overflow(name(result.contract), e))?;
        }
        Ok(results.into_iter().map(Arc::new).collect::<Vec<_>>())
    };
    let settled = units(ground.book)
        .par_iter()
        .map(unit)
        .collect::<Result<Vec<_>, SettleError>>()?;
    let mut results: Vec<Arc<ContractResult>> = settled.into_iter().flatten().collect();
    results.sort_by_key(|r| r.contract);
    Ok(results)
}

/// Whether nothing that a contract's result depends on, but for those it is joined with, differs from an earlier settlement.
fn is_as_before(number: u32, ground: &Ground<'_>, before: &Settled) -> bool {
    let (old, new) = (
        &before.inputs.book.contracts[number as usize],
        &ground.book.contracts[number as usize],
    );
    ground.assigned.is_same(number, &before.assigned) && old.has_same_terms(new)
}

fn trial_of(result: &ContractResult) -> Result<Trial, AmountOverflow> {
    let mut trial = Trial::new();
    for (currency, amount) in &result.income {
        let sum = trial.entry(("contract", *currency)).or_default();
        *sum = sum.minus(*amount)?;
    }
    add_up(&mut trial, &result.transfers)?;
    Ok(trial)
}

/// What contracts carry on. Collected as a whole, because they come nearly in order.
fn close_contracts(ground: &Ground<'_>, results: &[Arc<ContractResult>]) -> Balances {
    let with_contract = || {
        results
            .iter()
            .map(|result| (&ground.book.contracts[result.contract as usize], result))
    };
    let unrecouped = with_contract().flat_map(|(contract, result)| {
        let left = contract.recoupables.iter().zip(&result.unrecouped);
        left.filter_map(|(r, left)| {
            Some((
                (contract.name.to_string(), r.name.to_string()),
                (contract.currency, (*left)?),
            ))
        })
    });
    let counted = with_contract().flat_map(|(contract, result)| {
        let key = |rate: usize| {
            (
                contract.name.to_string(),
                contract.rates[rate].name.to_string(),
            )
        };
        result
            .counted
            .iter()
            .map(move |(rate, counted)| (key(*rate), *counted))
    });
    Balances {
        unrecouped: unrecouped.collect(),
        reserves: results
            .iter()
            .flat_map(|r| &r.reserves)
            .map(|(key, amount)| (key.clone(), *amount))
            .collect(),
        counted: counted.collect(),
        taxes: ground.opening.taxes.clone(),
        ..Balances::default()
    }
}

fn opening_transfers(book: &Book, opening: &Balances) -> Vec<Transfer> {
    let mut transfers = Vec::new();
    let contract = |name: &str| {
        book.contract(name)
            .expect("balances are checked against the contracts") as u32
    };
    let payee = |name: &str| {
        book.payee(name)
            .expect("balances are checked against the contracts") as u32
    };
    let mut post = |debit: Account,
                    credit: Account,
                    currency: Currency,
                    amount: Amount,
                    mut reason: Reason| {
        (reason.step, reason.arithmetic) = (OPENING, format!("balance {amount}"));
        if !amount.is_zero() {
            transfers.push(Transfer {
                debit,
                credit,
                currency,
                amount,
                reason,
            });
        }
    };
    for ((name, advance), (currency, amount)) in &opening.unrecouped {
        let number = contract(name);
        let clause: Arc<str> = advance.as_str().into();
        let reason = Reason {
            contract: Some(number),
            clause: Arc::clone(&clause),
            ..Reason::default()
        };
        post(
            Account::Unrecouped(number, clause),
            Account::Opening,
            *currency,
            *amount,
            reason,
        );
    }
    for (key, amount) in &opening.reserves {
        let number = contract(&key.contract);
        let source = format!("to be released on {}", key.release);
        let reason = Reason {
            contract: Some(number),
            clause: key.split.as_str().into(),
            source,
            ..Reason::default()
        };
        post(
            Account::Opening,
            Account::Reserve(number),
            key.currency,
            *amount,
            reason,
        );
    }
    for ((name, currency), amount) in &opening.carried {
        let number = payee(name);
        let reason = Reason {
            payee: Some(number),
            clause: "carried forward".into(),
            ..Reason::default()
        };
        post(
            Account::Opening,
            Account::Carried(number),
            *currency,
            *amount,
            reason,
        );
    }
    let has_accounts = |period: &str| opening.corrected.keys().any(|(p, ..)| p == period);
    for ((name, currency, period), amount) in opening
        .corrections
        .iter()
        .filter(|((_, _, period), _)| !has_accounts(period))
    {
        let number = payee(name);
        let reason = Reason {
            payee: Some(number),
            clause: corrects(period),
            ..Reason::default()
        };
        post(
            Account::Opening,
            Account::Carried(number),
            *currency,
            *amount,
            reason,
        );
    }
    for ((name, currency, territory), amount) in &opening.waiting {
        let number = payee(name);
        let reason = Reason {
            payee: Some(number),
            clause: "waiting".into(),
            source: territory.clone(),
            ..Reason::default()
        };
        post(
            Account::Opening,
            Account::Waiting(number),
            *currency,
            *amount,
            reason,
        );
    }
    for ((period, account, currency), amount) in &opening.corrected {
        correct(&mut transfers, payee, (period, account), *currency, *amount);
    }
    transfers
}

fn corrects(period: &str) -> Arc<str> {
    format!("corrects {period}").into()
}

/// Posts what an account of a closed period comes to more or less. What is still to be recouped, held or waiting is among the balances as
/// it is now, and was opened with that, so there the correction is taken off the opening first.
fn correct(
    transfers: &mut Vec<Transfer>,
    payee: impl Fn(&str) -> u32,
    (period, label): (&str, &str),
    currency: Currency,
    amount: Amount,
) {
    let (kind, name) = corrected_account(label).expect("balances are checked when they are read");
    let former = || Account::Former(kind, name.into());
    let (account, number) = match kind {
        // It is settled with what is carried forward.
        "earned" => (Account::Carried(payee(name)), Some(payee(name))),
        _ => (former(), None),
    };
    let mut post = |step, debit: Account, credit: Account, amount: Amount, words: &str| {
        let (debit, credit, amount) = if amount.is_negative() {
            (credit, debit, amount.negated())
        } else {
            (debit, credit, amount)
        };
        let reason = Reason {
            step,
            payee: number,
            clause: corrects(period),
            arithmetic: format!("{words} {amount}"),
            ..Reason::default()
        };
        if !amount.is_zero() {
            transfers.push(Transfer {
                debit,
                credit,
                currency,
                amount,
                reason,
            });
        }
    };
    if matches!(kind, "unrecouped" | "reserve" | "waiting") {
        post(
            OPENING,
            former(),
            Account::Opening,
            amount.negated(),
            "not in the balance before the correction:",
        );
    }
    post(
        CORRECTION,
        account,
        Account::Correction(period.into()),
        amount,
        "correction",
    );
}
