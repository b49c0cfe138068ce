//! Pictures of screens, held against those in `tests/snapshots`. After a change that is meant to be seen:
//! `UPDATE_SNAPSHOTS=1 cargo test --release --locked window::snapshots`, then look at every picture that changed.
//!
//! They are painted in software, so that they are the same everywhere; the line with the workspace's folder is covered.

use eframe::egui::{Rect, ThemePreference};
use egui_kittest::SnapshotOptions;
use egui_kittest::kittest::Queryable;
use ledgerline::ident::Isrc;
use ledgerline::ui::shared::Screen;

use super::contracts::{CONTRACTS, with_contracts};
use super::duplicates::look_at;
use super::stage::{Window, click, open, sample, until_shown};
use crate::support::root;

const SIZE: [f32; 2] = [1280.0, 800.0];
/// Where the status line is, with the margin below it.
const STATUS: [[f32; 2]; 2] = [[0.0, 760.0], SIZE];

/// Compares the window with its picture.
fn compare(window: &mut Window, name: &str) {
    window.remove_cursor();
    // Panels take the size of their content, and what fades has faded.
    window.run_steps(30);
    window.mask(Rect::from_min_max(STATUS[0].into(), STATUS[1].into()));
    window.snapshot_options(
        name,
        &SnapshotOptions::new().output_path(root().join("tests/snapshots")),
    );
}

fn shown(screen: Screen, theme: ThemePreference, waits_for: &str) -> (tempfile::TempDir, Window) {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(&sample(folder.path()), screen, SIZE, theme, Vec::new());
    until_shown(&mut window, waits_for);
    (folder, window)
}

fn review(theme: ThemePreference, name: &str) {
    let (_folder, mut window) = shown(Screen::Review, theme, "455 lines shown");
    click(&mut window, "Filter");
    window
        .get_by_label("Filter")
        .type_text("status:ambiguous territory:JP");
    until_shown(&mut window, "shares the ");
    until_shown(&mut window, "ambiguous → matched");
    window.get_by_label("Lines to review").focus();
    compare(&mut window, name);
}

#[test]
fn the_review_in_dark() {
    review(ThemePreference::Dark, "review_dark");
}

#[test]
fn the_review_in_light() {
    review(ThemePreference::Light, "review_light");
}

#[test]
fn a_shared_isrc_in_light() {
    let (_folder, mut window) = shown(
        Screen::Duplicates,
        ThemePreference::Light,
        "Reported with it",
    );
    look_at(&mut window, Isrc::parse("XHHV01006545").unwrap());
    compare(&mut window, "duplicates_light");
}

#[test]
fn the_payout_in_dark() {
    let (_folder, mut window) = shown(
        Screen::Payout,
        ThemePreference::Dark,
        "No money was lost on the way",
    );
    compare(&mut window, "payout_dark");
}

#[test]
fn one_track_of_the_catalog_in_light() {
    let (_folder, mut window) = shown(Screen::Catalog, ThemePreference::Light, "Reported for it");
    compare(&mut window, "catalog_light");
}

#[test]
fn a_contract_in_light() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &with_contracts(folder.path(), CONTRACTS),
        Screen::Contracts,
        SIZE,
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "Split 2");
    compare(&mut window, "contracts_light");
}

#[test]
fn a_payout_by_contract_in_dark() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &with_contracts(folder.path(), CONTRACTS),
        Screen::Payout,
        SIZE,
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "settled by 1 contract");
    click(&mut window, "Artists");
    until_shown(&mut window, "Account of Artists");
    compare(&mut window, "period_dark");
}
