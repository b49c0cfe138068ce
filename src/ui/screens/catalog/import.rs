//! What importing catalog files would change, before it is done.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, Key, Label, Modifiers, RichText, Ui};

use crate::catalog::{Difference, FilePlan, ImportPlan};
use crate::contents::{Contents, ReadError};
use crate::job::{Job, Latest, Wake};
use crate::session::engine::JobCommand;
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers, widgets};
use crate::ui::shared::Context;

/// Differences that are listed.
const SHOWN: usize = 200;
/// Warnings and rejected rows that are listed.
const LISTED: usize = 20;

struct ImportQuestion {
    contents: Contents,
    files: Vec<PathBuf>,
    job: Job,
}

/// The preview of an import.
pub(super) struct ImportPreview {
    plans: Latest<ImportQuestion, Result<ImportPlan, ReadError>>,
    files: Vec<PathBuf>,
    job: Job,
    plan: Option<Result<ImportPlan, String>>,
    is_open: bool,
    /// Whether the question still has to be asked: a frame has the handle to read by, whoever drops a file has not.
    is_asked: bool,
}

impl ImportPreview {
    pub(super) fn new(wake: &Wake) -> Self {
        let wake = Arc::clone(wake);
        Self {
            plans: Latest::new(
                "catalog plan",
                move || wake(),
                |q: ImportQuestion, _: &dyn Fn() -> bool| {
                    q.contents.plan_catalog_import(&q.files, &q.job, SHOWN)
                },
            ),
            files: Vec::new(),
            job: Job::new(0),
            plan: None,
            is_open: false,
            is_asked: true,
        }
    }

    /// Begins with these files.
    pub(super) fn begin(&mut self, files: Vec<PathBuf>) {
        self.job.cancel();
        self.files = files;
        self.plan = None;
        self.is_open = true;
        self.is_asked = false;
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    fn close(&mut self) {
        self.job.cancel();
        self.is_open = false;
        self.plan = None;
    }

    pub(super) fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        if !self.is_asked
            && let Some(contents) = context.engine.contents()
        {
            self.job = Job::new(0);
            self.plans.ask(ImportQuestion {
                contents,
                files: self.files.clone(),
                job: self.job.clone(),
            });
            self.is_asked = true;
        }
        if let Some(plan) = self.plans.take() {
            self.plan = Some(plan.map_err(|e| e.to_string()));
        }
        let can_take =
            matches!(&self.plan, Some(Ok(plan)) if plan.report.added + plan.report.changed > 0);
        let is_typing = ui.ctx().text_edit_focused();
        let key =
            |ui: &Ui, key: Key| !is_typing && ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let mut take = can_take && key(ui, Key::Enter);
        let mut drop = key(ui, Key::Escape);
        egui::Panel::bottom("import_actions").show(ui, |ui| {
            ui.add_space(6.0);
            ui.horizontal(|ui| {
                take |= ui
                    .add_enabled_ui(can_take, |ui| {
                        widgets::main_button_ui(ui, "Import the catalog", "Enter").clicked()
                    })
                    .inner;
                drop |= widgets::command_button_ui(ui, "Cancel import", "Escape").clicked();
                ui.label(
                    RichText::new("All of it or nothing; the files stay as they are")
                        .color(theme::tokens(ui).subdued),
                );
            });
            ui.add_space(6.0);
        });
        egui::CentralPanel::default().show(ui, |ui| self.body_ui(ui));
        if take {
            context.send(JobCommand::ImportCatalog(self.files.clone()));
        }
        if take || drop {
            self.close();
        }
    }

    fn body_ui(&self, ui: &mut Ui) {
        let names: Vec<String> = self
            .files
            .iter()
            .filter_map(|f| f.file_name())
            .map(|n| n.to_string_lossy().into_owned())
            .collect();
        ui.heading(format!("Import {}", names.join(", ")));
        ui.add_space(4.0);
        match &self.plan {
            None => {
                let (_, _, rows) = self.job.progress();
                let note = if rows > 0 {
                    numbers::counted(rows, "row", "rows")
                } else {
                    "reading and comparing".into()
                };
                ui.horizontal(|ui| {
                    ui.spinner();
                    ui.label(format!("Finding out what would change: {note}"));
                });
            }
            Some(Err(cause)) => {
                let remedy = "Nothing was changed. Correct the file and choose it again.";
                widgets::error_panel_ui(
                    ui,
                    widgets::ErrorPanel {
                        what: "The catalog cannot be imported",
                        cause,
                        remedy,
                        guide: "catalog",
                    },
                );
            }
            Some(Ok(plan)) => {
                egui::ScrollArea::vertical()
                    .auto_shrink(false)
                    .show(ui, |ui| plan_ui(ui, plan));
            }
        }
    }
}

fn plan_ui(ui: &mut Ui, plan: &ImportPlan) {
    let report = &plan.report;
    let count = |n: u64| numbers::count(n);
    let added = count(report.added);
    let changed = count(report.changed);
    let unchanged = count(report.unchanged);
    let repeated = count(report.repeated);
    let warnings = count(report.warnings);
    let rejected = count(report.rejected.len() as u64);
    let toned = |n: u64, tone: Tone| if n > 0 { tone } else { Tone::Subdued };
    widgets::key_values_ui(
        ui,
        "import_counts",
        &[
            ("Tracks that are new", &added, toned(report.added, Tone::Ok)),
            (
                "Tracks that change",
                &changed,
                toned(report.changed, Tone::Accent),
            ),
            ("Tracks that stay as they are", &unchanged, Tone::Normal),
            (
                "Rows that repeat another row",
                &repeated,
                toned(report.repeated, Tone::Normal),
            ),
            (
                "Cells that are left out",
                &warnings,
                toned(report.warnings, Tone::Warn),
            ),
            (
                "Rows that are rejected",
                &rejected,
                toned(report.rejected.len() as u64, Tone::Err),
            ),
        ],
    );
    plan.files.iter().for_each(|file| file_ui(ui, file));
    list_ui(
        ui,
        "Rejected rows",
        "✗",
        Tone::Err,
        &report.rejected,
        report.rejected.len() as u64,
    );
    list_ui(
        ui,
        "Cells that are left out",
        "▲",
        Tone::Warn,
        &report.first_warnings,
        report.warnings,
    );
    differences_ui(ui, plan);
}

fn file_ui(ui: &mut Ui, file: &FilePlan) {
    ui.add_space(8.0);
    widgets::section_header_ui(
        ui,
        &format!("Columns of {}", file.name),
        "as the header names them, and what they are taken for",
    );
    let tokens = theme::tokens(ui);
    ui.horizontal_wrapped(|ui| {
        for (name, meaning) in &file.columns {
            let (text, color) = match meaning {
                Some(meaning) => (format!("{} → {meaning}", bidi::display(name)), tokens.text),
                None => (
                    format!("{} – passed over", bidi::display(name)),
                    tokens.subdued,
                ),
            };
            egui::Frame::new()
                .fill(tokens.raised)
                .corner_radius(4)
                .inner_margin(egui::Margin::symmetric(8, 3))
                .show(ui, |ui| {
                    ui.label(RichText::new(text).color(color));
                });
        }
    });
}

fn list_ui(ui: &mut Ui, title: &str, sign: &str, tone: Tone, sentences: &[String], total: u64) {
    if sentences.is_empty() {
        return;
    }
    ui.add_space(8.0);
    widgets::section_header_ui(ui, title, &first_of(sentences.len().min(LISTED), total));
    let color = theme::tokens(ui).tone(tone);
    for sentence in sentences.iter().take(LISTED) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(sign).color(color));
            ui.add(Label::new(bidi::display(sentence)).selectable(true).wrap());
        });
    }
}

fn first_of(shown: usize, total: u64) -> String {
    if shown as u64 == total {
        numbers::count(total)
    } else {
        format!("the first {shown} of {}", numbers::count(total))
    }
}

fn differences_ui(ui: &mut Ui, plan: &ImportPlan) {
    let total = plan.report.added + plan.report.changed;
    ui.add_space(8.0);
    widgets::section_header_ui(ui, "What changes", &first_of(plan.differences.len(), total));
    if total == 0 {
        ui.label("Nothing: the catalog has all of it already");
        return;
    }
    egui::Grid::new("differences")
        .num_columns(3)
        .spacing([16.0, 4.0])
        .striped(true)
        .show(ui, |ui| {
            for difference in &plan.differences {
                difference_ui(ui, difference);
                ui.end_row();
            }
        });
}

fn difference_ui(ui: &mut Ui, difference: &Difference) {
    let tokens = theme::tokens(ui);
    let is_new = difference.before.is_none();
    let (sign, tone) = if is_new {
        ("+ new", Tone::Ok)
    } else {
        ("≠ changed", Tone::Accent)
    };
    ui.label(RichText::new(sign).color(tokens.tone(tone)));
    ui.label(RichText::new(&difference.after.id).font(theme::code_font()));
    let text = difference
        .fields()
        .into_iter()
        .map(
            |(name, before, after)| match (is_new, before.as_str(), after.as_str()) {
                (true, _, after) => format!("{name} {after}"),
                (_, "", after) => format!("{name}: (none) → {after}"),
                (_, before, "") => format!("{name}: {before} → (none)"),
                (_, before, after) => format!("{name}: {before} → {after}"),
            },
        )
        .collect::<Vec<_>>()
        .join("  ·  ");
    ui.add(Label::new(bidi::display(&text)).wrap());
}
