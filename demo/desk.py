"""Where people act in the demo: each act goes through the gateway and is told with what came of it."""

import asyncio
from typing import Any

from demo.cast import Register
from demo.narrator import Narrator
from demo.stage import Stage
from domain.actors import parse_actor
from domain.files import Command
from domain.moments import instant
from gateway.answers import Answer
from gateway.views import lines_of, show

UNITS = {"dept": "省厅", "tro": "省教研室", "gz": "广州市人社局", "sz": "深圳市人社局"}
_OTHERS = {"experts": "评估论证组", "public": "社会公众"}
_OWNERS = {"notice": "省教研室", "objection": "省教研室", "approval": "省教研室", "round": "年度申报"}


class Unexpected(Exception):
    """The engine answered an act otherwise than the round needs; going on would only repeat it."""


class Desk:
    """The one way to act, and what the demo remembers of the round."""

    def __init__(self, stage: Stage, narrator: Narrator, register: Register) -> None:
        self.stage, self.narrator, self.register = stage, narrator, register
        self.round = ""
        self.filings: dict[str, str] = {}
        """College to the id of its filing."""
        self._acts = 0

    async def do(
        self,
        by: str,
        act: str,
        case: str | None = None,
        with_: dict[str, Any] | None = None,
        refused: str = "",
    ) -> Answer:
        """An act through the gateway; Unexpected when it is refused, or accepted where `refused` was expected."""
        self._acts += 1
        command = Command(
            id=f"demo-{self._acts:03}", act=act, by=parse_actor(by), case=case, with_=with_ or {}
        )
        answer = await asyncio.to_thread(self.stage.gateway.act, command)
        if (answer.get("code") or "") != refused:
            why = "; ".join(f"{r['zh']} / {r['en']}" for r in answer.get("reasons", []))
            found, expected = answer.get("code", "accepted"), refused or "accepted"
            raise Unexpected(f"{by} {act} {case or ''}: 期望 expected {expected}, 实际 found {found}: {why}")
        return answer

    async def view(self, case: str) -> dict[str, Any]:
        """A case as it stands."""
        return await asyncio.to_thread(self.show, case)

    def show(self, case: str) -> dict[str, Any]:
        """The same, for who need not keep the clock running."""
        return show(self.stage.gateway.engine, case)

    async def route(self, college: str) -> str:
        """The unit that receives a college's filing."""
        return str((await self.view(self.filings[college]))["route"])

    async def refs(self, *states: str) -> list[str]:
        """References of the round's lines in any of these states, in the order in which they were filed."""
        rows = await asyncio.to_thread(lines_of, self.stage.gateway.engine, self.round)
        filed = list(self.filings.values())
        found = [row["ref"] for row in rows if row["state"] in states]
        return sorted(found, key=lambda ref: (filed.index(ref.rpartition("/")[0]), ref))

    async def awaited(self, state: str) -> list[str]:
        """The same, once there are any: an officer acts when the docket says so, and a timer may be a second late."""
        for _ in range(200):
            if refs := await self.refs(state):
                return refs
            await asyncio.sleep(0.05)
        raise Unexpected(f"没有专业线到达 {state} / no line became {state}")

    def ref(self, college: str, line: str) -> str:
        """How one line of a college is named."""
        return f"{self.filings[college]}/{line}"

    def owner(self, stream: str) -> str:
        """Whose case a stream is, for people."""
        college = next((c for c, filing in self.filings.items() if filing == stream), None)
        return self.register.name(college) if college else _OWNERS.get(stream.partition("-")[0], "省厅")

    def tell(self, answer: Answer, by: str, zh: str, en: str) -> None:
        """Say that an act was done."""
        actor = parse_actor(by)
        who = {**UNITS, **_OTHERS}.get(actor.agency) or self.register.name(actor.agency)
        self.narrator.line(instant(answer["at"]), f"{who} {actor}", zh, en)

    def tell_refused(self, answer: Answer, by: str, zh: str) -> None:
        """Say that an act was refused, why, and by which clause."""
        reason, who = answer["reasons"][0], f"{UNITS[parse_actor(by).agency]} {by}"
        more = f"等 {len(answer['reasons'])} 条" if len(answer["reasons"]) > 1 else ""
        zh = f"{zh} → 被拒绝：{reason['zh']}{more}（{answer['clause']}）"
        self.narrator.line(instant(answer["at"]), who, zh, f"refused, {answer['code']}", style="red")
