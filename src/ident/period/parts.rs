//! A text into the parts of a date, and what stands between them.

use super::words;

/// What a period is counted in beside months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Quarter,
    Half,
    Week,
}

/// Parts of a date: runs of digits, and words by what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PhrasePart {
    /// Value and count of digits; a value too long for any date is the largest.
    Number(u32, usize),
    /// `2nd`, `second`, `II`.
    Nth(u32),
    /// 第, which makes the number after it an ordinal.
    Ordinal,
    Month(u32),
    Unit(Unit),
    /// 上半年, 下半期.
    NamedHalf(u32),
    /// One of the letters with a meaning that depends on their place.
    Letter(u8),
    Year,
    MonthSign,
    DaySign,
    To,
    From,
    Of,
    Until,
    And,
    Weekday,
    Clock,
    /// A word of something else, with its length.
    Other(usize),
}

/// What stands between two parts, the tightest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    Glued,
    Colon,
    Plus,
    Dot,
    Apostrophe,
    Dash,
    Slash,
    Underscore,
    Blank,
    Comma,
    /// A dash with a blank at it, or two dashes.
    LooseDash,
    /// `~`, `..`.
    Range,
    /// Something that stands in no period.
    Break,
}

/// Parts and the gaps before them.
#[derive(Debug, Clone, Default)]
pub(super) struct Phrase {
    pub(super) parts: Vec<PhrasePart>,
    pub(super) gaps: Vec<Gap>,
}

/// A piece of a [`Phrase`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut<'a> {
    pub(super) parts: &'a [PhrasePart],
    pub(super) gaps: &'a [Gap],
}

impl<'a> Cut<'a> {
    pub(super) fn between(self, start: usize, end: usize) -> Self {
        Self {
            parts: &self.parts[start..end],
            gaps: &self.gaps[start..end],
        }
    }

    pub(super) fn from(self, start: usize) -> Self {
        self.between(start, self.parts.len())
    }

    pub(super) fn to(self, end: usize) -> Self {
        self.between(0, end)
    }

    pub(super) fn len(self) -> usize {
        self.parts.len()
    }

    /// The gaps inside, without the one before the first part.
    pub(super) fn inner(self) -> &'a [Gap] {
        self.gaps.get(1..).unwrap_or_default()
    }

    /// This and another piece, with a gap between.
    pub(super) fn and(self, gap: Gap, other: Cut<'_>) -> Phrase {
        let mut phrase = Phrase {
            parts: [self.parts, other.parts].concat(),
            gaps: [self.gaps, other.gaps].concat(),
        };
        if let Some(place) = phrase.gaps.get_mut(self.len()) {
            *place = gap;
        }
        phrase
    }
}

impl Phrase {
    pub(super) fn cut(&self) -> Cut<'_> {
        Cut {
            parts: &self.parts,
            gaps: &self.gaps,
        }
    }

    /// The parts of a folded text; `None` when it has more than `most` of them. `is_prose` for texts in which other things stand too.
    ///
    /// The gaps at both ends are judged by the caller: the first is that of the first part, the last is given.
    pub(super) fn of(text: &str, most: usize, is_prose: bool) -> Option<(Self, Gap)> {
        let mut phrase = Self {
            parts: Vec::with_capacity(8),
            gaps: Vec::with_capacity(8),
        };
        let mut gap = GapReader::default();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
            let length = if c.is_ascii_digit() {
                let length = run(|c| c.is_ascii_digit());
                phrase.push(
                    PhrasePart::Number(rest[..length].parse().unwrap_or(u32::MAX), length),
                    gap.take(),
                );
                length
            } else if let Some((sign, length)) = Some(rest)
                .filter(|_| !c.is_ascii())
                .and_then(words::sign_at)
            {
                phrase.push(sign, gap.take());
                length
            } else if c.is_alphabetic() {
                let length = run(|c| c.is_alphabetic() && !is_sign(c)).max(c.len_utf8());
                let before = gap.take();
                let digit_follows = rest[length..].starts_with(|c: char| c.is_ascii_digit());
                phrase.push_word(&rest[..length], before, digit_follows, is_prose);
                length
            } else {
                gap.add(c);
                c.len_utf8()
            };
            rest = &rest[length..];
            if phrase.parts.len() > most {
                return None;
            }
        }
        Some((phrase, gap.take()))
    }

    fn push(&mut self, part: PhrasePart, gap: Gap) {
        if let (PhrasePart::Number(n, 1..=2), Some(last @ PhrasePart::Ordinal)) =
            (part, self.parts.last_mut())
        {
            *last = PhrasePart::Nth(n);
            return;
        }
        self.parts.push(part);
        self.gaps.push(gap);
    }

    fn push_word(&mut self, word: &str, gap: Gap, digit_follows: bool, is_prose: bool) {
        if let (Gap::Glued, Some(last)) = (gap, self.parts.last_mut())
            && let PhrasePart::Number(n, 1..=2) = *last
            && !digit_follows
            && words::is_ordinal_ending(word)
        {
            *last = PhrasePart::Nth(n);
            return;
        }
        // t/m, as the Dutch write "up to and including"
        if word == "m" && gap == Gap::Slash && self.parts.last() == Some(&PhrasePart::Letter(b't'))
        {
            self.parts.pop();
            self.parts.push(PhrasePart::To);
            return;
        }
        // QII
        if let Some(n) = word.strip_prefix('q').and_then(words::roman) {
            self.push(PhrasePart::Unit(Unit::Quarter), gap);
            return self.push(PhrasePart::Nth(n), Gap::Glued);
        }
        let part = match words::roman(word) {
            Some(n) => PhrasePart::Nth(n),
            // A text does not begin with what joins two dates; `a` is an article or a letter there.
            None if is_prose
                && (words::is_everyday(word) || (word == "a" && self.parts.is_empty())) =>
            {
                PhrasePart::Other(word.len())
            }
            None => words::part_of(word),
        };
        self.push(part, gap);
    }

    /// Takes the words out that say nothing inside of a date: junio *de* 2025.
    pub(super) fn without_inner_of(mut self) -> Self {
        let says_nothing = |at: usize, part: PhrasePart| {
            at > 0
                && part == PhrasePart::Of
                && matches!(
                    self.parts.get(at + 1),
                    Some(
                        PhrasePart::Month(_)
                            | PhrasePart::Number(_, 4)
                            | PhrasePart::Year
                            | PhrasePart::Unit(_)
                    )
                )
        };
        if !self.parts.contains(&PhrasePart::Of) {
            return self;
        }
        let kept = (0..self.parts.len()).filter(|at| !says_nothing(*at, self.parts[*at]));
        (self.parts, self.gaps) = kept.map(|at| (self.parts[at], self.gaps[at])).unzip();
        self
    }
}

/// Whether a letter is of a script whose words are found by [`words::sign_at`].
fn is_sign(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Sums up the characters of a gap.
#[derive(Debug, Default)]
struct GapReader {
    has_blank: bool,
    is_longer: bool,
    marks: [Option<char>; 3],
}

impl GapReader {
    fn add(&mut self, c: char) {
        if c == ' ' || c.is_whitespace() {
            self.has_blank = true;
            return;
        }
        match self.marks.iter_mut().find(|mark| mark.is_none()) {
            Some(free) => *free = Some(c),
            None => self.is_longer = true,
        }
    }

    fn take(&mut self) -> Gap {
        let Self {
            has_blank,
            is_longer,
            marks,
        } = std::mem::take(self);
        if is_longer {
            return Gap::Break;
        }
        let dash = if has_blank { Gap::LooseDash } else { Gap::Dash };
        match marks.map(|mark| mark.unwrap_or(' ')) {
            [' ', ..] if has_blank => Gap::Blank,
            [' ', ..] => Gap::Glued,
            ['-', ' ', _] | ['.', '-', ' '] => dash,
            ['-', '-', ' '] | ['_', '-', '_'] => Gap::LooseDash,
            ['~', ' ', _] | ['.', '.', ' '] | ['.', '.', '.'] | ['.', '~', ' '] => Gap::Range,
            ['.', ' ', _] => Gap::Dot,
            [',', ' ', _] | ['.', ',', ' '] => Gap::Comma,
            ['/', ' ', _] | ['.', '/', ' '] => Gap::Slash,
            ['_', ' ', _] | ['_', '_', ' '] => Gap::Underscore,
            [':', ' ', _] => Gap::Colon,
            ['\'', ' ', _] | ['.', '\'', ' '] => Gap::Apostrophe,
            ['+', ' ', _] => Gap::Plus,
            _ => Gap::Break,
        }
    }
}
