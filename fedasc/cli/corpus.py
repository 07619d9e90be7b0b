"""The commands `fedasc corpus`: list published corpora, check them, and draw data sets."""

import os
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fedasc.atomic import check_free, check_writable, new_folder
from fedasc.cli.terminal import Phases, guarded
from fedasc.corpus.builders.audioset import build_audioset
from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.esc50 import build_esc50
from fedasc.corpus.builders.folders import build_folders
from fedasc.corpus.builders.fsd50k import build_fsd50k
from fedasc.corpus.builders.hugging_face import build_hugging_face
from fedasc.corpus.builders.musan import build_musan
from fedasc.corpus.data_sets import check_counts, draw_data_sets, read_data_sets
from fedasc.corpus.division import open_division
from fedasc.corpus.groups import merged_by_origin
from fedasc.corpus.manifest import ManifestCorpus, read_manifest, write_manifest
from fedasc.corpus.pool import open_pool
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import read_vocabulary, shipped_data_sets
from fedasc.errors import CorpusError, SettingsError
from fedasc.progress import Progress
from fedasc.report.build import build_lines
from fedasc.report.check_folder import show_check
from fedasc.report.data_sets import data_set_table, profiles_text, write_counts
from fedasc.seeds import Streams

app = typer.Typer(
    no_args_is_help=True, help="List published corpora, check them, and draw data sets."
)

Manifests = Annotated[list[Path], typer.Argument(help="Manifests (CSV); joined if several.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same result.", min=0)]
Workers = Annotated[int, typer.Option(help="Processes that decode; changes no result.", min=1)]
_N_WORKERS = os.cpu_count() or 1


class Kind(StrEnum):
    """Layouts that can be read."""

    AUDIOSET = "audioset"
    ESC50 = "esc50"
    FOLDERS = "folders"
    FSD50K = "fsd50k"
    HUGGING_FACE = "huggingface"
    MUSAN = "musan"


@app.command()
def build(
    kind: Annotated[Kind, typer.Argument(help="How the folder is laid out.")],
    folder: Annotated[Path, typer.Argument(help="Where the corpus is.")],
    out: Annotated[
        Path | None, typer.Option(help="Manifest to write. (manifest.csv in the folder)")
    ] = None,
    ontology: Annotated[
        Path | None, typer.Option(help="AudioSet's ontology.json, if it isn't in the folder.")
    ] = None,
    label: Annotated[
        str, typer.Option(help="huggingface: noise, music or speech, or the column that says.")
    ] = "label",
    type_column: Annotated[str, typer.Option(help="huggingface: column of types.")] = "type",
    group_column: Annotated[
        str, typer.Option(help="huggingface: column of originals or speakers. (each by itself)")
    ] = "",
    vocabulary: Annotated[
        Path | None, typer.Option(help="Types in AudioSet (TOML). (the paper's, as we chose them)")
    ] = None,
) -> None:
    """List the recordings of a corpus in a manifest; the audio stays where it is."""
    console = Console(stderr=True)
    manifest = out or folder / "manifest.csv"
    with guarded(console):
        if not folder.is_dir():
            raise CorpusError(f"{folder}: no such folder; give the one that the corpus is in")
        check_writable(manifest, suffix=".csv")
        types = read_vocabulary(vocabulary or shipped_data_sets())
        found: Build = {
            Kind.AUDIOSET: lambda: build_audioset(folder, vocabulary=types, ontology=ontology),
            Kind.ESC50: lambda: build_esc50(folder),
            Kind.FOLDERS: lambda: build_folders(folder),
            Kind.FSD50K: lambda: build_fsd50k(folder, vocabulary=types, ontology=ontology),
            Kind.HUGGING_FACE: lambda: build_hugging_face(
                folder, label=label, type_column=type_column, group_column=group_column
            ),
            Kind.MUSAN: lambda: build_musan(folder),
        }[kind]()
        if not found.recordings:
            reason = f"; the first is {found.left[0][0]}: {found.left[0][1]}" if found.left else ""
            raise CorpusError(f"{folder}: none of its recordings can be used{reason}")
        write_manifest(manifest, found.recordings, root=folder)
    Console().print(build_lines(found, manifest))


@app.command()
def check(
    manifests: Manifests,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables and the picture.")] = None,
    seed: Seed = 1,
    workers: Workers = _N_WORKERS,
) -> None:
    """Decode corpora and show what they hold and what was left out and why."""
    console = Console(stderr=True)
    with guarded(console), Phases(console) as phases:
        if out:
            check_free(out)
        corpora = [read_manifest(path) for path in manifests]
        division = open_division(
            corpora, seed=seed, complete=False, n_jobs=workers, progress=phases
        )
        pool = division.pool
        if not pool.recordings:
            first = ": ".join([*pool.unusable, *pool.bursts][0])
            raise CorpusError(f"no recording can be used; the first is {first}")
        shown = show_check(pool, division.parts, out)
    Console().print(shown)


@app.command()
def sets(
    manifests: Manifests,
    out: Annotated[Path, typer.Option(help="Folder for the manifest and the profiles.")],
    data_sets: Annotated[
        Path | None, typer.Option(help="Data sets (TOML). (the paper's, Table 1)")
    ] = None,
    scale: Annotated[float, typer.Option(help="Factor on the sizes of all sets.")] = 1.0,
    allow_fewer: Annotated[bool, typer.Option(help="Take what there is where it is few.")] = False,
    unchecked: Annotated[
        bool, typer.Option(help="Don't decode: count on every recording being usable.")
    ] = False,
    seed: Seed = 1,
    workers: Workers = _N_WORKERS,
) -> None:
    """Draw data sets, like the paper's, that share no group of recordings."""
    console = Console(stderr=True)
    with guarded(console), Phases(console) as phases:
        if not 0 < scale < float("inf"):
            raise SettingsError(f"scale must be positive, got {scale:g}")
        check_free(out)
        wanted = read_data_sets(data_sets or shipped_data_sets())
        recordings = merged_by_origin(
            [
                recording
                for path in manifests
                for recording in _usable(
                    read_manifest(path), decode=not unchecked, n_jobs=workers, progress=phases
                )
            ]
        )
        drawn, counts = draw_data_sets(recordings, wanted, streams=Streams(seed), scale=scale)
        if not allow_fewer:
            check_counts(counts, where=wanted.where)
        with new_folder(out) as draft:
            write_manifest(draft / "manifest.csv", drawn, root=out)
            write_counts(draft / "counts.csv", counts)
            (draft / "profiles.toml").write_text(profiles_text(wanted), encoding="utf-8")
    Console().print(data_set_table(counts))
    Console().print(
        f"Run with --corpus {out / 'manifest.csv'} --profiles {out / 'profiles.toml'}",
        soft_wrap=True,
    )


def _usable(
    corpus: ManifestCorpus, *, decode: bool, n_jobs: int, progress: Progress
) -> list[Recording]:
    """One recording for each usable 10 s of a corpus, by its path from the root of all."""
    if decode:
        pool = open_pool([corpus], n_jobs=n_jobs, progress=progress)
        found = list(pool.recordings)
    else:
        found = [piece for recording in corpus.recordings for piece in recording.pieces()]
    root = corpus.manifest.parent.resolve()
    return [replace(recording, path=str(root / recording.path)) for recording in found]
