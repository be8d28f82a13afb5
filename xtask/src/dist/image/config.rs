//! What an image says of itself: how its program is to be started, and what belongs together.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::Blob;

/// Of the program, and so of its image.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Without a name, since there is no file of names. Images without a shell have it by custom.
pub const USER: u32 = 65532;

/// The file `oci-layout`.
pub const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// This machine's, as images name it.
pub fn architecture() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => bail!("no name is known for images of {other}"),
    }
}

/// How to start it. The relay is reached from outside, so it listens everywhere, and nobody hears mDNS in a container.
pub fn config(architecture: &str, layer: &str) -> Value {
    json!({
        "architecture": architecture,
        "os": "linux",
        "config": {
            "User": format!("{USER}:{USER}"),
            "Entrypoint": ["/tally-relay"],
            "Cmd": ["serve"],
            "Env": [
                "TALLY_RELAY_CONFIG=",
                "TALLY_RELAY_DATA_DIR=/data",
                "TALLY_RELAY_LISTEN=0.0.0.0:7825",
                "TALLY_RELAY_ANNOUNCE=false",
                "MALLOC_ARENA_MAX=2",
            ],
            "WorkingDir": "/data",
            "Volumes": { "/data": {} },
            "ExposedPorts": { "7825/tcp": {} },
            "StopSignal": "SIGTERM",
            "Labels": {
                "org.opencontainers.image.title": "tally-relay",
                "org.opencontainers.image.version": VERSION,
                "org.opencontainers.image.licenses": env!("CARGO_PKG_LICENSE"),
            },
        },
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{layer}")] },
    })
}

/// Which files are the image.
pub fn manifest(config: &Blob, layer: &Blob) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, config),
        "layers": [descriptor(LAYER, layer)],
    })
}

/// The file `index.json`: the one image there is, and what it is called.
pub fn index(manifest: &Blob, architecture: &str) -> Value {
    let mut entry = descriptor(MANIFEST, manifest);
    entry["platform"] = json!({ "architecture": architecture, "os": "linux" });
    entry["annotations"] = json!({
        "org.opencontainers.image.ref.name": VERSION,
        "io.containerd.image.name": format!("localhost/tally-relay:{VERSION}"),
    });
    json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [entry] })
}

/// The file `manifest.json`, by which Docker reads archives that have no more than this: the same files once more.
pub fn for_docker(config: &Blob, layer: &Blob) -> Value {
    json!([{
        "Config": format!("blobs/sha256/{}", config.hash),
        "RepoTags": [format!("localhost/tally-relay:{VERSION}")],
        "Layers": [format!("blobs/sha256/{}", layer.hash)],
    }])
}

fn descriptor(media: &str, blob: &Blob) -> Value {
    json!({
        "mediaType": media,
        "digest": format!("sha256:{}", blob.hash),
        "size": blob.bytes,
    })
}
