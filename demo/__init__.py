"""The demo dataset and the recorder that made it (see README.md)."""

import os

# MuJoCo chooses its renderer when it is imported; software rendering works on any machine.
os.environ.setdefault("MUJOCO_GL", "osmesa")
