//! The table of a bench run: rows, geometric means, and its two forms, text and Markdown.

/// One kernel's times in seconds.
pub struct Row {
    name: String,
    gcc: f64,
    ours: f64,
    ours_unoptimized: f64,
    /// How many times longer CPython takes, at the small size.
    pub cpython_over_ours: Option<f64>,
    pub numba: Option<f64>,
    /// The other compiler's time.
    pub peer: Option<f64>,
    /// Why there are no times.
    pub failure: Option<String>,
}

impl Row {
    pub fn new(name: &str, gcc: f64, ours: f64, ours_unoptimized: f64) -> Row {
        let name = name.to_string();
        Row {
            name,
            gcc,
            ours,
            ours_unoptimized,
            cpython_over_ours: None,
            numba: None,
            peer: None,
            failure: None,
        }
    }

    pub fn failed(name: &str, message: String) -> Row {
        Row { failure: Some(message), ..Row::new(name, f64::NAN, f64::NAN, f64::NAN) }
    }
}

/// The rows so far, and the lines above them.
pub struct Table {
    facts: Vec<String>,
    peer: Option<String>,
    pub rows: Vec<Row>,
}

/// A column: its heading, and a row's figure with the digits after the point. Ratios have a mean, times do
/// not.
struct Column {
    heading: &'static str,
    figure: fn(&Row) -> Option<f64>,
    digits: usize,
    is_ratio: bool,
}

const COLUMNS: &[Column] = &[
    Column { heading: "gcc -O2 ms", figure: |r| Some(r.gcc * 1e3), digits: 0, is_ratio: false },
    Column { heading: "ours -O2 ms", figure: |r| Some(r.ours * 1e3), digits: 0, is_ratio: false },
    Column { heading: "ours/gcc", figure: |r| Some(r.ours / r.gcc), digits: 2, is_ratio: true },
    Column { heading: "-O0/gcc", figure: |r| Some(r.ours_unoptimized / r.gcc), digits: 2, is_ratio: true },
    Column { heading: "CPython/ours", figure: |r| r.cpython_over_ours, digits: 1, is_ratio: true },
    Column { heading: "peer/ours", figure: |r| r.peer.map(|p| p / r.ours), digits: 2, is_ratio: true },
    Column { heading: "Numba/ours", figure: |r| r.numba.map(|n| n / r.ours), digits: 2, is_ratio: true },
];

impl Table {
    pub fn new(facts: &[String], peer: Option<&str>) -> Table {
        Table { facts: facts.to_vec(), peer: peer.map(str::to_string), rows: Vec::new() }
    }

    /// The cells, the heading first and the geometric means last.
    fn cells(&self) -> Vec<Vec<String>> {
        let measured: Vec<&Row> = self.rows.iter().filter(|r| r.failure.is_none()).collect();
        let columns: Vec<&Column> =
            COLUMNS.iter().filter(|c| measured.iter().any(|r| (c.figure)(r).is_some())).collect();
        let line = |name: &str, cell: &dyn Fn(&Column) -> Option<f64>| -> Vec<String> {
            let text = |c: &Column| cell(c).map_or_else(|| "-".to_string(), |x| format!("{x:.*}", c.digits));
            std::iter::once(name.to_string()).chain(columns.iter().map(|c| text(c))).collect()
        };
        let peer = self.peer.as_deref().unwrap_or("peer");
        let headings = columns.iter().map(|c| c.heading.replace("peer", peer));
        let mut cells = vec![std::iter::once("kernel".to_string()).chain(headings).collect()];
        cells.extend(measured.iter().map(|row| line(&row.name, &|c| (c.figure)(row))));
        cells.push(line("geometric mean", &|c| {
            let figures: Vec<f64> = measured.iter().filter_map(|r| (c.figure)(r)).collect();
            if c.is_ratio { geometric_mean(&figures) } else { None }
        }));
        cells
    }

    /// One line for each kernel without times.
    fn failures(&self) -> impl Iterator<Item = String> {
        self.rows.iter().filter_map(|r| r.failure.as_ref().map(|f| format!("{}: FAILED: {f}", r.name)))
    }

    /// Columns padded to their widest cell, names to the left and figures to the right.
    pub fn to_text(&self) -> String {
        let cells = self.cells();
        let width = |column: usize| cells.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..cells[0].len()).map(width).collect();
        let mut text = self.facts.join("\n") + "\n\n";
        for row in &cells {
            let padded = row.iter().zip(&widths).enumerate();
            let padded =
                padded.map(|(i, (c, w))| if i == 0 { format!("{c:w$}") } else { format!("{c:>w$}") });
            text += &(padded.collect::<Vec<_>>().join("  ") + "\n");
        }
        for failure in self.failures() {
            text += &(failure + "\n");
        }
        text
    }

    /// The page `docs/bench.md`.
    pub fn to_markdown(&self) -> String {
        let mut text =
            "# Run times\n\nMade by `cargo xtask bench --save`; how it measures is told in\n".to_string();
        text += "`xtask/src/bench/mod.rs`. Times at a kernel's large size, CPython at the small one.\n\n";
        for fact in &self.facts {
            text += &format!("- {fact}\n");
        }
        text += "\n";
        for (number, row) in self.cells().iter().enumerate() {
            text += &format!("| {} |\n", row.join(" | "));
            if number == 0 {
                text += &format!("|---|{}\n", "---:|".repeat(row.len() - 1));
            }
        }
        for failure in self.failures() {
            text += &format!("\n{failure}\n");
        }
        text
    }
}

/// The mean that fits ratios: twice as slow and twice as fast cancel out. Nothing for no figures.
pub fn geometric_mean(figures: &[f64]) -> Option<f64> {
    let logs: f64 = figures.iter().map(|x| x.ln()).sum();
    (!figures.is_empty()).then(|| (logs / figures.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_ratios_and_failures_are_named() {
        let mut table = Table::new(&["facts".into()], None);
        table.rows.push(Row::new("a", 1.0, 2.0, 4.0));
        table.rows.push(Row::new("b", 1.0, 8.0, 16.0));
        table.rows.push(Row::failed("c", "no gcc".into()));
        let text = table.to_text();
        let mean: Vec<&str> =
            text.lines().find(|l| l.starts_with("geometric")).unwrap().split_whitespace().collect();
        assert_eq!(mean, ["geometric", "mean", "-", "-", "4.00", "8.00"]);
        assert!(text.contains("c: FAILED: no gcc") && !text.contains("CPython"), "{text}");
        assert!(table.to_markdown().contains("| a | 1000 | 2000 | 2.00 | 4.00 |"));
    }
}
