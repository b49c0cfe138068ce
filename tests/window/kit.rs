//! The table by itself, with a hundred million rows: keys, clicks, sort, columns, copy and Tab, through the names that screen readers say.

use std::ops::Range;

use eframe::egui::{self, Event, Key, Modifiers, OutputCommand, Rect, Role, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use ledgerline::ui::kit::table::{
    BigTable, Column, CopiedRows, TableCell, TableSource, TableState,
};
use ledgerline::ui::kit::theme;

const ROWS: u64 = 100_000_000;
const COLUMNS: [Column; 4] = [
    Column::text("place", "Place", 160.0),
    Column::number("amount", "Amount", 160.0),
    Column::text("plain", "Plain", 120.0).unsortable(),
    Column::text("secret", "Secret", 120.0).hidden(),
];

/// Rows that are made as they are asked for, and counted.
#[derive(Default)]
struct Numbers {
    rows: u64,
    announced: Range<u64>,
    /// The most rows that were announced at once.
    announced_max: u64,
}

impl TableSource for Numbers {
    fn row_count(&self) -> u64 {
        self.rows
    }

    fn prepare(&mut self, rows: Range<u64>) {
        self.announced_max = self.announced_max.max(rows.end - rows.start);
        self.announced = rows;
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        assert!(self.announced.contains(&row), "row {row} was not announced");
        TableCell::new(format!("{} {row}", COLUMNS[column].id))
    }
}

#[derive(Default)]
struct Stage {
    source: Numbers,
    state: TableState,
    activated: Option<u64>,
    copied: Option<CopiedRows>,
    sorts: usize,
}

type Window = Harness<'static, Stage>;

fn table_of(rows: u64) -> Window {
    let draw = |ui: &mut egui::Ui, stage: &mut Stage| {
        theme::apply(ui.ctx());
        let _ = ui.button("Before");
        let output = BigTable::new("Numbers", &COLUMNS)
            .sticky(1)
            .empty_text("Nothing here")
            .show_ui(ui, &mut stage.state, &mut stage.source);
        stage.activated = output.activated.or(stage.activated);
        stage.copied = output.copied.or(stage.copied);
        stage.sorts += usize::from(output.sort_changed);
    };
    let stage = Stage {
        source: Numbers {
            rows,
            ..Numbers::default()
        },
        ..Stage::default()
    };
    let mut window = Harness::builder()
        .with_size([600.0, 400.0])
        .build_ui_state(draw, stage);
    window.run_steps(3);
    window
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

fn focus(window: &mut Window) {
    window.get_by_label("Numbers").focus();
    window.run_steps(2);
}

/// Row numbers that are shown, by the nodes of the first column.
fn shown(window: &Window) -> Vec<u64> {
    let cells = window.query_all_by_role(Role::GridCell);
    cells
        .filter_map(|n| {
            n.accesskit_node()
                .label()?
                .strip_prefix("place ")?
                .parse()
                .ok()
        })
        .collect()
}

fn rect_of(window: &Window, label: &str) -> Rect {
    window.get_by_label(label).rect()
}

/// Selected rows: the first of each range, and the one behind it.
fn selected(window: &Window) -> Vec<(u64, u64)> {
    window
        .state()
        .state
        .selection()
        .ranges()
        .iter()
        .map(|range| (range.start, range.end))
        .collect()
}

fn click_row(window: &mut Window, row: u64, modifiers: Modifiers) {
    window
        .get_by_label(&format!("amount {row}"))
        .click_modifiers(modifiers);
    window.run_steps(3);
}

#[test]
fn the_last_of_a_hundred_million_rows_is_wholly_in_view_and_no_more_rows_are_asked_for_than_are_shown()
 {
    let mut window = table_of(ROWS);
    assert_eq!(shown(&window).first(), Some(&0));
    focus(&mut window);
    press(&mut window, Modifiers::NONE, Key::End);
    assert_eq!(shown(&window).last(), Some(&(ROWS - 1)));
    let last = rect_of(&window, "place 99999999");
    let above = rect_of(&window, "place 99999998");
    assert!(
        last.height() >= theme::ROW_HEIGHT - 0.01,
        "the last row is cut: {last:?}"
    );
    assert_eq!(last.top(), above.bottom());
    assert!(last.bottom() <= 400.0);
    assert!(
        window.state().source.announced_max < 30,
        "{} rows were asked for",
        window.state().source.announced_max
    );
    assert_eq!(selected(&window), [(ROWS - 1, ROWS)]);
    press(&mut window, Modifiers::NONE, Key::Home);
    assert_eq!(
        (shown(&window).first(), selected(&window)),
        (Some(&0), vec![(0, 1)])
    );
}

#[test]
fn the_wheel_moves_by_parts_of_a_row_also_far_down() {
    let mut window = table_of(ROWS);
    window.state_mut().state.scroll_to(77_000_000);
    window.run_steps(3);
    let before = rect_of(&window, "place 77000000").top();
    window.hover_at(pos2(200.0, 200.0));
    window.event(Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, -5.0),
        source: egui::MouseWheelSource::Wheel,
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
    });
    // The wheel is smoothed over some frames.
    window.run_steps(60);
    let moved = before - rect_of(&window, "place 77000000").top();
    assert!((moved - 5.0).abs() < 0.6, "it moved by {moved} points");
}

#[test]
fn clicks_select_and_a_double_click_or_enter_opens() {
    let mut window = table_of(ROWS);
    click_row(&mut window, 3, Modifiers::NONE);
    click_row(&mut window, 6, Modifiers::SHIFT);
    assert_eq!(selected(&window), [(3, 7)]);
    click_row(&mut window, 9, Modifiers::COMMAND);
    assert_eq!(selected(&window), [(3, 7), (9, 10)]);
    let is_selected = |window: &Window, row: u64| {
        let rows = window.query_all_by_role(Role::Row);
        rows.filter(|n| n.accesskit_node().data().row_index() == Some(row as usize))
            .any(|n| n.accesskit_node().is_selected() == Some(true))
    };
    assert!(
        is_selected(&window, 9) && !is_selected(&window, 8),
        "screen readers are told"
    );
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(window.state().activated, Some(9));
    press(&mut window, Modifiers::COMMAND, Key::A);
    assert_eq!(selected(&window), [(0, ROWS)]);
}

#[test]
fn clicks_on_a_title_ask_for_one_order_then_the_other_then_none() {
    let mut window = table_of(10);
    for wanted in [Some(false), Some(true), None] {
        window
            .get_by_role_and_label(Role::ColumnHeader, "Amount")
            .click();
        window.run_steps(3);
        let sort = window
            .state()
            .state
            .sort()
            .map(|sort| (sort.column.clone(), sort.descending));
        assert_eq!(
            sort,
            wanted.map(|descending| ("amount".to_owned(), descending))
        );
        let said = window
            .get_by_role_and_label(Role::ColumnHeader, "Amount")
            .accesskit_node()
            .data()
            .sort_direction();
        assert_eq!(
            said.map(|direction| direction == egui::accesskit::SortDirection::Descending),
            wanted,
            "screen readers are told"
        );
    }
    assert_eq!(window.state().sorts, 3);
    window
        .get_by_role_and_label(Role::ColumnHeader, "Plain")
        .click();
    window.run_steps(3);
    assert_eq!(
        window.state().sorts,
        3,
        "a column without a sort stays without"
    );
}

#[test]
fn selected_rows_go_to_the_clipboard_as_lines_of_cells() {
    let mut window = table_of(ROWS);
    click_row(&mut window, 2, Modifiers::NONE);
    click_row(&mut window, 3, Modifiers::SHIFT);
    window.event(Event::Copy);
    window.step();
    let text = window
        .output()
        .platform_output
        .commands
        .iter()
        .find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
    assert_eq!(
        text.as_deref(),
        Some("place 2\tamount 2\tplain 2\nplace 3\tamount 3\tplain 3\n")
    );
    assert_eq!(
        window.state().copied,
        Some(CopiedRows {
            rows: 2,
            selected: 2
        })
    );
}

#[test]
fn columns_are_hidden_shown_moved_and_resized() {
    let mut window = table_of(10);
    assert!(window.query_by_label("Secret").is_none());
    window.get_by_label("Choose columns").click();
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::CheckBox, "Secret")
        .click();
    window.run_steps(3);
    window
        .get_by_role_and_label(Role::CheckBox, "Plain")
        .click();
    window.run_steps(3);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(
        window
            .query_by_role_and_label(Role::ColumnHeader, "Secret")
            .is_some()
    );
    assert!(
        window
            .query_by_role_and_label(Role::ColumnHeader, "Plain")
            .is_none()
    );
    let edge = rect_of(&window, "Width of Amount").center();
    let before = window
        .get_by_role_and_label(Role::ColumnHeader, "Amount")
        .rect()
        .width();
    drag(&mut window, edge, edge + vec2(40.0, 0.0));
    let after = window
        .get_by_role_and_label(Role::ColumnHeader, "Amount")
        .rect()
        .width();
    assert!(
        (after - before - 40.0).abs() < 1.5,
        "{before} became {after}"
    );
    let (from, to) = (
        window
            .get_by_role_and_label(Role::ColumnHeader, "Secret")
            .rect()
            .center(),
        rect_of(&window, "place 0").left_top(),
    );
    drag(&mut window, from, pos2(to.x + 5.0, from.y));
    let left = |window: &Window, title: &str| {
        window
            .get_by_role_and_label(Role::ColumnHeader, title)
            .rect()
            .left()
    };
    assert!(left(&window, "Secret") < left(&window, "Place"));
}

fn drag(window: &mut Window, from: egui::Pos2, to: egui::Pos2) {
    window.hover_at(from);
    window.run_steps(2);
    window.drag_at(from);
    window.run_steps(2);
    for part in [0.3, 0.6, 1.0] {
        window.hover_at(from + (to - from) * part);
        window.run_steps(2);
    }
    window.drop_at(to);
    window.run_steps(3);
}

#[test]
fn the_tab_key_goes_to_the_rows_and_to_the_chooser_and_not_to_every_cell() {
    let mut window = table_of(ROWS);
    let mut reached = Vec::new();
    for _ in 0..3 {
        press(&mut window, Modifiers::NONE, Key::Tab);
        let focused = window
            .root()
            .children_recursive()
            .find(|n| n.accesskit_node().is_focused())
            .expect("something has the focus");
        reached.push((
            focused.accesskit_node().role(),
            focused.accesskit_node().label().unwrap_or_default(),
        ));
    }
    // In the table it is the row that the keys start from.
    let wanted = [
        (Role::Button, "Before"),
        (Role::Row, ""),
        (Role::Button, "Choose columns"),
    ];
    assert_eq!(
        reached,
        wanted.map(|(role, label)| (role, label.to_owned()))
    );
}

#[test]
fn an_empty_table_says_so_and_keys_do_nothing() {
    let mut window = table_of(0);
    focus(&mut window);
    for key in [Key::End, Key::ArrowDown, Key::Enter, Key::PageUp] {
        press(&mut window, Modifiers::NONE, key);
    }
    assert_eq!((window.state().activated, shown(&window).len()), (None, 0));
    assert!(window.state().state.selection().is_empty());
}
