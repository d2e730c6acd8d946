"""Measures the page in Chromium; page.js says what."""
import subprocess
import sys

sys.exit(subprocess.run(["node", "tests/bench/page.js"]).returncode)
