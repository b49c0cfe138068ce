//! Periods of settlement: what is open, settled by the contracts that hold; closing it; what is corrected of closed ones.
//!
//! A period owns statements, by their texts. Closing it keeps all it was settled from and came to. What changes later about its
//! statements (a decision, a statement that is taken out, a contract, a rate) does not change it: it is settled anew *as if*, and what the
//! payees would have earned more or less is a correction in the next period, named by the period that it corrects. Balances go on from
//! the settlement as if. So closing and then correcting comes to the same, in sum, as correcting and then closing.
//!
//! Parties and taxes of a closed period are those that it was closed with: a payee who moves does not change the tax of last year.
//!
//! Invariant: a closed period never changes; its files are named by hash in the journal.

mod accounts;
mod cells;
mod close;
mod earned;
mod kept;
mod releases;
mod source;
mod what_if;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use accounts::AccountCorrection;
use accounts::{ACCOUNTS, PostedBefore};
pub(crate) use cells::{StatementCells, Works};
pub use close::{PeriodVerdict, write_open};
pub(crate) use close::{ReadyPeriod, add_open};
use earned::Earned;
pub use earned::{CORRECTION_COLUMNS, CorrectionLine, correction_rows};
pub(crate) use releases::releases_of;
use source::WorkspaceSource;
pub(crate) use source::{StatementSource, matched_outcome};
pub use what_if::{Effect, WhatIf};

use crate::contents::terms::{TermsError, pieces, read_terms};
use crate::contents::{Contents, ReadError, StatementRecord};
use crate::export::ExportError;
use crate::ident::{Currency, Day, SalePeriod};
use crate::journal::{Change, JournalEvent};
use crate::money::{Amount, AmountOverflow};
use crate::results::{ResultFile, ResultsError};
use crate::review::TermTexts;
use crate::settlement::{Cells, Inputs, SettleError, Settled, SuspenseReason};
use crate::terms::pieces::{CheckedTerms, to_toml};
use crate::terms::{Balances, Book, CorrectedKey, CorrectionKey, Payee, Rates, Releases};
use crate::workspace::WorkspaceError;

/// Version of what is kept of a closed period.
const PERIOD_VERSION: u32 = 1;

/// What can go wrong with a period.
#[derive(Debug, Error)]
pub enum PeriodError {
    /// The workspace, a statement of it or the catalog.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Files of contracts, rates or balances.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// What contracts, rates or balances say.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// Result files.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// A sum left the exact range.
    #[error(transparent)]
    Overflow(#[from] AmountOverflow),
    /// There are no contracts.
    #[error("the workspace has no contracts; import some: ledgerline terms import FILE…")]
    NoContracts,
    /// There is nothing to settle.
    #[error("no statement is open, and nothing of a closed period is to be corrected")]
    NothingOpen,
    /// Money was received for a statement of a name that several have.
    #[error("{place}: {statement} is the name of {count} statements{remedy}")]
    Received {
        /// Where the money is named.
        place: String,
        /// The name.
        statement: String,
        /// How many have it.
        count: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// Periods are closed in their order.
    #[error(
        "{period} does not come after {closed}, which is closed; what belongs to it is corrected with a later period"
    )]
    NotLater {
        /// The period that was asked for.
        period: String,
        /// The last closed one.
        closed: String,
    },
    /// Balances that the first period opened with are settled.
    #[error(
        "{0} is closed, and opened with the balances that the workspace had then; write what was forgotten as an adjustment of a contract"
    )]
    Opened(String),
    /// What a closed period leaves behind needs something that would be gone.
    #[error("this cannot go, because {period} is closed and goes on with it: {what}")]
    GoesOn {
        /// The period.
        period: String,
        /// What would be gone.
        what: String,
    },
    /// Only whole months are closed.
    #[error(
        "{0} is not a month, or several, from first to last; write 2026-09, or 2026-07..2026-09 for a quarter"
    )]
    NotMonths(String),
    /// It has not begun.
    #[error("{0} has not begun and no sale is of it; closing it would close all months before it")]
    Future(String),
    /// It is not closed.
    #[error("{0} is not closed; see: ledgerline payout list")]
    NotClosed(String),
    /// A kept file is gone or different.
    #[error("{}: {reason}; restore the workspace from its backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How it shows.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}; the period is not closed", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its kept inputs do not give its kept results.
    #[error("{0}")]
    NotReproduced(String),
}

impl From<WorkspaceError> for PeriodError {
    fn from(error: WorkspaceError) -> Self {
        Self::Read(error.into())
    }
}

impl From<ExportError> for PeriodError {
    fn from(error: ExportError) -> Self {
        Self::Results(error.into())
    }
}

/// A statement of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodStatement {
    /// Its name when the period was closed.
    pub name: String,
    /// Stands for its text.
    pub text_hash: String,
}

/// The cells of a period as they stood when a later one, or it itself, was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ChainLink {
    period: String,
    cells: String,
}

/// Money of a closed period that waits in suspense: it is settled as a correction once somebody has seen to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingLine {
    /// The period.
    pub period: String,
    /// The reason's word.
    pub reason: String,
    /// Currency.
    pub currency: Currency,
    /// How much.
    pub amount: Amount,
}

fn waiting_of(period: &str, settled: &Settled) -> Result<Vec<WaitingLine>, AmountOverflow> {
    Ok(settled
        .suspense()?
        .into_iter()
        .filter(|((why, _), _)| *why != SuspenseReason::Ignored)
        .map(|((why, currency), amount)| WaitingLine {
            period: period.to_owned(),
            reason: why.code().to_owned(),
            currency,
            amount,
        })
        .collect())
}

/// A closed period, as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedPeriod {
    version: u32,
    /// The period: `2026-09`.
    pub period: String,
    /// Its statements.
    pub statements: Vec<PeriodStatement>,
    /// What it was settled from and came to.
    pub files: Vec<ResultFile>,
    /// Stands for all that it was settled from.
    pub fingerprint: String,
    /// Version of the program that closed it.
    pub program: String,
    /// What was paid, by currency.
    pub payable: BTreeMap<String, Amount>,
    /// What waited, of this period and of those before it.
    pub waiting: Vec<WaitingLine>,
    chain: Vec<ChainLink>,
    terms: String,
    /// The entry of the journal.
    #[serde(skip)]
    pub seq: u64,
    /// When.
    #[serde(skip)]
    pub at: String,
    /// Who closed it.
    #[serde(skip)]
    pub who: String,
}

/// The open period, settled.
#[derive(Debug)]
pub struct OpenPeriod {
    /// What it comes to.
    pub settled: Settled,
    /// The statements that belong to it.
    pub statements: Vec<PeriodStatement>,
    /// Statements that have later sales, and wait for a later period.
    pub later: Vec<String>,
    /// What is corrected of closed periods; rows with a contract explain those without, which are settled.
    pub corrections: Vec<CorrectionLine>,
    /// The same by account; for each period and currency they sum to zero.
    pub corrected_accounts: Vec<AccountCorrection>,
    /// Money of its statements that decisions ignore, by currency.
    pub ignored: BTreeMap<Currency, Amount>,
    /// Money of closed periods that still waits.
    pub waiting_before: Vec<WaitingLine>,
    /// The cells as they were reported.
    cells: Arc<Cells>,
    /// Earned in all closed periods, as they would be settled now.
    earned: Earned,
    chain: Vec<ChainLink>,
    terms: String,
    all_terms: String,
}

/// Closed periods of a history, oldest first.
///
/// # Errors
/// The number of an entry that cannot be understood.
pub fn closed_periods(history: &[Change]) -> Result<Vec<ClosedPeriod>, u64> {
    let closed = history
        .iter()
        .filter(|c| matches!(c.event, Some(JournalEvent::PeriodClosed(_))));
    closed
        .map(|change| {
            let period: ClosedPeriod =
                serde_json::from_value(change.entry.data.clone()).map_err(|_| change.entry.seq)?;
            Ok(ClosedPeriod {
                seq: change.entry.seq,
                at: change.entry.at.clone(),
                who: change.entry.who.clone(),
                ..period
            })
        })
        .collect()
}

impl ClosedPeriod {
    /// Its days.
    pub(crate) fn days(&self) -> Option<(Day, Day)> {
        SalePeriod::from_canonical(&self.period)?.days()
    }

    /// Whether a statement of this text belongs to it.
    pub(crate) fn owns(&self, text_hash: &str) -> bool {
        self.statements.iter().any(|s| s.text_hash == text_hash)
    }
}

impl Contents {
    /// Closed periods, oldest first.
    ///
    /// # Errors
    /// [`PeriodError::Read`] when an entry of the journal cannot be understood.
    pub fn closed_periods(&self) -> Result<Vec<ClosedPeriod>, PeriodError> {
        let history = self.history()?;
        closed_periods(&history).map_err(|seq| {
            let damaged = self
                .workspace()
                .damaged(format!("entry {seq} of the journal"));
            PeriodError::Read(damaged.into())
        })
    }

    /// Settles the open period by the contracts of the workspace: its statements, and what is corrected of closed periods. Without a period
    /// it is the month of the last sales that are open, or the one after the last closed period.
    ///
    /// # Errors
    /// [`PeriodError::NothingOpen`] when there is nothing to settle, [`PeriodError::Settle`] for what contracts and balances say.
    pub fn open_period(&self, period: Option<SalePeriod>) -> Result<OpenPeriod, PeriodError> {
        let texts = self.terms()?;
        let closed = self.closed_periods()?;
        settle_open(self, &WorkspaceSource::new(self)?, &texts, &closed, period)
    }

    /// Whether terms have all that closed periods go on with: payees who were paid, and what balances are about.
    pub(crate) fn check_against_closed(
        &self,
        terms: &CheckedTerms,
        changes_balances: bool,
    ) -> Result<(), PeriodError> {
        let closed = self.closed_periods()?;
        let (Some(first), Some(last)) = (closed.first(), closed.last()) else {
            return Ok(());
        };
        if changes_balances {
            return Err(PeriodError::Opened(first.period.clone()));
        }
        let goes_on = |what: String| PeriodError::GoesOn {
            period: last.period.clone(),
            what,
        };
        let earned = Earned::read(&self.kept(last, "earned.csv")?).ok_or_else(|| {
            self.workspace()
                .damaged(format!("earned.csv of {}", last.period))
        })?;
        if let Some(payee) = earned
            .payees()
            .find(|payee| terms.book.payee(payee).is_none())
        {
            return Err(goes_on(format!(
                "payee {payee:?} has earned something; who is paid under a new name stays one payee"
            )));
        }
        let balances = self.kept(last, "balances.csv")?;
        if let Err(faults) =
            Balances::read(&[("what is carried on".to_owned(), balances)], &terms.book)
        {
            return Err(goes_on(
                faults.first().map(ToString::to_string).unwrap_or_default(),
            ));
        }
        Ok(())
    }

    fn kept(&self, period: &ClosedPeriod, name: &str) -> Result<Vec<u8>, PeriodError> {
        let folder = self.workspace().period_folder(&period.period);
        let file = period.files.iter().find(|f| f.name == name);
        kept::read(
            &folder,
            file.ok_or_else(|| PeriodError::Damaged {
                path: folder.join(name),
                reason: "the journal does not name it".into(),
            })?,
        )
    }
}

/// Stands for contracts and rates, as far as they can change what was settled.
fn terms_digest(texts: &TermTexts) -> String {
    digest_of(
        texts
            .iter()
            .filter(|((kind, _), _)| !matches!(kind.as_str(), "balances" | "payee" | "tax")),
    )
}

fn digest_of<'a>(texts: impl Iterator<Item = (&'a (String, String), &'a String)>) -> String {
    let mut hasher = blake3::Hasher::new();
    for ((kind, name), text) in texts {
        for part in [kind, name, text] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}

/// Stands for cells, and for what the catalog says of the releases that were sold as a whole among them.
fn cells_digest(cells: &Cells, releases: &Releases) -> String {
    let records = releases.to_toml();
    if records.is_empty() {
        cells.digest()
    } else {
        blake3::hash((cells.digest() + &records).as_bytes())
            .to_hex()
            .to_string()
    }
}

/// Which statements belong to the open period, and which wait for a later one.
struct Open {
    period: SalePeriod,
    places: Vec<usize>,
    later: Vec<String>,
}

fn what_is_open(
    source: &impl StatementSource,
    closed: &[ClosedPeriod],
    wanted: Option<SalePeriod>,
) -> Result<Open, PeriodError> {
    let last_day = |text: &str| {
        SalePeriod::from_canonical(text)
            .and_then(SalePeriod::days)
            .map(|(_, last)| last)
    };
    let records = source.records();
    let is_open = |hash: &str| !closed.iter().any(|p| p.owns(hash));
    let open: Vec<usize> = (0..records.len())
        .filter(|at| is_open(&records[*at].text_hash))
        .collect();
    let last_closed = closed.last();
    let last_end = last_closed.and_then(|p| Some(p.days()?.1));
    let next = last_end.and_then(|day| month_of(day.day_after()?));
    let of_sales = open
        .iter()
        .filter_map(|at| last_day(&records[*at].sale_period))
        .max()
        .and_then(month_of);
    let period = match wanted {
        // What is not closed must not fall between periods.
        Some(period) if !period.is_whole_months() => {
            return Err(PeriodError::NotMonths(period.to_string()));
        }
        Some(period) => period,
        None => match (next, of_sales) {
            (Some(next), Some(sales)) if sales.days() > next.days() => sales,
            (Some(next), _) => next,
            (None, Some(sales)) => sales,
            (None, None) => return Err(PeriodError::NothingOpen),
        },
    };
    let Some((first, end)) = period.days() else {
        return Err(PeriodError::NothingOpen);
    };
    if let (Some(last), Some(closed)) = (last_end, last_closed)
        && first <= last
    {
        return Err(PeriodError::NotLater {
            period: period.to_string(),
            closed: closed.period.clone(),
        });
    }
    let (later, places): (Vec<usize>, Vec<usize>) = open
        .into_iter()
        .partition(|at| last_day(&records[*at].sale_period).is_some_and(|day| day > end));
    if places.is_empty() && closed.is_empty() {
        return Err(PeriodError::NothingOpen);
    }
    Ok(Open {
        period,
        places,
        later: later
            .into_iter()
            .map(|at| records[at].name.clone())
            .collect(),
    })
}

/// Money that was received is spread over the statement that it names, so it must be clear which one that is.
fn check_received(
    rates: &Rates,
    records: &[StatementRecord],
    open: &Open,
    closed: &[ClosedPeriod],
) -> Result<(), PeriodError> {
    let period_of = |record: &StatementRecord| {
        closed
            .iter()
            .find(|p| p.owns(&record.text_hash))
            .map_or_else(|| open.period.to_string(), |p| p.period.clone())
    };
    for received in &rates.received {
        let wanted = received.period.map(|p| p.to_string());
        let of_name = records.iter().filter(|r| r.name == received.statement);
        let periods: Vec<String> = of_name
            .map(period_of)
            .filter(|p| wanted.as_ref().is_none_or(|w| w == p))
            .collect();
        let is_in_one = periods.iter().all(|p| *p == periods[0]);
        let remedy = match wanted {
            None if !is_in_one => "; write the period in which it is settled beside it",
            _ => " of one period; take out all but one, rename their files and import them again",
        };
        if periods.len() > 1 {
            let place = received.place.to_string();
            let statement = received.statement.clone();
            let count = periods.len();
            return Err(PeriodError::Received {
                place,
                statement,
                count,
                remedy,
            });
        }
    }
    Ok(())
}

/// The month of a day.
pub(crate) fn month_of(day: Day) -> Option<SalePeriod> {
    let (year, month, _) = day.to_ymd();
    SalePeriod::month(year, month).ok()
}

/// The cells of statements, by their places and names.
fn gather(
    source: &impl StatementSource,
    statements: &[(usize, String)],
    works: &mut Works,
) -> Result<(Cells, BTreeMap<Currency, Amount>), PeriodError> {
    let mut gathered = StatementCells::default();
    for (place, name) in statements {
        source.add(*place, name, works, &mut gathered)?;
    }
    let cells = gathered.builder.finish()?;
    // The link between what statements report and what contracts are settled from.
    for (currency, reported) in &gathered.reported {
        let of_currency = cells
            .lines
            .iter()
            .filter(|l| cells.dims[l.dim as usize].currency == *currency);
        let settled = Amount::sum(of_currency.map(|l| l.amount))?;
        if settled != *reported {
            return Err(ResultsError::Unproven(format!(
                "{currency}: {reported} is reported, and {settled} would be settled"
            ))
            .into());
        }
    }
    Ok((cells, gathered.ignored))
}

/// Settles what is open among the statements of a source, by terms that need not be those of the workspace.
pub(crate) fn settle_open(
    contents: &Contents,
    source: &impl StatementSource,
    texts: &TermTexts,
    closed: &[ClosedPeriod],
    wanted: Option<SalePeriod>,
) -> Result<OpenPeriod, PeriodError> {
    let terms = read_terms(texts)?;
    if terms.book.contracts.is_empty() {
        return Err(PeriodError::NoContracts);
    }
    let open = what_is_open(source, closed, wanted)?;
    check_received(&terms.rates, &source.records(), &open, closed)?;
    let mut works = Works::default();
    let digest = terms_digest(texts);
    let mut past = settle_past(contents, source, &terms, &digest, closed, &mut works)?;
    let records = source.records();
    let named: Vec<(usize, String)> = open
        .places
        .iter()
        .map(|at| (*at, records[*at].name.clone()))
        .collect();
    let (cells, ignored) = gather(source, &named, &mut works)?;
    let releases = Arc::new(releases_of(contents.workspace(), &cells)?);
    let cells = Arc::new(cells);
    let CheckedTerms { book, rates, .. } = terms;
    past.opening.settled_until =
        gap(closed.last(), Some(open.period)).or(past.opening.settled_until);
    past.opening.check(&book).map_err(SettleError::from)?;
    let inputs = Inputs {
        book,
        rates,
        opening: past.opening,
        cells: Arc::clone(&cells),
        releases,
        period: Some(open.period),
    };
    Ok(OpenPeriod {
        settled: Settled::of(inputs)?,
        statements: open
            .places
            .iter()
            .map(|at| PeriodStatement {
                name: records[*at].name.clone(),
                text_hash: records[*at].text_hash.clone(),
            })
            .collect(),
        later: open.later,
        corrections: past.corrections,
        corrected_accounts: past.corrected_accounts,
        waiting_before: past.waiting,
        ignored,
        cells,
        earned: past.earned,
        chain: past.chain,
        terms: digest,
        all_terms: digest_of(texts.iter()),
    })
}

/// Closed periods as they would be settled now.
struct Past {
    /// What the open period opens with, corrections included.
    opening: Balances,
    corrections: Vec<CorrectionLine>,
    corrected_accounts: Vec<AccountCorrection>,
    waiting: Vec<WaitingLine>,
    earned: Earned,
    chain: Vec<ChainLink>,
}

impl Past {
    /// What there is before anything was closed.
    fn nothing(opening: Balances) -> Self {
        Self {
            opening,
            corrections: Vec::new(),
            corrected_accounts: Vec::new(),
            waiting: Vec::new(),
            earned: Earned::default(),
            chain: Vec::new(),
        }
    }
}

fn settle_past(
    contents: &Contents,
    source: &impl StatementSource,
    terms: &CheckedTerms,
    digest: &str,
    closed: &[ClosedPeriod],
    works: &mut Works,
) -> Result<Past, PeriodError> {
    let Some(last) = closed.last() else {
        return Ok(Past::nothing(terms.opening.clone()));
    };
    let mut sold = Vec::with_capacity(closed.len());
    let mut chain = Vec::with_capacity(closed.len());
    for period in closed {
        let cells = sold_in(contents, source, period, works)?;
        chain.push(ChainLink {
            period: period.period.clone(),
            cells: cells_digest(&cells.cells, &cells.releases),
        });
        sold.push(cells);
    }
    let before = Earned::read(&contents.kept(last, "earned.csv")?).ok_or_else(|| {
        contents
            .workspace()
            .damaged(format!("earned.csv of {}", last.period))
    })?;
    let carried = kept_balances(contents, &terms.book, last, "balances.csv")?;
    if last.terms == digest && last.chain == chain {
        return Ok(Past {
            waiting: last.waiting.clone(),
            earned: before,
            chain,
            ..Past::nothing(carried)
        });
    }
    let again = settle_again(contents, terms, closed, sold)?;
    let corrections = before.corrections(&again.earned)?;
    let opening = Balances {
        carried: carried.carried,
        ..again.closing
    };
    Ok(Past {
        opening: with_corrections(opening, &corrections, &again.corrected_accounts)?,
        corrections,
        corrected_accounts: again.corrected_accounts,
        waiting: again.waiting,
        earned: again.earned,
        chain,
    })
}

/// What was sold in a closed period, as its statements are matched now.
struct SoldInPeriod {
    cells: Cells,
    releases: Releases,
}

/// Gathers the statements that a closed period owns.
fn sold_in(
    contents: &Contents,
    source: &impl StatementSource,
    period: &ClosedPeriod,
    works: &mut Works,
) -> Result<SoldInPeriod, PeriodError> {
    // Money that was received names statements by the names that they had then.
    let name_then = |record: &StatementRecord| {
        let mut statements = period.statements.iter();
        let then = statements.find(|s| s.text_hash == record.text_hash)?;
        Some(then.name.clone())
    };
    let statements: Vec<(usize, String)> = source
        .records()
        .iter()
        .enumerate()
        .filter_map(|(index, record)| Some((index, name_then(record)?)))
        .collect();
    let (cells, _) = gather(source, &statements, works)?;
    let releases = releases_of(contents.workspace(), &cells)?;
    Ok(SoldInPeriod { cells, releases })
}

fn kept_balances(
    contents: &Contents,
    book: &Book,
    period: &ClosedPeriod,
    name: &str,
) -> Result<Balances, PeriodError> {
    let file = (name.to_owned(), contents.kept(period, name)?);
    Ok(Balances::read(&[file], book).map_err(SettleError::from)?)
}

/// All closed periods settled once more, by the contracts and rates of now.
struct SettledAgain {
    earned: Earned,
    corrected_accounts: Vec<AccountCorrection>,
    waiting: Vec<WaitingLine>,
    /// Closing balances of the last of them.
    closing: Balances,
}

/// Settles closed periods one after the other, each with the balances of the one before as if it had
/// been settled so at once.
fn settle_again(
    contents: &Contents,
    terms: &CheckedTerms,
    closed: &[ClosedPeriod],
    sold: Vec<SoldInPeriod>,
) -> Result<SettledAgain, PeriodError> {
    let posted = posted_before(contents, closed)?;
    let books = closed_books(contents, closed)?;
    let mut again = SettledAgain {
        earned: Earned::default(),
        corrected_accounts: Vec::new(),
        waiting: Vec::new(),
        closing: Balances::default(),
    };
    for (index, (period, sold)) in closed.iter().zip(sold).enumerate() {
        let book = as_closed(&books[index..], &terms.book);
        if index == 0 {
            again.closing = kept_balances(contents, &book, period, OPENING)?;
        }
        let days = SalePeriod::from_canonical(&period.period);
        let before = index.checked_sub(1).and_then(|index| closed.get(index));
        // What is carried forward stands aside: it does not change what is earned, and what was
        // paid was paid.
        let opening = Balances {
            carried: BTreeMap::new(),
            corrections: BTreeMap::new(),
            corrected: BTreeMap::new(),
            settled_until: gap(before, days).or(again.closing.settled_until),
            ..again.closing
        };
        opening.check(&book).map_err(SettleError::from)?;
        let settled = Settled::of(Inputs {
            book,
            rates: terms.rates.clone(),
            opening,
            cells: Arc::new(sold.cells),
            releases: Arc::new(sold.releases),
            period: days,
        })?;
        again.earned.add(&period.period, &settled)?;
        let corrected = posted.corrections(&period.period, &settled.posted()?);
        again.corrected_accounts.extend(corrected);
        again.waiting.extend(waiting_of(&period.period, &settled)?);
        again.closing = settled.closing;
    }
    Ok(again)
}

/// Balances with what corrections come to, by payee and by account.
fn with_corrections(
    mut opening: Balances,
    corrections: &[CorrectionLine],
    accounts: &[AccountCorrection],
) -> Result<Balances, PeriodError> {
    for line in corrections.iter().filter(|line| line.is_sum()) {
        let key = CorrectionKey {
            payee: line.payee.clone(),
            currency: line.currency,
            period: line.period.clone(),
        };
        opening.corrections.insert(key, line.difference()?);
    }
    for line in accounts {
        let key = CorrectedKey {
            period: line.period.clone(),
            account: line.account.clone(),
            currency: line.currency,
        };
        opening.corrected.insert(key, line.difference()?);
    }
    Ok(opening)
}

/// The last day of the period before, where months lie between it and a period.
fn gap(before: Option<&ClosedPeriod>, period: Option<SalePeriod>) -> Option<Day> {
    let (_, end) = before?.days()?;
    let (first, _) = period?.days()?;
    (end.day_after()? < first).then_some(end)
}

/// What has been posted about closed periods.
fn posted_before(
    contents: &Contents,
    closed: &[ClosedPeriod],
) -> Result<PostedBefore, PeriodError> {
    let damaged = |name: &str, period: &ClosedPeriod| {
        contents
            .workspace()
            .damaged(format!("{name} of {}", period.period))
    };
    let mut posted = PostedBefore::default();
    for period in closed {
        if period.files.iter().any(|f| f.name == ACCOUNTS) {
            posted
                .add_own(&period.period, &contents.kept(period, ACCOUNTS)?)
                .ok_or_else(|| damaged(ACCOUNTS, period))?;
        }
        posted
            .add_corrected(&contents.kept(period, OPENING)?)
            .ok_or_else(|| damaged(OPENING, period))?;
    }
    Ok(posted)
}

/// The contracts of now with the parties and taxes that a period was closed with. Who was not among them then is as in the first later
/// period that has them: what it was corrected by is theirs in that currency and by those taxes. `closed` begins with the period.
fn as_closed(closed: &[Book], now: &Book) -> Book {
    let known = |payee: &Payee| {
        closed
            .iter()
            .find_map(|book| Some(book.payees[book.payee(&payee.name)?].clone()))
    };
    let payees = now
        .payees
        .iter()
        .map(|payee| known(payee).unwrap_or_else(|| payee.clone()))
        .collect();
    let taxes = closed
        .first()
        .map_or_else(|| now.taxes.clone(), |then| then.taxes.clone());
    Book {
        payees,
        taxes,
        ..now.clone()
    }
}

/// The contracts that each period was closed with.
fn closed_books(contents: &Contents, closed: &[ClosedPeriod]) -> Result<Vec<Book>, PeriodError> {
    closed
        .iter()
        .map(|period| {
            let file = (CONTRACTS.to_owned(), contents.kept(period, CONTRACTS)?);
            Ok(Book::read(&[file]).map_err(SettleError::from)?)
        })
        .collect()
}

const CONTRACTS: &str = "contracts.toml";
const OPENING: &str = "opening.csv";

impl OpenPeriod {
    /// As other contracts would settle it, where these are all that differs and nothing is closed yet; contracts that are as they were are
    /// not settled again.
    ///
    /// # Errors
    /// [`PeriodError::Settle`] for what the contracts say.
    pub(crate) fn with_contracts(
        &self,
        book: Book,
        texts: &TermTexts,
    ) -> Result<Self, PeriodError> {
        Ok(Self {
            settled: self.settled.with_contracts(book)?,
            statements: self.statements.clone(),
            later: self.later.clone(),
            corrections: Vec::new(),
            corrected_accounts: Vec::new(),
            waiting_before: Vec::new(),
            ignored: self.ignored.clone(),
            cells: Arc::clone(&self.cells),
            earned: Earned::default(),
            chain: Vec::new(),
            terms: terms_digest(texts),
            all_terms: digest_of(texts.iter()),
        })
    }

    /// What is paid, by currency.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn payable(&self) -> Result<BTreeMap<String, Amount>, AmountOverflow> {
        let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
        for line in &self.settled.payables {
            let sum = sums.entry(line.currency.to_string()).or_default();
            *sum = sum.plus(line.payable)?;
        }
        Ok(sums)
    }

    /// Stands for all that it was settled from.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let opening: Vec<_> = self.settled.inputs.opening.rows();
        let cells = cells_digest(&self.cells, &self.settled.inputs.releases);
        let inputs = serde_json::json!([
            PERIOD_VERSION,
            self.settled.period.to_string(),
            cells,
            self.all_terms,
            opening
        ]);
        blake3::hash(inputs.to_string().as_bytes())
            .to_hex()
            .to_string()
    }

    /// Contracts with their parties, and with what the catalog says of releases that were sold as a whole, as one file.
    fn contracts_toml(&self, texts: &TermTexts) -> String {
        let Inputs { book, releases, .. } = &*self.settled.inputs;
        let mut known = Releases::clone(releases);
        known.retain(|code| book.releases.find(code).is_none());
        let terms = to_toml(pieces(texts));
        let records = known.to_toml();
        if records.is_empty() {
            terms
        } else {
            format!("{terms}\n{records}")
        }
    }
}
