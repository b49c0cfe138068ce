//! Every form with its right value, and what must be refused.

use std::collections::HashMap;

use super::*;

const MDY: Option<DateOrder> = Some(DateOrder::Mdy);
const DMY: Option<DateOrder> = Some(DateOrder::Dmy);

fn read(text: &str, order: Option<DateOrder>) -> String {
    SalePeriod::parse(text, order)
        .map_or_else(|error| format!("{error:?}"), |period| period.to_string())
}

/// Checks a table of `text => value` lines; all faults are shown at once.
fn check(order: Option<DateOrder>, table: &[(&str, &str)]) {
    let wrong = table
        .iter()
        .filter(|(text, want)| read(text, order) != *want);
    let wrong: Vec<String> = wrong
        .map(|(text, want)| format!("{text:?}: {} instead of {want}", read(text, order)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn ranges_are_read_to_their_end() {
    let two = "2025-06..2025-07";
    check(
        None,
        &[
            ("2025-06 to 2025-07", two),
            ("2025-06-01 – 2025-07-31", two),
            ("2025-06-01 - 2025-07-31", two),
            ("2025-06-01 — 2025-07-31", two),
            ("2025-06-01 ― 2025-07-31", two),
            ("2025-06-01--2025-07-31", two),
            ("2025-06-01/2025-07-31", two),
            ("2025-06/2025-07", two),
            ("2025-06..2025-07", two),
            ("2025-06 ~ 2025-07", two),
            ("2025-06-2025-07", two),
            ("2025/06/01-2025/07/31", two),
            ("20250601-20250731", two),
            ("202506-202507", two),
            ("2025-06-01 2025-07-31", two),
            ("2025-06-01T00:00:00Z - 2025-07-31T23:59:59Z", two),
            ("2025-06-01 00:00 to 2025-07-31 23:59", two),
            ("Jun 2025 - Jul 2025", two),
            ("JUN 2025 TO JUL 2025", two),
            ("Jun 01, 2025 — Jul 31, 2025", two),
            ("June 1st, 2025 through July 31st, 2025", two),
            ("June - July 2025", two),
            ("Jun-Jul 2025", two),
            ("Jun-Jul-25", two),
            ("Jun.-Jul. 2025", two),
            ("Jun-25 - Jul-25", two),
            ("Jun'25 – Jul'25", two),
            ("2025 Jun - Jul", two),
            ("June to July 2025", two),
            ("from June 2025 until July 2025", two),
            ("06/2025-07/2025", two),
            ("06.2025 - 07.2025", two),
            ("06-2025 - 07-2025", two),
            ("06/25 - 07/25", two),
            ("01.06.2025 bis 31.07.2025", two),
            ("01.06.-31.07.2025", two),
            ("01.06. – 31.07.2025", two),
            ("vom 1. Juni bis 31. Juli 2025", two),
            ("von Juni 2025 bis Juli 2025", two),
            ("Juni–Juli 2025", two),
            ("1er juin 2025 au 31 juillet 2025", two),
            ("du 1er juin au 31 juillet 2025", two),
            ("de juin à juillet 2025", two),
            ("de junio a julio de 2025", two),
            ("del 1 de junio al 31 de julio de 2025", two),
            ("junio 2025 hasta julio 2025", two),
            ("de junho até julho de 2025", two),
            ("dal 1 giugno al 31 luglio 2025", two),
            ("juni t/m juli 2025", two),
            ("van 1 juni tot 31 juli 2025", two),
            ("juni til juli 2025", two),
            ("fra 1. juni 2025 til 31. juli 2025", two),
            ("från juni till juli 2025", two),
            ("od 1 czerwca do 31 lipca 2025", two),
            ("2025年6月1日〜2025年7月31日", two),
            ("2025年6月1日～7月31日", two),
            ("2025年6月〜7月", two),
            ("2025年6月から2025年7月まで", two),
            ("2025年6月至2025年7月", two),
            ("2025年6月1日至7月31日", two),
            ("２０２５年６月～２０２５年７月", two),
            ("2025\u{a0}06 to 2025-07", two),
            ("1-30 June 2025", "2025-06"),
            ("June 1-30, 2025", "2025-06"),
            ("June 1–15, 2025", "2025-06"),
            ("del 1 al 30 de junio de 2025", "2025-06"),
            ("vom 1. bis 30. Juni 2025", "2025-06"),
            ("2025年6月1日〜30日", "2025-06"),
            ("06/01/2025 - 06/30/2025", "2025-06"),
            ("01/06/2025 - 30/06/2025", "2025-06"),
            ("06/01 - 06/30/2025", "2025-06"),
            ("1 Jan - 31 Mar 2025", "2025-01..2025-03"),
            ("Jan 1 - Mar 31, 2025", "2025-01..2025-03"),
            ("Jan 01 - Mar 31, 2025", "2025-01..2025-03"),
            ("April–June 2025", "2025-04..2025-06"),
            ("Nov 2024 - Jan 2025", "2024-11..2025-01"),
            ("Aug 30, 2026 - Sep 26, 2026", "2026-08-30..2026-09-26"),
            ("2024 - 2025", "2024-01..2025-12"),
            ("2024 to 2025", "2024-01..2025-12"),
            ("Q1-Q2 2025", "2025-01..2025-06"),
            ("Q1 2025 - Q2 2025", "2025-01..2025-06"),
            ("2025Q1-2025Q2", "2025-01..2025-06"),
            ("2025 Q1 – Q2", "2025-01..2025-06"),
            ("1Q25-2Q25", "2025-01..2025-06"),
            ("1.-2. Quartal 2025", "2025-01..2025-06"),
            ("H1 2024 to H2 2025", "2024-01..2025-12"),
            ("Q1 2025 to June 2025", "2025-01..2025-06"),
            ("KW 23-27/2025", "2025-06-02..2025-07-06"),
            ("W23-W27 2025", "2025-06-02..2025-07-06"),
        ],
    );
    check(
        MDY,
        &[
            ("03/04/2025 - 04/05/2025", "2025-03-04..2025-04-05"),
            ("03/04/2025 to 03/04/2025", "2025-03"),
        ],
    );
    check(
        DMY,
        &[
            ("03/04/2025 - 04/05/2025", "2025-04-03..2025-05-04"),
            ("1.6.2025–31.7.2025", "2025-06..2025-07"),
        ],
    );
}

#[test]
fn quarters_are_read_in_every_spelling() {
    let forms = "2025 Q2|2025-Q2|2025Q2|2025/Q2|Q2 2025|Q2-2025|Q2/2025|Q2_2025|Q2, 2025|Q2'25|Q2 ’25|Q2 25|q2-25|2Q2025|2Q25|2q 2025|2025/2Q|2025-2Q|2025 2Q|Q225|20252|\
        2nd Quarter 2025|Quarter 2 2025|Quarter 2, 2025|second quarter 2025|2nd quarter of 2025|2. Quartal 2025|II. Quartal 2025|II Quartal 2025|QII 2025|\
        zweites Quartal 2025|T2 2025|T2-2025|2025-T2|2e trimestre 2025|2ème trimestre 2025|deuxième trimestre 2025|2º trimestre 2025|2° trimestre 2025|\
        2o trimestre de 2025|segundo trimestre de 2025|2do trimestre 2025|2º trimestre del año 2025|II trimestre 2025|2T25|2T2025|2T 2025|2. kvartal 2025|\
        2 kvartal 2025|kvartal 2 2025|andra kvartalet 2025|K2 2025|2e kwartaal 2025|kwartał 2 2025|II kwartał 2025|Ⅱ kwartał 2025|2. neljännes 2025|2. ársfjórðungur 2025|第2四半期 2025|2025年第2四半期|\
        2025年第二季度|2025年2季度|2025年第２四半期|2025년 2분기|April - June 2025|2025年4月〜6月";
    let wrong: Vec<&str> = forms
        .split('|')
        .filter(|form| read(form, None) != "2025-04..2025-06")
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn half_years_and_years_are_read() {
    let forms = "H1 2025|2025 H1|2025-H1|1H2025|1H25|H1'25|1st half 2025|first half of 2025|1. Halbjahr 2025|erstes Halbjahr 2025|I. Halbjahr 2025|HJ1 2025|S1 2025|\
        1er semestre 2025|1º semestre 2025|primer semestre de 2025|上半期 2025|2025年上半年|2025年上半期|I półrocze 2025|1. halvår 2025|1e halfjaar 2025|2025 1H";
    let wrong: Vec<&str> = forms
        .split('|')
        .filter(|form| read(form, None) != "2025-01..2025-06")
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    check(
        None,
        &[
            ("2025年下半年", "2025-07..2025-12"),
            ("2025-H2", "2025-07..2025-12"),
            ("2º semestre 2025", "2025-07..2025-12"),
            ("2025", "2025-01..2025-12"),
            ("Year 2025", "2025-01..2025-12"),
            ("Jahr 2025", "2025-01..2025-12"),
            ("année 2025", "2025-01..2025-12"),
            ("2025年", "2025-01..2025-12"),
            ("２０２５年", "2025-01..2025-12"),
        ],
    );
}

#[test]
fn weeks_are_those_of_iso_8601() {
    // The week 27 goes from Monday, 30 June, to Sunday, 6 July 2025.
    let forms = "2025-W27|2025W27|W27 2025|Week 27 2025|Week 27, 2025|week 27 of 2025|KW 27/2025|KW27 2025|KW27/25|27. Kalenderwoche 2025|semaine 27 2025|semana 27 2025|\
        settimana 27 2025|vecka 27 2025|uke 27 2025|tydzień 27 2025|2025年第27週|2025年第27周";
    let wrong: Vec<&str> = forms
        .split('|')
        .filter(|form| read(form, None) != "2025-06-30..2025-07-06")
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    check(
        None,
        &[
            ("2025-W23", "2025-06"),
            ("2020-W53", "2020-12-28..2021-01-03"),
            ("2025-W01", "2024-12-30..2025-01-05"),
            ("2025-W53", "NoSuchDay"),
            ("2025-W54", "NoSuchDay"),
            ("2025-W00", "NoSuchDay"),
        ],
    );
}

#[test]
fn months_and_days_are_read_in_every_language() {
    check(
        None,
        &[
            ("Juni 2025", "2025-06"),
            ("juin 2025", "2025-06"),
            ("juil. 2025", "2025-07"),
            ("févr. 2025", "2025-02"),
            ("FÉVRIER 2025", "2025-02"),
            ("fe\u{301}vrier 2025", "2025-02"),
            ("août 2025", "2025-08"),
            ("sept. 2025", "2025-09"),
            ("Sept. '25", "2025-09"),
            ("Mrz 2025", "2025-03"),
            ("März 2025", "2025-03"),
            ("Mrz. 25", "2025-03"),
            ("Maerz 2025", "2025-03"),
            ("Jänner 2025", "2025-01"),
            ("maj 2025", "2025-05"),
            ("mei 2025", "2025-05"),
            ("mai 2025", "2025-05"),
            ("junio de 2025", "2025-06"),
            ("junho/2025", "2025-06"),
            ("jun/25", "2025-06"),
            ("março de 2025", "2025-03"),
            ("set/2025", "2025-09"),
            ("ago 2025", "2025-08"),
            ("gennaio 2025", "2025-01"),
            ("styczeń 2025", "2025-01"),
            ("stycznia 2025", "2025-01"),
            ("październik 2025 r.", "2025-10"),
            ("kesäkuu 2025", "2025-06"),
            ("júní 2025", "2025-06"),
            ("2025年6月", "2025-06"),
            ("2025年06月分", "2025-06"),
            ("2025年6月度", "2025-06"),
            ("2025年6月1日", "2025-06"),
            ("2025年十二月", "2025-12"),
            ("2025년 6월", "2025-06"),
            ("Jun'25", "2025-06"),
            ("June '25", "2025-06"),
            ("Jun-25", "2025-06"),
            ("2025-Jun", "2025-06"),
            ("2025 June", "2025-06"),
            ("ＪＵＮ－２５", "2025-06"),
            ("２０２５－０６", "2025-06"),
            ("2025‑06", "2025-06"),
            ("2025.06.01", "2025-06"),
            ("1. Juni 2025", "2025-06"),
            ("1er juin 2025", "2025-06"),
            ("1 de junio de 2025", "2025-06"),
            ("1º de junho de 2025", "2025-06"),
            ("June 1st, 2025", "2025-06"),
            ("Jun 1 2025", "2025-06"),
            ("Sunday, June 1, 2025", "2025-06"),
            ("Sun 1 Jun 2025", "2025-06"),
            ("2025-Jun-01", "2025-06"),
            ("01-JUN-25", "2025-06"),
            ("2025-06-01T00:00:00+02:00", "2025-06"),
            ("20250601T000000Z", "2025-06"),
            ("30/9-2026", "2026-09"),
            ("2025-1", "2025-01"),
            ("  2025-06\u{a0}", "2025-06"),
        ],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_is_not_understood_is_refused() {
    check(
        None,
        &[
            ("25-Jun", "Form"),
            ("20255", "Form"),
            ("45838", "Form"),
            ("FY2025", "Form"),
            ("FY 2025", "Form"),
            ("2025年度", "Form"),
            ("2025/26", "NoSuchDay"),
            ("2025/2026", "Form"),
            ("1989", "Form"),
            ("2100", "Form"),
            ("June", "Form"),
            ("Q2", "Form"),
            ("6月", "Form"),
            ("2025-06 to", "Form"),
            ("to 2025-06", "Form"),
            ("from 2025-06", "Form"),
            ("2025-06 -", "Form"),
            ("2025-06 –", "Form"),
            ("- 2025-06", "Form"),
            ("2025-06 to present", "Form"),
            ("2025-06 onwards", "Form"),
            ("2025-06 and 2025-07", "Form"),
            ("2025-06 und 2025-07", "Form"),
            ("2025-06 & 2025-07", "Form"),
            ("2025-06, 2025-07", "Form"),
            ("2025-06 2025-07", "Form"),
            ("2025-06 Streams 2025-07", "Form"),
            ("2025-06 sometext 2025-07", "Form"),
            ("2025-06 bis heute", "Form"),
            ("2025-06 quarter", "Form"),
            ("2025-06-01 24:60", "Form"),
            ("2025-06-01 00:00:00X", "Form"),
            ("2025-06 to 2025-07 to 2025-08", "Form"),
            ("2025-06-01 - 07-31", "Form"),
            ("2025-06/07", "Form"),
            ("2025/06-07", "Form"),
            ("2025 06-07", "Form"),
            ("2025-06 - 07", "Form"),
            ("01-02/2025", "Form"),
            ("04 - 06/2025", "Form"),
            ("Jun 25 - Jul 25", "Form"),
            ("Jun 01 - Jul 31", "Form"),
            ("June 1 - December 2025", "Form"),
            ("2025 Q3 - 30 Sep 2025", "Form"),
            ("2025-06-01 99:99", "Form"),
            ("KW 23-25", "Form"),
            ("2 kw. 2025", "Form"),
            ("II kw. 2025", "Form"),
            ("2K 2025", "Form"),
            ("2nd 2025", "Form"),
            ("S23 2025", "Form"),
            ("Q02 2025", "Form"),
            ("Q3 - 30", "Form"),
            ("12:25", "Form"),
            ("2025-06a", "Form"),
            ("2025²", "Form"),
            ("1.234.567", "Form"),
            ("Statement June 2025", "Form"),
            ("June 2025 (Q2)", "Form"),
            ("2025-07 to 2025-06", "NoSuchDay"),
            ("2025-07-31 - 2025-07-01", "NoSuchDay"),
            ("Dec 15 - Jan 14, 2026", "NoSuchDay"),
            ("Jul 2025 - Jun 2025", "NoSuchDay"),
            ("2025-02-30 - 2025-03-31", "NoSuchDay"),
            ("Q5 2025", "NoSuchDay"),
            ("Q0 2025", "NoSuchDay"),
            ("H3 2025", "NoSuchDay"),
            ("June 31, 2025", "NoSuchDay"),
            ("2025年13月", "NoSuchDay"),
            ("03/04/2025", "Undecided"),
            ("03/04/2025 - 05/04/2025", "Undecided"),
            ("01.06. - 02.06.2025", "Undecided"),
            ("30/04/2025 - 04/30/2025", "Undecided"),
        ],
    );
    check(MDY, &[("30/04/2025 - 30/05/2025", "NoSuchDay")]);
    let long = "2025-06 ".repeat(40);
    assert_eq!(SalePeriod::parse(&long, None), Err(PeriodTextError::Form));
}

#[test]
fn months_of_all_languages_come_back_in_all_forms() {
    for (language, months) in words::MONTHS {
        for (names, month) in months.split(", ").zip(1u32..) {
            for name in names.split(' ') {
                for year in 2019..=2030 {
                    let want = format!("{year}-{month:02}");
                    let yy = year % 100;
                    let last = days_in_month(year, month);
                    let title = name[..1].to_uppercase() + &name[1..];
                    let forms = [
                        format!("{name} {year}"),
                        format!("{title} {year}"),
                        format!("{} {year}", name.to_uppercase()),
                        format!("{name}. {year}"),
                        format!("{name}, {year}"),
                        format!("{name} de {year}"),
                        format!("{name}-{year}"),
                        format!("{name}{year}"),
                        format!("{year} {name}"),
                        format!("{year}-{name}"),
                        format!("{name}-{yy}"),
                        format!("{name} '{yy}"),
                        format!("15. {name} {year}"),
                        format!("15 de {name} de {year}"),
                        format!("{name} 15, {year}"),
                        format!("15-{name}-{yy}"),
                        format!("1 {name} {year} – {last} {name} {year}"),
                        format!("1-{last} {name} {year}"),
                        format!("{title} 1–{last}, {year}"),
                        format!("from {name} {year} to {name} {year}"),
                        format!("{name} - {name} {year}"),
                    ];
                    for form in forms {
                        assert_eq!(read(&form, None), want, "{language}: {form}");
                    }
                    // To the end of the next year: a range is read to its end.
                    let longer = format!("{name} {year} - 12/{}", year + 1);
                    assert_eq!(
                        read(&longer, None),
                        format!("{want}..{}-12", year + 1),
                        "{language}: {longer}"
                    );
                }
            }
        }
    }
}

#[test]
fn numbers_of_all_months_come_back_in_all_forms() {
    for year in 2019..=2030 {
        for month in 1..=12u32 {
            let (want, last) = (format!("{year}-{month:02}"), days_in_month(year, month));
            let forms = [
                format!("{year}-{month:02}"),
                format!("{year}/{month}"),
                format!("{year}{month:02}"),
                format!("{year}M{month}"),
                format!("{month:02}-{year}"),
                format!("{month}/{year}"),
                format!("{year}年{month}月"),
                format!("{year}-{month:02}-{last}"),
                format!("{year}.{month}.1"),
                format!("{year}{month:02}{last}"),
                format!("{year}-{month:02}-01 to {year}-{month:02}-{last}"),
                format!("{year}{month:02}01-{year}{month:02}{last}"),
                format!("{year}年{month}月1日～{last}日"),
                format!("01.{month:02}.{year} – {last}.{month:02}.{year}"),
                format!("{month:02}/01/{year} - {month:02}/{last}/{year}"),
            ];
            for form in forms {
                assert_eq!(read(&form, None), want, "{form}");
            }
        }
    }
}

#[test]
fn what_is_displayed_is_read_again() {
    for text in [
        "2026-09",
        "2026-07..2026-09",
        "2026-08-30..2026-09-26",
        "2025-01..2025-12",
    ] {
        assert_eq!(read(text, None), text);
        assert_eq!(
            SalePeriod::from_canonical(text)
                .map(|period| period.to_string())
                .as_deref(),
            Some(text)
        );
    }
    // A year or a range in words is not how a period is displayed.
    assert_eq!(SalePeriod::from_canonical("2025"), None);
    assert_eq!(SalePeriod::from_canonical("2025-06 to 2025-07"), None);
}

#[test]
fn a_word_means_one_thing_in_all_languages() {
    let mut meanings: HashMap<String, parts::PhrasePart> = HashMap::new();
    for (language, months) in words::MONTHS {
        assert_eq!(months.split(", ").count(), 12, "{language}");
    }
    let months = words::month_names().map(|(name, month)| (name, parts::PhrasePart::Month(month)));
    // Endings of ordinals stand at a number, without a blank, and can mean something else elsewhere.
    let others = words::WORDS
        .iter()
        .filter(|(part, _)| *part != parts::PhrasePart::Nth(0));
    let others = others.flat_map(|(part, names)| names.split(' ').map(|name| (name, *part)));
    for (name, part) in months.chain(others) {
        assert_eq!(words::fold(name), name, "written as it is compared");
        assert!(name.chars().all(|c| c.is_ascii_lowercase()), "{name}");
        assert_eq!(
            *meanings.entry(name.to_owned()).or_insert(part),
            part,
            "{name} means two things"
        );
        assert_eq!(words::part_of(name), part, "{name}");
    }
    assert!(meanings.len() > 250);
}

#[test]
fn dates_and_ranges_tell_the_order_of_their_parts() {
    let cases = [
        ("9/30/2026", MDY),
        ("30.09.2026", DMY),
        ("10/15/2023 12:00:00 AM", MDY),
        ("03/04/2025", None),
        ("2025-06-30", None),
        ("June 30, 2025", None),
        ("01/04/2025 - 30/04/2025", DMY),
        ("04/01/2025 – 04/30/2025", MDY),
        ("from 01/04/2025 to 30/04/2025", DMY),
        ("01.04. - 30.04.2025", DMY),
        ("01/04/2025 - 05/04/2025", None),
        ("30/04/2025 - 04/30/2025", None),
        ("2025-06-13 - 2025-06-30", None),
        ("", None),
    ];
    for (text, want) in cases {
        assert_eq!(date_order_evidence(text), want, "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn a_period_is_found_inside_of_a_text() {
    let cases = [
        ("Beatport 2025 Q3 - 30 Sep 2025", Some("2025-07..2025-09")),
        ("Beatport 2025 Q3 - 15 Nov 2025", Some("2025-07..2025-09")),
        ("Payment for June 2025", Some("2025-06")),
        (
            "Royalty Statement Jun 01, 2025 — Jul 31, 2025",
            Some("2025-06..2025-07"),
        ),
        ("2019.08 Streams", Some("2019-08")),
        ("Statement period: 2025-06", Some("2025-06")),
        ("Period: 01/06/2025 - 30/06/2025 (EUR)", Some("2025-06")),
        (
            "Royalties for Q2 2025 (April – June 2025)",
            Some("2025-04..2025-06"),
        ),
        (
            "Abrechnung 2. Quartal 2025, Seite 1",
            Some("2025-04..2025-06"),
        ),
        (
            "Abrechnung vom 1. Juni bis 31. Juli 2025",
            Some("2025-06..2025-07"),
        ),
        (
            "Relevé du 1er juin au 31 juillet 2025",
            Some("2025-06..2025-07"),
        ),
        (
            "Invoice 12 of 30 June 2025, sales of May 2025",
            Some("2025-05"),
        ),
        ("売上報告書 2025年6月分", Some("2025-06")),
        ("Liquidación de junio de 2025", Some("2025-06")),
        ("June 2025", Some("2025-06")),
        ("Week 27, 2025 (Spotify)", Some("2025-06-30..2025-07-06")),
        ("Statement 202506 of account 99500", Some("2025-06")),
        ("", None),
        ("Payment", None),
        ("Payment of 30 Sep 2025", None),
        ("© 2025 Northline", None),
        ("June 2025, August 2025", None),
        ("June 2025 and July 2025", None),
        ("2025-06 / 2025-08-01 / 2025-09", None),
        ("Period 03/04/2025 - 05/06/2025", None),
        ("Period 2025-07 - 2025-06", None),
        ("Payment Jan 22", None),
        ("7/26", None),
        ("you may 2 2025 times", None),
        ("Order 12-2025-06", None),
        ("ISRC QZA1B2506001", None),
        ("7f1f6b2e-2025-4000-8000-000000000001", None),
        ("data set 2025", None),
        ("May/June 2025", None),
        ("Jun, Jul, Aug 2025", None),
        ("Sep-Oct-Nov 2025", None),
        ("2025.06 - 08", None),
        ("Jan 2025 to Mar", None),
        ("up to June 2025", None),
        ("through June 2025", None),
        ("Quarter ending June 2025", None),
        ("Q1/Q2 2025", None),
        ("2025年1月、2月", None),
        ("2025-06 to 2025-07-15", None),
    ];
    for (text, want) in cases {
        assert_eq!(
            period_in_text(text)
                .map(|period| period.to_string())
                .as_deref(),
            want,
            "{text}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn a_period_is_found_in_a_file_name() {
    let cases = [
        ("39_label_Q2_2025.csv", Some("2025-04..2025-06")),
        ("report_2025-Q3.csv", Some("2025-07..2025-09")),
        ("2025Q3.txt.gz", Some("2025-07..2025-09")),
        ("label_2025_Q3_final.xlsx", Some("2025-07..2025-09")),
        ("H1-2025.csv", Some("2025-01..2025-06")),
        ("royalties Jun2025.csv", Some("2025-06")),
        ("june_2025.csv", Some("2025-06")),
        ("2025_June.csv", Some("2025-06")),
        ("Abrechnung_März_2025.csv", Some("2025-03")),
        ("2025年6月.csv", Some("2025-06")),
        ("202506-202507.csv", Some("2025-06..2025-07")),
        ("2025-06_to_2025-07.csv", Some("2025-06..2025-07")),
        ("20250601-20250630.csv", Some("2025-06")),
        ("20250601_20250731.csv", Some("2025-06..2025-07")),
        ("2025-06-01_2025-06-30.csv", Some("2025-06")),
        ("01-06-2025_30-06-2025.csv", Some("2025-06")),
        (
            "sales 2025-06-01 - 2025-07-31.csv",
            Some("2025-06..2025-07"),
        ),
        ("06-2025.csv", Some("2025-06")),
        ("x_06_2025.csv", Some("2025-06")),
        ("2025.06.csv", Some("2025-06")),
        ("label202609.txt", Some("2026-09")),
        ("99500_202607_202607_99500_DTL.xlsx", Some("2026-07")),
        ("39_2026_09.csv", Some("2026-09")),
        ("01_2025-06.csv", Some("2025-06")),
        ("202609_20261015.csv", Some("2026-09")),
        ("March2026StatementRun_123-royalty.csv", Some("2026-03")),
        (
            "DSR_TEST_YouTube_AdSupport-music_2015-Q4_IS_1of1_20160121T150926.tsv",
            Some("2015-10..2015-12"),
        ),
        (
            "DSR__X_2025-06-01--2025-06-30_US_1of1_20250730T202512.tsv",
            Some("2025-06"),
        ),
        ("a.zip/b_2025-06.csv", Some("2025-06")),
        ("a_2025-05.zip/b_2025-06.csv", Some("2025-06")),
        ("a_2025-05.zip/b.csv", Some("2025-05")),
        ("a_2025-05.zip/b_2025-06_2025-08.csv", None),
        ("S1_202506.txt", Some("2025-06")),
        ("2025-06 (1).csv", Some("2025-06")),
        ("dashgo-06-25.csv", None),
        ("distrokid-Jun-25.csv", None),
        ("20260930.csv", None),
        ("2026-09-30.csv", None),
        ("20260930_202512.csv", None),
        ("20260930T202512.csv", None),
        ("report_2025.csv", None),
        ("S1_2025.csv", None),
        ("202506_and_202508.csv", None),
        ("05_2026_09.csv", None),
        ("2025_06-07.csv", None),
        ("2025-06-07-x.csv", None),
        ("d41d8cd98f00b204e202506f8427e.csv", None),
        ("data_set_2025.csv", None),
        ("2026-13.csv", None),
        ("Q1_Q2_2025.csv", None),
        ("sales_april_june_2025.csv", None),
        ("sales_april-june_2025.csv", Some("2025-04..2025-06")),
        ("", None),
        (".csv", None),
    ];
    for (name, want) in cases {
        assert_eq!(
            period_in_file_name(name)
                .map(|period| period.to_string())
                .as_deref(),
            want,
            "{name}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn no_text_makes_it_panic() {
    const PIECES: [&str; 48] = [
        "2025",
        "06",
        "1",
        "31",
        "202506",
        "20250601",
        "99999999999",
        "0",
        "-",
        "–",
        " ",
        "/",
        ".",
        "..",
        "~",
        "〜",
        ":",
        ",",
        "'",
        "_",
        "+",
        "T",
        "Z",
        "to",
        "bis",
        "du",
        "de",
        "t/m",
        "Q",
        "q2",
        "H1",
        "W53",
        "KW",
        "June",
        "märz",
        "II",
        "第",
        "年",
        "月",
        "日",
        "四半期",
        "上半年",
        "から",
        "まで",
        "２",
        "\u{301}",
        "🎵",
        "\u{0}",
    ];
    let mut seed = 7u64;
    let mut next = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or(0) % below
    };
    for round in 0..60_000 {
        let text: String = if round % 4 == 0 {
            (0..next(30))
                .filter_map(|_| char::from_u32(u32::try_from(next(0x11_0000)).unwrap_or(0)))
                .collect()
        } else {
            (0..next(12)).map(|_| PIECES[next(PIECES.len())]).collect()
        };
        for order in [None, MDY, DMY, Some(DateOrder::Ymd)] {
            if let Some((first, last)) = SalePeriod::parse(&text, order)
                .ok()
                .and_then(SalePeriod::days)
            {
                assert!(first <= last, "{text:?}");
            }
            let _ = SalePeriod::parse_pair(&text, &text, order);
        }
        let _ = (
            SalePeriod::from_canonical(&text),
            date_order_evidence(&text),
            period_in_text(&text),
            period_in_file_name(&text),
        );
    }
}

/// The rule itself, so that the tests do not ask the calendar that they test.
fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}
