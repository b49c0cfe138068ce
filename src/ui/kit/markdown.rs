//! Text in CommonMark with tables, on the screen: headings, paragraphs, lists, code and tables whose cells wrap.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, Color32, FontId, Frame, Label, Layout, Margin, RichText, Stroke, TextStyle, Ui, vec2,
};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::theme;
use super::widgets;

/// How a stretch of text is set.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Style {
    Normal,
    Strong,
    Code,
    /// A link, with where it leads.
    Link(String),
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TextSpan {
    text: String,
    style: Style,
}

/// Stretches of text that follow each other.
type Spans = Vec<TextSpan>;

/// A part of a text, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextBlock(BlockKind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum BlockKind {
    /// The level, from 1, and the words.
    Heading(u8, String),
    Paragraph(Spans),
    /// What stands in front of it, and its text.
    Item(String, Spans),
    Code(String),
    /// Rows of cells; the first has the titles.
    Table(Vec<Vec<Spans>>),
}

/// What is drawn at once: a block, or a row of a table.
pub struct TextPiece<'a>(PieceKind<'a>);

enum PieceKind<'a> {
    Block(&'a BlockKind),
    Row {
        table: &'a [Vec<Spans>],
        index: usize,
    },
}

impl TextBlock {
    /// What of it is drawn one after the other.
    pub fn pieces(&self) -> impl Iterator<Item = TextPiece<'_>> {
        let rows = match &self.0 {
            BlockKind::Table(rows) => rows.as_slice(),
            _ => &[],
        };
        let whole = rows
            .is_empty()
            .then_some(TextPiece(PieceKind::Block(&self.0)));
        let rows =
            (0..rows.len()).map(move |index| TextPiece(PieceKind::Row { table: rows, index }));
        whole.into_iter().chain(rows)
    }
}

impl TextPiece<'_> {
    /// Its words, when it is a heading.
    #[must_use]
    pub fn heading(&self) -> Option<&str> {
        match self.0 {
            PieceKind::Block(BlockKind::Heading(_, words)) => Some(words),
            _ => None,
        }
    }
}

/// Reads a text.
#[must_use]
pub fn blocks(text: &str) -> Vec<TextBlock> {
    let mut reader = TextReader::default();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        reader.take(event);
    }
    reader.blocks.into_iter().map(TextBlock).collect()
}

/// A line of a text without its marks.
#[must_use]
pub fn plain(line: &str) -> String {
    let kept = line.trim_start_matches(['#', '|', ' ', '-']);
    let kept: String = kept.chars().filter(|c| !matches!(c, '`' | '*')).collect();
    kept.replace(" | ", " · ")
        .trim_end_matches([' ', '|'])
        .to_owned()
}

/// The heading of a text that an anchor of a link means.
#[must_use]
pub fn heading_of(text: &str, anchor: &str) -> Option<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let mut words = headings.map(|line| line.trim_start_matches('#').trim());
    words
        .find(|words| {
            let kept: String = words
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .collect();
            kept.replace(' ', "-") == anchor
        })
        .map(str::to_owned)
}

/// Puts the events of the parser together.
#[derive(Default)]
struct TextReader {
    blocks: Vec<BlockKind>,
    spans: Spans,
    styles: Vec<Style>,
    /// The next number of each list around; `None` for a list with dots.
    lists: Vec<Option<u64>>,
    row: Vec<Spans>,
    rows: Vec<Vec<Spans>>,
    code: Option<String>,
}

impl TextReader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.push(&text, None),
            },
            Event::Code(text) => self.push(&text, Some(Style::Code)),
            Event::SoftBreak | Event::HardBreak => self.push(" ", None),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, style: Option<Style>) {
        let style = match self.styles.last() {
            Some(Style::Link(to)) => Style::Link(to.clone()),
            other => style.unwrap_or_else(|| other.cloned().unwrap_or(Style::Normal)),
        };
        match self.spans.last_mut().filter(|last| last.style == style) {
            Some(last) => last.text.push_str(text),
            None => self.spans.push(TextSpan {
                text: text.to_owned(),
                style,
            }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong | Tag::Emphasis => self.styles.push(Style::Strong),
            Tag::Link { dest_url, .. } => self.styles.push(Style::Link(dest_url.to_string())),
            Tag::List(first) => {
                self.end_item();
                self.lists.push(first);
            }
            Tag::CodeBlock(_) => self.code = Some(String::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link => {
                self.styles.pop();
            }
            TagEnd::Heading(level) => {
                let words: String = self.taken().into_iter().map(|span| span.text).collect();
                self.blocks.push(BlockKind::Heading(depth(level), words));
            }
            TagEnd::Paragraph if self.lists.is_empty() => {
                let spans = self.taken();
                if !spans.is_empty() {
                    self.blocks.push(BlockKind::Paragraph(spans));
                }
            }
            TagEnd::Item => self.end_item(),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.blocks
                    .push(BlockKind::Code(code.trim_end().to_owned()));
            }
            TagEnd::TableCell => {
                let cell = self.taken();
                self.row.push(cell);
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                let row = std::mem::take(&mut self.row);
                self.rows.push(row);
            }
            TagEnd::Table => {
                let rows = std::mem::take(&mut self.rows);
                self.blocks.push(BlockKind::Table(rows));
            }
            _ => {}
        }
    }

    fn taken(&mut self) -> Spans {
        std::mem::take(&mut self.spans)
    }

    fn end_item(&mut self) {
        let spans = self.taken();
        if spans.is_empty() {
            return;
        }
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}.", *number - 1)
            }
            _ => "•".to_owned(),
        };
        self.blocks.push(BlockKind::Item(mark, spans));
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        _ => 3,
    }
}

/// Draws a piece in so much width; the link that was clicked.
pub fn piece_ui(ui: &mut Ui, piece: &TextPiece<'_>, width: f32) -> Option<String> {
    match piece.0 {
        PieceKind::Block(kind) => kind_ui(ui, kind, width),
        PieceKind::Row { table, index } => row_ui(ui, table, index, width),
    }
}

fn kind_ui(ui: &mut Ui, kind: &BlockKind, width: f32) -> Option<String> {
    match kind {
        BlockKind::Heading(level, words) => {
            heading_ui(ui, *level, words);
            None
        }
        BlockKind::Paragraph(spans) => {
            let link = spans_ui(ui, spans, width);
            ui.add_space(4.0);
            link
        }
        BlockKind::Item(mark, spans) => {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                ui.add_space(8.0);
                ui.label(RichText::new(mark).color(theme::tokens(ui).subdued));
                let width = (width - 40.0).max(80.0);
                ui.vertical(|ui| spans_ui(ui, spans, width)).inner
            })
            .inner
        }
        BlockKind::Code(code) => {
            code_ui(ui, code, width);
            None
        }
        BlockKind::Table(_) => None,
    }
}

fn heading_ui(ui: &mut Ui, level: u8, words: &str) {
    let size = match level {
        1 => theme::HEADING + 4.0,
        2 => theme::HEADING,
        _ => theme::BODY + 1.0,
    };
    ui.add_space(if level == 1 { 2.0 } else { 10.0 });
    let text = RichText::new(words).font(theme::medium_font(size));
    let label = ui.label(text.color(theme::tokens(ui).strong));
    widgets::name_as_heading(ui, &label, words);
    ui.add_space(2.0);
}

fn code_ui(ui: &mut Ui, code: &str, width: f32) {
    let tokens = theme::tokens(ui);
    Frame::NONE
        .fill(tokens.stripe)
        .corner_radius(4.0)
        .inner_margin(Margin::symmetric(10, 8))
        .show(ui, |ui| {
            ui.set_width(width - 20.0);
            let text = RichText::new(code).font(theme::code_font());
            ui.add(Label::new(text.color(tokens.text)).selectable(true).wrap());
        });
    ui.add_space(6.0);
}

/// Text that wraps. Everything between two links is one label.
fn spans_ui(ui: &mut Ui, spans: &[TextSpan], width: f32) -> Option<String> {
    let mut followed = None;
    let layout = Layout::left_to_right(Align::Center).with_main_wrap(true);
    ui.allocate_ui_with_layout(vec2(width, 0.0), layout, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.set_max_width(width);
        let mut job = LayoutJob::default();
        for span in spans {
            let Style::Link(to) = &span.style else {
                append(ui, &mut job, span);
                continue;
            };
            flush(ui, &mut job);
            let text = RichText::new(&span.text).color(theme::tokens(ui).accent);
            if ui.link(text).clicked() {
                followed = Some(to.clone());
            }
        }
        flush(ui, &mut job);
    });
    followed
}

fn flush(ui: &mut Ui, job: &mut LayoutJob) {
    if !job.is_empty() {
        ui.add(Label::new(std::mem::take(job)).selectable(true).wrap());
    }
}

fn append(ui: &Ui, job: &mut LayoutJob, span: &TextSpan) {
    let (font, color, background) = look(ui, &span.style);
    let format = TextFormat {
        font_id: font,
        color,
        background,
        ..TextFormat::default()
    };
    job.append(&span.text, 0.0, format);
}

fn look(ui: &Ui, style: &Style) -> (FontId, Color32, Color32) {
    let tokens = theme::tokens(ui);
    match style {
        Style::Normal => (theme::body_font(), tokens.text, Color32::TRANSPARENT),
        Style::Strong => (
            theme::medium_font(theme::BODY),
            tokens.strong,
            Color32::TRANSPARENT,
        ),
        Style::Code => (theme::code_font(), tokens.strong, tokens.stripe),
        Style::Link(_) => (theme::body_font(), tokens.accent, Color32::TRANSPARENT),
    }
}

/// Room between the columns of a table.
const GAP: f32 = 14.0;
/// A column that is wider than this shares the room with the others that are.
const NARROW: f32 = 190.0;

fn row_ui(ui: &mut Ui, table: &[Vec<Spans>], index: usize, width: f32) -> Option<String> {
    let widths = column_widths(ui, table, width);
    let mut followed = None;
    let row = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        for (cell, width) in table[index].iter().zip(widths) {
            let layout = Layout::top_down(Align::Min);
            ui.allocate_ui_with_layout(vec2(width, 0.0), layout, |ui| {
                ui.set_width(width);
                if index == 0 {
                    title_ui(ui, cell);
                } else {
                    followed = spans_ui(ui, cell, width).or(followed.take());
                }
            });
        }
    });
    let rect = row.response.rect;
    let stroke = Stroke::new(1.0, theme::tokens(ui).line);
    ui.painter().hline(
        rect.left()..=rect.left() + width,
        rect.bottom() + 1.5,
        stroke,
    );
    if index + 1 == table.len() {
        ui.add_space(10.0);
    }
    followed
}

fn title_ui(ui: &mut Ui, cell: &[TextSpan]) {
    let words: String = cell.iter().map(|span| span.text.as_str()).collect();
    let text = RichText::new(words).font(theme::small_font());
    ui.label(text.color(theme::tokens(ui).subdued));
}

/// Columns as wide as their widest cell where that is narrow; the others share what is left by how much they have to say.
fn column_widths(ui: &Ui, table: &[Vec<Spans>], width: f32) -> Vec<f32> {
    let columns = table.first().map_or(0, Vec::len);
    let em = ui.fonts_mut(|fonts| fonts.row_height(&TextStyle::Body.resolve(ui.style()))) * 0.48;
    let most = |column: usize| {
        let letters = table.iter().filter_map(|row| row.get(column)).map(|cell| {
            cell.iter()
                .map(|span| span.text.chars().count())
                .sum::<usize>()
        });
        f32::from(u16::try_from(letters.max().unwrap_or(0)).unwrap_or(u16::MAX)) * em + 8.0
    };
    let wished: Vec<f32> = (0..columns).map(most).collect();
    let room = width - GAP * (f32::from(u16::try_from(columns).unwrap_or(1)) - 1.0);
    if wished.iter().sum::<f32>() <= room {
        return wished;
    }
    let is_wide = |wish: &&f32| **wish > NARROW;
    let narrow: f32 = wished.iter().filter(|wish| !is_wide(wish)).sum();
    let wide: f32 = wished.iter().filter(is_wide).map(|wish| wish.sqrt()).sum();
    let left = (room - narrow).max(NARROW);
    wished
        .iter()
        .map(|wish| {
            if is_wide(&wish) {
                left * wish.sqrt() / wide
            } else {
                *wish
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, style: Style) -> TextSpan {
        TextSpan {
            text: text.to_owned(),
            style,
        }
    }

    #[test]
    fn a_text_is_read_into_blocks() {
        let text = "# A\n\nSome **strong** `code`\nand [more](b.md#x).\n\n1. one\n2. two\n\n- dot\n\n```sh\nrun it\n```\n";
        let kinds: Vec<BlockKind> = blocks(text).into_iter().map(|block| block.0).collect();
        let normal = |text: &str| vec![span(text, Style::Normal)];
        assert_eq!(
            kinds,
            [
                BlockKind::Heading(1, "A".into()),
                BlockKind::Paragraph(vec![
                    span("Some ", Style::Normal),
                    span("strong", Style::Strong),
                    span(" ", Style::Normal),
                    span("code", Style::Code),
                    span(" and ", Style::Normal),
                    span("more", Style::Link("b.md#x".into())),
                    span(".", Style::Normal),
                ]),
                BlockKind::Item("1.".into(), normal("one")),
                BlockKind::Item("2.".into(), normal("two")),
                BlockKind::Item("•".into(), normal("dot")),
                BlockKind::Code("run it".into()),
            ]
        );
    }

    #[test]
    fn a_table_has_its_titles_first_and_is_drawn_row_by_row() {
        let table = blocks("| A | B |\n|---|---|\n| `x` | y \\| z |\n").remove(0);
        let BlockKind::Table(rows) = &table.0 else {
            panic!("{table:?}")
        };
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1][1], [span("y | z", Style::Normal)]);
        assert_eq!(table.pieces().count(), 2);
    }

    #[test]
    fn marks_are_no_part_of_a_plain_line() {
        assert_eq!(plain("| `ragged` | More cells |"), "ragged · More cells");
        assert_eq!(plain("- **Proof.** Each"), "Proof. Each");
        assert_eq!(
            heading_of("# A\n## Writing a layout\n", "writing-a-layout").unwrap(),
            "Writing a layout"
        );
        assert_eq!(heading_of("# A\n", "b"), None);
    }
}
