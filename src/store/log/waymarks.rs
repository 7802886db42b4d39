//! Frames by the way: so that a seq is found without reading a segment from its
//! start. They are learned while the log is checked, written and searched, kept
//! in memory only, and about 1 in 256 KiB of log.

use std::collections::BTreeMap;

use super::walk::After;

/// How far waymarks lie apart, in bytes.
const APART: u64 = 256 * 1024;

/// Known frames, by seq.
#[derive(Debug, Default)]
pub(super) struct Waymarks {
    marks: BTreeMap<u64, Waymark>,
    last: Option<Waymark>,
}

/// Where a frame begins, and the link that it follows.
#[derive(Clone, Copy, Debug)]
struct Waymark {
    segment: u32,
    offset: u64,
    previous: u32,
}

impl Waymarks {
    /// Remembers a good frame, if none is known shortly before it.
    pub(super) fn pass(&mut self, seq: u64, segment: u32, offset: u64, previous: u32) {
        let near = |mark: &Waymark| mark.segment == segment && mark.offset <= offset && offset - mark.offset < APART;
        // Most calls are one frame after another.
        if self.last.as_ref().is_some_and(near) {
            return;
        }
        let mark = match self.marks.range(..=seq).next_back() {
            Some((_, mark)) if near(mark) => *mark,
            _ => {
                let mark = Waymark { segment, offset, previous };
                self.marks.insert(seq, mark);
                mark
            }
        };
        self.last = Some(mark);
    }

    /// Returns the last frame known in a segment that has this seq or a lower
    /// one: where it begins and what it follows.
    pub(super) fn before(&self, segment: u32, seq: u64) -> Option<(u64, After)> {
        let (&found, mark) = self.marks.range(..=seq).next_back()?;
        (mark.segment == segment).then(|| (mark.offset, After { seq: found.saturating_sub(1), link: mark.previous }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_nearest_mark_before_is_found_in_whatever_order_they_came() {
        let mut marks = Waymarks::default();
        // Frames of 1 KiB: seqs 1 to 999 in segment 1, the others in segment 2.
        let offset = |seq: u64| if seq < 1000 { seq * 1024 } else { (seq - 999) * 1024 };
        let segment = |seq: u64| if seq < 1000 { 1 } else { 2 };
        for seq in (1500..2000).chain(1..700) {
            marks.pass(seq, segment(seq), offset(seq), seq as u32);
        }
        assert!(marks.marks.len() < 8);
        for seq in (1..700).chain(1500..2000) {
            let (at, after) = marks.before(segment(seq), seq).unwrap();
            assert!(at <= offset(seq) && offset(seq) - at < APART);
            assert_eq!(at, offset(after.next()));
            assert_eq!(after.link, after.next() as u32);
        }
        assert!(marks.before(2, 1499).is_none());
        assert!(marks.before(1, 0).is_none());
        marks.pass(1000, 2, 1024, 7);
        assert_eq!(marks.before(2, 1499).unwrap().0, 1024);
    }
}
