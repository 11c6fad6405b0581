"""What a page says in one language. Chinese comes from `console.words`; the English is the published word itself."""

from typing import Any

from console import english, words
from console.desk import Desk, cited, rule_of
from console.workbook_template import ENTRIES
from domain.moments import CHINA, days_left, instant, spoken
from domain.policy import Pack
from gateway.views import lapsed

LANGUAGES = ("zh", "en")
LISTS = frozenset(
    {"lines", "materials", "partners", "mentors", "majors", "fees", "letters", "changes", "students", "rows"}
)
"""Fields that hold rows, which people count from one."""
CHOICES = {**words.CHOICES, **dict(ENTRIES)}
STANDINGS = {
    "text": ("明文规定", "the text says so"), "analogy": ("类推适用", "by analogy"),
    "assumption": ("未经核实", "unverified assumption"),
}  # fmt: skip


class Voice:
    """One reader's language, and the names that this environment knows."""

    def __init__(self, lang: str, desk: Desk) -> None:
        self.lang, self.desk = lang if lang in LANGUAGES else "zh", desk

    def t(self, zh: str, en: str) -> str:
        """One sentence in the reader's language."""
        return zh if self.lang == "zh" else en

    def of(self, said: Any) -> str:
        """The same of a pair such as `{"zh": …, "en": …}`."""
        if not isinstance(said, dict):
            said = {"zh": said.zh, "en": said.en}
        return str(said[self.lang])

    def word(self, table: dict[str, str], word: str) -> str:
        """A published word."""
        if self.lang == "zh":
            return table.get(word, word)
        return word.replace("-", " ").replace("_", " ")

    def kind(self, word: str) -> str:
        """A kind of case."""
        return self.word(words.KINDS, word)

    def stage(self, word: str) -> str:
        """A stage."""
        return self.word(words.STAGES, word)

    def state(self, word: str) -> str:
        """The state of a line."""
        return self.word(words.LINE_STATES, word)

    def choice(self, word: str) -> str:
        """A word that a form lets people choose."""
        return self.word(CHOICES, word)

    def field(self, name: str, act: str = "", table: str = "") -> str:
        """A field of a form or view; of an act's own form or a table in it, as it is called there."""
        if own := words.FIELDS_OF.get(table, {}).get(name) or words.FIELDS_OF.get(act, {}).get(name):
            return self.t(*own)
        if self.lang == "zh":
            return words.FIELDS.get(name) or words.VIEW_FIELDS.get(name) or name
        return english.FIELDS.get(name) or name.replace("_", " ")

    def category(self, pack: Pack, code: str) -> str:
        """A category of a funded selection; its code where the pack has none."""
        rule = pack.rules.get("selection.categories")
        names: dict[str, dict[str, str]] = rule.values[-1].value if rule else {}
        return names[code][self.lang] if code in names else code

    def deadline(self, name: str) -> str:
        """A period."""
        return words.deadline(name) if self.lang == "zh" else words.deadline_en(name)

    def event(self, type_: str) -> str:
        """A fact."""
        if self.lang == "zh":
            return words.EVENTS.get(type_, type_)
        return "".join(f" {c.lower()}" if c.isupper() and n else c for n, c in enumerate(type_))

    def act(self, name: str) -> str:
        """An act."""
        if name in words.WAITS:
            return self.t(*words.WAITS[name])
        authority = self.desk.authority(name)
        return self.of(authority.says) if authority else name

    def agency(self, id_: str) -> str:
        """An agency or a college."""
        if self.lang == "en" and id_ in self.desk.pack.agencies:
            return self.desk.pack.agencies[id_].en
        return words.agency(id_, self.desk.names)

    def office(self, role: str, agency: str) -> str:
        """Somebody's office."""
        if self.lang == "zh":
            return words.office(role, agency, self.desk.names)
        if role.startswith("expert"):
            return f"expert {role.partition(':')[2]}".strip()
        return f"{role.replace('-', ' ')}, {self.agency(agency)}" if agency != role else role

    def role_at(self, role: str, place: str) -> str:
        """An office as a pack names it: a role, and at which agency as seen from the case."""
        if self.lang == "en":
            return f"{role.replace('-', ' ')}, {place.replace('-', ' ')}"
        where = words.PLACES.get(place) or words.agency(place, self.desk.names)
        return f"{where}{words.ROLES.get(role, role)}"

    def refusal(self, code: str) -> str:
        """What a refusal's code means, by the rules in force; the code of one that they do not have."""
        said = self.desk.pack.refusals.get(code)
        return self.of(said.says) if said else code

    def by(self, actor: str) -> str:
        """Who acted, as events name them: `clerk@tro#wang`."""
        if actor == "public":
            return self.t("公众", "the public")
        if actor.startswith("process@"):
            return self.t("到期自动办理", "by itself")
        if actor.startswith("expert:"):
            return self.office(actor, "experts")
        own, delegated, _ = actor.partition(" for ")
        role, _, rest = own.partition("@")
        office = self.office(role.partition("/")[0], rest.partition("#")[0])
        return office + self.t("（受托）", " (by delegation)") if delegated else office

    def reason(self, reason: dict[str, Any]) -> str:
        """Why something was refused, with the field it speaks of by the name that stands on the form."""
        text, field = str(reason[self.lang]), str(reason.get("field") or "").removeprefix("with.")
        if not field:
            return text
        head, _, rest = text.replace("：", ": ", 1).partition(": ")
        parts = field.split(".")
        named = [
            self.t(f"第{int(part) + 1}行", f"row {int(part) + 1}")
            if part.isdigit() and n and parts[n - 1] in LISTS
            else self.field(part)
            for n, part in enumerate(parts)
        ]
        return f"{' '.join(named)}{self.t('：', ': ')}{rest if head in (field, f'with.{field}') else text}"

    def whose(self, event: dict[str, Any]) -> str:
        """Who brought a fact about; what fell by law is nobody's act, whosoever brought it to light."""
        by_law = lapsed(event["by"], event["at"], event["recorded_at"])
        return self.t("到期自动办理", "by itself") if by_law else self.by(event["by"])

    def at(self, text: str | None) -> str:
        """An instant, China time."""
        return spoken(instant(text)) if text else ""

    def end(self, text: str | None) -> str:
        """The end of a period."""
        return words.ends(text) if text else self.t("未定", "open")

    def left(self, text: str | None, lapses: bool = False) -> tuple[str, str]:
        """How long until an end, with the urgency as a class: late, soon, ahead or none; `lapses`: silence settles it then."""
        if not text:
            return "", "none"
        now, end = self.desk.gateway.clock.now(), instant(text)
        days = days_left(end, now)
        if end <= now and lapses:
            return self.t("期满自行生效", "settled by silence"), "ahead"
        if end <= now:
            return self.t(
                f"逾期{-days}天" if days else "已逾期", f"{-days} d late" if days else "late"
            ), "late"
        if days == 0:
            return self.t("今天", "today"), "soon"
        return self.t(f"还有{days}天", f"in {days} d"), "soon" if days <= 2 else "ahead"

    def clause(self, pack: Pack, basis: str) -> tuple[str, str, str]:
        """What a period rests on: clause, standing, and the standing in words."""
        if basis == "window":
            return self.t("年度申报通知", "the yearly call"), "text", self.t(*STANDINGS["text"])
        rule = rule_of(pack, basis)
        if rule is None:
            return basis, "", ""
        where = cited(pack.instruments.get(rule.source.instrument), rule.source.clause)
        return where, rule.standing, self.t(*STANDINGS[rule.standing])

    def standing(self, word: str) -> str:
        """How sure a rule is."""
        return self.t(*STANDINGS[word])

    def local(self, text: str) -> str:
        """An instant as a date-and-time field takes it."""
        return instant(text).astimezone(CHINA).strftime("%Y-%m-%dT%H:%M")
