//! What is no network that can be shown, each refused with its own sentence in both languages.
#![allow(missing_docs, reason = "a test")]

mod support;

use cnn_lens_reader::error::Foreign;
use cnn_lens_reader::{Limits, ReadError, read};
use support::{bytes, named};

fn refused(name: &str, bytes: &[u8]) -> ReadError {
    read(&[named(name, bytes.to_vec())], Limits::default()).unwrap_err()
}

/// A field of a protocol buffer with bytes.
fn field(number: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut size = body.len();
    while size >= 0x80 {
        out.push(size as u8 | 0x80);
        size >>= 7;
    }
    out.push(size as u8);
    out.extend(body);
    out
}

fn info(name: &str, sides: &[Option<u8>]) -> Vec<u8> {
    let side = |side: &Option<u8>| field(1, &side.map_or_else(|| field(2, b"n"), |n| vec![0x08, n]));
    let shape: Vec<u8> = sides.iter().flat_map(side).collect();
    [field(1, name.as_bytes()), field(2, &field(1, &[vec![0x08, 1], field(2, &shape)].concat()))].concat()
}

fn node(op: &str, inputs: &[&str], output: &str) -> Vec<u8> {
    let mut node: Vec<u8> = inputs.iter().flat_map(|input| field(1, input.as_bytes())).collect();
    node.extend(
        [field(2, output.as_bytes()), field(3, format!("the_{output}").as_bytes()), field(4, op.as_bytes())].concat(),
    );
    field(1, &node)
}

/// A model that reads `x` of this shape and writes `y`.
fn model(sides: &[Option<u8>], graph: &[Vec<u8>]) -> Vec<u8> {
    let graph = [graph.concat(), field(11, &info("x", sides)), field(12, &info("y", &[Some(1), Some(2)]))].concat();
    [vec![0x08, 8, 0x12, 1, b'p'], field(7, &graph)].concat()
}

const PICTURE: [Option<u8>; 4] = [Some(1), Some(3), Some(8), Some(8)];

#[test]
fn files_of_other_kinds_are_named() {
    for (name, bytes, want) in [
        ("a", &b""[..], ReadError::Empty),
        ("a.bin", b"\x00\x01\x02\xff", ReadError::NotAModel),
        ("a.txt", b"hello", ReadError::NotAModel),
        ("m.gguf", b"GGUF\x03\0\0\0", ReadError::Foreign(Foreign::Gguf)),
        ("m.tflite", b"\x1c\0\0\0TFL3", ReadError::Foreign(Foreign::TfLite)),
        ("m.mlmodel", b"\x08\x01\x12\x02", ReadError::Foreign(Foreign::CoreMl)),
        ("m.caffemodel", b"\x0a\x01a\x12\x02", ReadError::Foreign(Foreign::CaffeModel)),
        ("a.png", b"\x89PNG\r\n\x1a\n", ReadError::Foreign(Foreign::Picture)),
        ("a.pkl", b"\x80\x02}q\x00.", ReadError::Foreign(Foreign::Pickle)),
        ("model.json", br#"{"class_name": "Sequential", "config": {}}"#, ReadError::NoWeights),
        (
            "model.json",
            br#"{"format": "graph-model", "modelTopology": {"node": []}, "weightsManifest": []}"#,
            ReadError::Foreign(Foreign::TfjsGraph),
        ),
    ] {
        assert_eq!(refused(name, bytes), want, "{name}");
    }
    assert_eq!(read(&[], Limits::default()).unwrap_err(), ReadError::NoFile);
    let two = || named("a.safetensors", bytes("chain_half.safetensors"));
    assert_eq!(read(&[two(), two()], Limits::default()).unwrap_err(), ReadError::Several);
}

/// A zip of stored members.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for (name, body) in members {
        let at = file.len() as u32;
        let size = (body.len() as u32).to_le_bytes();
        let common = [&[0; 12][..], &size, &size, &(name.len() as u16).to_le_bytes(), &[0, 0]].concat();
        file.extend([b"PK\x03\x04\x14\0", &common[..], name.as_bytes(), body].concat());
        list.extend([b"PK\x01\x02\x14\0\x14\0", &common[..], &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat());
    }
    let (count, at, size) = (members.len() as u16, file.len() as u32, list.len() as u32);
    file.extend(list);
    file.extend(
        [
            b"PK\x05\x06\0\0\0\0",
            &count.to_le_bytes()[..],
            &count.to_le_bytes(),
            &size.to_le_bytes(),
            &at.to_le_bytes(),
            &[0, 0],
        ]
        .concat(),
    );
    file
}

#[test]
fn archives_of_other_kinds_are_named() {
    for (members, want) in [
        (&[("m/data.pkl", &b"\x80\x02}."[..]), ("m/constants.pkl", b"")][..], Foreign::TorchScript),
        (&[("m/code/__torch__.py", b"")], Foreign::TorchScript),
        (&[("m/archive_format", b"pt2")], Foreign::ExportedProgram),
        (&[("arr_0.npy", b"")], Foreign::Numpy),
        (&[("readme.txt", b"hello")], Foreign::Archive),
        (&[("m/data.pkl", b"\x80\x02}.")], Foreign::Pickle),
    ] {
        assert_eq!(refused("m.pt", &zip(members)), ReadError::Foreign(want));
    }
}

/// A safetensors file of float32 zeros.
fn tensors(shapes: &[(&str, &[usize])]) -> Vec<u8> {
    let mut at = 0;
    let entries: Vec<String> = shapes
        .iter()
        .map(|(name, shape)| {
            let from = at;
            at += 4 * shape.iter().product::<usize>();
            format!(r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{from},{at}]}}"#)
        })
        .collect();
    let header = format!("{{{}}}", entries.join(","));
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; at]].concat()
}

#[test]
fn weights_without_a_graph_are_told_by_what_they_lack() {
    let refused = |shapes: &[(&str, &[usize])]| refused("m.safetensors", &tensors(shapes));
    assert_eq!(
        refused(&[("stem.weight", &[4, 3, 3, 3]), ("odd.thing", &[4, 4]), ("fc.weight", &[2, 4])]),
        ReadError::NoGraph { tensor: "stem.weight".into() }
    );
    let attention: &[(&str, &[usize])] =
        &[("patch_embed.proj.weight", &[4, 3, 4, 4]), ("blocks.0.attn.qkv.weight", &[12, 4])];
    assert_eq!(refused(attention), ReadError::Transformer { found: "blocks.0.attn.qkv.weight".into() });
    let trunk: &[(&str, &[usize])] = &[("features.0.weight", &[4, 3, 3, 3]), ("features.0.bias", &[4])];
    assert_eq!(refused(trunk), ReadError::Headless);
}

#[test]
fn safetensors_that_lie_are_refused() {
    let file = |header: &str| [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 64]].concat();
    let tensor = |shape: &str, place: &str| format!(r#""a":{{"dtype":"F32","shape":{shape},"data_offsets":{place}}}"#);
    for (body, what) in [
        (tensor("[1152921504606846976]", "[0,64]"), "larger than any file"),
        (tensor("[-4]", "[0,16]"), "header"),
        (tensor("[4]", "[0,20]"), "another size"),
        (tensor("[4]", "[16,0]"), "another size"),
        (format!("{},{}", tensor("[4]", "[0,16]"), tensor("[4]", "[8,24]").replace("\"a\"", "\"b\"")), "overlap"),
    ] {
        let error = refused("m.safetensors", &file(&format!("{{{body}}}")));
        assert!(error.to_string().contains(what), "{body}: {error}");
    }
    assert_eq!(refused("m.safetensors", &file(&format!("{{{}}}", tensor("[32]", "[0,128]")))), ReadError::Truncated);
}

#[test]
fn graphs_that_cannot_be_shown_say_which_node() {
    let of = |sides: &[Option<u8>], graph: &[Vec<u8>]| refused("m.onnx", &model(sides, graph));
    let op = |op: &str| ReadError::Op { op: op.into(), node: "the_y".into() };
    assert_eq!(of(&PICTURE, &[node("Erf", &["x"], "y")]), op("Erf"));
    assert_eq!(of(&PICTURE, &[node("Resize", &["x"], "y")]), op("Resize"));
    let open = [Some(1), Some(3), None, None];
    assert_eq!(of(&open, &[node("Relu", &["x"], "y")]), ReadError::InputShape { shape: "1 x 3 x n x n".into() });
    assert_eq!(of(&[Some(1), Some(7)], &[node("Relu", &["x"], "y")]), ReadError::NoPicture { shape: "1 x 7".into() });
    assert!(matches!(of(&PICTURE, &[node("Relu", &["x"], "y")]), ReadError::NoClasses { .. }));
    assert_eq!(of(&PICTURE, &[]), ReadError::NoTensor { tensor: "y".into() });
    let attends =
        [node("LayerNormalization", &["x"], "a"), node("MatMul", &["a", "a"], "b"), node("Softmax", &["b"], "y")];
    assert_eq!(of(&PICTURE, &attends), ReadError::Transformer { found: "the_a".into() });
    let many: Vec<Vec<u8>> = (0..10_000).map(|i| node("Relu", &["x"], &format!("v{i}"))).collect();
    assert_eq!(of(&PICTURE, &many), ReadError::Nodes { nodes: 10_000, most: 8192 });
}

#[test]
fn tensors_elsewhere_and_tensors_that_lie_are_refused() {
    let tensor = |dims: &[u8], more: &[u8]| {
        let dims: Vec<u8> = dims.iter().flat_map(|n| [0x08, *n]).collect();
        field(5, &[&dims, &[0x10, 1][..], &field(8, b"w"), more].concat())
    };
    let of = |tensor: Vec<u8>| refused("m.onnx", &model(&PICTURE, &[tensor, node("Conv", &["x", "w"], "y")]));
    let elsewhere = field(13, &[field(1, b"location"), field(2, b"weights.bin")].concat());
    assert_eq!(of(tensor(&[2], &elsewhere)), ReadError::External { file: "weights.bin".into() });
    assert!(matches!(of(tensor(&[2], &field(9, &[0; 4]))), ReadError::Damaged { .. }));
    // 2^60 numbers, and -1 of them
    let huge = field(
        5,
        &[&[0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0x10, 1][..], &field(8, b"w")].concat(),
    );
    assert!(matches!(of(huge), ReadError::Damaged { .. }));
    let negative = field(5, &[&[0x08][..], &[0xff; 9], &[0x01, 0x10, 1], &field(8, b"w")].concat());
    assert_eq!(of(negative), ReadError::Damaged { what: "a tensor of negative size" });
}

/// A pickled dictionary with one tensor of this offset, shape and strides, each as a pickle has them, over a storage of 4 numbers.
fn pickled(offset: &[u8], shape: &[u8], strides: &[u8]) -> Vec<u8> {
    let storage = b"((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x04tQ";
    let parts =
        [b"\x80\x02}U\x0bconv.weightctorch._utils\n_rebuild_tensor_v2\n", &storage[..], offset, b"(", shape, b"t("];
    let pickle = [&parts.concat()[..], strides, b"t\x89NtRs."].concat();
    zip(&[("m/data.pkl", &pickle), ("m/data/0", &[0; 16])])
}

#[test]
fn pickles_that_lie_are_refused() {
    let (four, one, zero) = (b"K\x04", b"K\x01", b"K\x00");
    // it is read up to what it lacks: a graph
    assert_eq!(refused("m.pth", &pickled(zero, four, one)), ReadError::NoGraph { tensor: "conv.weight".into() });
    let huge = b"\x8a\x08\0\0\0\0\0\0\0\x10"; // 2^60
    let minus = b"J\xff\xff\xff\xff";
    for (offset, shape, strides) in [
        (&zero[..], &huge[..], &one[..]),
        (zero, minus, one),
        (minus, four, one),
        (zero, b"K\x02K\x02", huge),
        (zero, b"\x8a\x04\0\0\0\x10\x8a\x04\0\0\0\x10\x8a\x04\0\0\0\x10", b"K\x01K\x01K\x01"),
    ] {
        let error = refused("m.pth", &pickled(offset, shape, strides));
        assert!(matches!(error, ReadError::Damaged { .. }), "{shape:?} {strides:?}: {error:?}");
    }
    assert_eq!(refused("m.pth", &pickled(huge, four, one)), ReadError::Truncated);
    assert_eq!(refused("m.pth", &pickled(four, four, one)), ReadError::Truncated);
    assert_eq!(refused("m.pth", &pickled(zero, b"K\x05", one)), ReadError::Truncated);
    // one number a million times
    let repeated = pickled(zero, b"\x8a\x03\x40\x42\x0f", zero);
    assert!(matches!(refused("m.pth", &repeated), ReadError::Hostile { .. }));
    // a NumPy array of fewer numbers than its shape has
    let array = [
        &b"\x80\x02}U\x01wcnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"[..],
        b"K\x05\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
        b"U\x10abcdefghijklmnoptbs.",
    ];
    assert!(matches!(refused("m.pkl", &array.concat()), ReadError::Damaged { .. }));
}

#[test]
fn pickles_may_be_nested_as_deep_as_they_like() {
    let deep = |opens: &[u8], closes: &[u8], times: usize| {
        let pickle = [b"\x80\x02", &opens.repeat(times)[..], b"N", &closes.repeat(times), b"."].concat();
        refused("m.pth", &zip(&[("m/data.pkl", &pickle)]))
    };
    // tuples in tuples, and dictionaries in dictionaries
    for (opens, closes) in [(&b""[..], &b"\x85"[..]), (b"}K\x01", b"s"), (b"(", b"l")] {
        assert_eq!(deep(opens, closes, 3), ReadError::Foreign(Foreign::Pickle));
        assert!(matches!(deep(opens, closes, 100_000), ReadError::Hostile { .. }));
    }
}

/// A zip of one compressed member that says it unpacks to `size` bytes.
fn deflated(name: &str, body: &[u8], size: u32) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(body).unwrap();
    let packed = packed.finish().unwrap();
    let mut file = zip(&[(name, &packed)]);
    let list = file.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    for (at, size_at) in [(8, 22), (list + 10, list + 24)] {
        file[at] = 8;
        file[size_at..size_at + 4].copy_from_slice(&size.to_le_bytes());
    }
    file
}

#[test]
fn archives_do_not_unpack_to_more_than_a_model() {
    let zeros = vec![0; 80 << 20];
    let told = |error: ReadError| match error {
        ReadError::Hostile { what } => what,
        error => panic!("{error:?}"),
    };
    assert_eq!(
        told(refused("m.pth", &deflated("m/data.pkl", &zeros, 3 << 30))),
        "a member that unpacks to over a gigabyte"
    );
    assert_eq!(
        told(refused("m.pth", &deflated("m/data.pkl", &zeros, 1000))),
        "a member that unpacks to more than it says"
    );
    assert_eq!(refused("m.pth", &deflated("m/data.pkl", b"\x80\x02}.", 1000)), ReadError::Truncated);
    assert_eq!(refused("m.pth", &deflated("m/data.pkl", b"\x80\x02}.", 4)), ReadError::Foreign(Foreign::Pickle));
    // a description is held whole: less may do
    let archive = deflated("config.json", &zeros, 80 << 20);
    let with = |name: &str| {
        let mut file = archive.clone();
        let places: Vec<usize> = (0..file.len() - 11).filter(|at| file[*at..].starts_with(b"config.json")).collect();
        places.iter().for_each(|at| file[*at..*at + 11].copy_from_slice(name.as_bytes()));
        file
    };
    assert_eq!(refused("m.keras", &with("readme.json")), ReadError::Foreign(Foreign::Archive));
}

/// Why a Keras model of these layers cannot be shown.
fn keras(layers: &str) -> ReadError {
    let config = format!(r#"{{"class_name": "Sequential", "config": {{"name": "m", "layers": [{layers}]}}}}"#);
    let config = serde_json::from_str(&config).unwrap();
    let source = cnn_lens_reader::keras::Source { config, weights: Default::default(), third: true };
    cnn_lens_reader::keras::build(&source, 1 << 20).err().unwrap()
}

#[test]
fn keras_models_that_cannot_be_shown_say_why() {
    let layer = |class: &str| format!(r#"{{"class_name": "{class}", "config": {{"name": "the_layer"}}}}"#);
    let of = |shape: &str, class: &str| {
        let input = format!(r#"{{"class_name": "InputLayer", "config": {{"batch_shape": {shape}}}}}"#);
        keras(&format!("{input}, {}", layer(class)))
    };
    let picture = "[null, 8, 8, 3]";
    assert_eq!(of("[null, null, null, 3]", "Flatten"), ReadError::InputShape { shape: "? x ? x 3".into() });
    assert_eq!(keras(&layer("Flatten")), ReadError::InputShape { shape: "not given".into() });
    assert_eq!(of("[null, 8]", "Flatten"), ReadError::NoPicture { shape: "8".into() });
    let op = |op: &str| ReadError::Op { op: op.into(), node: "the_layer".into() };
    assert_eq!(of(picture, "Lambda"), op("Lambda"));
    assert_eq!(of(picture, "LayerNormalization"), op("LayerNormalization"));
    assert_eq!(of(picture, "GetItem"), op("GetItem (of these dimensions)"));
    assert_eq!(of(picture, "TrueDivide"), op("TrueDivide (of one input)"));
    let attends = ReadError::Transformer { found: "MultiHeadAttention the_layer".into() };
    assert_eq!(of(picture, "MultiHeadAttention"), attends);
    assert_eq!(of(picture, "Conv2D"), ReadError::NoTensor { tensor: "the_layer/kernel".into() });
    assert!(matches!(of(picture, "ReLU"), ReadError::NoClasses { .. }));
    let dropouts = vec![layer("Dropout"); 10_000].join(", ");
    assert!(matches!(
        keras(&format!(r#"{{"class_name": "InputLayer", "config": {{"batch_shape": {picture}}}}}, {dropouts}"#)),
        ReadError::Nodes { .. }
    ));
}

#[test]
fn memory_is_counted_before_it_is_taken() {
    let little = Limits { memory: 500 };
    for name in ["chain.pth", "lightning.ckpt", "mixed.onnx", "sequential.h5"] {
        match read(&[named(name, bytes(name))], little).unwrap_err() {
            ReadError::Memory { needs, most } => assert!(needs > most && most == 500, "{name}: {needs}"),
            error => panic!("{name}: {error}"),
        }
    }
}

#[test]
fn every_refusal_says_what_to_do_in_both_languages() {
    let text = || "x".to_owned();
    let dims = cnn_lens::ops::Dims::new(1, 2, 3);
    let graph = cnn_lens::catalog::graph::GraphError { node: text(), fault: cnn_lens::catalog::graph::Fault::Cycle };
    let mut all = vec![
        ReadError::NoFile,
        ReadError::Empty,
        ReadError::Unreadable,
        ReadError::NotAModel,
        ReadError::Several,
        ReadError::NoGraph { tensor: text() },
        ReadError::Transformer { found: text() },
        ReadError::Op { op: text(), node: text() },
        ReadError::InputShape { shape: text() },
        ReadError::NoPicture { shape: text() },
        ReadError::NoClasses { writes: dims },
        ReadError::Ends { inputs: 2, outputs: 1 },
        ReadError::Headless,
        ReadError::External { file: text() },
        ReadError::Missing { file: text() },
        ReadError::NoWeights,
        ReadError::NoTensor { tensor: text() },
        ReadError::TensorShape { tensor: text() },
        ReadError::Numbers { tensor: text(), kind: text() },
        ReadError::Truncated,
        ReadError::Damaged { what: "x" },
        ReadError::Hostile { what: "x" },
        ReadError::Nodes { nodes: 10_000, most: 8192 },
        ReadError::Memory { needs: 3 << 30, most: 1 << 30 },
        ReadError::Graph(graph),
        ReadError::Card(text()),
    ];
    use Foreign::{
        Archive, CaffeModel, CoreMl, ExportedProgram, Gguf, Hdf5, Numpy, Pickle, Picture, TensorFlowGraph, TfLite,
        TfjsGraph, TorchScript,
    };
    let foreign = [
        TorchScript,
        ExportedProgram,
        CoreMl,
        TfLite,
        CaffeModel,
        Gguf,
        TensorFlowGraph,
        TfjsGraph,
        Pickle,
        Numpy,
        Archive,
        Picture,
        Hdf5,
    ];
    all.extend(foreign.map(ReadError::Foreign));
    for error in all {
        for told in [error.sentence(), error.action()] {
            assert!(!told.en.is_empty() && told.en.is_ascii(), "{error:?}: {}", told.en);
            assert!(!told.zh.is_ascii(), "{error:?}: {}", told.zh);
        }
    }
}
