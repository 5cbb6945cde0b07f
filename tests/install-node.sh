#!/bin/sh
# Installs what the tests take from npm: gradio's client for JavaScript, as its users have it, eslint and axe-core.
set -eu
cd "$(dirname "$0")/node"
npm install --no-package-lock --no-audit --no-fund --loglevel=error
npm ci --prefix ../browser --no-audit --no-fund --loglevel=error
