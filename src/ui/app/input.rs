//! Keys, commands, and what is dropped on the window.

use std::path::PathBuf;

use eframe::egui::{self, Key, Modifiers};

use super::App;
use crate::session::engine::JobCommand;
use crate::ui::commands::{self, CommandId};
use crate::ui::shared::{Go, Screen};

impl App {
    pub(super) fn keys(&mut self, ctx: &egui::Context, go: &mut Vec<Go>) {
        let is_typing = ctx.text_edit_focused();
        for command in commands::ALL {
            // What is typed is undone by the field it is typed into.
            if is_typing && matches!(command.id, CommandId::Undo | CommandId::Redo) {
                continue;
            }
            if command
                .shortcut
                .is_some_and(|s| ctx.input_mut(|i| i.consume_shortcut(&s)))
            {
                self.command(command.id, go);
            }
        }
        if !is_typing
            && ctx.input(|i| {
                i.events
                    .iter()
                    .any(|e| matches!(e, egui::Event::Text(t) if t == "?"))
            })
        {
            self.overlays.shows_shortcuts = !self.overlays.shows_shortcuts;
        }
        if ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::F12)) {
            self.overlays.frame_time.toggle();
        }
    }

    pub(super) fn command(&mut self, id: CommandId, go: &mut Vec<Go>) {
        match id {
            CommandId::Palette => self.overlays.palette.open(),
            CommandId::Shortcuts => self.overlays.shows_shortcuts = true,
            CommandId::Guide => self.toggle_guide(),
            CommandId::Show(screen) => go.push(Go::To(screen)),
            CommandId::OpenFiles => go.push(Go::PickStatements),
            CommandId::OpenWorkspace => go.push(Go::PickWorkspace),
            CommandId::OpenSample => go.push(Go::OpenSample),
            CommandId::ImportCatalog => go.push(Go::PickCatalog),
            CommandId::ImportTerms => go.push(Go::PickTerms),
            CommandId::Export => {
                self.screens.payout.begin_export();
                go.push(Go::To(Screen::Payout));
            }
            CommandId::Undo => go.push(Go::UndoLatest),
            CommandId::Redo => go.push(Go::RedoLatest),
            CommandId::FrameTime => self.overlays.frame_time.toggle(),
        }
    }

    pub(super) fn toggle_guide(&mut self) {
        if self.overlays.guide.is_open() {
            self.overlays.guide.close();
        } else {
            self.overlays.guide.open(self.screen.chapter());
        }
    }

    pub(super) fn dropped(&mut self, ctx: &egui::Context, go: &mut Vec<Go>) {
        let paths: Vec<PathBuf> = ctx.input(|i| {
            i.raw
                .dropped_files
                .iter()
                .map(|f| f.path().to_owned())
                .collect()
        });
        if paths.is_empty() {
            return;
        }
        match paths.as_slice() {
            [folder] if folder.is_dir() => go.push(Go::OpenWorkspace(folder.clone())),
            _ if self.screen == Screen::Catalog => go.push(Go::ImportCatalog(paths)),
            _ if self.screen == Screen::Contracts => {
                go.push(Go::Send(JobCommand::ImportTerms(paths).into()))
            }
            _ => go.push(Go::ImportStatements(paths)),
        }
    }
}
