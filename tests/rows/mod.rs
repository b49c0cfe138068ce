//! Rows as they stand in the file: windows of any size against one read of all, and the rows behind a total against the total.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledgerline::contents::{Contents, StatementRecord};
use ledgerline::desk::rows::{
    Drill, DrillView, FileRow, Pagers, Preparation, RowKind, RowPager, RowsError, RowsOf,
    SourceState,
};
use ledgerline::desk::{Desk, LineId};
use ledgerline::ident::Currency;
use ledgerline::job::Job;
use ledgerline::matching::Status;
use ledgerline::money::Amount;
use ledgerline::session::engine::{Engine, Event, JobCommand};
use ledgerline::session::{RunRequest, Session};
use ledgerline::statement::layout::Layouts;
use ledgerline::statement::{Accept, ReadOptions};
use proptest::prelude::*;

use crate::support::{sample_dir, sample_statements};

/// An engine with the sample's catalog.
fn engine(folder: &Path) -> Engine {
    let engine = Engine::open(
        folder.join("workspace"),
        Layouts::load(&[""; 0]).unwrap(),
        "tester".into(),
        Arc::new(|| {}),
    );
    wait_for(&engine, |event| matches!(event, Event::Opened));
    engine
}

fn with_catalog(folder: &Path) -> Engine {
    let engine = engine(folder);
    engine.send(JobCommand::ImportCatalog(vec![
        sample_dir().join("catalog.csv"),
    ]));
    wait_for(&engine, |event| matches!(event, Event::CatalogImported(_)));
    engine
}

fn wait_for(engine: &Engine, mut is_it: impl FnMut(&Event) -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        for event in engine.events() {
            assert!(
                !matches!(event, Event::Failed(_) | Event::NotOpened(_)),
                "{event:?}"
            );
            if is_it(&event) {
                return;
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("the engine did not come to it");
}

/// Imports files in small batches, so that even the sample has many.
fn import(engine: &Engine, files: &[PathBuf], batch_rows: usize) {
    // Some of the files are others in another form, which are told apart by the gates and not by these tests.
    let accept = Accept {
        quarantine: true,
        duplicate: true,
    };
    let options = ReadOptions {
        batch_rows: Some(batch_rows),
        accept,
        ..ReadOptions::default()
    };
    engine.send(JobCommand::ImportStatements {
        files: files.to_vec(),
        options: Box::new(options),
    });
    let mut left = files.len();
    wait_for(engine, |event| {
        left -= usize::from(matches!(event, Event::StatementTaken { .. }));
        left == 0
    });
}

fn sample_files() -> Vec<PathBuf> {
    sample_statements().into_iter().map(PathBuf::from).collect()
}

fn prepared(contents: &Contents, desk: &Desk, statement: usize) -> Arc<RowPager> {
    let pager = Pagers::default()
        .of(contents, &desk.statements()[statement])
        .unwrap();
    pager.prepare(contents, &Job::new(1)).unwrap();
    assert_eq!(pager.preparation(), Preparation::None);
    pager
}

fn all_rows(pager: &RowPager, desk: &Desk) -> Vec<FileRow> {
    pager.read(0..pager.rows().unwrap(), desk).unwrap()
}

fn done(drill: &Drill) -> DrillView {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let view = drill.view();
        if view.is_done || view.is_cancelled || view.failure.is_some() {
            return view;
        }
        assert!(Instant::now() < end, "{view:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn drill(engine: &Engine, pagers: &Arc<Pagers>, of: RowsOf) -> Drill {
    Drill::start(
        engine.contents().unwrap(),
        engine.desk(),
        Arc::clone(pagers),
        of,
        Arc::new(|| {}),
    )
}

/// The sample in forms that cannot be reached by bytes, or whose bytes are not its text.
fn in_other_forms(folder: &Path) -> Vec<PathBuf> {
    let source = sample_dir().join("statements/orchard_2026-09.csv");
    let text = std::fs::read(source).unwrap();
    let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    // Each is a statement of its own, so each has other rows.
    let part = |n: usize| -> Vec<u8> {
        [lines[0]]
            .into_iter()
            .chain(lines[1..].iter().skip(n).step_by(5).copied())
            .flatten()
            .copied()
            .collect()
    };
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let utf_16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(
            String::from_utf8_lossy(&part(1))
                .encode_utf16()
                .flat_map(u16::to_le_bytes),
        )
        .collect();
    let mut with_bom = vec![0xEF, 0xBB, 0xBF];
    with_bom.extend(part(2));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &part(3)).unwrap();
    vec![
        write(
            "packed.csv.zst",
            &zstd::stream::encode_all(part(0).as_slice(), 1).unwrap(),
        ),
        write("utf-16.csv", &utf_16),
        write("bom.csv", &with_bom),
        write("packed.csv.gz", &gzip.finish().unwrap()),
        write(
            "windows-1252.csv",
            &encoding_rs::WINDOWS_1252
                .encode(&String::from_utf8_lossy(&part(4)))
                .0,
        ),
    ]
}

#[test]
fn windows_of_any_size_are_the_rows_of_one_read() {
    let folder = tempfile::tempdir().unwrap();
    let engine = with_catalog(folder.path());
    import(&engine, &sample_files(), 37);
    import(&engine, &in_other_forms(folder.path()), 37);
    let (desk, session) = (engine.desk(), engine.contents().unwrap());
    for (place, statement) in desk.statements().iter().enumerate() {
        let pager = prepared(&session, &desk, place);
        let all = all_rows(&pager, &desk);
        check_against_import(&desk, place, &all);
        for size in [1, 7, 36, 38, 200] {
            let mut read = Vec::new();
            while read.len() < all.len() {
                let start = read.len() as u64;
                read.extend(pager.read(start..start + size, &desk).unwrap());
            }
            assert!(read == all, "{}: windows of {size}", statement.record.name);
        }
        assert_eq!(
            pager
                .read(all.len() as u64..all.len() as u64 + 9, &desk)
                .unwrap(),
            [],
            "there is nothing behind the end"
        );
    }
}

/// What rows come to is what the import counted.
fn check_against_import(desk: &Desk, place: usize, rows: &[FileRow]) {
    let statement = &desk.statements()[place];
    let record = &statement.record;
    assert!(
        rows.iter()
            .zip(1..)
            .all(|(row, number)| row.row_number == number)
    );
    let bad: Vec<(u64, u64)> = rows
        .iter()
        .filter(|r| matches!(r.kind, RowKind::Quarantined(_)))
        .map(|r| (r.row_number, r.line_number))
        .collect();
    let wanted: Vec<(u64, u64)> = statement
        .quarantine
        .iter()
        .map(|q| (q.row_number, q.line_number))
        .collect();
    assert_eq!(bad, wanted, "{}", record.name);
    let mut sums = std::collections::BTreeMap::<Currency, Amount>::new();
    let mut records = bad.len() as u64;
    for row in rows {
        match &row.kind {
            RowKind::Record(r) => {
                let (item, line) = r
                    .place
                    .unwrap_or_else(|| panic!("{} row {}: no line", record.name, row.row_number));
                assert!(
                    item.statement as usize == place && desk.lines().members(line).contains(&item)
                );
                records += 1;
                let sum = sums.entry(r.currency).or_default();
                *sum = sum.plus(r.amount).unwrap();
            }
            RowKind::Quarantined(bad) if !bad.amount.is_zero() => {
                let sum = sums.entry(bad.currency).or_default();
                *sum = sum.plus(bad.amount).unwrap();
            }
            _ => {}
        }
    }
    assert_eq!(records, record.records);
    for (currency, total) in &statement.reported {
        assert_eq!(
            sums.get(currency).copied().unwrap_or_default(),
            total.amount,
            "{} {currency}",
            record.name
        );
    }
}

#[test]
fn the_rows_of_a_line_a_payee_and_a_status_come_to_their_totals() {
    let folder = tempfile::tempdir().unwrap();
    let engine = with_catalog(folder.path());
    import(&engine, &sample_files(), 37);
    import(&engine, &in_other_forms(folder.path()), 37);
    let (desk, pagers) = (engine.desk(), Arc::new(Pagers::default()));
    let payout = desk.payout().unwrap();
    let lines = (0..desk.lines().len() as LineId).step_by(desk.lines().len() / 60);
    let payees = payout.payables.iter().step_by(7).map(|p| RowsOf::Payee {
        payee: p.payee.clone(),
        currency: p.currency.code().to_owned(),
    });
    let statuses = [Status::Ambiguous, Status::Unmatched, Status::Quarantined];
    let all = statuses.into_iter().map(|status| RowsOf::Status {
        status,
        statement: None,
    });
    let one = statuses.into_iter().map(|status| RowsOf::Status {
        status,
        statement: Some(2),
    });
    for of in lines.map(RowsOf::Line).chain(payees).chain(all).chain(one) {
        let drill = drill(&engine, &pagers, of.clone());
        let view = done(&drill);
        assert_eq!(view.ties_out(), Some(true), "{of:?}: {view:?}");
        check_hits(&engine, &drill, &view);
        if let RowsOf::Line(line) = of {
            assert_eq!(
                view.sums.get(&desk.lines().currency(line)),
                Some(desk.lines().sum(line))
            );
            assert!(
                view.batches < view.batches_in_files || view.batches_in_files < 3,
                "only some batches are read: {view:?}"
            );
        }
    }
    let total: u64 = [Status::Quarantined]
        .iter()
        .map(|s| {
            done(&drill(
                &engine,
                &pagers,
                RowsOf::Status {
                    status: *s,
                    statement: None,
                },
            ))
            .rows()
        })
        .sum();
    assert_eq!(
        total,
        desk.statements()
            .iter()
            .map(|s| s.quarantine.len() as u64)
            .sum::<u64>()
    );
}

/// Hits are the rows that the pager reads at the same places, in order.
fn check_hits(engine: &Engine, drill: &Drill, view: &DrillView) {
    let (contents, desk) = (engine.contents().unwrap(), drill.desk());
    let hits = drill.reader().read(&contents, 0..view.listed).unwrap();
    assert_eq!(hits.len() as u64, view.rows());
    assert!(hits.is_sorted_by_key(|h| (h.statement, h.row.row_number)));
    for hit in hits.iter().step_by(hits.len() / 10 + 1) {
        let pager = prepared(&contents, desk, hit.statement as usize);
        let at = hit.row.row_number - 1;
        assert_eq!(
            pager.read(at..at + 1, desk).unwrap(),
            std::slice::from_ref(&hit.row)
        );
    }
}

#[test]
fn statements_without_an_index_are_read_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let engine = with_catalog(folder.path());
    import(
        &engine,
        &[sample_dir().join("statements/orchard_2026-09.csv")],
        20,
    );
    let desk = engine.desk();
    // What an older version kept: no offsets, no index.
    let mut loaded = ledgerline::desk::Loaded::read(
        &engine.contents().unwrap(),
        desk.statements()[0].record.clone(),
    )
    .unwrap();
    loaded.record.batch_offsets.clear();
    loaded.record.rows = 0;
    loaded.record.mark = None;
    loaded
        .record
        .files
        .retain(|(name, _)| name != "batches.bin");
    let session = engine.contents().unwrap();
    let pager = Pagers::default().of(&session, &loaded).unwrap();
    assert_eq!(
        (pager.preparation(), pager.rows(), pager.state()),
        (Preparation::Index, None, SourceState::Comparing)
    );
    assert!(matches!(
        pager.read(500..510, &desk),
        Err(RowsError::NotYet)
    ));
    assert_eq!(
        pager.read(0..1, &desk).unwrap()[0].kind,
        RowKind::Header,
        "the head is there at once"
    );
    pager.prepare(&session, &Job::new(1)).unwrap();
    assert_eq!(
        (pager.preparation(), pager.state()),
        (Preparation::None, SourceState::SameBytes)
    );
    assert_eq!(
        all_rows(&pager, &desk),
        all_rows(&prepared(&session, &desk, 0), &desk)
    );
}

#[test]
fn a_statement_taken_again_in_other_batches_still_ties_out() {
    let folder = tempfile::tempdir().unwrap();
    let engine = with_catalog(folder.path());
    let file = [sample_dir().join("statements/orchard_2026-09.csv")];
    import(&engine, &file, 20);
    import(&engine, &file, 37);
    drop(engine);
    let engine = self::engine(folder.path());
    let end = Instant::now() + Duration::from_secs(60);
    while engine.desk().statements().is_empty() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
    }
    let desk = engine.desk();
    for line in (0..desk.lines().len() as LineId).step_by(desk.lines().len() / 20) {
        let view = done(&drill(
            &engine,
            &Arc::new(Pagers::default()),
            RowsOf::Line(line),
        ));
        assert_eq!(view.ties_out(), Some(true), "{line}: {view:?}");
    }
}

/// Records of older versions do not say how many rows their batches have: it was 50,000, which is more than it is now.
#[test]
fn a_statement_that_was_taken_in_batches_of_50_000_rows_reads_as_one_taken_now() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("month.csv");
    let mut text = String::from("ISRC,Title,Artist,Territory,Period,Quantity,Amount,Currency\n");
    for row in 0..120_000 {
        let (item, territory) = (row / 90, ["DE", "FR", "NO"][row % 3]);
        text.push_str(&format!(
            "XAAAA26{item:05},Ferry {item},Ada Ferrow,{territory},2026-09,1,0.{row:06},EUR\n"
        ));
    }
    std::fs::write(&file, text).unwrap();
    let taken = |name: &str, batch_rows: Option<usize>| {
        let mut session = Session::open(
            &folder.path().join(name),
            Layouts::load(&[""; 0]).unwrap(),
            Job::new(2),
        )
        .unwrap();
        let options = ReadOptions {
            batch_rows,
            ..ReadOptions::default()
        };
        let part = ledgerline::statement::source::parts(&file)
            .unwrap()
            .remove(0);
        let record = session.import_statement(&part, &options).unwrap().record;
        (session, record)
    };
    let lines = |session: &mut Session, record: &StatementRecord| {
        let out = folder.path().join("out");
        let run = session.reconcile(
            std::slice::from_ref(record),
            &out,
            RunRequest {
                with_lines: true,
                ..RunRequest::new(&ReadOptions::default())
            },
        );
        run.map(|_| std::fs::read(out.join("lines.csv")).unwrap())
    };
    let (mut now, record) = taken("now", None);
    let want = lines(&mut now, &record).unwrap();
    let (mut old, mut record) = taken("old", Some(50_000));
    assert_eq!(
        record.batch_starts.len(),
        3,
        "the file has several of the old batches"
    );
    record.batch_rows = None;
    assert!(lines(&mut old, &record).unwrap() == want);
    // Rows by themselves: by the offsets that were kept, and by reading the file through where an even older version kept none.
    let shown = |contents: &Contents, record: StatementRecord| {
        let loaded = Arc::new(ledgerline::desk::Loaded::read(contents, record).unwrap());
        let pager = Pagers::default().of(contents, &loaded).unwrap();
        let desk = Desk::new(
            vec![loaded],
            Vec::new(),
            Default::default(),
            Default::default(),
            &Default::default(),
        )
        .unwrap();
        pager.prepare(contents, &Job::new(1)).unwrap();
        all_rows(&pager, &desk)
    };
    let record_now = now.contents().statements().unwrap().remove(0);
    let want = shown(now.contents(), record_now);
    assert_eq!(want.len(), 120_001);
    assert!(shown(old.contents(), record.clone()) == want);
    record.batch_offsets.clear();
    record.rows = 0;
    assert!(shown(old.contents(), record.clone()) == want);
    // The negative control: in batches of another size the places that were kept are not where batches begin.
    record.batch_rows = Some(4_096);
    assert!(lines(&mut old, &record).is_err());
}

/// Copies the sample's statement, imports it from there and gives back its place.
fn imported_copy(folder: &Path, engine: &Engine) -> PathBuf {
    let path = folder.join("orchard_2026-09.csv");
    std::fs::copy(sample_dir().join("statements/orchard_2026-09.csv"), &path).unwrap();
    import(engine, std::slice::from_ref(&path), 20);
    path
}

#[test]
fn a_file_that_is_gone_or_another_is_an_error_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let path = imported_copy(folder.path(), &engine);
    let (desk, session) = (engine.desk(), engine.contents().unwrap());
    let pagers = Pagers::default();
    let open = || pagers.of(&session, &desk.statements()[0]);
    let pager = open().unwrap();
    assert_eq!(
        (pager.preparation(), pager.state()),
        (Preparation::None, SourceState::SameMark)
    );
    pager.read(50..60, &desk).unwrap();

    let text = std::fs::read(&path).unwrap();
    let mut other = text.clone();
    let place = other.iter().rposition(|b| *b == b'7').unwrap();
    other[place] = b'8';
    std::fs::write(&path, &other).unwrap();
    let error = pager.read(50..60, &desk).unwrap_err();
    assert!(matches!(error, RowsError::Changed(_)), "{error}");
    let again = open().unwrap();
    assert_eq!(
        again.preparation(),
        Preparation::Verify,
        "another date asks for a comparison"
    );
    assert!(matches!(
        again.prepare(&session, &Job::new(1)),
        Err(RowsError::Changed(_))
    ));

    std::fs::write(&path, &text).unwrap();
    let back = open().unwrap();
    back.prepare(&session, &Job::new(1)).unwrap();
    assert_eq!(
        back.state(),
        SourceState::SameBytes,
        "the date is another, the bytes are not"
    );

    std::fs::write(&path, [text.as_slice(), b"\n"].concat()).unwrap();
    let error = open().err().unwrap();
    assert!(
        error.to_string().contains("put the imported file back"),
        "{error}"
    );

    std::fs::remove_file(&path).unwrap();
    let error = open().err().unwrap();
    assert!(
        error.to_string().contains("is no longer at")
            && error.to_string().contains("import it again"),
        "{error}"
    );
    let drill = drill(&engine, &Arc::new(Pagers::default()), RowsOf::Line(0));
    assert!(done(&drill).failure.unwrap().contains("is no longer at"));
}

#[test]
fn a_search_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let engine = with_catalog(folder.path());
    import(&engine, &sample_files(), 5);
    let drill = drill(
        &engine,
        &Arc::default(),
        RowsOf::Status {
            status: Status::Matched,
            statement: None,
        },
    );
    drill.cancel();
    let view = done(&drill);
    assert!(
        view.is_cancelled && view.ties_out().is_none() && view.failure.is_none(),
        "{view:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Whatever stands in a file, in batches of any size: every line's rows are found through the index.
    #[test]
    fn the_index_misses_no_row(rows in prop::collection::vec((0usize..30, 0u32..3, any::<bool>()), 1..400), batch_rows in 1usize..9) {
        let folder = tempfile::tempdir().unwrap();
        let mut text = String::from("isrc,title,artist,quantity,amount,currency\n");
        for (item, cents, is_odd) in &rows {
            let quote = if *is_odd { "\"" } else { "" };
            text.push_str(&format!("USX1226{item:05},{quote}Song {item},Artist,1,0.{cents}7,{}\n", ["EUR", "USD", "GBP"][*cents as usize]));
        }
        let path = folder.path().join("own.csv");
        std::fs::write(&path, text).unwrap();
        let engine = engine(folder.path());
        import(&engine, &[path], batch_rows);
        let (desk, pagers) = (engine.desk(), Arc::default());
        for line in (0..desk.lines().len() as LineId).step_by(5) {
            let view = done(&drill(&engine, &pagers, RowsOf::Line(line)));
            prop_assert_eq!(view.ties_out(), Some(true), "{:?}", view);
        }
        check_against_import(&desk, 0, &all_rows(&prepared(&engine.contents().unwrap(), &desk, 0), &desk));
    }
}
