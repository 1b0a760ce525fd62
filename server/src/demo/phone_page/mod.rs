//! `/demo/phone`: a phone for those who try the demo. It shows what the contact centre answers, with how far each text
//! has come, and writes back through the stand-ins. A program without them has no such page.

mod view;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRef, Query, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::{Stream, stream};
use i18n::{Language, t};
use serde::Deserialize;
use shared::error::{AppError, Problem};
use shared::phone::{PHONE_NUMBER_MAX, PhoneNumber};
use shared::text::MessageText;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use self::view::View;
use super::phones::{Phone, PhoneId, Service};
use super::stand_ins::StandIns;
use crate::desk::Desk;
use crate::http::forms::{PageForm, PageQuery};
use crate::http::routes::Routes;

/// The page's address.
pub const PATH: &str = "/demo/phone";
/// Where it hears that something has changed.
const LIVE: &str = "/demo/phone/live";
/// As for the customers' page: everything comes from this host, and nothing is inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// How many pages may follow their phones at once.
const STREAMS: usize = 64;
/// How many digits a number has with its country code.
const PHONE_DIGITS_MIN: usize = 7;
const PHONE_DIGITS_MAX: usize = 15;
/// The numbers that are offered to somebody who needs one: nobody has them.
const OFFERED: (usize, &str) = (201, "+447700900");

/// What the handlers know.
#[derive(Clone)]
struct Page {
    stand_ins: StandIns,
    /// How many numbers were offered.
    offers: Arc<AtomicUsize>,
    streams: Arc<Semaphore>,
    closing: watch::Receiver<bool>,
}

impl FromRef<Page> for Desk {
    fn from_ref(page: &Page) -> Self {
        page.stand_ins.desk().clone()
    }
}

/// Which phone. What is none is said in words, so nothing here is refused by its form.
#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    service: String,
    #[serde(default)]
    number: String,
}

/// What is done with it.
#[derive(Deserialize)]
struct Act {
    #[serde(flatten)]
    wanted: Wanted,
    #[serde(default)]
    act: String,
    #[serde(default)]
    text: String,
    /// Under which a text is written once; none from a page of an earlier release.
    #[serde(default)]
    key: String,
}

/// The routes of the page. `closing` turns true when the process is about to end.
pub fn router(stand_ins: StandIns, closing: watch::Receiver<bool>) -> Routes {
    Routes::new()
        .route(PATH, get(show).post(act))
        .route(LIVE, get(live))
        .with_state(Page {
            stand_ins,
            offers: Arc::default(),
            streams: Arc::new(Semaphore::new(STREAMS)),
            closing,
        })
}

/// A phone, or the phones that there are. Looking makes none.
async fn show(
    State(page): State<Page>,
    PageQuery(wanted): PageQuery<Wanted>,
    headers: HeaderMap,
) -> Response {
    let view = page.view(&headers);
    if wanted.number.is_empty() && wanted.service.is_empty() {
        return html(StatusCode::OK, view.list(&page.offered(), None));
    }
    match page.phone_find(&wanted).await {
        Ok((id, phone)) => {
            let document = view.phone(&id, &phone, page.stand_ins.known_as(&id), None);
            html(StatusCode::OK, document)
        }
        Err(refused) => page.refuse(&view, &wanted, refused),
    }
}

/// Writes a text, or switches the phone.
async fn act(
    State(page): State<Page>,
    headers: HeaderMap,
    PageForm(form): PageForm<Act>,
) -> Response {
    let view = page.view(&headers);
    match page.done(&view, &form).await {
        Ok(response) => response,
        Err(refused) => page.refuse(&view, &form.wanted, refused),
    }
}

/// An event whenever something stands on the phone that did not.
async fn live(State(page): State<Page>, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    let Ok(Query(wanted)) = wanted else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok((id, phone)) = page.phone_find(&wanted).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok(permit) = Arc::clone(&page.streams).try_acquire_owned() else {
        let wait = [(RETRY_AFTER, "10")];
        return (StatusCode::TOO_MANY_REQUESTS, wait).into_response();
    };
    let follower = Follower {
        changes: page.stand_ins.phones().changes(),
        page,
        id,
        shown: phone,
        _permit: permit,
    };
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    let mut response = Sse::new(follower.events())
        .keep_alive(alive)
        .into_response();
    let headers = response.headers_mut();
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Follows one phone.
struct Follower {
    page: Page,
    id: PhoneId,
    shown: Phone,
    changes: watch::Receiver<()>,
    _permit: OwnedSemaphorePermit,
}

impl Follower {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut follower| async move {
            follower.changed().await?;
            let event = Event::default().event("changed").data("{}");
            Some((Ok(event), follower))
        })
    }

    /// Nothing when the process ends.
    async fn changed(&mut self) -> Option<()> {
        loop {
            tokio::select! {
                changed = self.changes.changed() => changed.ok()?,
                _ = self.page.closing.wait_for(|closing| *closing) => return None,
            }
            let phones = self.page.stand_ins.phones();
            // Nobody has used one that is not there.
            let Some(now) = phones.find(&self.id) else {
                continue;
            };
            if (now.off, &now.texts) != (self.shown.off, &self.shown.texts) {
                self.shown = now;
                return Some(());
            }
        }
    }
}

/// Why there is no such phone.
enum Refused {
    /// What was typed is no number or no service.
    Invalid(AppError),
    /// There are as many phones as there may be.
    Full,
    /// The database cannot be read.
    Unavailable(AppError),
}

impl Page {
    fn view(&self, headers: &HeaderMap) -> View {
        let accepted = headers.get(ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        View {
            language: accepted.and_then(Language::accepted).unwrap_or_default(),
            phones: self.stand_ins.phones().list(),
            key: self.stand_ins.desk().ids().next(),
            now: self.stand_ins.desk().clock().now(),
        }
    }

    async fn phone_find(&self, wanted: &Wanted) -> Result<(PhoneId, Phone), Refused> {
        let id = phone_id(wanted).map_err(Refused::Invalid)?;
        let phone = self.stand_ins.phone_find(&id).await;
        Ok((id, phone.map_err(Refused::Unavailable)?))
    }

    /// Keeps a phone with which something is done.
    async fn keep(&self, id: &PhoneId) -> Result<(), Refused> {
        let phone = self.stand_ins.phone(id).await;
        let phone = phone.map_err(Refused::Unavailable)?;
        phone.map(|_| ()).ok_or(Refused::Full)
    }

    async fn done(&self, view: &View, form: &Act) -> Result<Response, Refused> {
        let (id, phone) = self.phone_find(&form.wanted).await?;
        match form.act.as_str() {
            "off" | "on" => {
                self.keep(&id).await?;
                self.stand_ins.phones().switch(&id, form.act == "off");
            }
            _ => {
                let text = match MessageText::parse(&form.text) {
                    Ok(text) => text,
                    Err(error) => {
                        let known_as = self.stand_ins.known_as(&id);
                        let why = i18n::error_text(view.language, &error);
                        let typed = Some((form.text.as_str(), why.as_str()));
                        let document = view.phone(&id, &phone, known_as, typed);
                        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, document));
                    }
                };
                self.keep(&id).await?;
                if self.stand_ins.phones().take(&id, &form.key, text.as_str()) {
                    self.write(id.clone(), text).await;
                }
            }
        }
        Ok((StatusCode::SEE_OTHER, [(LOCATION, address(&id))]).into_response())
    }

    /// Writes a text. A browser that goes away in between sends it again under a key that was taken: it is written all the same.
    async fn write(&self, id: PhoneId, text: MessageText) {
        self.stand_ins.phones().hold(&id);
        let stand_ins = self.stand_ins.clone();
        let written = tokio::spawn(async move { stand_ins.write(&id, text.as_str()).await });
        // One that was not taken stands on the phone and says so.
        let _ = written.await;
    }

    /// A number that no phone has yet. Each time it is another one, because a phone that is only looked at is not kept.
    fn offered(&self) -> String {
        let taken = self.stand_ins.phones().list();
        let (first, prefix) = OFFERED;
        let count = 1_000 - first;
        let offers = self.offers.fetch_add(1, Ordering::Relaxed) % count;
        let ends = (0..count).map(|place| first + (offers + place) % count);
        let mut numbers = ends.map(|end| format!("{prefix}{end}"));
        let is = |id: &PhoneId, number: &str| number.ends_with(id.number.trim_start_matches('+'));
        let free = numbers.find(|number| !taken.iter().any(|(id, _)| is(id, number)));
        free.unwrap_or_default()
    }

    fn refuse(&self, view: &View, wanted: &Wanted, refused: Refused) -> Response {
        let (status, why) = match refused {
            Refused::Invalid(error) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                i18n::error_text(view.language, &error),
            ),
            Refused::Full => (
                StatusCode::TOO_MANY_REQUESTS,
                t!(view.language, phone.full).to_owned(),
            ),
            Refused::Unavailable(error) => (
                StatusCode::SERVICE_UNAVAILABLE,
                i18n::error_text(view.language, &error),
            ),
        };
        html(status, view.list(&wanted.number, Some(&why)))
    }
}

/// Whose phone: a number with its country code, as networks write it. Where the service knows no numbers, the digits of what is
/// typed are what the vendor calls its owner.
fn phone_id(wanted: &Wanted) -> Result<PhoneId, AppError> {
    let service = Service::from_code(&wanted.service);
    let service = service.ok_or_else(|| AppError::invalid("service", Problem::NoneChosen))?;
    let typed = PhoneNumber::parse(&wanted.number)?;
    let number = typed.as_str();
    let (number, digits, max) = match service.knows_numbers() {
        true => (number, number.strip_prefix('+'), PHONE_DIGITS_MAX),
        false => {
            let digits = number.trim_start_matches('+');
            (digits, Some(digits), PHONE_NUMBER_MAX)
        }
    };
    let plain = |digits: &str| {
        (PHONE_DIGITS_MIN..=max).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits.is_some_and(plain) {
        let (min, max) = (PHONE_DIGITS_MIN as i64, max as i64);
        let form = Problem::PhoneNumberForm { min, max };
        return Err(AppError::invalid("number", form));
    }
    Ok(PhoneId::new(service, number))
}

/// Where a phone is shown.
fn address(id: &PhoneId) -> String {
    format!("{PATH}?{}", query(id))
}

fn query(id: &PhoneId) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("service", id.service.code())
        .append_pair("number", &id.number)
        .finish()
}

fn html(status: StatusCode, document: String) -> Response {
    let policy = HeaderValue::from_static(POLICY);
    (status, [(CONTENT_SECURITY_POLICY, policy)], Html(document)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(service: &str, number: &str) -> Wanted {
        Wanted {
            service: service.to_owned(),
            number: number.to_owned(),
        }
    }

    #[test]
    fn a_number_is_taken_as_people_write_it_and_needs_its_country() {
        let id = phone_id(&wanted("sms", "+44 7700 900-142")).unwrap();
        assert_eq!(
            (id.service, id.number.as_str()),
            (Service::Sms, "+447700900142")
        );
        assert_eq!(
            address(&id),
            "/demo/phone?service=sms&number=%2B447700900142"
        );
        let id = phone_id(&wanted("messenger", "+44 7700 900-142")).unwrap();
        assert_eq!(id, PhoneId::new(Service::Messenger, "447700900142"));
        let id = phone_id(&wanted("instagram", "6543217890123456")).unwrap();
        assert_eq!(
            address(&id),
            "/demo/phone?service=instagram&number=6543217890123456"
        );
        for (service, number) in [
            ("sms", "07700 900142"),
            ("sms", "+44"),
            ("sms", "+12*34567890"),
            ("sms", "<b>"),
            ("sms", ""),
            ("messenger", "12*34567890"),
            ("messenger", "123456"),
            ("whatsapp_meta", "6543217890123456"),
            ("fax", "+447700900142"),
        ] {
            let refused = phone_id(&wanted(service, number));
            assert!(
                matches!(refused, Err(AppError::Invalid { .. })),
                "{service} {number}"
            );
        }
    }
}
