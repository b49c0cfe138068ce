//! Commands in, snapshots and events out: the session behind a window, on threads of its own.
//!
//! One thread runs jobs that take long (imports, exports), one after another. One thread takes decisions and makes the desk. The face
//! reads the latest desk without waiting and is woken when there is something new.
//!
//! Invariants: only these threads change the workspace; a job that fails or is cancelled leaves it as it was; a panic in a job is an
//! event and not the end of the program; what an event calls saved is on disk.

mod messages;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

pub use messages::{ChangeCommand, Command, Event, FailedImport, Failure, JobCommand, JobView};
use parking_lot::{Condvar, Mutex};

use super::{RunRequest, RunTerms, Session, SessionError};
use crate::catalog::{self, CatalogState};
use crate::contents::{Contents, ReadError, StatementRecord};
use crate::desk::{Desk, Loaded};
use crate::job::{Job, Wake};
use crate::journal::{self, Change};
use crate::matching::DecidedTracks;
use crate::results::ExtraFiles;
use crate::review::Target;
use crate::settlement::Settled;
use crate::statement::ReadOptions;
use crate::statement::layout::Layouts;
use crate::statement::source::parts;

/// An open workspace with its threads. Dropping it cancels what runs and waits for it to stop.
pub struct Engine {
    shared: Arc<EngineState>,
    desk_commands: Option<Sender<DeskCommand>>,
    events: Receiver<Event>,
    threads: Vec<std::thread::JoinHandle<()>>,
    path: PathBuf,
}

struct EngineState {
    desk: Mutex<Arc<Desk>>,
    history: Mutex<Arc<Vec<Change>>>,
    session: Mutex<Option<Session>>,
    queue: Mutex<Queue>,
    failed: Mutex<Vec<FailedImport>>,
    turn: Condvar,
    events: Sender<Event>,
    wake: Wake,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Queued>,
    running: Option<Running>,
    next_id: u64,
    is_closed: bool,
}

struct Queued {
    id: u64,
    title: String,
    command: JobCommand,
    job: Job,
}

struct Running {
    id: u64,
    title: String,
    job: Job,
    since: Instant,
}

/// What the desk's thread is told.
enum DeskCommand {
    /// A person's change.
    Change(ChangeCommand),
    /// Statements or the catalog have changed.
    Rebuild {
        statements: Vec<Arc<Loaded>>,
        done: Sender<()>,
    },
}

impl Engine {
    /// Opens a workspace on threads of its own; an event tells when it is open, or why it is not.
    #[must_use]
    pub fn open(path: PathBuf, layouts: Layouts, who: String, wake: Wake) -> Self {
        let (event_sender, events) = channel();
        let (desk_commands, desk_receiver) = channel();
        let shared = Arc::new(EngineState {
            desk: Mutex::default(),
            history: Mutex::default(),
            session: Mutex::default(),
            queue: Mutex::default(),
            failed: Mutex::default(),
            turn: Condvar::new(),
            events: event_sender,
            wake,
        });
        let jobs = JobThread {
            shared: Arc::clone(&shared),
            desk: desk_commands.clone(),
        };
        let folder = path.clone();
        let job_thread = spawn("jobs", move || jobs.run(&folder, layouts, who));
        let keeper = DeskThread {
            shared: Arc::clone(&shared),
        };
        let desk_thread = spawn("desk", move || keeper.run(&desk_receiver));
        Self {
            shared,
            desk_commands: Some(desk_commands),
            events,
            threads: vec![job_thread, desk_thread],
            path,
        }
    }

    /// The workspace's folder.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// The latest snapshot; never waits for work.
    #[must_use]
    pub fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.shared.desk.lock())
    }

    /// All entries of the journal, oldest first, as of the latest desk.
    #[must_use]
    pub fn history(&self) -> Arc<Vec<Change>> {
        Arc::clone(&self.shared.history.lock())
    }

    /// A handle for reading the workspace on another thread; `None` until it is open.
    #[must_use]
    pub fn contents(&self) -> Option<Contents> {
        let session = self.shared.session.lock();
        session.as_ref().map(|s| s.contents().for_job(Job::new(0)))
    }

    /// What has happened since the last call.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        self.events.try_iter()
    }

    /// The running job, then those that wait.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobView> {
        let queue = self.shared.queue.lock();
        let running = queue
            .running
            .iter()
            .map(|r| view(r.id, &r.title, &r.job, Some(r.since)));
        running
            .chain(
                queue
                    .waiting
                    .iter()
                    .map(|q| view(q.id, &q.title, &q.job, None)),
            )
            .collect()
    }

    /// Statement files that could not be taken and have not been forgotten, the latest last.
    #[must_use]
    pub fn failed_imports(&self) -> Vec<FailedImport> {
        self.shared.failed.lock().clone()
    }

    /// Forgets that a file could not be taken.
    pub fn forget_failed(&self, file: &std::path::Path) {
        self.shared.failed.lock().retain(|f| f.file != file);
    }

    /// Asks a job to stop, or takes it out of the queue.
    pub fn cancel(&self, id: u64) {
        let mut queue = self.shared.queue.lock();
        if let Some(running) = queue.running.as_ref().filter(|r| r.id == id) {
            running.job.cancel();
        }
        if let Some(index) = queue.waiting.iter().position(|q| q.id == id) {
            let removed = queue.waiting.remove(index);
            drop(queue);
            self.shared.tell(Event::Cancelled(
                removed.map(|q| q.title).unwrap_or_default(),
            ));
        }
    }

    /// Does something. Long work waits for its turn; decisions are taken at once.
    pub fn send(&self, command: impl Into<Command>) {
        match command.into() {
            Command::Job(command) => self.shared.enqueue(command),
            Command::Change(command) => {
                let desk = self
                    .desk_commands
                    .as_ref()
                    .expect("the channel is open as long as the engine lives");
                // The desk's thread ends only when this end of the channel is dropped.
                let _ = desk.send(DeskCommand::Change(command));
            }
        }
    }

    /// Whether nothing runs or waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let queue = self.shared.queue.lock();
        queue.running.is_none() && queue.waiting.is_empty()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        {
            let mut queue = self.shared.queue.lock();
            queue.is_closed = true;
            queue.waiting.clear();
            if let Some(running) = &queue.running {
                running.job.cancel();
            }
        }
        self.shared.turn.notify_all();
        self.desk_commands = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> std::thread::JoinHandle<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .expect("the system gives a thread")
}

fn view(id: u64, title: &str, job: &Job, since: Option<Instant>) -> JobView {
    let (bytes_done, bytes_total, rows) = job.progress();
    JobView {
        id,
        title: title.to_owned(),
        is_running: since.is_some(),
        is_cancelled: job.is_cancelled(),
        bytes_done,
        bytes_total,
        rows,
        elapsed_ms: since.map_or(0, |s| {
            u64::try_from(s.elapsed().as_millis()).unwrap_or(u64::MAX)
        }),
    }
}

impl EngineState {
    fn tell(&self, event: Event) {
        // When the face is gone nobody is left to tell.
        let _ = self.events.send(event);
        (self.wake)();
    }

    fn fail(&self, what: String, error: &dyn std::error::Error) {
        self.tell(Event::Failed(Failure {
            what,
            cause: chain(error),
        }));
    }

    /// Keeps the file, so that it can be imported again with what it asks for.
    fn import_failed(&self, import: Import, what: String, error: &SessionError) {
        let cause = chain(error);
        let asks = match error {
            SessionError::Statement(error) => error.asks(),
            _ => None,
        };
        let mut failed = self.failed.lock();
        failed.retain(|f| f.file != import.file);
        failed.push(FailedImport {
            file: import.file,
            options: import.options,
            cause: cause.clone(),
            asks,
        });
        drop(failed);
        self.tell(Event::ImportFailed(Failure { what, cause }));
    }

    fn enqueue(&self, command: JobCommand) {
        let mut queue = self.queue.lock();
        // One file is one job: each can be watched and cancelled by itself.
        let commands = match command {
            JobCommand::ImportStatements { files, options } => files
                .into_iter()
                .map(|f| JobCommand::ImportStatements {
                    files: vec![f],
                    options: options.clone(),
                })
                .collect(),
            other => vec![other],
        };
        for command in commands {
            let id = queue.next_id;
            queue.next_id += 1;
            queue.waiting.push_back(Queued {
                id,
                title: title(&command),
                command,
                job: Job::new(0),
            });
        }
        drop(queue);
        self.turn.notify_all();
        (self.wake)();
    }

    /// Waits for the next job; `None` when the engine is being dropped.
    fn next_job(&self) -> Option<Queued> {
        let mut queue = self.queue.lock();
        loop {
            if queue.is_closed {
                return None;
            }
            if let Some(next) = queue.waiting.pop_front() {
                queue.running = Some(Running {
                    id: next.id,
                    title: next.title.clone(),
                    job: next.job.clone(),
                    since: Instant::now(),
                });
                return Some(next);
            }
            self.turn.wait(&mut queue);
        }
    }

    fn end_job(&self) {
        self.queue.lock().running = None;
        (self.wake)();
    }

    fn publish(
        &self,
        session: &Session,
        mut desk: Desk,
        history: Vec<Change>,
    ) -> Result<(), SessionError> {
        let before = Arc::clone(&self.desk.lock());
        desk.take_terms(&before, &history).map_err(|seq| {
            session
                .workspace()
                .damaged(format!("entry {seq} of the journal"))
        })?;
        *self.history.lock() = Arc::new(history);
        *self.desk.lock() = Arc::new(desk);
        self.tell(Event::DeskChanged);
        Ok(())
    }
}

/// What is imported, for the case that it fails.
struct Import {
    file: PathBuf,
    options: ReadOptions,
}

impl Import {
    fn of(command: &JobCommand) -> Option<Self> {
        let JobCommand::ImportStatements { files, options } = command else {
            return None;
        };
        files.first().map(|file| Self {
            file: file.clone(),
            options: (**options).clone(),
        })
    }
}

/// What a job does, for people.
fn title(command: &JobCommand) -> String {
    let name = |path: &PathBuf| {
        path.file_name().map_or_else(
            || path.display().to_string(),
            |n| n.to_string_lossy().into_owned(),
        )
    };
    match command {
        JobCommand::ImportStatements { files, .. } => format!(
            "Import {}",
            files.iter().map(name).collect::<Vec<_>>().join(", ")
        ),
        JobCommand::RemoveStatement(_) => "Remove a statement".into(),
        JobCommand::RestoreStatement(_) => "Put a statement back".into(),
        JobCommand::ImportCatalog(files) => format!(
            "Import catalog {}",
            files.iter().map(name).collect::<Vec<_>>().join(", ")
        ),
        JobCommand::EditTrack(track) => format!("Save track {}", track.id),
        JobCommand::Export { out, .. } => format!("Export to {}", out.display()),
        JobCommand::ImportTerms(files) => format!(
            "Import {}",
            files.iter().map(name).collect::<Vec<_>>().join(", ")
        ),
        JobCommand::ExportTerms { out, .. } => format!("Write contracts to {}", out.display()),
        JobCommand::ClosePeriod(period) => format!("Close {period}"),
        JobCommand::ExportPeriod { period, out } => format!("Write {period} to {}", out.display()),
        JobCommand::WriteStatements { payee, out, .. } => {
            format!("Write statements of {payee} to {}", out.display())
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!(
        "{}. This is a fault of the program; please report it with this line",
        text.unwrap_or_else(|| "no reason is known".into())
    )
}

/// Runs long work, one job after another.
struct JobThread {
    shared: Arc<EngineState>,
    desk: Sender<DeskCommand>,
}

impl JobThread {
    fn run(self, path: &std::path::Path, layouts: Layouts, who: String) {
        let opened = Session::open(path, layouts, Job::new(0))
            .map(|s| s.acting_as(who))
            .and_then(|session| {
                let statements = load_all(session.contents())?;
                Ok((session, statements))
            });
        let (session, mut statements) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let what = format!("opening {}", path.display());
                return self.shared.tell(Event::NotOpened(Failure {
                    what,
                    cause: chain(&error),
                }));
            }
        };
        *self.shared.session.lock() = Some(session.for_job(Job::new(0)));
        self.rebuild(&statements);
        self.shared.tell(Event::Opened);
        while let Some(next) = self.shared.next_job() {
            let mut handle = session.for_job(next.job.clone());
            let import = Import::of(&next.command);
            let result = catch_unwind(AssertUnwindSafe(|| {
                self.work(&mut handle, &mut statements, next.command)
            }));
            match result {
                Ok(Ok(())) => {}
                Ok(Err(_)) if next.job.is_cancelled() => {
                    self.shared.tell(Event::Cancelled(next.title))
                }
                Ok(Err(error)) => match import {
                    Some(import) => self.shared.import_failed(import, next.title, &error),
                    None => self.shared.fail(next.title, &error),
                },
                Err(panic) => self.shared.tell(Event::Failed(Failure {
                    what: next.title,
                    cause: panic_text(&*panic),
                })),
            }
            self.shared.end_job();
        }
    }

    /// Has the desk made anew and waits for it, so that whoever sees the job's end sees its effect.
    fn rebuild(&self, statements: &[Arc<Loaded>]) {
        let (done, wait) = channel();
        if self
            .desk
            .send(DeskCommand::Rebuild {
                statements: statements.to_vec(),
                done,
            })
            .is_ok()
        {
            let _ = wait.recv();
        }
    }

    fn work(
        &self,
        session: &mut Session,
        statements: &mut Vec<Arc<Loaded>>,
        command: JobCommand,
    ) -> Result<(), SessionError> {
        match command {
            JobCommand::ImportStatements { files, options } => {
                for file in &files {
                    for part in parts(file)? {
                        self.import(session, statements, &part, &options)?;
                    }
                    self.shared.failed.lock().retain(|f| f.file != *file);
                }
                Ok(())
            }
            JobCommand::RemoveStatement(key) => {
                let record = session.remove_statement(&key)?;
                statements.retain(|s| s.key != key);
                self.rebuild(statements);
                self.shared.tell(Event::StatementRemoved(Box::new(record)));
                Ok(())
            }
            JobCommand::RestoreStatement(key) => {
                let record = session.restore_statement(&key)?;
                self.take(session, statements, record, false)
            }
            JobCommand::ImportCatalog(files) => {
                let report = session.import_catalog(&files)?;
                self.match_anew(session, statements)?;
                self.shared.tell(Event::CatalogImported(Box::new(report)));
                Ok(())
            }
            JobCommand::EditTrack(track) => {
                session.edit_track(&track)?;
                self.match_anew(session, statements)?;
                self.shared.tell(Event::TrackEdited(track.id));
                Ok(())
            }
            JobCommand::Export { out, with_lines } => {
                self.export(session, statements, out, with_lines)
            }
            JobCommand::ImportTerms(files) => {
                let report = session.import_terms(&files, "")?;
                self.rebuild(statements);
                self.shared.tell(Event::TermsImported(Box::new(report)));
                Ok(())
            }
            JobCommand::ExportTerms { out, as_csv } => {
                let files = session.export_terms(&out, as_csv)?;
                self.shared.tell(Event::Written { out, files });
                Ok(())
            }
            JobCommand::ClosePeriod(period) => {
                let closed = session.close_period(period)?;
                self.rebuild(statements);
                self.shared.tell(Event::PeriodClosed(Box::new(closed)));
                Ok(())
            }
            JobCommand::ExportPeriod { period, out } => self.export_period(session, &period, out),
            JobCommand::WriteStatements { open, payee, out } => {
                let files = session
                    .contents()
                    .write_statements_of(&open.settled, &payee, &out)?;
                self.shared.tell(Event::Written { out, files });
                Ok(())
            }
        }
    }

    fn export(
        &self,
        session: &mut Session,
        statements: &[Arc<Loaded>],
        out: PathBuf,
        with_lines: bool,
    ) -> Result<(), SessionError> {
        let records: Vec<StatementRecord> = statements.iter().map(|s| s.record.clone()).collect();
        let options = ReadOptions::default();
        let request = RunRequest {
            with_lines,
            terms: RunTerms::OfWorkspace,
            ..RunRequest::new(&options)
        };
        let run = session.reconcile(&records, &out, request)?;
        self.shared.tell(Event::Exported {
            out,
            fingerprint: run.fingerprint,
        });
        Ok(())
    }

    fn export_period(
        &self,
        session: &Session,
        period: &str,
        out: PathBuf,
    ) -> Result<(), SessionError> {
        let (mut files, written) = session.contents().export_period(
            period,
            &out,
            Some(|settled: &Settled| {
                Ok(ExtraFiles {
                    statements: Some(session.contents().letterhead(settled, None)?),
                    ..ExtraFiles::default()
                })
            }),
        )?;
        files.extend((written.statements > 0).then(|| "statements".to_owned()));
        self.shared.tell(Event::Written { out, files });
        Ok(())
    }

    fn import(
        &self,
        session: &mut Session,
        statements: &mut Vec<Arc<Loaded>>,
        part: &crate::statement::source::Part,
        options: &ReadOptions,
    ) -> Result<(), SessionError> {
        let taken = session.import_statement(part, options)?;
        if taken.was_there {
            self.shared.tell(Event::StatementTaken {
                record: Box::new(taken.record),
                was_there: true,
            });
            return Ok(());
        }
        self.take(session, statements, taken.record, false)
    }

    fn take(
        &self,
        session: &mut Session,
        statements: &mut Vec<Arc<Loaded>>,
        record: StatementRecord,
        was_there: bool,
    ) -> Result<(), SessionError> {
        let loaded = Loaded::read(session.contents(), record.clone())?;
        // A new reading of the same text has taken the place of the one before.
        statements.retain(|s| s.record.text_hash != record.text_hash);
        statements.push(Arc::new(loaded));
        statements.sort_by(|a, b| {
            (&a.record.name, &a.record.text_hash).cmp(&(&b.record.name, &b.record.text_hash))
        });
        self.rebuild(statements);
        self.shared.tell(Event::StatementTaken {
            record: Box::new(record),
            was_there,
        });
        Ok(())
    }

    fn match_anew(
        &self,
        session: &mut Session,
        statements: &mut [Arc<Loaded>],
    ) -> Result<(), SessionError> {
        for statement in statements.iter_mut() {
            *statement = Arc::new(statement.matched_anew(session.contents())?);
        }
        self.rebuild(statements);
        Ok(())
    }
}

fn load_all(contents: &Contents) -> Result<Vec<Arc<Loaded>>, ReadError> {
    let records = contents.statements()?;
    records
        .into_iter()
        .map(|record| Loaded::read(contents, record).map(Arc::new))
        .collect()
}

/// Takes decisions and makes the desk.
struct DeskThread {
    shared: Arc<EngineState>,
}

impl DeskThread {
    fn run(self, commands: &Receiver<DeskCommand>) {
        while let Ok(command) = commands.recv() {
            let Some(session) = self
                .shared
                .session
                .lock()
                .as_ref()
                .map(|s| s.for_job(Job::new(0)))
            else {
                continue;
            };
            let what = match &command {
                DeskCommand::Change(ChangeCommand::Decide(_)) => "saving a decision",
                DeskCommand::Change(ChangeCommand::ChangeTerms(_)) => "saving contracts",
                DeskCommand::Change(ChangeCommand::Undo(_)) => "undoing",
                DeskCommand::Change(ChangeCommand::Redo(_)) => "redoing",
                DeskCommand::Rebuild { .. } => "adding up the statements",
            };
            match catch_unwind(AssertUnwindSafe(|| self.work(&session, command))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.shared.fail(what.into(), &error),
                Err(panic) => self.shared.tell(Event::Failed(Failure {
                    what: what.into(),
                    cause: panic_text(&*panic),
                })),
            }
        }
    }

    fn work(&self, session: &Session, command: DeskCommand) -> Result<(), SessionError> {
        match command {
            DeskCommand::Change(ChangeCommand::Decide(decisions)) => {
                let entry = session.decide(&decisions)?;
                self.refresh(
                    session,
                    &decisions
                        .iter()
                        .map(|d| d.target.clone())
                        .collect::<Vec<_>>(),
                )?;
                self.shared.tell(Event::Decided {
                    seq: entry.seq,
                    decisions: decisions.len(),
                });
            }
            DeskCommand::Change(ChangeCommand::ChangeTerms(change)) => {
                let entry = session.change_terms(change)?;
                self.refresh(session, &[])?;
                self.shared.tell(Event::TermsChanged(entry.seq));
            }
            DeskCommand::Change(ChangeCommand::Undo(seq)) => {
                session.undo(seq)?;
                self.refresh(session, &self.targets_of(seq))?;
                self.shared.tell(Event::Undone(seq));
            }
            DeskCommand::Change(ChangeCommand::Redo(seq)) => {
                session.redo(seq)?;
                self.refresh(session, &self.targets_of(seq))?;
                self.shared.tell(Event::Redone(seq));
            }
            DeskCommand::Rebuild { statements, done } => {
                let result = self.rebuild(session, statements);
                let _ = done.send(());
                result?;
            }
        }
        Ok(())
    }

    fn targets_of(&self, seq: u64) -> Vec<Target> {
        let history = Arc::clone(&self.shared.history.lock());
        let change = history.iter().find(|c| c.entry.seq == seq);
        change
            .map(|c| c.decisions().iter().map(|d| d.target.clone()).collect())
            .unwrap_or_default()
    }

    fn refresh(&self, session: &Session, touched: &[Target]) -> Result<(), SessionError> {
        let history = session.contents().history()?;
        let decisions = journal::standing(&history);
        let tracks = DecidedTracks::read(session.workspace(), &decisions)?;
        let before = Arc::clone(&self.shared.desk.lock());
        let desk = before.with_decisions(decisions, &tracks, touched)?;
        self.shared.publish(session, desk, history)
    }

    fn rebuild(&self, session: &Session, statements: Vec<Arc<Loaded>>) -> Result<(), SessionError> {
        let workspace = session.workspace();
        let history = session.contents().history()?;
        let decisions = journal::standing(&history);
        let tracks = DecidedTracks::read(workspace, &decisions)?;
        let mut desk = Desk::new(
            statements,
            catalog::payees(workspace)?,
            CatalogState::read(workspace)?,
            decisions,
            &tracks,
        )?;
        let before = Arc::clone(&self.shared.desk.lock());
        desk.generation = before.generation + 1;
        desk.lines_generation = before.lines_generation + 1;
        self.shared.publish(session, desk, history)
    }
}

/// The entry that Ctrl+Z undoes: the latest decisions or terms that are not undone.
#[must_use]
pub fn latest_undoable(history: &[Change]) -> Option<u64> {
    history
        .iter()
        .rev()
        .find(|c| c.is_reversible() && !c.is_undone)
        .map(|c| c.entry.seq)
}

/// The entry that Ctrl+Shift+Z takes again: the one undone last, as long as nothing was decided since.
#[must_use]
pub fn latest_redoable(history: &[Change]) -> Option<u64> {
    for change in history.iter().rev() {
        match change.event {
            Some(journal::JournalEvent::Undone(seq))
                if history.iter().any(|c| c.entry.seq == seq && c.is_undone) =>
            {
                return Some(seq);
            }
            _ if change.is_reversible() => return None,
            _ => {}
        }
    }
    None
}
