"""A machine whose clock is wrong counts by the database's: no period ends early because one worker is ahead."""

from datetime import datetime, timedelta

import pytest

import gateway.common_time
from gateway.clock import system_time
from gateway.common_time import CommonTime
from gateway.settings import Settings, open_gateway
from tests.conftest import Ground, Soil
from tests.world import staffed

NEAR = timedelta(seconds=2)


@pytest.mark.parametrize("wrong", [timedelta(minutes=-7), timedelta(), timedelta(days=1)])
def test_a_gateway_with_a_wrong_clock_goes_by_the_databases(
    postgres: Soil, wrong: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    def skewed() -> datetime:
        return system_time() + wrong

    ground: Ground = postgres.fresh(staffed)
    monkeypatch.setattr(gateway.common_time, "system_time", skewed)
    opened, _ = open_gateway(Settings(), ground.engine)
    assert isinstance(opened.clock.real, CommonTime)
    assert abs(opened.clock.real() - system_time()) < NEAR
    postgres.clear(ground)


def test_while_the_database_is_away_the_last_measure_stands(
    postgres: Soil, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground: Ground = postgres.fresh(staffed)
    clock = CommonTime(ground.engine)
    monkeypatch.setattr(gateway.common_time, "system_time", lambda: system_time() + timedelta(hours=1))
    assert abs(clock() - system_time()) < NEAR
    monkeypatch.setattr(gateway.common_time, "EVERY", 0.0)
    postgres.clear(ground)
    assert abs(clock() - system_time()) < NEAR
