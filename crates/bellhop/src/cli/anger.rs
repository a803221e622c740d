//! What is asked of stored anger: where 80 should lie, and what other numbers would have done.

use call_model::Score;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// `bellhop emotion calibrate …`
#[derive(Args, Debug)]
pub struct EmotionCalibrate {
    /// The archive's folder
    #[arg(long, default_value = "bellhop-data/archive")]
    pub archive: PathBuf,
    /// The model that scored the calls
    #[arg(long)]
    pub model: PathBuf,
    /// The site's file, as 'site' of [emotion] names it; running statistics that it holds stay
    #[arg(long)]
    pub out: PathBuf,
    /// A CSV file of reviewed calls: call, verdict (calm or angry); without it whoever was owed
    /// no person for anger counts as calm
    #[arg(long)]
    pub reviewed: Option<PathBuf>,
    /// The share of calm calls that may pass 80
    #[arg(long, default_value_t = 0.01)]
    pub budget: f64,
}

/// Numbers by which anger is judged, in place of the plan's own.
#[derive(Args, Debug)]
pub struct AngerNumbers {
    /// Judge the stored scores once more: a person is owed above so many points
    #[arg(long, value_name = "POINTS", value_parser = points)]
    pub anger_above: Option<Score>,
    /// … anger that was answered has left at so many points or less
    #[arg(long, value_name = "POINTS", value_parser = points)]
    pub anger_leave: Option<Score>,
    /// … at least so many seconds of speech are behind it
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub anger_speech: Option<Duration>,
}

fn points(text: &str) -> Result<Score, String> {
    match text.parse::<f64>() {
        Ok(points) if (0.0..=100.0).contains(&points) => {
            Ok(Score::from_tenths((points * 10.0).round() as u16))
        }
        Ok(_) | Err(_) => Err("points are a number from 0 to 100".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<f64>().ok();
    parsed
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "seconds are a number of 0 or more".to_owned())
}
