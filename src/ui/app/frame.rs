//! What stands around the screens: status line, navigation, faults, overlays, notices.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use eframe::egui::{self, Align, Layout, RichText, Ui};

use super::App;
use crate::session::engine::{ChangeCommand, JobView};
use crate::ui::commands::{self, CommandId};
use crate::ui::guide;
use crate::ui::kit::{numbers, shortcuts, theme, widgets};
use crate::ui::shared::{Context, Go, Screen};

impl App {
    pub(super) fn status_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
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

    pub(super) fn navigation_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
        egui::Panel::left("navigation")
            .resizable(false)
            .exact_size(148.0)
            .show(ui, |ui| {
                ui.add_space(6.0);
                ui.heading("Ledgerline");
                ui.add_space(8.0);
                for (index, screen) in Screen::ALL.into_iter().enumerate() {
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
                    if index == 0 || screen == Screen::Lines {
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
                        self.overlays.shows_shortcuts = true;
                    }
                    if ui
                        .button("Commands")
                        .on_hover_text("Find any command (Ctrl+K)")
                        .clicked()
                    {
                        self.overlays.palette.open();
                    }
                    ui.menu_button("Theme", theme::preference_ui)
                        .response
                        .on_hover_text("Dark, light, or as the system");
                    self.settings.theme = theme::preference(ui.ctx());
                });
            });
    }

    pub(super) fn faults_ui(&mut self, ui: &mut Ui) {
        if self.told.faults.is_empty() {
            return;
        }
        let mut dismissed = None;
        egui::Panel::bottom("faults").show(ui, |ui| {
            egui::ScrollArea::vertical()
                .max_height(180.0)
                .show(ui, |ui| {
                    for (index, fault) in self.told.faults.iter().enumerate() {
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
                            dismissed = Some(index);
                        }
                    }
                });
        });
        if let Some(index) = dismissed {
            self.told.faults.remove(index);
        }
    }

    pub(super) fn central_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
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

    pub(super) fn overlays_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
        if self.overlays.palette.is_open() || self.overlays.shows_shortcuts {
            let keys = commands::keys(ui.ctx());
            if let Some(id) = self
                .overlays
                .palette
                .show(ui.ctx(), &commands::list(&keys, self.engine().is_some()))
            {
                self.command(id, go);
            }
            shortcuts::show_sheet(
                ui.ctx(),
                &mut self.overlays.shows_shortcuts,
                &commands::sheet(&keys),
            );
        }
        if let Some(chapter) = guide::asked(ui.ctx()) {
            self.overlays.guide.open(chapter);
        }
        self.overlays.guide.show(ui.ctx());
        self.overlays.frame_time.overlay(ui.ctx());
        self.picked(ui.ctx(), go);
    }

    /// What is told in passing stands in the status line, where it covers nothing.
    fn notices_ui(&mut self, ui: &mut Ui, go: &mut Vec<Go>) {
        let Some(notice) = self.told.notices.last() else {
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
            self.told.notices.pop();
        }
        go.extend(undo.map(|seq| Go::Send(ChangeCommand::Undo(seq).into())));
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
