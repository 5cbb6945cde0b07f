#!/bin/sh
# Installs the Debian packages that the tests need and this machine lacks.
set -eu

missing=
command -v ffmpeg >/dev/null || missing="$missing ffmpeg"
command -v chromium >/dev/null || missing="$missing chromium"
command -v curl >/dev/null || missing="$missing curl"
command -v npm >/dev/null || missing="$missing nodejs npm"
command -v espeak-ng >/dev/null || missing="$missing espeak-ng"
[ -e "/usr/lib/$(uname -m)-linux-gnu/libflite.so.1" ] || missing="$missing libflite1"
command -v npm >/dev/null || missing="$missing npm"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
