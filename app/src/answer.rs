//! What the host says in the HTTP answer about the page that it renders: its status, or where to go instead.
//!
//! In the browser there is no answer to change: a status does nothing, a redirect goes there.

#[cfg(feature = "ssr")]
use leptos::prelude::use_context;

/// Marks the answer as "not found".
pub fn answer_not_found() {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
}

/// Sends the browser to another page. A full load, so that nothing of the page before remains.
pub fn answer_redirect(to: &str) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(location)) = (
        use_context::<leptos_axum::ResponseOptions>(),
        axum::http::HeaderValue::from_str(to),
    ) {
        response.set_status(axum::http::StatusCode::SEE_OTHER);
        response.insert_header(axum::http::header::LOCATION, location);
    }
    #[cfg(not(feature = "ssr"))]
    // Fails only while the page is already being left.
    let _ = leptos::prelude::window().location().replace(to);
}

/// The sign-in page that leads back to `path`.
pub fn login_url(path: &str) -> String {
    let mut url = String::from("/login?next=");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::login_url;

    #[test]
    fn the_way_back_is_escaped() {
        assert_eq!(login_url("/workspace/w-1"), "/login?next=/workspace/w-1");
        assert_eq!(login_url("/a?b=c&d"), "/login?next=/a%3Fb%3Dc%26d");
    }
}
