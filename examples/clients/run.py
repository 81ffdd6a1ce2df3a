"""Generates the three clients, compiles them and runs their examples against a server.

Each example uploads the invented ledger and has to print its compensation and what is wrong with a
year that the policy does not cover. The OpenAPI document has to pass Spectral without a warning.
What is generated stays in build/clients. Exit code 3: something that this needs is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from tests.api.server import ROOT, running

HERE, BUILD = Path(__file__).parent, ROOT / "build" / "clients"
LEDGER = str(ROOT / "examples" / "jiyuan-2022.xlsx")
PRINTED = "200027.25\n422 year year_not_covered\n"
NPM = ("@stoplight/spectral-cli@6.16.3", "@types/node@20.19.43", "typescript@7.0.2")
JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in (
        *("commons-logging", "geronimo-annotation-1.3-spec"),
        *("httpclient", "httpcore", "httpmime"),
    )
]
"""What the Java client needs beside Jackson, as Debian has it; the generator brings Jackson."""


def main() -> int:
    """Do all of it."""
    missing = [tool for tool in ("javac", "node", "npm") if shutil.which(tool) is None]
    missing += [str(jar) for jar in JARS if not jar.exists()]
    if missing:
        print(f"没有 / missing: {', '.join(missing)}", file=sys.stderr)
        return 3
    generator = str(files("openapi_generator_cli") / "openapi-generator.jar")
    for language in ("java", "python", "typescript"):
        shutil.rmtree(BUILD / language, ignore_errors=True)
        shutil.copytree(HERE / language, BUILD / language)
    asked = ("npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", *NPM)
    if subprocess.run(asked, cwd=BUILD, stdout=subprocess.DEVNULL, check=False).returncode:
        print("npm 没有装上 / npm installed nothing", file=sys.stderr)
        return 3
    with running() as server:
        document = server.client.get("/openapi.json").raise_for_status().content
        (BUILD / "openapi.json").write_bytes(document)
        rules = ("--ruleset", str(HERE / "spectral.yaml"), "--fail-severity", "warn")
        _run(_npm("spectral"), "lint", *rules, "openapi.json")
        configs = [f"{language}/generator.yaml" for language in ("java", "python", "typescript")]
        _run("java", *QUICK, "-jar", generator, "batch", "--fail-fast", *configs)
        jars = os.pathsep.join([generator, *map(str, JARS)])
        _run(
            *("javac", *(f"-J{option}" for option in QUICK), "-proc:none", "-nowarn"),
            *("-cp", jars, "-sourcepath", "java/src/main/java", "-d", "java/compiled"),
            "java/UploadLedger.java",
        )
        _run(_npm("tsc"), "-p", "typescript")
        server.wait_until_ready()
        for name, program in {
            "Java": ("java", *QUICK, "-cp", f"java/compiled{os.pathsep}{jars}", "UploadLedger"),
            "TypeScript": ("node", "typescript/compiled/upload-ledger.js"),
            "Python": (sys.executable, "python/upload_ledger.py"),
        }.items():
            printed = _run(*program, server.url, LEDGER)
            assert printed == PRINTED, (name, printed)
            print(f"{name}: {' / '.join(printed.splitlines())}")
    return 0


QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Options of a Java that runs for seconds: what it would optimise never pays."""


def _npm(command: str) -> str:
    return str(BUILD / "node_modules" / ".bin" / command)


def _run(*command: str) -> str:
    """Run a command in the folder of what is generated; return what it prints."""
    ran = subprocess.run(command, cwd=BUILD, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main())
