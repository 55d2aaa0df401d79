"""The book's own JavaScript: linted, tested by node's own runner, and small."""

# Sixteen chapters: some two hundred lines a figure, what they share included.
MOST_LINES = 3300
FOLDERS = ("book/_live", "tests/live")


def test_the_linter_is_content(node):
    done = node("node_modules/eslint/bin/eslint.js", "--max-warnings=0", *FOLDERS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_tests_pass(node, repository):
    files = sorted(str(path) for path in (repository / "tests" / "live").glob("*.test.js"))
    assert files
    done = node("--test", *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_stay_small(repository):
    lines = {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in (repository / "book" / "_live").rglob("*.js")
    }
    assert 0 < sum(lines.values()) <= MOST_LINES, lines
