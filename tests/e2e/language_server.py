"""A client of a language server: JSON-RPC over the server's standard streams."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
    },
    "workspace": {"configuration": True},
}
# The public catalogue is asked by file name, over a network.
SETTINGS = {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}


class LanguageServer:
    """A running server, spoken to as an editor does."""

    def __init__(self, command: list[str], folder: Path, settings: Mapping[str, Any] | None = None) -> None:
        """Start it, and open a folder with settings of the section `yaml` beside the usual ones."""
        self._settings = {**SETTINGS, **(settings or {})}
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._asked = 0
        self._told: dict[str, list[dict[str, Any]]] = {}
        self._folder = folder
        self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": CAPABILITIES})
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": {"yaml": self._settings}})

    def __enter__(self) -> Self:
        """Use it for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._server.kill()
        self._server.communicate()

    def open(self, text: str, name: str) -> str:
        """Open a document and return its address; the file need not be there."""
        uri = (self._folder / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def complaints(self, uri: str) -> list[tuple[int, str]]:
        """Line, from 0, and message of each complaint about a document."""
        while uri not in self._told:
            self._handle(self._read())
        return [(one["range"]["start"]["line"], one["message"]) for one in self._told[uri]]

    def completions(self, uri: str, line: int, column: int) -> dict[str, str]:
        """What is offered at a place: word to what it means."""
        found = self._at("textDocument/completion", uri, line, column)
        return {item["label"]: _text(item.get("documentation") or "") for item in found["items"]}

    def hover(self, uri: str, line: int, column: int) -> str:
        """What is said about a place."""
        return _text(self._at("textDocument/hover", uri, line, column)["contents"])

    def _at(self, method: str, uri: str, line: int, column: int) -> Any:
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
        return self.ask(method, place)

    def ask(self, method: str, params: Any) -> Any:
        """Ask and wait for the answer."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._asked and "method" not in message:
                return message["result"]
            self._handle(message)

    def tell(self, method: str, params: Any) -> None:
        """Tell without waiting."""
        self._send({"method": method, "params": params})

    def _handle(self, message: dict[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self._told[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "id" in message:
            wants = message["method"] == "workspace/configuration"
            items = message["params"]["items"] if wants else []
            answer = [self._settings if item.get("section") == "yaml" else {} for item in items]
            self._send({"id": message["id"], "result": answer if wants else None})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._server.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._server.stdout
        length = 0
        while line := self._server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server ended"
        found: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return found


def _text(said: Any) -> str:
    return str(said["value"]) if isinstance(said, dict) else str(said)
