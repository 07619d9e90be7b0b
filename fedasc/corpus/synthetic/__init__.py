"""A corpus that is computed, not recorded: for tests, demonstrations and first steps."""

from fedasc.corpus.synthetic.corpus import SyntheticCorpus

__all__ = ["SyntheticCorpus"]
