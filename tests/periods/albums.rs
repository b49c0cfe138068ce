//! Releases that were sold as a whole: what the catalog says is on them decides, and is kept with the period. Statements of periods.

use std::path::Path;

use ledgerline::settlement::SuspenseReason;
use ledgerline::terms::ContractNumber;

use super::{House, amount, month};
use crate::support::{rows, run, run_well, text};

fn contract(name: &str, track: &str, payee: &str) -> String {
    format!(
        "[[contract]]\nname = \"{name}\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\ntracks = [\"{track}\"]\n\
         album_lines = \"weights\"\n[[contract.split]]\nname = \"all\"\nshares = {{ {payee} = 1 }}\n"
    )
}

/// Two tracks of a release, by the seconds of the second one.
fn catalog(house: &mut House, seconds: u32) {
    let text = format!(
        "track_id,isrc,upc,title,label,payee,duration,release_title\n\
         T1,XAAAA2600001,0085365572676,One,Blue,Nobody,100,Blue Record\n\
         T2,XAAAA2600002,0085365572676,Two,Blue,Nobody,{seconds},Blue Record\n"
    );
    let file = house.file(&format!("catalog-{seconds}.csv"), &text);
    house.session.import_catalog(&[file]).unwrap();
}

fn house() -> House {
    let mut house = House::new();
    catalog(&mut house, 200);
    let contracts = house.file(
        "albums.toml",
        &(contract("Blue", "T1", "Ada") + &contract("Green", "T2", "Ben")),
    );
    house.session.import_terms(&[contracts], "").unwrap();
    let row = |title: &str, amount: &str| {
        format!(",0085365572676,{title},Artist,US,2026-09,10,{amount},USD\n")
    };
    let header = "ISRC,UPC,Track Title,Artist,Territory,Sales Month,Quantity,Amount,Currency\n";
    house.take(
        "albums.csv",
        &(header.to_owned() + &row("Blue Record", "30") + &row("A Song Under Another Name", "5")),
    );
    house
}

#[test]
fn the_catalog_says_what_is_on_a_release_and_the_period_keeps_it() {
    let mut house = house();
    let open = house
        .session
        .contents()
        .open_period(Some(month("2026-09")))
        .unwrap();
    let income = |contract: usize| {
        open.settled
            .income(ContractNumber::of(contract))
            .iter()
            .map(|t| (t.reason.track.to_string(), t.amount))
            .collect::<Vec<_>>()
    };
    assert_eq!(income(0), [("T1".to_owned(), amount("10"))]);
    assert_eq!(income(1), [("T2".to_owned(), amount("20"))]);
    // What is called neither as the release nor as one of its tracks may be either.
    let waits: Vec<_> = open.settled.suspense().unwrap().into_iter().collect();
    assert_eq!(waits.len(), 1);
    assert_eq!(
        (waits[0].0.0, waits[0].1),
        (SuspenseReason::NotMatched, amount("5"))
    );
    drop(open);
    house.close("2026-09");
    catalog(&mut house, 500);
    let open = house
        .session
        .contents()
        .open_period(Some(month("2026-10")))
        .unwrap();
    let ada = open
        .corrections
        .iter()
        .find(|c| c.payee == "Ada" && c.contract.is_empty())
        .expect("Ada is corrected");
    assert_eq!(
        (ada.period.as_str(), ada.before, ada.now),
        ("2026-09", amount("10"), amount("5"))
    );
    assert!(
        house
            .session
            .contents()
            .verify_period("2026-09")
            .unwrap()
            .is_sound
    );
    // Once it is closed with the correction, nothing is left to correct.
    house.close("2026-10");
    assert!(
        house
            .session
            .contents()
            .open_period(Some(month("2026-11")))
            .unwrap()
            .corrections
            .is_empty()
    );
}

#[test]
fn statements_and_payments_come_with_open_and_closed_periods() {
    let mut house = house();
    let House { folder, session } = {
        house.close("2026-09");
        house
    };
    drop(session);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (workspace, out, open) = (at("workspace"), at("out"), at("open"));
    let more = [
        "--statements",
        "--sender",
        "The House",
        "--payout-file",
        "payables",
    ];
    let told = run_well(
        &[
            &[
                "payout",
                "export",
                "2026-09",
                "--out",
                &out,
                "--workspace",
                &workspace,
            ][..],
            &more,
        ]
        .concat(),
    );
    assert!(
        text(&told.stdout).contains("2 statements, listed in statements/index.csv"),
        "{}",
        text(&told.stdout)
    );
    let index = rows(&Path::new(&out).join("statements/index.csv"));
    assert_eq!(
        index.iter().map(|r| r[0].as_str()).collect::<Vec<_>>(),
        ["Ada", "Ben"]
    );
    let ada = std::fs::read_to_string(Path::new(&out).join(&index[0][5])).unwrap();
    assert!(
        ada.contains("Blue Record") && ada.contains(",One,"),
        "{ada}"
    );
    assert!(
        std::fs::read(Path::new(&out).join(&index[0][7]))
            .unwrap()
            .starts_with(b"%PDF")
    );
    assert!(Path::new(&out).join("payout-payables.csv").is_file());
    // They go with the export that they belong to.
    run_well(&[
        "payout",
        "export",
        "2026-09",
        "--out",
        &out,
        "--workspace",
        &workspace,
    ]);
    assert!(!Path::new(&out).join(&index[0][5]).exists());
    run_well(
        &[
            &["payout", "show", "--out", &open, "--workspace", &workspace][..],
            &more,
        ]
        .concat(),
    );
    assert!(Path::new(&open).join("statements/index.csv").is_file());
    let refused = run(&["payout", "show", "--statements", "--workspace", &workspace]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
}
