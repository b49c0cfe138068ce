//! Names of columns and labels as they are compared, and the currency that a name may say.
//!
//! Senders and the programs that pass their files on write one name in many ways: `Sale Month`, `sale_month`, `SaleMonth`, `Sale-Month:`;
//! and put the currency of a money column behind it: `Royalty ($US)`, `EarningsUSD`, `Amount (EUR)`, `Revenue-EUR`.

use unicode_normalization::UnicodeNormalization;

use crate::ident::Currency;

/// A name as names are compared: in lower case, without blanks, underscores, hyphens, points, colons, brackets and quotes.
#[must_use]
pub fn header_key(name: &str) -> String {
    if name.is_ascii() {
        return name
            .chars()
            .filter(|c| !is_accident(*c))
            .map(|c| c.to_ascii_lowercase())
            .collect();
    }
    name.nfkc()
        .filter(|c| !is_accident(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Which bytes of ASCII are what a name has in one file and not in another.
const ACCIDENTS: [bool; 128] = {
    let mut accidents = [false; 128];
    let bytes = b" \t\n\r\x0B\x0C\0_-.:()[]{}\"'`*";
    let mut at = 0;
    while at < bytes.len() {
        accidents[bytes[at] as usize] = true;
        at += 1;
    }
    accidents
};

/// The key of a name in ASCII, written into `room`; nothing when it has other letters or does not fit.
#[must_use]
pub fn header_key_in<'r>(name: &[u8], room: &'r mut [u8; 64]) -> Option<&'r str> {
    let mut len = 0;
    for &byte in name {
        if !byte.is_ascii() {
            return None;
        }
        if !ACCIDENTS[usize::from(byte)] {
            *room.get_mut(len)? = byte.to_ascii_lowercase();
            len += 1;
        }
    }
    std::str::from_utf8(&room[..len]).ok()
}

/// What the same name has in one file and not in another.
fn is_accident(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '_' | '-'
                | '–'
                | '—'
                | '.'
                | ':'
                | '('
                | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '"'
                | '\''
                | '’'
                | '`'
                | '*'
        )
        || matches!(c, '\0' | '\u{FEFF}' | '\u{200B}')
}

/// Codes that are taken for a currency wherever they stand apart in a name; other codes only in brackets or capitals, since some are words.
const USUAL: [&str; 32] = [
    "USD", "EUR", "GBP", "JPY", "AUD", "CAD", "CHF", "SEK", "NOK", "DKK", "PLN", "BRL", "MXN",
    "INR", "NZD", "ZAR", "KRW", "CNY", "RUB", "HKD", "SGD", "TWD", "THB", "CZK", "HUF", "ILS",
    "COP", "CLP", "ARS", "IDR", "MYR", "PHP",
];
/// Codes that are English words as well.
const WORDS: [&str; 8] = ["ALL", "TOP", "CUP", "PEN", "MAD", "BOB", "TRY", "GEL"];

/// The key of a name without the currency that it says, and that currency.
#[must_use]
pub fn stem_and_currency(name: &str) -> (String, Option<Currency>) {
    let name = name.trim();
    for (stem, said) in partings(name) {
        if let Some(currency) = said {
            let key = header_key(stem);
            let key = key
                .strip_suffix("in")
                .filter(|_| stem.trim_end().to_ascii_lowercase().ends_with(" in"))
                .unwrap_or(&key)
                .to_owned();
            if !key.is_empty() {
                return (key, Some(currency));
            }
        }
    }
    (header_key(name), None)
}

/// Ways to part a name into a stem and a currency.
fn partings(name: &str) -> impl Iterator<Item = (&str, Option<Currency>)> {
    let bracket = name
        .strip_suffix([')', ']'])
        .and_then(|inner| inner.rsplit_once(['(', '[']))
        .map(|(stem, said)| (stem, currency_sign(said)));
    let separators = [' ', '_', '-', '/', '.', '\u{A0}'];
    let behind = name
        .rsplit_once(separators)
        .map(|(stem, word)| (stem, code_in_name(word)));
    let in_front = name
        .split_once(separators)
        .map(|(word, stem)| (stem, code_in_name(word)));
    let glued = name
        .len()
        .checked_sub(3)
        .filter(|at| name.is_char_boundary(*at))
        .and_then(|at| {
            let (stem, code) = name.split_at(at);
            let stands_out = stem.ends_with(|c: char| c.is_lowercase())
                && code.bytes().all(|b| b.is_ascii_uppercase());
            stands_out.then(|| (stem, code_in_name(code)))
        });
    [bracket, behind, in_front, glued].into_iter().flatten()
}

/// A currency that stands as a word of a name.
fn code_in_name(word: &str) -> Option<Currency> {
    let upper = word.to_ascii_uppercase();
    let is_code = word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase());
    if USUAL.contains(&upper.as_str()) || (is_code && !WORDS.contains(&word)) {
        return Currency::parse(&upper)
            .ok()
            .filter(|c| *c != Currency::NONE);
    }
    currency_sign(word).filter(|_| {
        !word.bytes().all(|b| b.is_ascii_alphabetic()) || upper == "EURO" || upper == "EUROS"
    })
}

/// A currency by its code, by a sign that only it has, or by its name: `USD`, `US$`, `$ usd`, `€`, `Euro`. A bare `$` could be several.
#[must_use]
pub fn currency_sign(text: &str) -> Option<Currency> {
    let text = text.trim().trim_start_matches("in ").trim();
    let squeezed: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '.')
        .flat_map(char::to_uppercase)
        .collect();
    let code = match squeezed.as_str() {
        "$US" | "US$" | "USD$" | "$USD" | "U$S" | "USDOLLAR" | "USDOLLARS" => "USD",
        "€" | "EURO" | "EUROS" | "EUR€" | "€EUR" => "EUR",
        "£" | "GBP£" | "£GBP" | "POUNDSTERLING" | "STERLING" => "GBP",
        "A$" | "AU$" | "$AU" | "AUD$" | "$AUD" => "AUD",
        "C$" | "CA$" | "$CA" | "CAD$" | "$CAD" | "CDN$" => "CAD",
        "NZ$" | "NZD$" => "NZD",
        "HK$" => "HKD",
        "R$" => "BRL",
        "₹" => "INR",
        "₽" => "RUB",
        "₩" => "KRW",
        "ZŁ" => "PLN",
        "JP¥" | "円" => "JPY",
        other => other,
    };
    if code.len() == 3 {
        Currency::parse(code).ok().filter(|c| *c != Currency::NONE)
    } else {
        None
    }
}

/// The currency that stands beside the digits of an amount: `CHF 1'234.50`, `1,25 €`.
#[must_use]
pub fn currency_of_amount(cell: &str) -> Option<Currency> {
    let said = cell.trim_matches(|c: char| {
        c.is_ascii_digit()
            || c.is_whitespace()
            || matches!(
                c,
                '.' | ',' | '\'' | '’' | '-' | '−' | '–' | '+' | '(' | ')'
            )
    });
    if said.is_empty() {
        None
    } else {
        currency_sign(said)
    }
}

/// The names of a header, ready to be looked up.
#[derive(Debug, Clone)]
pub struct HeaderNames {
    keys: Vec<String>,
    stems: Vec<(String, Option<Currency>)>,
}

impl HeaderNames {
    /// Of these cells.
    #[must_use]
    pub fn of(cells: &[String]) -> Self {
        Self {
            keys: cells.iter().map(|c| header_key(c)).collect(),
            stems: cells.iter().map(|c| stem_and_currency(c)).collect(),
        }
    }

    /// The column of a name: by the whole name, else by the name without the currency behind it, if only one column has it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let key = header_key(name);
        if key.is_empty() {
            return None;
        }
        if let Some(column) = self.keys.iter().position(|k| *k == key) {
            return Some(column);
        }
        let mut columns = self
            .stems
            .iter()
            .enumerate()
            .filter(|(_, (stem, currency))| currency.is_some() && *stem == key)
            .map(|(c, _)| c);
        let first = columns.next()?;
        columns.next().is_none().then_some(first)
    }

    /// The currency that the name of a column says.
    #[must_use]
    pub fn currency(&self, column: usize) -> Option<Currency> {
        self.stems.get(column).and_then(|(_, currency)| *currency)
    }

    /// The key of a column's name.
    #[must_use]
    pub fn key(&self, column: usize) -> &str {
        self.keys.get(column).map_or("", String::as_str)
    }

    /// Columns that have the same name as this one.
    pub fn twins(&self, column: usize) -> impl Iterator<Item = usize> + '_ {
        let key = self.key(column).to_owned();
        self.keys
            .iter()
            .enumerate()
            .filter(move |(_, k)| **k == key)
            .map(|(c, _)| c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_their_accidents() {
        for (name, want) in [
            ("\u{FEFF}Territory", "territory"),
            (" Imprint Label", "imprintlabel"),
            ("Total  Royalty Bearing Plays", "totalroyaltybearingplays"),
            ("Asset\u{A0}ID ", "assetid"),
            ("Net\nRevenue", "netrevenue"),
            ("sale_month", "salemonth"),
            ("Sale Month:", "salemonth"),
            ("# Units Sold", "#unitssold"),
            ("Share %", "share%"),
            ("Ｔｒａｃｋ", "track"),
        ] {
            assert_eq!(header_key(name), want);
            let mut room = [0; 64];
            assert!(
                header_key_in(name.as_bytes(), &mut room)
                    .is_none_or(|key| key == want && name.is_ascii()),
                "{name}"
            );
        }
        assert_eq!(
            header_key_in(b"Sub-Total (USD):", &mut [0; 64]),
            Some("subtotalusd")
        );
        assert_eq!(header_key_in(&[b'x'; 65], &mut [0; 64]), None);
    }

    #[test]
    fn accidents_are_the_same_in_both_ways() {
        for byte in 0..128u8 {
            assert_eq!(
                ACCIDENTS[usize::from(byte)],
                is_accident(char::from(byte)),
                "{byte}"
            );
        }
    }

    #[test]
    fn a_name_says_its_currency() {
        let cases = [
            ("Royalty ($US)", "royalty", "USD"),
            ("EarningsUSD", "earnings", "USD"),
            ("Amount (EUR)", "amount", "EUR"),
            ("Revenue-EUR", "revenue", "EUR"),
            ("artist net royalty ($ usd)", "artistnetroyalty", "USD"),
            ("earnings_usd", "earnings", "USD"),
            ("USD Payable", "payable", "USD"),
            ("Amount Due in USD", "amountdue", "USD"),
            ("Net [£]", "net", "GBP"),
            ("Rev.less Publ.EUR", "revlesspubl", "EUR"),
            ("Net Amount CHF", "netamount", "CHF"),
            ("Erlös €", "erlös", "EUR"),
            ("Betrag in Euro", "betrag", "EUR"),
        ];
        for (name, stem, currency) in cases {
            let (got, said) = stem_and_currency(name);
            assert_eq!(
                (got.as_str(), said.map(|c| c.to_string())),
                (stem, Some(currency.to_owned())),
                "{name}"
            );
        }
        for name in [
            "Revenue",
            "Revenue All",
            "Net Total",
            "Currency",
            "Share %",
            "Price ($)",
            "EUR",
            "Streams Top",
            "IP1",
        ] {
            assert_eq!(stem_and_currency(name).1, None, "{name}");
        }
    }

    #[test]
    fn an_amount_says_its_currency() {
        for (cell, want) in [
            ("CHF 1'234.50", "CHF"),
            ("1,25 €", "EUR"),
            ("US$ 5", "USD"),
            ("(€3)", "EUR"),
            ("-0.5 PLN", "PLN"),
        ] {
            assert_eq!(
                currency_of_amount(cell).map(|c| c.to_string()),
                Some(want.to_owned()),
                "{cell}"
            );
        }
        for cell in ["1.25", "", "$1.25", "1e-5", "¥300"] {
            assert_eq!(currency_of_amount(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_column_is_found_by_its_whole_name_before_its_stem() {
        let cells = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let names = HeaderNames::of(&cells(&[
            "Payable USD",
            "Payable EUR",
            "Net (EUR)",
            "Title",
        ]));
        assert_eq!(names.find("Payable"), None);
        assert_eq!(names.find("payable_usd"), Some(0));
        assert_eq!(names.find("NET"), Some(2));
        assert_eq!(names.find("title"), Some(3));
        assert_eq!(names.find(""), None);
    }
}
