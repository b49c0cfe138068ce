//! Sale periods: every way in which a report writes a month, a quarter, a week, a day or a range becomes two days.
//!
//! `words` knows what words mean, `parts` cuts a text into parts, `parse` is the table of forms, `search` finds a period inside of other text.
//!
//! A day counts for its month: reports by day are accounted by month, and the cube would otherwise have a cell for every row.

#[cfg(test)]
mod form_tests;
mod parse;
mod parts;
mod search;
mod words;

use std::fmt;

use jiff::civil::Date;
use thiserror::Error;

pub use search::{period_in_file_name, period_in_text};

/// A day of the Gregorian calendar, from 1900-01-01 to 2199-12-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

// Days stand in cells of millions of items.
const _: () = assert!(size_of::<Day>() == 4);

/// In which order a sender writes day, month and year where the text alone cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Month/day/year, as in the United States.
    Mdy,
    /// Day/month/year.
    Dmy,
    /// Year first.
    Ymd,
}

/// A period of sale: first and last day, both included. The default is "not given".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SalePeriod(Option<(Day, Day)>);

/// Why a text is no sale period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PeriodTextError {
    /// The form is not one that is known.
    #[error("not a date or period in any known form")]
    Form,
    /// The form is known, the day does not exist (2026-02-30).
    #[error("this date does not exist")]
    NoSuchDay,
    /// Day and month could be either way round and the layout does not say.
    #[error("day and month could be either way round; say which with --date-order")]
    Undecided,
}

impl Day {
    /// The first day that can be written: 1900-01-01.
    pub const FIRST: Self = Self(Date::constant(1900, 1, 1));

    const EPOCH: Date = Date::constant(1970, 1, 1);

    /// The day of a date.
    ///
    /// # Errors
    /// [`PeriodTextError::NoSuchDay`] when the calendar has no such day or the year is not in 1900–2199.
    pub fn new(year: i32, month: u32, day: u32) -> Result<Self, PeriodTextError> {
        // The calendar of the crate goes on to the year 9999; no report is of a year so far away.
        if !(1900..2200).contains(&year) {
            return Err(PeriodTextError::NoSuchDay);
        }
        let year = i16::try_from(year).map_err(|_| PeriodTextError::NoSuchDay)?;
        let month = i8::try_from(month).map_err(|_| PeriodTextError::NoSuchDay)?;
        let day = i8::try_from(day).map_err(|_| PeriodTextError::NoSuchDay)?;
        Date::new(year, month, day)
            .map(Self)
            .map_err(|_| PeriodTextError::NoSuchDay)
    }

    /// Year, month, day.
    #[must_use]
    pub fn to_ymd(self) -> (i32, u32, u32) {
        (
            i32::from(self.0.year()),
            u32::from(self.0.month().unsigned_abs()),
            u32::from(self.0.day().unsigned_abs()),
        )
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn number(self) -> i32 {
        let hours = self.0.duration_since(Self::EPOCH).as_hours();
        i32::try_from(hours / 24).expect("three centuries have fewer than 2³¹ days")
    }

    /// The day after; `None` when it cannot be written.
    #[must_use]
    pub fn day_after(self) -> Option<Self> {
        let after = self.0.tomorrow().ok()?;
        (after.year() < 2200).then_some(Self(after))
    }

    fn is_month_end(self) -> bool {
        self.0 == self.0.last_of_month()
    }

    fn month_end(self) -> Self {
        Self(self.0.last_of_month())
    }

    fn month(self) -> (i32, u32) {
        let (year, month, _) = self.to_ymd();
        (year, month)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.to_ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl SalePeriod {
    /// No period is known.
    pub const UNKNOWN: Self = Self(None);

    /// One calendar month.
    ///
    /// # Errors
    /// [`PeriodTextError::NoSuchDay`] for a month outside 1–12 or a year outside 1900–2199.
    pub fn month(year: i32, month: u32) -> Result<Self, PeriodTextError> {
        Self::months((year, month), (year, month))
    }

    /// Whole months, both ends included.
    ///
    /// # Errors
    /// [`PeriodTextError::NoSuchDay`] as for [`SalePeriod::month`], or when the end is before the start.
    pub fn months(first: (i32, u32), last: (i32, u32)) -> Result<Self, PeriodTextError> {
        let start = Day::new(first.0, first.1, 1)?;
        let end = Day::new(last.0, last.1, 1)?;
        if end < start {
            return Err(PeriodTextError::NoSuchDay);
        }
        Ok(Self(Some((start, end.month_end()))))
    }

    /// From one day to another; within one month it is that month (Apple's fiscal months cross, and stay ranges).
    ///
    /// # Errors
    /// [`PeriodTextError::NoSuchDay`] when the end is before the start.
    pub fn range(start: Day, end: Day) -> Result<Self, PeriodTextError> {
        if end < start {
            return Err(PeriodTextError::NoSuchDay);
        }
        if start.month() == end.month() {
            let (year, month) = start.month();
            return Self::month(year, month);
        }
        Ok(Self(Some((start, end))))
    }

    /// First and last day, if known.
    #[must_use]
    pub fn days(self) -> Option<(Day, Day)> {
        self.0
    }

    /// The smallest period that covers both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self(Some((a.0.min(b.0), a.1.max(b.1)))),
            (Some(_), None) => self,
            (None, _) => other,
        }
    }

    /// Reads a period or a date in any of the forms of the trade; `order` decides between d/m/y and m/d/y where needed.
    ///
    /// # Errors
    /// [`PeriodTextError`]. Never panics.
    pub fn parse(text: &str, order: Option<DateOrder>) -> Result<Self, PeriodTextError> {
        Self::parse_ends(text, order).and_then(|(start, end)| Self::range(start, end))
    }

    /// The period of a from–to pair of cells (`Start Date`, `End Date`).
    ///
    /// # Errors
    /// [`PeriodTextError`] of the first cell that cannot be read.
    pub fn parse_pair(
        start: &str,
        end: &str,
        order: Option<DateOrder>,
    ) -> Result<Self, PeriodTextError> {
        let (first, single) = Self::parse_ends(start, order)?;
        let last = if end.trim().is_empty() {
            single
        } else {
            Self::parse_ends(end, order)?.1
        };
        Self::range(first, last)
    }

    /// Appends the text that [`SalePeriod`] displays; the usual month without the cost of formatting.
    pub fn write_to(self, out: &mut Vec<u8>) {
        use std::io::Write;
        if let Some((start, end)) = self.0 {
            let (y1, m1, d1) = start.to_ymd();
            let (y2, m2, _) = end.to_ymd();
            // Four digits, since no day is before 1900 or after 2199.
            if (y1, m1, d1) == (y2, m2, 1) && end.is_month_end() {
                for digit in [y1 / 1000, y1 / 100 % 10, y1 / 10 % 10, y1 % 10] {
                    out.push(b'0' + digit as u8);
                }
                out.extend_from_slice(&[b'-', b'0' + (m1 / 10) as u8, b'0' + (m1 % 10) as u8]);
                return;
            }
        }
        write!(out, "{self}").expect("writing to memory does not fail");
    }

    /// Reads the text that [`SalePeriod`] displays; empty for unknown.
    #[must_use]
    pub fn from_canonical(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::UNKNOWN);
        }
        let (start, end) = text.split_once("..").unwrap_or((text, text));
        let ends = |text: &str| {
            let text = text.trim();
            plain(text.as_bytes())
                .unwrap_or_else(|| parse::whole_single(text).map(|found| (found.first, found.last)))
                .ok()
        };
        let (first, last) = (ends(start)?.0, ends(end)?.1);
        (first <= last).then_some(Self(Some((first, last))))
    }

    /// Whether it is whole months.
    #[must_use]
    pub fn is_whole_months(self) -> bool {
        self.days()
            .is_some_and(|(first, last)| first.0.day() == 1 && last.is_month_end())
    }

    fn parse_ends(text: &str, order: Option<DateOrder>) -> Result<(Day, Day), PeriodTextError> {
        let text = text.trim();
        match plain(text.as_bytes()) {
            Some(found) => found,
            None => parse::whole(text, order).map(|found| (found.first, found.last)),
        }
    }
}

/// The forms that nearly all reports write, 2026-09 and 2026-09-30 with one separator or none, without the cost of the others.
fn plain(text: &[u8]) -> Option<Result<(Day, Day), PeriodTextError>> {
    let digits = |from: usize, to: usize| -> Option<u32> {
        text[from..to].iter().try_fold(0u32, |n, byte| {
            byte.is_ascii_digit()
                .then(|| n * 10 + u32::from(byte - b'0'))
        })
    };
    let is_gap = |at: usize| matches!(text[at], b'-' | b'/' | b'.' | b'_');
    let found = match text.len() {
        // 20252: BMI writes quarters so. Only as a whole cell, since in a text it would be any number.
        5 => {
            let (year, quarter) = (digits(0, 4)?, digits(4, 5)?);
            if !(1990..=2099).contains(&year) || !(1..=4).contains(&quarter) {
                return None;
            }
            parse::one_quarter(year, quarter)
        }
        6 => parse::one_month(digits(0, 4)?, digits(4, 6)?),
        7 if is_gap(4) => parse::one_month(digits(0, 4)?, digits(5, 7)?),
        8 => parse::one_day(digits(0, 4)?, digits(4, 6)?, digits(6, 8)?),
        // 2026-09-30T00:00:00Z, 2026-09-30 00:00:00
        16 | 19 | 20 if is_gap(4) && text[4] == text[7] && is_plain_clock(&text[10..]) => {
            parse::one_day(digits(0, 4)?, digits(5, 7)?, digits(8, 10)?)
        }
        10 if is_gap(4) && text[4] == text[7] => {
            parse::one_day(digits(0, 4)?, digits(5, 7)?, digits(8, 10)?)
        }
        _ => return None,
    };
    Some(found.map(|found| (found.first, found.last)))
}

fn is_plain_clock(text: &[u8]) -> bool {
    let is_pair = |at: usize, most: u8| {
        text[at].is_ascii_digit()
            && text[at + 1].is_ascii_digit()
            && (text[at] - b'0') * 10 + (text[at + 1] - b'0') <= most
    };
    let has_seconds = text.len() == 6 || (text[6] == b':' && is_pair(7, 60));
    matches!(text[0], b'T' | b' ')
        && is_pair(1, 24)
        && text[3] == b':'
        && is_pair(4, 59)
        && has_seconds
        && text.get(9).is_none_or(|byte| *byte == b'Z')
}

/// What a date, or a range of dates, says of the order of its parts: `9/30/2026` can only be month first. `None` when it says nothing.
#[must_use]
pub fn date_order_evidence(text: &str) -> Option<DateOrder> {
    let text = text.trim();
    if plain(text.as_bytes()).is_some() {
        None
    } else {
        parse::evidence(text)
    }
}

impl fmt::Display for SalePeriod {
    /// `2026-09` for a month, `2026-07..2026-09` for whole months, `2026-08-30..2026-09-26` for anything else, empty when unknown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((start, end)) = self.0 else {
            return Ok(());
        };
        let (y1, m1, d1) = start.to_ymd();
        let (y2, m2, _) = end.to_ymd();
        if d1 != 1 || !end.is_month_end() {
            return write!(f, "{start}..{end}");
        }
        if (y1, m1) == (y2, m2) {
            return write!(f, "{y1:04}-{m1:02}");
        }
        write!(f, "{y1:04}-{m1:02}..{y2:04}-{m2:02}")
    }
}

impl fmt::Debug for SalePeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SalePeriod({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_trade_is_understood() {
        let mdy = Some(DateOrder::Mdy);
        let dmy = Some(DateOrder::Dmy);
        let cases = [
            ("2026-09", None, "2026-09"),
            ("2026/09/01", None, "2026-09"),
            ("2026-09-30", None, "2026-09"),
            ("20260930", None, "2026-09"),
            ("202609", None, "2026-09"),
            ("2023_01", None, "2023-01"),
            ("2026 09", None, "2026-09"),
            ("08-2025", None, "2025-08"),
            ("9/2026", None, "2026-09"),
            ("JUN-26", None, "2026-06"),
            ("Jan 22", None, "2022-01"),
            ("January 2025", None, "2025-01"),
            ("2017M10", None, "2017-10"),
            ("2017M9", None, "2017-09"),
            ("Q117", None, "2017-01..2017-03"),
            ("2023Q1", None, "2023-01..2023-03"),
            ("2Q2025", None, "2025-04..2025-06"),
            ("JAN-FEB-18", None, "2018-01..2018-02"),
            ("07/26 - 07/26", None, "2026-07"),
            ("20230101-20230131", None, "2023-01"),
            ("20230101-20230204", None, "2023-01-01..2023-02-04"),
            ("1/2/20 4:49am", mdy, "2020-01"),
            ("10/15/2023 12:00:00 AM", mdy, "2023-10"),
            ("10/15/2023 12:00:00 AM", None, "2023-10"),
            ("31-08-2025", dmy, "2025-08"),
            ("01/02/2025", dmy, "2025-02"),
            ("2025-01-01T00:00:00Z", None, "2025-01"),
            ("2019.08 Streams", None, "2019-08"),
            ("30 Sep 2026", None, "2026-09"),
        ];
        for (text, order, want) in cases {
            assert_eq!(
                SalePeriod::parse(text, order).map(|p| p.to_string()),
                Ok(want.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn impossible_and_undecided_dates_are_told_apart() {
        let cases = [
            ("2026-02-30", PeriodTextError::NoSuchDay),
            ("20261301", PeriodTextError::NoSuchDay),
            ("2026-13", PeriodTextError::NoSuchDay),
            ("Q517", PeriodTextError::NoSuchDay),
            ("02/03/2026", PeriodTextError::Undecided),
            ("", PeriodTextError::Form),
            ("soon", PeriodTextError::Form),
            ("12", PeriodTextError::Form),
            ("2026-09-3x", PeriodTextError::Form),
        ];
        for (text, want) in cases {
            assert_eq!(SalePeriod::parse(text, None), Err(want), "{text}");
        }
        assert_eq!(
            SalePeriod::parse("30/02/2026", Some(DateOrder::Dmy)),
            Err(PeriodTextError::NoSuchDay)
        );
    }

    #[test]
    fn pairs_within_a_month_are_that_month() {
        let order = Some(DateOrder::Mdy);
        assert_eq!(
            SalePeriod::parse_pair("09/01/2026", "09/30/2026", order)
                .unwrap()
                .to_string(),
            "2026-09"
        );
        assert_eq!(
            SalePeriod::parse_pair("08/30/2026", "09/26/2026", order)
                .unwrap()
                .to_string(),
            "2026-08-30..2026-09-26"
        );
        assert_eq!(
            SalePeriod::parse_pair("09/30/2026", "09/01/2026", order),
            Err(PeriodTextError::NoSuchDay)
        );
    }

    #[test]
    fn days_and_dates_are_one_to_one() {
        assert_eq!(Day::new(1900, 1, 1), Ok(Day::FIRST));
        let mut number = -25_567;
        let mut day = Day::FIRST;
        loop {
            let (y, m, d) = day.to_ymd();
            assert_eq!(Day::new(y, m, d), Ok(day));
            assert_eq!(day.number(), number, "{day}");
            let Some(after) = day.day_after() else { break };
            assert!(after > day, "{day}");
            day = after;
            number += 1;
        }
        assert_eq!(day.to_string(), "2199-12-31");
    }

    #[test]
    fn file_names_give_the_month() {
        let cases = [
            (
                "label-spotify-track-for-streaming-201901.txt",
                Some("2019-01"),
            ),
            ("SoundOn_2026_09_my_royalty.csv", Some("2026-09")),
            ("20260930.csv", None),
            ("report.csv", None),
            ("a-2026-13.csv", None),
        ];
        for (name, want) in cases {
            assert_eq!(
                period_in_file_name(name).map(|p| p.to_string()).as_deref(),
                want,
                "{name}"
            );
        }
    }
}
