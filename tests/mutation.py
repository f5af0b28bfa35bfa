"""Mutation testing of what the policy decides with: `python -m tests.mutation [MODULE …]`, part of `make soak`.

mutmut changes one place at a time and asks the tests that need no database ([tool.mutmut] in pyproject.toml). They are
to notice 95 % of the changes. A change that makes them run for ever counts as noticed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEAST = 0.95
NOTICED = {1, 3, -24, 24, 36, 152, 255}  # exit codes of mutmut's runs: a test failed, or the time was up


def mutated_modules() -> list[str]:
    """What pyproject.toml names: `governance.domain.engine` …"""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]["only_mutate"]
    paths = {path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(".".join(path.with_suffix("").parts) for path in paths)


def results(module: str) -> dict[str, int | None]:
    """Mutant → exit code of the tests under it; None for one that was not tried, or a module that was not changed."""
    meta = ROOT / "mutants" / f"{module.replace('.', '/')}.py.meta"
    return json.loads(meta.read_text())["exit_code_by_key"] if meta.exists() else {module: None}


def report(modules: list[str]) -> bool:
    """Print one line a module; whether all of them together reach the bar and nothing was left untried."""
    noticed = total = untried = 0
    for module in modules:
        codes = results(module).values()
        hit = sum(code in NOTICED for code in codes)
        new = sum(code is None for code in codes)
        share = f"{hit / len(codes):7.1%}" if codes else "      –"
        print(f"{module:45} {hit:5} of {len(codes):5} {share}" + (f"  {new} not tried" if new else ""))
        noticed, total, untried = noticed + hit, total + len(codes), untried + new
    print(f"{'all':45} {noticed:5} of {total:5} {noticed / max(total, 1):7.1%}")
    return not untried and noticed >= LEAST * total > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as `engine`; none means all of them")
    parser.add_argument("--children", type=int, default=os.cpu_count(), help="how many mutants to try at a time")
    options = parser.parse_args()
    modules = [name for name in mutated_modules() if not options.modules or name.rpartition(".")[2] in options.modules]
    if not options.modules:
        shutil.rmtree(ROOT / "mutants", ignore_errors=True)  # what other tests noticed once proves nothing
    patterns = [f"{module}.*" for module in modules] if options.modules else []
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    subprocess.run([mutmut, "run", "--max-children", str(options.children), *patterns], cwd=ROOT, check=True)
    return 0 if report(modules) else 1


if __name__ == "__main__":
    sys.exit(main())
