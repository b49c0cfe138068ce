//! The period that stands somewhere inside of a text: in a sentence, in a file's name.
//!
//! Invariant: two different periods that are no range are no period, a single day beside a period says nothing (it is mostly the day of the
//! payment or of the download), and what could be a month but is part of a longer number, date or code does not count.

use super::SalePeriod;
use super::parse::{FoundPeriod, PeriodForm, Strictness, read};
use super::parts::{Cut, Gap, Phrase, PhrasePart};
use super::words;

const LONGEST: usize = 600;
const MOST_PARTS: usize = 96;
/// No form has more parts.
const WIDEST: usize = 16;

/// What a text says.
enum Said {
    Nothing,
    One(SalePeriod),
    Several,
}

/// The one period that stands in a free text: `Beatport 2026 Q3 - 30 Sep 2026`, `Payment for June 2026`.
///
/// `None` when there is none, when there are two different ones that are no range, and for a day alone. A cell that is a period and nothing else
/// is read by [`SalePeriod::parse`].
#[must_use]
pub fn period_in_text(text: &str) -> Option<SalePeriod> {
    match said(text, Strictness::Text) {
        Said::One(period) => Some(period),
        Said::Nothing | Said::Several => None,
    }
}

/// The period in a file's name: `label-spotify-track-202609.txt`, `my_2026_09_report.csv`, `label_Q2_2026.csv`, `20260901-20260930.tsv`.
///
/// Of `archive.zip/part.csv` the last name that says one counts.
#[must_use]
pub fn period_in_file_name(name: &str) -> Option<SalePeriod> {
    for piece in name.rsplit(['/', '\\']) {
        match said(without_endings(piece), Strictness::FileName) {
            Said::One(period) => return Some(period),
            Said::Several => return None,
            Said::Nothing => {}
        }
    }
    None
}

fn without_endings(mut name: &str) -> &str {
    const ENDINGS: [&str; 24] = [
        "csv", "tsv", "tab", "txt", "dat", "gz", "bz2", "xz", "zst", "zip", "tar", "tgz", "7z",
        "xls", "xlsx", "xlsm", "ods", "json", "xml", "pdf", "htm", "html", "parquet", "part",
    ];
    while let Some((rest, ending)) = name.rsplit_once('.') {
        if !ENDINGS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(ending))
        {
            break;
        }
        name = rest;
    }
    name
}

/// A piece of the text that is a date or a period, or would be one if the day existed.
struct PeriodHit {
    start: usize,
    end: usize,
    period: Option<FoundPeriod>,
}

fn said(text: &str, place: Strictness) -> Said {
    if text.len() > LONGEST {
        return Said::Nothing;
    }
    let Some((phrase, _)) = Phrase::of(&words::fold(text), MOST_PARTS, true) else {
        return Said::Nothing;
    };
    let phrase = phrase.without_inner_of();
    let hits = hits(phrase.cut(), place);
    let is_inside = |hit: &PeriodHit| {
        hits.iter().any(|other| {
            other.start <= hit.start
                && hit.end <= other.end
                && other.end - other.start > hit.end - hit.start
        })
    };
    let mut said = Said::Nothing;
    for found in hits
        .iter()
        .filter(|hit| !is_inside(hit))
        .filter_map(|hit| hit.period)
    {
        if found.span == PeriodForm::Day && !found.is_range {
            continue;
        }
        let Ok(period) = SalePeriod::range(found.first, found.last) else {
            continue;
        };
        match said {
            Said::One(other) if other != period => return Said::Several,
            _ => said = Said::One(period),
        }
    }
    said
}

fn hits(cut: Cut<'_>, place: Strictness) -> Vec<PeriodHit> {
    let mut hits = Vec::new();
    for start in 0..cut.len() {
        if matches!(
            cut.parts[start],
            PhrasePart::Other(_) | PhrasePart::And | PhrasePart::To
        ) {
            continue;
        }
        let mut has_number = false;
        for end in start + 1..=cut.len().min(start + WIDEST) {
            let part = cut.parts[end - 1];
            if matches!(part, PhrasePart::Other(_) | PhrasePart::And)
                || (end > start + 1 && cut.gaps[end - 1] == Gap::Break)
            {
                break;
            }
            has_number |= matches!(part, PhrasePart::Number(..));
            if !has_number || part == PhrasePart::To {
                continue;
            }
            if let Some(period) = hit(cut.between(start, end), place) {
                hits.push(PeriodHit { start, end, period });
            }
        }
    }
    // A piece of a longer number, date or range is not a period, whatever it looks like.
    let is_whole = |hit: &PeriodHit| {
        hit.period.is_none()
            || (is_free(cut, hit, TextSide::Left, &hits)
                && is_free(cut, hit, TextSide::Right, &hits))
    };
    let whole: Vec<bool> = hits.iter().map(is_whole).collect();
    hits.into_iter()
        .zip(whole)
        .filter(|(_, is_whole)| *is_whole)
        .map(|(hit, _)| hit)
        .collect()
}

/// Whether a piece is a date or a period; one that cannot be said (`03/04/2026`, `2026-13-01`) still covers what stands in it.
fn hit(cut: Cut<'_>, place: Strictness) -> Option<Option<FoundPeriod>> {
    // 20260930_142512: a day and the time of day
    if matches!(
        cut.parts,
        [PhrasePart::Number(_, 8), PhrasePart::Number(_, 6)]
    ) {
        return Some(None);
    }
    match read(cut, None, place) {
        Ok(found) => Some(Some(found)),
        Err(super::PeriodTextError::Form) => None,
        Err(_) => Some(None),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TextSide {
    Left,
    Right,
}

/// Whether what stands on one side of a piece does not belong to it.
fn is_free(cut: Cut<'_>, hit: &PeriodHit, side: TextSide, hits: &[PeriodHit]) -> bool {
    let beside: Vec<(usize, Gap)> = match side {
        TextSide::Left => (0..hit.start)
            .rev()
            .map(|at| (at, cut.gaps[at + 1]))
            .collect(),
        TextSide::Right => (hit.end..cut.len()).map(|at| (at, cut.gaps[at])).collect(),
    };
    let is_apart = |other: &PeriodHit| other.end <= hit.start || other.start >= hit.end;
    let is_of_another = |at: usize| {
        hits.iter()
            .any(|other| other.start <= at && at < other.end && is_apart(other))
    };
    let Some(&(nearest, gap)) = beside.first() else {
        return true;
    };
    let is_parted = match (cut.parts[nearest], gap) {
        // label202609, but no code such as a202609f
        (PhrasePart::Other(length), Gap::Glued) => length >= 3,
        (_, Gap::Glued) => false,
        // 2026-09 of 2026-09-1, of 12-2026-09, of 2026-09 - 10; an account's number is longer than a year
        (PhrasePart::Number(_, 1..=2 | 4), gap) => {
            matches!(gap, Gap::Underscore | Gap::Blank | Gap::Comma | Gap::Break)
                || (gap > Gap::Comma && is_of_another(nearest))
        }
        _ => true,
    };
    // Q1_Q2_2026, May/June 2026, from June 2026: words that belong to a period change which one it is.
    let near = beside.iter().take_while(|(at, gap)| {
        *gap != Gap::Break && !matches!(cut.parts[*at], PhrasePart::Other(_))
    });
    is_parted
        && near
            .clone()
            .all(|(at, _)| !leads_on(cut.parts[*at]) || is_of_another(*at))
}

/// Whether a part beside a period shows that it goes on.
fn leads_on(part: PhrasePart) -> bool {
    matches!(
        part,
        PhrasePart::Month(_)
            | PhrasePart::Unit(_)
            | PhrasePart::NamedHalf(_)
            | PhrasePart::MonthSign
            | PhrasePart::To
            | PhrasePart::Until
            | PhrasePart::And
    )
}
