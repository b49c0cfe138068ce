//! One shared ISRC: its tracks side by side, and what was reported with it.

use std::sync::Arc;

use eframe::egui::{self, Label, RichText, Ui};

use crate::catalog::{Track, TrackDraft};
use crate::contents::{Contents, ReadError};
use crate::desk::Desk;
use crate::desk::duplicates::{DuplicateDetail, Report, SharedField, duplicate_detail};
use crate::ident::Isrc;
use crate::job::Wake;
use crate::session::engine::JobCommand;
use crate::ui::background::Background;
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers, widgets};
use crate::ui::screens::review::status_tone;
use crate::ui::shared::{Context, Go, RowsToShow};
use crate::ui::text;

/// Reports that are listed.
const REPORTS: usize = 60;

pub(super) struct DuplicateInput {
    pub contents: Contents,
    pub desk: Arc<Desk>,
}

/// What is known of an ISRC, and of which desk it was asked.
pub(super) struct IsrcDetail {
    pub isrc: Isrc,
    pub desk: Arc<Desk>,
    pub detail: DuplicateDetail,
}

/// By ISRC and the generation of the desk.
pub(super) type IsrcDetails = Background<(Isrc, u64), DuplicateInput, IsrcDetail, ReadError>;

/// Starts the thread that collects details.
pub(super) fn details(wake: &Wake) -> IsrcDetails {
    Background::new("duplicate", wake, |(isrc, _), input: DuplicateInput, _| {
        let detail = duplicate_detail(&input.contents, &input.desk, isrc)?;
        Ok(IsrcDetail {
            isrc,
            desk: input.desk,
            detail,
        })
    })
}

/// The ISRC of one track, being corrected.
#[derive(Debug, Clone)]
pub(super) struct IsrcEditor {
    track: Track,
    text: String,
    wants_focus: bool,
}

/// Draws the tracks side by side; gives back the place of a track that was chosen for all reports.
pub(super) fn tracks_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    detail: &DuplicateDetail,
    editor: &mut Option<IsrcEditor>,
) -> Option<usize> {
    let mut chosen = None;
    egui::ScrollArea::horizontal()
        .id_salt("shared_tracks")
        .show(ui, |ui| {
            egui::Grid::new("shared_tracks")
                .num_columns(detail.tracks.len() + 1)
                .spacing([14.0, 4.0])
                .striped(true)
                .show(ui, |ui| {
                    ui.label("");
                    for (place, track) in detail.tracks.iter().enumerate() {
                        if head_ui(ui, context, place, track, editor) {
                            chosen = Some(place);
                        }
                    }
                    ui.end_row();
                    for field in &detail.fields {
                        field_ui(ui, field);
                        ui.end_row();
                    }
                });
        });
    if let Some(open) = editor
        && editor_ui(ui, context, open)
    {
        *editor = None;
    }
    chosen
}

fn head_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    place: usize,
    track: &Track,
    editor: &mut Option<IsrcEditor>,
) -> bool {
    let mut is_chosen = false;
    ui.vertical(|ui| {
        ui.set_min_width(150.0);
        let keys = if place < 9 {
            (place + 1).to_string()
        } else {
            String::new()
        };
        let hint =
            widgets::tooltip_with_keys(&format!("Prepare: all reports go to {}", track.id), &keys);
        is_chosen = ui
            .button(format!("{keys}  {}", track.id).trim_start())
            .on_hover_text(hint)
            .clicked();
        ui.horizontal(|ui| {
            if ui
                .link(RichText::new("Open in catalog").font(theme::small_font()))
                .clicked()
            {
                context.go(Go::ToTrack(track.id.clone()));
            }
            let change = ui.link(RichText::new("Correct ISRC").font(theme::small_font()));
            change.ctx.accesskit_node_builder(change.id, |node| {
                node.set_label(format!("Correct ISRC of {}", track.id))
            });
            if change
                .on_hover_text("When the catalog has the wrong code for this track")
                .clicked()
            {
                let text = track.isrc.map(|i| i.to_string()).unwrap_or_default();
                *editor = Some(IsrcEditor {
                    track: track.clone(),
                    text,
                    wants_focus: true,
                });
            }
        });
    });
    is_chosen
}

fn field_ui(ui: &mut Ui, field: &SharedField) {
    let tokens = theme::tokens(ui);
    let (sign, color, words) = if field.differs {
        (
            "≠",
            tokens.accent,
            "differs: this can tell the tracks apart",
        )
    } else {
        ("=", tokens.subdued, "equal in normal form")
    };
    ui.label(RichText::new(format!("{sign} {}", field.name)).color(color))
        .on_hover_text(words);
    for value in &field.values {
        let (shown, color) = match (value.as_str(), field.differs) {
            ("", _) => ("–", tokens.subdued),
            (value, true) => (value, tokens.accent),
            (value, false) => (value, tokens.text),
        };
        ui.scope(|ui| {
            ui.set_max_width(240.0);
            ui.add(Label::new(RichText::new(bidi::display(shown)).color(color)).truncate())
                .on_hover_text(value);
        });
    }
}

/// Draws the correction of a code; true when it is over.
fn editor_ui(ui: &mut Ui, context: &mut Context<'_>, editor: &mut IsrcEditor) -> bool {
    ui.add_space(4.0);
    let draft = TrackDraft {
        isrc: editor.text.clone(),
        ..TrackDraft::from(&editor.track)
    };
    let (track, problems) = draft.check();
    let mut is_over = false;
    ui.horizontal(|ui| {
        let label = ui.label(format!("New ISRC of {}", editor.track.id));
        let field = ui
            .add(
                egui::TextEdit::singleline(&mut editor.text)
                    .font(theme::code_font())
                    .desired_width(140.0),
            )
            .labelled_by(label.id);
        if std::mem::take(&mut editor.wants_focus) {
            field.request_focus();
        }
        let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let changed = track.filter(|t| t.isrc != editor.track.isrc);
        let can_save = changed.is_some();
        let save = ui
            .add_enabled(can_save, egui::Button::new("Save ISRC"))
            .on_hover_text("Changes the catalog; all statements are matched anew");
        if let Some(track) = changed.filter(|_| save.clicked() || is_entered) {
            context.send(JobCommand::EditTrack(Box::new(track)));
            is_over = true;
        }
        is_over |= ui.button("Keep it").clicked();
    });
    for problem in problems.iter().filter(|p| p.field == "ISRC") {
        let (sign, tone) = if problem.is_error {
            ("✗", Tone::Err)
        } else {
            ("▲", Tone::Warn)
        };
        ui.label(
            RichText::new(format!("{sign} {}", problem.text)).color(theme::tokens(ui).tone(tone)),
        );
    }
    is_over
}

/// Draws what was reported with the ISRC.
pub(super) fn reports_ui(ui: &mut Ui, context: &mut Context<'_>, detail: &IsrcDetail) {
    let reports = &detail.detail.reports;
    widgets::section_header_ui(
        ui,
        "Reported with it",
        &numbers::count(reports.len() as u64),
    );
    if reports.is_empty() {
        ui.label(
            RichText::new("No statement reports this ISRC. A rule can be taken now; it holds for reports to come.").color(theme::tokens(ui).subdued),
        );
        return;
    }
    let is_current = detail.desk.lines_generation == context.desk.lines_generation;
    egui::ScrollArea::horizontal()
        .id_salt("reports")
        .show(ui, |ui| {
            egui::Grid::new("reports")
                .num_columns(8)
                .spacing([12.0, 4.0])
                .striped(true)
                .show(ui, |ui| {
                    for head in [
                        "DSP",
                        "UPC",
                        "Title",
                        "Period",
                        "Rows",
                        "Amount",
                        "What became of it",
                        "",
                    ] {
                        ui.label(
                            RichText::new(head)
                                .font(theme::small_font())
                                .color(theme::tokens(ui).subdued),
                        );
                    }
                    ui.end_row();
                    for report in reports.iter().take(REPORTS) {
                        report_ui(ui, context, report, is_current);
                        ui.end_row();
                    }
                });
        });
    if reports.len() > REPORTS {
        ui.label(format!(
            "and {} more with less money",
            numbers::count((reports.len() - REPORTS) as u64)
        ));
    }
}

fn report_ui(ui: &mut Ui, context: &mut Context<'_>, report: &Report, is_current: bool) {
    let cell = |ui: &mut Ui, text: &str, width: f32| {
        ui.scope(|ui| {
            ui.set_max_width(width);
            ui.add(Label::new(bidi::display(if text.is_empty() { "–" } else { text })).truncate())
                .on_hover_text(text);
        });
    };
    cell(ui, &report.dsp, 130.0);
    ui.label(
        RichText::new(if report.upc.is_empty() {
            "–"
        } else {
            &report.upc
        })
        .font(theme::code_font()),
    );
    cell(ui, &report.title, 200.0);
    ui.label(report.period.to_string());
    right_ui(
        ui,
        RichText::new(numbers::count(report.sum.rows)).font(theme::number_font()),
        "",
    );
    let exact = text::exact_money(report.sum.amount, report.currency);
    right_ui(
        ui,
        RichText::new(text::money(report.sum.amount, report.currency)).font(theme::number_font()),
        &exact,
    );
    let tracks = report.tracks.join(", ");
    let color = theme::tokens(ui).tone(status_tone(report.status));
    let words = if tracks.is_empty() {
        report.status.code().to_owned()
    } else {
        format!("{} → {tracks}", report.status.code())
    };
    ui.scope(|ui| {
        ui.set_max_width(220.0);
        ui.add(Label::new(RichText::new(words.as_str()).color(color)).truncate())
            .on_hover_text(words.as_str());
    });
    if ui
        .add_enabled(is_current, egui::Link::new("Rows"))
        .on_hover_text("As they stand in the files")
        .clicked()
    {
        context.go(Go::ToRows(RowsToShow::OfLine(report.line)));
    }
}

fn right_ui(ui: &mut Ui, content: RichText, hint: &str) {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let label = ui.label(content);
        if !hint.is_empty() {
            label.on_hover_text(hint);
        }
    });
}
