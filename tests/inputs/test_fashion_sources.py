"""The download of Fashion-MNIST, from servers on this machine that misbehave."""

import hashlib
import re
import threading
import time
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from onestep.inputs import fashion
from onestep.inputs import fashion_sources as sources

CONTENT = {f"{name}.gz": name.encode() * 9 for name in fashion._FILES}
DIGESTS = {name: hashlib.md5(content).hexdigest() for name, content in CONTENT.items()}


class Server(BaseHTTPRequestHandler):
    """A source of one kind; notes what it is asked for."""

    def __init__(self, kind, asked, *arguments):
        self.kind, self.asked = kind, asked
        super().__init__(*arguments)

    def do_GET(self):
        name = self.path.rpartition("/")[2]
        self.asked.append(name)
        if self.kind == "silent":
            time.sleep(20)
        if self.kind == "broken" or (self.kind == "half" and name.startswith("t10k")):
            self.send_error(503)
            return
        content = b"other" if self.kind == "wrong" else CONTENT[name]
        self.send_response(200)
        self.send_header("Content-Length", len(content))
        self.end_headers()
        with suppress(BrokenPipeError):  # the reader may give up
            for byte in content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.kind == "slow":
                    time.sleep(0.1)

    def log_message(self, *_):
        pass


@pytest.fixture
def serve(monkeypatch, tmp_path):
    """Makes sources of the given kinds; answers with what each was asked for."""
    servers = []

    def start(*kinds):
        asked = [[] for _ in kinds]
        for kind, notes in zip(kinds, asked, strict=True):
            server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, kind, notes))
            server.daemon_threads = True
            server.block_on_close = False
            threading.Thread(target=server.serve_forever, daemon=True).start()
            servers.append(server)
        ports = [server.server_address[1] for server in servers]
        addresses = tuple(f"http://127.0.0.1:{port}/data/" for port in ports)
        monkeypatch.setattr(sources, "SOURCES", addresses)
        return asked

    monkeypatch.setattr("pooch.os_cache", lambda _: tmp_path)
    monkeypatch.setattr(sources, "PATIENCE", 0.5)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def fetched():
    return {path.name: path.read_bytes() for path in sources.cache().iterdir()}


def test_a_good_source_is_asked_once_and_told_in_one_line(serve, capsys):
    first, second = serve("good", "good")
    assert sources.download(DIGESTS) == sources.cache()
    assert fetched() == CONTENT
    assert (first, second) == (list(CONTENT), [])
    told = capsys.readouterr()
    line = r"Fashion-MNIST is not on this machine: downloading 30 MB from 127\.0\.0\.1 to "
    assert told.out == "" and re.fullmatch(line + r".*, for at most \d+ s\n", told.err)
    sources.download(DIGESTS)
    assert first == list(CONTENT) and capsys.readouterr().err == ""


@pytest.mark.parametrize("kind", ["broken", "wrong", "silent", "half"])
def test_the_second_source_gives_what_the_first_does_not(serve, kind):
    _, second = serve(kind, "good")
    sources.download(DIGESTS)
    assert fetched() == CONTENT
    assert second == [name for name in CONTENT if kind != "half" or name.startswith("t10k")]


def test_a_source_that_trickles_is_given_up_in_time(serve, monkeypatch):
    monkeypatch.setattr(sources, "LIMIT", 1.0)
    serve("slow", "slow")
    start = time.monotonic()
    with pytest.raises(ConnectionError, match=r"0\.1: not finished after 1 s; 127\."):
        sources.download(DIGESTS)
    assert time.monotonic() - start < 5


def test_a_damaged_file_of_the_cache_is_fetched_again(serve):
    first, _ = serve("good", "good")
    sources.download(DIGESTS)
    name = next(iter(CONTENT))
    (sources.cache() / name).write_bytes(b"damaged")
    del first[:]
    sources.download(DIGESTS)
    assert fetched() == CONTENT and first == [name]


def test_the_reasons_name_neither_objects_nor_temporary_files(serve, tmp_path):
    serve("wrong", "broken")
    with pytest.raises(ConnectionError, match="not the published file; ") as caught:
        sources.download(DIGESTS)
    assert " at 0x" not in str(caught.value) and str(tmp_path) not in str(caught.value)


def test_one_source_is_secure():
    assert any(source.startswith("https://") for source in sources.SOURCES)
    assert len({source.split("/")[2] for source in sources.SOURCES}) >= 2
