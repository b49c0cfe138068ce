//! ISRCs that several tracks of the catalog share, most money first, and rules that settle each of them once.
//!
//! What is asked of catalog and desk is asked on other threads; nothing is decided before it was shown what it moves.

mod detail;
mod list;
mod rule;

use std::sync::Arc;

use eframe::egui::{self, Id, Key, Label, Modifiers, RichText, Ui};

use crate::ident::{Currency, Isrc};
use crate::review::Decision;
use crate::session::desk::Preview;
use crate::session::duplicates::{
    DuplicateDetail, ListFilter, State, clear_decisions, leave_decisions,
};
use crate::session::engine::{ChangeCommand, Wake};
use crate::session::period::KnownPeriod;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::screens::effect::DecisionEffect;
use crate::ui::screens::review::prepared::{self, Previews};
use crate::ui::shared::{Context, Go};
use detail::{Detail, Details, IsrcEditor};
use list::{COLUMNS, Listing, Lists, state_sign, state_tone};
use rule::RuleEditor;

/// Name of the table in the settings.
const TABLE: &str = "duplicates";

/// What the list was asked with.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    generation: u64,
    filter: ListFilter,
    sort: Option<(String, bool)>,
    currency: Option<Currency>,
}

/// Decisions that wait for a yes.
struct Prepared {
    title: String,
    decisions: Vec<Decision>,
    preview: Option<Preview>,
    number: u64,
}

/// The screen of shared ISRCs.
pub struct DuplicatesScreen {
    filter: ListFilter,
    currency: Option<Currency>,
    asked: Option<Asked>,
    lists: Lists,
    listing: Option<Listing>,
    table: Option<TableState>,
    table_id: Option<Id>,
    selected: Option<Isrc>,
    details: Details,
    detail: Option<Detail>,
    detail_asked: Option<(Isrc, u64)>,
    rule: Option<RuleEditor>,
    isrc_editor: Option<IsrcEditor>,
    previews: Previews,
    prepared: Option<Prepared>,
    effect: DecisionEffect,
    problem: Option<String>,
    note: String,
    number: u64,
    wants_focus: bool,
}

impl DuplicatesScreen {
    /// Starts the threads that answer its questions. `known` is the open period that other screens look at, too.
    #[must_use]
    pub fn new(wake: &Wake, known: &KnownPeriod) -> Self {
        Self {
            filter: ListFilter::default(),
            currency: None,
            asked: None,
            lists: list::lists(wake),
            listing: None,
            table: None,
            table_id: None,
            selected: None,
            details: detail::details(wake),
            detail: None,
            detail_asked: None,
            rule: None,
            isrc_editor: None,
            previews: prepared::previews(wake),
            prepared: None,
            effect: DecisionEffect::new(wake, known),
            problem: None,
            note: String::new(),
            number: 0,
            wants_focus: false,
        }
    }

    /// Shows an ISRC.
    pub fn show_isrc(&mut self, isrc: &str) {
        self.filter = ListFilter {
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
        let mut fault = |cause: String| {
            context.go(Go::Fault {
                what: "looking for shared ISRCs".into(),
                cause,
            })
        };
        match self.lists.take() {
            Some(Ok(Some(listing))) => self.take_listing(listing),
            Some(Err(error)) => fault(error.to_string()),
            Some(Ok(None)) | None => {}
        }
        match self.details.take() {
            Some(Ok(detail)) if Some(detail.isrc) == self.selected => {
                let is_other_rule = self.detail.as_ref().is_none_or(|old| {
                    old.isrc != detail.isrc || old.detail.rule != detail.detail.rule
                });
                if is_other_rule || self.rule.is_none() {
                    self.rule = Some(RuleEditor::of(&detail.detail));
                }
                self.detail = Some(detail);
            }
            Some(Err(error)) => fault(error.to_string()),
            _ => {}
        }
        if let Some((number, preview)) = self.previews.take()
            && let Some(prepared) = self.prepared.as_mut().filter(|p| p.number == number)
        {
            match preview {
                Ok(preview) => prepared.preview = Some(preview),
                Err(error) => fault(error.to_string()),
            }
        }
    }

    fn take_listing(&mut self, listing: Listing) {
        let table = self.table.get_or_insert_default();
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
        self.listing = Some(listing);
    }

    fn select(&mut self, isrc: Option<Isrc>) {
        if self.selected != isrc {
            self.selected = isrc;
            self.detail = None;
            self.rule = None;
            self.isrc_editor = None;
            self.drop_prepared();
        }
    }

    fn drop_prepared(&mut self) {
        self.prepared = None;
        self.problem = None;
        self.note.clear();
    }

    /// Asks for what is not shown yet.
    fn ask(&mut self, context: &Context<'_>) {
        self.effect.ask(
            context,
            self.prepared
                .as_ref()
                .map(|p| (p.number, p.decisions.as_slice())),
        );
        let Some(session) = context.engine.session() else {
            return;
        };
        let table = self.table.get_or_insert_with(|| {
            context
                .settings
                .tables
                .get(TABLE)
                .cloned()
                .unwrap_or_default()
        });
        let sort = table.sort().map(|s| (s.column.clone(), s.descending));
        let wanted = Asked {
            generation: context.desk.generation,
            filter: self.filter.clone(),
            sort,
            currency: self.currency,
        };
        if self.asked.as_ref() != Some(&wanted) {
            let Asked {
                filter,
                sort,
                currency,
                ..
            } = wanted.clone();
            let handle = session.for_job(crate::job::Job::new(0));
            self.lists.ask((
                handle,
                list::Question {
                    desk: Arc::clone(context.desk),
                    filter,
                    sort,
                    currency,
                },
            ));
            self.asked = Some(wanted);
        }
        if let Some(isrc) = self.selected {
            let wanted = (isrc, context.desk.generation);
            if self.detail_asked != Some(wanted) {
                self.details.ask(detail::Question {
                    session,
                    desk: Arc::clone(context.desk),
                    isrc,
                });
                self.detail_asked = Some(wanted);
            }
        }
    }

    /// Keys of this screen; none while somebody types.
    fn keys(&mut self, ui: &Ui, context: &mut Context<'_>) {
        let pressed =
            |modifiers: Modifiers, key: Key| ui.input_mut(|i| i.consume_key(modifiers, key));
        if pressed(Modifiers::COMMAND, Key::F) {
            self.wants_focus = true;
        }
        if ui.ctx().text_edit_focused() {
            return;
        }
        if pressed(Modifiers::NONE, Key::Slash) {
            self.wants_focus = true;
        }
        if pressed(Modifiers::NONE, Key::Escape) {
            self.drop_prepared();
        }
        let focused = ui.memory(|m| m.focused());
        if (focused.is_none() || focused == self.table_id) && pressed(Modifiers::NONE, Key::Enter) {
            self.take(context);
        }
        const DIGITS: [Key; 9] = [
            Key::Num1,
            Key::Num2,
            Key::Num3,
            Key::Num4,
            Key::Num5,
            Key::Num6,
            Key::Num7,
            Key::Num8,
            Key::Num9,
        ];
        for (place, key) in DIGITS.into_iter().enumerate() {
            if pressed(Modifiers::NONE, key) {
                self.all_to(context, place);
            }
        }
        if pressed(Modifiers::NONE, Key::A)
            && let (Some(rule), Some(detail)) = (&mut self.rule, &self.detail)
        {
            rule.add(&detail.detail);
            self.prepare_rule(context);
        }
        for (key, act) in [
            (Key::R, Self::prepare_rule as fn(&mut Self, &Context<'_>)),
            (Key::L, Self::prepare_leave),
            (Key::C, Self::prepare_clear),
        ] {
            if pressed(Modifiers::NONE, key) {
                act(self, context);
            }
        }
    }

    fn all_to(&mut self, context: &Context<'_>, place: usize) {
        let track = self
            .detail
            .as_ref()
            .and_then(|d| d.detail.tracks.get(place))
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
                self.prepared = None;
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
        self.number += 1;
        self.problem = None;
        self.previews.ask(prepared::Question {
            number: self.number,
            desk: Arc::clone(context.desk),
            decisions: decisions.clone(),
        });
        self.prepared = Some(Prepared {
            title,
            decisions,
            preview: None,
            number: self.number,
        });
    }

    /// Takes what is prepared, once it is known what it moves.
    fn take(&mut self, context: &mut Context<'_>) {
        let Some(prepared) = self.prepared.take_if(|p| p.preview.is_some()) else {
            return;
        };
        let mut decisions = prepared.decisions;
        let note = std::mem::take(&mut self.note);
        decisions.iter_mut().for_each(|d| d.note.clone_from(&note));
        context.send(ChangeCommand::Decide(decisions));
    }

    fn head_ui(&mut self, ui: &mut Ui) {
        egui::Panel::top("duplicates_head").show(ui, |ui| {
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let width = (ui.available_width() * 0.4).clamp(200.0, 380.0);
                let output = widgets::search_box_ui(
                    ui,
                    &mut self.filter.text,
                    "Filter shared ISRCs",
                    "ISRC, title or artist",
                    width,
                );
                if std::mem::take(&mut self.wants_focus) {
                    output.response.request_focus();
                }
                widgets::busy_ui(ui, self.lists.is_busy());
                self.currencies_ui(ui);
            });
            self.states_ui(ui);
            ui.add_space(2.0);
        });
    }

    fn currencies_ui(&mut self, ui: &mut Ui) {
        let Some(listing) = self.listing.as_ref().filter(|l| !l.currencies.is_empty()) else {
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
                self.currency = Some(currency);
            }
        }
    }

    fn states_ui(&mut self, ui: &mut Ui) {
        let Some(listing) = &self.listing else { return };
        ui.horizontal_wrapped(|ui| {
            let all = numbers::count(listing.total() as u64);
            ui.selectable_value(&mut self.filter.state, None, format!("All {all}"));
            for (state, count) in State::ALL.into_iter().zip(listing.counts) {
                let color = theme::tokens(ui).tone(state_tone(state));
                let words = RichText::new(format!(
                    "{} {} {}",
                    state_sign(state),
                    state.words(),
                    numbers::count(count)
                ))
                .color(color);
                ui.selectable_value(&mut self.filter.state, Some(state), words);
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
                let Some(detail) = self.detail.take().filter(|d| Some(d.isrc) == self.selected)
                else {
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
                self.detail = Some(detail);
            });
    }

    fn one_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, detail: &Detail) {
        ui.add_space(4.0);
        let state = self
            .listing
            .as_ref()
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
                    widgets::Status {
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

    /// What is prepared and what it moves: at the bottom, where it never moves.
    fn prepared_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(prepared) = &self.prepared else {
            return;
        };
        let (mut take, mut drop) = (false, false);
        let (note, effect) = (&mut self.note, &mut self.effect);
        egui::Panel::bottom("duplicates_prepared").show(ui, |ui| {
            ui.add_space(6.0);
            let tokens = theme::tokens(ui);
            ui.add(Label::new(RichText::new(&prepared.title).strong()).wrap());
            match &prepared.preview {
                None => drop_label(ui, "Adding up what it moves…", tokens.subdued),
                Some(preview) if preview.lines == 0 => drop_label(
                    ui,
                    "Moves no money now; it holds for reports to come",
                    tokens.subdued,
                ),
                Some(preview) => prepared::moves_ui(ui, preview),
            }
            effect.show_ui(ui, context, prepared.number);
            ui.horizontal(|ui| {
                let label = ui.label("Note");
                let field = egui::TextEdit::singleline(note)
                    .hint_text("why, for whoever asks later")
                    .desired_width(ui.available_width() - 170.0);
                ui.add(field).labelled_by(label.id);
                take = ui
                    .add_enabled_ui(prepared.preview.is_some(), |ui| {
                        widgets::main_button_ui(ui, "Take", "Enter").clicked()
                    })
                    .inner;
                drop = widgets::command_button_ui(ui, "Drop", "Escape").clicked();
            });
            ui.add_space(6.0);
        });
        if take {
            self.take(context);
        }
        if drop {
            self.drop_prepared();
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(listing) = &self.listing else {
            let state = widgets::EmptyState {
                icon: "…",
                headline: "Looking for ISRCs that several tracks share",
                next: "",
                button: None,
            };
            widgets::empty_state_ui(ui, state);
            return;
        };
        let empty = match (listing.total(), context.desk.catalog.tracks) {
            (_, 0) => "The catalog has no tracks yet; import it on the catalog screen",
            (0, _) => "No two tracks of the catalog share an ISRC",
            _ => "None fits the filter",
        };
        let table = self.table.get_or_insert_default();
        let output = BigTable::new("Shared ISRCs", &COLUMNS)
            .sticky(1)
            .empty_text(empty)
            .show_ui(ui, table, &mut &*listing);
        self.table_id = Some(output.response.id);
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

fn drop_label(ui: &mut Ui, words: &str, color: egui::Color32) {
    ui.label(RichText::new(words).color(color));
}
