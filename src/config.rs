//! Which options does the program have, and what did file, environment and flags say?
//!
//! One list, `SETTINGS`, is the single definition behind `zhilu.toml`, the environment variables, the command-line flags,
//! the help text and the documentation. Precedence, strongest first: flag, environment, file, default.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::base_strategy::{BaseStrategy, choose_base_strategy};
use thiserror::Error;

/// One option: the single definition behind file, environment, flag and help.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Key in `zhilu.toml`; the flag is the same word with dashes.
    pub key: &'static str,
    /// Environment variable.
    pub env: &'static str,
    /// What kind of value it takes, for the help text.
    pub value: &'static str,
    /// Default as text; empty = none.
    pub default: &'static str,
    /// Chinese title.
    pub title: &'static str,
    /// One sentence: what it does and how to choose it.
    pub doc: &'static str,
    /// Never a flag and never printed.
    pub secret: bool,
}

const fn setting(
    key: &'static str,
    env: &'static str,
    value: &'static str,
    default: &'static str,
    words: (&'static str, &'static str),
) -> Setting {
    Setting {
        key,
        env,
        value,
        default,
        title: words.0,
        doc: words.1,
        secret: false,
    }
}

/// All options in display order.
pub static SETTINGS: &[Setting] = &[
    setting(
        "data",
        "ZHILU_DATA",
        "DIR",
        "",
        (
            "数据目录",
            "folder of database, key and city; default: the platform's data folder",
        ),
    ),
    Setting {
        secret: true,
        ..setting(
            "database_url",
            "DATABASE_URL",
            "URL",
            "",
            (
                "数据库地址",
                "postgres://… ; without it an SQLite file in the data folder; kept out of flags because it may hold a password",
            ),
        )
    },
    Setting {
        secret: true,
        ..setting(
            "key",
            "ZHILU_KEY",
            "HEX",
            "",
            (
                "密钥",
                "64 hexadecimal digits that seal personal fields; without it a key file (0600) in the data folder",
            ),
        )
    },
    setting(
        "listen",
        "ZHILU_LISTEN",
        "ADDR:PORT",
        "127.0.0.1:8080",
        (
            "监听地址",
            "address to listen on; loopback unless told otherwise",
        ),
    ),
    setting(
        "public_url",
        "ZHILU_PUBLIC_URL",
        "URL",
        "",
        (
            "对外地址",
            "address under which people open the page; https:// makes the cookie secure; default: the request's own host",
        ),
    ),
    setting(
        "basemap",
        "ZHILU_BASEMAP",
        "FILE",
        "",
        (
            "底图文件",
            "an operator's PMTiles file in place of the base map drawn from the city import",
        ),
    ),
    setting(
        "approval_no",
        "ZHILU_APPROVAL_NO",
        "TEXT",
        "",
        ("审图号", "map approval number shown on map and print"),
    ),
    setting(
        "open311",
        "ZHILU_OPEN311",
        "on|off",
        "off",
        (
            "公开接口",
            "on serves public, redacted tickets to anybody as Open311 GeoReport v2 under /open311/v2",
        ),
    ),
    Setting {
        secret: true,
        ..setting(
            "open311_keys",
            "ZHILU_OPEN311_KEYS",
            "KEY,KEY",
            "",
            (
                "公开接口密钥",
                "keys of those who may report through Open311, 16 characters or more each, separated by commas",
            ),
        )
    },
    setting(
        "log",
        "ZHILU_LOG",
        "FILTER",
        "info",
        (
            "日志级别",
            "error, warn, info, debug, or a filter such as zhilu=debug,info",
        ),
    ),
    setting(
        "log_format",
        "ZHILU_LOG_FORMAT",
        "text|json",
        "text",
        ("日志格式", "text for people, json for collectors"),
    ),
    setting(
        "request_timeout_s",
        "ZHILU_REQUEST_TIMEOUT_S",
        "SECONDS",
        "30",
        ("请求时限", "longest time of one answer, 1 to 3600"),
    ),
    setting(
        "tile_timeout_s",
        "ZHILU_TILE_TIMEOUT_S",
        "SECONDS",
        "5",
        ("瓦片时限", "longest time of one tile, 1 to 600"),
    ),
    setting(
        "tile_cache_mb",
        "ZHILU_TILE_CACHE_MB",
        "MB",
        "64",
        ("瓦片缓存", "memory for finished tiles, 0 to 4096"),
    ),
    setting(
        "upload_limit_mb",
        "ZHILU_UPLOAD_LIMIT_MB",
        "MB",
        "200",
        ("上传上限", "largest file taken over the page, 1 to 4096"),
    ),
    setting(
        "grace_s",
        "ZHILU_GRACE_S",
        "SECONDS",
        "10",
        (
            "停机宽限",
            "time that running requests get on stop, 0 to 600",
        ),
    ),
];

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A value that cannot be used, with where it was said and the cure.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// The value does not fit the option.
    #[error("{key} = \"{value}\" ({origin}): {why}")]
    Value {
        /// Which option.
        key: String,
        /// What was said.
        value: String,
        /// File, environment variable or flag.
        origin: String,
        /// What is wrong and what to write instead.
        why: String,
    },
    /// The file names an option that does not exist.
    #[error("{origin} names the unknown option \"{key}\"; known are: {known}")]
    Unknown {
        /// The unknown word.
        key: String,
        /// Which file.
        origin: String,
        /// All names.
        known: String,
    },
    /// The file is not TOML.
    #[error("{origin} is not a TOML file: {why}")]
    Syntax {
        /// Which file.
        origin: String,
        /// What the parser says.
        why: String,
    },
    /// The platform has no data folder.
    #[error(
        "this user has no home folder to keep data in; say where with --data DIR or ZHILU_DATA"
    )]
    NoHome,
}

/// Everything the program was told, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder of database, key and city.
    pub data: PathBuf,
    /// PostgreSQL, or `None` for SQLite in `data`.
    pub database_url: Option<String>,
    /// Sealing key in hexadecimal, or `None` for the key file in `data`.
    pub key: Option<String>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Address under which people open the page.
    pub public_url: Option<String>,
    /// Operator's PMTiles file.
    pub basemap: Option<PathBuf>,
    /// 审图号.
    pub approval_no: Option<String>,
    /// Whether Open311 is served.
    pub open311: bool,
    /// Keys of those who may report through Open311.
    pub open311_keys: Vec<String>,
    /// Log filter.
    pub log: String,
    /// Log form.
    pub log_format: LogFormat,
    /// Longest time of one answer.
    pub request_timeout: Duration,
    /// Longest time of one tile.
    pub tile_timeout: Duration,
    /// Bytes of memory for finished tiles.
    pub tile_cache_bytes: usize,
    /// Largest uploaded file in bytes.
    pub upload_limit_bytes: usize,
    /// Time that running requests get on stop.
    pub grace: Duration,
    /// Whether this is the demonstration: ready accounts, simulated city. Set by `zhilu demo` only, never by an option.
    pub demo: bool,
}

impl Config {
    /// All defaults over the given data folder; what tests start from.
    #[must_use]
    pub fn for_folder(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            database_url: None,
            key: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            basemap: None,
            approval_no: None,
            open311: false,
            open311_keys: Vec::new(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            request_timeout: Duration::from_secs(30),
            tile_timeout: Duration::from_secs(5),
            tile_cache_bytes: 64 << 20,
            upload_limit_bytes: 200 << 20,
            grace: Duration::from_secs(10),
            demo: false,
        }
    }

    /// Merges the layers: `file` is (name, text), `env` answers variables, `flags` maps keys to values.
    ///
    /// Cost: microseconds. Fails on the first value that does not fit, naming its origin.
    pub fn read(
        file: Option<(&str, &str)>,
        env: &dyn Fn(&str) -> Option<String>,
        flags: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::for_folder("");
        if let Some((name, text)) = file {
            for (key, value) in file_values(name, text)? {
                config.set(&key, &value, name)?;
            }
        }
        for setting in SETTINGS {
            if let Some(value) = env(setting.env).filter(|v| !v.is_empty()) {
                config.set(setting.key, &value, setting.env)?;
            }
        }
        for (key, value) in flags {
            config.set(key, value, &format!("--{}", key.replace('_', "-")))?;
        }
        if config.data.as_os_str().is_empty() {
            config.data = platform_folder()?;
        }
        Ok(config)
    }

    /// Whether the cookie must carry `Secure` and the `__Host-` prefix.
    #[must_use]
    pub fn secure_cookie(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }

    fn set(&mut self, key: &str, value: &str, origin: &str) -> Result<(), ConfigError> {
        let at = Said { key, value, origin };
        match key {
            "data" => self.data = PathBuf::from(value),
            "database_url" => {
                self.database_url = Some(at.starting(&["postgres://", "postgresql://"])?);
            }
            "key" => self.key = Some(at.hex(64)?),
            "listen" => self.listen = at.address()?,
            "public_url" => {
                let url = at.starting(&["http://", "https://"])?;
                self.public_url = Some(url.trim_end_matches('/').to_owned());
            }
            "basemap" => self.basemap = Some(PathBuf::from(value)),
            "approval_no" => self.approval_no = Some(value.to_owned()),
            "open311" => self.open311 = at.switch()?,
            "open311_keys" => self.open311_keys = at.keys()?,
            "log" => value.clone_into(&mut self.log),
            "log_format" => self.log_format = at.log_format()?,
            "request_timeout_s" => self.request_timeout = at.seconds(1, 3600)?,
            "tile_timeout_s" => self.tile_timeout = at.seconds(1, 600)?,
            "tile_cache_mb" => self.tile_cache_bytes = at.megabytes(0, 4096)?,
            "upload_limit_mb" => self.upload_limit_bytes = at.megabytes(1, 4096)?,
            "grace_s" => self.grace = at.seconds(0, 600)?,
            _ => {
                return Err(ConfigError::Unknown {
                    key: key.to_owned(),
                    origin: origin.to_owned(),
                    known: known(),
                });
            }
        }
        Ok(())
    }
}

/// One value with where it was said.
struct Said<'a> {
    key: &'a str,
    value: &'a str,
    origin: &'a str,
}

impl Said<'_> {
    fn bad(&self, why: impl Into<String>) -> ConfigError {
        let secret = SETTINGS.iter().any(|s| s.key == self.key && s.secret);
        ConfigError::Value {
            key: self.key.to_owned(),
            value: if secret { "…" } else { self.value }.to_owned(),
            origin: self.origin.to_owned(),
            why: why.into(),
        }
    }

    fn whole(&self, min: u64, max: u64) -> Result<u64, ConfigError> {
        match self.value.trim().parse::<u64>() {
            Ok(n) if (min..=max).contains(&n) => Ok(n),
            _ => Err(self.bad(format!("must be a whole number from {min} to {max}"))),
        }
    }

    fn seconds(&self, min: u64, max: u64) -> Result<Duration, ConfigError> {
        Ok(Duration::from_secs(self.whole(min, max)?))
    }

    fn megabytes(&self, min: u64, max: u64) -> Result<usize, ConfigError> {
        let bytes = self.whole(min, max)? << 20;
        usize::try_from(bytes).map_err(|e| self.bad(e.to_string()))
    }

    fn address(&self) -> Result<SocketAddr, ConfigError> {
        self.value.parse().map_err(|_unparsed| {
            self.bad("must be an address with a port, such as 127.0.0.1:8080 or [::1]:8080")
        })
    }

    fn starting(&self, prefixes: &[&str]) -> Result<String, ConfigError> {
        if prefixes.iter().any(|p| self.value.starts_with(p)) {
            return Ok(self.value.to_owned());
        }
        Err(self.bad(format!("must start with {}", prefixes.join(" or "))))
    }

    fn hex(&self, digits: usize) -> Result<String, ConfigError> {
        let fits = self.value.len() == digits && self.value.bytes().all(|b| b.is_ascii_hexdigit());
        if fits {
            return Ok(self.value.to_owned());
        }
        Err(self.bad(format!("must be exactly {digits} hexadecimal digits")))
    }

    fn switch(&self) -> Result<bool, ConfigError> {
        match self.value {
            "on" | "true" => Ok(true),
            "off" | "false" => Ok(false),
            _ => Err(self.bad("must be on or off")),
        }
    }

    fn keys(&self) -> Result<Vec<String>, ConfigError> {
        let keys: Vec<String> = self.value.split(',').map(|k| k.trim().to_owned()).collect();
        if keys.iter().all(|k| k.chars().count() >= 16) {
            return Ok(keys);
        }
        Err(self.bad("every key must have 16 characters or more"))
    }

    fn log_format(&self) -> Result<LogFormat, ConfigError> {
        match self.value {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(self.bad("must be text or json")),
        }
    }
}

fn known() -> String {
    let names: Vec<&str> = SETTINGS.iter().map(|s| s.key).collect();
    names.join(", ")
}

fn file_values(name: &str, text: &str) -> Result<Vec<(String, String)>, ConfigError> {
    let table: toml::Table = text
        .parse()
        .map_err(|e: toml::de::Error| ConfigError::Syntax {
            origin: name.to_owned(),
            why: e.message().to_owned(),
        })?;
    let values = table.into_iter().map(|(key, value)| {
        let value = match value {
            toml::Value::String(s) => s,
            other => other.to_string(),
        };
        (key, value)
    });
    Ok(values.collect())
}

/// The platform's data folder of the program (`~/.local/share/zhilu` on Linux).
pub fn platform_folder() -> Result<PathBuf, ConfigError> {
    choose_base_strategy()
        .map(|dirs| dirs.data_dir().join("zhilu"))
        .map_err(|_no_home| ConfigError::NoHome)
}

/// The commented options file with every setting at its default, as `zhilu doctor --options` prints it.
#[must_use]
pub fn sample_file() -> String {
    let mut text = String::from(
        "# zhilu.toml: every option with its default; a flag or a variable wins over the file.\n",
    );
    for s in SETTINGS {
        let lines = [
            format!("\n# {}: {}", s.title, s.doc),
            format!("# environment {}, value {}", s.env, s.value),
            format!("# {} = \"{}\"\n", s.key, s.default),
        ];
        text.push_str(&lines.join("\n"));
    }
    text
}

/// Where the options file is looked for: the working folder first, then the data folder.
#[must_use]
pub fn file_candidates(data: Option<&Path>) -> Vec<PathBuf> {
    let mut all = vec![PathBuf::from("zhilu.toml")];
    all.extend(data.map(|d| d.join("zhilu.toml")));
    all
}

#[cfg(test)]
mod tests {
    use super::{Config, ConfigError, SETTINGS, sample_file};
    use std::collections::BTreeMap;

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
        let file = Some((
            "zhilu.toml",
            "data = \"a\"\nlisten = \"127.0.0.1:1\"\ngrace_s = 3\n",
        ));
        let env = |name: &str| match name {
            "ZHILU_LISTEN" => Some("127.0.0.1:2".to_owned()),
            "ZHILU_GRACE_S" => Some("4".to_owned()),
            _ => None,
        };
        let flags = BTreeMap::from([("grace_s".to_owned(), "5".to_owned())]);
        let config = Config::read(file, &env, &flags).unwrap();
        assert_eq!(config.data.to_str(), Some("a"));
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.grace.as_secs(), 5);
    }

    #[test]
    fn an_unknown_option_is_refused_and_the_known_ones_are_named() {
        let error = Config::read(
            Some(("zhilu.toml", "lisen = \"x\"")),
            &none,
            &BTreeMap::new(),
        );
        let text = error.unwrap_err().to_string();
        assert!(text.contains("lisen") && text.contains("listen"), "{text}");
    }

    #[test]
    fn a_secret_is_never_repeated_in_an_error() {
        let env = |name: &str| (name == "ZHILU_KEY").then(|| "geheim".to_owned());
        let error = Config::read(None, &env, &BTreeMap::new()).unwrap_err();
        assert!(!error.to_string().contains("geheim"));
        assert!(matches!(error, ConfigError::Value { .. }));
    }

    #[test]
    fn every_default_fits_its_own_option() {
        let flags: BTreeMap<String, String> = SETTINGS
            .iter()
            .filter(|s| !s.default.is_empty())
            .map(|s| (s.key.to_owned(), s.default.to_owned()))
            .chain([("data".to_owned(), "d".to_owned())])
            .collect();
        let read = Config::read(None, &none, &flags).unwrap();
        let plain = Config::for_folder("d");
        assert_eq!(format!("{read:?}"), format!("{plain:?}"));
        assert!(SETTINGS.iter().all(|s| sample_file().contains(s.key)));
    }
}
