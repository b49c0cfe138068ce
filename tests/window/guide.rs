//! The guide: it opens at the chapter of the screen, is searched, and its links lead on.

use eframe::egui::{Key, ThemePreference};
use egui_kittest::kittest::Queryable;
use ledgerline::guide::CHAPTERS;
use ledgerline::ui::shared::Screen;

use super::stage::{Window, click, open, picture, sample, shows, until_shown};

const SIZE: [f32; 2] = [1280.0, 800.0];

fn at(screen: Screen, theme: ThemePreference) -> (tempfile::TempDir, Window) {
    let folder = tempfile::tempdir().unwrap();
    let window = open(&sample(folder.path()), screen, SIZE, theme, Vec::new());
    (folder, window)
}

fn press_f1(window: &mut Window) {
    window.key_press(Key::F1);
    window.run_steps(6);
}

#[test]
fn f1_opens_the_chapter_of_the_screen_and_closes_it() {
    let (_folder, mut window) = at(Screen::Review, ThemePreference::Dark);
    until_shown(&mut window, "455 lines shown");
    press_f1(&mut window);
    until_shown(&mut window, "The review shows what needs a person");
    picture(&mut window, "guide-review-dark");
    press_f1(&mut window);
    assert!(!shows(&window, "The review shows what needs a person"));
}

#[test]
fn a_search_leads_to_the_place_and_a_link_leads_on() {
    let (_folder, mut window) = at(Screen::Payout, ThemePreference::Light);
    until_shown(&mut window, "No money was lost on the way");
    press_f1(&mut window);
    until_shown(&mut window, "keeps what the period was settled from");
    let search = window.get_by_label("Search the guide");
    assert!(search.is_focused(), "one can type at once");
    search.type_text("stray quote");
    until_shown(&mut window, "Bad input");
    picture(&mut window, "guide-search-light");
    click(&mut window, "Bad input");
    until_shown(&mut window, "What cannot be read is never dropped");
    click(&mut window, "Clear Search the guide");
    click(&mut window, "Matching");
    until_shown(&mut window, "A fixed cascade");
    picture(&mut window, "guide-matching-light");
    click(&mut window, "Review");
    click(&mut window, "Matching");
    until_shown(&mut window, "A fixed cascade");
}

#[test]
fn an_empty_screen_leads_to_its_chapter() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("workspace");
    let theme = ThemePreference::Dark;
    let mut window = open(&workspace, Screen::Catalog, SIZE, theme, Vec::new());
    until_shown(&mut window, "The catalog has no tracks yet");
    picture(&mut window, "guide-link-dark");
    click(&mut window, "Read about it in the guide");
    until_shown(&mut window, "A catalog is a CSV or TSV file");
}

#[test]
fn every_chapter_can_be_drawn() {
    let (_folder, mut window) = at(Screen::Overview, ThemePreference::Light);
    until_shown(&mut window, "Exact amounts in");
    press_f1(&mut window);
    for chapter in CHAPTERS {
        let title = chapter.title();
        // A screen may be called like a chapter; the guide stands behind it in the order of names.
        let names = window.query_all_by_label(title).count();
        window.query_all_by_label(title).last().unwrap().click();
        window.run_steps(4);
        assert!(names > 0 && shows(&window, title), "{title}");
        picture(&mut window, &format!("guide-{}-light", chapter.id));
    }
}
