//! Reading frame after frame: replay, history, `changes_since`, rebuilding.

use std::sync::Arc;

use super::frame::read_payload;
use super::layout::segment_name;
use super::segments::{Segment, Shared};
use super::walk::{After, Step, Walk};
use super::{Frame, FramePlace, LogError};

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    /// At the log's first frame.
    Start,
    /// At the first frame with this seq or a higher one.
    Seq(u64),
    /// At this very frame.
    At(FramePlace),
    /// At the one after this very frame.
    After(FramePlace),
}

/// An iterator over frames, in order of seq.
///
/// It ends where the synced log ended when it was made. After an error it ends,
/// unless the log was opened with
/// [`accept_damage`](super::LogOptions::accept_damage): then it goes on with
/// the next good frame.
pub struct Frames {
    shared: Arc<Shared>,
    /// The segment and offset where reading ends.
    end: Option<(u32, u64)>,
    /// Frames before this one are passed over.
    least: u64,
    state: State,
}

enum State {
    Begin(ReadFrom),
    /// In a segment.
    Walking(u32, Box<Walk>),
    /// Before a segment, with what its first frame must follow, where known.
    Before(u32, Option<After>),
    Done,
}

impl Frames {
    pub(super) fn new(shared: Arc<Shared>, from: ReadFrom) -> Self {
        let end = shared.segments().last().map(|segment| (segment.number, segment.synced));
        Self { shared, end, least: if let ReadFrom::Seq(seq) = from { seq } else { 0 }, state: State::Begin(from) }
    }

    /// Returns a segment with what is to be read of it; the first one from
    /// `number` on that is there.
    fn segment(&self, number: u32) -> Option<Segment> {
        let (last, offset) = self.end?;
        let segments = self.shared.segments();
        let index = segments.partition_point(|segment| segment.number < number);
        let mut segment = segments.get(index)?.clone();
        if segment.number > last {
            return None;
        }
        if segment.number == last {
            segment.synced = offset;
        }
        Some(segment)
    }

    fn begin(&mut self, from: ReadFrom) -> Result<Option<Frame>, LogError> {
        match from {
            ReadFrom::Start => self.state = State::Before(0, None),
            ReadFrom::Seq(seq) => {
                let number = {
                    let segments = self.shared.segments();
                    let index = segments.partition_point(|segment| segment.first_seq <= seq);
                    segments.get(index.saturating_sub(1)).map(|s| s.number)
                };
                let Some(segment) = number.and_then(|number| self.segment(number)) else {
                    return Ok(None);
                };
                let mut walk = self.shared.walk(&segment)?;
                let mark = segment.waymarks.partition_point(|mark| mark.after.seq < seq).checked_sub(1);
                if let Some(mark) = mark.map(|index| segment.waymarks[index]) {
                    walk.seek(mark.offset, Some(mark.after));
                }
                // A bad header on the way is met again, and told, by reading on.
                while walk.after().is_some_and(|after| after.next() < seq)
                    && let Ok(Some(_)) = walk.skip().map_err(|error| reading(segment.number, error))?
                {}
                self.state = State::Walking(segment.number, Box::new(walk));
            }
            ReadFrom::At(place) | ReadFrom::After(place) => {
                let other = |why: &str| LogError::Damaged { segment: place.segment, offset: place.offset, seq: None, why: why.to_owned() };
                let segment = self
                    .segment(place.segment)
                    .filter(|segment| segment.number == place.segment)
                    .ok_or_else(|| other("a frame was looked for in a segment that is not there"))?;
                let mut walk = self.shared.walk(&segment)?;
                walk.seek(place.offset, None);
                self.state = State::Walking(segment.number, Box::new(walk));
                let frame = self.advance()?;
                let Some(frame) = frame.filter(|frame| frame.at == place) else {
                    self.state = State::Done;
                    return Err(other("another frame lies here than the one looked for"));
                };
                if matches!(from, ReadFrom::At(_)) {
                    return Ok(Some(frame));
                }
            }
        }
        self.advance()
    }

    fn advance(&mut self) -> Result<Option<Frame>, LogError> {
        loop {
            match &mut self.state {
                State::Done => return Ok(None),
                State::Begin(from) => {
                    let from = *from;
                    self.state = State::Done;
                    return self.begin(from);
                }
                State::Before(number, after) => {
                    let (number, after) = (*number, *after);
                    let Some(segment) = self.segment(number) else {
                        self.state = State::Done;
                        return Ok(None);
                    };
                    let walk = self.shared.walk(&segment)?;
                    self.state = State::Walking(segment.number, Box::new(walk));
                    let follows = after.is_none() || segment.before.is_none() || after == segment.before;
                    if !follows {
                        return Err(LogError::Damaged {
                            segment: segment.number,
                            offset: 0,
                            seq: after.map(After::next),
                            why: "the segment does not follow the one before".to_owned(),
                        });
                    }
                }
                State::Walking(number, walk) => {
                    let number = *number;
                    let step = walk.step().map_err(|error| reading(number, error))?;
                    match step {
                        Step::Frame(view) => {
                            if view.header.seq < self.least {
                                continue;
                            }
                            let at = FramePlace { segment: number, offset: view.offset, crc: view.header.link };
                            let contents = read_payload(view.payload, at).map_err(|why| LogError::Damaged {
                                segment: number,
                                offset: view.offset,
                                seq: Some(view.header.seq),
                                why: why.to_owned(),
                            })?;
                            return Ok(Some(Frame {
                                kind: view.kind,
                                seq: view.header.seq,
                                head: contents.head,
                                bodies: contents.bodies,
                                places: contents.places,
                                at,
                            }));
                        }
                        Step::End => {
                            let after = walk.after();
                            self.state = match number.checked_add(1) {
                                Some(next) => State::Before(next, after),
                                None => State::Done,
                            };
                        }
                        Step::Bad(bad) => {
                            let error = bad.damaged(number);
                            if !walk.resume().map_err(|error| reading(number, error))? {
                                self.state = match number.checked_add(1) {
                                    Some(next) => State::Before(next, None),
                                    None => State::Done,
                                };
                            }
                            return Err(error);
                        }
                    }
                }
            }
        }
    }
}

fn reading(segment: u32, error: std::io::Error) -> LogError {
    LogError::io("reading", &segment_name(segment), error)
}

impl Iterator for Frames {
    type Item = Result<Frame, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        let goes_on = self.shared.lenient && matches!(next, Err(LogError::Damaged { .. }));
        if next.is_err() && !goes_on {
            self.state = State::Done;
        }
        next.transpose()
    }
}
