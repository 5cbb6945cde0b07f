#!/bin/sh
# Installs the light set for a Python: `install-light.sh .venv/bin/python`. uv does it faster, if it is here and finds the
# packages; it does not read pip's settings.
set -eu
python=$1
set -- -r requirements-cpu.txt -r requirements-offline.txt
# Without ffmpeg on PATH, the copy in this package reads media files; it takes 170 MB.
command -v ffmpeg >/dev/null || set -- "$@" "$(grep '^imageio-ffmpeg==' requirements-lock.txt)"

if command -v uv >/dev/null && uv pip install --quiet --python "$python" --no-deps "$@" 2>/dev/null; then
    exit 0
fi
exec "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile "$@"
