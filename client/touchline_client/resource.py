"""What all resources have."""

from touchline_client.transport import Transport


class Resource:
    def __init__(self, http: Transport) -> None:
        self.http = http
