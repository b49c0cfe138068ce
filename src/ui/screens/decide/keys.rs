//! The keys with which something is taken, discarded or prepared.

use eframe::egui::{Id, Key, Modifiers, Ui};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui::screens) enum PadKey {
    Discard,
    Take,
    /// Prepare the candidate with this index.
    Candidate(usize),
}

const DIGITS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// Consumes the keys of the pad, in the order in which they are obeyed. Keys with Alt must have been
/// consumed before: those without fit them, too.
pub(in crate::ui::screens) fn pad_keys(ui: &Ui, table: Option<Id>) -> Vec<PadKey> {
    let mut keys = Vec::new();
    if consume(ui, Key::Escape) {
        keys.push(PadKey::Discard);
    }
    // Enter belongs to whatever control has the focus.
    let focused = ui.memory(|memory| memory.focused());
    if (focused.is_none() || focused == table) && consume(ui, Key::Enter) {
        keys.push(PadKey::Take);
    }
    for (index, key) in DIGITS.into_iter().enumerate() {
        if consume(ui, key) {
            keys.push(PadKey::Candidate(index));
        }
    }
    keys
}

fn consume(ui: &Ui, key: Key) -> bool {
    ui.input_mut(|input| input.consume_key(Modifiers::NONE, key))
}
