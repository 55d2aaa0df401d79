"""The local server: gzip as a web host gives it, and this machine alone."""

import gzip
import http.client
import urllib.error
import urllib.request

import pytest

from tools.serve import make_server, serving

pytestmark = pytest.mark.slow

PAGE = "<title>Page</title>" + "word " * 1000


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "index.html").write_text(PAGE)
    (tmp_path / "font.woff2").write_bytes(b"\0" * 5000)
    (tmp_path / "secret").write_text("x")
    return tmp_path / "."


def get(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers, answer.read()


@pytest.mark.parametrize("path", ["", "index.html", "index.html?highlight=word", "part/"])
def test_text_is_gzipped_for_who_takes_it(site, path):
    with serving(site) as address:
        headers, body = get(address + path, **{"Accept-Encoding": "gzip"})
        assert headers["Content-Encoding"] == "gzip"
        assert headers["Content-Type"].startswith("text/html")
        assert int(headers["Content-Length"]) == len(body) < len(PAGE) / 10
        assert gzip.decompress(body).decode() == PAGE
        headers, body = get(address + path)
        assert headers["Content-Encoding"] is None
        assert body.decode() == PAGE


def test_what_is_packed_already_is_sent_as_it_is(site):
    with serving(site) as address:
        headers, body = get(address + "font.woff2", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] is None
    assert headers["Content-Type"] == "font/woff2"
    assert len(body) == 5000


def test_a_folder_without_its_slash_is_redirected(site):
    with serving(site) as address:
        request = urllib.request.Request(address + "part", headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.url == address + "part/"


def test_a_page_that_changed_is_sent_anew(site):
    with serving(site) as address:
        get(address, **{"Accept-Encoding": "gzip"})
        (site / "index.html").write_text("<p>changed, and of another length</p>")
        _, body = get(address, **{"Accept-Encoding": "gzip"})
    assert b"changed" in gzip.decompress(body)


def test_an_absent_page_is_a_404(site):
    with serving(site) as address, pytest.raises(urllib.error.HTTPError, match="404"):
        get(address + "absent.html", **{"Accept-Encoding": "gzip"})


def test_nothing_above_the_site_is_served(site):
    (site / ".." / "outside.html").resolve().write_text("x")
    with serving(site) as address, pytest.raises(urllib.error.HTTPError, match="404"):
        get(address + "%2e%2e/outside.html", **{"Accept-Encoding": "gzip"})


def test_it_listens_on_this_machine_alone(site):
    server = make_server(site)
    try:
        assert server.server_address[0] == "127.0.0.1"
    finally:
        server.server_close()


def test_a_site_that_is_not_built_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `make book` first"):
        make_server(tmp_path)


def test_what_is_not_there_gets_the_site_s_own_page(site):
    def status_and_body(address):
        with pytest.raises(urllib.error.HTTPError) as caught:
            get(address)
        return caught.value.code, caught.value.read()

    with serving(site) as address:
        assert status_and_body(address + "gone.html")[0] == 404
        (site / "404.html").write_text("<title>No such page</title>")
        assert status_and_body(address + "part/gone.html") == (404, b"<title>No such page</title>")


def test_who_asks_for_the_head_of_what_is_not_there_gets_no_body(site):
    (site / "404.html").write_text("<title>No such page</title>")
    with serving(site) as address:
        connection = http.client.HTTPConnection(address.split("/")[2], timeout=30)
        for _ in range(2):  # a body would stand where the second answer begins
            connection.request("HEAD", "/gone.html")
            answer = connection.getresponse()
            assert answer.status == 404
            assert answer.headers["Cache-Control"] == "no-cache"
            answer.read()
        connection.close()
