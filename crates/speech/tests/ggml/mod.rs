//! A whisper model of the right shape that has learnt nothing: it says the same words whatever it hears.
//!
//! All weights are zero but those by which the place of a token in the text alone decides what comes next: the
//! position's vector has one large number, and the token that is to come at this place has another there. So the
//! whole way through whisper.cpp is gone, and what comes out is known. The file's form is that of
//! `convert-pt-to-ggml.py` of whisper.cpp.

use std::io::Write;
use std::path::Path;

/// Numbers of a vector, and so the places of a text that can be written.
const WIDTH: usize = 64;
const LAYERS: usize = 4;
const SOUND_PLACES: usize = 1_500;
const TEXT_PLACES: usize = 448;
const MELS: usize = 80;
/// Tokens of a model of many languages.
const VOCABULARY: usize = 51_865;
const END: usize = 50_257;
const FIRST_LANGUAGE: usize = 50_259;
const NO_SPEECH: usize = 50_362;
const FIRST_TIME: usize = 50_364;
/// How far a token stands above all others where it is to come: with 50,000 others that makes it nearly sure.
const SURE: f32 = 4.0;
/// A position's number, so large that the token that is there counts for nothing.
const HERE: f32 = 100.0;

/// What the model says.
pub struct Saying<'a> {
    /// The pieces of the text, each a token; an English word begins with its space.
    pub pieces: &'a [&'a [u8]],
    /// When its text ends, in steps of 20 ms.
    pub ends_at: usize,
    /// The language it takes everything for: its place in whisper's list (English 0, Chinese 1).
    pub language: usize,
    /// Tokens of the hint that stands before the text: of one that has none of the pieces, its spaces.
    pub hint: usize,
    /// How much it thinks that nobody spoke, beside how sure it is of its words.
    pub no_speech: f32,
}

/// Writes the model.
pub fn write(path: &Path, saying: &Saying<'_>) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(b"lmgg")?;
    let shape = [
        VOCABULARY,
        SOUND_PLACES,
        WIDTH,
        1,
        LAYERS,
        TEXT_PLACES,
        WIDTH,
        1,
        LAYERS,
        MELS,
        1,
    ];
    for number in shape {
        integer(&mut file, number)?;
    }
    integer(&mut file, MELS)?;
    integer(&mut file, 201)?;
    file.write_all(&vec![0; MELS * 201 * 4])?;
    // The tokens of text: the saying's own, and nothing but names for the rest.
    integer(&mut file, END)?;
    for token in 0..END {
        let text = token_text(token, saying.pieces);
        integer(&mut file, text.len())?;
        file.write_all(&text)?;
    }
    tensors(&mut file, saying)?;
    file.flush()
}

/// The saying's pieces come first, then a space, which whisper.cpp wants to know.
fn token_text(token: usize, pieces: &[&[u8]]) -> Vec<u8> {
    match token.checked_sub(pieces.len()) {
        None => pieces[token].to_vec(),
        Some(0) => b" ".to_vec(),
        Some(_) => format!("<{token}>").into_bytes(),
    }
}

fn integer(file: &mut impl Write, number: usize) -> std::io::Result<()> {
    file.write_all(&(number as i32).to_le_bytes())
}

/// A tensor of zeros but for some numbers; `sizes` has the quickest index first.
fn tensor(
    file: &mut impl Write,
    name: &str,
    sizes: &[usize],
    is_half: bool,
    some: &[(usize, f32)],
) -> std::io::Result<()> {
    integer(file, sizes.len())?;
    integer(file, name.len())?;
    integer(file, usize::from(is_half))?;
    for size in sizes {
        integer(file, *size)?;
    }
    file.write_all(name.as_bytes())?;
    let each = if is_half { 2 } else { 4 };
    let mut bytes = vec![0_u8; sizes.iter().product::<usize>() * each];
    for (place, number) in some {
        let at = place * each;
        match is_half {
            true => bytes[at..at + 2].copy_from_slice(&half(*number).to_le_bytes()),
            false => bytes[at..at + 4].copy_from_slice(&number.to_le_bytes()),
        }
    }
    file.write_all(&bytes)
}

/// A number as one of sixteen bits; for those that are not tiny.
fn half(number: f32) -> u16 {
    let bits = number.to_bits();
    let exponent = ((bits >> 23) & 0xff) as i32 - 127 + 15;
    ((bits >> 16) & 0x8000) as u16 | (exponent << 10) as u16 | ((bits >> 13) & 0x3ff) as u16
}

fn tensors(file: &mut impl Write, saying: &Saying<'_>) -> std::io::Result<()> {
    tensor(
        file,
        "encoder.positional_embedding",
        &[WIDTH, SOUND_PLACES],
        false,
        &[],
    )?;
    tensor(file, "encoder.conv1.weight", &[3, MELS, WIDTH], true, &[])?;
    tensor(file, "encoder.conv1.bias", &[1, WIDTH], false, &[])?;
    tensor(file, "encoder.conv2.weight", &[3, WIDTH, WIDTH], true, &[])?;
    tensor(file, "encoder.conv2.bias", &[1, WIDTH], false, &[])?;
    tensor(file, "encoder.ln_post.weight", &[WIDTH], false, &[])?;
    tensor(file, "encoder.ln_post.bias", &[WIDTH], false, &[])?;
    for layer in 0..LAYERS {
        block(file, &format!("encoder.blocks.{layer}"), &["attn"])?;
        block(
            file,
            &format!("decoder.blocks.{layer}"),
            &["attn", "cross_attn"],
        )?;
    }
    let here = |place: usize| (place * WIDTH + place.min(WIDTH - 1), HERE);
    let places: Vec<_> = (0..TEXT_PLACES).map(here).collect();
    tensor(
        file,
        "decoder.positional_embedding",
        &[WIDTH, TEXT_PLACES],
        false,
        &places,
    )?;
    let tokens = what_comes(saying);
    tensor(
        file,
        "decoder.token_embedding.weight",
        &[WIDTH, VOCABULARY],
        true,
        &tokens,
    )?;
    let ones: Vec<_> = (0..WIDTH).map(|place| (place, 1.0)).collect();
    tensor(file, "decoder.ln.weight", &[WIDTH], false, &ones)?;
    tensor(file, "decoder.ln.bias", &[WIDTH], false, &[])
}

/// Which token comes at which place.
fn what_comes(saying: &Saying<'_>) -> Vec<(usize, f32)> {
    let comes = |token: usize, place: usize| (token * WIDTH + place, SURE);
    // The language is asked for at the very first place, with nothing before it.
    let mut all = vec![comes(FIRST_LANGUAGE + saying.language, 0)];
    // A hint stands between a mark of its own and the marks of begin, language and task.
    let hint = if saying.hint > 0 { saying.hint + 1 } else { 0 };
    let first = hint + 2;
    all.push((NO_SPEECH * WIDTH + first, saying.no_speech));
    all.push(comes(FIRST_TIME, first));
    for token in 0..saying.pieces.len() {
        all.push(comes(token, first + 1 + token));
    }
    let after = first + 1 + saying.pieces.len();
    assert!(after + 1 < WIDTH, "too long a saying");
    all.push(comes(FIRST_TIME + saying.ends_at, after));
    all.extend((after + 1..WIDTH).map(|place| comes(END, place)));
    all
}

fn block(file: &mut impl Write, name: &str, attentions: &[&str]) -> std::io::Result<()> {
    let wide = 4 * WIDTH;
    tensor(file, &format!("{name}.mlp_ln.weight"), &[WIDTH], false, &[])?;
    tensor(file, &format!("{name}.mlp_ln.bias"), &[WIDTH], false, &[])?;
    tensor(
        file,
        &format!("{name}.mlp.0.weight"),
        &[WIDTH, wide],
        true,
        &[],
    )?;
    tensor(file, &format!("{name}.mlp.0.bias"), &[wide], false, &[])?;
    tensor(
        file,
        &format!("{name}.mlp.2.weight"),
        &[wide, WIDTH],
        true,
        &[],
    )?;
    tensor(file, &format!("{name}.mlp.2.bias"), &[WIDTH], false, &[])?;
    for attention in attentions {
        let name = format!("{name}.{attention}");
        tensor(file, &format!("{name}_ln.weight"), &[WIDTH], false, &[])?;
        tensor(file, &format!("{name}_ln.bias"), &[WIDTH], false, &[])?;
        for part in ["query", "key", "value", "out"] {
            tensor(
                file,
                &format!("{name}.{part}.weight"),
                &[WIDTH, WIDTH],
                true,
                &[],
            )?;
            if part != "key" {
                tensor(file, &format!("{name}.{part}.bias"), &[WIDTH], false, &[])?;
            }
        }
    }
    Ok(())
}
