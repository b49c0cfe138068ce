//! All that is known of one statement.

use eframe::egui::{self, Grid, RichText, Ui};

use super::source::{StatusShares, minute, reported_of};
use crate::desk::Loaded;
use crate::money::DecimalMark;
use crate::payout::Totals;
use crate::statement::plan::PeriodSource;
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::widgets::{self, BarShare};
use crate::ui::kit::{bidi, numbers};
use crate::ui::text;

/// Least and largest width of four columns of facts together.
const WIDTHS: (f32, f32) = (1060.0, 1640.0);

/// Shows all facts in four columns.
pub(super) fn details_ui(ui: &mut Ui, statement: &Loaded, totals: Option<&Totals>) {
    egui::ScrollArea::both()
        .id_salt("details")
        .auto_shrink(false)
        .show(ui, |ui| {
            let width = (ui.available_width() - 72.0).clamp(WIDTHS.0 - 72.0, WIDTHS.1);
            if let Some(totals) = totals {
                share_ui(ui, totals);
            }
            ui.horizontal_top(|ui| {
                column_ui(ui, width * 0.28, |ui| facts_ui(ui, statement));
                column_ui(ui, width * 0.3, |ui| {
                    totals.into_iter().for_each(|totals| totals_ui(ui, totals));
                    controls_ui(ui, statement);
                    not_counted_ui(ui, statement);
                });
                column_ui(ui, width * 0.19, |ui| ledger_ui(ui, statement));
                column_ui(ui, width * 0.23, |ui| columns_ui(ui, statement));
            });
        });
}

fn column_ui(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.set_width(width);
        content(ui);
    });
    ui.add_space(10.0);
}

/// Matched, waiting and quarantined rows as one bar.
fn share_ui(ui: &mut Ui, totals: &Totals) {
    let shares = StatusShares::of(totals);
    let part = |label, rows, tone| BarShare {
        label,
        permille: numbers::permille(rows, shares.all()),
        tone,
    };
    let parts = [
        part("Matched", shares.matched, Tone::Ok),
        part("Waiting", shares.waiting, Tone::Warn),
        part("Quarantined", shares.quarantined, Tone::Err),
        part("Ignored", shares.ignored, Tone::Subdued),
    ];
    ui.horizontal(|ui| {
        let words = parts
            .iter()
            .filter(|p| p.permille > 0)
            .map(|p| format!("{} {}", p.label, numbers::percent(p.permille)));
        ui.label(words.collect::<Vec<_>>().join(" · "));
    });
    widgets::share_bar_ui(ui, &parts, 6.0);
    ui.add_space(6.0);
}

fn facts_ui(ui: &mut Ui, statement: &Loaded) {
    let record = &statement.record;
    widgets::section_header_ui(ui, "File", "");
    let period = match record.period_source {
        PeriodSource::Rows => "the rows",
        PeriodSource::Header => "a line above the header",
        PeriodSource::Person => "a person, at the import",
        PeriodSource::FileName => "only the name of the file",
        PeriodSource::Nobody => "nobody",
    };
    let period = if record.without_period > 0 {
        format!(
            "{period}; {} rows have none",
            numbers::count(record.without_period)
        )
    } else {
        period.to_owned()
    };
    let period_tone = if record.without_period > 0 || record.period_source == PeriodSource::FileName
    {
        Tone::Warn
    } else {
        Tone::Normal
    };
    let decimal = if record.decimal == DecimalMark::Dot {
        "Point: 1,234.56"
    } else {
        "Comma: 1.234,56"
    };
    let order = record.date_order.map_or("not needed", |order| match order {
        crate::ident::DateOrder::Mdy => "Month first",
        crate::ident::DateOrder::Dmy => "Day first",
        crate::ident::DateOrder::Ymd => "Year first",
    });
    let path = record.path.display().to_string();
    let rows = numbers::count(record.records);
    let bytes = numbers::bytes(record.content_bytes);
    let added = minute(&record.imported_at);
    let flagged = numbers::count(record.flagged_rows);
    let reported = reported_of(statement).join("\n");
    let facts = [
        ("Sender", record.sender.as_str(), Tone::Normal),
        (
            "DSP",
            if record.dsp.is_empty() {
                "said by each row"
            } else {
                record.dsp.as_str()
            },
            Tone::Normal,
        ),
        ("Layout", record.layout_name.as_str(), Tone::Normal),
        ("Sale period", record.sale_period.as_str(), Tone::Normal),
        ("Period said by", period.as_str(), period_tone),
        ("Reported", reported.as_str(), Tone::Strong),
        ("Rows", rows.as_str(), Tone::Normal),
        ("Stray quotes", flagged.as_str(), Tone::Normal),
        ("Decimal mark", decimal, Tone::Normal),
        ("Date order", order, Tone::Normal),
        ("Encoding", record.encoding.as_str(), Tone::Normal),
        ("Size unpacked", bytes.as_str(), Tone::Normal),
        ("Added (UTC)", added.as_str(), Tone::Normal),
        ("Path", path.as_str(), Tone::Normal),
        ("BLAKE3", record.content_hash.as_str(), Tone::Subdued),
    ];
    widgets::key_values_ui(ui, "file facts", &facts);
    warnings_ui(ui, statement);
}

/// What was accepted of it, what it loses, and what it has in common with others.
fn warnings_ui(ui: &mut Ui, statement: &Loaded) {
    // Statements that were removed since are named all the same: this one was compared with them.
    let warnings = statement.record.warnings(|_| true);
    if warnings.is_empty() {
        return;
    }
    ui.add_space(8.0);
    widgets::section_header_ui(ui, "Warnings", "");
    let color = theme::tokens(ui).tone(Tone::Warn);
    for warning in warnings {
        ui.label(RichText::new(format!("▲ {}", bidi::display(&warning))).color(color));
    }
}

fn columns_ui(ui: &mut Ui, statement: &Loaded) {
    widgets::section_header_ui(ui, "Columns", "taken for what");
    let facts: Vec<(&str, &str, Tone)> = statement
        .record
        .columns
        .iter()
        .map(|(field, header)| (field.as_str(), header.as_str(), Tone::Normal))
        .collect();
    widgets::key_values_ui(ui, "column facts", &facts);
    for reason in &statement.record.reasons {
        ui.label(
            RichText::new(bidi::display(&format!("Because {reason}")))
                .color(theme::tokens(ui).subdued),
        );
    }
}

/// What of the file is not counted, with the money on it.
fn not_counted_ui(ui: &mut Ui, statement: &Loaded) {
    let record = &statement.record;
    if record.aside.is_empty() && record.tables.is_empty() {
        return;
    }
    ui.add_space(8.0);
    widgets::section_header_ui(ui, "Not counted", "and why");
    for aside in &record.aside {
        let money: Vec<String> = aside
            .amounts
            .iter()
            .map(|(currency, amount)| text::exact_money(*amount, *currency))
            .collect();
        ui.label(format!(
            "{} ({}): {}",
            numbers::counted(aside.rows, "row", "rows"),
            money.join(", "),
            bidi::display(&aside.because)
        ));
    }
    for table in &record.tables {
        let title = if table.title.is_empty() {
            String::new()
        } else {
            format!(" “{}”", table.title)
        };
        let rows = numbers::counted(table.rows, "row", "rows");
        let sentence = format!(
            "Another table{title}, {rows} below line {}: {}",
            numbers::count(table.line),
            table.names.join(", ")
        );
        ui.label(bidi::display(&sentence));
    }
}

fn controls_ui(ui: &mut Ui, statement: &Loaded) {
    ui.add_space(8.0);
    widgets::section_header_ui(ui, "Control totals", "stated and read");
    let tokens = theme::tokens(ui);
    if statement.record.control_totals.is_empty() {
        ui.label(RichText::new("The file states none").color(tokens.subdued));
        return;
    }
    Grid::new("control totals")
        .num_columns(4)
        .spacing([14.0, 5.0])
        .show(ui, |ui| {
            for total in &statement.record.control_totals {
                ui.label(bidi::display(&total.label));
                ui.label(RichText::new(widgets::grouped(&total.stated)).font(theme::number_font()));
                ui.label(
                    RichText::new(
                        total
                            .read
                            .as_deref()
                            .map_or_else(|| "–".into(), widgets::grouped),
                    )
                    .font(theme::number_font()),
                );
                match total.agrees {
                    Some(true) => ui.label(RichText::new("✓ Agrees").color(tokens.ok)),
                    Some(false) => ui.label(RichText::new("✗ Disagrees").color(tokens.err)),
                    None => ui.label(RichText::new("Not comparable").color(tokens.subdued)),
                };
                ui.end_row();
            }
        });
}

fn totals_ui(ui: &mut Ui, totals: &Totals) {
    widgets::section_header_ui(ui, "Money", "by status");
    Grid::new("status totals")
        .num_columns(3)
        .spacing([14.0, 5.0])
        .show(ui, |ui| {
            for ((currency, status), total) in totals {
                widgets::pill_ui(ui, super::super::status_of(*status));
                ui.label(
                    RichText::new(numbers::counted(total.rows, "row", "rows"))
                        .font(theme::number_font()),
                );
                let money = RichText::new(text::exact_money(total.amount, *currency))
                    .font(theme::number_font());
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(money)
                });
                ui.end_row();
            }
        });
}

fn ledger_ui(ui: &mut Ui, statement: &Loaded) {
    let ledger = &statement.record.ledger;
    widgets::section_header_ui(ui, "Lines", "what each one is");
    let parts = [
        ("Preamble", ledger.preamble),
        ("Header", ledger.header),
        ("Records", ledger.records),
        ("Continuation", ledger.continuation),
        ("Blank", ledger.blank),
        ("Footer", ledger.footer),
        ("Quarantined", ledger.quarantined),
        ("Set aside", ledger.aside),
        ("Physical lines", ledger.physical_lines),
    ];
    Grid::new("ledger")
        .num_columns(2)
        .spacing([14.0, 5.0])
        .show(ui, |ui| {
            for (name, count) in parts {
                ui.label(name);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(RichText::new(numbers::count(count)).font(theme::number_font()));
                });
                ui.end_row();
            }
        });
    let status = if ledger.ties_out() {
        widgets::PillStatus {
            sign: "✓",
            word: "Ties out",
            tone: Tone::Ok,
        }
    } else {
        widgets::PillStatus {
            sign: "✗",
            word: "Does not tie out",
            tone: Tone::Err,
        }
    };
    widgets::pill_ui(ui, status);
}
