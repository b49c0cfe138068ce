//! The history: sentences, undo from there, and the check of the journal.

use eframe::egui::ThemePreference;
use ledgerline::matching::Status;
use ledgerline::review::{Action, Decision, Target};
use ledgerline::session::engine::ChangeCommand;
use ledgerline::ui::shared::Screen;

use super::stage::{click, open, picture, sample, until, until_shown};

#[test]
fn a_decision_is_undone_from_the_history_and_the_journal_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::History,
        [1280.0, 800.0],
        ThemePreference::Dark,
        Vec::new(),
    );
    let engine = |w: &super::stage::Window| w.state().as_ref().unwrap().engine().unwrap().desk();
    let desk = engine(&window);
    let line = (0..desk.lines().len() as u32)
        .find(|l| desk.status(*l) == Status::Unmatched)
        .unwrap();
    let decision = Decision {
        target: Target::Item {
            item: desk.lines().code(line),
            dsp: None,
        },
        action: Action::Hold,
        note: "asked the label".into(),
    };
    window
        .state()
        .as_ref()
        .unwrap()
        .engine()
        .unwrap()
        .send(ChangeCommand::Decide(vec![decision]));
    until(&mut window, "the line is held", |w| {
        engine(w).status(line) == Status::Held
    });
    until_shown(&mut window, "asked the label");
    click(&mut window, "asked the label");
    until_shown(&mut window, "would go from held to unmatched");
    picture(&mut window, "history-1280-dark");
    click(&mut window, "Undo");
    until(&mut window, "the line is open again", |w| {
        engine(w).status(line) == Status::Unmatched
    });
    until_shown(&mut window, "would go from unmatched to held");
    click(&mut window, "Verify the journal");
    until_shown(&mut window, "The journal is as it was written");
    picture(&mut window, "history-verified-dark");
}
