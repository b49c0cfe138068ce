//! One piece that is being changed: as a form and as text, which stay in step; its faults; and what saving it would send.
//!
//! Invariant: what is saved is what the form shows.

use super::words::{clause_words, key_words};
use crate::review::{TermText, TermTexts, TermsChange};
use crate::terms::Fault;
use crate::terms::form::TermForm;
use crate::terms::language::{Clause, Key, RecordKind};
use crate::terms::pieces::{TermKind, place_name};

/// A piece with the changes to it that are not saved.
#[derive(Debug, Clone)]
pub(super) struct TermEditor {
    pub kind: TermKind,
    /// Its name in the workspace; `None` for a new one.
    pub of: Option<String>,
    /// Its text in the workspace.
    base: String,
    /// The form, or why the text cannot be shown as one.
    form: Result<TermForm, Vec<Fault>>,
    text: String,
    /// Whether it is shown as text.
    pub shows_text: bool,
    /// Why it is changed.
    pub note: String,
    /// Grows with every change.
    pub version: u64,
    /// What is wrong, of which version.
    checked: Option<(u64, Vec<Fault>)>,
    /// The name and text that were sent to be saved.
    saving: Option<(String, String)>,
    /// Whether the workspace's text has changed under it.
    pub is_behind: bool,
}

/// What came of a look at the workspace's pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sync {
    /// It goes on.
    Stays,
    /// What was sent is saved.
    Saved,
    /// The piece is gone, and nothing is lost with it.
    Gone,
}

impl TermEditor {
    /// A piece of the workspace.
    pub(super) fn open(kind: TermKind, name: &str, text: &str) -> Self {
        Self::begin(
            kind,
            Some(name.to_owned()),
            text.to_owned(),
            TermForm::read(kind, name, text),
        )
    }

    /// A new piece, as another one or empty.
    pub(super) fn new(kind: TermKind, like: Option<&TermForm>) -> Self {
        let mut form = like.cloned().unwrap_or_else(|| TermForm::new(kind));
        if let Some(record) = form.records.first_mut() {
            record.set(Key::Name, "");
        }
        if like.is_none() && kind == TermKind::Contract {
            form.add_clause(Clause::Split);
        }
        let text = form.write();
        let mut editor = Self::begin(kind, None, String::new(), Ok(form));
        editor.text = text;
        editor
    }

    fn begin(
        kind: TermKind,
        of: Option<String>,
        base: String,
        form: Result<TermForm, Vec<Fault>>,
    ) -> Self {
        let shows_text = form.is_err() && !kind.is_file();
        Self {
            kind,
            of,
            text: base.clone(),
            base,
            form,
            shows_text,
            note: String::new(),
            version: 0,
            checked: None,
            saving: None,
            is_behind: false,
        }
    }

    /// The form; `None` while the text cannot be shown as one.
    pub(super) fn form(&self) -> Option<&TermForm> {
        self.form.as_ref().ok()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Its name as it would be saved.
    pub(super) fn name(&self) -> &str {
        match &self.form {
            Ok(form) if !self.kind.is_file() => form.name(),
            _ => self.of.as_deref().unwrap_or_default(),
        }
    }

    /// Its name for people.
    pub(super) fn title(&self) -> String {
        let name = self.name();
        if name.is_empty() {
            format!("New {}", super::words::kind_words(self.kind).1)
        } else {
            name.to_owned()
        }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.of.is_none() || self.text != self.base
    }

    /// Takes a form that a person has changed.
    pub(super) fn set_form(&mut self, mut form: TermForm) {
        self.text = form.write();
        self.form = Ok(form);
        self.version += 1;
    }

    /// Takes a text that a person has changed.
    pub(super) fn set_text(&mut self, text: String) {
        let name = self.of.clone().unwrap_or_default();
        if !self.kind.is_file() {
            self.form = TermForm::read(self.kind, &name, &text);
        }
        self.text = text;
        self.version += 1;
    }

    /// The change that saving it makes, with the text as it is shown: faults name its lines. `None` when it cannot be read at all.
    pub(super) fn change(&self) -> Option<TermsChange> {
        if self.form.is_err() && !self.kind.is_file() {
            return None;
        }
        let name = self.name().trim().to_owned();
        let removed = self
            .of
            .iter()
            .filter(|of| **of != name)
            .map(|of| (self.kind.word().to_owned(), of.clone()))
            .collect();
        let set = vec![TermText {
            kind: self.kind.word().to_owned(),
            name,
            text: self.text.clone(),
        }];
        Some(TermsChange {
            set,
            removed,
            note: self.note.trim().to_owned(),
        })
    }

    /// The change to send, with the text as it is always written.
    pub(super) fn save(&mut self) -> Option<TermsChange> {
        let mut change = self.change()?;
        if let (Ok(form), false) = (&mut self.form, self.kind.is_file()) {
            change.set[0].text = form.write();
        }
        self.saving = Some((change.set[0].name.clone(), change.set[0].text.clone()));
        Some(change)
    }

    /// Takes the answer of a check.
    pub(super) fn checked(&mut self, version: u64, faults: Vec<Fault>) {
        if version == self.version {
            self.checked = Some((version, faults));
        }
    }

    /// What is wrong with it, the latest that is known.
    pub(super) fn faults(&self) -> &[Fault] {
        match (&self.form, &self.checked) {
            (Err(faults), _) if !self.kind.is_file() => faults,
            (_, Some((_, faults))) => faults,
            _ => &[],
        }
    }

    /// Whether the version that is shown has been found sound.
    pub(super) fn is_sound(&self) -> bool {
        self.change().is_some()
            && self
                .checked
                .as_ref()
                .is_some_and(|(version, faults)| *version == self.version && faults.is_empty())
    }

    /// Why it cannot be saved now; `None` when it can.
    pub(super) fn block(&self) -> Option<&'static str> {
        if !self.is_changed() {
            return Some("Nothing is changed");
        }
        if !self.faults().is_empty() {
            return Some("What is marked must be corrected first");
        }
        (!self.is_sound()).then_some("It is being checked")
    }

    /// What is wrong at a key of a record, or with the record as a whole when the key is empty.
    pub(super) fn fault_at(&self, record: usize, key: &str) -> Option<&Fault> {
        let form = self.form()?;
        let fields = &form.records[record].fields;
        let has_key = |fault: &Fault| fields.iter().any(|f| f.key.word() == fault.column);
        self.faults().iter().find(|fault| {
            let is_key = if key.is_empty() {
                !has_key(fault)
            } else {
                fault.column == key
            };
            self.is_own(fault) && form.record_of_line(fault.place.line) == Some(record) && is_key
        })
    }

    /// Where a fault of this piece is, as the form calls it; `None` for one of another piece.
    pub(super) fn place_words(&self, fault: &Fault) -> Option<String> {
        if !self.is_own(fault) {
            return None;
        }
        let line = format!("Line {}", fault.place.line);
        let Some(form) = self.form() else {
            return Some(line);
        };
        let Some(record) = form.record_of_line(fault.place.line) else {
            return Some(line);
        };
        let kind = form.records[record].kind;
        let card = match kind {
            RecordKind::Clause(clause) => {
                let index = form.clauses(clause).position(|(index, _)| index == record);
                index.map(|index| format!("{} {}", clause_words(clause).0, index + 1))
            }
            _ => None,
        };
        let key = Key::of_word(&fault.column).filter(|key| kind.shape_of(*key).is_some());
        let key = key.map(|key| key_words(kind, key).0.to_owned());
        let words: Vec<String> = card.into_iter().chain(key).collect();
        Some(if words.is_empty() {
            line
        } else {
            words.join(", ")
        })
    }

    /// Whether a fault is about this piece, not about another that needs it.
    pub(super) fn is_own(&self, fault: &Fault) -> bool {
        let of = self.of.as_deref().unwrap_or_default();
        [self.name(), of]
            .iter()
            .any(|name| *fault.place.file == *place_name(self.kind, name.trim()))
    }

    /// Compares with the pieces of the workspace, which have changed.
    pub(super) fn sync(&mut self, texts: &TermTexts) -> Sync {
        let held = |name: &str| texts.get(&(self.kind.word().to_owned(), name.to_owned()));
        if let Some((name, text)) = &self.saving
            && held(name) == Some(text)
        {
            self.of = Some(name.clone());
            return Sync::Saved;
        }
        let Some(of) = self.of.clone() else {
            self.version += 1;
            return Sync::Stays;
        };
        let now = held(&of).cloned();
        match now {
            Some(now) if now == self.base => self.version += 1,
            Some(now) if !self.is_changed() => {
                *self = Self {
                    shows_text: self.shows_text,
                    ..Self::open(self.kind, &of, &now)
                }
            }
            Some(now) => {
                (self.base, self.is_behind) = (now, true);
                self.version += 1;
            }
            None if !self.is_changed() => return Sync::Gone,
            None => {
                // What was changed can still be saved, as a new piece.
                (self.of, self.is_behind, self.base) = (None, true, String::new());
                self.version += 1;
            }
        }
        Sync::Stays
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[payee]]\nname = \"Ada\"\ncurrency = \"USD\"\n";

    fn texts(pieces: &[(&str, &str)]) -> TermTexts {
        pieces
            .iter()
            .map(|(name, text)| (("payee".to_owned(), (*name).to_owned()), (*text).to_owned()))
            .collect()
    }

    fn with(editor: &mut TermEditor, key: Key, value: &str) {
        let mut form = editor.form().unwrap().clone();
        form.records[0].set(key, value);
        editor.set_form(form);
    }

    #[test]
    fn form_and_text_stay_in_step_and_a_new_name_takes_the_old_piece_away() {
        let mut editor = TermEditor::open(TermKind::Payee, "Ada", TEXT);
        assert!(!editor.is_changed());
        with(&mut editor, Key::Minimum, "50");
        assert!(editor.text().contains("minimum = 50"));
        editor.set_text(editor.text().replace("Ada", "Ada Lund"));
        assert_eq!(editor.form().unwrap().name(), "Ada Lund");
        let change = editor.save().unwrap();
        assert_eq!(
            (change.set[0].name.as_str(), change.removed),
            ("Ada Lund", vec![("payee".into(), "Ada".into())])
        );
        editor.set_text("[[payee".into());
        assert!(
            editor.form().is_none() && editor.change().is_none() && !editor.faults().is_empty()
        );
    }

    #[test]
    fn what_is_not_saved_survives_a_change_of_the_workspace() {
        let mut editor = TermEditor::open(TermKind::Payee, "Ada", TEXT);
        assert_eq!(
            editor.sync(&texts(&[("Ada", "[[payee]]\nname = \"Ada\"\n")])),
            Sync::Stays
        );
        assert!(
            !editor.text().contains("USD"),
            "without changes it shows what there is"
        );
        with(&mut editor, Key::Currency, "EUR");
        assert_eq!(editor.sync(&texts(&[("Ada", TEXT)])), Sync::Stays);
        assert!(editor.is_behind && editor.text().contains("EUR"));
        assert_eq!(editor.sync(&texts(&[])), Sync::Stays);
        assert!(editor.of.is_none() && editor.text().contains("EUR"));
        let change = editor.save().unwrap();
        assert_eq!(
            editor.sync(&texts(&[("Ada", &change.set[0].text)])),
            Sync::Saved
        );
        assert_eq!(
            TermEditor::open(TermKind::Payee, "Ada", TEXT).sync(&texts(&[])),
            Sync::Gone
        );
    }
}
