//! Asking a person for files: the system's dialog, and where there is none the window's own prompt.

use std::path::PathBuf;

use eframe::egui::Context;

use super::kit::dialogs::{DialogAnswer, Dialogs, PathPrompt, Pending, Request};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Files to open.
    Files,
    /// A folder.
    Folder,
    /// A file to write.
    Save,
}

/// A question that may be open.
#[derive(Debug, Default)]
pub struct Picker {
    asked: Option<(Pick, Request)>,
    pending: Option<Pending>,
    prompt: Option<PathPrompt>,
}

impl Picker {
    /// Asks; a question that is still open is forgotten.
    pub fn ask(&mut self, dialogs: &dyn Dialogs, pick: Pick, request: Request) {
        self.prompt = None;
        self.pending = Some(match pick {
            Pick::Files => dialogs.open_files(&request, None),
            Pick::Folder => dialogs.open_folder(&request, None),
            Pick::Save => dialogs.save_file(&request, None),
        });
        self.asked = Some((pick, request));
    }

    /// Shows the window's own prompt where it is needed; the chosen paths, once. To be called each frame.
    pub fn poll(&mut self, ctx: &Context) -> Option<Vec<PathBuf>> {
        if let Some(answer) = self.pending.as_ref().and_then(Pending::poll) {
            self.pending = None;
            return self.answered(answer);
        }
        let answer = self.prompt.as_mut()?.show(ctx)?;
        self.prompt = None;
        self.answered(answer)
    }

    fn answered(&mut self, answer: DialogAnswer) -> Option<Vec<PathBuf>> {
        match answer {
            DialogAnswer::Chosen(paths) => Some(paths),
            DialogAnswer::Cancelled => None,
            DialogAnswer::Unavailable => {
                let (pick, request) = self.asked.as_ref()?;
                self.prompt = Some(PathPrompt::new(request, *pick == Pick::Files));
                None
            }
        }
    }
}
