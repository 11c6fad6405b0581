"""`huiqian audit keys` and `trust`: this machine's own keys, and trust roots made of public ones."""

from pathlib import Path

from rich.text import Text

from console.terminal.acting import read_bytes
from console.terminal.desk import open_desk
from console.terminal.screen import DONE, USAGE, Trouble, clean, emit, heading, show
from gateway.custody import LOG, Custody, trust_roots
from gateway.log_rounds import needed
from proof.keys import KeyRefused, parse_vkey
from proof.trust import TrustRefused, parse_trust


def keys(who: list[str], origin: str | None, signer: str | None, public: Path | None, as_json: bool) -> int:
    """Make the keys that are missing here, and show the public halves; with all of them here, the trust roots too."""
    desk = open_desk()
    if not desk.settings.keys:
        raise Trouble(
            USAGE, "请设 HUIQIAN_KEYS：钥匙放在哪里", "set HUIQIAN_KEYS: where this machine's keys are kept"
        )
    custody = Custody(desk.settings.keys_folder)
    everybody = [LOG, *sorted(desk.pack.agencies)]
    unknown = sorted(set(who) - set(everybody))
    if unknown:
        zh, en = f"没有这个机构：{clean(', '.join(unknown))}", f"no such agency: {clean(', '.join(unknown))}"
        raise Trouble(USAGE, zh, en)
    name = origin or f"huiqian.example/{desk.environment.id}"
    if (signer is None) is not (public is None) or (signer and len(who) != 1):
        zh, en = (
            "--signer 与 --public 须同时写明，并指明一个机构",
            "--signer and --public go together, for one agency",
        )
        raise Trouble(USAGE, zh, en)
    try:
        if signer and public:
            custody.adopt(who[0], name, read_bytes(public).decode(errors="replace"), signer)
        made = {one: custody.make(one, name) for one in who or everybody}
        if not who and not custody.trust_file.exists():
            witnesses = {one: key for one, key in made.items() if one != LOG}
            custody.trust_file.write_text(trust_roots(made[LOG], witnesses, needed(desk.gateway)).encode())
    except KeyRefused as problem:
        raise Trouble(USAGE, "钥匙有误或名称不合要求", str(problem)) from None
    except FileExistsError:
        zh, en = (
            "此处已有这把钥匙；换钥匙须先移走",
            "there is such a key already; move it away to have another",
        )
        raise Trouble(USAGE, zh, en) from None
    if as_json:
        emit({"folder": str(custody.folder), "keys": {one: str(key) for one, key in made.items()}})
    else:
        show(heading("公钥", "Public keys: give these to whoever verifies"))
        show(*(Text(f"{one}={key}", no_wrap=True) for one, key in made.items()))  # to copy: never broken
    return DONE


def trust(log: str, witnesses: list[str], need: int | None, as_json: bool) -> int:
    """Trust roots from public keys that were given by hand, to standard output."""
    try:
        named = {name: parse_vkey(key) for name, _, key in (one.partition("=") for one in witnesses)}
        count = need if need is not None else needed(open_desk().gateway)
        text = parse_trust(trust_roots(parse_vkey(log), named, count).encode()).encode()
    except (KeyRefused, TrustRefused, ValueError) as problem:
        raise Trouble(USAGE, "公钥有误", str(problem)) from None
    if as_json:
        emit({"trust": text})
    else:
        show(Text(text.rstrip("\n"), no_wrap=True))
    return DONE
