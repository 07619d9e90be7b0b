"""The commands `fedasc corpus`: list published corpora, check them, and draw data sets."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fedasc.cli.help import App
from fedasc.cli.options import (
    DEFAULT_SEED,
    N_WORKERS,
    AsJson,
    Groups,
    Labels,
    Quiet,
    Seed,
    Verbose,
    Workers,
)
from fedasc.cli.terminal import Terminal
from fedasc.errors import CorpusError, SettingsError

if TYPE_CHECKING:
    from fedasc.corpus.manifest import ManifestCorpus
    from fedasc.corpus.recordings import Recording
    from fedasc.progress import Progress

app = App(no_args_is_help=True, help="List published corpora, check them, and draw data sets.")

Manifests = Annotated[
    list[Path],
    typer.Argument(help="Folders of recordings, or manifests (CSV); joined if several."),
]


class Kind(StrEnum):
    """Layouts that can be read."""

    AHEAD_DS = "ahead-ds"
    AUDIOSET = "audioset"
    ESC50 = "esc50"
    FOLDERS = "folders"
    FSD50K = "fsd50k"
    HEAR_DS = "hear-ds"
    HUGGING_FACE = "huggingface"
    MUSAN = "musan"
    TAU = "tau"
    URBANSOUND8K = "urbansound8k"


@app.command()
def build(
    kind: Annotated[Kind, typer.Argument(help="How the folder is laid out.")],
    folder: Annotated[Path, typer.Argument(help="Where the corpus is.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Manifest to write.", show_default="manifest.csv in the folder"),
    ] = None,
    ontology: Annotated[
        Path | None, typer.Option(help="AudioSet's ontology.json, if it isn't in the folder.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            help="huggingface: noise, music or speech, or the column that says. folders: what a "
            "folder holds whose name says neither, such as traffic=noise; may be given more than "
            "once.",
            show_default="label",
        ),
    ] = None,
    type_column: Annotated[str, typer.Option(help="huggingface: column of types.")] = "type",
    group_column: Annotated[
        str,
        typer.Option(
            help="huggingface: column of originals or speakers.", show_default="each by itself"
        ),
    ] = "",
    group: Groups = "",
    vocabulary: Annotated[
        Path | None,
        typer.Option(
            help="Types in AudioSet (TOML).", show_default="the paper's, as we chose them"
        ),
    ] = None,
    babble: Annotated[
        bool,
        typer.Option(
            "--babble",
            help="tau, urbansound8k, hear-ds, ahead-ds: what is full of voices is noise too.",
        ),
    ] = False,
    calibration_db_spl: Annotated[
        float | None,
        typer.Option(help="Level of full scale in dB SPL, if it is the same in all recordings."),
    ] = None,
    full_scale: Annotated[
        float | None,
        typer.Option(
            help="Value that is full scale in all files of floats.",
            show_default="1, or that of integers in floats",
        ),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """List the recordings of a corpus in a manifest; the audio stays where it is.

    Slices of one recording that are too short by themselves are put together in a folder of their
    own, and audio in Parquet files is unpacked.
    """
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from fedasc.atomic import check_writable
    from fedasc.corpus.builders.ahead_ds import build_ahead_ds
    from fedasc.corpus.builders.audioset import build_audioset
    from fedasc.corpus.builders.build import Scales, without_misnamed
    from fedasc.corpus.builders.esc50 import build_esc50
    from fedasc.corpus.builders.folders import build_folders
    from fedasc.corpus.builders.fsd50k import build_fsd50k
    from fedasc.corpus.builders.hear_ds import build_hear_ds
    from fedasc.corpus.builders.hugging_face import build_hugging_face
    from fedasc.corpus.builders.musan import build_musan
    from fedasc.corpus.builders.naming import Naming
    from fedasc.corpus.builders.tau import build_tau
    from fedasc.corpus.builders.urbansound8k import build_urbansound8k
    from fedasc.corpus.manifest import write_manifest
    from fedasc.corpus.vocabulary import read_vocabulary, shipped_data_sets
    from fedasc.report.build import build_lines

    manifest = out or folder / "manifest.csv"
    with terminal.job() as phases:
        if not folder.is_dir():
            raise CorpusError(f"{folder}: no such folder; give the one that the corpus is in")
        scales = Scales(calibration_db_spl=calibration_db_spl, full_scale=full_scale)
        check_writable(manifest, suffix=".csv")
        types = read_vocabulary(vocabulary or shipped_data_sets())
        built = {
            Kind.AHEAD_DS: lambda: build_ahead_ds(folder, babble=babble),
            Kind.AUDIOSET: lambda: build_audioset(folder, vocabulary=types, ontology=ontology),
            Kind.ESC50: lambda: build_esc50(folder),
            Kind.FOLDERS: lambda: build_folders(folder, Naming(tuple(label or ()), group)),
            Kind.FSD50K: lambda: build_fsd50k(folder, vocabulary=types, ontology=ontology),
            Kind.HEAR_DS: lambda: build_hear_ds(folder, babble=babble),
            Kind.HUGGING_FACE: lambda: build_hugging_face(
                folder,
                label=(label or ["label"])[-1],
                type_column=type_column,
                group_column=group_column,
            ),
            Kind.MUSAN: lambda: build_musan(folder),
            Kind.TAU: lambda: build_tau(folder, babble=babble, progress=phases),
            Kind.URBANSOUND8K: lambda: build_urbansound8k(folder, babble=babble, progress=phases),
        }[kind]()
        built = scales.applied(without_misnamed(built))
        if not built.recordings:
            reason = f"; the first is {built.left[0][0]}: {built.left[0][1]}" if built.left else ""
            raise CorpusError(f"{folder}: none of its recordings can be used{reason}")
        write_manifest(manifest, built.recordings, root=folder)
    terminal.show(
        build_lines(built, manifest),
        last="",
        summary={
            "manifest": str(manifest),
            "n_recordings": len(built.recordings),
            "n_left_out": len(built.left),
        },
    )


@app.command()
def check(
    manifests: Manifests,
    label: Labels = None,
    group: Groups = "",
    out: Annotated[Path | None, typer.Option(help="Folder for the tables and the picture.")] = None,
    seed: Seed = None,
    workers: Workers = N_WORKERS,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Decode corpora and show what they hold and what was left out and why."""
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from contextlib import nullcontext

    from fedasc.atomic import claimed
    from fedasc.corpus.builders.naming import Naming
    from fedasc.corpus.division import open_division
    from fedasc.corpus.folder import FolderCorpus, read_corpus, require_some
    from fedasc.report.check_folder import check_summary, show_check

    with terminal.job() as phases, claimed(out) if out else nullcontext():
        if quiet and not (out or as_json):
            raise SettingsError("--quiet leaves nothing to see; give --out or --json as well")
        corpora = [read_corpus(path, Naming(tuple(label or ()), group)) for path in manifests]
        require_some(corpora)
        for one in corpora:
            if isinstance(one, FolderCorpus):
                terminal.tell(one.in_words())
        division = open_division(
            corpora,
            seed=DEFAULT_SEED if seed is None else seed,
            complete=False,
            n_jobs=workers,
            progress=phases,
        )
        pool = division.pool
        if not pool.recordings:
            first = ": ".join([*pool.unusable, *pool.bursts][0])
            raise CorpusError(f"no recording can be used; the first is {first}")
        shown = show_check(pool, division.parts, out)
    terminal.show(
        shown,
        last=f"Counts, reasons and a picture in {out}" if out else "",
        summary=check_summary(pool, division.parts),
    )


@app.command()
def sets(
    manifests: Manifests,
    out: Annotated[Path, typer.Option(help="Folder for the manifest and the profiles.")],
    data_sets: Annotated[
        Path | None,
        typer.Option(help="Data sets (TOML).", show_default="the paper's, Table 1"),
    ] = None,
    scale: Annotated[float, typer.Option(help="Factor on the sizes of all sets.")] = 1.0,
    allow_fewer: Annotated[
        bool, typer.Option("--allow-fewer", help="Take what there is where it is few.")
    ] = False,
    unchecked: Annotated[
        bool,
        typer.Option("--unchecked", help="Don't decode: count on every recording being usable."),
    ] = False,
    seed: Seed = None,
    workers: Workers = N_WORKERS,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Draw data sets, like the paper's, that share no group of recordings."""
    terminal = Terminal.started(quiet=quiet, verbose=verbose, as_json=as_json)
    from dataclasses import asdict

    from fedasc.atomic import claimed, new_folder
    from fedasc.corpus.data_sets import check_counts, draw_data_sets, read_data_sets
    from fedasc.corpus.folder import read_corpus
    from fedasc.corpus.groups import merged_by_origin
    from fedasc.corpus.manifest import write_manifest
    from fedasc.corpus.vocabulary import shipped_data_sets
    from fedasc.report.data_sets import data_set_table, profiles_text, write_counts
    from fedasc.seeds import Streams

    with terminal.job() as phases, claimed(out):
        if not 0 < scale < float("inf"):
            raise SettingsError(f"scale must be positive, got {scale:g}")
        wanted = read_data_sets(data_sets or shipped_data_sets())
        recordings = merged_by_origin(
            [
                recording
                for path in manifests
                for recording in _usable(
                    read_corpus(path), decode=not unchecked, n_jobs=workers, progress=phases
                )
            ]
        )
        drawn, counts = draw_data_sets(
            recordings, wanted, streams=Streams(DEFAULT_SEED if seed is None else seed), scale=scale
        )
        if not allow_fewer:
            check_counts(counts, where=wanted.where)
        with new_folder(out) as draft:
            write_manifest(draft / "manifest.csv", drawn, root=out)
            write_counts(draft / "counts.csv", counts)
            (draft / "profiles.toml").write_text(profiles_text(wanted), encoding="utf-8")
    terminal.show(
        data_set_table(counts),
        last=f"Run with --corpus {out / 'manifest.csv'} --profiles {out / 'profiles.toml'}",
        summary={"folder": str(out), "counts": [asdict(count) for count in counts]},
    )


def _usable(
    corpus: "ManifestCorpus", *, decode: bool, n_jobs: int, progress: "Progress"
) -> "list[Recording]":
    """One recording for each usable 10 s of a corpus, by its path from the root of all."""
    from dataclasses import replace

    from fedasc.corpus.pool import open_pool

    if decode:
        recordings = list(open_pool([corpus], n_jobs=n_jobs, progress=progress).recordings)
    else:
        recordings = [piece for recording in corpus.recordings for piece in recording.pieces()]
    root = corpus.manifest.parent.resolve()
    return [replace(recording, path=str(root / recording.path)) for recording in recordings]
