//! What the first rows of a file say about its columns: which numbers are prices of one unit, which are parts of others, which
//! column holds the currency of the money. Names are asked after it: they are the same for different things.

use super::names::{HeaderNames, currency_of_amount, header_key};
use crate::ident::Currency;
use crate::money::{DecimalEvidence, DecimalMark, SCALE, decimal_evidence, parse_amount};

/// Rows that are looked at.
pub(super) const SAMPLE_ROWS: usize = 300;

/// The first rows below a header, as text.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Cells of rows that have as many as the header.
    pub rows: Vec<Vec<String>>,
    /// Whether these are all rows of the file.
    pub is_whole: bool,
}

/// A number as it is written.
#[derive(Debug, Clone, Copy)]
struct Number {
    /// In 10^-20ths, further digits cut off: enough to tell columns apart.
    raw: i128,
    /// Half of its last digit, in 10^-20ths: what rounding may have taken.
    half: i128,
}

impl Number {
    fn read(text: &str, mark: DecimalMark) -> Option<Self> {
        let raw = parse_amount(text.trim().as_bytes(), mark).ok()?.floor_raw();
        let point = match mark {
            DecimalMark::Dot => '.',
            DecimalMark::Comma => ',',
        };
        let decimals = text.rsplit_once(point).map_or(0, |(_, fraction)| {
            fraction.bytes().filter(u8::is_ascii_digit).count() as u32
        });
        Some(Self {
            raw,
            half: 10i128.pow(SCALE - decimals.min(SCALE)) / 2 + 1,
        })
    }

    /// The number as a count of units, when it is one.
    fn units(self) -> Option<i128> {
        let unit = 10i128.pow(SCALE);
        (self.raw % unit == 0)
            .then_some(self.raw / unit)
            .filter(|units| units.abs() < 1_000_000_000)
    }
}

/// Words of columns that hold what is taken off.
const DEDUCTIONS: [&str; 24] = [
    "fee",
    "commission",
    "tax",
    "withh",
    "deduct",
    "charge",
    "cost",
    "mechanical",
    "publishing",
    "discount",
    "vat",
    "provision",
    "gebühr",
    "steuer",
    "abzug",
    "abzüge",
    "comisi",
    "impuesto",
    "retenci",
    "frais",
    "taxe",
    "retenue",
    "comiss",
    "imposto",
];

/// The numbers of the sample by column.
pub(super) struct Numbers<'a> {
    sample: &'a Sample,
    names: &'a HeaderNames,
    columns: Vec<Vec<Option<Number>>>,
    mark: DecimalMark,
}

/// Why a column was taken or passed over, in a sentence.
pub(super) type Reasons = Vec<String>;

impl<'a> Numbers<'a> {
    /// Reads the sample; the decimal mark is that of most of its numbers.
    pub(super) fn of(
        sample: &'a Sample,
        names: &'a HeaderNames,
        width: usize,
        default: Option<DecimalMark>,
    ) -> Self {
        let mut dots = 0u32;
        let mut commas = 0u32;
        for cell in sample.rows.iter().flatten() {
            match decimal_evidence(cell.as_bytes()) {
                DecimalEvidence::Only(DecimalMark::Dot) => dots += 1,
                DecimalEvidence::Only(DecimalMark::Comma) => commas += 1,
                _ => {}
            }
        }
        let mark = match dots.cmp(&commas) {
            std::cmp::Ordering::Greater => DecimalMark::Dot,
            std::cmp::Ordering::Less => DecimalMark::Comma,
            std::cmp::Ordering::Equal => default.unwrap_or(DecimalMark::Dot),
        };
        let columns = (0..width)
            .map(|c| {
                sample
                    .rows
                    .iter()
                    .map(|row| row.get(c).and_then(|cell| Number::read(cell, mark)))
                    .collect()
            })
            .collect();
        Self {
            sample,
            names,
            columns,
            mark,
        }
    }

    /// Whether most cells of a column that are filled are numbers.
    fn is_numeric(&self, column: usize) -> bool {
        let filled = self
            .sample
            .rows
            .iter()
            .filter(|row| row.get(column).is_some_and(|c| !c.trim().is_empty()))
            .count();
        let numbers = self.columns[column].iter().flatten().count();
        numbers > 0 && numbers * 2 > filled
    }

    /// The total of which a column is the price of one unit: units × price = total wherever there is more than one unit.
    pub(super) fn total_of_price(&self, price: usize, quantities: &[usize]) -> Option<usize> {
        (0..self.columns.len())
            .filter(|total| {
                *total != price && !quantities.contains(total) && self.is_numeric(*total)
            })
            .find(|total| {
                quantities
                    .iter()
                    .any(|quantity| self.is_price_of(price, *quantity, *total))
            })
    }

    fn is_price_of(&self, price: usize, quantity: usize, total: usize) -> bool {
        let mut exact = 0;
        let mut near = 0;
        for row in 0..self.sample.rows.len() {
            let (Some(p), Some(q), Some(t)) = (
                self.columns[price][row],
                self.columns[quantity][row],
                self.columns[total][row],
            ) else {
                continue;
            };
            let Some(units) = q.units() else { return false };
            let Some(product) = p.raw.checked_mul(units) else {
                return false;
            };
            let room = p.half.saturating_mul(units.abs()).saturating_add(t.half);
            if (product - t.raw).abs() > room {
                return false;
            }
            if units.abs() > 1 && p.raw != 0 && (t.raw - p.raw).abs() > t.half {
                exact += u32::from(product == t.raw);
                near += 1;
            }
        }
        exact > 0 || near > 2
    }

    /// Whether two columns add up to a third in every row, and do so with both of them filled in some.
    fn add_up(&self, a: usize, b: usize, sum: usize) -> bool {
        let mut seen = false;
        for row in 0..self.sample.rows.len() {
            let a = self.columns[a][row];
            let b = self.columns[b][row];
            let sum = self.columns[sum][row];
            let (Some(a), Some(b), Some(sum)) = (a, b, sum) else {
                continue;
            };
            if a.raw
                .checked_add(b.raw)
                .is_none_or(|total| (total - sum.raw).abs() > a.half.max(b.half).max(sum.half) * 2)
            {
                return false;
            }
            seen |= a.raw != 0 && b.raw != 0 && a.raw.abs() > a.half && b.raw.abs() > b.half;
        }
        seen
    }

    /// Whether a column is the other times a share in per cent or as a fraction, in every row, and less than it in some.
    fn is_share_of(&self, part: usize, share: usize, whole: usize) -> bool {
        let mut as_percent = true;
        let mut as_fraction = true;
        let mut seen = false;
        for row in 0..self.sample.rows.len() {
            let (Some(p), Some(s), Some(w)) = (
                self.columns[part][row],
                self.columns[share][row],
                self.columns[whole][row],
            ) else {
                continue;
            };
            let unit = 10i128.pow(SCALE / 2);
            // Ten digits of each are enough to tell, and their product fits.
            let (Some(product), wanted) = ((w.raw / unit).checked_mul(s.raw / unit), p.raw) else {
                return false;
            };
            let room = p.half * 2 + w.half;
            as_fraction &= (product - wanted).abs() <= room;
            as_percent &= (product / 100 - wanted).abs() <= room;
            seen |= w.raw != 0 && (w.raw - p.raw).abs() > room && p.raw != 0;
        }
        seen && (as_percent || as_fraction)
    }

    fn is_deduction(&self, column: usize) -> bool {
        let key = self.names.key(column);
        DEDUCTIONS.iter().any(|word| key.contains(word))
    }

    /// The money column among `candidates`, which stand in the order of preference of their names. What was passed over, and why, is added
    /// to the reasons.
    pub(super) fn money(
        &self,
        candidates: &[usize],
        quantities: &[usize],
        header: &[String],
        reasons: &mut Reasons,
    ) -> Option<usize> {
        let mut chosen = None;
        for &candidate in candidates {
            match self.total_of_price(candidate, quantities) {
                Some(total) => {
                    reasons.push(format!(
                        "“{}” is the price of one unit: units × “{0}” = “{}”",
                        header[candidate], header[total]
                    ));
                    if !candidates.contains(&total) {
                        chosen = chosen.or(Some(total));
                    }
                }
                None => {
                    chosen = Some(candidate);
                    break;
                }
            }
        }
        let mut chosen = chosen?;
        for _ in 0..candidates.len().max(1) {
            match self.better(chosen, candidates, header, reasons) {
                Some(better) => chosen = better,
                None => break,
            }
        }
        Some(
            self.by_footer(chosen, candidates, header, reasons)
                .unwrap_or(chosen),
        )
    }

    /// A candidate that is what is paid, where `chosen` is what it is taken from or a part of it.
    fn better(
        &self,
        chosen: usize,
        candidates: &[usize],
        header: &[String],
        reasons: &mut Reasons,
    ) -> Option<usize> {
        let numeric: Vec<usize> = (0..self.columns.len())
            .filter(|c| *c != chosen && self.is_numeric(*c))
            .collect();
        for &other in candidates
            .iter()
            .filter(|c| **c != chosen && self.is_numeric(**c))
        {
            for &third in numeric.iter().filter(|c| **c != other) {
                if self.is_deduction(third)
                    && !self.is_deduction(other)
                    && self.add_up(other, third, chosen)
                {
                    reasons.push(format!(
                        "“{}” is before deductions: “{0}” − “{}” = “{}”",
                        header[chosen], header[third], header[other]
                    ));
                    return Some(other);
                }
                if !self.is_deduction(third)
                    && !self.is_deduction(chosen)
                    && !self.is_deduction(other)
                    && self.add_up(chosen, third, other)
                {
                    reasons.push(format!(
                        "“{}” is a part: “{0}” + “{}” = “{}”",
                        header[chosen], header[third], header[other]
                    ));
                    return Some(other);
                }
                if self.is_share_of(other, third, chosen) && self.names_a_share(third) {
                    reasons.push(format!(
                        "“{}” is before the share: “{0}” × “{}” = “{}”",
                        header[chosen], header[third], header[other]
                    ));
                    return Some(other);
                }
            }
        }
        None
    }

    fn names_a_share(&self, column: usize) -> bool {
        let key = self.names.key(column);
        [
            "%", "share", "percent", "deal", "rate", "anteil", "split", "prozent",
        ]
        .iter()
        .any(|word| key.contains(word))
    }

    /// The only candidate whose sum stands in a line of totals, when that of `chosen` does not.
    fn by_footer(
        &self,
        chosen: usize,
        candidates: &[usize],
        header: &[String],
        reasons: &mut Reasons,
    ) -> Option<usize> {
        if !self.sample.is_whole || self.sample.rows.len() < 3 {
            return None;
        }
        let last = self.sample.rows.len() - 1;
        let filled = |row: &[String]| row.iter().filter(|cell| !cell.trim().is_empty()).count();
        if filled(&self.sample.rows[last]) * 2 > filled(&self.sample.rows[0]) {
            return None;
        }
        let sum = |column: usize| {
            self.columns[column][..last]
                .iter()
                .flatten()
                .try_fold(0i128, |sum, n| sum.checked_add(n.raw))
        };
        let agrees = |column: usize| sum(column).is_some_and(|sum| self.states(last, sum));
        let agreeing: Vec<usize> = candidates
            .iter()
            .copied()
            .filter(|c| self.is_numeric(*c) && agrees(*c))
            .collect();
        match agreeing.as_slice() {
            [one] if *one != chosen && !agreeing.contains(&chosen) => {
                reasons.push(format!(
                    "the last line states the sum of “{}”, not that of “{}”",
                    header[*one], header[chosen]
                ));
                Some(*one)
            }
            _ => None,
        }
    }

    fn states(&self, row: usize, sum: i128) -> bool {
        sum != 0
            && self.sample.rows[row]
                .iter()
                .any(|cell| Number::read(cell, self.mark).is_some_and(|n| n.raw == sum))
    }

    /// The column with the currency of a money column, when the file has one and it can be told apart from others.
    pub(super) fn currency_column(
        &self,
        money: usize,
        header: &[String],
    ) -> Option<(usize, String)> {
        let columns: Vec<usize> = (0..self.columns.len())
            .filter(|c| self.holds_currencies(*c))
            .collect();
        let best = columns.iter().map(|c| self.belongs(*c, money)).max()?;
        let top: Vec<usize> = columns
            .iter()
            .copied()
            .filter(|c| self.belongs(*c, money) == best)
            .collect();
        let same = |a: usize, b: usize| {
            self.sample
                .rows
                .iter()
                .all(|row| row.get(a).map(|c| c.trim()) == row.get(b).map(|c| c.trim()))
        };
        let first = *top.first()?;
        if best == 0 || !top.iter().all(|other| same(first, *other)) {
            return None;
        }
        let reason = format!(
            "“{}”, and no other column, holds the currency of “{}”",
            header[first], header[money]
        );
        Some((
            first,
            if columns.len() > 1 {
                reason
            } else {
                String::new()
            },
        ))
    }

    /// The currency that every amount of a column says.
    pub(super) fn currency_in_cells(&self, money: usize) -> Option<Currency> {
        let mut said = self
            .sample
            .rows
            .iter()
            .filter_map(|row| row.get(money))
            .filter(|c| !c.is_empty())
            .map(|c| currency_of_amount(c));
        let first = said.next()??;
        said.all(|currency| currency == Some(first))
            .then_some(first)
    }

    fn holds_currencies(&self, column: usize) -> bool {
        let mut cells = self
            .sample
            .rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|c| c.trim())
            .filter(|c| !c.is_empty())
            .peekable();
        let named = names_a_currency(self.names.key(column));
        cells.peek().is_some() && named && cells.all(|cell| Currency::parse(cell).is_ok())
    }

    /// How surely a currency column is that of a money column; 0 when it is another's.
    fn belongs(&self, column: usize, money: usize) -> u32 {
        let key = self.names.key(column);
        let money_key = self.names.key(money);
        let stem = ["currency", "curr", "währung", "waehrung"]
            .iter()
            .find_map(|word| key.strip_suffix(word))
            .unwrap_or(key);
        if !stem.is_empty() && (money_key.starts_with(stem) || money_key.contains(stem)) {
            return 5;
        }
        // A column that says in its name whose currency it is in, and that has the same amounts or is what they are taken from.
        let relatives = (0..self.columns.len())
            .filter(|c| *c != money && self.is_numeric(*c) && self.names.key(*c).contains(key));
        if relatives
            .into_iter()
            .any(|c| self.is_equal(c, money) || self.leads_to(c, money))
        {
            return 4;
        }
        const OTHERS: [&str; 13] = [
            "original",
            "customer",
            "local",
            "sale",
            "transaction",
            "retail",
            "consumer",
            "price",
            "source",
            "foreign",
            "gross",
            "base",
            "store",
        ];
        const OURS: [&str; 9] = [
            "payment",
            "payable",
            "payout",
            "report",
            "statement",
            "account",
            "settlement",
            "invoice",
            "client",
        ];
        if OURS.iter().any(|word| key.contains(word)) {
            3
        } else if OTHERS.iter().any(|word| key.contains(word)) {
            0
        } else {
            2
        }
    }

    fn is_equal(&self, a: usize, b: usize) -> bool {
        let pairs = || {
            self.columns[a]
                .iter()
                .zip(&self.columns[b])
                .filter_map(|(a, b)| Some(((*a)?.raw, (*b)?.raw)))
        };
        pairs().any(|(a, _)| a != 0) && pairs().all(|(a, b)| a == b)
    }

    /// Whether what stands in one column, less a further one, is the other: both are of one currency.
    fn leads_to(&self, gross: usize, net: usize) -> bool {
        (0..self.columns.len())
            .any(|c| c != gross && c != net && self.is_numeric(c) && self.add_up(net, c, gross))
    }
}

/// Whether a name is that of a currency column.
pub(super) fn names_a_currency(key: &str) -> bool {
    [
        "curr",
        "währung",
        "waehrung",
        "devise",
        "moneda",
        "moeda",
        "valuta",
        "waluta",
        "divisa",
        "валюта",
        "通貨",
        "货币",
        "币种",
    ]
    .iter()
    .any(|word| key.contains(word))
}

/// The words of a name that say that a column or a label is about money.
#[must_use]
pub(super) fn names_money(name: &str) -> bool {
    let key = header_key(name);
    const WORDS: [&str; 26] = [
        "revenue",
        "royalt",
        "amount",
        "payable",
        "earning",
        "netto",
        "total",
        "money",
        "due",
        "income",
        "payout",
        "receipts",
        "betrag",
        "erlös",
        "umsatz",
        "einnahmen",
        "importe",
        "ingresos",
        "regal",
        "montant",
        "revenu",
        "redevance",
        "valor",
        "receita",
        "importo",
        "kwota",
    ];
    WORDS.iter().any(|word| key.contains(word))
        || key == "net"
        || key.starts_with("net") && key.ends_with("share")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str, candidates: &[&str], quantity: &str) -> (String, Reasons) {
        let mut lines = text
            .lines()
            .map(|l| l.split(';').map(str::to_owned).collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let sample = Sample {
            rows: lines.collect(),
            is_whole: true,
        };
        let names = HeaderNames::of(&header);
        let numbers = Numbers::of(&sample, &names, header.len(), None);
        let candidates: Vec<usize> = candidates.iter().map(|c| names.find(c).unwrap()).collect();
        let quantities: Vec<usize> = names.find(quantity).into_iter().collect();
        let mut reasons = Vec::new();
        let chosen = numbers
            .money(&candidates, &quantities, &header, &mut reasons)
            .unwrap();
        (header[chosen].clone(), reasons)
    }

    #[test]
    fn a_price_of_one_unit_is_no_money() {
        let text = "qty;royalty;revenueTotal\n2;1.29;2.58\n1;1.29;1.29";
        assert_eq!(money(text, &["royalty"], "qty").0, "revenueTotal");
        // Rounded prices, and rows of one unit only: nothing speaks against the name.
        assert_eq!(
            money(
                "qty;royalty;total\n3;0.33;1.00\n7;0.14;1.00\n6;0.17;1.00",
                &["royalty", "total"],
                "qty"
            )
            .0,
            "total"
        );
        assert_eq!(
            money(
                "qty;royalty;total\n1;1.29;1.29",
                &["royalty", "total"],
                "qty"
            )
            .0,
            "royalty"
        );
    }

    #[test]
    fn what_is_taken_off_and_what_adds_up_decide() {
        let text = "qty;revenue;commission;label amount\n1;10.00;2.00;8.00\n3;5.00;1.00;4.00";
        let (column, reasons) = money(text, &["revenue", "label amount"], "qty");
        assert_eq!((column.as_str(), reasons.len()), ("label amount", 1));
        let text = "qty;revenue;premium;total\n1;10.00;2.00;12.00\n3;5.00;1.00;6.00";
        assert_eq!(money(text, &["revenue", "total"], "qty").0, "total");
        let text = "qty;value;deal;royalty\n3;1.20;0.95;1.14\n1;0.40;0.95;0.38";
        assert_eq!(money(text, &["value", "royalty"], "qty").0, "royalty");
        let text = "qty;value;share %;royalty\n3;1.20;95;1.14\n1;0.40;95;0.38";
        assert_eq!(money(text, &["value", "royalty"], "qty").0, "royalty");
    }

    #[test]
    fn a_last_line_of_totals_decides_between_names() {
        let text =
            "title;qty;revenue;balance\nA;1;1.00;7.00\nB;2;2.50;9.00\nC;4;0.25;3.00\n;;19.00;";
        assert_eq!(money(text, &["revenue", "balance"], "qty").0, "balance");
    }
}
