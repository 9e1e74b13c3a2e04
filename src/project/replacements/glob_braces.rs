//! Expands braces in globs, as the npm library `brace-expansion` 2.1.8 does.

/// The glob is too complex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooComplex;

const MAX_GLOBS: usize = 1000;
const MAX_BYTES: usize = 200_000;
const MAX_DEPTH: usize = 20;
const MAX_REWRITES: usize = 50;

/// Escaped characters, while braces are expanded. No file name contains these characters.
const ESCAPES: [(&str, char, &str); 5] = [
    ("\\\\", '\u{E000}', "\\"),
    ("\\{", '\u{E001}', "{"),
    ("\\}", '\u{E002}', "}"),
    ("\\,", '\u{E003}', ","),
    ("\\.", '\u{E004}', "."),
];
const ESCAPED_CLOSE: char = '\u{E002}';

/// The globs that a glob with braces stands for.
///
/// # Errors
/// If there are too many, or if they nest too deeply.
pub(super) fn expand_braces(glob: &str) -> Result<Vec<String>, TooComplex> {
    if !has_pair(glob) {
        return Ok(vec![glob.to_owned()]);
    }
    if glob.contains(|c| ESCAPES.iter().any(|(_, escaped, _)| *escaped == c)) {
        return Err(TooComplex);
    }
    let mut escaped = glob.to_owned();
    for (text, stand_in, _) in ESCAPES {
        escaped = escaped.replace(text, &stand_in.to_string());
    }
    let mut all = expand(&escaped, 0)?;
    for glob in &mut all {
        for (_, stand_in, text) in ESCAPES {
            *glob = glob.replace(stand_in, text);
        }
    }
    Ok(all)
}

/// Whether a `{` is followed by a `}` on the same line, without another `{` between them.
fn has_pair(glob: &str) -> bool {
    let is_end = |c: char| matches!(c, '{' | '\n' | '\r' | '\u{2028}' | '\u{2029}');
    glob.split('{').skip(1).any(|after| {
        after
            .split(is_end)
            .next()
            .is_some_and(|it| it.contains('}'))
    })
}

/// A pair of braces that belong together.
struct Pair<'g> {
    before: &'g str,
    inside: &'g str,
    after: &'g str,
}

/// The first outermost pair, as the library `balanced-match` finds it.
fn pair(text: &str) -> Option<Pair<'_>> {
    let mut opened = Vec::new();
    let mut best: Option<(usize, usize)> = None;
    for (at, c) in text.char_indices() {
        match c {
            '{' => opened.push(at),
            '}' => {
                let Some(open) = opened.pop() else { continue };
                if opened.is_empty() {
                    best = Some((open, at));
                    break;
                }
                if best.is_none_or(|(first, _)| open < first) {
                    best = Some((open, at));
                }
            }
            _ => {}
        }
    }
    let (open, close) = best?;
    Some(Pair {
        before: &text[..open],
        inside: &text[open + 1..close],
        after: &text[close + 1..],
    })
}

fn expand(text: &str, depth: usize) -> Result<Vec<String>, TooComplex> {
    if depth > MAX_DEPTH {
        return Err(TooComplex);
    }
    let mut all = vec![String::new()];
    let mut text = text.to_owned();
    let mut rewrites = 0;
    loop {
        let Some(Pair {
            before,
            inside,
            after,
        }) = pair(&text)
        else {
            return combined(&all, &text, &[String::new()]);
        };
        let whole = format!("{before}{{{inside}}}");
        let none = [String::new()];
        if before.ends_with('$') {
            all = combined(&all, &whole, &none)?;
        } else if let Some(values) = sequence(inside)? {
            all = combined(&all, before, &values)?;
        } else if inside.contains(',') {
            let parts = comma_parts(inside);
            let parts = match &parts[..] {
                [only] => {
                    let inner = expand(only, depth + 1)?;
                    inner.iter().map(|it| format!("{{{it}}}")).collect()
                }
                _ => parts,
            };
            if let [only] = &parts[..] {
                all = combined(&all, &format!("{before}{only}"), &none)?;
            } else {
                let mut values = Vec::new();
                for part in &parts {
                    values.extend(expand(part, depth + 1)?);
                }
                all = combined(&all, before, &values)?;
            }
        } else if comma_set_follows(after) {
            // In `{a},b}`, the second brace closes the set.
            rewrites += 1;
            if rewrites > MAX_REWRITES || depth > 0 {
                return Err(TooComplex);
            }
            text = format!("{before}{{{inside}{ESCAPED_CLOSE}{after}");
            continue;
        } else {
            return combined(&all, &format!("{whole}{after}"), &none);
        }
        if after.is_empty() {
            return Ok(all);
        }
        text = after.to_owned();
    }
}

fn combined(starts: &[String], middle: &str, ends: &[String]) -> Result<Vec<String>, TooComplex> {
    let mut all = Vec::new();
    let mut bytes = 0;
    for start in starts {
        for end in ends {
            bytes += start.len() + middle.len() + end.len();
            if all.len() == MAX_GLOBS || bytes > MAX_BYTES {
                return Err(TooComplex);
            }
            all.push(format!("{start}{middle}{end}"));
        }
    }
    Ok(all)
}

/// Splits at commas outside inner braces.
fn comma_parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut carry = String::new();
    let mut text = text;
    loop {
        let Some(Pair {
            before,
            inside,
            after,
        }) = pair(text)
        else {
            let mut rest = text.split(',');
            parts.push(carry + rest.next().unwrap_or_default());
            parts.extend(rest.map(str::to_owned));
            return parts;
        };
        let mut pieces: Vec<String> = before.split(',').map(str::to_owned).collect();
        pieces[0] = carry + &pieces[0];
        carry = pieces.pop().unwrap_or_default() + "{" + inside + "}";
        parts.extend(pieces);
        if after.is_empty() {
            parts.push(carry);
            return parts;
        }
        text = after;
    }
}

/// Whether the text has a comma that is not followed by another one, and a `}` after it on the same line.
fn comma_set_follows(text: &str) -> bool {
    let mut closes = false;
    let mut next = None;
    for c in text.chars().rev() {
        match c {
            '}' => closes = true,
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => closes = false,
            ',' if closes && next != Some(',') => return true,
            _ => {}
        }
        next = Some(c);
    }
    false
}

/// The values of `1..5` or `a..e..2`. `None` if the text is not a sequence.
fn sequence(text: &str) -> Result<Option<Vec<String>>, TooComplex> {
    let parts: Vec<&str> = text.split("..").collect();
    let ([from, to] | [from, to, _]) = parts[..] else {
        return Ok(None);
    };
    let is_number = |part: &str| {
        let digits = part.strip_prefix('-').unwrap_or(part);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let letter = |part: &str| match part.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(i64::from(*letter)),
        _ => None,
    };
    let number = |part: &str| part.parse::<i64>().ok().filter(|it| it.abs() < 1 << 40);
    if parts.get(2).is_some_and(|step| !is_number(step)) {
        return Ok(None);
    }
    let step = match parts.get(2) {
        Some(step) => number(step).ok_or(TooComplex)?.abs().max(1),
        None => 1,
    };
    let (first, last, is_alphabetic) = match (letter(from), letter(to)) {
        (Some(first), Some(last)) => (first, last, true),
        _ if is_number(from) && is_number(to) => {
            let both = number(from).zip(number(to));
            let (first, last) = both.ok_or(TooComplex)?;
            (first, last, false)
        }
        _ => return Ok(None),
    };
    let is_padded = parts.iter().any(|part| {
        let digits = part.strip_prefix('-').unwrap_or(part);
        digits.len() > 1 && digits.starts_with('0')
    });
    let width = from.len().max(to.len());
    let count = ((last - first).abs() / step) as usize + 1;
    if count > MAX_GLOBS || width > 100 {
        return Err(TooComplex);
    }
    let sign = if last < first { -1 } else { 1 };
    let value = |at: usize| {
        let value = first + sign * step * at as i64;
        if is_alphabetic {
            let letter = char::from(value as u8);
            return if letter == '\\' {
                String::new()
            } else {
                letter.to_string()
            };
        }
        match is_padded {
            true if value < 0 => format!("-{:0>1$}", value.abs(), width - 1),
            true => format!("{value:0>width$}"),
            false => value.to_string(),
        }
    };
    Ok(Some((0..count).map(value).collect()))
}
