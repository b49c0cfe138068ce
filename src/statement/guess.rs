//! Columns of a file that no layout fits into what they are taken for: by the names that are known, by words of the trade in several
//! languages, and where names say nothing by what stands in them.
//!
//! Invariant: a name alone is never enough. What stands in a column must be what the name says, or the column is not taken for it.

use super::layout::{Layouts, header_key};
use super::likely::{Likely, fields_of, is_period, is_value};
use crate::ident::{Currency, Isrc, Territory, Upc, date_order_evidence};
use crate::money::{Amount, DecimalMark, parse_amount};

/// A column with what stands in it.
#[derive(Debug)]
pub(super) struct GuessedColumn {
    /// Its name as written.
    pub name: String,
    /// Its name as names are compared.
    pub key: String,
    /// Its cells in the first rows, empty ones included.
    pub cells: Vec<String>,
    /// Whether a layout can name it: it has a name that no other column has.
    pub has_own_name: bool,
}

impl GuessedColumn {
    fn filled(&self) -> impl Iterator<Item = &String> {
        self.cells.iter().filter(|cell| !cell.is_empty())
    }

    /// Whether at least eight tenths of what stands in it are so, and anything stands in it.
    fn mostly(&self, is_so: impl Fn(&str) -> bool) -> bool {
        let total = self.filled().count();
        total > 0 && self.filled().filter(|cell| is_so(cell)).count() * 10 >= total * 8
    }

    /// The first two different values, to be shown.
    pub fn samples(&self) -> Vec<&str> {
        let mut samples: Vec<&str> = Vec::new();
        for cell in self.filled() {
            if samples.len() < 2 && !samples.contains(&cell.as_str()) {
                samples.push(cell);
            }
        }
        samples
    }
}

/// How sure it is what a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surety {
    /// Its name is known.
    Named,
    /// A word in its name, or its values, say so.
    Guessed,
}

/// A field of a layout with the column that was taken for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct TakenColumns {
    pub field: &'static str,
    pub column: usize,
    pub surety: Surety,
}

/// Where the currency comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CurrencySource {
    /// A column has it.
    Column(usize),
    /// The same for all rows.
    Fixed(Currency),
    /// A label above the header has it.
    Preamble(String),
    /// The file does not say it.
    Ask,
}

/// What a file's columns were taken for.
#[derive(Debug)]
pub(super) struct Guess {
    pub columns: Vec<GuessedColumn>,
    /// In the order of a layout's fields.
    pub taken: Vec<TakenColumns>,
    /// The money column.
    pub amount: Option<(usize, Surety)>,
    /// Other columns that could be the money.
    pub rivals: Vec<usize>,
    pub currency: CurrencySource,
}

/// Fields whose values are not looked at by words: they are texts of any kind.
const TEXTS: [&str; 6] = ["title", "version", "artist", "label", "release", "dsp"];

/// Words by which senders of several countries name a field; a word of up to four ASCII letters must stand by itself. Bars
/// part them.
const WORDS: [(&str, &str); 13] = [
    (
        "artist",
        "artist|künstler|kuenstler|interpret|intérprete|esittäjä|wykonawca|исполнитель|アーティスト|歌手|艺人",
    ),
    (
        "release",
        "album|release|veröffentlichung|udgivelse|utgivelse|альбом|アルバム|专辑",
    ),
    ("version", "version|versión|versão|mix|remix"),
    (
        "title",
        "title|titel|titre|título|titulo|titolo|tytuł|track|work title|item name|song|lied|canción|cancion|canção|faixa|brano|\
         morceau|chanson|utwór|kappale|låt|название|曲名|曲目|楽曲|タイトル|トラック|歌名|歌曲",
    ),
    (
        "label",
        "label|sello|selo|gravadora|etiqueta|wytwórnia|лейбл|レーベル|厂牌",
    ),
    (
        "duration",
        "duration|dauer|durée|duración|duração|durata|länge|長さ",
    ),
    (
        "dsp",
        "store|shop|dsp|dienst|service|anbieter|händler|plattform|platform|plataforma|plateforme|piattaforma|tienda|loja|magasin|\
         boutique|retailer|channel|kanal|canal|serwis|tjeneste|tjänst|palvelu|платформа|サービス|ストア|配信先|平台",
    ),
    (
        "territory",
        "territor|country|land|pays|país|pais|paese|kraj|maa|region|région|gebiet|страна|国|地域|地区",
    ),
    (
        "usage",
        "usage|nutzung|art|type|typ|tipo|modell|model|sorte|種別|类型",
    ),
    (
        "quantity",
        "quantity|qty|menge|anzahl|stück|einheiten|quantité|quantite|unités|cantidad|unidades|quantidade|quantità|aantal|antal|\
         antall|ilość|määrä|units|streams|plays|copies|uses|downloads|performances|count|количество|数量|再生|回数",
    ),
    (
        "period_start",
        "start|from|beginn|anfang|début|debut|desde|inicio|início|inizio|開始|开始",
    ),
    (
        "period_end",
        "end|until|ende|bis|fin|hasta|fim|fine|終了|结束",
    ),
    (
        "period",
        "sold|period|zeitraum|monat|month|date|datum|mois|période|fecha|mes|período|periodo|mês|data|mese|maand|periode|måned|\
         månad|miesiąc|okres|kuukausi|месяц|период|期間|月|日付|日期",
    ),
];

/// Words for money that is paid, then for money of any kind, then for what has decimals but is not the money of the row.
const PAID: &str = "payable|net|due|payout|owed|netto|auszahl|zahlbar|vergütung|verguetung|tantieme|redevance|à payer|neto|neta|regalía|\
     regalia|líquido|liquido|royalt|compenso|tantiem|к выплате|支払|印税|应付";
const MONEY: &str = "revenue|earning|amount|total|gross|income|betrag|erlös|erloes|umsatz|ertrag|einnahme|montant|revenu|importe|ingreso|\
     monto|ganancia|receita|valor|importo|ricav|bedrag|kwota|сумма|金額|収益";
const NO_MONEY: &str = "price|preis|prix|precio|preço|prezzo|prijs|cena|ppd|per|pro|unit|rate|kurs|percent|prozent|quote|exchange|\
     tax|steuer|単価|%";
/// Words of what may be a share of something: money only when nothing else is.
const SHARE: &str = "share|anteil|quota|parte";
const CURRENCY: &str = "currency|währung|waehrung|devise|moneda|moeda|valuta|通貨|валюта";

/// DSPs by which a store column is known from what stands in it.
const STORES: &str = "spotify|apple|itunes|youtube|deezer|amazon|tidal|tiktok|soundcloud|pandora|napster|qobuz|beatport|meta";
/// Kinds of use.
const USES: &str = "stream|download|subscription|ad-supported|abo|premium|free|purchase";

/// Takes columns for fields.
pub(super) fn guess(likely: &Likely, rows: &[Vec<String>], layouts: &Layouts) -> Guess {
    let keys = likely.keys();
    let is_own =
        |key: &String| !key.is_empty() && keys.iter().filter(|other| *other == key).count() == 1;
    let column = |(at, name): (usize, &String)| GuessedColumn {
        name: name.clone(),
        key: keys[at].clone(),
        cells: rows
            .iter()
            .map(|row| row.get(at).cloned().unwrap_or_default())
            .collect(),
        has_own_name: is_own(&keys[at]),
    };
    let columns: Vec<GuessedColumn> = likely.header.iter().enumerate().map(column).collect();
    let mut guesser = Guesser {
        columns: &columns,
        layouts,
        taken: Vec::new(),
        used: vec![false; columns.len()],
    };
    for (at, column) in columns.iter().enumerate() {
        guesser.used[at] = !column.has_own_name;
    }
    let currencies = guesser.currencies();
    for &(column, _) in &currencies {
        guesser.used[column] = true;
    }
    guesser.by_known_names();
    let (amount, rivals) = guesser.amount();
    guesser.by_values(&["isrc", "upc"]);
    guesser.by_words();
    guesser.by_values(&["period", "territory", "dsp", "usage", "quantity"]);
    guesser.title_of_last_resort();
    guesser.forget_lesser_periods();
    let currency = guesser.currency(amount, &currencies, likely);
    let mut taken = guesser.taken;
    let order: Vec<&str> = fields_of(&layouts.generic.columns)
        .iter()
        .map(|(field, _)| *field)
        .collect();
    taken.sort_by_key(|t| (order.iter().position(|field| *field == t.field), t.column));
    Guess {
        columns,
        taken,
        amount,
        rivals,
        currency,
    }
}

struct Guesser<'a> {
    columns: &'a [GuessedColumn],
    layouts: &'a Layouts,
    taken: Vec<TakenColumns>,
    used: Vec<bool>,
}

impl Guesser<'_> {
    fn has(&self, field: &str) -> bool {
        self.taken.iter().any(|t| t.field == field)
    }

    fn take(&mut self, field: &'static str, column: usize, surety: Surety) {
        self.used[column] = true;
        self.taken.push(TakenColumns {
            field,
            column,
            surety,
        });
    }

    fn free(&self) -> Vec<usize> {
        (0..self.columns.len())
            .filter(|&column| !self.used[column])
            .collect()
    }

    fn by_known_names(&mut self) {
        for (field, names) in fields_of(&self.layouts.generic.columns) {
            let keys: Vec<String> = names.iter().map(|name| header_key(name)).collect();
            let fits = |column: &usize| can_be(field, &self.columns[*column]);
            let index = |column: &usize| {
                keys.iter()
                    .position(|key| *key == self.columns[*column].key)
            };
            let mut found: Vec<usize> = self
                .free()
                .into_iter()
                .filter(|column| index(column).is_some() && fits(column))
                .collect();
            found.sort_by_key(index);
            // In each row the first code that is there counts; of other facts one column is enough.
            found.truncate(if matches!(field, "isrc" | "upc") {
                found.len()
            } else {
                1
            });
            for column in found {
                self.take(field, column, Surety::Named);
            }
        }
    }

    fn by_words(&mut self) {
        for (field, words) in WORDS {
            if self.has(field) || (field == "period" && self.has("period_start")) {
                continue;
            }
            let said = |column: &usize| {
                words
                    .split('|')
                    .position(|word| has_word(&self.columns[*column].name, word))
            };
            // A word alone is not enough: what stands in the column must bear it out.
            let is_filled = |column: &usize| {
                self.columns.iter().all(|c| c.cells.is_empty())
                    || self.columns[*column].filled().next().is_some()
            };
            let fits = |column: &usize| {
                is_filled(column)
                    && can_be(field, &self.columns[*column])
                    && !is_of_release(field, &self.columns[*column].name)
            };
            let best = self
                .free()
                .into_iter()
                .filter(|column| said(column).is_some() && fits(column))
                .min_by_key(said);
            if let Some(column) = best {
                self.take(field, column, Surety::Guessed);
            }
        }
        // One end of a period is not a period.
        if self.has("period_start") != self.has("period_end") {
            for t in self
                .taken
                .iter_mut()
                .filter(|t| t.field == "period_start" || t.field == "period_end")
            {
                t.field = "period";
            }
        }
    }

    fn by_values(&mut self, fields: &[&'static str]) {
        for &field in fields {
            if self.has(field) || (field == "period" && self.has("period_start")) {
                continue;
            }
            let is_it = |column: usize| {
                is_plainly(field, &self.columns[column])
                    && (field != "quantity"
                        || !is_a_number_of_something(&self.columns[column].name))
            };
            if let Some(column) = self.free().into_iter().find(|&column| is_it(column)) {
                self.take(field, column, Surety::Guessed);
            }
        }
    }

    /// A statement without codes and known titles: the text with the most different values.
    fn title_of_last_resort(&mut self) {
        if self.has("isrc") || self.has("upc") || self.has("title") {
            return;
        }
        let distinct = |column: &usize| {
            let values: std::collections::HashSet<&String> =
                self.columns[*column].filled().collect();
            (values.len(), usize::MAX - *column)
        };
        if let Some(column) = self
            .free()
            .into_iter()
            .filter(|&c| can_be("title", &self.columns[c]))
            .max_by_key(distinct)
        {
            self.take("title", column, Surety::Guessed);
        }
    }

    /// Beside first and last day, or a first column, further periods would only be read where it is empty.
    fn forget_lesser_periods(&mut self) {
        let mut has_period = self.has("period_start");
        let used = &mut self.used;
        self.taken.retain(|t| {
            let keep = t.field != "period" || !has_period;
            has_period |= t.field == "period";
            used[t.column] &= keep;
            keep
        });
    }

    /// Columns of currency codes.
    fn currencies(&self) -> Vec<(usize, Surety)> {
        let codes = (0..self.columns.len()).filter(|&c| {
            self.columns[c].has_own_name
                && self.columns[c]
                    .mostly(|cell: &str| cell.len() == 3 && Currency::parse(cell).is_ok())
        });
        let says = |name: &str| has_any_word(name, CURRENCY);
        codes
            .map(|c| {
                (
                    c,
                    if says(&self.columns[c].name) {
                        Surety::Named
                    } else {
                        Surety::Guessed
                    },
                )
            })
            .collect()
    }

    /// The money column, and others that it could be.
    fn amount(&mut self) -> (Option<(usize, Surety)>, Vec<usize>) {
        let numbers: Vec<usize> = self
            .free()
            .into_iter()
            .filter(|&c| self.columns[c].mostly(is_number))
            .collect();
        let prices = self.unit_prices(&numbers);
        let known = |column: usize| {
            self.layouts
                .generic
                .amount
                .iter()
                .position(|a| header_key(&a.column) == self.columns[column].key)
        };
        let says = |column: usize, words: &str| has_any_word(&self.columns[column].name, words);
        let is_price = |column: usize| {
            prices.contains(&column) || (known(column).is_none() && says(column, NO_MONEY))
        };
        let rank = |&column: &usize| match known(column) {
            Some(index) => (0, index),
            // The later column is the later step of the sender's arithmetic.
            None if says(column, SHARE) => (4, usize::MAX - column),
            None if says(column, PAID) => (1, usize::MAX - column),
            None if says(column, MONEY) => (2, usize::MAX - column),
            None => (3, usize::MAX - column),
        };
        let has_decimals = |column: usize| self.columns[column].filled().any(|cell| has_mark(cell));
        let is_candidate =
            |column: &usize| !is_price(*column) && (rank(column).0 < 3 || has_decimals(*column));
        let mut candidates: Vec<usize> = numbers.iter().copied().filter(is_candidate).collect();
        candidates.sort_by_key(rank);
        let Some(&best) = candidates.first() else {
            return (None, Vec::new());
        };
        let surety = if rank(&best).0 == 0 {
            Surety::Named
        } else {
            Surety::Guessed
        };
        let rivals = candidates[1..]
            .iter()
            .copied()
            .filter(|c| rank(c).0 <= rank(&best).0.max(1))
            .collect();
        self.used[best] = true;
        (Some((best, surety)), rivals)
    }

    /// Columns that times the units come to another column, in every row.
    fn unit_prices(&self, numbers: &[usize]) -> Vec<usize> {
        let read = |column: usize, row: usize| {
            parse_amount(
                self.columns[column].cells[row].as_bytes(),
                self.mark_of(column),
            )
            .ok()
        };
        let rows = self.columns.first().map_or(0, |column| column.cells.len());
        let units: Vec<usize> = (0..self.columns.len())
            .filter(|&c| self.columns[c].mostly(is_whole))
            .collect();
        let holds = |price: usize, unit: usize, total: usize| {
            let mut told = 0;
            for row in 0..rows {
                let count = self.columns[unit].cells[row].trim().parse::<u32>().ok();
                let (Some(price), Some(count), Some(total)) =
                    (read(price, row), count, read(total, row))
                else {
                    continue;
                };
                if times(price, count) != Some(total) {
                    return false;
                }
                told += usize::from(count > 1 && !price.is_zero());
            }
            told > 0
        };
        numbers
            .iter()
            .copied()
            .filter(|&price| {
                let totals = numbers.iter().filter(|&&total| total != price);
                totals.into_iter().any(|&total| {
                    units
                        .iter()
                        .any(|&unit| unit != price && unit != total && holds(price, unit, total))
                })
            })
            .collect()
    }

    fn mark_of(&self, column: usize) -> DecimalMark {
        let reads = |mark: DecimalMark| {
            self.columns[column]
                .filled()
                .filter(|cell| parse_amount(cell.as_bytes(), mark).is_ok())
                .count()
        };
        if reads(DecimalMark::Comma) > reads(DecimalMark::Dot) {
            DecimalMark::Comma
        } else {
            DecimalMark::Dot
        }
    }

    fn currency(
        &self,
        amount: Option<(usize, Surety)>,
        currencies: &[(usize, Surety)],
        likely: &Likely,
    ) -> CurrencySource {
        let Some((amount, _)) = amount else {
            return CurrencySource::Ask;
        };
        let column = &self.columns[amount];
        let by_list = self
            .layouts
            .generic
            .amount
            .iter()
            .filter(|a| header_key(&a.column) == column.key);
        let mut named = by_list
            .filter_map(|a| a.currency_column.as_ref())
            .map(|name| header_key(name));
        if let Some(found) =
            named.find_map(|key| currencies.iter().find(|(c, _)| self.columns[*c].key == key))
        {
            return CurrencySource::Column(found.0);
        }
        // Of several the one with a name that says so, and of those the one right behind the money or nearest to it.
        let distance = |&(c, surety): &(usize, Surety)| {
            (surety != Surety::Named, c.abs_diff(amount), c < amount)
        };
        if let Some((c, _)) = currencies.iter().min_by_key(|c| distance(c)) {
            return CurrencySource::Column(*c);
        }
        let in_cells = || {
            [("€", "EUR"), ("£", "GBP"), ("₹", "INR"), ("zł", "PLN")]
                .iter()
                .find(|(sign, _)| column.mostly(|cell| cell.contains(sign)))
        };
        let fixed = currency_in_name(&column.name)
            .or_else(|| in_cells().and_then(|(_, code)| Currency::parse(code).ok()));
        fixed.map_or_else(
            || {
                label_of_currency(&likely.preamble)
                    .map_or(CurrencySource::Ask, CurrencySource::Preamble)
            },
            CurrencySource::Fixed,
        )
    }
}

/// The label in the preamble whose value is a currency.
fn label_of_currency(preamble: &[Vec<String>]) -> Option<String> {
    let is_code = |cell: &String| {
        cell.len() == 3
            && cell.bytes().all(|b| b.is_ascii_uppercase())
            && Currency::parse(cell).is_ok()
    };
    let pairs = preamble.iter().flat_map(|row| row.windows(2));
    let found = pairs
        .filter(|pair| is_code(&pair[1]))
        .find(|pair| has_any_word(&pair[0], CURRENCY));
    found.map(|pair| pair[0].trim_end_matches(':').to_owned())
}

/// A currency in a column's name: `Royalty (EUR)`, `EarningsUSD`, `Betrag €`, `Royalty ($US)`.
pub(super) fn currency_in_name(name: &str) -> Option<Currency> {
    for (sign, code) in [("€", "EUR"), ("£", "GBP"), ("US$", "USD"), ("$US", "USD")] {
        if name.contains(sign) {
            return Currency::parse(code).ok();
        }
    }
    let in_brackets = name
        .rsplit_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or("", |(inside, _)| inside);
    let mut bracketed = in_brackets
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() == 3);
    if let Some(currency) = bracketed.find_map(|word| Currency::parse(word).ok()) {
        return Some(currency);
    }
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let by_itself = words
        .iter()
        .filter(|word| word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()))
        .find_map(|word| Currency::parse(word).ok());
    let glued = words
        .last()
        .filter(|word| word.is_ascii() && word.len() > 3)
        .map(|word| word.split_at(word.len() - 3));
    let glued = glued.filter(|(before, code)| {
        code.bytes().all(|b| b.is_ascii_uppercase())
            && before.ends_with(|c: char| c.is_ascii_lowercase())
    });
    by_itself.or_else(|| glued.and_then(|(_, code)| Currency::parse(code).ok()))
}

/// Whether any of the words, which bars part, stands in a name.
fn has_any_word(name: &str, words: &str) -> bool {
    words.split('|').any(|word| has_word(name, word))
}

/// Whether a word stands in a name; a short word of ASCII letters must stand by itself.
fn has_word(name: &str, word: &str) -> bool {
    let name = name.to_lowercase();
    if word.len() > 4 || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
        return name.contains(word);
    }
    name.split(|c: char| !c.is_alphanumeric())
        .any(|part| part == word)
}

/// Whether a column of whole numbers counts nothing: ids and places in a list.
fn is_a_number_of_something(name: &str) -> bool {
    const WORDS: [&str; 13] = [
        "id", "ids", "no", "nr", "number", "nummer", "numéro", "número", "code", "year", "row",
        "account", "#",
    ];
    WORDS.iter().any(|word| has_word(name, word)) || name.ends_with("Id") || name.ends_with("ID")
}

/// `Album Artist` is the artist of a release: of the track's title and artist only a column that does not speak of the release is taken.
fn is_of_release(field: &str, name: &str) -> bool {
    matches!(field, "title" | "version")
        && ["album", "release"].iter().any(|word| has_word(name, word))
}

/// Whether what stands in a column may be this field; an empty column may be anything.
fn can_be(field: &str, column: &GuessedColumn) -> bool {
    if column.filled().next().is_none() {
        return true;
    }
    match field {
        "isrc" => column.mostly(|cell| Isrc::parse(cell).is_ok()),
        "upc" => column.mostly(|cell| Upc::parse(cell).is_ok()),
        "quantity" => column.mostly(is_number),
        "period" | "period_start" | "period_end" => column.mostly(is_period),
        "territory" => column.mostly(|cell| !is_value(cell)),
        field if TEXTS.contains(&field) => column
            .mostly(|cell| Isrc::parse(cell).is_err() && !is_decimal(cell) && !is_period(cell)),
        _ => true,
    }
}

/// Whether what stands in a column can hardly be anything else.
fn is_plainly(field: &str, column: &GuessedColumn) -> bool {
    match field {
        "isrc" => column.mostly(|cell| Isrc::parse(cell).is_ok()),
        "upc" => column.mostly(is_release_code),
        "period" => column.mostly(|cell| {
            is_period(cell) && (cell.len() > 4 || date_order_evidence(cell).is_some())
        }),
        "territory" => column.mostly(|cell| {
            cell.len() == 2
                && cell.bytes().all(|b| b.is_ascii_uppercase())
                && Territory::parse(cell).is_known()
        }),
        "dsp" => column.mostly(|cell| {
            STORES
                .split('|')
                .any(|store| cell.to_lowercase().starts_with(store))
        }),
        "usage" => column.mostly(|cell| {
            USES.split('|')
                .any(|word| cell.to_lowercase().contains(word))
        }),
        "quantity" => column.mostly(is_whole),
        _ => false,
    }
}

/// Twelve to fourteen digits with the right check digit.
fn is_release_code(cell: &str) -> bool {
    let digits = cell.trim();
    (12..=14).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && Upc::parse(digits).is_ok_and(Upc::has_valid_check_digit)
}

fn is_number(cell: &str) -> bool {
    [DecimalMark::Dot, DecimalMark::Comma]
        .into_iter()
        .any(|mark| parse_amount(cell.as_bytes(), mark).is_ok())
}

/// A number of units: digits, and nothing that could be a fraction.
fn is_whole(cell: &str) -> bool {
    let digits = cell.trim().trim_start_matches('-');
    !digits.is_empty() && digits.len() < 12 && digits.bytes().all(|b| b.is_ascii_digit())
}

fn has_mark(cell: &str) -> bool {
    cell.contains(['.', ','])
}

fn is_decimal(cell: &str) -> bool {
    has_mark(cell) && is_number(cell)
}

/// So many times an amount, exactly; `None` when it is too large.
fn times(amount: Amount, count: u32) -> Option<Amount> {
    let mut sum = Amount::ZERO;
    let mut double = amount;
    let mut rest = count;
    while rest > 0 {
        if rest % 2 == 1 {
            sum = sum.plus(double).ok()?;
        }
        rest /= 2;
        if rest > 0 {
            double = double.plus(double).ok()?;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_stand_in_names() {
        for (name, want) in [
            ("Royalty ($US)", Some("USD")),
            ("EarningsUSD", Some("USD")),
            ("Betrag €", Some("EUR")),
            ("Amount (EUR)", Some("EUR")),
            ("net_total_GBP", Some("GBP")),
            ("artist net royalty ($ usd)", Some("USD")),
            ("Royalty", None),
            ("TOTAL", None),
            ("Amount ($)", None),
        ] {
            assert_eq!(
                currency_in_name(name).map(|c| c.to_string()).as_deref(),
                want,
                "{name}"
            );
        }
    }

    #[test]
    fn short_words_stand_by_themselves() {
        assert!(
            has_word("Land", "land")
                && has_word("Kauf-Land", "land")
                && !has_word("Landing page", "land")
        );
        assert!(has_word("Albuminterpret", "interpret") && has_word("楽曲名", "楽曲"));
    }

    #[test]
    fn multiples_are_exact() {
        let price = parse_amount(b"0.021330", DecimalMark::Dot).unwrap();
        assert_eq!(
            times(price, 25),
            parse_amount(b".533250", DecimalMark::Dot).ok()
        );
        assert_eq!(times(price, 0), Some(Amount::ZERO));
    }
}
