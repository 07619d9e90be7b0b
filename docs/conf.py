"""How Sphinx makes the site, without a network.

sphinx-build -W --keep-going -n -q docs docs/_build
"""

import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx_gallery.scrapers import figure_rst, matplotlib_scraper
from sphinx_gallery.sorting import ExplicitOrder

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))


def figures(block: Any, block_vars: dict[str, Any], gallery: dict[str, Any], **how: Any) -> str:
    """Show what an example has drawn: with pyplot, or as fedasc does, without it."""
    shown = matplotlib_scraper(block, block_vars, gallery, **how)
    figure = block_vars["example_globals"].pop("figure", None)
    if shown or not isinstance(figure, Figure):
        return str(shown)
    path = next(block_vars["image_path_iterator"])
    figure.savefig(path, dpi=110)
    return str(figure_rst([path], gallery["src_dir"]))


def setup(app: Sphinx) -> None:
    """Tables of commas are shown as they are."""
    app.add_lexer("csv", TextLexer)


project = "fedasc"
author = "The fedasc developers"
project_copyright = author
release = metadata.version("fedasc")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "examples", "gallery/*.ipynb", "gallery/*.py", "**/*.md5"]

html_theme = "furo"
html_title = "fedasc"
html_show_copyright = False
templates_path: list[str] = []
html_static_path: list[str] = []

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

default_role = "code"
autodoc_preserve_defaults = True  # else <function …> as a default spoils the signature
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

# What is within fedasc must lead somewhere; of what others document nothing is fetched. Types that
# no plug-in needs stand in signatures by name alone.
suppress_warnings = ["config.cache"]  # the gallery's settings are functions, too

nitpick_ignore_regex = [
    (r"py:.*", r"(?!fedasc\.).*"),
    (r"py:.*", r"fedasc\.(?!aggregators\.aggregator|strategies\.strategy|probes\.probe).*"),
]

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "within_subsection_order": ExplicitOrder(
        [
            f"plot_{name}.py"
            for name in (
                *("ams", "day", "users", "gains", "nights"),
                *("confusions", "privacy", "budget", "probe", "aggregators"),
            )
        ]
    ),
    "image_scrapers": (figures,),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "plot_gallery": "True",
    "show_signature": False,
    "min_reported_time": 1e9,
    "show_memory": False,
    "write_computation_times": False,
    "reset_argv": lambda *_: [],
}
