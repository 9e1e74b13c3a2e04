//! How fixes are written to disk: permissions, modification times, links, and files that cannot be
//! written.

use std::fs;
use std::path::PathBuf;

use forcelint::fix::{WriteError, Writer};

use crate::support::{APP, JWT_APP, Project, with_flag};

const A: &str = "force-app/A.connectedApp-meta.xml";
const B: &str = "force-app/B.connectedApp-meta.xml";

#[test]
fn file_that_changed_meanwhile_is_not_written() {
    let project = Project::new().with(A, "changed");
    let path = project.path(A);
    let writer = Writer::new(&[project.root()], &[]);
    let error = writer.write(&path, b"as read", b"new").unwrap_err();
    assert!(matches!(error, WriteError::Changed), "{error}");
    assert!(error.to_string().contains("changed while"), "{error}");
    assert_eq!(project.read(A), "changed");
    project.assert_no_temporary_file();
    writer.write(&path, b"changed", b"new").unwrap();
    assert_eq!(project.read(A), "new");
    project.assert_no_temporary_file();
}

#[test]
fn deleted_file_is_not_created() {
    let project = Project::new();
    let path = project.path("A.connectedApp-meta.xml");
    let writer = Writer::new(&[project.root()], &[]);
    let error = writer.write(&path, b"as read", b"new").unwrap_err();
    assert!(matches!(error, WriteError::Io(_)), "{error}");
    assert!(!path.exists());
    project.assert_no_temporary_file();
}

#[test]
fn writer_writes_only_to_its_paths() {
    let project = Project::new().with(A, "old").with("elsewhere/B", "old");
    let (a, b) = (project.path(A), project.path("elsewhere/B"));
    let writers = [
        Writer::new(&[project.path("force-app")], &[]),
        Writer::new(&[], std::slice::from_ref(&a)),
        // The name of the other folder begins with the same letters.
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
fn file_without_a_fix_is_not_written() {
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
    project.check(&["--diff", "--fix=all"]).expect(1);
    let changed_files = |project: &Project| -> Vec<PathBuf> {
        let files = project.files();
        files
            .into_iter()
            .filter(|file| fs::metadata(file).unwrap().modified().unwrap() != long_ago)
            .collect()
    };
    assert_eq!(changed_files(&project), Vec::<PathBuf>::new());
    project.check(&["--fix"]).expect(1);
    assert_eq!(changed_files(&project), [project.path(B)]);
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
    use crate::support::{Outcome, outcome};

    /// A user without any files.
    const UNPRIVILEGED_USER: u32 = 65534;

    fn set_mode(path: impl AsRef<Path>, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: impl AsRef<Path>) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn is_root() -> bool {
        fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
    }

    /// Runs `check` without root's rights, because permissions do not restrict root. The user
    /// cannot access the program's folder, so a copy runs.
    fn check_unprivileged(project: &Project, arguments: &[&str]) -> Outcome {
        let mut command = project.command("");
        if is_root() {
            let copy = project.path("forcelint");
            // In a separate process: if this process had the copy open for writing, a program that
            // another test starts now would inherit it, and the copy could not be run.
            let mut cp = std::process::Command::new("cp");
            let cp = cp.arg(command.get_program()).arg(&copy);
            assert!(cp.status().unwrap().success());
            set_mode(&copy, 0o755);
            let mut copied = std::process::Command::new(copy);
            copied.args(command.get_args()).current_dir(project.root());
            copied.uid(UNPRIVILEGED_USER).gid(UNPRIVILEGED_USER);
            command = copied;
        }
        outcome(command.args(arguments).output().unwrap())
    }

    /// Lets all users read the project's folder.
    fn make_readable(project: &Project) {
        set_mode(project.root(), 0o755);
    }

    #[test]
    fn permissions_are_kept() {
        for permissions in [0o640, 0o755, 0o600, 0o664, 0o666] {
            let project = Project::new().with(A, APP);
            set_mode(project.path(A), permissions);
            project.check(&["--fix=all"]).expect(0);
            assert_eq!(project.read(A), with_flag(APP));
            assert_eq!(mode(project.path(A)), permissions, "{permissions:o}");
        }
    }

    #[test]
    fn owner_is_kept() {
        if !is_root() {
            return;
        }
        let project = Project::new().with(A, APP);
        std::os::unix::fs::chown(
            project.path(A),
            Some(UNPRIVILEGED_USER),
            Some(UNPRIVILEGED_USER),
        )
        .unwrap();
        set_mode(project.path(A), 0o640);
        project.check(&["--fix=all"]).expect(0);
        assert_eq!(project.read(A), with_flag(APP));
        let metadata = fs::metadata(project.path(A)).unwrap();
        assert_eq!(
            (metadata.uid(), metadata.gid()),
            (UNPRIVILEGED_USER, UNPRIVILEGED_USER)
        );
        assert_eq!(metadata.mode() & 0o7777, 0o640);
    }

    #[test]
    fn link_in_the_project_is_kept() {
        let real = "force-app/z/Real.connectedApp-meta.xml";
        let link = "force-app/Link.connectedApp-meta.xml";
        let project = Project::new().with(real, APP);
        symlink("z/Real.connectedApp-meta.xml", project.path(link)).unwrap();
        project.check(&["--fix=all"]).expect(0);
        assert_eq!(project.read(real), with_flag(APP));
        let target = fs::read_link(project.path(link)).unwrap();
        assert_eq!(target, Path::new("z/Real.connectedApp-meta.xml"));
        project.assert_no_temporary_file();
    }

    #[test]
    fn link_out_of_the_project_is_an_error() {
        let outside = Project::new()
            .with("Real.connectedApp-meta.xml", APP)
            .with("force-app/Other.txt", "");
        let project = Project::new().with(B, APP);
        symlink(outside.path("Real.connectedApp-meta.xml"), project.path(A)).unwrap();
        for arguments in [
            &["--fix=all"][..],
            &["--fix=all", A, B],
            &["--diff", "--fix=all"],
        ] {
            let outcome = project.check(arguments).expect(2).stderr_contains(
                "Real.connectedApp-meta.xml, outside the repository and the package directory",
            );
            assert!(!outcome.stdout.contains("a/force-app/A"), "{outcome:#?}");
        }
        assert_eq!(outside.read("Real.connectedApp-meta.xml"), APP);
        assert!(project.path(A).is_symlink());
        assert_eq!(project.read(B), with_flag(APP));
        // If the target's folder is an argument, too, the file may be written.
        let folder = outside.root();
        project
            .check(&["--fix=all".as_ref(), A.as_ref(), folder.as_os_str()])
            .expect(0);
        assert_eq!(outside.read("Real.connectedApp-meta.xml"), with_flag(APP));
    }

    #[test]
    fn read_only_file_is_an_error() {
        let project = Project::new().with(A, APP).with(B, APP);
        set_mode(project.path(A), 0o444);
        project
            .check(&["--fix=all"])
            .expect(2)
            .stdout_contains("A.connectedApp-meta.xml:3:5: high")
            .stderr_contains(
                "error: force-app/A.connectedApp-meta.xml is read-only, so it was not fixed\n",
            )
            .stderr_contains("fixed: 1 finding in 1 file\n")
            .stderr_lacks("ConnectedApp:A");
        assert_eq!(project.read(A), APP);
        assert_eq!(project.read(B), with_flag(APP));
        project.assert_no_temporary_file();
    }

    /// The folder's permissions allow replacing the file, but the file's do not allow writing it.
    #[test]
    fn file_of_another_user_is_not_written() {
        if !is_root() {
            return;
        }
        let project = Project::new().with(A, APP);
        make_readable(&project);
        set_mode(project.path("force-app"), 0o777);
        set_mode(project.path(A), 0o644);
        check_unprivileged(&project, &["--fix=all"])
            .expect(2)
            .stderr_contains(
                "error: force-app/A.connectedApp-meta.xml is read-only, so it was not fixed\n",
            );
        assert_eq!(project.read(A), APP);
        assert_eq!(fs::metadata(project.path(A)).unwrap().uid(), 0);
        project.assert_no_temporary_file();
    }

    #[test]
    fn read_only_folder_is_an_error() {
        let project = Project::new().with(A, APP);
        make_readable(&project);
        set_mode(project.path(A), 0o666);
        set_mode(project.path("force-app"), 0o555);
        let outcome = check_unprivileged(&project, &["--fix=all"]);
        set_mode(project.path("force-app"), 0o755);
        outcome
            .expect(2)
            .stdout_contains("A.connectedApp-meta.xml:3:5: high")
            .stderr_contains("error: force-app/A.connectedApp-meta.xml cannot be written: ")
            .stderr_lacks("fixed:");
        assert_eq!(project.read(A), APP);
        project.assert_no_temporary_file();
    }

    #[test]
    fn unreadable_file_is_an_error_and_others_are_fixed() {
        if !is_root() {
            return;
        }
        let project = Project::new().with(A, APP).with(B, APP);
        make_readable(&project);
        set_mode(project.path("force-app"), 0o777);
        set_mode(project.path(A), 0o600);
        set_mode(project.path(B), 0o666);
        check_unprivileged(&project, &["--fix=all"])
            .expect(2)
            .stderr_contains("error: force-app/A.connectedApp-meta.xml cannot be read: ")
            .stderr_contains("fixed: 1 finding in 1 file\n");
        assert_eq!(project.read(A), APP);
        assert_eq!(project.read(B), with_flag(APP));
    }

    /// A file is never half-written, whenever the process is killed.
    #[test]
    fn killed_run_leaves_complete_files() {
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
        project.check(&["--fix=all"]).expect(0);
        let duration = started.elapsed();
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
            thread::sleep(duration * round / 20 + Duration::from_micros(u64::from(round) * 137));
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
        // Remaining temporary files are not metadata, and the next run completes the fixes.
        restore();
        project.check(&["--fix=all"]).expect(0);
        assert!((0..FILES).all(|at| project.read(path(at)) == new));
        project.assert_no_temporary_file();
    }
}
