//! The right side of the review: what was reported for a line, next to each track that could be meant.

use std::sync::Arc;

use eframe::egui::{self, Align, Label, Layout, RichText, Ui};

use crate::catalog::Track;
use crate::contents::{Contents, ReadError};
use crate::desk::candidates::{
    Candidate, FieldComparison, FieldVerdict, candidates_for, compare_line, sentence,
};
use crate::desk::{Desk, Evidence, LineId, LineSum};
use crate::ident::Currency;
use crate::job::Wake;
use crate::statement::item::Field;
use crate::ui::background::Background;
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers, widgets};
use crate::ui::shared::{Context, Go, RowsToShow};
use crate::ui::text;

/// What is known of the line that is looked at.
pub(super) struct LineDetail {
    pub line: LineId,
    pub evidence: Evidence,
    /// Ranked candidates, then tracks that a search of the catalog found.
    pub candidates: Vec<Candidate>,
    pub sentence: String,
}

/// What the detail of a line depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DetailKey {
    pub line: LineId,
    pub generation: u64,
    /// How many tracks the person found in the catalog.
    pub found: usize,
}

pub(super) struct LineInput {
    pub desk: Arc<Desk>,
    pub contents: Contents,
    /// Tracks that the person found in the catalog; they stand behind the candidates.
    pub found: Vec<Track>,
}

pub(super) type LineDetails = Background<DetailKey, LineInput, LineDetail, ReadError>;

/// Starts the thread that collects details.
pub(super) fn details(wake: &Wake) -> LineDetails {
    Background::new("details", wake, |key: DetailKey, input, _| {
        collect(key.line, input)
    })
}

fn collect(line: LineId, input: LineInput) -> Result<LineDetail, ReadError> {
    let LineInput {
        desk,
        contents,
        found,
    } = input;
    let mut candidates = candidates_for(&contents, &desk, line)?;
    let sentence = sentence(&desk, line, &candidates);
    for track in found {
        if candidates.iter().all(|c| c.track.id != track.id) {
            let comparison = compare_line(&desk, line, &track);
            candidates.push(Candidate {
                track,
                why: vec!["found in the catalog"],
                comparison,
            });
        }
    }
    Ok(LineDetail {
        line,
        evidence: desk.evidence(line)?,
        candidates,
        sentence,
    })
}

/// Draws what was reported. Gives back nothing: all it offers are ways to other screens.
pub(super) fn reported_ui(ui: &mut Ui, context: &mut Context<'_>, detail: &LineDetail) {
    let desk = Arc::clone(context.desk);
    let line = detail.line;
    let tokens = theme::tokens(ui);
    let title = heading_of(&desk, line);
    ui.add(Label::new(RichText::new(bidi::display(&title)).heading()).wrap());
    let artist = desk.field(line, Field::Artist);
    if !artist.is_empty() {
        ui.add(Label::new(RichText::new(bidi::display(artist)).color(tokens.subdued)).wrap());
    }
    ui.horizontal_wrapped(|ui| {
        let why = desk.why(line);
        widgets::pill_ui(ui, crate::ui::screens::status_of(why.status()));
        ui.add(Label::new(&detail.sentence).wrap());
    });
    if let Some(decided) = desk.decided(line) {
        let note = if decided.note.is_empty() {
            String::new()
        } else {
            format!(": {}", decided.note)
        };
        ui.horizontal_wrapped(|ui| {
            ui.label(
                RichText::new(format!("Decided in entry {}{note}", decided.seq))
                    .color(tokens.subdued),
            );
            if ui.small_button("Undo it").clicked() {
                context.send(crate::session::engine::ChangeCommand::Undo(decided.seq));
            }
        });
    }
    let sum = desk.lines().sum(line);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(text::money(sum.amount, desk.lines().currency(line)))
                .font(theme::number_font())
                .strong(),
        );
        ui.label(
            RichText::new(format!(
                "{} · {} units",
                numbers::counted(sum.rows, "row", "rows"),
                text::exact(sum.quantity)
            ))
            .color(tokens.subdued),
        );
        if ui
            .link("Show rows")
            .on_hover_text("The rows behind this amount, as they stand in the files")
            .clicked()
        {
            context.go(Go::ToRows(RowsToShow::OfLine(line)));
        }
    });
}

/// Title with version, or what else the line has for a name.
pub(super) fn heading_of(desk: &Desk, line: LineId) -> String {
    let title = desk.field(line, Field::Title);
    let version = desk.field(line, Field::Version);
    match (title, version) {
        ("", _) => [Field::Release, Field::DspId, Field::Isrc, Field::Upc]
            .map(|f| desk.field(line, f))
            .into_iter()
            .find(|t| !t.is_empty())
            .unwrap_or("(no title)")
            .to_owned(),
        (title, "") => title.to_owned(),
        (title, version) => format!("{title} ({version})"),
    }
}

/// Draws the tracks side by side with what was reported; gives back the number of a candidate that was clicked.
pub(super) fn candidates_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    detail: &LineDetail,
    prepared: Option<&str>,
) -> Option<usize> {
    let mut clicked = None;
    if detail.candidates.is_empty() {
        ui.label(
            RichText::new("No track of the catalog shares the ISRC, the UPC and title, or the DSP's id. Search the catalog below.")
                .color(theme::tokens(ui).subdued),
        );
        return None;
    }
    egui::ScrollArea::horizontal()
        .id_salt("candidates")
        .show(ui, |ui| {
            egui::Grid::new("comparison")
                .num_columns(detail.candidates.len() + 2)
                .spacing([10.0, 4.0])
                .striped(true)
                .show(ui, |ui| {
                    ui.label("");
                    ui.label(RichText::new("Reported").strong());
                    for (place, candidate) in detail.candidates.iter().enumerate() {
                        if head_ui(ui, context, place, candidate, prepared) {
                            clicked = Some(place);
                        }
                    }
                    ui.end_row();
                    for field in FIELDS {
                        comparison_row_ui(ui, detail, field);
                    }
                });
        });
    clicked
}

fn head_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    place: usize,
    candidate: &Candidate,
    prepared: Option<&str>,
) -> bool {
    let mut is_clicked = false;
    ui.vertical(|ui| {
        ui.set_min_width(150.0);
        let key = if place < 9 {
            format!("{}  ", place + 1)
        } else {
            String::new()
        };
        let is_prepared = prepared == Some(candidate.track.id.as_str());
        let button = egui::Button::selectable(is_prepared, format!("{key}{}", candidate.track.id));
        let hint = if place < 9 {
            format!(
                "Prepare to assign to {} ({})",
                candidate.track.id,
                place + 1
            )
        } else {
            "Prepare to assign".into()
        };
        is_clicked = ui.add(button).on_hover_text(hint).clicked();
        ui.add(
            Label::new(
                RichText::new(candidate.why.join(", "))
                    .small()
                    .color(theme::tokens(ui).subdued),
            )
            .wrap(),
        );
        if ui.link(RichText::new("Open in catalog").small()).clicked() {
            context.go(Go::ToTrack(candidate.track.id.clone()));
        }
    });
    is_clicked
}

/// The fields in the order in which they are compared; one that neither side has is left out.
const FIELDS: [&str; 9] = [
    "ISRC", "UPC", "Title", "Version", "Artist", "Label", "Release", "Duration", "DSP id",
];

fn comparison_row_ui(ui: &mut Ui, detail: &LineDetail, field: &str) {
    let cells: Vec<Option<FieldComparison>> = detail
        .candidates
        .iter()
        .map(|candidate| {
            candidate
                .comparison
                .iter()
                .find(|c| c.field == field)
                .cloned()
        })
        .collect();
    let Some(reported) = cells
        .iter()
        .flatten()
        .map(|c| c.reported.clone())
        .max_by_key(String::len)
    else {
        return;
    };
    ui.label(RichText::new(field).color(theme::tokens(ui).subdued));
    cell_ui(ui, &reported, None);
    for cell in &cells {
        match cell {
            Some(cell) => cell_ui(ui, &cell.catalog, Some(cell.verdict)),
            None => cell_ui(ui, "", None),
        }
    }
    ui.end_row();
}

/// The tone of a verdict; its sign stands beside it.
fn tone(verdict: FieldVerdict) -> Tone {
    match verdict {
        FieldVerdict::Agrees => Tone::Ok,
        FieldVerdict::Close => Tone::Warn,
        FieldVerdict::Differs => Tone::Err,
        FieldVerdict::OnlyReported | FieldVerdict::OnlyCatalog => Tone::Subdued,
    }
}

fn cell_ui(ui: &mut Ui, text: &str, verdict: Option<FieldVerdict>) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.set_max_width(220.0);
        let color = verdict.map_or(tokens.text, |v| tokens.tone(tone(v)));
        if let Some(verdict) = verdict {
            ui.label(RichText::new(verdict.sign()).color(color))
                .on_hover_text(verdict.word());
        }
        ui.add(Label::new(RichText::new(bidi::display(text)).color(color)).truncate())
            .on_hover_text(text);
    });
}

/// Draws every spelling, territory, period and usage type.
pub(super) fn evidence_ui(ui: &mut Ui, context: &mut Context<'_>, detail: &LineDetail) {
    let desk = Arc::clone(context.desk);
    let evidence = &detail.evidence;
    let currency = desk.lines().currency(detail.line);
    widgets::section_header_ui(ui, "Spellings", &evidence.spellings.len().to_string());
    for spelling in evidence.spellings.iter().take(20) {
        spelling_ui(ui, context, &desk, spelling);
    }
    more_ui(ui, evidence.spellings.len(), 20);
    let sums = |ui: &mut Ui, name: &str, rows: Vec<(String, LineSum)>| {
        widgets::section_header_ui(ui, name, &rows.len().to_string());
        for (text, sum) in rows.iter().take(15) {
            sum_row_ui(
                ui,
                if text.is_empty() { "(not given)" } else { text },
                sum,
                currency,
            );
        }
        more_ui(ui, rows.len(), 15);
    };
    sums(ui, "Territories", evidence.territories.clone());
    sums(
        ui,
        "Sale periods",
        evidence
            .periods
            .iter()
            .map(|(p, s)| (p.to_string(), *s))
            .collect(),
    );
    sums(ui, "Usage types", evidence.usages.clone());
    let name = |place: u32| desk.statements()[place as usize].record.name.clone();
    sums(
        ui,
        "Statements",
        evidence
            .statements
            .iter()
            .map(|(place, sum)| (name(*place), *sum))
            .collect(),
    );
}

fn spelling_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    desk: &Desk,
    spelling: &crate::desk::Spelling,
) {
    let parts: Vec<String> = Field::ALL
        .iter()
        .zip(&spelling.fields)
        .filter(|(_, text)| !text.is_empty())
        .map(|(f, text)| format!("{}: {}", f.name(), bidi::display(text)))
        .collect();
    ui.add(Label::new(parts.join("  ·  ")).wrap());
    for item in &spelling.items {
        let statement = desk.statement(*item);
        let row_index = statement.cube.first_rows[item.item as usize];
        if ui
            .link(
                RichText::new(format!(
                    "{}, first in record {}",
                    statement.record.name,
                    numbers::count(row_index + 1)
                ))
                .small(),
            )
            .clicked()
        {
            context.go(Go::ToRows(RowsToShow::OfLine(
                desk.lines()
                    .of_code(statement.codes[item.item as usize])
                    .start,
            )));
        }
    }
}

/// A name at the left; rows and money at the right, one below the other from row to row.
fn sum_row_ui(ui: &mut Ui, name: &str, sum: &LineSum, currency: Currency) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let rows = numbers::counted(sum.rows, "row", "rows");
            widgets::right_cell_ui(ui, 92.0, |ui| {
                ui.label(RichText::new(rows).color(theme::tokens(ui).subdued));
            });
            widgets::right_cell_ui(ui, 130.0, |ui| {
                let money =
                    RichText::new(text::money(sum.amount, currency)).font(theme::number_font());
                ui.label(money)
                    .on_hover_text(text::exact_money(sum.amount, currency));
            });
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(bidi::display(name)).truncate())
                    .on_hover_text(name)
            });
        });
    });
}

fn more_ui(ui: &mut Ui, count: usize, shown: usize) {
    if count > shown {
        ui.label(
            RichText::new(format!("and {} more", count - shown)).color(theme::tokens(ui).subdued),
        );
    }
}
