//! What the page remembers (language, theme) and reads from its address. Storage may be missing; then nothing is remembered.

use gloo::storage::{LocalStorage, Storage};
use gloo::utils::{document, window};

use crate::catalog::text::Lang;
use crate::state::Theme;

/// The language: remembered, else the browser's.
pub fn lang() -> Lang {
    let kept: Option<String> = LocalStorage::get("lang").ok();
    Lang::from_tag(&kept.or_else(|| window().navigator().language()).unwrap_or_default())
}

/// The theme: remembered, else the system's.
pub fn theme() -> Theme {
    match LocalStorage::get::<String>("theme").as_deref() {
        Ok("light") => Theme::Light,
        Ok("dark") => Theme::Dark,
        _ => Theme::Auto,
    }
}

/// Remembers both and tells the document.
pub fn apply(lang: Lang, theme: Theme) {
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
    // not in a sandboxed frame
    let _ = LocalStorage::set("lang", lang.tag());
    let _ = LocalStorage::set("theme", name);
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
