//! The words of dates and periods in the languages of senders, and the folding in which they are compared.
//!
//! Invariant: a word means one thing in all languages (a test holds it); what differs between languages is left out, and its text refused.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::parts::{PhrasePart, Unit};

/// Names of the months by language, folded, from January to December; several spellings of one month are parted by blanks.
pub(super) const MONTHS: [(&str, &str); 13] = [
    (
        "English",
        "january jan, february feb febr, march mar, april apr, may, june jun, july jul, august aug, september sep sept, october \
         oct, november nov, december dec",
    ),
    (
        "German",
        "januar jan janner jaenner, februar feb febr feber, marz maerz mrz mar, april apr, mai, juni jun, juli jul, august aug, \
         september sep sept, oktober okt, november nov, dezember dez",
    ),
    (
        "French",
        "janvier janv jan, fevrier fevr fev, mars, avril avr, mai, juin, juillet juil, aout, septembre sept sep, octobre oct, \
         novembre nov, decembre dec",
    ),
    (
        "Spanish",
        "enero ene, febrero feb, marzo mar, abril abr, mayo may, junio jun, julio jul, agosto ago, septiembre setiembre sept sep \
         set, octubre oct, noviembre nov, diciembre dic",
    ),
    (
        "Portuguese",
        "janeiro jan, fevereiro fev, marco mar, abril abr, maio mai, junho jun, julho jul, agosto ago, setembro set, outubro out, \
         novembro nov, dezembro dez",
    ),
    (
        "Italian",
        "gennaio genn gen, febbraio febbr feb, marzo mar, aprile apr, maggio magg mag, giugno giu, luglio lug, agosto ago, \
         settembre sett set, ottobre ott, novembre nov, dicembre dic",
    ),
    (
        "Dutch",
        "januari jan, februari feb, maart mrt, april apr, mei, juni jun, juli jul, augustus aug, september sept sep, oktober okt, \
         november nov, december dec",
    ),
    (
        "Danish",
        "januar jan, februar feb, marts mar, april apr, maj, juni jun, juli jul, august aug, september sept sep, oktober okt, \
         november nov, december dec",
    ),
    (
        "Norwegian",
        "januar jan, februar feb, mars mar, april apr, mai, juni jun, juli jul, august aug, september sept sep, oktober okt, \
         november nov, desember des",
    ),
    (
        "Swedish",
        "januari jan, februari feb, mars mar, april apr, maj, juni jun, juli jul, augusti aug, september sept sep, oktober okt, \
         november nov, december dec",
    ),
    (
        "Finnish",
        "tammikuu tammikuuta tammi, helmikuu helmikuuta helmi, maaliskuu maaliskuuta maalis, huhtikuu huhtikuuta huhti, toukokuu \
         toukokuuta touko, kesakuu kesakuuta kesa, heinakuu heinakuuta heina, elokuu elokuuta elo, syyskuu syyskuuta syys, \
         lokakuu lokakuuta loka, marraskuu marraskuuta marras, joulukuu joulukuuta joulu",
    ),
    (
        "Icelandic",
        "januar jan, februar feb, mars mar, april apr, mai, juni jun, juli jul, agust agu, september sept sep, oktober okt, \
         november nov, desember des",
    ),
    (
        "Polish",
        "styczen stycznia sty, luty lutego lut, marzec marca mar, kwiecien kwietnia kwi, maj maja, czerwiec czerwca cze, lipiec \
         lipca lip, sierpien sierpnia sie, wrzesien wrzesnia wrz, pazdziernik pazdziernika paz, listopad listopada lis, grudzien \
         grudnia gru",
    ),
];

/// The names of the months of all languages, each with its number.
pub(super) fn month_names() -> impl Iterator<Item = (&'static str, u32)> {
    let months = MONTHS
        .iter()
        .flat_map(|(_, months)| months.split(", ").zip(1..));
    months.flat_map(|(names, month)| names.split(' ').map(move |name| (name, month)))
}

/// Abbreviations of months that are also everyday words; inside of free text and of file names they are not taken for months.
const EVERYDAY: [&str; 14] = [
    "set", "out", "ago", "sie", "lip", "lis", "lug", "gen", "des", "mag", "gru", "cze", "elo",
    "agu",
];

/// All other words, folded.
pub(super) const WORDS: [(PhrasePart, &str); 21] = [
    (
        PhrasePart::Unit(Unit::Quarter),
        "q quarter quarters qtr quartal quartale trimestre trimestres trim kvartal kvartalet kvartaali kwartal kwartaly kwartaal neljannes arsfjordungur",
    ),
    (
        PhrasePart::Unit(Unit::Half),
        "h hj half halves halbjahr hj semestre sem halvar halvaret polrocze halfjaar vuosipuolisko",
    ),
    (
        PhrasePart::Unit(Unit::Week),
        "w week weeks wk kalenderwoche woche semaine semana settimana vecka uge uke viikko tydzien",
    ),
    (
        PhrasePart::Year,
        "year jahr kalenderjahr cy annee ano anno ar rok roku r jaar vuosi",
    ),
    (
        PhrasePart::To,
        "to bis au a al ate hasta do tot til till through thru until",
    ),
    (PhrasePart::From, "from vom dal fra fran od"),
    (PhrasePart::Of, "of de del du von van af"),
    // What leaves a period open or makes a list of it: a text with one of these is no single month.
    (
        PhrasePart::And,
        "and und et y e og och en oraz or oder ou since seit ab before vor after nach depuis desde onwards onward ff present today heute now ongoing ending ended ends",
    ),
    (PhrasePart::Clock, "am pm utc gmt"),
    (
        PhrasePart::Weekday,
        "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    ),
    (
        PhrasePart::Nth(1),
        "first erstes erste premier primer primeiro primo eerste forste forsta pierwszy pierwsze",
    ),
    (
        PhrasePart::Nth(2),
        "second zweites zweite deuxieme segundo secondo tweede andet andre andra drugi drugie",
    ),
    (
        PhrasePart::Nth(3),
        "third drittes dritte troisieme tercer terceiro terzo derde tredje trzeci",
    ),
    (
        PhrasePart::Nth(4),
        "fourth viertes vierte quatrieme cuarto quarto vierde fjerde fjarde czwarty",
    ),
    (PhrasePart::Letter(b't'), "t"),
    (PhrasePart::Letter(b's'), "s"),
    (PhrasePart::Letter(b'k'), "k"),
    (PhrasePart::Letter(b'm'), "m"),
    (PhrasePart::Letter(b'z'), "z"),
    // A week in front of a number in German, a quarter behind one in Polish.
    (PhrasePart::Letter(b'w'), "kw"),
    (
        PhrasePart::Nth(0),
        "st nd rd th er re ere e eme o a era ro do to ste de",
    ),
];

/// Words of the scripts that put no blanks between words; the longest that fits is taken.
const SIGNS: [(&str, PhrasePart); 36] = [
    ("四半期", PhrasePart::Unit(Unit::Quarter)),
    ("上半期", PhrasePart::NamedHalf(1)),
    ("下半期", PhrasePart::NamedHalf(2)),
    ("上半年", PhrasePart::NamedHalf(1)),
    ("下半年", PhrasePart::NamedHalf(2)),
    ("상반기", PhrasePart::NamedHalf(1)),
    ("하반기", PhrasePart::NamedHalf(2)),
    ("季度", PhrasePart::Unit(Unit::Quarter)),
    ("분기", PhrasePart::Unit(Unit::Quarter)),
    ("から", PhrasePart::To),
    ("まで", PhrasePart::Until),
    ("月分", PhrasePart::MonthSign),
    ("月度", PhrasePart::MonthSign),
    ("十二", PhrasePart::Number(12, 2)),
    ("十一", PhrasePart::Number(11, 2)),
    ("至", PhrasePart::To),
    ("到", PhrasePart::To),
    ("年", PhrasePart::Year),
    ("년", PhrasePart::Year),
    ("月", PhrasePart::MonthSign),
    ("월", PhrasePart::MonthSign),
    ("日", PhrasePart::DaySign),
    ("일", PhrasePart::DaySign),
    ("週", PhrasePart::Unit(Unit::Week)),
    ("周", PhrasePart::Unit(Unit::Week)),
    ("第", PhrasePart::Ordinal),
    ("十", PhrasePart::Number(10, 2)),
    ("一", PhrasePart::Number(1, 1)),
    ("二", PhrasePart::Number(2, 1)),
    ("三", PhrasePart::Number(3, 1)),
    ("四", PhrasePart::Number(4, 1)),
    ("五", PhrasePart::Number(5, 1)),
    ("六", PhrasePart::Number(6, 1)),
    ("七", PhrasePart::Number(7, 1)),
    ("八", PhrasePart::Number(8, 1)),
    ("九", PhrasePart::Number(9, 1)),
];

static DICTIONARY: LazyLock<HashMap<&'static str, PhrasePart>> = LazyLock::new(|| {
    let months = month_names().map(|(name, month)| (name, PhrasePart::Month(month)));
    let others = WORDS
        .iter()
        .filter(|(part, _)| *part != PhrasePart::Nth(0))
        .flat_map(|(part, words)| words.split(' ').map(|word| (word, *part)));
    months.chain(others).collect()
});

/// What a folded word means; [`PhrasePart::Other`] when it is none of the words of periods.
pub(super) fn part_of(word: &str) -> PhrasePart {
    DICTIONARY
        .get(word)
        .copied()
        .unwrap_or(PhrasePart::Other(word.len()))
}

/// Whether a folded word is one that stands in texts for something else than a month.
pub(super) fn is_everyday(word: &str) -> bool {
    EVERYDAY.contains(&word)
}

/// Whether letters at a number make it an ordinal (`2nd`, `1er`, `3º`).
pub(super) fn is_ordinal_ending(word: &str) -> bool {
    WORDS
        .iter()
        .filter(|(part, _)| *part == PhrasePart::Nth(0))
        .any(|(_, endings)| endings.split(' ').any(|ending| ending == word))
}

/// The sign at the beginning of a text, and how many bytes it has.
pub(super) fn sign_at(text: &str) -> Option<(PhrasePart, usize)> {
    SIGNS
        .iter()
        .find(|(sign, _)| text.starts_with(sign))
        .map(|(sign, part)| (*part, sign.len()))
}

/// One of the first four Roman numbers.
pub(super) fn roman(word: &str) -> Option<u32> {
    ["i", "ii", "iii", "iv"]
        .iter()
        .position(|numeral| *numeral == word)
        .map(|at| at as u32 + 1)
}

/// A text in the form in which it is compared: lower case, without accents, with plain digits, blanks, dashes and apostrophes.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfd() {
        match c {
            '\u{300}'..='\u{36f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'
            | '\u{feff}'
            | '\u{ad}' => {}
            // Full-width forms stand at a fixed distance from their ASCII characters.
            '\u{ff01}'..='\u{ff5e}' => {
                folded.extend(char::from_u32(u32::from(c) - 0xfee0).map(|c| c.to_ascii_lowercase()))
            }
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => folded.push('-'),
            '\u{301c}' | '\u{223c}' => folded.push('~'),
            '\u{2026}' => folded.push_str(".."),
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}' | '\u{b4}' => folded.push('\''),
            '\u{2044}' | '\u{2215}' => folded.push('/'),
            '、' => folded.push(','),
            'º' | '°' => folded.push('o'),
            'ª' => folded.push('a'),
            'ł' | 'Ł' => folded.push('l'),
            'ø' | 'Ø' => folded.push('o'),
            'ð' | 'Ð' => folded.push('d'),
            'æ' | 'Æ' => folded.push_str("ae"),
            'ß' | 'ẞ' => folded.push_str("ss"),
            'ⅰ'..='ⅳ' | 'Ⅰ'..='Ⅳ' => {
                folded.push_str(["i", "ii", "iii", "iv"][(u32::from(c) as usize) & 3])
            }
            _ if c.is_whitespace() => folded.push(' '),
            _ => folded.extend(c.to_lowercase()),
        }
    }
    folded.nfc().collect()
}
