//! Forms and addresses of the host's own pages, as extractors: what cannot be read is answered with a page in the reader's language.
//! axum would answer with a sentence of its own.

use app::backend::ApiResult;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, FromRef, FromRequest, FromRequestParts, Multipart, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use i18n::{Language, t};
use maud::html;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use shared::error::{AppError, ConflictCause, Problem};
use shared::ids::{CommandKey, ID_MAX, TeamId};

use super::SignedIn;
use super::is_media_type;
use super::language::language_for;
use super::plain_page::plain_page;
use crate::desk::Desk;

/// The fields of a form or an address, in their order.
pub(crate) type Fields = Vec<(String, String)>;

/// The first value of a field of a form.
pub(crate) fn value<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value)
}

/// The key of a form's command.
pub(crate) fn key_of(fields: &[(String, String)]) -> ApiResult<CommandKey> {
    let problem = Problem::KeyForm { max: ID_MAX as i64 };
    CommandKey::parse(value(fields, "key")).map_err(|_| AppError::invalid("key", problem))
}

/// The one team that a form names, if it names one.
pub(crate) fn team_of(fields: &[(String, String)]) -> ApiResult<Option<TeamId>> {
    match value(fields, "team") {
        "" => Ok(None),
        team => match TeamId::parse(team) {
            Ok(team) => Ok(Some(team)),
            Err(_) => Err(AppError::invalid("team", Problem::NotATeam)),
        },
    }
}

/// The version that a form starts from: the one that it was sent with before, else the one that is stored.
pub(crate) fn version_of(sent: &str, stored: i64) -> String {
    match sent {
        "" => stored.to_string(),
        sent => sent.to_owned(),
    }
}

/// Whether somebody else has saved the same thing since the form was opened.
pub(crate) fn is_overtaken(error: &AppError) -> bool {
    matches!(
        error,
        AppError::Conflict {
            cause: ConflictCause::EditedMeanwhile { .. }
        }
    )
}

/// What stands in a field of a form.
pub(crate) enum Stands {
    /// One value, in words.
    Text(String),
    /// The values that are chosen of several: what the form sends for each, and its label. Each is compared as a field of its own.
    Chosen(Vec<(String, String)>),
    /// A text in which each line is a value, and their order means nothing. Each is compared as a field of its own.
    Lines(Vec<String>),
}

impl Stands {
    /// The lines of a text, each once, without those that are empty.
    pub(crate) fn lines(text: &str) -> Self {
        let mut lines: Vec<String> = Vec::new();
        let typed = text.lines().map(str::trim);
        for line in typed.filter(|line| !line.is_empty()) {
            if !lines.iter().any(|known| known == line) {
                lines.push(line.to_owned());
            }
        }
        Self::Lines(lines)
    }

    /// All of it in words.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Chosen(values) => {
                let labels = values.into_iter().map(|(_, label)| label);
                labels.collect::<Vec<String>>().join(", ")
            }
            Self::Lines(lines) => lines.join("\n"),
        }
    }

    /// What each value of a field that has several is compared as, and its label.
    fn several(&self) -> Vec<(&str, &str)> {
        match self {
            Self::Text(_) => Vec::new(),
            Self::Chosen(values) => {
                let values = values.iter();
                values
                    .map(|(value, label)| (&value[..], &label[..]))
                    .collect()
            }
            Self::Lines(lines) => lines.iter().map(|line| (&line[..], &line[..])).collect(),
        }
    }

    /// The digest of a text, or a dash and the digest of each of several values.
    fn digest(&self) -> String {
        if let Self::Text(text) = self {
            return digest(text);
        }
        let digests = self.several().into_iter().map(|(value, _)| digest(value));
        let mut digests: Vec<String> = digests.collect();
        digests.sort_unstable();
        format!("-{}", digests.join("-"))
    }
}

impl From<String> for Stands {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Stands {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The fields of a form in the order of the page: what the form calls each, its label, and what stands in it.
pub(crate) type Words = Vec<(&'static str, &'static str, Stands)>;

/// What a form sends of its fields that have one value.
pub(crate) type Values = Vec<(&'static str, String)>;

/// What a form was first shown with, field by field, as it keeps it beside its version: what it was sent with before, else what is
/// stored. Digests are short, and enough to see which fields somebody else has changed.
pub(crate) fn base_digests(sent: &str, stored: &Words) -> String {
    if !sent.is_empty() {
        return sent.to_owned();
    }
    let fields = stored.iter().map(|(.., stands)| stands.digest());
    fields.collect::<Vec<String>>().join(".")
}

/// A text as it is compared: browsers end the lines of a form in two signs.
fn plain(text: &str) -> String {
    text.trim().replace("\r\n", "\n")
}

fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(plain(text).as_bytes())[..8])
}

/// What a form keeps of [`base_digests`].
struct Base<'a>(Vec<&'a str>);

impl<'a> Base<'a> {
    /// That of these fields. A form of the release before keeps nothing, or has other fields.
    fn of(kept: &'a str, fields: &Words) -> Self {
        let digests: Vec<&str> = kept.split('.').collect();
        let mut both = digests.iter().zip(fields);
        let alike = both.all(|(digest, (.., stands))| {
            digest.starts_with('-') != matches!(stands, Stands::Text(_))
        });
        match digests.len() == fields.len() && alike {
            true => Self(digests),
            false => Self(Vec::new()),
        }
    }

    fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether the form was shown with this text in the field at this place.
    fn had(&self, place: usize, text: &str) -> bool {
        self.0.get(place).is_some_and(|kept| *kept == digest(text))
    }

    /// Whether the form was shown with this one of several values in the field at this place; nothing where that is not known.
    fn chose(&self, place: usize, value: &str) -> Option<bool> {
        let (kept, value) = (self.0.get(place)?, digest(value));
        Some(kept.split('-').any(|kept| kept == value))
    }
}

/// Whether the sender of a form left everything as the form was shown.
pub(crate) fn is_untouched(base: &str, typed: &Words) -> bool {
    !base.is_empty() && base == base_digests("", typed)
}

fn has(values: &[(&str, &str)], value: &str) -> bool {
    values.iter().any(|(known, _)| *known == value)
}

/// The values that stand in either form of a field, each once.
fn in_either<'a>(
    typed: &[(&'a str, &'a str)],
    stored: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let others = typed.iter().filter(|(value, _)| !has(stored, value));
    stored.iter().chain(others).copied().collect()
}

/// What somebody else has changed since a form was shown and its sender has otherwise, as sentences. `base` is what the form keeps of
/// [`base_digests`]; without it everything counts as changed that its sender wants otherwise.
pub(crate) fn stored_now(language: Language, base: &str, typed: &Words, stored: &Words) -> String {
    let mut sentences = String::new();
    let base = Base::of(base, stored);
    let mut say = |sentence: &str| {
        sentences.push(' ');
        sentences.push_str(sentence);
    };
    let fields = typed.iter().zip(stored).enumerate();
    for (place, ((_, label, typed), (.., stored))) in fields {
        match (typed, stored) {
            (Stands::Text(typed), Stands::Text(stored)) => {
                let (typed, stored) = (plain(typed), plain(stored));
                if base.had(place, &stored) || typed == stored {
                    continue;
                }
                say(&match stored.is_empty() {
                    true => t!(language, forms.now_empty, field = *label),
                    false => t!(language, forms.now, field = *label, value = stored),
                });
            }
            _ => {
                let (wanted, now) = (typed.several(), stored.several());
                for (value, name) in in_either(&wanted, &now) {
                    let is = has(&now, value);
                    if base.chose(place, value) == Some(is) || has(&wanted, value) == is {
                        continue;
                    }
                    say(&match (stored, is) {
                        (Stands::Lines(_), true) => {
                            t!(language, forms.now_with, field = *label, value = value)
                        }
                        (Stands::Lines(_), false) => {
                            t!(language, forms.now_without, field = *label, value = value)
                        }
                        (_, is) => {
                            let now = switched(language, is);
                            t!(language, forms.now, field = name, value = now)
                        }
                    });
                }
            }
        }
    }
    sentences
}

/// Puts what is stored by now into those fields of a form that its sender left alone, so that sending it once more takes nothing back
/// that somebody else has changed. Of several values each is kept alone. `values` is what the form of the stored thing would send.
pub(crate) fn keep_stored(
    fields: &mut Fields,
    base: &str,
    (typed, stored): (&Words, &Words),
    values: &Values,
) {
    let base = Base::of(base, stored);
    let both = typed.iter().zip(stored).enumerate();
    for (place, ((name, _, typed), (.., stored))) in both {
        let kept: Vec<String> = match (typed, stored) {
            (Stands::Text(typed), _) if base.had(place, typed) => {
                let values = values.iter().filter(|(known, _)| known == name);
                values.map(|(_, value)| value.clone()).collect()
            }
            (Stands::Chosen(_), Stands::Chosen(_)) if base.is_known() => {
                several_kept(&base, place, (typed, stored))
            }
            (Stands::Lines(_), Stands::Lines(_)) if base.is_known() => {
                vec![several_kept(&base, place, (typed, stored)).join("\n")]
            }
            _ => continue,
        };
        fields.retain(|(field, _)| field != *name);
        fields.extend(kept.into_iter().map(|value| ((*name).to_owned(), value)));
    }
}

/// Of several values those that stand in the field once its sender has read what somebody else changed.
fn several_kept(base: &Base<'_>, place: usize, (typed, stored): (&Stands, &Stands)) -> Vec<String> {
    let (wanted, now) = (typed.several(), stored.several());
    let values = in_either(&wanted, &now).into_iter().map(|(value, _)| value);
    let kept = values.filter(|value| {
        let wants = has(&wanted, value);
        match base.chose(place, value) == Some(wants) {
            true => has(&now, value),
            false => wants,
        }
    });
    kept.map(str::to_owned).collect()
}

/// What a switch says in words.
pub(crate) fn switched(language: Language, on: bool) -> &'static str {
    match on {
        true => t!(language, forms.on),
        false => t!(language, forms.off),
    }
}

/// A field that holds what no form of ours sends.
pub(crate) fn unreadable(field: &str, text: &str) -> AppError {
    let detail = text.chars().take(40).collect();
    AppError::invalid(field, Problem::Unreadable { detail })
}

/// The fields of a form.
pub(crate) struct PageForm<T>(pub(crate) T);

impl<S, T> FromRequest<S> for PageForm<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
    Desk: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        let form: Result<Form<T>, FormRejection> = Form::from_request(request, state).await;
        match form {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(refused) => Err(unreadable_page(refused.status(), &parts, state).await),
        }
    }
}

/// The parts of a form that may bring a file: the name of each, and its content.
pub(crate) struct PageParts(pub(crate) Vec<(String, Vec<u8>)>);

impl<S> FromRequest<S> for PageParts
where
    S: Send + Sync,
    Desk: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts.clone(), body);
        match parts_of(request, state).await {
            Ok(found) => Ok(Self(found)),
            Err(status) => Err(unreadable_page(status, &parts, state).await),
        }
    }
}

/// The parts of a form, or the status of the refusal.
async fn parts_of<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Vec<(String, Vec<u8>)>, StatusCode> {
    if !is_media_type(request.headers(), "multipart/form-data") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let form = Multipart::from_request(request, state).await;
    let mut form = form.map_err(|refused| refused.status())?;
    let mut found = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| error.status())? {
        let name = field.name().unwrap_or_default().to_owned();
        let content = field.bytes().await.map_err(|error| error.status())?;
        found.push((name, content.into()));
    }
    Ok(found)
}

/// The fields of an address.
pub(crate) struct PageQuery<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for PageQuery<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
    Desk: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        match query {
            Ok(Query(fields)) => Ok(Self(fields)),
            Err(refused) => Err(unreadable_page(refused.status(), parts, state).await),
        }
    }
}

async fn unreadable_page<S>(status: StatusCode, parts: &Parts, state: &S) -> Response
where
    Desk: FromRef<S>,
{
    let signed_in = parts.extensions.get::<Option<SignedIn>>();
    let signed_in = signed_in.and_then(Option::as_ref);
    let user = signed_in.map(|signed_in| &signed_in.actor.id);
    let language = language_for(user, &parts.headers, &Desk::from_ref(state)).await;
    let (title, line) = (t!(language, forms.title), t!(language, forms.line));
    let mut response = refusal_page(language, title, line, parts.uri.path());
    *response.status_mut() = status;
    response
}

/// A page that says why a request came to nothing, and leads back to a page.
pub(super) fn refusal_page(language: Language, title: &str, line: &str, back: &str) -> Response {
    let main = html! {
        main class="page" {
            div class="empty" {
                h1 class="empty__title" { (title) }
                p class="empty__line" { (line) }
                a class="button" href=(back) { (t!(language, forms.again)) }
            }
        }
    };
    plain_page(language, title, &main)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(name: &str, minutes: &str, team: &str) -> Words {
        vec![
            ("name", "Name", name.into()),
            ("minutes", "Minutes", minutes.into()),
            ("team", "Team", team.into()),
        ]
    }

    /// A role with these of its permissions.
    fn role(name: &str, permissions: &[&str]) -> Words {
        let permissions = permissions.iter();
        let permissions = permissions.map(|code| ((*code).to_owned(), code.to_uppercase()));
        vec![
            ("name", "Name", name.into()),
            (
                "permission",
                "Permissions",
                Stands::Chosen(permissions.collect()),
            ),
        ]
    }

    #[test]
    fn e03_of_several_values_each_is_named_and_kept_alone() {
        let base = base_digests("", &role("Late", &["handle", "peek", "end"]));
        // The sender adds one and takes one away; somebody else takes another away, and adds another.
        let typed = role("Late", &["handle", "peek", "audit"]);
        let stored = role("Late", &["handle", "assign", "end"]);
        let now = stored_now(Language::En, &base, &typed, &stored);
        assert_eq!(now, " ASSIGN: now “On”. PEEK: now “Off”.");
        let fields = [
            ("name", "Late"),
            ("permission", "handle"),
            ("permission", "peek"),
            ("permission", "audit"),
        ];
        let sent: Fields = fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let values = vec![("name", "Late".to_owned())];
        let mut kept = sent.clone();
        keep_stored(&mut kept, &base, (&typed, &stored), &values);
        let chosen = kept.iter().filter(|(name, _)| name == "permission");
        let chosen: Vec<&str> = chosen.map(|(_, code)| code.as_str()).collect();
        assert_eq!(chosen, ["handle", "assign", "audit"]);
        // A form of the release before keeps one digest of all of them.
        let old = format!("{0}.{0}", digest("Late"));
        let mut kept = sent.clone();
        keep_stored(&mut kept, &old, (&typed, &stored), &values);
        assert_eq!(kept, sent);
        let now = stored_now(Language::En, &old, &typed, &stored);
        let all = " ASSIGN: now “On”. END: now “On”. PEEK: now “Off”. AUDIT: now “Off”.";
        assert_eq!(now, all);
    }

    /// A channel with a name and these lines.
    fn channel(lines: &str) -> Words {
        vec![
            ("name", "Name", "Care".into()),
            ("origins", "Origins", Stands::lines(lines)),
        ]
    }

    #[test]
    fn e03_of_a_text_whose_lines_are_values_each_is_named_and_kept_alone() {
        let base = base_digests("", &channel("a\nb\nc"));
        // The sender adds one, takes one away and sorts the rest; somebody else takes another away, and adds another.
        let typed = channel("d\r\nb\r\n\r\n a \r\nb");
        let stored = channel("b\nc\ne");
        let now = stored_now(Language::En, &base, &typed, &stored);
        assert_eq!(now, " Origins: now with “e”. Origins: now without “a”.");
        let values = vec![
            ("name", "Care".to_owned()),
            ("origins", "b\nc\ne".to_owned()),
        ];
        let sent = || -> Fields {
            let fields = [("name", "Care"), ("origins", "d\r\nb\r\n\r\n a \r\nb")];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            fields.to_vec()
        };
        let mut kept = sent();
        keep_stored(&mut kept, &base, (&typed, &stored), &values);
        assert_eq!(value(&kept, "origins"), "b\ne\nd");
        // The order means nothing, and who changed nothing has changed nothing.
        assert!(is_untouched(&base, &channel("c\nb\na\nc")));
        assert!(!is_untouched(&base, &channel("a\nb")));
        // Both want the same.
        let both = stored_now(
            Language::En,
            &base,
            &channel("e\na\nb\nc"),
            &channel("a\nb\nc\ne"),
        );
        assert_eq!(both, "");
        // A form of the release before keeps one digest of the whole text.
        let old = format!("{}.{}", digest("Care"), digest("a\nb\nc"));
        let mut kept = sent();
        keep_stored(&mut kept, &old, (&typed, &stored), &values);
        assert_eq!(kept, sent());
        let now = stored_now(Language::En, &old, &typed, &stored);
        let all = " Origins: now with “c”. Origins: now with “e”. Origins: now without “d”. Origins: now without “a”.";
        assert_eq!(now, all);
    }

    #[test]
    fn e03_a_form_is_untouched_where_everything_is_as_it_was_shown() {
        let base = base_digests("", &role("Late", &["handle", "peek"]));
        assert!(is_untouched(&base, &role(" Late", &["peek", "handle"])));
        assert!(!is_untouched(&base, &role("Later", &["handle", "peek"])));
        assert!(!is_untouched(&base, &role("Late", &["handle"])));
        assert!(!is_untouched(&base, &role("Late", &[])));
        assert!(!is_untouched("", &Words::new()));
    }

    #[test]
    fn e03_what_somebody_else_changed_is_named_and_what_nobody_or_the_sender_alone_changed_is_not()
    {
        let words = words_of;
        let base = base_digests("", &words("Late", "5", "Care"));
        // The sender wants 7 minutes; somebody else renamed it, and both left the team alone.
        let (typed, stored) = (words("Late", "7", "Care"), words("Later", "5", "Care"));
        let now = stored_now(Language::En, &base, &typed, &stored);
        assert_eq!(now, " Name: now “Later”.");
        // Both changed the minutes, and to the same name.
        let (typed, stored) = (words("Later", "7", "Care"), words("Later", "9", " "));
        let now = stored_now(Language::En, &base, &typed, &stored);
        assert_eq!(now, " Minutes: now “9”. Team: now empty.");
        // A form of the release before keeps nothing.
        let (typed, stored) = (words("Late", "7", "Care"), words("Later", "5", "Care"));
        let now = stored_now(Language::En, "", &typed, &stored);
        assert_eq!(now, " Name: now “Later”. Minutes: now “5”.");
        // What was sent stands in the form that is shown once more.
        assert_eq!(base_digests(&base, &stored), base);
        // Lines end in two signs where a browser sends them.
        let base = base_digests("", &words("Late", "5\n6", "Care"));
        let (typed, stored) = (
            words("Mine", "5\r\n6", "Care"),
            words("Late", "5\n6", "Care"),
        );
        assert_eq!(stored_now(Language::En, &base, &typed, &stored), "");
    }

    #[test]
    fn e03_a_field_that_the_sender_left_alone_takes_what_is_stored_by_now() {
        let base = base_digests("", &words_of("Late", "5", "Care"));
        let typed = words_of("Mine", "5", "Care");
        let stored = words_of("Theirs", "9", "Sales");
        let sent = || -> Fields {
            let fields = [("name", "Mine"), ("minutes", "5"), ("team", "care")];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            fields.to_vec()
        };
        let values = || -> Values {
            let values = [("name", "Theirs"), ("minutes", "9"), ("team", "sales")];
            let values = values.map(|(name, value)| (name, value.to_owned()));
            values.to_vec()
        };
        let mut fields = sent();
        keep_stored(&mut fields, &base, (&typed, &stored), &values());
        assert_eq!(value(&fields, "name"), "Mine");
        assert_eq!(value(&fields, "minutes"), "9");
        assert_eq!(value(&fields, "team"), "sales");
        // Nobody knows what a form was shown with that keeps nothing, or had other fields.
        for base in ["", "1a2b.3c4d"] {
            let mut fields = sent();
            keep_stored(&mut fields, base, (&typed, &stored), &values());
            assert_eq!(fields, sent(), "{base}");
        }
    }
}
