//! Which names the lines of an ignore file can be about.
//!
//! In: lines as `.gitignore` has them. Out: for a name, whether it is worth asking the matcher. A
//! walk meets thousands of files, and all but a few are called like nothing that an ignore file
//! names: how a name begins and ends tells so in a fraction of the time. Only a `false` is certain.

/// The names that some lines can be about.
#[derive(Debug, Default)]
pub(crate) struct IgnoredNames {
    /// Of files and folders.
    any: Vec<Ends>,
    /// Of folders alone: `build/`.
    folders: Vec<Ends>,
    /// Of folders all in which is meant: `build/**`.
    all_in: Vec<Ends>,
}

/// How a name begins and ends that a glob matches.
#[derive(Debug, Default)]
struct Ends {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl IgnoredNames {
    /// Adds a line. Whether it leaves out or takes in again is the same here.
    pub(crate) fn add_line(&mut self, line: &str) {
        let line = match line.ends_with("\\ ") {
            true => line,
            false => line.trim_end(),
        };
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        let glob = line.strip_prefix('!').unwrap_or(line);
        let glob = glob.strip_prefix('/').unwrap_or(glob);
        // A slash may stand inside of a class.
        if glob
            .find('[')
            .is_some_and(|class| glob[class..].contains('/'))
        {
            self.any.push(Ends::default());
            return;
        }
        let of_folders = glob.strip_suffix('/');
        let glob = of_folders.unwrap_or(glob);
        let outside = glob.trim_end_matches("/**");
        let name = outside.rsplit('/').next().unwrap_or(outside);
        // `**/**` is about what lies in no folder, too.
        let names = if outside.len() < glob.len() && name != "**" {
            &mut self.all_in
        } else if of_folders.is_some() {
            &mut self.folders
        } else {
            &mut self.any
        };
        names.push(Ends::of(name));
    }

    /// Whether a line can be about a file or folder of this name because of that name.
    pub(crate) fn may_have(&self, name: &[u8], is_folder: bool) -> bool {
        some(&self.any, name) || (is_folder && some(&self.folders, name))
    }

    /// Whether a line can be about everything in a folder of this name.
    pub(crate) fn may_have_all_in(&self, folder_name: &[u8]) -> bool {
        some(&self.all_in, folder_name)
    }
}

impl Ends {
    fn of(glob: &str) -> Self {
        // Letters beyond ASCII have more than one way to be the same without case.
        let is_plain = |byte: &u8| byte.is_ascii() && !b"*?[]{}!^\\".contains(byte);
        // A class such as `[!a]` may stand for a slash; what is in front of it is a folder's then.
        let head = glob
            .bytes()
            .take_while(|it| is_plain(it) && !glob.contains('['));
        let head = head.collect();
        let mut tail: Vec<u8> = glob.bytes().rev().take_while(is_plain).collect();
        tail.reverse();
        Self { head, tail }
    }

    fn are_of(&self, name: &[u8]) -> bool {
        let Some(tail_at) = name.len().checked_sub(self.tail.len()) else {
            return false;
        };
        let is_last = |last: &u8| name.last().is_some_and(|it| it.eq_ignore_ascii_case(last));
        // Most names are told apart by their last letter.
        self.tail.last().is_none_or(is_last)
            && name[tail_at..].eq_ignore_ascii_case(&self.tail)
            && name
                .get(..self.head.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(&self.head))
    }
}

/// Whether some glob can match a name.
fn some(globs: &[Ends], name: &[u8]) -> bool {
    // Without case `k` is the sign for kelvin, too: of names beyond ASCII nothing is certain.
    !globs.is_empty() && (!name.is_ascii() || globs.iter().any(|ends| ends.are_of(name)))
}

#[cfg(test)]
mod tests {
    use ignore::gitignore::GitignoreBuilder;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_metadata_are_not_asked_about_because_of_what_projects_ignore() {
        let mut names = IgnoredNames::default();
        for line in [
            "# x-meta.xml",
            "",
            "package.xml",
            "**/jsconfig.json",
            "**/__tests__/**",
            "**/.*",
            "*.log",
            "node_modules/",
            "!**/.sf/orgs/*/remoteMetadata/**",
        ] {
            names.add_line(line);
        }
        for (name, expected) in [
            ("App.connectedApp-meta.xml", false),
            ("package.xml", true),
            ("PACKAGE.XML", true),
            (".App.connectedApp-meta.xml", true),
            ("debug.log", true),
            ("node_modules", false),
            ("Ünal.connectedApp-meta.xml", true),
        ] {
            assert_eq!(names.may_have(name.as_bytes(), false), expected, "{name}");
        }
        assert!(names.may_have(b"node_modules", true));
        assert!(!names.may_have(b"connectedApps", true));
        assert!(names.may_have_all_in(b"__tests__"));
        assert!(names.may_have_all_in(b"remoteMetadata"));
        assert!(!names.may_have_all_in(b"connectedApps"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        /// Whatever the matcher says something about is asked about.
        #[test]
        fn nothing_is_passed_over(
            line in r"!?/?((\*\*|[abkK.é* ?!^]{1,3}|\[[!^]?[ab/]-?k?\]|\\[a* ])/?){1,4}",
            names in prop::collection::vec("[abkK.éÉſ\u{212A} !^*]{1,3}", 1..4),
            caseless in any::<bool>(),
            is_folder in any::<bool>(),
        ) {
            let mut builder = GitignoreBuilder::new("/project");
            builder.case_insensitive(caseless).unwrap();
            if builder.add_line(None, &line).is_err() {
                return Ok(());
            }
            let Ok(matcher) = builder.build() else { return Ok(()) };
            let path = format!("/project/{}", names.join("/"));
            if !matcher.matched(&path, is_folder).is_none() {
                let mut ignored = IgnoredNames::default();
                ignored.add_line(&line);
                let (name, folders) = names.split_last().unwrap();
                let is_in = |folder: &String| ignored.may_have_all_in(folder.as_bytes());
                let is_asked =
                    ignored.may_have(name.as_bytes(), is_folder) || folders.iter().any(is_in);
                prop_assert!(is_asked, "{line:?} {path:?} {ignored:?}");
            }
        }
    }
}
