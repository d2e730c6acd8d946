"""Measures the page in Chromium; browser.js says what."""
import subprocess
import sys

sys.exit(subprocess.run(["node", "tests/bench/browser.js"]).returncode)
