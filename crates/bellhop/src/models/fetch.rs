//! From a publisher, a mirror or a folder to a folder of models: broken-off files go on where they
//! ended, and a file gets its name only once its content is what was published.

use super::Progress;
use crate::serve::{HttpClient, OpenFailure};
use http::header::{CONTENT_RANGE, LOCATION, RANGE, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use speech::{CataloguedFile, CataloguedModel, FileState};
use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file that breaks off is gone on with so often in one run.
const TRIES: u32 = 5;
/// Redirections that are followed for one file.
const REDIRECTIONS: u32 = 5;

/// Where files are taken from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// Each from where it is published.
    Published,
    /// All from one web address, as `MODEL/FILE`.
    Mirror(String),
    /// All from one folder, as `MODEL/FILE`.
    Folder(PathBuf),
}

/// Why a file did not come.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{address}: the server says {status}; another source is named with --mirror or --from")]
    Status { address: String, status: StatusCode },
    #[error("{address}: {what}; call again to go on where it ended")]
    Broken { address: String, what: String },
    #[error("{address}: {what}")]
    Address { address: String, what: &'static str },
    #[error("{place}: not what was published: {state}; nothing was kept of it")]
    Wrong { place: String, state: FileState },
    #[error("{}: {source}", path.display())]
    Storage { path: PathBuf, source: io::Error },
    #[error("{} is being fetched by another process", path.display())]
    UnderWay { path: PathBuf },
}

/// Brings files.
pub struct Fetcher {
    http: HttpClient,
    source: Source,
    /// Without a byte for so long a connection counts as broken.
    stall: Duration,
    /// The wait before going on; each later one is so much longer.
    back_off: Duration,
}

impl Fetcher {
    /// The usual patience.
    pub fn new(source: Source) -> Self {
        Self {
            http: HttpClient::new(),
            source,
            stall: Duration::from_secs(30),
            back_off: Duration::from_secs(1),
        }
    }

    /// The same with other patience.
    #[cfg(test)]
    pub fn with_patience(self, stall: Duration, back_off: Duration) -> Self {
        Self {
            stall,
            back_off,
            ..self
        }
    }

    /// Brings one file into its model's folder; true: it was not there before.
    pub async fn fetch(
        &self,
        model: &CataloguedModel,
        file: &CataloguedFile,
        models: &Path,
    ) -> Result<bool, FetchError> {
        let folder = models.join(&model.name);
        let target = folder.join(&file.name);
        if file.check_at(&target) == FileState::Good {
            return Ok(false);
        }
        fs::create_dir_all(&folder).map_err(|source| storage(&folder, source))?;
        let part = Part::open(folder.join(format!("{}.part", file.name)))?;
        match self.near(model, file) {
            Some(near) => part.copy(&near)?,
            None => {
                self.download(&self.address(model, file), model, file, &part)
                    .await?
            }
        }
        let state = file.check_at(&part.path);
        if state != FileState::Good {
            part.discard()?;
            let place = target.display().to_string();
            return Err(FetchError::Wrong { place, state });
        }
        part.name(&target)?;
        Ok(true)
    }

    /// The file on this machine that is to be taken, if one is.
    fn near(&self, model: &CataloguedModel, file: &CataloguedFile) -> Option<PathBuf> {
        match &self.source {
            Source::Folder(folder) => Some(folder.join(&model.name).join(&file.name)),
            Source::Published | Source::Mirror(_) => {
                let installed = file.also_at.clone();
                installed.filter(|path| file.check_at(path) == FileState::Good)
            }
        }
    }

    fn address(&self, model: &CataloguedModel, file: &CataloguedFile) -> String {
        match &self.source {
            Source::Mirror(url) => {
                format!("{}/{}/{}", url.trim_end_matches('/'), model.name, file.name)
            }
            Source::Published | Source::Folder(_) => model.address(file),
        }
    }

    /// Asks for what is missing until all is here.
    async fn download(
        &self,
        address: &str,
        model: &CataloguedModel,
        file: &CataloguedFile,
        part: &Part,
    ) -> Result<(), FetchError> {
        let mut tries = 0;
        loop {
            let mut have = part.bytes()?;
            if have > file.bytes {
                part.shorten(0)?;
                have = 0;
            }
            if have == file.bytes {
                return Ok(());
            }
            let shown = format!("{}/{}", model.name, file.name);
            let mut progress = Progress::new(&shown, have, file.bytes);
            let outcome = self
                .one_try(address, have, file.bytes, part, &mut progress)
                .await;
            drop(progress);
            let error = match outcome {
                Ok(()) if part.bytes()? >= file.bytes => return Ok(()),
                Ok(()) => broken(address, "it ended early"),
                Err(error) => error,
            };
            tries += 1;
            let may_go_on = matches!(&error, FetchError::Broken { .. })
                || matches!(&error, FetchError::Status { status, .. } if is_passing(*status));
            if !may_go_on || tries >= TRIES {
                return Err(error);
            }
            tokio::time::sleep(self.back_off * tries).await;
        }
    }

    /// One request for what lies behind `have`, written down as it comes.
    async fn one_try(
        &self,
        address: &str,
        have: u64,
        whole: u64,
        part: &Part,
        progress: &mut Progress,
    ) -> Result<(), FetchError> {
        let response = self.ask(address, have).await?;
        let mut at = match response.status() {
            StatusCode::PARTIAL_CONTENT if begins_at(&response, have) => have,
            StatusCode::OK => 0,
            // What is here does not fit what is there: from the beginning, the next time.
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                part.shorten(0)?;
                return Err(broken(address, "the server cannot go on where it ended"));
            }
            status => {
                let address = address.to_owned();
                return Err(FetchError::Status { address, status });
            }
        };
        part.shorten(at)?;
        let mut body = response.into_body();
        while let Some(frame) = self.within(body.frame(), address).await? {
            let frame = frame.map_err(|_| broken(address, "the connection broke"))?;
            let Ok(bytes) = frame.into_data() else {
                continue;
            };
            at += bytes.len() as u64;
            if at > whole {
                part.shorten(0)?;
                let what = "it is larger than what was published";
                let address = address.to_owned();
                return Err(FetchError::Address { address, what });
            }
            part.append(&bytes)?;
            progress.at(at);
        }
        Ok(())
    }

    async fn ask(&self, address: &str, have: u64) -> Result<Response<Incoming>, FetchError> {
        let fault = |what| FetchError::Address {
            address: address.to_owned(),
            what,
        };
        let mut uri: Uri = address.parse().map_err(|_| fault("it is no URL"))?;
        for _ in 0..=REDIRECTIONS {
            let mut request = Request::new(Full::new(Bytes::new()));
            *request.uri_mut() = uri.clone();
            let headers = request.headers_mut();
            headers.insert(USER_AGENT, HeaderValue::from_static("bellhop"));
            if have > 0 {
                let range = HeaderValue::try_from(format!("bytes={have}-"));
                headers.insert(RANGE, range.expect("digits are a header's value"));
            }
            let response = self.within(self.http.open(request), address).await?;
            let response = response.map_err(|failure| match failure {
                OpenFailure::NotConnected => broken(address, "nobody takes the connection"),
                OpenFailure::Broken => broken(address, "the connection broke"),
            })?;
            if !response.status().is_redirection() {
                return Ok(response);
            }
            let next = response
                .headers()
                .get(LOCATION)
                .and_then(|it| it.to_str().ok());
            let next = next.and_then(|next| onward(&uri, next));
            let next = next.ok_or_else(|| fault("the server sends us to no address"))?;
            if uri.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                return Err(fault(
                    "the server sends us from https to an open connection",
                ));
            }
            uri = next;
        }
        Err(fault("the server sends us on and on"))
    }

    async fn within<T>(
        &self,
        waited: impl Future<Output = T>,
        address: &str,
    ) -> Result<T, FetchError> {
        let came = tokio::time::timeout(self.stall, waited).await;
        came.map_err(|_| broken(address, "nothing came for too long"))
    }
}

/// Where a redirection leads: to an address, or to a path of the same server.
fn onward(from: &Uri, to: &str) -> Option<Uri> {
    if !to.starts_with('/') {
        let next: Uri = to.parse().ok()?;
        return next.scheme().is_some().then_some(next);
    }
    let mut parts = from.clone().into_parts();
    parts.path_and_query = Some(to.parse().ok()?);
    Uri::from_parts(parts).ok()
}

fn begins_at(response: &Response<Incoming>, have: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE);
    let range = range.and_then(|it| it.to_str().ok()).unwrap_or_default();
    range.starts_with(&format!("bytes {have}-"))
}

/// Whether the server may answer otherwise a moment later.
fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

fn broken(address: &str, what: &str) -> FetchError {
    FetchError::Broken {
        address: address.to_owned(),
        what: what.to_owned(),
    }
}

fn storage(path: &Path, source: io::Error) -> FetchError {
    FetchError::Storage {
        path: path.to_owned(),
        source,
    }
}

/// What is here of a file that has no name yet. It is ours alone while it is open.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    fn open(path: PathBuf) -> Result<Self, FetchError> {
        let mut options = File::options();
        let opened = options.create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|source| storage(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, file }),
            Err(TryLockError::WouldBlock) => Err(FetchError::UnderWay { path }),
            Err(TryLockError::Error(source)) => Err(storage(&path, source)),
        }
    }

    fn bytes(&self) -> Result<u64, FetchError> {
        let about = self.file.metadata();
        Ok(about.map_err(|source| storage(&self.path, source))?.len())
    }

    fn shorten(&self, to: u64) -> Result<(), FetchError> {
        let mut file = &self.file;
        let shortened = file
            .set_len(to)
            .and_then(|()| file.seek(SeekFrom::Start(to)));
        shortened
            .map(drop)
            .map_err(|source| storage(&self.path, source))
    }

    fn append(&self, bytes: &[u8]) -> Result<(), FetchError> {
        let written = (&self.file).write_all(bytes);
        written.map_err(|source| storage(&self.path, source))
    }

    fn copy(&self, from: &Path) -> Result<(), FetchError> {
        self.shorten(0)?;
        let mut source = File::open(from).map_err(|error| storage(from, error))?;
        let copied = io::copy(&mut source, &mut (&self.file));
        copied
            .map(drop)
            .map_err(|source| storage(&self.path, source))
    }

    /// Makes it the file itself; what is on the disk then is whole.
    fn name(self, target: &Path) -> Result<(), FetchError> {
        let synced = self.file.sync_all();
        let named = synced.and_then(|()| fs::rename(&self.path, target));
        named.map_err(|source| storage(target, source))
    }

    fn discard(self) -> Result<(), FetchError> {
        fs::remove_file(&self.path).map_err(|source| storage(&self.path, source))
    }
}
