//! Closed periods: when, by whom, what was paid; verified again from what is kept of them, and given out.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{self, Frame, Label, Margin, RichText, ScrollArea, Stroke, Ui};

use crate::contents::Contents;
use crate::ident::Currency;
use crate::job::{Latest, Wake};
use crate::period::{ClosedPeriod, PeriodVerdict};
use crate::session::engine::JobCommand;
use crate::ui::kit::dialogs::Request;
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::{PillStatus, pill_ui};
use crate::ui::kit::{numbers, theme};
use crate::ui::picker::{Pick, Picker};
use crate::ui::shared::Context;
use crate::ui::text;

type PeriodCheck = Result<PeriodVerdict, String>;

/// The list, with what was found out about its periods.
pub(super) struct ClosedList {
    verifying: Latest<(Contents, String), (String, PeriodCheck)>,
    busy: Option<String>,
    verdicts: BTreeMap<String, PeriodCheck>,
    picker: Picker,
    to_export: Option<String>,
}

impl ClosedList {
    pub(super) fn new(wake: &Wake) -> Self {
        let wake = Arc::clone(wake);
        Self {
            verifying: Latest::new(
                "verify period",
                move || wake(),
                |(contents, period): (Contents, String), _: &dyn Fn() -> bool| {
                    let verdict = contents.verify_period(&period).map_err(|e| e.to_string());
                    (period, verdict)
                },
            ),
            busy: None,
            verdicts: BTreeMap::new(),
            picker: Picker::default(),
            to_export: None,
        }
    }

    pub(super) fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        if let Some((period, verdict)) = self.verifying.take() {
            self.busy = None;
            self.verdicts.insert(period, verdict);
        }
        if let Some(out) = self
            .picker
            .poll(ui.ctx())
            .and_then(|paths| paths.into_iter().next())
            && let Some(period) = self.to_export.take()
        {
            context.send(JobCommand::ExportPeriod { period, out });
        }
        let periods = Arc::clone(context.desk.periods());
        if periods.is_empty() {
            ui.label("No period is closed yet. Closing pays what is payable and keeps all that it was settled from");
            return;
        }
        ScrollArea::vertical()
            .id_salt("closed_periods")
            .auto_shrink(false)
            .show(ui, |ui| {
                for period in periods.iter().rev() {
                    self.period_ui(ui, context, period);
                    ui.add_space(6.0);
                }
            });
    }

    fn period_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, period: &ClosedPeriod) {
        let tokens = theme::tokens(ui);
        let frame = Frame::NONE
            .fill(tokens.raised)
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(6.0);
        frame.inner_margin(Margin::symmetric(10, 8)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                ui.label(
                    RichText::new(&period.period)
                        .font(theme::medium_font(theme::BODY))
                        .color(tokens.strong),
                );
                ui.label(
                    RichText::new(format!("closed by {}, {}", period.who, when(&period.at)))
                        .color(tokens.subdued),
                );
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    self.buttons_ui(ui, context, period)
                });
            });
            facts_ui(ui, period);
            if let Some(verdict) = self.verdicts.get(&period.period) {
                verdict_ui(ui, verdict);
            }
        });
    }

    fn buttons_ui(&mut self, ui: &mut Ui, context: &Context<'_>, period: &ClosedPeriod) {
        let name = &period.period;
        if ui
            .button("Export…")
            .accessible_name(format!("Export {name}…"))
            .on_hover_text("All its files, into a folder")
            .clicked()
        {
            self.picker.ask(
                &*context.dialogs,
                Pick::Folder,
                Request::titled(&format!("Choose a folder for {name}")),
            );
            self.to_export = Some(name.clone());
        }
        let hint = "Settles it once more from what is kept and compares every file, byte by byte";
        let verify = ui
            .add_enabled(self.busy.is_none(), egui::Button::new("Verify"))
            .accessible_name(format!("Verify {name}"));
        if verify.on_hover_text(hint).clicked()
            && let Some(contents) = context.engine.contents()
        {
            self.verdicts.remove(name);
            self.verifying.ask((contents, name.clone()));
            self.busy = Some(name.clone());
        }
        if self.busy.as_ref() == Some(name) {
            ui.spinner();
        }
    }
}

fn facts_ui(ui: &mut Ui, period: &ClosedPeriod) {
    let tokens = theme::tokens(ui);
    let money = |code: &str, amount| {
        Currency::parse(code)
            .map_or_else(|_| format!("{amount} {code}"), |c| text::money(amount, c))
    };
    let paid: Vec<String> = period
        .payable
        .iter()
        .map(|(code, amount)| money(code, *amount))
        .collect();
    let statements = numbers::counted(period.statements.len() as u64, "statement", "statements");
    ui.add(
        Label::new(format!(
            "Paid {} for {statements}",
            if paid.is_empty() {
                "nothing".into()
            } else {
                paid.join(", ")
            }
        ))
        .wrap(),
    );
    let waited: Vec<String> = period
        .waiting
        .iter()
        .map(|w| {
            format!(
                "{} ({})",
                text::money(w.amount, w.currency),
                super::waits::reason_words(&w.reason).to_lowercase()
            )
        })
        .collect();
    if !waited.is_empty() {
        ui.add(
            Label::new(
                RichText::new(format!("Waited then: {}", waited.join(", "))).color(tokens.subdued),
            )
            .wrap(),
        );
    }
    let fingerprint = RichText::new(format!("Fingerprint {}", period.fingerprint))
        .font(theme::small_font())
        .color(tokens.subdued);
    ui.add(Label::new(fingerprint).selectable(true).truncate())
        .on_hover_text("Stands for all that it was settled from and came to");
}

fn verdict_ui(ui: &mut Ui, verdict: &PeriodCheck) {
    ui.add_space(4.0);
    let (status, sentences) = match verdict {
        Ok(found) if found.is_sound => (
            PillStatus {
                sign: "✓",
                word: "Sound",
                tone: Tone::Ok,
            },
            found.sentences.clone(),
        ),
        Ok(found) => (
            PillStatus {
                sign: "✗",
                word: "Not sound",
                tone: Tone::Err,
            },
            found.sentences.clone(),
        ),
        Err(cause) => (
            PillStatus {
                sign: "✗",
                word: "Cannot be verified",
                tone: Tone::Err,
            },
            vec![cause.clone()],
        ),
    };
    pill_ui(ui, status);
    for sentence in sentences {
        ui.add(
            Label::new(RichText::new(sentence).color(theme::tokens(ui).text))
                .selectable(true)
                .wrap(),
        );
    }
}

/// `2026-10-02 14:05` of a time as the journal has it.
fn when(at: &str) -> String {
    at.get(..16)
        .map_or_else(|| at.to_owned(), |minute| minute.replace('T', " "))
}
