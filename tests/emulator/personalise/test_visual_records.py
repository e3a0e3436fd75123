"""The visual application's files, taken apart by hand and verified with the keys inside them, by openssl too."""

from __future__ import annotations

import subprocess
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image

from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.keys import modulus
from mynacard_emulator.profiles import spec
from tests.emulator.personalise.test_records import public_key, take, verify

DAY = date(2026, 11, 20)
CARD = personalise(spec("adult"), today=DAY)
assert CARD.visual is not None
VISUAL = CARD.visual
FACE_TAGS = ("DF21", "DF22", "DF23", "DF24", "DF25", "DF26", "DF27", "DF28", "DF29", "DF2A")


def issuer_key() -> rsa.RSAPublicKey:
    """The key that EF 0004 certifies."""
    return public_key(VISUAL.cv_certificate[5 + 5 + 32 : 5 + 5 + 32 + 265])


def taken_apart(raw: bytes, *tags: str) -> list[bytes]:
    """The values of objects that follow each other and are all there is."""
    values = []
    for tag in tags:
        value, raw = take(raw, tag)
        values.append(value)
    assert raw == b""
    return values


def face() -> dict[str, bytes]:
    content, filler = take(VISUAL.card_face, "FF20")
    assert set(filler) == {0xFF}
    return dict(zip(FACE_TAGS, taken_apart(content, *FACE_TAGS), strict=True))


def signed_part(content: bytes, last_tag: str) -> tuple[bytes, bytes]:
    """What a signature at the end of a record is over, and the signature."""
    signature = content[-256:]
    header = bytes.fromhex(last_tag + "820100")
    assert content[-256 - len(header) : -256] == header
    return content[: -256 - len(header)], signature


# ---------------------------------------------------------------- layout


def test_the_age_record_is_as_on_a_card() -> None:
    content, rest = take(VISUAL.age_record, "FF10")
    born, key, _ = taken_apart(content, "DF11", "DF12", "DF13")

    assert VISUAL.age_record[:5] == bytes.fromhex("FF1082021E")
    assert (born, rest) == (b"19800217", b"")
    assert public_key(key).public_numbers() == shipped.key(shipped.VISUAL_INTERNAL).public_key().public_numbers()


def test_the_card_face_says_what_is_printed() -> None:
    found = face()

    assert (found["DF22"], found["DF23"], found["DF29"]) == (b"19800217", b"1", b"20350217")
    assert found["DF24"] == take(take(take(VISUAL.age_record, "FF10")[0], "DF11")[1], "DF12")[0]


def test_the_offsets_count_from_the_start_of_the_file() -> None:
    table = face()["DF21"]

    assert len(table) == 18
    for at, tag in enumerate(FACE_TAGS[1:]):
        offset = int.from_bytes(table[2 * at : 2 * at + 2], "big")
        assert VISUAL.card_face[offset : offset + 2] == bytes.fromhex(tag)


def test_basic_info_names_versions_key_and_municipality() -> None:
    content, rest = take(VISUAL.basic_info, "FF30")
    version, key_id, record_version, municipality, signed = taken_apart(content, "DF31", "DF32", "DF33", "DF34", "DF35")

    assert version == bytes.fromhex("06030E01")
    assert key_id == b"9000024\x08\x05001" + bytes(4)
    assert (record_version, municipality, rest) == (b"0001", b"99001", b"")
    assert VISUAL.basic_info.endswith(bytes.fromhex("DF35820110") + signed)
    assert len(signed) == 16 + 256


def test_the_certificate_of_the_issuers_key_has_its_own_authority_and_key_identifier() -> None:
    content, rest = take(VISUAL.cv_certificate, "7F21")
    body, signature = taken_apart(content, "5F4E", "5F37")

    assert (len(VISUAL.cv_certificate), rest) == (568, b"")
    assert body[:16] == b"9000023\x08\x05001" + bytes(4)
    assert body[16:32] == b"9990012\x08\x05000" + bytes(4)
    assert modulus(shipped.key(shipped.VISUAL_ISSUER)) in body
    verify(shipped.key(shipped.VISUAL_CV_CA).public_key(), signature, body)


# ---------------------------------------------------------------- pictures


def opened(raw: bytes) -> Image.Image:
    picture = Image.open(BytesIO(raw))
    picture.load()
    return picture


def test_name_and_address_are_pictures_of_one_bit_a_pixel() -> None:
    for tag in ("DF25", "DF26"):
        picture = opened(face()[tag])
        assert (picture.format, picture.mode, picture.size) == ("PNG", "1", (528, 24))
        assert len(set(picture.tobytes())) > 2


def test_the_security_code_and_the_my_number_are_small_pictures_of_fixed_size() -> None:
    number, _, _ = taken_apart(take(VISUAL.my_number_image, "FF40")[0], "DF41", "DF42", "DF43")

    assert (opened(number).mode, opened(number).size) == ("1", (72, 12))
    assert (opened(face()["DF2A"]).mode, opened(face()["DF2A"]).size) == ("1", (24, 12))


def test_the_portrait_is_jpeg_2000_in_grey() -> None:
    raw = face()["DF27"]
    picture = opened(raw)

    assert raw.startswith(bytes.fromhex("0000000C6A5020200D0A870A")), "a JP2 file, not a bare codestream"
    assert (picture.format, picture.mode, picture.size) == ("JPEG2000", "L", (240, 320))


# ---------------------------------------------------------------- signatures


@pytest.mark.parametrize(
    ("file", "template", "tag"), [("age_record", "FF10", "DF13"), ("my_number_image", "FF40", "DF43")]
)
def test_openssl_verifies_what_the_issuer_signed(file: str, template: str, tag: str, tmp_path: Path) -> None:
    message, signature = signed_part(take(getattr(VISUAL, file), template)[0], tag)
    (tmp_path / "key").write_bytes(issuer_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "message").write_bytes(message)

    checked = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", "key", "-signature", "signature", "message"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert checked.stdout == "Verified OK\n"


def test_the_signature_in_basic_info_is_over_all_before_it() -> None:
    content = take(VISUAL.basic_info, "FF30")[0]
    before, key_id = content[: -256 - 16 - 5], content[-256 - 16 : -256]

    assert key_id == b"9000025\x08\x05001" + bytes(4)
    verify(issuer_key(), content[-256:], before)


def test_the_signature_over_the_card_face_is_over_three_digests_in_one(tmp_path: Path) -> None:
    found = face()
    signed = VISUAL.card_face[5 + 21 :]
    parts = []
    for tags in (("DF22", "DF23", "DF24"), ("DF25", "DF26"), ("DF27",)):
        rest = signed
        for tag in tags:
            _, rest = take(rest, tag)
        parts.append(signed[: len(signed) - len(rest)])
        signed = rest
    expected = bytes.fromhex("3071 300D 06096086480165030402010500 0460")
    expected += b"".join(sha256(part).digest() for part in parts)
    (tmp_path / "key").write_bytes(issuer_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(found["DF28"])

    recovered = subprocess.run(
        ["openssl", "pkeyutl", "-verifyrecover", "-pubin", "-inkey", "key", "-in", "signature"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=60,
    )

    assert len(recovered.stdout) == 115
    assert recovered.stdout == expected
    assert issuer_key().recover_data_from_signature(found["DF28"], padding.PKCS1v15(), None) == expected


def test_a_changed_record_does_not_verify() -> None:
    message, signature = signed_part(take(VISUAL.age_record, "FF10")[0], "DF13")
    with pytest.raises(InvalidSignature):
        verify(issuer_key(), signature, message.replace(b"1980", b"2010"))


# ---------------------------------------------------------------- whose card it is


def test_the_same_profile_day_and_seed_give_the_same_files() -> None:
    assert personalise(spec("adult"), today=DAY).visual == VISUAL


def test_another_my_number_is_another_picture_and_the_rest_stays() -> None:
    other = personalise(spec("adult"), today=DAY, seed=1).visual
    assert other is not None

    assert other.my_number_image != VISUAL.my_number_image
    assert (other.age_record, other.basic_info) == (VISUAL.age_record, VISUAL.basic_info)


def test_the_files_differ_between_holders() -> None:
    other = personalise(spec("no-certificates"), today=DAY).visual
    assert other is not None

    assert other.age_record != VISUAL.age_record
    assert other.card_face != VISUAL.card_face
