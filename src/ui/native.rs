//! The window of the operating system around the [`App`].

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use eframe::egui;

use super::app::{App, Start};
use super::kit::dialogs::SystemDialogs;
use super::shared::Settings;

/// Name under which the settings are kept, and of the desktop entry.
pub const APP_ID: &str = "ledgerline";
const SETTINGS: &str = "settings";

/// Opens the window and runs until it is closed.
#[must_use]
pub fn run(workspace: Option<PathBuf>, files: Vec<PathBuf>) -> ExitCode {
    let viewport = egui::ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Ledgerline")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([960.0, 600.0])
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions {
        viewport,
        ..eframe::NativeOptions::default()
    };
    let create: eframe::AppCreator<'_> =
        Box::new(move |creation| Ok(Box::new(Shell::new(creation, workspace, files))));
    match eframe::run_native(APP_ID, options, create) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the window cannot be opened: {error}");
            eprintln!(
                "       It needs a display (X11 or Wayland) and OpenGL. On Debian the packages are: {PACKAGES}"
            );
            eprintln!("       Everything can be done without a window too; see: ledgerline help");
            ExitCode::from(1)
        }
    }
}

/// What the window loads while it starts; the program itself links none of it.
const PACKAGES: &str = "libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libgl1 libgl1-mesa-dri";

struct Shell {
    app: App,
}

impl Shell {
    fn new(
        creation: &eframe::CreationContext<'_>,
        workspace: Option<PathBuf>,
        files: Vec<PathBuf>,
    ) -> Self {
        let stored = creation.storage.and_then(|s| s.get_string(SETTINGS));
        let settings: Settings = stored
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default();
        let ctx = creation.egui_ctx.clone();
        let wake: crate::job::Wake = Arc::new(move || ctx.request_repaint());
        let data = eframe::storage_dir(APP_ID).unwrap_or_else(std::env::temp_dir);
        let start = Start {
            workspace,
            files,
            data,
            who: crate::session::user_name(),
        };
        Self {
            app: App::new(
                &creation.egui_ctx,
                settings,
                Box::new(SystemDialogs::new(&creation.egui_ctx)),
                wake,
                start,
            ),
        }
    }
}

impl eframe::App for Shell {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.app.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        self.app.root_ui(ui);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        let settings = serde_json::to_string(self.app.settings())
            .expect("settings have only text, numbers and lists");
        storage.set_string(SETTINGS, settings);
    }
}
