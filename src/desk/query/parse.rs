//! What is typed into terms, and what cannot be understood into issues with their places.

use super::field::{FilterField, ValueKind};
use super::filter::{Filter, FilterTerm, Issue, Op, Pattern, Test, Value};
use super::fold::{Compiled, fold};
use crate::ident::SalePeriod;
use crate::matching::{Status, Why};
use crate::money::{Amount, DecimalMark, parse_amount};

/// Reads a filter. Every round of the loop takes at least one character.
pub(super) fn filter(text: &str) -> Filter {
    let mut filter = Filter::default();
    let mut scanner = Scanner { text, at: 0 };
    while let Some(start) = scanner.begin() {
        match scanner.term() {
            Ok(Some(term)) => filter.terms.push(term),
            Ok(None) => {}
            Err(fault) => filter.issues.push(Issue {
                range: start..scanner.at,
                what: fault.0,
                remedy: fault.1,
            }),
        }
    }
    filter
}

/// What is wrong, and what to type instead.
struct TermFault(String, String);

fn fault(what: impl Into<String>, remedy: impl Into<String>) -> TermFault {
    TermFault(what.into(), remedy.into())
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, prefix: &str) -> bool {
        let is_there = self.rest().starts_with(prefix);
        self.at += if is_there { prefix.len() } else { 0 };
        is_there
    }

    /// Passes blanks; where the next term begins, if there is one.
    fn begin(&mut self) -> Option<usize> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        (self.at < self.text.len()).then_some(self.at)
    }

    /// One term; `None` for what is not one yet, such as a lone hyphen.
    fn term(&mut self) -> Result<Option<FilterTerm>, TermFault> {
        let is_negated = self.take("-");
        if let Some((name, sign)) = self.head() {
            let (test, is_opposite) = field_test(name, sign, self.alternatives())?;
            return Ok(Some(FilterTerm {
                is_negated: is_negated != is_opposite,
                test,
            }));
        }
        let mut words: Vec<String> = self.alternatives().into_iter().map(|a| a.text).collect();
        words.retain(|word| !fold(word).is_empty());
        Ok((!words.is_empty()).then_some(FilterTerm {
            is_negated,
            test: Test::Word(words),
        }))
    }

    /// A name with a sign behind it.
    fn head(&mut self) -> Option<(&'a str, &'static str)> {
        const SIGNS: [&str; 8] = ["<=", ">=", "!=", ":", "~", "<", ">", "="];
        let rest = self.rest();
        let name = &rest[..rest
            .bytes()
            .take_while(|b| b.is_ascii_alphabetic() || *b == b'_')
            .count()];
        let sign = SIGNS
            .into_iter()
            .find(|sign| !name.is_empty() && rest[name.len()..].starts_with(sign))?;
        self.at += name.len() + sign.len();
        Some((name, sign))
    }

    /// What stands between bars; empty places are passed over, unless they are quoted.
    fn alternatives(&mut self) -> Vec<Alternative> {
        let mut all = Vec::new();
        loop {
            let alternative = if self.take("\"") {
                self.quoted()
            } else {
                self.bare()
            };
            if alternative.is_quoted || !alternative.text.is_empty() {
                all.push(alternative);
            }
            if !self.take("|") {
                return all;
            }
        }
    }

    /// Up to the closing quote, or to the end while it is being typed.
    fn quoted(&mut self) -> Alternative {
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match (c, self.peek()) {
                ('"', _) => break,
                ('\\', Some(next @ ('"' | '\\'))) => {
                    self.at += 1;
                    text.push(next);
                }
                _ => text.push(c),
            }
        }
        Alternative {
            text,
            is_quoted: true,
        }
    }

    fn bare(&mut self) -> Alternative {
        let rest = self.rest();
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '|')
            .unwrap_or(rest.len());
        self.at += end;
        Alternative {
            text: rest[..end].to_owned(),
            is_quoted: false,
        }
    }
}

impl<'a> Scanner<'a> {
    /// The part of the term that begins here in which the cursor is.
    fn part_at(mut self, cursor: usize) -> (std::ops::Range<usize>, TypedAt<'a>) {
        self.take("-");
        let text = self.text;
        let start = self.at;
        let typed = |from: usize| text.get(from..cursor).unwrap_or_default();
        let head = self.head();
        if head.is_none() || self.at > cursor {
            let is_name = text
                .get(start..cursor)
                .is_some_and(|t| t.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_'));
            self.at = start;
            self.bare();
            return (
                start.min(cursor)..self.at.max(cursor),
                if is_name {
                    TypedAt::Name(typed(start))
                } else {
                    TypedAt::Text
                },
            );
        }
        loop {
            let start = self.at;
            if self.take("\"") {
                self.quoted()
            } else {
                self.bare()
            };
            if self.at >= cursor || !self.take("|") {
                let field = head.and_then(|(name, _)| FilterField::of_name(name));
                return (
                    start.min(cursor)..self.at.max(cursor),
                    field.map_or(TypedAt::Text, |field| TypedAt::Value(field, typed(start))),
                );
            }
        }
    }
}

struct Alternative {
    text: String,
    is_quoted: bool,
}

/// The test of a field, and whether its sign turns it round.
fn field_test(
    name: &str,
    sign: &str,
    alternatives: Vec<Alternative>,
) -> Result<(Test, bool), TermFault> {
    let field = FilterField::of_name(name).ok_or_else(|| unknown_field(name))?;
    let op = match sign {
        "~" => Op::Contains,
        "<" => Op::Less,
        "<=" => Op::AtMost,
        ">" => Op::More,
        ">=" => Op::AtLeast,
        _ => Op::Is,
    };
    check_op(field, op, sign)?;
    if alternatives.is_empty() {
        return Err(fault(
            format!("{} has no value", field.title()),
            format!("type one after {}{sign}", field.name()),
        ));
    }
    let values = alternatives
        .into_iter()
        .map(|a| value(field, op, a.text))
        .collect::<Result<_, _>>()?;
    Ok((Test::Field { field, op, values }, sign == "!="))
}

fn unknown_field(name: &str) -> TermFault {
    let near = FilterField::ALL
        .into_iter()
        .find(|field| name.len() > 1 && field.name().starts_with(&name.to_ascii_lowercase()[..2]));
    let remedy = near.map_or_else(
        || "put the text in quotes to look for it".to_owned(),
        |field| format!("did you mean {}?", field.name()),
    );
    fault(format!("there is no field “{name}”"), remedy)
}

fn check_op(field: FilterField, op: Op, sign: &str) -> Result<(), TermFault> {
    let name = field.name();
    match (field.kind(), op) {
        (_, Op::Is) => Ok(()),
        (ValueKind::Text | ValueKind::Code | ValueKind::Word, Op::Contains) => Ok(()),
        (ValueKind::Text | ValueKind::Code | ValueKind::Word, _) => Err(fault(
            format!("{} cannot be {sign}", field.title()),
            format!("use {name}: or {name}~"),
        )),
        (_, Op::Contains) => Err(fault(
            format!("{} is compared as a whole", field.title()),
            format!("use {name}:, {name}< or {name}>"),
        )),
        _ => Ok(()),
    }
}

fn value(field: FilterField, op: Op, text: String) -> Result<Value, TermFault> {
    match field.kind() {
        ValueKind::Decimal => decimal(field, &text).map(Value::Decimal),
        ValueKind::Count => count(field, &text).map(Value::Count),
        ValueKind::Period => period(op, text),
        ValueKind::Word => one_of(field, op, text),
        ValueKind::Text | ValueKind::Code => {
            if op == Op::Contains && text.split('*').all(|part| fold(part).is_empty()) {
                return Err(fault(
                    format!("{} has no value", field.title()),
                    format!("type one after {}~", field.name()),
                ));
            }
            Ok(Value::Text(Pattern(text)))
        }
    }
}

fn decimal(field: FilterField, text: &str) -> Result<Amount, TermFault> {
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | ','));
    let amount = parse_amount(text.as_bytes(), DecimalMark::Dot)
        .ok()
        .filter(|_| is_number);
    amount.ok_or_else(|| {
        fault(
            format!("“{text}” is not a number"),
            format!("type digits with a point, as in {}>=1234.5", field.name()),
        )
    })
}

fn count(field: FilterField, text: &str) -> Result<u64, TermFault> {
    let digits: String = text.chars().filter(|c| *c != ',').collect();
    let count = digits
        .parse()
        .ok()
        .filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
    count.ok_or_else(|| {
        fault(
            format!("“{text}” is not a whole number"),
            format!("type digits, as in {}>=1000", field.name()),
        )
    })
}

fn period(op: Op, text: String) -> Result<Value, TermFault> {
    if op == Op::Is && text.contains('*') {
        return Ok(Value::Text(Pattern(text)));
    }
    let period = SalePeriod::from_canonical(&text)
        .filter(|p| p.days().is_none_or(|(first, last)| first <= last));
    let period = period.filter(|p| op == Op::Is || p.days().is_some());
    period.map(Value::Period).ok_or_else(|| {
        fault(
            format!("“{text}” is not a sale period"),
            "type a month, as in period:2026-09, or a range, as in period:2026-07..2026-09",
        )
    })
}

/// A status or reason: at least one of them must fit.
fn one_of(field: FilterField, op: Op, text: String) -> Result<Value, TermFault> {
    let codes: Vec<&str> = match field {
        FilterField::Status => Status::ALL
            .iter()
            .filter(|s| **s != Status::Quarantined)
            .map(|s| s.code())
            .collect(),
        _ => Why::ALL.iter().map(|w| w.code()).collect(),
    };
    let pattern = Compiled::new(field, op, &text);
    if codes.iter().any(|code| pattern.fits(&fold(code))) {
        return Ok(Value::Text(Pattern(text)));
    }
    let typed = text.to_lowercase();
    let near: Vec<&str> = codes
        .iter()
        .copied()
        .filter(|code| !typed.is_empty() && code.starts_with(&typed))
        .collect();
    let listed = if near.is_empty() { codes } else { near };
    Err(fault(
        format!("there is no {} “{text}”", field.title()),
        format!("it is one of {}", listed.join(", ")),
    ))
}

/// What is being typed at a place of the text.
pub(super) enum TypedAt<'a> {
    /// A word, or the name of a field.
    Name(&'a str),
    /// A value of a field.
    Value(FilterField, &'a str),
    /// Something that nothing can be offered for.
    Text,
}

/// What is being typed before the cursor, and the part of the text that it is.
pub(super) fn place_at(text: &str, cursor: usize) -> (std::ops::Range<usize>, TypedAt<'_>) {
    let cursor = (0..=cursor.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let mut scanner = Scanner { text, at: 0 };
    while let Some(start) = scanner.begin().filter(|start| *start < cursor) {
        let at = Scanner { text, at: start }.part_at(cursor);
        scanner.at = start;
        let _ = scanner.term();
        if scanner.at >= cursor {
            return at;
        }
    }
    (cursor..cursor, TypedAt::Name(""))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_typed_is_understood_and_has_one_canonical_text() {
        let cases = [
            ("love  song", "love song"),
            ("Remix|LIVE", "Remix|LIVE"),
            ("dsp:youtube", "dsp:youtube"),
            ("DSP=YouTube", "dsp:YouTube"),
            ("amount>100", "amount>100"),
            ("amount<=-5.50", "amount<=-5.5"),
            ("amount:1,234.5", "amount=1234.5"),
            ("rows>=1,000", "rows>=1000"),
            ("isrc:US*", "isrc:US*"),
            ("title~remix", "title~remix"),
            ("-label:x", "-label:x"),
            ("label!=x", "-label:x"),
            ("-label!=x", "label:x"),
            ("payee:\"Ada B", "payee:\"Ada B\""),
            ("dsp:spotify|deezer|", "dsp:spotify|deezer"),
            ("country:NO", "territory:NO"),
            ("period:2026-09", "period:2026-09"),
            ("period:\"\"", "period:\"\""),
            ("period:2026-07..2026-09", "period:2026-07..2026-09"),
            ("item:1286c67f75d4ed77", "item:1286c67f75d4ed77"),
            ("\"a:b\"", "\"a:b\""),
            ("12\"", "\"12\\\"\""),
            ("\"abc\"def", "abc def"),
            ("title:\"say \\\"hi\\\"\"", "title:\"say \\\"hi\\\"\""),
            ("- -", ""),
            ("--x", "-\"-x\""),
            ("♥ !!!", "\"♥\" \"!!!\""),
        ];
        for (typed, want) in cases {
            let filter = Filter::parse(typed);
            assert_eq!(filter.to_string(), want, "{typed}");
            assert_eq!(filter.issues, [], "{typed}");
        }
    }

    #[test]
    fn a_faulty_term_is_left_out_and_the_others_hold() {
        let cases = [
            (
                "love amount>much rows>1",
                "love rows>1",
                5..16,
                "“much” is not a number",
            ),
            ("dsp: love", "love", 0..4, "DSP has no value"),
            ("titel:x", "", 0..7, "there is no field “titel”"),
            ("status:unm", "", 0..10, "there is no status “unm”"),
            ("rows:-1", "", 0..7, "“-1” is not a whole number"),
            ("title>b", "", 0..7, "title cannot be >"),
            ("amount~5", "", 0..8, "amount is compared as a whole"),
            ("amount:$5", "", 0..9, "“$5” is not a number"),
            ("period:soon", "", 0..11, "“soon” is not a sale period"),
            ("period<\"\"", "", 0..9, "“” is not a sale period"),
            ("title~\"\"", "", 0..8, "title has no value"),
            ("é -foo:bar", "é", 3..11, "there is no field “foo”"),
        ];
        for (typed, want, range, what) in cases {
            let filter = Filter::parse(typed);
            assert_eq!(filter.to_string(), want, "{typed}");
            let [issue] = filter.issues.as_slice() else {
                panic!("{typed}: {:?}", filter.issues)
            };
            assert_eq!(
                (issue.range.clone(), issue.what.as_str()),
                (range, what),
                "{typed}"
            );
            assert!(!issue.remedy.is_empty());
        }
        let remedy = |typed: &str| Filter::parse(typed).issues[0].remedy.clone();
        assert_eq!(remedy("titel:x"), "did you mean title?");
        assert_eq!(remedy("status:unm"), "it is one of unmatched");
    }

    #[test]
    fn every_term_is_explained_in_words() {
        let cases = [
            (
                "love|hate",
                "“love” or “hate” occurs in a title, name or code",
            ),
            ("-love", "not: “love” occurs in a title, name or code"),
            ("dsp:spotify|deezer", "DSP is “spotify” or is “deezer”"),
            ("-label:x*", "not: label begins with “x”"),
            ("amount<=-5", "amount at most -5"),
            ("rows=3", "rows 3"),
            ("isrc:*", "ISRC given"),
            ("version:\"\"", "version empty"),
            (
                "period>=2026-09",
                "sale period begins no earlier than 2026-09",
            ),
        ];
        for (typed, want) in cases {
            assert_eq!(Filter::parse(typed).explain(), [want], "{typed}");
        }
    }

    /// Texts made of the pieces that filters are made of.
    pub(crate) fn almost_a_filter() -> impl Strategy<Value = String> {
        let names: Vec<String> = FilterField::ALL
            .iter()
            .map(|f| f.name().to_owned())
            .collect();
        let piece = prop_oneof![
            prop::sample::select(names),
            prop::sample::select(vec![
                ":", "~", "<", "<=", ">", ">=", "=", "!=", "-", "|", "\"", "\\", "*", " ", "  ",
                "\u{3000}"
            ])
            .prop_map(str::to_owned),
            prop::sample::select(vec![
                "unmatched",
                "isrc_shared",
                "2026-09",
                "2026-07..2026-09",
                "1,000",
                "-5.25",
                "0",
                "é",
                "ß",
                "İ",
                "♥",
                "\u{1}"
            ])
            .prop_map(str::to_owned),
            "[a-z0-9]{1,4}",
            any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    fn is_identity(text: &str) {
        let filter = Filter::parse(text);
        let again = Filter::parse(&filter.to_string());
        assert_eq!(
            again.terms,
            filter.terms,
            "{text:?} became {:?}",
            filter.to_string()
        );
        assert_eq!(again.issues, [], "{text:?}");
        assert_eq!(filter.explain().len(), filter.terms.len());
        assert!(
            filter
                .issues
                .iter()
                .all(|issue: &Issue| text.get(issue.range.clone()).is_some_and(|t| !t.is_empty())),
            "{text:?}: {:?}",
            filter.issues
        );
    }

    proptest! {
        #[test]
        fn parsing_undoes_displaying_whatever_is_typed(text in almost_a_filter()) {
            is_identity(&text);
        }

        #[test]
        fn parsing_undoes_displaying_for_any_text(text in any::<String>()) {
            is_identity(&text);
        }
    }
}
