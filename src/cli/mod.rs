//! The command line: arguments in, library calls, text out. It holds no rule of the domain.

mod args;
mod help;
mod layout;
mod payout;
mod payout_args;
mod progress;
mod read;
mod settle;
mod show;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};

use crate::contents::StatementRecord;
use crate::desk::history::write_history;
use crate::job::Job;
use crate::journal;
use crate::results::{ReadTerms, suspense_lines};
use crate::review::{Action, Decision, ItemCode, Target};
use crate::session::{LeftOut, RunRequest, RunTerms, Session, SessionError, Taken, user_name};
use crate::statement::layout::Layouts;
use crate::statement::source::{Part, parts};
use crate::statement::{Accept, ReadOptions};
use crate::workspace::Workspace;

use args::{
    Arguments, AuditCommand, CatalogCommand, DecideCommand, ProgramCommand, ReadingArguments,
    ReconcileArguments, StatementCommand,
};
use progress::Progress;

/// All commands with their options.
#[must_use]
pub fn program() -> clap::Command {
    Arguments::command()
}

/// Runs the command line; what it prints goes to standard output, errors to standard error. Without a command `open_window` is called
/// with the workspace and the files that are to be opened.
#[must_use]
pub fn run(
    arguments: impl Iterator<Item = OsString>,
    open_window: impl FnOnce(Option<PathBuf>, Vec<PathBuf>) -> ExitCode,
) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap's code for wrong usage is 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let Some(command) = arguments.command else {
        return match arguments.to_open() {
            Ok((workspace, files)) => open_window(workspace, files),
            Err(reason) => {
                print_error(&anyhow::anyhow!(reason));
                ExitCode::from(2)
            }
        };
    };
    let job = Job::new(command.threads());
    let for_signal = job.clone();
    // A second handler (in tests that run several commands) is refused and not needed.
    let _ = ctrlc::set_handler(move || for_signal.cancel());
    match dispatch(command, &job) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::from(1)
        }
    }
}

fn print_error(error: &anyhow::Error) {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    let _ = writeln!(std::io::stderr(), "error: {text}");
}

/// Whether whoever read our output has gone away, which is no failure of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

fn dispatch(command: ProgramCommand, job: &Job) -> Result<ExitCode> {
    match command {
        ProgramCommand::Reconcile(arguments) => reconcile(&arguments, job),
        ProgramCommand::Settle(arguments) => settle::settle(&arguments, job),
        ProgramCommand::Explain(arguments) => settle::explain(&arguments, job),
        ProgramCommand::Terms { command } => payout::terms(command, job),
        ProgramCommand::Payout { command } => payout::payout(command, job),
        ProgramCommand::Catalog { command } => catalog_command(command, job),
        ProgramCommand::Statement { command } => statement_command(command, job),
        ProgramCommand::Layout { command } => layout::layout(&command),
        ProgramCommand::Decide { command } => decide_command(command, job),
        ProgramCommand::Audit { command } => audit_command(command),
        ProgramCommand::Read(arguments) => read::run(&arguments),
        ProgramCommand::Help { words } => help::help(&words),
    }
}

fn layouts(own: &[PathBuf]) -> Result<Layouts> {
    Ok(Layouts::load(own)?)
}

fn open(workspace: &Path, own_layouts: &[PathBuf], job: &Job) -> Result<Session> {
    Ok(Session::open(workspace, layouts(own_layouts)?, job.clone())?.acting_as(user_name()))
}

fn reconcile(arguments: &ReconcileArguments, job: &Job) -> Result<ExitCode> {
    let started = Instant::now();
    set_threads(job.threads());
    // Terms that cannot be are said before anything is read.
    let terms = arguments.run_terms()?;
    std::fs::create_dir_all(&arguments.out)
        .with_context(|| format!("cannot make {}", arguments.out.display()))?;
    let workspace = RunWorkspace::of(arguments)?;
    let mut session = open(&workspace.path, &arguments.reading.layout, job)?;
    let mut left_out = 0;
    if !arguments.catalog.is_empty() {
        let progress = Progress::start(job, "catalog");
        let report = session.import_catalog(&arguments.catalog);
        progress.finish();
        let report = report?;
        show::catalog_report(&report)?;
        left_out = report.rejected.len();
    }
    if arguments.contracts_are_left_aside(&session)? {
        writeln!(
            std::io::stderr(),
            "note: the workspace has contracts; payouts.csv does without them, `ledgerline payout show` settles by them"
        )?;
    }
    let options = arguments.reading.options();
    let Intake {
        records,
        failures,
        not_taken,
    } = Intake::of(&mut session, &arguments.statement, &options, job)?;
    if records.is_empty() {
        anyhow::bail!("no statement could be taken, so there is nothing to reconcile");
    }
    let progress = Progress::start(job, if arguments.lines { "lines" } else { "matching" });
    let request = RunRequest {
        options: &options,
        with_lines: arguments.lines,
        terms,
        started,
        not_taken,
    };
    let run = session.reconcile(&records, &arguments.out, request);
    progress.finish();
    let run = run?;
    show::run(&run, &arguments.out)?;
    if let Some(settled) = &run.settled {
        show::settled(settled, &suspense_lines(settled)?, &run.caveats())?;
    }
    show::disagreeing(&run)?;
    Ok(if failures == 0 && left_out == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// The workspace of a run.
struct RunWorkspace {
    path: PathBuf,
    /// Removed with what is in it at the end of the run.
    _temporary: Option<tempfile::TempDir>,
}

impl RunWorkspace {
    /// A temporary workspace lies beside the results: it may need as much room as they do.
    fn of(arguments: &ReconcileArguments) -> Result<Self> {
        if let Some(path) = &arguments.workspace {
            return Ok(Self {
                path: path.clone(),
                _temporary: None,
            });
        }
        let out = &arguments.out;
        let folder = tempfile::Builder::new()
            .prefix(".ledgerline-")
            .tempdir_in(out)
            .with_context(|| format!("cannot make a temporary workspace in {}", out.display()))?;
        Ok(Self {
            path: folder.path().join("workspace"),
            _temporary: Some(folder),
        })
    }
}

impl ReconcileArguments {
    fn run_terms(&self) -> Result<RunTerms> {
        if self.terms.contracts.is_empty() {
            return Ok(RunTerms::None);
        }
        let files = self
            .terms
            .more
            .files(&self.terms.contracts, self.reading.settled_month());
        let ReadTerms { inputs, digest } = files.read()?;
        Ok(RunTerms::Given(Box::new(inputs), digest))
    }

    fn contracts_are_left_aside(&self, session: &Session) -> Result<bool> {
        Ok(self.terms.contracts.is_empty()
            && session
                .contents()
                .terms()?
                .keys()
                .any(|(kind, _)| kind == "contract"))
    }
}

/// What was taken of some files.
#[derive(Default)]
struct Intake {
    records: Vec<StatementRecord>,
    failures: usize,
    not_taken: Vec<LeftOut>,
}

impl Intake {
    /// Takes every file that can be taken; the others are reported and counted.
    fn of(
        session: &mut Session,
        files: &[PathBuf],
        options: &ReadOptions,
        job: &Job,
    ) -> Result<Self> {
        let mut intake = Self::default();
        for file in files {
            match parts(file) {
                Ok(parts) => parts
                    .iter()
                    .try_for_each(|part| intake.take(session, part, options, job))?,
                Err(error) => {
                    let name = file.file_name().map_or_else(
                        || file.display().to_string(),
                        |name| name.to_string_lossy().into_owned(),
                    );
                    intake.failed(&name, error.into());
                }
            }
        }
        Ok(intake)
    }

    fn failed(&mut self, name: &str, error: SessionError) {
        self.failures += 1;
        self.not_taken.push(LeftOut::of(name, &error));
        print_error(&error.into());
    }

    fn take(
        &mut self,
        session: &mut Session,
        part: &Part,
        options: &ReadOptions,
        job: &Job,
    ) -> Result<()> {
        let progress = Progress::start(job, &part.name);
        let taken = session.import_statement(part, options);
        progress.finish();
        match taken {
            Ok(taken)
                if self
                    .records
                    .iter()
                    .any(|r| r.text_hash == taken.record.text_hash) =>
            {
                writeln!(
                    std::io::stderr(),
                    "note: {} has the same content as another file of this run; it is counted once",
                    part.name
                )?;
            }
            Ok(taken) => self.show(session, taken)?,
            Err(error) if job.is_cancelled() => return Err(error.into()),
            Err(error) => self.failed(&part.name, error),
        }
        Ok(())
    }

    fn show(&mut self, session: &Session, taken: Taken) -> Result<()> {
        let there: Vec<String> = session
            .contents()
            .statements()?
            .iter()
            .map(StatementRecord::key)
            .collect();
        show::taken(&taken, |key| there.iter().any(|k| k == key))?;
        self.records.push(taken.record);
        Ok(())
    }
}

fn set_threads(threads: usize) {
    // The global pool can be set once; tests that run several commands in one process keep the first.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global();
}

fn catalog_command(command: CatalogCommand, job: &Job) -> Result<ExitCode> {
    match command {
        CatalogCommand::Import {
            files,
            workspace,
            threads: _,
        } => {
            set_threads(job.threads());
            let mut session = open(&workspace, &[], job)?;
            let progress = Progress::start(job, "catalog");
            let report = session.import_catalog(&files);
            progress.finish();
            let report = report?;
            show::catalog_report(&report)?;
            Ok(if report.rejected.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(1)
            })
        }
        CatalogCommand::Duplicates { workspace } => {
            let session = open(&workspace, &[], job)?;
            let mut out = csv::WriterBuilder::new()
                .terminator(csv::Terminator::Any(b'\n'))
                .from_writer(std::io::stdout().lock());
            out.write_record(["isrc", "tracks", "track_ids"])?;
            let mut result = Ok(());
            session.contents().shared_tracks(|shared| {
                if result.is_ok() {
                    result = out.write_record([
                        shared.isrc.to_string(),
                        shared.tracks.len().to_string(),
                        shared.tracks.join(";"),
                    ]);
                }
            })?;
            result?;
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn statement_command(command: StatementCommand, job: &Job) -> Result<ExitCode> {
    match command {
        StatementCommand::Import {
            files,
            workspace,
            reading,
            threads: _,
        } => {
            set_threads(job.threads());
            let mut session = open(&workspace, &reading.layout, job)?;
            let options = reading.options();
            let intake = Intake::of(&mut session, &files, &options, job)?;
            Ok(if intake.failures == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(1)
            })
        }
        StatementCommand::List { workspace } => {
            let session = open(&workspace, &[], job)?;
            show::statements(&session.contents().statements()?)?;
            Ok(ExitCode::SUCCESS)
        }
        StatementCommand::Remove { name, workspace } => {
            let mut session = open(&workspace, &[], job)?;
            let record = session.remove_statement(&name)?;
            show::line(&format!(
                "{} is no longer in the workspace; the file itself is untouched",
                record.name
            ))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn decide_command(command: DecideCommand, job: &Job) -> Result<ExitCode> {
    let (choice, action) = match command {
        DecideCommand::List { workspace } => {
            let session = open(&workspace, &[], job)?;
            show::decisions(&session.contents().history()?)?;
            return Ok(ExitCode::SUCCESS);
        }
        DecideCommand::Undo(entry) => {
            let session = open(&entry.workspace, &[], job)?;
            let undone = session
                .acting_as(entry.by.unwrap_or_else(user_name))
                .undo(entry.seq)?;
            show::line(&format!(
                "entry {} is undone, by entry {} ({})",
                entry.seq, undone.seq, undone.hash
            ))?;
            return Ok(ExitCode::SUCCESS);
        }
        DecideCommand::Redo(entry) => {
            let session = open(&entry.workspace, &[], job)?;
            let redone = session
                .acting_as(entry.by.unwrap_or_else(user_name))
                .redo(entry.seq)?;
            show::line(&format!(
                "entry {} holds again, by entry {} ({})",
                entry.seq, redone.seq, redone.hash
            ))?;
            return Ok(ExitCode::SUCCESS);
        }
        DecideCommand::Assign { choice, track } => (choice, Action::Assign { track }),
        DecideCommand::Ignore { choice } => (choice, Action::Ignore),
        DecideCommand::Hold { choice } => (choice, Action::Hold),
        DecideCommand::Clear { choice } => (choice, Action::Clear),
    };
    let session = open(&choice.workspace, &[], job)?;
    let item = ItemCode::try_from(choice.item)?;
    if !session.contents().reports_item(item)? {
        anyhow::bail!(
            "no statement of the workspace reports the item {item}; the codes stand in the last column of exceptions.csv"
        );
    }
    let decision = Decision {
        target: Target::Item {
            item,
            dsp: choice.dsp,
        },
        action,
        note: choice.note,
    };
    let entry = session
        .acting_as(choice.by.unwrap_or_else(user_name))
        .decide(std::slice::from_ref(&decision))?;
    show::line(&format!("saved as decision {} ({})", entry.seq, entry.hash))?;
    Ok(ExitCode::SUCCESS)
}

fn audit_command(command: AuditCommand) -> Result<ExitCode> {
    match command {
        AuditCommand::Verify { workspace, head } => {
            let verdict = Workspace::audit_folder(&workspace)?.verdict(head.as_deref());
            verdict
                .sentences
                .iter()
                .try_for_each(|sentence| show::line(sentence))?;
            if !verdict.is_sound {
                anyhow::bail!(
                    "the journal of {} is not as it was written; restore the workspace from its backup",
                    workspace.display()
                );
            }
            show::line("OK")?;
        }
        AuditCommand::Log { workspace } => {
            let audit = Workspace::audit_folder(&workspace)?;
            let changes = journal::understand(audit.entries).map_err(|seq| {
                anyhow::anyhow!("entry {seq} of the journal cannot be understood")
            })?;
            write_history(&changes, &mut std::io::stdout().lock())?;
            if let Some(fault) = audit.fault {
                anyhow::bail!(
                    "line {} of the journal {}; the entries before it are sound",
                    fault.line,
                    fault.reason
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl ReadingArguments {
    /// What the person said about files that cannot say it themselves.
    fn options(&self) -> ReadOptions {
        let mut options = ReadOptions {
            decimal: self.decimal.map(Into::into),
            date_order: self.date_order.map(Into::into),
            currencies: self.currency.clone(),
            periods: self.period.clone(),
            encoding: self.encoding,
            batch_rows: self.batch_rows,
            accept: Accept {
                quarantine: self.accept_quarantine,
                duplicate: self.accept_duplicate,
            },
            ..ReadOptions::default()
        };
        options.limits.max_expansion = self.max_expansion;
        options
    }
}
