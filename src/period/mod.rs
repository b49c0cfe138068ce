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
mod open;
mod past;
mod releases;
mod source;
mod what_if;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use accounts::AccountCorrection;

pub(crate) use cells::{StatementCells, Works};
pub use close::{PeriodVerdict, write_open};
pub(crate) use close::{ReadyPeriod, add_open};
use earned::Earned;
pub use earned::{CORRECTION_COLUMNS, CorrectionLine, correction_rows};
pub(crate) use open::{month_of, settle_open};
pub(crate) use releases::releases_of;
use source::WorkspaceSource;
pub(crate) use source::{StatementSource, matched_outcome};
pub use what_if::{Effect, WhatIf};

use crate::contents::terms::{TermsError, pieces};
use crate::contents::{Contents, ReadError};
use crate::export::ExportError;
use crate::ident::{Currency, Day, SalePeriod};
use crate::journal::{Change, JournalEvent};
use crate::money::{Amount, AmountOverflow};
use crate::results::{ResultFile, ResultsError};
use crate::review::TermTexts;
use crate::settlement::{Cells, Inputs, SettleError, Settled, SuspenseReason};
use crate::terms::pieces::{CheckedTerms, to_toml};
use crate::terms::{Balances, Book, Releases};
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
