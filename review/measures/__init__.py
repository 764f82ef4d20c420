"""How far two label sets of one episode agree: pure functions over integers and dataclasses."""
