"""The verdict for build servers: JUnit's XML, a test case a requirement."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from mynacard_conformance.verdict import Judged, Verdict

from .messages import Language, text, word
from .setup import Setup
from .standing import Standing
from .text import finding, reason

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, and a client may well say."""


def write(standing: Standing, language: Language, setup: Setup) -> str:
    """Write the verdict; what makes the run fail is a failure, and what does not and is no pass is skipped."""
    report = standing.report
    cases = [_case(judged, standing, language, setup) for judged in report.verdicts]
    if not standing.has_verdict:
        cases.append(_harness(report.fault or text("nothing", language)))
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    suite = ET.Element("testsuite", {"name": _clean(report.client), **counts, "time": f"{report.seconds:.3f}"})
    suite.extend(cases)
    suites = ET.Element("testsuites", {"name": "mynacard check", **counts, "time": f"{report.seconds:.3f}"})
    suites.append(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _case(judged: Judged, standing: Standing, language: Language, setup: Setup) -> ET.Element:
    chapter, _, name = judged.requirement.id.rpartition("/")
    case = ET.Element("testcase", {"classname": chapter.replace("/", "."), "name": name})
    known = standing.expected.get(judged.requirement.id)
    told = "\n".join(finding(judged, language, setup.rerun)) if judged.finding else ""
    verdict = word(judged.verdict, language)
    if standing.fails(judged):
        _add(case, "failure", text("unexpected", language) if judged.verdict is Verdict.PASS else verdict, told)
    elif standing.is_expected(judged) and known:
        _add(case, "skipped", text("expected-because", language, known), told)
    elif judged.verdict is not Verdict.PASS:
        because = reason(judged, language)
        _add(case, "skipped", f"{verdict}: {because}" if because else verdict, told)
    return case


def _harness(fault: str) -> ET.Element:
    case = ET.Element("testcase", {"classname": "harness", "name": "verdict"})
    _add(case, "error", fault, "")
    return case


def _add(case: ET.Element, tag: str, message: str, told: str) -> None:
    ET.SubElement(case, tag, {"message": _clean(message)}).text = _clean(told) or None


def _clean(words: str) -> str:
    return _NO_XML.sub("\ufffd", words)
