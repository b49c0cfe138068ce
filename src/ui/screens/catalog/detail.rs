//! What is known of one track: its fields, who shares its ISRC, and what was reported for it.

use std::sync::Arc;

use eframe::egui::{self, Label, RichText, Ui};
use egui_plot::{Bar, BarChart, Plot};

use crate::catalog::Track;
use crate::contents::{Contents, ReadError};
use crate::desk::track_money::{TrackMoney, track_money};
use crate::desk::{Desk, LineSum};
use crate::ident::{Currency, SalePeriod};
use crate::job::Wake;
use crate::money::{Amount, SCALE};
use crate::ui::background::{Background, Unanswered};
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers, widgets};
use crate::ui::shared::{Context, Go, RowsToShow};
use crate::ui::text;

/// What is known of a track.
pub(super) struct TrackDetail {
    pub id: String,
    pub track: Option<Track>,
    /// The other tracks with its ISRC.
    pub sharing: Vec<Track>,
    pub money: TrackMoney,
    desk: Arc<Desk>,
}

pub(super) struct TrackInput {
    pub contents: Contents,
    pub desk: Arc<Desk>,
}

/// By the id of a track and the generation of the desk.
pub(super) type TrackDetails =
    Background<(String, u64), TrackInput, TrackDetail, Unanswered<ReadError>>;

/// Starts the thread that collects details.
pub(super) fn details(wake: &Wake) -> TrackDetails {
    Background::new("track", wake, |(id, _), input, is_stale| {
        Unanswered::unless_given_up(collect(id, input, is_stale))
    })
}

fn collect(
    id: String,
    input: TrackInput,
    is_stale: &dyn Fn() -> bool,
) -> Result<Option<TrackDetail>, ReadError> {
    let TrackInput { contents, desk } = input;
    let track = contents.track(&id)?;
    let sharing = match track.as_ref().and_then(|t| t.isrc) {
        Some(isrc) => {
            let mut sharing = contents.tracks_of_isrc(isrc)?;
            sharing.retain(|other| other.id != id);
            sharing
        }
        None => Vec::new(),
    };
    let Some(money) = track_money(&desk, &id, is_stale)? else {
        return Ok(None);
    };
    Ok(Some(TrackDetail {
        id,
        track,
        sharing,
        money,
        desk,
    }))
}

/// Draws the facts of a track and the ways to other screens.
pub(super) fn detail_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    detail: &TrackDetail,
    currency: &mut Option<Currency>,
) {
    let Some(track) = &detail.track else {
        ui.label(format!("The catalog has no track {}", detail.id));
        return;
    };
    fields_ui(ui, track);
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        let hint = "Everything that was matched to this track or could mean it";
        if ui.button("Show in review").on_hover_text(hint).clicked() {
            context.go(Go::ToReview(format!("track:\"{}\"", track.id)));
        }
        if let Some(&line) = largest(detail) {
            let hint = "The rows of the line with most money, as they stand in the files";
            if ui.button("Show rows").on_hover_text(hint).clicked() {
                context.go(Go::ToRows(RowsToShow::OfLine(line)));
            }
        }
    });
    sharing_ui(ui, context, detail, track);
    money_ui(ui, context, detail, currency);
}

fn largest(detail: &TrackDetail) -> Option<&crate::desk::LineId> {
    detail
        .money
        .lines
        .iter()
        .max_by_key(|line| detail.desk.lines().sum(**line).amount.magnitude())
}

fn fields_ui(ui: &mut Ui, track: &Track) {
    let tokens = theme::tokens(ui);
    let title = if track.version.is_empty() {
        track.title.clone()
    } else {
        format!("{} ({})", track.title, track.version)
    };
    let shown = if title.is_empty() {
        "(no title)"
    } else {
        &title
    };
    ui.add(Label::new(RichText::new(bidi::display(shown)).heading()).wrap());
    ui.add(Label::new(RichText::new(bidi::display(&track.artist)).color(tokens.subdued)).wrap());
    ui.add_space(4.0);
    let fields = track.shown_fields();
    let tone = |text: &str| {
        if text.is_empty() {
            Tone::Subdued
        } else {
            Tone::Normal
        }
    };
    let mut facts: Vec<(&str, &str, Tone)> = vec![("Track id", &track.id, Tone::Normal)];
    facts.extend(
        fields
            .iter()
            .filter(|(name, _)| !matches!(*name, "Title" | "Artist"))
            .map(|(name, text)| {
                let shown = if text.is_empty() {
                    "–"
                } else {
                    text.as_str()
                };
                (*name, shown, tone(text))
            }),
    );
    widgets::key_values_ui(ui, "track_fields", &facts);
}

fn sharing_ui(ui: &mut Ui, context: &mut Context<'_>, detail: &TrackDetail, track: &Track) {
    let Some(isrc) = track.isrc.filter(|_| !detail.sharing.is_empty()) else {
        return;
    };
    ui.add_space(6.0);
    widgets::section_header_ui(ui, "Also with this ISRC", &detail.sharing.len().to_string());
    for other in detail.sharing.iter().take(12) {
        ui.horizontal(|ui| {
            if ui
                .link(other.id.as_str())
                .on_hover_text("Show this track")
                .clicked()
            {
                context.go(Go::ToTrack(other.id.clone()));
            }
            ui.add(
                Label::new(bidi::display(&format!(
                    "{} – {}",
                    other.title, other.artist
                )))
                .truncate(),
            );
        });
    }
    if ui
        .button("Settle this ISRC")
        .on_hover_text("The tracks side by side, and rules that settle whose reports are whose")
        .clicked()
    {
        context.go(Go::ToDuplicates(isrc.to_string()));
    }
}

fn money_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    detail: &TrackDetail,
    chosen: &mut Option<Currency>,
) {
    ui.add_space(6.0);
    let money = &detail.money;
    let lines = numbers::counted(money.lines.len() as u64, "line", "lines");
    widgets::section_header_ui(ui, "Reported for it", &lines);
    for (count, words) in [
        (
            money.split,
            "split over it and other tracks, not in these sums",
        ),
        (money.open, "could mean it and wait in the review"),
    ] {
        if count > 0 {
            ui.label(
                RichText::new(format!(
                    "{} {words}",
                    numbers::counted(count, "line", "lines")
                ))
                .color(theme::tokens(ui).warn),
            );
        }
    }
    let mut currencies: Vec<(Currency, u64)> = Vec::new();
    for (_, currency, sum) in &money.periods {
        match currencies.iter_mut().find(|(c, _)| c == currency) {
            Some((_, rows)) => *rows += sum.rows,
            None => currencies.push((*currency, sum.rows)),
        }
    }
    currencies.sort_by_key(|(currency, rows)| (std::cmp::Reverse(*rows), *currency));
    let Some(&(most, _)) = currencies.first() else {
        ui.label(RichText::new("Nothing that is settled").color(theme::tokens(ui).subdued));
        return;
    };
    let currency = chosen
        .filter(|c| currencies.iter().any(|(each, _)| each == c))
        .unwrap_or(most);
    ui.horizontal_wrapped(|ui| {
        for (each, _) in &currencies {
            if ui
                .selectable_label(*each == currency, each.code())
                .on_hover_text("Amounts in different currencies never add")
                .clicked()
            {
                *chosen = Some(*each);
            }
        }
    });
    let periods: Vec<(SalePeriod, LineSum)> = money
        .periods
        .iter()
        .filter(|(_, c, _)| *c == currency)
        .map(|(p, _, s)| (*p, *s))
        .collect();
    plot_ui(ui, &periods, currency);
    sums_ui(
        ui,
        "Sale period",
        currency,
        periods
            .iter()
            .map(|(period, sum)| (period.to_string(), *sum)),
    );
    let dsps = money
        .dsps
        .iter()
        .filter(|(_, c, _)| *c == currency)
        .map(|(dsp, _, sum)| (dsp.clone(), *sum));
    sums_ui(ui, "DSP", currency, dsps);
    lines_ui(ui, context, detail, currency);
}

/// Bars by period. Their heights are for the eye; the table below has the amounts.
fn plot_ui(ui: &mut Ui, periods: &[(SalePeriod, LineSum)], currency: Currency) {
    let accent = theme::tokens(ui).accent;
    let bar = |(index, (period, sum)): (usize, &(SalePeriod, LineSum))| {
        let words = format!("{period}\n{}", text::money(sum.amount, currency));
        Bar::new(index as f64, for_pixels(sum.amount))
            .name(words)
            .width(0.7)
    };
    let bars: Vec<Bar> = periods.iter().enumerate().map(bar).collect();
    let chart = BarChart::new(currency.code(), bars)
        .color(accent)
        .element_formatter(Box::new(|bar, _| bar.name.clone()));
    let names: Vec<String> = periods
        .iter()
        .map(|(period, _)| period.to_string())
        .collect();
    Plot::new("track_periods")
        .height(130.0)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_x(false)
        .show_y(false)
        .include_y(0.0)
        .include_x(-0.6)
        .include_x(periods.len().max(6) as f64 - 0.4)
        .x_axis_formatter(
            move |mark: egui_plot::GridMark, _: &std::ops::RangeInclusive<f64>| {
                let is_whole =
                    (mark.value - mark.value.round()).abs() < 0.01 && mark.value >= -0.01;
                if is_whole {
                    names
                        .get(mark.value.round() as usize)
                        .cloned()
                        .unwrap_or_default()
                } else {
                    String::new()
                }
            },
        )
        .show(ui, |plot| plot.bar_chart(chart));
}

/// An amount as the height of a bar: digits may be lost here, and nowhere else.
fn for_pixels(amount: Amount) -> f64 {
    amount.floor_raw() as f64 / 10f64.powi(SCALE as i32)
}

fn sums_ui(
    ui: &mut Ui,
    name: &str,
    currency: Currency,
    sums: impl Iterator<Item = (String, LineSum)>,
) {
    let tokens = theme::tokens(ui);
    ui.add_space(4.0);
    egui::Grid::new(("track_sums", name))
        .num_columns(4)
        .spacing([16.0, 3.0])
        .striped(true)
        .show(ui, |ui| {
            for (index, head) in [name, "Rows", "Units", "Amount"].into_iter().enumerate() {
                let head = RichText::new(head)
                    .font(theme::small_font())
                    .color(tokens.subdued);
                if index == 0 {
                    drop(ui.label(head))
                } else {
                    right_ui(ui, |ui| drop(ui.label(head)))
                }
            }
            ui.end_row();
            for (label, sum) in sums {
                ui.add(
                    Label::new(bidi::display(if label.is_empty() {
                        "(not given)"
                    } else {
                        &label
                    }))
                    .truncate(),
                );
                right_ui(ui, |ui| {
                    drop(
                        ui.label(
                            RichText::new(numbers::count(sum.rows)).font(theme::number_font()),
                        ),
                    )
                });
                right_ui(ui, |ui| {
                    drop(
                        ui.label(
                            RichText::new(text::exact(sum.quantity)).font(theme::number_font()),
                        ),
                    )
                });
                let amount =
                    RichText::new(text::money(sum.amount, currency)).font(theme::number_font());
                right_ui(ui, |ui| {
                    drop(
                        ui.label(amount)
                            .on_hover_text(text::exact_money(sum.amount, currency)),
                    )
                });
                ui.end_row();
            }
        });
}

fn right_ui(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), content);
}

/// The lines with most money, each with the way to its rows.
fn lines_ui(ui: &mut Ui, context: &mut Context<'_>, detail: &TrackDetail, currency: Currency) {
    let lines = detail.desk.lines();
    let is_current = detail.desk.lines_generation == context.desk.lines_generation;
    let mut all: Vec<_> = detail
        .money
        .lines
        .iter()
        .copied()
        .filter(|line| lines.currency(*line) == currency)
        .collect();
    all.sort_by_key(|line| {
        (
            std::cmp::Reverse(lines.sum(*line).amount.magnitude()),
            *line,
        )
    });
    ui.add_space(4.0);
    for &line in all.iter().take(8) {
        ui.horizontal(|ui| {
            let money = text::money(lines.sum(line).amount, currency);
            let link = ui.add_enabled(
                is_current,
                egui::Link::new(format!("Rows of {}", lines.dsp(line))),
            );
            if link.on_hover_text("As they stand in the files").clicked() {
                context.go(Go::ToRows(RowsToShow::OfLine(line)));
            }
            right_ui(ui, |ui| {
                drop(ui.label(RichText::new(money).font(theme::number_font())))
            });
        });
    }
}
