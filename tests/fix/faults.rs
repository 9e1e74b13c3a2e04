//! What fixing does where something goes wrong around it: others that write the same files, runs
//! that were killed, files that are none, and names that no program likes.
//!
//! `.ci/check_faults.py` goes on from here, by what only the system can do to a program: it stops
//! runs at every one of their system calls.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::{process, thread};

use crate::support::{APP, Project, ran, with_flag};

const A: &str = "force-app/A.connectedApp-meta.xml";

fn app(at: usize) -> String {
    format!("force-app/{}/{at}.connectedApp-meta.xml", at / 2)
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let left = "force-app/.forcelint-a1B2c3D4e5";
    let at_work = "force-app/.forcelint-0000000000";
    let elsewhere = "force-app/other/.forcelint-a1B2c3D4e5";
    let others = [
        "force-app/.forcelint-notes",
        "force-app/.forcelint-notes.md",
        "force-app/.forcelint-a1B2c3D4e5.xml",
        "force-app/forcelint-a1B2c3D4e5",
    ];
    let project = Project::new().with(A, APP).with(left, "half of a fi");
    let project = project.with(elsewhere, "").with(at_work, "");
    for other in others {
        project.write(other, "somebody's");
    }
    fs::create_dir(project.path("force-app/.forcelint-aaaaaaaaaa")).unwrap();
    // A run that is at work holds the lock.
    let lock = File::open(project.path(at_work)).unwrap();
    lock.lock_shared().unwrap();

    project.check(&["--fix=all"]).exits(0);
    assert_eq!(project.read(A), with_flag(APP));
    assert!(!project.path(left).exists());
    assert!(project.path(at_work).exists(), "another run's file is gone");
    for other in others {
        assert_eq!(project.read(other), "somebody's", "{other}");
    }
    // Folders in which nothing is written are not touched.
    assert!(project.path(elsewhere).exists());

    drop(lock);
    project.write(A, APP);
    project.check(&["--fix=all"]).exits(0);
    assert!(!project.path(at_work).exists());
}

#[test]
fn a_report_that_was_cut_off_leaves_nothing_either() {
    let left = ".forcelint-a1B2c3D4e5";
    let project = Project::new().with(left, "<!doctype html");
    project.check(&["--format=html=report.html"]).exits(0);
    assert!(!project.path(left).exists());
    assert!(project.read("report.html").ends_with("</html>\n"));
}

/// Each sees the other's files come and go, and neither fails for it.
#[test]
fn runs_at_the_same_time_do_one_anothers_work() {
    const FILES: usize = 200;
    let new = with_flag(APP);
    let project = Project::new();
    for round in 0..3 {
        (0..FILES).for_each(|at| project.write(app(at), APP));
        let start = |_| {
            let mut command = project.command("");
            command.arg("--fix=all").stdout(process::Stdio::piped());
            command.stderr(process::Stdio::piped()).spawn().unwrap()
        };
        let runs: Vec<process::Child> = (0..3).map(start).collect();
        for run in runs {
            ran(run.wait_with_output().unwrap()).exits(0);
        }
        assert!((0..FILES).all(|at| project.read(app(at)) == new), "{round}");
        project.assert_no_temporary_file();
    }
}

#[test]
fn ten_thousand_files_in_a_folder() {
    let project = Project::new();
    for at in 0..10_000 {
        match at % 250 {
            0 => project.write(format!("force-app/{at}.connectedApp-meta.xml"), APP),
            _ => project.write(format!("force-app/{at}.cls"), ""),
        }
    }
    project
        .check(&["--fix=all"])
        .exits(0)
        .says("fixed: 40 findings");
    let new = with_flag(APP);
    for at in (0..10_000).step_by(250) {
        let text = project.read(format!("force-app/{at}.connectedApp-meta.xml"));
        assert_eq!(text, new);
    }
    assert_eq!(project.files().len(), 10_001);
}

/// Whoever writes a file while it is being fixed gets what they wrote, or finds it fixed.
#[test]
fn a_tree_that_changes_underneath() {
    const FILES: usize = 60;
    let new = with_flag(APP);
    let project = Project::new();
    let restore = || (0..FILES).for_each(|at| project.write(app(at), APP));
    restore();
    let stop = AtomicBool::new(false);
    let folder = |at: usize| project.path(format!("force-app/{at}"));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for at in 0..FILES / 2 {
                    // Gone, somewhere else, a file where a folder was, and back.
                    let away = project.path(format!("force-app/away-{at}"));
                    let _ = fs::rename(folder(at), &away);
                    let _ = fs::write(folder(at), "a file");
                    let _ = fs::remove_file(folder(at));
                    let _ = fs::rename(&away, folder(at));
                    // In one step, as editors do it.
                    let beside = project.path("theirs");
                    fs::write(&beside, APP).unwrap();
                    let _ = fs::rename(&beside, project.path(app(at)));
                }
            }
        });
        for _ in 0..15 {
            let run = project.check(&["--fix=all"]);
            let is_told = run.status != 2 || run.stderr.contains("error: ");
            let is_calm = (0..=2).contains(&run.status) && !run.stderr.contains("panicked");
            if !(is_calm && is_told) {
                stop.store(true, Ordering::Relaxed);
            }
            assert!(is_calm && is_told, "{run:#?}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    for file in project.files() {
        let text = fs::read_to_string(&file).unwrap();
        let is_app = file.extension().is_some_and(|end| end == "xml");
        assert!(
            !is_app || text == APP || text == new,
            "{file:?} is torn: {text:?}"
        );
    }
    let apps = |path: &PathBuf| path.extension().is_some_and(|end| end == "xml");
    assert_eq!(project.files().iter().filter(|it| apps(it)).count(), FILES);
    project.check(&["--fix=all"]).exits(0);
    assert!((0..FILES).all(|at| project.read(app(at)) == new));
    project.assert_no_temporary_file();
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    /// None of them is opened: a pipe would block, and a device may do anything.
    #[test]
    fn what_is_no_file_is_not_fixed() {
        let project = Project::new().with(A, APP);
        let make = |arguments: &[&str], name: &str| {
            let path = project.path(format!("force-app/{name}.connectedApp-meta.xml"));
            let mut command = Command::new(arguments[0]);
            let made = command.arg(path).args(&arguments[1..]).output().unwrap();
            made.status.success()
        };
        assert!(make(&["mkfifo"], "Pipe"));
        // Only root may make devices.
        let devices = usize::from(make(&["mknod", "c", "1", "5"], "Device"));
        let socket = project.path("force-app/Socket.connectedApp-meta.xml");
        let _socket = UnixListener::bind(socket).unwrap();
        symlink(
            "/dev/zero",
            project.path("force-app/Link.connectedApp-meta.xml"),
        )
        .unwrap();
        fs::create_dir(project.path("force-app/Folder.connectedApp-meta.xml")).unwrap();
        let passed_over = format!("skipped: {} files (not a regular file)", 3 + devices);
        project.check(&["--fix=all"]).exits(0).says(&passed_over);
        assert_eq!(project.read(A), with_flag(APP));
        for name in ["Pipe", "Socket", "Link"] {
            let path = format!("force-app/{name}.connectedApp-meta.xml");
            project
                .check(&["--fix=all", path.as_str()])
                .exits(2)
                .says("is neither a file nor a folder");
        }
    }

    /// Beyond some 4,000 bytes the system opens no path.
    #[test]
    fn a_path_that_is_too_long_is_an_error_and_the_rest_is_fixed() {
        let project = Project::new().with(A, APP);
        let deep = |parts: usize| -> PathBuf { vec!["n".repeat(200); parts].into_iter().collect() };
        // Nobody can write there at once, but a folder may be moved there.
        let (upper, lower) = (Path::new("force-app").join(deep(11)), deep(11));
        project.write(upper.join("B.connectedApp-meta.xml"), APP);
        project.write(lower.join("C.connectedApp-meta.xml"), APP);
        let moved = project.path(&upper).join("moved");
        fs::rename(project.path(lower.iter().next().unwrap()), moved).unwrap();
        project
            .check(&["--fix=all"])
            .exits(2)
            .says("cannot be read: File name too long")
            .says("fixed: 2 findings");
        assert_eq!(project.read(A), with_flag(APP));
        assert_eq!(
            project.read(upper.join("B.connectedApp-meta.xml")),
            with_flag(APP)
        );
    }

    /// The file can be opened, and the longer name of what is written beside it cannot.
    #[test]
    fn a_path_that_leaves_no_room_beside_it_is_an_error() {
        const LONGEST: usize = 4095;
        let name = "A.connectedApp";
        let project = Project::new();
        fs::create_dir(project.path("force-app")).unwrap();
        let mut folder = project.path("force-app").canonicalize().unwrap();
        let room = |folder: &Path| LONGEST - "/".len() - name.len() - folder.as_os_str().len();
        while room(&folder) > 1 {
            let part = (room(&folder) - 1).min(200);
            folder.push("n".repeat(part));
        }
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        fs::write(&file, APP).unwrap();
        project
            .check(&["--fix=all"])
            .exits(2)
            .says("File name too long");
        assert_eq!(fs::read_to_string(&file).unwrap(), APP);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_utf_8_is_fixed_as_any_other() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let name = |text: &[u8]| PathBuf::from(OsStr::from_bytes(text));
        let folder = name(b"force-app/\xFF\xFE");
        let files = [&b"B\xFCro"[..], b"\xC3\x28", b"\xED\xA0\x80"].map(|stem| {
            let file = [stem, b".connectedApp-meta.xml"].concat();
            folder.join(name(&file))
        });
        let project = Project::new();
        for named in [&[PathBuf::from("force-app")][..], &files] {
            files.iter().for_each(|file| project.write(file, APP));
            let mut command = project.command("");
            ran(command.arg("--fix=all").args(named).output().unwrap()).exits(0);
            for file in &files {
                assert_eq!(project.read(file), with_flag(APP));
            }
        }
        project.assert_no_temporary_file();
    }
}
