//! How an action ends that does not succeed.

/// An action did not succeed; `outcome` is a name of the driver protocol.
#[derive(Debug)]
pub struct Failed {
    pub outcome: &'static str,
    pub message: String,
    pub tries_left: Option<u8>,
}

impl Failed {
    pub fn new(outcome: &'static str, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into(), tries_left: None }
    }
}

/// Why a step ends an action: it failed in a way that has a name, or a command got no answer.
#[derive(Debug)]
pub enum Problem {
    Failed(Failed),
    Lost(pcsc::Error),
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<pcsc::Error> for Problem {
    fn from(error: pcsc::Error) -> Self {
        Self::Lost(error)
    }
}
