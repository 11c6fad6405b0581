"""How many agencies must cosign is a rule of the pack, and it decides what becomes the published checkpoint."""

from pathlib import Path

import pytest

from gateway.custody import LOG, Custody, trust_roots
from gateway.log_rounds import LogRounds, needed
from gateway.settings import Settings
from policies import load_pack
from proof.tiles import CHECKPOINT
from tests.conftest import Soil
from tests.log.agencies import AGENCIES, ORIGIN
from tests.world import Office

SHIPPED = load_pack("guangdong/pilot").rules["log.cosignatures"].values[0].value


@pytest.mark.parametrize("rule", [SHIPPED - 1, SHIPPED, SHIPPED + 1])
def test_a_checkpoint_is_published_once_as_many_cosigned_as_the_rule_says(
    sqlite: Soil, tmp_path: Path, rule: int
) -> None:
    ground = sqlite.fresh(lambda engine: Office.found(engine, settings={"log.cosignatures": rule}))
    gateway = Office(ground.engine).gateway
    assert needed(gateway) == rule
    custody = Custody(tmp_path / "keys")
    made = {who: custody.make(who, ORIGIN) for who in (LOG, *AGENCIES)}
    custody.trust_file.write_text(trust_roots(made.pop(LOG), made, 0).encode())
    rounds = LogRounds(gateway, Settings(files=str(tmp_path / "files"), keys=str(custody.folder)))
    done = rounds.integrate()
    for count, agency in enumerate(AGENCIES, 1):
        answer = rounds.cosign(agency, done.checkpoint)
        assert rounds.publish(done.size, [answer.line]).enough is (count >= rule)
        published = (tmp_path / "files" / "log" / CHECKPOINT).exists()
        assert published is (count >= rule)
    sqlite.clear(ground)
