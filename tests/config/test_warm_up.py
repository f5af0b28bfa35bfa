"""A process survives its first moment: many threads that use a type first, all at once (OPS-01)."""

import gc
import subprocess
import sys
from pathlib import Path

from config.warm_up import settle

ROOT = Path(__file__).resolve().parents[2]

# Each round makes types that nobody has used, and lets six threads use them at the same instant.
STAMPEDE = """
import sys, threading, types
import msgspec
from config.warm_up import lay_out

sys.setswitchinterval(1e-6)
FIELDS = "".join(f"    f{n}: 'T{n} | None' = None\\n" for n in range(11)) + "    y: dict[str, list[int]] = {}\\n"
for round in range(150):
    module = sys.modules[f"m{round}"] = types.ModuleType(f"m{round}")
    source = "import msgspec\\n" + "".join(f"class T{n}(msgspec.Struct):\\n{FIELDS}" for n in range(11))
    exec(source, module.__dict__)
    if sys.argv[1] == "warm":
        lay_out([module.T10])
    barrier = threading.Barrier(6)

    def use():
        barrier.wait()
        msgspec.convert({"f3": {"f1": {"f9": {}}}}, module.T10)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_types_that_are_laid_out_beforehand_survive_a_stampede():
    answer = run(STAMPEDE, "warm")
    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_web_process_lays_out_every_type_that_requests_are_made_of():
    """What the door reads first is laid out when the process is ready, before anybody asked."""
    code = (
        "import msgspec, config.warm_up as w; seen = []; plain = w.lay_out\n"
        "w.lay_out = lambda kinds: (seen.extend(kinds), plain(seen))\n"
        "import config.wsgi\n"
        "names = {kind.__name__ for kind in seen}\n"
        "assert {'Facts', 'Decision', 'PolicyDocument', 'EventBody'} <= names, names"
    )
    answer = run(code)
    assert answer.returncode == 0, answer.stderr[-2000:]


def test_what_is_loaded_is_walked_over_no_more():
    """A garbage collection while a large policy is read would else hold up the request for a quarter of a second."""
    before = gc.get_threshold()
    try:
        settle()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] > before[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_both_web_servers_settle_before_they_serve():
    """In a process of its own: what configures gunicorn says for the whole process where its metrics lie."""
    code = (
        "import django; django.setup()\n"
        "from config import embedded, gunicorn\n"
        "settled = []\n"
        "gunicorn.settle = lambda: settled.append('production')\n"
        "embedded.settle = lambda: settled.append('embedded')\n"
        "embedded.Loops.start = lambda _loops: settled.append('loops')\n"
        "gunicorn.post_worker_init(None)\n"
        "embedded.EmbeddedServer(host='127.0.0.1', port=0).cfg.post_worker_init(None)\n"
        "assert settled == ['production', 'embedded', 'loops'], settled"
    )
    answer = run(code)
    assert answer.returncode == 0, answer.stderr[-2000:]
