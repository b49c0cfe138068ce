//! The list of shared ISRCs: made on a thread of its own, shown as a table.

use std::borrow::Cow;
use std::sync::Arc;

use crate::catalog::CatalogState;
use crate::contents::{Contents, ReadError};
use crate::desk::Desk;
use crate::desk::duplicates::{
    Duplicate, ListFilter, SortBy, State, currencies_of, duplicates_of, listed,
};
use crate::ident::{Currency, Isrc};
use crate::job::Wake;
use crate::statement::item::Field;
use crate::ui::background::{Background, Unanswered};
use crate::ui::kit::numbers;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::text;

/// The columns, in the order in which they are declared.
pub(super) const COLUMNS: [Column; 8] = [
    Column::text("isrc", "ISRC", 122.0),
    Column::text("state", "State", 138.0),
    Column::number("tracks", "Tracks", 60.0),
    Column::number("amount", "Amount", 112.0),
    Column::number("rows", "Rows", 76.0),
    Column::text("title", "Title as reported", 190.0).unsortable(),
    Column::text("artist", "Artist", 130.0).unsortable(),
    Column::text("other", "In other currencies", 220.0).unsortable(),
];

/// What the list depends on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ListKey {
    pub generation: u64,
    pub filter: ListFilter,
    /// Id of a column and whether it is upside down.
    pub sort: Option<(String, bool)>,
    pub currency: Option<Currency>,
}

pub(super) struct ListInput {
    pub contents: Contents,
    pub desk: Arc<Desk>,
}

/// The list.
pub(super) struct Listing {
    pub desk: Arc<Desk>,
    all: Arc<Vec<Duplicate>>,
    order: Vec<u32>,
    /// How many stand so, in the order of [`State::ALL`].
    pub counts: [u64; State::ALL.len()],
    pub currencies: Vec<Currency>,
    /// The currency of the column with amounts.
    pub currency: Option<Currency>,
}

pub(super) type Listings = Background<ListKey, ListInput, Listing, Unanswered<ReadError>>;

/// Starts the thread that makes the list. It remembers what does not change with a filter.
pub(super) fn listings(wake: &Wake) -> Listings {
    let mut lister = Lister::default();
    Background::new("duplicates", wake, move |key, input, is_stale| {
        Unanswered::unless_given_up(lister.list(key, input, is_stale))
    })
}

#[derive(Default)]
struct Lister {
    shared: Option<(CatalogState, Vec<(Isrc, u32)>)>,
    all: Option<(u64, u64, Arc<Vec<Duplicate>>)>,
}

impl Lister {
    fn list(
        &mut self,
        key: ListKey,
        input: ListInput,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<Option<Listing>, ReadError> {
        let ListInput { contents, desk } = input;
        if self
            .shared
            .as_ref()
            .is_none_or(|(catalog, _)| *catalog != desk.catalog)
        {
            let Some(shared) = contents.shared_isrcs(is_stale)? else {
                return Ok(None);
            };
            self.shared = Some((desk.catalog, shared));
            self.all = None;
        }
        let generation = (desk.generation, desk.lines_generation);
        if self
            .all
            .as_ref()
            .is_none_or(|(a, b, _)| (*a, *b) != generation)
        {
            let shared = self.shared.as_ref().map_or(&[][..], |(_, shared)| shared);
            let Some(all) = duplicates_of(&desk, shared, is_stale)? else {
                return Ok(None);
            };
            self.all = Some((generation.0, generation.1, Arc::new(all)));
        }
        let all = self
            .all
            .as_ref()
            .map(|(_, _, all)| Arc::clone(all))
            .unwrap_or_default();
        let currencies = currencies_of(&all);
        let currency = key
            .currency
            .filter(|c| currencies.contains(c))
            .or(currencies.first().copied());
        let (sort, is_reversed) = sort_of(key.sort.as_ref(), currency);
        let order = listed(&desk, &all, &key.filter, sort, is_reversed);
        let counts = State::ALL.map(|state| all.iter().filter(|d| d.state == state).count() as u64);
        Ok(Some(Listing {
            desk,
            all,
            order,
            counts,
            currencies,
            currency,
        }))
    }
}

/// What a click on a header asks for. Numbers stand large first by themselves, so “descending” is their own order.
fn sort_of(sort: Option<&(String, bool)>, currency: Option<Currency>) -> (SortBy, bool) {
    let money = currency.map_or(SortBy::Isrc, SortBy::Money);
    match sort.map(|(column, descending)| (column.as_str(), *descending)) {
        Some(("isrc", descending)) => (SortBy::Isrc, descending),
        Some(("state", descending)) => (SortBy::State, descending),
        Some(("tracks", descending)) => (SortBy::Tracks, !descending),
        Some(("rows", descending)) => (SortBy::Rows, !descending),
        Some((_, descending)) => (money, !descending),
        None => (money, false),
    }
}

impl Listing {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn at(&self, row: u64) -> Option<&Duplicate> {
        self.order
            .get(row as usize)
            .map(|index| &self.all[*index as usize])
    }

    pub(super) fn place_of(&self, isrc: Isrc) -> Option<u64> {
        self.order
            .iter()
            .position(|index| self.all[*index as usize].isrc == isrc)
            .map(|index| index as u64)
    }

    pub(super) fn total(&self) -> usize {
        self.all.len()
    }
}

impl TableSource for &Listing {
    fn row_count(&self) -> u64 {
        self.order.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let each = &self.all[self.order[row as usize] as usize];
        let field = |field: Field| {
            TableCell::new(
                each.line
                    .map(|line| self.desk.field(line, field))
                    .unwrap_or_default(),
            )
        };
        match COLUMNS[column].id {
            "isrc" => TableCell::new(each.isrc.to_string()).code(),
            "state" => TableCell::new(each.state.words()).dot(state_tone(each.state)),
            "tracks" => TableCell::new(each.tracks.to_string()),
            "amount" => TableCell::new(
                self.currency
                    .filter(|_| each.line.is_some())
                    .map(|c| text::fine(each.sum(c).amount, c))
                    .unwrap_or_default(),
            ),
            "rows" => TableCell::new(numbers::count(each.rows())),
            "title" => field(Field::Title),
            "artist" => field(Field::Artist),
            _ => TableCell::new(self.others(each)),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let each = &self.all[self.order[row as usize] as usize];
        match (COLUMNS[column].id, self.currency) {
            ("amount", Some(currency)) => each.sum(currency).amount.to_string().into(),
            ("rows", _) => each.rows().to_string().into(),
            _ => self.cell(row, column).text,
        }
    }
}

impl Listing {
    fn others(&self, each: &Duplicate) -> String {
        let others = each.sums.iter().filter(|(c, _)| Some(*c) != self.currency);
        others
            .map(|(currency, sum)| text::money(sum.amount, *currency))
            .collect::<Vec<_>>()
            .join(" · ")
    }
}

/// How a state is shown.
pub(super) fn state_tone(state: State) -> Tone {
    match state {
        State::Open => Tone::Err,
        State::Left => Tone::Warn,
        State::Settled | State::ToldApart => Tone::Ok,
        State::NotReported => Tone::Subdued,
    }
}

/// The sign that goes with a state, so that it can be told without color.
pub(super) fn state_sign(state: State) -> &'static str {
    match state {
        State::Open => "●",
        State::Left => "○",
        State::Settled => "✓",
        State::ToldApart => "≠",
        State::NotReported => "–",
    }
}
