"""`huiqian policy`: which packs there are, whether they are sound, and what a rule says with its clause and standing."""

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from string import Template
from typing import Any

from rich.padding import Padding
from rich.text import Text

from console.desk import STANDARD_PACK, cited
from console.terminal.answers import finish
from console.terminal.desk import desk_if_any, open_desk
from console.terminal.given import actor, command, setting
from console.terminal.screen import (
    DONE,
    REFUSED,
    STANDING_BADGES,
    USAGE,
    Trouble,
    complain,
    emit,
    heading,
    narrow,
    note,
    pairs,
    show,
    stacked,
    table,
)
from domain.moments import local_day
from domain.policy import Pack, Rule
from gateway.clock import system_time
from gateway.packs import lay_before
from policies import BadPack, PackProblem, load_pack, pack_names


def list_packs(as_json: bool) -> int:
    """The packs that ship with the product, and which one is in force here."""
    desk = desk_if_any()
    rows: list[dict[str, Any]] = []
    for name in pack_names():
        try:
            pack = load_pack(name)
        except BadPack as bad:
            rows.append({"pack": name, "problems": [str(p) for p in bad.problems]})
            continue
        standing = {word: sum(r.standing == word for r in pack.rules.values()) for word in STANDING_BADGES}
        rows.append({
            "pack": name, "title": pack.title.model_dump(), "hash": pack.hash, "rules": len(pack.rules),
            "standing": standing, "draft": pack.draft, "in_force": bool(desk and desk.policy.version_of(name)),
        })  # fmt: skip
    force = (
        {"pack": desk.policy.name, "hash": desk.policy.pack, "settings": desk.policy.settings}
        if desk
        else None
    )
    if as_json:
        emit({"packs": rows, "in_force": force})
        return DONE
    made = table("规则包 Pack", "名称 Title", ("规则 Rules", "right"), "依据 Standing")
    for row in rows:
        if "problems" in row:
            made.add_row(row["pack"], Text("有误，见 policy check · broken", style="red"), "", "")
            continue
        mark = Text("\n✓ 本环境使用 in force here", style="green") if row["in_force"] else Text("")
        if row["draft"]:
            mark = Text("\n草案，只可预览 draft: preview only", style="yellow")
        counts = Text("\n").join(
            Text.assemble(STANDING_BADGES[word], f" {count}")
            for word, count in row["standing"].items()
            if count
        )
        made.add_row(
            Text.assemble((row["pack"], "bold"), mark), stacked(row["title"]["zh"], row["title"]["en"]),
            str(row["rules"]), counts,
        )  # fmt: skip
    show(made)
    if desk and desk.policy.settings:
        show(
            heading("本环境的设定", "Set in this environment"),
            pairs([(k, str(v)) for k, v in desk.policy.settings.items()]),
        )
    return DONE


def check(packs: list[str], as_json: bool) -> int:
    """Validate packs by name or folder; every problem with file, line and field."""
    results: list[dict[str, Any]] = []
    worst = DONE
    for name in packs or pack_names():
        if not Path(name).is_dir() and name not in pack_names():
            complain(
                f"没有这个规则包：{name}", f"no such policy pack: {name}; there are {', '.join(pack_names())}"
            )
            worst = USAGE
            continue
        try:
            pack = load_pack(name)
        except BadPack as bad:
            worst = max(worst, REFUSED)
            results.append({"pack": name, "sound": False, "problems": [vars(p) for p in bad.problems]})
            if not as_json:
                _print_problems(name, bad.problems)
        else:
            results.append(
                {"pack": name, "sound": True, "problems": [], "hash": pack.hash, "draft": pack.draft}
            )
            if not as_json:
                show(
                    Text.assemble(
                        ("✓ ", "bold green"),
                        (name, "bold"),
                        f"  {len(pack.rules)} 条规则 rules  ",
                        (pack.hash[:12], "dim"),
                        ("  草案 draft" if pack.draft else "", "yellow"),
                    )
                )
    if as_json:
        emit(results)
    return worst


def _print_problems(name: str, problems: list[PackProblem]) -> None:
    show(Text.assemble(("✗ ", "bold red"), (name, "bold"), f"  {len(problems)} 处问题 problems"))
    for problem in problems:
        why = problem.why.removeprefix(problem.field.removesuffix(".values") + ": ")
        place = f"{problem.file}:{problem.line}: {problem.field}: "
        show(Text.assemble((place, "yellow"), why, no_wrap=True))  # one line, as editors and grep want it


def load(name: str) -> Pack:
    """A pack by name or folder. Raises Trouble when there is none, BadPack when it is not sound."""
    if not Path(name).is_dir() and name not in pack_names():
        known = "、".join(pack_names())
        raise Trouble(USAGE, f"没有这个规则包：{name}（有 {known}）", f"no such policy pack: {name}")
    return load_pack(name)


def adopt(name: str, by: str, settings: Sequence[str], as_json: bool) -> int:
    """Put a pack in force for cases opened from now on; a draft is refused."""
    desk, pack, wanted = open_desk(), load(name), dict(setting(text) for text in settings)
    who = actor(by)
    form = lay_before(desk.engine, desk.gateway.shelf, checked(pack, wanted), wanted)
    return finish(
        desk, desk.gateway.act(command(None, "adopt-pack", who, None, form)), as_json=as_json, again=[]
    )


def checked(pack: Pack, settings: dict[str, Any]) -> Pack:
    """The pack, if these settings fit it. Raises Trouble naming the one that does not."""
    try:
        pack.with_settings(settings)
    except KeyError as error:
        zh = f"--set {error.args[0]}：没有这个可设定项，见 huiqian policy show"
        raise Trouble(USAGE, zh, f"--set {error.args[0]}: not a configurable key") from None
    except ValueError as error:
        zh, _, en = str(error).partition(" / ")
        raise Trouble(USAGE, f"--set {zh}", f"--set {en}") from None
    return pack


def show_rules(key: str | None, name: str | None, as_json: bool) -> int:
    """One rule in words, or a table of all."""
    desk = None if name else desk_if_any()
    pack = load(name) if name else desk.pack if desk else load_pack(STANDARD_PACK)
    settings = desk.policy.settings if desk else {}
    today = desk.today if desk else local_day(system_time())
    if key is None:
        rules = list(pack.rules.values())
        if as_json:
            emit([told(pack, rule, today, rule.key in settings) for rule in rules])
        else:
            _print_table(pack, today, settings)
        return DONE
    rule = pack.rules.get(key)
    if rule is None:
        near = get_close_matches(key, pack.rules) or [k for k in pack.rules if key in k][:5]
        raise Trouble(
            USAGE, f"没有这条规则：{key}" + (f"；是否指 {'、'.join(near)}" if near else ""),
            f"no such rule: {key}" + (f"; did you mean {', '.join(near)}" if near else ""),
        )  # fmt: skip
    if as_json:
        emit(told(pack, rule, today, key in settings))
    else:
        _print_rule(pack, rule, today, key in settings)
    return DONE


def told(pack: Pack, rule: Rule, today: date, set_here: bool) -> dict[str, Any]:
    """A rule as programs read it."""
    instrument = pack.instruments[rule.source.instrument]
    return {
        "key": rule.key, "value": rule.on(today), "on": today.isoformat(),
        "values": [v.model_dump(mode="json") for v in rule.values], "standing": rule.standing,
        "says": {"zh": say(rule, today, "zh"), "en": say(rule, today, "en")},
        "source": {**rule.source.model_dump(), "title": instrument.title, "number": instrument.number, "status": instrument.status},
        "settable": rule.settable, "set_here": set_here, "pack": pack.name,
    }  # fmt: skip


def say(rule: Rule, today: date, language: str) -> str:
    """What the rule says, its value of today in its place."""
    text = rule.says.zh if language == "zh" else rule.says.en
    return Template(text).safe_substitute(value=plain(rule.on(today), language))


def plain(value: Any, language: str = "zh") -> str:
    """A value in words."""
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    if isinstance(value, list):
        items: list[Any] = value
        return ("、" if language == "zh" else ", ").join(plain(item, language) for item in items)
    if isinstance(value, dict):
        return ("，" if language == "zh" else ", ").join(
            f"{k}: {plain(v, language)}" for k, v in value.items()
        )
    return str(value)


def _print_table(pack: Pack, today: date, settings: dict[str, Any]) -> None:
    show(Text.assemble((f"{pack.title.zh}  {pack.name}", "bold"), ("  " + pack.hash[:12], "dim"), "\n"))
    made = table("规则 Rule", "内容 Says", ("依据 Standing", "fixed"))
    for rule in pack.rules.values():
        value = plain(rule.on(today))
        key = Text.assemble((rule.key, "bold"), (f"\n{value}" if len(value) <= 24 else "", "cyan"))
        if rule.key in settings:
            key.append("  本环境设定 set here", style="magenta")
        said = stacked(say(rule, today, "zh"), say(rule, today, "en"))
        if narrow():
            show(Text.assemble(key, "  ", STANDING_BADGES[rule.standing]), Padding(said, (0, 0, 0, 2)))
        else:
            made.add_row(key, said, STANDING_BADGES[rule.standing])
    if not narrow():
        made.columns[0].min_width = max(len(key) for key in pack.rules)
        show(made)
    unsure = sum(rule.standing == "assumption" for rule in pack.rules.values())
    note(f"{unsure} 条未经核实，须由主管单位确认", f"{unsure} are nobody's word yet and need their owner's")


def _print_rule(pack: Pack, rule: Rule, today: date, set_here: bool) -> None:
    instrument = pack.instruments[rule.source.instrument]
    show(
        Text.assemble((rule.key, "bold"), "  ", STANDING_BADGES[rule.standing]),
        Text.assemble((say(rule, today, "zh"), ""), "\n", (say(rule, today, "en"), "dim")),
        Text(""),
        pairs([
            (f"今日值 On {today}", Text(plain(rule.on(today)), style="bold")),
            ("依据 Clause", cited(instrument, rule.source.clause)),
            ("文号 Number", instrument.number),
            ("原文 Quote", f"“{rule.source.quote}”" if rule.source.quote else None),
            ("效力 Status", {"in-force": "有效 in force", "draft": "草案 draft", "practice": "通行做法 practice", "proposal": "产品设定 proposal"}[instrument.status]),
            ("附注 Note", instrument.note),
            ("可否设定 Settable", "可由主管单位设定 by its owner" if rule.settable else "不可 no"),
            ("本环境 Here", Text("已另行设定 set here", style="cyan") if set_here else None),
        ]),
    )  # fmt: skip
    made = table(("起 Since", "fixed"), "值 Value")
    for dated in rule.values:
        made.add_row(dated.since.isoformat(), plain(dated.value))
    show(heading("各时期的值", "Values over time"), made)
