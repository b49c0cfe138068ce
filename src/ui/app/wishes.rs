//! What screens asked for, done in one place after the frame.

use std::path::PathBuf;

use eframe::egui;

use super::App;
use crate::session::engine::{
    ChangeCommand, Command, JobCommand, latest_redoable, latest_undoable,
};
use crate::statement::ReadOptions;
use crate::ui::kit::dialogs::Request;
use crate::ui::picker::{Pick, Picker};
use crate::ui::shared::{Go, Screen};

/// What the files are for that a person was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Picked {
    Statements,
    Catalog,
    Terms,
    TermsFolder { as_csv: bool },
    Workspace,
}

/// The dialog that is open, and what its answer is for.
#[derive(Default)]
pub(super) struct Picking {
    picker: Picker,
    picked: Option<Picked>,
}

impl App {
    /// Takes the answer of a dialog.
    pub(super) fn picked(&mut self, ctx: &egui::Context, go: &mut Vec<Go>) {
        let Some(paths) = self.picking.picker.poll(ctx) else {
            return;
        };
        match self.picking.picked.take() {
            Some(Picked::Statements) => go.push(Go::ImportStatements(paths)),
            Some(Picked::Catalog) => go.push(Go::ImportCatalog(paths)),
            Some(Picked::Terms) => go.push(Go::Send(JobCommand::ImportTerms(paths).into())),
            Some(Picked::TermsFolder { as_csv }) => {
                go.extend(
                    paths
                        .into_iter()
                        .next()
                        .map(|out| Go::Send(JobCommand::ExportTerms { out, as_csv }.into())),
                );
            }
            Some(Picked::Workspace) => go.extend(paths.into_iter().next().map(Go::OpenWorkspace)),
            None => {}
        }
    }

    fn pick(&mut self, picked: Picked, pick: Pick, title: &str) {
        self.picking
            .picker
            .ask(&*self.dialogs, pick, Request::titled(title));
        self.picking.picked = Some(picked);
    }

    pub(super) fn fulfil(&mut self, wish: Go) {
        match wish {
            Go::To(screen) => self.show(screen),
            Go::ToRows(rows) => {
                self.screens.show_rows(rows);
                self.show(Screen::Lines);
            }
            Go::ToReview(filter) => {
                self.screens.review.set_filter(&filter);
                self.show(Screen::Review);
            }
            Go::ToTrack(id) => {
                self.screens.catalog.show_track(&id);
                self.show(Screen::Catalog);
            }
            Go::ToDuplicates(isrc) => {
                self.screens.duplicates.show_isrc(&isrc);
                self.show(Screen::Duplicates);
            }
            Go::ToTerms(kind, name) => {
                self.screens.contracts.show_kind(kind, name.as_deref());
                self.show(Screen::Contracts);
            }
            Go::Send(command) => self.send(command),
            Go::UndoLatest => self.reverse(
                latest_undoable(&self.history).map(ChangeCommand::Undo),
                "There is nothing to undo",
            ),
            Go::RedoLatest => self.reverse(
                latest_redoable(&self.history).map(ChangeCommand::Redo),
                "There is nothing to take again",
            ),
            Go::OpenWorkspace(folder) => {
                if self.screen == Screen::Start {
                    self.screen = Screen::Review;
                }
                self.open(folder);
            }
            Go::OpenSample => self.open_sample(),
            Go::Notice(text) => self.notice(text, None),
            Go::Fault { what, cause } => self.fault(&what, cause),
            Go::ImportStatements(files) => self.import(files),
            Go::ImportCatalog(files) => {
                self.screens.catalog.preview_import(files);
                self.show(Screen::Catalog);
            }
            Go::PickStatements => self.pick(Picked::Statements, Pick::Files, "Open statements"),
            Go::PickCatalog => self.pick(Picked::Catalog, Pick::Files, "Import a catalog"),
            Go::PickTerms => self.pick(
                Picked::Terms,
                Pick::Files,
                "Import contracts, rates and balances",
            ),
            Go::PickTermsFolder { as_csv } => {
                self.pick(
                    Picked::TermsFolder { as_csv },
                    Pick::Folder,
                    "Choose a folder for contracts, rates and balances",
                );
            }
            Go::PickWorkspace => self.pick(
                Picked::Workspace,
                Pick::Folder,
                "Open a workspace, or an empty folder for a new one",
            ),
        }
    }

    pub(super) fn show(&mut self, screen: Screen) {
        if screen == Screen::Start || self.engine.is_some() {
            self.screen = screen;
        }
    }

    pub(super) fn send(&mut self, command: impl Into<Command>) {
        match &self.engine {
            Some(engine) => engine.send(command),
            None => self.notice("Open a workspace first".into(), None),
        }
    }

    fn import(&mut self, files: Vec<PathBuf>) {
        if self.engine.is_none() {
            self.to_import.1 = files;
            self.screen = Screen::Statements;
            return self.open(self.start.data.join("workspace"));
        }
        if self.screen == Screen::Start {
            self.screen = Screen::Statements;
        }
        self.send(JobCommand::ImportStatements {
            files,
            options: Box::<ReadOptions>::default(),
        });
    }

    fn reverse(&mut self, command: Option<ChangeCommand>, nothing: &str) {
        match command {
            Some(command) => self.send(command),
            None => self.notice(nothing.to_owned(), None),
        }
    }
}
