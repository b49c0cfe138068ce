//! Files and folders that a person chooses, without the window ever waiting for a dialog.
//!
//! The system's dialog is opened on the window's thread, as some systems demand, and awaited on a thread of its own. Where there is none
//! (no portal and no helper program), it answers at once with nothing; that is told apart from a person who changed their mind by the time
//! it took, and [`PathPrompt`] takes its place.

use std::collections::VecDeque;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use eframe::egui::{Context, Id, Key, Modal, Modifiers, RichText, TextEdit, Ui};
use parking_lot::Mutex;

use super::theme;
use super::widgets;

/// Nobody closes a dialog this fast.
const TOO_FAST: Duration = Duration::from_millis(300);

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Title of the dialog.
    pub title: String,
    /// Kinds of files that are offered: a name and its extensions, without a point.
    pub filters: Vec<(String, Vec<String>)>,
    /// Where to begin.
    pub folder: Option<PathBuf>,
    /// Name that is proposed for a file to save.
    pub file_name: String,
}

impl Request {
    /// A request with a title and nothing else.
    #[must_use]
    pub fn titled(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            ..Self::default()
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialogAnswer {
    /// These paths, at least one.
    Chosen(Vec<PathBuf>),
    /// The person changed their mind.
    Cancelled,
    /// The system has no dialog: ask with [`PathPrompt`].
    Unavailable,
}

/// An answer that is still to come.
#[derive(Debug)]
pub struct Pending(Receiver<DialogAnswer>);

impl Pending {
    /// The answer, once it is there; asked each frame.
    #[must_use]
    pub fn poll(&self) -> Option<DialogAnswer> {
        match self.0.try_recv() {
            Ok(answer) => Some(answer),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(DialogAnswer::Unavailable),
        }
    }

    /// An answer that is there already.
    #[must_use]
    pub fn ready(answer: DialogAnswer) -> Self {
        let (sender, receiver) = channel();
        // The receiver lives, so there is somebody to send to.
        let _ = sender.send(answer);
        Self(receiver)
    }
}

/// Whoever can ask for files. No method waits.
pub trait Dialogs {
    /// Asks for files to open. The dialog belongs to the window of the frame, if there is one.
    fn open_files(&self, request: &Request, parent: Option<&eframe::Frame>) -> Pending;
    /// Asks for a folder.
    fn open_folder(&self, request: &Request, parent: Option<&eframe::Frame>) -> Pending;
    /// Asks where to save a file.
    fn save_file(&self, request: &Request, parent: Option<&eframe::Frame>) -> Pending;
}

/// The dialogs of the system.
#[derive(Debug, Clone)]
pub struct SystemDialogs {
    ctx: Context,
}

impl SystemDialogs {
    /// Dialogs that wake this window when they are answered.
    #[must_use]
    pub fn new(ctx: &Context) -> Self {
        Self { ctx: ctx.clone() }
    }

    fn await_on_thread<T>(
        &self,
        chosen: impl Future<Output = Option<T>> + Send + 'static,
        paths: impl FnOnce(T) -> Vec<PathBuf> + Send + 'static,
    ) -> Pending {
        let (sender, receiver) = channel();
        let ctx = self.ctx.clone();
        let start = Instant::now();
        let thread = std::thread::Builder::new().name("file dialog".to_owned());
        // If no thread can be started, the sender is dropped and the answer is that there is no dialog.
        let _ = thread.spawn(move || {
            let paths = block_on(chosen).map(paths).unwrap_or_default();
            // Whoever asked may have gone.
            let _ = sender.send(answer(paths, start.elapsed()));
            ctx.request_repaint();
        });
        Pending(receiver)
    }
}

impl Dialogs for SystemDialogs {
    fn open_files(&self, request: &Request, parent: Option<&eframe::Frame>) -> Pending {
        let chosen = dialog(request, parent).pick_files();
        self.await_on_thread(chosen, |files| {
            files.iter().map(|file| file.path().to_owned()).collect()
        })
    }

    fn open_folder(&self, request: &Request, parent: Option<&eframe::Frame>) -> Pending {
        self.await_on_thread(dialog(request, parent).pick_folder(), |folder| {
            vec![folder.path().to_owned()]
        })
    }

    fn save_file(&self, request: &Request, parent: Option<&eframe::Frame>) -> Pending {
        self.await_on_thread(dialog(request, parent).save_file(), |file| {
            vec![file.path().to_owned()]
        })
    }
}

fn answer(paths: Vec<PathBuf>, taken: Duration) -> DialogAnswer {
    match (paths.is_empty(), taken < TOO_FAST) {
        (false, _) => DialogAnswer::Chosen(paths),
        (true, true) => DialogAnswer::Unavailable,
        (true, false) => DialogAnswer::Cancelled,
    }
}

fn dialog(request: &Request, parent: Option<&eframe::Frame>) -> rfd::AsyncFileDialog {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(&request.title);
    for (name, extensions) in &request.filters {
        dialog = dialog.add_filter(name, extensions);
    }
    if let Some(folder) = &request.folder {
        dialog = dialog.set_directory(folder);
    }
    if !request.file_name.is_empty() {
        dialog = dialog.set_file_name(&request.file_name);
    }
    if let Some(parent) = parent {
        dialog.set_parent(parent)
    } else {
        dialog
    }
}

/// Waits for a future on this thread, which sleeps in between.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            return output;
        }
        std::thread::park();
    }
}

/// Dialogs for tests: answers that were laid down before, in their order, and what was asked.
#[derive(Debug, Default)]
pub struct ScriptedDialogs {
    answers: Mutex<VecDeque<DialogAnswer>>,
    asked: Mutex<Vec<Request>>,
}

impl ScriptedDialogs {
    /// Dialogs that give these answers.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = DialogAnswer>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    /// What was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().clone()
    }

    fn answer(&self, request: &Request) -> Pending {
        self.asked.lock().push(request.clone());
        let next = self.answers.lock().pop_front();
        Pending::ready(next.unwrap_or(DialogAnswer::Cancelled))
    }
}

impl Dialogs for ScriptedDialogs {
    fn open_files(&self, request: &Request, _: Option<&eframe::Frame>) -> Pending {
        self.answer(request)
    }

    fn open_folder(&self, request: &Request, _: Option<&eframe::Frame>) -> Pending {
        self.answer(request)
    }

    fn save_file(&self, request: &Request, _: Option<&eframe::Frame>) -> Pending {
        self.answer(request)
    }
}

/// The window's own way to ask for paths, where the system has no dialog: a field to type or paste into.
#[derive(Debug, Clone, Default)]
pub struct PathPrompt {
    title: String,
    text: String,
    takes_many: bool,
}

impl PathPrompt {
    /// Asks for one path, or for one in each line.
    #[must_use]
    pub fn new(request: &Request, takes_many: bool) -> Self {
        let start = request
            .folder
            .as_ref()
            .map(|folder| folder.join(&request.file_name).display().to_string());
        Self {
            title: request.title.clone(),
            text: start.unwrap_or_else(|| request.file_name.clone()),
            takes_many,
        }
    }

    /// Shows the prompt. The answer, once there is one; the prompt is over then.
    pub fn show(&mut self, ctx: &Context) -> Option<DialogAnswer> {
        let modal = Modal::new(Id::unique("path prompt")).show(ctx, |ui| self.content_ui(ui));
        if modal.should_close() {
            Some(DialogAnswer::Cancelled)
        } else {
            modal.inner
        }
    }

    fn content_ui(&mut self, ui: &mut Ui) -> Option<DialogAnswer> {
        let tokens = theme::tokens(ui);
        ui.set_width(480.0);
        ui.label(
            RichText::new(&self.title)
                .font(theme::medium_font(theme::HEADING))
                .color(tokens.strong),
        );
        let how = if self.takes_many {
            "Type or paste paths, one in each line. Files can also be dropped onto the window."
        } else {
            "Type or paste a path."
        };
        ui.label(RichText::new(how).color(tokens.subdued));
        let is_entered = self.field_ui(ui);
        ui.add_space(8.0);
        let chosen = paths(&self.text);
        ui.with_layout(
            eframe::egui::Layout::right_to_left(eframe::egui::Align::Center),
            |ui| {
                let is_done = ui
                    .add_enabled_ui(!chosen.is_empty(), |ui| {
                        widgets::main_button_ui(ui, "Choose", "").clicked()
                    })
                    .inner;
                if ui.button("Cancel").clicked() {
                    return Some(DialogAnswer::Cancelled);
                }
                ((is_done || is_entered) && !chosen.is_empty())
                    .then_some(DialogAnswer::Chosen(chosen))
            },
        )
        .inner
    }

    /// True if Enter was pressed, with the command key where a line can end.
    fn field_ui(&mut self, ui: &mut Ui) -> bool {
        let id = Id::unique("path prompt field");
        let keys = if self.takes_many {
            Modifiers::COMMAND
        } else {
            Modifiers::NONE
        };
        let is_entered = ui.memory(|memory| memory.has_focus(id))
            && ui.input_mut(|input| input.consume_key(keys, Key::Enter));
        let edit = if self.takes_many {
            TextEdit::multiline(&mut self.text).desired_rows(5)
        } else {
            TextEdit::singleline(&mut self.text)
        };
        let field = ui.add(
            edit.id(id)
                .font(theme::code_font())
                .desired_width(f32::INFINITY),
        );
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label("Path"));
        if ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
        is_entered
    }
}

/// Paths of a text, one in each line, as people paste them: in quotes, as file addresses, or beginning at the home folder.
#[must_use]
pub fn paths(text: &str) -> Vec<PathBuf> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(path)
        .collect()
}

fn path(line: &str) -> PathBuf {
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| line.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(line);
    if let Some(address) = unquoted.strip_prefix("file://") {
        return PathBuf::from(percent_decoded(
            address.strip_prefix("localhost").unwrap_or(address),
        ));
    }
    match (unquoted.strip_prefix("~/"), std::env::home_dir()) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(unquoted),
    }
}

/// `%20` and the like as the characters that they stand for; what is no such thing stays.
fn percent_decoded(address: &str) -> String {
    let bytes = address.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) if bytes[at] == b'%' => {
                decoded.push(code);
                at += 3;
            }
            _ => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_nobody_can_have_given_means_that_there_is_no_dialog() {
        let (fast, slow) = (Duration::from_millis(20), Duration::from_secs(2));
        assert_eq!(answer(Vec::new(), fast), DialogAnswer::Unavailable);
        assert_eq!(answer(Vec::new(), slow), DialogAnswer::Cancelled);
        assert_eq!(
            answer(vec!["a".into()], fast),
            DialogAnswer::Chosen(vec!["a".into()])
        );
    }

    #[test]
    fn a_future_is_awaited_on_its_own_thread() {
        let dialogs = SystemDialogs::new(&Context::default());
        let pending = dialogs.await_on_thread(std::future::ready(Some(3)), |count| {
            vec![PathBuf::from("a"); count]
        });
        let answer = std::iter::repeat_with(|| pending.poll()).find_map(|answer| {
            std::thread::yield_now();
            answer
        });
        assert_eq!(answer, Some(DialogAnswer::Chosen(vec!["a".into(); 3])));
    }

    #[test]
    fn a_dialog_that_died_is_none() {
        let (sender, receiver) = channel();
        let pending = Pending(receiver);
        assert_eq!(pending.poll(), None);
        drop(sender);
        assert_eq!(pending.poll(), Some(DialogAnswer::Unavailable));
    }

    #[test]
    fn scripted_answers_come_in_their_order() {
        let dialogs = ScriptedDialogs::new([
            DialogAnswer::Chosen(vec!["a.csv".into()]),
            DialogAnswer::Unavailable,
        ]);
        let request = Request::titled("Open a statement");
        assert_eq!(
            dialogs.open_files(&request, None).poll(),
            Some(DialogAnswer::Chosen(vec!["a.csv".into()]))
        );
        assert_eq!(
            dialogs.open_folder(&request, None).poll(),
            Some(DialogAnswer::Unavailable)
        );
        assert_eq!(
            dialogs.save_file(&request, None).poll(),
            Some(DialogAnswer::Cancelled),
            "nothing was laid down"
        );
        assert_eq!(dialogs.asked(), vec![request; 3]);
    }

    #[test]
    fn paths_are_taken_as_people_paste_them() {
        let text = "\n  a/b.csv \n\"c d.csv\"\n'e.csv'\nfile:///m%C3%BC/x%20y.csv\nfile://localhost/z\n100%.csv\n";
        let wanted = [
            "a/b.csv",
            "c d.csv",
            "e.csv",
            "/mü/x y.csv",
            "/z",
            "100%.csv",
        ]
        .map(PathBuf::from);
        assert_eq!(paths(text), wanted);
        assert!(paths("~/x.csv")[0].ends_with("x.csv") && !paths("~/x.csv")[0].starts_with("~"));
        assert_eq!(percent_decoded("a%zz%4"), "a%zz%4");
    }
}
