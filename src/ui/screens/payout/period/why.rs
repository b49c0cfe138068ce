//! Why a payee gets what they get: the arithmetic step by step, contract by contract, down to the cells and the way to their lines.

use std::sync::Arc;

use eframe::egui::{self, Align, Grid, Label, Layout, RichText, ScrollArea, Ui};

use super::super::drill::PayeeCurrency;
use super::state_of;
use super::statement::StatementView;
use crate::account::{ContractReasons, PayableReasons, ReasonCell, ReasonStep};
use crate::ident::Currency;
use crate::job::Wake;
use crate::period::OpenPeriod;
use crate::settlement::{PayableLine, PayableState};
use crate::terms::pieces::TermKind;
use crate::ui::background::Background;
use crate::ui::kit::theme::Tone;
use crate::ui::kit::{bidi, numbers, theme, widgets};
use crate::ui::shared::{Context, Go, RowsToShow};
use crate::ui::text;

/// Steps that are listed of each contract.
const LISTED: usize = 200;

/// Whose reasons, in which settlement. Two settlements are never compared by what they hold.
#[derive(Clone)]
struct ReasonsKey {
    open: Arc<OpenPeriod>,
    whose: PayeeCurrency,
}

impl PartialEq for ReasonsKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.open, &other.open) && self.whose == other.whose
    }
}

/// What is shown of a payee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum WhyTab {
    #[default]
    Why,
    Sources,
    Statement,
}

/// The panel below the payees; nothing is shown until one is chosen.
pub(super) struct WhyPanel {
    chosen: Option<PayeeCurrency>,
    /// `None` where nothing is owed to the payee in the currency.
    reasons: Background<ReasonsKey, (), Option<Box<PayableReasons>>>,
    tab: WhyTab,
    statement: StatementView,
}

impl WhyPanel {
    pub(super) fn new(wake: &Wake) -> Self {
        let statement = StatementView::new(wake);
        Self {
            chosen: None,
            reasons: Background::new("reasons", wake, |key: ReasonsKey, (), _| {
                let (payee, currency) = &key.whose;
                Ok(key.open.settled.reasons(payee, *currency).map(Box::new))
            }),
            tab: WhyTab::Why,
            statement,
        }
    }

    /// Looks into another amount, or into none.
    pub(super) fn choose(&mut self, chosen: Option<PayeeCurrency>) {
        self.chosen = chosen;
    }

    pub(super) fn panel_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        open: &Arc<OpenPeriod>,
    ) {
        let Some(chosen) = self.chosen.clone() else {
            return;
        };
        let key = ReasonsKey {
            open: Arc::clone(open),
            whose: chosen.clone(),
        };
        self.reasons.ask(key, || Some(()));
        context.received("explaining an amount", self.reasons.receive());
        egui::Panel::bottom("payable_why")
            .resizable(true)
            .default_size(320.0)
            .size_range(150.0..=900.0)
            .show(ui, |ui| {
                // What is shown for a moment while the reasons are looked for must not shrink it.
                ui.take_available_height();
                ui.add_space(4.0);
                let is_chosen = self
                    .reasons
                    .answered()
                    .is_some_and(|key| key.whose == chosen);
                let found = self.reasons.answer().filter(|_| is_chosen);
                let reasons = found.and_then(|reasons| reasons.as_deref());
                let is_closed = head_ui(ui, &chosen, reasons, &mut self.tab);
                match (found, reasons) {
                    (None, _) => drop(ui.label("Looking for the reasons…")),
                    (Some(_), None) => drop(ui.label("Nothing is owed in this currency any more")),
                    (Some(_), Some(reasons)) => {
                        if self.tab == WhyTab::Statement {
                            self.statement
                                .head_ui(ui, context, open, (&chosen.0, chosen.1));
                        }
                        let scroll = ScrollArea::vertical()
                            .id_salt(("why", self.tab as u8))
                            .auto_shrink(false);
                        scroll.show(ui, |ui| match self.tab {
                            WhyTab::Why => why_ui(ui, context, reasons, &chosen),
                            WhyTab::Sources => sources_ui(ui, context, reasons),
                            WhyTab::Statement => self.statement.sheet_ui(ui),
                        });
                    }
                }
                if is_closed {
                    self.chosen = None;
                }
            });
    }
}

/// The payee, what became of the amount, and what can be looked at. True if the panel shall be closed.
fn head_ui(
    ui: &mut Ui,
    (payee, currency): &PayeeCurrency,
    reasons: Option<&PayableReasons>,
    tab: &mut WhyTab,
) -> bool {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        let is_closed = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let is_closed = ui
                .button("Close")
                .on_hover_text("Hide the reasons")
                .clicked();
            ui.selectable_value(tab, WhyTab::Statement, "Statement");
            ui.selectable_value(tab, WhyTab::Sources, "Cells behind it");
            ui.selectable_value(tab, WhyTab::Why, "Why this amount");
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let title = format!("{}, {currency}", bidi::display(payee));
                ui.add(
                    Label::new(
                        RichText::new(title)
                            .font(theme::medium_font(theme::BODY))
                            .color(tokens.strong),
                    )
                    .truncate(),
                );
                if let Some(reasons) = reasons {
                    widgets::pill_ui(ui, state_of(reasons.line.state));
                    let verdict = match reasons.line.state {
                        PayableState::Paid => text::money(reasons.line.payable, *currency),
                        _ => reasons.verdict.clone(),
                    };
                    ui.add(Label::new(RichText::new(verdict).color(tokens.subdued)).truncate())
                        .on_hover_text(&reasons.verdict);
                }
            });
            is_closed
        });
        is_closed.inner
    })
    .inner
}

fn why_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    reasons: &PayableReasons,
    (payee, currency): &PayeeCurrency,
) {
    account_ui(ui, &reasons.line, *currency);
    if !reasons.account.is_empty() {
        ui.add_space(6.0);
        widgets::section_header_ui(
            ui,
            &format!("Account of {payee}"),
            "from what was earned to what is paid",
        );
        steps_ui(ui, &reasons.account);
    }
    for contract in &reasons.contracts {
        ui.add_space(8.0);
        contract_head_ui(ui, context, contract);
        steps_ui(ui, &contract.steps);
    }
}

/// Carried in + earned − tax = exactly = paid + carried forward, each on its line.
fn account_ui(ui: &mut Ui, line: &PayableLine, currency: Currency) {
    let tokens = theme::tokens(ui);
    let rows = [
        ("", "Carried in", line.carried_in),
        ("+", "Earned", line.earned),
        ("−", "Tax withheld", line.tax),
        ("=", "Owed, exactly", line.exact),
        ("→", "Paid", line.payable),
        ("→", "Carried forward", line.carried_out),
    ];
    Grid::new("account_sum")
        .num_columns(3)
        .spacing([8.0, 2.0])
        .show(ui, |ui| {
            for (sign, words, amount) in rows {
                let strong = matches!(words, "Paid" | "Owed, exactly");
                ui.label(RichText::new(sign).color(tokens.subdued));
                ui.label(RichText::new(words).color(if strong {
                    tokens.strong
                } else {
                    tokens.text
                }));
                widgets::right_cell_ui(ui, 260.0, |ui| {
                    let text = RichText::new(text::exact_money(amount, currency))
                        .font(theme::number_font());
                    ui.add(
                        Label::new(text.color(if strong { tokens.strong } else { tokens.text }))
                            .selectable(true),
                    );
                });
                ui.end_row();
            }
        });
}

fn contract_head_ui(ui: &mut Ui, context: &mut Context<'_>, contract: &ContractReasons) {
    let note = format!("{}: {}", contract.profile, contract.order.join(" → "));
    ui.horizontal(|ui| {
        let link = ui.link(
            RichText::new(format!("Contract {}", contract.contract))
                .font(theme::medium_font(theme::BODY)),
        );
        if link.on_hover_text("Show the contract").clicked() {
            context.go(Go::ToTerms(
                TermKind::Contract,
                Some(contract.contract.clone()),
            ));
        }
        ui.add(
            Label::new(
                RichText::new(note)
                    .font(theme::small_font())
                    .color(theme::tokens(ui).subdued),
            )
            .truncate(),
        );
    });
    let incomes = numbers::counted(contract.incomes as u64, "posting", "postings");
    let tracks = numbers::counted(contract.tracks as u64, "track", "tracks");
    ui.label(
        RichText::new(format!("Income: {incomes} of {tracks}; then"))
            .color(theme::tokens(ui).subdued),
    );
}

fn steps_ui(ui: &mut Ui, steps: &[ReasonStep]) {
    let tokens = theme::tokens(ui);
    let wide = (ui.available_width() - 470.0).max(200.0);
    for step in steps.iter().take(LISTED) {
        ui.horizontal_top(|ui| {
            cell_ui(ui, 92.0, |ui| {
                drop(ui.label(RichText::new(step_words(step.step)).color(tokens.subdued)))
            });
            cell_ui(ui, 150.0, |ui| {
                drop(ui.add(Label::new(bidi::display(&step.clause)).truncate()))
            });
            let words = if step.track.is_empty() {
                step.arithmetic.clone()
            } else {
                format!("track {}: {}", step.track, step.arithmetic)
            };
            ui.allocate_ui_with_layout(
                egui::vec2(wide, 18.0),
                Layout::top_down(Align::Min),
                |ui| {
                    ui.set_min_width(wide);
                    ui.add(Label::new(words).selectable(true).wrap());
                    if !step.source.is_empty() {
                        ui.add(
                            Label::new(
                                RichText::new(&step.source)
                                    .font(theme::small_font())
                                    .color(tokens.subdued),
                            )
                            .wrap(),
                        );
                    }
                },
            );
            widgets::right_cell_ui(ui, 170.0, |ui| {
                let text = RichText::new(text::money(step.amount, step.currency))
                    .font(theme::number_font())
                    .color(tokens.strong);
                ui.label(text).on_hover_text(format!(
                    "{}\nfrom {}\nto {}",
                    text::exact_money(step.amount, step.currency),
                    step.from,
                    step.to
                ));
            });
        });
    }
    if steps.len() > LISTED {
        ui.label(format!(
            "… and {} more, in postings.csv",
            numbers::count((steps.len() - LISTED) as u64)
        ));
    }
}

fn cell_ui(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(
        egui::vec2(width, 18.0),
        Layout::left_to_right(Align::Min),
        |ui| {
            ui.set_min_width(width);
            content(ui);
        },
    );
}

fn step_words(step: &str) -> String {
    let mut words = step.replace('_', " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// The largest cells of each contract, as they were reported, with the ways to review and lines.
fn sources_ui(ui: &mut Ui, context: &mut Context<'_>, reasons: &PayableReasons) {
    for (index, contract) in reasons.contracts.iter().enumerate() {
        let note = if contract.more_cells > 0 {
            format!(
                "the largest; {} more are in cells.csv",
                numbers::count(contract.more_cells as u64)
            )
        } else {
            "all of its income".to_owned()
        };
        widgets::section_header_ui(ui, &format!("Income of {}", contract.contract), &note);
        Grid::new(("cells", index))
            .num_columns(8)
            .spacing([14.0, 3.0])
            .striped(true)
            .show(ui, |ui| {
                for head in [
                    "Track or release",
                    "DSP",
                    "Territory",
                    "Period",
                    "Usage",
                    "Statement",
                ] {
                    ui.label(
                        RichText::new(head)
                            .font(theme::small_font())
                            .color(theme::tokens(ui).subdued),
                    );
                }
                for head in ["Units", "Amount"] {
                    let head = RichText::new(head)
                        .font(theme::small_font())
                        .color(theme::tokens(ui).subdued);
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(head));
                }
                ui.end_row();
                contract
                    .cells
                    .iter()
                    .for_each(|cell| source_ui(ui, context, cell));
            });
        ui.add_space(8.0);
    }
}

fn source_ui(ui: &mut Ui, context: &mut Context<'_>, cell: &ReasonCell) {
    if cell.track.is_empty() {
        match &cell.spread {
            Some((track, words)) => ui
                .label(format!("{}, {track}", cell.release))
                .on_hover_text(format!("Part of track {track}: {words}")),
            None => ui.label(&cell.release),
        };
    } else if ui
        .link(cell.track.as_str())
        .on_hover_text("Everything that was matched to this track, in the review")
        .clicked()
    {
        context.go(Go::ToReview(format!("track:\"{}\"", cell.track)));
    }
    for words in [&cell.dsp, &cell.territory, &cell.period, &cell.usage] {
        ui.add(Label::new(bidi::display(words)).extend());
    }
    let key = context
        .desk
        .statements()
        .iter()
        .find(|s| s.record.name == cell.statement)
        .map(|s| s.key.clone());
    let link = ui.add_enabled(key.is_some(), egui::Link::new(cell.statement.as_str()));
    if let (true, Some(statement)) = (link.on_hover_text("Its rows").clicked(), key) {
        context.go(Go::ToRows(RowsToShow::Of {
            statement,
            row_number: 1,
        }));
    }
    let tokens = theme::tokens(ui);
    let amount = text::money(cell.amount, cell.currency);
    let hover = cell.shared_of.map_or_else(
        || text::exact_money(cell.amount, cell.currency),
        |whole| {
            format!(
                "{} of {}",
                text::exact_money(cell.amount, cell.currency),
                text::exact_money(whole, cell.currency)
            )
        },
    );
    for (words, hover, tone) in [
        (text::exact(cell.quantity), String::new(), Tone::Normal),
        (amount, hover, Tone::Strong),
    ] {
        let text = RichText::new(words)
            .font(theme::number_font())
            .color(tokens.tone(tone));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let label = ui.label(text);
            if !hover.is_empty() {
                label.on_hover_text(hover);
            }
        });
    }
    ui.end_row();
}
