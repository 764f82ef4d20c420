"""The papers of a release: its manifest, and its quality report as JSON and as one HTML file."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from review.models import QualityReport, Release
from review.selectors.check_pages import report_facts
from review.selectors.quality_report import newest_report, report_document, signature_json

STYLE = Path(__file__).parent / "static" / "review" / "report.css"


def report_html(report: QualityReport) -> str:
    """Nothing in it is fetched from elsewhere, and nothing runs."""
    facts = {**report_facts(report), "style": STYLE.read_text(encoding="utf-8"), "alone": True}
    return render_to_string("review/quality_report_document.html", facts)


def release_papers(release: Release) -> dict[str, bytes]:
    """What lies beside the datasets in a release's archive, by name; equal records, equal bytes.

    ``release.json`` says whether the release is signed, by whom, and which gates are not met.
    """
    report = newest_report(release)
    papers: dict[str, bytes] = {}
    if report is not None:
        papers["quality-report.json"] = _json(report_document(report))
        papers["quality-report.html"] = report_html(report).encode()
    manifest = {
        "project": release.project.name,
        "version": release.version,
        "format": release.format,
        "content_sha256": release.content_sha256,
        "signature": signature_json(release, report),
        "report": report
        and {"number": report.number, "sha256": report.sha256, "signed": report.signed},
        "papers": [
            {"path": name, "size": len(one), "sha256": hashlib.sha256(one).hexdigest()}
            for name, one in papers.items()
        ],
        "datasets": [
            {name: one[name] for name in ("name", "folder", "episodes", "manifest_sha256")}
            for one in release.manifest["datasets"]
        ],
    }
    return {"release.json": _json(manifest), **papers}


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
