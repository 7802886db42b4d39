//! The greetings, whose layout no version may change.
//!
//! A guest says `rolo` and the versions it speaks, and then, in a part that may
//! grow, who it is. The host answers with how far it is, a welcome, or why not.

use serde::{Deserialize, Serialize};

use super::WireError;

/// The newest protocol that is spoken here.
pub const PROTOCOL: u16 = 2;
/// The oldest protocol that is spoken here: the one before the newest.
pub const OLDEST: u16 = 1;

/// What a greeting begins with.
const MAGIC: &[u8; 8] = b"rolo\0sit";
/// The bytes before the part that may grow.
const FIXED: usize = 12;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be asked on.
    Work,
    /// To see whether somebody answers; it ends with the greeting.
    Probe,
}

/// Who a guest is, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doing {
    /// Tells the connections of one session from those of others.
    pub session: u64,
    /// Its process.
    pub pid: u32,
    /// The login that its commits are made under.
    pub login: String,
    /// What it is: `application`, `rolo import`.
    pub what: String,
    /// Its terminal; empty where it has none.
    pub terminal: String,
}

/// The first frame of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The newest protocol it speaks.
    pub newest: u16,
    /// The oldest.
    pub oldest: u16,
    /// What the connection is for, and who asks; `None` where a version that is
    /// not spoken here says it.
    pub who: Option<(Purpose, Doing)>,
}

impl Hello {
    /// Returns the greeting of this version.
    pub fn new(purpose: Purpose, doing: Doing) -> Self {
        Self { newest: PROTOCOL, oldest: OLDEST, who: Some((purpose, doing)) }
    }

    /// Returns the frame, its length before it.
    ///
    /// # Errors
    /// [`WireError::TooLong`] for names of absurd length.
    pub fn frame(&self) -> Result<Vec<u8>, WireError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.newest.to_le_bytes());
        bytes.extend(self.oldest.to_le_bytes());
        let mut bytes = match &self.who {
            Some(who) => postcard::to_extend(who, bytes).map_err(|error| WireError::Garbled(error.to_string()))?,
            None => bytes,
        };
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        bytes.splice(..0, length);
        Ok(bytes)
    }

    /// Returns the greeting of a frame.
    ///
    /// # Errors
    /// [`WireError::Garbled`] for anything else.
    pub fn read(frame: &[u8]) -> Result<Self, WireError> {
        let garbled = || WireError::Garbled("it is no greeting of rolo".to_owned());
        let rest = frame.strip_prefix(MAGIC).ok_or_else(garbled)?;
        let [a, b, c, d] = *rest.first_chunk::<4>().ok_or_else(garbled)?;
        // A later version may say more behind it.
        let who = postcard::take_from_bytes(&frame[FIXED..]).ok().map(|(who, _)| who);
        Ok(Self { newest: u16::from_le_bytes([a, b]), oldest: u16::from_le_bytes([c, d]), who })
    }

    /// Returns the newest protocol that both sides speak.
    pub fn common(&self) -> Option<u16> {
        let newest = self.newest.min(PROTOCOL);
        (newest >= self.oldest.max(OLDEST)).then_some(newest)
    }
}

/// Why a guest is sent away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The two speak no common protocol.
    Version {
        /// The newest that the host speaks.
        newest: u16,
        /// The oldest.
        oldest: u16,
    },
    /// The guest is another Unix user's.
    NotOwner,
    /// There are as many guests as there may be.
    Full,
    /// The store cannot be served as it is.
    Unfit(String),
    /// This user may not do that: why. Since protocol 2.
    NotPermitted(String),
}

/// The host's side of a greeting: any number of `Opening`, then one of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Greeting {
    /// The store is being opened; in words, for people.
    Opening(String),
    /// Ask.
    Welcome {
        /// The protocol that is spoken from here on.
        protocol: u16,
        /// The last commit.
        seq: u64,
        /// Which of the host's states of the definitions this is.
        definitions: u64,
        /// How much there was to tell of the store before the guest came.
        notices: u64,
    },
    /// Go away.
    Refused(Refusal),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn doing() -> Doing {
        Doing { session: 7, pid: 4711, login: "ada".into(), what: "rolo list".into(), terminal: "pts/3".into() }
    }

    #[test]
    fn a_greeting_is_written_as_every_version_reads_it() {
        let frame = Hello::new(Purpose::Work, doing()).frame().unwrap();
        assert_eq!(&frame[4..16], b"rolo\0sit\x02\0\x01\0");
        assert_eq!(u32::from_le_bytes(*frame.first_chunk().unwrap()) as usize, frame.len() - 4);
        assert_eq!(Hello::read(&frame[4..]).unwrap(), Hello::new(Purpose::Work, doing()));
    }

    #[test]
    fn versions_that_overlap_understand_each_other() {
        let says = |newest, oldest| Hello { newest, oldest, who: None }.common();
        assert_eq!(says(PROTOCOL, OLDEST), Some(PROTOCOL));
        assert_eq!(says(PROTOCOL + 1, PROTOCOL), Some(PROTOCOL));
        assert_eq!(says(PROTOCOL + 2, PROTOCOL + 1), None);
        assert_eq!(says(0, 0), None);
    }

    #[test]
    fn a_later_version_may_say_more_and_a_strange_one_is_still_told_apart() {
        let mut frame = Hello::new(Purpose::Probe, doing()).frame().unwrap();
        frame.extend(b"something new");
        assert_eq!(Hello::read(&frame[4..]).unwrap(), Hello::new(Purpose::Probe, doing()));
        let strange = b"rolo\0sit\x09\0\x08\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
        assert_eq!(Hello::read(strange).unwrap(), Hello { newest: 9, oldest: 8, who: None });
        assert!(Hello::read(b"GET / HTTP/1.1\r\n\r\n").is_err());
    }
}
