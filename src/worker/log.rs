//! burn's and wgpu's log in the console: a refused shader is only logged, never returned.

use log::{Level, LevelFilter, Log, Metadata, Record};
use wasm_bindgen::JsValue;

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
        } else {
            web_sys::console::warn_1(&line);
        }
    }

    fn flush(&self) {}
}

/// Installs it; a second time does nothing.
pub fn install() {
    if log::set_logger(&Console).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}
