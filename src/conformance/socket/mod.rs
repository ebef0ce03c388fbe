//! The cases of Socket.IO 5, one file per area: [`connect`], [`event`], [`ack`], [`disconnect`], [`invalid`], [`namespace`].

pub(super) mod ack;
pub(super) mod connect;
pub(super) mod disconnect;
pub(super) mod event;
pub(super) mod invalid;
pub(super) mod namespace;
