//! What fixing does to the files themselves: their modes, their times, links, and what stands in
//! the way.

use std::fs;
use std::path::PathBuf;

use forcelint::fix::{WriteError, Writer};

use crate::support::{APP, JWT_APP, Project, with_flag};

const A: &str = "force-app/A.connectedApp-meta.xml";
const B: &str = "force-app/B.connectedApp-meta.xml";

#[test]
fn a_file_that_was_changed_in_the_meantime_is_left_as_it_is() {
    let project = Project::new().with(A, "somebody else's");
    let path = project.path(A);
    let writer = Writer::new(&[project.root()], &[]);
    let error = writer.write(&path, b"as read", b"new").unwrap_err();
    assert!(matches!(error, WriteError::Changed), "{error}");
    assert!(error.to_string().contains("changed while"), "{error}");
    assert_eq!(project.read(A), "somebody else's");
    project.assert_no_temporary_file();
    writer.write(&path, b"somebody else's", b"new").unwrap();
    assert_eq!(project.read(A), "new");
    project.assert_no_temporary_file();
}

#[test]
fn a_file_that_is_gone_is_not_made_again() {
    let project = Project::new();
    let path = project.path("A.connectedApp-meta.xml");
    let writer = Writer::new(&[project.root()], &[]);
    let error = writer.write(&path, b"as read", b"new").unwrap_err();
    assert!(matches!(error, WriteError::Io(_)), "{error}");
    assert!(!path.exists());
    project.assert_no_temporary_file();
}

#[test]
fn a_writer_stays_in_its_paths() {
    let project = Project::new().with(A, "old").with("elsewhere/B", "old");
    let (a, b) = (project.path(A), project.path("elsewhere/B"));
    let writers = [
        Writer::new(&[project.path("force-app")], &[]),
        Writer::new(&[], std::slice::from_ref(&a)),
        // Another folder that only begins alike.
        Writer::new(&[project.path("force-app"), project.path("else")], &[]),
    ];
    for writer in writers {
        let error = writer.write(&b, b"old", b"new").unwrap_err();
        assert!(matches!(error, WriteError::LeavesTargets), "{error}");
        assert_eq!(fs::read(&b).unwrap(), b"old");
        writer.write(&a, b"old", b"old").unwrap();
    }
}

#[test]
fn a_file_without_a_fix_is_not_touched() {
    let project = Project::new()
        .with(A, APP)
        .with(B, JWT_APP)
        .with("force-app/C.connectedApp-meta.xml", with_flag(APP));
    let long_ago =
        std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    for file in project.files() {
        let file = fs::File::options().write(true).open(file).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    project.check(&["--diff", "--fix=all"]).exits(1);
    let touched = |project: &Project| -> Vec<PathBuf> {
        let files = project.files();
        files
            .into_iter()
            .filter(|file| fs::metadata(file).unwrap().modified().unwrap() != long_ago)
            .collect()
    };
    assert_eq!(touched(&project), Vec::<PathBuf>::new());
    project.check(&["--fix"]).exits(1);
    assert_eq!(touched(&project), [project.path(B)]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    use std::os::unix::process::CommandExt as _;
    use std::path::Path;
    use std::process::Stdio;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::support::{Ran, ran};

    /// Somebody who owns nothing.
    const NOBODY: u32 = 65534;

    fn set_mode(path: impl AsRef<Path>, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: impl AsRef<Path>) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn is_root() -> bool {
        fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
    }

    /// Runs `check` without the rights of root, whom no mode stops. The program is not where such
    /// a user may look, so a copy of it is run.
    fn check_as_nobody(project: &Project, arguments: &[&str]) -> Ran {
        let mut command = project.command("");
        if is_root() {
            let copy = project.path("forcelint");
            // By a process of its own: were it open for writing here, a test that starts a program at
            // this moment would hand it on, and what is written to cannot be run.
            let mut copying = std::process::Command::new("cp");
            let copying = copying.arg(command.get_program()).arg(&copy);
            assert!(copying.status().unwrap().success());
            set_mode(&copy, 0o755);
            let mut copied = std::process::Command::new(copy);
            copied.args(command.get_args()).current_dir(project.root());
            copied.uid(NOBODY).gid(NOBODY);
            command = copied;
        }
        ran(command.args(arguments).output().unwrap())
    }

    /// Lets everybody look into the project.
    fn open(project: &Project) {
        set_mode(project.root(), 0o755);
    }

    #[test]
    fn the_mode_stays() {
        for wanted in [0o640, 0o755, 0o600, 0o664, 0o666] {
            let project = Project::new().with(A, APP);
            set_mode(project.path(A), wanted);
            project.check(&["--fix=all"]).exits(0);
            assert_eq!(project.read(A), with_flag(APP));
            assert_eq!(mode(project.path(A)), wanted, "{wanted:o}");
        }
    }

    #[test]
    fn the_owner_stays() {
        if !is_root() {
            return;
        }
        let project = Project::new().with(A, APP);
        std::os::unix::fs::chown(project.path(A), Some(NOBODY), Some(NOBODY)).unwrap();
        set_mode(project.path(A), 0o640);
        project.check(&["--fix=all"]).exits(0);
        assert_eq!(project.read(A), with_flag(APP));
        let metadata = fs::metadata(project.path(A)).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (NOBODY, NOBODY));
        assert_eq!(metadata.mode() & 0o7777, 0o640);
    }

    #[test]
    fn a_link_inside_stays_a_link() {
        let real = "force-app/z/Real.connectedApp-meta.xml";
        let link = "force-app/Link.connectedApp-meta.xml";
        let project = Project::new().with(real, APP);
        symlink("z/Real.connectedApp-meta.xml", project.path(link)).unwrap();
        project.check(&["--fix=all"]).exits(0);
        assert_eq!(project.read(real), with_flag(APP));
        let kept = fs::read_link(project.path(link)).unwrap();
        assert_eq!(kept, Path::new("z/Real.connectedApp-meta.xml"));
        project.assert_no_temporary_file();
    }

    #[test]
    fn a_link_that_leaves_is_not_followed() {
        let outside = Project::new().with("Real.connectedApp-meta.xml", APP);
        let project = Project::new().with(B, APP);
        symlink(outside.path("Real.connectedApp-meta.xml"), project.path(A)).unwrap();
        for arguments in [
            &["--fix=all"][..],
            &["--fix=all", A, B],
            &["--diff", "--fix=all"],
        ] {
            let ran = project
                .check(arguments)
                .exits(2)
                .says("error: force-app/A.connectedApp-meta.xml is a link to a file outside the checked paths");
            assert!(!ran.stdout.contains("a/force-app/A"), "{ran:#?}");
        }
        assert_eq!(outside.read("Real.connectedApp-meta.xml"), APP);
        assert!(project.path(A).is_symlink());
        assert_eq!(project.read(B), with_flag(APP));
        // Whoever names the target's folder as well allows it.
        let folder = outside.root();
        project
            .check(&["--fix=all".as_ref(), A.as_ref(), folder.as_os_str()])
            .exits(0);
        assert_eq!(outside.read("Real.connectedApp-meta.xml"), with_flag(APP));
    }

    #[test]
    fn a_read_only_file_is_named_and_left() {
        let project = Project::new().with(A, APP).with(B, APP);
        set_mode(project.path(A), 0o444);
        project
            .check(&["--fix=all"])
            .exits(2)
            .reports("A.connectedApp-meta.xml:3:5: high")
            .says("error: force-app/A.connectedApp-meta.xml is read-only, so it was not fixed\n")
            .says("fixed: 1 finding\n")
            .does_not_say("ConnectedApp:A");
        assert_eq!(project.read(A), APP);
        assert_eq!(project.read(B), with_flag(APP));
        project.assert_no_temporary_file();
    }

    /// The folder would let anybody replace the file, but the file says no.
    #[test]
    fn somebody_elses_file_is_left() {
        if !is_root() {
            return;
        }
        let project = Project::new().with(A, APP);
        open(&project);
        set_mode(project.path("force-app"), 0o777);
        set_mode(project.path(A), 0o644);
        check_as_nobody(&project, &["--fix=all"])
            .exits(2)
            .says("error: force-app/A.connectedApp-meta.xml is read-only, so it was not fixed\n");
        assert_eq!(project.read(A), APP);
        assert_eq!(fs::metadata(project.path(A)).unwrap().uid(), 0);
        project.assert_no_temporary_file();
    }

    #[test]
    fn a_folder_that_may_not_be_written_is_an_error() {
        let project = Project::new().with(A, APP);
        open(&project);
        set_mode(project.path(A), 0o666);
        set_mode(project.path("force-app"), 0o555);
        let ran = check_as_nobody(&project, &["--fix=all"]);
        set_mode(project.path("force-app"), 0o755);
        ran.exits(2)
            .reports("A.connectedApp-meta.xml:3:5: high")
            .says("error: force-app/A.connectedApp-meta.xml cannot be written: ")
            .does_not_say("fixed:");
        assert_eq!(project.read(A), APP);
        project.assert_no_temporary_file();
    }

    #[test]
    fn a_file_that_may_not_be_read_is_an_error_and_the_rest_is_fixed() {
        if !is_root() {
            return;
        }
        let project = Project::new().with(A, APP).with(B, APP);
        open(&project);
        set_mode(project.path("force-app"), 0o777);
        set_mode(project.path(A), 0o600);
        set_mode(project.path(B), 0o666);
        check_as_nobody(&project, &["--fix=all"])
            .exits(2)
            .says("error: force-app/A.connectedApp-meta.xml cannot be read: ")
            .says("fixed: 1 finding\n");
        assert_eq!(project.read(A), APP);
        assert_eq!(project.read(B), with_flag(APP));
    }

    /// No file is ever seen half-written, whenever the program dies.
    #[test]
    fn a_killed_run_leaves_whole_files() {
        const FILES: usize = 300;
        let new = with_flag(APP);
        let path = |at: usize| format!("force-app/{at}.connectedApp-meta.xml");
        let project = Project::new();
        let restore = || {
            for at in 0..FILES {
                project.write(path(at), APP);
            }
        };
        restore();
        let started = Instant::now();
        project.check(&["--fix=all"]).exits(0);
        let whole = started.elapsed();
        let mut interrupted = 0;
        for round in 0..20 {
            restore();
            let mut child = project
                .command("")
                .arg("--fix=all")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            thread::sleep(whole * round / 20 + Duration::from_micros(u64::from(round) * 137));
            // SIGKILL.
            child.kill().unwrap();
            child.wait().unwrap();
            let mut done = 0;
            for at in 0..FILES {
                let text = project.read(path(at));
                assert!(text == APP || text == new, "{at} is half-written: {text:?}");
                done += usize::from(text == new);
            }
            interrupted += usize::from(done > 0 && done < FILES);
        }
        assert!(
            interrupted > 0,
            "only {interrupted} runs were killed at work"
        );
        // Whatever is left of them is no metadata, and the next run ends the work.
        restore();
        project.check(&["--fix=all"]).exits(0);
        assert!((0..FILES).all(|at| project.read(path(at)) == new));
        project.assert_no_temporary_file();
    }
}
