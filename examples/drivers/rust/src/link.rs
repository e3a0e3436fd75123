//! The way to the card, through PC/SC.

use std::ffi::CString;
use std::time::Duration;

use pcsc::{Card, Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State, Transaction};

use crate::failed::{Failed, Problem};

const LONGEST_ANSWER: usize = 258;
/// In which PC/SC notices that a card has left.
const TIME_TO_NOTICE: Duration = Duration::from_millis(600);

/// A response APDU.
pub struct Answer {
    pub data: Vec<u8>,
    pub sw: u16,
}

/// A card while no other program gets between two of our commands.
pub struct Session<'card> {
    transaction: Transaction<'card>,
    /// How many commands of this action the card has answered.
    exchanged: usize,
    lost: bool,
}

impl Session<'_> {
    /// Exchange one APDU.
    pub fn transmit(&mut self, command: &[u8]) -> Result<Answer, Error> {
        let mut buffer = [0; LONGEST_ANSWER];
        let response = self.transaction.transmit(command, &mut buffer).and_then(|response| match response {
            [data @ .., sw1, sw2] => Ok(Answer { data: data.to_vec(), sw: u16::from_be_bytes([*sw1, *sw2]) }),
            _ => Err(Error::NotTransacted), // some reader drivers say this when the card has just left
        });
        match response {
            Ok(_) => self.exchanged += 1,
            Err(_) => self.lost = true,
        }
        response
    }
}

/// A shared connection to the card in one reader; after any failure the next action opens a new one.
pub struct Link {
    reader: CString,
    connected: Option<(Context, Card)>,
    /// Whether a PIN may have been verified since the card's power was last cut.
    used: bool,
}

impl Link {
    pub fn new(reader: CString) -> Self {
        Self { reader, connected: None, used: false }
    }

    /// Do the steps of one action, from its first SELECT on.
    ///
    /// Where not even that was answered, the session was over before the action began: the card had been exchanged, or
    /// another program had reset it. Nothing is lost then, and the action begins again on a new connection.
    pub fn action<T>(&mut self, steps: impl Fn(&mut Session) -> Result<T, Problem>) -> Result<T, Failed> {
        let again = match self.once(&steps) {
            Err((Problem::Lost(_), 0)) => self.once(&steps),
            first => first,
        };
        again.map_err(|(problem, _)| match problem {
            Problem::Failed(failed) => failed,
            Problem::Lost(error) => self.why(error),
        })
    }

    /// Let go of the card, with its power cut.
    ///
    /// A verified PIN stays verified after a disconnect, and on this card even after a reset: the next program could
    /// sign with it. Only loss of power (or SELECT of another application) ends that.
    pub fn close(&mut self) {
        if self.used {
            self.used = false;
            if self.connect().is_ok() {
                self.let_go(Disposition::UnpowerCard); // otherwise there is no card on which a PIN could be verified
            }
        }
    }

    /// Do the steps once; a failure comes with the number of commands that were answered before it.
    fn once<T>(&mut self, steps: impl Fn(&mut Session) -> Result<T, Problem>) -> Result<T, (Problem, usize)> {
        self.used = true;
        let card = self.connect().map_err(|error| (error.into(), 0))?;
        let (result, exchanged, lost) = match card.transaction() {
            Err(error) => (Err(error.into()), 0, true),
            Ok(transaction) => {
                let mut session = Session { transaction, exchanged: 0, lost: false };
                (steps(&mut session), session.exchanged, session.lost)
            }
        };
        if lost {
            self.let_go(Disposition::LeaveCard);
        }
        result.map_err(|problem| (problem, exchanged))
    }

    fn connect(&mut self) -> Result<&mut Card, Error> {
        if self.connected.is_none() {
            let context = Context::establish(Scope::User)?;
            let card = context.connect(&self.reader, ShareMode::Shared, Protocols::ANY)?;
            self.connected = Some((context, card));
        }
        Ok(&mut self.connected.as_mut().expect("it was just made").1)
    }

    fn let_go(&mut self, disposition: Disposition) {
        if let Some((_context, card)) = self.connected.take() {
            let _ = card.disconnect(disposition); // where the handle is dead, that is what was wanted
        }
    }

    /// Say what became of the card when an answer was lost.
    fn why(&self, error: Error) -> Failed {
        let outcome = match error {
            Error::NoService | Error::ServiceStopped | Error::NoReadersAvailable => "no_reader",
            Error::ReaderUnavailable | Error::UnknownReader => "no_reader",
            Error::NoSmartcard => "no_card",
            Error::SharingViolation => "reader_busy",
            Error::RemovedCard => "card_removed",
            _ if self.card_is_present().unwrap_or(false) => "card_unreadable",
            _ => "card_removed",
        };
        Failed::new(outcome, error.to_string())
    }

    /// Ask the reader, which may need half a second to notice that a card has left.
    fn card_is_present(&self) -> Result<bool, Error> {
        let context = Context::establish(Scope::User)?;
        let mut states = [ReaderState::new(self.reader.clone(), State::UNAWARE)];
        context.get_status_change(Duration::ZERO, &mut states)?;
        if states[0].event_state().contains(State::PRESENT) {
            states[0].sync_current_state();
            match context.get_status_change(TIME_TO_NOTICE, &mut states) {
                Err(Error::Timeout) => return Ok(true), // nothing changed
                result => result?,
            }
        }
        Ok(states[0].event_state().contains(State::PRESENT))
    }
}
