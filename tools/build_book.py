"""Execute the chapters that need it, then make the site: ``python -m tools.build_book``."""

import argparse
import json
import os
import runpy
import shutil
import subprocess
import sys
import time
from pathlib import Path

from sphinx.errors import ConfigError

from tools.chapters import BookError, Chapter, find_chapters, pages_folder
from tools.execution import Result, cores, kernel_environment, run_all
from tools.keys import chapter_key, package_files, tree_fingerprint
from tools.planted import planted_faults
from tools.records import Records

REPOSITORY = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Build the book and return the exit status: 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_book", description=__doc__)
    parser.add_argument("--source", type=Path, default=REPOSITORY, help="holds _config.yml")
    parser.add_argument("--output", type=Path, help="gets the _build folder (default: source)")
    parser.add_argument("--execute-only", action="store_true", help="run chapters, make no site")
    parser.add_argument("--kernels", type=int, default=cores(), help="chapters run at a time")
    options = parser.parse_args(arguments)
    if options.kernels < 1:
        parser.error(f"--kernels must be at least 1; got {options.kernels}")
    source = options.source.resolve()
    build = (options.output or source).resolve() / "_build"
    begin = time.perf_counter()
    try:
        check_addresses()
        records = Records(build)
        chapters = find_chapters(source)
        ran = execute(source, chapters, records, options.kernels)
        if not options.execute_only:
            make_site(source, build, chapters, records, ran)
    except BookError as error:
        print(f"\nThe book was not built.\n{error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Chapters that had finished are kept.", file=sys.stderr)
        return 130
    say(f"Done in {time.perf_counter() - begin:.0f} s.")
    if not options.execute_only:
        say(f"The book: {build / 'html' / 'index.html'}\nTo read it: make serve")
    return 0


def check_addresses() -> None:
    """Refuse an address that the pages would refuse, before anything is run."""
    addresses = runpy.run_path(str(REPOSITORY / "book" / "_ext" / "addresses.py"))
    try:
        for name in ("site_address", "repository"):
            addresses[name]()
    except ConfigError as error:
        raise BookError(str(error)) from error


def say(text: str) -> None:
    """Print a line at once and in one piece: several threads tell of their progress."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def package_folder(source: Path) -> Path:
    """Return the xaikit that the chapters import: the source's own, if it has one."""
    own = source / "xaikit"
    return own if own.is_dir() else REPOSITORY / "xaikit"


def execute(source: Path, chapters: list[Chapter], records: Records, kernels: int) -> int:
    """Run the stale chapters; return how many ran. Raise BookError if one failed."""
    root = package_folder(source)
    # Read once, before anything runs: a module that is edited during a run counts as it was,
    # so that the next build sees the change.
    package = package_files(root)

    def key(chapter: Chapter, modules: tuple[str, ...]) -> str:
        return chapter_key(chapter, modules, package, source / "requirements.lock")

    for chapter in chapters:
        planted_faults(chapter)  # a fault that has no place ends the build before a long run
    stale = [c for c in chapters if not records.is_fresh(c, key(c, records.modules(c)))]
    say(f"{len(chapters)} chapters with code, {len(stale)} to run ({kernels} at a time).")
    for chapter in stale:
        records.drop(chapter)
    # The longest first, so that none is left running alone at the end.
    stale.sort(key=records.seconds, reverse=True)
    done: list[Result] = []

    def finished(result: Result) -> None:
        done.append(result)
        if result.failure is None:
            records.keep(
                result.chapter,
                key(result.chapter, result.modules),
                result.modules,
                result.notebook,
                result.seconds,
            )
        word = "failed" if result.failure else "done"
        say(f"  [{len(done)}/{len(stale)}] {result.chapter.name} {word} in {result.seconds:.1f} s")

    run_all(
        stale,
        import_path=root.parent,
        kernels=kernels,
        started=lambda chapter: say(f"  running {chapter.name}"),
        finished=finished,
    )
    failures = [result.failure for result in done if result.failure]
    if failures:
        raise BookError("\n".join(failures))
    return len(done)


def published() -> dict[str, str]:
    """Return the variables by which a published site differs from one to read at home."""
    return {name: os.environ.get(name, "") for name in ("BOOK_URL", "BOOK_REPOSITORY_URL")}


def make_site(
    source: Path, build: Path, chapters: list[Chapter], records: Records, ran: int
) -> None:
    """Turn the pages and the stored outputs into ``html``; any warning is an error."""
    stamp = build / ".site.json"
    present = {"fingerprint": tree_fingerprint(source), "python": sys.version, **published()}
    if ran == 0 and (build / "html" / "index.html").is_file() and _read(stamp) == present:
        say("Nothing has changed since the site was made.")
        return
    missing = [str(c.path) for c in chapters if not records.holds(c)]
    if missing:
        raise BookError("no outputs are stored for " + ", ".join(missing))
    before = records.hashes()
    stamp.unlink(missing_ok=True)
    # Sphinx repeats no warning for a page it has kept, and does not see that outputs
    # have changed: each site is made from nothing.
    for folder in (".doctrees", "html"):
        shutil.rmtree(build / folder, ignore_errors=True)
    say("Making the pages.")
    env = kernel_environment(package_folder(source).parent)
    # To where this process speaks now, which need not be where it was started to.
    done = subprocess.run(
        _command(source, build), env=env, check=False, stdout=sys.stdout, stderr=sys.stderr
    )
    if records.hashes() != before:
        raise BookError(
            "the site build ran code itself: did a chapter change while the pages were made? "
            "Build again."
        )
    if done.returncode:
        raise BookError("Sphinx reported the errors or warnings above; each fails the build.")
    stamp.write_text(json.dumps(present), encoding="utf-8")


def _command(source: Path, build: Path) -> list[str]:
    # jsonschema imports this where it is installed, to check addresses in other scripts, which
    # nothing here asks for; it reads a grammar, in a third of the time that Sphinx takes to start.
    without = "import sys; sys.modules['rfc3987_syntax'] = None; "
    book = without + "from jupyter_book.cli.main import main; main()"
    config = ["--config", str(source / "_config.yml"), "--toc", str(source / "_toc.yml")]
    options = ["--path-output", str(build.parent), "-W", "--keep-going", "--all", "-q"]
    return [sys.executable, "-c", book, "build", str(pages_folder(source)), *config, *options]


def _read(stamp: Path) -> object:
    return json.loads(stamp.read_text(encoding="utf-8")) if stamp.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
