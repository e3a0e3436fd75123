//! The driver: JSON-RPC on standard input and output.
//!
//! `client` is where your own client would be, `card` what it knows of the card, `link` its way there.

mod card;
mod client;
mod failed;
mod link;

use std::ffi::CString;
use std::io::{self, BufRead, Write};

use base64::prelude::{Engine, BASE64_STANDARD};
use serde_json::{json, Value};

use card::{digest_info, CERTIFICATES, KEYS, PINS};
use client::Client;
use failed::Failed;

const OPERATIONS: [&str; 8] = [
    "tries_left",
    "verify_pin",
    "change_pin",
    "read_certificate",
    "sign",
    "read_my_number",
    "read_attributes",
    "close",
];

/// Why a request has no result.
enum Refusal {
    Failed(Failed),
    NoSuchMethod,
    BadParameter(&'static str),
}

impl From<Failed> for Refusal {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

/// Answer requests, one a line, until `shutdown` or the end of input.
fn main() -> io::Result<()> {
    let mut client = Client::new(CString::default());
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let method = request["method"].as_str().unwrap_or_default();
        let mut answer = json!({"jsonrpc": "2.0", "id": request["id"]});
        match perform(&mut client, method, &request["params"]) {
            Ok(result) => answer["result"] = result,
            Err(refusal) => answer["error"] = error_of(&refusal),
        }
        println!("{answer}");
        io::stdout().flush()?;
        if method == "shutdown" {
            break;
        }
    }
    client.close();
    Ok(())
}

fn perform(client: &mut Client, method: &str, params: &Value) -> Result<Value, Refusal> {
    let text = |name| params[name].as_str().ok_or(Refusal::BadParameter(name));
    let pin = || PINS.iter().find(|pin| params["pin"] == pin.name).ok_or(Refusal::BadParameter("pin"));
    let value = params["pin"].as_str(); // what to enter if the card wants a PIN, or null
    match method {
        "initialize" => {
            let reader = CString::new(text("reader")?).map_err(|_| Refusal::BadParameter("reader"))?;
            *client = Client::new(reader);
            let pins: Vec<_> = PINS.iter().map(|pin| pin.name).collect();
            let introduction = json!({"name": "Rust example", "version": env!("CARGO_PKG_VERSION")});
            return Ok(json!({"client": introduction, "operations": OPERATIONS, "pins": pins}));
        }
        "tries_left" => return Ok(json!({"tries_left": client.tries_left(pin()?)?})),
        "verify_pin" => client.verify_pin(pin()?, text("value")?)?,
        "change_pin" => client.change_pin(pin()?, text("current")?, text("new")?)?,
        "read_certificate" => {
            let named = CERTIFICATES.iter().find(|certificate| params["certificate"] == certificate.name);
            let certificate = named.ok_or(Refusal::BadParameter("certificate"))?;
            return Ok(json!({"der": BASE64_STANDARD.encode(client.read_certificate(certificate, value)?)}));
        }
        "sign" => {
            let key = KEYS.iter().find(|key| params["key"] == key.name).ok_or(Refusal::BadParameter("key"))?;
            let message = BASE64_STANDARD.decode(text("message")?).map_err(|_| Refusal::BadParameter("message"))?;
            let signed = digest_info(text("hash")?, &message).ok_or(Refusal::BadParameter("hash"))?;
            return Ok(json!({"signature": BASE64_STANDARD.encode(client.sign(key, value, &signed)?)}));
        }
        "read_my_number" => return Ok(json!({"my_number": client.read_my_number(value)?})),
        "read_attributes" => {
            let read = client.read_attributes(value)?;
            let dated =
                json!({"name": read.name, "address": read.address, "birth_date": read.birth_date, "sex": read.sex});
            return Ok(dated);
        }
        "close" => client.close(),
        "shutdown" => {}
        _ => return Err(Refusal::NoSuchMethod),
    }
    Ok(json!({}))
}

fn error_of(refusal: &Refusal) -> Value {
    match refusal {
        Refusal::Failed(failed) => {
            let mut data = json!({"outcome": failed.outcome});
            if let Some(tries_left) = failed.tries_left {
                data["tries_left"] = json!(tries_left);
            }
            json!({"code": -32000, "message": failed.message, "data": data})
        }
        Refusal::NoSuchMethod => json!({"code": -32601, "message": "this driver has no such method"}),
        Refusal::BadParameter(name) => json!({"code": -32602, "message": format!("{name}: missing or unknown")}),
    }
}
