//! Exchange rates: per period, with source and date; or derived from the money that reached the bank.
//!
//! Invariant: nothing is converted at a rate that nobody gave. A rate that is missing is an answer of its own, and the money waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ident::{Currency, Day, SalePeriod};
use crate::money::{Amount, Ratio};
use crate::terms::input::{CsvTable, Fault, Place, amount_of, day_of, period_of};

/// A rate that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// For one unit of this currency …
    pub from: Currency,
    /// … one gets so many of that.
    pub to: Currency,
    /// How many.
    pub rate: Ratio,
    /// Who says so.
    pub source: Arc<str>,
    /// Of which day; the last of the period when it is not given.
    pub date: Day,
}

/// Money that reached the bank for a statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Received {
    /// The statement.
    pub statement: String,
    /// Currency of the statement.
    pub from: Currency,
    /// The period in which it is settled; without one in every period that has cells of the statement.
    pub period: Option<SalePeriod>,
    /// Currency of the bank.
    pub to: Currency,
    /// How much came.
    pub amount: Amount,
    /// Who says so.
    pub source: String,
    /// Where it is written.
    pub place: Place,
}

/// One hop: a quote, straight or turned round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// What one gets for one unit.
    pub rate: Ratio,
    /// Into which currency.
    pub to: Currency,
    /// The rate with its source and date, in words.
    pub words: Arc<str>,
}

/// All rates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// By pair and first and last day of the period.
    quotes: BTreeMap<(Currency, Currency), BTreeMap<(Day, Day), Quote>>,
    /// Money that reached the bank, sorted.
    pub received: Vec<Received>,
}

/// The European Central Bank quotes everything against the euro; a pair without a quote of its own goes through it.
fn hub() -> Currency {
    Currency::parse("EUR").expect("EUR is a currency")
}

/// Money that reached the bank, from a row that has it.
fn received<'a>(
    place: &Place,
    cell: &dyn Fn(&[&str]) -> &'a str,
    from: Currency,
    to: Currency,
) -> Result<Received, Fault> {
    let fault =
        |column: &str, problem: String, remedy: &str| Fault::new(place, column, problem, remedy);
    let amount =
        amount_of(cell(&["received"])).map_err(|p| fault("received", p, "write it as 1234.56"))?;
    let statement = cell(&["statement"]).to_owned();
    if statement.is_empty() || !cell(&["rate"]).is_empty() {
        return Err(fault(
            "statement",
            "money is received for a statement, and has no rate beside it".into(),
            "name the statement of the cells",
        ));
    }
    let period =
        period_of(cell(&["period"])).map_err(|p| fault("period", p, "write a month as 2026-09"))?;
    Ok(Received {
        statement,
        from,
        to,
        period: period.days().map(|_| period),
        amount,
        source: cell(&["source"]).to_owned(),
        place: place.clone(),
    })
}

impl Rates {
    /// Reads files of rates: `period,from,to,rate,source,date` with `statement,received` for money that reached the bank; or the
    /// European Central Bank's reference rates (`Date,USD,JPY,…`: units of each currency for one euro).
    ///
    /// # Errors
    /// All faults, each with its place.
    pub fn read(files: &[(String, Vec<u8>)]) -> Result<Self, Vec<Fault>> {
        let mut rates = Self::default();
        let mut faults = Vec::new();
        for (name, bytes) in files {
            match CsvTable::read(name, bytes) {
                Ok(table)
                    if table.header.first().is_some_and(|h| h == "date")
                        && table.column(&["rate"]).is_none() =>
                {
                    rates.take_reference_table(&table, &mut faults);
                }
                Ok(table) => rates.take_table(&table, &mut faults),
                Err(found) => faults.extend(found),
            }
        }
        rates.received.sort();
        for pair in rates.received.windows(2).filter(|p| {
            (&p[0].statement, p[0].from, p[0].period) == (&p[1].statement, p[1].from, p[1].period)
        }) {
            let problem = format!(
                "money for {:?} in {} stands there twice",
                pair[1].statement, pair[1].from
            );
            faults.push(Fault::new(
                &pair[1].place,
                "received",
                problem,
                "add the amounts up, or write beside each the period in which it is settled",
            ));
        }
        faults.sort();
        if faults.is_empty() {
            Ok(rates)
        } else {
            Err(faults)
        }
    }

    /// Something that is in these rates and not in others, in words.
    #[must_use]
    pub fn first_missing_in(&self, others: &Self) -> Option<String> {
        for ((from, to), by_days) in &self.quotes {
            let missing = by_days.keys().find(|days| {
                others
                    .quotes
                    .get(&(*from, *to))
                    .is_none_or(|o| !o.contains_key(days))
            });
            if let Some((first, last)) = missing {
                return Some(format!("the rate {from} to {to} of {first} to {last}"));
            }
        }
        let is_same = |o: &Received, r: &Received| {
            (&o.statement, o.from) == (&r.statement, r.from)
                && r.period.is_none_or(|p| o.period == Some(p))
        };
        self.received
            .iter()
            .find(|r| !others.received.iter().any(|o| is_same(o, r)))
            .map(|r| format!("what was received for {}", r.statement))
    }

    fn take_table(&mut self, table: &CsvTable, faults: &mut Vec<Fault>) {
        for (place, cells) in &table.rows {
            let cell = |names: &[&str]| table.column(names).map_or("", |at| cells[at].as_str());
            if let Err(fault) = self.take_row(place, &cell) {
                faults.push(fault);
            }
        }
    }

    fn take_row<'a>(
        &mut self,
        place: &Place,
        cell: &dyn Fn(&[&str]) -> &'a str,
    ) -> Result<(), Fault> {
        let fault = |column: &str, problem: String, remedy: &str| {
            Fault::new(place, column, problem, remedy)
        };
        let code = |column: &str| {
            Currency::parse(cell(&[column]))
                .map_err(|e| fault(column, e.to_string(), "write its code, such as EUR"))
        };
        let from = code("from")?;
        let to = code("to")?;
        let source = cell(&["source"]);
        if source.is_empty() {
            return Err(fault(
                "source",
                "a rate has a source".into(),
                "write who says so",
            ));
        }
        if !cell(&["received"]).is_empty() {
            let received = received(place, cell, from, to)?;
            self.received.push(received);
            return Ok(());
        }
        let rate = Ratio::parse(cell(&["rate"]))
            .map_err(|e| fault("rate", e.to_string(), "write it as 1.0837"))?;
        let period = period_of(cell(&["period"]))
            .map_err(|p| fault("period", p, "write a month as 2026-09"))?;
        let days = period.days().ok_or_else(|| {
            fault(
                "period",
                "a rate is for a period".into(),
                "write a month as 2026-09",
            )
        })?;
        let date = match cell(&["date"]) {
            "" => days.1,
            text => day_of(text).map_err(|p| fault("date", p, "write it as 2026-09-30"))?,
        };
        if rate.is_zero() || from == to {
            return Err(fault(
                "rate",
                "a rate is above zero, between two currencies".into(),
                "correct the row",
            ));
        }
        self.add(
            days,
            Quote {
                from,
                to,
                rate,
                source: source.into(),
                date,
            },
            place,
        )
    }

    fn add(&mut self, days: (Day, Day), quote: Quote, place: &Place) -> Result<(), Fault> {
        let pair = self.quotes.entry((quote.from, quote.to)).or_default();
        match pair.get(&days) {
            Some(other) if other.rate != quote.rate => {
                let problem = format!(
                    "{} {} is {} in one row and {} in another for the same period",
                    quote.from, quote.to, other.rate, quote.rate
                );
                Err(Fault::new(place, "rate", problem, "leave one of them out"))
            }
            // The same rate twice: what is kept does not depend on the order.
            Some(other) if (&other.source, other.date) <= (&quote.source, quote.date) => Ok(()),
            _ => {
                pair.insert(days, quote);
                Ok(())
            }
        }
    }

    fn take_reference_table(&mut self, table: &CsvTable, faults: &mut Vec<Fault>) {
        for (place, cells) in &table.rows {
            let day = match day_of(&cells[0]) {
                Ok(day) => day,
                Err(problem) => {
                    faults.push(Fault::new(place, "date", problem, "write it as 2026-09-30"));
                    continue;
                }
            };
            for (name, cell) in table.header.iter().zip(cells).skip(1) {
                if name.is_empty() || matches!(cell.as_str(), "" | "N/A") {
                    continue;
                }
                let read = Currency::parse(name)
                    .map_err(|e| e.to_string())
                    .and_then(|c| Ok((c, Ratio::parse(cell).map_err(|e| e.to_string())?)));
                let result = match read {
                    Ok((to, rate)) if !rate.is_zero() && to != hub() => self.add(
                        (day, day),
                        Quote {
                            from: hub(),
                            to,
                            rate,
                            source: "ECB euro reference rates".into(),
                            date: day,
                        },
                        place,
                    ),
                    Ok(_) => Err(Fault::new(
                        place,
                        name,
                        "a rate is above zero, and of another currency than EUR",
                        "correct the cell",
                    )),
                    Err(problem) => Err(Fault::new(
                        place,
                        name,
                        problem,
                        "leave the cell empty or write N/A where there is no rate",
                    )),
                };
                faults.extend(result.err());
            }
        }
    }

    /// All rates that were given, by pair and period: first and last day, and the rate.
    pub fn quotes(&self) -> impl Iterator<Item = (&(Day, Day), &Quote)> {
        self.quotes.values().flatten()
    }

    /// How to get from one currency to another for sales of a period: no hop, one, or two through the euro. `None` when a rate is missing.
    ///
    /// The rate is that of the narrowest period that holds the last day of the sales. Where only rates of days are known, it is that
    /// of the last such day in the month of the last day of the sales.
    #[must_use]
    pub fn path(&self, from: Currency, to: Currency, period: SalePeriod) -> Option<Vec<Hop>> {
        if from == to {
            return Some(Vec::new());
        }
        let (_, last) = period.days()?;
        if let Some(hop) = self.hop(from, to, last) {
            return Some(vec![hop]);
        }
        Some(vec![
            self.hop(from, hub(), last)?,
            self.hop(hub(), to, last)?,
        ])
    }

    fn hop(&self, from: Currency, to: Currency, last: Day) -> Option<Hop> {
        let (quote, is_turned) = match (self.quote(from, to, last), self.quote(to, from, last)) {
            (Some(straight), _) => (straight, false),
            (None, Some(turned)) => (turned, true),
            (None, None) => return None,
        };
        let rate = if is_turned {
            quote.rate.inverse()?
        } else {
            quote.rate
        };
        let turned = if is_turned { ", turned round" } else { "" };
        let words = format!(
            "1 {} = {} {} ({}, {}{turned})",
            quote.from, quote.rate, quote.to, quote.source, quote.date
        );
        Some(Hop {
            rate,
            to,
            words: words.into(),
        })
    }

    fn quote(&self, from: Currency, to: Currency, last: Day) -> Option<&Quote> {
        let pair = self.quotes.get(&(from, to))?;
        // A narrower period begins later and ends earlier; the tie between equally long ones is broken by the later beginning.
        let holding = pair
            .iter()
            .filter(|((first, end), _)| *first <= last && last <= *end);
        let length = |days: &(Day, Day)| days.1.number() - days.0.number();
        if let Some((_, quote)) =
            holding.min_by_key(|(days, _)| (length(days), std::cmp::Reverse(days.0)))
        {
            return Some(quote);
        }
        let (year, month, _) = last.to_ymd();
        let first = Day::new(year, month, 1).ok()?;
        pair.range((first, first)..)
            .take_while(|((day, _), _)| *day <= last)
            .filter(|((day, end), _)| day == end)
            .last()
            .map(|(_, quote)| quote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(text: &str) -> Rates {
        Rates::read(&[("r.csv".into(), text.into())]).unwrap()
    }

    fn path(rates: &Rates, from: &str, to: &str, period: &str) -> Option<Vec<String>> {
        let code = |c| Currency::parse(c).unwrap();
        let hops = rates.path(
            code(from),
            code(to),
            SalePeriod::from_canonical(period).unwrap(),
        )?;
        Some(hops.iter().map(|h| h.rate.to_string()).collect())
    }

    #[test]
    fn the_reference_table_is_recognized_and_the_last_day_of_the_month_counts() {
        let table = rates(
            "Date,USD,JPY,CYP,\n2026-09-30,1.10,160.5,N/A,\n2026-09-29,1.20,161,N/A,\n2026-08-31,1.30,,N/A,\n",
        );
        assert_eq!(
            path(&table, "EUR", "USD", "2026-09"),
            Some(vec!["1.1".into()])
        );
        assert_eq!(
            path(&table, "USD", "EUR", "2026-09"),
            Some(vec!["10/11".into()])
        );
        assert_eq!(
            path(&table, "USD", "JPY", "2026-09"),
            Some(vec!["10/11".into(), "160.5".into()])
        );
        assert_eq!(path(&table, "EUR", "JPY", "2026-08"), None);
        assert_eq!(path(&table, "EUR", "USD", "2026-10"), None);
    }

    #[test]
    fn the_narrowest_period_counts_and_contradictions_are_faults() {
        let table = rates(
            "period,from,to,rate,source,date\n2026-07..2026-09,USD,EUR,0.90,bank,\n2026-09,USD,EUR,0.92,bank,2026-09-30\n",
        );
        assert_eq!(
            path(&table, "USD", "EUR", "2026-09"),
            Some(vec!["0.92".into()])
        );
        assert_eq!(
            path(&table, "USD", "EUR", "2026-08"),
            Some(vec!["0.9".into()])
        );
        let twice = "period,from,to,rate,source\n2026-09,USD,EUR,0.92,a\n2026-09,USD,EUR,0.93,b\n";
        let faults = Rates::read(&[("r.csv".into(), twice.into())]).unwrap_err();
        assert!(
            faults[0].to_string().starts_with("r.csv, line 3, rate: "),
            "{}",
            faults[0]
        );
    }
}
