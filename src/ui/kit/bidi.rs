//! A name as it was written into the order in which it is painted.
//!
//! egui joins the letters of an Arabic word and draws each word from right to left, but puts words in the order of the text. So the words of
//! a right-to-left run are put in display order here, and the letters within a word are left as they are.
//!
//! Invariant: only what is painted goes through here. The clipboard, screen readers and comparisons get the text as it was written.

use std::borrow::Cow;
use std::ops::Range;

use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

/// What stands for bytes that are no text. Rows in quarantine are full of it, and no font that may be bundled has it.
const UNREADABLE: char = '\u{fffd}';
/// What is painted in its place: the same diamond with a question mark, which the bundled signs have.
const UNREADABLE_SHOWN: &str = "\u{2bd1}";

/// The text with its words in the order of the screen, from left to right. Texts without right-to-left letters come back as they are, but
/// for the sign of what could not be read.
#[must_use]
pub fn display(text: &str) -> Cow<'_, str> {
    if text.contains(UNREADABLE) {
        return Cow::Owned(in_order(&text.replace(UNREADABLE, UNREADABLE_SHOWN)).into_owned());
    }
    in_order(text)
}

fn in_order(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(needs_order) {
        return Cow::Borrowed(text);
    }
    let info = BidiInfo::new(text, None);
    let mut shown = String::with_capacity(text.len());
    for paragraph in &info.paragraphs {
        let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            if levels[run.start].is_rtl() {
                push_reversed(&text[run], &mut shown)
            } else {
                shown.extend(text[run].chars().filter(|c| !is_control(*c)))
            }
        }
    }
    Cow::Owned(shown)
}

fn needs_order(c: char) -> bool {
    is_right_to_left(c) || is_control(c)
}

fn is_right_to_left(c: char) -> bool {
    matches!(bidi_class(c), BidiClass::R | BidiClass::AL)
}

/// Marks that steer the order and have no glyph: embeddings, overrides, isolates, and the three marks.
fn is_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character belongs to the one before it: accents, vowel signs, joiners.
fn continues(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}') || bidi_class(c) == BidiClass::NSM
}

/// A right-to-left run, its words and its other characters from last to first.
fn push_reversed(run: &str, shown: &mut String) {
    for piece in pieces(run).into_iter().rev() {
        let mut characters = run[piece].chars();
        match (characters.next(), characters.next()) {
            (Some(single), None) => shown.push(mirrored(single)),
            (Some(first), Some(second)) => {
                shown.extend([first, second].into_iter().chain(characters))
            }
            (None, _) => {}
        }
    }
}

/// Places of the words of a run and of each other character, with what continues it.
fn pieces(run: &str) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    for (start, c) in run.char_indices().filter(|(_, c)| !is_control(*c)) {
        let end = start + c.len_utf8();
        let joins = last.is_some_and(|last| {
            continues(c)
                || last == '\u{200d}'
                || (is_right_to_left(c) && (is_right_to_left(last) || continues(last)))
        });
        match pieces.last_mut() {
            Some(piece) if joins && piece.end == start => piece.end = end,
            _ => pieces.push(start..end),
        }
        last = Some(c);
    }
    pieces
}

/// The bracket that looks the other way; other characters as they are.
fn mirrored(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        '‹' => '›',
        '›' => '‹',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_shown_by_a_sign_that_fonts_have() {
        assert_eq!(
            display("caf\u{fffd} (عمرو دياب)"),
            "caf\u{2bd1} (دياب عمرو)"
        );
        assert_eq!(display("\u{fffd}\u{fffd}"), "\u{2bd1}\u{2bd1}");
    }

    #[test]
    fn words_change_places_and_letters_stay() {
        for (written, shown) in [
            ("Björk", "Björk"),
            ("عمرو دياب", "دياب عمرو"),
            ("שלמה ארצי", "ארצי שלמה"),
            ("Amr Diab (عمرو دياب)", "Amr Diab (دياب عمرو)"),
            ("عمرو دياب (Live 2004)", "(Live 2004) دياب عمرو"),
            ("שלום (2004) עולם", "עולם (2004) שלום"),
            ("«فيروز»", "«فيروز»"),
            ("", ""),
        ] {
            assert_eq!(display(written), shown, "{written}");
        }
    }

    #[test]
    fn texts_without_right_to_left_letters_are_not_copied() {
        for text in ["", "Abc 12", "Ωmega", "周杰倫", "😀 e\u{301}"] {
            assert!(matches!(display(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn vowel_signs_and_joiners_stay_with_their_letter() {
        assert_eq!(display("שָׁלוֹם לָכֶם"), "לָכֶם שָׁלוֹם");
        assert_eq!(display("שיר ❤\u{fe0f} אהבה"), "אהבה ❤\u{fe0f} שיר");
        assert_eq!(display("می\u{200c}خواهم تو"), "تو می\u{200c}خواهم");
    }

    #[test]
    fn every_paragraph_is_shown() {
        let shown = display("שלמה ארצי\nעוד שיר");
        assert!(
            shown.contains("ארצי שלמה") && shown.contains("שיר עוד"),
            "{shown}"
        );
    }

    #[test]
    fn steering_marks_are_not_painted() {
        assert_eq!(display("\u{202b}שלום עולם\u{202c}"), "עולם שלום");
        assert_eq!(display("abc\u{200e}"), "abc");
        assert_eq!(display("\u{202e}cba\u{202c}"), "abc");
    }
}
