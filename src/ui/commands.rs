//! Every command of the window with its name and shortcut: one list for keys, palette and shortcut sheet.

use eframe::egui::{self, Key, KeyboardShortcut, Modifiers};

use super::kit::palette::PaletteEntry;
use super::shared::Screen;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandId {
    /// Shows the palette.
    Palette,
    /// Shows the shortcut sheet.
    Shortcuts,
    /// Shows the guide at the chapter of the screen.
    Guide,
    /// Shows a screen.
    Show(Screen),
    /// Asks for statement files and imports them.
    OpenFiles,
    /// Asks for a workspace and opens it.
    OpenWorkspace,
    /// Opens the sample label.
    OpenSample,
    /// Asks for catalog files.
    ImportCatalog,
    /// Asks for files of contracts, rates and balances.
    ImportTerms,
    /// Asks for a folder and writes the results there.
    Export,
    /// Undoes the latest decision.
    Undo,
    /// Takes it again.
    Redo,
    /// Shows how long frames take.
    FrameTime,
}

/// One command.
#[derive(Debug, Clone, Copy)]
pub struct WindowCommand {
    /// What it does.
    pub id: CommandId,
    /// Names it in the palette.
    pub name: &'static str,
    /// Its keys.
    pub shortcut: Option<KeyboardShortcut>,
    /// Whether it needs an open workspace.
    pub needs_workspace: bool,
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

const fn on(
    id: CommandId,
    name: &'static str,
    modifiers: Modifiers,
    key: Key,
    needs_workspace: bool,
) -> WindowCommand {
    WindowCommand {
        id,
        name,
        shortcut: Some(KeyboardShortcut::new(modifiers, key)),
        needs_workspace,
    }
}

const fn show(screen: Screen, name: &'static str, key: Key) -> WindowCommand {
    on(
        CommandId::Show(screen),
        name,
        CTRL,
        key,
        !matches!(screen, Screen::Start),
    )
}

/// All commands. Those with more modifiers come first, so that a shorter shortcut does not take their keys.
pub const ALL: [WindowCommand; 22] = [
    on(CommandId::Redo, "Redo", CTRL_SHIFT, Key::Z, true),
    on(
        CommandId::OpenWorkspace,
        "Open workspace…",
        CTRL_SHIFT,
        Key::O,
        false,
    ),
    on(
        CommandId::ImportCatalog,
        "Import catalog…",
        CTRL_SHIFT,
        Key::I,
        true,
    ),
    on(CommandId::Export, "Export results…", CTRL, Key::E, true),
    on(CommandId::Undo, "Undo", CTRL, Key::Z, true),
    on(
        CommandId::OpenFiles,
        "Open statements…",
        CTRL,
        Key::O,
        false,
    ),
    on(CommandId::Palette, "Find a command", CTRL, Key::K, false),
    on(CommandId::Guide, "Guide", Modifiers::NONE, Key::F1, false),
    show(Screen::Start, "Go to Start", Key::Num0),
    show(Screen::Statements, "Go to Statements", Key::Num1),
    show(Screen::Review, "Go to Review", Key::Num2),
    show(Screen::Duplicates, "Go to Duplicate ISRCs", Key::Num3),
    show(Screen::Catalog, "Go to Catalog", Key::Num4),
    show(Screen::Contracts, "Go to Contracts", Key::Num5),
    show(Screen::Lines, "Go to Lines", Key::Num6),
    show(Screen::Payout, "Go to Payout", Key::Num7),
    show(Screen::Overview, "Go to Overview", Key::Num8),
    show(Screen::History, "Go to History", Key::Num9),
    WindowCommand {
        id: CommandId::ImportTerms,
        name: "Import contracts…",
        shortcut: None,
        needs_workspace: true,
    },
    WindowCommand {
        id: CommandId::OpenSample,
        name: "Open the sample label",
        shortcut: None,
        needs_workspace: false,
    },
    WindowCommand {
        id: CommandId::Shortcuts,
        name: "Show all shortcuts",
        shortcut: None,
        needs_workspace: false,
    },
    WindowCommand {
        id: CommandId::FrameTime,
        name: "Show how long frames take",
        shortcut: None,
        needs_workspace: false,
    },
];

/// Keys that screens handle themselves: what they do, and the keys.
pub const ON_SCREENS: [(&str, &str, &str); 28] = [
    ("Review", "Assign to a candidate", "1 – 9"),
    ("Review", "Take what is prepared", "Enter"),
    ("Review", "Ignore", "I"),
    ("Review", "Hold", "H"),
    ("Review", "Split over several tracks", "T"),
    ("Review", "Skip", "S"),
    ("Review", "Scope: only this item", "Alt+1"),
    ("Review", "Scope: this ISRC from this DSP", "Alt+2"),
    ("Review", "Scope: everywhere", "Alt+3"),
    ("Review", "Search in the filter", "Ctrl+F or /"),
    ("Statements", "Remove the selected statement", "Delete"),
    ("Duplicate ISRCs", "All reports to one track", "1 – 9"),
    ("Duplicate ISRCs", "Add a clause to the rule", "A"),
    ("Duplicate ISRCs", "Prepare the rule", "R"),
    ("Duplicate ISRCs", "Leave ambiguous on purpose", "L"),
    ("Duplicate ISRCs", "Clear the rule", "C"),
    ("Catalog", "Edit the track", "E"),
    ("Catalog", "Save the track", "Ctrl+Enter"),
    ("Contracts", "New contract, payee, …", "N"),
    ("Contracts", "Save the change", "Ctrl+Enter"),
    ("Contracts", "Search", "Ctrl+F or /"),
    ("Tables", "Move", "↑ ↓ PgUp PgDn Home End"),
    ("Tables", "Extend the selection", "Shift with a move"),
    ("Tables", "Select all", "Ctrl+A"),
    ("Tables", "Copy the selected rows", "Ctrl+C"),
    ("Lines", "Go to a row", "Ctrl+G"),
    (
        "Window",
        "Larger, smaller, as it was",
        "Ctrl++ Ctrl+− Ctrl+Backspace",
    ),
    ("Window", "Show how long frames take", "F12"),
];

/// The keys of a command, as people write them.
#[must_use]
pub fn shortcut_text(ctx: &egui::Context, id: CommandId) -> String {
    let shortcut = ALL.iter().find(|c| c.id == id).and_then(|c| c.shortcut);
    shortcut
        .map(|s| ctx.format_shortcut(&s))
        .unwrap_or_default()
}

/// The keys of all commands, in the order of [`ALL`].
#[must_use]
pub fn keys(ctx: &egui::Context) -> Vec<String> {
    ALL.iter()
        .map(|c| {
            c.shortcut
                .map(|s| ctx.format_shortcut(&s))
                .unwrap_or_default()
        })
        .collect()
}

/// All commands for the palette.
#[must_use]
pub fn list(keys: &[String], has_workspace: bool) -> Vec<PaletteEntry<'_, CommandId>> {
    ALL.iter()
        .zip(keys)
        .map(|(c, shortcut)| PaletteEntry {
            id: c.id,
            group: "Window",
            title: c.name,
            shortcut,
            is_enabled: has_workspace || !c.needs_workspace,
        })
        .collect()
}

/// All keys for the shortcut sheet: those of commands, and those that screens handle themselves.
#[must_use]
pub fn sheet(keys: &[String]) -> Vec<PaletteEntry<'_, CommandId>> {
    let own = ON_SCREENS
        .iter()
        .map(|(group, title, shortcut)| PaletteEntry {
            id: CommandId::Shortcuts,
            group,
            title,
            shortcut,
            is_enabled: true,
        });
    list(keys, true).into_iter().chain(own).collect()
}
