//! Amounts as reports write them into [`Amount`]: strict, exact, in the file's own decimal mark.

use thiserror::Error;

use super::amount::{Amount, SCALE};

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
    /// A power of ten other than of zero: a spreadsheet has cut its digits.
    #[error("written in exponent form, so digits may be lost; export the file again with amounts as plain numbers")]
    Exponent,
    /// More than fifteen digits before or twenty after the point.
    #[error("more than 15 digits before or 20 after the point")]
    TooLarge,
}

/// Whole digits of one row's amount: the sum of a million such rows still fits the exact range.
const MAX_WHOLE_DIGITS: u32 = 15;

/// Reads an amount: sign, parentheses for negative, currency signs and codes, groups of three.
///
/// # Errors
/// [`AmountError`]; an amount is never rounded and never guessed. Never panics.
pub fn parse_amount(text: &[u8], mark: DecimalMark) -> Result<Amount, AmountError> {
    if let Some(amount) = parse_plain(text, mark.byte()) {
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
    let whole_digits = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
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
    let mut cleaned = [0u8; 64];
    let (number, negative) = strip(text, &mut cleaned)?;
    if let Some(at) = number.iter().position(|b| matches!(b, b'e' | b'E')) {
        return exponent_form(number, at, mark);
    }
    let mut digits = DigitSum::default();
    let mut parts = number.splitn(2, |b| *b == mark.byte());
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next();
    if whole.is_empty() && fraction.is_none_or(<[u8]>::is_empty) {
        return Err(AmountError::Unreadable);
    }
    push_whole(whole, mark.group(), &mut digits)?;
    digits.start_fraction();
    for &byte in fraction.unwrap_or_default() {
        digits.push(byte)?;
    }
    digits.finish(negative)
}

/// Takes off blanks, sign, parentheses and currency; what is left are digits and separators.
fn strip<'a>(text: &[u8], cleaned: &'a mut [u8; 64]) -> Result<(&'a [u8], bool), AmountError> {
    let text = std::str::from_utf8(text).map_err(|_| AmountError::Unreadable)?;
    let mut rest = text.trim_matches(is_blank);
    if rest.is_empty() {
        return Err(AmountError::Missing);
    }
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        negative = true;
        rest = inner.trim_matches(is_blank);
    }
    let mut signs = usize::from(negative);
    let mut currencies = 0;
    loop {
        let before = rest;
        if let Some(tail) = rest.strip_prefix(['-', '\u{2212}']) {
            negative = true;
            signs += 1;
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('+') {
            signs += 1;
            rest = tail;
        }
        if let Some(tail) = strip_currency_prefix(rest) {
            currencies += 1;
            rest = tail;
        }
        rest = rest.trim_matches(is_blank);
        if rest == before {
            break;
        }
    }
    if let Some(head) = rest.strip_suffix('-') {
        negative = true;
        signs += 1;
        rest = head.trim_end_matches(is_blank);
    }
    if let Some(head) = strip_currency_suffix(rest) {
        currencies += 1;
        rest = head.trim_end_matches(is_blank);
    }
    if signs > 1 || currencies > 1 {
        return Err(AmountError::Unreadable);
    }
    let mut len = 0;
    for c in rest.chars() {
        let byte = if is_blank(c) { b' ' } else { u8::try_from(c).map_err(|_| AmountError::Unreadable)? };
        *cleaned.get_mut(len).ok_or(AmountError::TooLarge)? = byte;
        len += 1;
    }
    Ok((&cleaned[..len], negative))
}

/// Blanks that group digits in some countries: no-break, narrow no-break and thin.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{A0}' | '\u{202F}' | '\u{2009}')
}

fn strip_currency_prefix(text: &str) -> Option<&str> {
    for sign in ["US$", "CA$", "A$", "R$", "C$", "$", "€", "£", "¥", "₽", "₹", "kr"] {
        if let Some(rest) = text.strip_prefix(sign) {
            return Some(rest);
        }
    }
    let code = text.get(..3)?;
    crate::ident::Currency::parse(code).ok().map(|_| &text[3..])
}

fn strip_currency_suffix(text: &str) -> Option<&str> {
    for sign in ["$", "€", "£", "¥", "₽", "₹", "kr"] {
        if let Some(rest) = text.strip_suffix(sign) {
            return Some(rest);
        }
    }
    let at = text.len().checked_sub(3)?;
    let code = text.get(at..)?;
    crate::ident::Currency::parse(code).ok().map(|_| &text[..at])
}

/// Digits before the mark, in groups of three when there are group separators at all (`1,234,567`, `1 234`; `12,34,567` and `0,123` are refused).
fn push_whole(whole: &[u8], group: u8, digits: &mut DigitSum) -> Result<(), AmountError> {
    let separator = whole.iter().copied().find(|b| !b.is_ascii_digit());
    let Some(separator) = separator else {
        return whole.iter().try_for_each(|&b| digits.push(b));
    };
    if separator != group && separator != b' ' && separator != b'\'' {
        return Err(AmountError::Unreadable);
    }
    for (index, piece) in whole.split(|b| *b == separator).enumerate() {
        let fits = if index == 0 { (1..=3).contains(&piece.len()) && piece[0] != b'0' } else { piece.len() == 3 };
        if !fits {
            return Err(AmountError::Unreadable);
        }
        piece.iter().try_for_each(|&b| digits.push(b))?;
    }
    Ok(())
}

/// `0E-18` is how some systems write zero; any other exponent has lost digits on its way.
fn exponent_form(number: &[u8], at: usize, mark: DecimalMark) -> Result<Amount, AmountError> {
    let (mantissa, exponent) = (&number[..at], &number[at + 1..]);
    let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
    let is_number = !mantissa.is_empty()
        && !exponent.is_empty()
        && exponent.iter().all(u8::is_ascii_digit)
        && mantissa.iter().any(u8::is_ascii_digit)
        && mantissa.iter().all(|b| b.is_ascii_digit() || *b == mark.byte());
    if !is_number {
        return Err(AmountError::Unreadable);
    }
    if mantissa.iter().all(|b| !b.is_ascii_digit() || *b == b'0') {
        return Ok(Amount::ZERO);
    }
    Err(AmountError::Exponent)
}

#[derive(Default)]
struct DigitSum {
    raw: i128,
    whole_digits: u32,
    fraction_digits: Option<u32>,
}

impl DigitSum {
    fn start_fraction(&mut self) {
        self.fraction_digits = Some(0);
    }

    fn push(&mut self, byte: u8) -> Result<(), AmountError> {
        if !byte.is_ascii_digit() {
            return Err(AmountError::Unreadable);
        }
        let digit = i128::from(byte - b'0');
        match &mut self.fraction_digits {
            // Zeros beyond the last digit that fits change nothing.
            Some(count) if *count == SCALE && digit == 0 => return Ok(()),
            Some(count) if *count == SCALE => return Err(AmountError::TooLarge),
            Some(count) => *count += 1,
            None if self.whole_digits == 0 && digit == 0 => return Ok(()),
            None if self.whole_digits == MAX_WHOLE_DIGITS => return Err(AmountError::TooLarge),
            None => self.whole_digits += 1,
        }
        self.raw = self.raw * 10 + digit;
        Ok(())
    }

    fn finish(self, negative: bool) -> Result<Amount, AmountError> {
        let missing = SCALE - self.fraction_digits.unwrap_or(0);
        let raw = self.raw.checked_mul(10i128.pow(missing)).ok_or(AmountError::TooLarge)?;
        Ok(Amount::from_raw(if negative { -raw } else { raw }))
    }
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
    match (parse_amount(text, DecimalMark::Dot), parse_amount(text, DecimalMark::Comma)) {
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
            ("999999999999999.99999999999999999999", "999999999999999.99999999999999999999"),
            ("000000000000000000001.5", "1.5"),
            ("0.100000000000000000000000", "0.1"),
        ];
        for (text, want) in cases {
            assert_eq!(dot(text), Ok(want.to_owned()), "{text}");
        }
        for (text, want) in [("1.234,56", "1234.56"), ("0,258066", "0.258066"), ("1 234,56", "1234.56"), ("US$ 1.234,56", "1234.56")] {
            assert_eq!(comma(text), Ok(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn digits_eight_at_a_time_are_those_one_by_one() {
        let mut state = 1u64;
        for round in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut text = format!("{:08}", (state >> 20) % 100_000_000).into_bytes();
            if round % 2 == 0 {
                text[(state >> 50) as usize % 8] = (state >> 56) as u8;
            }
            let want = text.iter().try_fold(0u64, |value, b| b.is_ascii_digit().then(|| value * 10 + u64::from(b - b'0')));
            assert_eq!(eight_digits(text.clone().try_into().unwrap()), want, "{text:?}");
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
            ("1e5", AmountError::Exponent),
            ("1.5E-7", AmountError::Exponent),
            ("123456789012345678901234567890123456789", AmountError::TooLarge),
            ("1234567890123456", AmountError::TooLarge),
            ("0.123456789012345678901", AmountError::TooLarge),
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
            ("0,000", Only(DecimalMark::Comma)),
            ("x", None),
        ];
        for (text, want) in cases {
            assert_eq!(decimal_evidence(text.as_bytes()), want, "{text}");
        }
    }
}
