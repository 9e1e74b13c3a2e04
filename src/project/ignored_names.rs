//! Names that the lines of an ignore file may match, a fast test before the matcher.
//!
//! A walk finds thousands of files, and ignore files match few of them. The start and the end of a name
//! rule out the others in a fraction of the time. The result `true` does not mean that a line matches.

/// The names that lines may match.
#[derive(Debug, Default)]
pub(crate) struct IgnoredNames {
    /// Names of files and folders.
    any: Vec<Ends>,
    /// Names of folders only: `build/`.
    folders: Vec<Ends>,
    /// Names of folders whose whole content is matched: `build/**`.
    all_in: Vec<Ends>,
}

/// The start and the end of the names that a glob matches.
#[derive(Debug, Default)]
struct Ends {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl IgnoredNames {
    /// Adds a line, which can exclude files or include them again.
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
        // A class can contain a slash.
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
        // `**/**` also matches files in the root folder.
        let names = if outside.len() < glob.len() && name != "**" {
            &mut self.all_in
        } else if of_folders.is_some() {
            &mut self.folders
        } else {
            &mut self.any
        };
        names.push(Ends::of(name));
    }

    /// Whether a line may match a file or folder because of its name.
    pub(crate) fn may_have(&self, name: &[u8], is_folder: bool) -> bool {
        any_matches(&self.any, name) || (is_folder && any_matches(&self.folders, name))
    }

    /// Whether a line may match everything in a folder with this name.
    pub(crate) fn may_have_all_in(&self, folder_name: &[u8]) -> bool {
        any_matches(&self.all_in, folder_name)
    }
}

impl Ends {
    fn of(glob: &str) -> Self {
        // Case folding is only simple in ASCII.
        let is_plain = |byte: &u8| byte.is_ascii() && !b"*?[]{}!^\\".contains(byte);
        // A class such as `[!a]` can match a slash. The text before it belongs to a folder then.
        let head = glob
            .bytes()
            .take_while(|it| is_plain(it) && !glob.contains('['));
        let head = head.collect();
        let mut tail: Vec<u8> = glob.bytes().rev().take_while(is_plain).collect();
        tail.reverse();
        Self { head, tail }
    }

    fn match_name(&self, name: &[u8]) -> bool {
        let Some(tail_at) = name.len().checked_sub(self.tail.len()) else {
            return false;
        };
        let is_last = |last: &u8| name.last().is_some_and(|it| it.eq_ignore_ascii_case(last));
        // The last letter already rules out most names.
        self.tail.last().is_none_or(is_last)
            && name[tail_at..].eq_ignore_ascii_case(&self.tail)
            && name
                .get(..self.head.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(&self.head))
    }
}

/// Whether a glob may match a name.
fn any_matches(globs: &[Ends], name: &[u8]) -> bool {
    // Names that are not ASCII may always match: without case, `k` equals the kelvin sign, for
    // example.
    !globs.is_empty() && (!name.is_ascii() || globs.iter().any(|ends| ends.match_name(name)))
}

#[cfg(test)]
mod tests {
    use ignore::gitignore::GitignoreBuilder;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn typical_ignore_files() {
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
        /// If the matcher matches a path, its name or a folder above it may match.
        #[test]
        fn every_match_is_found(
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
                let may_match =
                    ignored.may_have(name.as_bytes(), is_folder) || folders.iter().any(is_in);
                prop_assert!(may_match, "{line:?} {path:?} {ignored:?}");
            }
        }
    }
}
