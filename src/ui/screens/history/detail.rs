//! One entry in full: how it is taken back, what it is about, and the entry as it stands in the journal.

use eframe::egui::{self, Label, RichText, TextWrapMode, Ui};

use crate::desk::history::{HistoryRow, LocalTime, Reversal};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::{bidi, theme, widgets};
use crate::ui::text;
use crate::workspace::Entry;

/// The sentence, what taking the entry back would move, and the button. True if it was pressed.
pub(super) fn reversal_ui(ui: &mut Ui, row: &HistoryRow, preview: Option<&[String]>) -> bool {
    let tokens = theme::tokens(ui);
    ui.add_space(4.0);
    let sentence = RichText::new(bidi::display(&row.sentence))
        .font(theme::medium_font(theme::BODY))
        .color(tokens.strong);
    ui.add(
        Label::new(sentence)
            .selectable(true)
            .wrap_mode(TextWrapMode::Wrap),
    );
    ui.add_space(4.0);
    let label = match (&row.reversal, row.reversal.label()) {
        (Reversal::Impossible(why), _) => {
            ui.add(
                Label::new(RichText::new(format!("Cannot be undone: {why}")).color(tokens.subdued))
                    .wrap_mode(TextWrapMode::Wrap),
            );
            return false;
        }
        (_, label) => label.unwrap_or("Undo"),
    };
    let Some(sentences) = preview else {
        ui.label(RichText::new("Adding up what would move…").color(tokens.subdued));
        return false;
    };
    ui.label(RichText::new(format!("“{label}” would have this effect")).color(tokens.subdued));
    for sentence in sentences {
        ui.add(Label::new(format!("• {sentence}")).wrap_mode(TextWrapMode::Wrap));
    }
    widgets::main_button_ui(ui, label, "").clicked()
}

/// All that is known of an entry.
pub(super) fn facts_ui(ui: &mut Ui, row: &HistoryRow, entry: Option<&Entry>, time: &LocalTime) {
    ui.add_space(8.0);
    widgets::section_header_ui(
        ui,
        &format!("Entry {}", row.seq),
        if row.is_undone { "undone" } else { "" },
    );
    let titles = titles(row);
    let when = time.show(&row.at);
    let mut facts: Vec<(&str, &str, Tone)> = vec![
        ("When", &when, Tone::Normal),
        ("In UTC", &row.at, Tone::Subdued),
        ("Who", &row.who, Tone::Normal),
    ];
    facts.extend(
        [("Note", &row.note), ("Items", &titles)]
            .into_iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(k, v)| (k, v.as_str(), Tone::Normal)),
    );
    let money: Vec<String> = row
        .money
        .iter()
        .map(|(currency, sum)| text::exact_money(sum.amount, *currency))
        .collect();
    facts.extend(
        money
            .iter()
            .map(|text| ("Money", text.as_str(), Tone::Normal)),
    );
    let prev = entry
        .map(|e| e.prev.as_str())
        .filter(|p| !p.is_empty())
        .unwrap_or("none, it is the first entry");
    facts.extend([
        ("Hash", row.hash.as_str(), Tone::Normal),
        ("Hash before", prev, Tone::Subdued),
    ]);
    widgets::key_values_ui(ui, "entry", &facts);
    if let Some(entry) = entry {
        json_ui(ui, entry);
    }
}

fn titles(row: &HistoryRow) -> String {
    let mut text = row.titles.join("\n");
    if row.title_count > row.titles.len() {
        text.push_str(&format!(
            "\nand {} more",
            row.title_count - row.titles.len()
        ));
    }
    text
}

/// The line of the journal, indented; the button copies the line as it stands there.
fn json_ui(ui: &mut Ui, entry: &Entry) {
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new("In the journal").color(theme::tokens(ui).subdued));
        if ui
            .button("Copy the line")
            .on_hover_text("The entry as it stands in journal.jsonl")
            .clicked()
        {
            ui.ctx().copy_text(entry.to_line());
        }
    });
    let text = serde_json::to_string_pretty(entry).unwrap_or_default();
    egui::Frame::new()
        .fill(theme::tokens(ui).base)
        .inner_margin(6)
        .show(ui, |ui| {
            ui.add(
                Label::new(RichText::new(text).font(theme::code_font()))
                    .selectable(true)
                    .wrap_mode(TextWrapMode::Wrap),
            );
        });
}
