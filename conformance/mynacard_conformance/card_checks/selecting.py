"""SELECT: applications, files, and what there is no such thing as (ISO 7816-4:2020, 11.2.2)."""

from __future__ import annotations

from mynacard_conformance.verdict import Phrase

from . import apdu, tlv
from .bench import Bench
from .check import Broken, CannotJudge, NotCovered, must, need, require, require_refusal, require_that, seen_of, should
from .places import APPLICATIONS, AVAILABILITY, JPKI, SECURITY_DOMAIN, TOKEN_INFO

_NOBODYS = bytes.fromhex("A000000397425446590201")
_FOREIGN_FID = 0x002F
_CANDIDATES = (bytes.fromhex("D392"), bytes.fromhex("A0"))


def _there(bench: Bench) -> list[bytes]:
    """The AIDs of this card; a card of somebody else's has none of them."""
    found = []
    for each in APPLICATIONS:
        answer = bench.send(apdu.select(each.aid))
        if answer.sw != 0x6A82:
            need(answer, f"SELECT {each.name}")
            found.append(each.aid)
    if not found:
        raise NotCovered("no-application", "JPKI")
    return found


@must(
    "card/select/by-name",
    "SELECT by a full AID with P2 = 0C answers 9000 without data, as often as it is sent.",
    "完全なAIDによるSELECT(P2=0C)は、何度でもデータなしの9000を返す。",
    source="card.md, Commands: certain; ISO 7816-4 11.2.2",
)
def by_name(bench: Bench) -> None:
    """Select everything that is there, there and back."""
    there = _there(bench)
    for aid in (*there, *reversed(there)):
        answer = bench.send(apdu.select(aid))
        require(answer, 0x9000)
        require_that(not answer.data, "no-data", seen=seen_of(answer))


@must(
    "card/select/unknown-name",
    "SELECT by the AID of no application on the card answers 6A82.",
    "カードにないAIDのSELECTは6A82を返す。",
    source="card.md, Status words: certain; ISO 7816-4 11.2.2",
)
def unknown_name(bench: Bench) -> None:
    """Ask for an application of another kind of card, from above and from within an application."""
    require(bench.send(apdu.select(_NOBODYS)), 0x6A82)
    bench.application(JPKI)
    require(bench.send(apdu.select(_NOBODYS)), 0x6A82)


@must(
    "card/select/unknown-name-changes-nothing",
    "A SELECT that found no application leaves the current application and file as they were.",
    "見つからなかったSELECTの後も、現在のアプリケーションとファイルは変わらない。",
    source="ISO 7816-4 5.6: nothing has changed; measured by programs that probe foreign applications",
)
def unknown_name_changes_nothing(bench: Bench) -> None:
    """Read the current file after a miss as before it."""
    before = bench.content(AVAILABILITY)
    bench.send(apdu.select(_NOBODYS))
    answer = bench.send(apdu.read(0, len(before)))
    require_that(answer.done and answer.data == before, "same-file", seen=seen_of(answer))


@should(
    "card/select/control-information",
    "SELECT with P2 = 00 and Le answers 9000 with a template 6F that is well-formed, or with no data.",
    "P2=00・Le付きのSELECTは9000を返し、データがあれば正しい形式の6Fテンプレートである。",
    source="card.md, Commands: that it answers certain, with what a guess; ISO 7816-4 7.4.3",
)
def control_information(bench: Bench) -> None:
    """Look at what is told of each application."""
    for aid in _there(bench):
        answer = bench.send(apdu.select(aid, p2=0x00, le=0))
        require(answer, 0x9000)
        bench.notes["control-information"] = f"{len(answer.data)} bytes"
        try:
            tags = [item.tag for item in tlv.objects(answer.data)]
            inner = tlv.objects(tlv.objects(answer.data)[0].value) if tags else []
        except tlv.MalformedError:
            raise Broken(Phrase("well-formed"), Phrase("malformed")) from None
        names = [item.value for item in inner if item.tag == b"\x84"]
        require_that(
            tags in ([], [b"\x6f"]) and all(name == aid for name in names), "well-formed", seen=seen_of(answer)
        )


@should(
    "card/select/partial-name",
    "The first bytes of an AID select an application whose AID begins so.",
    "AIDの先頭部分だけでも、そのAIDで始まるアプリケーションを選択できる。",
    source="card.md, Commands: likely; ISO 7816-4 11.2.2 (partial DF name)",
)
def partial_name(bench: Bench) -> None:
    """Leave the last bytes out where no other application is meant."""
    bench.application(JPKI)
    bench.send(apdu.select(SECURITY_DOMAIN))
    require(bench.send(apdu.select(JPKI.aid[:5])), 0x9000)
    require(bench.send(apdu.select_file(TOKEN_INFO.fid)), 0x9000, 0x6A82)


@should(
    "card/select/next-occurrence",
    "SELECT with P2 = 02 goes on to the next application that begins so, to each once, and then answers 6A82.",
    "P2=02のSELECTは、同じ先頭部分を持つ次のアプリケーションに1つずつ進み、最後は6A82を返す。",
    source="card.md, Commands: likely; ISO 7816-4 11.2.2 (next occurrence)",
)
def next_occurrence(bench: Bench) -> None:
    """Go through all of them, and no further than there can be."""
    there = [aid for aid in _there(bench) if aid.startswith(_CANDIDATES[0])]
    bench.send(apdu.select(SECURITY_DOMAIN))
    need(bench.send(apdu.select(_CANDIDATES[0])), "SELECT D392")
    for _ in range(len(there) - 1):
        require(bench.send(apdu.select(_CANDIDATES[0], p2=0x0E)), 0x9000)
    require(bench.send(apdu.select(_CANDIDATES[0], p2=0x0E)), 0x6A82)


@must(
    "card/select/file",
    "SELECT of a file with P1 = 02 and P2 = 0C answers 9000 without data.",
    "ファイルのSELECT(P1=02、P2=0C)は、データなしの9000を返す。",
    source="card.md, Commands: certain",
)
def file(bench: Bench) -> None:
    """Select a file that is on every card of the kind."""
    bench.application(JPKI)
    answer = bench.send(apdu.select_file(TOKEN_INFO.fid))
    require(answer, 0x9000)
    require_that(not answer.data, "no-data", seen=seen_of(answer))


@must(
    "card/select/unknown-file",
    "SELECT of a file that is not there answers 6A82.",
    "存在しないファイルのSELECTは6A82を返す。",
    source="card.md, Status words: certain",
)
def unknown_file(bench: Bench) -> None:
    """Ask for a file beyond those that there can be."""
    bench.application(JPKI)
    require(bench.send(apdu.select_file(_FOREIGN_FID)), 0x6A82)


@must(
    "card/select/unknown-file-changes-nothing",
    "A SELECT that found no file leaves the current file as it was.",
    "見つからなかったファイルのSELECTの後も、現在のファイルは変わらない。",
    source="ISO 7816-4 5.6: nothing has changed",
)
def unknown_file_changes_nothing(bench: Bench) -> None:
    """Read the current file after a miss as before it."""
    before = bench.content(AVAILABILITY)
    bench.send(apdu.select_file(_FOREIGN_FID))
    answer = bench.send(apdu.read(0, len(before)))
    require_that(answer.done and answer.data == before, "same-file", seen=seen_of(answer))


@must(
    "card/select/other-forms-fail",
    "No file is selected by its identifier with P1 = 00, nor by a path with P1 = 08 or 09.",
    "P1=00のファイル識別子やP1=08・09のパスでは、ファイルを選択できない。",
    source="card.md, Commands: certain that they fail",
)
def other_forms_fail(bench: Bench) -> None:
    """Try the forms that other cards have."""
    bench.application(JPKI)
    for p1, name in ((0x00, "0006"), (0x09, "0006"), (0x08, "0006")):
        require_refusal(bench.send(apdu.command(0x00, 0xA4, p1, 0x0C, bytes.fromhex(name))))


@must(
    "card/select/no-master-file",
    "SELECT of 3F00 answers 6A82, with an application current and without.",
    "3F00のSELECTは、アプリケーション選択の有無にかかわらず6A82を返す。",
    source="card.md, Commands: certain",
)
def no_master_file(bench: Bench) -> None:
    """Ask for the master file, which this card does not have."""
    master = apdu.command(0x00, 0xA4, 0x00, 0x00, b"\x3f\x00")
    require(bench.send(master), 0x6A82)
    bench.application(JPKI)
    require(bench.send(master), 0x6A82)


@must(
    "card/select/nothing-above",
    "SELECT without a name answers 6A86 after power-on.",
    "電源投入直後の名前なしSELECTは6A86を返す。",
    source="card.md, Commands: certain",
)
def nothing_above(bench: Bench) -> None:
    """Name nothing while nothing is selected; a card that fails its first command has done so by now."""
    bench.application(JPKI)  # somebody else's card may answer as it likes
    bench.power_on()
    require(bench.send(apdu.command(0x00, 0xA4, 0x00, 0x00)), 0x6A86)


@must(
    "card/select/nothing-within",
    "SELECT without a name answers 9000 in an application, which stays current.",
    "アプリケーション選択中の名前なしSELECTは9000を返し、そのアプリケーションは選択されたままである。",
    source="card.md, Commands: certain",
)
def nothing_within(bench: Bench) -> None:
    """Name nothing, and see that the application's files are still there."""
    bench.application(JPKI)
    require(bench.send(apdu.command(0x00, 0xA4, 0x00, 0x00)), 0x9000)
    answer = bench.send(apdu.select_file(TOKEN_INFO.fid))
    require_that(answer.done, "same-application", seen=seen_of(answer))


@must(
    "card/select/no-files-above",
    "After power-on no application is current, so that no file can be selected or read.",
    "電源投入直後はどのアプリケーションも選択されておらず、ファイルの選択も読み出しもできない。",
    source="card.md, From outside: certain; ISO 7816-4 7.2.2",
)
def no_files_above(bench: Bench) -> None:
    """Leave an application current, cut the power, and try its files."""
    bench.file(TOKEN_INFO)
    bench.power_on()
    require(bench.send(apdu.select_file(TOKEN_INFO.fid)), 0x6A82)
    require_refusal(bench.send(apdu.read(0, 4)))


@should(
    "card/select/no-current-file",
    "After the SELECT of an application no file is current: READ BINARY and the query of tries are refused.",
    "アプリケーションのSELECT直後は現在のファイルがなく、READ BINARYと残り回数の照会は拒否される。",
    source="card.md, Status words: 6986 likely; ISO 7816-4 7.2.2",
)
def no_current_file(bench: Bench) -> None:
    """Select a file, then the application anew."""
    bench.file(TOKEN_INFO)
    bench.application(JPKI)
    answer = bench.send(apdu.read(0, 4))
    require_refusal(answer)
    bench.notes["no-current-file"] = f"{answer.sw:04X}"
    require_refusal(bench.send(apdu.query()))


@must(
    "card/select/security-domain",
    "SELECT of A0000001510000 answers 9000 and leaves no application current, as after power-on.",
    "A0000001510000のSELECTは9000を返し、電源投入直後と同じくアプリケーション未選択の状態に戻す。",
    source="card.md, Commands: certain",
)
def security_domain(bench: Bench) -> None:
    """Go back to the level above all applications."""
    bench.file(TOKEN_INFO)
    require(bench.send(apdu.select(SECURITY_DOMAIN)), 0x9000)
    require(bench.send(apdu.select_file(TOKEN_INFO.fid)), 0x6A82)


@must(
    "card/select/wrong-parameters",
    "SELECT with a P1 that nobody has is refused with 6A86.",
    "定義のないP1のSELECTは6A86で拒否される。",
    source="card.md, Status words: certain; ISO 7816-4 5.6",
)
def wrong_parameters(bench: Bench) -> None:
    """Use a P1 far from all others."""
    bench.application(JPKI)
    require(bench.send(apdu.command(0x00, 0xA4, 0x7F, 0x0C, b"\x00\x06")), 0x6A86)


@must(
    "card/select/after-waking",
    "Whatever the first command after power-on is answered with, the second is carried out.",
    "電源投入後の最初のコマンドへの応答が何であれ、2番目のコマンドは実行される。",
    source="card.md, first_command_fails: measured on one card",
)
def after_waking(bench: Bench) -> None:
    """The bench has sent one command already; JPKI has to be there for a second that succeeds."""
    answer = bench.send(apdu.select(JPKI.aid))
    if answer.sw == 0x6A82:
        raise NotCovered("no-application", JPKI.name)
    require_that(answer.sw != 0x6F00, "statuses", "9000", seen=seen_of(answer))
    if not answer.done:
        raise CannotJudge("needed", "SELECT JPKI", f"{answer.sw:04X}")
