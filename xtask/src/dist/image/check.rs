//! Reads a layout as whoever loads it does, and believes nothing that it says of itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::digest;
use crate::process;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    image_layout_version: String,
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    size: u64,
}

#[derive(Deserialize)]
struct Config {
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

/// Follows the layout from its index to its layer. Every file has the size and the hash by which it is named, there is
/// nothing beside what belongs to the image, and the layer is what the configuration says and has what it has to have.
pub fn layout(layout: &Path) -> Result<()> {
    let version: Layout = read(&layout.join("oci-layout"))?;
    ensure!(
        version.image_layout_version == "1.0.0",
        "a layout of another version"
    );
    let index: Index = read(&layout.join("index.json"))?;
    let [manifest] = &index.manifests[..] else {
        anyhow::bail!("there is to be one image in it");
    };
    let manifest_file = blob(layout, manifest)?;
    let of_image: Manifest = read(&manifest_file)?;
    let config_file = blob(layout, &of_image.config)?;
    let config: Config = read(&config_file)?;
    let [layer] = &of_image.layers[..] else {
        anyhow::bail!("the image is to have one layer");
    };
    let layer_file = blob(layout, layer)?;
    unpacked(&layer_file, &config.rootfs.diff_ids)?;
    listed(&layer_file)?;

    let named = BTreeSet::from([manifest_file, config_file, layer_file]);
    let found = fs::read_dir(layout.join("blobs/sha256"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<BTreeSet<PathBuf>>>()?;
    ensure!(named == found, "there are files that no image names");
    Ok(())
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not as it is to be", file.display()))
}

fn blob(layout: &Path, named: &Descriptor) -> Result<PathBuf> {
    let hash = named.digest.strip_prefix("sha256:");
    let hash = hash.context("only SHA-256 is known here")?;
    let file = layout.join("blobs/sha256").join(hash);
    let size = fs::metadata(&file).with_context(|| format!("looking for {}", named.digest))?;
    ensure!(size.len() == named.size, "{hash} has another size");
    ensure!(digest(&file)? == hash, "{hash} has another content");
    Ok(file)
}

/// The layer is the one of which the configuration speaks.
fn unpacked(layer: &Path, diffs: &[String]) -> Result<()> {
    let unpack = "gzip --decompress --stdout \"$0\" | sha256sum";
    let said = process::read(Command::new("sh").args(["-c", unpack]).arg(layer))?;
    let found = said.split_whitespace().next().unwrap_or_default();
    ensure!(
        diffs == [format!("sha256:{found}")],
        "the layer is not what the configuration says"
    );
    Ok(())
}

/// What is in the layer: who may do what with which file.
fn listed(layer: &Path) -> Result<()> {
    let mut list = Command::new("tar");
    list.args(["--list", "--verbose", "--numeric-owner", "--gzip", "--file"]);
    let said = process::read(list.arg(layer))?;
    let files: Vec<_> = said.lines().filter_map(owned).collect();
    let expected = [
        ("-rwxr-xr-x", "0/0", "tally-relay"),
        ("drwx------", "65532/65532", "data/"),
    ];
    ensure!(files == expected, "the layer has something else:\n{said}");
    Ok(())
}

/// Mode, owner and name in a line of `tar --list`.
fn owned(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?, words.last()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::Image;
    use super::*;

    fn image() -> (PathBuf, Image) {
        let unique = format!("tally-image-{}", std::process::id());
        let folder = std::env::temp_dir().join(unique);
        let image = Image::write(&folder, Path::new("/bin/true")).expect("any program will do");
        (folder, image)
    }

    #[test]
    fn an_image_is_the_same_each_time_and_none_of_it_can_be_changed_unnoticed() {
        let (_, first) = image();
        let (folder, again) = image();
        assert_eq!(first.digest, again.digest);
        layout(&again.layout).expect("as it was written");

        let blobs = again.layout.join("blobs/sha256");
        for entry in fs::read_dir(&blobs).expect("there are blobs") {
            let file = entry.expect("a blob").path();
            let good = fs::read(&file).expect("it can be read");
            let mut bad = good.clone();
            bad[good.len() / 2] ^= 1;
            fs::write(&file, &bad).expect("it can be written");
            assert!(layout(&again.layout).is_err(), "{}", file.display());
            fs::write(&file, &good).expect("it can be written");
        }
        fs::write(blobs.join("other"), "something").expect("it can be written");
        assert!(layout(&again.layout).is_err(), "nothing names it");
        fs::remove_dir_all(folder).expect("it is ours");
    }
}
