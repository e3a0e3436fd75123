//! Steers the cards of a private PC/SC stack from Rust, with nothing but its standard library:
//! rustc steer.rs && mynacard exec --control card.sock -- ./steer

use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

type Answer = Result<String, Box<dyn Error>>;

/// Send one request over the socket that MYNACARD_CONTROL names; what is refused is an error that says why.
fn ask(method: &str, path: &str, body: &str) -> Answer {
    let address = env::var("MYNACARD_CONTROL")?;
    let socket = address.strip_prefix("unix:").ok_or("give exec --control a path")?;
    let mut stream = UnixStream::connect(socket)?;
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: card\r\nConnection: close\r\n{kind}Content-Length: {length}\r\n\r\n{body}"
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, answer) = response.split_once("\r\n\r\n").ok_or("no answer")?;
    match head.split(' ').nth(1) {
        Some(status) if status < "400" => Ok(answer.to_owned()),
        _ => Err(pick(answer, "message").into()),
    }
}

/// The value of that name in an answer, or the first where it is a list; a JSON crate does this better.
fn pick<'a>(answer: &'a str, name: &str) -> &'a str {
    let (_, value) = answer.split_once(&format!("\"{name}\": ")).unwrap_or_default();
    let value = value.trim_start_matches('[');
    match value.strip_prefix('"') {
        Some(text) => text.split('"').next().unwrap_or_default(),
        None => value.split([',', '}', ']']).next().unwrap_or_default(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("card in the reader: {}", pick(&ask("DELETE", "/readers/0/card", "")?, "card") != "null");
    println!("card in the reader: {}", pick(&ask("POST", "/readers/0/card", "")?, "card") != "null");

    let ordered = ask("POST", "/readers/0/faults", r#"{"fault": "verify:1:tear-after"}"#)?;
    println!("ordered: {}", pick(&ordered, "ordered"));
    // Here your program enters a PIN. The card acts on it, leaves, and its answer is lost.
    ask("DELETE", "/readers/0/faults", "")?;

    let locked = ask("POST", "/cards", r#"{"profile": "adult", "tries": {"auth": 0}}"#)?;
    let card = pick(&locked, "card");
    ask("PUT", "/readers/0/card", &format!(r#"{{"card": {card}}}"#))?;
    println!("tries left: {}", pick(&locked, "auth"));

    ask("POST", "/clock", r#"{"opening": true}"#)?;
    let visit = ask("POST", "/office/counter.reset_pin", r#"{"pin": "auth", "new": "4829"}"#)?;
    println!("at the counter: {}", pick(&visit, "outcome"));
    println!("tries left: {}", pick(&ask("GET", &format!("/cards/{card}"), "")?, "auth"));
    Ok(())
}
