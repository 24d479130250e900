//! The weights: from the browser's cache or the network, shard by shard, verified, into the engine as they arrive.

use std::cell::RefCell;
use std::collections::BTreeSet;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, ReadableStreamDefaultReader, Request, RequestCache, RequestInit, Response};

use super::port::{post, scope};
use crate::catalog::ProblemKind;
use crate::engine::{Device, Network};
use crate::protocol::{FromWorker, Problem};
use crate::weights::{Manifest, WeightsError, unpack};

/// No shard is larger, whatever a manifest says.
const LARGEST: u64 = 512 << 20;

const CACHE: &str = "cnn-lens-weights-1";

/// Loads every shard of the folder `base`, or its extras; returns an identifier of the weights. `had` names the shards that
/// are in the network already, by their hash: they are not asked for again. A `base` that is a `blob:` address is the manifest of
/// the visitor's own network, which names its shards by such addresses: they are in this browser already.
///
/// # Errors
/// A [`Problem`]: missing, damaged, or not the file that the manifest describes.
pub async fn weights<D: Device>(
    network: &Network<D>,
    base: &str,
    extras: bool,
    had: &RefCell<BTreeSet<String>>,
) -> Result<String, Problem> {
    let own = base.starts_with("blob:");
    let url = if own { base.to_owned() } else { format!("{base}manifest.json") };
    // an HTTP cache may hold that of an older version
    let text = get(&url, RequestCache::NoCache, 0, &mut |_| {}).await?;
    let manifest =
        Manifest::read(&text).map_err(|e| Problem::new(ProblemKind::WeightsDamaged, format!("{url}: {e}")))?;
    let (total, mut before, mut cached) = (manifest.bytes(), 0, true);
    let cache = if own { None } else { open().await };
    if let Some(cache) = &cache {
        evict(cache, base, &manifest).await;
    }
    let told = |n: u64, cached| {
        if !extras {
            progress(n, total, cached)
        }
    };
    for shard in if extras { &manifest.extras } else { &manifest.shards } {
        if had.borrow().contains(&shard.sha256) {
            before += shard.bytes;
            continue;
        }
        // the address too names the content: no cache on the way can give another version's
        let key = if own { shard.file.clone() } else { format!("{base}{}?sha256={}", shard.file, shard.sha256) };
        let kept = match &cache {
            Some(cache) => find(cache, &key).await,
            None => None,
        };
        // a damaged copy in the cache is as good as none
        let arrays = match kept.and_then(|bytes| unpack(shard, bytes).ok()) {
            Some(arrays) => arrays,
            None => {
                cached = false;
                let bytes = get(&key, RequestCache::Default, shard.bytes, &mut |n| told(before + n, false)).await?;
                // only what is to be kept is copied: a visitor's own may be of hundreds of megabytes
                let kept = cache.as_ref().map(|cache| (cache, bytes.clone()));
                let arrays = unpack(shard, bytes).map_err(|e| problem(&e))?;
                if let Some((cache, bytes)) = kept {
                    keep(cache, &key, &bytes).await;
                }
                arrays
            }
        };
        network.load(&arrays).map_err(|e| Problem::new(ProblemKind::WeightsDamaged, e))?;
        had.borrow_mut().insert(shard.sha256.clone());
        before += shard.bytes;
        told(before, cached);
    }
    Ok(manifest.shards.iter().map(|s| &s.sha256[..8]).collect::<Vec<_>>().join("-"))
}

fn progress(bytes: u64, total: u64, cached: bool) {
    post(&FromWorker::Loading { bytes: bytes.min(total), total, cached }, &[]);
}

fn problem(error: &WeightsError) -> Problem {
    let kind = match error {
        WeightsError::WrongHash { .. } => ProblemKind::WeightsWrongHash,
        WeightsError::Damaged { .. } | WeightsError::Tensor { .. } => ProblemKind::WeightsDamaged,
    };
    Problem::new(kind, error)
}

/// The body of `url`, of about `size` bytes, with the number of bytes reported as they come.
async fn get(url: &str, cache: RequestCache, size: u64, on_bytes: &mut dyn FnMut(u64)) -> Result<Vec<u8>, Problem> {
    let missing = |detail: String| Problem::new(ProblemKind::WeightsMissing, format!("{url}: {detail}"));
    let words = |e: JsValue| js_sys::Error::from(e).message().as_string().unwrap_or_default();
    let options = RequestInit::new();
    options.set_cache(cache);
    let answer = JsFuture::from(scope().fetch_with_str_and_init(url, &options)).await;
    let response: Response = answer.map_err(|e| missing(words(e)))?.unchecked_into();
    if !response.ok() {
        return Err(missing(format!("status {}", response.status())));
    }
    // neither a manifest nor a shard is one
    if let Some(kind) = response.headers().get("content-type").ok().flatten().filter(|t| t.contains("html")) {
        return Err(Problem::new(ProblemKind::PageForFile, format!("{url}: served as {kind}")));
    }
    let Some(body) = response.body() else { return Err(missing("empty answer".into())) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    // room for all of it at once: what grows is copied, and large files are in memory twice for a while
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(LARGEST)).unwrap_or_default());
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(|e| missing(words(e)))?;
        let field = |name: &str| Reflect::get(&chunk, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
        if field("done").is_truthy() {
            return Ok(bytes);
        }
        bytes.extend(Uint8Array::from(field("value")).to_vec());
        on_bytes(bytes.len() as u64);
    }
}

/// The cache, where there is one (not in a sandboxed frame, nor on a site without https).
async fn open() -> Option<Cache> {
    let storage = scope().caches().ok().filter(|s| !s.is_undefined())?;
    JsFuture::from(storage.open(CACHE)).await.ok().map(JsCast::unchecked_into)
}

/// Drops the shards of this folder that its manifest no longer names.
async fn evict(cache: &Cache, base: &str, manifest: &Manifest) {
    let named = |key: &str| {
        let (file, sha256) = key.split_once("?sha256=")?;
        manifest.shards.iter().chain(&manifest.extras).find(|s| s.file == file && s.sha256 == sha256)
    };
    let Ok(keys) = JsFuture::from(cache.keys()).await else { return };
    for request in js_sys::Array::from(&keys).iter().map(Request::unchecked_from_js) {
        let url = request.url();
        // another copy of the site may keep its own in a folder of this one
        if url.strip_prefix(base).is_some_and(|key| !key.contains('/') && named(key).is_none()) {
            let _ = JsFuture::from(cache.delete_with_request(&request)).await;
        }
    }
}

async fn find(cache: &Cache, key: &str) -> Option<Vec<u8>> {
    let found: Response = JsFuture::from(cache.match_with_str(key)).await.ok()?.dyn_into().ok()?;
    let buffer = JsFuture::from(found.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Keeps a shard; a full quota only means that it is fetched again next time.
async fn keep(cache: &Cache, key: &str, bytes: &[u8]) {
    let body = Uint8Array::from(bytes);
    if let Ok(response) = Response::new_with_opt_buffer_source(Some(&body)) {
        let _ = JsFuture::from(cache.put_with_str(key, &response)).await;
    }
}
