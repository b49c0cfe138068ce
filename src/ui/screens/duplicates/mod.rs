//! ISRCs that several tracks of the catalog share, most money first, and rules that settle each of them once.
//!
//! What is asked of catalog and desk is asked on other threads; nothing is decided before it was shown what it moves.

mod detail;
mod list;
mod rule;

use std::sync::Arc;

use eframe::egui::{self, Id, Key, Modifiers, RichText, Ui};

use crate::contents::Contents;
use crate::desk::duplicates::{
    DuplicateDetail, ListFilter, State, clear_decisions, leave_decisions,
};
use crate::desk::open_period::KnownPeriod;
use crate::ident::{Currency, Isrc};
use crate::job::{Job, Wake};
use crate::review::Decision;
use crate::session::engine::ChangeCommand;
use crate::ui::background::{Arrived, Unanswered};
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::{numbers, shortcuts, theme, widgets};
use crate::ui::screens::decide::{
    DecisionPad, PadAnswer, PadKey, PadStyle, PreparedDecisions, pad_keys,
};
use crate::ui::shared::{Context, Go};
use detail::{DuplicateInput, IsrcDetail, IsrcDetails, IsrcEditor};
use list::{COLUMNS, ListInput, ListKey, Listing, Listings, state_sign, state_tone};
use rule::RuleEditor;

/// Name of the table in the settings.
const TABLE: &str = "duplicates";

/// The screen of shared ISRCs.
pub struct DuplicatesScreen {
    list: ListState,
    selected: Option<Isrc>,
    details: IsrcDetails,
    rule: Option<RuleEditor>,
    isrc_editor: Option<IsrcEditor>,
    pad: DecisionPad,
    /// Why the rule cannot be taken.
    problem: Option<String>,
}

/// The list, and what is chosen of it.
struct ListState {
    filter: ListFilter,
    /// Of the column with amounts; that with most money unless somebody chose.
    currency: Option<Currency>,
    listings: Listings,
    table: Option<TableState>,
    table_id: Option<Id>,
    wants_focus: bool,
}

impl DuplicatesScreen {
    /// Starts the threads that answer its questions. `known` is the open period that other screens
    /// look at, too.
    #[must_use]
    pub fn new(wake: &Wake, known: &KnownPeriod) -> Self {
        Self {
            list: ListState {
                filter: ListFilter::default(),
                currency: None,
                listings: list::listings(wake),
                table: None,
                table_id: None,
                wants_focus: false,
            },
            selected: None,
            details: detail::details(wake),
            rule: None,
            isrc_editor: None,
            pad: DecisionPad::new(PadStyle::RULES, wake, known),
            problem: None,
        }
    }

    /// Shows an ISRC.
    pub fn show_isrc(&mut self, isrc: &str) {
        self.list.filter = ListFilter {
            state: None,
            text: isrc.to_owned(),
        };
        self.select(Isrc::parse(isrc).ok());
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        self.answers(context);
        self.ask(context);
        self.keys(ui, context);
        self.head_ui(ui);
        self.detail_panel_ui(ui, context);
        self.table_ui(ui, context);
    }

    fn answers(&mut self, context: &mut Context<'_>) {
        const WHAT: &str = "looking for shared ISRCs";
        let listing = self.list.listings.receive().and_then(Unanswered::failures);
        if let Some(listing) = context.received(WHAT, listing) {
            self.follow_listing(&listing.answer);
        }
        if let Some(detail) = context.received(WHAT, self.details.receive()) {
            self.follow_detail(&detail);
        }
        self.pad.receive(context, WHAT);
    }

    /// Begins a rule anew where the one that holds is another one.
    fn follow_detail(&mut self, arrived: &Arrived<IsrcDetail>) {
        let detail = &arrived.answer;
        if Some(detail.isrc) != self.selected {
            return self.details.forget_answer();
        }
        let is_other_rule = arrived
            .previous
            .as_ref()
            .is_none_or(|old| old.isrc != detail.isrc || old.detail.rule != detail.detail.rule);
        if is_other_rule || self.rule.is_none() {
            self.rule = Some(RuleEditor::of(&detail.detail));
        }
    }

    fn follow_listing(&mut self, listing: &Listing) {
        let table = self.list.table.get_or_insert_default();
        match self.selected.and_then(|isrc| listing.place_of(isrc)) {
            Some(place) if table.cursor() != place || table.selection().is_empty() => {
                table.select(place)
            }
            Some(_) => {}
            None => {
                // What was looked at is no longer in the list: the next one has come to stand in its row.
                let row = table.cursor().min(listing.len().saturating_sub(1) as u64);
                table.select(row);
                let next = listing.at(row).map(|d| d.isrc);
                self.select(next);
            }
        }
    }

    fn select(&mut self, isrc: Option<Isrc>) {
        if self.selected != isrc {
            self.selected = isrc;
            self.details.forget_answer();
            self.rule = None;
            self.isrc_editor = None;
            self.drop_prepared();
        }
    }

    fn drop_prepared(&mut self) {
        self.pad.discard();
        self.problem = None;
    }

    /// Asks for what is not shown yet.
    fn ask(&mut self, context: &Context<'_>) {
        self.pad.ask_effect(context);
        let Some(contents) = context.engine.contents() else {
            return;
        };
        self.list.ask(context, &contents);
        if let Some(isrc) = self.selected {
            let desk = Arc::clone(context.desk);
            self.details.ask((isrc, context.desk.generation), || {
                Some(DuplicateInput { contents, desk })
            });
        }
    }

    /// Keys of this screen; none while somebody types.
    fn keys(&mut self, ui: &Ui, context: &mut Context<'_>) {
        if shortcuts::find_pressed(ui) {
            self.list.wants_focus = true;
        }
        if ui.ctx().text_edit_focused() {
            return;
        }
        for key in pad_keys(ui, self.list.table_id) {
            match key {
                PadKey::Discard => self.drop_prepared(),
                PadKey::Take => self.take(context),
                PadKey::Candidate(index) => self.all_to(context, index),
            }
        }
        if pressed(ui, Key::A) {
            self.add_clause(context);
        }
        if pressed(ui, Key::R) {
            self.prepare_rule(context);
        }
        if pressed(ui, Key::L) {
            self.prepare_leave(context);
        }
        if pressed(ui, Key::C) {
            self.prepare_clear(context);
        }
    }

    fn add_clause(&mut self, context: &Context<'_>) {
        if let (Some(rule), Some(detail)) = (&mut self.rule, self.details.answer()) {
            rule.add(&detail.detail);
            self.prepare_rule(context);
        }
    }

    fn all_to(&mut self, context: &Context<'_>, index: usize) {
        let track = self
            .details
            .answer()
            .and_then(|d| d.detail.tracks.get(index))
            .map(|t| t.id.clone());
        if let (Some(track), Some(rule)) = (track, &mut self.rule) {
            rule.all_to(&track);
            self.prepare_rule(context);
        }
    }

    fn prepare_rule(&mut self, context: &Context<'_>) {
        let (Some(isrc), Some(rule)) = (self.selected, &self.rule) else {
            return;
        };
        match rule.decisions(context.desk, isrc) {
            Ok(decisions) => {
                self.prepare(context, format!("Settle {isrc} with this rule"), decisions)
            }
            Err(error) => {
                self.pad.withdraw();
                self.problem = Some(error.to_string());
            }
        }
    }

    fn prepare_leave(&mut self, context: &Context<'_>) {
        if let Some(isrc) = self.selected {
            self.prepare(
                context,
                format!("Leave {isrc} ambiguous on purpose"),
                leave_decisions(context.desk, isrc, ""),
            );
        }
    }

    fn prepare_clear(&mut self, context: &Context<'_>) {
        if let Some(isrc) = self.selected {
            let decisions = clear_decisions(context.desk, isrc, "");
            if !decisions.is_empty() {
                self.prepare(context, format!("Clear the rule of {isrc}"), decisions);
            }
        }
    }

    fn prepare(&mut self, context: &Context<'_>, title: String, decisions: Vec<Decision>) {
        self.problem = None;
        let prepared = PreparedDecisions {
            title,
            track: None,
            decisions,
        };
        self.pad.prepare(context.desk, prepared);
    }

    /// Takes what is prepared, once it is known what it moves.
    fn take(&mut self, context: &mut Context<'_>) {
        if let Some(decisions) = self.pad.take() {
            context.send(ChangeCommand::Decide(decisions));
        }
    }

    fn head_ui(&mut self, ui: &mut Ui) {
        egui::Panel::top("duplicates_head").show(ui, |ui| {
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let width = (ui.available_width() * 0.4).clamp(200.0, 380.0);
                let output = widgets::search_box_ui(
                    ui,
                    &mut self.list.filter.text,
                    "Filter shared ISRCs",
                    "ISRC, title or artist",
                    width,
                );
                if std::mem::take(&mut self.list.wants_focus) {
                    output.response.request_focus();
                }
                widgets::busy_ui(ui, self.list.listings.is_busy());
                self.currencies_ui(ui);
            });
            self.states_ui(ui);
            ui.add_space(2.0);
        });
    }

    fn currencies_ui(&mut self, ui: &mut Ui) {
        let Some(listing) = self
            .list
            .listings
            .answer()
            .cloned()
            .filter(|l| !l.currencies.is_empty())
        else {
            return;
        };
        ui.separator();
        ui.label("Amounts in").on_hover_text(
            "Amounts in different currencies never add; the list is sorted by those in this one",
        );
        for &currency in listing.currencies.iter().take(6) {
            if ui
                .selectable_label(listing.currency == Some(currency), currency.code())
                .clicked()
            {
                self.list.currency = Some(currency);
            }
        }
    }

    fn states_ui(&mut self, ui: &mut Ui) {
        let Some(listing) = self.list.listings.answer().cloned() else {
            return;
        };
        ui.horizontal_wrapped(|ui| {
            let all = numbers::count(listing.total() as u64);
            ui.selectable_value(&mut self.list.filter.state, None, format!("All {all}"));
            for (state, count) in State::ALL.into_iter().zip(listing.counts) {
                let color = theme::tokens(ui).tone(state_tone(state));
                let words = RichText::new(format!(
                    "{} {} {}",
                    state_sign(state),
                    state.words(),
                    numbers::count(count)
                ))
                .color(color);
                ui.selectable_value(&mut self.list.filter.state, Some(state), words);
            }
        });
    }

    fn detail_panel_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let width = (ui.available_width() * 0.52).clamp(420.0, 1100.0);
        egui::Panel::right("duplicates_detail")
            .default_size(width)
            .size_range(360.0..=1600.0)
            .show(ui, |ui| {
                widgets::fill_panel(ui);
                let detail = self.details.answer().cloned();
                let Some(detail) = detail.filter(|d| Some(d.isrc) == self.selected) else {
                    ui.add_space(8.0);
                    ui.label(if self.selected.is_some() {
                        "Looking it up…"
                    } else {
                        "Nothing is selected"
                    });
                    return;
                };
                self.prepared_ui(ui, context);
                egui::ScrollArea::vertical()
                    .auto_shrink(false)
                    .show(ui, |ui| self.one_ui(ui, context, &detail));
            });
    }

    fn one_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, detail: &IsrcDetail) {
        ui.add_space(4.0);
        let state = self
            .list
            .listings
            .answer()
            .and_then(|l| l.place_of(detail.isrc).and_then(|row| l.at(row)))
            .map(|d| d.state);
        ui.horizontal(|ui| {
            ui.heading(
                RichText::new(detail.isrc.to_string())
                    .font(egui::FontId::monospace(theme::HEADING)),
            );
            if let Some(state) = state {
                widgets::pill_ui(
                    ui,
                    widgets::PillStatus {
                        sign: state_sign(state),
                        word: state.words(),
                        tone: state_tone(state),
                    },
                );
            }
            if ui
                .link("Show in review")
                .on_hover_text("The lines that report it")
                .clicked()
            {
                context.go(Go::ToReview(format!("isrc:{}", detail.isrc)));
            }
        });
        widgets::section_header_ui(ui, "Tracks", "1 – 9 prepare that all reports go to one");
        if let Some(place) = detail::tracks_ui(ui, context, &detail.detail, &mut self.isrc_editor) {
            self.all_to_track(context, &detail.detail, place);
        }
        ui.add_space(6.0);
        self.rule_ui(ui, context, &detail.detail);
        ui.add_space(6.0);
        detail::reports_ui(ui, context, detail);
    }

    fn all_to_track(&mut self, context: &Context<'_>, detail: &DuplicateDetail, place: usize) {
        if let (Some(track), Some(rule)) = (detail.tracks.get(place), &mut self.rule) {
            rule.all_to(&track.id);
            self.prepare_rule(context);
        }
    }

    fn rule_ui(&mut self, ui: &mut Ui, context: &Context<'_>, detail: &DuplicateDetail) {
        let note = if detail.rule.is_empty() {
            "a proposal from the catalog's release codes"
        } else {
            "holds now"
        };
        widgets::section_header_ui(ui, "Rule", note);
        let is_changed = self
            .rule
            .as_mut()
            .is_some_and(|rule| rule.show_ui(ui, detail));
        if is_changed {
            self.prepare_rule(context);
        }
        ui.horizontal_wrapped(|ui| {
            if widgets::command_button_ui(ui, "Prepare rule", "R").clicked() {
                self.prepare_rule(context);
            }
            if widgets::command_button_ui(ui, "Leave ambiguous on purpose", "L").clicked() {
                self.prepare_leave(context);
            }
            if !detail.rule.is_empty()
                && widgets::command_button_ui(ui, "Clear rule", "C").clicked()
            {
                self.prepare_clear(context);
            }
        });
        if let Some(problem) = &self.problem {
            ui.label(RichText::new(format!("✗ {problem}")).color(theme::tokens(ui).err));
        }
    }

    fn prepared_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        match self.pad.panel_ui(ui, context, "duplicates_prepared") {
            Some(PadAnswer::Take) => self.take(context),
            Some(PadAnswer::Discard) => self.drop_prepared(),
            None => {}
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(listing) = self.list.listings.answer().cloned() else {
            let state = widgets::EmptyState {
                icon: "…",
                headline: "Looking for ISRCs that several tracks share",
                next: "",
                button: None,
                guide: "",
            };
            widgets::empty_state_ui(ui, state);
            return;
        };
        let empty = match (listing.total(), context.desk.catalog.tracks) {
            (_, 0) => "The catalog has no tracks yet; import it on the catalog screen",
            (0, _) => "No two tracks of the catalog share an ISRC",
            _ => "None fits the filter",
        };
        let table = self.list.table.get_or_insert_default();
        let output = BigTable::new("Shared ISRCs", &COLUMNS)
            .sticky(1)
            .empty_text(empty)
            .show_ui(ui, table, &mut &*listing);
        self.list.table_id = Some(output.response.id);
        if output.columns_changed || output.sort_changed {
            context
                .settings
                .tables
                .insert(TABLE.to_owned(), table.clone());
        }
        if let Some(copied) = output.copied {
            context.go(Go::Notice(copied.sentence()));
        }
        if ui.memory(|m| m.focused().is_none()) {
            output.response.request_focus();
        }
        if output.selection_changed {
            let isrc = listing.at(table.cursor()).map(|d| d.isrc);
            self.select(isrc);
        }
    }
}

impl ListState {
    fn ask(&mut self, context: &Context<'_>, contents: &Contents) {
        let table = self.table.get_or_insert_with(|| context.table(TABLE));
        let key = ListKey {
            generation: context.desk.generation,
            filter: self.filter.clone(),
            sort: table.sort().map(|s| (s.column.clone(), s.descending)),
            currency: self.currency,
        };
        self.listings.ask(key, || {
            Some(ListInput {
                contents: contents.for_job(Job::new(0)),
                desk: Arc::clone(context.desk),
            })
        });
    }
}

fn pressed(ui: &Ui, key: Key) -> bool {
    ui.input_mut(|input| input.consume_key(Modifiers::NONE, key))
}
