#!/bin/sh
# Installs gradio's client for JavaScript, as its users have it, beside the tests that run it.
set -eu
cd "$(dirname "$0")/node"
npm install --no-package-lock --no-audit --no-fund --loglevel=error
