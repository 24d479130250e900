//! Starts the page.

fn main() {
    console_error_panic_hook::set_once();
    yew::Renderer::<cnn_lens::ui::App>::with_root(root()).render();
}

/// `#app`, or the body on a page without it.
fn root() -> web_sys::Element {
    let document = gloo::utils::document();
    document.get_element_by_id("app").unwrap_or_else(|| gloo::utils::body().into())
}
