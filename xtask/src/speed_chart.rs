//! The chart of docs/performance.md, for light and dark pages: the time of forcelint and of other programs, from the table
//! that `forcelint-speed --side-by-side` printed.

use std::fmt::Write as _;

use crate::generated::Generated;
use crate::repository::read;

const PAGE: &str = "docs/performance.md";
/// The line of the page before the table.
const MARK: &str = "<!-- Output of `--side-by-side`. Replace it as a whole. -->";

const WIDTH: f64 = 760.0;
/// Where the axis starts and ends.
const LEFT: f64 = 330.0;
const RIGHT: f64 = 690.0;
const TOP: f64 = 56.0;
const ROW: f64 = 40.0;

struct Theme {
    name: &'static str,
    background: &'static str,
    text: &'static str,
    secondary: &'static str,
    grid: &'static str,
    own: &'static str,
    other: &'static str,
}

/// The contrast of texts with the background is at least 4.5, and that of dots at least 3 (WCAG AA).
const THEMES: [Theme; 2] = [
    Theme {
        name: "light",
        background: "#ffffff",
        text: "#1f2328",
        secondary: "#59636e",
        grid: "#d1d9e0",
        own: "#0550ae",
        other: "#6e7781",
    },
    Theme {
        name: "dark",
        background: "#0d1117",
        text: "#e6edf3",
        secondary: "#9198a1",
        grid: "#30363d",
        own: "#79c0ff",
        other: "#8b949e",
    },
];

/// A row of the table.
struct Measured {
    program: String,
    finds: String,
    milliseconds: f64,
}

impl Measured {
    fn is_own(&self) -> bool {
        self.program.starts_with("forcelint")
    }

    /// The time as a person says it.
    fn time(&self) -> String {
        match self.milliseconds {
            1_000.0.. => format!("{:.1} s", self.milliseconds / 1_000.0),
            _ => format!("{:.0} ms", self.milliseconds),
        }
    }
}

pub fn generate(generated: &mut Generated) {
    let (title, rows) = table(&read(PAGE));
    for theme in &THEMES {
        let path = format!("docs/pictures/speed-{}.svg", theme.name);
        generated.file(path, chart(&title, &rows, theme));
    }
}

/// The name of the tree, and the rows by time.
fn table(page: &str) -> (String, Vec<Measured>) {
    let (_, table) = page.split_once(MARK).expect("the page has the mark");
    let lines = table.trim_start().lines();
    let mut lines = lines.take_while(|line| line.starts_with('|')).map(cells);
    let header = lines.next().expect("the table has a header");
    let (tree, _) = header[0]
        .split_once(':')
        .expect("the header names the tree");
    let rows = lines.skip(1).map(|cells| Measured {
        program: cells[0].replace("**", ""),
        finds: cells[1].clone(),
        milliseconds: number(&cells[2]),
    });
    let mut rows: Vec<Measured> = rows.collect();
    rows.sort_by(|one, other| one.milliseconds.total_cmp(&other.milliseconds));
    (tree.to_owned(), rows)
}

fn cells(line: &str) -> Vec<String> {
    let cells = line.trim_matches('|').split('|');
    cells.map(|cell| cell.trim().to_owned()).collect()
}

fn number(cell: &str) -> f64 {
    let number = cell.strip_suffix(" ms").map(str::parse);
    number
        .and_then(Result::ok)
        .unwrap_or_else(|| panic!("`{cell}` is not a time in milliseconds"))
}

fn chart(tree: &str, rows: &[Measured], theme: &Theme) -> String {
    let Theme {
        background,
        text,
        secondary,
        grid,
        ..
    } = theme;
    let bottom = TOP + ROW * rows.len() as f64;
    let height = bottom + 34.0;
    let times = rows.iter().map(|row| row.milliseconds);
    let first = times.clone().fold(f64::MAX, f64::min).log10().floor();
    let last = times.fold(0.0, f64::max).log10().ceil();
    let x =
        |milliseconds: f64| LEFT + (milliseconds.log10() - first) / (last - first) * (RIGHT - LEFT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <title>Time to check {tree}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{background}\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"15\" font-weight=\"600\" fill=\"{text}\">Time to check {tree}</text>\n\
         <text x=\"{RIGHT}\" y=\"26\" text-anchor=\"end\" fill=\"{secondary}\">logarithmic scale</text>\n"
    );
    for power in first as i32..=last as i32 {
        let milliseconds = 10f64.powi(power);
        let at = x(milliseconds);
        let label = match milliseconds {
            1_000.0.. => format!("{} s", milliseconds / 1_000.0),
            _ => format!("{milliseconds} ms"),
        };
        let _ = write!(
            svg,
            "<line x1=\"{at:.1}\" y1=\"{}\" x2=\"{at:.1}\" y2=\"{bottom}\" stroke=\"{grid}\"/>\n\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"{secondary}\">{label}</text>\n",
            TOP - 8.0,
            bottom + 20.0
        );
    }
    for (number, row) in rows.iter().enumerate() {
        let middle = TOP + ROW * (number as f64 + 0.5);
        svg.push_str(&dot(row, x(row.milliseconds), middle, theme));
    }
    svg.push_str("</svg>\n");
    svg
}

fn dot(row: &Measured, at: f64, middle: f64, theme: &Theme) -> String {
    let (fill, weight) = match row.is_own() {
        true => (theme.own, 600),
        false => (theme.other, 400),
    };
    let Theme {
        background,
        text,
        secondary,
        ..
    } = theme;
    format!(
        "<text x=\"16\" y=\"{}\" font-weight=\"{weight}\" fill=\"{text}\">{}</text>\n\
         <text x=\"16\" y=\"{}\" font-size=\"11\" fill=\"{secondary}\">{}</text>\n\
         <circle cx=\"{at:.1}\" cy=\"{middle}\" r=\"6\" fill=\"{fill}\"/>\n\
         <text x=\"{:.1}\" y=\"{}\" font-weight=\"{weight}\" fill=\"{text}\" stroke=\"{background}\" \
         stroke-width=\"4\" paint-order=\"stroke\">{}</text>\n",
        middle - 2.0,
        row.program,
        middle + 12.0,
        row.finds,
        at + 12.0,
        middle + 4.5,
        row.time()
    )
}
