//! Text into glyphs: which font has a character, in what order words stand, how letters join.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use harfrust::{Direction, ShapeOptions, ShaperData, UnicodeBuffer};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use unicode_bidi::BidiInfo;
use unicode_segmentation::UnicodeSegmentation;

use super::Length;
use crate::fonts::{FALLBACKS, MEDIUM, REGULAR};

/// A font, ready for use.
pub(super) struct Face {
    /// Its file.
    pub bytes: &'static [u8],
    /// The file read.
    pub font: FontRef<'static>,
    /// Units of an em.
    pub units_per_em: u16,
    shaping: ShaperData,
}

/// All faces: regular, medium, and those that are asked for what these lack.
pub(super) static FACES: LazyLock<Vec<Face>> = LazyLock::new(|| {
    let face = |bytes: &'static [u8]| {
        let font = FontRef::new(bytes).expect("the fonts of the program can be read");
        Face {
            bytes,
            shaping: ShaperData::new(&font),
            units_per_em: units_per_em(&font),
            font,
        }
    };
    [REGULAR, MEDIUM]
        .iter()
        .chain(&FALLBACKS)
        .map(|(_, bytes)| face(bytes))
        .collect()
});

fn units_per_em(font: &FontRef<'_>) -> u16 {
    use skrifa::raw::TableProvider;
    font.head()
        .expect("the fonts of the program have a head")
        .units_per_em()
}

/// How heavy letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Weight {
    /// Plain text.
    Regular,
    /// Headings, totals.
    Medium,
}

/// A glyph in its place, in units of its face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glyph {
    /// Number of the face.
    pub face: u8,
    /// Number in the face.
    pub id: u16,
    /// How far the next glyph stands.
    pub advance: i32,
    /// How far it stands from its place.
    pub offset: (i32, i32),
    /// The text that it and its neighbors with the same range stand for.
    pub cluster: Range<usize>,
}

/// A line of glyphs, from left to right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TextLine {
    /// What it says.
    pub text: String,
    /// Its glyphs.
    pub glyphs: Vec<Glyph>,
}

impl TextLine {
    /// How long it is at a size.
    pub(super) fn width(&self, size: Length) -> Length {
        self.glyphs
            .iter()
            .map(|glyph| {
                i64::from(glyph.advance) * size
                    / i64::from(FACES[usize::from(glyph.face)].units_per_em)
            })
            .sum()
    }
}

/// Sets lines and remembers them: a table says the same words again and again.
#[derive(Default)]
pub(super) struct Typesetter {
    lines: HashMap<(String, Weight), Rc<TextLine>>,
}

impl Typesetter {
    /// A text on one line.
    pub(super) fn line(&mut self, text: &str, weight: Weight) -> Rc<TextLine> {
        let key = (text.to_owned(), weight);
        Rc::clone(
            self.lines
                .entry(key)
                .or_insert_with(|| Rc::new(set(text, weight))),
        )
    }

    /// A text on lines of a width: cut at blanks, and where a word is longer than a line between its letters.
    pub(super) fn wrapped(
        &mut self,
        text: &str,
        weight: Weight,
        size: Length,
        width: Length,
    ) -> Vec<Rc<TextLine>> {
        let whole = self.line(text, weight);
        if whole.width(size) <= width {
            return vec![whole];
        }
        let mut lines = Vec::new();
        let mut start = 0;
        let mut end = 0;
        for (at, piece) in self.pieces(text, weight, size, width) {
            if end > start
                && self
                    .line(text[start..at + piece.len()].trim_end(), weight)
                    .width(size)
                    > width
            {
                lines.push(self.line(text[start..end].trim(), weight));
                start = at;
            }
            end = at + piece.len();
        }
        lines.push(self.line(text[start..].trim(), weight));
        lines
    }

    /// Pieces between which a text may be cut, each short enough for a line.
    fn pieces<'t>(
        &mut self,
        text: &'t str,
        weight: Weight,
        size: Length,
        width: Length,
    ) -> Vec<(usize, &'t str)> {
        let mut pieces = Vec::new();
        let mut start = 0;
        for word in text.split_inclusive([' ', '-', '/']) {
            if self.line(word.trim_end(), weight).width(size) <= width {
                pieces.push((start, word));
            } else {
                pieces.extend(
                    word.grapheme_indices(true)
                        .map(|(at, letter)| (start + at, letter)),
                );
            }
            start += word.len();
        }
        pieces
    }
}

fn set(text: &str, weight: Weight) -> TextLine {
    // A tab or line end would be a box on the paper.
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut glyphs = Vec::new();
    let bidi = BidiInfo::new(&text, None);
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let is_rtl = levels[run.start].is_rtl();
            let mut spans = spans(&text, run, weight);
            if is_rtl {
                spans.reverse();
            }
            spans
                .into_iter()
                .for_each(|(face, range)| shape(&text, face, range, is_rtl, &mut glyphs));
        }
    }
    TextLine { text, glyphs }
}

/// Parts of a run that one face has, in the order of the text.
fn spans(text: &str, run: Range<usize>, weight: Weight) -> Vec<(u8, Range<usize>)> {
    let mut spans: Vec<(u8, Range<usize>)> = Vec::new();
    for (at, letter) in text[run.clone()].grapheme_indices(true) {
        let range = run.start + at..run.start + at + letter.len();
        let before = spans
            .last()
            .map(|(face, _)| *face)
            .filter(|_| letter.chars().all(char::is_whitespace));
        let face = face_of(letter, weight, before);
        match spans.last_mut() {
            Some((last, span)) if *last == face => span.end = range.end,
            _ => spans.push((face, range)),
        }
    }
    spans
}

/// The first face that has all of a letter; a blank stays with what stands before it, but not with signs, whose blanks are as wide as they.
fn face_of(letter: &str, weight: Weight, before: Option<u8>) -> u8 {
    let first = u8::from(weight == Weight::Medium);
    let count = u8::try_from(FACES.len()).expect("there are few faces");
    let fallbacks = 2..count;
    let before = before.filter(|face| *face + 2 < count);
    let mut order = before.into_iter().chain([first]).chain(fallbacks);
    order
        .find(|face| {
            letter
                .chars()
                .all(|c| is_unseen(c) || FACES[usize::from(*face)].font.charmap().map(c).is_some())
        })
        .unwrap_or(first)
}

/// Joiners, variation selectors and marks of direction have no glyph of their own.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn shape(text: &str, face: u8, range: Range<usize>, is_rtl: bool, out: &mut Vec<Glyph>) {
    let font = &FACES[usize::from(face)];
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text[range.clone()]);
    buffer.guess_segment_properties();
    buffer.set_direction(if is_rtl {
        Direction::RightToLeft
    } else {
        Direction::LeftToRight
    });
    let shaped = font
        .shaping
        .shaper(&font.font)
        .build()
        .shape(buffer, ShapeOptions::new());
    let infos = shaped.glyph_infos();
    let mut starts: Vec<usize> = infos
        .iter()
        .map(|info| range.start + info.cluster as usize)
        .chain([range.end])
        .collect();
    starts.sort_unstable();
    starts.dedup();
    for (info, position) in infos.iter().zip(shaped.glyph_positions()) {
        let start = range.start + info.cluster as usize;
        let end = starts[starts.partition_point(|s| *s <= start)];
        out.push(Glyph {
            face,
            id: u16::try_from(info.glyph_id).expect("a font has at most 65,536 glyphs"),
            advance: position.x_advance,
            offset: (position.x_offset, position.y_offset),
            cluster: start..end,
        });
    }
}

/// The width of a glyph as the font says it, in units of the face.
pub(super) fn natural_advance(face: &Face, id: u16) -> u16 {
    use skrifa::raw::TableProvider;
    face.font
        .hmtx()
        .ok()
        .and_then(|table| table.advance(GlyphId::new(u32::from(id))))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Length = 9_000;

    fn faces(text: &str) -> Vec<u8> {
        let mut faces: Vec<u8> = set(text, Weight::Regular)
            .glyphs
            .iter()
            .map(|g| g.face)
            .collect();
        faces.dedup();
        faces
    }

    #[test]
    fn every_script_has_its_glyphs() {
        for text in [
            "Björk Łódź",
            "Земфира",
            "きゃりーぱみゅ",
            "周杰倫",
            "방탄소년단",
            "عمرو دياب",
            "שלמה ארצי",
            "เบิร์ด",
            "लता मंगेशकर",
            "இளையராஜா",
            "🎵 €",
        ] {
            let line = set(text, Weight::Medium);
            assert!(line.glyphs.iter().all(|g| g.id != 0), "{text}: {line:?}");
        }
        assert!(
            set("\u{13000}", Weight::Regular)
                .glyphs
                .iter()
                .any(|g| g.id == 0),
            "the sample of the planted fault has become a glyph"
        );
    }

    #[test]
    fn words_of_both_directions_stand_in_the_order_of_the_page() {
        let line = set("ab שלום 12", Weight::Regular);
        let clusters: Vec<usize> = line.glyphs.iter().map(|g| g.cluster.start).collect();
        let first_hebrew = line.glyphs.iter().position(|g| g.face > 1).unwrap();
        assert_eq!(&clusters[..2], [0, 1]);
        assert!(
            line.glyphs[first_hebrew].cluster.start > line.glyphs[first_hebrew + 1].cluster.start,
            "{clusters:?}"
        );
        assert_eq!(faces("a b"), [0]);
        assert_eq!(
            faces("周 杰").len(),
            1,
            "a blank stays in the font of its word"
        );
        assert_eq!(faces("🎵 🎵").len(), 3, "a blank is no sign");
    }

    #[test]
    fn letters_join_and_digits_do_not_become_signs() {
        let count = |text: &str| set(text, Weight::Regular).glyphs.len();
        assert_eq!(count("->"), 2);
        let (joined, apart) = (set("بب", Weight::Regular), set("ب ب", Weight::Regular));
        assert_ne!(joined.glyphs[0].id, apart.glyphs[0].id);
    }

    #[test]
    fn lines_are_no_wider_than_they_may_be_and_lose_nothing() {
        let mut typesetter = Typesetter::default();
        let text = "A very long title (Live at the Old Mill, Remastered) きゃりーぱみゅぱみゅヴァイオレットきゃりーぱみゅぱみゅ end";
        let lines = typesetter.wrapped(text, Weight::Regular, SIZE, 80_000);
        assert!(lines.len() > 4);
        assert!(lines.iter().all(|l| l.width(SIZE) <= 80_000));
        let letters = |text: &str| {
            text.chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>()
        };
        assert_eq!(
            letters(&lines.iter().map(|l| l.text.as_str()).collect::<String>()),
            letters(text)
        );
        assert_eq!(
            typesetter.wrapped("", Weight::Regular, SIZE, 80_000).len(),
            1
        );
    }
}
