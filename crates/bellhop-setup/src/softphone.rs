//! A softphone that knows nothing of us calls and hears the prompts: baresip.

use crate::packages;
use crate::process::{Group, Patience};
use crate::server::{Ear, Server, Service};
use crate::steps::Done;
use crate::workshop::Workshop;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long it listens: the notice and the greeting are over by then.
const LISTENS_SECONDS: u64 = 9;
/// It may take so much longer to start and to end.
const AROUND: Duration = Duration::from_secs(20);
/// What it must have heard, as it is exported.
const PROMPTS: [&str; 2] = ["notice.en.wav", "menu.en.wav"];
/// Where Debian and Ubuntu put its modules, below one of these.
const MODULES: &str = "baresip/modules";

/// Has baresip call a server of our own, and compares what it heard with the prompts.
pub fn run(workshop: &Workshop) -> Result<Done, String> {
    let Some(modules) = packages::folder_in_libraries(MODULES) else {
        return Ok(Done::Skipped("baresip-core is not installed".into()));
    };
    let folder = workshop.folder_without_calls("verify-softphone")?;
    let service = Service::front_desk(workshop, Ear::Open);
    let server = Server::start(workshop, &folder, &service)?;
    let heard = export(workshop, &folder).and_then(|()| listen(&server, &folder, &modules));
    let stopped = server.stop();
    let heard = heard?;
    stopped?;
    for prompt in PROMPTS {
        let mut compare = workshop.program("loadtest");
        let reference = folder.join("prompts").join(prompt);
        compare.arg("compare").args([&heard, &reference]);
        workshop
            .run(&mut compare, Patience::minutes(1))
            .map_err(|why| format!("{prompt} is not in {}: {why}", heard.display()))?;
    }
    Ok(Done::Passed)
}

fn export(workshop: &Workshop, folder: &Path) -> Result<(), String> {
    let mut export = workshop.program("bellhop");
    export
        .args(["prompts", "export", "--plan", "front-desk", "--config"])
        .arg(folder.join("bellhop.toml"))
        .arg("--out")
        .arg(folder.join("prompts"));
    workshop.run(&mut export, Patience::minutes(5))
}

/// Calls and hangs up; what it heard is in the file.
fn listen(server: &Server, folder: &Path, modules: &Path) -> Result<PathBuf, String> {
    let phone = folder.join("phone");
    let recordings = phone.join("heard");
    let problem = |error: std::io::Error| format!("{}: {error}", phone.display());
    if phone.exists() {
        fs::remove_dir_all(&phone).map_err(problem)?;
    }
    fs::create_dir_all(&recordings).map_err(problem)?;
    fs::write(phone.join("config"), settings(modules, &recordings)).map_err(problem)?;
    let account = "<sip:softphone@127.0.0.1>;regint=0;audio_codecs=PCMU/8000\n";
    fs::write(phone.join("accounts"), account).map_err(problem)?;
    fs::write(phone.join("contacts"), "").map_err(problem)?;
    let log = File::create(phone.join("log")).map_err(problem)?;
    let errors = log.try_clone().map_err(problem)?;
    let mut baresip = Command::new("baresip");
    baresip
        .arg("-f")
        .arg(&phone)
        .args(["-t", &LISTENS_SECONDS.to_string()])
        .args(["-e", &format!("/dial sip:front-desk@{}", server.sip)]);
    let mut group = Group::start_writing_to(&baresip, Stdio::from(log), Stdio::from(errors))?;
    group.wait(Patience(Duration::from_secs(LISTENS_SECONDS) + AROUND))?;
    decoded_in(&recordings)
        .ok_or_else(|| format!("baresip recorded nothing; see {}/log", phone.display()))
}

/// Sound goes nowhere and comes from nowhere; what is decoded is written to a file.
fn settings(modules: &Path, recordings: &Path) -> String {
    format!(
        "sip_listen 127.0.0.1:0\n\
         audio_source aubridge,nobody\n\
         audio_player aubridge,nobody\n\
         audio_alert aubridge,nobody\n\
         snd_path {}\n\
         rtp_ports 30000-31998\n\
         module_path {}\n\
         module g711.so\n\
         module aubridge.so\n\
         module sndfile.so\n\
         module_app account.so\n\
         module_app menu.so\n",
        recordings.display(),
        modules.display()
    )
}

/// Its recorder writes one file for each direction, `…-enc.wav` and `…-dec.wav`.
fn decoded_in(recordings: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(recordings).ok()?.flatten();
    let mut paths = files.map(|entry| entry.path());
    paths.find(|path| path.to_string_lossy().ends_with("-dec.wav"))
}
