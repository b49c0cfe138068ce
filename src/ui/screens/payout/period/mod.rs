//! The open period settled by the contracts of the workspace: what each payee gets and why, what waits and where that is settled, what is
//! corrected of closed periods, the proof; and closing it.
//!
//! Invariants: it is settled on a thread of its own, and what was shown stays until the next is there; nothing that is shown is changed
//! here but by closing a period, which is asked about first.

mod close;
mod closed;
mod corrections;
mod payees;
mod proof;
mod statement;
mod sums;
mod waits;
mod why;

use std::convert::Infallible;
use std::sync::Arc;

use eframe::egui::{self, Align, Layout, RichText, Ui};

use super::Export;
use crate::contents::Contents;
use crate::desk::Desk;
use crate::desk::open_period::{KnownPeriod, open_months};
use crate::desk::period::PeriodView;
use crate::ident::SalePeriod;
use crate::job::Wake;
use crate::period::PeriodError;
use crate::session::engine::JobCommand;
use crate::ui::background::Background;
use crate::ui::kit::table::columns::Sort;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::PillStatus;
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::shared::{Context, Go, RowsToShow, Screen};
use close::Closing;
use closed::ClosedList;
use corrections::CorrectionsTab;
use payees::{COLUMNS, SettledPayeeRows};
use why::WhyPanel;

/// Name of the table in the settings.
const TABLE: &str = "payables";

/// What is shown of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeriodTab {
    Payables,
    Waits,
    Corrections,
    Proof,
    Statements,
    Closed,
}

/// What the settlement depends on.
#[derive(Debug, Clone, PartialEq)]
struct SettlementKey {
    generation: u64,
    /// The month that somebody chose to settle instead of that of the sales.
    month: Option<SalePeriod>,
    search: String,
    sort: Option<Sort>,
}

struct SettlementInput {
    contents: Contents,
    desk: Arc<Desk>,
}

/// A settlement with the order in which its payees are shown.
struct SortedSettlement {
    view: Arc<PeriodView>,
    order: Arc<Vec<u32>>,
    months: Arc<Vec<SalePeriod>>,
}

/// Why there is nothing to show.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NoSettlement {
    NothingOpen,
    Other(String),
}

/// The open period on the payout screen.
pub(super) struct PeriodScreen {
    month: Option<SalePeriod>,
    /// A settlement, or why there is none.
    settlement: Background<
        SettlementKey,
        SettlementInput,
        Result<SortedSettlement, NoSettlement>,
        Infallible,
    >,
    search: String,
    table: Option<TableState>,
    corrections: CorrectionsTab,
    tab: PeriodTab,
    why: WhyPanel,
    closing: Closing,
    closed: ClosedList,
}

impl PeriodScreen {
    pub(super) fn new(wake: &Wake, known: &KnownPeriod) -> Self {
        let known = known.clone();
        Self {
            month: None,
            settlement: Background::new(
                "open period",
                wake,
                move |key, input: SettlementInput, _| {
                    // Why there is nothing to settle takes the place of the settlement before.
                    Ok(settle(&key, &input, &known).map_err(no_settlement))
                },
            ),
            search: String::new(),
            table: None,
            corrections: CorrectionsTab::default(),
            tab: PeriodTab::Payables,
            why: WhyPanel::new(wake),
            closing: Closing::default(),
            closed: ClosedList::new(wake),
        }
    }

    pub(super) fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, export: &mut Export) {
        self.ask(context);
        context.received("settling the open period", self.settlement.receive());
        match self.settlement.answer().cloned().as_deref() {
            Some(Ok(shown)) => self.period_ui(ui, context, export, shown),
            Some(Err(problem)) => self.problem_ui(ui, context, problem),
            None => {
                ui.horizontal(|ui| {
                    ui.spinner();
                    ui.label("Settling the open period by its contracts…");
                });
            }
        }
    }

    fn ask(&mut self, context: &Context<'_>) {
        let generation = context.desk.generation;
        // A period that was closed meanwhile is not the open one any more.
        let is_other_desk = self
            .settlement
            .asked()
            .is_some_and(|asked| asked.generation != generation);
        if is_other_desk && self.month.is_some_and(|month| is_closed(context, month)) {
            self.month = None;
        }
        let table = self.table.get_or_insert_with(|| context.table(TABLE));
        let key = SettlementKey {
            generation,
            month: self.month,
            search: self.search.clone(),
            sort: table.sort().cloned(),
        };
        self.settlement.ask(key, || {
            Some(SettlementInput {
                contents: context.engine.contents()?,
                desk: Arc::clone(context.desk),
            })
        });
    }

    fn period_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        export: &mut Export,
        shown: &SortedSettlement,
    ) {
        let is_of_desk = self
            .settlement
            .answered()
            .is_some_and(|key| key.generation == context.desk.generation);
        let is_current = is_of_desk && !self.settlement.is_busy();
        egui::Panel::top("period_head").show(ui, |ui| {
            ui.add_space(4.0);
            self.title_ui(ui, context, export, shown, is_current);
            export.progress_ui(ui, context);
            sums::sums_ui(ui, &shown.view);
            self.tabs_ui(ui, context, shown);
            ui.add_space(2.0);
        });
        match self.tab {
            PeriodTab::Payables => {
                self.why.panel_ui(ui, context, &shown.view.open);
                self.payables_ui(ui, context, shown);
            }
            PeriodTab::Waits => padded_ui(ui, |ui| waits::waits_ui(ui, context, &shown.view)),
            PeriodTab::Corrections => {
                if let Some(copied) = self.corrections.show_ui(ui, &shown.view.open) {
                    context.go(Go::Notice(copied));
                }
            }
            PeriodTab::Proof => padded_ui(ui, |ui| proof::proof_ui(ui, &shown.view)),
            PeriodTab::Statements => padded_ui(ui, |ui| statements_ui(ui, context, &shown.view)),
            PeriodTab::Closed => padded_ui(ui, |ui| self.closed.show_ui(ui, context)),
        }
        if self.closing.dialog_ui(ui.ctx(), &shown.view) {
            context.send(JobCommand::ClosePeriod(shown.view.open.settled.period));
        }
    }

    /// The period, whether it is proven, and what can be done with it.
    fn title_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        export: &mut Export,
        shown: &SortedSettlement,
        is_current: bool,
    ) {
        let tokens = theme::tokens(ui);
        let settled = &shown.view.open.settled;
        ui.horizontal(|ui| {
            let title = format!("{}, open", settled.period);
            let button = ui.menu_button(
                RichText::new(format!("{title}  ▼")).font(theme::medium_font(theme::BODY)),
                |ui| {
                    if ui
                        .selectable_label(self.month.is_none(), "As the sales say")
                        .clicked()
                    {
                        self.month = None;
                        ui.close();
                    }
                    for month in shown.months.iter() {
                        if ui
                            .selectable_label(self.month == Some(*month), month.to_string())
                            .clicked()
                        {
                            self.month = Some(*month);
                            ui.close();
                        }
                    }
                },
            );
            button
                .response
                .on_hover_text("Which month is settled")
                .accessible_name(format!("Period {title}"));
            let verdict = if shown.view.is_proven() {
                proof::HOLDS
            } else {
                proof::FAILS
            };
            widgets::pill_ui(ui, verdict)
                .on_hover_text("The conservation proof: no money was lost on the way");
            let contracts = numbers::counted(
                settled.inputs.book.contracts.len() as u64,
                "contract",
                "contracts",
            );
            ui.label(RichText::new(format!("settled by {contracts}")).color(tokens.subdued));
            widgets::busy_ui(ui, !is_current);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let close = ui.add_enabled(
                    is_current && shown.view.is_proven(),
                    egui::Button::new("Close period…"),
                );
                let close = close
                    .on_hover_text("Pays what is payable, and keeps all that it was settled from");
                if close
                    .on_disabled_hover_text("It is being settled")
                    .clicked()
                {
                    self.closing.begin();
                }
                export.controls_ui(ui, context, None);
            });
        });
    }

    fn tabs_ui(&mut self, ui: &mut Ui, context: &Context<'_>, shown: &SortedSettlement) {
        let open = &shown.view.open;
        let counts = [
            (PeriodTab::Payables, "Payables", open.settled.payables.len()),
            (
                PeriodTab::Waits,
                "Waits",
                shown.view.suspense.len() + open.waiting_before.len(),
            ),
            (
                PeriodTab::Corrections,
                "Corrections",
                open.corrections.iter().filter(|c| c.is_sum()).count(),
            ),
            (PeriodTab::Proof, "Proof", open.settled.proof.len()),
            (
                PeriodTab::Statements,
                "Statements",
                open.statements.len() + open.later.len(),
            ),
            (
                PeriodTab::Closed,
                "Closed periods",
                context.desk.periods().len(),
            ),
        ];
        ui.horizontal(|ui| {
            for (tab, title, count) in counts {
                if ui
                    .selectable_label(
                        self.tab == tab,
                        format!("{title} {}", numbers::count(count as u64)),
                    )
                    .clicked()
                {
                    self.tab = tab;
                }
            }
            if self.tab == PeriodTab::Payables {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    widgets::search_box_ui(
                        ui,
                        &mut self.search,
                        "Search payees",
                        "Payee or currency",
                        210.0,
                    );
                });
            }
        });
    }

    fn payables_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &SortedSettlement) {
        let mut rows = SettledPayeeRows {
            view: Arc::clone(&shown.view),
            order: Arc::clone(&shown.order),
        };
        let table = self.table.get_or_insert_default();
        let empty = if self.search.is_empty() {
            "Nobody is owed anything yet"
        } else {
            "No payee fits the search"
        };
        let output = BigTable::new("Payables", &COLUMNS)
            .sticky(1)
            .empty_text(empty)
            .show_ui(ui, table, &mut rows);
        if output.columns_changed || output.sort_changed {
            context.settings.tables.insert(TABLE.into(), table.clone());
        }
        if let Some(copied) = output.copied {
            context.go(Go::Notice(copied.sentence()));
        }
        if output.selection_changed {
            let chosen = table.selection().single().and_then(|row| rows.row(row));
            self.why
                .choose(chosen.map(|row| (row.payee.clone(), row.line.currency)));
        }
    }

    fn problem_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, problem: &NoSettlement) {
        match problem {
            NoSettlement::NothingOpen => {
                ui.label(RichText::new("No statement is open. Import those of the next month, and they are settled by the contracts here."));
                if ui.link("Go to statements").clicked() {
                    context.go(Go::To(Screen::Statements));
                }
            }
            NoSettlement::Other(cause) => {
                let what = "The open period cannot be settled";
                widgets::error_panel_ui(
                    ui,
                    widgets::ErrorPanel {
                        what,
                        cause,
                        remedy: "",
                        guide: "periods",
                    },
                );
                if self.month.is_some() && ui.button("Settle the month of the sales").clicked() {
                    self.month = None;
                }
                if ui.link("Go to contracts").clicked() {
                    context.go(Go::To(Screen::Contracts));
                }
            }
        }
        if !context.desk.periods().is_empty() {
            ui.add_space(8.0);
            widgets::section_header_ui(ui, "Closed periods", "");
            self.closed.show_ui(ui, context);
        }
    }
}

fn padded_ui(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    egui::Frame::new()
        .inner_margin(egui::Margin::symmetric(8, 4))
        .show(ui, content);
}

fn is_closed(context: &Context<'_>, period: SalePeriod) -> bool {
    let name = period.to_string();
    context.desk.periods().iter().any(|p| p.period == name)
}

fn settle(
    key: &SettlementKey,
    input: &SettlementInput,
    known: &KnownPeriod,
) -> Result<SortedSettlement, PeriodError> {
    let open = known.open(&input.contents, &input.desk, key.month)?;
    let view = Arc::new(PeriodView::of(open)?);
    let order = Arc::new(payees::order(&view, &key.search, key.sort.as_ref()));
    Ok(SortedSettlement {
        view,
        order,
        months: Arc::new(open_months(&input.desk)),
    })
}

fn no_settlement(error: PeriodError) -> NoSettlement {
    match error {
        PeriodError::NothingOpen => NoSettlement::NothingOpen,
        other => NoSettlement::Other(other.to_string()),
    }
}

/// The statements that belong to the period, and those that wait for a later one.
fn statements_ui(ui: &mut Ui, context: &mut Context<'_>, view: &PeriodView) {
    let open = &view.open;
    egui::ScrollArea::vertical()
        .auto_shrink(false)
        .show(ui, |ui| {
            let count = numbers::counted(open.statements.len() as u64, "statement", "statements");
            widgets::section_header_ui(
                ui,
                &format!("Settled with {}", open.settled.period),
                &count,
            );
            for statement in &open.statements {
                let key = context
                    .desk
                    .statements()
                    .iter()
                    .find(|s| s.record.text_hash == statement.text_hash)
                    .map(|s| s.key.clone());
                let link = ui.add_enabled(key.is_some(), egui::Link::new(statement.name.as_str()));
                if let (true, Some(statement)) = (link.on_hover_text("Its rows").clicked(), key) {
                    context.go(Go::ToRows(RowsToShow::Of {
                        statement,
                        row_number: 1,
                    }));
                }
            }
            if !open.later.is_empty() {
                ui.add_space(8.0);
                widgets::section_header_ui(
                    ui,
                    "Wait for a later period",
                    "they have sales after its last day",
                );
                open.later.iter().for_each(|name| drop(ui.label(name)));
            }
        });
}

/// How a payee's state is shown: a sign, words, a tone.
fn state_of(state: crate::settlement::PayableState) -> PillStatus<'static> {
    use crate::settlement::PayableState;
    let (sign, word, tone) = match state {
        PayableState::Paid => ("✓", "Paid", Tone::Ok),
        PayableState::BelowMinimum => ("→", "Below the minimum", Tone::Subdued),
        PayableState::Negative => ("−", "Below zero", Tone::Warn),
        PayableState::WaitsForRate => ("▲", "Waits for a rate", Tone::Warn),
        PayableState::Nothing => ("–", "Nothing", Tone::Subdued),
    };
    PillStatus { sign, word, tone }
}
