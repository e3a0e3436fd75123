"""What applications, files, objects, status words and commands of the reader are called in a transcript."""

from __future__ import annotations

from mynacard_emulator.applications import common, jpki, juki, licence, text, visual
from mynacard_emulator.card.commands import SignatureMode
from mynacard_emulator.iso7816 import SW

APPLICATIONS = {
    jpki.AID: "the JPKI application",
    text.AID: "the text application",
    visual.AID: "the visual application",
    juki.AID: "the resident register application",
    common.AID: "the common application",
    licence.AID: "the driving-licence application",
}

FILES = {
    (jpki.AID, jpki.SIGN_CERTIFICATE): "the sign certificate",
    (jpki.AID, jpki.SIGN_CA_CERTIFICATE): "the sign CA certificate",
    (jpki.AID, jpki.TOKEN_INFO): "token info",
    (jpki.AID, jpki.AVAILABILITY): "which certificates there are",
    (jpki.AID, jpki.AUTH_CERTIFICATE): "the auth certificate",
    (jpki.AID, jpki.AUTH_CA_CERTIFICATE): "the auth CA certificate",
    (jpki.AID, jpki.TERMINAL_CA_KEY): "the key of the terminals' CA",
    (jpki.AID, jpki.AUTH_KEY): "the auth key",
    (jpki.AID, jpki.AUTH_PIN): "the auth PIN",
    (jpki.AID, jpki.SIGN_KEY): "the sign key",
    (jpki.AID, jpki.SIGN_PIN): "the sign PIN",
    (text.AID, text.MY_NUMBER): "my number",
    (text.AID, text.ATTRIBUTES): "the four attributes",
    (text.AID, text.INTEGRITY): "the integrity record",
    (text.AID, text.CV_CERTIFICATE): "the card-verifiable certificate",
    (text.AID, text.BASIC_INFO): "basic information",
    (text.AID, text.SESSION_KEY): "the session key",
    (text.AID, text.INTERNAL_PUBLIC_KEY): "the card's public key",
    (text.AID, text.PIN): "the text PIN",
    (text.AID, text.INTERNAL_KEY): "the card's own key",
    (text.AID, text.NUMBER_A): "verification number A",
    (text.AID, text.NUMBER_B): "verification number B",
    (visual.AID, visual.AGE_RECORD): "the age record",
    (visual.AID, visual.CARD_FACE): "the card face",
    (visual.AID, visual.BASIC_INFO): "basic information",
    (visual.AID, visual.CV_CERTIFICATE): "the card-verifiable certificate",
    (visual.AID, visual.MY_NUMBER_IMAGE): "the My Number as a picture",
    (visual.AID, visual.BIRTH_DATE): "the birth date",
    (visual.AID, visual.NUMBER_B): "verification number B",
    (visual.AID, visual.NUMBER_A): "verification number A",
    (visual.AID, visual.INTERNAL_KEY): "the card's own key",
    (juki.AID, juki.KEY_REFERENCE): "a key identifier",
    (juki.AID, juki.PIN): "the register PIN",
    (common.AID, common.CARD_RECORD): "the card's number",
    (common.AID, common.KEY_REFERENCE): "a key identifier",
    (common.AID, common.AUTHENTICATION_KEY): "the card's authentication key",
    (common.AID, common.PIN): "the register PIN, in the common application",
    (licence.AID, licence.PIN): "the licence PIN",
    (licence.AID, licence.SETTINGS): "whether the licence has a PIN",
    (licence.AID, licence.DATA): "the licence",
    (licence.AID, licence.SIGNATURE): "the signature of the licence",
}

OBJECTS = {
    0x0042: "who issued the card",
    0x0045: "the card's identification",
    0x0066: "card recognition data",
    0x00F0: "the municipality",
    0x00F2: "the last day of the card",
    0x00F7: "a key identifier",
    0x00F8: "the upper card-verifiable certificate",
    0x7F21: "the lower card-verifiable certificate",
    0x5F51: "the answer to reset of the contacts",
}

STATUS = {
    SW.NO_ERROR: "done",
    SW.NO_SECURE_MESSAGING_ENVIRONMENT: "no environment for secure messaging",
    SW.WRONG_LENGTH: "wrong length",
    SW.LOGICAL_CHANNEL_NOT_SUPPORTED: "no logical channels",
    SW.SECURE_MESSAGING_NOT_SUPPORTED: "no secure messaging",
    SW.COMMAND_CHAINING_NOT_SUPPORTED: "no command chaining",
    SW.NO_INFORMATION_GIVEN: "wrong, with no limit of tries",
    SW.SECURE_MESSAGING_OBJECTS_MISSING: "secure messaging in another form",
    SW.SECURE_MESSAGING_OBJECTS_INCORRECT: "an incorrect message; secure messaging has ended",
    SW.SECURE_MESSAGING_NOT_ALLOWED: "no secure messaging here",
    SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE: "not for this kind of file",
    SW.SECURITY_STATUS_NOT_SATISFIED: "a PIN is needed first",
    SW.AUTHENTICATION_METHOD_BLOCKED: "blocked",
    SW.REFERENCE_DATA_NOT_USABLE: "blocked",
    SW.CONDITIONS_OF_USE_NOT_SATISFIED: "conditions of use not satisfied",
    SW.COMMAND_NOT_ALLOWED_NO_CURRENT_EF: "no file is selected",
    SW.INCORRECT_DATA: "incorrect data",
    SW.FUNCTION_NOT_SUPPORTED: "function not supported",
    SW.FILE_OR_APPLICATION_NOT_FOUND: "no such file or application",
    SW.RECORD_NOT_FOUND: "no such record",
    SW.INCORRECT_P1_P2: "wrong parameters",
    SW.REFERENCED_DATA_NOT_FOUND: "no such data",
    SW.WRONG_P1_P2: "beyond the end of the file",
    SW.INSTRUCTION_NOT_SUPPORTED: "no such instruction",
    SW.CLASS_NOT_SUPPORTED: "no such class",
    SW.NO_PRECISE_DIAGNOSIS: "no diagnosis",
}

READER_COMMANDS = {
    bytes.fromhex("FFCA0000"): "UID",
    bytes.fromhex("FFCA0100"): "historical bytes",
    bytes.fromhex("FFCA"): "GET DATA",
    bytes.fromhex("FF0052"): "buzzer on or off",
    bytes.fromhex("FF00"): "a command of its maker's",
    bytes.fromhex("FF82"): "LOAD KEYS",
    bytes.fromhex("FF86"): "GENERAL AUTHENTICATE",
    bytes.fromhex("FFB0"): "READ BINARY",
    bytes.fromhex("FFD6"): "UPDATE BINARY",
}
"""Beginnings of what PC/SC part 3 and makers have readers do, the longer ones first."""

MODES = {
    SignatureMode.AS_GIVEN: "",
    SignatureMode.BARE_DIGEST: ", hashed",
    SignatureMode.WRAPPED_DIGEST: ", a SHA-256 digest,",
    SignatureMode.HASHED_AND_WRAPPED: ", hashed and wrapped,",
    SignatureMode.PSS_DIGEST: ", a SHA-256 digest, with PSS",
    SignatureMode.HASHED_PSS: ", hashed, with PSS",
}
