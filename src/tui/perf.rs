//! What the application costs: frames, bytes, rows, searches. It is told by whoever has the
//! clock; here it is kept and told again, by `:perf` and `rolo play --timings`.

use std::collections::VecDeque;
use std::time::Duration;

/// How many of the last measurements are kept.
const KEPT: usize = 1_000;

/// Measurements of one thing: how many there were, and the last of them.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    last: VecDeque<u64>,
    count: u64,
    sum: u64,
    most: u64,
}

impl Samples {
    /// Adds one.
    pub fn add(&mut self, value: u64) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(value);
        self.count += 1;
        self.sum = self.sum.saturating_add(value);
        self.most = self.most.max(value);
    }

    /// Adds a time, in microseconds.
    pub fn took(&mut self, time: Duration) {
        self.add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Returns how many there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the value below which so many of a hundred of those kept are; 0 without any.
    pub fn percentile(&self, percent: usize) -> u64 {
        let mut sorted: Vec<u64> = self.last.iter().copied().collect();
        sorted.sort_unstable();
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or(0)
    }
}

/// What has been measured since the application began.
#[derive(Debug, Clone, Default)]
pub struct Perf {
    /// From a key to what it asks for being done, where somebody waits for that.
    pub keys: Samples,
    /// Making a frame and comparing it with the last.
    pub frames: Samples,
    /// The bytes of a frame.
    pub bytes: Samples,
    /// The rows that a frame is made of.
    pub rows: Samples,
    /// The rows that were built of records, at once.
    pub built: Samples,
    /// Answers of the finder.
    pub finder: Samples,
    /// From the beginning to the first frame, and until the store was there.
    pub first: Option<Duration>,
    /// See there.
    pub came: Option<Duration>,
}

/// One line of what is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Of what.
    pub what: &'static str,
    /// How many there were.
    pub count: u64,
    /// Half of them were at most so much; 99 of a hundred; all.
    pub values: [String; 3],
    /// All together.
    pub sum: String,
}

impl Perf {
    /// Returns what there is to tell of each thing.
    pub fn told(&self) -> Vec<Told> {
        let line = |what, samples: &Samples, show: fn(u64) -> String| Told {
            what,
            count: samples.count,
            values: [samples.percentile(50), samples.percentile(99), samples.most].map(show),
            sum: show(samples.sum),
        };
        let mut told = vec![
            line("keys", &self.keys, millis),
            line("frames", &self.frames, millis),
            line("bytes a frame", &self.bytes, |bytes| bytes.to_string()),
            line("rows a frame", &self.rows, |rows| rows.to_string()),
            line("rows built", &self.built, |rows| rows.to_string()),
            line("finder", &self.finder, millis),
        ];
        told.retain(|told| told.count > 0);
        told
    }

    /// Returns it as lines of a table.
    pub fn lines(&self) -> Vec<String> {
        let head = format!("{:<14}{:>10}{:>12}{:>12}{:>12}{:>12}", "", "count", "median", "p99", "most", "sum");
        let row = |told: Told| {
            let Told { what, count, values: [half, nearly, most], sum } = told;
            format!("{what:<14}{count:>10}{half:>12}{nearly:>12}{most:>12}{sum:>12}")
        };
        let mut lines: Vec<String> = std::iter::once(head).chain(self.told().into_iter().map(row)).collect();
        let since = |what: &str, time: Option<Duration>| time.map(|time| format!("{what} after {} ms", time.as_millis()));
        lines.extend(since("first frame", self.first));
        lines.extend(since("the store was there", self.came));
        lines.extend(memory().map(|bytes| format!("memory {} MB, most {} MB", bytes.0 / 1_000_000, bytes.1 / 1_000_000)));
        lines
    }
}

fn millis(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10)
}

/// Returns how many bytes of memory this process takes, and took at most; `None` where the
/// system does not tell.
fn memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1_024)
    };
    Some((of("VmRSS:")?, of("VmHWM:")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_the_last_are_kept_and_all_are_counted() {
        let mut samples = Samples::default();
        assert_eq!(samples.percentile(99), 0);
        (1..=2_000).for_each(|value| samples.add(value));
        assert_eq!(
            (samples.count(), samples.percentile(50), samples.percentile(99), samples.percentile(100)),
            (2_000, 1_500, 1_990, 2_000)
        );
        let mut perf = Perf::default();
        perf.finder.took(Duration::from_micros(1_234));
        assert_eq!(perf.told().len(), 1, "what was not measured is not told");
        assert!(perf.lines()[1].starts_with("finder") && perf.lines()[1].contains("1.23 ms"));
    }
}
