//! A link into the guide, from anywhere on a screen. Whoever shows the guide takes what was asked for after the frame.

use eframe::egui::{Context, Id, Ui};

use super::theme;

fn id() -> Id {
    Id::unique("chapter of the guide that was asked for")
}

/// A link that opens a chapter of the guide; it says what it is about.
pub fn guide_link_ui(ui: &mut Ui, chapter: &'static str, about: &str) {
    let text = eframe::egui::RichText::new(about).color(theme::tokens(ui).accent);
    if ui
        .link(text)
        .on_hover_text("Opens the guide (F1)")
        .clicked()
    {
        ui.ctx().data_mut(|data| data.insert_temp(id(), chapter));
    }
}

/// The chapter that was asked for since the last call.
#[must_use]
pub fn take(ctx: &Context) -> Option<&'static str> {
    ctx.data_mut(|data| data.remove_temp(id()))
}
