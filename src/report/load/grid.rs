//! Rows of columns that stand below each other; where there is not room for all columns, the least important ones go.

use anstyle::Style;

use super::super::row::Row;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Its head; a grid whose heads are all empty has no line of heads.
    pub(super) head: &'static str,
    /// Whether its cells end below each other: numbers.
    pub(super) right: bool,
    /// Where there is no room, the columns of the highest rank go first; those of rank 0 stay.
    pub(super) rank: u8,
}

/// Words.
pub(super) const fn left(head: &'static str, rank: u8) -> Column {
    Column { head, right: false, rank }
}

/// Numbers.
pub(super) const fn right(head: &'static str, rank: u8) -> Column {
    Column { head, right: true, rank }
}

/// Columns and rows.
#[derive(Debug)]
pub(super) struct Grid {
    columns: Vec<Column>,
    rows: Vec<Vec<(Style, String)>>,
}

/// Between two columns.
const GAP: usize = 2;

impl Grid {
    pub(super) fn new(columns: &[Column]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// A row of plain cells.
    pub(super) fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(|cell| (Style::new(), cell.into())).collect());
    }

    /// A row of cells with styles.
    pub(super) fn styled(&mut self, cells: Vec<(Style, String)>) {
        self.rows.push(cells);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Its lines, indented by two columns, none wider than `width`.
    pub(super) fn lines(&self, heads: Style, width: Option<usize>) -> Vec<String> {
        let shown = self.shown(width);
        let mut lines = Vec::new();
        if self.columns.iter().any(|column| !column.head.is_empty()) {
            let cells: Vec<(Style, &str)> = self.columns.iter().map(|column| (heads, column.head)).collect();
            lines.push(line(&cells, &shown, width));
        }
        for row in &self.rows {
            let cells: Vec<(Style, &str)> = row.iter().map(|(style, text)| (*style, text.as_str())).collect();
            lines.push(line(&cells, &shown, width));
        }
        lines
    }

    /// For each column that there is room for: its place, its width, and whether its cells end below each other.
    fn shown(&self, width: Option<usize>) -> Vec<(usize, usize, bool)> {
        let mut shown: Vec<(usize, usize, Column)> = self
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                let cells = self.rows.iter().filter_map(|row| row.get(place)).map(|(_, text)| text.chars().count());
                (place, cells.chain([column.head.chars().count()]).max().unwrap_or_default(), *column)
            })
            .collect();
        let whole = |shown: &[(usize, usize, Column)]| shown.iter().map(|(_, wide, _)| wide + GAP).sum::<usize>();
        while width.is_some_and(|width| whole(&shown) > width) {
            let Some(rank) = shown.iter().map(|(.., column)| column.rank).max().filter(|rank| *rank > 0) else { break };
            shown.retain(|(.., column)| column.rank != rank);
        }
        shown.into_iter().map(|(place, wide, column)| (place, wide, column.right)).collect()
    }
}

fn line(cells: &[(Style, &str)], shown: &[(usize, usize, bool)], width: Option<usize>) -> String {
    let mut row = Row::default();
    let mut before = GAP;
    let mut filled = String::new();
    for (place, wide, right) in shown {
        let (style, text) = cells.get(*place).copied().unwrap_or_default();
        let fill = wide.saturating_sub(text.chars().count());
        filled.push_str(&" ".repeat(before + if *right { fill } else { 0 }));
        before = GAP + if *right { 0 } else { fill };
        if !text.is_empty() {
            row = row.plain(&filled).add(style, text);
            filled.clear();
        }
    }
    row.line(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_and_the_least_important_go_where_there_is_no_room() {
        let mut grid = Grid::new(&[left("what", 0), right("p50", 0), right("p90", 2), right("p99", 1)]);
        grid.row(["round trip", "1.2 ms", "3 ms", "12.3 ms"]);
        grid.row(["connecting", "", "", "5 ms"]);
        let plain = |width| grid.lines(Style::new(), width);
        let all = ["  what           p50   p90      p99", "  round trip  1.2 ms  3 ms  12.3 ms"];
        assert_eq!(plain(None), [all[0], all[1], "  connecting                   5 ms"]);
        assert_eq!(plain(Some(35)), plain(None));
        assert_eq!(plain(Some(34)).first().map(String::as_str), Some("  what           p50      p99"));
        assert_eq!(plain(Some(22)).last().map(String::as_str), Some("  connecting"));
        assert_eq!(plain(Some(8)).get(1).map(String::as_str), Some("  round…"));
    }
}
