//! Where things are: the repository's root, the build folder, the files under version control.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace manifest, looked for from the current folder upwards.
pub fn root() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|e| format!("no current folder: {e}"))?;
    here.ancestors()
        .find(|dir| std::fs::read_to_string(dir.join("Cargo.toml")).is_ok_and(|t| t.contains("[workspace]")))
        .map(Path::to_path_buf)
        .ok_or_else(|| format!("no workspace manifest in {} or above it", here.display()))
}

/// Cargo's build folder.
pub fn target(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root.join(dir),
        None => root.join("target"),
    }
}

/// The `cargo` that runs us.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds a package's binaries in release mode and gives the folder where they are.
pub fn build_release(root: &Path, package: &str) -> Result<PathBuf, String> {
    let status = cargo()
        .current_dir(root)
        .args(["build", "--release", "--package", package])
        .status()
        .map_err(|e| format!("cannot run cargo: {e}"))?;
    if !status.success() {
        return Err(format!("building {package} failed"));
    }
    Ok(target(root).join("release"))
}

/// Every file that belongs to the project, sorted, relative to the root: what git tracks or would track.
/// Outside a checkout (a source archive) every file is taken but those in hidden folders and `target`.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output();
    let mut files: Vec<PathBuf> = match listed {
        Ok(out) if out.status.success() => {
            String::from_utf8_lossy(&out.stdout).lines().map(PathBuf::from).collect()
        }
        _ => {
            let mut found = Vec::new();
            walk(root, root, &mut found);
            found
        }
    };
    files.retain(|f| root.join(f).is_file());
    files.sort();
    files.dedup();
    files
}

/// Adds the files below a folder, without hidden folders, build output and caches.
fn walk(root: &Path, dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "__pycache__" {
                walk(root, &path, found);
            }
        } else if let Ok(relative) = path.strip_prefix(root) {
            found.push(relative.to_path_buf());
        }
    }
}

/// The member folders that the workspace manifest lists.
pub fn members(root: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(root.join("Cargo.toml")).map_err(|e| format!("Cargo.toml: {e}"))?;
    let list = text.split("members = [").nth(1).and_then(|rest| rest.split(']').next());
    let list = list.ok_or("Cargo.toml has no `members = [...]`")?;
    Ok(list.split(',').map(|m| m.trim().trim_matches('"').to_string()).filter(|m| !m.is_empty()).collect())
}
