"""Run studies of the course and keep what they return: ``python -m tools.study NAME ...``.

A study is a script in ``xaikit/course/studies``, whose ``run()`` returns what JSON can hold.
"""

import argparse
import json
import runpy
import sys
import time

from xaikit.course.study import Study, files, script_hash


def keep(name: str) -> Study:
    """Run a study and keep its results beside its script."""
    script, kept = files(name)
    begin = time.perf_counter()
    results = runpy.run_path(str(script))["run"]()
    seconds = round(time.perf_counter() - begin, 1)
    told = {"script": script_hash(script), "seconds": seconds, "results": results}
    kept.write_text(json.dumps(told, allow_nan=False) + "\n", encoding="utf-8")
    return Study(results, seconds)


def main() -> None:
    """Run the studies named on the command line, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tools.study", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME")
    for name in parser.parse_args().names:
        sys.stdout.write(f"{name}: kept after {keep(name).seconds} s\n")


if __name__ == "__main__":
    main()
