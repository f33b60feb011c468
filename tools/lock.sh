#!/usr/bin/env bash
# Resolve requirements/*.in anew: hashes, no addresses, valid for every Python from 3.11 on.
set -euo pipefail
cd "$(dirname "$0")/.."

resolve() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links "$@"
}

resolve --upgrade requirements/dev.in -o requirements/dev.txt
for name in runtime build node postgres; do
    resolve --upgrade "requirements/$name.in" -c requirements/dev.txt -o "requirements/$name.txt"
done
npm install --package-lock-only --ignore-scripts --no-audit --no-fund
# Only versions and hashes stay: where a package is fetched is each machine's own affair.
.venv/bin/python - <<'CODE'
import json
import pathlib

path = pathlib.Path("package-lock.json")
lock = json.loads(path.read_text("utf-8"))
for entry in lock["packages"].values():
    entry.pop("funding", None)
    entry.pop("resolved", None)
path.write_text(json.dumps(lock, indent=2) + "\n", "utf-8")
CODE
