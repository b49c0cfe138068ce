//! What if: what a change that is not saved yet, or decisions that are not taken yet, would do to the open period; computed in the
//! background.

use std::convert::Infallible;
use std::sync::Arc;

use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Ui, vec2};

use crate::contents::Contents;
use crate::contents::terms::terms_after;
use crate::desk::Desk;
use crate::desk::open_period::KnownPeriod;
use crate::ident::Currency;
use crate::job::{Latest, Wake};
use crate::money::Amount;
use crate::period::{Effect, PeriodError, WhatIf};
use crate::review::{Decision, TermsChange};
use crate::settlement::PayableState;
use crate::ui::background::Background;
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers, widgets};
use crate::ui::shared::Context;
use crate::ui::text;

/// Payees that are listed.
const LISTED: usize = 100;
/// Room that the effect of decisions takes at least, in points, so that little moves when it comes.
const HEIGHT: f32 = 110.0;
/// Room for an amount with its currency, and for the name of a payee: in a narrow panel and at least.
const AMOUNT: f32 = 118.0;
const NARROW_AMOUNT: f32 = 96.0;
const NAME: f32 = 72.0;

/// What the change is asked about: its version, and that of the desk.
pub(super) type Ticket = (u64, u64);

/// What would be otherwise.
pub(super) enum PendingChange {
    Terms(TermsChange),
    Decisions(Vec<Decision>),
}

pub(super) struct EffectQuestion {
    pub ticket: Ticket,
    pub contents: Contents,
    pub desk: Arc<Desk>,
    pub change: PendingChange,
}

/// The effect of a change, for the eye.
pub(super) struct ShownEffect {
    pub ticket: Ticket,
    /// The differences, or why there is nothing to compare.
    outcome: Result<Differences, String>,
}

struct Differences {
    period: String,
    what_if: WhatIf,
    /// Of each effect, in the order of [`WhatIf::effects`].
    differences: Vec<Amount>,
}

pub(super) type Effects = Latest<EffectQuestion, ShownEffect>;

/// Starts the thread that compares.
pub(super) fn effects(wake: &Wake, known: KnownPeriod) -> Effects {
    let wake = Arc::clone(wake);
    Latest::new(
        "what if",
        move || wake(),
        move |question: EffectQuestion, is_stale: &dyn Fn() -> bool| {
            shown_effect(question, &known, is_stale)
        },
    )
}

fn shown_effect(
    question: EffectQuestion,
    known: &KnownPeriod,
    is_stale: &dyn Fn() -> bool,
) -> ShownEffect {
    ShownEffect {
        ticket: question.ticket,
        outcome: compare(question, known, is_stale).map_err(|e| words_of(&e)),
    }
}

fn compare(
    question: EffectQuestion,
    known: &KnownPeriod,
    is_stale: &dyn Fn() -> bool,
) -> Result<Differences, PeriodError> {
    let EffectQuestion {
        contents,
        desk,
        change,
        ..
    } = question;
    let before = known.open(&contents, &desk, None)?;
    if is_stale() {
        return Ok(Differences {
            period: String::new(),
            what_if: WhatIf::default(),
            differences: Vec::new(),
        });
    }
    let mut what_if = match change {
        PendingChange::Decisions(decisions) => {
            contents.what_if_decided(&desk, &before, &decisions)?
        }
        PendingChange::Terms(change) => {
            let (texts, _) = terms_after(desk.terms(), &change)?;
            WhatIf::of(
                &before,
                &contents.open_period_with(&before, &desk, &texts, desk.periods())?,
            )?
        }
    };
    let mut with: Vec<(Effect, Amount)> = Vec::new();
    for effect in std::mem::take(&mut what_if.effects) {
        let difference = effect.difference()?;
        with.push((effect, difference));
    }
    with.sort_by_key(|(e, difference)| (e.currency, std::cmp::Reverse(difference.magnitude())));
    let (effects, differences) = with.into_iter().unzip();
    what_if.effects = effects;
    Ok(Differences {
        period: before.settled.period.to_string(),
        what_if,
        differences,
    })
}

fn words_of(error: &PeriodError) -> String {
    match error {
        PeriodError::NoContracts => "There are no saved contracts yet to compare with".into(),
        PeriodError::NothingOpen => "No statement is open, so nothing is paid by it yet".into(),
        other => format!("It cannot be said: {other}"),
    }
}

/// The effect of decisions that are prepared, which is looked at only when somebody wants to see it: settling takes longer than adding up.
pub(super) struct DecisionEffect {
    effect: Background<Ticket, EffectQuestion, ShownEffect, Infallible>,
    is_wanted: bool,
}

impl DecisionEffect {
    /// Starts the thread that compares.
    pub(super) fn new(wake: &Wake, known: &KnownPeriod) -> Self {
        let known = known.clone();
        Self {
            effect: Background::new("what if", wake, move |_, question, is_stale| {
                Ok(shown_effect(question, &known, is_stale))
            }),
            is_wanted: false,
        }
    }

    /// Takes what was compared, and asks about what is prepared now under a number of its own.
    pub(super) fn ask(&mut self, context: &Context<'_>, prepared: Option<(u64, &[Decision])>) {
        // Why there is nothing to compare is an answer, so there is no failure to show.
        let _ = self.effect.receive();
        let Some((number, decisions)) =
            prepared.filter(|_| self.is_wanted && has_contracts(context))
        else {
            return;
        };
        let ticket = (number, context.desk.generation);
        self.effect.ask(ticket, || {
            Some(EffectQuestion {
                ticket,
                contents: context.engine.contents()?,
                desk: Arc::clone(context.desk),
                change: PendingChange::Decisions(decisions.to_vec()),
            })
        });
    }

    /// The switch, and below it the effect when it is wanted. Nothing where the workspace has no contracts: payees get what is moved.
    pub(super) fn show_ui(&mut self, ui: &mut Ui, context: &Context<'_>, number: u64) {
        if !has_contracts(context) {
            return;
        }
        let words = "What this would change in the payables, settled by the contracts before anything is decided";
        ui.toggle_value(&mut self.is_wanted, "What payees would get")
            .on_hover_text(words);
        if self.is_wanted {
            ui.scope(|ui| {
                ui.set_min_height(HEIGHT);
                effect_ui(
                    ui,
                    "What if it were taken",
                    self.effect.answer().map(|shown| &**shown),
                    (number, context.desk.generation),
                    true,
                );
            });
        }
    }
}

fn has_contracts(context: &Context<'_>) -> bool {
    context
        .desk
        .terms()
        .keys()
        .any(|(kind, _)| kind == "contract")
}

/// Shows the effect; nothing is shown as computed that belongs to an older version.
pub(super) fn effect_ui(
    ui: &mut Ui,
    title: &str,
    shown: Option<&ShownEffect>,
    ticket: Ticket,
    is_sound: bool,
) {
    let current = shown.filter(|s| s.ticket == ticket);
    let note = match (current.map(|s| &s.outcome), is_sound) {
        (Some(Ok(found)), true) => format!("on {}, which is open", found.period),
        _ => "on the open period".to_owned(),
    };
    widgets::section_header_ui(ui, title, &note);
    match (current.map(|s| &s.outcome), is_sound) {
        (_, false) => quiet_ui(ui, "It is shown when nothing is wrong with the change"),
        (None, true) => {
            ui.horizontal(|ui| {
                ui.spinner();
                quiet_ui(ui, "Settling with and without the change…");
            });
        }
        (Some(Err(words)), true) => quiet_ui(ui, words),
        (Some(Ok(found)), true) if found.what_if.is_empty() => quiet_ui(
            ui,
            "Nobody would be paid more or less, and nothing more or less would wait",
        ),
        (Some(Ok(found)), true) => differences_ui(ui, found),
    }
}

fn quiet_ui(ui: &mut Ui, words: &str) {
    let text = RichText::new(words).color(theme::tokens(ui).subdued);
    ui.add(Label::new(text).wrap());
}

fn differences_ui(ui: &mut Ui, found: &Differences) {
    let what_if = &found.what_if;
    ScrollArea::vertical().id_salt("effects").max_height(150.0).auto_shrink([false, true]).show(ui, |ui| {
        if !what_if.effects.is_empty() {
            heads_ui(ui);
            for (effect, difference) in what_if.effects.iter().zip(&found.differences).take(LISTED) {
                row_ui(ui, effect, *difference);
            }
        }
        let more = what_if.effects.len().saturating_sub(LISTED);
        if more > 0 {
            ui.label(format!("… and {}", numbers::counted(more as u64, "more payee", "more payees")));
        }
        for effect in what_if.effects.iter().filter(|e| e.before == e.after).take(LISTED) {
            ui.add(Label::new(carried(effect)).wrap());
        }
        if !what_if.waiting.is_empty() {
            ui.add_space(4.0);
            for (currency, before, after) in &what_if.waiting {
                let words = format!("Money that waits: {} now, {} then", text::money(*before, *currency), text::money(*after, *currency));
                ui.add(Label::new(RichText::new(words).color(theme::tokens(ui).tone(Tone::Warn))).wrap());
            }
        }
        if what_if.corrected > 0 {
            let payees = numbers::counted(what_if.corrected as u64, "of these amounts comes", "of these amounts come");
            ui.add(Label::new(format!("{payees} from corrections of closed periods, which are settled with the open one")).wrap());
        }
    });
}

/// What is owed changes, though nothing more or less is paid.
fn carried(effect: &Effect) -> String {
    let why = match effect.state {
        Some(PayableState::BelowMinimum) => "below the minimum, carried forward",
        Some(PayableState::Negative) => "below zero, carried forward",
        Some(PayableState::WaitsForRate) => "waits for an exchange rate",
        _ => "carried forward",
    };
    format!(
        "{} is owed {} instead of {} ({why})",
        bidi::display(&effect.payee),
        text::money(effect.exact_after, effect.currency),
        text::money(effect.exact_before, effect.currency)
    )
}

/// A row of fixed places: what is longer than its place is cut, and amounts stand below each other.
fn cells_ui(ui: &mut Ui, first: &str, is_head: bool, amounts: [(String, String, Tone); 3]) {
    let tokens = theme::tokens(ui);
    let gap = ui.spacing().item_spacing.x;
    let room = ui.available_width() - 10.0;
    let amount = ((room - NAME) / 3.0 - gap).clamp(NARROW_AMOUNT, AMOUNT);
    let name = (room - 3.0 * (amount + gap)).max(NAME);
    ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(
            vec2(name, 18.0),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(name);
                let text = RichText::new(bidi::display(first));
                let text = if is_head {
                    text.font(theme::small_font()).color(tokens.subdued)
                } else {
                    text
                };
                ui.add(Label::new(text).truncate());
            },
        );
        for (words, exact, tone) in amounts {
            widgets::right_cell_ui(ui, amount, |ui| {
                let font = if is_head {
                    theme::small_font()
                } else {
                    theme::number_font()
                };
                let label = ui.label(RichText::new(words).font(font).color(tokens.tone(tone)));
                if !exact.is_empty() {
                    label.on_hover_text(exact);
                }
            });
        }
    });
}

fn heads_ui(ui: &mut Ui) {
    cells_ui(
        ui,
        "Payee",
        true,
        ["Paid now", "Would be paid", "Difference"]
            .map(|head| (head.to_owned(), String::new(), Tone::Subdued)),
    );
}

fn row_ui(ui: &mut Ui, effect: &Effect, difference: Amount) {
    let (sign, tone) = match difference.cmp(&Amount::ZERO) {
        std::cmp::Ordering::Equal => ("", Tone::Subdued),
        std::cmp::Ordering::Less => ("", Tone::Err),
        std::cmp::Ordering::Greater => ("+", Tone::Ok),
    };
    let (shown, exact, _) = money_cell(effect.currency, difference);
    cells_ui(
        ui,
        &effect.payee,
        false,
        [
            money_cell(effect.currency, effect.before),
            money_cell(effect.currency, effect.after),
            (format!("{sign}{shown}"), exact, tone),
        ],
    );
}

/// An amount as it is shown, and with all its digits.
fn money_cell(currency: Currency, amount: Amount) -> (String, String, Tone) {
    (
        text::money(amount, currency),
        text::exact_money(amount, currency),
        Tone::Normal,
    )
}
