"""Times other programs on the very points of `cargo bench --bench hotspot`.

First let the bench write its points, then time the peers, one thread each:

    ZHILU_BENCH_POINTS=points cargo bench --bench hotspot
    pip install h3 scipy scikit-learn hdbscan esda libpysal pymannkendall
    python benches/peers/hotspot.py points

Prints the best of three runs in seconds. A peer that is not installed is named as missing, never left out silently.
"""

import csv
import importlib
import sys
import time
from collections import Counter
from pathlib import Path


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        head = next(rows)
        columns = list(zip(*rows))
    return {name: column for name, column in zip(head, columns)}


def timed(name, work, rounds=3, scale=1.0):
    best = float("inf")
    for _ in range(rounds):
        at = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - at)
    print(f"{name:48} {best * scale:9.3f} s", flush=True)


def need(name):
    try:
        return importlib.import_module(name)
    except ImportError as why:
        print(f"{name:48} missing: {why}", flush=True)
        return None


def main(folder):
    np = need("numpy")
    if np is None:
        sys.exit("numpy is needed")
    folder = Path(folder)
    large = table(folder / "points_1000000.csv")
    small = table(folder / "points_100000.csv")

    def numbers(rows, *names):
        return np.column_stack([np.array(rows[n], dtype=float) for n in names])

    places = numbers(large, "lon", "lat")
    metres = numbers(large, "x", "y")
    metres_small = numbers(small, "x", "y")
    days = numbers(small, "day")[:, 0]
    weeks = (numbers(large, "day")[:, 0] / 7.0).astype(int)

    h3 = need("h3")
    if h3:
        lonlat = places.tolist()
        timed("h3-py: 1,000,000 points to counts", lambda: Counter(h3.latlng_to_cell(y, x, 9) for x, y in lonlat), 1)
        cells = [h3.latlng_to_cell(y, x, 9) for x, y in lonlat]
        counts = Counter(cells)
        names = sorted(counts)
        place = {c: i for i, c in enumerate(names)}
        values = np.array([counts[c] for c in names], dtype=float)
        near = [[place[d] for d in h3.grid_disk(c, 1) if d in place] for c in names]

        def scores():
            from scipy.stats import norm, false_discovery_control

            near = [[place[d] for d in h3.grid_disk(c, 1) if d in place] for c in names]
            n, mean, s = len(values), values.mean(), values.std()
            k = np.array([len(d) for d in near], dtype=float)
            sums = np.array([values[d].sum() for d in near])
            z = (sums - mean * k) / (s * np.sqrt((n * k - k * k) / (n - 1)))
            return false_discovery_control(2 * norm.sf(np.abs(z)))

        timed(f"h3-py + scipy: z and BH, {len(names)} cells", scores)
        esda, libpysal = need("esda"), need("libpysal")
        if esda and libpysal:
            weights = libpysal.weights.W({i: d for i, d in enumerate(near)}, silence_warnings=True)
            timed(
                "esda G_Local, 999 permutations, one job",
                lambda: esda.G_Local(values, weights, transform="B", star=None, permutations=999, n_jobs=1),
                1,
            )
        mk = need("pymannkendall")
        if mk:
            series = np.zeros((len(names), 104))
            np.add.at(series, ([place[c] for c in cells], np.minimum(weeks, 103)), 1)
            tenth = series[::10]
            timed(
                f"pymannkendall, {len(names)} × 104 (a tenth, scaled)",
                lambda: [mk.original_test(row) for row in tenth],
                1,
                len(series) / len(tenth),
            )
    if need("sklearn"):
        from sklearn.cluster import DBSCAN

        for name, xy in (("100,000", metres_small), ("1,000,000", metres)):
            timed(
                f"scikit-learn DBSCAN 50 m / 5, {name}",
                lambda xy=xy: DBSCAN(eps=50.0, min_samples=5, algorithm="kd_tree", n_jobs=1).fit(xy),
                1,
            )
    if need("scipy"):
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components
        from scipy.spatial import cKDTree

        def space_time():
            pairs = cKDTree(metres_small).query_pairs(50.0, output_type="ndarray")
            pairs = pairs[np.abs(days[pairs[:, 0]] - days[pairs[:, 1]]) <= 14.0]
            n = len(days)
            degree = np.bincount(pairs.ravel(), minlength=n) + 1
            core = degree >= 5
            both = pairs[core[pairs[:, 0]] & core[pairs[:, 1]]]
            graph = coo_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(n, n))
            return connected_components(graph, directed=False)

        timed("scipy pairs: ST-DBSCAN 50 m, 14 d, 5, 100,000", space_time)
    hdbscan = need("hdbscan")
    if hdbscan:
        timed(
            "hdbscan 10 / 10, 100,000",
            lambda: hdbscan.HDBSCAN(min_cluster_size=10, min_samples=10, core_dist_n_jobs=1).fit(metres_small),
            1,
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
