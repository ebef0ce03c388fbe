//! Lines over the time of a run.

use std::fmt::Write as _;

use super::scale::{Scale, clock};
use super::text::{escaped, short};

/// The plot's own units: whatever room it is stretched to.
pub(super) const SIZE: f64 = 1000.0;

/// A line: a value for each span, where there is one.
pub(super) struct Line {
    pub(super) name: &'static str,
    /// Which of the page's colours and dashes, 0 to 3.
    pub(super) look: usize,
    pub(super) values: Vec<Option<f64>>,
    /// What it comes to over the whole run.
    pub(super) whole: Option<String>,
}

/// A plot.
pub(super) struct Plot<'a> {
    pub(super) title: &'static str,
    pub(super) note: &'static str,
    /// The middles of the spans, and how long each is.
    pub(super) at: &'a [f64],
    pub(super) length: f64,
    pub(super) end: f64,
    pub(super) lines: Vec<Line>,
    pub(super) y: Scale,
    pub(super) shown: fn(f64) -> String,
}

impl Plot<'_> {
    /// The figure; nothing if no line has a value.
    pub(super) fn figure(&self) -> String {
        if self.lines.iter().all(|line| line.values.iter().all(Option::is_none)) {
            return String::new();
        }
        let time = Scale::of_time(0.0, self.end);
        let mut paths = String::new();
        for line in &self.lines {
            let path = self.path(line, &time);
            // Writing to a String cannot fail.
            let _ = writeln!(paths, "<path class=\"line look{}\" d=\"{path}\"/>", line.look);
        }
        let x: Vec<(f64, String)> = time.ticks.iter().map(|tick| (time.place(*tick), clock(*tick, self.end))).collect();
        let y = self.y.marks(self.shown);
        let legend: Vec<Key> = self
            .lines
            .iter()
            .map(|line| Key { name: line.name, look: line.look, bar: false, whole: line.whole.clone() })
            .collect();
        frame(&Frame {
            title: self.title,
            note: self.note,
            legend: &legend,
            x: &x,
            y: &y,
            drawing: &paths,
            above: "",
            read_out: &self.read_out(&time),
        })
    }

    /// From value to value, with a gap where there is none; a value by itself is as wide as its span.
    fn path(&self, line: &Line, time: &Scale) -> String {
        let mut path = String::new();
        let x = |at: f64| short(time.place(at) * SIZE);
        let y = |value: f64| short((1.0 - self.y.place(value)) * SIZE);
        let point = |place: usize| Some((*self.at.get(place)?, line.values.get(place).copied().flatten()?));
        for place in 0..self.at.len() {
            let Some((at, value)) = point(place) else { continue };
            let adjoins = |(other, _): (f64, f64)| (other - at).abs() < self.length * 1.5;
            let before = place.checked_sub(1).and_then(point).filter(|before| adjoins(*before));
            let after = point(place + 1).filter(|after| adjoins(*after));
            let _ = match (before, after) {
                (None, None) => {
                    let half = self.length / 2.0;
                    write!(path, "M{} {}H{}", x(at - half), y(value), x(at + half))
                }
                (None, Some(_)) => write!(path, "M{} {}", x(at), y(value)),
                (Some(_), _) => write!(path, "L{} {}", x(at), y(value)),
            };
        }
        path
    }

    /// What the script shows: for each span its place, its time, and the values.
    fn read_out(&self, time: &Scale) -> String {
        let points: Vec<serde_json::Value> = self
            .at
            .iter()
            .enumerate()
            .map(|(place, at)| {
                let from = at - self.length / 2.0;
                let when = if self.length > 1.0 {
                    format!("{} to {}", clock(from, self.end), clock(from + self.length, self.end))
                } else {
                    clock(from, self.end)
                };
                let values: Vec<Option<String>> =
                    self.lines.iter().map(|line| line.values.get(place).copied().flatten().map(self.shown)).collect();
                serde_json::json!([short(time.place(*at)).parse::<f64>().unwrap_or_default(), when, values])
            })
            .collect();
        serde_json::Value::from(points).to_string()
    }
}

/// An entry of a legend.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) look: usize,
    pub(super) bar: bool,
    pub(super) whole: Option<String>,
}

/// What stands around a drawing.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) note: &'a str,
    pub(super) legend: &'a [Key],
    /// Marks from the left and from below: places from 0 to 1, and what stands there.
    pub(super) x: &'a [(f64, String)],
    pub(super) y: &'a [(f64, String)],
    /// In the drawing's units, and what lies above it in the page's.
    pub(super) drawing: &'a str,
    pub(super) above: &'a str,
    /// JSON for the script.
    pub(super) read_out: &'a str,
}

/// A figure: the drawing with its axes, named and explained.
pub(super) fn frame(of: &Frame<'_>) -> String {
    let mut legend = String::new();
    for key in of.legend {
        let sample = if key.bar {
            format!("<rect class=\"fill look{}\" x=\"4\" y=\"2\" width=\"18\" height=\"8\"/>", key.look)
        } else {
            format!("<path class=\"line look{}\" d=\"M0 6H26\"/>", key.look)
        };
        let whole = key.whole.as_ref().map_or_else(String::new, |whole| format!(" <b>{}</b>", escaped(whole)));
        let _ = writeln!(
            legend,
            "<li><svg class=\"key\" viewBox=\"0 0 26 12\" aria-hidden=\"true\">{sample}</svg>{}{whole}</li>",
            key.name
        );
    }
    let mut grid = String::new();
    for (place, _) in of.y {
        let _ = write!(grid, "M0 {0}H{SIZE}", short((1.0 - place) * SIZE));
    }
    for (place, _) in of.x {
        let _ = write!(grid, "M{0} 0V{SIZE}", short(place * SIZE));
    }
    let marks = |marks: &[(f64, String)], side: &str| {
        let mut spans = String::new();
        for (place, text) in marks {
            let _ = write!(spans, "<span style=\"{side}:{}%\">{}</span>", short(place * 100.0), escaped(text));
        }
        spans
    };
    let widest = of.y.iter().map(|(_, text)| text.chars().count()).max().unwrap_or_default();
    let said: Vec<String> = of
        .legend
        .iter()
        .map(|key| format!("{}{}", key.name, key.whole.as_ref().map_or_else(String::new, |whole| format!(" {whole}"))))
        .collect();
    format!(
        "<figure class=\"plot\">\n<figcaption><h3>{title}</h3><p>{note}</p></figcaption>\n<ul class=\"legend\">\n{legend}</ul>\n\
         <div class=\"chart\" style=\"--y:{widest}ch\">\n<div class=\"y\">{y}</div>\n<div class=\"area\" data-read-out=\"{read_out}\">\n\
         <svg viewBox=\"0 0 {SIZE} {SIZE}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{title}: {said}\">\n\
         <path class=\"grid\" d=\"{grid}\"/>\n{drawing}</svg>\n{above}</div>\n<div class=\"x\">{x}</div>\n</div>\n</figure>\n",
        title = escaped(of.title),
        note = escaped(of.note),
        y = marks(of.y, "bottom"),
        x = marks(of.x, "left"),
        read_out = escaped(of.read_out),
        said = escaped(&said.join(", ")),
        drawing = of.drawing,
        above = of.above,
    )
}
