"""Exit 0 when this container's web server, database and broker are well: for health checks."""

import os
import sys
import urllib.error
import urllib.request

address = os.environ.get("TOUCHLINE_BIND", "0.0.0.0:8000").replace("0.0.0.0", "127.0.0.1")
try:
    with urllib.request.urlopen(f"http://{address}/healthz", timeout=8) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())
except OSError as error:
    sys.exit(f"{address}: {error}")
