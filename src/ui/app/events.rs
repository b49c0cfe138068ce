//! What has happened on other threads.

use std::time::Instant;

use eframe::egui;

use super::{App, JOB_TICK};
use crate::session::engine::{Engine, Event, JobCommand};
use crate::ui::shared::Screen;

impl App {
    /// Takes what has happened on other threads, and what was dropped or typed.
    pub fn logic(&mut self, ctx: &egui::Context) {
        let events: Vec<Event> = self.engine.iter().flat_map(Engine::events).collect();
        events.into_iter().for_each(|event| self.happened(event));
        if let Some(engine) = &self.engine {
            self.desk = engine.desk();
            self.history = engine.history();
            self.jobs = engine.jobs();
        }
        if self.jobs.iter().any(|j| j.is_running) || self.is_opening {
            ctx.request_repaint_after(JOB_TICK);
        }
        self.told.notices.retain(|n| n.until > Instant::now());
        if let Some(next) = self.told.notices.iter().map(|n| n.until).min() {
            ctx.request_repaint_after(next.saturating_duration_since(Instant::now()));
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Opened => self.opened(),
            Event::NotOpened(failure) => {
                self.engine = None;
                self.is_opening = false;
                self.settings.workspace = None;
                self.screen = Screen::Start;
                self.told.faults.push(failure);
            }
            Event::Failed(failure) => self.told.faults.push(failure),
            // The statements screen shows why, and takes the answer; nobody is taken away from what they are doing.
            Event::ImportFailed(failure) => self.notice(
                format!("{} failed; Statements shows why", failure.what),
                None,
            ),
            Event::Decided { seq, decisions: 1 } => {
                self.notice("Saved the decision".to_owned(), Some(seq));
            }
            Event::Decided { seq, decisions } => {
                self.notice(format!("Saved {decisions} decisions"), Some(seq));
            }
            Event::StatementTaken {
                record,
                was_there: true,
            } => self.notice(
                format!("{} is here already; nothing was counted twice", record.name),
                None,
            ),
            Event::CatalogImported(report) => {
                self.notice(
                    format!(
                        "Catalog: {} added, {} changed, {} as before",
                        report.added, report.changed, report.unchanged
                    ),
                    None,
                );
            }
            Event::Exported { out, fingerprint } => {
                self.screens.payout.exported(&out, &fingerprint);
                self.notice(format!("The results are in {}", out.display()), None);
            }
            Event::Cancelled(title) => self.notice(format!("Cancelled: {title}"), None),
            Event::Undone(seq) => self.notice(format!("Undid entry {seq}"), None),
            Event::Redone(seq) => self.notice(format!("Took entry {seq} again"), None),
            Event::TermsImported(report) => {
                let count = |counts: &std::collections::BTreeMap<String, usize>| {
                    counts.values().sum::<usize>()
                };
                let text = format!(
                    "Terms: {} added, {} changed, {} as they were",
                    count(&report.added),
                    count(&report.changed),
                    report.same
                );
                self.notice(text, report.seq);
            }
            Event::TermsChanged(seq) => self.notice(format!("Saved as entry {seq}"), Some(seq)),
            Event::PeriodClosed(period) => {
                self.notice(format!("{} is closed", period.period), None)
            }
            Event::Written { out, files } => self.notice(
                format!("{} files written to {}", files.len(), out.display()),
                None,
            ),
            Event::TrackEdited(id) => self.notice(format!("Saved track {id}"), None),
            Event::StatementRemoved(record) => self.notice(
                format!("Removed {}; its file is untouched", record.name),
                None,
            ),
            Event::DeskChanged | Event::StatementTaken { .. } => {}
        }
    }

    fn opened(&mut self) {
        self.is_opening = false;
        let Some(engine) = &self.engine else { return };
        let workspace = engine.path().to_owned();
        let (catalogs, files) = std::mem::take(&mut self.to_import);
        if !catalogs.is_empty() {
            engine.send(JobCommand::ImportCatalog(catalogs));
        }
        if !files.is_empty() {
            engine.send(JobCommand::ImportStatements {
                files,
                options: Box::default(),
            });
        } else if engine.desk().statements().is_empty() && self.screen == Screen::Review {
            self.screen = Screen::Statements;
        }
        self.remember(&workspace);
    }
}
