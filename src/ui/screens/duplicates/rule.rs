//! The rule of an ISRC as a form: clauses from the narrowest to the rest.

use eframe::egui::{self, RichText, Ui};

use crate::desk::Desk;
use crate::desk::duplicates::{
    DuplicateDetail, RuleClause, RuleError, proposed_clauses, rule_decisions,
};
use crate::ident::{Isrc, Upc};
use crate::review::Decision;
use crate::ui::kit::{bidi, theme, widgets};

/// The clauses that are being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RuleEditor {
    /// All but the last have a DSP or a release code.
    clauses: Vec<RuleClause>,
}

impl RuleEditor {
    /// Begins with the rule that holds; without one with what the catalog suggests.
    pub(super) fn of(detail: &DuplicateDetail) -> Self {
        let mut editor = Self {
            clauses: if detail.rule.is_empty() {
                proposed_clauses(detail)
            } else {
                detail.rule.clone()
            },
        };
        editor.put_rest_last();
        editor
    }

    fn put_rest_last(&mut self) {
        let rest = self
            .clauses
            .iter()
            .position(RuleClause::is_rest)
            .map(|index| self.clauses.remove(index))
            .unwrap_or_default();
        self.clauses.push(rest);
    }

    /// All reports go to one track.
    pub(super) fn all_to(&mut self, track: &str) {
        self.clauses = vec![RuleClause {
            track: Some(track.to_owned()),
            ..RuleClause::default()
        }];
    }

    /// A clause for what is reported and has none yet.
    pub(super) fn add(&mut self, detail: &DuplicateDetail) {
        let is_taken = |dsp: &Option<String>, upc: Option<Upc>| {
            self.clauses.iter().any(|c| c.dsp == *dsp && c.upc == upc)
        };
        let by_upc = detail.upcs.iter().map(|upc| (None, Some(*upc)));
        let by_dsp = detail.dsps.iter().map(|dsp| (Some(dsp.clone()), None));
        let next = by_upc
            .chain(by_dsp)
            .find(|(dsp, upc)| !is_taken(dsp, *upc))
            .or_else(|| detail.dsps.first().map(|d| (Some(d.clone()), None)));
        let (dsp, upc) = next.unwrap_or_default();
        let place = self.clauses.len().saturating_sub(1);
        self.clauses.insert(
            place,
            RuleClause {
                dsp,
                upc,
                track: detail.tracks.first().map(|t| t.id.clone()),
            },
        );
    }

    /// The decisions that put the rule in place.
    pub(super) fn decisions(&self, desk: &Desk, isrc: Isrc) -> Result<Vec<Decision>, RuleError> {
        rule_decisions(desk, isrc, &self.clauses, "")
    }

    /// Draws the clauses; true when one of them was changed.
    pub(super) fn show_ui(&mut self, ui: &mut Ui, detail: &DuplicateDetail) -> bool {
        let before = self.clone();
        let count = self.clauses.len();
        let mut removed = None;
        egui::Grid::new("rule_clauses")
            .num_columns(5)
            .spacing([8.0, 6.0])
            .show(ui, |ui| {
                for (place, clause) in self.clauses.iter_mut().enumerate() {
                    let is_last = place + 1 == count;
                    if is_last {
                        ui.label(if count == 1 {
                            "All reports"
                        } else {
                            "The rest"
                        });
                        ui.label("");
                    } else {
                        dsp_ui(ui, place, clause, detail);
                        upc_ui(ui, place, clause, detail);
                    }
                    ui.label("→");
                    track_ui(ui, place, clause, detail);
                    if !is_last
                        && widgets::command_button_ui(ui, "✕", "")
                            .accessible_name(format!("Remove clause {}", place + 1))
                            .clicked()
                    {
                        removed = Some(place);
                    }
                    ui.end_row();
                }
            });
        if let Some(place) = removed {
            self.clauses.remove(place);
        }
        ui.horizontal(|ui| {
            let can_add = !detail.upcs.is_empty() || !detail.dsps.is_empty();
            if ui.add_enabled_ui(can_add, |ui| widgets::command_button_ui(ui, "Add clause", "A").clicked()).inner {
                self.add(detail);
            }
            let words = "The narrowest clause that fits a report holds, whatever the order; the rule goes before all that the cascade finds";
            ui.label(RichText::new("the narrowest clause that fits holds").font(theme::small_font()).color(theme::tokens(ui).subdued))
                .on_hover_text(words);
        });
        *self != before
    }
}

fn choice_ui(ui: &mut Ui, name: String, width: f32, shown: &str, choices: impl FnOnce(&mut Ui)) {
    let response = egui::ComboBox::from_id_salt(&name)
        .width(width)
        .truncate()
        .selected_text(bidi::display(shown))
        .show_ui(ui, choices)
        .response;
    response
        .ctx
        .accesskit_node_builder(response.id, |node| node.set_label(name.as_str()));
}

fn dsp_ui(ui: &mut Ui, place: usize, clause: &mut RuleClause, detail: &DuplicateDetail) {
    let shown = clause
        .dsp
        .as_ref()
        .map_or_else(|| "Any DSP".to_owned(), |dsp| format!("Reports of {dsp}"));
    choice_ui(
        ui,
        format!("DSP of clause {}", place + 1),
        150.0,
        &shown,
        |ui| {
            ui.selectable_value(&mut clause.dsp, None, "Any DSP");
            for dsp in &detail.dsps {
                ui.selectable_value(&mut clause.dsp, Some(dsp.clone()), bidi::display(dsp));
            }
        },
    );
}

fn upc_ui(ui: &mut Ui, place: usize, clause: &mut RuleClause, detail: &DuplicateDetail) {
    let shown = clause
        .upc
        .map_or_else(|| "any UPC".to_owned(), |upc| format!("with UPC {upc}"));
    choice_ui(
        ui,
        format!("UPC of clause {}", place + 1),
        216.0,
        &shown,
        |ui| {
            ui.selectable_value(&mut clause.upc, None, "any UPC");
            for upc in &detail.upcs {
                ui.selectable_value(&mut clause.upc, Some(*upc), upc.to_string());
            }
        },
    );
}

fn track_ui(ui: &mut Ui, place: usize, clause: &mut RuleClause, detail: &DuplicateDetail) {
    const LEAVE: &str = "as the cascade finds";
    let shown = clause.track.clone().unwrap_or_else(|| LEAVE.to_owned());
    choice_ui(
        ui,
        format!("Track of clause {}", place + 1),
        186.0,
        &shown,
        |ui| {
            ui.selectable_value(&mut clause.track, None, LEAVE);
            for track in &detail.tracks {
                let words = format!("{}  {} {}", track.id, track.title, track.version);
                ui.selectable_value(
                    &mut clause.track,
                    Some(track.id.clone()),
                    bidi::display(words.trim_end()),
                );
            }
        },
    );
}
