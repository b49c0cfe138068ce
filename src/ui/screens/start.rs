//! Where a first-time user begins: the sample label, a new workspace, or one of those that were open before.

use eframe::egui::{self, RichText, Ui};

use crate::ui::kit::{theme, widgets};
use crate::ui::shared::{Go, Settings};

/// The start screen.
#[derive(Debug, Default)]
pub struct StartScreen;

impl StartScreen {
    /// Draws it.
    pub fn show_ui(
        &mut self,
        ui: &mut Ui,
        settings: &mut Settings,
        is_opening: bool,
        go: &mut Vec<Go>,
    ) {
        if is_opening {
            let text =
                "Statements are checked against what was written, and matched to the catalog";
            widgets::empty_state_ui(
                ui,
                widgets::EmptyState {
                    icon: "…",
                    headline: "Opening the workspace",
                    next: text,
                    button: None,
                    guide: "",
                },
            );
            return;
        }
        egui::ScrollArea::vertical().show(ui, |ui| {
            ui.add_space(24.0);
            ui.vertical(|ui| {
                ui.set_max_width(760.0);
                ui.heading(RichText::new("From streaming reports to payments that add up to the last digit").size(20.0));
                ui.add_space(4.0);
                ui.label("A workspace is a folder that remembers your catalog, your statements and every decision. It stays on this computer.");
                ui.add_space(16.0);
                choices_ui(ui, go);
                ui.add_space(24.0);
                recent_ui(ui, settings, go);
            });
        });
    }
}

fn choices_ui(ui: &mut Ui, go: &mut Vec<Go>) {
    let choices = [
        (
            "Open the sample label",
            "An imaginary label with 1,902 tracks and a month of reports, to try everything out",
            Go::OpenSample,
            true,
        ),
        (
            "Open or make a workspace…",
            "Choose a workspace, or an empty folder for a new one (Ctrl+Shift+O)",
            Go::PickWorkspace,
            false,
        ),
        (
            "Open statements…",
            "Import reports of DSPs and distributors into the workspace (Ctrl+O)",
            Go::PickStatements,
            false,
        ),
    ];
    let tokens = theme::tokens(ui);
    for (title, text, wish, is_primary) in choices {
        egui::Frame::new()
            .fill(tokens.raised)
            .stroke(egui::Stroke::new(1.0, tokens.line))
            .corner_radius(6)
            .inner_margin(12)
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.horizontal(|ui| {
                    let mut button = egui::Button::new(if is_primary {
                        RichText::new(title).color(tokens.on_accent)
                    } else {
                        RichText::new(title)
                    });
                    if is_primary {
                        button = button.fill(tokens.accent);
                    }
                    if ui.add_sized([220.0, 32.0], button).clicked() {
                        go.push(wish);
                    }
                    ui.add_space(8.0);
                    ui.label(RichText::new(text).color(tokens.subdued));
                });
            });
    }
}

fn recent_ui(ui: &mut Ui, settings: &mut Settings, go: &mut Vec<Go>) {
    if settings.recent.is_empty() {
        return;
    }
    ui.label(RichText::new("Recent workspaces").strong());
    let mut forgotten = None;
    for (index, folder) in settings.recent.iter().enumerate() {
        ui.horizontal(|ui| {
            let is_there = folder.is_dir();
            if ui
                .add_enabled(
                    is_there,
                    egui::Button::new(folder.display().to_string()).frame(false),
                )
                .clicked()
            {
                go.push(Go::OpenWorkspace(folder.clone()));
            }
            if !is_there {
                ui.label(RichText::new("is not there").color(theme::tokens(ui).subdued));
                if ui.small_button("Forget").clicked() {
                    forgotten = Some(index);
                }
            }
        });
    }
    if let Some(index) = forgotten {
        settings.recent.remove(index);
    }
}
