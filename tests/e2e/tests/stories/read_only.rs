//! A disk that takes nothing.

use e2e::{Desktop, Disk, Home, Screen};

use crate::durability::rename;

#[test]
fn a_read_only_disk_is_said_and_what_is_on_it_can_be_read() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let Some(disk) = Disk::mount(&home, 32) else {
        return;
    };
    let desktop = Desktop::open(&home, &screen);
    desktop.window().introduce("Ana");
    desktop.window().open_sample("book");
    desktop.window().sees_saved();
    let content = desktop.window().content();
    desktop.close();
    disk.make_read_only();

    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.reads("saving", "read-only");
    assert_eq!(window.content(), content);
    let first = window.outline_rows().swap_remove(0).title;
    window.select(&first);
    rename(window, "Only in memory");
    window.reads("saving", "1 edit in memory");
    window.screenshot("read-only-disk");
    desktop.kill();
    disk.make_writable();

    let desktop = Desktop::open(&home, &screen);
    desktop.window().sees_row(&first);
    assert_eq!(desktop.window().content(), content);
    desktop.close();
}
