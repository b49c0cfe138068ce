//! Amounts as reports write them into [`Amount`]: strict, exact, in the file's own decimal mark.

use thiserror::Error;

use super::amount::{Amount, REST_SCALE, SCALE};

/// The character before the fraction. It is a property of a file, never of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecimalMark {
    /// `1,234.56`
    Dot,
    /// `1.234,56`
    Comma,
}

impl DecimalMark {
    fn byte(self) -> u8 {
        match self {
            Self::Dot => b'.',
            Self::Comma => b',',
        }
    }

    fn group(self) -> u8 {
        match self {
            Self::Dot => b',',
            Self::Comma => b'.',
        }
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AmountError {
    /// The cell is empty.
    #[error("the cell is empty")]
    Missing,
    /// Not a decimal number in the file's convention.
    #[error("not a decimal number in this file's convention")]
    Unreadable,
    /// An exponent form with fewer digits than the number has before its point.
    #[error(
        "{left} of {needed} digits are left; a spreadsheet has cut the others, so take the file as the sender wrote it, or export it with amounts as plain numbers"
    )]
    Exponent {
        /// Digits that are written.
        left: u32,
        /// Digits that the number has before its point.
        needed: u32,
    },
    /// The form in which a spreadsheet shows small numbers, in a file whose other amounts have more digits.
    #[error(
        "{left} digits are left, as a spreadsheet shows small numbers, and other amounts of the column have more, so digits are cut; take the file as the sender wrote it"
    )]
    Shortened {
        /// Digits that are written.
        left: u32,
    },
    /// More than fifteen digits before or fifty-eight after the point.
    #[error("more than 15 digits before or 58 after the point")]
    TooLarge,
}

/// Whole digits of one row's amount: the sum of a million such rows still fits the exact range.
const MAX_WHOLE_DIGITS: u32 = 15;

/// Longest text of an amount with its blanks, sign and currency taken off.
const MAX_TEXT: usize = 160;

/// Reads an amount: sign, parentheses for negative, currency signs and codes, groups of three or as in India, exponents.
///
/// # Errors
/// [`AmountError`]; an amount is never rounded and never guessed. Never panics.
pub fn parse_amount(text: &[u8], mark: DecimalMark) -> Result<Amount, AmountError> {
    if let Some(amount) = parse_plain(text, mark.byte()) {
        return Ok(amount);
    }
    if let Some(amount) = parse_long(text, mark.byte()) {
        return Ok(amount);
    }
    parse_decorated(text, mark)
}

/// The usual case: an optional sign, digits, at most one mark, and few enough digits for 64 bits.
fn parse_plain(text: &[u8], mark: u8) -> Option<Amount> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    // Ten times as much still fits 64 bits.
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let whole_digits = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    if whole_digits == 0 || whole_digits > MAX_WHOLE_DIGITS as usize {
        return None;
    }
    let (whole, rest) = text.split_at(whole_digits);
    let fraction = match rest {
        [] => rest,
        [first, fraction @ ..] if *first == mark && !fraction.is_empty() => fraction,
        _ => return None,
    };
    let value = push_digits(push_digits(0, whole)?, fraction)?;
    let raw = u128::from(value * 10) * u128::from(POWERS[SCALE as usize - 1 - fraction.len()]);
    let raw = i128::try_from(raw).ok()?;
    Some(Amount::from_raw(if negative { -raw } else { raw }))
}

/// As [`parse_plain`], with as many digits as an amount can have.
fn parse_long(text: &[u8], mark: u8) -> Option<Amount> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let whole_digits = text
        .iter()
        .take(MAX_WHOLE_DIGITS as usize + 1)
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    if whole_digits == 0 || whole_digits > MAX_WHOLE_DIGITS as usize {
        return None;
    }
    let (whole, fraction) = match text.split_at(whole_digits) {
        (whole, [first, fraction @ ..]) if *first == mark && !fraction.is_empty() => {
            (whole, fraction)
        }
        _ => return None,
    };
    if fraction.len() > (SCALE + REST_SCALE) as usize {
        return None;
    }
    let (fraction, beyond) = fraction.split_at(fraction.len().min(SCALE as usize));
    let raw = push_wide(push_wide(0, whole)?, fraction)? * power(SCALE as usize - fraction.len());
    let rest = push_wide(0, beyond)? * power(REST_SCALE as usize - beyond.len());
    let amount = Amount::from_parts(i128::try_from(raw).ok()?, rest)?;
    Some(if negative { amount.negated() } else { amount })
}

/// Ten to a power of up to 38.
fn power(exponent: usize) -> u128 {
    match POWERS.get(exponent) {
        Some(power) => u128::from(*power),
        None => u128::from(POWERS[19]) * u128::from(POWERS[exponent - 19]),
    }
}

/// As [`push_digits`], for up to 38 digits in all.
fn push_wide(value: u128, digits: &[u8]) -> Option<u128> {
    digits.chunks(16).try_fold(value, |value, chunk| {
        Some(value * u128::from(POWERS[chunk.len()]) + u128::from(push_digits(0, chunk)?))
    })
}

/// The number that results from writing digits behind a number; the caller sees to it that it fits.
fn push_digits(mut value: u64, digits: &[u8]) -> Option<u64> {
    let (eights, rest) = digits.as_chunks::<8>();
    for eight in eights {
        value = value * 100_000_000 + eight_digits(*eight)?;
    }
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// Eight digits at once: neighbors are joined to pairs, pairs to fours, fours to the number, each in its own part of 64 bits.
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const THREES: u64 = 0x3030_3030_3030_3030;
    let text = u64::from_le_bytes(text);
    // A digit has a 3 in its upper half, and still has it with 6 added; without the first, adding could carry over.
    if text & HIGH != THREES || text.wrapping_add(0x0606_0606_0606_0606) & HIGH != THREES {
        return None;
    }
    let ones = text & 0x0F0F_0F0F_0F0F_0F0F;
    let pairs = (ones * 10 + (ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

/// Powers of ten that fit 64 bits.
const POWERS: [u64; 20] = {
    let mut powers = [1u64; 20];
    let mut index = 1;
    while index < 20 {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

fn parse_decorated(text: &[u8], mark: DecimalMark) -> Result<Amount, AmountError> {
    let mut cleaned = [0u8; MAX_TEXT];
    let (number, negative) = strip(text, &mut cleaned)?;
    if let Some(at) = number.iter().position(|b| matches!(b, b'e' | b'E')) {
        return exponent_form(number, at, mark, negative);
    }
    let mut digits = Digits::new();
    let mut parts = number.splitn(2, |b| *b == mark.byte());
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next();
    if whole.is_empty() && fraction.is_none_or(<[u8]>::is_empty) {
        return Err(AmountError::Unreadable);
    }
    push_whole(whole, mark.group(), &mut digits)?;
    let point = digits.count;
    digits.push_all(fraction.unwrap_or_default())?;
    exact(digits.all(), point as i64, negative)
}

/// Takes off blanks, sign, parentheses and currency; what is left are digits and separators.
fn strip<'a>(
    text: &[u8],
    cleaned: &'a mut [u8; MAX_TEXT],
) -> Result<(&'a [u8], bool), AmountError> {
    let text = std::str::from_utf8(text).map_err(|_| AmountError::Unreadable)?;
    let mut rest = text.trim_matches(is_blank);
    if rest.is_empty() {
        return Err(AmountError::Missing);
    }
    let mut negative = false;
    let mut signs = 0;
    let mut currencies = 0;
    loop {
        let before = rest;
        let in_parentheses = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')'));
        if let Some(inner) = in_parentheses
            .or_else(|| rest.strip_prefix(is_minus))
            .or_else(|| rest.strip_suffix(is_minus))
        {
            negative = true;
            signs += 1;
            rest = inner;
        } else if let Some(tail) = rest.strip_prefix('+') {
            signs += 1;
            rest = tail;
        } else if let Some(other) =
            strip_currency_prefix(rest).or_else(|| strip_currency_suffix(rest))
        {
            currencies += 1;
            rest = other;
        }
        if rest.len() == before.len() {
            break;
        }
        rest = rest.trim_matches(is_blank);
    }
    if signs > 1 || currencies > 1 {
        return Err(AmountError::Unreadable);
    }
    let mut len = 0;
    for c in rest.chars() {
        let byte = match c {
            '\u{2019}' => b'\'',
            c if is_blank(c) => b' ',
            c => u8::try_from(c).map_err(|_| AmountError::Unreadable)?,
        };
        *cleaned.get_mut(len).ok_or(AmountError::TooLarge)? = byte;
        len += 1;
    }
    Ok((&cleaned[..len], negative))
}

/// Blanks that group digits in some countries: no-break, narrow no-break, thin, and as wide as a digit.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\u{A0}' | '\u{202F}' | '\u{2009}' | '\u{2007}'
    )
}

/// Hyphens, the minus sign and the dash that word processors make of a hyphen.
fn is_minus(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2212}' | '\u{2013}' | '\u{2010}' | '\u{2011}' | '\u{FF0D}'
    )
}

/// Signs of currencies that statements write before or behind an amount; those that begin or end with another come before it.
const CURRENCY_SIGNS: [&str; 54] = [
    "CAD$", "USD$", "AUD$", "MEX$", "US$", "U$S", "CA$", "AU$", "NZ$", "HK$", "MX$", "NT$", "A$",
    "R$", "C$", "S$", "$", "＄", "€", "£", "￥", "¥", "円", "元", "₽", "₹", "₺", "₩", "₫", "฿",
    "₱", "₪", "₴", "₦", "₡", "₲", "₵", "₸", "zł", "ZŁ", "Kč", "kč", "KČ", "Ft", "FT", "kr.", "Kr.",
    "kr", "Kr", "KR", "Fr.", "fr.", "RM", "R",
];

fn strip_currency_prefix(text: &str) -> Option<&str> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let code = text
        .get(..3)
        .filter(|code| crate::ident::Currency::parse(code).is_ok());
    // A code may stand before a sign of its own: `CAD$`.
    let sign = CURRENCY_SIGNS
        .iter()
        .find_map(|sign| text.strip_prefix(sign));
    match code {
        Some(_)
            if !CURRENCY_SIGNS[..4]
                .iter()
                .any(|sign| text.starts_with(sign)) =>
        {
            Some(&text[3..])
        }
        _ => sign,
    }
}

fn strip_currency_suffix(text: &str) -> Option<&str> {
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let code = text
        .len()
        .checked_sub(3)
        .and_then(|at| text.get(at..))
        .filter(|code| crate::ident::Currency::parse(code).is_ok());
    match code {
        Some(code) => text.strip_suffix(code),
        None => CURRENCY_SIGNS
            .iter()
            .find_map(|sign| text.strip_suffix(sign)),
    }
}

/// Digits before the mark, in groups when there are group separators at all: of three (`1,234,567`, `1 234`), or as in India
/// (`12,34,567`), where only the last has three. `12,34` and `0,123` are refused.
fn push_whole(whole: &[u8], group: u8, digits: &mut Digits) -> Result<(), AmountError> {
    let separator = whole.iter().copied().find(|b| !b.is_ascii_digit());
    let Some(separator) = separator else {
        return digits.push_all(whole);
    };
    if separator != group && separator != b' ' && separator != b'\'' {
        return Err(AmountError::Unreadable);
    }
    let pieces = || whole.split(|b| *b == separator).map(<[u8]>::len);
    let first = pieces().next().unwrap_or_default();
    let count = pieces().count();
    let in_threes = (1..=3).contains(&first) && pieces().skip(1).all(|len| len == 3);
    let as_in_india = separator == b','
        && count > 2
        && (1..=2).contains(&first)
        && pieces().skip(1).take(count - 2).all(|len| len == 2);
    if whole[0] == b'0' || !(in_threes || as_in_india && pieces().next_back() == Some(3)) {
        return Err(AmountError::Unreadable);
    }
    whole
        .split(|b| *b == separator)
        .try_for_each(|piece| digits.push_all(piece))
}

/// Programs write small and large numbers so, with all of their digits; spreadsheets do, and cut them.
///
/// A number whose mantissa has fewer digits than it needs before the point has been cut, unless its exponent is a single digit, as Java's
/// `1.5E+2`: spreadsheets write two at least.
fn exponent_form(
    number: &[u8],
    at: usize,
    mark: DecimalMark,
    negative: bool,
) -> Result<Amount, AmountError> {
    let mantissa = &number[..at];
    let exponent = &number[at + 1..];
    let (is_small, exponent) = match exponent {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, exponent),
    };
    let mut parts = mantissa.splitn(2, |b| *b == mark.byte());
    let mut digits = Digits::new();
    digits.push_all(parts.next().unwrap_or_default())?;
    let before = digits.count as i64;
    digits.push_all(parts.next().unwrap_or_default())?;
    if digits.count == 0 || exponent.is_empty() || !exponent.iter().all(u8::is_ascii_digit) {
        return Err(AmountError::Unreadable);
    }
    let Some(zeros) = digits.all().iter().position(|b| *b != b'0') else {
        return Ok(Amount::ZERO);
    };
    let shift = exponent
        .iter()
        .try_fold(0i64, |sum, b| {
            Some(sum * 10 + i64::from(b - b'0')).filter(|s| *s < 10_000)
        })
        .ok_or(AmountError::TooLarge)?;
    let point = if is_small {
        before - shift
    } else {
        before + shift
    };
    let left = (digits.count - zeros) as i64;
    let needed = point - zeros as i64;
    if shift > 0 && left < needed && exponent.len() > 1 {
        return Err(AmountError::Exponent {
            left: left as u32,
            needed: needed as u32,
        });
    }
    exact(digits.all(), point, negative)
}

/// The digits of one amount, without its separators.
struct Digits {
    bytes: [u8; MAX_TEXT],
    count: usize,
}

impl Digits {
    fn new() -> Self {
        Self {
            bytes: [0; MAX_TEXT],
            count: 0,
        }
    }

    /// Appends digits; the text they come from is no longer than there is room.
    fn push_all(&mut self, digits: &[u8]) -> Result<(), AmountError> {
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(AmountError::Unreadable);
        }
        self.bytes[self.count..self.count + digits.len()].copy_from_slice(digits);
        self.count += digits.len();
        Ok(())
    }

    fn all(&self) -> &[u8] {
        &self.bytes[..self.count]
    }
}

/// The number of these digits with the point behind the first `point` of them, which may be fewer than none and more than there are.
fn exact(digits: &[u8], point: i64, negative: bool) -> Result<Amount, AmountError> {
    const WHOLE: usize = MAX_WHOLE_DIGITS as usize;
    const NARROW: usize = WHOLE + SCALE as usize;
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    let end = digits
        .iter()
        .rposition(|b| *b != b'0')
        .map_or(0, |last| last + 1);
    if zeros >= end {
        return Ok(Amount::ZERO);
    }
    // All places that an amount has, from the first before the point to the last behind it.
    let mut places = [b'0'; NARROW + REST_SCALE as usize];
    let first = usize::try_from(WHOLE as i64 - (point - zeros as i64))
        .map_err(|_| AmountError::TooLarge)?;
    places
        .get_mut(first..first.saturating_add(end - zeros))
        .ok_or(AmountError::TooLarge)?
        .copy_from_slice(&digits[zeros..end]);
    let (upper, lower) = places.split_at(NARROW);
    let raw = push_wide(0, upper)
        .and_then(|raw| i128::try_from(raw).ok())
        .ok_or(AmountError::TooLarge)?;
    let amount = push_wide(0, lower)
        .and_then(|rest| Amount::from_parts(raw, rest))
        .ok_or(AmountError::TooLarge)?;
    Ok(if negative { amount.negated() } else { amount })
}

/// What an amount says about the decimal mark of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalEvidence {
    /// The same number either way (`12`, or no number at all).
    None,
    /// It could be read either way, with different values (`1.234`).
    Ambiguous,
    /// Only one reading is possible.
    Only(DecimalMark),
}

/// Looks at one amount: `0.12` and `1,234.5` can only have a point as decimal mark, `1.234` could have either.
#[must_use]
pub fn decimal_evidence(text: &[u8]) -> DecimalEvidence {
    if !text.iter().any(|b| matches!(b, b'.' | b',')) {
        return DecimalEvidence::None;
    }
    match (
        parse_amount(text, DecimalMark::Dot),
        parse_amount(text, DecimalMark::Comma),
    ) {
        (Ok(dot), Ok(comma)) if dot == comma => DecimalEvidence::None,
        (Ok(_), Ok(_)) => DecimalEvidence::Ambiguous,
        (Ok(_), Err(_)) => DecimalEvidence::Only(DecimalMark::Dot),
        (Err(_), Ok(_)) => DecimalEvidence::Only(DecimalMark::Comma),
        (Err(_), Err(_)) => DecimalEvidence::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(text: &str) -> Result<String, AmountError> {
        parse_amount(text.as_bytes(), DecimalMark::Dot).map(|a| a.to_string())
    }

    fn comma(text: &str) -> Result<String, AmountError> {
        parse_amount(text.as_bytes(), DecimalMark::Comma).map(|a| a.to_string())
    }

    #[test]
    fn every_spelling_of_an_amount_is_exact() {
        let cases = [
            ("0.00789993", "0.00789993"),
            ("1,234.56", "1234.56"),
            ("$1,234.56", "1234.56"),
            ("US$ 1,234.56", "1234.56"),
            ("12.34 EUR", "12.34"),
            ("(12.34)", "-12.34"),
            ("($12.34)", "-12.34"),
            ("-$5", "-5"),
            ("12.34-", "-12.34"),
            ("0E-18", "0"),
            ("0.0031969879629411800", "0.00319698796294118"),
            ("0.1234567890123456789", "0.1234567890123456789"),
            ("+7", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0", "0"),
            ("1\u{A0}234.5", "1234.5"),
            (
                "999999999999999.99999999999999999999",
                "999999999999999.99999999999999999999",
            ),
            ("000000000000000000001.5", "1.5"),
            ("0.100000000000000000000000", "0.1"),
            ("0.123456789012345678901", "0.123456789012345678901"),
            (
                "-0.0186728975848186227451855789361133903342",
                "-0.0186728975848186227451855789361133903342",
            ),
            (
                "$0.0186728975848186227451855789361133903342",
                "0.0186728975848186227451855789361133903342",
            ),
            (
                "999999999999999.9999999999999999999999999999999999999999999999999999999999",
                "999999999999999.9999999999999999999999999999999999999999999999999999999999",
            ),
            (
                "0.00000000000000000000000000000000000000000000000000000000010000",
                "0.0000000000000000000000000000000000000000000000000000000001",
            ),
            ("12,34,567.89", "1234567.89"),
            ("1,23,456", "123456"),
            ("1'234'567.5", "1234567.5"),
            ("1\u{2019}234.5", "1234.5"),
            ("1\u{202F}234\u{202F}567.5", "1234567.5"),
            ("1\u{2009}234.5", "1234.5"),
            ("1\u{2007}234.5", "1234.5"),
        ];
        for (text, want) in cases {
            assert_eq!(dot(text), Ok(want.to_owned()), "{text}");
        }
        for (text, want) in [
            ("1.234,56", "1234.56"),
            ("0,258066", "0.258066"),
            ("1 234,56", "1234.56"),
            ("US$ 1.234,56", "1234.56"),
            ("1'234,56", "1234.56"),
            (
                "0,0186728975848186227451855789361133903342",
                "0.0186728975848186227451855789361133903342",
            ),
            ("1.234,56 kr.", "1234.56"),
        ] {
            assert_eq!(comma(text), Ok(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn signs_and_currencies_stand_on_either_side() {
        for text in [
            "-12.34",
            "12.34-",
            "\u{2212}12.34",
            "\u{2013}12.34",
            "12.34\u{2212}",
            "12.34 \u{2013}",
            "(12.34)",
            "(12.34 EUR)",
            "(12.34) EUR",
            "EUR (12.34)",
            "-$12.34",
            "$-12.34",
            "12.34- EUR",
            "12.34 EUR-",
            "- 12.34",
            "\u{FF0D}12.34",
            "12.34-kr.",
        ] {
            assert_eq!(dot(text), Ok("-12.34".to_owned()), "{text}");
        }
        for currency in CURRENCY_SIGNS
            .iter()
            .chain(&["USD", "eur", "Gbp", "CHF", "NOK", "ZAR"])
        {
            for text in [
                format!("{currency}1,234.5"),
                format!("{currency} 1,234.5"),
                format!("1,234.5{currency}"),
                format!("1,234.5\u{A0}{currency}"),
            ] {
                assert_eq!(dot(&text), Ok("1234.5".to_owned()), "{text}");
            }
        }
        for text in [
            "$€5",
            "EUR 5 EUR",
            "5 %",
            "5%",
            "%5",
            "(-5)",
            "-5-",
            "()",
            "$",
            "EUR",
            "+-5",
            "5 x",
            "Q5",
            "5 1/2",
        ] {
            assert_eq!(dot(text), Err(AmountError::Unreadable), "{text}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn exponents_of_programs_lose_nothing() {
        for (text, want) in [
            ("7.3842689137e-05", "0.000073842689137"),
            ("1.00000000000E-7", "0.0000001"),
            ("8.3E-05", "0.000083"),
            ("-8.3E-05", "-0.000083"),
            ("(8.3E-05)", "-0.000083"),
            ("$8.3E-05", "0.000083"),
            (
                "4.279320610876071116133903342E-7",
                "0.0000004279320610876071116133903342",
            ),
            ("1.5e+2", "150"),
            ("1.5E2", "150"),
            ("1e5", "100000"),
            ("1.500000e+02", "150"),
            ("1.2345678E7", "12345678"),
            ("7.38427E-05", "0.0000738427"),
            ("0E-18", "0"),
            ("0e99999", "0"),
            ("0.00E+00", "0"),
            (
                "1E-58",
                "0.0000000000000000000000000000000000000000000000000000000001",
            ),
            ("0.000012E+3", "0.012"),
            ("123E-2", "1.23"),
            ("1.E-2", "0.01"),
            (".5E-2", "0.005"),
        ] {
            assert_eq!(dot(text), Ok(want.to_owned()), "{text}");
        }
        assert_eq!(
            comma("7,3842689137e-05"),
            Ok("0.000073842689137".to_owned())
        );
        assert_eq!(comma("7.3842689137e-05"), Err(AmountError::Unreadable));
        for (text, left, needed) in [
            ("8.59E+11", 3, 12),
            ("7.37725782924135E+016", 15, 17),
            ("-8.59E+11", 3, 12),
            ("5E+03", 1, 4),
            ("1e10", 1, 11),
        ] {
            assert_eq!(
                dot(text),
                Err(AmountError::Exponent { left, needed }),
                "{text}"
            );
        }
        assert!(
            AmountError::Exponent {
                left: 3,
                needed: 12
            }
            .to_string()
            .starts_with("3 of 12 digits are left; a spreadsheet has cut the others")
        );
        for text in [
            "E5", "1E", "1E+", "1.2.3E5", "1,000E2", "1E5E5", "1E5.5", "1 000E2",
        ] {
            assert_eq!(dot(text), Err(AmountError::Unreadable), "{text}");
        }
        for text in [
            "1E-59",
            "1.1E-58",
            "1E-99999999999999999999",
            "123456.7890E-60",
            "1234567890123456E1",
            "1E-10000",
        ] {
            assert_eq!(dot(text), Err(AmountError::TooLarge), "{text}");
        }
    }

    #[test]
    fn long_plain_amounts_are_read_the_same_on_both_ways() {
        let mut state = 1u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        for _ in 0..20_000 {
            let (whole, fraction) = (1 + next() % 15, 1 + next() % 58);
            let mut digits = |count: u64| {
                (0..count)
                    .map(|_| char::from(b'0' + (next() % 10) as u8))
                    .collect::<String>()
            };
            let text = format!("{}.{}", digits(whole), digits(fraction));
            let long = parse_long(text.as_bytes(), b'.').unwrap();
            assert_eq!(
                parse_decorated(text.as_bytes(), DecimalMark::Dot),
                Ok(long),
                "{text}"
            );
            assert_eq!(
                parse_amount(format!("-{text}").as_bytes(), DecimalMark::Dot),
                Ok(long.negated()),
                "{text}"
            );
            assert_eq!(Amount::from_canonical(&text), Some(long), "{text}");
        }
    }

    #[test]
    fn digits_eight_at_a_time_are_those_one_by_one() {
        let mut state = 1u64;
        for round in 0..20_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mut text = format!("{:08}", (state >> 20) % 100_000_000).into_bytes();
            if round % 2 == 0 {
                text[(state >> 50) as usize % 8] = (state >> 56) as u8;
            }
            let want = text.iter().try_fold(0u64, |value, b| {
                b.is_ascii_digit().then(|| value * 10 + u64::from(b - b'0'))
            });
            assert_eq!(
                eight_digits(text.clone().try_into().unwrap()),
                want,
                "{text:?}"
            );
            assert_eq!(push_digits(0, &text), want, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_an_amount_says_why() {
        let cases = [
            ("", AmountError::Missing),
            ("  ", AmountError::Missing),
            ("abc", AmountError::Unreadable),
            ("1.2.3", AmountError::Unreadable),
            ("12,34", AmountError::Unreadable),
            ("1_000", AmountError::Unreadable),
            ("--5", AmountError::Unreadable),
            (".", AmountError::Unreadable),
            ("-", AmountError::Unreadable),
            ("1,23,45", AmountError::Unreadable),
            ("1,234,56,789", AmountError::Unreadable),
            ("123,45,678", AmountError::Unreadable),
            ("0,12,345", AmountError::Unreadable),
            ("1.23.45.678,9", AmountError::Unreadable),
            ("1'23'456", AmountError::Unreadable),
            (
                "123456789012345678901234567890123456789",
                AmountError::TooLarge,
            ),
            ("1234567890123456", AmountError::TooLarge),
            (
                "0.00000000000000000000000000000000000000000000000000000000001",
                AmountError::TooLarge,
            ),
        ];
        for (text, want) in cases {
            assert_eq!(dot(text), Err(want), "{text}");
        }
    }

    #[test]
    fn evidence_for_the_decimal_mark() {
        use DecimalEvidence::{Ambiguous, None, Only};
        let cases = [
            ("12", None),
            ("0.12", Only(DecimalMark::Dot)),
            ("0.123", Only(DecimalMark::Dot)),
            ("0,123", Only(DecimalMark::Comma)),
            ("1.234", Ambiguous),
            ("1,234", Ambiguous),
            ("1.234,56", Only(DecimalMark::Comma)),
            ("1,234.56", Only(DecimalMark::Dot)),
            ("1,234,567", Only(DecimalMark::Dot)),
            ("12,34,567", Only(DecimalMark::Dot)),
            ("7.3842689137e-05", Only(DecimalMark::Dot)),
            ("7,38427E-05", Only(DecimalMark::Comma)),
            ("8E-05", None),
            ("12 kr.", None),
            ("0,000", Only(DecimalMark::Comma)),
            ("x", None),
        ];
        for (text, want) in cases {
            assert_eq!(decimal_evidence(text.as_bytes()), want, "{text}");
        }
    }
}
