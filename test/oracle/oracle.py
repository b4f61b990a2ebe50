"""Computes with other people's code and data what ours must find as well; writes one JSON file each into the folder given.

usage: oracle.py OUT  (needs requirements.txt, and data-packages.txt without their dependencies)
"""

import importlib
import importlib.util
import json
import math
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits


def folder_of(package):
    """Where a package lies, without running it: obp would want torch."""
    return Path(importlib.util.find_spec(package).submodule_search_locations[0])


def open_bandit():
    """BernoulliTS judged by the log of the random policy, campaign all (Saito et al. 2020; data under CC BY 4.0)."""
    folder = folder_of("obp")
    for name in ("obp", "obp.policy", "obp.ope"):
        stub = types.ModuleType(name)
        stub.__path__ = [str(folder / name.replace("obp", "", 1).strip("."))]
        sys.modules[name] = stub
    sys.modules["torch"] = types.ModuleType("torch")
    sys.modules["torch"].Tensor = sys.modules["torch"].tensor = object
    policy = importlib.import_module("obp.policy.contextfree").BernoulliTS(
        n_actions=80, len_list=3, is_zozotown_prior=True, campaign="all", random_state=12345
    )
    chances = policy.compute_batch_action_dist(n_rounds=1, n_sim=100_000)[0]
    log = pd.read_csv(folder / "dataset/obd/random/all/all.csv", index_col=0)
    arm, place = log["item_id"].to_numpy(), log["position"].rank(method="dense").astype(int).to_numpy() - 1
    weight = chances[arm, place] / log["propensity_score"].to_numpy()
    reward = log["click"].to_numpy()
    expected = regression(log, items_of(folder), arm, place)
    expected_of_policy = (expected * chances.T[place]).sum(axis=1)
    expected_of_arm = expected[np.arange(len(log)), arm]
    cells = log.assign(place=place).groupby(["item_id", "place"])["click"].agg(["size", "sum"])
    return {
        "rows": len(log),
        "propensity": float(log["propensity_score"].iloc[0]),
        "isOnePropensity": bool((log["propensity_score"] == log["propensity_score"].iloc[0]).all()),
        "clicks": int(reward.sum()),
        "ipw": float((weight * reward).mean()),
        "snipw": float((weight * reward).sum() / weight.sum()),
        "effectiveSize": float(weight.sum() ** 2 / (weight**2).sum()),
        "dm": float(expected_of_policy.mean()),
        "dr": float((expected_of_policy + weight * (reward - expected_of_arm)).mean()),
        "rowsOf": {
            "item": arm.tolist(),
            "place": "".join(map(str, place)),
            "clicked": np.flatnonzero(reward).tolist(),
            "expected": packed(expected_of_arm),
            "expectedOfPolicy": packed(expected_of_policy),
        },
        "prior": [[a, b] for a, b in zip(policy.alpha, policy.beta)],
        "chances": chances.tolist(),
        "cells": [[int(i), int(p), int(n), int(c)] for (i, p), (n, c) in cells.iterrows()],
    }


def items_of(folder):
    """What describes the items, as obp's own loader makes it (which pandas 3 breaks)."""
    from sklearn.preprocessing import LabelEncoder

    items = pd.read_csv(folder / "dataset/obd/random/all/item_context.csv", index_col=0)
    named = items.drop(columns=["item_id", "item_feature_0"]).apply(LabelEncoder().fit_transform)
    return pd.concat([named, items["item_feature_0"]], axis=1).to_numpy()


def regression(log, items, arm, place):
    """obp's regression, cross-fitted in three folds as its quickstart does, but with the solver brought to its end.

    What it expects of every item at the place of each row. At scikit-learn's default tolerance DR is 0.004728.
    """
    from sklearn.linear_model import LogisticRegression

    context = pd.get_dummies(log.filter(like="user_feature"), drop_first=True).to_numpy(float)
    model = importlib.import_module("obp.ope.regression_model").RegressionModel(
        n_actions=80,
        len_list=3,
        action_context=items,
        base_model=LogisticRegression(random_state=12345, tol=1e-10, max_iter=5_000),
    )
    expected = model.fit_predict(
        context=context,
        action=arm,
        reward=log["click"].to_numpy(),
        position=place,
        pscore=log["propensity_score"].to_numpy(),
        n_folds=3,
        random_state=12345,
    )
    return expected[np.arange(len(log)), :, place]


def packed(values):
    """In billionths: expectations are near 0.004."""
    return np.rint(values * 1e9).astype(int).tolist()


WARM = 200


def digits():
    """mabwiser's LinUCB (Strong, Kleynhans and Kadıoğlu 2019) on handwritten digits (UCI, CC BY 4.0), seeing rewards alone."""
    from mabwiser.mab import MAB, LearningPolicy

    data = load_digits()
    pixels, labels = data.data, data.target
    arms = list(range(10))
    mab = MAB(arms, LearningPolicy.LinUCB(alpha=1.0, l2_lambda=1.0), seed=7)
    first = [index % 10 for index in range(WARM)]
    mab.fit(first, [int(arm == labels[at]) for at, arm in enumerate(first)], pixels[:WARM])
    chosen = []
    for at in range(WARM, len(labels)):
        arm = mab.predict(pixels[at : at + 1])
        chosen.append(int(arm))
        mab.partial_fit([arm], [int(arm == labels[at])], pixels[at : at + 1])
    return {
        "warm": WARM,
        "alpha": 1.0,
        "ridge": 1.0,
        "labels": "".join(map(str, labels)),
        "pixels": "".join("0123456789abcdefg"[int(value)] for value in pixels.ravel()),
        "chosen": "".join(map(str, chosen)),
        "right": float(np.mean([arm == labels[WARM + at] for at, arm in enumerate(chosen)])),
        "vowpalWabbit": vowpal_wabbit(pixels, labels),
    }


PASSES = 3


def vowpal_wabbit(pixels, labels):
    """The share of rounds right of `--cb_explore_adf`, pass by pass: a yardstick, not an expectation."""
    import vowpalwabbit

    options = "--cb_explore_adf --squarecb --cb_type mtr -q CA --learning_rate 0.5 --quiet --random_seed 7"
    model = vowpalwabbit.Workspace(options)
    random = np.random.default_rng(7)
    right = []
    for image, label in zip(np.tile(pixels, (PASSES, 1)), np.tile(labels, PASSES)):
        shared = "shared |C " + " ".join(f"p{at}:{value / 16}" for at, value in enumerate(image) if value)
        chances = np.array(model.predict([shared] + [f"|A a{arm}" for arm in range(10)]))
        arm = int(random.choice(10, p=chances / chances.sum()))
        right.append(int(arm == label))
        told = f"0:{-int(arm == label)}:{chances[arm]} "
        model.learn([shared] + [(told if arm == each else "") + f"|A a{each}" for each in range(10)])
    return {
        "options": options,
        "right": float(np.mean(right)),
        "byPass": np.mean(np.reshape(right, (PASSES, -1)), axis=1).tolist(),
    }


def insurance():
    """A randomised trial (Cai, de Janvry and Sadoulet 2015): how many took up an insurance."""
    trial = pd.read_csv(folder_of("causaldata") / "social_insure/Cai_2015.csv")
    return {column: lift(trial, column) for column in ("default", "intensive")}


def lift(trial, column):
    treated, others = (trial.loc[trial[column] == value, "takeup_survey"] for value in (1, 0))
    return {
        "treated": {"converted": int(treated.sum()), "of": len(treated)},
        "heldOut": {"converted": int(others.sum()), "of": len(others)},
        "difference": float(treated.mean() - others.mean()),
        "standardError": math.sqrt(treated.var() / len(treated) + others.var() / len(others)),
    }


def uplift():
    """scikit-uplift's Qini curve of a trial whose scores tie, and the area under it by scikit-learn."""
    from sklearn.metrics import auc
    from sklift.metrics import qini_curve

    random = np.random.default_rng(7)
    score = random.integers(0, 20, 1_000) / 20
    treated = (random.random(1_000) < 0.4).astype(int)
    reward = (random.random(1_000) < 0.2 + 0.3 * treated * score).astype(int)
    share, gain = qini_curve(reward, score, treated)
    return {
        "customers": [[int(s * 20), int(t), int(r)] for s, t, r in zip(score, treated, reward)],
        "points": [[int(x), float(y)] for x, y in zip(share, gain)],
        "auuc": float(auc(share / 1_000, gain)),
        "qini": float(auc(share / 1_000, gain) - auc([0, 1], [0, gain[-1]])),
    }


def estimates():
    """The four estimates by their formulas, and percentile intervals from 20,000 resamples, of logs at the edge of what is sane."""
    random = np.random.default_rng(8)
    size = 120

    def log(reward, propensity, chance, expected=None):
        expected = random.random((size, 2)) if expected is None else expected
        columns = [reward, propensity, chance, expected[:, 0], expected[:, 1]]
        return np.stack([np.broadcast_to(np.round(each, 9), size) for each in columns], axis=1)

    clicks = (random.random(size) < 0.3).astype(float)
    even = random.choice([0.2, 0.3, 0.5], size)
    rare = np.where(random.random(size) < 0.1, 0.01, 0.97)
    logs = {
        "ordinary": log(clicks, even, random.random(size)),
        "extreme weights": log(clicks, 10 ** random.uniform(-6, 0, size), random.random(size)),
        "one arm": log(clicks, 1, 1),
        "no reward": log(0, even, random.random(size)),
        "at the floor": log(clicks, rare, np.where(rare < 0.5, 0.98, 0.01)),
        "never chosen": log(clicks, even, np.where(np.arange(size) == 7, 0.5, 0)),
        "money, and losses": log(np.round(random.normal(20, 300, size), 2), even, random.random(size)),
    }
    return {name: {"rows": rows.tolist(), **judged(rows, random)} for name, rows in logs.items()}


def judged(rows, random):
    reward, propensity, chance, expected, of_policy = rows.T
    weight = chance / propensity
    parts = {
        "ipw": (weight * reward, np.ones_like(weight)),
        "snipw": (weight * reward, weight),
        "dm": (of_policy, np.ones_like(weight)),
        "dr": (of_policy + weight * (reward - expected), np.ones_like(weight)),
    }
    drawn = random.integers(0, len(rows), (20_000, len(rows)))
    found = {"effectiveSize": float(weight.sum() ** 2 / (weight**2).sum())}
    for name, (of, per) in parts.items():
        with np.errstate(invalid="ignore"):
            resampled = of[drawn].sum(axis=1) / per[drawn].sum(axis=1)
        low, high = np.nanpercentile(resampled, [2.5, 97.5])
        found[name] = {"value": float(of.sum() / per.sum()), "low": float(low), "high": float(high)}
    return found


ORACLES = {
    "open-bandit": open_bandit,
    "digits": digits,
    "insurance": insurance,
    "uplift": uplift,
    "estimates": estimates,
}


def main(out):
    for name, compute in ORACLES.items():
        found = compute()
        Path(out, f"{name}.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")
        print(name, {key: value for key, value in found.items() if len(str(value)) < 200})
    print("38 clicks prove arithmetic only: no such log tells which policy is the better one.")


if __name__ == "__main__":
    main(sys.argv[1])
