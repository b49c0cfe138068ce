//! A run: statements of a workspace, matched and settled, and its results as files.

mod exceptions;
mod summary;

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use exceptions::Exceptions;
pub use summary::Summary;
use summary::{JournalHead, RunSummary, SUMMARY_VERSION};

use super::gate::LeftOut;
use super::{Session, SessionError};
use crate::catalog::{self, CatalogState};
use crate::contents::{Overlap, StatementRecord};
use crate::export::{
    ExceptionLine, ExportSet, LineFile, LineSource, write_exceptions, write_payouts,
    write_quarantine,
};
use crate::journal;
use crate::matching::match_items;
use crate::payout::{Payable, StatementSums, Totals, payables, prove, prove_cells};
use crate::period::{PeriodError, StatementCells, Works, add_open, matched_outcome, releases_of};
use crate::results::{ExtraFiles, ResultFile, ResultsError, add_settled};
use crate::review::Decisions;
use crate::settlement::{Inputs, ProofLine, Settled};
use crate::statement::ledger::ControlTotal;
use crate::statement::loss::Loss;
use crate::statement::quarantine::Quarantined;
use crate::statement::{ReadOptions, StatementError};

/// The settled statements and what became of them.
pub struct Run {
    /// One for each statement, sorted by name.
    pub statements: Vec<StatementRun>,
    /// Sums over all statements.
    pub sums: StatementSums,
    /// What is paid when the catalog's payees get all of it.
    pub payables: Vec<Payable>,
    /// What is paid by contracts, when there are any.
    pub settled: Option<Settled>,
    /// The conservation proof over all statements.
    pub proof: Vec<ProofLine>,
    /// Stands for all inputs: equal fingerprints have equal results.
    pub fingerprint: String,
    /// Files that were given and do not count.
    pub not_taken: Vec<LeftOut>,
    exceptions: Vec<ExceptionLine>,
    quarantine: Vec<(String, Vec<Quarantined>)>,
    journal_head: JournalHead,
}

/// One settled statement.
pub struct StatementRun {
    /// What is known of it.
    pub record: StatementRecord,
    /// Its totals.
    pub totals: Totals,
    /// Whether its proof holds and its lines tie out.
    pub is_balanced: bool,
    /// What it loses in quarantine.
    pub loss: Loss,
    /// Other statements of the workspace that have many of its rows, too.
    pub overlaps: Vec<Overlap>,
}

/// What a run is asked for.
pub struct RunRequest<'a> {
    /// What a person said about files that cannot say it themselves.
    pub options: &'a ReadOptions,
    /// Whether the line file is written too.
    pub with_lines: bool,
    /// By which contracts the money is settled.
    pub terms: RunTerms,
    /// When the run began.
    pub started: std::time::Instant,
    /// Files that were given and do not count.
    pub not_taken: Vec<LeftOut>,
}

/// By which contracts a run settles its money.
pub enum RunTerms {
    /// By none: the catalog's payee gets all of it.
    None,
    /// By these, which have no cells yet; and what stands for all that they say.
    Given(Box<Inputs>, String),
    /// By those of the workspace, if it has any: its open period.
    OfWorkspace,
}

impl<'a> RunRequest<'a> {
    /// Without lines and contracts.
    #[must_use]
    pub fn new(options: &'a ReadOptions) -> Self {
        Self {
            options,
            with_lines: false,
            terms: RunTerms::None,
            started: std::time::Instant::now(),
            not_taken: Vec::new(),
        }
    }
}

/// Files of a run that are settled by contracts.
const BY_CONTRACTS: [&str; 6] = [
    "postings.csv",
    "payables.csv",
    "balances.csv",
    "journal.csv",
    "proof.json",
    "corrections.csv",
];

/// Lines are written while a statement's cube is at hand.
struct LineRequest<'a> {
    set: &'a ExportSet,
    options: &'a ReadOptions,
}

/// Cells that contracts are settled from, and the works that they are of.
#[derive(Default)]
struct ContractCells {
    works: Works,
    cells: StatementCells,
}

/// A run on its way through the statements.
struct RunParts {
    run: Run,
    payees: Vec<String>,
    decisions: Decisions,
    /// Keys of all statements that there are.
    there: HashSet<String>,
    exceptions: Exceptions,
    /// Only when contracts are settled.
    for_contracts: Option<ContractCells>,
}

impl Session {
    /// Matches and settles statements and writes the results to `out`; the line file, if it is asked for, in the order of `records`.
    ///
    /// # Errors
    /// [`SessionError`]; nothing has been written then.
    pub fn reconcile(
        &mut self,
        records: &[StatementRecord],
        out: &Path,
        request: RunRequest<'_>,
    ) -> Result<Run, SessionError> {
        let RunRequest {
            options,
            with_lines,
            terms,
            started,
            not_taken,
        } = request;
        let mut set = ExportSet::new(out)?;
        let is_open_period = matches!(terms, RunTerms::OfWorkspace)
            && self
                .contents
                .terms()?
                .keys()
                .any(|(kind, _)| kind == "contract");
        let given = if let RunTerms::Given(inputs, digest) = terms {
            Some((*inputs, digest))
        } else {
            None
        };
        let (mut run, lines) = self.run_through(
            records,
            with_lines.then_some(LineRequest { set: &set, options }),
            given,
        )?;
        run.not_taken = not_taken;
        if let Some(line) = run.proof.iter().find(|l| !l.holds()) {
            return Err(ResultsError::Unproven(line.to_string()).into());
        }
        let mut stale: Vec<&str> = Vec::new();
        match lines {
            Some(lines) => set.end(lines)?,
            None => stale.push("lines.csv"),
        }
        if is_open_period {
            match self.contents.open_period(None) {
                Ok(open) => {
                    add_open(&open, &mut set, &ExtraFiles::default())?;
                    run.fingerprint = with_terms(&run.fingerprint, &open.fingerprint());
                    stale.push("payouts.csv");
                    run.settled = Some(open.settled);
                }
                Err(PeriodError::NothingOpen) => stale.extend(BY_CONTRACTS),
                Err(error) => return Err(error.into()),
            }
        } else if let Some(settled) = &run.settled {
            add_settled(settled, &mut set, &ExtraFiles::default())?;
            // What the catalog's payees would get whole is not what is paid.
            stale.extend(["corrections.csv", "payouts.csv"]);
        } else {
            stale.extend(BY_CONTRACTS);
        }
        let rows = run.statements.iter().map(|s| s.record.records).sum();
        run.write(&mut set, started, rows, self.contents.job().threads())?;
        if self.contents.job().is_cancelled() {
            return Err(StatementError::Cancelled.into());
        }
        set.commit(&stale)?;
        Ok(run)
    }

    fn run_through(
        &mut self,
        records: &[StatementRecord],
        lines: Option<LineRequest<'_>>,
        terms: Option<(Inputs, String)>,
    ) -> Result<(Run, Option<crate::export::OutFile>), SessionError> {
        let history = self.contents.history()?;
        let decisions = journal::standing(&history);
        let mut parts = RunParts {
            payees: catalog::payees(self.workspace())?,
            there: self.keys_with(records)?,
            run: Run {
                statements: Vec::new(),
                sums: StatementSums::default(),
                payables: Vec::new(),
                settled: None,
                proof: Vec::new(),
                fingerprint: self.fingerprint(records, &decisions)?,
                not_taken: Vec::new(),
                exceptions: Vec::new(),
                quarantine: Vec::new(),
                journal_head: JournalHead::of(&history),
            },
            decisions,
            exceptions: Exceptions::default(),
            for_contracts: terms.is_some().then(ContractCells::default),
        };
        let target = lines
            .as_ref()
            .map(|l| l.set.folder().join("lines.csv"))
            .unwrap_or_default();
        let mut line_out = lines
            .as_ref()
            .map(|l| l.set.begin("lines.csv"))
            .transpose()?;
        let mut line_file = line_out
            .as_mut()
            .map(|out| LineFile::new(out, &target))
            .transpose()?;
        for record in records {
            if self.contents.job().is_cancelled() {
                return Err(StatementError::Cancelled.into());
            }
            let lines = line_file.as_mut().zip(lines.as_ref());
            self.take_statement(record, &mut parts, lines)?;
        }
        line_file.map_or(Ok(()), LineFile::finish)?;
        Ok((self.add_up(parts, terms)?, line_out))
    }

    /// Keys of all statements of the workspace, and of these.
    fn keys_with(&self, records: &[StatementRecord]) -> Result<HashSet<String>, SessionError> {
        let known = self.contents.statements()?;
        let all = known.iter().chain(records);
        Ok(all.map(StatementRecord::key).collect())
    }

    /// Matches one statement, and adds what it comes to.
    fn take_statement(
        &mut self,
        record: &StatementRecord,
        parts: &mut RunParts,
        lines: Option<(&mut LineFile<'_>, &LineRequest<'_>)>,
    ) -> Result<(), SessionError> {
        let (cube, quarantine) = self.contents.load(record)?;
        let outcomes = match_items(self.workspace(), &cube, record.origin(), &parts.decisions)?;
        let sums = StatementSums::of(&cube, &outcomes, &quarantine)?;
        let proof = prove(&sums, &payables(&sums, &parts.payees)?)?;
        parts.run.sums.add(&sums)?;
        parts.exceptions.add(record, &cube, &outcomes)?;
        if let Some(ContractCells { works, cells }) = &mut parts.for_contracts {
            let outcome = |item: usize| matched_outcome(&outcomes, item);
            works.learn(self.workspace(), &cube, outcome)?;
            cells.add_quarantine(record, &record.name, &quarantine);
            cells.add(works, record, &record.name, &cube, outcome)?;
        }
        if let Some((file, lines)) = lines {
            let source = LineSource {
                name: &record.name,
                cube: &cube,
                outcomes: &outcomes,
                payees: &parts.payees,
                starts: &record.batch_starts,
                end: record.end(),
            };
            self.write_lines(file, record, &source, lines.options)?;
        }
        let overlaps = record.overlaps.iter();
        parts.run.statements.push(StatementRun {
            record: record.clone(),
            totals: sums.totals,
            is_balanced: proof.iter().all(ProofLine::holds) && record.ledger.ties_out(),
            loss: Loss::of(&cube, &quarantine, record.records)?,
            overlaps: overlaps
                .filter(|overlap| parts.there.contains(&overlap.key))
                .cloned()
                .collect(),
        });
        parts.run.quarantine.push((record.name.clone(), quarantine));
        Ok(())
    }

    /// Payable amounts and the proof over all statements; with contracts also what these give.
    fn add_up(
        &self,
        parts: RunParts,
        terms: Option<(Inputs, String)>,
    ) -> Result<Run, SessionError> {
        let mut run = parts.run;
        run.statements.sort_by(|a, b| {
            (&a.record.name, &a.record.text_hash).cmp(&(&b.record.name, &b.record.text_hash))
        });
        run.quarantine.sort_by(|a, b| a.0.cmp(&b.0));
        run.payables = payables(&run.sums, &parts.payees)?;
        run.proof = prove(&run.sums, &run.payables)?;
        if let Some(((terms, digest), for_contracts)) = terms.zip(parts.for_contracts) {
            run.fingerprint = with_terms(&run.fingerprint, &digest);
            let cells = for_contracts.cells.builder.finish()?;
            run.proof.extend(prove_cells(&run.sums, &cells)?);
            let releases = releases_of(self.workspace(), &cells)?.into();
            run.settled = Some(Settled::of(Inputs {
                cells: cells.into(),
                releases,
                ..terms
            })?);
        }
        run.exceptions = parts.exceptions.lines;
        Ok(run)
    }

    fn write_lines(
        &self,
        file: &mut LineFile<'_>,
        record: &StatementRecord,
        source: &LineSource<'_>,
        given: &ReadOptions,
    ) -> Result<(), SessionError> {
        let options = record.options(given);
        let opened = self.contents.open_again(record, &options)?;
        let read = file.add(source, opened, &options, self.contents.job())?;
        if read.content_hash.to_hex().as_str() != record.content_hash
            && read.text_hash.to_hex().as_str() != record.text_hash
        {
            return Err(StatementError::Changed {
                file: record.path.clone(),
            }
            .into());
        }
        Ok(())
    }

    /// A digest of all inputs: program version, catalog, decisions, texts of the statements and how they are read.
    fn fingerprint(
        &self,
        records: &[StatementRecord],
        decisions: &Decisions,
    ) -> Result<String, SessionError> {
        let catalog = CatalogState::read(self.workspace())?;
        let mut statements: Vec<String> = records
            .iter()
            .map(|r| format!("{}|{}|{}", r.name, r.text_hash, r.reading()))
            .collect();
        statements.sort_unstable();
        let inputs = serde_json::json!([
            SUMMARY_VERSION,
            env!("CARGO_PKG_VERSION"),
            catalog.tracks,
            catalog.digest_hex(),
            decisions.digest(),
            statements
        ]);
        Ok(blake3::hash(inputs.to_string().as_bytes())
            .to_hex()
            .to_string())
    }
}

/// A fingerprint that stands for contracts, too.
fn with_terms(fingerprint: &str, terms: &str) -> String {
    blake3::hash(
        serde_json::json!([fingerprint, terms])
            .to_string()
            .as_bytes(),
    )
    .to_hex()
    .to_string()
}

impl Run {
    /// Whether any control total of a file disagrees with what was read.
    #[must_use]
    pub fn disagreeing_totals(&self) -> Vec<(&str, &ControlTotal)> {
        let totals = self.statements.iter().flat_map(|s| {
            s.record
                .control_totals
                .iter()
                .map(|t| (s.record.name.as_str(), t))
        });
        totals.filter(|(_, t)| t.agrees == Some(false)).collect()
    }

    /// What the proof does not speak of: rows in quarantine and files that were not taken.
    #[must_use]
    pub fn caveats(&self) -> Vec<String> {
        let lost = self
            .statements
            .iter()
            .filter_map(|s| s.loss.caveat(&s.record.name));
        lost.chain(
            self.not_taken
                .iter()
                .map(|left_out| format!("{} was not taken", left_out.file)),
        )
        .collect()
    }

    fn write(
        &self,
        set: &mut ExportSet,
        started: std::time::Instant,
        rows: u64,
        threads: usize,
    ) -> Result<(), SessionError> {
        let mut file = set.begin("exceptions.csv")?;
        write_exceptions(&mut file, self.exceptions.clone())
            .map_err(|e| set.error("exceptions.csv", e))?;
        set.end(file)?;
        if self.settled.is_none() {
            let mut file = set.begin("payouts.csv")?;
            write_payouts(&mut file, &self.payables).map_err(|e| set.error("payouts.csv", e))?;
            set.end(file)?;
        }
        let mut file = set.begin("quarantine.csv")?;
        let bad_rows = self
            .quarantine
            .iter()
            .flat_map(|(name, rows)| rows.iter().map(move |row| (name.as_str(), row)));
        write_quarantine(&mut file, bad_rows).map_err(|e| set.error("quarantine.csv", e))?;
        set.end(file)?;
        let mut files: Vec<ResultFile> = set
            .listing()
            .map(|(name, bytes, blake3)| ResultFile {
                name: name.to_owned(),
                bytes,
                blake3,
            })
            .collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        // The order of lines.csv is that of the command, so its hash depends on more than the inputs.
        files.retain(|f| f.name != "lines.csv");
        let summary = self.summary(
            files,
            RunSummary::new(started.elapsed(), rows, threads, self.journal_head.clone()),
        );
        let mut file = set.begin("summary.json")?;
        let mut text =
            serde_json::to_vec_pretty(&summary).expect("a summary has only text and numbers");
        text.push(b'\n');
        file.write_all(&text)
            .map_err(|e| set.error("summary.json", e))?;
        set.end(file)?;
        Ok(())
    }
}
