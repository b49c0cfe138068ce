//! Cells, contracts, rates and balances into payables, closing balances and a proof.
//!
//! Contracts whose accounts are joined are settled together, all others each alone, on as many threads as there are; payees come after
//! them. What is settled keeps the result of each contract, so that a change of one contract settles that one anew and reuses the others.
//!
//! Invariant: what is settled is a function of the inputs, whatever the number of threads and the order of rows.
//!
//! Invariant: a settlement whose proof fails is an error, not a result.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use thiserror::Error;

use crate::ident::{Currency, Day, SalePeriod};
use crate::money::{Amount, AmountOverflow, Sums};
use crate::settlement::assign::Assigned;
use crate::settlement::cells::Cells;
use crate::settlement::claim::ProofLine;
use crate::settlement::ledger::{PostingStep, Transfer, Trial, add_up};
use crate::settlement::opening::opening_transfers;
use crate::settlement::payees::{self, Paid, PayableLine, PayeeResult};
use crate::settlement::proof;
use crate::settlement::received::spread_received;
use crate::settlement::steps::TerritoryClass;
use crate::settlement::steps::{ContractResult, SettlementContext, settle_unit};
use crate::terms::ContractNumber;
use crate::terms::account_kind::AccountKind;
use crate::terms::balances::{Balances, ClauseKey};
use crate::terms::contracts::Book;
use crate::terms::input::Fault;
use crate::terms::rates::Rates;
use crate::terms::releases::Releases;

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

/// Whose sum left the exact range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The cells', in one currency.
    Cells,
    /// A cell's that several contracts share.
    SharedCells,
    /// A contract's, by its name.
    Contract(String),
    /// A payee's, by their name.
    Payee(String),
    /// What is paid in one currency, while it is rounded.
    Rounding,
    /// The proof's.
    Proof,
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cells => f.write_str("the cells"),
            Self::SharedCells => f.write_str("the cells of contracts with shares"),
            Self::Contract(name) => write!(f, "contract {name:?}"),
            Self::Payee(name) => write!(f, "payee {name:?}"),
            Self::Rounding => f.write_str("rounding"),
            Self::Proof => f.write_str("the proof"),
        }
    }
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
    Overflow(Whose, AmountOverflow),
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
    pub rounding: Sums<Currency>,
    /// What is carried to the next settlement.
    pub closing: Balances,
    /// The conservation proof; all of it holds.
    pub proof: Vec<ProofLine>,
    /// What was left out because its day lies outside of the period, and money for statements without cells.
    pub notes: Vec<String>,
    /// The part of the notes that no contract makes.
    received_notes: Vec<String>,
    pub(crate) assigned: Arc<Assigned>,
    /// Movements before contracts: opening balances, money received.
    pub(crate) before: Vec<Transfer>,
    /// What became of payees.
    pub(crate) payees: Vec<Arc<PayeeResult>>,
    /// Movements of rounding and paying.
    pub(crate) rounded: Vec<Transfer>,
    /// Sums of the cells as they were given, by currency.
    pub(crate) reported: Sums<Currency>,
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
        let given = sums(&inputs.cells)?;
        let mut reported = Sums::new();
        for ((currency, _), amount) in &given {
            reported.add(*currency, *amount).map_err(of_cells)?;
        }
        let mut before = opening_transfers(&inputs.book, &inputs.opening);
        let period = period(&inputs)?;
        let Some(received) = spread_received(&inputs.cells, &inputs.rates, period)? else {
            let money = ReadyMoney {
                period,
                notes: Vec::new(),
                before,
                reported,
                cell_sums: given,
            };
            return money.settle(inputs, None);
        };
        before.extend(received.transfers);
        let money = ReadyMoney {
            period,
            notes: received.notes,
            before,
            reported,
            cell_sums: sums(&received.cells)?,
        };
        let cells = Arc::new(received.cells);
        money.settle(Inputs { cells, ..inputs }, None)
    }

    /// Settles the same money with other contracts. Contracts that are as they were and have the
    /// same cells are not settled again.
    ///
    /// # Errors
    /// [`SettleError`], also when the contracts lack what an opening balance is about.
    pub fn with_contracts(&self, book: Book) -> Result<Self, SettleError> {
        let old = &self.inputs;
        old.opening.check(&book)?;
        // Accounts are named by the numbers of contracts and payees, which may be others now.
        let mut before = opening_transfers(&book, &old.opening);
        let received = self.before.iter().filter(|transfer| {
            !matches!(
                transfer.reason.step,
                PostingStep::Opening | PostingStep::Correction
            )
        });
        before.extend(received.cloned());
        let earlier = is_comparable(&old.book, &book).then_some(self);
        let inputs = Inputs {
            book,
            cells: Arc::clone(&old.cells),
            rates: old.rates.clone(),
            opening: old.opening.clone(),
            releases: Arc::clone(&old.releases),
            period: old.period,
        };
        let money = ReadyMoney {
            period: self.period,
            notes: self.received_notes.clone(),
            before,
            reported: self.reported.clone(),
            cell_sums: self.cell_sums.clone(),
        };
        money.settle(inputs, earlier)
    }
}

/// Whether contracts, payees, profiles and taxed territories have the same numbers in two books, so
/// that results of one can stand for results of the other.
fn is_comparable(old: &Book, new: &Book) -> bool {
    let old_contracts = old.contracts.iter().map(|contract| &contract.name);
    let old_payees = old.payees.iter().map(|payee| &payee.name);
    old_contracts.eq(new.contracts.iter().map(|contract| &contract.name))
        && old_payees.eq(new.payees.iter().map(|payee| &payee.name))
        && old.profiles == new.profiles
        && classes(old) == classes(new)
}

/// The money that is to be settled, and what happened to it before any contract.
struct ReadyMoney {
    period: SalePeriod,
    /// Money that was received for statements without cells.
    notes: Vec<String>,
    /// Opening balances, and from what was reported to what was received.
    before: Vec<Transfer>,
    reported: Sums<Currency>,
    cell_sums: CellSums,
}

impl ReadyMoney {
    /// Settles by the contracts of the inputs. What an earlier settlement has already, of the same
    /// money and by a comparable book, is taken from there.
    fn settle(self, inputs: Inputs, earlier: Option<&Settled>) -> Result<Settled, SettleError> {
        let inputs = Arc::new(inputs);
        let assigned = match earlier {
            Some(old) => old.assigned.again(&old.inputs.book, &inputs),
            None => Assigned::of(&inputs).map(Arc::new),
        };
        let assigned = assigned.map_err(|e| SettleError::Overflow(Whose::SharedCells, e))?;
        let classes = classes(&inputs.book);
        let class_of = class_of(&inputs.cells, &classes);
        let context = SettlementContext {
            book: &inputs.book,
            cells: &inputs.cells,
            rates: &inputs.rates,
            opening: &inputs.opening,
            assigned: &assigned,
            period: self.period,
            days: (self.period.days()).expect("the period was just found to have days"),
            classes: &classes,
            class_of: &class_of,
        };
        let contracts = settle_contracts(&context, earlier)?;
        let known = earlier.map(|old| (&old.inputs.book, old.payees.as_slice()));
        let (mut closing, paid) = rayon::join(
            || close_contracts(&context, &contracts),
            || payees::settle(&context, &contracts, known),
        );
        let paid = paid?;
        for payee in &paid.payees {
            closing.extend(&payee.closing);
        }
        let trial = self
            .trial_balance(&inputs.cells, &assigned, &contracts, &paid)
            .map_err(of_proof)?;
        let proof = proof::prove(&proof::ProofInputs {
            trial: &trial,
            reported: &self.reported,
            opening: &inputs.opening,
            closing: &closing,
            payables: &paid.lines,
            rounding: &paid.rounding,
            cells: &inputs.cells,
            assigned: &assigned,
        })
        .map_err(of_proof)?;
        refuse_unproven(&proof, &inputs.book, &contracts)?;
        let of_contracts = contracts.iter().flat_map(|result| &result.notes);
        let notes = self.notes.iter().chain(of_contracts).cloned().collect();
        Ok(Settled {
            period: self.period,
            contracts,
            payables: paid.lines,
            rounding: paid.rounding,
            closing,
            proof,
            notes,
            received_notes: self.notes,
            assigned,
            before: self.before,
            payees: paid.payees,
            rounded: paid.transfers,
            reported: self.reported,
            cell_sums: self.cell_sums,
            trial,
            inputs,
        })
    }

    fn trial_balance(
        &self,
        cells: &Cells,
        assigned: &Assigned,
        contracts: &[Arc<ContractResult>],
        paid: &Paid,
    ) -> Result<Trial, AmountOverflow> {
        let mut trial = Trial::new();
        add_up(&mut trial, &self.before)?;
        for ((currency, is_received), amount) in &self.cell_sums {
            let kind = if *is_received {
                AccountKind::Exchange
            } else {
                AccountKind::Receivable
            };
            trial.add((kind, *currency), *amount)?;
        }
        for waiting in &assigned.waiting {
            let currency = cells.currency(waiting.line);
            trial.subtract((AccountKind::Suspense, currency), waiting.amount)?;
        }
        // What a contract or payee comes to was added up when it was settled; as long as its result
        // is shared with an earlier settlement, so are its sums.
        for contract in contracts {
            trial.add_all(&contract.trial)?;
        }
        for payee in &paid.payees {
            trial.add_all(&payee.trial)?;
        }
        add_up(&mut trial, &paid.transfers)?;
        Ok(trial)
    }
}

/// A settlement is a result only if all of its proof holds and no contract keeps anything.
fn refuse_unproven(
    proof: &[ProofLine],
    book: &Book,
    contracts: &[Arc<ContractResult>],
) -> Result<(), SettleError> {
    if let Some(line) = proof.iter().find(|line| !line.holds()) {
        return Err(SettleError::Unproven(line.to_string()));
    }
    match contracts.iter().find(|result| !result.left.is_zero()) {
        Some(result) => Err(SettleError::Unproven(format!(
            "contract {:?} keeps {}",
            book.contracts[result.contract].name, result.left
        ))),
        None => Ok(()),
    }
}

fn of_cells(overflow: AmountOverflow) -> SettleError {
    SettleError::Overflow(Whose::Cells, overflow)
}

fn of_proof(overflow: AmountOverflow) -> SettleError {
    SettleError::Overflow(Whose::Proof, overflow)
}

/// The class of each territory of the cells.
fn class_of(cells: &Cells, classes: &[String]) -> Vec<TerritoryClass> {
    cells
        .territories
        .iter()
        .map(|territory| {
            let named = classes.iter().position(|c| c == territory && !c.is_empty());
            named.map_or(TerritoryClass::REST, TerritoryClass::of)
        })
        .collect()
}

/// Sums by currency and whether the money is that which was received.
type CellSums = Sums<(Currency, bool)>;

/// Sums of cells.
fn sums(cells: &Cells) -> Result<CellSums, SettleError> {
    let mut by_dim = vec![Amount::ZERO; cells.dims.len()];
    for line in &cells.lines {
        let sum = &mut by_dim[line.dim as usize];
        *sum = sum.plus(line.amount).map_err(of_cells)?;
    }
    let mut sums = CellSums::new();
    for (dim, amount) in cells.dims.iter().zip(by_dim) {
        let key = (dim.currency, dim.is_received);
        sums.add(key, amount).map_err(of_cells)?;
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
fn units(book: &Book) -> Vec<Vec<ContractNumber>> {
    let mut joined: Vec<Vec<ContractNumber>> = vec![Vec::new(); book.groups.len()];
    let mut alone = Vec::new();
    for (number, contract) in book.numbered_contracts() {
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
    context: &SettlementContext<'_>,
    earlier: Option<&Settled>,
) -> Result<Vec<Arc<ContractResult>>, SettleError> {
    let old_units = earlier.map_or_else(HashSet::new, |old| {
        units(&old.inputs.book).into_iter().collect()
    });
    let settled = units(context.book)
        .par_iter()
        .map(|members| match earlier {
            Some(old) if old_units.contains(members) && are_as_before(members, context, old) => {
                let results = members.iter().map(|m| &old.contracts[m.index()]);
                Ok(results.map(Arc::clone).collect())
            }
            _ => settle_members(context, members),
        })
        .collect::<Result<Vec<_>, SettleError>>()?;
    let mut results: Vec<Arc<ContractResult>> = settled.into_iter().flatten().collect();
    results.sort_by_key(|r| r.contract);
    Ok(results)
}

/// Contracts whose accounts are joined, with the sums of their movements.
fn settle_members(
    context: &SettlementContext<'_>,
    members: &[ContractNumber],
) -> Result<Vec<Arc<ContractResult>>, SettleError> {
    let overflow = |contract: ContractNumber, e: AmountOverflow| {
        let name = context.book.contracts[contract].name.to_string();
        SettleError::Overflow(Whose::Contract(name), e)
    };
    let mut results = settle_unit(context, members).map_err(|(of, e)| overflow(of, e))?;
    for result in &mut results {
        result.trial = trial_of(result).map_err(|e| overflow(result.contract, e))?;
    }
    Ok(results.into_iter().map(Arc::new).collect())
}

/// Whether nothing that the results of joined contracts depend on differs from an earlier
/// settlement.
fn are_as_before(
    members: &[ContractNumber],
    context: &SettlementContext<'_>,
    earlier: &Settled,
) -> bool {
    members.iter().all(|number| {
        let old = &earlier.inputs.book.contracts[*number];
        let new = &context.book.contracts[*number];
        context.assigned.is_same(*number, &earlier.assigned) && old.has_same_terms(new)
    })
}

fn trial_of(result: &ContractResult) -> Result<Trial, AmountOverflow> {
    let mut trial = Trial::new();
    for (currency, amount) in &result.income {
        trial.subtract((AccountKind::Contract, *currency), *amount)?;
    }
    add_up(&mut trial, &result.transfers)?;
    Ok(trial)
}

/// What contracts carry to the next settlement. Collected as a whole, because it comes nearly in
/// order.
fn close_contracts(context: &SettlementContext<'_>, results: &[Arc<ContractResult>]) -> Balances {
    let unrecouped = results.iter().flat_map(|result| {
        let contract = &context.book.contracts[result.contract];
        let left = contract.recoupables.iter().zip(&result.unrecouped);
        left.filter_map(|(recoupable, left)| {
            let key = ClauseKey {
                contract: contract.name.to_string(),
                clause: recoupable.name.to_string(),
            };
            Some((key, (contract.currency, (*left)?)))
        })
    });
    let counted = results.iter().flat_map(|result| {
        let contract = &context.book.contracts[result.contract];
        result.counted.iter().map(|(rate, counted)| {
            let key = ClauseKey {
                contract: contract.name.to_string(),
                clause: contract.rates[*rate].name.to_string(),
            };
            (key, *counted)
        })
    });
    let reserves = results.iter().flat_map(|result| &result.reserves);
    Balances {
        unrecouped: unrecouped.collect(),
        reserves: reserves
            .map(|(key, amount)| (key.clone(), *amount))
            .collect(),
        counted: counted.collect(),
        taxes: context.opening.taxes.clone(),
        ..Balances::default()
    }
}
