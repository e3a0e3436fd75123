//! What a user wants from a card; this is where your own client would be.

use std::ffi::CString;

use crate::card::{
    attributes, command, extent, my_number, Attributes, Certificate, Key, Pin, ATTRIBUTES, ATTRIBUTES_TAG, AVAILABLE,
    CERTIFICATE_TAG, JPKI, MY_NUMBER, MY_NUMBER_TAG, PINS, TEXT,
};
use crate::failed::{Failed, Problem};
use crate::link::{Link, Session};

const BLOCK: usize = 256;
const END_OF_OFFSETS: usize = 0x8000;

/// Each method is one action. A PIN is sent to the card once for each and is kept, logged and repeated nowhere.
pub struct Client {
    link: Link,
}

impl Client {
    pub fn new(reader: CString) -> Self {
        Self { link: Link::new(reader) }
    }

    /// Ask the card's own counter; that is free.
    pub fn tries_left(&mut self, pin: &'static Pin) -> Result<u8, Failed> {
        self.link.action(|session| query(session, pin))
    }

    /// Enter a PIN.
    pub fn verify_pin(&mut self, pin: &'static Pin, value: &str) -> Result<(), Failed> {
        let entry = pin.well_formed(value)?;
        self.link.action(|session| enter(session, pin, &entry))
    }

    /// Change a PIN whose current value is known: VERIFY that, then CHANGE REFERENCE DATA to the new one.
    pub fn change_pin(&mut self, pin: &'static Pin, current: &str, new: &str) -> Result<(), Failed> {
        if !pin.chosen {
            return Err(Failed::new("not_permitted", "this PIN is not for its holder to choose"));
        }
        let (entry, new_entry) = (pin.well_formed(current)?, pin.well_formed(new)?);
        self.link.action(|session| {
            enter(session, pin, &entry)?;
            send_pin(session, pin, &command([0x00, 0x24, 0x01, 0x80], &new_entry, 0))
        })
    }

    /// Read a certificate; only the sign certificate needs a PIN, and no other is given one.
    pub fn read_certificate(&mut self, certificate: &Certificate, pin: Option<&str>) -> Result<Vec<u8>, Failed> {
        let sign = &PINS[0];
        let entry = pin.filter(|_| certificate.name == sign.name).map(|value| sign.well_formed(value)).transpose()?;
        self.link.action(|session| {
            enter_jpki(session, certificate.flag, "cert_absent")?;
            if let Some(entry) = &entry {
                verify(session, sign, entry)?;
            }
            read_object(session, certificate.file, CERTIFICATE_TAG, "cert_absent")
        })
    }

    /// Sign a DigestInfo, which the card pads by PKCS#1 v1.5.
    pub fn sign(&mut self, key: &Key, pin: Option<&str>, digest_info: &[u8]) -> Result<Vec<u8>, Failed> {
        let entry = pin.map(|value| key.pin.well_formed(value)).transpose()?;
        self.link.action(|session| {
            enter_jpki(session, key.pin.flag, "cert_absent")?;
            if let Some(entry) = &entry {
                verify(session, key.pin, entry)?;
            }
            select_file(session, key.file, "cert_absent")?;
            demand(session, &command([0x80, 0x2A, 0x00, 0x80], digest_info, BLOCK))
        })
    }

    /// Read the twelve digits.
    pub fn read_my_number(&mut self, pin: Option<&str>) -> Result<String, Failed> {
        my_number(&self.read_text(MY_NUMBER, MY_NUMBER_TAG, pin)?)
    }

    /// Read name, address, birth date and sex.
    pub fn read_attributes(&mut self, pin: Option<&str>) -> Result<Attributes, Failed> {
        attributes(&self.read_text(ATTRIBUTES, ATTRIBUTES_TAG, pin)?)
    }

    /// End the session with the card.
    pub fn close(&mut self) {
        self.link.close();
    }

    fn read_text(&mut self, file: u8, tag: &[u8], pin: Option<&str>) -> Result<Vec<u8>, Failed> {
        let text = &PINS[2];
        let entry = pin.map(|value| text.well_formed(value)).transpose()?;
        self.link.action(|session| {
            select_application(session, TEXT)?;
            if let Some(entry) = &entry {
                verify(session, text, entry)?;
            }
            read_object(session, file, tag, "card_unreadable")
        })
    }
}

// ------------------------------------------------------------ steps

fn query(session: &mut Session, pin: &Pin) -> Result<u8, Problem> {
    enter_application(session, pin)?;
    select_file(session, pin.file, "pin_absent")?;
    match session.transmit(&command([0x00, 0x20, 0x00, 0x80], &[], 0))?.sw {
        sw @ 0x63C0..=0x63CF => Ok((sw & 0x0F) as u8),
        0x6983 | 0x6984 => Ok(0),
        0x9000 => Ok(pin.tries), // some cards say so while the PIN is verified, and a success restores all tries
        sw => Err(refused(sw).into()),
    }
}

fn enter(session: &mut Session, pin: &Pin, entry: &[u8]) -> Result<(), Problem> {
    enter_application(session, pin)?;
    verify(session, pin, entry)
}

fn verify(session: &mut Session, pin: &Pin, entry: &[u8]) -> Result<(), Problem> {
    select_file(session, pin.file, "pin_absent")?;
    send_pin(session, pin, &command([0x00, 0x20, 0x00, 0x80], entry, 0))
}

fn enter_application(session: &mut Session, pin: &Pin) -> Result<(), Problem> {
    match pin.flag {
        Some(_) => enter_jpki(session, pin.flag, "pin_absent"),
        None => select_application(session, pin.application),
    }
}

/// SELECT the JPKI application, unless it says that there is no such certificate, and hence no PIN for it.
///
/// Only this tells a PIN that was never set from a locked one: both have no tries.
fn enter_jpki(session: &mut Session, flag: Option<usize>, absent: &'static str) -> Result<(), Problem> {
    select_application(session, JPKI)?;
    if let Some(place) = flag {
        select_file(session, AVAILABLE, "card_unreadable")?;
        if read(session, 0, 3)?.get(place) == Some(&0x00) {
            return Err(Failed::new(absent, "the card has no such certificate").into());
        }
    }
    Ok(())
}

fn select_application(session: &mut Session, aid: &[u8]) -> Result<(), Problem> {
    let select = command([0x00, 0xA4, 0x04, 0x0C], aid, 0);
    let mut sw = session.transmit(&select)?.sw;
    if sw == 0x6F00 {
        sw = session.transmit(&select)?.sw; // one card says this to its first command after power-on
    }
    match sw {
        0x9000 => Ok(()),
        0x6A82 => Err(Failed::new("wrong_card", "the card does not have this application").into()),
        _ => Err(refused(sw).into()),
    }
}

fn select_file(session: &mut Session, file: u8, absent: &'static str) -> Result<(), Problem> {
    match session.transmit(&command([0x00, 0xA4, 0x02, 0x0C], &[0x00, file], 0))?.sw {
        0x9000 => Ok(()),
        0x6A82 => Err(Failed::new(absent, format!("the card has no file {file:04X}")).into()),
        sw => Err(refused(sw).into()),
    }
}

/// Send what may cost a try: once. If its answer is lost, nobody knows whether it counted.
fn send_pin(session: &mut Session, pin: &Pin, command: &[u8]) -> Result<(), Problem> {
    let answer = session
        .transmit(command)
        .map_err(|error| Failed::new("unknown_outcome", format!("the card was lost while it had the PIN: {error}")))?;
    match answer.sw {
        0x9000 => Ok(()),
        0x63C0 | 0x6983 | 0x6984 => {
            let message = format!("the {} PIN is locked; the municipal office can reset it", pin.name);
            Err(Failed::new("locked", message).into())
        }
        sw @ 0x63C1..=0x63CF => {
            let left = (sw & 0x0F) as u8;
            let wrong = Failed::new("wrong_pin", format!("wrong PIN, tries left: {left}"));
            Err(Failed { tries_left: Some(left), ..wrong }.into())
        }
        sw => Err(refused(sw).into()),
    }
}

/// Read the data object at the start of a file, and none of the filler behind it.
fn read_object(session: &mut Session, file: u8, tag: &[u8], absent: &'static str) -> Result<Vec<u8>, Problem> {
    select_file(session, file, absent)?;
    let mut data = read(session, 0, BLOCK)?;
    if !data.starts_with(tag) {
        return Err(Failed::new(absent, format!("there is nothing in the file {file:04X}")).into());
    }
    let (_, end) = extent(&data, tag.len())?;
    if end > END_OF_OFFSETS {
        return Err(Failed::new("card_unreadable", "a file claims to be longer than files are").into());
    }
    while data.len() < end {
        let block = read(session, data.len(), BLOCK.min(end - data.len()))?;
        if block.is_empty() {
            return Err(Failed::new("card_unreadable", "a file ends before its content").into());
        }
        data.extend(block);
    }
    data.truncate(end);
    Ok(data)
}

fn read(session: &mut Session, offset: usize, count: usize) -> Result<Vec<u8>, Problem> {
    let answer = session.transmit(&command([0x00, 0xB0, (offset >> 8) as u8, offset as u8], &[], count))?;
    match answer.sw {
        0x9000 => Ok(answer.data),
        0x6B00 => Ok(Vec::new()), // the file ends before this offset
        sw => Err(refused(sw).into()),
    }
}

fn demand(session: &mut Session, command: &[u8]) -> Result<Vec<u8>, Problem> {
    let answer = session.transmit(command)?;
    match answer.sw {
        0x9000 => Ok(answer.data),
        sw => Err(refused(sw).into()),
    }
}

fn refused(sw: u16) -> Failed {
    match sw {
        0x6982 => Failed::new("not_permitted", "the card wants a PIN for this"),
        _ => Failed::new("protocol_error", format!("the card answered {sw:04X}")),
    }
}
