//! The result files of a settlement: which there are, under which names, and the proof that names them.

mod cells_file;
mod inputs;
mod outputs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::account::PayoutTotal;
use crate::contents::ReadError;
use crate::export::{
    ExportError, ExportSet, write_balances, write_journal, write_payables, write_postings,
};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::{
    Account, PAYMENT_STEPS, PostingStep, ProofLine, SettleError, Settled, SuspenseReason,
};

pub use crate::export::{Letterhead, Sheet, SheetBlock, SheetLook, SheetSide, SheetTable};
pub use cells_file::{cell_rows, read_cells};
pub use inputs::{ReadTerms, TermFiles, settle_files};
pub use outputs::{
    ExtraFiles, StatementFiles, WrittenFiles, only_label, payout_profiles, sheet_of,
    statement_files, titles,
};
pub(crate) use outputs::{add_extras, stale_files};

/// Tables of a settlement that the proof names, in its order.
const TABLES: [&str; 4] = ["postings.csv", "payables.csv", "balances.csv", JOURNAL];
const JOURNAL: &str = "journal.csv";
/// The file with the proof.
const PROOF: &str = "proof.json";
/// Version of `proof.json`.
const PROOF_VERSION: u32 = 1;

/// What can go wrong with result files.
#[derive(Debug, Error)]
pub enum ResultsError {
    /// A file cannot be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The workspace.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A sum left the exact range.
    #[error(transparent)]
    Overflow(#[from] AmountOverflow),
    /// Contracts, rates, balances or payments.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The conservation proof fails.
    #[error("{}", unproven(.0))]
    Unproven(String),
    /// A file of contracts, rates, balances, cells or profiles cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No profile of payout files has this name.
    #[error("there is no payout file {name:?}; there are: {known}; --columns FILE gives more")]
    NoSuchProfile {
        /// The name.
        name: String,
        /// Names that there are.
        known: String,
    },
}

/// What is said when the conservation proof fails, with the line that does not hold.
pub(crate) fn unproven(line: &str) -> String {
    format!(
        "the conservation proof fails, so no payout is written: {line}. This is a fault of the program; please report it with this line"
    )
}

/// A result file: its name without the ending of its packing, its size and BLAKE3 before packing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultFile {
    /// Name.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
    /// BLAKE3.
    pub blake3: String,
}

/// Writes postings, payables, balances, the journal, the proof and what is wanted besides into a folder; all of them appear, or none.
///
/// # Errors
/// [`ResultsError::Export`], and [`ResultsError::Unproven`] when the postings do not come to what was proven.
pub fn write_settled(
    settled: &Settled,
    folder: &Path,
    extras: &ExtraFiles,
) -> Result<WrittenFiles, ResultsError> {
    let mut set = ExportSet::new(folder)?;
    let written = add_settled(settled, &mut set, extras)?;
    let stale = stale_files(folder, &set);
    set.commit(&stale.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(written)
}

/// Adds the files of a settlement to a set, the proof last.
pub(crate) fn add_settled(
    settled: &Settled,
    set: &mut ExportSet,
    extras: &ExtraFiles,
) -> Result<WrittenFiles, ResultsError> {
    // What can be refused comes first: postings take longest.
    let written = add_extras(settled, set, extras)?;
    let mut file = set.begin("postings.csv")?;
    let turnover = write_postings(&mut file, settled).map_err(|e| set.error("postings.csv", e))?;
    if !settled.is_balance(&turnover.trial()?) {
        return Err(ResultsError::Unproven(
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
    let mut files: Vec<ResultFile> = ours
        .map(|(name, bytes, blake3)| ResultFile {
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
pub(crate) fn proof_json(
    settled: &Settled,
    written: &WrittenFiles,
    files: &[ResultFile],
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
    files: &'a [ResultFile],
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
    written: &'a WrittenFiles,
    files: &'a [ResultFile],
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
            Some(contract) => book.contracts[contract].name.to_string(),
            None if *transfer.reason.clause == *why.code() => String::new(),
            None => transfer.reason.clause.to_string(),
        };
        let sum = sums.entry((why, contracts, transfer.currency)).or_default();
        *sum = sum.plus(transfer.amount)?;
    }
    Ok(sums
        .into_iter()
        .map(|((why, contracts, currency), amount)| SuspenseLine {
            reason: why.code(),
            contracts,
            currency,
            amount,
            remedy: why.remedy(),
        })
        .collect())
}
