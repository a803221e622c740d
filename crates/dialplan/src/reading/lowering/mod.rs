//! Nodes that are made of simpler ones: each is read where it stands, and what callers meet are
//! the nodes that calls know already.

mod call;
mod menu;
mod survey;

pub(super) use call::Scope;
