//! What a closed period keeps: made ready for closing, given out again, and verifying that its inputs still give what it came to.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::accounts::{ACCOUNTS, account_rows};
use super::kept::{self, Hashing};
use super::{
    CONTRACTS, ChainLink, ClosedPeriod, OPENING, OpenPeriod, PERIOD_VERSION, PeriodError,
    cells_digest, correction_rows, digest_of, waiting_of,
};
use crate::contents::Contents;
use crate::export::{
    ExportSet, Turnover, write_balances, write_journal, write_payables, write_postings, write_rows,
};
use crate::ident::SalePeriod;
use crate::results::{
    ExtraFiles, ResultFile, ResultsError, WrittenFiles, add_extras, add_settled, cell_rows,
    proof_json, read_cells, stale_files,
};
use crate::review::TermTexts;
use crate::settlement::{Inputs, SettleError, Settled};
use crate::terms::{BALANCE_COLUMNS, Balances, Book, Rates};
use crate::workspace::WorkspaceError;

const CELLS: &str = "cells.csv";
const RATES: &str = "rates.csv";
/// What a period came to.
const RESULTS: [&str; 5] = [
    "postings.csv",
    "payables.csv",
    "balances.csv",
    "journal.csv",
    "proof.json",
];

/// Whether a closed period is as it was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodVerdict {
    /// What was found, in sentences.
    pub sentences: Vec<String>,
    /// Whether its inputs give what it came to, to the byte.
    pub is_sound: bool,
}

/// A period with its files in a folder aside; it is closed once the folder is in its place and the journal names it.
pub(crate) struct ReadyPeriod {
    /// Where its files are.
    pub folder: TempDir,
    /// What the journal will say of it.
    pub period: ClosedPeriod,
}

/// What a period is settled from, as files.
struct KeptInputs {
    cells: Vec<u8>,
    contracts: Vec<u8>,
    /// Files of rates by name.
    rates: Vec<(String, Vec<u8>)>,
    opening: Vec<u8>,
}

impl KeptInputs {
    fn of(open: &OpenPeriod, texts: &TermTexts) -> io::Result<Self> {
        let mut cells = Vec::new();
        let mut opening = Vec::new();
        write_rows(&mut cells, cell_rows(&open.cells))?;
        let header = BALANCE_COLUMNS.map(str::to_owned);
        write_rows(
            &mut opening,
            std::iter::once(header).chain(open.settled.inputs.opening.rows()),
        )?;
        let rates = texts.iter().filter(|((kind, _), _)| kind == "rates");
        Ok(Self {
            cells,
            contracts: open.contracts_toml(texts).into_bytes(),
            rates: rates
                .zip(1..)
                .map(|((_, text), number)| (rates_name(number), text.clone().into_bytes()))
                .collect(),
            opening,
        })
    }

    /// Settles from the texts alone, so that closing and verifying go the same way.
    fn settle(&self, period: SalePeriod) -> Result<Settled, SettleError> {
        let file = |name: &str, bytes: &[u8]| vec![(name.to_owned(), bytes.to_vec())];
        let book = Book::read(&file(CONTRACTS, &self.contracts))?;
        let rates = Rates::read(&self.rates)?;
        let opening = Balances::read(&file(OPENING, &self.opening), &book)?;
        let cells = Arc::new(read_cells(CELLS, &self.cells)?);
        Settled::of(Inputs {
            book,
            rates,
            opening,
            cells,
            releases: Arc::default(),
            period: Some(period),
        })
    }

    fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let rates = self
            .rates
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        [
            (CELLS, self.cells.as_slice()),
            (CONTRACTS, &self.contracts),
            (OPENING, &self.opening),
        ]
        .into_iter()
        .chain(rates)
    }
}

fn rates_name(number: usize) -> String {
    if number == 1 {
        RATES.to_owned()
    } else {
        format!("rates-{number}.csv")
    }
}

/// Writes one result file of a settlement, in the order of [`RESULTS`]: the journal sums the postings, and `proof.json` names the hashes of
/// the files before it.
fn write_result(
    name: &str,
    settled: &Settled,
    before: &[ResultFile],
    turnover: &mut Turnover,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = out;
    match name {
        "postings.csv" => {
            *turnover = write_postings(&mut out, settled)?;
            let proven = settled.is_balance(&turnover.trial().map_err(io::Error::other)?);
            proven.then_some(()).ok_or_else(|| {
                io::Error::other("the postings do not come to the balances that were proven")
            })
        }
        "journal.csv" => write_journal(&mut out, turnover),
        "payables.csv" => write_payables(&mut out, settled),
        "balances.csv" => write_balances(&mut out, settled),
        _ => out.write_all(
            &proof_json(settled, &WrittenFiles::default(), before).map_err(io::Error::other)?,
        ),
    }
}

impl Contents {
    /// Makes everything of a closed period ready that can be without changing the workspace: settles the open one once more from what is
    /// kept, and writes all of it into a folder aside.
    ///
    /// # Errors
    /// [`PeriodError`] when it cannot be kept, or its terms are no longer those of the workspace.
    pub(crate) fn ready_to_close(&self, open: &OpenPeriod) -> Result<ReadyPeriod, PeriodError> {
        let period = open.settled.period;
        check_not_future(open)?;
        let texts = self.terms()?;
        if digest_of(texts.iter()) != open.all_terms {
            return Err(PeriodError::NotReproduced(
                "contracts, rates or balances have changed since the period was settled; look at it again".into(),
            ));
        }
        let inputs = KeptInputs::of(open, &texts).map_err(PeriodError::written)?;
        let settled = inputs.settle(period)?;
        let folder = self.workspace().temporary()?;
        let files = keep(folder.path(), open, &inputs, &settled)?;
        std::fs::File::open(folder.path())
            .and_then(|f| f.sync_all())
            .map_err(WorkspaceError::io("cannot sync", folder.path()))?;
        let name = period.to_string();
        let mut waiting = open.waiting_before.clone();
        waiting.extend(waiting_of(&name, &settled)?);
        let mut chain = open.chain.clone();
        chain.push(ChainLink {
            period: name.clone(),
            cells: cells_digest(&open.cells, &open.settled.inputs.releases),
        });
        let period = ClosedPeriod {
            version: PERIOD_VERSION,
            period: name,
            statements: open.statements.clone(),
            fingerprint: fingerprint(&files),
            files,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            payable: open.payable()?,
            waiting,
            chain,
            terms: open.terms.clone(),
            seq: 0,
            at: String::new(),
            who: String::new(),
        };
        Ok(ReadyPeriod { folder, period })
    }

    /// The closed period of a name.
    ///
    /// # Errors
    /// [`PeriodError::NotClosed`].
    pub fn closed_period(&self, period: &str) -> Result<ClosedPeriod, PeriodError> {
        let found = self
            .closed_periods()?
            .into_iter()
            .find(|p| p.period == period);
        found.ok_or_else(|| PeriodError::NotClosed(period.to_owned()))
    }

    /// What a closed period came to, settled once more from what is kept.
    ///
    /// # Errors
    /// [`PeriodError::Damaged`] when a file is not as it was written.
    pub fn settled_again(&self, period: &ClosedPeriod) -> Result<Settled, PeriodError> {
        let days = SalePeriod::from_canonical(&period.period).filter(|p| p.days().is_some());
        let days = days.ok_or_else(|| PeriodError::NotClosed(period.period.clone()))?;
        Ok(self.kept_inputs(period)?.settle(days)?)
    }

    fn kept_inputs(&self, period: &ClosedPeriod) -> Result<KeptInputs, PeriodError> {
        let rates = (1..)
            .map(rates_name)
            .take_while(|name| period.files.iter().any(|f| f.name == *name));
        Ok(KeptInputs {
            cells: self.kept(period, CELLS)?,
            contracts: self.kept(period, CONTRACTS)?,
            opening: self.kept(period, OPENING)?,
            rates: rates
                .map(|name| Ok((name.clone(), self.kept(period, &name)?)))
                .collect::<Result<_, PeriodError>>()?,
        })
    }

    /// Settles a closed period again from what is kept of it and compares every result with what it came to, byte by byte.
    ///
    /// # Errors
    /// [`PeriodError`] when the period cannot be settled again. A difference is not an error: it stands in the verdict.
    pub fn verify_period(&self, period: &str) -> Result<PeriodVerdict, PeriodError> {
        let closed = self.closed_period(period)?;
        let mut sentences = vec![format!(
            "{period} was closed by {} at {}, entry {} of the journal",
            closed.who, closed.at, closed.seq
        )];
        let mut is_sound = true;
        for file in &closed.files {
            if let Err(error) = self.kept(&closed, &file.name) {
                is_sound = false;
                sentences.push(error.to_string());
            }
        }
        if !is_sound {
            return Ok(PeriodVerdict {
                sentences,
                is_sound,
            });
        }
        sentences.push(format!(
            "its {} files are as they were written",
            closed.files.len()
        ));
        if fingerprint(&closed.files) != closed.fingerprint {
            is_sound = false;
            sentences.push("its fingerprint is not that of its files".into());
        }
        let settled = self.settled_again(&closed)?;
        let (mut again, mut turnover): (Vec<ResultFile>, _) = (Vec::new(), Turnover::default());
        for name in RESULTS {
            let mut out = Hashing::new(io::sink());
            write_result(name, &settled, &again, &mut turnover, &mut out)
                .map_err(PeriodError::written)?;
            let (_, file) = out.end(name);
            if closed.files.contains(&file) {
                sentences.push(format!(
                    "{name} comes out the same: {} bytes, {}",
                    file.bytes, file.blake3
                ));
            } else {
                is_sound = false;
                let version = if closed.program == env!("CARGO_PKG_VERSION") {
                    ""
                } else {
                    "; it was closed by another version of the program"
                };
                sentences.push(format!("{name} comes out different{version}"));
            }
            again.push(file);
        }
        Ok(PeriodVerdict {
            sentences,
            is_sound,
        })
    }

    /// Writes what a closed period was settled from and came to into a folder, as it was kept. What is wanted besides is made from the
    /// settlement that [`Contents::settled_again`] gives. Gives back the names of what was kept, and what was written besides.
    ///
    /// # Errors
    /// [`PeriodError::Results`], and [`PeriodError::Damaged`] when a file is not as it was written.
    pub fn export_period(
        &self,
        period: &str,
        out: &Path,
        extras: Option<impl FnOnce(&Settled) -> Result<ExtraFiles, ResultsError>>,
    ) -> Result<(Vec<String>, WrittenFiles), PeriodError> {
        let closed = self.closed_period(period)?;
        let mut set = ExportSet::new(out)?;
        for file in &closed.files {
            set.put(&file.name, &self.kept(&closed, &file.name)?)?;
        }
        let names = set.listing().map(|(name, ..)| name.to_owned()).collect();
        let mut written = WrittenFiles::default();
        if let Some(extras) = extras {
            let settled = self.settled_again(&closed)?;
            written = add_extras(&settled, &mut set, &extras(&settled)?)?;
        }
        let stale = stale_files(out, &set);
        set.commit(&stale.iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok((names, written))
    }
}

/// Writes what the open period would come to into a folder.
///
/// # Errors
/// [`PeriodError::Results`]; nothing has been written then.
pub fn write_open(
    open: &OpenPeriod,
    out: &Path,
    extras: &ExtraFiles,
) -> Result<WrittenFiles, PeriodError> {
    let mut set = ExportSet::new(out)?;
    let written = add_open(open, &mut set, extras)?;
    let stale = stale_files(out, &set);
    set.commit(&stale.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(written)
}

/// Adds the files of the open period to a set.
pub(crate) fn add_open(
    open: &OpenPeriod,
    set: &mut ExportSet,
    extras: &ExtraFiles,
) -> Result<WrittenFiles, PeriodError> {
    let mut rows = Vec::new();
    write_rows(
        &mut rows,
        correction_rows(&open.corrections, &open.corrected_accounts)?.into_iter(),
    )
    .map_err(|e| set.error("corrections.csv", e))?;
    set.put("corrections.csv", &rows)?;
    Ok(add_settled(&open.settled, set, extras)?)
}

/// A slip of the pen must not close all months up to a year in which nobody lives yet.
fn check_not_future(open: &OpenPeriod) -> Result<(), PeriodError> {
    let now = jiff::Timestamp::now().to_string();
    let today = now
        .get(..10)
        .and_then(SalePeriod::from_canonical)
        .and_then(SalePeriod::days)
        .map(|(day, _)| day);
    let latest = open.cells.last_day().into_iter().chain(today).max();
    match (open.settled.period.days(), latest) {
        (Some((first, _)), Some(latest)) if first > latest => {
            Err(PeriodError::Future(open.settled.period.to_string()))
        }
        _ => Ok(()),
    }
}

/// Writes all files of a period, its inputs first.
fn keep(
    folder: &Path,
    open: &OpenPeriod,
    inputs: &KeptInputs,
    settled: &Settled,
) -> Result<Vec<ResultFile>, PeriodError> {
    let mut files = Vec::new();
    for (name, bytes) in inputs.files() {
        files.push(kept::write(folder, name, |out| out.write_all(bytes))?);
    }
    let (mut results, mut turnover): (Vec<ResultFile>, _) = (Vec::new(), Turnover::default());
    for name in RESULTS {
        let file = kept::write(folder, name, |out| {
            write_result(name, settled, &results, &mut turnover, out)
        })?;
        results.push(file);
    }
    files.extend(results);
    let mut earned = open.earned.clone();
    earned.add(&settled.period.to_string(), settled)?;
    files.push(kept::write(folder, "earned.csv", |mut out| {
        write_rows(&mut out, earned.rows())
    })?);
    let posted = settled.posted()?;
    files.push(kept::write(folder, ACCOUNTS, |mut out| {
        write_rows(&mut out, account_rows(&posted))
    })?);
    let corrections = correction_rows(&open.corrections, &open.corrected_accounts)?;
    files.push(kept::write(folder, "corrections.csv", |mut out| {
        write_rows(&mut out, corrections.into_iter())
    })?);
    Ok(files)
}

/// Stands for all files of a period.
fn fingerprint(files: &[ResultFile]) -> String {
    let sorted: BTreeMap<&str, &str> = files
        .iter()
        .map(|f| (f.name.as_str(), f.blake3.as_str()))
        .collect();
    let inputs = serde_json::json!([PERIOD_VERSION, sorted]);
    blake3::hash(inputs.to_string().as_bytes())
        .to_hex()
        .to_string()
}

impl PeriodError {
    /// Only what is written to memory; it fails when a number leaves the exact range.
    fn written(error: io::Error) -> Self {
        PeriodError::NotReproduced(error.to_string())
    }
}
