//! Fixes under difficult conditions: other processes that write the same files, killed runs, files
//! that are not regular, and unusual names.
//!
//! `.ci/check_faults.py` also stops runs at each of their system calls.

use std::fs::{self, File};
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{process, thread};

#[cfg(unix)]
use forcelint::project::canonical;

use crate::support::{APP, Project, outcome, with_flag};

const A: &str = "force-app/A.connectedApp-meta.xml";

fn app(at: usize) -> String {
    format!("force-app/{}/{at}.connectedApp-meta.xml", at / 2)
}

#[test]
fn temporary_files_of_killed_runs_are_removed() {
    let abandoned = "force-app/.forcelint-a1B2c3D4e5";
    let locked = "force-app/.forcelint-0000000000";
    let elsewhere = "force-app/other/.forcelint-a1B2c3D4e5";
    let others = [
        "force-app/.forcelint-notes",
        "force-app/.forcelint-notes.md",
        "force-app/.forcelint-a1B2c3D4e5.xml",
        "force-app/forcelint-a1B2c3D4e5",
    ];
    let project = Project::new().with(A, APP).with(abandoned, "half of a fi");
    let project = project.with(elsewhere, "").with(locked, "");
    for other in others {
        project.write(other, "other");
    }
    fs::create_dir(project.path("force-app/.forcelint-aaaaaaaaaa")).unwrap();
    // A run that has not ended has locked its file.
    let lock = File::open(project.path(locked)).unwrap();
    lock.lock().unwrap();

    project.check(&["--fix=all"]).expect(0);
    assert_eq!(project.read(A), with_flag(APP));
    assert!(!project.path(abandoned).exists());
    assert!(
        project.path(locked).exists(),
        "the file of another run was removed"
    );
    for other in others {
        assert_eq!(project.read(other), "other", "{other}");
    }
    // Folders without a written file are not cleaned up.
    assert!(project.path(elsewhere).exists());

    drop(lock);
    project.write(A, APP);
    project.check(&["--fix=all"]).expect(0);
    assert!(!project.path(locked).exists());
}

#[test]
fn temporary_file_of_a_report_is_removed() {
    let abandoned = ".forcelint-a1B2c3D4e5";
    let project = Project::new()
        .with(abandoned, "<!doctype html")
        .with("force-app/readme.txt", "");
    let empty = ["--format=html=report.html", "--allow-empty"];
    project.check(&empty).expect(0);
    assert!(!project.path(abandoned).exists());
    assert!(project.read("report.html").ends_with("</html>\n"));
}

/// Each run sees temporary files of the others and must not fail because of them.
#[test]
fn concurrent_runs_succeed() {
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
            outcome(run.wait_with_output().unwrap()).expect(0);
        }
        assert!((0..FILES).all(|at| project.read(app(at)) == new), "{round}");
        project.assert_no_temporary_file();
    }
}

#[test]
fn folder_with_ten_thousand_files() {
    let project = Project::new();
    for at in 0..10_000 {
        match at % 250 {
            0 => project.write(format!("force-app/{at}.connectedApp-meta.xml"), APP),
            _ => project.write(format!("force-app/{at}.cls"), ""),
        }
    }
    project
        .check(&["--fix=all"])
        .expect(0)
        .stderr_contains("fixed: 40 findings");
    let new = with_flag(APP);
    for at in (0..10_000).step_by(250) {
        let text = project.read(format!("force-app/{at}.connectedApp-meta.xml"));
        assert_eq!(text, new);
    }
    assert_eq!(project.files().len(), 10_001);
}

/// A file that another process writes during a run is either unchanged or fixed.
#[test]
fn files_that_change_during_a_run() {
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
                    // Move the folder away, put a file in its place, and move it back.
                    let moved = project.path(format!("force-app/away-{at}"));
                    let _ = fs::rename(folder(at), &moved);
                    let _ = fs::write(folder(at), "a file");
                    let _ = fs::remove_file(folder(at));
                    let _ = fs::rename(&moved, folder(at));
                    // Replace the file atomically, as editors do.
                    let replacement = project.path("theirs");
                    fs::write(&replacement, APP).unwrap();
                    let _ = fs::rename(&replacement, project.path(app(at)));
                }
            }
        });
        for _ in 0..15 {
            let run = project.check(&["--fix=all"]);
            let is_reported = run.status != 2 || run.stderr.contains("error: ");
            let is_complete = (0..=2).contains(&run.status) && !run.stderr.contains("panicked");
            if !(is_complete && is_reported) {
                stop.store(true, Ordering::Relaxed);
            }
            assert!(is_complete && is_reported, "{run:#?}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    for file in project.files() {
        let text = fs::read_to_string(&file).unwrap();
        let is_app = file.extension().is_some_and(|end| end == "xml");
        assert!(
            !is_app || text == APP || text == new,
            "{file:?} is half-written: {text:?}"
        );
    }
    let is_app = |path: &PathBuf| path.extension().is_some_and(|end| end == "xml");
    assert_eq!(
        project.files().iter().filter(|it| is_app(it)).count(),
        FILES
    );
    project.check(&["--fix=all"]).expect(0);
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
    fn files_that_are_not_regular_are_skipped() {
        let project = Project::new().with(A, APP);
        let make = |arguments: &[&str], name: &str| {
            let path = project.path(format!("force-app/{name}.connectedApp-meta.xml"));
            let mut command = Command::new(arguments[0]);
            let output = command.arg(path).args(&arguments[1..]).output().unwrap();
            output.status.success()
        };
        assert!(make(&["mkfifo"], "Pipe"));
        // Only root may create devices.
        let devices = usize::from(make(&["mknod", "c", "1", "5"], "Device"));
        let socket = project.path("force-app/Socket.connectedApp-meta.xml");
        let _socket = UnixListener::bind(socket).unwrap();
        symlink(
            "/dev/zero",
            project.path("force-app/Link.connectedApp-meta.xml"),
        )
        .unwrap();
        fs::create_dir(project.path("force-app/Folder.connectedApp-meta.xml")).unwrap();
        let skipped = format!("skipped: {} files (not a regular file)", 3 + devices);
        project
            .check(&["--fix=all"])
            .expect(0)
            .stderr_contains(&skipped);
        assert_eq!(project.read(A), with_flag(APP));
        for name in ["Pipe", "Socket", "Link"] {
            let path = format!("force-app/{name}.connectedApp-meta.xml");
            project
                .check(&["--fix=all", path.as_str()])
                .expect(2)
                .stderr_contains("is neither a file nor a folder");
        }
    }

    /// The system does not open paths longer than about 4,000 bytes.
    #[test]
    fn too_long_path_is_an_error_and_others_are_fixed() {
        let project = Project::new().with(A, APP);
        let nested =
            |parts: usize| -> PathBuf { vec!["n".repeat(200); parts].into_iter().collect() };
        // The file cannot be created at such a path, but its folder can be moved there.
        let (upper, lower) = (Path::new("force-app").join(nested(11)), nested(11));
        project.write(upper.join("B.connectedApp-meta.xml"), APP);
        project.write(lower.join("C.connectedApp-meta.xml"), APP);
        let moved = project.path(&upper).join("moved");
        fs::rename(project.path(lower.iter().next().unwrap()), moved).unwrap();
        project
            .check(&["--fix=all"])
            .expect(2)
            .stderr_contains("cannot be read: File name too long")
            .stderr_contains("fixed: 2 findings");
        assert_eq!(project.read(A), with_flag(APP));
        assert_eq!(
            project.read(upper.join("B.connectedApp-meta.xml")),
            with_flag(APP)
        );
    }

    /// The file can be opened, but the longer path of the temporary file cannot.
    #[test]
    fn no_room_for_a_temporary_file_is_an_error() {
        const LONGEST: usize = 4095;
        let name = "A.connectedApp";
        let project = Project::new();
        fs::create_dir(project.path("force-app")).unwrap();
        let mut folder = canonical(&project.path("force-app")).unwrap();
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
            .expect(2)
            .stderr_contains("File name too long");
        assert_eq!(fs::read_to_string(&file).unwrap(), APP);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn name_that_is_not_utf8_is_fixed() {
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
            outcome(command.arg("--fix=all").args(named).output().unwrap()).expect(0);
            for file in &files {
                assert_eq!(project.read(file), with_flag(APP));
            }
        }
        project.assert_no_temporary_file();
    }
}
