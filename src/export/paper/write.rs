//! Pages into the objects of a PDF file (ISO 32000-1).
//!
//! Fonts are embedded as subsets whose glyphs are named by their new numbers (9.7, composite fonts). What the glyphs mean stands in the
//! font's `ToUnicode` map where one glyph is always the same text, else as `ActualText` around them (14.9.4).
//!
//! Only here are places floating point numbers, because that is what the writer of PDF takes. No amount comes near them: all are texts.
#![allow(
    clippy::float_arithmetic,
    reason = "places on paper are floating point numbers for the writer of PDF; amounts are texts here"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use skrifa::raw::TableProvider;
use subsetter::{GlyphRemapper, subset};

use super::Length;
use super::layout::{Ink, PAGE_HEIGHT, PAGE_WIDTH, Page, Text};
use super::text::{FACES, Face, Glyph, natural_advance};

const SYSTEM: SystemInfo<'_> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// The glyphs that are used of a face, by their new numbers, and what each means.
#[derive(Default)]
struct Used {
    glyphs: GlyphRemapper,
    meanings: BTreeMap<u16, String>,
}

/// Faces that are used, by number.
type Fonts = BTreeMap<u8, Used>;

/// The file.
pub(super) fn file(title: &str, pages: &[Page]) -> Vec<u8> {
    let mut fonts = Fonts::new();
    let contents: Vec<Vec<u8>> = pages
        .iter()
        .map(|page| packed(&content(page, &mut fonts)))
        .collect();
    let mut pdf = Pdf::new();
    let mut next = 0;
    let mut reference = || {
        next += 1;
        Ref::new(next)
    };
    let catalog = reference();
    let tree = reference();
    let info = reference();
    let font_ids: BTreeMap<u8, Ref> = fonts.keys().map(|face| (*face, reference())).collect();
    let page_ids: Vec<Ref> = pages.iter().map(|_| reference()).collect();
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr("en"));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.document_info(info)
        .title(TextStr(title))
        .creator(TextStr("Ledgerline"));
    pdf.pages(tree)
        .kids(page_ids.iter().copied())
        .count(i32::try_from(pages.len()).expect("a statement has fewer than 2^31 pages"));
    for (id, content) in page_ids.iter().zip(&contents) {
        let content_id = reference();
        let mut page = pdf.page(*id);
        page.parent(tree)
            .media_box(Rect::new(0.0, 0.0, points(PAGE_WIDTH), points(PAGE_HEIGHT)))
            .contents(content_id);
        let mut resources = page.resources();
        let mut names = resources.fonts();
        for (face, font) in &font_ids {
            names.pair(Name(font_name(*face).as_bytes()), *font);
        }
        names.finish();
        resources.finish();
        page.finish();
        pdf.stream(content_id, content).filter(Filter::FlateDecode);
    }
    for (face, used) in &fonts {
        let ids = [
            font_ids[face],
            reference(),
            reference(),
            reference(),
            reference(),
        ];
        write_font(&mut pdf, &FACES[usize::from(*face)], used, ids);
    }
    pdf.finish()
}

fn font_name(face: u8) -> String {
    format!("F{face}")
}

/// Thousandths of a point as points.
fn points(length: Length) -> f32 {
    length as f32 / 1000.0
}

fn gray(ink: Ink) -> f32 {
    1.0 - f32::from(ink) / 100.0
}

/// Units of a face as thousandths of an em.
fn thousandths(units: i32, face: &Face) -> f32 {
    units as f32 * 1000.0 / f32::from(face.units_per_em)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("memory can be written")
}

fn content(page: &Page, fonts: &mut Fonts) -> Vec<u8> {
    let mut content = Content::new();
    for fill in &page.fills {
        content.set_fill_gray(gray(fill.ink));
        content.rect(
            points(fill.x),
            points(PAGE_HEIGHT - fill.y - fill.height),
            points(fill.width),
            points(fill.height),
        );
        content.fill_nonzero();
    }
    for text in &page.texts {
        show(text, &mut content, fonts);
    }
    content.finish().into_vec()
}

fn show(text: &Text, content: &mut Content, fonts: &mut Fonts) {
    if text.line.glyphs.is_empty() {
        return;
    }
    content.set_fill_gray(gray(text.ink));
    content.begin_text();
    content.set_text_matrix([
        1.0,
        0.0,
        0.0,
        1.0,
        points(text.x),
        points(PAGE_HEIGHT - text.y),
    ]);
    for glyphs in text.line.glyphs.chunk_by(|a, b| a.face == b.face) {
        let face = glyphs[0].face;
        content.set_font(Name(font_name(face).as_bytes()), points(text.size));
        let used = fonts.entry(face).or_default();
        let mut run = GlyphRun {
            content,
            face: &FACES[usize::from(face)],
            size: text.size,
            items: Vec::new(),
            rise: 0,
        };
        for cluster in glyphs.chunk_by(|a, b| a.cluster == b.cluster) {
            run.cluster(cluster, &text.line.text, used);
        }
        run.flush();
    }
    content.end_text();
}

/// Glyphs of one face that wait to be shown.
struct GlyphRun<'a> {
    content: &'a mut Content,
    face: &'a Face,
    size: Length,
    /// Texts, each with how far the pen moves back behind it, in units of the face.
    items: Vec<(Vec<u8>, i32)>,
    rise: i32,
}

impl GlyphRun<'_> {
    /// Glyphs that stand for one piece of text.
    fn cluster(&mut self, glyphs: &[Glyph], line: &str, used: &mut Used) {
        let text = &line[Range::clone(&glyphs[0].cluster)];
        let is_plain = match glyphs {
            [glyph] if glyph.id != 0 => {
                let id = used.glyphs.remap(glyph.id);
                used.meanings.entry(id).or_insert_with(|| text.to_owned()) == text
            }
            _ => false,
        };
        if !is_plain {
            self.flush();
            let mut marked = self
                .content
                .begin_marked_content_with_properties(Name(b"Span"));
            marked.properties().actual_text(TextStr(text));
        }
        for glyph in glyphs {
            self.glyph(glyph, used.glyphs.remap(glyph.id));
        }
        if !is_plain {
            self.flush();
            self.content.end_marked_content();
        }
    }

    fn glyph(&mut self, glyph: &Glyph, id: u16) {
        let (right, up) = glyph.offset;
        if up != self.rise {
            self.flush();
            let rise = i64::from(up) * self.size / i64::from(self.face.units_per_em);
            self.content.set_rise(points(rise));
            self.rise = up;
        }
        if right != 0 {
            self.items.push((Vec::new(), -right));
        }
        let back = i32::from(natural_advance(self.face, glyph.id)) - glyph.advance + right;
        match self.items.last_mut() {
            Some((text, 0)) => text.extend(id.to_be_bytes()),
            _ => self.items.push((id.to_be_bytes().to_vec(), 0)),
        }
        if let Some((_, kerning)) = self.items.last_mut() {
            *kerning = back;
        }
    }

    fn flush(&mut self) {
        if self.items.is_empty() {
            return;
        }
        let mut shown = self.content.show_positioned();
        let mut array = shown.items();
        for (text, back) in self.items.drain(..) {
            if !text.is_empty() {
                array.show(Str(&text));
            }
            if back != 0 {
                array.adjust(thousandths(back, self.face));
            }
        }
        array.finish();
        shown.finish();
        if self.rise != 0 {
            self.content.set_rise(0.0);
            self.rise = 0;
        }
    }
}

/// Writes a font: its dictionaries, the map of meanings, and the subset.
fn write_font(
    pdf: &mut Pdf,
    face: &Face,
    used: &Used,
    [font, cid, descriptor, unicode, program]: [Ref; 5],
) {
    let bytes = subset(face.bytes, 0, &used.glyphs).expect("the fonts of the program can be cut");
    // Only the outlines of an OpenType font belong into the file (table 126).
    let outlines = skrifa::FontRef::new(&bytes)
        .ok()
        .and_then(|f| f.table_data(skrifa::Tag::new(b"CFF ")))
        .map(|d| d.as_bytes().to_vec());
    let is_cff = outlines.is_some();
    let outlines = outlines.unwrap_or(bytes);
    let name = subset_name(face, &outlines);
    let base = if is_cff {
        format!("{name}-Identity-H")
    } else {
        name.clone()
    };
    let mut composite = pdf.type0_font(font);
    composite
        .base_font(Name(base.as_bytes()))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(unicode);
    composite.finish();
    let mut descendant = pdf.cid_font(cid);
    descendant
        .subtype(if is_cff {
            CidFontType::Type0
        } else {
            CidFontType::Type2
        })
        .base_font(Name(name.as_bytes()))
        .system_info(SYSTEM);
    descendant.font_descriptor(descriptor).default_width(0.0);
    if !is_cff {
        descendant.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let widths = used
        .glyphs
        .remapped_gids()
        .map(|glyph| thousandths(i32::from(natural_advance(face, glyph)), face));
    descendant.widths().consecutive(0, widths);
    descendant.finish();
    write_descriptor(pdf, face, &name, (descriptor, program), is_cff);
    let mut meanings = UnicodeCmap::new(Name(b"Custom"), SYSTEM);
    for (glyph, text) in &used.meanings {
        meanings.pair_with_multiple(*glyph, text.chars());
    }
    pdf.stream(unicode, &packed(meanings.finish().as_slice()))
        .filter(Filter::FlateDecode);
    let outlines = packed(&outlines);
    let mut stream = pdf.stream(program, &outlines);
    stream.filter(Filter::FlateDecode);
    if is_cff {
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
}

fn write_descriptor(
    pdf: &mut Pdf,
    face: &Face,
    name: &str,
    (id, program): (Ref, Ref),
    is_cff: bool,
) {
    let font = &face.font;
    let scaled = |units: i16| thousandths(i32::from(units), face);
    let head = font.head().expect("the fonts of the program have a head");
    let hhea = font.hhea().expect("the fonts of the program have metrics");
    let cap_height = font
        .os2()
        .ok()
        .and_then(|os2| os2.s_cap_height())
        .unwrap_or_else(|| hhea.ascender().to_i16());
    let mut descriptor = pdf.font_descriptor(id);
    descriptor
        .name(Name(name.as_bytes()))
        .flags(FontFlags::SYMBOLIC)
        .italic_angle(0.0);
    descriptor.bbox(Rect::new(
        scaled(head.x_min()),
        scaled(head.y_min()),
        scaled(head.x_max()),
        scaled(head.y_max()),
    ));
    descriptor
        .ascent(scaled(hhea.ascender().to_i16()))
        .descent(scaled(hhea.descender().to_i16()))
        .cap_height(scaled(cap_height));
    // The width of stems is not in the file; viewers do not use it for fonts that are embedded.
    descriptor.stem_v(80.0);
    if is_cff {
        descriptor.font_file3(program)
    } else {
        descriptor.font_file2(program)
    };
}

/// The name of a subset: six letters, which must differ for different subsets (9.6.4), and the font's own name.
fn subset_name(face: &Face, outlines: &[u8]) -> String {
    use skrifa::MetadataProvider;
    use skrifa::string::StringId;
    let hash = blake3::hash(outlines);
    let tag: String = hash
        .as_bytes()
        .iter()
        .take(6)
        .map(|byte| char::from(b'A' + byte % 26))
        .collect();
    let own = face
        .font
        .localized_strings(StringId::POSTSCRIPT_NAME)
        .english_or_first()
        .map(|name| name.to_string());
    let own: String = own
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    format!("{tag}+{own}")
}
