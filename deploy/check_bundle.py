"""``tools/bundle-check``: install the bundle as on a machine without a network, and use it.

Runs in a network namespace of its own, where there is nothing but loopback: installs, starts, asks,
upgrades to a second version, goes back, and compares the bytes of a second packing, and what the
bill of materials names with the wheels. As Python it takes the system's, without pip, where there
is one of this version.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy import make_bundle

PORT = 8000
"""That of the settings: nobody else is in this namespace."""
CLAIM = {
    "policy": "jiyuan-2022",
    "institution": {
        "government_backed": True,
        "small_agri_share": "0.92",
        "balance_growth": "0.25",
        "borrower_growth": "0.21",
        "payout_rate": "0.015",
    },
    "claim": {
        "borrower_type": "small_enterprise",
        "borrower_exposure": "3000000.00",
        "payout_date": "2022-06-30",
        "principal": "1000000.00",
        "interest": "20000.00",
        "shares": {"institution": "0.4", "lender": "0.6"},
        "finance_review": "approved",
        "industry_review": "approved",
    },
}
COMPENSATION = "204000.00"
"""20% of 1,020,000.00, below what the institution bore."""


def main() -> None:
    """Check the bundle of the files as they are."""
    names = [name for _, name in socket.if_nameindex()]
    assert names == ["lo"], f"there is a network here: {names}"
    with tempfile.TemporaryDirectory(prefix="bundle-check-") as folder:
        scratch = Path(folder)
        wheels = make_bundle.locked_wheels()
        first = make_bundle.pack(make_bundle.ROOT, wheels, scratch / "first")
        again = make_bundle.pack(_copy(scratch / "copy"), wheels, scratch / "again")
        assert first.name == again.name
        assert first.read_bytes() == again.read_bytes(), "two packings differ"
        _check_sbom(first)
        newer = _newer(scratch / "copy")
        second = make_bundle.pack(scratch / "copy", wheels, scratch / "second")

        place = Place(scratch, _python())
        key = place.install(first)
        assert key is not None
        version = place.ask(key)
        assert place.install(second) is None  # the keys stay
        assert place.ask(key) == newer != version
        place.run("back")
        assert place.ask(key) == version
        place.run("back")
        assert place.ask(key) == newer
    print(f"{first.name}: installed, upgraded and taken back without a network")


def _check_sbom(archive: Path) -> None:
    """Check that the bill of materials names the wheels of the archive, in their versions."""
    with tarfile.open(archive) as packed:
        wheels = [Path(name).name for name in packed.getnames() if name.endswith(".whl")]
        file = packed.extractfile(f"{archive.name.removesuffix('.tar.gz')}/sbom.json")
        assert file is not None
        bom = json.load(file)
    parts = [bom["metadata"]["component"], *bom["components"]]
    named = {_normal(part["name"]): part["version"] for part in parts}
    assert named == {_normal(name): version for name, version, *_ in (w.split("-") for w in wheels)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class Place:
    """Where it is installed: folders of its own, without systemd."""

    def __init__(self, scratch: Path, python: str) -> None:
        self._scratch = scratch
        self._prefix = scratch / "opt"
        self._config = scratch / "etc"
        self._python = python

    def install(self, archive: Path) -> str | None:
        """Unpack an archive and install from it; return the key if one was made."""
        shutil.unpack_archive(archive, self._scratch / "unpacked", filter="data")
        top = self._scratch / "unpacked" / archive.name.removesuffix(".tar.gz")
        said = self._install_sh(top, "--python", self._python)
        shutil.rmtree(top)
        made = re.search(r"^gck_\S+$", said, re.MULTILINE)
        return made and made[0]

    def run(self, command: str) -> None:
        """Have the installed version's own install.sh do something."""
        self._install_sh(self._prefix / "current" / "deploy", command)

    def _install_sh(self, folder: Path, *arguments: str) -> str:
        options = ["--no-service", "--prefix", str(self._prefix), "--config", str(self._config)]
        ran = subprocess.run(
            [str(folder / "install.sh"), *arguments, *options],
            env=_bare(),
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        )
        return ran.stdout

    def ask(self, key: str) -> str:
        """Start the current version, ask for its page and a figure, stop it; return the version."""
        with self._running():
            health = _get("/healthz")
            assert health["status"] == "ok"
            assert b"page/js/main.js" in _open("/")
            assert b"<svg" in _open("/page/icon.svg")
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            answer = _get("/v1/compensation", json.dumps(CLAIM).encode(), headers)
            assert answer["compensation"] == answer["payable"] == COMPENSATION, answer
            return str(health["version"])

    @contextmanager
    def _running(self) -> Iterator[None]:
        program = [str(self._prefix / "current" / "bin" / "python"), "-m", "api"]
        lines = (self._config / "settings.env").read_text(encoding="utf-8").splitlines()
        settings = dict(line.split("=", 1) for line in lines if line.startswith("COMPENSATION"))
        environment = {**_bare(), **settings}
        service = subprocess.Popen(program, env=environment, cwd="/", stderr=subprocess.DEVNULL)
        try:
            ready = [*program, "ready", "--seconds", "60"]
            subprocess.run(ready, env=environment, cwd="/", check=True)
            yield
        finally:
            service.send_signal(signal.SIGTERM)
            assert service.wait(30) in (0, -signal.SIGTERM)


def _bare() -> dict[str, str]:
    """Return the environment of a machine that knows nothing of development."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def _python() -> str:
    """Return the system's Python of our version; else the one that ours was made from."""
    system = f"/usr/bin/python{make_bundle.python_version()}"
    return system if Path(system).exists() else str(Path(sys.base_prefix) / "bin" / "python3")


def _copy(into: Path) -> Path:
    """Copy the project with its history, as somebody else would have it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=make_bundle.ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    subprocess.run(["git", "clone", "--quiet", make_bundle.ROOT, into], check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(make_bundle.ROOT / name, into / name)
    return into


def _newer(project: Path) -> str:
    """Give the project a newer version; return it."""
    path = project / "compensation" / "version.py"
    text = path.read_text(encoding="utf-8")
    found = re.search(r'(?<=__version__ = ")[^"]+', text)
    assert found is not None
    newer = f"{found[0]}.post1"
    path.write_text(text.replace(found[0], newer), encoding="utf-8")
    return newer


def _open(path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", body, headers or {})
    with contextlib.closing(urllib.request.urlopen(request, timeout=30)) as answer:
        content: bytes = answer.read()
        return content


def _get(path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
    return json.loads(_open(path, body, headers))


if __name__ == "__main__":
    main()
