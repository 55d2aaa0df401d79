"""Draw the extract of rated snippets anew: ``python -m tools.extract_snippets ARCHIVE``.

ARCHIVE is the source distribution of vaderSentiment 3.3.2 (a .tar.gz, from the package index),
which holds the snippets in an archive of its own.
"""

import argparse
import csv
import io
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

import numpy as np

INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
FOLDER = "hutto_ICWSM_2014"
INNER_HASH = "d5bb07d87474b3eb8d30b4deccbc23f19d742a6c5718fbacc65485b70b95c5fa"
KEPT = Path(__file__).resolve().parent.parent / "xaikit/datasets/data/movie_snippets.csv"
N_ROWS, SHORTEST, LONGEST = 3000, 5, 40


def rows(archive: Path) -> list[tuple[str, str, str, str]]:
    """Return number, mean rating, standard deviation and text of each snippet."""
    content = member(archive.read_bytes(), INNER)
    if (digest := sha256(content).hexdigest()) != INNER_HASH:
        raise ValueError(f"the snippets must have the SHA-256 {INNER_HASH}; got {digest}.")
    texts, ratings = (
        member(content, f"{FOLDER}/movieReviewSnippets_{name}.txt").decode("utf-8")
        for name in ("GroundTruth", "anonDataRatings")
    )
    found = []
    for told, rated in zip(texts.splitlines(), ratings.splitlines(), strict=True):
        number, _, text = told.split("\t")
        same, mean, spread, _ = rated.split("\t")
        assert number == same
        found.append((number, mean, spread, text.strip()))
    return found


def member(archive: bytes, name: str) -> bytes:
    """Return one file of an archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        file = opened.extractfile(name)
        if file is None:
            raise ValueError(f"{name} must be a file; it is none.")
        return file.read()


def extract(found: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    """Return the rows to keep, in an order drawn at random."""
    fit = {  # a text that stands there twice is taken once
        text: row
        for row in found
        if SHORTEST <= len((text := row[3]).split()) <= LONGEST and float(row[1]) != 0
    }
    candidates = list(fit.values())
    chosen = np.random.default_rng(0).choice(len(candidates), N_ROWS, replace=False)
    return [
        (number, f"{float(mean):.3f}", f"{float(spread):.3f}", text)
        for number, mean, spread, text in (candidates[i] for i in chosen)
    ]


def main() -> None:
    """Write the extract into the package."""
    parser = argparse.ArgumentParser(prog="python -m tools.extract_snippets", description=__doc__)
    parser.add_argument("archive", type=Path, metavar="ARCHIVE")
    kept = extract(rows(parser.parse_args().archive))
    with KEPT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("number", "rating", "spread", "text"))
        writer.writerows(kept)
    sys.stdout.write(f"{KEPT.name}: sha256 {sha256(KEPT.read_bytes()).hexdigest()}\n")


if __name__ == "__main__":
    main()
