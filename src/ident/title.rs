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
    let mut gap = !key.is_empty();
    let mut push = |c: char| {
        if is_accent(c) || matches!(c, '\'' | '\u{2019}' | '\u{02BC}' | '\u{2018}' | '`' | '\u{B4}') {
            return;
        }
        if !c.is_alphanumeric() && !is_combining_mark(c) {
            gap = true;
            return;
        }
        if gap && !key.is_empty() {
            key.push(' ');
        }
        gap = false;
        key.extend(c.to_lowercase().filter(|l| !is_accent(*l)));
    };
    if text.is_ascii() {
        text.chars().for_each(&mut push);
    } else {
        // An acute accent of its own (U+00B4) decomposes into a blank and a mark, so it is looked for before.
        text.chars().filter(|c| *c != '\u{B4}').nfkd().for_each(&mut push);
    }
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
