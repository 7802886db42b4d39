//! What can be done: each action is a function from a request to changes.
