//! One form of a title, in which spellings of the same words are equal.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The key of a text: compatibility-decomposed, without accents and apostrophes, lower case, words separated by one blank.
///
/// Version words (live, remix, …) stay in it: by the ISRC rules a version is a recording of its own.
#[must_use]
pub fn text_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    push_key(text, &mut key);
    key
}

/// The key of title and version together: `Song` + `Live` fits `Song (Live)`.
#[must_use]
pub fn title_key(title: &str, version: &str) -> String {
    let mut key = String::with_capacity(title.len() + version.len() + 1);
    push_key(title, &mut key);
    push_key(version, &mut key);
    key
}

fn push_key(text: &str, key: &mut String) {
    if text.is_ascii() {
        push_words(text, key);
        return;
    }
    // Lower case and decomposition can each bring out what the other changes, so both are repeated until nothing moves.
    let mut folded = fold(text);
    for _ in 0..4 {
        let again = fold(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    push_words(&folded, key);
}

fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| !is_apostrophe(*c))
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_accent(*c) && !is_apostrophe(*c))
        .nfkd()
        .collect()
}

fn push_words(text: &str, key: &mut String) {
    let mut gap = !key.is_empty();
    for c in text.chars().filter(|c| !is_apostrophe(*c)) {
        if !c.is_alphanumeric() && !is_combining_mark(c) {
            gap = true;
            continue;
        }
        if gap && !key.is_empty() {
            key.push(' ');
        }
        gap = false;
        key.extend(c.to_lowercase());
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{2019}' | '\u{02BC}' | '\u{2018}' | '`' | '\u{B4}'
    )
}

/// The accents of Latin, Greek and Cyrillic. Marks of other scripts (Devanagari vowels, Japanese voicing) change the word and stay.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_title_have_one_key() {
        let cases = [
            ("Café del Mar", "cafe del mar"),
            ("CAFE  DEL-MAR", "cafe del mar"),
            ("Don\u{2019}t Go (Live)", "dont go live"),
            ("Don't Go [live]", "dont go live"),
            ("Донбасс", "донбасс"),
            ("ｆｕｌｌ", "full"),
            ("かき", "かき"),
            ("!!!", ""),
        ];
        for (text, want) in cases {
            assert_eq!(text_key(text), want, "{text}");
        }
        assert_ne!(text_key("かき"), text_key("がき"));
        assert_ne!(text_key("कि"), text_key("का"));
        assert_eq!(title_key("Song", "Live"), text_key("Song (Live)"));
        assert_eq!(title_key("Song", ""), "song");
    }
}
