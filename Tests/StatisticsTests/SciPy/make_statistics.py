#!/usr/bin/env python3
"""Statistics as SciPy and NumPy compute them, for SciPyTests.swift: samples with what is expected of them.

Usage: python3 make_statistics.py [FILE]   (default: statistics.json in this script's folder)
"""
import itertools
import json
import sys
from pathlib import Path

import numpy as np
import scipy
from scipy import integrate, special, stats

GENERATOR = np.random.default_rng(20250801)


def rounded(values, digits=3):
    return [round(float(value), digits) for value in values]


SAMPLES = {
    "seeds": [0.8731, 0.8702, 0.8745],
    "others": [0.8655, 0.8690, 0.8612, 0.8671],
    "pair": [3.5, 4.25],
    "ties": [1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 5.0, 8.0],
    "more ties": [2.0, 3.0, 3.0, 5.0, 9.0, 9.0],
    "normal": rounded(GENERATOR.normal(10, 2, 12)),
    "wide": rounded(GENERATOR.normal(11, 5, 9)),
    "skewed": rounded(GENERATOR.lognormal(0, 1, 40)),
    "large": rounded(GENERATOR.normal(0.3, 1, 60)),
    "large ties": [float(value) for value in GENERATOR.integers(0, 12, 70)],
}

LINES = {
    "anscombe": ([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
                 [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]),
    "steps": ([64, 256, 1024, 4096, 64, 256, 1024, 4096],
              [0.0021, 0.0043, 0.0131, 0.0487, 0.0020, 0.0045, 0.0129, 0.0493]),
}
WEIGHTS = {
    "anscombe": [1, 2, 0.5, 1, 3, 1, 2, 0.25, 1, 1, 4],
    "steps": [1, 0.5, 0.25, 0.125, 1, 0.5, 0.25, 0.125],
}


def estimate(values):
    mean, error = np.mean(values), stats.sem(values)
    return {
        "mean": mean, "standardDeviation": np.std(values, ddof=1), "standardError": error,
        "interval95": stats.t.interval(0.95, len(values) - 1, mean, error),
        "interval99": stats.t.interval(0.99, len(values) - 1, mean, error),
    }


def line(x, y, weights):
    """(intercept, slope), their standard errors, and R² of y itself."""
    x, y, root = np.array(x, float), np.array(y, float), np.sqrt(np.array(weights, float))
    design = np.column_stack([np.ones_like(x), x]) * root[:, None]
    solution, *_ = np.linalg.lstsq(design, y * root, rcond=None)
    miss = y * root - design @ solution
    covariance = np.linalg.inv(design.T @ design) * (miss @ miss) / (len(x) - 2)
    plain = y - solution[0] - solution[1] * x
    return {
        "intercept": solution[0], "slope": solution[1], "interceptError": covariance[0, 0] ** 0.5,
        "slopeError": covariance[1, 1] ** 0.5, "rSquared": 1 - plain @ plain / ((y - y.mean()) @ (y - y.mean())),
    }


def ordinary(x, y):
    fit = stats.linregress(x, y)
    return {"intercept": fit.intercept, "slope": fit.slope, "interceptError": fit.intercept_stderr,
            "slopeError": fit.stderr, "rSquared": fit.rvalue ** 2}


def relative(x, y):
    return line(x, y, 1 / np.array(y) ** 2)


def power(x, y):
    fit = stats.linregress(np.log(x), np.log(y))
    factor = np.exp(fit.intercept)
    miss = np.array(y) - factor * np.array(x, float) ** fit.slope
    return {"factor": factor, "exponent": fit.slope, "exponentError": fit.stderr,
            "rSquared": 1 - miss @ miss / (np.var(y) * len(y))}


def welch(a, b):
    test = stats.ttest_ind(a, b, equal_var=False)
    interval = test.confidence_interval(0.95)
    return {"difference": np.mean(a) - np.mean(b), "t": test.statistic, "degrees": test.df, "pValue": test.pvalue,
            "interval95": [interval.low, interval.high]}


def mann_whitney(a, b):
    """Exact up to 50 values, over all arrangements where there are ties."""
    if len(a) + len(b) > 50:
        test = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True)
        return {"statistic": test.statistic, "pValue": test.pvalue, "isExact": False}
    if len(set(a + b)) == len(a + b):
        test = stats.mannwhitneyu(a, b, method="exact")
        return {"statistic": test.statistic, "pValue": test.pvalue, "isExact": True}
    ranks = stats.rankdata(a + b)
    sums = [sum(chosen) for chosen in itertools.combinations(ranks, len(a))]
    return {"statistic": sum(ranks[:len(a)]) - len(a) * (len(a) + 1) / 2,
            "pValue": two_sided(sums, sum(ranks[:len(a)])), "isExact": True}


def wilcoxon(differences):
    """Exact up to 50 differences, over all signs where there are ties."""
    kept = [value for value in differences if value != 0]
    ranks = stats.rankdata(np.abs(kept))
    positive = sum(rank for rank, value in zip(ranks, kept) if value > 0)
    if len(kept) > 50:
        test = stats.wilcoxon(kept, correction=False, method="asymptotic")
    elif len(set(map(abs, kept))) == len(kept):
        test = stats.wilcoxon(kept, method="exact")
    else:
        sums = [sum(itertools.compress(ranks, signs)) for signs in itertools.product([0, 1], repeat=len(kept))]
        return {"statistic": positive, "pValue": two_sided(sums, positive), "isExact": True}
    return {"statistic": positive, "pValue": test.pvalue, "isExact": len(kept) <= 50}


def two_sided(sums, sum_seen):
    sums = np.array(sums)
    return min(1, 2 * min(np.mean(sums <= sum_seen), np.mean(sums >= sum_seen)))


def correlation(x, y):
    return {"pearson": list(stats.pearsonr(x, y)), "spearman": list(stats.spearmanr(x, y))}


def bootstrap(values, statistic):
    """Of so many resamples that another generator's agree to two or three digits."""
    result = stats.bootstrap((values,), statistic, n_resamples=200_000, method="BCa", batch=10_000,
                             rng=np.random.default_rng(7))
    return [result.confidence_interval.low, result.confidence_interval.high]


def area_error(area, ones, zeros):
    """Of scores of negative exponential distributions, for which Hanley and McNeil 1982 is exact, by integrals: the area is
    P(one > zero), and pairs that share a one or a zero go together."""
    rate = area / (1 - area)
    both_ones = integrate.quad(lambda z: stats.expon.pdf(z) * stats.expon.sf(z, scale=rate) ** 2, 0, np.inf)[0]
    both_zeros = integrate.quad(lambda o: stats.expon.pdf(o, scale=rate) * stats.expon.cdf(o) ** 2, 0, np.inf)[0]
    variance = (area * (1 - area) + (ones - 1) * (both_ones - area ** 2) + (zeros - 1) * (both_zeros - area ** 2))
    return (variance / ones / zeros) ** 0.5


def median_ranks(n, level=0.95):
    """The order statistics, counted from 1, between which the median lies."""
    interval = stats.quantile_test(np.arange(1, n + 1)).confidence_interval(level)
    return [int(interval.low), int(interval.high)]


def main():
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "statistics.json"
    pairs = [("seeds", "others"), ("ties", "more ties"), ("normal", "wide"), ("skewed", "large"), ("large ties", "large")]
    differences = {
        "few": [0.003, -0.001, 0.004, 0.002, 0.005, -0.0005], "tied": [1.0, -1.0, 2.0, 2.0, 3.0, 0.0, 4.0, -2.0],
        "normal": rounded(GENERATOR.normal(0.4, 1, 24)), "large": rounded(GENERATOR.normal(0.2, 1, 61), 2),
    }
    x, y = SAMPLES["normal"], rounded(np.array(SAMPLES["normal"]) ** 2 + GENERATOR.normal(0, 8, 12))
    shares = [1e-9, 0.001, 0.025, 0.2, 0.5, 0.9, 0.975, 0.9999]
    degrees = [1, 2, 2.5, 7, 30, 400]
    result = {
        "versions": {"scipy": scipy.__version__, "numpy": np.__version__},
        "samples": SAMPLES,
        "estimates": {name: estimate(values) for name, values in SAMPLES.items()},
        "quantiles": {name: {str(part): float(np.quantile(values, part)) for part in (0, 0.1, 0.25, 0.5, 0.75, 0.95, 1)}
                      for name, values in SAMPLES.items()},
        "medianRanks": {str(n): median_ranks(n) for n in (6, 9, 12, 40, 60, 70, 2000)},
        "geometricMeans": {name: float(stats.gmean(SAMPLES[name])) for name in ("seeds", "skewed")},
        "lines": [{"x": x, "y": y, "weights": WEIGHTS[name], "ordinary": ordinary(x, y),
                   "weighted": line(x, y, WEIGHTS[name]), "relative": relative(x, y), "power": power(x, y)}
                  for name, (x, y) in LINES.items()],
        "normal": [{"share": share, "quantile": stats.norm.ppf(share)} for share in shares],
        "student": [{"degrees": d, "share": share, "quantile": stats.t.ppf(share, d)}
                    for d in degrees for share in shares],
        "tails": [{"degrees": d, "t": t, "twoSided": 2 * special.stdtr(d, -t)}
                  for d in degrees for t in (0.0, 0.01, 1.0, 3.0, 20.0)],
        "welch": [{"first": a, "second": b, **welch(SAMPLES[a], SAMPLES[b])} for a, b in pairs],
        "mannWhitney": [{"first": a, "second": b, **mann_whitney(SAMPLES[a], SAMPLES[b])} for a, b in pairs],
        "wilcoxon": [{"differences": values, **wilcoxon(values)} for values in differences.values()],
        "correlations": [{"x": x, "y": y, **correlation(x, y)},
                         {"x": SAMPLES["ties"], "y": SAMPLES["ties"][::-1],
                          **correlation(SAMPLES["ties"], SAMPLES["ties"][::-1])}],
        "bootstrap": [{"sample": name, "figure": figure, "interval95": bootstrap(SAMPLES[name], statistic)}
                      for name in ("normal", "skewed")
                      for figure, statistic in (("mean", np.mean), ("deviation", lambda v, axis: np.std(v, axis=axis)))],
        "areaErrors": [{"area": area, "ones": ones, "zeros": zeros, "error": area_error(area, ones, zeros)}
                       for area, ones, zeros in ((0.893, 51, 58), (0.6, 300, 9700), (0.75, 1, 40))],
        "entropies": [{"share": share, "entropy": float(stats.entropy([share, 1 - share]))}
                      for share in (0.001, 0.0337, 0.2, 0.5)],
    }
    plain = json.loads(json.dumps(result, default=float))
    target.write_text(json.dumps(plain, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
