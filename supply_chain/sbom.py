"""Write a CycloneDX bill of materials of what runs: the library, the command line and the service.

cyclonedx-py takes the packages, licences and dependencies from an environment that holds what
requirements-service.lock pins and nothing else. What it can't know is added: the version of this
project, which is computed, and the hashes that the lock file accepts for each release. Without
time, serial number and paths, so the same lock file gives the same bytes.

    python -m supply_chain.sbom ENVIRONMENT FILE.json
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from compensation.version import __version__
from supply_chain.locks import ROOT, locked

LOCK = "requirements-service.lock"


def bill_of_materials(environment: Path) -> str:
    """Return the bill of materials of an environment as JSON.

    Raises:
        ValueError: the environment holds other packages than the lock file, or what would be
            written does not follow the schema.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    command += ["--pyproject", "pyproject.toml", "--mc-type", "application", str(environment)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    bom = json.loads(run.stdout)
    bom["metadata"]["component"]["version"] = __version__
    _add_hashes(bom["components"])
    text = json.dumps(bom, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise ValueError(f"not valid CycloneDX 1.6: {fault}")
    return text


def _add_hashes(components: list[dict[str, Any]]) -> None:
    packages = locked(LOCK)
    found = {_name(component): component for component in components}
    if found.keys() != packages.keys():
        raise ValueError(f"{LOCK} and the environment differ: {found.keys() ^ packages.keys()}")
    for name, component in found.items():
        package = packages[name]
        if component["version"] != package.version:
            raise ValueError(f"{name} {component['version']} is installed, not {package.version}")
        component["externalReferences"].append(
            {
                "type": "distribution",
                "url": component["purl"],
                "comment": f"the files of this release that {LOCK} accepts",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
            }
        )


def _name(component: dict[str, Any]) -> str:
    return re.sub(r"[-_.]+", "-", component["name"]).lower()


def main() -> None:
    """Write the bill of materials of the environment that the first argument names."""
    environment, output = map(Path, sys.argv[1:])
    output.write_text(bill_of_materials(environment), encoding="utf-8", newline="\n")
    print(f"{output}: {len(locked(LOCK))} packages, valid CycloneDX 1.6")


if __name__ == "__main__":
    main()
