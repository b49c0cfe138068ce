//! The fonts of the window and of paper, in the order in which they are asked for a character.
//!
//! Names of tracks and artists come in any script, so a bare system must be able to show and print them. The digits of the Latin font have
//! equal width (`assets/fonts/README.md`), so that amounts stand in columns in every text.

/// Name and file of a font.
pub type Font = (&'static str, &'static [u8]);

/// A font file of `assets/fonts`.
macro_rules! font {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/", $file)).as_slice()
    };
}

/// Latin, Cyrillic and Greek.
pub const REGULAR: Font = ("Ledgerline Sans", font!("LedgerlineSans-Regular.otf"));
/// The same in the heavier weight of headings and titles.
pub const MEDIUM: Font = ("Ledgerline Sans Medium", font!("LedgerlineSans-Medium.otf"));
/// Signs that no letter font has.
pub const EMOJI: Font = ("Noto Emoji", font!("NotoEmoji-Regular.ttf"));

/// Fonts for characters that the Latin ones lack. Scripts come before signs, and Han before Hangul, which shares no character with it.
pub const FALLBACKS: [Font; 17] = [
    ("Noto Sans Arabic", font!("NotoSansArabic-Regular.ttf")),
    ("Noto Sans Hebrew", font!("NotoSansHebrew-Regular.ttf")),
    (
        "Noto Sans Devanagari",
        font!("NotoSansDevanagari-Regular.ttf"),
    ),
    ("Noto Sans Bengali", font!("NotoSansBengali-Regular.ttf")),
    ("Noto Sans Gurmukhi", font!("NotoSansGurmukhi-Regular.ttf")),
    ("Noto Sans Gujarati", font!("NotoSansGujarati-Regular.ttf")),
    ("Noto Sans Tamil", font!("NotoSansTamil-Regular.ttf")),
    ("Noto Sans Telugu", font!("NotoSansTelugu-Regular.ttf")),
    ("Noto Sans Kannada", font!("NotoSansKannada-Regular.ttf")),
    (
        "Noto Sans Malayalam",
        font!("NotoSansMalayalam-Regular.ttf"),
    ),
    ("Noto Sans Thai", font!("NotoSansThai-Regular.ttf")),
    ("Noto Sans Georgian", font!("NotoSansGeorgian-Regular.ttf")),
    ("Noto Sans Armenian", font!("NotoSansArmenian-Regular.ttf")),
    ("Droid Sans Fallback", font!("DroidSansFallbackFull.ttf")),
    ("Noto Sans CJK KR Hangul", font!("NotoSansCJKkr-Hangul.otf")),
    (
        "Noto Sans Symbols 2 Signs",
        font!("NotoSansSymbols2-Signs.ttf"),
    ),
    EMOJI,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fonts_together_stay_small() {
        let bytes: usize = [REGULAR, MEDIUM]
            .iter()
            .chain(&FALLBACKS)
            .map(|(_, bytes)| bytes.len())
            .sum();
        assert!(bytes <= 8_000_000, "{bytes} bytes of fonts");
    }
}
