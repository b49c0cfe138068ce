//! The code of an item: its reported identity, whatever its spelling, as one number that stays the same over months.

use serde::{Deserialize, Serialize};

use super::DecideError;
use crate::ident::{Isrc, Upc, text_key, title_key};
use crate::statement::item::Field;

/// Names an item over months: the hash of what identifies it, whatever its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemCode(u64);

impl ItemCode {
    /// The code of an item with these fields, in [`Field::ALL`] order. Codes and titles count in their normal form, label, release and
    /// duration do not count.
    #[must_use]
    pub fn of(fields: &[&str; Field::ALL.len()], namespace: &str) -> Self {
        let field = |f: Field| fields[f as usize];
        let isrc = Isrc::parse(field(Field::Isrc)).map_or_else(|_| field(Field::Isrc).to_owned(), |i| i.to_string());
        let upc = Upc::parse(field(Field::Upc)).map_or_else(|_| field(Field::Upc).to_owned(), |u| u.to_string());
        let title = title_key(field(Field::Title), field(Field::Version));
        let mut hasher = blake3::Hasher::new();
        for part in [isrc.as_str(), &upc, namespace, field(Field::DspId), &title, &text_key(field(Field::Artist))] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let hash = hasher.finalize();
        Self(u64::from_be_bytes(std::array::from_fn(|i| hash.as_bytes()[i])))
    }
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
        let a = ["Spotify", "us-x12-30-00001", "85365572676", "", "Don’t Go", "Live", "Bjork", "L", "", ""];
        let b = ["Deezer", "USX123000001", "085365572676", "", "Dont Go (live)", "", "Björk", "", "R", "3:00"];
        assert_eq!(ItemCode::of(&a, ""), ItemCode::of(&b, ""));
    }
}
