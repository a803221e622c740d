//! Commands whose output nobody reads any more, as in `bellhop recordings list | head`.

use std::panic;
use std::process;

/// What a shell gives for a program that a closed pipe ended: 128 and the number of SIGPIPE.
const ENDED_BY_PIPE: i32 = 141;
/// What `println!` panics with then.
const PANIC: &str = "failed printing to stdout: Broken pipe";

/// From here on such a command ends quietly, where otherwise it would panic.
pub fn end_quietly() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if panic
            .payload_as_str()
            .is_some_and(|it| it.starts_with(PANIC))
        {
            process::exit(ENDED_BY_PIPE);
        }
        usual(panic);
    }));
}
