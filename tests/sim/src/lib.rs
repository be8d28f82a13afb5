//! Applications and relays under one seed; all of it is in `tests/sim`.
