//! The name of a repository in the address of its remote.

/// A repository on a server, without anything else that an address can contain, such as credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RemoteName {
    /// The server; `None` for a path on this machine.
    pub host: Option<String>,
    /// The path on the server, such as `acme/crm`. Of a path on this machine, only the last folder.
    pub path: String,
}

impl RemoteName {
    /// Reads the address of a remote: a URL, `user@host:path` as in SSH, or a path.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let address = address.trim();
        let (host, path) = match address.split_once("://") {
            Some(("file", path)) => (None, path),
            Some((_, rest)) => {
                let rest = rest.split(['?', '#']).next().unwrap_or_default();
                let (authority, path) = rest.split_once('/')?;
                (Some(host_of(authority)), path)
            }
            None => match address.split_once(':') {
                // A drive letter is not a host.
                Some((authority, path)) if authority.len() > 1 && !authority.contains('/') => {
                    (Some(host_of(authority)), path)
                }
                _ => (None, address),
            },
        };
        let parts = path.split(['/', '\\']).filter(|it| !it.is_empty());
        let mut parts: Vec<&str> = parts.collect();
        match host {
            // Azure DevOps: HTTPS and SSH addresses of one repository get the same name.
            Some("ssh.dev.azure.com") if parts.first() == Some(&"v3") => drop(parts.remove(0)),
            Some(_) => parts.retain(|it| *it != "_git"),
            None => drop(parts.drain(..parts.len().saturating_sub(1))),
        }
        let path = parts.join("/");
        let path = path.strip_suffix(".git").unwrap_or(&path);
        let host = host.map(|it| match it {
            "ssh.dev.azure.com" => "dev.azure.com",
            other => other,
        });
        (!path.is_empty()).then(|| Self {
            host: host.map(str::to_lowercase),
            path: path.to_owned(),
        })
    }
}

/// The host without user, password and port.
fn host_of(authority: &str) -> &str {
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_credentials() {
        for (address, expected) in [
            (
                "https://github.com/acme/crm.git",
                Some("github.com acme/crm"),
            ),
            ("git@github.com:acme/crm.git", Some("github.com acme/crm")),
            (
                "ssh://git@Git.acme.example:2222/acme/crm",
                Some("git.acme.example acme/crm"),
            ),
            (
                "https://ci:hunter2@gitlab.example/a/b/crm.git/?t=hunter2#x",
                Some("gitlab.example a/b/crm"),
            ),
            (
                "https://x:hunt@er2@github.com/acme/crm",
                Some("github.com acme/crm"),
            ),
            (
                "https://dev.azure.com/acme/Sales/_git/crm",
                Some("dev.azure.com acme/Sales/crm"),
            ),
            (
                "git@ssh.dev.azure.com:v3/acme/Sales/crm",
                Some("dev.azure.com acme/Sales/crm"),
            ),
            ("/srv/git/hunter2/crm.git", Some("- crm")),
            ("file:///srv/git/hunter2/crm.git/", Some("- crm")),
            ("../crm", Some("- crm")),
            (r"C:\clones\crm", Some("- crm")),
            ("https://hunter2@github.com", None),
            ("", None),
        ] {
            let name = RemoteName::of(address);
            let name = name.map(|it| format!("{} {}", it.host.as_deref().unwrap_or("-"), it.path));
            assert_eq!(name.as_deref(), expected, "{address}");
        }
    }
}
