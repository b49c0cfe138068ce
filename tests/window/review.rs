//! The review: what needs a person is settled with the keyboard, and undone.

use eframe::egui::{Key, Modifiers, ThemePreference};
use egui_kittest::kittest::{NodeT, Queryable};
use ledgerline::desk::Desk;
use ledgerline::matching::Status;
use ledgerline::settlement::PayableLine;
use ledgerline::ui::shared::Screen;
use ledgerline::ui::text;

use super::contracts::{CONTRACTS, payables, with_contracts};
use super::stage::{Window, click, open, picture, sample, shows, until, until_shown};

pub(super) fn desk(window: &Window) -> std::sync::Arc<Desk> {
    window.state().as_ref().unwrap().engine().unwrap().desk()
}

pub(super) fn decided(window: &Window) -> usize {
    desk(window).decisions().len()
}

/// Rows of the desk with a status.
pub(super) fn rows_with(desk: &Desk, status: Status) -> u64 {
    desk.totals()
        .iter()
        .filter(|((_, s), _)| *s == status)
        .map(|(_, t)| t.rows)
        .sum()
}

pub(super) fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(3);
}

/// Types into the filter and waits for the lines that fit.
pub(super) fn filter(window: &mut Window, text: &str, shown: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    window.run_steps(2);
    window.get_by_label("Filter").type_text(text);
    until_shown(window, shown);
    // The table has the keyboard again.
    window.get_by_label("Lines to review").focus();
    window.run_steps(2);
}

#[test]
fn a_line_is_settled_with_the_keyboard_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let mut window = open(
        &workspace,
        Screen::Review,
        [1280.0, 800.0],
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "455 lines shown");
    let before = desk(&window);
    press(&mut window, Key::I);
    until_shown(&mut window, "unmatched → ignored");
    picture(&mut window, "review_dark");
    press(&mut window, Key::Enter);
    until(&mut window, "the decision is saved", |w| decided(w) == 1);
    until_shown(&mut window, "454 lines shown");
    assert!(rows_with(&desk(&window), Status::Ignored) > rows_with(&before, Status::Ignored));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until(&mut window, "the decision is undone", |w| decided(w) == 0);
    assert_eq!(desk(&window).totals(), before.totals());
    until_shown(&mut window, "455 lines shown");
}

#[test]
fn an_ambiguous_line_shows_its_candidates_and_enter_takes_the_top() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let mut window = open(
        &workspace,
        Screen::Review,
        [1600.0, 900.0],
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "455 lines shown");
    click(&mut window, "Filter");
    window.get_by_label("Filter").type_text("status:ambiguous");
    until(&mut window, "only ambiguous lines are shown", |w| {
        !shows(w, "455 lines shown")
    });
    until_shown(&mut window, "shares the ");
    until_shown(&mut window, "ambiguous → matched");
    picture(&mut window, "review_light");
    click(&mut window, "Take");
    until(&mut window, "the decision is saved", |w| decided(w) == 1);
}

/// Texts that end with a currency.
fn amounts(window: &Window, currency: &str) -> Vec<String> {
    let nodes = window
        .query_all_by_label_contains(currency)
        .map(|n| n.accesskit_node());
    nodes
        .filter_map(|node| node.value().or_else(|| node.label()))
        .filter(|text| text.ends_with(currency))
        .collect()
}

/// What a decision does to the payables stands there before it is taken, and is what comes of it.
#[test]
fn a_decision_shows_what_payees_would_get_before_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = with_contracts(folder.path(), CONTRACTS);
    let mut window = open(
        &workspace,
        Screen::Review,
        [1280.0, 800.0],
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "lines shown");
    filter(&mut window, "status:ambiguous", "95 lines shown");
    until_shown(&mut window, "ambiguous → matched");
    let before = payables(&window);
    click(&mut window, "What payees would get");
    until_shown(&mut window, "Would be paid");
    until_shown(&mut window, "on 2026-09, which is open");
    picture(&mut window, "review-what-if-light");
    let shown: Vec<String> = ["EUR", "USD"]
        .iter()
        .flat_map(|currency| amounts(&window, currency))
        .collect();
    click(&mut window, "Take");
    until(&mut window, "the decision is saved", |w| decided(w) == 1);
    let after = payables(&window);
    let paid = |lines: &[PayableLine], of: &PayableLine| {
        lines
            .iter()
            .find(|l| (l.payee, l.currency) == (of.payee, of.currency))
            .map(|l| l.payable)
    };
    let changed: Vec<&PayableLine> = after
        .iter()
        .filter(|l| paid(&before, l) != Some(l.payable))
        .collect();
    assert!(!changed.is_empty());
    for line in changed {
        let amounts = [line.payable, paid(&before, line).unwrap_or_default()]
            .map(|amount| text::money(amount, line.currency));
        assert!(
            amounts.iter().all(|amount| shown.contains(amount)),
            "{amounts:?} of {shown:?}"
        );
    }
    // It stays switched on for the next line, which is another decision.
    until_shown(&mut window, "94 lines shown");
    until_shown(&mut window, "Would be paid");
    let first = window
        .query_all_by_label_contains("1  HQ-")
        .find_map(|n| n.accesskit_node().label())
        .unwrap();
    assert!(
        shows(&window, &format!("Assign to {}", &first[3..])),
        "the one that is looked at is the one that is prepared"
    );
    let differences = |shown: &[String]| {
        shown
            .iter()
            .filter(|s| s.starts_with(['+', '−']))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_ne!(differences(&amounts(&window, "USD")), differences(&shown));
}

/// Enter never decides a line that is not the one looked at.
#[test]
fn after_a_decision_it_is_the_next_line_that_is_prepared() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Review,
        [1280.0, 800.0],
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "455 lines shown");
    filter(&mut window, "status:ambiguous", "95 lines shown");
    for held in 1..=6 {
        until_shown(&mut window, "ambiguous → matched");
        press(&mut window, Key::H);
        until_shown(&mut window, "ambiguous → held");
        press(&mut window, Key::Enter);
        until(&mut window, "it is held", |w| decided(w) == held);
        let first = |w: &Window| {
            w.query_all_by_label_contains("1  HQ-")
                .find_map(|n| n.accesskit_node().label())
        };
        until(&mut window, "it is prepared", |w| {
            first(w).is_some_and(|label| shows(w, &format!("Assign to {}", &label[3..])))
        });
    }
    assert!(
        desk(&window)
            .totals()
            .keys()
            .any(|(_, status)| *status == Status::Held)
    );
}

#[test]
fn many_lines_are_held_at_once_and_undone_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let mut window = open(
        &workspace,
        Screen::Review,
        [1280.0, 800.0],
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "455 lines shown");
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    until_shown(&mut window, "455 lines selected");
    press(&mut window, Key::H);
    until_shown(&mut window, "unmatched → held");
    window.run_steps(10);
    picture(&mut window, "review_bulk");
    press(&mut window, Key::Enter);
    until(&mut window, "all decisions are saved", |w| decided(w) > 300);
    assert_eq!(rows_with(&desk(&window), Status::Unmatched), 0);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until(&mut window, "they are undone as one", |w| decided(w) == 0);
}

#[test]
fn a_filter_narrows_the_table_and_says_what_it_does_not_understand() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let mut window = open(
        &workspace,
        Screen::Review,
        [1600.0, 900.0],
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "455 lines shown");
    filter(&mut window, "amount>1000", "2 lines shown");
    picture(&mut window, "review_filter");
    click(&mut window, "Clear");
    until_shown(&mut window, "455 lines shown");
    click(&mut window, "Filter");
    window.get_by_label("Filter").type_text("amount>much");
    until_shown(&mut window, "amount>much");
    // More lines are shown than are meant: nothing is done with all of them.
    window.get_by_label("Lines to review").focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    until_shown(&mut window, "lines selected");
    press(&mut window, Key::H);
    until_shown(&mut window, "more lines are shown than are meant");
    assert!(!shows(&window, "→ held"), "nothing is prepared");
    assert!(
        window
            .get_by_label("Settle all shown…")
            .accesskit_node()
            .is_disabled()
    );
}
