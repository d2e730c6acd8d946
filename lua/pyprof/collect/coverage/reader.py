# reader.py - reads data of coverage.py, in an interpreter that has it: `python reader.py REQUEST`.
#
# REQUEST is a file of JSON: site (a folder to find coverage.py in), data (files to combine), config
# (a file, true: what is found from here, false: none), scratch (a private folder), output
# (where the answer goes), tolerant (leave out broken files). The answer is what `coverage json` says, without regions, with
# `tests` (the lines of each context, by file), `directory`, `notes`; or `error`.
import json
import os
import sys


def local(path):
    """The file here that shares the longest end with a path of another tree."""
    parts = path.replace("\\", "/").split("/")
    for first in range(1, len(parts)):
        ending = "/".join(parts[first:])
        # The name of such a file alone tells nothing.
        if os.path.isfile(ending) and not (first == len(parts) - 1 and ending.startswith("__")):
            return os.path.abspath(ending)
    return path


def exists(path):
    """Is it a file, or within one (an archive)?"""
    while not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return os.path.isfile(path)


class Aliases:
    """What CoverageData.update of some versions wants."""

    def __init__(self):
        self.lost = []

    def map(self, path, *_, **__):
        if exists(path):
            return path
        found = local(path)
        if found == path:
            self.lost.append(path)
        return found

    __call__ = map


def combined(coverage, request, notes):
    """A Coverage with the data of all files, mapped to this tree."""
    class Quiet(coverage.Coverage):
        def _warn(self, message, slug=None, *_, **__):
            if slug == "couldnt-parse" or message.startswith(("Couldn't", "Couldn’t")):
                notes.append("coverage: " + message)

    def make(name):
        cov = Quiet(data_file=os.path.join(request["scratch"], name),
                    config_file=request["config"])
        cov.config.patch, cov.config.debug = [], []
        return cov

    for path in list(request["data"]):
        try:
            coverage.CoverageData(basename=path).read()
        except coverage.CoverageException:
            # A process that is killed may leave a file that it had not completed.
            if not request["tolerant"]:
                raise
            request["data"].remove(path)
            notes.append("coverage: the data of a process is broken")
    cov = make("combined")
    try:
        cov.combine(data_paths=request["data"], strict=True, keep=True)
    except TypeError:  # before 5.5 it removes the files
        cov.combine(data_paths=request["data"], strict=True)
    data, aliases = cov.get_data(), Aliases()
    if all(map(exists, data.measured_files())):
        return cov
    cov.save()
    mapped = make("mapped")
    try:
        mapped.get_data().update(data, map_path=aliases)
    except TypeError:
        mapped.get_data().update(data, aliases=aliases)
    if aliases.lost:
        more = len(aliases.lost) - 1
        notes.append("coverage: no source here of %s%s" % (
            sorted(aliases.lost)[0], " and %d more" % more if more else ""))
    return mapped


def answer(request):
    if request["site"]:
        sys.path.append(request["site"])
    import coverage
    sys.path.append(os.getcwd())  # for plugins of the project
    notes = []
    try:
        cov = combined(coverage, request, notes)
        path = os.path.join(request["scratch"], "report.json")
        cov.json_report(outfile=path, ignore_errors=True)
        with open(path) as file:
            result = json.load(file)
    except coverage.CoverageException as error:
        return {"error": " ".join(str(error).split()), "kind": type(error).__name__}
    if not result["files"]:
        return {"error": notes[0].partition(": ")[2] if notes else "No data to report."}
    for entry in result["files"].values():
        entry.pop("functions", None)
        entry.pop("classes", None)
        entry.pop("contexts", None)
    result["tests"] = tests(cov.get_data(), result["files"])
    result["directory"], result["notes"] = os.getcwd(), notes
    return result


def tests(data, files):
    """The lines that each context executed, by file; {} where no context is named."""
    found, paths = {}, {os.path.realpath(path): path for path in data.measured_files()}
    for file in files:
        path = paths.get(os.path.realpath(file))
        of_line = data.contexts_by_lineno(path) if path else {}
        contexts = {}
        for line, names in of_line.items():
            for name in names:
                if name and line > 0:
                    contexts.setdefault(name, []).append(line)
        if contexts:
            found[file] = {name: sorted(lines) for name, lines in contexts.items()}
    return found


def main():
    sys.path.pop(0)  # the folder of this file
    sys.dont_write_bytecode = True
    with open(sys.argv[1]) as file:
        request = json.load(file)
    try:
        result = answer(request)
    except Exception as error:
        result = {"error": "%s: %s" % (type(error).__name__, " ".join(str(error).split()))}
    with open(request["output"], "w") as file:
        json.dump(result, file)


main()
