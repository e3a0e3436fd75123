//! What is known of every card: where things are, how files are written, and what goes into a signature.

use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::failed::Failed;

pub const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
pub const TEXT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
const JUKI: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x01";

/// Three bytes of flags; those of sign and auth certificate come first, and 00 says that there is none.
pub const AVAILABLE: u8 = 0x08;
pub const MY_NUMBER: u8 = 0x01;
pub const ATTRIBUTES: u8 = 0x02;
pub const MY_NUMBER_TAG: &[u8] = b"\xFF\x10";
pub const ATTRIBUTES_TAG: &[u8] = b"\xFF\x20";
pub const CERTIFICATE_TAG: &[u8] = b"\x30";

/// What the value of a PIN looks like.
pub enum Form {
    Digits(usize),
    /// 6 to 16 letters and digits.
    LettersAndDigits,
}

/// Where a PIN is, what it looks like, how many tries it has, whether its holder may choose another.
pub struct Pin {
    pub name: &'static str,
    pub application: &'static [u8],
    pub file: u8,
    pub form: Form,
    pub tries: u8,
    pub chosen: bool,
    pub flag: Option<usize>,
}

pub static PINS: [Pin; 6] = [
    Pin { flag: Some(0), ..Pin::new("sign", JPKI, 0x1B, Form::LettersAndDigits, 5, true) },
    Pin { flag: Some(1), ..Pin::new("auth", JPKI, 0x18, Form::Digits(4), 3, true) },
    Pin::new("text", TEXT, 0x11, Form::Digits(4), 3, true),
    Pin::new("juki", JUKI, 0x1C, Form::Digits(4), 3, false),
    Pin::new("number_a", TEXT, 0x14, Form::Digits(12), 10, false),
    Pin::new("number_b", TEXT, 0x15, Form::Digits(14), 10, false),
];

/// Where a certificate is, and which flag tells that it is absent.
pub struct Certificate {
    pub name: &'static str,
    pub file: u8,
    pub flag: Option<usize>,
}

pub static CERTIFICATES: [Certificate; 4] = [
    Certificate { name: "sign", file: 0x01, flag: Some(0) },
    Certificate { name: "sign_ca", file: 0x02, flag: None },
    Certificate { name: "auth", file: 0x0A, flag: Some(1) },
    Certificate { name: "auth_ca", file: 0x0B, flag: None },
];

/// Where a key is, and the PIN that it wants.
pub struct Key {
    pub name: &'static str,
    pub file: u8,
    pub pin: &'static Pin,
}

pub static KEYS: [Key; 2] =
    [Key { name: "sign", file: 0x1A, pin: &PINS[0] }, Key { name: "auth", file: 0x17, pin: &PINS[1] }];

/// Name, address, birth date (YYYY-MM-DD) and sex.
pub struct Attributes {
    pub name: String,
    pub address: String,
    pub birth_date: String,
    pub sex: &'static str,
}

impl Pin {
    const fn new(
        name: &'static str,
        application: &'static [u8],
        file: u8,
        form: Form,
        tries: u8,
        chosen: bool,
    ) -> Self {
        Self { name, application, file, form, tries, chosen, flag: None }
    }

    /// What goes to the card for an entry; one that cannot be right ends here, and costs no try.
    pub fn well_formed(&self, typed: &str) -> Result<Vec<u8>, Failed> {
        let value: String = typed.chars().map(half_width).collect();
        let fits = match self.form {
            Form::Digits(count) => value.len() == count && value.bytes().all(|byte| byte.is_ascii_digit()),
            Form::LettersAndDigits => {
                (6..=16).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
        };
        if !fits {
            let message = format!("no {} PIN looks like that; nothing was sent to the card", self.name);
            return Err(Failed::new("format_rejected", message));
        }
        Ok(value.to_ascii_uppercase().into_bytes()) // the card knows only capital letters
    }
}

/// Full-width letters and digits are typed easily in Japanese.
fn half_width(character: char) -> char {
    match character {
        '！'..='～' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
        _ => character,
    }
}

/// Build a short command APDU; `ne` is how many bytes are wanted, up to 256.
pub fn command(header: [u8; 4], data: &[u8], ne: usize) -> Vec<u8> {
    let mut command = header.to_vec();
    if !data.is_empty() {
        command.push(data.len() as u8);
        command.extend(data);
    }
    if ne > 0 {
        command.push((ne & 0xFF) as u8);
    }
    command
}

/// What the card is asked to sign: the DER of a digest and its algorithm; nothing for an unknown algorithm.
pub fn digest_info(hash: &str, message: &[u8]) -> Option<Vec<u8>> {
    let (length, algorithm, digest) = match hash {
        "sha256" => (0x20, 0x01, Sha256::digest(message).to_vec()),
        "sha384" => (0x30, 0x02, Sha384::digest(message).to_vec()),
        "sha512" => (0x40, 0x03, Sha512::digest(message).to_vec()),
        _ => return None,
    };
    let mut info = vec![0x30, 0x11 + length, 0x30, 0x0D, 0x06, 0x09];
    info.extend(b"\x60\x86\x48\x01\x65\x03\x04\x02");
    info.extend([algorithm, 0x05, 0x00, 0x04, length]);
    info.extend(digest);
    Some(info)
}

/// Read the header of a BER data object: where its value begins and ends. Some cards write 82 hh ll for a short one.
pub fn extent(data: &[u8], tag_size: usize) -> Result<(usize, usize), Failed> {
    let no_object = || Failed::new("card_unreadable", "a file on the card does not begin with a data object");
    let first = usize::from(*data.get(tag_size).ok_or_else(no_object)?);
    let start = match first {
        0..=0x7F => return Ok((tag_size + 1, tag_size + 1 + first)),
        0x81..=0x84 => tag_size + 1 + (first - 0x80),
        _ => return Err(no_object()),
    };
    let length = data.get(tag_size + 1..start).ok_or_else(no_object)?;
    let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    Ok((start, start + length))
}

/// The twelve digits in the record of `MY_NUMBER`.
pub fn my_number(record: &[u8]) -> Result<String, Failed> {
    let (start, end) = extent(record, MY_NUMBER_TAG.len())?;
    text(value(record, start, end)?)
}

/// The four attributes in the record of `ATTRIBUTES`.
pub fn attributes(record: &[u8]) -> Result<Attributes, Failed> {
    let (start, end) = extent(record, ATTRIBUTES_TAG.len())?;
    let mut rest = value(record, start, end)?;
    let [mut name, mut address, mut born, mut sex]: [String; 4] = Default::default();
    while !rest.is_empty() {
        let (start, end) = extent(rest, 2)?;
        let written = value(rest, start, end)?;
        match &rest[..2] {
            b"\xDF\x22" => name = text(written)?,
            b"\xDF\x23" => address = text(written)?,
            b"\xDF\x24" => born = text(written)?,
            b"\xDF\x25" => sex = text(written)?,
            _ => {}
        }
        rest = &rest[end..];
    }
    if born.len() != 8 || !born.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failed::new("card_unreadable", "the birth date on the card is no date"));
    }
    let sex = match sex.as_str() {
        "1" => "male",
        "2" => "female",
        "9" => "not_applicable",
        _ => "unknown",
    };
    let birth_date = format!("{}-{}-{}", &born[..4], &born[4..6], &born[6..]);
    Ok(Attributes { name, address, birth_date, sex })
}

fn value(data: &[u8], start: usize, end: usize) -> Result<&[u8], Failed> {
    data.get(start..end).ok_or_else(|| Failed::new("card_unreadable", "a data object on the card is cut short"))
}

fn text(value: &[u8]) -> Result<String, Failed> {
    String::from_utf8(value.to_vec()).map_err(|_| Failed::new("card_unreadable", "a text on the card is not UTF-8"))
}
