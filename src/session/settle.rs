//! Files of cells, contracts, rates and balances, settled into result files. No workspace is needed.

mod outputs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::SessionError;
use super::period::KeptFile;
use crate::account::PayoutTotal;
use crate::export::{ExportSet, write_balances, write_journal, write_payables, write_postings};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::settlement::{
    Account, Cells, Inputs, PAYMENT_STEPS, PostingStep, ProofLine, SettleError, Settled,
    SuspenseReason,
};
use crate::terms::{Balances, Book, Rates};

pub use crate::export::{
    Block as SheetBlock, Letterhead, Look as SheetLook, Sheet, Side as SheetSide,
    Table as SheetTable,
};
pub use outputs::{
    Extras, StatementFiles, WrittenExtras, only_label, payout_profiles, sheet_of, statement_files,
    titles, titles_of_files,
};
pub(super) use outputs::{add_extras, stale_files};

/// Tables of a settlement that the proof names, in its order.
const TABLES: [&str; 4] = ["postings.csv", "payables.csv", "balances.csv", JOURNAL];
const JOURNAL: &str = "journal.csv";
/// The file with the proof.
const PROOF: &str = "proof.json";
/// Version of `proof.json`.
const PROOF_VERSION: u32 = 1;

/// Files of terms, which say how money is settled.
#[derive(Debug, Clone, Default)]
pub struct TermFiles {
    /// Contracts with their parties, TOML or CSV.
    pub contracts: Vec<PathBuf>,
    /// Exchange rates.
    pub rates: Vec<PathBuf>,
    /// Opening balances.
    pub balances: Vec<PathBuf>,
    /// The month that is settled; without one the month of the last sales.
    pub period: Option<SalePeriod>,
}

/// Reads everything and settles it.
///
/// # Errors
/// [`SessionError::Input`] for files that cannot be read, [`SessionError::Settle`] for what is wrong in them.
pub fn settle_files(cells: &Path, terms: &TermFiles) -> Result<Settled, SessionError> {
    let (name, bytes) = read(cells)?;
    let read_cells = || {
        Cells::read(&name, &bytes)
            .map_err(SettleError::from)
            .map_err(SessionError::from)
    };
    let (cells, read_terms) = rayon::join(read_cells, || terms.read());
    let cells = cells?;
    Ok(Settled::of(Inputs {
        cells: Arc::new(cells),
        ..read_terms?
    })?)
}

impl TermFiles {
    /// Reads contracts, rates and balances; the inputs have no cells yet.
    ///
    /// # Errors
    /// As for [`settle_files`].
    pub fn read(&self) -> Result<Inputs, SessionError> {
        let all = |paths: &[PathBuf]| {
            paths
                .iter()
                .map(|path| read(path))
                .collect::<Result<Vec<_>, SessionError>>()
        };
        let book = Book::read(&all(&self.contracts)?).map_err(SettleError::from)?;
        let rates = Rates::read(&all(&self.rates)?).map_err(SettleError::from)?;
        let opening = Balances::read(&all(&self.balances)?, &book).map_err(SettleError::from)?;
        Ok(Inputs {
            book,
            rates,
            opening,
            cells: Arc::default(),
            releases: Arc::default(),
            period: self.period,
        })
    }

    /// Stands for all that the files say, in any order of each kind.
    ///
    /// # Errors
    /// [`SessionError::Input`] for a file that cannot be read.
    pub fn digest(&self) -> Result<String, SessionError> {
        let hashes = |paths: &[PathBuf]| {
            let mut hashes = paths
                .iter()
                .map(|p| Ok(blake3::hash(&read(p)?.1).to_hex().to_string()))
                .collect::<Result<Vec<_>, SessionError>>()?;
            hashes.sort_unstable();
            Ok::<_, SessionError>(hashes)
        };
        let period = self.period.map(|p| p.to_string());
        let all = serde_json::json!([
            hashes(&self.contracts)?,
            hashes(&self.rates)?,
            hashes(&self.balances)?,
            period
        ]);
        Ok(blake3::hash(all.to_string().as_bytes())
            .to_hex()
            .to_string())
    }
}

fn read(path: &Path) -> Result<(String, Vec<u8>), SessionError> {
    let bytes = std::fs::read(path).map_err(|source| SessionError::Input {
        path: path.to_owned(),
        source,
    })?;
    Ok((path.display().to_string(), bytes))
}

/// Writes postings, payables, balances, the journal, the proof and what is wanted besides into a folder; all of them appear, or none.
///
/// # Errors
/// [`SessionError::Export`], and [`SessionError::Unproven`] when the postings do not come to what was proven.
pub fn write_settled(
    settled: &Settled,
    folder: &Path,
    extras: &Extras,
) -> Result<WrittenExtras, SessionError> {
    let mut set = ExportSet::new(folder)?;
    let written = add_settled(settled, &mut set, extras)?;
    let stale = stale_files(folder, &set);
    set.commit(&stale.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(written)
}

/// Adds the files of a settlement to a set, the proof last.
pub(super) fn add_settled(
    settled: &Settled,
    set: &mut ExportSet,
    extras: &Extras,
) -> Result<WrittenExtras, SessionError> {
    // What can be refused comes first: postings take longest.
    let written = add_extras(settled, set, extras)?;
    let mut file = set.begin("postings.csv")?;
    let turnover = write_postings(&mut file, settled).map_err(|e| set.error("postings.csv", e))?;
    if !settled.is_balance(&turnover.trial()?) {
        return Err(SessionError::Unproven(
            "the postings do not come to the balances that were proven".into(),
        ));
    }
    set.end(file)?;
    let mut file = set.begin("payables.csv")?;
    write_payables(&mut file, settled).map_err(|e| set.error("payables.csv", e))?;
    set.end(file)?;
    let mut file = set.begin("balances.csv")?;
    write_balances(&mut file, settled).map_err(|e| set.error("balances.csv", e))?;
    set.end(file)?;
    let mut file = set.begin(JOURNAL)?;
    write_journal(&mut file, &turnover).map_err(|e| set.error(JOURNAL, e))?;
    set.end(file)?;
    let names: Vec<&str> = TABLES
        .into_iter()
        .chain(written.files.iter().map(String::as_str))
        .collect();
    let ours = set.listing().filter(|(name, ..)| names.contains(name));
    let mut files: Vec<KeptFile> = ours
        .map(|(name, bytes, blake3)| KeptFile {
            name: name.to_owned(),
            bytes,
            blake3,
        })
        .collect();
    files.sort_by_key(|file| names.iter().position(|name| *name == file.name));
    set.put(PROOF, &proof_json(settled, &written, &files)?)?;
    Ok(written)
}

/// The text of proof.json, which names the files that it is about.
pub(super) fn proof_json(
    settled: &Settled,
    written: &WrittenExtras,
    files: &[KeptFile],
) -> Result<Vec<u8>, AmountOverflow> {
    let mut text = serde_json::to_vec_pretty(&proof(settled, written, files)?)
        .expect("a proof has only text and numbers");
    text.push(b'\n');
    Ok(text)
}

#[derive(Debug, Serialize)]
struct Proof<'a> {
    version: u32,
    period: String,
    profiles: BTreeMap<&'a str, Vec<&'static str>>,
    payment: [&'static str; PAYMENT_STEPS.len()],
    proof: Vec<ProofEntry<'a>>,
    suspense: Vec<SuspenseLine>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "<[PayoutTotal]>::is_empty")]
    payouts: &'a [PayoutTotal],
    files: &'a [KeptFile],
}

#[derive(Debug, Serialize)]
struct ProofEntry<'a> {
    #[serde(flatten)]
    line: &'a ProofLine,
    holds: bool,
}

/// Money that waits for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuspenseLine {
    /// The reason's word.
    pub reason: &'static str,
    /// The contracts that it is about.
    pub contracts: String,
    /// Currency.
    pub currency: Currency,
    /// How much.
    pub amount: Amount,
    /// What to do.
    pub remedy: &'static str,
}

fn proof<'a>(
    settled: &'a Settled,
    written: &'a WrittenExtras,
    files: &'a [KeptFile],
) -> Result<Proof<'a>, AmountOverflow> {
    let book = &settled.inputs.book;
    let used = book.contracts.iter().map(|c| &book.profiles[c.profile]);
    Ok(Proof {
        version: PROOF_VERSION,
        period: settled.period.to_string(),
        profiles: used
            .map(|p| (p.name.as_str(), p.steps.iter().map(|s| s.word()).collect()))
            .collect(),
        payment: PAYMENT_STEPS.map(PostingStep::word),
        proof: settled
            .proof
            .iter()
            .chain(&written.proof)
            .map(|line| ProofEntry {
                line,
                holds: line.holds(),
            })
            .collect(),
        suspense: suspense_lines(settled)?,
        notes: &settled.notes,
        payouts: &written.payouts,
        files,
    })
}

/// Money that waits, by reason and contracts.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn suspense_lines(settled: &Settled) -> Result<Vec<SuspenseLine>, AmountOverflow> {
    let book = &settled.inputs.book;
    let mut sums: BTreeMap<(SuspenseReason, String, Currency), Amount> = BTreeMap::new();
    let of_contracts = settled.contracts.iter().flat_map(|r| r.transfers.iter());
    for transfer in settled.waiting().iter().chain(of_contracts) {
        let Account::Suspense(why) = transfer.credit else {
            continue;
        };
        let contracts = match transfer.reason.contract {
            Some(contract) => book.contracts[contract as usize].name.to_string(),
            None if *transfer.reason.clause == *why.code() => String::new(),
            None => transfer.reason.clause.to_string(),
        };
        let sum = sums.entry((why, contracts, transfer.currency)).or_default();
        *sum = sum.plus(transfer.amount)?;
    }
    let line =
        |((why, contracts, currency), amount): ((SuspenseReason, String, Currency), Amount)| {
            SuspenseLine {
                reason: why.code(),
                contracts,
                currency,
                amount,
                remedy: why.remedy(),
            }
        };
    Ok(sums.into_iter().map(line).collect())
}
