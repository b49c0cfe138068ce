//! The window's frame: navigation, status line, notices, faults, shortcuts, and the screen that is shown.
//!
//! Views say what they want ([`Go`]); it is done here, after the frame has been drawn, in one place.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use eframe::egui::{self, Align, Key, Layout, Modifiers, RichText, Ui};

use super::commands::{self, CommandId};
use super::guide::{self, GuideWindow};
use super::kit::dialogs::{Dialogs, Request};
use super::kit::frame_time::FrameTimes;
use super::kit::{numbers, palette, shortcuts, theme, widgets};
use super::picker::{Pick, Picker};
use super::screens::Screens;
use super::shared::{Context, Go, Screen, Settings};
use crate::desk::Desk;
use crate::job::Wake;
use crate::journal::Change;
use crate::session::engine::{
    ChangeCommand, Command, Engine, Event, Failure, JobCommand, JobView, latest_redoable,
    latest_undoable,
};
use crate::session::sample;
use crate::statement::ReadOptions;
use crate::statement::layout::Layouts;

/// What the window is started with.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The workspace to open; without one the one that was open last.
    pub workspace: Option<PathBuf>,
    /// Statement files to import.
    pub files: Vec<PathBuf>,
    /// Where the program keeps what is its own: the sample label and workspaces without a place.
    pub data: PathBuf,
    /// Who is at work.
    pub who: String,
}

/// The whole window, without the operating system's part of it.
pub struct App {
    settings: Settings,
    dialogs: Box<dyn Dialogs>,
    wake: Wake,
    start: Start,
    engine: Option<Engine>,
    is_opening: bool,
    desk: Arc<Desk>,
    history: Arc<Vec<Change>>,
    jobs: Vec<JobView>,
    screen: Screen,
    screens: Screens,
    /// Catalog files and statement files that wait until the workspace is open.
    to_import: (Vec<PathBuf>, Vec<PathBuf>),
    notices: Vec<PassingNotice>,
    faults: Vec<Failure>,
    palette: palette::Palette,
    shows_shortcuts: bool,
    guide: GuideWindow,
    frame_time: FrameTimes,
    picker: Picker,
    picked: Option<Picked>,
}

/// Something told in passing.
struct PassingNotice {
    text: String,
    undo: Option<u64>,
    until: Instant,
}

/// What the files are for that a person was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Picked {
    Statements,
    Catalog,
    Terms,
    TermsFolder { as_csv: bool },
    Workspace,
}

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(8);
/// How often a running job is drawn anew.
const JOB_TICK: Duration = Duration::from_millis(200);
/// Workspaces that are remembered.
const MAX_RECENT: usize = 10;

impl App {
    /// Makes the window's content and opens what it is started with.
    #[must_use]
    pub fn new(
        ctx: &egui::Context,
        settings: Settings,
        dialogs: Box<dyn Dialogs>,
        wake: Wake,
        start: Start,
    ) -> Self {
        theme::apply(ctx);
        theme::set_preference(ctx, settings.theme);
        let to_import = (Vec::new(), start.files.clone());
        let workspace = start
            .workspace
            .clone()
            .or_else(|| settings.workspace.clone().filter(|w| w.is_dir()));
        let mut app = Self {
            screens: Screens::new(&wake),
            settings,
            dialogs,
            wake,
            start,
            engine: None,
            is_opening: false,
            desk: Arc::default(),
            history: Arc::default(),
            jobs: Vec::new(),
            screen: Screen::Start,
            to_import,
            notices: Vec::new(),
            faults: Vec::new(),
            palette: palette::Palette::default(),
            shows_shortcuts: false,
            guide: GuideWindow::default(),
            frame_time: FrameTimes::default(),
            picker: Picker::default(),
            picked: None,
        };
        match workspace {
            Some(workspace) => {
                app.screen = app.settings.screen.unwrap_or(Screen::Review);
                app.open(workspace);
            }
            None if !app.to_import.1.is_empty() => app.open(app.start.data.join("workspace")),
            None => {}
        }
        app
    }

    /// What is remembered for the next start.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The screen that is shown.
    #[must_use]
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// The open workspace.
    #[must_use]
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref().filter(|_| !self.is_opening)
    }

    /// Whether nothing is being opened, imported or exported.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.is_opening && self.engine.as_ref().is_none_or(Engine::is_idle)
    }

    fn open(&mut self, workspace: PathBuf) {
        let layouts = match Layouts::load(&Vec::<PathBuf>::new()) {
            Ok(layouts) => layouts,
            Err(error) => return self.fault("loading the layouts", error.to_string()),
        };
        // The old one is closed first: a workspace has one owner.
        self.screens = Screens::new(&self.wake);
        self.engine = None;
        self.desk = Arc::default();
        self.history = Arc::default();
        self.is_opening = true;
        self.engine = Some(Engine::open(
            workspace,
            layouts,
            self.start.who.clone(),
            Arc::clone(&self.wake),
        ));
    }

    fn open_sample(&mut self) {
        let folder = self.start.data.join("sample");
        match sample::write(&folder) {
            Ok(files) => {
                self.to_import = (vec![files.catalog], files.statements);
                self.screen = Screen::Review;
                self.open(folder.join("workspace"));
            }
            Err(error) => self.fault(
                "writing the sample label",
                format!("{}: {error}", folder.display()),
            ),
        }
    }

    fn remember(&mut self, workspace: &Path) {
        self.settings.recent.retain(|r| r != workspace);
        self.settings.recent.insert(0, workspace.to_owned());
        self.settings.recent.truncate(MAX_RECENT);
        self.settings.workspace = Some(workspace.to_owned());
    }

    fn notice(&mut self, text: String, undo: Option<u64>) {
        self.notices.push(PassingNotice {
            text,
            undo,
            until: Instant::now() + NOTICE,
        });
        let too_many = self.notices.len().saturating_sub(3);
        self.notices.drain(..too_many);
    }

    fn fault(&mut self, what: &str, cause: String) {
        self.faults.push(Failure {
            what: what.to_owned(),
            cause,
        });
    }

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
        self.notices.retain(|n| n.until > Instant::now());
        if let Some(next) = self.notices.iter().map(|n| n.until).min() {
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
                self.faults.push(failure);
            }
            Event::Failed(failure) => self.faults.push(failure),
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

    /// Draws the whole window.
    pub fn root_ui(&mut self, ui: &mut Ui) {
        let began = Instant::now();
        let mut go = Vec::new();
        self.keys(ui.ctx(), &mut go);
        self.dropped(ui.ctx(), &mut go);
        self.status_ui(ui, &mut go);
        self.navigation_ui(ui, &mut go);
        self.faults_ui(ui);
        self.central_ui(ui, &mut go);
        self.overlays_ui(ui, &mut go);
        for wish in go {
            self.fulfil(wish);
        }
        self.settings.screen = Some(self.screen);
        self.frame_time.end(began);
    }

    fn keys(&mut self, ctx: &egui::Context, go: &mut Vec<Go>) {
        let is_typing = ctx.text_edit_focused();
        for command in commands::ALL {
            // What is typed is undone by the field it is typed into.
            if is_typing && matches!(command.id, CommandId::Undo | CommandId::Redo) {
                continue;
            }
            if command
                .shortcut
                .is_some_and(|s| ctx.input_mut(|i| i.consume_shortcut(&s)))
            {
                self.command(command.id, go);
            }
        }
        if !is_typing
            && ctx.input(|i| {
                i.events
                    .iter()
                    .any(|e| matches!(e, egui::Event::Text(t) if t == "?"))
            })
        {
            self.shows_shortcuts = !self.shows_shortcuts;
        }
        if ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::F12)) {
            self.frame_time.toggle();
        }
    }

    fn command(&mut self, id: CommandId, go: &mut Vec<Go>) {
        match id {
            CommandId::Palette => self.palette.open(),
            CommandId::Shortcuts => self.shows_shortcuts = true,
            CommandId::Guide => self.toggle_guide(),
            CommandId::Show(screen) => go.push(Go::To(screen)),
            CommandId::OpenFiles => go.push(Go::PickStatements),
            CommandId::OpenWorkspace => go.push(Go::PickWorkspace),
            CommandId::OpenSample => go.push(Go::OpenSample),
            CommandId::ImportCatalog => go.push(Go::PickCatalog),
            CommandId::ImportTerms => go.push(Go::PickTerms),
            CommandId::Export => {
                self.screens.payout.begin_export();
                go.push(Go::To(Screen::Payout));
            }
            CommandId::Undo => go.push(Go::UndoLatest),
            CommandId::Redo => go.push(Go::RedoLatest),
            CommandId::FrameTime => self.frame_time.toggle(),
        }
    }

    fn toggle_guide(&mut self) {
        if self.guide.is_open() {
            self.guide.close();
        } else {
            self.guide.open(self.screen.chapter());
        }
    }

    fn dropped(&mut self, ctx: &egui::Context, go: &mut Vec<Go>) {
        let paths: Vec<PathBuf> = ctx.input(|i| {
            i.raw
                .dropped_files
                .iter()
                .map(|f| f.path().to_owned())
                .collect()
        });
        if paths.is_empty() {
            return;
        }
        match paths.as_slice() {
            [folder] if folder.is_dir() => go.push(Go::OpenWorkspace(folder.clone())),
            _ if self.screen == Screen::Catalog => go.push(Go::ImportCatalog(paths)),
            _ if self.screen == Screen::Contracts => {
                go.push(Go::Send(JobCommand::ImportTerms(paths).into()))
            }
            _ => go.push(Go::ImportStatements(paths)),
        }
    }

    fn status_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
        let tokens = theme::tokens(ui);
        egui::Panel::bottom("status").show(ui, |ui| {
            ui.horizontal(|ui| {
                let path = self.engine.as_ref().map(|engine| engine.path().to_owned());
                let shown = path.as_deref().map_or_else(|| "No workspace is open".to_owned(), short_path);
                let whole = path.map(|path| format!("\n{}", path.display())).unwrap_or_default();
                ui.label(RichText::new(shown).color(tokens.subdued))
                    .on_hover_text(format!("The workspace: a folder with the catalog, the statements and every decision{whole}"));
                ui.separator();
                if self.is_opening {
                    ui.spinner();
                    ui.label("Opening…");
                }
                self.job_ui(ui);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    self.notices_ui(ui, go);
                });
            });
        });
    }

    fn job_ui(&mut self, ui: &mut Ui) {
        let Some(job) = self.jobs.first().cloned() else {
            return;
        };
        let waiting = self.jobs.len() - 1;
        let mut text = job.title.clone();
        if waiting > 0 {
            text = format!("{text} (and {waiting} more)");
        }
        let permille = job.per_mille().and_then(|p| u16::try_from(p).ok());
        ui.label(text);
        if let Some(permille) = permille {
            ui.add(
                egui::ProgressBar::new(f32::from(permille) / 1000.0)
                    .desired_width(120.0)
                    .desired_height(8.0),
            );
            ui.label(numbers::percent(permille));
        } else {
            ui.spinner();
        }
        ui.label(RichText::new(progress_text(&job)).color(theme::tokens(ui).subdued));
        if ui
            .small_button("Cancel")
            .on_hover_text("Stops at the next batch; the workspace stays as it was")
            .clicked()
            && let Some(engine) = &self.engine
        {
            engine.cancel(job.id);
        }
    }

    fn navigation_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
        egui::Panel::left("navigation")
            .resizable(false)
            .exact_size(148.0)
            .show(ui, |ui| {
                ui.add_space(6.0);
                ui.heading("Ledgerline");
                ui.add_space(8.0);
                for (place, screen) in Screen::ALL.into_iter().enumerate() {
                    let is_enabled = screen == Screen::Start || self.engine().is_some();
                    let label = egui::Button::selectable(self.screen == screen, screen.title())
                        .min_size(egui::vec2(132.0, 26.0));
                    let shortcut = commands::shortcut_text(ui.ctx(), CommandId::Show(screen));
                    let response = ui
                        .add_enabled(is_enabled, label)
                        .on_hover_text(format!("{} ({shortcut})", screen.title()));
                    if response.clicked() {
                        go.push(Go::To(screen));
                    }
                    if place == 0 || screen == Screen::Lines {
                        ui.separator();
                    }
                }
                ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
                    ui.add_space(6.0);
                    if ui
                        .button("Guide")
                        .on_hover_text("What this screen is for, and everything else (F1)")
                        .clicked()
                    {
                        self.toggle_guide();
                    }
                    if ui
                        .button("Shortcuts")
                        .on_hover_text("All shortcuts (?)")
                        .clicked()
                    {
                        self.shows_shortcuts = true;
                    }
                    if ui
                        .button("Commands")
                        .on_hover_text("Find any command (Ctrl+K)")
                        .clicked()
                    {
                        self.palette.open();
                    }
                    ui.menu_button("Theme", theme::preference_ui)
                        .response
                        .on_hover_text("Dark, light, or as the system");
                    self.settings.theme = theme::preference(ui.ctx());
                });
            });
    }

    fn faults_ui(&mut self, ui: &mut Ui) {
        if self.faults.is_empty() {
            return;
        }
        let mut dismissed = None;
        egui::Panel::bottom("faults").show(ui, |ui| {
            egui::ScrollArea::vertical()
                .max_height(180.0)
                .show(ui, |ui| {
                    for (place, fault) in self.faults.iter().enumerate() {
                        widgets::error_panel_ui(
                            ui,
                            widgets::ErrorPanel {
                                what: &fault.what,
                                cause: &fault.cause,
                                remedy: "",
                                guide: "errors",
                            },
                        );
                        if ui
                            .button("Dismiss")
                            .on_hover_text("The message goes; nothing else changes")
                            .clicked()
                        {
                            dismissed = Some(place);
                        }
                    }
                });
        });
        if let Some(place) = dismissed {
            self.faults.remove(place);
        }
    }

    fn central_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
        egui::CentralPanel::default().show(ui, |ui| {
            let Some(engine) = self
                .engine
                .as_ref()
                .filter(|_| !self.is_opening && self.screen != Screen::Start)
            else {
                return self
                    .screens
                    .start
                    .show_ui(ui, &mut self.settings, self.is_opening, go);
            };
            let mut context = Context {
                engine,
                desk: &self.desk,
                history: &self.history,
                dialogs: &mut *self.dialogs,
                settings: &mut self.settings,
                go,
                wake: &self.wake,
            };
            self.screens.show_ui(self.screen, ui, &mut context);
        });
    }

    fn overlays_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
        if self.palette.is_open() || self.shows_shortcuts {
            let keys = commands::keys(ui.ctx());
            if let Some(id) = self
                .palette
                .show(ui.ctx(), &commands::list(&keys, self.engine().is_some()))
            {
                self.command(id, go);
            }
            shortcuts::show_sheet(ui.ctx(), &mut self.shows_shortcuts, &commands::sheet(&keys));
        }
        if let Some(chapter) = guide::asked(ui.ctx()) {
            self.guide.open(chapter);
        }
        self.guide.show(ui.ctx());
        self.frame_time.overlay(ui.ctx());
        self.picked(ui.ctx(), go);
    }

    /// What is told in passing stands in the status line, where it covers nothing.
    fn notices_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
        let Some(notice) = self.notices.last() else {
            let tokens = theme::tokens(ui);
            ui.label(RichText::new("Everything is saved").color(tokens.subdued))
                .on_hover_text("Each decision is on disk before it shows");
            return;
        };
        let is_closed = ui
            .small_button("✕")
            .on_hover_text("Dismiss")
            .accessible_name("Dismiss")
            .clicked();
        let undo = notice.undo.filter(|_| {
            ui.button("Undo")
                .on_hover_text("Undo it (Ctrl+Z)")
                .clicked()
        });
        ui.label(RichText::new(&notice.text).color(theme::tokens(ui).strong));
        if is_closed || undo.is_some() {
            self.notices.pop();
        }
        go.extend(undo.map(|seq| Go::Send(ChangeCommand::Undo(seq).into())));
    }

    /// Takes the answer of a dialog.
    fn picked(&mut self, ctx: &egui::Context, go: &mut Vec<Go>) {
        let Some(paths) = self.picker.poll(ctx) else {
            return;
        };
        match self.picked.take() {
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
        self.picker
            .ask(&*self.dialogs, pick, Request::titled(title));
        self.picked = Some(picked);
    }

    fn fulfil(&mut self, wish: Go) {
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

    fn show(&mut self, screen: Screen) {
        if screen == Screen::Start || self.engine.is_some() {
            self.screen = screen;
        }
    }

    fn send(&mut self, command: impl Into<Command>) {
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

/// A path as people write it: `~` for their own folder.
fn short_path(path: &Path) -> String {
    // Asked once: where no variable names it, the system reads a file for it.
    static HOME: LazyLock<Option<PathBuf>> =
        LazyLock::new(|| std::env::home_dir().filter(|home| home.components().count() > 1));
    let inside = HOME
        .as_ref()
        .and_then(|home| Some(Path::new("~").join(path.strip_prefix(home).ok()?)));
    inside.as_deref().unwrap_or(path).display().to_string()
}

/// Rate and time left of a job.
#[must_use]
pub fn progress_text(job: &JobView) -> String {
    let mut parts = Vec::new();
    if job.rows > 0 {
        parts.push(numbers::counted(job.rows, "row", "rows"));
        parts.push(format!("{} rows/s", numbers::count(job.rows_per_second())));
    }
    if let Some(left) = job.left_ms().filter(|_| job.elapsed_ms > 1000) {
        parts.push(format!("{} s left", left.div_ceil(1000)));
    }
    parts.join(" · ")
}
