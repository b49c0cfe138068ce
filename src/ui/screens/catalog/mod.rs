//! The catalog: search and browse, one track in full, editing and adding tracks, and imports with a preview.
//!
//! What is asked of the catalog is asked on other threads; what is shown stays until the answer is there.

mod detail;
mod editor;
mod import;
mod table;

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, RichText, Ui};

use crate::catalog::{self, CatalogState, SearchResult, Track};
use crate::contents::{Contents, ReadError};
use crate::ident::Currency;
use crate::job::{Job, Latest, Wake};
use crate::session::engine::JobCommand;
use crate::ui::background::Unanswered;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::shared::{Context, Go};
use detail::{TrackDetails, TrackInput};
use editor::{EditorAnswer, TrackEditor};
use import::ImportPreview;
use table::{COLUMNS, TrackRows};

/// Name of the table in the settings.
const TABLE: &str = "catalog";
/// Tracks that a search shows.
const FOUND: usize = 500;
/// Tracks that are read at once when somebody browses.
const PAGE: usize = 1000;

struct CatalogSearch {
    contents: Contents,
    text: String,
}

struct CatalogPage {
    contents: Contents,
    from: String,
    catalog: CatalogState,
}

/// Whether a track may be saved as a new one; the track, or why not.
type Checked = Result<Track, String>;

/// What is searched for, and the tracks that are listed.
struct TrackList {
    text: String,
    wants_focus: bool,
    asked: Option<(String, CatalogState, bool)>,
    searches: Latest<CatalogSearch, Result<SearchResult, ReadError>>,
    result: SearchResult,
    /// Pages of the catalog behind the tracks that are shown; only when nothing is searched for.
    pages: Latest<CatalogPage, Result<(CatalogState, Vec<Track>), ReadError>>,
    has_more: bool,
    words: Latest<Contents, Result<bool, ReadError>>,
    /// The catalog whose words were looked for, and whether they are there.
    words_of: Option<(CatalogState, bool)>,
}

/// The catalog screen.
pub struct CatalogScreen {
    list: TrackList,
    table: Option<TableState>,
    selected: Option<String>,
    details: TrackDetails,
    currency: Option<Currency>,
    editor: Option<TrackEditor>,
    checks: Latest<(Contents, Track), Result<Checked, ReadError>>,
    import: ImportPreview,
}

impl CatalogScreen {
    /// Starts the threads that answer its questions.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        let waker = || {
            let wake = Arc::clone(wake);
            move || wake()
        };
        let search = |q: CatalogSearch, is_stale: &dyn Fn() -> bool| {
            q.contents
                .search_catalog(&q.text, page_of(&q.text), is_stale)
        };
        let page = |q: CatalogPage, _: &dyn Fn() -> bool| {
            Ok((q.catalog, q.contents.browse_catalog(&q.from, PAGE)?))
        };
        let words = |contents: Contents, _: &dyn Fn() -> bool| build_words(&contents);
        Self {
            list: TrackList {
                text: String::new(),
                wants_focus: false,
                asked: None,
                searches: Latest::new("catalog", waker(), search),
                result: SearchResult::default(),
                pages: Latest::new("catalog pages", waker(), page),
                has_more: false,
                words: Latest::new("catalog words", waker(), words),
                words_of: None,
            },
            table: None,
            selected: None,
            details: detail::details(wake),
            currency: None,
            editor: None,
            checks: Latest::new(
                "new track",
                waker(),
                |(contents, track): (Contents, Track), _: &dyn Fn() -> bool| {
                    check_new(&contents, track)
                },
            ),
            import: ImportPreview::new(wake),
        }
    }

    /// Shows a track.
    pub fn show_track(&mut self, id: &str) {
        id.clone_into(&mut self.list.text);
        self.selected = Some(id.to_owned());
        self.editor = None;
    }

    /// Shows what importing these files would change.
    pub fn preview_import(&mut self, files: Vec<PathBuf>) {
        self.import.begin(files);
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        self.answers(context);
        if self.import.is_open() {
            return self.import.show_ui(ui, context);
        }
        if context.desk.catalog.tracks == 0 && self.editor.is_none() {
            return self.empty_ui(ui, context);
        }
        self.ask(context);
        self.keys(ui, context);
        self.head_ui(ui, context);
        self.detail_panel_ui(ui, context);
        self.table_ui(ui, context);
    }

    fn answers(&mut self, context: &mut Context<'_>) {
        let mut fault = |error: ReadError| {
            context.go(Go::Fault {
                what: "reading the catalog".into(),
                cause: error.to_string(),
            })
        };
        match self.list.searches.take() {
            Some(Ok(result)) => self.take_result(result),
            Some(Err(error)) => fault(error),
            None => {}
        }
        match self.list.pages.take() {
            Some(Ok((catalog, page)))
                if self
                    .list
                    .asked
                    .as_ref()
                    .is_some_and(|(text, of, _)| text.is_empty() && *of == catalog) =>
            {
                self.list.has_more = page.len() == PAGE;
                // The page begins with the last track that is there.
                self.list.result.tracks.extend(page.into_iter().skip(1));
            }
            Some(Err(error)) => fault(error),
            _ => {}
        }
        match self.list.words.take() {
            Some(Ok(is_there)) => {
                self.list.words_of = self.list.words_of.map(|(catalog, _)| (catalog, is_there))
            }
            Some(Err(error)) => fault(error),
            None => {}
        }
        if let Some(Err(error)) = self.details.receive().and_then(Unanswered::failures) {
            fault(error);
        }
        match self.checks.take() {
            Some(Ok(Ok(track))) => self.save(context, track),
            Some(Ok(Err(refused))) => {
                if let Some(editor) = &mut self.editor {
                    editor.refused = Some(refused);
                }
            }
            Some(Err(error)) => fault(error),
            None => {}
        }
    }

    fn take_result(&mut self, result: SearchResult) {
        self.list.has_more = self
            .list
            .asked
            .as_ref()
            .is_some_and(|(text, ..)| text.is_empty())
            && result.tracks.len() == PAGE;
        let selected = self
            .selected
            .as_ref()
            .and_then(|id| result.tracks.iter().position(|t| t.id == *id));
        let table = self.table.get_or_insert_default();
        match selected {
            Some(index) if table.cursor() != index as u64 || table.selection().is_empty() => {
                table.select(index as u64)
            }
            Some(_) => {}
            None => {
                table.forget_rows();
                table.select(0);
                self.selected = result.tracks.first().map(|t| t.id.clone());
            }
        }
        self.list.result = result;
    }

    /// Asks for what is not shown yet.
    fn ask(&mut self, context: &Context<'_>) {
        let Some(contents) = context.engine.contents() else {
            return;
        };
        let catalog = context.desk.catalog;
        if self.list.words_of.is_none_or(|(of, _)| of != catalog) {
            self.list.words_of = Some((catalog, false));
            self.list.words.ask(contents.for_job(Job::new(0)));
        }
        let has_words = self.list.words_of.is_some_and(|(_, is_there)| is_there);
        let text = self.list.text.trim().to_owned();
        if !self.list.asked.as_ref().is_some_and(
            |(asked, of, had_words): &(String, CatalogState, bool)| {
                // When the words have become known, a search that was not complete is made again.
                *asked == text
                    && *of == catalog
                    && (*had_words || !has_words || self.list.result.is_complete)
            },
        ) {
            self.list.searches.ask(CatalogSearch {
                contents: contents.for_job(Job::new(0)),
                text: text.clone(),
            });
            self.list.asked = Some((text, catalog, has_words));
        }
        if let Some(id) = &self.selected {
            let key = (id.clone(), context.desk.generation);
            let desk = Arc::clone(context.desk);
            self.details
                .ask(key, || Some(TrackInput { contents, desk }));
        }
    }

    fn keys(&mut self, ui: &Ui, context: &Context<'_>) {
        let pressed =
            |modifiers: Modifiers, key: Key| ui.input_mut(|i| i.consume_key(modifiers, key));
        if pressed(Modifiers::COMMAND, Key::F) {
            self.list.wants_focus = true;
        }
        if ui.ctx().text_edit_focused() || self.editor.is_some() {
            return;
        }
        if pressed(Modifiers::NONE, Key::Slash) {
            self.list.wants_focus = true;
        }
        if pressed(Modifiers::NONE, Key::E) {
            self.edit();
        }
        if pressed(Modifiers::NONE, Key::N) {
            self.editor = Some(TrackEditor::new(None));
        }
        let _ = context;
    }

    fn edit(&mut self) {
        let track = self
            .details
            .answer()
            .filter(|d| Some(&d.id) == self.selected.as_ref())
            .and_then(|d| d.track.as_ref());
        self.editor = track.map(TrackEditor::of);
    }

    fn save(&mut self, context: &mut Context<'_>, track: Track) {
        self.selected = Some(track.id.clone());
        self.editor = None;
        self.details.forget_answer();
        context.send(JobCommand::EditTrack(Box::new(track)));
    }

    fn head_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        egui::Panel::top("catalog_head").show(ui, |ui| {
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                let width = (ui.available_width() - 420.0).clamp(220.0, 560.0);
                let output = widgets::search_box_ui(
                    ui,
                    &mut self.list.text,
                    "Search the catalog",
                    "title, artist, label, payee, ISRC, UPC, track id",
                    width,
                );
                if std::mem::take(&mut self.list.wants_focus) {
                    output.response.request_focus();
                }
                widgets::busy_ui(ui, self.list.searches.is_busy());
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if ui
                        .button("Add track")
                        .on_hover_text("A track that no file has (N)")
                        .clicked()
                    {
                        self.editor = Some(TrackEditor::new(None));
                    }
                    if ui
                        .button("Import…")
                        .on_hover_text("Catalog files; shows first what would change")
                        .clicked()
                    {
                        context.go(Go::PickCatalog);
                    }
                });
            });
            ui.label(RichText::new(self.summary(context)).color(theme::tokens(ui).subdued));
            ui.add_space(2.0);
        });
    }

    /// What is shown, in words.
    fn summary(&self, context: &Context<'_>) -> String {
        let all = numbers::counted(context.desk.catalog.tracks, "track", "tracks");
        let is_searching = self
            .list
            .asked
            .as_ref()
            .is_some_and(|(text, ..)| !text.is_empty());
        let mut words = if !is_searching {
            all
        } else if self.list.result.fitting == self.list.result.tracks.len()
            && self.list.result.is_complete
        {
            format!("{} of {all}", numbers::count(self.list.result.total_seen))
        } else if self.list.result.is_complete {
            let some =
                numbers::count((self.list.result.tracks.len() - self.list.result.fitting) as u64);
            format!(
                "{} of {all} with all words, then {some} with some",
                numbers::count(self.list.result.total_seen)
            )
        } else {
            format!(
                "The first {} that fit, of {all}",
                numbers::count(self.list.result.tracks.len() as u64)
            )
        };
        if self.list.words.is_busy() && context.desk.catalog.tracks > catalog::LARGE_CATALOG {
            words.push_str(
                " · the words of the catalog are being sorted, searches become complete then",
            );
        }
        words
    }

    fn detail_panel_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let width = (ui.available_width() * 0.36).clamp(340.0, 620.0);
        egui::Panel::right("catalog_detail")
            .default_size(width)
            .size_range(300.0..=900.0)
            .show(ui, |ui| {
                widgets::fill_panel(ui);
                egui::ScrollArea::vertical()
                    .auto_shrink(false)
                    .show(ui, |ui| {
                        ui.add_space(6.0);
                        if self.editor.is_some() {
                            return self.editor_ui(ui, context);
                        }
                        let detail = self.details.answer().cloned();
                        let Some(detail) = detail.filter(|d| Some(&d.id) == self.selected.as_ref())
                        else {
                            ui.label(if self.selected.is_some() {
                                "Looking it up…"
                            } else {
                                "Nothing is selected"
                            });
                            return;
                        };
                        ui.horizontal(|ui| {
                            if widgets::command_button_ui(ui, "Edit", "E").clicked() {
                                self.editor = detail.track.as_ref().map(TrackEditor::of);
                            }
                            let hint = "A new track with the same texts, without id and codes";
                            if ui.button("Add one like it").on_hover_text(hint).clicked() {
                                self.editor = Some(TrackEditor::new(detail.track.as_ref()));
                            }
                        });
                        detail::detail_ui(ui, context, &detail, &mut self.currency);
                    });
            });
    }

    fn editor_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(editor) = &mut self.editor else {
            return;
        };
        match editor.show_ui(ui) {
            EditorAnswer::Nothing => {}
            EditorAnswer::Cancel => self.editor = None,
            EditorAnswer::Save(track) if editor.is_new() => {
                editor.refused = None;
                if let Some(contents) = context.engine.contents() {
                    self.checks.ask((contents, *track));
                }
            }
            EditorAnswer::Save(track) => self.save(context, *track),
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let table = self.table.get_or_insert_with(|| {
            context
                .settings
                .tables
                .get(TABLE)
                .cloned()
                .unwrap_or_default()
        });
        let empty = if self.list.searches.is_busy() {
            "Looking through the catalog…"
        } else {
            "No track fits the search"
        };
        let mut rows = TrackRows(&self.list.result.tracks);
        let output = BigTable::new("Tracks", &COLUMNS)
            .sticky(1)
            .empty_text(empty)
            .show_ui(ui, table, &mut rows);
        if output.columns_changed {
            context
                .settings
                .tables
                .insert(TABLE.to_owned(), table.clone());
        }
        if let Some(copied) = output.copied {
            context.go(Go::Notice(copied.sentence()));
        }
        if output.selection_changed {
            self.selected = self
                .list
                .result
                .tracks
                .get(table.cursor() as usize)
                .map(|t| t.id.clone());
        }
        if output.activated.is_some() && self.editor.is_none() {
            self.edit();
        }
        let is_near_end = output.rows.end + PAGE as u64 / 4 >= self.list.result.tracks.len() as u64;
        if self.list.has_more
            && is_near_end
            && !self.list.pages.is_busy()
            && let (Some(contents), Some(last)) =
                (context.engine.contents(), self.list.result.tracks.last())
        {
            self.list.has_more = false;
            self.list.pages.ask(CatalogPage {
                contents,
                from: last.id.clone(),
                catalog: context.desk.catalog,
            });
        }
    }

    fn empty_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let next = "Import it: a CSV or TSV file with one row a track. Drop it on this screen, or choose it. What would change is shown first.";
        let state = widgets::EmptyState {
            icon: "☰",
            headline: "The catalog has no tracks yet",
            next,
            button: Some(("Import a catalog…", "")),
            guide: "catalog",
        };
        if widgets::empty_state_ui(ui, state) {
            context.go(Go::PickCatalog);
        }
    }
}

/// How many tracks an answer has: browsing reads pages, a search shows the best.
fn page_of(text: &str) -> usize {
    if text.is_empty() { PAGE } else { FOUND }
}

fn build_words(contents: &Contents) -> Result<bool, ReadError> {
    if contents.has_word_index()? {
        return Ok(true);
    }
    contents.build_word_index()
}

fn check_new(contents: &Contents, track: Track) -> Result<Checked, ReadError> {
    let there = contents.track(&track.id)?;
    Ok(match there {
        Some(there) => Err(format!(
            "The catalog has a track {} already: {} – {}. Choose another id",
            there.id, there.title, there.artist
        )),
        None => Ok(track),
    })
}
