"""A stand-in for Prometheus that refuses every query."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class StandIn(BaseHTTPRequestHandler):
    """Gives one answer to every query."""

    def do_GET(self) -> None:
        """Answer."""
        body = json.dumps({"status": "error", "errorType": "bad_data", "error": "unknown function"}).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
server.daemon_threads = True
Thread(target=server.serve_forever, daemon=True).start()
os.environ["HEADWAY_EXAMPLE_PROMETHEUS"] = f"http://127.0.0.1:{server.server_address[1]}"
