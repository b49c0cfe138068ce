//! Blocks onto pages: what stands where, how wide columns are, where a page ends.
//!
//! Places are whole numbers, thousandths of a point from the upper left corner, so that they are the same on every machine.

use std::rc::Rc;

use super::text::{TextLine, Typesetter, Weight};
use super::{Length, Sheet, SheetBlock, SheetColumn, SheetLook, SheetRow, SheetSide, SheetTable};

/// A4: 210 × 297 mm.
pub(super) const PAGE_WIDTH: Length = 595_276;
pub(super) const PAGE_HEIGHT: Length = 841_890;

const MARGIN: Length = 51_000;
const TOP: Length = 54_000;
/// Where text ends, above the foot.
const BOTTOM: Length = PAGE_HEIGHT - 62_000;
const FOOT: Length = PAGE_HEIGHT - 36_000;
const WIDTH: Length = PAGE_WIDTH - 2 * MARGIN;

const TITLE: Length = 20_000;
const HEADING: Length = 12_000;
const BODY: Length = 9_000;
const SMALL: Length = 7_500;
/// Sizes of the text of tables: a smaller one is taken only where large numbers would leave no room for words.
const TABLE_SIZES: [Length; 4] = [8_500, 7_500, 6_500, 5_500];
/// The least that numbers leave to words, in a table that has columns of words.
const LEAST_ROOM: Length = 110_000;
/// What words keep when even the smallest numbers leave less than that.
const LAST_ROOM: Length = 40_000;
const GAP: Length = 9_000;
const INDENT: Length = 10_000;
const BOX_PADDING: Length = 8_000;
/// Width of the names of facts.
const FACT_NAMES: Length = 90_000;
/// What must fit below a heading: the beginning of what it is about.
const HEADING_NEEDS: Length = 90_000;
/// Lines of a cell; a longer text ends with an ellipsis, since a row must fit on a page.
const MOST_LINES: usize = 12;

/// How dark something is, in percent of black.
pub(super) type Ink = u8;

const BLACK: Ink = 90;
const GRAY: Ink = 55;
const RULE: Ink = 35;
const GROUND: Ink = 5;

/// A line of text in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Left end.
    pub x: Length,
    /// Baseline.
    pub y: Length,
    /// Size of the letters.
    pub size: Length,
    /// Ink.
    pub ink: Ink,
    /// What it says.
    pub line: Rc<TextLine>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fill {
    /// Left.
    pub x: Length,
    /// Top.
    pub y: Length,
    /// Width.
    pub width: Length,
    /// Height.
    pub height: Length,
    /// Ink.
    pub ink: Ink,
}

/// What is on a page; fills lie below texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Page {
    /// Rules and grounds.
    pub fills: Vec<Fill>,
    /// Text.
    pub texts: Vec<Text>,
}

/// Puts a sheet onto pages.
pub(super) fn pages(sheet: &Sheet, typesetter: &mut Typesetter) -> Vec<Page> {
    let mut press = PageWriter {
        typesetter,
        pages: vec![Page::default()],
        y: TOP,
    };
    for block in &sheet.blocks {
        press.block(block);
    }
    press.feet(&sheet.foot);
    press.pages
}

/// The height of a line of text, and how far below its top the baseline is.
fn leading(size: Length) -> (Length, Length) {
    (size * 135 / 100, size)
}

struct PageWriter<'a> {
    typesetter: &'a mut Typesetter,
    pages: Vec<Page>,
    /// Where the next thing begins.
    y: Length,
}

/// A row that is ready to be printed.
struct SetRow {
    cells: Vec<Vec<Rc<TextLine>>>,
    look: SheetLook,
    height: Length,
}

/// Columns of a table in their places.
struct Frame {
    size: Length,
    /// Left end and width of each.
    places: Vec<(Length, Length)>,
}

impl PageWriter<'_> {
    fn page(&mut self) -> &mut Page {
        self.pages.last_mut().expect("there is always a page")
    }

    fn turn_page(&mut self) {
        self.pages.push(Page::default());
        self.y = TOP;
    }

    fn make_room(&mut self, height: Length) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.turn_page();
        }
    }

    fn block(&mut self, block: &SheetBlock) {
        match block {
            SheetBlock::Title(text) => self.paragraph(text, Weight::Medium, TITLE, BLACK, 6_000),
            SheetBlock::Heading(text) => {
                self.y += 14_000;
                self.make_room(HEADING_NEEDS);
                self.paragraph(text, Weight::Medium, HEADING, BLACK, 3_000);
            }
            SheetBlock::Note(text) => self.paragraph(text, Weight::Regular, SMALL, GRAY, 3_000),
            SheetBlock::Facts(facts) => self.facts(facts),
            SheetBlock::Table(table) => self.table(table),
        }
    }

    fn put(&mut self, x: Length, top: Length, (size, ink): (Length, Ink), line: &Rc<TextLine>) {
        let y = top + leading(size).1;
        self.page().texts.push(Text {
            x,
            y,
            size,
            ink,
            line: Rc::clone(line),
        });
    }

    fn paragraph(&mut self, text: &str, weight: Weight, size: Length, ink: Ink, after: Length) {
        for line in self.typesetter.wrapped(text, weight, size, WIDTH) {
            self.make_room(leading(size).0);
            self.put(MARGIN, self.y, (size, ink), &line);
            self.y += leading(size).0;
        }
        self.y += after;
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        for (name, value) in facts {
            let name = self.typesetter.line(name, Weight::Regular);
            let lines = self
                .typesetter
                .wrapped(value, Weight::Medium, BODY, WIDTH - FACT_NAMES);
            self.make_room(leading(BODY).0);
            self.put(MARGIN, self.y, (BODY, GRAY), &name);
            for line in lines {
                self.make_room(leading(BODY).0);
                self.put(MARGIN + FACT_NAMES, self.y, (BODY, BLACK), &line);
                self.y += leading(BODY).0;
            }
        }
        self.y += 8_000;
    }

    fn table(&mut self, table: &SheetTable) {
        let frame = self.frame(table);
        let rows: Vec<SetRow> = table
            .rows
            .iter()
            .map(|row| self.set_row(row, &table.columns, &frame))
            .collect();
        let heights: Vec<Length> = rows.iter().map(|row| row.height).collect();
        self.y += 2_000;
        self.make_room(leading(SMALL).0 + 6_000 + heights.iter().take(3).sum::<Length>());
        self.header(table, &frame);
        for (at, row) in rows.iter().enumerate() {
            let next = if row.look == SheetLook::Head {
                heights.get(at + 1).copied().unwrap_or_default()
            } else {
                0
            };
            if self.y + row.height + next > BOTTOM && self.y > TOP {
                self.turn_page();
                self.header(table, &frame);
            }
            self.row(row, table, &frame);
        }
        self.y += 6_000;
    }

    /// Numbers take what they need, words share the rest.
    fn frame(&mut self, table: &SheetTable) -> Frame {
        let has_words = table
            .columns
            .iter()
            .any(|c| matches!(c.side, SheetSide::Left(_)));
        let mut frame = Frame {
            size: 0,
            places: Vec::new(),
        };
        for size in TABLE_SIZES {
            let needs: Vec<Length> = (0..table.columns.len())
                .map(|at| self.needs(table, at, size))
                .collect();
            let padding = if table.is_box { BOX_PADDING } else { 0 };
            let gaps = GAP * (table.columns.len().max(1) as Length - 1);
            let room = WIDTH - 2 * padding - gaps - needs.iter().sum::<Length>();
            frame = Frame {
                size,
                places: places(
                    &table.columns,
                    &needs,
                    MARGIN + padding,
                    room.max(LAST_ROOM),
                ),
            };
            if !has_words || room >= LEAST_ROOM {
                break;
            }
        }
        frame
    }

    /// The width of a column of numbers.
    fn needs(&mut self, table: &SheetTable, at: usize, size: Length) -> Length {
        let column = &table.columns[at];
        if column.side != SheetSide::Right {
            return 0;
        }
        let header = self
            .typesetter
            .line(column.title, Weight::Regular)
            .width(SMALL);
        let cells = table.rows.iter().map(|row| {
            self.typesetter
                .line(&row.cells[at], weight(row.look))
                .width(size)
        });
        cells.fold(header, Length::max)
    }

    fn set_row(&mut self, row: &SheetRow, columns: &[SheetColumn], frame: &Frame) -> SetRow {
        let mut cells = Vec::with_capacity(row.cells.len());
        for (at, (text, column)) in row.cells.iter().zip(columns).enumerate() {
            let indent = if at == 0 && row.look == SheetLook::Inner {
                INDENT
            } else {
                0
            };
            cells.push(match column.side {
                SheetSide::Right => vec![self.typesetter.line(text, weight(row.look))],
                SheetSide::Left(_) => {
                    self.words(text, row.look, frame.size, frame.places[at].1 - indent)
                }
            });
        }
        let most = cells.iter().map(Vec::len).max().unwrap_or(1) as Length;
        SetRow {
            cells,
            look: row.look,
            height: most * leading(frame.size).0 + 4_000,
        }
    }

    fn words(
        &mut self,
        text: &str,
        look: SheetLook,
        size: Length,
        width: Length,
    ) -> Vec<Rc<TextLine>> {
        let mut lines = self.typesetter.wrapped(text, weight(look), size, width);
        if lines.len() > MOST_LINES {
            lines.truncate(MOST_LINES - 1);
            lines.push(self.typesetter.line("…", Weight::Regular));
        }
        lines
    }

    fn header(&mut self, table: &SheetTable, frame: &Frame) {
        if table.columns.iter().all(|c| c.title.is_empty()) {
            return;
        }
        for (at, column) in table.columns.iter().enumerate() {
            let line = self.typesetter.line(column.title, Weight::Regular);
            let x = x_of(column.side, frame.places[at], &line, SMALL);
            self.put(x, self.y, (SMALL, GRAY), &line);
        }
        self.y += leading(SMALL).0 + 2_000;
        let y = self.y;
        self.page().fills.push(Fill {
            x: MARGIN,
            y,
            width: WIDTH,
            height: 500,
            ink: RULE,
        });
        self.y += 2_000;
    }

    fn row(&mut self, row: &SetRow, table: &SheetTable, frame: &Frame) {
        let top = self.y;
        if table.is_box {
            self.page().fills.push(Fill {
                x: MARGIN,
                y: top,
                width: WIDTH,
                height: row.height,
                ink: GROUND,
            });
        }
        if row.look == SheetLook::Total {
            self.page().fills.push(Fill {
                x: MARGIN,
                y: top,
                width: WIDTH,
                height: 500,
                ink: RULE,
            });
        }
        for (at, (lines, column)) in row.cells.iter().zip(&table.columns).enumerate() {
            let indent = if at == 0 && row.look == SheetLook::Inner {
                INDENT
            } else {
                0
            };
            for (number, line) in lines.iter().enumerate() {
                let x = indent + x_of(column.side, frame.places[at], line, frame.size);
                self.put(
                    x,
                    top + 2_000 + number as Length * leading(frame.size).0,
                    (frame.size, BLACK),
                    line,
                );
            }
        }
        self.y += row.height;
    }

    fn feet(&mut self, foot: &str) {
        let count = self.pages.len();
        let foot = self
            .typesetter
            .wrapped(foot, Weight::Regular, SMALL, WIDTH - 60_000)
            .swap_remove(0);
        for number in 0..count {
            let place = self
                .typesetter
                .line(&format!("{} / {count}", number + 1), Weight::Regular);
            let page = &mut self.pages[number];
            page.texts.push(Text {
                x: MARGIN,
                y: FOOT,
                size: SMALL,
                ink: GRAY,
                line: Rc::clone(&foot),
            });
            page.texts.push(Text {
                x: MARGIN + WIDTH - place.width(SMALL),
                y: FOOT,
                size: SMALL,
                ink: GRAY,
                line: place,
            });
        }
    }
}

fn weight(look: SheetLook) -> Weight {
    match look {
        SheetLook::Plain | SheetLook::Inner => Weight::Regular,
        SheetLook::Head | SheetLook::Total => Weight::Medium,
    }
}

fn x_of(side: SheetSide, (x, width): (Length, Length), line: &TextLine, size: Length) -> Length {
    match side {
        SheetSide::Left(_) => x,
        SheetSide::Right => x + width - line.width(size),
    }
}

fn places(
    columns: &[SheetColumn],
    needs: &[Length],
    start: Length,
    room: Length,
) -> Vec<(Length, Length)> {
    let part = |column: &SheetColumn| match column.side {
        SheetSide::Left(part) => Length::from(part),
        SheetSide::Right => 0,
    };
    let parts: Length = columns.iter().map(part).sum();
    let mut x = start;
    columns
        .iter()
        .zip(needs)
        .map(|(column, need)| {
            let width = if parts > 0 {
                *need + room * part(column) / parts
            } else {
                *need
            };
            let place = (x, width);
            x += width + GAP;
            place
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize) -> SheetTable {
        let columns = vec![
            SheetColumn {
                title: "What",
                side: SheetSide::Left(1),
            },
            SheetColumn {
                title: "Amount",
                side: SheetSide::Right,
            },
        ];
        let row = |n: usize| SheetRow {
            cells: vec![format!("row {n}"), format!("{n}.00 EUR")],
            look: if n.is_multiple_of(5) {
                SheetLook::Head
            } else {
                SheetLook::Inner
            },
        };
        SheetTable {
            columns,
            rows: (0..rows).map(row).collect(),
            is_box: false,
        }
    }

    fn said(page: &Page) -> Vec<&str> {
        page.texts.iter().map(|t| t.line.text.as_str()).collect()
    }

    #[test]
    fn tables_go_on_with_their_header_and_pages_are_numbered() {
        let sheet = Sheet {
            foot: "foot".into(),
            blocks: vec![SheetBlock::Table(table(200))],
            ..Sheet::default()
        };
        let pages = pages(&sheet, &mut Typesetter::default());
        assert!(pages.len() > 3);
        let count = pages.len();
        let mut rows = 0;
        for (number, page) in pages.iter().enumerate() {
            let said = said(page);
            assert_eq!(&said[..2], ["What", "Amount"]);
            assert!(said.contains(&format!("{} / {count}", number + 1).as_str()));
            rows += said.iter().filter(|t| t.starts_with("row ")).count();
            let lowest = page.texts.iter().filter(|t| t.y != FOOT).map(|t| t.y).max();
            assert!(lowest.is_some_and(|y| y <= BOTTOM), "{lowest:?}");
            let last = said
                .iter()
                .rev()
                .find_map(|t| t.strip_prefix("row "))
                .map(|n| n.parse::<usize>().unwrap());
            let is_head = last.is_some_and(|n| n.is_multiple_of(5));
            assert!(
                !is_head || number + 1 == count,
                "a group begins at the end of page {}",
                number + 1
            );
        }
        assert_eq!(rows, 200);
    }

    #[test]
    fn numbers_end_at_one_line_and_no_text_leaves_the_page() {
        let mut table = table(3);
        table.rows[1].cells = vec![
            "きゃりーぱみゅ".repeat(400),
            "-1,234,567,890,123.4567 EUR".into(),
        ];
        let sheet = Sheet {
            blocks: vec![SheetBlock::Table(table)],
            ..Sheet::default()
        };
        let pages = pages(&sheet, &mut Typesetter::default());
        let ends: Vec<Length> = pages[0]
            .texts
            .iter()
            .filter(|t| t.line.text.ends_with("EUR"))
            .map(|t| t.x + t.line.width(t.size))
            .collect();
        assert_eq!(ends, [MARGIN + WIDTH; 3]);
        assert!(
            pages
                .iter()
                .flat_map(|p| &p.texts)
                .all(|t| t.x >= MARGIN && t.x + t.line.width(t.size) <= MARGIN + WIDTH)
        );
        assert!(said(&pages[0]).contains(&"…"));
    }

    #[test]
    fn many_large_numbers_are_printed_small_and_side_by_side() {
        let columns = (0..5)
            .map(|at| SheetColumn {
                title: "",
                side: if at == 0 {
                    SheetSide::Left(1)
                } else {
                    SheetSide::Right
                },
            })
            .collect();
        let mut cells = vec!["-123,456,789,012,345.6789 EUR".to_owned(); 5];
        cells[0] = "advance".into();
        let sheet = Sheet {
            blocks: vec![SheetBlock::Table(SheetTable {
                columns,
                rows: vec![SheetRow {
                    cells,
                    look: SheetLook::Plain,
                }],
                is_box: true,
            })],
            ..Sheet::default()
        };
        let page = pages(&sheet, &mut Typesetter::default()).swap_remove(0);
        let mut ends: Vec<(Length, Length)> = page
            .texts
            .iter()
            .filter(|t| t.y != FOOT)
            .map(|t| (t.x, t.x + t.line.width(t.size)))
            .collect();
        ends.sort_unstable();
        assert!(
            ends.windows(2).all(|pair| pair[0].1 < pair[1].0),
            "{ends:?}"
        );
        assert!(ends[4].1 <= MARGIN + WIDTH);
    }
}
