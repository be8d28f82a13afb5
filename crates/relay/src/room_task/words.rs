//! What those are told who are sent away.

/// What those are told whose room is not kept here.
pub(super) const NOT_HOSTED: &str =
    "no owner of this project is let keep rooms at this relay; ask whoever runs the relay";

/// What those are told who bring more than is kept of a room.
pub(super) const ROOM_FULL: &str =
    "this project has all the space that it may have at this relay; ask whoever runs the relay";

/// The same, of all rooms of its owner together.
pub(super) const OWNER_FULL: &str = "the owner of this project has all the space that she may have at this relay; ask whoever runs the relay";

/// What those are told whose room would be one more than its owner may have.
pub(super) const OWNER_ROOMS: &str = "the owner of this project has as many projects at this relay as she may; ask whoever runs the relay";

/// What those are told whose room is being removed.
pub(super) const REMOVED: &str =
    "whoever runs this relay has removed this project here; it is kept again if it may come back";

/// What those are told who are sent away by hand.
pub(super) const KICKED: &str = "whoever runs this relay has ended the connection";
