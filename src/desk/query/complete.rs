//! What can be typed next: fields, operators and values, for a text and the place of the cursor.

use super::field::{FilterField, ValueKind, help};
use super::filter::quoted;
use super::fold::fold;
use super::index::SearchIndex;
use super::parse::{TypedAt, place_at};
use crate::matching::{Status, Why};

/// What can stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// The part of the text that a suggestion takes the place of, in bytes.
    pub range: std::ops::Range<usize>,
    /// The best first.
    pub suggestions: Vec<Suggestion>,
}

/// One thing that can be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is put into the text.
    pub insert: String,
    /// What is shown.
    pub label: String,
    /// What it means.
    pub detail: String,
}

/// Suggestions that are made at most.
const MOST: usize = 24;

/// What can be typed at `cursor`, a place in bytes. Values come from the desk that was indexed; labels and DSPs with most money come first.
/// Never panics.
#[must_use]
pub fn complete(text: &str, cursor: usize, index: Option<&SearchIndex>) -> Completion {
    let (range, place) = place_at(text, cursor);
    let suggestions = match place {
        TypedAt::Name(typed) => match FilterField::of_name(typed) {
            Some(field) => signs(field),
            None => fields(typed),
        },
        TypedAt::Value(field, typed) => values(field, typed, index),
        TypedAt::Text => Vec::new(),
    };
    Completion { range, suggestions }
}

fn fields(typed: &str) -> Vec<Suggestion> {
    let typed = typed.to_ascii_lowercase();
    let fitting = help()
        .into_iter()
        .filter(|h| h.field.name().starts_with(&typed));
    let suggestion = |field: FilterField, example: &str, meaning: &str| Suggestion {
        insert: format!("{}{}", field.name(), first_sign(field)),
        label: field.name().to_owned(),
        detail: format!("{example}: {meaning}"),
    };
    fitting
        .map(|h| suggestion(h.field, h.example, h.meaning))
        .collect()
}

fn first_sign(field: FilterField) -> &'static str {
    if matches!(field.kind(), ValueKind::Decimal | ValueKind::Count) {
        ">"
    } else {
        ":"
    }
}

fn signs(field: FilterField) -> Vec<Suggestion> {
    const TEXT: [(&str, &str); 2] = [(":", "is; * stands for any characters"), ("~", "contains")];
    const NUMBER: [(&str, &str); 6] = [
        (">", "more"),
        (">=", "at least"),
        ("<", "less"),
        ("<=", "at most"),
        ("=", "equal"),
        ("!=", "not equal"),
    ];
    const PERIOD: [(&str, &str); 5] = [
        (":", "lies within"),
        (">", "begins after"),
        (">=", "begins no earlier"),
        ("<", "ends before"),
        ("<=", "ends no later"),
    ];
    let signs: &[(&str, &str)] = match field.kind() {
        ValueKind::Decimal | ValueKind::Count => &NUMBER,
        ValueKind::Period => &PERIOD,
        ValueKind::Text | ValueKind::Code | ValueKind::Word => &TEXT,
    };
    signs
        .iter()
        .map(|(sign, meaning)| {
            let text = format!("{}{sign}", field.name());
            Suggestion {
                insert: text.clone(),
                label: text,
                detail: format!("{} {meaning}", field.title()),
            }
        })
        .collect()
}

/// The values of a field: those that begin with what is typed, then those that contain it.
fn values(field: FilterField, typed: &str, index: Option<&SearchIndex>) -> Vec<Suggestion> {
    let typed = fold(typed.trim_start_matches('"'));
    let mut begin = Vec::new();
    let mut contain = Vec::new();
    for (value, detail) in known_values(field, index) {
        let key = fold(value);
        let suggestion = || Suggestion {
            insert: quoted(value, false),
            label: value.to_owned(),
            detail: detail.to_owned(),
        };
        match key.find(&typed) {
            Some(0) => begin.push(suggestion()),
            Some(_) if contain.len() < MOST => contain.push(suggestion()),
            _ => {}
        }
        if begin.len() == MOST {
            break;
        }
    }
    begin.extend(contain);
    begin.truncate(MOST);
    begin
}

/// The values that a field can have with what they mean, the most important first.
fn known_values(
    field: FilterField,
    index: Option<&SearchIndex>,
) -> Box<dyn Iterator<Item = (&str, &'static str)> + '_> {
    let meaning = |status: Status| match status {
        Status::Matched => "one track",
        Status::Ambiguous => "several tracks could be meant",
        Status::Unmatched => "no track is known",
        Status::Ignored => "not the label's",
        Status::Held => "waits",
        Status::Quarantined => "could not be read",
    };
    // Quarantined rows are no lines.
    let statuses = Status::ALL
        .into_iter()
        .filter(|s| *s != Status::Quarantined);
    match (field, index) {
        (FilterField::Status, _) => {
            Box::new(statuses.map(move |status| (status.code(), meaning(status))))
        }
        (FilterField::Reason, _) => {
            Box::new(Why::ALL.into_iter().map(|why| (why.code(), why.sentence())))
        }
        (_, Some(index)) => Box::new(
            index
                .values(field)
                .filter(|value| !value.is_empty())
                .map(|value| (value, "")),
        ),
        (_, None) => Box::new(std::iter::empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(text: &str) -> Vec<String> {
        let cursor = text.find('^').expect("the cursor is marked");
        complete(&text.replace('^', ""), cursor, None)
            .suggestions
            .into_iter()
            .map(|s| s.label)
            .collect()
    }

    fn insert(text: &str) -> String {
        let cursor = text.find('^').expect("the cursor is marked");
        let mut text = text.replace('^', "");
        let completion = complete(&text, cursor, None);
        text.replace_range(completion.range, &completion.suggestions[0].insert);
        text
    }

    #[test]
    fn what_fits_at_the_cursor_is_offered() {
        assert_eq!(labels("^").len(), FilterField::ALL.len());
        assert_eq!(labels("love t^"), ["title", "track", "territory"]);
        assert_eq!(labels("-lab^ love"), ["label"]);
        assert_eq!(
            labels("amount^"),
            [
                "amount>", "amount>=", "amount<", "amount<=", "amount=", "amount!="
            ]
        );
        assert_eq!(labels("status:^").len(), 5);
        assert_eq!(labels("status:un^"), ["unmatched"]);
        assert_eq!(labels("status:held|am^"), ["ambiguous"]);
        assert_eq!(labels("reason:isrc_sh^"), ["isrc_shared"]);
        assert_eq!(labels("\"sta^"), [""; 0]);
        assert_eq!(labels("amount>5^"), [""; 0]);
        assert_eq!(labels("zzz^"), [""; 0]);
    }

    #[test]
    fn a_suggestion_takes_the_place_of_what_is_typed() {
        let cases = [
            ("lab^", "label:"),
            ("a -lab^ b", "a -label: b"),
            ("status:un^ x", "status:unmatched x"),
            ("status:held|un^matched", "status:held|unmatched"),
            ("status:\"un^", "status:unmatched"),
            ("ro^", "rows>"),
        ];
        for (typed, want) in cases {
            assert_eq!(insert(typed), want, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn completing_never_panics_and_replaces_whole_characters(text in super::super::parse::tests::almost_a_filter(), cursor in 0..60usize) {
            let range = complete(&text, cursor, None).range;
            prop_assert!(text.get(range).is_some());
        }
    }
}
