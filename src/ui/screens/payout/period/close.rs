//! The question before a period is closed: what it means, in amounts.

use eframe::egui::{Align, Context, Id, Label, Layout, Modal, RichText, Ui};

use crate::desk::period::PeriodView;
use crate::money::Amount;
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::text;

/// Whether it is being asked.
#[derive(Debug, Default)]
pub(super) struct Closing {
    is_asked: bool,
}

impl Closing {
    pub(super) fn begin(&mut self) {
        self.is_asked = true;
    }

    /// Shows the question while it is asked. True when the period shall be closed.
    pub(super) fn dialog_ui(&mut self, ctx: &Context, view: &PeriodView) -> bool {
        if !self.is_asked {
            return false;
        }
        let modal = Modal::new(Id::unique("close period")).show(ctx, |ui| content_ui(ui, view));
        let answer = if modal.should_close() {
            Some(false)
        } else {
            modal.inner
        };
        self.is_asked = answer.is_none();
        answer == Some(true)
    }
}

fn content_ui(ui: &mut Ui, view: &PeriodView) -> Option<bool> {
    let tokens = theme::tokens(ui);
    let open = &view.open;
    ui.set_width(520.0);
    let title = format!("Close {}?", open.settled.period);
    let heading = ui.label(
        RichText::new(&title)
            .font(theme::medium_font(theme::HEADING))
            .color(tokens.strong),
    );
    widgets::name_as_heading(ui, &heading, &title);
    ui.add_space(4.0);
    for sentence in sentences(view) {
        ui.add(Label::new(sentence).wrap());
    }
    ui.add_space(4.0);
    let warning = "It cannot be undone. What changes later about its statements, contracts or rates does not change it: the difference is \
                   settled as a correction with the next period.";
    ui.add(Label::new(RichText::new(warning).color(tokens.warn)).wrap());
    ui.add_space(10.0);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let is_closed = widgets::main_button_ui(ui, "Close the period", "").clicked();
        let is_left = ui.button("Not yet").clicked();
        if is_left {
            Some(false)
        } else {
            is_closed.then_some(true)
        }
    })
    .inner
}

fn sentences(view: &PeriodView) -> Vec<String> {
    let open = &view.open;
    let all = |amount: &dyn Fn(&crate::desk::period::PeriodSums) -> Amount| {
        let sums = view.sums.iter().filter(|s| !amount(s).is_zero());
        sums.map(|s| text::money(amount(s), s.currency))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let statements = numbers::counted(
        open.statements.len() as u64,
        "statement is",
        "statements are",
    );
    let mut sentences = vec![format!("{statements} settled for good.")];
    let parts: [(&str, String, &str); 4] = [
        ("Paid: ", all(&|s| s.payable), "."),
        (
            "Carried forward to the next period: ",
            all(&|s| s.carried_out),
            ".",
        ),
        ("Withheld as tax: ", all(&|s| s.tax), "."),
        (
            "Waits, and is settled as a correction once somebody has seen to it: ",
            all(&|s| s.waiting),
            ".",
        ),
    ];
    sentences.extend(
        parts
            .into_iter()
            .filter(|(_, sums, _)| !sums.is_empty())
            .map(|(before, sums, after)| format!("{before}{sums}{after}")),
    );
    let corrected = open.corrections.iter().filter(|c| c.is_sum()).count();
    if corrected > 0 {
        let amounts = numbers::counted(corrected as u64, "amount", "amounts");
        sentences.push(format!(
            "{amounts} of closed periods are corrected with it."
        ));
    }
    if !open.later.is_empty() {
        let later = numbers::counted(open.later.len() as u64, "statement has", "statements have");
        sentences.push(format!("{later} later sales and wait for a later period."));
    }
    sentences
}
