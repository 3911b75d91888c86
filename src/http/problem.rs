//! What does a client hear when something did not work: RFC 9457 documents in the language of the request, one file for all codes.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::app;

/// The language of a request, from `Accept-Language`; Chinese unless English is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lang {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Reads `Accept-Language` with its weights.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = headers
            .get("accept-language")
            .and_then(|v| v.to_str().ok())
            .unwrap_or("");
        let weight = |tag: &str| {
            let best = text.split(',').filter_map(|part| {
                let mut fields = part.split(';');
                let name = fields.next()?.trim().to_ascii_lowercase();
                let fits = name == tag || name.starts_with(&format!("{tag}-"));
                let q = fields
                    .find_map(|f| f.trim().strip_prefix("q=").map(str::to_owned))
                    .and_then(|q| q.parse::<f32>().ok())
                    .unwrap_or(1.0);
                fits.then_some(q)
            });
            best.fold(0.0, f32::max)
        };
        if weight("en") > weight("zh") {
            Self::En
        } else {
            Self::Zh
        }
    }

    /// The tag.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}

/// One field that is wrong.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FieldError {
    /// Parameter or JSON field.
    pub(super) field: String,
    /// Stable code.
    pub(super) code: &'static str,
    /// What is wrong and what would be right.
    pub(super) message: String,
}

/// An answer that is not the asked one; rendered by the edge, which knows language and request id.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// Status.
    pub(super) status: StatusCode,
    /// Stable English code.
    pub(super) code: &'static str,
    /// Words for this occurrence; may be empty.
    pub(super) detail: String,
    /// Fields that are wrong.
    pub(super) errors: Vec<FieldError>,
    /// For the log only.
    pub(super) internal: Option<String>,
}

/// Titles by code: Chinese, English.
const TITLES: &[(&str, &str, &str)] = &[
    ("not_found", "没有找到", "Not found"),
    ("login_needed", "请先登录", "Login needed"),
    (
        "bad_credentials",
        "用户名或密码不正确",
        "Name or password is wrong",
    ),
    (
        "forbidden",
        "当前角色没有此项权限",
        "This role has not got the right",
    ),
    (
        "must_change_password",
        "请先修改一次性密码",
        "Change the one-time password first",
    ),
    (
        "csrf",
        "请求来自其他网站，已拒绝",
        "Request from another site refused",
    ),
    ("invalid", "请求内容有误", "The request is not valid"),
    ("bad_filter", "筛选条件有误", "The filter is not valid"),
    ("version_conflict", "内容已被他人修改", "Changed in between"),
    (
        "busy",
        "系统繁忙，请稍后再试",
        "Busy, try again in a moment",
    ),
    (
        "too_slow",
        "处理超时，请缩小范围后再试",
        "Took too long, narrow the request",
    ),
    ("too_large", "内容过大", "Too large"),
    ("media_type", "内容类型不受支持", "Media type not supported"),
    ("method", "此地址不支持该操作", "Method not allowed here"),
    (
        "locked_out",
        "登录失败次数过多，请稍候",
        "Too many failures, wait",
    ),
    ("disk_full", "磁盘已满", "The disk is full"),
    (
        "newer_database",
        "数据库来自更新的版本",
        "Database from a newer version",
    ),
    ("no_city", "尚未导入城市地图", "No city imported yet"),
    ("stopping", "程序正在停止", "The program is stopping"),
    (
        "internal",
        "程序内部出错，已记录",
        "Internal error, recorded",
    ),
];

impl Problem {
    /// A problem by status and code.
    pub(super) fn new(status: StatusCode, code: &'static str) -> Self {
        Self {
            status,
            code,
            detail: String::new(),
            errors: Vec::new(),
            internal: None,
        }
    }

    /// With words for this occurrence.
    #[must_use]
    pub(super) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// A wrong field: 400.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::wrong("invalid", field, message)
    }

    /// A wrong field under a code: 400.
    pub(super) fn wrong(code: &'static str, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut problem = Self::new(StatusCode::BAD_REQUEST, code).saying(message.clone());
        problem.errors.push(FieldError {
            field: field.to_owned(),
            code,
            message,
        });
        problem
    }

    /// 404.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// 500 with a text for the log.
    pub(super) fn internal(text: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal");
        problem.internal = Some(text.into());
        problem
    }

    /// The problem that a bare status stands for, when a library answered without a document.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "media_type",
            StatusCode::FORBIDDEN => "csrf",
            StatusCode::UNAUTHORIZED => "login_needed",
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => "too_slow",
            s if s.is_server_error() => "internal",
            _ => "invalid",
        };
        Self::new(status, code)
    }

    /// The finished answer.
    pub(super) fn render(&self, lang: Lang, path: &str, request_id: &str) -> Response {
        let found = TITLES.iter().find(|(code, ..)| *code == self.code);
        let title = match (found, lang) {
            (Some((_, zh, _)), Lang::Zh) => *zh,
            (Some((.., en)), Lang::En) => *en,
            (None, Lang::Zh) if self.status == StatusCode::CONFLICT => "与现状不符，未作改动",
            (None, Lang::En) if self.status == StatusCode::CONFLICT => {
                "not possible as things stand; nothing was changed"
            }
            (None, _) => self.status.canonical_reason().unwrap_or("error"),
        };
        let body = json!({
            "type": "about:blank",
            "title": title,
            "status": self.status.as_u16(),
            "detail": if self.detail.is_empty() { title } else { self.detail.as_str() },
            "instance": path,
            "code": self.code,
            "errors": self.errors,
            "request_id": request_id,
        });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let fixed = |text| HeaderValue::from_static(text);
        headers.insert(CONTENT_TYPE, fixed("application/problem+json"));
        headers.insert(CONTENT_LANGUAGE, fixed(lang.tag()));
        headers.insert(VARY, fixed("Accept-Language"));
        headers.insert(CACHE_CONTROL, fixed("no-store"));
        if matches!(self.status.as_u16(), 429 | 503) {
            headers.insert(RETRY_AFTER, fixed("2"));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Refusals that are the state of things are 409, guards 422, lock-outs 429, faults of the surroundings 503.
const fn refused_status(code: &str) -> StatusCode {
    match code.as_bytes() {
        b"locked_out" => StatusCode::TOO_MANY_REQUESTS,
        b"disk_full" | b"unwritable" | b"newer_database" | b"changed_database" => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        b"guard_failed" => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

impl From<app::Error> for Problem {
    fn from(error: app::Error) -> Self {
        match error {
            app::Error::NotFound => Self::not_found(),
            app::Error::Unauthorized(code) => {
                let code = if code == "bad_credentials" {
                    "bad_credentials"
                } else {
                    "login_needed"
                };
                Self::new(StatusCode::UNAUTHORIZED, code)
            }
            app::Error::Invalid { field, why } => Self::field(field, why),
            app::Error::Forbidden => Self::new(StatusCode::FORBIDDEN, "forbidden"),
            app::Error::Conflict { version } => Self::new(StatusCode::CONFLICT, "version_conflict")
                .saying(format!("version {version}")),
            app::Error::Refused { code, why } => Self::new(refused_status(code), code).saying(why),
            app::Error::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy"),
            app::Error::Internal(text) => Self::internal(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;
    use axum::http::HeaderMap;

    fn lang(text: &str) -> Lang {
        let mut headers = HeaderMap::new();
        headers.insert("accept-language", text.parse().unwrap());
        Lang::of(&headers)
    }

    #[test]
    fn chinese_is_spoken_unless_english_is_preferred() {
        assert_eq!(lang("zh-CN,en;q=0.5"), Lang::Zh);
        assert_eq!(lang("en-GB,en;q=0.9,zh;q=0.3"), Lang::En);
        assert_eq!(lang("de"), Lang::Zh);
        assert_eq!(Lang::of(&HeaderMap::new()), Lang::Zh);
    }
}
