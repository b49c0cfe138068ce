//! The conservation proof on the screen: one verdict, and every equation in words and numbers.

use eframe::egui::{self, Align, Label, Layout, RichText, TextWrapMode, Ui, vec2};

use crate::desk::payout::{Equation, PayoutView};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::{PillStatus, name_as_heading, pill_ui};
use crate::ui::kit::{numbers, theme};
use crate::ui::text;

const HOLDS: PillStatus<'static> = PillStatus {
    sign: "✓",
    word: "Holds",
    tone: Tone::Ok,
};
const FAILS: PillStatus<'static> = PillStatus {
    sign: "✗",
    word: "Fails",
    tone: Tone::Err,
};

/// Shows the verdict, and the equations below it when they are wanted.
pub(super) fn proof_ui(ui: &mut Ui, view: &PayoutView, shows_equations: &mut bool) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        pill_ui(ui, if view.is_proven() { HOLDS } else { FAILS });
        let text = verdict(view);
        let label = ui.label(
            RichText::new(&text)
                .font(theme::medium_font(theme::BODY))
                .color(tokens.strong),
        );
        name_as_heading(ui, &label, &text);
        ui.toggle_value(shows_equations, "Equations")
            .on_hover_text("Every equation of the proof, with its terms");
    });
    if *shows_equations {
        egui::ScrollArea::vertical()
            .id_salt("equations")
            .max_height(132.0)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                // What does not hold must not have to be looked for.
                let (holding, failing): (Vec<_>, Vec<_>) =
                    view.equations.iter().partition(|equation| equation.holds);
                failing
                    .into_iter()
                    .chain(holding)
                    .for_each(|equation| equation_ui(ui, equation));
            });
    }
}

fn verdict(view: &PayoutView) -> String {
    let count = numbers::counted(view.equations.len() as u64, "equation", "equations");
    match view.block() {
        Some(why) => format!("{why}. Nothing can be exported; please report this"),
        None => format!(
            "No money was lost on the way: {count} in {} hold",
            numbers::counted(view.currencies.len() as u64, "currency", "currencies")
        ),
    }
}

/// One line, or more when the window is narrow: an equation that is cut proves nothing.
fn equation_ui(ui: &mut Ui, equation: &Equation) {
    let tokens = theme::tokens(ui);
    ui.horizontal_top(|ui| {
        pill_ui(ui, if equation.holds { HOLDS } else { FAILS });
        for (text, color, width) in [
            (equation.currency.as_str(), tokens.strong, 34.0),
            (equation.what, tokens.subdued, 44.0),
        ] {
            ui.allocate_ui_with_layout(
                vec2(width, 18.0),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.set_min_width(width);
                    ui.label(RichText::new(text).color(color));
                },
            );
        }
        let color = if equation.holds {
            tokens.text
        } else {
            tokens.err
        };
        ui.add(
            Label::new(RichText::new(sentence(equation)).color(color))
                .selectable(true)
                .wrap_mode(TextWrapMode::Wrap),
        );
    });
}

/// `12.5 reported = 10 matched + 2.5 unmatched`, every term with all its digits.
fn sentence(equation: &Equation) -> String {
    let term = |term: &crate::desk::payout::AccountTerm| {
        format!("{} {}", text::exact(term.amount), term.word)
    };
    let terms: Vec<String> = equation.terms.iter().map(term).collect();
    let sign = if equation.holds { "=" } else { "≠" };
    format!("{} {sign} {}", term(&equation.left), terms.join(" + "))
}
