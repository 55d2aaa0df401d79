"""One stylesheet a page, the sheets in their order, addresses still right."""

import re
import sys

import pytest


@pytest.fixture
def styles(repository, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "book" / "_ext"))
    sys.modules.pop("styles", None)
    import styles

    return styles


def test_imports_and_addresses_are_seen_from_the_root_of_the_sheets(styles, tmp_path):
    texts = {
        "basic.css": "a{background:url(file.png)}",
        "theme/theme.css": '@import "../basic.css";\nb{src:url("../fonts/x.woff2")}'
        "c{background:url('data:image/png;base64,AA')}",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert styles.sheet(tmp_path, "theme/theme.css") == (
        "a{background:url(file.png)}\nb{src:url(fonts/x.woff2)}"
        "c{background:url('data:image/png;base64,AA')}"
    )


@pytest.mark.slow
def test_every_page_has_one_and_all_that_it_asks_for_is_there(site, soups, page_names):
    seen = set()
    for name in page_names:
        (link,) = soups[name].find_all("link", rel="stylesheet")
        seen.add(link["href"].rpartition("/")[2])
    for name in seen:
        text = (site / "_static" / name).read_text(encoding="utf-8")
        assert "@import" not in text
        files = re.findall(r"""url\(["']?(?!["']?(?:data:|#))([^)"']+)""", text)
        assert any(file.endswith(".woff2") for file in files)
        for file in files:
            assert (site / "_static" / file).is_file(), file
