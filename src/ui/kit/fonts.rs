//! The fonts of the program as egui wants them, in the order in which they are asked for a character. Fonts of the system are asked last.

use std::sync::Arc;

use eframe::egui::{FontData, FontDefinitions, FontFamily, FontTweak};

use crate::fonts::{EMOJI, FALLBACKS, Font, MEDIUM, REGULAR};

/// Name of the family with the heavier weight, for headings and titles; see [`medium_family`].
const MEDIUM_FAMILY: &str = "medium";
const LATIN: [Font; 2] = [REGULAR, MEDIUM];

/// The family of headings and titles.
#[must_use]
pub fn medium_family() -> FontFamily {
    FontFamily::Name(MEDIUM_FAMILY.into())
}

/// All fonts and families: proportional, monospace (egui's own Hack first) and [`medium_family`].
#[must_use]
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    for (name, bytes) in LATIN.into_iter().chain(FALLBACKS) {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(font_data(name, bytes)));
    }
    let fallbacks = || FALLBACKS.iter().map(|(name, _)| (*name).to_owned());
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    // egui's own faces have a few more characters, but other letters and digits, so they are asked last.
    let mut last = std::mem::take(proportional);
    proportional.push(REGULAR.0.to_owned());
    proportional.extend(fallbacks());
    proportional.append(&mut last);
    let medium = [MEDIUM.0.to_owned()]
        .into_iter()
        .chain(proportional.iter().cloned())
        .collect();
    fonts
        .families
        .entry(FontFamily::Monospace)
        .or_default()
        .extend([REGULAR.0.to_owned()].into_iter().chain(fallbacks()));
    fonts.families.insert(medium_family(), medium);
    fonts
}

fn font_data(name: &str, bytes: &'static [u8]) -> FontData {
    let data = FontData::from_static(bytes);
    // Emoji fill their whole em and would look larger than the letters beside them.
    if name == EMOJI.0 {
        data.tweak(FontTweak {
            scale: 0.9,
            ..FontTweak::default()
        })
    } else {
        data
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::epaint::text::{Fonts, TextOptions};
    use eframe::egui::{Color32, FontId};

    use super::*;

    /// Names and signs that the window shows, by script.
    const SAMPLES: [(&str, &str); 20] = [
        (
            "Latin",
            "Björk Łódź Đorđe Şebnem Nguyễn Þór São Ħaż ñandú ﬁn",
        ),
        ("Cyrillic", "Земфира Океан Ельзи Ђорђе Қазақ"),
        ("Greek", "Μαρία Φαραντούρη Ὀδυσσεύς"),
        ("Han", "周杰倫 王菲 宇多田 龍 陈奕迅"),
        ("kana", "きゃりーぱみゅぱみゅ ヴァイオレット"),
        ("Hangul", "방탄소년단 아이유 뷁"),
        ("Arabic", "عمرو دياب فيروز"),
        ("Hebrew", "שלמה ארצי"),
        ("Thai", "เบิร์ด ธงไชย"),
        ("Devanagari", "लता मंगेशकर"),
        ("Bengali", "রবীন্দ্রসঙ্গীত"),
        ("Gurmukhi", "ਦਿਲਜੀਤ"),
        ("Gujarati", "ગુજરાતી"),
        ("Tamil", "இளையராஜா"),
        ("Telugu", "బాలసుబ్రహ్మణ్యం"),
        ("Kannada and Malayalam", "ಕನ್ನಡ യേശുദാസ്"),
        ("Georgian and Armenian", "ქართული Հայերեն"),
        ("emoji", "😀🎵🔥🎧💿"),
        (
            "signs",
            "✓ ✗ ≠ → ← ↑ ↓ ● ▲ ▼ … – “ ” − × ⌘ ⇧ ⏎ ☰ ✕ ⚠ ⏵ ⏸ ☐ ☑ · № \u{2bd1}",
        ),
        ("money", "€ £ ¥ ₩ ₹ ₺ ₽ ₦ ₫ ฿ ¢ ‰"),
    ];

    fn families() -> [FontFamily; 3] {
        [
            FontFamily::Proportional,
            FontFamily::Monospace,
            medium_family(),
        ]
    }

    #[test]
    fn every_script_has_its_glyphs_in_every_family() {
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        for family in families() {
            let font = FontId::new(13.0, family);
            for (script, sample) in SAMPLES {
                let missing: String = sample
                    .chars()
                    .filter(|c| !c.is_whitespace() && !fonts.has_glyph(&font, *c))
                    .collect();
                assert!(
                    missing.is_empty(),
                    "{script} lacks {missing:?} in {:?}",
                    font.family
                );
            }
        }
    }

    /// Whatever stands in the sources of the window may come on the screen.
    #[test]
    fn every_sign_in_the_sources_has_its_glyph() {
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        let mut folders: Vec<std::path::PathBuf> =
            ["ui", "session", "desk", "period", "results", "contents"]
                .map(|layer| std::path::Path::new(&package).join("src").join(layer))
                .into();
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
            {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                // Tests may say what no font has, and the sign for what cannot be read is painted as another.
                let text = text
                    .split("#[cfg(test)]")
                    .next()
                    .unwrap_or_default()
                    .replace('\u{fffd}', "");
                let font = FontId::proportional(13.0);
                let missing: String = text
                    .chars()
                    .filter(|c| !c.is_ascii() && !fonts.has_glyph(&font, *c))
                    .collect();
                assert!(
                    missing.is_empty(),
                    "{}: no font has {missing:?}",
                    path.display()
                );
            }
        }
        assert!(files > 60, "only {files} sources were read");
    }

    #[test]
    fn a_missing_glyph_is_noticed() {
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        assert!(
            !fonts.has_glyph(&FontId::proportional(13.0), '\u{1F9FF}'),
            "the sample of the planted fault has become a glyph"
        );
        assert!(!fonts.has_glyph(&FontId::proportional(13.0), '\u{13000}'));
    }

    #[test]
    fn digits_have_equal_width_in_every_family() {
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        let mut view = fonts.with_pixels_per_point(1.0);
        for family in families() {
            let font = FontId::new(13.0, family);
            let widths: Vec<f32> = ('0'..='9')
                .map(|digit| view.glyph_width(&font, digit))
                .collect();
            assert!(
                widths.iter().all(|width| *width == widths[0]),
                "{:?}: {widths:?}",
                font.family
            );
        }
    }

    #[test]
    fn letters_are_shown_as_they_were_written() {
        let mut fonts = Fonts::new(TextOptions::default(), definitions());
        let mut view = fonts.with_pixels_per_point(1.0);
        let mut width = |text: &str| {
            view.layout_no_wrap(text.to_owned(), FontId::proportional(100.0), Color32::WHITE)
                .size()
                .x
        };
        let (dash, greater) = (width("-"), width(">"));
        assert!(
            (width("->") - dash - greater).abs() < 20.0,
            "an arrow has taken the place of two signs"
        );
    }
}
