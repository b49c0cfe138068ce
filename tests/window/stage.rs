//! The whole window without a display, on a workspace of the sample.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use ledgerline::ui::kit::dialogs::{DialogAnswer, ScriptedDialogs};
use ledgerline::ui::shared::{Screen, Settings};
use ledgerline::ui::{App, Start};

use crate::support::{run_well, sample_dir, sample_statements};

/// The window, once its first frame is drawn.
pub type Window = Harness<'static, Option<App>>;

/// A workspace with the sample's catalog and statements.
pub fn sample(folder: &Path) -> PathBuf {
    let workspace = folder.join("workspace");
    let shown = workspace.display().to_string();
    run_well(&[
        "catalog",
        "import",
        &sample_dir().join("catalog.csv").display().to_string(),
        "--workspace",
        &shown,
    ]);
    let statements = sample_statements();
    let mut arguments = vec!["statement", "import", "--workspace", &shown];
    arguments.extend(statements.iter().map(String::as_str));
    run_well(&arguments);
    workspace
}

/// Opens the window on a workspace and waits until it is there. Dialogs answer as laid down.
pub fn open(
    workspace: &Path,
    screen: Screen,
    size: [f32; 2],
    theme: egui::ThemePreference,
    answers: Vec<DialogAnswer>,
) -> Window {
    let start = Start {
        workspace: Some(workspace.to_owned()),
        data: workspace.with_file_name("data"),
        who: "ada".into(),
        ..Start::default()
    };
    let mut answers = Some(answers);
    let draw = move |ui: &mut egui::Ui, app: &mut Option<App>| {
        let ctx = ui.ctx().clone();
        let app = app.get_or_insert_with(|| {
            let for_wake = ctx.clone();
            let settings = Settings {
                screen: Some(screen),
                theme,
                ..Settings::default()
            };
            let dialogs = Box::new(ScriptedDialogs::new(answers.take().unwrap_or_default()));
            App::new(
                &ctx,
                settings,
                dialogs,
                Arc::new(move || for_wake.request_repaint()),
                start.clone(),
            )
        });
        app.logic(&ctx);
        app.root_ui(ui);
    };
    let mut window = Harness::builder()
        .with_size(size)
        .wgpu()
        .build_ui_state(draw, None);
    until(&mut window, "the workspace is open", |w| {
        w.state()
            .as_ref()
            .is_some_and(|app| app.is_idle() && app.engine().is_some())
    });
    window
}

/// Draws until nothing moves any more: what has just appeared takes its place within a few frames, and a click goes to where something was.
fn settle(window: &mut Window) {
    let places = |w: &Window| -> Vec<_> {
        let nodes = w.root().children_recursive().map(|n| n.accesskit_node());
        nodes
            .map(|node| {
                node.bounding_box()
                    .map(|b| [b.x0, b.y0, b.x1, b.y1].map(|v| v.round() as i32))
            })
            .collect()
    };
    window.run_steps(2);
    for _ in 0..10 {
        let before = places(window);
        window.run_steps(2);
        if places(window) == before {
            return;
        }
    }
}

/// Draws frames until something is so.
pub fn until(window: &mut Window, what: &str, is_so: impl Fn(&Window) -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while Instant::now() < end {
        window.step();
        if is_so(window) {
            return settle(window);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    picture(window, "gave-up");
    let labels: Vec<String> = window
        .root()
        .children_recursive()
        .filter_map(|n| n.accesskit_node().label())
        .take(200)
        .collect();
    panic!("{what}: it did not come to be; the window shows {labels:?}");
}

/// Whether anything shows a text that contains this.
pub fn shows(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}

/// Waits until a text is shown.
pub fn until_shown(window: &mut Window, text: &str) {
    until(window, text, |w| shows(w, text));
}

/// Clicks the first control that is called so.
pub fn click(window: &mut Window, name: &str) {
    window
        .query_all_by_label(name)
        .next()
        .unwrap_or_else(|| panic!("there is no {name}"))
        .click();
    window.run_steps(3);
}

/// Writes a picture of the window into the folder that `LEDGERLINE_PICTURES` names, for people to look at.
pub fn picture(window: &mut Window, name: &str) {
    if let Some(folder) = std::env::var_os("LEDGERLINE_PICTURES") {
        let image = window.render().expect("the window can be rendered");
        image
            .save(Path::new(&folder).join(format!("{name}.png")))
            .expect("the picture can be written");
    }
}
