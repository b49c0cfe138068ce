//! Who is paid what: the proof that no money was lost, the payable amounts, what still waits, the lines behind an amount, and the export.
//!
//! Invariants: the payout is computed on a thread of its own, and the one before stays until the next is there; while an equation does not
//! hold nothing can be exported.

mod drill;
mod export;
mod period;
mod proof;
mod rows;
mod totals;

use std::path::Path;
use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};

use crate::desk::Desk;
use crate::desk::open_period::KnownPeriod;
use crate::desk::payout::PayoutView;
use crate::job::Wake;
use crate::terms::pieces::TermKind;
use crate::ui::background::Background;
use crate::ui::kit::table::columns::Sort;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::shared::{Context, Go, RowsToShow, Screen};
use drill::PayeeLines;
use export::Export;
use period::PeriodScreen;
use rows::{COLUMNS, PayeeRows};

/// Name of the table in the settings.
const TABLE: &str = "payout";

/// What the order of the payees depends on.
#[derive(Debug, Clone, PartialEq)]
struct PayoutKey {
    generation: u64,
    search: String,
    sort: Option<Sort>,
}

/// The payout screen.
pub struct PayoutScreen {
    payout: Background<PayoutKey, Arc<Desk>, SortedPayout>,
    search: String,
    table: Option<TableState>,
    shows_equations: bool,
    drill: PayeeLines,
    export: Export,
    /// What is shown instead when there are contracts.
    period: PeriodScreen,
}

/// A payout with the order in which its payees are shown.
#[derive(Debug)]
struct SortedPayout {
    /// Of the desk that it was computed from.
    generation: u64,
    view: Arc<PayoutView>,
    order: Arc<Vec<u32>>,
}

impl PayoutScreen {
    /// Starts the threads that answer its questions. `open` is the open period that other screens look at, too.
    #[must_use]
    pub fn new(wake: &Wake, open: &KnownPeriod) -> Self {
        let mut adder = PayoutAdder::default();
        Self {
            payout: Background::new("payout", wake, move |key, desk: Arc<Desk>, _| {
                adder.add_up(&key, &desk)
            }),
            search: String::new(),
            table: None,
            shows_equations: true,
            drill: PayeeLines::new(wake),
            export: Export::default(),
            period: PeriodScreen::new(wake, open),
        }
    }

    /// Results have been written.
    pub fn exported(&mut self, out: &Path, fingerprint: &str) {
        self.export.done(out, fingerprint);
    }

    /// Asks where to, as soon as the payout is there.
    pub fn begin_export(&mut self) {
        self.export.begin();
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        if is_by_contract(context) {
            return self.period.show_ui(ui, context, &mut self.export);
        }
        if context.desk.statements().is_empty() {
            self.export.forget();
            return empty_ui(ui, context);
        }
        self.ask(context);
        context.received("adding up the payout", self.payout.receive());
        let Some(shown) = self.payout.answer().cloned() else {
            ui.label("Adding up…");
            return;
        };
        self.head_ui(ui, context, &shown);
        self.totals_panel_ui(ui, context, &shown);
        self.drill.panel_ui(ui, context, &shown);
        self.table_ui(ui, context, &shown);
    }

    fn ask(&mut self, context: &Context<'_>) {
        let table = self.table.get_or_insert_with(|| context.table(TABLE));
        let key = PayoutKey {
            generation: context.desk.generation,
            search: self.search.clone(),
            sort: table.sort().cloned(),
        };
        self.payout.ask(key, || Some(Arc::clone(context.desk)));
    }

    fn head_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &SortedPayout) {
        egui::Panel::top("payout_head").show(ui, |ui| {
            ui.add_space(4.0);
            proof::proof_ui(ui, &shown.view, &mut self.shows_equations);
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                widgets::search_box_ui(
                    ui,
                    &mut self.search,
                    "Search payees",
                    "Payee or currency",
                    240.0,
                );
                widgets::busy_ui(ui, self.payout.is_busy());
                let count = numbers::counted(
                    shown.order.len() as u64,
                    "payable amount",
                    "payable amounts",
                );
                ui.label(RichText::new(count).color(theme::tokens(ui).subdued));
                self.export.controls_ui(ui, context, shown.view.block());
            });
            ui.horizontal(|ui| {
                ui.label(
                    RichText::new("Paid to the payees whom the catalog names.")
                        .color(theme::tokens(ui).subdued),
                );
                if ui
                    .link("Settle by contracts")
                    .on_hover_text(
                        "Fees, advances, splits and taxes; months are closed one after the other",
                    )
                    .clicked()
                {
                    context.go(Go::To(Screen::Contracts));
                }
            });
            self.export.progress_ui(ui, context);
            ui.add_space(2.0);
        });
    }

    fn totals_panel_ui(&self, ui: &mut Ui, context: &mut Context<'_>, shown: &SortedPayout) {
        egui::Panel::right("payout_totals")
            .default_size(340.0)
            .size_range(260.0..=520.0)
            .show(ui, |ui| {
                widgets::fill_panel(ui);
                egui::ScrollArea::vertical()
                    .show(ui, |ui| totals::totals_ui(ui, context, &shown.view));
            });
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &SortedPayout) {
        let mut rows = PayeeRows {
            view: Arc::clone(&shown.view),
            order: Arc::clone(&shown.order),
        };
        let table = self.table.get_or_insert_default();
        let empty = if self.search.is_empty() {
            "Nothing is matched yet, so nobody is paid"
        } else {
            "No payee fits the search"
        };
        let output = BigTable::new("Payable amounts", &COLUMNS)
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
            let chosen = table.selection().single();
            self.drill.choose(chosen.and_then(|row| rows.whose(row)));
        }
        if let Some((payee, currency)) = output.activated.and_then(|row| rows.whose(row)) {
            context.go(Go::ToRows(RowsToShow::OfPayee {
                payee,
                currency: currency.code().to_owned(),
            }));
        }
    }
}

/// Adds up payouts, and remembers the last one: most times only the search or the order differs.
#[derive(Default)]
struct PayoutAdder {
    known: Option<(u64, Arc<PayoutView>)>,
}

impl PayoutAdder {
    fn add_up(&mut self, key: &PayoutKey, desk: &Desk) -> Result<SortedPayout, String> {
        let generation = key.generation;
        let view = match self.known.take().filter(|(of, _)| *of == generation) {
            Some((_, view)) => view,
            None => Arc::new(PayoutView::of(desk).map_err(|e| e.to_string())?),
        };
        self.known = Some((generation, Arc::clone(&view)));
        let order = Arc::new(rows::order(&view, &key.search, key.sort.as_ref()));
        Ok(SortedPayout {
            generation,
            view,
            order,
        })
    }
}

/// Whether the workspace settles by contracts.
fn is_by_contract(context: &Context<'_>) -> bool {
    let desk = context.desk;
    !desk.periods().is_empty()
        || desk
            .terms()
            .keys()
            .any(|(kind, _)| kind == TermKind::Contract.word())
}

fn empty_ui(ui: &mut Ui, context: &mut Context<'_>) {
    let state = widgets::EmptyState {
        icon: "∑",
        headline: "Nothing is to be paid yet",
        next: "Import a catalog and the statements of a month. What matches a track becomes a payable amount here",
        button: Some(("Go to statements", "")),
        guide: "periods",
    };
    if widgets::empty_state_ui(ui, state) {
        context.go(Go::To(Screen::Statements));
    }
}
