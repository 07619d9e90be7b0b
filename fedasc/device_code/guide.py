"""The README of an exported library."""

import json
from dataclasses import asdict
from hashlib import blake2b
from importlib.metadata import version

from fedasc.device_code.design import DeviceCode
from fedasc.device_code.parameters import wire
from fedasc.plugins import as_section
from fedasc.scenes import SCENE_NAMES

_TEXT = """# A hearing aid's half of fedasc {version}, in C

C99 without allocation, operating system or C library; compilers may call `memcpy` and `memset`,
which every toolchain for small cores brings. All that a device keeps is one `fedasc_state`.

```c
#include "fedasc_device.h"

static fedasc_state state;

fedasc_start(&state, seed);                        /* once */
if (fedasc_push(&state, samples, n))               /* 16-bit samples at {rate} Hz, any n */
    scene = fedasc_scene(&state);                  /* {scenes} */
n_bytes = fedasc_summary(&state, &bytes, seed);    /* at night: what may leave the device */
fedasc_update(&state, weights, n_bytes);           /* what the server sent */
```

`make && ./fedasc day.bytes < samples.raw` prints a line for every ten seconds of raw 16-bit
samples: start and length in seconds, scene, its probability, and the level in dB re full scale. It
writes the day's summary to the file that is named.

## What came from where

{origin}

| File | Content |
|---|---|
| `fedasc_parameters.h` | all numbers, made of the settings below: filters, classifier, aggregator |
| `{front_end}` | the front end, {numbers} |
| `classifier.c` | C1, and the classifier that is shipped: blake2b {digest} of its {n_bytes} bytes |
| `{aggregator_file}` | aggregator `{aggregator}` |
| `fedasc_device.c` | samples to windows, and the release rule |
| `summary.c` | the bytes of fedasc's wire, {bits} bits for each number |
| `arithmetic.c`, `gaussians.c` | logarithms, exponentials, roots; running Gaussians |

A summary is the numbers of `fedasc.aggregators.summary.Summary`, array after array and
little-endian: weights, means and variances{scene_array}{ends}.

```json
{settings}
```
"""


def guide(code: DeviceCode, *, origin: str) -> str:
    """The text.

    Args:
        origin: Where the classifier and the settings came from.
    """
    shipped = wire(code.classifier)
    in_single = code.numbers == "single"
    return _TEXT.format(
        version=version("fedasc"),
        rate=code.bank.sample_rate_hz,
        scenes=", ".join(f"{i} {name}" for i, name in enumerate(SCENE_NAMES)),
        origin=origin,
        front_end=f"front_end_{code.numbers}.c",
        numbers="in single precision" if in_single else "in whole numbers of 32 bits",
        digest=blake2b(shipped, digest_size=8).hexdigest(),
        n_bytes=len(shipped),
        aggregator_file="kmeans.c" if code.kind == "KMEANS" else "stepwise.c",
        aggregator=code.aggregator.name,
        bits=code.release.bits,
        scene_array=", then a byte for each component's scene" * (code.kind == "SCENE_GAUSSIANS"),
        ends=", each with its lowest and its highest number" * (code.release.bits == 8),
        settings=json.dumps(
            {
                "aggregator": as_section(code.aggregator),
                "release": asdict(code.release),
                "bank": asdict(code.bank),
            },
            indent=2,
        ),
    )
