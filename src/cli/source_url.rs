//! Where a browser finds the files of the commit that is checked.
//!
//! In: the environment that GitHub Actions and GitLab CI set. Out: an address that ends with `/`;
//! none elsewhere. A report of Markdown needs it: on the page of a job or of a pull request a
//! relative link leads nowhere.

use std::env;

pub(crate) fn source_url() -> Option<String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| is_part(value));
    let url = if variable("GITHUB_ACTIONS").is_some() {
        let server = variable("GITHUB_SERVER_URL")?;
        let repository = variable("GITHUB_REPOSITORY")?;
        format!("{server}/{repository}/blob/{}/", variable("GITHUB_SHA")?)
    } else if variable("GITLAB_CI").is_some() {
        let project = variable("CI_PROJECT_URL")?;
        format!("{project}/-/blob/{}/", variable("CI_COMMIT_SHA")?)
    } else {
        return None;
    };
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}

/// Whether it can be put in a URL, and in Markdown, verbatim.
fn is_part(value: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_~%@+".contains(&byte);
    !value.is_empty() && value.bytes().all(fits)
}
