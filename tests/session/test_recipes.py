"""Grids and recipes: every combination, seeds of their own, and models that take no temperature."""

from __future__ import annotations

import pytest

from composer.errors import RefusedError
from composer.session.recipes import MOST, Grid, recipes, remark
from tests.session.fakes import Few, Scripted, counting


def made(grid: Grid, *endpoints: Scripted) -> list[tuple[str, str, float | None, str, int | None]]:
    return [
        (each.endpoint, each.model, each.temperature, each.lens, each.seed)
        for each in recipes(grid, Few(*(endpoints or (Scripted(),))), counting())
    ]


def test_every_combination_is_a_candidate_by_model_lens_and_temperature() -> None:
    grid = Grid((0.2, 0.9), (("", ""), ("far", "big")), ("", "as a list"))
    assert [each[:4] for each in made(grid, Scripted("near"), Scripted("far"))] == [
        ("near", "near-1", 0.2, ""),
        ("near", "near-1", 0.9, ""),
        ("near", "near-1", 0.2, "as a list"),
        ("near", "near-1", 0.9, "as a list"),
        ("far", "big", 0.2, ""),
        ("far", "big", 0.9, ""),
        ("far", "big", 0.2, "as a list"),
        ("far", "big", 0.9, "as a list"),
    ]
    assert grid.size == 8


def test_each_has_a_seed_of_its_own_unless_seeds_are_named() -> None:
    own = [each[4] for each in made(Grid((0.2, 0.4, 0.6)))]
    assert len(set(own)) == 3
    assert all(seed is not None and 0 <= seed < 2**31 for seed in own)
    assert [each[2:5:2] for each in made(Grid((0.2, 0.4), seeds=(7, 8)))] == [(0.2, 7), (0.2, 8), (0.4, 7), (0.4, 8)]


def test_a_model_without_temperature_gets_none_and_that_is_said() -> None:
    cold = Scripted("cold")
    cold.refused.add("temperature")
    grid = Grid((0.2, 0.9))
    found = recipes(grid, Few(cold), counting())
    assert [each.temperature for each in found] == [None, None]
    assert found[0].seed != found[1].seed
    assert remark(found, grid) == "cold-1 takes no temperature: its candidates differ by their seeds alone."
    assert remark(recipes(grid, Few(Scripted()), counting()), grid) == ""
    lensed = Grid((0.2, 0.9), lenses=("", "as a list"))
    assert "by lens and seed" in remark(recipes(lensed, Few(cold), counting()), lensed)


def test_presets_go_before_the_endpoints_own_sampling_and_the_ladder_before_both() -> None:
    endpoint = Scripted()
    endpoint.sampling = {"top_p": 0.9, "temperature": 0.1}
    endpoint.presets = {"wild": {"top_p": 1.0, "min_p": 0.05, "temperature": 1.9, "seed": 5}}
    (one,) = recipes(Grid((0.4,), preset="wild"), Few(endpoint), counting())
    assert one.sampling == {"top_p": 1.0, "min_p": 0.05, "temperature": 0.4}
    assert (one.preset, one.seed) == ("wild", 5)
    endpoint.preset = "wild"
    assert recipes(Grid((0.4,)), Few(endpoint), counting())[0].preset == "wild"
    assert recipes(Grid((0.4,), preset=""), Few(endpoint), counting())[0].sampling == {"top_p": 0.9, "temperature": 0.4}
    both = Grid((0.4,), (("scripted", ""), ("plain", "")), preset="wild")
    endpoint.preset = ""
    assert [each.preset for each in recipes(both, Few(endpoint, Scripted("plain")), counting())] == ["wild", ""]
    with pytest.raises(RefusedError, match="no preset mild"):
        recipes(Grid((0.4,), preset="mild"), Few(endpoint), counting())


def test_too_many_or_none_are_refused() -> None:
    with pytest.raises(RefusedError, match="at least one"):
        made(Grid(()))
    with pytest.raises(RefusedError, match=f"{MOST} are the most"):
        made(Grid(tuple(n / 10 for n in range(7)), lenses=("a", "b", "c")))
    with pytest.raises(RefusedError, match="no endpoint"):
        made(Grid((0.5,), (("nowhere", ""),)))
