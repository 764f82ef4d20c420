"""Sound as pictures: the eye finds a knock in a recording faster than the ear."""

from episodes.audio.sound import Block, Sound
from episodes.audio.spectrogram import Layout, coarser, layout_of, png, powers, shades

__all__ = ["Block", "Layout", "Sound", "coarser", "layout_of", "png", "powers", "shades"]
