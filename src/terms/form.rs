//! A piece of terms as a form that a person fills in: its record and its clauses, each with all the keys that it may have.
//!
//! Invariant: writing what was read gives a text that means the same; a key that nobody knows stays, so that its fault can be seen.

use std::collections::BTreeMap;

use crate::terms::input::{Fault, Place, Record, Written, contract_records};
use crate::terms::language::{Clause, Key, KeyShape, RecordKind, Shape};
use crate::terms::pieces::{TermKind, place_name};

/// What stands at a key, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormValue {
    /// One text, number, date or truth.
    One(String),
    /// Several texts, with semicolons between them.
    List(String),
    /// Names with values.
    Map(Vec<(String, String)>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// The key.
    pub key: FieldKey,
    /// What stands there; empty when the key is not given.
    pub value: FormValue,
}

/// The key of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKey {
    /// One that the record may have.
    Known(Key),
    /// One that nobody knows, as it was written.
    Unknown(String),
}

impl FieldKey {
    /// The word that files use.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Known(key) => key.word(),
            Self::Unknown(word) => word,
        }
    }
}

/// A record or one of its clauses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRecord {
    /// What it is.
    pub kind: RecordKind,
    /// All keys that it may have, then those that it has beside them.
    pub fields: Vec<FormField>,
    /// The line at which it begins in the text of the piece, from 1.
    line: usize,
}

/// A piece: a record, and when it is a contract its clauses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermForm {
    /// What it is about.
    pub kind: TermKind,
    /// The record, then its clauses; those of one kind stand together, in their order.
    pub records: Vec<FormRecord>,
}

impl FormValue {
    /// Nothing of a shape.
    #[must_use]
    pub fn empty(shape: Shape) -> Self {
        match shape {
            Shape::One => Self::One(String::new()),
            Shape::List => Self::List(String::new()),
            Shape::Map | Shape::Names => Self::Map(Vec::new()),
        }
    }

    /// Whether nothing stands there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::One(text) | Self::List(text) => text.trim().is_empty(),
            Self::Map(rows) => rows
                .iter()
                .all(|(name, value)| name.trim().is_empty() && value.trim().is_empty()),
        }
    }

    fn written(&self) -> Option<Written> {
        let trimmed = |text: &str| text.trim().to_owned();
        match self {
            _ if self.is_empty() => None,
            Self::One(text) => Some(Written::Text(trimmed(text))),
            Self::List(text) => Some(Written::List(
                text.split(';')
                    .map(trimmed)
                    .filter(|t| !t.is_empty())
                    .collect(),
            )),
            Self::Map(rows) => Some(Written::Map(
                rows.iter()
                    .filter(|(name, value)| !(name.trim().is_empty() && value.trim().is_empty()))
                    .map(|(name, value)| (trimmed(name), trimmed(value)))
                    .collect(),
            )),
        }
    }
}

impl FormRecord {
    /// An empty one.
    #[must_use]
    pub fn new(kind: RecordKind) -> Self {
        let fields = kind.keys().iter().map(|known| FormField {
            key: FieldKey::Known(known.key),
            value: FormValue::empty(known.shape),
        });
        Self {
            kind,
            fields: fields.collect(),
            line: 1,
        }
    }

    /// What stands at a key; `None` for a key that it cannot have.
    #[must_use]
    pub fn value(&self, key: Key) -> Option<&FormValue> {
        let field = self.fields.iter().find(|f| f.key == FieldKey::Known(key));
        field.map(|f| &f.value)
    }

    /// The text at a key; empty when there is none.
    #[must_use]
    pub fn text(&self, key: Key) -> &str {
        match self.value(key) {
            Some(FormValue::One(text) | FormValue::List(text)) => text,
            _ => "",
        }
    }

    /// The names with values at a key.
    #[must_use]
    pub fn map(&self, key: Key) -> &[(String, String)] {
        match self.value(key) {
            Some(FormValue::Map(rows)) => rows,
            _ => &[],
        }
    }

    /// Puts a text at a key of one value or a list.
    pub fn set(&mut self, key: Key, new: &str) {
        if let Some(FormValue::One(text) | FormValue::List(text)) = self
            .fields
            .iter_mut()
            .find(|f| f.key == FieldKey::Known(key))
            .map(|f| &mut f.value)
        {
            new.clone_into(text);
        }
    }

    fn of(kind: RecordKind, mut record: Record) -> Result<Self, Fault> {
        let mut form = Self {
            line: record.place.line,
            ..Self::new(kind)
        };
        for (known, field) in kind.keys().iter().zip(&mut form.fields) {
            field.value = take_value(&mut record, known)?;
        }
        for (word, (written, _)) in record.fields {
            let value = match written {
                Written::Text(text) => FormValue::One(text),
                Written::List(list) => FormValue::List(list.join("; ")),
                Written::Map(map) => FormValue::Map(map),
            };
            form.fields.push(FormField {
                key: FieldKey::Unknown(word),
                value,
            });
        }
        Ok(form)
    }

    fn record(&self) -> Record {
        let place = Place {
            file: "".into(),
            line: self.line,
        };
        let written = self.fields.iter().filter_map(|field| {
            let value = self.written(field)?;
            Some((field.key.word().to_owned(), (value, place.clone())))
        });
        let fields: BTreeMap<_, _> = written.collect();
        Record {
            kind: self.kind.word().to_owned(),
            owner: String::new(),
            place,
            fields,
        }
    }

    /// What is written for a field; names of which none has a value are a list.
    fn written(&self, field: &FormField) -> Option<Written> {
        let shape = match &field.key {
            FieldKey::Known(key) => self.kind.shape_of(*key),
            FieldKey::Unknown(_) => None,
        };
        match field.value.written()? {
            Written::Map(rows)
                if shape == Some(Shape::Names)
                    && rows.iter().all(|(_, value)| value.is_empty()) =>
            {
                let names = rows.into_iter().map(|(name, _)| name);
                Some(Written::List(names.collect()))
            }
            other => Some(other),
        }
    }
}

/// Takes what stands at a key out of a record.
fn take_value(record: &mut Record, known: &KeyShape) -> Result<FormValue, Fault> {
    let key = known.key;
    Ok(match known.shape {
        Shape::One => FormValue::One(record.text(key)?.unwrap_or_default()),
        Shape::List => {
            let place = record.place_of(key);
            let list = record.list(key)?.unwrap_or_default();
            if let Some(part) = list.iter().find(|part| part.contains(';')) {
                let problem = format!("{part:?} has a semicolon, which parts lists in the form");
                let remedy = "change it as text";
                return Err(Fault::new(&place, key.word(), problem, remedy));
            }
            FormValue::List(list.join("; "))
        }
        Shape::Names => {
            let names = record.names(key)?.into_iter();
            let rows = names.map(|(name, value)| (name, value.unwrap_or_default()));
            FormValue::Map(rows.collect())
        }
        Shape::Map => FormValue::Map(record.map(key)?),
    })
}

impl TermForm {
    /// An empty one; without a record for terms that are whole files.
    #[must_use]
    pub fn new(kind: TermKind) -> Self {
        Self {
            kind,
            records: kind.record().map(FormRecord::new).into_iter().collect(),
        }
    }

    /// Reads the text of a piece. `name` is what faults call it by.
    ///
    /// # Errors
    /// Faults, when the text is not one record of the kind with its clauses.
    pub fn read(kind: TermKind, name: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let file = place_name(kind, name);
        let mut heads = Vec::new();
        let mut clauses = Vec::new();
        for record in contract_records(&file, text.as_bytes())? {
            match Clause::of_word(&record.kind) {
                Some(clause) if kind == TermKind::Contract => clauses.push((clause, record)),
                _ => heads.push(record),
            }
        }
        let head = only_record(kind, &file, heads).map_err(|fault| vec![fault])?;
        clauses.sort_by_key(|(clause, _)| *clause);
        let clauses = clauses
            .into_iter()
            .map(|(clause, record)| (RecordKind::Clause(clause), record));
        let records = std::iter::once(head)
            .chain(clauses)
            .map(|(kind, record)| FormRecord::of(kind, record))
            .collect::<Result<_, _>>();
        Ok(Self {
            kind,
            records: records.map_err(|fault| vec![fault])?,
        })
    }

    /// The text of the piece, which it remembers the lines of.
    pub fn write(&mut self) -> String {
        let mut text = String::new();
        let word = self.kind.word();
        for (place, record) in self.records.iter_mut().enumerate() {
            if place > 0 {
                text.push('\n');
            }
            record.line = 1 + memchr::memchr_iter(b'\n', text.as_bytes()).count();
            let head = if place == 0 {
                format!("[[{word}]]\n")
            } else {
                format!("[[{word}.{}]]\n", record.kind.word())
            };
            text.push_str(&head);
            // Only values of another shape than that of their key could not be written, and none are made here.
            text.push_str(&record.record().to_toml().unwrap_or_default());
        }
        text
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.records.first().map_or("", |r| r.text(Key::Name))
    }

    /// Clauses of a kind with their places among the records.
    pub fn clauses(&self, clause: Clause) -> impl Iterator<Item = (usize, &FormRecord)> {
        self.records
            .iter()
            .enumerate()
            .skip(1)
            .filter(move |(_, r)| r.kind == RecordKind::Clause(clause))
    }

    /// The record that holds a line of the text that was read or written last.
    #[must_use]
    pub fn record_of_line(&self, line: usize) -> Option<usize> {
        let before = self
            .records
            .iter()
            .enumerate()
            .filter(|(_, r)| r.line <= line);
        before.max_by_key(|(_, r)| r.line).map(|(place, _)| place)
    }

    /// Adds an empty clause behind those of its kind; its place.
    pub fn add_clause(&mut self, clause: Clause) -> usize {
        // Kinds of clauses are ordered as they are written.
        let kind = RecordKind::Clause(clause);
        let behind = self.records.iter().skip(1).position(|r| r.kind > kind);
        let place = behind.map_or(self.records.len(), |index| index + 1);
        self.records.insert(place, FormRecord::new(kind));
        place
    }

    /// Puts a clause one place up or down among those of its kind. False when there is no such place.
    pub fn move_clause(&mut self, place: usize, is_down: bool) -> bool {
        let other = if is_down {
            place + 1
        } else {
            place.wrapping_sub(1)
        };
        let is_same = |a: Option<&FormRecord>, b: Option<&FormRecord>| {
            a.zip(b).is_some_and(|(a, b)| a.kind == b.kind)
        };
        let can_move =
            place > 0 && other > 0 && is_same(self.records.get(place), self.records.get(other));
        if can_move {
            self.records.swap(place, other);
        }
        can_move
    }
}

/// The one record of a kind that belongs into a piece.
fn only_record(
    kind: TermKind,
    file: &str,
    mut heads: Vec<Record>,
) -> Result<(RecordKind, Record), Fault> {
    let word = kind.word();
    let other = heads.iter().find(|record| record.kind != word);
    if let Some(record) = other.or(heads.get(1)) {
        let problem = format!(
            "a {} stands here, beside the one {word} that belongs here",
            record.kind
        );
        let remedy = "give it a piece of its own";
        return Err(Fault::new(&record.place, "", problem, remedy));
    }
    match (heads.pop(), kind.record()) {
        (Some(record), Some(kind)) => Ok((kind, record)),
        _ => {
            let place = Place {
                file: file.into(),
                line: 1,
            };
            let problem = format!("there is no {word} here");
            Err(Fault::new(
                &place,
                "",
                problem,
                format!("begin with [[{word}]]"),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[contract]]\nname = \"Blue\"\nprofile = \"royalty\"\ncurrency = \"USD\"\nlabels = [\"blue\", \"navy\"]\n\n\
        [[contract.split]]\nname = \"abroad\"\nshares = { Ada = \"1/3\", \"Ben B\" = \"2/3\" }\nterritories = [\"US\"]\n\n\
        [[contract.split]]\nname = \"all\"\nshares = { Ada = 1 }\n\n[[contract.fee]]\nname = \"distribution\"\nrate = 0.15\n";

    fn read(text: &str) -> TermForm {
        TermForm::read(TermKind::Contract, "Blue", text).unwrap()
    }

    #[test]
    fn writing_what_was_read_gives_the_same_text() {
        let mut form = read(TEXT);
        assert_eq!(form.write(), TEXT);
        assert_eq!(form.records[0].text(Key::Labels), "blue; navy");
        assert_eq!(
            form.records[1].map(Key::Shares),
            [("Ada".into(), "1/3".into()), ("Ben B".into(), "2/3".into())]
        );
    }

    #[test]
    fn a_line_leads_to_its_record_before_and_after_a_change() {
        let mut form = read(TEXT);
        for (line, record) in [(1, 0), (5, 0), (7, 1), (10, 1), (12, 2), (16, 3), (99, 3)] {
            assert_eq!(form.record_of_line(line), Some(record), "{line}");
        }
        assert_eq!(form.add_clause(Clause::Split), 3);
        form.records[3].set(Key::Name, "late");
        let text = form.write();
        let line = 1 + text.lines().position(|l| l.contains("late")).unwrap();
        assert_eq!(form.record_of_line(line), Some(3));
        assert_eq!(read(&text).records[3].text(Key::Name), "late");
    }

    #[test]
    fn clauses_move_among_those_of_their_kind() {
        let mut form = read(TEXT);
        assert!(
            form.move_clause(1, true) && !form.move_clause(2, true) && !form.move_clause(1, false)
        );
        assert_eq!(
            form.clauses(Clause::Split)
                .map(|(_, r)| r.text(Key::Name))
                .collect::<Vec<_>>(),
            ["all", "abroad"]
        );
    }

    #[test]
    fn names_stand_with_values_or_as_a_list() {
        for tracks in ["[\"T1\", \"T2\"]", "{ T1 = 183.5, T2 = 240 }"] {
            let text = format!(
                "[[release]]\nname = \"00731453463424\"\nlabel = \"Blue\"\ntracks = {tracks}\n"
            );
            let mut form = TermForm::read(TermKind::Release, "00731453463424", &text).unwrap();
            assert_eq!(form.records[0].map(Key::Tracks).len(), 2);
            assert_eq!(form.write(), text);
        }
    }

    #[test]
    fn an_unknown_key_stays_and_what_no_form_can_hold_is_refused() {
        let mut form = read("[[contract]]\nname = \"Blue\"\nprofil = \"royalty\"\n");
        assert!(form.write().contains("profil = \"royalty\""));
        for (text, words) in [
            (
                "[[contract]]\nname = \"Blue\"\nlabels = [\"a;b\"]\n",
                "semicolon",
            ),
            (
                "[[contract]]\nname = \"Blue\"\n[[payee]]\nname = \"Ada\"\n",
                "line 3: a payee stands here",
            ),
            ("# nothing\n", "begin with [[contract]]"),
            ("[[contract]]\nname = {}\n", "name: one value belongs here"),
        ] {
            let faults = TermForm::read(TermKind::Contract, "Blue", text).unwrap_err();
            assert!(faults[0].to_string().contains(words), "{}", faults[0]);
        }
    }
}
