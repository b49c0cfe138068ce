//! The code of an item: its reported identity, whatever its spelling, as one number that stays the
//! same over months.

use serde::{Deserialize, Serialize};

use super::DecideError;
use crate::ident::{Isrc, Upc, is_not_given, text_key, title_key};
use crate::statement::item::Field;

/// Where items come from: what their statement says for all of them.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Whose ids its `dsp_id` are.
    pub namespace: &'a str,
    /// DSP of items without one of their own.
    pub dsp: &'a str,
    /// What tells the statement from all others: the hash of its text.
    pub statement: &'a str,
}

/// Names an item over months: the hash of what identifies it, whatever its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemCode(u64);

impl ItemCode {
    /// The code of an item with these fields, in [`Field::ALL`] order. Codes and titles count in
    /// their normal form, label, release and duration do not count.
    ///
    /// An item that names no recording is another thing in each statement: its code is of this
    /// statement only, and label and release count too.
    #[must_use]
    pub fn of(fields: &[&str; Field::ALL.len()], origin: Origin<'_>) -> Self {
        let field = |f: Field| fields[f as usize];
        let namespace = origin.namespace;
        let isrc = Isrc::parse(field(Field::Isrc))
            .map_or_else(|_| field(Field::Isrc).to_owned(), |i| i.to_string());
        let upc = Upc::parse(field(Field::Upc))
            .map_or_else(|_| field(Field::Upc).to_owned(), |u| u.to_string());
        let title = title_key(field(Field::Title), field(Field::Version));
        let mut hasher = blake3::Hasher::new();
        for part in [
            isrc.as_str(),
            &upc,
            namespace,
            field(Field::DspId),
            &title,
            &text_key(field(Field::Artist)),
        ] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        if is_nameless(fields) {
            for part in [origin.statement, field(Field::Label), field(Field::Release)] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        let hash = hasher.finalize();
        Self(u64::from_be_bytes(std::array::from_fn(|i| {
            hash.as_bytes()[i]
        })))
    }
}

/// Whether an item has neither ISRC, UPC, id of the DSP nor title.
fn is_nameless(fields: &[&str; Field::ALL.len()]) -> bool {
    [Field::Isrc, Field::Upc, Field::DspId, Field::Title]
        .iter()
        .all(|f| is_not_given(fields[*f as usize]))
}

impl std::fmt::Display for ItemCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<ItemCode> for String {
    fn from(code: ItemCode) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for ItemCode {
    type Error = DecideError;

    fn try_from(text: String) -> Result<Self, DecideError> {
        if text.len() == 16
            && let Ok(code) = u64::from_str_radix(&text, 16)
        {
            return Ok(Self(code));
        }
        Err(DecideError::NoSuchItem(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_keeps_its_code_over_spellings() {
        let a = [
            "Spotify",
            "us-x12-30-00001",
            "85365572676",
            "",
            "Don’t Go",
            "Live",
            "Bjork",
            "L",
            "",
            "",
        ];
        let b = [
            "Deezer",
            "USX123000001",
            "085365572676",
            "",
            "Dont Go (live)",
            "",
            "Björk",
            "",
            "R",
            "3:00",
        ];
        let origin = |statement| Origin {
            namespace: "",
            dsp: "",
            statement,
        };
        assert_eq!(ItemCode::of(&a, origin("1")), ItemCode::of(&b, origin("2")));
    }

    #[test]
    fn an_item_that_names_nothing_is_of_its_statement() {
        let item = |label| ["Spotify", "", "N/A", "", "", "", "", label, "", ""];
        let origin = |statement| Origin {
            namespace: "",
            dsp: "",
            statement,
        };
        assert_eq!(
            ItemCode::of(&item("L"), origin("1")),
            ItemCode::of(&item("L"), origin("1"))
        );
        assert_ne!(
            ItemCode::of(&item("L"), origin("1")),
            ItemCode::of(&item("L"), origin("2"))
        );
        assert_ne!(
            ItemCode::of(&item("L"), origin("1")),
            ItemCode::of(&item("M"), origin("1"))
        );
    }
}
