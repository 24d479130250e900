//! burn's and wgpu's log in the console: a refused shader and a lost device are only logged, never returned.

use js_sys::{Function, Reflect};
use log::{Level, LevelFilter, Log, Metadata, Record};
use wasm_bindgen::{JsCast, JsValue};

use super::port::scope;

/// What cubecl-wgpu says then.
const LOST: &str = "device was lost";

struct Console;

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = JsValue::from_str(&format!("{}: {}", record.target(), record.args()));
        if record.level() == Level::Error {
            web_sys::console::error_1(&line);
            // what waits for a lost device would wait for ever: the page hears of it as of a crash
            if line.as_string().is_some_and(|l| l.contains(LOST)) {
                report(&line);
            }
        } else {
            web_sys::console::warn_1(&line);
        }
    }

    fn flush(&self) {}
}

/// `reportError` of the worker: an error that nobody caught.
fn report(line: &JsValue) {
    let function =
        Reflect::get(&scope(), &JsValue::from_str("reportError")).ok().and_then(|f| f.dyn_into::<Function>().ok());
    // without it the page's watch finds the silence
    let _ = function.map(|f| f.call1(&scope(), line));
}

/// Installs this logger; a second call does nothing.
pub fn install() {
    if log::set_logger(&Console).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}
