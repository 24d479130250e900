//! What the page remembers (language, theme) and reads from its address. Storage may be missing; then nothing is remembered.

use gloo::utils::{document, window};

use crate::catalog::text::Lang;
use crate::state::Theme;

/// The language: remembered, else the browser's.
pub fn lang() -> Lang {
    Lang::from_tag(&kept("lang").or_else(|| window().navigator().language()).unwrap_or_default())
}

/// The theme: remembered, else the system's.
pub fn theme() -> Theme {
    match kept("theme").as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::Auto,
    }
}

/// Tells the document, and remembers both unless a link chose them.
pub fn apply(lang: Lang, theme: Theme, linked: bool) {
    let name = match theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    if let Some(root) = document().document_element() {
        // attributes of the root element can always be set
        let _ = root.set_attribute("lang", lang.tag());
        let _ = root.set_attribute("data-theme", name);
    }
    if let Some(storage) = storage().filter(|_| !linked) {
        // a full one remembers nothing
        let _ = storage.set_item("lang", lang.tag());
        let _ = storage.set_item("theme", name);
    }
}

/// The browser's memory; none in a sandboxed frame.
fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn kept(key: &str) -> Option<String> {
    // once kept as JSON
    storage()?.get_item(key).ok().flatten().map(|v| v.trim_matches('"').to_owned())
}

/// `?device=` of the address, else `auto`.
pub fn device() -> String {
    let query = window().location().search().unwrap_or_default();
    let wish = query.trim_start_matches('?').split('&').find_map(|p| p.strip_prefix("device="));
    wish.filter(|w| ["cpu", "webgpu"].contains(w)).unwrap_or("auto").to_owned()
}

/// An address beside the page, absolute.
pub fn absolute(path: &str) -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    web_sys::Url::new_with_base(path, &base).map_or_else(|_| path.to_owned(), |u| u.href())
}
