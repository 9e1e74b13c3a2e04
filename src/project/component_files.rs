//! The files of one component: usually one, more if the component is decomposed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::metadata_type::MetadataType;
use super::piece::PieceKind;
use super::source_file::SourceFile;
use super::type_set::TypeSet;

/// The files of one component.
#[derive(Debug, Clone)]
pub(crate) struct ComponentFiles {
    /// The component with its main file; without one, with the path of its first piece.
    pub file: SourceFile,
    /// Whether `file` is a separate file, and not the first piece.
    pub has_main_file: bool,
    /// Sorted by path. Without pieces, the component is one file.
    pub pieces: Vec<SourceFile>,
    /// The files that the compared change deleted.
    pub deleted: Vec<SourceFile>,
}

impl From<SourceFile> for ComponentFiles {
    fn from(file: SourceFile) -> Self {
        Self {
            file,
            has_main_file: true,
            pieces: Vec::new(),
            deleted: Vec::new(),
        }
    }
}

impl ComponentFiles {
    /// Whether the component has pieces.
    pub(crate) fn is_decomposed(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// The main file, if there is one, and the pieces.
    pub(crate) fn files(&self) -> impl Iterator<Item = &SourceFile> + Clone {
        let main = self.has_main_file.then_some(&self.file);
        main.into_iter().chain(&self.pieces)
    }

    /// Whether the main file is missing here, but can exist elsewhere: the pieces are components themselves, such
    /// as custom fields, which are also deployed without it, or they are content.
    pub(crate) fn is_partial(&self) -> bool {
        let is_content = |file: &SourceFile| file.piece().is_some_and(PieceKind::is_content);
        let mut pieces = self.pieces.iter();
        !self.has_main_file && pieces.all(|it| it.is_component() || is_content(it))
    }
}

/// Identifies a component that can be decomposed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WholeKey {
    // First, because comparing paths takes longer.
    name: String,
    pub metadata_type: MetadataType,
    /// An ignore file excludes the files. They are not mixed with those that are deployed.
    pub is_ignored: bool,
    pub folder: PathBuf,
}

impl WholeKey {
    pub(crate) fn of(file: &SourceFile) -> Self {
        Self {
            name: file.whole_name(),
            metadata_type: file.whole_type(),
            is_ignored: is_ignored(file),
            folder: folder_of_whole(file).to_path_buf(),
        }
    }
}

pub(crate) fn is_ignored(file: &SourceFile) -> bool {
    file.is_forceignored() || file.ignored_by().is_some()
}

/// The folder with all files of the component: the package directory or, outside all of them, the folder above
/// that of the type.
pub(crate) fn folder_of_whole(file: &SourceFile) -> &Path {
    match file.is_packaged() {
        true => file.package_directory(),
        false => folder_above_type(file),
    }
}

/// The folder above that of the type of the whole, such as `main/default`; without one, that of the file.
fn folder_above_type(file: &SourceFile) -> &Path {
    let folder = file.whole_type().folder();
    let above = file.path.ancestors().skip(1);
    let mut of_type = above.filter(|above| above.file_name().is_some_and(|name| name == folder));
    let found = of_type.next().or(file.path.parent());
    let found = found
        .filter(|found| !found.ends_with(folder))
        .or_else(|| found?.parent());
    found.unwrap_or(&file.path)
}

/// Groups the files of components that can be decomposed. A main file without pieces is a component, too.
pub(crate) fn group(files: Vec<SourceFile>) -> Vec<(WholeKey, ComponentFiles)> {
    let mut by_key: BTreeMap<WholeKey, Vec<SourceFile>> = BTreeMap::new();
    for file in files {
        by_key.entry(WholeKey::of(&file)).or_default().push(file);
    }
    let mut components = Vec::new();
    for (key, mut files) in by_key {
        // By bytes, because comparing paths part by part takes ten times as long.
        files.sort_by(|one, other| one.path.as_os_str().cmp(other.path.as_os_str()));
        files.dedup_by(|one, other| one.path.as_os_str() == other.path.as_os_str());
        let (pieces, mut mains): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.piece().is_some());
        // In a folder with other components, the name decides which of them the pieces belong to.
        let has_name = |main: &SourceFile| main.component.name == key.name;
        let is_beside_pieces = |main: &SourceFile| {
            let folder = main.path.parent();
            has_name(main) && folder.is_some_and(|folder| folder.ends_with(&key.name))
        };
        let beside = mains.iter().position(is_beside_pieces);
        let at = beside.or_else(|| mains.iter().position(has_name));
        let at = at.unwrap_or(0);
        let main = (!pieces.is_empty() && !mains.is_empty()).then(|| mains.remove(at));
        components.extend(mains.into_iter().map(|it| (key.clone(), it.into())));
        if !pieces.is_empty() {
            let whole = decomposed(&key, main, pieces);
            components.push((key, whole));
        }
    }
    components
}

fn decomposed(key: &WholeKey, main: Option<SourceFile>, pieces: Vec<SourceFile>) -> ComponentFiles {
    let has_main_file = main.is_some();
    let file = main.unwrap_or_else(|| pieces[0].as_whole(&key.name));
    ComponentFiles {
        file,
        has_main_file,
        pieces,
        deleted: Vec::new(),
    }
}

/// The types whose components can be decomposed.
pub(crate) fn decomposable_types() -> &'static TypeSet {
    static TYPES: LazyLock<TypeSet> = LazyLock::new(|| {
        let mut types = TypeSet::default();
        PieceKind::all().for_each(|kind| types.insert(kind.whole()));
        types
    });
    &TYPES
}
