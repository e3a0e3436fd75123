"""Why an office, a kiosk, a hotline or a service says no: reasons for people, where a card has status words."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Refusal(StrEnum):
    """A reason; whatever is refused has changed nothing."""

    DOCUMENT_MISSING = "document_missing"
    DOCUMENT_EXPIRED = "document_expired"
    AGENT_NOT_ELIGIBLE = "agent_not_eligible"
    SECOND_VISIT_REQUIRED = "second_visit_required"
    DESK_CLOSED = "desk_closed"
    SERVICE_NOT_OFFERED = "service_not_offered"
    FEATURE_NOT_YET_AVAILABLE = "feature_not_yet_available"
    RESERVATION_MISSING = "reservation_missing"
    RESERVATION_EXPIRED = "reservation_expired"
    RESERVATION_USED = "reservation_used"
    RESERVATION_OTHER_CARD = "reservation_other_card"
    PREREQUISITE_PIN_LOCKED = "prerequisite_pin_locked"
    FACE_MISMATCH = "face_mismatch"
    CERT_NOT_VALID = "cert_not_valid"
    CERT_ABSENT = "cert_absent"
    PIN_FORMAT = "pin_format"
    PIN_ABSENT = "pin_absent"
    CONFIRMATION_MISMATCH = "confirmation_mismatch"
    NOT_ELIGIBLE_FOR_SIGN = "not_eligible_for_sign"
    NOT_REGISTERED = "not_registered"
    CARD_ABOLISHED = "card_abolished"
    CARD_SUSPENDED = "card_suspended"
    NO_CARD = "no_card"
    WRONG_STATE = "wrong_state"
    OUTSIDE_WINDOW = "outside_window"
    PHONE_CANNOT_RELEASE = "phone_cannot_release"
    HELPLINE_CANNOT_RESET = "helpline_cannot_reset"
    POLICE_NUMBER_MISSING = "police_number_missing"
    NOT_A_REASON = "not_a_reason"
    EXPRESS_NOT_OFFERED = "express_not_offered"
    ENV_INCOMPLETE = "env_incomplete"
    NOT_LOGGED_IN = "not_logged_in"
    NOT_CONFIRMED = "not_confirmed"
    ID_FORMAT = "id_format"
    DUPLICATE_ID = "duplicate_id"
    CHECK_FIRST = "check_first"
    ID_REVOKED = "id_revoked"
    ID_SUSPENDED = "id_suspended"
    ALREADY_REGISTERED = "already_registered"
    FIELD_FORMAT = "field_format"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a refusal
    DUPLICATE_MAIL = "duplicate_mail"
    BARCODE_EXPIRED = "barcode_expired"
    PASSWORD_LOCKED = "password_locked"  # noqa: S105 - likewise
    WRONG_PASSCODE = "wrong_passcode"
    ACCOUNT_STOPPED = "account_stopped"
    ACCOUNT_CLOSED = "account_closed"
    DEVICE_REGISTERED = "device_registered"
    DEREGISTRATION_PENDING = "deregistration_pending"
    NOT_ENOUGH_POINTS = "not_enough_points"


class Refused(Exception):
    """Raised at a desk where it says no; the office turns it into a `Visit` and throws the working copy away."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
