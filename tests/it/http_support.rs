//! How do tests talk to the router: a house with demo accounts in its own folder, a cookie per role, answers read whole.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{Cursor, Read};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use zhilu::app::{App, Options, Policy, Upload, Who, city, demo_data};
use zhilu::config::Config;

/// Reads a file of tickets whole into an open program: dry run, commit of the good rows.
pub(crate) async fn import(app: &Arc<App>, file_name: &str, bytes: impl Into<Vec<u8>>) {
    let who = Who::system("test");
    let upload = Upload {
        file_name: file_name.to_owned(),
        ..Upload::default()
    };
    let file = Box::new(Cursor::new(bytes.into()));
    let staged = app.stage(&who, upload, file).await.unwrap();
    app.wait(staged.job).await.unwrap();
    let job = app
        .commit_import(&who, staged.id, Policy::GoodRows)
        .await
        .unwrap();
    let done = app.wait(job).await.unwrap();
    assert_eq!(done.state, "done", "{}", done.message);
}

/// An open program behind its router.
pub(crate) struct House {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    pub(crate) folder: TempDir,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as it was before gzip.
    pub(crate) fn unpacked(&self) -> Vec<u8> {
        if !self.body.starts_with(&[0x1f, 0x8b]) {
            return self.body.clone();
        }
        let mut plain = Vec::new();
        GzDecoder::new(&self.body[..])
            .read_to_end(&mut plain)
            .unwrap();
        plain
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl House {
    /// A demo house: one account per role, officers and squad leaders in `unit`.
    pub(crate) async fn open(units: &[&str]) -> Self {
        Self::with(units, |_| {}).await
    }

    /// The same with other options.
    pub(crate) async fn with(units: &[&str], change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::for_folder(folder.path());
        config.demo = true;
        change(&mut config);
        let options = Options {
            demo: true,
            ..Options::new(folder.path())
        };
        let app = App::open(options).await.unwrap();
        let units: Vec<String> = units.iter().map(|u| (*u).to_owned()).collect();
        app.demo_accounts(&units).await.unwrap();
        Self::around(app, config, folder)
    }

    /// Makes the demo's city the house's own.
    pub(crate) async fn use_demo_city(&self) {
        city::import(self.folder.path(), &demo_data::order().unwrap()).unwrap();
        self.app.use_city().await.unwrap();
    }

    /// A house around an open program.
    pub(crate) fn around(app: Arc<App>, config: Config, folder: TempDir) -> Self {
        let router = zhilu::http::router(Arc::clone(&app), config).unwrap();
        Self {
            app,
            router,
            folder,
            cookies: Mutex::default(),
        }
    }

    /// The cookie of a role's demo account, logged in once.
    pub(crate) async fn cookie(&self, role: &str) -> String {
        if let Some(cookie) = self.cookies.lock().unwrap().get(role) {
            return cookie.clone();
        }
        let account = self
            .app
            .demo_list()
            .into_iter()
            .find(|a| a.name == role)
            .unwrap();
        let body = serde_json::json!({"name": role, "password": account.password});
        let answer = self.send("POST", "/api/v1/session", "", Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        self.cookies
            .lock()
            .unwrap()
            .insert(role.to_owned(), cookie.clone());
        cookie
    }

    /// A request as it is.
    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let endless = parts
            .headers
            .get("content-type")
            .is_some_and(|v| v == "text/event-stream");
        let body = if endless {
            Vec::new()
        } else {
            body.collect().await.unwrap().to_bytes().to_vec()
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// A request with a cookie (empty = none) and a JSON body.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(encoded(path));
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        let body = match body {
            Some(value) => {
                request = request.header("content-type", "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.call(request.body(body).unwrap()).await
    }

    /// A GET by a role; empty = nobody.
    pub(crate) async fn get(&self, role: &str, path: &str) -> Answer {
        let cookie = if role.is_empty() {
            String::new()
        } else {
            self.cookie(role).await
        };
        self.send("GET", path, &cookie, None).await
    }

    /// A POST by a role.
    pub(crate) async fn post(&self, role: &str, path: &str, body: &Value) -> Answer {
        let cookie = self.cookie(role).await;
        self.send("POST", path, &cookie, Some(body)).await
    }
}

/// Percent-encodes what a browser would: everything that is not ASCII.
fn encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii() {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
    }
    out
}
