//! `reader.wasm`: reads the visitor's files in a worker that ends with it (`www/reader-worker.js`).

#[cfg(target_arch = "wasm32")]
mod web {
    use std::rc::Rc;

    use js_sys::{Array, Function, JSON, Object, Reflect, Uint8Array};
    use sha2::{Digest, Sha256};
    use wasm_bindgen::prelude::*;
    use web_sys::{Blob, File, FileReaderSync};

    use cnn_lens_reader::{Labels, Limits, NamedSource, ReadError, Sentence, Source, read, write};

    /// A file of the visitor's, read by slices.
    struct OnDisk {
        blob: Blob,
        reader: FileReaderSync,
    }

    impl OnDisk {
        fn slice(&self, from: u64, to: u64) -> Result<Uint8Array, JsValue> {
            let slice = self.blob.slice_with_f64_and_f64(from as f64, to as f64)?;
            Ok(Uint8Array::new(&self.reader.read_as_array_buffer(&slice)?.into()))
        }
    }

    impl Source for OnDisk {
        fn size(&self) -> u64 {
            self.blob.size() as u64
        }

        fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
            let to = at.checked_add(into.len() as u64).filter(|to| *to <= self.size()).ok_or(ReadError::Truncated)?;
            let bytes = self.slice(at, to).map_err(|_| ReadError::Unreadable)?;
            if bytes.length() as usize != into.len() {
                return Err(ReadError::Unreadable);
            }
            bytes.copy_to(into);
            Ok(())
        }
    }

    /// Bytes that are hashed, and put into one shard, at a time.
    const STEP: u64 = 8 << 20;
    /// Bytes of a shard, but for a single array that is larger.
    const SHARD: u64 = 32 << 20;

    fn object<const N: usize>(pairs: [(&str, JsValue); N]) -> Object {
        let object = Object::new();
        for (key, value) in pairs {
            // setting a field of a plain object cannot fail
            let _ = Reflect::set(&object, &JsValue::from_str(key), &value);
        }
        object
    }

    fn told(sentence: &Sentence) -> JsValue {
        object([("en", sentence.en.as_str().into()), ("zh", sentence.zh.as_str().into())]).into()
    }

    /// Reads one network from `files`, a list of `File`s. `progress` hears bytes read and bytes in all. The answer is `{ read }`, as
    /// `openNetwork` takes it, or `{ problem: { kind, detail, sentence, action } }`.
    #[wasm_bindgen]
    pub fn open(files: &Array, progress: &Function) -> Object {
        console_error_panic_hook::set_once();
        match network(files, progress) {
            Ok(read) => object([("read", read.into())]),
            Err(error) => {
                let problem = object([
                    ("kind", "bad_network".into()),
                    ("detail", "".into()),
                    ("sentence", told(&error.sentence())),
                    ("action", told(&error.action())),
                ]);
                object([("problem", problem.into())])
            }
        }
    }

    /// The names of classes in what the visitor typed or dropped: a name a line, names between commas, or JSON, as the reader takes a
    /// file of them that is dropped beside a model. Empty: there are none.
    #[wasm_bindgen]
    pub fn labels(text: &str) -> Array {
        let found = Labels::parse("", text);
        found.iter().flat_map(|labels| &labels.names).map(|name| JsValue::from_str(name)).collect()
    }

    fn network(files: &Array, progress: &Function) -> Result<Object, ReadError> {
        let mut sources = Vec::new();
        for file in files.iter() {
            let file: File = file.dyn_into().map_err(|_| ReadError::Unreadable)?;
            let reader = FileReaderSync::new().map_err(|_| ReadError::Unreadable)?;
            sources.push((file.name(), OnDisk { blob: file.into(), reader }));
        }
        let total: u64 = sources.iter().map(|(_, source)| source.size()).sum();
        // reading comes after hashing and takes about as long
        let tell = |share: f64| {
            let _ = progress.call2(&JsValue::NULL, &(share * total as f64).into(), &(total as f64).into());
        };
        let (mut hash, mut done) = (Sha256::new(), 0);
        for (_, source) in &sources {
            let mut at = 0;
            while at < source.size() {
                let to = (at + STEP).min(source.size());
                let bytes = source.slice(at, to).map_err(|_| ReadError::Unreadable)?;
                hash.update(bytes.to_vec());
                done += to - at;
                at = to;
                tell(0.5 * done as f64 / total as f64);
            }
        }
        let digest: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let named = sources.into_iter().map(|(name, source)| NamedSource { name, source: Rc::new(source) });
        let network = read(&named.collect::<Vec<_>>(), Limits::default())?;
        tell(0.8);
        let weights: usize = network.tensors.values().map(cnn_lens_reader::Tensor::count).sum();
        let classes = network.card.graph.dims()[network.card.graph.output()].c;
        let notes: Array = network.notes.iter().map(|note| told(&note.sentence())).collect();
        let card = JSON::parse(&write::card(&network.card)).unwrap_or_default();
        let name: String = network.card.name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let _ = Reflect::set(&card, &"id".into(), &format!("local:{digest}:{name}").into());
        let mut labels_file = JsValue::NULL;
        if let Some(labels) = &network.labels {
            let names: Array = labels.names.iter().map(|name| JsValue::from_str(name)).collect();
            let _ = Reflect::set(&card, &"labels".into(), &names.into());
            labels_file = labels.file.as_str().into();
        }
        let (infos, shards) = (Array::new(), Array::new());
        for shard in write::shards(network.tensors, SHARD) {
            let list: Array = shard
                .stored()
                .iter()
                .map(|tensor| {
                    let shape: Array = tensor.shape.iter().map(|side| JsValue::from(*side as f64)).collect();
                    let (name, scheme) = (tensor.name.as_str(), tensor.scheme.word());
                    object([("name", name.into()), ("shape", shape.into()), ("scheme", scheme.into())])
                })
                .collect();
            let (mut hash, mut length, blobs) = (Sha256::new(), 0, Array::new());
            shard
                .pieces(&mut |bytes| {
                    hash.update(bytes);
                    length += bytes.len();
                    // a blob: its bytes leave this memory
                    blobs.push(&Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes)))?.into());
                    Ok(())
                })
                .map_err(|_: JsValue| ReadError::Unreadable)?;
            let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            infos.push(&object([
                ("file", "".into()),
                ("part", "features".into()),
                ("bytes", (length as f64).into()),
                ("sha256", sha256.into()),
                ("tensors", list.into()),
            ]));
            let whole = Blob::new_with_blob_sequence(&blobs).map_err(|_| ReadError::Unreadable)?;
            shards.push(&whole.into());
        }
        tell(1.0);
        let manifest = object([
            ("version", 1.into()),
            ("network", "".into()),
            ("licence", "".into()),
            ("source", "".into()),
            ("shards", infos.into()),
        ]);
        Ok(object([
            ("card", card),
            ("manifest", manifest.into()),
            ("shards", shards.into()),
            ("classes", (classes as f64).into()),
            ("parameters", (weights as f64).into()),
            ("labelsFile", labels_file),
            ("notes", notes.into()),
        ]))
    }
}

fn main() {}
