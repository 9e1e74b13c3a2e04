//! Files that are changed although git only shows a change of a link or of what it leads to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::changes::{Change, Changes};
use crate::project::resolve_links;

impl Changes {
    /// Whether a file that the run reaches through links is changed. If so, it is added to the changed
    /// files.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub(crate) fn note_linked(&mut self, path: &Path) -> Result<bool, String> {
        let Some(resolved) = self.resolve(path)?.filter(|it| !it.links.is_empty()) else {
            return Ok(false);
        };
        let target = self.changed.get(&resolved.path).cloned();
        let is_retargeted = resolved
            .links
            .iter()
            .any(|it| self.changed_links.contains(it));
        let is_retargeted = is_retargeted || self.was_behind_another_link(path, &resolved.path)?;
        let around = self.repository_around(&resolved.path);
        // git does not show what changed outside the repositories.
        if target.is_none() && !is_retargeted && around.is_some() {
            return Ok(false);
        }
        let mut change = match target {
            Some(change) => change,
            None => Change {
                repository: around.unwrap_or(0),
                former: None,
                state: self.state_now(&resolved.path)?,
                is_renamed: false,
                is_newly_checked: false,
            },
        };
        change.is_renamed &= !is_retargeted;
        // A file that became a link.
        let former = self.changed.get(path).and_then(|it| it.former.clone());
        change.former = former.or(change.former);
        self.changed.insert(path.to_path_buf(), change);
        Ok(true)
    }

    /// Whether a former link with a smaller path led to the file `real`, or to a folder around it. A file
    /// is checked at the smallest of its paths, so it was a component with another name.
    fn was_behind_another_link(&self, path: &Path, real: &Path) -> Result<bool, String> {
        if self.former_links.is_empty() {
            return Ok(false);
        }
        let smallest_link_to = match self.smallest_former_links.get() {
            Some(known) => known,
            None => {
                let found = self.resolve_former_links()?;
                self.smallest_former_links.get_or_init(|| found)
            }
        };
        let mut links = real.ancestors().filter_map(|it| smallest_link_to.get(it));
        Ok(links.any(|link| link.as_path() < path))
    }

    /// The smallest former link to each file and folder.
    fn resolve_former_links(&self) -> Result<HashMap<PathBuf, PathBuf>, String> {
        let links = if self.is_staged {
            Some(&self.index()?.links)
        } else {
            None
        };
        let target_of = |link: &Path| {
            if let Some(target) = self.former_links.get(link) {
                return Some(target.clone());
            }
            if self.changed_links.contains(link) {
                return None;
            }
            links.map_or_else(|| link.read_link().ok(), |links| links.target_of(link))
        };
        let mut smallest = HashMap::new();
        // In the order of paths.
        for link in self.former_links.keys() {
            if let Some(former) = resolve_links(link, target_of) {
                smallest.entry(former.path).or_insert_with(|| link.clone());
            }
        }
        Ok(smallest)
    }
}
