//! Contents of attached files.

use std::io::{self, Read};

use rolo::domain::FileHash;
use rolo::store::files::{Content, FileFacts, LONGEST_FILE, copy, facts, put};
use rolo::store::{Store, StoreError};

use super::Backend;

/// Bytes that no length of a piece divides.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at.wrapping_mul(2_654_435_761) >> 7 & 0xFF).unwrap()).collect()
}

fn read(store: &dyn Store, hash: &FileHash) -> Result<Vec<u8>, StoreError> {
    let mut read = Vec::new();
    copy(store, hash, &mut read)?;
    Ok(read)
}

pub(crate) fn a_content_is_kept_once_and_read_back(backend: &dyn Backend) {
    let store = backend.fresh();
    let contents = [Vec::new(), b"hello".to_vec(), bytes(1_000_003), bytes(1 << 20)];
    let kept: Vec<FileFacts> = contents.iter().map(|content| put(&*store, content).unwrap()).collect();
    // FIPS 180-4: of no bytes at all.
    assert_eq!(kept[0].hash.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let store = backend.again(store);
    for (content, facts) in contents.iter().zip(&kept) {
        assert_eq!(facts.size, content.len() as u64);
        assert_eq!(store.file_length(&facts.hash).unwrap(), Some(facts.size));
        assert_eq!(read(&*store, &facts.hash).unwrap(), *content);
        assert_eq!(put(&*store, content).unwrap(), *facts);
        assert_eq!(read(&*store, &facts.hash).unwrap(), *content);
    }
    let piece = store.read_file(&kept[1].hash, 1, 3).unwrap();
    assert_eq!(piece.as_deref(), Some(b"ell".as_slice()));
    assert_eq!(store.read_file(&kept[1].hash, 99, 3).unwrap(), Some(Vec::new()));
    let unknown = FileHash([7; 32]);
    assert_eq!((store.file_length(&unknown).unwrap(), store.read_file(&unknown, 0, 9).unwrap()), (None, None));
    assert!(matches!(read(&*store, &unknown), Err(StoreError::Damaged(_))));
}

/// A file that another program writes to while it is read, or that cannot be read.
struct Odd(&'static [u8], Option<io::ErrorKind>);

impl Content for Odd {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match self.1 {
            None => Ok(Box::new(self.0)),
            Some(error) => Err(error.into()),
        }
    }
}

pub(crate) fn what_is_not_what_it_was_said_to_be_is_not_kept(backend: &dyn Backend) {
    let store = backend.fresh();
    let said = facts(&mut b"as it was".as_slice()).unwrap();
    for now in [b"as it is!".as_slice(), b"as it was, and more", b"as it", b""] {
        let refused = store.keep_file(&said, &Odd(now, None)).unwrap_err();
        assert_eq!(refused, StoreError::Invalid("the file changed while it was read".to_owned()), "{now:?}");
    }
    let refused = store.keep_file(&said, &Odd(b"", Some(io::ErrorKind::PermissionDenied))).unwrap_err();
    assert_eq!(refused.to_string(), "the file cannot be read: permission denied");
    let long = FileFacts { size: LONGEST_FILE + 1, ..said };
    let refused = store.keep_file(&long, &Odd(b"", None)).unwrap_err();
    assert_eq!(refused.to_string(), "a file of 100.0 MiB is too large to attach: 100 MiB are the most");
    let refused = facts(&mut io::repeat(0)).unwrap_err();
    assert!(matches!(refused, StoreError::TooLarge(_)), "{refused}");
    assert_eq!(store.file_length(&said.hash).unwrap(), None);
    // The store serves on.
    assert_eq!(put(&*store, &b"as it was".to_vec()).unwrap(), said);
    store.close().unwrap();
    assert!(store.keep_file(&said, &b"as it was".to_vec()).is_err());
}
