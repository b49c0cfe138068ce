//! Texts in the form in which they are compared, and patterns over them.

use super::field::{FilterField, ValueKind};
use super::filter::Op;
use crate::ident::text_key;

/// A text without case, accents and punctuation; of a text that is nothing but signs, the signs.
pub(super) fn fold(text: &str) -> String {
    let mut key = Vec::with_capacity(text.len());
    fold_into(text, &mut key);
    String::from_utf8(key).expect("folding gives text")
}

/// Appends the folded text. Titles are mostly ASCII, and there are millions of them.
pub(super) fn fold_into(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    if text.is_ascii() {
        push_ascii_words(text.as_bytes(), out);
    } else {
        out.extend_from_slice(text_key(text).as_bytes());
    }
    if out.len() == start {
        let signs: String = text
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .flat_map(char::to_lowercase)
            .collect();
        out.extend_from_slice(signs.as_bytes());
    }
}

/// What [`text_key`] does, for ASCII.
fn push_ascii_words(text: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let mut gap = false;
    for &byte in text {
        if byte.is_ascii_alphanumeric() {
            if gap && out.len() > start {
                out.push(b' ');
            }
            gap = false;
            out.push(byte.to_ascii_lowercase());
        } else {
            gap |= !matches!(byte, b'\'' | b'`');
        }
    }
}

/// A code without hyphens, blanks and case.
pub(super) fn code_key(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A pattern, ready to be compared with folded texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compiled {
    /// Folded texts between the wildcards.
    parts: Vec<String>,
    /// Whether the first part must begin, and the last part end the text.
    is_whole: bool,
    /// Whether it stands for any text that is not empty.
    is_any: bool,
    /// Whether zeros in front do not count.
    skips_zeros: bool,
}

impl Compiled {
    /// The pattern of a field.
    pub(super) fn new(field: FilterField, op: Op, text: &str) -> Self {
        let fold_part: fn(&str) -> String = match field.kind() {
            ValueKind::Code => code_key,
            _ if text.split('*').all(|part| text_key(part).is_empty()) => fold,
            _ => text_key,
        };
        let mut parts: Vec<String> = text.split('*').map(fold_part).collect();
        let is_whole = op != Op::Contains;
        let skips_zeros = field == FilterField::Upc && is_whole;
        if skips_zeros {
            parts[0] = parts[0].trim_start_matches('0').to_owned();
        }
        Self {
            is_any: text.contains('*') && text.bytes().all(|b| b == b'*'),
            parts,
            is_whole,
            skips_zeros,
        }
    }

    /// Whether a folded text fits.
    pub(super) fn fits(&self, text: &str) -> bool {
        let text = if self.skips_zeros {
            text.trim_start_matches('0')
        } else {
            text
        };
        match (self.parts.as_slice(), self.is_whole) {
            _ if self.is_any => !text.is_empty(),
            ([], _) => false,
            ([only], true) => only == text,
            ([first, middle @ .., last], true) => {
                let inner = text
                    .strip_prefix(first.as_str())
                    .and_then(|rest| rest.strip_suffix(last.as_str()));
                inner.is_some_and(|inner| occur_in_order(middle, inner))
            }
            (parts, false) => occur_in_order(parts, text),
        }
    }

    /// The longest text that occurs in everything that fits.
    pub(super) fn needle(&self) -> &str {
        self.parts
            .iter()
            .max_by_key(|part| part.len())
            .map_or("", String::as_str)
    }
}

fn occur_in_order(parts: &[String], mut text: &str) -> bool {
    parts.iter().all(|part| match text.find(part.as_str()) {
        Some(at) => {
            text = &text[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_fit_what_they_should() {
        let cases = [
            (
                FilterField::Title,
                Op::Is,
                "Café del Mar",
                "CAFE DEL-MAR",
                true,
            ),
            (FilterField::Title, Op::Is, "cafe", "Café del Mar", false),
            (FilterField::Title, Op::Is, "cafe*", "Café del Mar", true),
            (FilterField::Title, Op::Is, "*mar", "Café del Mar", true),
            (FilterField::Title, Op::Is, "c*d*r", "Café del Mar", true),
            (FilterField::Title, Op::Is, "ab*ba", "aba", false),
            (FilterField::Title, Op::Is, "*", "", false),
            (FilterField::Title, Op::Is, "*", "x", true),
            (FilterField::Title, Op::Is, "", "", true),
            (FilterField::Title, Op::Is, "♥", "♥", true),
            (
                FilterField::Title,
                Op::Contains,
                "del",
                "Café del Mar",
                true,
            ),
            (
                FilterField::Title,
                Op::Contains,
                "mar*del",
                "Café del Mar",
                false,
            ),
            (FilterField::Title, Op::Contains, "dont", "Don’t go", true),
        ];
        for (field, op, pattern, text, want) in cases {
            assert_eq!(
                Compiled::new(field, op, pattern).fits(&fold(text)),
                want,
                "{pattern} on {text}"
            );
        }
        assert!(Compiled::new(FilterField::Isrc, Op::Is, "US-X12*").fits("usx123000001"));
        for written in ["085365572676", "85365572676", "0085365572676", "853*"] {
            assert!(
                Compiled::new(FilterField::Upc, Op::Is, written).fits("00085365572676"),
                "{written}"
            );
        }
    }

    proptest! {
        #[test]
        fn texts_fold_as_titles_are_compared(text in any::<String>(), ascii in "[ -~]{0,20}") {
            for text in [text, ascii] {
                let key = text_key(&text);
                prop_assert!(key.is_empty() || key == fold(&text), "{text:?}");
            }
        }
    }
}
