//! What earlier versions said and wrote, before the code of today; all of it is tests.
