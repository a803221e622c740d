//! The file in which what is known of a site's voices is kept: the server learns into it, and
//! `bellhop emotion calibrate` fixes its point.

use std::io::Result;
use std::path::Path;
use voice_emotion::VoiceSite;

/// What a file knows of a site.
pub fn read(path: &Path) -> Result<VoiceSite> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// Replaces the file, or leaves it as it was.
pub fn write(path: &Path, site: &VoiceSite) -> Result<()> {
    let beside = path.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec(site)?)?;
    std::fs::rename(&beside, path)
}
