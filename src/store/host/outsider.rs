//! A guest who is another user of the system than the store's own: let in while the
//! store is shared, and to what the role allows.

use super::hall::Hall;
use crate::store::api::Committed;
use crate::store::engine::{Engine, Role};
use crate::store::wire::{CommitAsked, Doing, Request};
use crate::store::{StoreError, accounts};

/// One of them, by the name that the system knows.
pub(super) struct Outsider {
    login: String,
}

impl Outsider {
    /// Takes somebody in.
    ///
    /// # Errors
    /// The store is not shared; the guest says to be somebody else; the person is
    /// one who does not work here any more.
    pub(super) fn enter(hall: &Hall, engine: &Engine, uid: u32, doing: &Doing) -> Result<Self, StoreError> {
        let login = accounts::login(uid);
        if doing.login != login {
            return Err(StoreError::NotPermitted(format!("{login} cannot work as {}: only whose store it is may do that", doing.login)));
        }
        let this = Self { login };
        this.check(hall, engine)?;
        Ok(this)
    }

    /// Refuses whoever may not be here (any more).
    fn check(&self, hall: &Hall, engine: &Engine) -> Result<Role, StoreError> {
        if !hall.is_shared() {
            return Err(StoreError::NotPermitted("the store is not shared any more".to_owned()));
        }
        engine.role_of(&self.login)
    }

    /// Refuses a request that the role does not allow. Commits are looked at where
    /// they are admitted.
    pub(super) fn may(&self, hall: &Hall, engine: &Engine, request: &Request) -> Result<(), StoreError> {
        let role = self.check(hall, engine)?;
        match request {
            Request::Check { repair: true } if role < Role::Owner => {
                Err(StoreError::NotPermitted(format!("{} is no owner of this store, and only an owner repairs it", self.login)))
            }
            Request::Forget(_) if role < Role::Owner => {
                Err(StoreError::NotPermitted(format!("{} is no owner of this store, and only an owner forgets somebody", self.login)))
            }
            Request::KeepFile { .. } | Request::FilePiece(_) if role < Role::Agent => {
                Err(StoreError::NotPermitted(format!("{} keeps no files in this store: that takes the role of an agent", self.login)))
            }
            Request::Check { .. }
            | Request::Forget(_)
            | Request::FileLength(_)
            | Request::KeepFile { .. }
            | Request::FilePiece(_)
            | Request::ReadFile { .. }
            | Request::Commit(_)
            | Request::Query(_)
            | Request::Get(_)
            | Request::Rollups(_)
            | Request::Lookup { .. }
            | Request::Linking { .. }
            | Request::ChangesSince { .. }
            | Request::History { .. }
            | Request::AsOf { .. }
            | Request::SeqAt(_)
            | Request::Steps { .. }
            | Request::CommitsOf(_)
            | Request::Committed(_)
            | Request::Stats
            | Request::Notices { .. }
            | Request::Sessions
            | Request::Watch { .. }
            | Request::BeAt(_)
            | Request::Present => Ok(()),
        }
    }

    pub(super) fn commit(&self, engine: &Engine, asked: CommitAsked) -> Result<Committed, StoreError> {
        // Asked again after a host went, it may have been made: that answer stands.
        engine.commit_by(asked.into(), &self.login)
    }
}
