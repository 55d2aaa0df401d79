"""Serve the built site on this machine alone, gzipped as a web host would."""

import argparse
import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

HOST = "127.0.0.1"
PORT = 8000
SITE = Path(__file__).resolve().parent.parent / "_build" / "html"
COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".txt", ".xml", ".map", ".inv"}


class Handler(SimpleHTTPRequestHandler):
    """Answer with gzip where the browser takes it and the kind of file gains by it."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012  # the base class declares it so
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".woff2": "font/woff2",
        ".wasm": "application/wasm",
    }

    def handle(self) -> None:
        """Answer until the browser has enough; one that leaves early is no fault."""
        with suppress(ConnectionResetError, BrokenPipeError):
            super().handle()

    def do_GET(self) -> None:
        """Send a file, gzipped if that is of use; all else as the base class does."""
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.partition("?")[0].endswith("/"):
            path /= "index.html"  # without the slash the base class redirects
        accepted = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (accepted and path.is_file() and path.suffix in COMPRESSED):
            super().do_GET()
            return
        body = _gzipped(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with the site's own page where there is none, as its host will."""
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self) -> None:
        """Keep the browser from showing a page of an older build."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing for each request."""


@lru_cache(maxsize=512)
def _gzipped(path: Path, changed: int) -> bytes:
    """Return the compressed file; ``changed`` makes a new version a new entry."""
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


def make_server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Return a server of ``folder`` that is not running yet; port 0 takes a free one."""
    if not (folder / "index.html").is_file():
        raise FileNotFoundError(f"{folder} has no index.html: run `make book` first")
    return ThreadingHTTPServer((HOST, port), partial(Handler, directory=str(folder)))


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve ``folder`` on a free port while the block runs, and give its address."""
    server = make_server(folder)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> int:
    """Serve until Ctrl-C; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.serve", description=__doc__)
    parser.add_argument("--port", type=int, help=f"default: {PORT}, or a free one")
    parser.add_argument("--folder", type=Path, default=SITE)
    options = parser.parse_args()
    try:
        server = _open(options.folder.resolve(), options.port)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"http://{HOST}:{server.server_address[1]}/   (Ctrl-C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


def _open(folder: Path, port: int | None) -> ThreadingHTTPServer:
    if port is not None:
        return make_server(folder, port)
    try:
        return make_server(folder, PORT)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        return make_server(folder)


if __name__ == "__main__":
    sys.exit(main())
