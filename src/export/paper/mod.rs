//! A4 pages of text and tables as a PDF file. It gets texts and knows nothing of what they mean.
//!
//! Text can be searched and copied, in any script that the program has fonts for; of these only the letters that are used are in the file.
//!
//! Invariant: the same sheet gives the same bytes: there is no time, no random number and no order of a hash table in the file.

mod layout;
mod text;
mod write;

/// Thousandths of a point, of which 72 are an inch.
type Length = i64;

/// What is printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// Title of the document, which viewers show.
    pub title: String,
    /// What stands at the foot of each page, before the number of the page.
    pub foot: String,
    /// From top to bottom.
    pub blocks: Vec<SheetBlock>,
}

/// A part of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetBlock {
    /// The largest heading.
    Title(String),
    /// A heading; it stays with what follows.
    Heading(String),
    /// A line in small gray letters, wrapped.
    Note(String),
    /// Names with what they are.
    Facts(Vec<(String, String)>),
    /// A table.
    Table(SheetTable),
}

/// A table; its header is repeated on each page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetTable {
    /// Columns.
    pub columns: Vec<SheetColumn>,
    /// Rows, with as many cells as there are columns.
    pub rows: Vec<SheetRow>,
    /// Whether it is a box on a gray ground.
    pub is_box: bool,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetColumn {
    /// Header.
    pub title: &'static str,
    /// Where its cells stand.
    pub side: SheetSide,
}

/// Texts stand left and are wrapped; the room that numbers leave is theirs. Numbers stand right and are never wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetSide {
    /// Text, with its part of the room.
    Left(u8),
    /// Numbers.
    Right,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SheetRow {
    /// Cells.
    pub cells: Vec<String>,
    /// How it looks.
    pub look: SheetLook,
}

/// How a row looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SheetLook {
    /// As any other.
    #[default]
    Plain,
    /// Heavier, and it stays with the row that follows.
    Head,
    /// Its first cell stands further in.
    Inner,
    /// Heavier, below a line.
    Total,
}

/// The PDF file of a sheet.
pub(super) fn pdf(sheet: &Sheet) -> Vec<u8> {
    let mut typesetter = text::Typesetter::default();
    let pages = layout::pages(sheet, &mut typesetter);
    write::file(&sheet.title, &pages)
}
