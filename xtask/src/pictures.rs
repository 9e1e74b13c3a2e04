//! The pictures of the terminal report in the README, for light and dark pages.
//!
//! A picture shows `forcelint check` of an app of the sample project in a terminal with 100 columns, without the
//! middle of the report.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};
use forcelint::config::ExitStatus;
use forcelint::output::{Context, Format, ReportView, RunInfo, Style, render, summary};
use forcelint::project::{Projects, Targets, canonical};
use forcelint::rule::{RuleSet, Selection, Severity};
use forcelint::run::{Options, Workspace, run_once};

use crate::generated::Generated;
use crate::repository::root;

const FOLDER: &str = "docs/pictures";
const PROJECT: &str = "testdata/sample";
const APP: &str = "force-app/main/default/connectedApps/Booking_Web_App.connectedApp-meta.xml";
const COLUMNS: usize = 100;
/// How many frames with source the picture shows.
const FRAMES: usize = 2;
/// The last line of a frame.
const FRAME_END: &str = "╰─";
/// The duration of a run differs, and the picture must not.
const TOOK: Duration = Duration::from_millis(9);

/// Colors of a picture.
struct Theme {
    name: &'static str,
    text: RgbColor,
    background: RgbColor,
    /// Black, red, green, yellow, blue, magenta, cyan, white.
    colors: [RgbColor; 8],
}

/// The contrast with the background is at least 4.5 (WCAG AA).
const THEMES: [Theme; 2] = [
    Theme {
        name: "light",
        text: RgbColor(0x1f, 0x23, 0x28),
        background: RgbColor(0xf6, 0xf8, 0xfa),
        colors: [
            RgbColor(0x1f, 0x23, 0x28),
            RgbColor(0xc9, 0x1b, 0x1b),
            RgbColor(0x11, 0x63, 0x29),
            RgbColor(0x7d, 0x4e, 0x00),
            RgbColor(0x05, 0x50, 0xae),
            RgbColor(0x9c, 0x1f, 0xa8),
            RgbColor(0x0a, 0x63, 0x70),
            RgbColor(0x59, 0x63, 0x6e),
        ],
    },
    Theme {
        name: "dark",
        text: RgbColor(0xe6, 0xed, 0xf3),
        background: RgbColor(0x16, 0x1b, 0x22),
        colors: [
            RgbColor(0x48, 0x4f, 0x58),
            RgbColor(0xff, 0x7b, 0x72),
            RgbColor(0x56, 0xd3, 0x64),
            RgbColor(0xe3, 0xb3, 0x41),
            RgbColor(0x79, 0xc0, 0xff),
            RgbColor(0xe0, 0x9b, 0xff),
            RgbColor(0x56, 0xd4, 0xdd),
            RgbColor(0xe6, 0xed, 0xf3),
        ],
    },
];

pub fn generate(generated: &mut Generated) {
    let text = screen();
    for theme in &THEMES {
        let path = format!("{FOLDER}/terminal-{}.svg", theme.name);
        generated.file(path, picture(&text, theme));
    }
}

fn picture(text: &str, theme: &Theme) -> String {
    // forcelint uses no bright colors.
    let palette = Palette(std::array::from_fn(|index| theme.colors[index % 8]));
    let term = Term::new()
        .palette(palette)
        .fg_color(Color::Rgb(theme.text))
        .bg_color(Color::Rgb(theme.background));
    // The crate's opacity for dimmed text makes line numbers hard to read.
    term.render_svg(text)
        .replace("opacity: 0.4", "opacity: 0.75")
}

/// What the terminal shows: the command, the first frames of the report, and the summary.
fn screen() -> String {
    let project = root().join(PROJECT);
    let project = canonical(&project).expect("the folder exists");
    let rules = RuleSet::select(&Selection::default()).expect("the default rules exist");
    let rules = Arc::new(rules);
    let app = project.join(APP);
    let targets = Targets::resolve(&[app], &project, &Projects::default());
    let targets = targets.expect("the file exists");
    let mut options = Options::on(jiff::civil::date(2026, 11, 28));
    options.detail = Format::Pretty.detail();
    options.detail.lowest_severity = Some(Severity::Low);
    let report = run_once(&Workspace::new(&rules, options), &targets);
    let style = Style {
        width: COLUMNS,
        color: true,
        unicode: true,
        hyperlinks: false,
    };
    let run = RunInfo::new(ExitStatus::Findings);
    let context = Context {
        report: ReportView::new(&report),
        rules: &rules,
        run: &run,
        style: &style,
        working_directory: Path::new(&project),
    };
    let report = render(Format::Pretty, &context);
    let summary = summary(context.report, &run, None, false, TOOK, Some(COLUMNS));
    format!(
        "$ forcelint check {APP}\n{}…\n\n{summary}",
        excerpt(&report)
    )
}

/// The report up to the end of its first frames.
fn excerpt(report: &str) -> String {
    let mut frames = 0;
    let lines = report.split_inclusive('\n').take_while(|line| {
        let is_shown = frames < FRAMES;
        frames += usize::from(line.contains(FRAME_END));
        is_shown
    });
    lines.map(wrapped).collect()
}

/// A line as a terminal wraps it. Only URLs are longer than a line, and they have no colors.
fn wrapped(line: &str) -> String {
    let characters: Vec<char> = line.trim_end().chars().collect();
    if line.contains('\x1b') || characters.len() <= COLUMNS {
        return line.to_owned();
    }
    let lines = characters.chunks(COLUMNS);
    lines
        .map(|line| format!("{}\n", line.iter().collect::<String>()))
        .collect()
}
