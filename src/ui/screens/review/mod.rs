//! The review, where the work happens: lines that need a person, most money first, and beside them what was reported and what could be
//! meant. Everything that takes longer than a frame is asked of another thread; what is shown stays until the answer is there.

mod asking;
mod bulk;
mod detail;
mod facets;
mod filter_bar;
mod source;
mod split;

use std::sync::Arc;

use eframe::egui::{self, Id, Key, Modifiers, RichText, Ui};

use crate::catalog::Track;
use crate::contents::Contents;
use crate::desk::choice::{self, Scope};
use crate::desk::open_period::KnownPeriod;
use crate::desk::query::{self, Facet, LinesView, QueryError};
use crate::desk::{Desk, LineId, ReviewProgress};
use crate::job::{Latest, Wake};
use crate::matching::Status;
use crate::review::{Action, Decision};
use crate::session::engine::ChangeCommand;
use crate::ui::background::Arrived;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::{numbers, shortcuts, theme, widgets};
use crate::ui::screens::decide::{
    DecisionPad, PadAnswer, PadKey, PadStyle, PreparedDecisions, pad_keys,
};
use crate::ui::shared::{Context, Go, Screen};
use crate::ui::text;
use asking::Asking;
use bulk::Bulk;
use detail::{DetailKey, LineDetail, LineDetails, LineInput};
use filter_bar::FilterBar;
use source::{COLUMNS, LineRows};
use split::{SplitAnswer, SplitEditor};

pub(crate) use source::status_tone;

/// The review screen.
pub struct ReviewScreen {
    bar: FilterBar,
    list: LineList,
    details: LineDetails,
    catalog: TrackSearch,
    pad: DecisionPad,
    /// What a decision holds for.
    reach: Scope,
    split: Option<SplitEditor>,
    bulk: Bulk,
    facets: FacetPanel,
}

/// The lines that are shown, and the one that is looked at.
struct LineList {
    scope: query::LineScope,
    asking: Asking,
    view: Option<LinesView>,
    table: Option<TableState>,
    table_id: Option<Id>,
    current: Option<LineId>,
    /// After a decision the table stays at this row, where the next line has come to stand.
    stay_at: Option<u64>,
}

/// The search of the catalog for tracks that are no candidates.
struct TrackSearch {
    text: String,
    searches: Latest<(Contents, String), Vec<Track>>,
    found: Vec<Track>,
}

/// The counts of values beside the list.
#[derive(Default)]
struct FacetPanel {
    /// Whether somebody opened or closed it; the width of the window decides until then.
    chosen: Option<bool>,
    is_shown: bool,
    /// Stay while newer ones are counted.
    counts: Vec<Facet>,
}

/// Why nothing is done with many lines.
const NOT_UNDERSTOOD: &str =
    "The filter has a term that is not understood, so more lines are shown than are meant";
/// Name of the table in the settings.
const TABLE: &str = "review";
/// Tracks that a search of the catalog offers at most.
const FOUND: usize = 20;
/// Below this width the facets are closed until somebody opens them.
const WIDE: f32 = 1500.0;

impl ReviewScreen {
    /// Starts the threads that answer its questions. `known` is the open period that other screens look at, too.
    #[must_use]
    pub fn new(wake: &Wake, known: &KnownPeriod) -> Self {
        Self {
            bar: FilterBar::default(),
            list: LineList::new(wake),
            details: detail::details(wake),
            catalog: TrackSearch::new(wake),
            pad: DecisionPad::new(PadStyle::LINES, wake, known),
            reach: Scope::Item,
            split: None,
            bulk: Bulk::new(wake),
            facets: FacetPanel::default(),
        }
    }

    /// Shows the lines that fit a filter, whatever their status.
    pub fn set_filter(&mut self, filter: &str) {
        self.bar.set(filter);
        self.list.scope = query::LineScope::All;
    }

    /// Whether what is shown is older than what is asked for.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.list.asking.is_looking()
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        if context.desk.lines().is_empty() {
            return empty_ui(ui, context);
        }
        self.answers(ui.ctx(), context);
        self.ask(context);
        self.keys(ui, context);
        self.head_ui(ui, context);
        self.facets_panel_ui(ui);
        self.detail_panel_ui(ui, context);
        self.footer_ui(ui, context);
        self.table_ui(ui, context);
    }

    /// Takes what other threads have answered.
    fn answers(&mut self, ctx: &egui::Context, context: &mut Context<'_>) {
        match self.list.asking.take() {
            Some(Ok(view)) => self.take_view(view),
            Some(Err(QueryError::Overflow(error))) => context.fault("adding up the lines", error),
            Some(Err(QueryError::Stale)) | None => {}
        }
        if let Some(detail) = context.received("reading the catalog", self.details.receive()) {
            self.follow_detail(&detail, context);
        }
        if let Some(tracks) = self.catalog.searches.take() {
            self.catalog.found = tracks;
        }
        self.pad.receive(context, "adding up what a decision moves");
        if let Some((title, decisions)) = self.bulk.answer(ctx, context) {
            self.prepare(context.desk, title, None, decisions);
        }
    }

    fn take_view(&mut self, mut view: LinesView) {
        if !view.facets.is_empty() {
            self.facets.counts = std::mem::take(&mut view.facets);
        }
        let has_new_lines = self
            .list
            .view
            .as_ref()
            .is_none_or(|v| v.desk.lines_generation != view.desk.lines_generation);
        let table = self.list.table.get_or_insert_default();
        if has_new_lines {
            table.forget_rows();
            self.list.current = None;
            self.details.forget_answer();
            self.list.stay_at = None;
        }
        let last = view.rows.len().saturating_sub(1) as u64;
        if let Some(row) = self.list.stay_at.take() {
            // The decided line is gone and the next one stands in its row, or it is still there and the next one is below.
            let is_there = view.rows.get(row as usize).copied() == self.list.current;
            table.select((row + u64::from(is_there)).min(last));
        } else if let Some(index) = self
            .list
            .current
            .and_then(|line| view.rows.iter().position(|l| *l == line))
        {
            if table.cursor() != index as u64 && table.selection().count() <= 1 {
                table.select(index as u64);
            }
        } else {
            table.select(0);
        }
        let line = view.rows.get(table.cursor().min(last) as usize).copied();
        let is_other = std::mem::replace(&mut self.list.current, line) != line;
        // What was prepared for a line must not be taken while another one is looked at.
        if is_other && self.pad.prepared().is_some_and(|p| p.decisions.len() <= 1) {
            self.drop_prepared();
        }
        self.list.view = Some(view);
    }

    /// Searches for what was reported, and prepares the best candidate of an open line.
    fn follow_detail(&mut self, arrived: &Arrived<LineDetail>, context: &Context<'_>) {
        let detail = &arrived.answer;
        // The answer about a line that is not looked at any more.
        if Some(detail.line) != self.list.current {
            return self.details.forget_answer();
        }
        let is_new = arrived
            .previous
            .as_ref()
            .is_none_or(|old| old.line != detail.line);
        if is_new {
            self.catalog.text = search_text(context.desk, detail.line);
        }
        let is_open = context.desk.status(detail.line) != Status::Matched;
        // After a decision the line is still looked at until the next one has come to stand in its row.
        let is_decided = self.list.stay_at.is_some();
        let is_free = self.pad.prepared().is_none() && self.split.is_none();
        if is_open
            && !is_decided
            && is_free
            && let Some(best) = detail.candidates.first()
        {
            self.prepare_assign(context, detail.line, &best.track.id);
        }
    }

    /// Asks for what is not shown yet.
    fn ask(&mut self, context: &Context<'_>) {
        let table = self.list.table.get_or_insert_with(|| context.table(TABLE));
        self.list.asking.ask(
            context.desk,
            &self.bar,
            self.list.scope,
            table,
            self.facets.is_shown,
        );
        let is_current = self
            .list
            .view
            .as_ref()
            .is_some_and(|v| v.desk.lines_generation == context.desk.lines_generation);
        if is_current && let Some(line) = self.list.current {
            let key = DetailKey {
                line,
                generation: context.desk.generation,
                found: self.catalog.found.len(),
            };
            self.details.ask(key, || {
                Some(LineInput {
                    desk: Arc::clone(context.desk),
                    contents: context.engine.contents()?,
                    found: self.catalog.found.clone(),
                })
            });
        }
        self.pad.ask_effect(context);
    }

    /// Keys of this screen; none while somebody types, and Enter belongs to whatever control has the focus.
    fn keys(&mut self, ui: &Ui, context: &mut Context<'_>) {
        if shortcuts::find_pressed(ui) {
            self.bar.focus();
        }
        if ui.ctx().text_edit_focused() {
            return;
        }
        self.reach_keys(ui, context);
        for key in pad_keys(ui, self.list.table_id) {
            match key {
                PadKey::Discard => self.drop_prepared(),
                PadKey::Take => self.take(context),
                PadKey::Candidate(index) => self.assign_to(context, index),
            }
        }
        if pressed(ui, Modifiers::NONE, Key::I) {
            self.act(context, &Action::Ignore);
        }
        if pressed(ui, Modifiers::NONE, Key::H) {
            self.act(context, &Action::Hold);
        }
        if pressed(ui, Modifiers::NONE, Key::T) {
            self.begin_split();
        }
        if pressed(ui, Modifiers::NONE, Key::S) {
            self.skip();
        }
    }

    fn reach_keys(&mut self, ui: &Ui, context: &mut Context<'_>) {
        for (key, scope) in [
            (Key::Num1, Scope::Item),
            (Key::Num2, Scope::IsrcAtDsp),
            (Key::Num3, Scope::Everywhere),
        ] {
            if pressed(ui, Modifiers::ALT, key) {
                self.set_reach(context, scope);
            }
        }
    }

    /// Prepares to assign to a candidate; asked a second time, takes it.
    fn assign_to(&mut self, context: &mut Context<'_>, index: usize) {
        let Some((line, track)) = self
            .details
            .answer()
            .and_then(|d| Some((d.line, d.candidates.get(index)?.track.id.clone())))
        else {
            return;
        };
        if self
            .pad
            .prepared()
            .is_some_and(|p| p.track.as_deref() == Some(&track))
        {
            return self.take(context);
        }
        self.prepare_assign(context, line, &track);
    }

    fn prepare_assign(&mut self, context: &Context<'_>, line: LineId, track: &str) {
        let action = Action::Assign {
            track: track.to_owned(),
        };
        if let Some(decision) = self.decision(context.desk, line, action) {
            self.prepare(
                context.desk,
                format!("Assign to {track}"),
                Some(track.to_owned()),
                vec![decision],
            );
        }
    }

    fn decision(&self, desk: &Desk, line: LineId, action: Action) -> Option<Decision> {
        let target = self
            .reach
            .target(desk, line)
            .or_else(|| Scope::Item.target(desk, line))?;
        Some(Decision {
            target,
            action,
            note: String::new(),
        })
    }

    /// Prepares an action for what is selected: one line with the chosen scope, or many lines each by itself.
    fn act(&mut self, context: &mut Context<'_>, action: &Action) {
        let selected = self.selected();
        if selected.len() > 1 {
            if !self.bar.filter.issues.is_empty() {
                return context.go(Go::Notice(NOT_UNDERSTOOD.into()));
            }
            let decisions = choice::for_all(context.desk, &selected, action, "");
            let title = format!(
                "{} {}",
                capitalized(&action.to_string()),
                numbers::counted(decisions.len() as u64, "item", "items")
            );
            return self.prepare(context.desk, title, None, decisions);
        }
        let Some(decision) = self
            .list
            .current
            .and_then(|line| self.decision(context.desk, line, action.clone()))
        else {
            return;
        };
        self.prepare(
            context.desk,
            capitalized(&action.to_string()),
            None,
            vec![decision],
        );
    }

    fn prepare(
        &mut self,
        desk: &Arc<Desk>,
        title: String,
        track: Option<String>,
        decisions: Vec<Decision>,
    ) {
        let prepared = PreparedDecisions {
            title,
            track,
            decisions,
        };
        self.pad.prepare(desk, prepared);
    }

    /// Takes what is prepared, once it is known what it moves.
    fn take(&mut self, context: &mut Context<'_>) {
        let Some(decisions) = self.pad.take() else {
            return;
        };
        self.list.stay_at = self.list.table.as_ref().map(|t| {
            t.selection()
                .ranges()
                .first()
                .map_or(t.cursor(), |r| r.start)
        });
        self.split = None;
        context.send(ChangeCommand::Decide(decisions));
    }

    fn drop_prepared(&mut self) {
        self.pad.discard();
        self.split = None;
    }

    fn skip(&mut self) {
        let count = self.list.view.as_ref().map_or(0, |v| v.rows.len()) as u64;
        if let Some(table) = self.list.table.as_mut().filter(|_| count > 0) {
            let next = (table.cursor() + 1).min(count - 1);
            table.select(next);
            self.moved();
        }
    }

    fn begin_split(&mut self) {
        let Some(detail) = self.details.answer() else {
            return;
        };
        let tracks: Vec<String> = detail
            .candidates
            .iter()
            .take(9)
            .map(|c| c.track.id.clone())
            .collect();
        self.split = Some(SplitEditor::new(&tracks));
        self.pad.withdraw();
    }

    fn set_reach(&mut self, context: &mut Context<'_>, reach: Scope) {
        self.reach = reach;
        let Some(line) = self.list.current else {
            return;
        };
        // What is prepared is prepared anew with the new scope.
        let Some(prepared) = self.pad.prepared().cloned() else {
            return;
        };
        if let [old] = prepared.decisions.as_slice()
            && let Some(decision) = self.decision(context.desk, line, old.action.clone())
        {
            self.prepare(context.desk, prepared.title, prepared.track, vec![decision]);
        }
    }

    /// Another line is looked at.
    fn moved(&mut self) {
        let view = self.list.view.as_ref();
        let line = view.and_then(|v| {
            v.rows
                .get(self.list.table.as_ref()?.cursor() as usize)
                .copied()
        });
        if line != self.list.current {
            self.list.current = line;
            self.catalog.found.clear();
            self.drop_prepared();
        }
    }

    fn selected(&self) -> Vec<LineId> {
        let Some(view) = &self.list.view else {
            return Vec::new();
        };
        let Some(table) = &self.list.table else {
            return Vec::new();
        };
        table
            .selection()
            .rows()
            .filter_map(|row| view.rows.get(row as usize).copied())
            .collect()
    }

    fn head_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        egui::Panel::top("review_head").show(ui, |ui| {
            ui.add_space(4.0);
            self.progress_ui(ui, context);
            let index = self.list.view.as_ref().map(|v| Arc::clone(&v.index));
            self.bar.show_ui(ui, context.settings, index.as_deref());
            ui.horizontal(|ui| {
                let is_wide = ui.ctx().content_rect().width() >= WIDE;
                let mut shows = self.facets.chosen.unwrap_or(is_wide);
                if ui.toggle_value(&mut shows, "Facets").on_hover_text("Statuses, DSPs, labels and more, with their money").clicked() {
                    self.facets.chosen = Some(shows);
                }
                ui.separator();
                for (scope, title) in [(query::LineScope::NeedsPerson, "Needs a person"), (query::LineScope::All, "All lines")] {
                    ui.selectable_value(&mut self.list.scope, scope, title);
                }
                ui.separator();
                let can_settle = self.bar.filter.issues.is_empty();
                if ui
                    .add_enabled(can_settle, egui::Button::new("Settle all shown…"))
                    .on_hover_text("Assigns each line to its best candidate and holds those without one; shows first what that moves")
                    .on_disabled_hover_text(NOT_UNDERSTOOD)
                    .clicked()
                    && let (Some(view), Some(contents)) = (&self.list.view, context.engine.contents())
                {
                    self.bulk.settle(contents, Arc::clone(context.desk), view.rows.to_vec());
                }
                if ui.button("Export table…").on_hover_text("The lines that are shown, as a CSV file").clicked() {
                    self.bulk.export(context, self.list.view.as_ref());
                }
                widgets::busy_ui(ui, self.bulk.is_busy() || self.list.asking.is_busy());
            });
            ui.add_space(2.0);
        });
    }

    /// Progress by money: the currencies with most open money first, as many as there is room for.
    fn progress_ui(&self, ui: &mut Ui, context: &mut Context<'_>) {
        let mut all: Vec<ReviewProgress> = context
            .desk
            .progress()
            .unwrap_or_default()
            .into_iter()
            .filter(|p| !p.reported.is_zero())
            .collect();
        all.sort_by_key(|p| {
            std::cmp::Reverse(
                p.reported
                    .magnitude()
                    .units()
                    .abs_diff(p.settled.magnitude().units()),
            )
        });
        let room = usize::try_from(ui.available_width() as u64 / 400)
            .unwrap_or(1)
            .max(1);
        ui.horizontal(|ui| {
            for progress in all.iter().take(room) {
                self.currency_ui(ui, progress);
                ui.separator();
            }
            if all.len() > room {
                let words: Vec<String> = all[room..].iter().map(settled_text).collect();
                ui.label(format!("and {} more currencies", all.len() - room))
                    .on_hover_text(words.join("\n"));
            }
        });
    }

    fn currency_ui(&self, ui: &mut Ui, progress: &ReviewProgress) {
        let is_done = progress.per_mille() == 1000;
        let clears = self
            .list
            .view
            .as_ref()
            .filter(|_| self.bar.filter.is_empty())
            .and_then(|v| v.clears.iter().find(|(c, _)| *c == progress.currency));
        let mut words = settled_text(progress);
        if let Some((_, clears)) = clears.filter(|(_, c)| c.lines > 0 && !is_done) {
            words = format!(
                "{words}; {} clear 99% of the rest",
                numbers::counted(clears.lines, "decision", "decisions")
            );
        }
        let tokens = theme::tokens(ui);
        ui.label(RichText::new(words).color(if is_done { tokens.ok } else { tokens.text }))
            .on_hover_text(format!(
                "{} of {}",
                text::exact_money(progress.settled, progress.currency),
                text::exact_money(progress.reported, progress.currency)
            ));
    }

    fn facets_panel_ui(&mut self, ui: &mut Ui) {
        let is_wide = ui.ctx().content_rect().width() >= WIDE;
        self.facets.is_shown = self.facets.chosen.unwrap_or(is_wide);
        if !self.facets.is_shown {
            return;
        }
        let counts = &self.facets.counts;
        egui::Panel::left("review_facets")
            .default_size(210.0)
            .size_range(160.0..=360.0)
            .show(ui, |ui| facets::facets_ui(ui, counts, &mut self.bar));
    }

    fn detail_panel_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let width = (ui.available_width() * 0.42).clamp(380.0, 760.0);
        egui::Panel::right("review_detail")
            .default_size(width)
            .size_range(320.0..=1100.0)
            .show(ui, |ui| {
                widgets::fill_panel(ui);
                let selected = self.selected();
                self.decision_ui(ui, context, selected.len());
                egui::ScrollArea::vertical()
                    .auto_shrink(false)
                    .show(ui, |ui| {
                        if selected.len() > 1 {
                            self.many_ui(ui, context, &selected);
                        } else {
                            self.one_ui(ui, context);
                        }
                    });
            });
    }

    /// Scope, actions and what is prepared: at the bottom, where they never move.
    fn decision_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, selected: usize) {
        egui::Panel::bottom("review_decision").show(ui, |ui| {
            ui.add_space(4.0);
            if selected <= 1 {
                self.reach_ui(ui, context);
            }
            self.actions_ui(ui, context);
            if let Some(mut split) = self.split.take() {
                match split.show_ui(ui) {
                    SplitAnswer::Nothing => self.split = Some(split),
                    SplitAnswer::Close => {}
                    SplitAnswer::Prepare(action) => {
                        self.act(context, &action);
                        self.split = Some(split);
                    }
                }
            }
            match self.pad.framed_ui(ui, context) {
                Some(PadAnswer::Take) => self.take(context),
                Some(PadAnswer::Discard) => self.drop_prepared(),
                None => {}
            }
            ui.add_space(4.0);
        });
    }

    fn reach_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        ui.horizontal_wrapped(|ui| {
            ui.label("Scope");
            for (index, scope) in Scope::ALL.into_iter().enumerate() {
                let is_possible = self
                    .list
                    .current
                    .is_some_and(|line| scope.target(context.desk, line).is_some());
                let button = egui::Button::selectable(self.reach == scope, scope.title());
                if ui
                    .add_enabled(is_possible, button)
                    .on_hover_text(format!("{} (Alt+{})", scope.title(), index + 1))
                    .clicked()
                {
                    self.set_reach(context, scope);
                }
            }
        });
    }

    fn actions_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        ui.horizontal_wrapped(|ui| {
            if widgets::command_button_ui(ui, "Ignore", "I").clicked() {
                self.act(context, &Action::Ignore);
            }
            if widgets::command_button_ui(ui, "Hold", "H").clicked() {
                self.act(context, &Action::Hold);
            }
            if widgets::command_button_ui(ui, "Split…", "T").clicked() {
                self.begin_split();
            }
            if widgets::command_button_ui(ui, "Skip", "S").clicked() {
                self.skip();
            }
            if self
                .list
                .current
                .is_some_and(|line| context.desk.decided(line).is_some())
                && ui
                    .button("Clear decision")
                    .on_hover_text("What was decided no longer holds; the cascade decides again")
                    .clicked()
            {
                self.act(context, &Action::Clear);
            }
        });
    }

    fn one_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let detail = self.details.answer().cloned();
        let Some(detail) = detail.filter(|d| Some(d.line) == self.list.current) else {
            ui.add_space(8.0);
            ui.label(if self.list.current.is_some() {
                "Looking it up…"
            } else {
                "Nothing is selected"
            });
            return;
        };
        detail::reported_ui(ui, context, &detail);
        widgets::section_header_ui(ui, "Candidates", "1 – 9 prepare, Enter takes");
        let prepared = self.pad.prepared().and_then(|p| p.track.clone());
        if let Some(index) = detail::candidates_ui(ui, context, &detail, prepared.as_deref()) {
            self.prepare_assign(context, detail.line, &detail.candidates[index].track.id);
        }
        self.search_ui(ui, context);
        detail::evidence_ui(ui, context, &detail);
    }

    fn search_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        widgets::section_header_ui(ui, "Search the catalog for another track", "");
        ui.horizontal(|ui| {
            let width = ui.available_width() - 90.0;
            let output = widgets::search_box_ui(
                ui,
                &mut self.catalog.text,
                "Catalog search",
                "title, artist, ISRC, UPC or track id",
                width,
            );
            if (ui.button("Search").clicked() || output.submitted)
                && let Some(contents) = context.engine.contents()
            {
                self.catalog
                    .searches
                    .ask((contents, self.catalog.text.clone()));
            }
            widgets::busy_ui(ui, self.catalog.searches.is_busy());
        });
        if !self.catalog.found.is_empty() {
            ui.label(
                RichText::new("What was found stands behind the candidates above")
                    .color(theme::tokens(ui).subdued),
            );
        }
    }

    fn many_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, selected: &[LineId]) {
        ui.add_space(6.0);
        ui.heading(numbers::counted(
            selected.len() as u64,
            "line selected",
            "lines selected",
        ));
        bulk::sums_ui(ui, context.desk, selected);
        ui.add_space(6.0);
        if !self.bar.filter.issues.is_empty() {
            ui.label(RichText::new(NOT_UNDERSTOOD).color(theme::tokens(ui).warn));
            return;
        }
        ui.label("Ignore or hold them with the buttons below, or");
        ui.add_space(4.0);
        if ui.button("Assign each to its best candidate").clicked()
            && let Some(contents) = context.engine.contents()
        {
            self.bulk
                .settle(contents, Arc::clone(context.desk), selected.to_vec());
        }
        ui.add_space(6.0);
        self.search_ui(ui, context);
        for track in self.catalog.found.clone() {
            ui.horizontal(|ui| {
                if ui.button(format!("Assign all to {}", track.id)).clicked() {
                    let action = Action::Assign {
                        track: track.id.clone(),
                    };
                    let decisions = choice::for_all(context.desk, selected, &action, "");
                    let title = format!(
                        "Assign {} to {}",
                        numbers::counted(decisions.len() as u64, "item", "items"),
                        track.id
                    );
                    self.prepare(context.desk, title, None, decisions);
                }
                ui.label(format!("{} – {}", track.title, track.artist));
            });
        }
    }

    fn footer_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(view) = &self.list.view else { return };
        egui::Panel::bottom("review_footer").show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(
                    RichText::new(format!(
                        "{} shown",
                        numbers::counted(view.rows.len() as u64, "line", "lines")
                    ))
                    .strong(),
                );
                for (currency, total) in &view.totals {
                    ui.separator();
                    ui.add(
                        egui::Label::new(
                            RichText::new(text::money(total.amount, *currency))
                                .font(theme::number_font()),
                        )
                        .extend(),
                    )
                    .on_hover_text(format!(
                        "{} in {} rows",
                        text::exact_money(total.amount, *currency),
                        numbers::count(total.rows)
                    ));
                }
                if view.rows.is_empty() && !context.desk.lines().is_empty() {
                    ui.separator();
                    if ui.link("Go to the payout").clicked() {
                        context.go(Go::To(Screen::Payout));
                    }
                }
            });
        });
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(view) = &self.list.view else {
            widgets::empty_state_ui(
                ui,
                widgets::EmptyState {
                    icon: "…",
                    headline: "Looking through the lines",
                    next: "",
                    button: None,
                    guide: "",
                },
            );
            return;
        };
        let empty = if self.bar.filter.is_empty() {
            "Everything is settled"
        } else {
            "No line fits the filter"
        };
        let mut rows = LineRows {
            desk: Arc::clone(&view.desk),
            rows: Arc::clone(&view.rows),
        };
        // Where statements have come or gone, line numbers mean something else; the newer view is on its way.
        if view.desk.lines_generation == context.desk.lines_generation {
            rows.desk = Arc::clone(context.desk);
        }
        let table = self.list.table.get_or_insert_default();
        let output = BigTable::new("Lines to review", &COLUMNS)
            .sticky(2)
            .empty_text(empty)
            .show_ui(ui, table, &mut rows);
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
            self.moved();
        }
    }
}

impl LineList {
    fn new(wake: &Wake) -> Self {
        Self {
            scope: query::LineScope::NeedsPerson,
            asking: Asking::new(wake),
            view: None,
            table: None,
            table_id: None,
            current: None,
            stay_at: None,
        }
    }
}

impl TrackSearch {
    fn new(wake: &Wake) -> Self {
        let wake = Arc::clone(wake);
        Self {
            text: String::new(),
            searches: Latest::new("catalog search", move || wake(), find_tracks),
            found: Vec::new(),
        }
    }
}

/// What cannot be read is not found: the search only offers more than the candidates.
fn find_tracks((contents, text): (Contents, String), is_stale: &dyn Fn() -> bool) -> Vec<Track> {
    contents
        .search_catalog(&text, FOUND, is_stale)
        .map(|result| result.tracks)
        .unwrap_or_default()
}

fn pressed(ui: &Ui, modifiers: Modifiers, key: Key) -> bool {
    ui.input_mut(|input| input.consume_key(modifiers, key))
}

fn settled_text(progress: &ReviewProgress) -> String {
    let share = u16::try_from(progress.per_mille()).unwrap_or(1000);
    format!(
        "{} of {} settled",
        numbers::percent(share),
        text::money(progress.reported, progress.currency)
    )
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + characters.as_str())
        .unwrap_or_default()
}

/// What the catalog is searched for at first.
fn search_text(desk: &Desk, line: LineId) -> String {
    use crate::statement::item::Field;
    format!(
        "{} {}",
        desk.field(line, Field::Title),
        desk.field(line, Field::Artist)
    )
    .trim()
    .to_owned()
}

fn empty_ui(ui: &mut Ui, context: &mut Context<'_>) {
    let has_jobs = !context.engine.is_idle();
    let (headline, text) = if has_jobs {
        (
            "Reading the statements…",
            "What needs a person appears here as each file is done.",
        )
    } else {
        (
            "There is nothing to review yet",
            "Open this month's statements: drop them on the window, or press Ctrl+O.",
        )
    };
    let button = (!has_jobs).then_some(("Open statements…", "Ctrl+O"));
    if widgets::empty_state_ui(
        ui,
        widgets::EmptyState {
            icon: "☰",
            headline,
            next: text,
            button,
            guide: "review",
        },
    ) {
        context.go(Go::PickStatements);
    }
}
