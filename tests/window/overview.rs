//! The overview: exact numbers beside the bars, and the way from there to the review.

use eframe::egui::ThemePreference;
use ledgerline::ui::shared::Screen;

use super::stage::{click, open, picture, sample, shows, until, until_shown};

#[test]
fn money_by_status_leads_to_the_review() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Overview,
        [1280.0, 800.0],
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "Exact amounts in");
    assert!(shows(&window, "What changed most"));
    picture(&mut window, "overview-1280-dark");
    click(&mut window, "Territory");
    window.run_steps(4);
    picture(&mut window, "overview-territory-dark");
    click(&mut window, "DSP");
    window.run_steps(4);
    let desk = window.state().as_ref().unwrap().engine().unwrap().desk();
    let dsp = desk
        .lines()
        .dsp_names()
        .iter()
        .find(|name| shows(&window, name))
        .unwrap()
        .clone();
    click(&mut window, &dsp);
    click(&mut window, "Show in review");
    until(&mut window, "the review is shown", |w| {
        w.state().as_ref().unwrap().screen() == Screen::Review
    });
}
