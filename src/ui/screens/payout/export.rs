//! The export: where to, with or without the line CSV, how far it is, and what came of it.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Ui};

use crate::session::engine::{JobCommand, JobView};
use crate::ui::kit::dialogs::Request;
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::{Notice, NoticeAnswer, ProgressBar};
use crate::ui::kit::{numbers, widgets};
use crate::ui::picker::{Pick, Picker};
use crate::ui::shared::Context;

/// The export as the screen remembers it.
#[derive(Default)]
pub(super) struct Export {
    with_lines: bool,
    picker: Picker,
    last_folder: Option<PathBuf>,
    notice: Option<Notice>,
    /// Asked for by a key, not by the button.
    is_wanted: bool,
}

impl Export {
    /// Results are written.
    pub(super) fn done(&mut self, out: &Path, fingerprint: &str) {
        let text = format!(
            "The results are in {}; their fingerprint is {fingerprint}",
            out.display()
        );
        self.notice = Some(Notice {
            tone: Tone::Ok,
            text,
            action: Some("Copy fingerprint".into()),
        });
        self.last_folder = Some(out.to_owned());
    }

    /// The same as the button, for the next frame.
    pub(super) fn begin(&mut self) {
        self.is_wanted = true;
    }

    /// There is nothing to export.
    pub(super) fn forget(&mut self) {
        self.is_wanted = false;
    }

    /// The button and its choice, at the right end of a row. `block` says why there is nothing to export.
    pub(super) fn controls_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        block: Option<String>,
    ) {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let is_wanted = std::mem::take(&mut self.is_wanted) && block.is_none();
            let button = ui.add_enabled_ui(block.is_none(), |ui| widgets::main_button_ui(ui, "Export results…", "Ctrl+E")).inner;
            let hint = "Payouts, exceptions, quarantine and a summary, into a folder; the files of an earlier export there are replaced";
            let button = button.on_hover_text(hint).on_disabled_hover_text(block.unwrap_or_default());
            if button.clicked() || is_wanted {
                let request = Request { folder: self.last_folder.clone(), ..Request::titled("Choose a folder for the results") };
                self.picker.ask(&*context.dialogs, Pick::Folder, request);
            }
            ui.checkbox(&mut self.with_lines, "With all rows").on_hover_text("lines.csv too: one line for each row of each statement");
        });
        if let Some(out) = self
            .picker
            .poll(ui.ctx())
            .and_then(|paths| paths.into_iter().next())
        {
            self.notice = None;
            context.send(JobCommand::Export {
                out,
                with_lines: self.with_lines,
            });
        }
    }

    /// How far a running export is, and what came of the last one.
    pub(super) fn progress_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        for job in context
            .engine
            .jobs()
            .iter()
            .filter(|job| job.title.starts_with("Export "))
        {
            job_ui(ui, context, job);
        }
        let Some(notice) = &self.notice else { return };
        match widgets::notice_ui(ui, notice) {
            Some(NoticeAnswer::Dismissed) => self.notice = None,
            Some(NoticeAnswer::Action) => {
                let fingerprint = notice
                    .text
                    .rsplit(' ')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                ui.ctx().copy_text(fingerprint);
            }
            None => {}
        }
    }
}

fn job_ui(ui: &mut Ui, context: &Context<'_>, job: &JobView) {
    let note = match (job.is_cancelled, job.is_running, job.rows) {
        (true, _, _) => "Stopping…".to_owned(),
        (_, false, _) => "Waits for its turn".to_owned(),
        (_, _, 0) => "Matching and adding up".to_owned(),
        (_, _, rows) => format!(
            "{}, {} a second",
            numbers::counted(rows, "row", "rows"),
            numbers::count(job.rows_per_second())
        ),
    };
    let permille = job.per_mille().and_then(|p| u16::try_from(p).ok());
    let progress = ProgressBar {
        title: &job.title,
        note: &note,
        permille,
        can_cancel: !job.is_cancelled,
    };
    if widgets::progress_row_ui(ui, progress) {
        context.engine.cancel(job.id);
    }
}
