//! The window's frame: navigation, status line, notices, faults, shortcuts, and the screen that is shown.
//!
//! Screens say what they want ([`super::shared::Go`]); it is done here, after the frame has been drawn, in one place.

mod events;
mod frame;
mod input;
mod wishes;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Ui};
use wishes::Picking;

use super::guide::GuideWindow;
use super::kit::dialogs::Dialogs;
use super::kit::frame_time::FrameTimes;
use super::kit::{palette, theme};
use super::screens::Screens;
use super::shared::{Screen, Settings};
use crate::desk::Desk;
use crate::job::Wake;
use crate::journal::Change;
use crate::session::engine::{Engine, Failure, JobView};
use crate::session::sample;
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
    told: Told,
    overlays: Overlays,
    picking: Picking,
}

/// What a person is told until they have seen it.
#[derive(Default)]
struct Told {
    notices: Vec<PassingNotice>,
    faults: Vec<Failure>,
}

/// What can lie over the screens.
#[derive(Default)]
struct Overlays {
    palette: palette::Palette,
    shows_shortcuts: bool,
    guide: GuideWindow,
    frame_time: FrameTimes,
}

/// Something told in passing.
struct PassingNotice {
    text: String,
    undo: Option<u64>,
    until: Instant,
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
            told: Told::default(),
            overlays: Overlays::default(),
            picking: Picking::default(),
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
        self.told.notices.push(PassingNotice {
            text,
            undo,
            until: Instant::now() + NOTICE,
        });
        let too_many = self.told.notices.len().saturating_sub(3);
        self.told.notices.drain(..too_many);
    }

    fn fault(&mut self, what: &str, cause: String) {
        self.told.faults.push(Failure {
            what: what.to_owned(),
            cause,
        });
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
        self.overlays.frame_time.end(began);
    }
}
