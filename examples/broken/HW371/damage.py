"""A stand-in for Prometheus that warns that a store behind it does not answer."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


class StandIn(BaseHTTPRequestHandler):
    """Gives one answer to every query."""

    def do_GET(self) -> None:
        """Answer."""
        asked = parse_qs(urlsplit(self.path).query)
        labels = {"namespace": "claims", "pod": "drafts"}
        at = [int(asked["start"][0]), "0.5"]
        found = [{"metric": labels, "values": [at]}] if "SM_ACTIVE" in asked["query"][0] else []
        answer = {
            "status": "success",
            "data": {"resultType": "matrix", "result": found},
            "warnings": ["no answer from store 2"],
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
server.daemon_threads = True
Thread(target=server.serve_forever, daemon=True).start()
os.environ["HEADWAY_EXAMPLE_PROMETHEUS"] = f"http://127.0.0.1:{server.server_address[1]}"
