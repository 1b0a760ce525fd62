//! Lines of the table that people read.

use std::fmt::Write;

use crate::latency::Summary;

/// A line of times: the quantiles, and how often the floor goes into the middle one.
pub fn times(out: &mut String, name: &str, summary: Summary, floor: Option<(f64, &str)>) {
    let Summary {
        p50,
        p99,
        p999,
        max,
        ..
    } = summary;
    let beside = floor.map_or(String::new(), |(floor, what)| {
        format!("{:>7.1}x {what}", p50 / floor.max(0.001))
    });
    let _ = writeln!(
        out,
        "  {name:<34}{p50:>9.2}{p99:>9.2}{p999:>9.2}{max:>9.2}  {beside}"
    );
}

/// A line with one figure, and what is to be said beside it.
pub fn figure(out: &mut String, name: &str, value: String, beside: &str) {
    let _ = writeln!(out, "  {name:<34}{value:>18}  {beside}");
}
