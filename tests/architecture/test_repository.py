"""What lies in the repository: hashed requirements, no package hosts, a README that can be read."""

import re

from tests.architecture.source import ROOT, tracked_files

# Spelt in pieces, so that this file obeys its own rule.
PACKAGE_HOSTS = re.compile(r"(?i)\b(?:pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.org|devp[i]|artifactor[y])\b")


def test_no_tracked_file_names_a_package_host():
    """Where packages come from is the machine's business, not the repository's."""
    naming = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if PACKAGE_HOSTS.search(path.read_text("utf-8", errors="ignore"))
    ]
    assert naming == []


def test_every_requirement_is_pinned_and_hashed():
    for name in ("runtime.txt", "dev.txt"):
        logical = (ROOT / "requirements" / name).read_text("utf-8").replace("\\\n", " ").splitlines()
        entries = [line for line in logical if line.strip() and not line.startswith("#")]
        assert entries
        assert [entry[:60] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 200


def test_relative_links_in_the_documents_lead_somewhere():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    assert [f"{page.relative_to(ROOT)} → {target}" for page in pages for target in broken_links(page)] == []


def broken_links(page):
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    return [target for target in targets if "://" not in target and not (page.parent / target).exists()]


def test_every_requirement_that_is_named_is_explained():
    pattern = re.compile(
        r"\b(?:IDN|PRM|REG|POL|DNC|LIM|KIL|APR|EXE|CON|SBX|RDG|CNT|AUD|RPL|RVT|EXC|QAS|REP|PRG|GWY|SEC|OPS)-\d\d\b"
    )
    explained = set(pattern.findall((ROOT / "docs" / "requirements.md").read_text("utf-8")))
    sources = [path for path in tracked_files() if path.suffix == ".py"]
    named = {name for path in sources for name in pattern.findall(path.read_text("utf-8"))}
    assert named
    assert named - explained == set()
