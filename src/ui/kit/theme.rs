//! One table of colors and sizes, dark and light, into egui's styles. Nothing else in the window names a color.
//!
//! Invariant: every text color has a contrast of at least 4.5 : 1 (WCAG 2, level AA) on every surface that it can stand on; a test
//! computes it.

use eframe::egui::{
    self, Color32, Context, CornerRadius, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme,
    ThemePreference, Ui, Visuals, style::ScrollStyle, style::WidgetVisuals, vec2,
};

use super::fonts;

/// Size of ordinary text, in points.
pub const BODY: f32 = 13.0;
/// Size of notes and of column headers.
pub const SMALL: f32 = 11.0;
/// Size of headings, which are medium.
pub const HEADING: f32 = 16.0;
/// Height of a row of a table.
pub const ROW_HEIGHT: f32 = 22.0;
/// Radius of corners of buttons and fields.
pub const RADIUS: u8 = 4;

/// The colors of a theme, by what they are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// What lies under everything: tables and documents.
    pub base: Color32,
    /// Bars and panels.
    pub panel: Color32,
    /// Buttons, menus and dialogs.
    pub raised: Color32,
    /// Every second row of a table.
    pub stripe: Color32,
    /// What the pointer is over.
    pub hover: Color32,
    /// What is selected.
    pub sel: Color32,
    /// Fields for text.
    pub input: Color32,
    /// Thin lines between things.
    pub line: Color32,
    /// Borders of fields and buttons, and thumbs of scroll bars: visible without being text.
    pub edge: Color32,
    /// Ordinary text.
    pub text: Color32,
    /// Notes, units, headers of columns.
    pub subdued: Color32,
    /// What matters most, and text in a selection.
    pub strong: Color32,
    /// The one color that invites: links, focus, the main button.
    pub accent: Color32,
    /// Text on a surface of the accent color.
    pub on_accent: Color32,
    /// In order.
    pub ok: Color32,
    /// Needs a look.
    pub warn: Color32,
    /// Wrong or lost.
    pub err: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

/// Light text on dark surfaces.
pub static DARK: Tokens = Tokens {
    base: rgb(0x12_14_17),
    panel: rgb(0x17_19_1d),
    raised: rgb(0x20_23_28),
    stripe: rgb(0x15_17_1b),
    hover: rgb(0x25_29_2f),
    sel: rgb(0x1a_33_58),
    input: rgb(0x0d_0f_12),
    line: rgb(0x2a_2e_34),
    edge: rgb(0x45_4b_54),
    text: rgb(0xd5_d8_de),
    subdued: rgb(0x9a_a0_ab),
    strong: rgb(0xff_ff_ff),
    accent: rgb(0x6a_a6_ff),
    on_accent: rgb(0x0a_16_2b),
    ok: rgb(0x4c_c3_8a),
    warn: rgb(0xf0_a8_3a),
    err: rgb(0xf5_80_7c),
};

/// Dark text on light surfaces.
pub static LIGHT: Tokens = Tokens {
    base: rgb(0xff_ff_ff),
    panel: rgb(0xf5_f6_f8),
    raised: rgb(0xff_ff_ff),
    stripe: rgb(0xf9_fa_fb),
    hover: rgb(0xec_ee_f2),
    sel: rgb(0xd5_e5_fd),
    input: rgb(0xff_ff_ff),
    line: rgb(0xdf_e2_e7),
    edge: rgb(0xb9_bf_c8),
    text: rgb(0x22_26_2d),
    subdued: rgb(0x5c_63_6e),
    strong: rgb(0x00_00_00),
    accent: rgb(0x0a_56_c9),
    on_accent: rgb(0xff_ff_ff),
    ok: rgb(0x0c_6e_43),
    warn: rgb(0x87_4f_00),
    err: rgb(0xad_1f_2b),
};

/// How a text or a mark is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As everything else.
    #[default]
    Normal,
    /// More than everything else.
    Strong,
    /// Less than everything else.
    Subdued,
    /// An invitation.
    Accent,
    /// In order.
    Ok,
    /// Needs a look.
    Warn,
    /// Wrong or lost.
    Err,
}

impl Tokens {
    /// The color of a tone.
    #[must_use]
    pub const fn tone(&self, tone: Tone) -> Color32 {
        match tone {
            Tone::Normal => self.text,
            Tone::Strong => self.strong,
            Tone::Subdued => self.subdued,
            Tone::Accent => self.accent,
            Tone::Ok => self.ok,
            Tone::Warn => self.warn,
            Tone::Err => self.err,
        }
    }

    /// A surface behind text of this tone: the tone, thinned until text stays readable on it.
    #[must_use]
    pub fn tint(&self, tone: Tone) -> Color32 {
        mix(self.base, self.tone(tone), 26)
    }
}

/// The first color with so many of 256 parts of the second.
#[must_use]
pub fn mix(under: Color32, over: Color32, parts: u8) -> Color32 {
    let channel = |a: u8, b: u8| {
        let sum = u16::from(a) * (256 - u16::from(parts)) + u16::from(b) * u16::from(parts);
        u8::try_from(sum >> 8).unwrap_or(u8::MAX)
    };
    Color32::from_rgb(
        channel(under.r(), over.r()),
        channel(under.g(), over.g()),
        channel(under.b(), over.b()),
    )
}

/// The colors of the theme that is shown now.
#[must_use]
pub fn tokens(ui: &Ui) -> &'static Tokens {
    of(ui.visuals().dark_mode)
}

fn of(dark: bool) -> &'static Tokens {
    if dark { &DARK } else { &LIGHT }
}

/// Fonts and both styles. The system's theme is followed until [`set_preference`] says otherwise.
pub fn apply(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| fill(style, of(theme == Theme::Dark)));
    }
}

/// Overrides the system's theme, or follows it again.
pub fn set_preference(ctx: &Context, preference: ThemePreference) {
    ctx.set_theme(preference);
}

/// What was chosen: the system's theme, dark or light.
#[must_use]
pub fn preference(ctx: &Context) -> ThemePreference {
    ctx.options(|options| options.theme_preference)
}

/// Three choices side by side: system, light, dark. True when another one was chosen.
pub fn preference_ui(ui: &mut Ui) -> bool {
    let mut chosen = preference(ui.ctx());
    let before = chosen;
    ui.horizontal(|ui| {
        for (choice, label) in [
            (ThemePreference::System, "System"),
            (ThemePreference::Light, "Light"),
            (ThemePreference::Dark, "Dark"),
        ] {
            ui.selectable_value(&mut chosen, choice, label);
        }
    });
    set_preference(ui.ctx(), chosen);
    chosen != before
}

/// Font of ordinary text.
#[must_use]
pub fn body_font() -> FontId {
    FontId::proportional(BODY)
}

/// Font of amounts and counts: its digits have equal width.
#[must_use]
pub fn number_font() -> FontId {
    FontId::proportional(BODY)
}

/// Font of codes such as ISRC: all its characters have equal width.
#[must_use]
pub fn code_font() -> FontId {
    FontId::monospace(BODY - 0.5)
}

/// Font of notes.
#[must_use]
pub fn small_font() -> FontId {
    FontId::proportional(SMALL)
}

/// The heavier font, for titles and the names of things.
#[must_use]
pub fn medium_font(size: f32) -> FontId {
    FontId::new(size, fonts::medium_family())
}

fn fill(style: &mut Style, tokens: &Tokens) {
    style.text_styles = [
        (TextStyle::Body, body_font()),
        (TextStyle::Button, body_font()),
        (TextStyle::Small, small_font()),
        (TextStyle::Heading, medium_font(HEADING)),
        (TextStyle::Monospace, code_font()),
    ]
    .into();
    style.animation_time = 0.1;
    style.interaction.selectable_labels = false;
    fill_spacing(style);
    fill_visuals(&mut style.visuals, tokens);
}

fn fill_spacing(style: &mut Style) {
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 6.0);
    spacing.button_padding = vec2(9.0, 3.0);
    spacing.interact_size = vec2(24.0, 24.0);
    spacing.menu_margin = Margin::same(5);
    spacing.window_margin = Margin::same(14);
    spacing.icon_width = 15.0;
    spacing.icon_width_inner = 9.0;
    spacing.tooltip_width = 420.0;
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        ..ScrollStyle::solid()
    };
}

fn fill_visuals(visuals: &mut Visuals, tokens: &Tokens) {
    visuals.panel_fill = tokens.panel;
    visuals.window_fill = tokens.raised;
    visuals.window_stroke = Stroke::new(1.0, tokens.line);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    let shade = if visuals.dark_mode { 110 } else { 40 };
    visuals.window_shadow = Shadow {
        offset: [0, 12],
        blur: 40,
        spread: 0,
        color: Color32::from_black_alpha(shade),
    };
    visuals.popup_shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(shade),
    };
    visuals.extreme_bg_color = tokens.base;
    visuals.faint_bg_color = tokens.stripe;
    visuals.code_bg_color = tokens.stripe;
    visuals.text_edit_bg_color = Some(tokens.input);
    visuals.weak_text_color = Some(tokens.subdued);
    visuals.hyperlink_color = tokens.accent;
    visuals.warn_fg_color = tokens.warn;
    visuals.error_fg_color = tokens.err;
    visuals.selection.bg_fill = tokens.sel;
    visuals.selection.stroke = Stroke::new(1.0, tokens.accent);
    fill_widgets(&mut visuals.widgets, tokens);
}

fn fill_widgets(widgets: &mut egui::style::Widgets, tokens: &Tokens) {
    let look = |fill: Color32, border: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        corner_radius: CornerRadius::same(RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    widgets.noninteractive = look(tokens.raised, tokens.line, tokens.text);
    widgets.inactive = look(tokens.raised, tokens.line, tokens.text);
    widgets.hovered = look(tokens.hover, tokens.edge, tokens.strong);
    widgets.active = look(tokens.sel, tokens.accent, tokens.strong);
    widgets.open = look(tokens.hover, tokens.edge, tokens.strong);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(color: Color32) -> f64 {
        let linear = |byte: u8| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn contrast_is_computed_as_the_standard_defines_it() {
        assert!((contrast(Color32::WHITE, Color32::BLACK) - 21.0).abs() < 1e-9);
        assert!(
            (contrast(rgb(0x77_77_77), Color32::WHITE) - 4.48).abs() < 0.01,
            "the well-known gray that just fails"
        );
    }

    #[test]
    fn text_can_be_read_on_every_surface() {
        for tokens in [&DARK, &LIGHT] {
            let surfaces = [
                tokens.base,
                tokens.panel,
                tokens.raised,
                tokens.stripe,
                tokens.hover,
                tokens.sel,
                tokens.input,
            ];
            for tone in [
                Tone::Normal,
                Tone::Strong,
                Tone::Subdued,
                Tone::Accent,
                Tone::Ok,
                Tone::Warn,
                Tone::Err,
            ] {
                for surface in surfaces.into_iter().chain([tokens.tint(tone)]) {
                    let ratio = contrast(tokens.tone(tone), surface);
                    assert!(ratio >= 4.5, "{tone:?} on {surface:?}: {ratio:.2}");
                }
            }
            assert!(contrast(tokens.on_accent, tokens.accent) >= 4.5);
        }
    }

    #[test]
    fn both_styles_come_from_their_tokens() {
        let ctx = Context::default();
        apply(&ctx);
        for (theme, tokens) in [(Theme::Dark, &DARK), (Theme::Light, &LIGHT)] {
            let style = ctx.style_of(theme);
            assert_eq!(style.visuals.panel_fill, tokens.panel);
            assert_eq!(style.text_styles[&TextStyle::Body].size, BODY);
        }
    }

    #[test]
    fn the_system_is_followed_until_a_theme_is_chosen() {
        let ctx = Context::default();
        apply(&ctx);
        assert_eq!(preference(&ctx), ThemePreference::System);
        set_preference(&ctx, ThemePreference::Light);
        assert_eq!(
            (preference(&ctx), ctx.theme()),
            (ThemePreference::Light, Theme::Light)
        );
    }
}
