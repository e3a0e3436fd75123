"""READ BINARY and READ RECORD: lengths, borders and names (ISO 7816-4:2020, 11.3.3 and 11.4.3)."""

from __future__ import annotations

from mynacard_conformance.verdict import Phrase

from . import apdu
from .bench import Bench
from .check import NotCovered, must, need, require, require_data, require_refusal, require_that, seen_of, should
from .places import (
    APPLICATIONS,
    AUTH_CA,
    AUTH_KEY,
    AVAILABILITY,
    CARD_RECORD,
    COMMON,
    JPKI,
    PINS,
    SIGN_CA,
    TOKEN_INFO,
    File,
)

_AT_END = (0x6B00, 0x9000)


def _long(bench: Bench) -> tuple[File, bytes]:
    """A free file of more than 256 bytes, and what is in it."""
    bench.application(JPKI)
    for file in (SIGN_CA, AUTH_CA):
        if bench.send(apdu.select_file(file.fid)).done:
            content = bench.content_here(str(file))
            if len(content) > 256:
                return file, content
    raise NotCovered("no-file", str(SIGN_CA))


@must(
    "card/read/exact",
    "READ BINARY with Le gives just so many bytes, the same in whatever blocks a file is read.",
    "READ BINARYはLeで指定した長さちょうどを返し、どの単位で読んでも内容は同じである。",
    source="card.md, Commands: certain; ISO 7816-4 11.3.3",
)
def exact(bench: Bench) -> None:
    """Read a file in blocks of different sizes."""
    content = bench.content(TOKEN_INFO)
    for size in (1, 7, 32, 100):
        for at in range(0, len(content) - size + 1, max(size, 13)):
            require_data(bench.send(apdu.read(at, size)), content[at : at + size])


@must(
    "card/read/256",
    "Le = 00 gives 256 bytes where the file has them.",
    "Le=00は、ファイルに残りがあれば256バイトを返す。",
    source="ISO 7816-3 12.1.2; card.md, Commands: certain",
)
def two_hundred_and_fifty_six(bench: Bench) -> None:
    """Read a long file's first block."""
    _, content = _long(bench)
    require_data(bench.send(apdu.read(0, 256)), content[:256])
    require_data(bench.send(apdu.read(0, 255)), content[:255])


@must(
    "card/read/short-at-end",
    "Where Le is more than what is left, the answer is what is left, with 9000.",
    "Leが残りより長い場合は、残りの全バイトを9000で返す。",
    source="card.md, Commands: certain (measured by three clients)",
)
def short_at_end(bench: Bench) -> None:
    """Ask for more than there is, from several places."""
    content = bench.content(TOKEN_INFO)
    for at in (0, 1, len(content) - 1):
        require_data(bench.send(apdu.read(at, 256)), content[at:])


@must(
    "card/read/at-end",
    "At an offset of just the file's end the answer is 6B00, or 9000 with no data.",
    "オフセットがちょうどファイルの終わりの場合は、6B00またはデータなしの9000を返す。",
    source="card.md, read_at_end: likely",
)
def at_end(bench: Bench) -> None:
    """Read on where nothing is left."""
    content = bench.content(TOKEN_INFO)
    answer = bench.send(apdu.read(len(content), 16))
    require(answer, *_AT_END)
    require_that(not answer.data, "no-data", seen=seen_of(answer))
    bench.notes["read-at-end"] = f"{answer.sw:04X}"


@must(
    "card/read/beyond-end",
    "At an offset beyond the file's end the answer is 6B00.",
    "オフセットがファイルの終わりを越える場合は6B00を返す。",
    source="card.md, Status words: certain; ISO 7816-4 11.3.3",
)
def beyond_end(bench: Bench) -> None:
    """Read one byte behind the end, and far behind."""
    content = bench.content(TOKEN_INFO)
    for at in (len(content) + 1, len(content) + 256, 0x7FFF):
        require(bench.send(apdu.read(at, 16)), 0x6B00)


@must(
    "card/read/extended",
    "An extended Le reads more than 256 bytes at once: as many as it names, or the whole file.",
    "拡張Leにより、指定した長さ、またはファイル全体を一度に読み出せる。",
    source="card.md, From outside: certain for READ BINARY; ISO 7816-3 12.1.3",
)
def extended(bench: Bench) -> None:
    """Read at the borders of short and extended lengths."""
    _, content = _long(bench)
    for size in (256, 257, len(content)):
        require_data(bench.send(apdu.read(0, size, extended=True)), content[:size])
    require_data(bench.send(apdu.read(0, 0x10000, extended=True)), content)
    require_data(bench.send(apdu.read(4, 1, extended=True)), content[4:5])


@must(
    "card/read/offsets",
    "Offsets have fifteen bits: every part of a long file can be read.",
    "オフセットは15ビットで、長いファイルのどの部分も読み出せる。",
    source="ISO 7816-4 11.3.3; card.md, Commands: certain",
)
def offsets(bench: Bench) -> None:
    """Read around each multiple of 256."""
    _, content = _long(bench)
    for at in range(0x100, len(content) - 2, 0x100):
        require_data(bench.send(apdu.read(at - 2, 4)), content[at - 2 : at + 2])


@must(
    "card/read/by-short-identifier",
    "READ BINARY with 80 and a short identifier in P1 reads that file, with no SELECT before.",
    "P1に80と短縮ファイル識別子を指定したREAD BINARYは、SELECTなしでそのファイルを読み出す。",
    source="card.md, Commands: certain; ISO 7816-4 7.4.2",
)
def by_short_identifier(bench: Bench) -> None:
    """Read a file by name while another is current."""
    content = bench.content(TOKEN_INFO)
    bench.file(AVAILABILITY)
    require_data(bench.send(apdu.read_by_name(TOKEN_INFO.sfi, 3, 20)), content[3:23])


@must(
    "card/read/short-identifier-selects",
    "A READ BINARY by short identifier makes that file the current one.",
    "短縮ファイル識別子によるREAD BINARYの後は、そのファイルが現在のファイルになる。",
    source="card.md, Commands: certain; ISO 7816-4 7.2.2",
)
def short_identifier_selects(bench: Bench) -> None:
    """Read on without naming it."""
    content = bench.content(TOKEN_INFO)
    bench.application(JPKI)
    need(bench.send(apdu.read_by_name(TOKEN_INFO.sfi, 0, 4)), "READ BINARY by short identifier")
    require_data(bench.send(apdu.read(4, 8)), content[4:12])


@must(
    "card/read/unknown-short-identifier",
    "READ BINARY by the short identifier of no file answers 6A82.",
    "存在しないファイルの短縮識別子によるREAD BINARYは6A82を返す。",
    source="card.md, Status words: certain for SELECT, likely here",
)
def unknown_short_identifier(bench: Bench) -> None:
    """Name a file that no card was seen with."""
    bench.application(JPKI)
    if bench.send(apdu.select_file(0x001D)).done:
        raise NotCovered("has-file", "JPKI 001D")
    require(bench.send(apdu.read_by_name(0x1D, 0, 4)), 0x6A82)


@must(
    "card/read/not-internal",
    "READ BINARY of a PIN or of a key answers 6981 and gives nothing.",
    "暗証番号や鍵のファイルに対するREAD BINARYは6981を返し、何も出力しない。",
    source="card.md, Status words: certain",
)
def not_internal(bench: Bench) -> None:
    """Try every PIN, and a key."""
    tried = 0
    for application in APPLICATIONS:
        if not bench.send(apdu.select(application.aid)).done:
            continue
        for file in (*(pin for pin in PINS if pin.application == application), AUTH_KEY):
            if file.application == application and bench.send(apdu.select_file(file.fid)).done:
                tried += 1
                require(bench.send(apdu.read(0, 16)), 0x6981)
    if not tried:
        raise NotCovered("no-pin")


@should(
    "card/read/needs-le",
    "READ BINARY without Le, or with data, is refused and gives nothing.",
    "Leのない、またはデータ付きのREAD BINARYは拒否され、何も返さない。",
    source="card.md, Status words: 6700 a guess; ISO 7816-4 11.3.3 (case 2)",
)
def needs_le(bench: Bench) -> None:
    """Send the other three cases."""
    bench.file(TOKEN_INFO)
    for raw in (
        apdu.command(0x00, 0xB0, 0x00, 0x00),
        apdu.command(0x00, 0xB0, 0x00, 0x00, b"\x01"),
        apdu.command(0x00, 0xB0, 0x00, 0x00, b"\x01", 4),
    ):
        require_refusal(bench.send(raw))


@must(
    "card/record/first",
    "Record 1 of the common application's EF 0001 is 01 1C and 28 digits, by short identifier and by SELECT.",
    "共通カードAPのEF 0001のレコード1は、短縮識別子でもSELECTでも「01 1C」と28桁の数字である。",
    source="card.md, The common application: certain",
)
def first_record(bench: Bench) -> None:
    """Read it both ways."""
    bench.file(CARD_RECORD)
    selected = bench.send(apdu.read_record(1))
    require(selected, 0x9000)
    digits = selected.data[2:]
    well_formed = selected.data[:2] == b"\x01\x1c" and len(digits) == 28 and digits.isdigit()
    require_that(well_formed, "well-formed", seen=seen_of(selected))
    bench.application(COMMON)
    require_data(bench.send(apdu.read_record(1, sfi=CARD_RECORD.sfi)), selected.data)


@should(
    "card/record/none-beyond",
    "READ RECORD past the last record answers 6A83 or 6A82, and record 0 is refused.",
    "最後を越えるREAD RECORDは6A83または6A82を返し、レコード0は拒否される。",
    source="card.md, record_not_found: guess; ISO 7816-4 11.4.3",
)
def no_record_beyond(bench: Bench) -> None:
    """Ask for a second one, and for none."""
    bench.file(CARD_RECORD)
    answer = bench.send(apdu.read_record(2))
    require(answer, 0x6A83, 0x6A82)
    bench.notes["record-not-found"] = f"{answer.sw:04X}"
    require_refusal(bench.send(apdu.read_record(0)))


@should(
    "card/record/not-both",
    "A file of records is not read by READ BINARY, nor a transparent one by READ RECORD.",
    "レコード構造のファイルはREAD BINARYでは読めず、透過構造のファイルはREAD RECORDでは読めない。",
    source="card.md, Status words: 6981 for READ BINARY certain, else a guess; ISO 7816-4 11.3.1",
)
def not_both(bench: Bench) -> None:
    """Read each the other way."""
    bench.file(TOKEN_INFO)
    require_refusal(bench.send(apdu.read_record(1)))
    if bench.send(apdu.select(COMMON.aid)).done and bench.send(apdu.select_file(CARD_RECORD.fid)).done:
        answer = bench.send(apdu.read(0, 4))
        require_that(answer.refused, "refusal", seen=Phrase("statuses", (f"{answer.sw:04X}",)))
