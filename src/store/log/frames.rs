//! Reading frame after frame: replay, history, `changes_since`, rebuilding.

use std::sync::Arc;

use super::frame::{read_frame, read_head};
use super::layout::segment_name;
use super::segments::{Segment, Shared};
use super::walk::{After, Step, View, Walk};
use super::{Frame, FrameHead, FramePlace, LogError};

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
pub struct Frames(Course);

/// An iterator over frames without their bodies; otherwise as [`Frames`].
pub struct Heads(Course);

impl Frames {
    pub(super) fn new(shared: Arc<Shared>, from: ReadFrom) -> Self {
        Self(Course::new(shared, from))
    }
}

impl Heads {
    pub(super) fn new(shared: Arc<Shared>, from: ReadFrom) -> Self {
        Self(Course::new(shared, from))
    }
}

impl Iterator for Frames {
    type Item = Result<Frame, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(|view, at| read_frame(view.kind, view.header.seq, view.payload, at, view.site))
    }
}

impl Iterator for Heads {
    type Item = Result<FrameHead, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(|view, at| read_head(view.kind, view.header.seq, view.payload, at, view.site))
    }
}

/// The way along the segments.
struct Course {
    shared: Arc<Shared>,
    /// The segment and offset where reading ends.
    end: Option<(u32, u64)>,
    /// Frames before this one are passed over.
    least: u64,
    /// The frame that must come first, and whether it is handed out.
    first: Option<(FramePlace, bool)>,
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

impl Course {
    fn new(shared: Arc<Shared>, from: ReadFrom) -> Self {
        let end = shared.segments().last().map(|segment| (segment.number, segment.synced));
        let least = if let ReadFrom::Seq(seq) = from { seq } else { 0 };
        let first = match from {
            ReadFrom::At(place) => Some((place, true)),
            ReadFrom::After(place) => Some((place, false)),
            ReadFrom::Start | ReadFrom::Seq(_) => None,
        };
        Self { shared, end, least, first, state: State::Begin(from) }
    }

    fn next<T>(&mut self, read: impl Fn(&View<'_>, FramePlace) -> Result<T, &'static str>) -> Option<Result<T, LogError>> {
        let next = self.advance(read);
        let goes_on = self.shared.lenient && matches!(next, Err(LogError::Damaged { .. }));
        if next.is_err() && !goes_on {
            self.state = State::Done;
        }
        next.transpose()
    }

    /// Returns a segment with what is to be read of it; the first one from
    /// `number` on that is there.
    fn segment(&self, number: u32) -> Option<Segment> {
        let (last, offset) = self.end?;
        let segments = self.shared.segments();
        let index = segments.partition_point(|segment| segment.number < number);
        let mut segment = *segments.get(index)?;
        if segment.number > last {
            return None;
        }
        if segment.number == last {
            segment.synced = offset;
        }
        Some(segment)
    }

    fn begin(&self, from: ReadFrom) -> Result<State, LogError> {
        match from {
            ReadFrom::Start => Ok(State::Before(0, None)),
            ReadFrom::Seq(seq) => self.begin_at_seq(seq),
            ReadFrom::At(place) | ReadFrom::After(place) => {
                let segment =
                    self.segment(place.segment).filter(|segment| segment.number == place.segment).ok_or_else(|| another_frame(place))?;
                let mut walk = self.shared.walk(&segment)?;
                walk.seek(place.offset, None);
                Ok(State::Walking(segment.number, Box::new(walk)))
            }
        }
    }

    fn begin_at_seq(&self, seq: u64) -> Result<State, LogError> {
        let number = {
            let segments = self.shared.segments();
            let index = segments.partition_point(|segment| segment.first_seq <= seq);
            segments.get(index.saturating_sub(1)).map(|segment| segment.number)
        };
        let Some(segment) = number.and_then(|number| self.segment(number)) else {
            return Ok(State::Done);
        };
        let mut walk = self.shared.walk(&segment)?;
        if let Some((offset, after)) = self.shared.waymarks().before(segment.number, seq) {
            walk.seek(offset, Some(after));
        }
        while walk.after().is_some_and(|after| after.next() < seq) {
            // A bad header on the way is met again, and told, by reading on.
            let Ok(Some((header, offset))) = walk.skip().map_err(|error| reading(segment.number, error))? else {
                break;
            };
            self.shared.waymarks().pass(header.seq, segment.number, offset, header.previous);
        }
        Ok(State::Walking(segment.number, Box::new(walk)))
    }

    fn advance<T>(&mut self, read: impl Fn(&View<'_>, FramePlace) -> Result<T, &'static str>) -> Result<Option<T>, LogError> {
        loop {
            match &mut self.state {
                State::Done => return Ok(None),
                State::Begin(from) => {
                    let from = *from;
                    self.state = State::Done;
                    self.state = self.begin(from)?;
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
                    let first = self.first.take();
                    match walk.step().map_err(|error| reading(number, error))? {
                        Step::Frame(view) => {
                            let at = FramePlace { segment: number, offset: view.offset, crc: view.header.link };
                            match first {
                                Some((place, _)) if place != at => {
                                    self.state = State::Done;
                                    return Err(another_frame(place));
                                }
                                Some((_, false)) => continue,
                                _ if view.header.seq < self.least => continue,
                                _ => {}
                            }
                            return read(&view, at).map(Some).map_err(|why| LogError::Damaged {
                                segment: number,
                                offset: view.offset,
                                seq: Some(view.header.seq),
                                why: why.to_owned(),
                            });
                        }
                        Step::End => {
                            let after = walk.after();
                            self.state = next_segment(number, after);
                            if let Some((place, _)) = first {
                                self.state = State::Done;
                                return Err(another_frame(place));
                            }
                        }
                        Step::Bad(bad) if first.is_some() => {
                            self.state = State::Done;
                            return Err(bad.damaged(number));
                        }
                        Step::Bad(bad) => {
                            let error = bad.damaged(number);
                            if !walk.resume().map_err(|error| reading(number, error))? {
                                self.state = next_segment(number, None);
                            }
                            return Err(error);
                        }
                    }
                }
            }
        }
    }
}

fn next_segment(number: u32, after: Option<After>) -> State {
    number.checked_add(1).map_or(State::Done, |next| State::Before(next, after))
}

fn another_frame(place: FramePlace) -> LogError {
    LogError::Damaged { segment: place.segment, offset: place.offset, seq: None, why: "the frame that should be here is not".to_owned() }
}

fn reading(segment: u32, error: std::io::Error) -> LogError {
    LogError::io("reading", &segment_name(segment), error)
}
