//! The forms of dates and periods: a table of single forms, and ranges between two of them.
//!
//! Invariant: what is read covers all parts of the text. A form that could be read in two ways is refused, and a range is never read as one of
//! its ends.

use jiff::civil::{ISOWeekDate, Weekday};

use super::parts::{Cut, Gap, Phrase, PhrasePart, Unit};
use super::{DateOrder, Day, PeriodTextError, SalePeriod};

/// What a form names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PeriodForm {
    Day,
    Month,
    Quarter,
    Half,
    Week,
    Year,
}

/// A form that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoundPeriod {
    pub(super) span: PeriodForm,
    pub(super) first: Day,
    pub(super) last: Day,
    pub(super) is_range: bool,
}

/// How sure a form must be to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// The text is a cell of a column of periods, and nothing else stands in it.
    Cell,
    /// Inside of a sentence.
    Text,
    /// Inside of a file's name.
    FileName,
}

/// Texts longer than this are no period.
const LONGEST: usize = 120;
const MOST_PARTS: usize = 24;

/// Reads a whole cell.
pub(super) fn whole(text: &str, order: Option<DateOrder>) -> Result<FoundPeriod, PeriodTextError> {
    let phrase = phrase_of(text)?;
    match read(phrase.cut(), order, Strictness::Cell) {
        Err(PeriodTextError::Form) => month_and_words(phrase.cut()),
        other => other,
    }
}

/// Reads a whole cell that is no range and no bare year.
pub(super) fn whole_single(text: &str) -> Result<FoundPeriod, PeriodTextError> {
    let phrase = phrase_of(text)?;
    single(phrase.cut(), None).and_then(|found| {
        if found.span == PeriodForm::Year {
            Err(PeriodTextError::Form)
        } else {
            Ok(found)
        }
    })
}

/// What a cell says of the order of day and month.
pub(super) fn evidence(text: &str) -> Option<DateOrder> {
    let phrase = phrase_of(text).ok()?;
    let cut = phrase.cut();
    if is_numeric_day(cut) {
        return order_of(cut);
    }
    let mut orders = Vec::new();
    for (left, right, _) in splits(without_from(cut)) {
        for (left, right) in sides(left, right) {
            if is_numeric_day(left.cut()) && is_numeric_day(right.cut()) {
                orders.extend(
                    [order_of(left.cut()), order_of(right.cut())]
                        .into_iter()
                        .flatten(),
                );
            }
        }
    }
    let first = *orders.first()?;
    orders.iter().all(|order| *order == first).then_some(first)
}

fn phrase_of(text: &str) -> Result<Phrase, PeriodTextError> {
    if text.len() > LONGEST {
        return Err(PeriodTextError::Form);
    }
    let is_open = |gap: &Gap| {
        !matches!(
            gap,
            Gap::Glued | Gap::Blank | Gap::Dot | Gap::Comma | Gap::Apostrophe
        )
    };
    let (phrase, end) =
        Phrase::of(&super::words::fold(text), MOST_PARTS, false).ok_or(PeriodTextError::Form)?;
    if phrase.gaps.contains(&Gap::Break)
        || phrase.gaps.first().is_some_and(is_open)
        || is_open(&end)
    {
        return Err(PeriodTextError::Form);
    }
    Ok(phrase.without_inner_of())
}

/// Reads a piece, all of it.
pub(super) fn read(
    cut: Cut<'_>,
    order: Option<DateOrder>,
    place: Strictness,
) -> Result<FoundPeriod, PeriodTextError> {
    match checked(cut, order, place) {
        Err(PeriodTextError::Form) => range(cut, order, place),
        other => other,
    }
}

fn checked(
    cut: Cut<'_>,
    order: Option<DateOrder>,
    place: Strictness,
) -> Result<FoundPeriod, PeriodTextError> {
    let found = single(cut, order)?;
    if place == Strictness::Cell
        || (is_sure(cut, found.span, place) && (2000..2100).contains(&found.first.to_ymd().0))
    {
        return Ok(found);
    }
    Err(PeriodTextError::Form)
}

/// Whether a single form says what it is where other things stand beside it.
fn is_sure(cut: Cut<'_>, span: PeriodForm, place: Strictness) -> bool {
    use PhrasePart::{Letter, Month, Number};
    let is_tight = || {
        cut.inner()
            .iter()
            .all(|gap| matches!(gap, Gap::Dash | Gap::Slash | Gap::Dot | Gap::Underscore))
    };
    match *cut.parts {
        [Number(_, 4)] | [Number(_, 1..=2), Number(_, 2)] => false,
        [Number(_, len), Number(_, 4)] | [Number(_, 4), Number(_, len)] => len == 2 && is_tight(),
        [Month(_), Number(_, 2)] => {
            place == Strictness::Text && matches!(cut.inner(), [Gap::Apostrophe | Gap::Dash])
        }
        [Number(_, _), Number(_, _), Number(_, _)] => is_tight(),
        _ if span == PeriodForm::Day => true,
        [.., Number(_, 2)] => {
            span == PeriodForm::Quarter
                && matches!(cut.gaps.last(), Some(Gap::Glued | Gap::Apostrophe))
        }
        // T2, S1 and K2 are names of other things as well.
        _ => !cut.parts.iter().any(|part| matches!(part, Letter(_))),
    }
}

// ------------------------------------------------------------------------------------------------ single forms

/// One day, month, quarter, half year, week or year.
fn single(cut: Cut<'_>, order: Option<DateOrder>) -> Result<FoundPeriod, PeriodTextError> {
    use PhrasePart::{DaySign, Letter, Month, MonthSign, Nth, Number, Weekday, Year};
    if cut.inner().contains(&Gap::Range) {
        return Err(PeriodTextError::Form);
    }
    match *cut.parts {
        // 2026-09-30, 2026/09/30, 2026.9.30, with or without a time of day
        [Number(y, 4), Number(m, 1..=2), Number(d, 1..=2), ..]
            if are_alike(cut, 1, 2) && is_clock(cut.from(3)) =>
        {
            one_day(y, m, d)
        }
        // 20260930, 20260930T120000Z, 202609, 2026M10
        [Number(ymd, 8)]
        | [Number(ymd, 8), Letter(b't'), Number(_, 4 | 6)]
        | [Number(ymd, 8), Letter(b't'), Number(_, 4 | 6), Letter(b'z')] => {
            one_day(ymd / 10_000, ymd / 100 % 100, ymd % 100)
        }
        [Number(ym, 6)] => one_month(ym / 100, ym % 100),
        [Number(y, 4), Letter(b'm'), Number(m, 1..=2)] => one_month(y, m),
        // 2026-09, 2026/9, 09-2026, 9/2026, 07/26
        [Number(y, 4), Number(m, 1..=2)] | [Number(m, 1..=2), Number(y, 4)]
            if cut.gaps[1] != Gap::Colon =>
        {
            one_month(y, m)
        }
        [Number(m, 1..=2), Number(yy, 2)] if cut.gaps[1] != Gap::Colon => one_month(century(yy), m),
        // 9/30/2026, 30.09.2026, 1/2/20 4:49am: the order is the sender's
        [
            Number(a, 1..=2),
            Number(b, 1..=2),
            Number(y, len @ (2 | 4)),
            ..,
        ] if is_numeric_day(cut) => ordered_day(a, b, full_year(y, len), order),
        // September 2026, SEP-26, Jun'26, 2026 Sep; not 26-Sep, which spreadsheets write for a day
        [Month(m), Number(y, len @ (2 | 4))] => one_month(full_year(y, len), m),
        [Number(y, 4), Month(m)] => one_month(y, m),
        // 2026年9月, 2026年9月30日
        [Number(y, 4), Year, Number(m, 1..=2), MonthSign] => one_month(y, m),
        [
            Number(y, 4),
            Year,
            Number(m, 1..=2),
            MonthSign,
            Number(d, 1..=2),
            DaySign,
            ..,
        ] if is_clock(cut.from(6)) => one_day(y, m, d),
        // 30 Sep 2026, 1er juin 2026, 30-Sep-26, September 30th, 2026, 2026-Sep-30
        [Number(d, 1..=2) | Nth(d), Month(m), Number(y, 4), ..]
        | [Month(m), Number(d, 1..=2) | Nth(d), Number(y, 4), ..]
            if is_clock(cut.from(3)) =>
        {
            one_day(y, m, d)
        }
        [Number(d, 1..=2), Month(m), Number(yy, 2)] => one_day(century(yy), m, d),
        [Number(y, 4), Month(m), Number(d, 1..=2)] => one_day(y, m, d),
        // 2026, year 2026, 2026年
        [Number(y @ 1990..=2099, 4)] | [Year, Number(y, 4)] | [Number(y, 4), Year] => {
            Ok(FoundPeriod {
                span: PeriodForm::Year,
                ..months(y, 1, 12)?
            })
        }
        // Sunday, June 1, 2026
        [Weekday, ..] if cut.len() > 1 => single(cut.from(1), order).and_then(|found| {
            if found.span == PeriodForm::Day {
                Ok(found)
            } else {
                Err(PeriodTextError::Form)
            }
        }),
        // czerwca 2026 roku
        [.., Number(_, 4), Year] if cut.len() > 2 => single(cut.to(cut.len() - 1), order),
        _ => numbered(cut),
    }
}

/// Numbered parts of a year: 2026Q3, 3Q26, II. Quartal 2026, H1 2026, KW 23/2026, 2026年第2四半期.
fn numbered(cut: Cut<'_>) -> Result<FoundPeriod, PeriodTextError> {
    use PhrasePart::{Number, Year};
    let (year, rest, is_short) = match *cut.parts {
        // Q117: quarter and two-digit year in one
        [PhrasePart::Unit(Unit::Quarter), Number(qyy, 3)] => {
            return unit(Unit::Quarter, century(qyy % 100), qyy / 100);
        }
        [Number(y, 4), Year, ref rest @ ..] | [Number(y, 4), ref rest @ ..] => (y, rest, false),
        [ref rest @ .., Year, Number(y, 4)] | [ref rest @ .., Number(y, 4)] => (y, rest, false),
        [ref rest @ .., Number(yy, 2)] => (century(yy), rest, true),
        _ => return Err(PeriodTextError::Form),
    };
    let (kind, number) = match *rest {
        [PhrasePart::NamedHalf(half)] => (Unit::Half, half),
        [first, second] => match (unit_before(first), unit_after(second)) {
            (Some(kind), _) => (kind, number_of(second, kind)?),
            (None, Some(kind)) => (kind, number_of(first, kind)?),
            (None, None) => return Err(PeriodTextError::Form),
        },
        _ => return Err(PeriodTextError::Form),
    };
    // KW 23/26; but KW 23-25 may be three weeks, and Q3 - 30 goes on with a day
    let is_year = match cut.gaps.last() {
        Some(Gap::Slash | Gap::Apostrophe) => true,
        Some(gap) => kind != Unit::Week && *gap != Gap::LooseDash,
        None => false,
    };
    if is_short && !is_year {
        return Err(PeriodTextError::Form);
    }
    unit(kind, year, number)
}

/// What a part in front of a number counts.
fn unit_before(part: PhrasePart) -> Option<Unit> {
    match part {
        PhrasePart::Unit(kind) => Some(kind),
        PhrasePart::Letter(b't' | b'k') => Some(Unit::Quarter),
        PhrasePart::Letter(b's') => Some(Unit::Half),
        PhrasePart::Letter(b'w') => Some(Unit::Week),
        _ => None,
    }
}

/// What a part behind a number counts: not K, which behind numbers means a thousand, and not KW.
fn unit_after(part: PhrasePart) -> Option<Unit> {
    unit_before(part).filter(|_| !matches!(part, PhrasePart::Letter(b'k' | b'w')))
}

fn number_of(part: PhrasePart, kind: Unit) -> Result<u32, PeriodTextError> {
    match part {
        PhrasePart::Nth(n) | PhrasePart::Number(n, 1) => Ok(n),
        PhrasePart::Number(n, 2) if kind == Unit::Week => Ok(n),
        _ => Err(PeriodTextError::Form),
    }
}

/// A quarter of a year by its number.
pub(super) fn one_quarter(year: u32, number: u32) -> Result<FoundPeriod, PeriodTextError> {
    unit(Unit::Quarter, year, number)
}

fn unit(kind: Unit, year: u32, number: u32) -> Result<FoundPeriod, PeriodTextError> {
    match kind {
        Unit::Quarter if (1..=4).contains(&number) => Ok(FoundPeriod {
            span: PeriodForm::Quarter,
            ..months(year, number * 3 - 2, number * 3)?
        }),
        Unit::Half if (1..=2).contains(&number) => Ok(FoundPeriod {
            span: PeriodForm::Half,
            ..months(year, number * 6 - 5, number * 6)?
        }),
        Unit::Week => week(year, number),
        _ => Err(PeriodTextError::NoSuchDay),
    }
}

/// A week from Monday to Sunday; week 1 is the one with 4 January in it (ISO 8601).
fn week(year: u32, number: u32) -> Result<FoundPeriod, PeriodTextError> {
    let in_year = day(year, 1, 4)?;
    // The last week of a year ends in the next one, which has to be a year that can be written.
    day(year + 1, 1, 4)?;
    let number = i8::try_from(number).map_err(|_| PeriodTextError::NoSuchDay)?;
    let monday = ISOWeekDate::new(in_year.0.year(), number, Weekday::Monday)
        .map_err(|_| PeriodTextError::NoSuchDay)?;
    let sunday = ISOWeekDate::new(in_year.0.year(), number, Weekday::Sunday)
        .map_err(|_| PeriodTextError::NoSuchDay)?;
    Ok(FoundPeriod {
        span: PeriodForm::Week,
        first: Day(monday.date()),
        last: Day(sunday.date()),
        is_range: false,
    })
}

/// 2019.08 Streams: a month in free text, at its beginning, with words behind it of which none has to do with time.
fn month_and_words(cut: Cut<'_>) -> Result<FoundPeriod, PeriodTextError> {
    match *cut.parts {
        [
            PhrasePart::Number(y, 4),
            PhrasePart::Number(m, 1..=2),
            ref rest @ ..,
        ] if !rest.is_empty()
            && cut.gaps[2] == Gap::Blank
            && matches!(
                cut.gaps[1],
                Gap::Dot | Gap::Dash | Gap::Slash | Gap::Underscore
            )
            && rest.iter().all(|part| matches!(part, PhrasePart::Other(_))) =>
        {
            one_month(y, m)
        }
        _ => Err(PeriodTextError::Form),
    }
}

/// Whether two gaps of a date are the same; in 2026-09 - 10 and 2026/09-10 something else than a date is meant.
fn are_alike(cut: Cut<'_>, a: usize, b: usize) -> bool {
    cut.gaps[a] == cut.gaps[b]
        && matches!(
            cut.gaps[a],
            Gap::Dash | Gap::LooseDash | Gap::Slash | Gap::Dot | Gap::Underscore | Gap::Blank
        )
}

fn is_numeric_day(cut: Cut<'_>) -> bool {
    // 30/9-2026
    let is_danish = || cut.gaps[1] == Gap::Slash && cut.gaps[2] == Gap::Dash;
    matches!(
        cut.parts,
        [
            PhrasePart::Number(_, 1..=2),
            PhrasePart::Number(_, 1..=2),
            PhrasePart::Number(_, 2 | 4),
            ..
        ]
    ) && (are_alike(cut, 1, 2) || is_danish())
        && is_clock(cut.from(3))
}

/// Whether what follows a date is a time of day (`12:00:00 AM`, `4:49am`, `T00:00:00.000Z`, `00:00+02:00`), or nothing.
fn is_clock(cut: Cut<'_>) -> bool {
    use PhrasePart::{Clock, Letter, Number};
    if cut.len() == 0 {
        return true;
    }
    let mut at = usize::from(cut.parts[0] == Letter(b't'));
    if at == 0 && !matches!(cut.gaps[0], Gap::Blank | Gap::Comma | Gap::Underscore) {
        return false;
    }
    let part = |at: usize| cut.parts.get(at).copied();
    let gap = |at: usize| cut.gaps.get(at).copied().unwrap_or(Gap::Break);
    if !matches!(
        (part(at), part(at + 1)),
        (Some(Number(0..=24, 1..=2)), Some(Number(0..=59, 2)))
    ) || gap(at + 1) != Gap::Colon
    {
        return false;
    }
    at += 2;
    if gap(at) == Gap::Colon && matches!(part(at), Some(Number(0..=60, 2))) {
        at += 1;
        if gap(at) == Gap::Dot && matches!(part(at), Some(Number(..))) {
            at += 1;
        }
    }
    at +=
        usize::from(matches!(part(at), Some(Clock)) && matches!(gap(at), Gap::Glued | Gap::Blank));
    match (part(at), gap(at)) {
        (Some(Clock | Letter(b'z')), Gap::Glued | Gap::Blank) => at += 1,
        (Some(Number(_, 2 | 4)), Gap::Plus | Gap::Dash) => {
            at += 1 + usize::from(
                gap(at + 1) == Gap::Colon && matches!(part(at + 1), Some(Number(_, 2))),
            )
        }
        _ => {}
    }
    at == cut.len()
}

fn day(y: u32, m: u32, d: u32) -> Result<Day, PeriodTextError> {
    Day::new(i32::try_from(y).map_err(|_| PeriodTextError::Form)?, m, d)
}

pub(super) fn one_day(y: u32, m: u32, d: u32) -> Result<FoundPeriod, PeriodTextError> {
    let day = day(y, m, d)?;
    Ok(FoundPeriod {
        span: PeriodForm::Day,
        first: day,
        last: day,
        is_range: false,
    })
}

pub(super) fn one_month(y: u32, m: u32) -> Result<FoundPeriod, PeriodTextError> {
    months(y, m, m)
}

/// Months of one year.
fn months(y: u32, first: u32, last: u32) -> Result<FoundPeriod, PeriodTextError> {
    let year = i32::try_from(y).map_err(|_| PeriodTextError::Form)?;
    let (first, last) = SalePeriod::months((year, first), (year, last))?
        .days()
        .ok_or(PeriodTextError::Form)?;
    Ok(FoundPeriod {
        span: PeriodForm::Month,
        first,
        last,
        is_range: false,
    })
}

/// Two-digit years: streaming reports begin in this century, so all of them are 20yy.
fn century(yy: u32) -> u32 {
    2000 + yy
}

fn full_year(y: u32, digits: usize) -> u32 {
    if digits == 2 { century(y) } else { y }
}

fn ordered_day(
    a: u32,
    b: u32,
    year: u32,
    order: Option<DateOrder>,
) -> Result<FoundPeriod, PeriodTextError> {
    match order {
        Some(DateOrder::Mdy) => one_day(year, a, b),
        Some(DateOrder::Dmy) => one_day(year, b, a),
        Some(DateOrder::Ymd) => Err(PeriodTextError::Form),
        None if a > 12 => one_day(year, b, a),
        None if b > 12 => one_day(year, a, b),
        None if a == b => one_day(year, a, b),
        None => Err(PeriodTextError::Undecided),
    }
}

/// The order that a numeric day can only have, if it is one.
fn order_of(cut: Cut<'_>) -> Option<DateOrder> {
    match *cut.parts {
        [PhrasePart::Number(a, _), PhrasePart::Number(b, _), ..] if is_numeric_day(cut) => {
            match (a > 12, b > 12) {
                (true, false) => Some(DateOrder::Dmy),
                (false, true) => Some(DateOrder::Mdy),
                _ => None,
            }
        }
        _ => None,
    }
}

// ------------------------------------------------------------------------------------------------ ranges

/// What joins the ends of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joiner {
    Word,
    Dash,
    /// A gap that joins only what is tighter than itself: 20260901_20260930, 2026-09-01/2026-09-30.
    Gap(Gap),
}

/// A range between two forms. All places where it could be parted are tried; when they do not agree, it is refused.
fn range(
    cut: Cut<'_>,
    order: Option<DateOrder>,
    place: Strictness,
) -> Result<FoundPeriod, PeriodTextError> {
    let mut found: Option<FoundPeriod> = None;
    let mut error = PeriodTextError::Form;
    for (left, right, joiner) in splits(without_from(cut)) {
        for (at, (left, right)) in sides(left, right).into_iter().enumerate() {
            match join(left.cut(), right.cut(), joiner, at == 0, order, place) {
                Ok(range)
                    if found.is_some_and(|other| {
                        (other.first, other.last) != (range.first, range.last)
                    }) =>
                {
                    return Err(PeriodTextError::Form);
                }
                Ok(range) => found = Some(range),
                Err(other)
                    if error == PeriodTextError::Form || other == PeriodTextError::Undecided =>
                {
                    error = other
                }
                Err(_) => {}
            }
        }
    }
    found.ok_or(error)
}

/// Without what stands in front of a range, and what may end it in Japanese.
fn without_from(cut: Cut<'_>) -> Cut<'_> {
    let start = usize::from(matches!(
        cut.parts.first(),
        Some(PhrasePart::From | PhrasePart::Of)
    ));
    let end = cut.len() - usize::from(cut.parts.last() == Some(&PhrasePart::Until));
    if start <= end {
        cut.between(start, end)
    } else {
        cut
    }
}

fn splits(cut: Cut<'_>) -> Vec<(Cut<'_>, Cut<'_>, Joiner)> {
    let words: Vec<usize> = (0..cut.len())
        .filter(|at| cut.parts[*at] == PhrasePart::To)
        .collect();
    match *words.as_slice() {
        [at] if at > 0 && at + 1 < cut.len() => vec![(cut.to(at), cut.from(at + 1), Joiner::Word)],
        [] => (1..cut.len())
            .filter_map(|at| {
                let joiner = match cut.gaps[at] {
                    Gap::Dash | Gap::LooseDash | Gap::Range => Joiner::Dash,
                    gap @ (Gap::Slash | Gap::Underscore | Gap::Blank) => Joiner::Gap(gap),
                    _ => return None,
                };
                Some((cut.to(at), cut.from(at), joiner))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Both ends of a range as they are written, and then with what one leaves to the other.
fn sides(left: Cut<'_>, right: Cut<'_>) -> Vec<(Phrase, Phrase)> {
    use PhrasePart::{DaySign, Month, MonthSign, Nth, Number, Unit, Year};
    let own = |cut: Cut<'_>| Phrase {
        parts: cut.parts.to_vec(),
        gaps: cut.gaps.to_vec(),
    };
    let mut pairs = vec![(own(left), own(right))];
    let last = right.len() - 1;
    let is_named = right
        .parts
        .iter()
        .any(|part| matches!(part, Month(_) | Unit(_) | PhrasePart::Letter(_)));
    // Jan 1 - Mar 31, 2025; Q1-Q2 2025; JAN-FEB-18; 01.06.-30.06.2025: the year is that of the second
    if last > 0
        && (left.len() > 1 || matches!(left.parts[0], Month(_)))
        && matches!(right.parts[last], Number(_, len) if len == 4 || (len == 2 && is_named))
    {
        let year = right.from(last);
        pairs.push((left.and(year.gaps[0], year), own(right)));
    }
    // 1-30 June 2025; 1.-2. Quartal 2025: all but the number is that of the second
    if let (
        [Number(_, 1..=2) | Nth(_)],
        [
            Number(_, 1..=2) | Nth(_),
            Month(_) | Unit(_) | PhrasePart::Letter(_),
            ..,
        ],
    ) = (left.parts, right.parts)
    {
        let rest = right.from(1);
        pairs.push((left.and(rest.gaps[0], rest), own(right)));
    }
    match (left.parts, right.parts) {
        // June 1-30, 2025; KW 23-24/2025
        (
            [
                Month(_) | Unit(_) | PhrasePart::Letter(_),
                Number(..) | Nth(_),
            ],
            [Number(_, 1..=2) | Nth(_), Number(_, 4)],
        ) => {
            let year = right.from(1);
            pairs.push((
                left.and(year.gaps[0], year),
                left.to(1).and(Gap::Blank, right),
            ));
        }
        // 2025 Jan-Mar; 2025-Q1 - Q2; 2025年4月〜6月
        (
            [Number(_, 4), Month(_) | Unit(_) | Nth(_), ..],
            [Month(_)] | [Unit(_), Number(..)] | [Nth(_), Unit(_)],
        ) => {
            pairs.push((own(left), left.to(1).and(Gap::Blank, right)));
        }
        (
            [Number(_, 4), Year, ..],
            [Number(..), MonthSign, ..] | [Number(..) | Nth(_), Unit(_)],
        ) => {
            pairs.push((own(left), left.to(2).and(Gap::Glued, right)));
        }
        ([Number(_, 4), Year, Number(..), MonthSign, ..], [Number(..), DaySign]) => {
            pairs.push((own(left), left.to(4).and(Gap::Glued, right)))
        }
        _ => {}
    }
    pairs
}

/// A range between two forms that are complete.
fn join(
    left: Cut<'_>,
    right: Cut<'_>,
    joiner: Joiner,
    as_written: bool,
    order: Option<DateOrder>,
    place: Strictness,
) -> Result<FoundPeriod, PeriodTextError> {
    let order = match (order, order_of(left), order_of(right)) {
        (Some(order), ..) => Some(order),
        (None, Some(a), Some(b)) if a != b => return Err(PeriodTextError::Undecided),
        (None, a, b) => a.or(b),
    };
    // Jun 25 - Jul 25 may be days of a year that is not said.
    let may_be_day = |cut: Cut<'_>| {
        matches!(cut.parts, [PhrasePart::Month(_), PhrasePart::Number(_, 2)])
            && cut.gaps[1] == Gap::Blank
    };
    if as_written && (may_be_day(left) || may_be_day(right)) {
        return Err(PeriodTextError::Form);
    }
    // Both ends are read before either is judged, so that the error is that of a range.
    let first = checked(left, order, place);
    let second = checked(right, order, place);
    let (first, second) = match (first, second) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(PeriodTextError::Form), _) | (_, Err(PeriodTextError::Form)) => {
            return Err(PeriodTextError::Form);
        }
        // What is undecided is a day, and joins only a day.
        (Err(PeriodTextError::Undecided), Ok(other))
        | (Ok(other), Err(PeriodTextError::Undecided))
            if other.span != PeriodForm::Day =>
        {
            return Err(PeriodTextError::Form);
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    if first.span != second.span {
        let are_whole = [left, right].iter().all(|cut| {
            cut.parts
                .iter()
                .any(|part| matches!(part, PhrasePart::Number(_, 4 | 6 | 8)))
        });
        if joiner != Joiner::Word || !as_written || !are_whole || place != Strictness::Cell {
            return Err(PeriodTextError::Form);
        }
    }
    if !may_join(left, right, joiner, first.span, as_written)
        || (place != Strictness::Cell && first.span == PeriodForm::Year)
    {
        return Err(PeriodTextError::Form);
    }
    if second.last < first.first || second.first < first.first {
        return Err(PeriodTextError::NoSuchDay);
    }
    Ok(FoundPeriod {
        span: first.span,
        first: first.first,
        last: second.last,
        is_range: true,
    })
}

/// Whether a gap that mostly parts the pieces of one date joins two dates here.
fn may_join(
    left: Cut<'_>,
    right: Cut<'_>,
    joiner: Joiner,
    span: PeriodForm,
    as_written: bool,
) -> bool {
    let Joiner::Gap(gap) = joiner else {
        return true;
    };
    let is_iso = |cut: Cut<'_>| matches!(cut.parts.first(), Some(PhrasePart::Number(_, 4 | 6 | 8)));
    let is_tighter = [left, right]
        .iter()
        .all(|cut| cut.inner().iter().all(|inner| *inner < gap));
    let is_compact = left.len() == 1 && right.len() == 1;
    as_written
        && is_tighter
        && (span == PeriodForm::Day
            || (span == PeriodForm::Month && (is_compact || gap == Gap::Slash)))
        && (gap == Gap::Underscore || (is_iso(left) && is_iso(right)))
}
