"""Gives the wheel its tag: it holds a program, and no modules of Python's C API."""
import os

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Tag(BuildHookInterface):
    def initialize(self, version, build_data):
        build_data["tag"] = os.environ["WHEEL_TAG"]
        build_data["pure_python"] = False
