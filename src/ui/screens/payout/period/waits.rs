//! Money that waits, of the open period and of closed ones: why, what to do about it, and the way there.

use eframe::egui::{self, Align, Label, Layout, RichText, ScrollArea, Ui, vec2};

use crate::desk::period::PeriodView;
use crate::ident::Currency;
use crate::money::Amount;
use crate::settlement::SuspenseReason;
use crate::terms::pieces::TermKind;
use crate::ui::kit::{bidi, numbers, theme, widgets};
use crate::ui::shared::{Context, Go, Screen};
use crate::ui::text;

/// Lines that are listed of each.
const LISTED: usize = 400;
const AMOUNT: f32 = 150.0;
const REASON: f32 = 190.0;

pub(super) fn waits_ui(ui: &mut Ui, context: &mut Context<'_>, view: &PeriodView) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if view.suspense.is_empty()
            && view.open.waiting_before.is_empty()
            && view.open.ignored.is_empty()
        {
            ui.label("Nothing waits: all money of the period is settled");
            return;
        }
        if !view.suspense.is_empty() {
            of_this_period_ui(ui, context, view);
        }
        if !view.open.waiting_before.is_empty() {
            widgets::section_header_ui(
                ui,
                "Of closed periods",
                "once it is seen to, it is settled as a correction with the open period",
            );
            for line in view.open.waiting_before.iter().take(LISTED) {
                let remedy = because(&line.reason).map_or("", SuspenseReason::remedy);
                line_ui(
                    ui,
                    context,
                    (line.amount, line.currency),
                    &line.reason,
                    &format!("{}: {remedy}", line.period),
                    None,
                );
            }
            more_ui(ui, view.open.waiting_before.len());
            ui.add_space(8.0);
        }
        if !view.open.ignored.is_empty() {
            widgets::section_header_ui(ui, "Ignored by decisions", "no contract is asked about it");
            for (currency, amount) in &view.open.ignored {
                line_ui(
                    ui,
                    context,
                    (*amount, *currency),
                    "ignored",
                    "it is not the label's",
                    None,
                );
            }
        }
    });
}

fn of_this_period_ui(ui: &mut Ui, context: &mut Context<'_>, view: &PeriodView) {
    widgets::section_header_ui(
        ui,
        "Of this period",
        "settled as soon as somebody has seen to it, or as a correction later",
    );
    for line in view.suspense.iter().take(LISTED) {
        let first = line.contracts.split(" and ").next();
        let words = if line.contracts.is_empty() {
            line.remedy.to_owned()
        } else {
            format!("{}: {}", line.contracts, line.remedy)
        };
        line_ui(
            ui,
            context,
            (line.amount, line.currency),
            line.reason,
            &words,
            first.filter(|contract| !contract.is_empty()),
        );
    }
    more_ui(ui, view.suspense.len());
    ui.add_space(8.0);
}

fn more_ui(ui: &mut Ui, count: usize) {
    if count > LISTED {
        ui.label(format!(
            "… and {} more, in proof.json",
            numbers::count((count - LISTED) as u64)
        ));
    }
}

fn because(code: &str) -> Option<SuspenseReason> {
    SuspenseReason::ALL
        .into_iter()
        .find(|why| why.code() == code)
}

/// Why it waits, in words.
pub(super) fn reason_words(code: &str) -> &str {
    match because(code) {
        Some(SuspenseReason::NoContract) => "No contract covers it",
        Some(SuspenseReason::Overlap) => "Several contracts cover it",
        Some(SuspenseReason::MidPeriod) => "Covered only in part",
        Some(SuspenseReason::Uncovered) => "Parts leave a rest",
        Some(SuspenseReason::NoRate) => "An exchange rate is missing",
        Some(SuspenseReason::NoRateClause) => "No royalty rate fits",
        Some(SuspenseReason::NoSplit) => "No split fits",
        Some(SuspenseReason::NotMatched) => "It is not matched to a track",
        Some(SuspenseReason::Quarantined) => "Its rows are in quarantine",
        Some(SuspenseReason::Ignored) => "Ignored",
        Some(SuspenseReason::AlbumLine) => "No rule for whole releases",
        Some(SuspenseReason::AlbumRules) => "Rules for whole releases differ",
        Some(SuspenseReason::NoTracks) => "Its release is not known",
        Some(SuspenseReason::NoWeights) => "Its tracks have no weights",
        Some(SuspenseReason::NoUnits) => "Its tracks have no units",
        None => code,
    }
}

fn line_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    (amount, currency): (Amount, Currency),
    reason: &str,
    remedy: &str,
    contract: Option<&str>,
) {
    let tokens = theme::tokens(ui);
    ui.horizontal_top(|ui| {
        widgets::right_cell_ui(ui, AMOUNT, |ui| {
            let text = RichText::new(text::money(amount, currency))
                .font(theme::number_font())
                .color(tokens.strong);
            ui.label(text)
                .on_hover_text(text::exact_money(amount, currency));
        });
        ui.allocate_ui_with_layout(
            vec2(REASON, 18.0),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(REASON);
                ui.add(
                    Label::new(RichText::new(reason_words(reason)).color(tokens.warn)).truncate(),
                );
            },
        );
        let link = |ui: &mut Ui, label: &str| {
            ui.allocate_ui_with_layout(
                vec2(96.0, 18.0),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.set_min_width(96.0);
                    ui.link(label)
                        .accessible_name(format!("{label}: {}", reason_words(reason)))
                        .clicked()
                },
            )
            .inner
        };
        match because(reason) {
            Some(SuspenseReason::NotMatched) if link(ui, "Review") => {
                let currency = currency.code().to_lowercase();
                context.go(Go::ToReview(format!(
                    "status:ambiguous|unmatched|held currency:{currency}"
                )));
            }
            Some(SuspenseReason::NoRate) if link(ui, "Rates") => {
                context.go(Go::ToTerms(TermKind::Rates, None))
            }
            Some(SuspenseReason::NoTracks | SuspenseReason::NoWeights) if link(ui, "Releases") => {
                context.go(Go::ToTerms(TermKind::Release, None))
            }
            Some(SuspenseReason::Quarantined) if link(ui, "Statements") => {
                context.go(Go::To(Screen::Statements))
            }
            Some(
                SuspenseReason::NotMatched
                | SuspenseReason::NoRate
                | SuspenseReason::NoTracks
                | SuspenseReason::NoWeights
                | SuspenseReason::Quarantined,
            ) => {}
            Some(SuspenseReason::Ignored) => {
                drop(ui.allocate_exact_size(vec2(96.0, 18.0), egui::Sense::hover()))
            }
            Some(_) if link(ui, "Contracts") => {
                context.go(Go::ToTerms(TermKind::Contract, contract.map(str::to_owned)))
            }
            Some(_) => {}
            None => drop(ui.allocate_exact_size(vec2(96.0, 18.0), egui::Sense::hover())),
        }
        ui.add(Label::new(RichText::new(bidi::display(remedy)).color(tokens.subdued)).wrap());
    });
}
