// Addresses of the former tour lead to the same chapter of the story: course.html#occlusion, course.html#zh.
const NAMES = ["maps", "deconvnet", "maximise", "cascade", "occlusion", "board", "robust", "bias", "trust"];
const asked = location.hash.slice(1);
const chapter = NAMES.includes(asked) ? asked : asked === "next" ? "unseen" : "convolution";
const lang = /^(en|zh)/.exec(asked)?.[1];
location.replace(`./${location.search}#story=${chapter}${lang ? `&lang=${lang}` : ""}`);
