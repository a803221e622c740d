//! The clock of 24 hours.

/// Hours and minutes as `21:30`; none where no clock shows them.
pub(super) fn written(hour: u32, minute: u32) -> Option<String> {
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

/// The way back.
pub(super) fn parse(text: &str) -> Option<(u32, u32)> {
    let (hour, minute) = text.split_once(':')?;
    let number = |figures: &str| {
        let are_figures = figures.len() == 2 && figures.bytes().all(|b| b.is_ascii_digit());
        are_figures.then(|| figures.parse::<u32>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    written(hour, minute).map(|_| (hour, minute))
}

/// Four keys.
pub(super) fn of_keys(keys: &str) -> Option<String> {
    let number = |from: usize, to: usize| keys.get(from..to)?.parse::<u32>().ok();
    written(number(0, 2)?, number(2, 4)?)
}
