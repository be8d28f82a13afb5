//! Scenarios on real sockets; all of them are tests. What they are made of is in `testkit::links`.
