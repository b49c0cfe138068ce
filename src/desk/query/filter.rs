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

use super::field::{FilterField, ValueKind};
use crate::ident::SalePeriod;
use crate::money::Amount;

/// A filter: terms that must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What must hold.
    pub terms: Vec<FilterTerm>,
    /// What could not be understood and is left out. Do nothing in bulk while there is any: more is shown than was meant.
    pub issues: Vec<Issue>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FilterTerm {
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
        super::parse::filter(text)
    }

    /// Whether nothing is filtered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Each term in words, in order.
    #[must_use]
    pub fn explain(&self) -> Vec<String> {
        self.terms.iter().map(FilterTerm::explain).collect()
    }
}

impl FilterTerm {
    /// The term in words.
    #[must_use]
    pub fn explain(&self) -> String {
        let not = if self.is_negated { "not: " } else { "" };
        match &self.test {
            Test::Word(words) => {
                let words: Vec<String> = words.iter().map(|w| format!("“{w}”")).collect();
                format!(
                    "{not}{} occurs in a title, name or code",
                    words.join(" or ")
                )
            }
            Test::Field { field, op, values } => {
                let values: Vec<String> = values.iter().map(|v| v.explain(*op)).collect();
                format!("{not}{} {}", field.title(), values.join(" or "))
            }
        }
    }
}

impl Value {
    fn explain(&self, op: Op) -> String {
        match (self, op) {
            (Self::Text(pattern), _) => pattern.explain(op),
            (Self::Period(period), Op::Is) if period.days().is_none() => "not given".to_owned(),
            (Self::Period(period), op) => {
                let relation = match op {
                    Op::Is | Op::Contains => "within",
                    Op::Less => "ends before",
                    Op::AtMost => "ends no later than",
                    Op::More => "begins after",
                    Op::AtLeast => "begins no earlier than",
                };
                format!("{relation} {period}")
            }
            (number, op) => {
                let relation = match op {
                    Op::Is | Op::Contains => "",
                    Op::Less => "less than ",
                    Op::AtMost => "at most ",
                    Op::More => "more than ",
                    Op::AtLeast => "at least ",
                };
                format!("{relation}{number}")
            }
        }
    }
}

impl Pattern {
    fn explain(&self, op: Op) -> String {
        let text = self.0.as_str();
        let inner = text.trim_matches('*');
        let starts = text.starts_with('*');
        let ends = text.ends_with('*');
        match op {
            Op::Contains => format!("contains “{inner}”"),
            _ if text.is_empty() => "empty".to_owned(),
            _ if inner.is_empty() => "given".to_owned(),
            _ if inner.contains('*') => format!("like “{text}”"),
            _ => match (starts, ends) {
                (false, false) => format!("is “{inner}”"),
                (false, true) => format!("begins with “{inner}”"),
                (true, false) => format!("ends with “{inner}”"),
                (true, true) => format!("contains “{inner}”"),
            },
        }
    }
}

impl fmt::Display for Filter {
    /// The text that parses to the same terms.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FilterTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negated {
            f.write_str("-")?;
        }
        match &self.test {
            Test::Word(words) => f.write_str(
                &words
                    .iter()
                    .map(|w| quoted(w, true))
                    .collect::<Vec<_>>()
                    .join("|"),
            ),
            Test::Field { field, op, values } => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                write!(f, "{}{}{}", field.name(), op.sign(*field), values.join("|"))
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(pattern) => f.write_str(&quoted(&pattern.0, false)),
            Self::Decimal(amount) => write!(f, "{amount}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Period(period) => f.write_str(&quoted(&period.to_string(), false)),
        }
    }
}

impl Op {
    /// How it is written for a field.
    #[must_use]
    pub fn sign(self, field: FilterField) -> &'static str {
        match self {
            Self::Is if matches!(field.kind(), ValueKind::Decimal | ValueKind::Count) => "=",
            Self::Is => ":",
            Self::Contains => "~",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// A text as it can be typed: in quotes when anything in it could mean something else.
#[must_use]
pub(super) fn quoted(text: &str, is_word: bool) -> String {
    if !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-_./*+&',;@#%$()".contains(c))
        && !(is_word && text.starts_with('-'))
    {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
