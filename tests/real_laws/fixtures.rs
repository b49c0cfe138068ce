//! The statements of `tests/fixtures/real` by description: what the oracle makes of them, what the program does, and what is right.
//!
//! Left out are files that are no statements (`33_dsr_ugc.tsv`, `35_ern.xml`), the catalog (`36_catalog_zebralution.csv`), and those listed in
//! `layouts.toml`: their point is what the columns of one sender mean, and a description would only say it a second time.

use std::path::PathBuf;

use ledgerline::ident::{Currency, DateOrder};
use ledgerline::statement::ReadOptions;

use super::{amounts, reading};
use crate::oracle::described::{Description, Fact, Reading, read};

/// A statement, how to read it, and what it comes to.
struct Statement {
    file: &'static str,
    description: Description,
    /// What a person has to say for the program.
    currency: Option<&'static str>,
    date_order: Option<DateOrder>,
    records: u64,
    /// Totals among and below the records, and rows that are no sales by their kind. A layout may know either.
    not_paid: u64,
    money: &'static [(&'static str, &'static str)],
}

const CSV: Description = Description {
    separator: ',',
    mark: '.',
    rows_above: 0,
    facts: &[],
    units: "Quantity",
    amount: "Net Revenue",
    currency: None,
    aside: None,
};
const TABS: Description = Description {
    separator: '\t',
    ..CSV
};
/// As a general distributor writes, with a currency in each row.
const GENERAL: Description = Description {
    facts: &[
        (Fact::Store, "Store"),
        (Fact::Isrc, "ISRC"),
        (Fact::Title, "Title"),
        (Fact::Artist, "Artist"),
        (Fact::Period, "Sale Month"),
        (Fact::Currency, "Currency"),
    ],
    ..CSV
};
const ZEBRALUTION: Description = Description {
    separator: ';',
    mark: ',',
    facts: &[
        (Fact::Store, "Shop"),
        (Fact::Isrc, "ISRC"),
        (Fact::Upc, "EAN"),
        (Fact::Title, "Title"),
        (Fact::Artist, "Artist"),
        (Fact::Label, "Label"),
        (Fact::Territory, "Country"),
        (Fact::Period, "Period Sold"),
    ],
    units: "Sales",
    amount: "Rev.less Publ.EUR",
    currency: Some("EUR"),
    ..CSV
};

const READ: Statement = Statement {
    file: "",
    description: GENERAL,
    currency: None,
    date_order: None,
    records: 2,
    not_paid: 0,
    money: &[("USD", "2")],
};

const STATEMENTS: &[Statement] = &[
    Statement {
        file: "01_apple_music_currency_in_preamble.txt",
        description: Description {
            rows_above: 4,
            facts: &[
                (Fact::Isrc, "ISRC"),
                (Fact::Title, "Item_Title"),
                (Fact::Artist, "Item_Artist"),
            ],
            amount: "Net Royalty Total",
            currency: Some("AUD"),
            ..TABS
        },
        money: &[("AUD", "0.59724")],
        ..READ
    },
    Statement {
        file: "02_spotify_27_digits.txt",
        description: Description {
            rows_above: 2,
            facts: &[
                (Fact::Isrc, "ISRC"),
                (Fact::Upc, "UPC"),
                (Fact::Title, "Track name"),
                (Fact::Artist, "Artist name"),
            ],
            amount: "USD Payable",
            currency: Some("USD"),
            ..TABS
        },
        records: 3,
        money: &[("USD", "0.0186728975848186227651836784173342")],
        ..READ
    },
    Statement {
        file: "03_exponents_without_loss.csv",
        records: 4,
        money: &[("USD", "0.250156942689137")],
        ..READ
    },
    Statement {
        file: "04_sum_row_without_label.csv",
        description: ZEBRALUTION,
        not_paid: 1,
        money: &[("EUR", "0.099549993")],
        ..READ
    },
    Statement {
        file: "05_sum_rows_in_two_currencies.csv",
        description: Description {
            facts: &[
                (Fact::Store, "Store Name"),
                (Fact::Isrc, "ISRC"),
                (Fact::Upc, "EAN"),
                (Fact::Title, "Track Title"),
                (Fact::Artist, "Track Artist"),
            ],
            units: "Qty",
            amount: "Royalty",
            currency: Some("GBP"),
            ..CSV
        },
        currency: Some("GBP"),
        not_paid: 3,
        money: &[("GBP", "1.52")],
        ..READ
    },
    Statement {
        file: "07_itunes_empty_cells_behind_every_row.txt",
        description: Description {
            facts: &[
                (Fact::Isrc, "ISRC/ISBN"),
                (Fact::Title, "Title"),
                (Fact::Currency, "Partner Share Currency"),
            ],
            amount: "Extended Partner Share",
            ..TABS
        },
        money: &[("EUR", "2.1")],
        ..READ
    },
    Statement {
        file: "09_period_range_with_to.csv",
        records: 1,
        money: &[("USD", "4")],
        ..READ
    },
    Statement {
        file: "10_period_range_with_en_dash.csv",
        money: &[("USD", "9.25")],
        ..READ
    },
    Statement {
        file: "12_unit_price_before_total.csv",
        description: Description {
            facts: &[
                (Fact::Isrc, "isrc"),
                (Fact::Title, "title"),
                (Fact::Artist, "author"),
                (Fact::Currency, "currency"),
            ],
            units: "quantity",
            amount: "revenueTotal",
            ..CSV
        },
        date_order: Some(DateOrder::Mdy),
        money: &[("AUD", "3.87")],
        ..READ
    },
    Statement {
        file: "13_period_sold_beside_period.csv",
        description: ZEBRALUTION,
        money: &[("EUR", "0.011492763")],
        ..READ
    },
    Statement {
        file: "14_symphonic.csv",
        description: Description {
            facts: &[
                (Fact::Isrc, "ISRC Code"),
                (Fact::Upc, "UPC Code"),
                (Fact::Title, "Track Title"),
                (Fact::Store, "Digital Service Provider"),
            ],
            units: "Count",
            amount: "Royalty ($US)",
            currency: Some("USD"),
            ..CSV
        },
        money: &[("USD", "3.357647")],
        ..READ
    },
    Statement {
        file: "16_bandcamp_raw.csv",
        description: Description {
            facts: &[
                (Fact::Isrc, "isrc"),
                (Fact::Upc, "upc"),
                (Fact::Title, "item name"),
                (Fact::Currency, "currency"),
            ],
            units: "quantity",
            amount: "net amount",
            aside: Some(("item type", "payout")),
            ..CSV
        },
        not_paid: 1,
        money: &[("USD", "6.3")],
        ..READ
    },
    Statement {
        file: "17_header_cell_with_line_end.csv",
        description: Description {
            amount: "Net\nRevenue",
            ..GENERAL
        },
        ..READ
    },
    Statement {
        file: "19_lone_cr_between_records.csv",
        records: 4,
        money: &[("USD", "15")],
        ..READ
    },
    Statement {
        file: "21_bmi.csv",
        description: Description {
            facts: &[(Fact::Id, "Work#"), (Fact::Title, "Song Title")],
            units: "Uses",
            amount: "Royalty Amount",
            currency: Some("USD"),
            ..CSV
        },
        currency: Some("USD"),
        money: &[("USD", "935.79")],
        ..READ
    },
    Statement {
        file: "22_ascap.csv",
        description: Description {
            facts: &[(Fact::Title, "Work Title")],
            units: "",
            amount: "Amount",
            currency: Some("USD"),
            ..CSV
        },
        currency: Some("USD"),
        money: &[("USD", "4.47")],
        ..READ
    },
    Statement {
        file: "24_prs.csv",
        description: Description {
            facts: &[(Fact::Title, "Work Title")],
            units: "",
            amount: "Amount (performance revenue)",
            currency: Some("GBP"),
            ..CSV
        },
        currency: Some("GBP"),
        money: &[("GBP", "0.114")],
        ..READ
    },
    Statement {
        file: "25_beatport_label.csv",
        description: Description {
            facts: &[
                (Fact::Isrc, "isrc"),
                (Fact::Upc, "upc"),
                (Fact::Title, "track"),
            ],
            units: "copies",
            amount: "artist net royalty ($ usd)",
            currency: Some("USD"),
            ..CSV
        },
        money: &[("USD", "3.08")],
        ..READ
    },
    Statement {
        file: "26_soundcloud_for_artists.csv",
        description: Description {
            rows_above: 2,
            facts: &[
                (Fact::Isrc, "ISRC"),
                (Fact::Upc, "UPC"),
                (Fact::Title, "Track"),
            ],
            units: "Units",
            amount: "Revenue (USD)",
            currency: Some("USD"),
            ..CSV
        },
        money: &[("USD", "3.6")],
        ..READ
    },
    Statement {
        file: "28_google_play.csv",
        description: Description {
            rows_above: 2,
            facts: &[
                (Fact::Isrc, "ISRC"),
                (Fact::Upc, "UPC"),
                (Fact::Title, "Product_Title"),
                (Fact::Currency, "Partner_Revenue_Currency"),
            ],
            units: "Total_Plays",
            amount: "Partner_Revenue_Paid",
            ..CSV
        },
        records: 1,
        money: &[("USD", "0.8")],
        ..READ
    },
    Statement {
        file: "31_currency_per_row_in_two_columns.csv",
        description: Description {
            facts: &[
                (Fact::Isrc, "ISRC"),
                (Fact::Title, "Track Title"),
                (Fact::Currency, "Reporting Currency"),
            ],
            ..CSV
        },
        money: &[("GBP", "8"), ("JPY", "119.4")],
        ..READ
    },
    Statement {
        file: "32_summary_of_several_tables.csv",
        description: Description {
            rows_above: 12,
            facts: &[
                (Fact::Isrc, "ISRC"),
                (Fact::Title, "Track"),
                (Fact::Release, "Release"),
            ],
            units: "Streams",
            amount: "Revenue",
            currency: Some("EUR"),
            ..CSV
        },
        currency: Some("EUR"),
        records: 1,
        money: &[("EUR", "48.99")],
        ..READ
    },
    Statement {
        file: "38_statement.csv.gz",
        records: 1,
        money: &[("USD", "1.25")],
        ..READ
    },
    Statement {
        file: "39_label_Q2_2025.csv",
        description: Description {
            facts: &[
                (Fact::Isrc, "ISRC"),
                (Fact::Title, "Track Title"),
                (Fact::Artist, "Track Artist"),
                (Fact::Store, "Store Name"),
            ],
            units: "Qty",
            amount: "Royalty",
            currency: Some("GBP"),
            ..CSV
        },
        currency: Some("GBP"),
        records: 1,
        money: &[("GBP", "1.14")],
        ..READ
    },
    Statement {
        file: "40_same_statement_saved_twice_a.csv",
        ..READ
    },
    Statement {
        file: "40_same_statement_saved_twice_b.csv",
        description: Description {
            separator: ';',
            mark: ',',
            ..GENERAL
        },
        ..READ
    },
];

fn path(statement: &Statement) -> PathBuf {
    crate::support::root()
        .join("tests/fixtures/real")
        .join(statement.file)
}

/// Units of all records.
fn units(reading: &Reading) -> crate::oracle::described::Exact {
    reading.cells.values().map(|sum| &sum.units).sum()
}

/// Law: oracle and program come to the same records, units, totals and money, and both to what is right.
fn all_agree(statement: &Statement) -> Result<(), String> {
    let path = path(statement);
    let by_oracle = read(
        &std::fs::read(&path).map_err(|e| e.to_string())?,
        &statement.description,
    );
    let currency = statement
        .currency
        .map(|code| (None, Currency::parse(code).unwrap()));
    let options = ReadOptions {
        currencies: currency.into_iter().collect(),
        date_order: statement.date_order,
        ..ReadOptions::default()
    };
    let by_program = reading(&path, &options, 2)?;
    let want = (
        statement.records,
        statement.not_paid,
        amounts(statement.money),
    );
    for (who, got) in [("oracle", &by_oracle), ("program", &by_program)] {
        let got = (got.records, got.totals + got.aside, got.money());
        if got != want {
            return Err(format!("the {who} comes to {got:?}, not {want:?}"));
        }
    }
    let (theirs, ours) = (units(&by_oracle), units(&by_program));
    if theirs == ours {
        Ok(())
    } else {
        Err(format!("{ours} units, not {theirs}"))
    }
}

#[test]
fn oracle_and_program_agree_on_real_statements() {
    let faults: Vec<String> = STATEMENTS
        .iter()
        .filter_map(|statement| {
            Some(format!(
                "{}: {}",
                statement.file,
                all_agree(statement).err()?
            ))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {} statements\n{}",
        faults.len(),
        STATEMENTS.len(),
        faults.join("\n")
    );
}

#[test]
fn every_statement_is_described_or_left_out_for_a_reason() {
    let listed =
        std::fs::read_to_string(crate::support::root().join("tests/fixtures/real/public.toml"))
            .unwrap();
    let files = listed
        .lines()
        .filter(|line| line.starts_with("file"))
        .flat_map(|line| line.split('"').skip(1).step_by(2));
    let none: Vec<&str> = files
        .filter(|file| !STATEMENTS.iter().any(|s| s.file == *file))
        .collect();
    assert_eq!(none, ["33_dsr_ugc.tsv", "35_ern.xml"]);
}

#[test]
fn a_wrong_column_mark_or_value_would_be_noticed() {
    let of = |start: &str| {
        STATEMENTS
            .iter()
            .find(|s| s.file.starts_with(start))
            .unwrap()
    };
    let with = |start: &str, change: &dyn Fn(&mut Description)| {
        let known = of(start);
        let mut description = known.description;
        change(&mut description);
        all_agree(&Statement {
            description,
            ..*known
        })
    };
    assert_eq!(with("12_", &|_| {}), Ok(()));
    assert!(
        with("12_", &|d| d.amount = "royalty").is_err(),
        "the price of one unit"
    );
    assert!(with("12_", &|d| d.units = "").is_err(), "no units");
    assert!(
        with("31_", &|d| d.facts = &[
            (Fact::Isrc, "ISRC"),
            (Fact::Currency, "Original Currency")
        ])
        .is_err(),
        "another currency"
    );
    assert!(
        with("40_same_statement_saved_twice_b", &|d| d.mark = '.').is_err(),
        "125 is not 1.25"
    );
    assert!(
        all_agree(&Statement {
            money: &[("EUR", "0.199099986")],
            ..*of("04_")
        })
        .is_err(),
        "the total is paid as well"
    );
    assert!(
        all_agree(&Statement {
            not_paid: 0,
            ..*of("04_")
        })
        .is_err()
    );
}
