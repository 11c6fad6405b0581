"""A receipt's proof leaves by its page, for whoever acted, and holds on the page where anybody checks it."""

import re

from gateway.custody import LOG, Custody, trust_roots
from gateway.log_rounds import LogRounds
from tests.log.agencies import AGENCIES, ORIGIN
from tests.web.conftest import Web


def test_the_proof_of_an_act_is_downloaded_from_its_receipt_and_holds(web: Web) -> None:
    web.office.now = web.office.now.replace(month=4, day=2)
    clerk = web("clerk@gz")
    place = clerk.do("accept", web.cases["submitted"]).headers["location"]
    assert f'href="{place}.tlog-proof"' in clerk.page(place)
    assert f'href="{place}"' in clerk.page(f"/cases/{web.cases['submitted']}"), "the timeline leads to it"
    early = clerk.get(f"{place}.tlog-proof")
    assert early.status_code == 409
    assert "证明还没有做成" in early.text

    custody = Custody(web.files / "keys")
    made = {who: custody.make(who, ORIGIN) for who in (LOG, *AGENCIES)}
    roots = trust_roots(made.pop(LOG), made, 2).encode()
    custody.trust_file.write_text(roots)
    settings = web.place.settings.model_copy(update={"keys": str(custody.folder)})
    rounds = LogRounds(web.office.gateway, settings)
    done = rounds.integrate()
    rounds.publish(done.size, [rounds.cosign(agency, done.checkpoint).line for agency in AGENCIES])

    proof = clerk.get(f"{place}.tlog-proof")
    assert proof.status_code == 200
    assert proof.headers["content-disposition"].endswith(".tlog-proof")
    handed_in = {"file": ("r.tlog-proof", proof.content), "trust": ("trust.policy", roots.encode())}
    checked = web().post("/public/check", {}, files=handed_in).text
    assert "回执属实" in checked, re.findall(r'<div class="notice bad.*?</div>', checked, re.S)
    assert web.cases["submitted"] in checked
    assert web("clerk@tro").get(f"{place}.tlog-proof").status_code == 404
    web.office.now = web.office.now.replace(day=14)
