//! What differs on Windows and macOS: case of file names, open files, path prefixes and device names.
#![cfg(any(windows, target_os = "macos"))]

use crate::support::{APPS, Sandbox, found};

const PORTAL: &str = "Mobile_Portal.connectedApp-meta.xml";

/// Otherwise baselines, exceptions and fingerprints would depend on how an argument is written.
#[test]
fn paths_have_the_case_of_the_disk() {
    let sandbox = Sandbox::with(&["sample"]);
    let expected = [format!("{APPS}/{PORTAL} critical")];
    let typed = format!("{}/{PORTAL}", APPS.to_uppercase());
    assert_eq!(found(&sandbox, "sample", &[&typed]), expected);
    let lower = format!("{APPS}/{PORTAL}").to_lowercase();
    assert_eq!(found(&sandbox, "SAMPLE", &[&lower]), expected);
}

#[test]
fn package_directories_and_the_baseline_are_found_in_another_case() {
    let sandbox = Sandbox::with(&["sample"]);
    let project = std::fs::read_to_string(sandbox.path("sample/sfdx-project.json")).unwrap();
    sandbox.write(
        "sample/sfdx-project.json",
        project.replace("\"force-app\"", "\"Force-App\""),
    );
    let all = found(&sandbox, "sample", &[]);
    let in_package = |path: &&String| path.starts_with(APPS);
    assert_eq!(all.iter().filter(in_package).count(), 7, "{all:?}");
    sandbox
        .forcelint(["baseline", "FORCE-APP"])
        .in_folder("sample")
        .run()
        .expect(0);
    sandbox
        .forcelint(["check", "force-app", "--baseline=forcelint-baseline.json"])
        .in_folder("sample")
        .run()
        .expect(0);
}

#[cfg(windows)]
mod windows {
    use std::fs::{self, File};
    use std::os::windows::fs::OpenOptionsExt as _;
    use std::process::Command;
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// Windows adds this prefix to paths. Neither git nor users understand it.
    #[test]
    fn reports_have_no_verbatim_paths() {
        let sandbox = Sandbox::with(&["sample"]);
        let verbatim = format!(r"\\?\{}\sample", sandbox.root.display());
        for format in ["json", "sarif", "pretty", "concise", "html"] {
            let outcome = sandbox
                .forcelint(["check", &verbatim, "--format", format])
                .run();
            let outcome = outcome.expect(1);
            for text in [&outcome.stdout, &outcome.stderr] {
                assert!(
                    !text.contains(r"\\?\") && !text.contains(r"\\\\?\\"),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn paths_with_backslashes_are_reported_with_slashes() {
        let sandbox = Sandbox::with(&["sample"]);
        let typed = format!("{}\\{PORTAL}", APPS.replace('/', "\\"));
        assert_eq!(
            found(&sandbox, "sample", &[&typed]),
            [format!("{APPS}/{PORTAL} critical")]
        );
    }

    #[test]
    fn report_can_go_to_the_null_device() {
        let sandbox = Sandbox::with(&["sample"]);
        for name in ["NUL", "nul", r"sample\NUL"] {
            let format = format!("--format=sarif={name}");
            sandbox
                .forcelint(["check", "sample", &format])
                .run()
                .expect(1);
        }
    }

    /// A virus scanner or an editor has a file open for a moment, and does not let others replace it.
    #[test]
    fn file_that_is_open_elsewhere_is_replaced_after_it_is_closed() {
        const READ: u32 = 1;
        const WRITE: u32 = 2;
        let sandbox = Sandbox::with(&["sample"]);
        sandbox.write("report.json", "old");
        sandbox.write("held.json", "old");
        let report = sandbox.path("report.json");
        let app = sandbox.path(&format!("sample/{APPS}/{PORTAL}"));
        let open = |path| {
            File::options()
                .read(true)
                .share_mode(READ | WRITE)
                .open(path)
                .unwrap()
        };
        let opened = [open(&report), open(&app)];
        let closes = thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            drop(opened);
        });
        sandbox
            .forcelint(["check", "sample", "--fix=all", "--format=json=report.json"])
            .run();
        closes.join().unwrap();
        // A file that stays open keeps its content.
        let held = open(&sandbox.path("held.json"));
        let check = sandbox.forcelint(["check", "sample", "--format=json=held.json"]);
        let outcome = check.run().expect(2);
        assert!(
            outcome.stderr.contains("cannot write `held.json`"),
            "{outcome:?}"
        );
        drop(held);
        assert_eq!(
            fs::read_to_string(sandbox.path("held.json")).unwrap(),
            "old"
        );
        assert!(fs::read_to_string(&report).unwrap().starts_with('{'));
        assert!(
            fs::read_to_string(&app)
                .unwrap()
                .contains("<isPkceRequired>true")
        );
    }

    #[test]
    fn read_only_file_is_not_replaced() {
        let sandbox = Sandbox::with(&["sample"]);
        sandbox.write("report.json", "old");
        let app = sandbox.path(&format!("sample/{APPS}/{PORTAL}"));
        for file in [&app, &sandbox.path("report.json")] {
            let mut permissions = fs::metadata(file).unwrap().permissions();
            permissions.set_readonly(true);
            fs::set_permissions(file, permissions).unwrap();
        }
        for option in ["--fix=all", "--format=json=report.json"] {
            let outcome = sandbox.forcelint(["check", "sample", option]).run();
            let stderr = outcome.expect(2).stderr;
            assert!(stderr.contains("is read-only"), "{stderr}");
        }
    }

    /// A junction is a link that everyone can create.
    #[test]
    fn junction_that_leaves_the_repository_is_not_followed() {
        let sandbox = Sandbox::with(&["sample"]);
        sandbox.make_repository("sample");
        sandbox.write_app("outside/Secret.connectedApp");
        let made = Command::new("cmd")
            .args(["/c", "mklink", "/J"])
            .args([
                sandbox.path(r"sample\force-app\inside"),
                sandbox.path("outside"),
            ])
            .status();
        assert!(made.unwrap().success());
        let outcome = sandbox
            .forcelint(["check", "sample/force-app"])
            .run()
            .expect(2);
        assert!(outcome.stderr.contains("is a link to"), "{outcome:?}");
        assert!(!outcome.stdout.contains("Secret"), "{outcome:?}");
    }
}
