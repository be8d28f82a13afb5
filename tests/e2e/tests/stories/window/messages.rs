//! Messages of the desktop.

use e2e::{Notification, NotificationServer, mia_and_noah};

use crate::notices::{MINE, comment};

#[test]
fn the_desktop_tells_whoever_looks_elsewhere() {
    let (mia, noah) = mia_and_noah();
    let messages = NotificationServer::start(&mia.home);
    let (at_mia, at_noah) = (mia.start(), noah.start());
    let (one, other) = (at_mia.window(), at_noah.window());
    for window in [one, other] {
        window.sees("row-title");
        window.reads("sharing-chip", "Live");
    }
    let told = |comment: &str| Notification {
        summary: "Moving".to_owned(),
        body: format!("Noah mentioned you in “Moving day”\n{comment}"),
    };
    one.look_away();
    comment(other, MINE, "@Mia bring <b>boxes</b> & tape");
    assert_eq!(
        messages.next(),
        told("@Mia bring &lt;b&gt;boxes&lt;/b&gt; &amp; tape")
    );

    // Whoever looks is told in the window alone: the next message is of what comes after that.
    one.look_at();
    comment(other, MINE, "@Mia and a lamp");
    one.sees("bell[data-unread=\"2\"]");
    one.look_away();
    comment(other, MINE, "@Mia never mind");
    assert_eq!(messages.next(), told("@Mia never mind"));
    at_noah.close();
    at_mia.close();
}
