"""Bundles the harness page with the front end's own Vite."""

from pathlib import Path

from config.embedded.frontend import find_node, install_packages

PAGE = Path(__file__).resolve().parent / "page"


def build_page(target: Path, folder: Path = PAGE) -> Path:
    """The page of ``folder`` (index.html and its scripts), bundled into ``target``."""
    node = find_node()
    install_packages(node)
    config = PAGE / "vite.config.mjs"
    arguments = ("vite", "build", str(folder), "--config", str(config), "--outDir", str(target))
    if node.run("exec", "--loglevel=error", "--", *arguments) != 0:
        raise RuntimeError(f"the page in {folder} does not build")
    return target
