//! A browser that fills in forms and keeps cookies, as it is used before anybody is signed in.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::{Method, Request};
use serde_json::{Value, json};

use super::support::Host;

/// A browser with its cookies.
pub struct Browser<'a> {
    pub host: &'a Host,
    pub cookies: BTreeMap<String, String>,
    /// What it calls the host.
    address: Option<&'static str>,
}

/// What a page or a form was answered with.
#[derive(Debug)]
pub struct Shown {
    pub status: u16,
    /// Where it leads to, if it leads elsewhere.
    pub to: String,
    pub body: String,
}

impl<'a> Browser<'a> {
    pub fn new(host: &'a Host) -> Self {
        Self {
            host,
            cookies: BTreeMap::new(),
            address: None,
        }
    }

    /// One that calls the host so.
    pub fn at(host: &'a Host, address: &'static str) -> Self {
        Self {
            address: Some(address),
            ..Self::new(host)
        }
    }

    pub fn has(&self, cookie: &str) -> bool {
        self.cookies.contains_key(cookie)
    }

    pub async fn get(&mut self, path: &str) -> Shown {
        self.send(Method::GET, path, None).await
    }

    pub async fn head(&mut self, path: &str) -> Shown {
        self.send(Method::HEAD, path, None).await
    }

    pub async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        self.send(Method::POST, path, Some(body)).await
    }

    /// Sends a form of a page, and goes on to where the page says that it was saved.
    pub async fn fill(&mut self, page: &str, fields: &[(&str, &str)]) -> Shown {
        let sent = self.form(page, fields).await;
        match sent.to.split(['?', '#']).next() == Some(page) {
            true => self.get(&sent.to).await,
            false => sent,
        }
    }

    pub async fn sign_in(&mut self, username: &str, password: &str) -> Shown {
        let fields = [("username", username), ("password", password)];
        self.form("/login", &fields).await
    }

    /// The status with which a server function that is for everybody is answered.
    pub async fn call_status(&self) -> u16 {
        self.call("directory/people_list", json!({})).await
    }

    /// The status with which a server function is answered.
    pub async fn call(&self, function: &str, input: Value) -> u16 {
        let request = Request::post(format!("/api/app/api/{function}"))
            .header(CONTENT_TYPE, "application/json")
            .header(COOKIE, self.cookie_header())
            .body(Body::from(input.to_string()))
            .expect("a request");
        self.host.request(request).await.status().as_u16()
    }

    fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    async fn send(&mut self, method: Method, path: &str, form: Option<String>) -> Shown {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(COOKIE, self.cookie_header());
        if let Some(address) = self.address {
            request = request.header(HOST, address);
        }
        if form.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Body::from(form.unwrap_or_default()));
        let response = self.host.request(request.expect("a request")).await;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.contains("; HttpOnly"), "{cookie}");
            let (pair, _) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            match value {
                "" => drop(self.cookies.remove(name)),
                value => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        let to = response.headers().get(LOCATION);
        let to = to.map(|to| to.to_str().expect("text").to_owned());
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 4 << 20).await;
        Shown {
            status,
            to: to.unwrap_or_default(),
            body: String::from_utf8_lossy(&body.expect("a body")).into_owned(),
        }
    }
}
