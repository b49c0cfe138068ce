//! Contracts, payees, taxes, rates and balances: found, changed in a form or as text, tried out on the open period, saved.
//!
//! Invariants: what is checked and what is settled to show an effect is computed on other threads; what is not saved stays until it is
//! saved or discarded, whatever screen or piece is looked at in between.

mod editor;
mod files;
mod form;
mod piece;
mod rows;
mod start;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, RichText, Ui};

use crate::contents::terms::terms_after;
use crate::desk::open_period::KnownPeriod;
use crate::desk::terms::TermsView;
use crate::job::{Latest, Wake};
use crate::review::{TermTexts, TermsChange};
use crate::session::engine::ChangeCommand;
use crate::session::sample;
use crate::settlement::SettleError;
use crate::terms::Fault;
use crate::terms::pieces::TermKind;
use crate::ui::kit::table::columns::Sort;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::{bidi, numbers, theme, widgets};
use crate::ui::screens::effect::{self, Effects, ShownEffect};
use crate::ui::shared::{Context, Go};
use editor::{Sync, TermEditor};
use files::Files;
use rows::{TermRows, columns};
use start::Begin;
use words::{KINDS, kind_about, kind_words};

/// A piece, or a new one of a kind.
type Which = (TermKind, Option<String>);

struct TermsQuestion {
    texts: Arc<TermTexts>,
    kind: TermKind,
    search: String,
    sort: Option<Sort>,
}

struct ViewAnswer {
    /// The pieces that it was made of.
    texts: Arc<TermTexts>,
    view: Arc<TermsView>,
    kind: TermKind,
    order: Vec<u32>,
}

/// What a change is asked about; the last part tells the version of the editor.
type CheckQuestion = (Arc<TermTexts>, TermsChange, u64);

/// A piece that somebody wants to remove, and what stands against it.
struct Removal {
    which: (TermKind, String),
    /// `None` while it is found out.
    faults: Option<Vec<Fault>>,
}

/// What is searched for, and the pieces that are listed.
struct PieceList {
    search: String,
    wants_focus: bool,
    views: Latest<TermsQuestion, ViewAnswer>,
    view_asked: Option<(Arc<TermTexts>, TermKind, String, Option<Sort>)>,
    view: Option<ViewAnswer>,
    tables: BTreeMap<TermKind, TableState>,
}

/// The piece that is shown, and what is not saved yet.
#[derive(Default)]
struct PieceEditors {
    /// The piece that is shown.
    editor: Option<TermEditor>,
    /// Pieces with changes that are not saved and not shown.
    drafts: BTreeMap<Which, TermEditor>,
    /// The piece to show as soon as it is there.
    wanted: Option<String>,
    /// Of the pieces that the editors have been compared with.
    synced: Option<Arc<TermTexts>>,
}

/// What stands against a change, and what it would do to the open period.
struct ChangeCheck {
    checks: Latest<CheckQuestion, (u64, Vec<Fault>)>,
    check_asked: Option<(Which, u64)>,
    effects: Effects,
    effect_asked: Option<(Which, effect::Ticket)>,
    effect: Option<ShownEffect>,
}

/// A removal that waits for an answer.
struct PieceRemoval {
    removals: Latest<(Arc<TermTexts>, (TermKind, String)), ((TermKind, String), Vec<Fault>)>,
    removal: Option<Removal>,
}

/// The contracts screen.
pub struct ContractsScreen {
    kind: TermKind,
    list: PieceList,
    editing: PieceEditors,
    checking: ChangeCheck,
    removing: PieceRemoval,
    files: Files,
    payees: Arc<Vec<String>>,
}

impl PieceEditors {
    /// Names of the pieces of a kind that have changes which are not saved.
    fn drafts_of(&self, kind: TermKind) -> BTreeSet<String> {
        let of_kind = self.drafts.keys().filter(|(of, _)| *of == kind);
        of_kind.filter_map(|(_, name)| name.clone()).collect()
    }
}

impl ContractsScreen {
    /// Starts the threads that answer its questions. `known` is the open period that other screens look at, too.
    #[must_use]
    pub fn new(wake: &Wake, known: &KnownPeriod) -> Self {
        let waker = || {
            let wake = Arc::clone(wake);
            move || wake()
        };
        let mut last: Option<(Arc<TermTexts>, Arc<TermsView>)> = None;
        let view = move |question: TermsQuestion, _: &dyn Fn() -> bool| {
            let TermsQuestion {
                texts,
                kind,
                search,
                sort,
            } = question;
            let view = match last.take().filter(|(of, _)| Arc::ptr_eq(of, &texts)) {
                Some((_, view)) => view,
                None => Arc::new(TermsView::of(&texts)),
            };
            last = Some((Arc::clone(&texts), Arc::clone(&view)));
            let order = rows::order(kind, view.rows(kind), &search, sort.as_ref());
            ViewAnswer {
                texts,
                view,
                kind,
                order,
            }
        };
        let removal = |(texts, which): (Arc<TermTexts>, (TermKind, String)),
                       _: &dyn Fn() -> bool| {
            let removed = vec![(which.0.word().to_owned(), which.1.clone())];
            let faults = faults_of(
                &texts,
                &TermsChange {
                    removed,
                    ..TermsChange::default()
                },
            );
            (which, faults)
        };
        Self {
            kind: TermKind::Contract,
            list: PieceList {
                search: String::new(),
                wants_focus: false,
                views: Latest::new("contracts", waker(), view),
                view_asked: None,
                view: None,
                tables: BTreeMap::new(),
            },
            editing: PieceEditors::default(),
            checking: ChangeCheck {
                checks: Latest::new(
                    "contract check",
                    waker(),
                    |(texts, change, version): CheckQuestion, _: &dyn Fn() -> bool| {
                        (version, faults_of(&texts, &change))
                    },
                ),
                check_asked: None,
                effects: effect::effects(wake, known.clone()),
                effect_asked: None,
                effect: None,
            },
            removing: PieceRemoval {
                removals: Latest::new("contract removal", waker(), removal),
                removal: None,
            },
            files: Files::new(wake, known.clone()),
            payees: Arc::default(),
        }
    }

    /// Shows a kind, and a piece of it.
    pub fn show_kind(&mut self, kind: TermKind, name: Option<&str>) {
        self.set_kind(kind);
        self.list.search.clear();
        self.editing.wanted = name.map(str::to_owned);
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        self.answers();
        self.sync(context);
        if context.desk.terms().is_empty() && self.editing.editor.is_none() {
            return self.begin_ui(ui, context);
        }
        self.ask(context);
        self.keys(ui);
        self.head_ui(ui, context);
        self.piece_panel_ui(ui, context);
        self.table_ui(ui, context);
    }

    fn answers(&mut self) {
        if let Some(answer) = self.list.views.take() {
            self.take_view(answer);
        }
        if let (Some((version, faults)), Some(editor)) =
            (self.checking.checks.take(), &mut self.editing.editor)
        {
            editor.checked(version, faults);
        }
        if let Some(shown) = self.checking.effects.take() {
            self.checking.effect = Some(shown);
        }
        if let (Some((which, faults)), Some(removal)) =
            (self.removing.removals.take(), &mut self.removing.removal)
            && removal.which == which
        {
            removal.faults = Some(faults);
        }
    }

    fn take_view(&mut self, answer: ViewAnswer) {
        let rows = answer.view.rows(answer.kind);
        let index = |name: &str| {
            answer
                .order
                .iter()
                .position(|at| rows[*at as usize].name == name)
        };
        let table = self.list.tables.entry(answer.kind).or_default();
        let shown = self
            .editing
            .editor
            .as_ref()
            .filter(|e| e.kind == answer.kind)
            .and_then(|e| e.of.clone());
        match self
            .editing
            .wanted
            .clone()
            .or(shown)
            .and_then(|name| index(&name))
        {
            Some(index) => table.select(index as u64),
            None => table.forget_rows(),
        }
        self.list.view = Some(answer);
    }

    /// Brings editors in step with the pieces that hold now.
    fn sync(&mut self, context: &Context<'_>) {
        let texts = context.desk.terms();
        if self
            .editing
            .synced
            .as_ref()
            .is_some_and(|of| Arc::ptr_eq(of, texts))
        {
            return;
        }
        self.editing.synced = Some(Arc::clone(texts));
        let payees = texts
            .keys()
            .filter(|(kind, _)| kind == TermKind::Payee.word())
            .map(|(_, name)| name.clone());
        self.payees = Arc::new(payees.collect());
        self.removing.removal = None;
        if let Some(mut editor) = self.editing.editor.take() {
            match editor.sync(texts) {
                Sync::Stays => self.editing.editor = Some(editor),
                Sync::Saved => self.editing.wanted = editor.of.clone(),
                Sync::Gone => {}
            }
        }
        self.editing
            .drafts
            .retain(|_, draft| draft.sync(texts) == Sync::Stays && draft.is_changed());
    }

    fn set_kind(&mut self, kind: TermKind) {
        if self.kind != kind {
            self.leave();
            self.kind = kind;
        }
    }

    /// Puts the piece that is shown aside; what is changed of it is kept.
    fn leave(&mut self) {
        self.removing.removal = None;
        if let Some(editor) = self.editing.editor.take().filter(TermEditor::is_changed) {
            self.editing
                .drafts
                .insert((editor.kind, editor.of.clone()), editor);
        }
    }

    fn open(&mut self, texts: &TermTexts, name: &str) {
        self.leave();
        let key = (self.kind, Some(name.to_owned()));
        let text = texts.get(&(self.kind.word().to_owned(), name.to_owned()));
        self.editing.editor = self
            .editing
            .drafts
            .remove(&key)
            .or_else(|| text.map(|text| TermEditor::open(self.kind, name, text)));
    }

    fn open_draft(&mut self, which: &Which) {
        self.set_kind(which.0);
        self.leave();
        self.editing.editor = self.editing.drafts.remove(which);
    }

    fn begin_new(&mut self, kind: TermKind) {
        self.set_kind(kind);
        self.leave();
        let draft = self.editing.drafts.remove(&(kind, None));
        self.editing.editor = Some(draft.unwrap_or_else(|| TermEditor::new(kind, None)));
    }

    /// Asks for what is not known yet.
    fn ask(&mut self, context: &Context<'_>) {
        let sort = self.table(context).sort().cloned();
        let texts = context.desk.terms();
        if !self.list.view_asked.as_ref().is_some_and(
            |(of, kind, search, by): &(Arc<TermTexts>, TermKind, String, Option<Sort>)| {
                Arc::ptr_eq(of, texts)
                    && *kind == self.kind
                    && *search == self.list.search
                    && *by == sort
            },
        ) {
            self.list.view_asked = Some((
                Arc::clone(texts),
                self.kind,
                self.list.search.clone(),
                sort.clone(),
            ));
            self.list.views.ask(TermsQuestion {
                texts: Arc::clone(texts),
                kind: self.kind,
                search: self.list.search.clone(),
                sort,
            });
        }
        self.ask_about_change(context);
    }

    fn ask_about_change(&mut self, context: &Context<'_>) {
        let Some(editor) = self.editing.editor.as_ref().filter(|e| e.is_changed()) else {
            return;
        };
        let which = (editor.kind, editor.of.clone());
        let Some(change) = editor.change() else {
            return;
        };
        let asked = Some((which.clone(), editor.version));
        if self.checking.check_asked != asked {
            self.checking.checks.ask((
                Arc::clone(context.desk.terms()),
                change.clone(),
                editor.version,
            ));
            self.checking.check_asked = asked;
        }
        let ticket = (editor.version, context.desk.generation);
        let asked = Some((which, ticket));
        if editor.is_sound()
            && self.checking.effect_asked != asked
            && let Some(contents) = context.engine.contents()
        {
            self.checking.effects.ask(effect::EffectQuestion {
                ticket,
                contents,
                desk: Arc::clone(context.desk),
                change: effect::PendingChange::Terms(change),
            });
            self.checking.effect = None;
            self.checking.effect_asked = asked;
        }
    }

    fn keys(&mut self, ui: &Ui) {
        let pressed =
            |modifiers: Modifiers, key: Key| ui.input_mut(|i| i.consume_key(modifiers, key));
        if pressed(Modifiers::COMMAND, Key::F)
            || (!ui.ctx().text_edit_focused() && pressed(Modifiers::NONE, Key::Slash))
        {
            self.list.wants_focus = true;
        }
        if !ui.ctx().text_edit_focused() && pressed(Modifiers::NONE, Key::N) && !self.kind.is_file()
        {
            self.begin_new(self.kind);
        }
    }

    fn table(&mut self, context: &Context<'_>) -> &mut TableState {
        self.list.tables.entry(self.kind).or_insert_with(|| {
            context
                .settings
                .tables
                .get(&table_name(self.kind))
                .cloned()
                .unwrap_or_default()
        })
    }

    fn head_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        egui::Panel::top("contracts_head").show(ui, |ui| {
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let width = (ui.available_width() - 400.0).clamp(200.0, 460.0);
                let hint = "name, or anything that the table shows";
                let output = widgets::search_box_ui(
                    ui,
                    &mut self.list.search,
                    "Search contracts",
                    hint,
                    width,
                );
                if std::mem::take(&mut self.list.wants_focus) {
                    output.response.request_focus();
                }
                widgets::busy_ui(ui, self.list.views.is_busy());
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    self.commands_ui(ui, context)
                });
            });
            self.kinds_ui(ui, context);
            ui.label(RichText::new(kind_about(self.kind)).color(theme::tokens(ui).subdued));
            self.drafts_ui(ui);
            ui.add_space(2.0);
        });
    }

    fn commands_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let kind = self.kind;
        if !kind.is_file()
            && ui
                .button(format!("New {}", kind_words(kind).1))
                .on_hover_text("An empty form (N)")
                .clicked()
        {
            self.begin_new(kind);
        }
        ui.menu_button("Export…", |ui| {
            for (label, as_csv) in [("As TOML…", false), ("As CSV…", true)] {
                if ui
                    .button(label)
                    .on_hover_text("All contracts, rates and balances, into a folder")
                    .clicked()
                {
                    context.go(Go::PickTermsFolder { as_csv });
                    ui.close();
                }
            }
        });
        if ui
            .button("Import…")
            .on_hover_text("Contracts as TOML or CSV, rates, balances; all files or none")
            .clicked()
        {
            context.go(Go::PickTerms);
        }
    }

    fn kinds_ui(&mut self, ui: &mut Ui, context: &Context<'_>) {
        ui.horizontal_wrapped(|ui| {
            for kind in KINDS {
                let count = context
                    .desk
                    .terms()
                    .keys()
                    .filter(|(word, _)| word == kind.word())
                    .count();
                let label = format!("{} {}", kind_words(kind).0, numbers::count(count as u64));
                if ui
                    .selectable_label(self.kind == kind, label)
                    .on_hover_text(kind_about(kind))
                    .clicked()
                {
                    self.set_kind(kind);
                }
            }
        });
    }

    /// Pieces with changes that are not saved, wherever they are.
    fn drafts_ui(&mut self, ui: &mut Ui) {
        if self.editing.drafts.is_empty() {
            return;
        }
        let mut wanted = None;
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("▲ Not saved:").color(theme::tokens(ui).warn));
            for (which, draft) in &self.editing.drafts {
                if ui
                    .link(bidi::display(&draft.title()).into_owned())
                    .on_hover_text("Go on with it")
                    .clicked()
                {
                    wanted = Some(which.clone());
                }
            }
        });
        if let Some(which) = wanted {
            self.open_draft(&which);
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let kind = self.kind;
        let Some(view) = self.list.view.take() else {
            return;
        };
        let drafts = self.editing.drafts_of(kind);
        let current = view.kind == kind;
        let (all, order): (&[_], &[u32]) = if current {
            (view.view.rows(kind), &view.order)
        } else {
            (&[], &[])
        };
        let mut rows = TermRows {
            kind,
            rows: all,
            order,
            drafts: &drafts,
        };
        let empty = if self.list.search.is_empty() {
            "None yet"
        } else {
            "Nothing fits the search"
        };
        let table = self.list.tables.entry(kind).or_default();
        let output = BigTable::new(kind_words(kind).0, columns(kind))
            .sticky(1)
            .empty_text(empty)
            .show_ui(ui, table, &mut rows);
        if output.columns_changed || output.sort_changed {
            context
                .settings
                .tables
                .insert(table_name(kind), table.clone());
        }
        if let Some(copied) = output.copied {
            context.go(Go::Notice(copied.sentence()));
        }
        let name = |row: u64| {
            order
                .get(usize::try_from(row).ok()?)
                .map(|at| all[*at as usize].name.clone())
        };
        let chosen = if output.selection_changed {
            table.selection().single().and_then(name)
        } else {
            None
        };
        // A piece that was just saved is not among rows of before.
        let is_latest = current && Arc::ptr_eq(&view.texts, context.desk.terms());
        let shown = match chosen {
            None if self.editing.editor.is_none() && is_latest => {
                let wanted = self.editing.wanted.take();
                wanted
                    .filter(|w| all.iter().any(|r| r.name == *w))
                    .or_else(|| name(0))
            }
            chosen => chosen,
        };
        if let Some(name) = shown {
            let texts = Arc::clone(context.desk.terms());
            self.open(&texts, &name);
            self.editing.wanted = None;
            if let Some(index) = order.iter().position(|at| all[*at as usize].name == name) {
                self.list
                    .tables
                    .entry(kind)
                    .or_default()
                    .select(index as u64);
            }
        }
        self.list.view = Some(view);
    }

    fn begin_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        match start::start_ui(ui) {
            Some(Begin::Import) => context.go(Go::PickTerms),
            Some(Begin::New) => self.begin_new(TermKind::Contract),
            Some(Begin::Example) => {
                context.send(ChangeCommand::ChangeTerms(sample::example_terms()))
            }
            None => {}
        }
    }
}

fn table_name(kind: TermKind) -> String {
    format!("contracts {}", kind.word())
}

/// What is wrong with the pieces after a change.
fn faults_of(texts: &TermTexts, change: &TermsChange) -> Vec<Fault> {
    match terms_after(texts, change) {
        Err(SettleError::Faults(faults)) => faults,
        // Nothing is settled here, so nothing else can go wrong.
        _ => Vec::new(),
    }
}
