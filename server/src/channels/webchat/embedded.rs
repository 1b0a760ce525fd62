//! The chat page in a frame of another site. The frame's address names nobody: its script gets the visitor's token from the
//! page around it, from an origin that the channel allows, and reads the conversation with it. Browsers keep it out of other
//! pages; the log says which pages those are.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{HOST, HeaderMap, HeaderName, REFERER};
use axum::http::uri::{Scheme, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::chat_settings::ORIGIN_MAX;
use shared::customer::CustomerFrame;
use shared::error::AppError;
use shared::time::Timestamp;

use super::Chat;
use super::answers::{embedded_response, error_json, error_page, language_of};
use super::visitor::Visitor;
use super::visits::{self, Visit, Wanted};
use crate::webhooks::port_is_good;

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What a visitor has on a channel.
#[derive(Debug, Serialize)]
struct Found {
    /// As the visitor introduced themselves.
    name: String,
    /// When the conversation began.
    began: Timestamp,
    /// The history to which the numbers of its lines belong.
    epoch: String,
    /// Whether the visitor has rated it.
    rated: bool,
    /// Its last lines.
    frames: Vec<CustomerFrame>,
}

/// `GET /chat/{key}/embed`: the page as nobody has used it. Cookies count for nothing here.
pub(super) async fn embedded_page(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = language_of(&headers);
    let page = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let visitor = Visitor::new(chat.desk.ids());
        let wanted = Wanted {
            language,
            embedded: true,
            ..Wanted::default()
        };
        let page = visits::page(&chat.desk, &channel, &visitor, wanted).await?;
        Ok::<_, AppError>((page, channel))
    };
    match page.await {
        Ok((page, channel)) => {
            let origins = channel.chat_settings().origins;
            let public_url = chat.desk.config().public_url.as_deref();
            if let Some(origin) = stranger(&headers, &origins, public_url)
                && chat.limits.frames.admits(chat.desk.clock().now())
            {
                tracing::warn!(
                    channel = %channel.key,
                    origin,
                    "a page that is not allowed wants to show the chat in a frame; if it is yours, add its origin to the channel's allowed origins"
                );
            }
            embedded_response(page, &origins)
        }
        Err(error) => error_page(language, &error),
    }
}

/// The origin of the page around the frame, if its browser names one that is neither allowed nor this host's own.
fn stranger(headers: &HeaderMap, allowed: &[String], public_url: Option<&str>) -> Option<String> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(SEC_FETCH_DEST) != Some("iframe") {
        return None;
    }
    let origin = origin_of(text(REFERER)?)?;
    let (_, authority) = origin.split_once("://")?;
    // What a proxy calls it counts here without being trusted: a client that makes it up only hides a line about itself.
    let names = [HOST, FORWARDED_HOST].into_iter().filter_map(text);
    // Several proxies write a list.
    let mut names = names.flat_map(|host| host.split(','));
    let here = names.any(|host| host.trim().eq_ignore_ascii_case(authority));
    let own = here || public_url.and_then(origin_of).as_ref() == Some(&origin);
    (!own && !allowed.contains(&origin)).then_some(origin)
}

/// The origin of an address as browsers write it: scheme, host, and a port that is not the scheme's own. Path and query, which may name
/// somebody, are left out.
fn origin_of(address: &str) -> Option<String> {
    let uri: Uri = address.parse().ok()?;
    let (scheme, usual) = match uri.scheme()? {
        scheme if *scheme == Scheme::HTTPS => ("https", 443),
        scheme if *scheme == Scheme::HTTP => ("http", 80),
        _ => return None,
    };
    let authority = uri.authority()?;
    if authority.host().is_empty() || !port_is_good(authority) {
        return None;
    }
    let port = authority.port_u16().filter(|port| *port != usual);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let origin = [scheme, "://", authority.host(), &port].concat();
    (origin.len() <= ORIGIN_MAX).then(|| origin.to_ascii_lowercase())
}

/// `GET /chat/{key}/visit`: the conversation of the visitor whose token or proof the request brings; `null` before their first
/// message with a proof, "not found" for a token that leads nowhere.
pub(super) async fn visit(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let visitor = chat.known(&channel, &headers, "").await?;
        let visitor = visitor.ok_or(AppError::NotFound)?;
        let Some(visit) = Visit::of(&chat.desk, &channel, &visitor).await? else {
            return match visitor.is_proven() {
                true => Ok(None),
                false => Err(AppError::NotFound),
            };
        };
        let frames = visit.last(&chat.desk, None).await?;
        Ok(Some(Found {
            name: visit.0.name,
            began: visit.0.began,
            epoch: visit.1.to_string(),
            rated: visit.0.rated,
            frames,
        }))
    };
    match found.await {
        Ok(found) => Json(found).into_response(),
        Err(error) => error_json(language_of(&headers), &error),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const PUBLIC: &str = "https://desk.example.com";

    /// The origin that is reported of a page that is called so by the browser that shows it.
    fn reported(referer: &str) -> Option<String> {
        let headers = framed(Some(referer), "iframe");
        let allowed = ["https://www.example.com", "https://shop.example:8443"];
        stranger(&headers, &allowed.map(str::to_owned), Some(PUBLIC))
    }

    fn framed(referer: Option<&str>, destination: &str) -> HeaderMap {
        let header = |name, text: &str| (name, HeaderValue::from_str(text).unwrap());
        let mut headers = HeaderMap::from_iter([
            header(SEC_FETCH_DEST, destination),
            header(HOST, "inside.example:3000"),
        ]);
        headers.extend(referer.map(|referer| header(REFERER, referer)));
        headers
    }

    #[test]
    fn a_page_that_is_not_allowed_is_reported_by_its_origin_alone() {
        for (referer, expected) in [
            ("https://other.example/", "https://other.example"),
            ("https://other.example", "https://other.example"),
            ("https://OTHER.example:443/", "https://other.example"),
            ("https://other.example:8443/", "https://other.example:8443"),
            ("http://[2001:db8::1]:3000/", "http://[2001:db8::1]:3000"),
            (
                "https://other.example/orders/7?customer=Dana#total",
                "https://other.example",
            ),
            // An allowed name over another scheme or at another port is another origin.
            ("http://www.example.com/", "http://www.example.com"),
            ("https://shop.example/", "https://shop.example"),
            (
                "https://www.example.com.other.example/",
                "https://www.example.com.other.example",
            ),
        ] {
            assert_eq!(reported(referer).as_deref(), Some(expected), "{referer}");
        }
    }

    #[test]
    fn allowed_pages_and_our_own_are_not_reported() {
        for referer in [
            "https://www.example.com/help?topic=lamps",
            "https://WWW.example.com:443/",
            "https://shop.example:8443/",
            "https://desk.example.com/chat/care",
            "http://inside.example:3000/chat/care",
        ] {
            assert_eq!(reported(referer), None, "{referer}");
        }
    }

    #[test]
    fn what_names_no_page_of_the_web_is_not_reported() {
        let long = format!("https://{}.example/", "x".repeat(ORIGIN_MAX));
        for referer in [
            "",
            "null",
            "about:blank",
            "other.example",
            "/chat/care",
            "ftp://other.example/",
            "https://",
            "https://:443/",
            "https://other.example:/",
            "https://other.example:70000/",
            "https://somebody@other.example/",
            "https://other example/",
            "https://other.example\tWARN a line of its own",
            &long,
        ] {
            assert_eq!(reported(referer), None, "{referer:?}");
        }
    }

    #[test]
    fn only_a_frame_that_says_where_it_is_shown_is_reported() {
        let page = Some("https://other.example/");
        let reported = |headers: &HeaderMap| stranger(headers, &[], None);
        assert!(reported(&framed(page, "iframe")).is_some());
        assert_eq!(reported(&framed(page, "document")), None);
        assert_eq!(reported(&framed(None, "iframe")), None);
        let mut unnamed = framed(page, "iframe");
        unnamed.remove(SEC_FETCH_DEST);
        assert_eq!(reported(&unnamed), None);
        let mut behind_proxy = framed(page, "iframe");
        behind_proxy.insert(FORWARDED_HOST, HeaderValue::from_static("other.example"));
        assert_eq!(reported(&behind_proxy), None);
        let several = HeaderValue::from_static("other.example, inside.example");
        behind_proxy.insert(FORWARDED_HOST, several);
        assert_eq!(reported(&behind_proxy), None);
        let mut unreadable = framed(None, "iframe");
        let bytes = HeaderValue::from_bytes(b"https://other.example/\xff");
        unreadable.insert(REFERER, bytes.unwrap());
        assert_eq!(reported(&unreadable), None);
    }
}
