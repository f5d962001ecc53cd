"""`python -m tests.bench.maxp FILE`: spopt's MaxPHeuristic on the houses of a file; runs where spopt is.

FILE: .npz with households (n), values (n, attributes), first and second (pairs of neighbours). Prints the
seconds of the heuristic alone and the region of each house as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

MINIMUM = 4  # households of a region
SEED = 20_402_040


def main(path: str) -> None:
    """Bundle the houses of one file."""
    warnings.filterwarnings("ignore")
    from libpysal.weights import W
    from spopt.region import MaxPHeuristic

    given = np.load(path)
    n = len(given["households"])
    neighbours: dict[int, list[int]] = {house: [] for house in range(n)}
    for one, other in zip(given["first"].tolist(), given["second"].tolist(), strict=True):
        neighbours[one].append(other)
        neighbours[other].append(one)
    values = given["values"]
    names = [f"value_{place}" for place in range(values.shape[1])]
    houses = pd.DataFrame(values, columns=names).assign(households=given["households"])
    np.random.seed(SEED)  # spopt draws from the global generator
    start = time.perf_counter()
    model = MaxPHeuristic(houses, W(neighbours, silence_warnings=True), names, "households", MINIMUM, top_n=2)
    model.solve()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "region": np.asarray(model.labels_).astype(int).tolist()}))


if __name__ == "__main__":
    main(sys.argv[1])
