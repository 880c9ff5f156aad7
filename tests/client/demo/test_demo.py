"""`samsnakk demo` as a whole: real processes, hub and database."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Samsnakk = Callable[..., "CompletedProcess[str]"]

TEXTS = {
    "empty": "",
    "sami": "Buorre beaivi! č đ ŋ š ŧ ž Á á",
    "norwegian": "æ ø å Æ Ø Å",
    "emoji": "👩\u200d⚕️🏳️\u200d🌈🫶🏽",
    "rtl": "\u202eשלום\u202c مرحبا",
    "combining": "a\u030a A\u030a e\u0301\u0302\u0303",
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe",
    "line ends": "a\r\nb\nc\r\n\r\n",
    "controls": "\x01\x1b[2J\x7f\x85\u2028",
    "like a frame": '{"line":"done","number":1}\n[[step]]',
    "private and unassigned": "\ue000\U0010fffd\U000e0001",
    "long": "å" * (30 * 1024),
}
"""What other programs have lost, changed or fallen over."""


def as_toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def test_the_packaged_conversation_holds_all_it_promises(start_demo: Any) -> None:
    packaged = Path("client/samsnakk/demo/conversation.toml").read_text()
    run = start_demo(packaged, "--once")
    assert run.end() == 0, run.output + run.errors()
    assert run.output.count("helseid ved noden, helseid ved huben") == packaged.count("organisation = ") - 2
    assert "Noden til Fjellheim DPS er tilbake" in run.output
    assert "Ola slutter i Sørvik kommune" in run.output
    assert (run.output.count("✓"), run.output.count("✗ Avvist")) == (5, 2)
    assert sorted(path.name for path in (run.data / "nodes").iterdir()) == ["dps", "nav", "nordvik", "sorvik"]
    roots = [path.relative_to(run.data).parts[:3] for path in run.data.rglob("*.root")]
    assert sorted(roots) == [("nodes", key, "node") for key in ("dps", "nav", "nordvik", "nordvik", "sorvik")]
    assert "oppføringer fra 5 virksomheter, importert fra filene deres" in run.output
    assert "Skriv til «Fjellheim DPS, vakttelefon» i stedet: der er noen på vakt." in " ".join(run.output.split())
    assert f"{packaged.count('[[expect]]')} av {packaged.count('[[expect]]')} forventninger holdt" in run.output
    run.wait_until_nothing_is_left()


@pytest.fixture(scope="module")
def hostile(short: str) -> str:
    """With a relative, whose own root somebody vouches for, and who is in no thread."""
    script = short + '[participants.Bror]\nname="Máhtte, bror"\n'
    for label, text in TEXTS.items():
        script += f'[[step]]\ndo="message"\nby="Kari"\nlabel="{label}"\ntext={as_toml(text)}\n'
    return script + "".join(f'[[expect]]\nmessage="{label}"\nreadable_by=["Kari","Elle"]\n' for label in TEXTS)


@pytest.fixture(scope="module")
def played(start_demo: Any, hostile: str) -> Any:
    run = start_demo(hostile, "--once")
    assert run.end() == 0, run.output + run.errors()
    return run


def test_any_text_arrives_byte_for_byte(played: Any) -> None:
    assert f"{len(TEXTS)} av {len(TEXTS)} forventninger holdt" in played.output
    assert "\x1b" not in played.output


def test_a_text_with_nul_is_refused_by_name_before_anything_starts(start_demo: Any, short: str) -> None:
    run = start_demo(short + '[[step]]\ndo="message"\nby="Kari"\ntext="a\\u0000b"\n', "--once")
    assert run.end() == 2
    assert f"line {short.count(chr(10)) + 4}: NUL (U+0000)" in run.errors()


def test_a_step_that_is_refused_is_told_with_its_line(start_demo: Any, short: str) -> None:
    run = start_demo(short + '[[step]]\ndo="thread"\nby="Elle"\nthread="x"\nmembers=[]\n' + STAFF_THREAD, "--once")
    assert run.end() == 1
    assert f"linje {short.count(chr(10)) + 1}: Elle ble avvist: not_permitted" in run.output
    run.wait_until_nothing_is_left()


STAFF_THREAD = '[threads.x]\naudience="staff_only"\ntitle="x"\nreason="x"\nreview="1 d"\n'


def test_an_expired_member_is_no_longer_served(start_demo: Any, short: str) -> None:
    script = short + (
        '[participants.Jon]\norganisation="dps"\nfunction="nurse"\nlegal_basis="treatment"\nvalid_for="4 s"\n'
        '[[step]]\ndo="join"\nby="Kari"\nwho="Jon"\n[[step]]\ndo="message"\nby="Kari"\nlabel="a"\ntext="a"\n'
        '[[step]]\ndo="wait-for-expiry"\nwho="Jon"\n[[step]]\ndo="message"\nby="Kari"\nlabel="b"\ntext="b"\n'
        '[[expect]]\nmessage="a"\nreadable_by=["Kari","Elle","Jon"]\n'
        '[[expect]]\nmessage="b"\nreadable_by=["Kari","Elle"]\n'
    )
    run = start_demo(script, "--once")
    assert run.end() == 0, run.output + run.errors()


def test_a_kept_demonstration_is_refused_until_it_is_resumed(start_demo: Any, hostile: str, played: Any) -> None:
    again = start_demo(hostile, "--once", data=played.data)
    assert again.end() == 2
    assert "add --resume" in again.errors()
    other = start_demo(hostile + "# another\n", "--once", "--resume", data=played.data)
    assert other.end() == 2
    assert "another script" in other.errors()
    resumed = start_demo(hostile, "--once", "--resume", data=played.data)
    assert resumed.end() == 0, resumed.output + resumed.errors()
    assert f"{len(TEXTS)} av {len(TEXTS)} forventninger holdt" in resumed.output
    assert "ønsker Elle velkommen" not in resumed.output


def test_an_interrupt_in_the_middle_leaves_nothing_behind(start_demo: Any, short: str) -> None:
    script = short + "".join(f'[[step]]\ndo="message"\nby="Kari"\ntext="{n}"\n' for n in range(50))
    run = start_demo(script, "--once", "--pace=0.2")
    run.until("ønsker Elle velkommen")
    assert run.end(signal.SIGINT) == 130
    assert run.left() == []


def test_a_killed_conductor_takes_everything_with_it(start_demo: Any, short: str) -> None:
    run = start_demo(short)
    run.until("Alt går videre")
    assert len(run.left()) >= 3
    assert [command for command in run.left() if "-m samsnakk node run" in command], "the node is the real command"
    run.end(signal.SIGKILL)
    run.wait_until_nothing_is_left()


def test_an_expectation_that_does_not_hold_is_told_and_gives_exit_code_1(start_demo: Any, short: str) -> None:
    script = short + '[[step]]\ndo="message"\nby="Kari"\nlabel="a"\ntext="a"\n'
    run = start_demo(script + '[[expect]]\nmessage="a"\nreadable_by=["Kari"]\n')
    run.until(f"linje {script.count(chr(10)) + 1}: meldingen «a»: Elle kan lese den")
    run.until("0 av 1 forventninger holdt")
    run.until("Alt går videre")
    assert run.end(signal.SIGTERM) == 1


def test_a_participant_that_dies_is_named_and_everything_is_stopped(start_demo: Any, short: str) -> None:
    run = start_demo(short)
    run.until("Alt går videre")
    os.kill(process_of("samsnakk.demo.participant", run.data / "people" / "Elle"), signal.SIGKILL)
    assert run.end() == 1
    assert "prosessen til Elle har stoppet" in run.output
    assert run.left() == []


def process_of(module: str, path: Path) -> int:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if module.encode() in command and os.fsencode(path) in command:
            return int(folder.name)
    raise AssertionError("no such process")


@pytest.fixture(scope="module")
def running(start_demo: Any, short: str) -> Iterator[Any]:
    """A demonstration that keeps running; the interrupt at the end must succeed."""
    script = (
        short + '[[step]]\ndo="message"\nby="Elle"\ntext="Bures"\n[[step]]\ndo="question"\nby="Kari"\ntext="Når?"\n'
        '[participants.Vakta]\nname="Siri"\norganisation="dps"\nfunction="reception"\nlegal_basis="treatment"\n'
        'inbox=true\n[[step]]\ndo="join"\nby="Kari"\nwho="Vakta"\nhistory="all"\n'
    )
    run = start_demo(script)
    run.until("Alt går videre")
    yield run
    assert run.end(signal.SIGINT) == 0
    assert run.left() == []


def test_people_talk_in_a_running_demonstration(running: Any, samsnakk: Samsnakk) -> None:
    said = samsnakk("chat", "elle", "--as=Kari", f"--data={running.data}", typed="Čáppa beaivi!\n/hvem\n")
    assert said.returncode == 0, said.stderr
    assert "Bures" in said.stdout
    assert "psykolog, DPS, tillitsperson" in said.stdout
    assert "Čáppa beaivi!" in running.until("Čáppa beaivi!")
    heard = samsnakk("chat", "elle", "--as=Elle", f"--data={running.data}", typed="")
    assert "Čáppa beaivi!" in heard.stdout


def test_a_question_is_taken_and_settled_on_the_command_line(running: Any, samsnakk: Samsnakk) -> None:
    asked = samsnakk("chat", "elle", "--as=Elle", f"--data={running.data}", typed="/spør Hvem ringer?\n")
    number = asked.stdout.split("#")[-1].split()[0]
    done = samsnakk("chat", "elle", "--as=Kari", f"--data={running.data}", typed=f"/ta {number} 4t\n/ferdig {number}\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Du tok spørsmålet #{number} innen" in done.stdout
    assert f"Du: spørsmålet #{number} er besvart" in done.stdout


def test_who_has_duty_at_a_service_inbox_answers_for_it_by_name(running: Any, samsnakk: Samsnakk) -> None:
    said = samsnakk("chat", "elle", "--as=Vakta", "--inbox", f"--data={running.data}", typed="Jeg har vakt.\n")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Bures" in said.stdout
    heard = samsnakk("chat", "elle", "--as=Elle", f"--data={running.data}", typed="/hvem\n").stdout
    assert "Siri · DPS, fellesinnboks" in heard
    assert "Jeg har vakt." in heard
    nobody = samsnakk("chat", "elle", "--as=Elle", "--inbox", f"--data={running.data}")
    assert (nobody.returncode, "acts for no service inbox" in nobody.stderr) == (2, True)
    # Siri herself is no member.
    assert samsnakk("chat", "elle", "--as=Vakta", f"--data={running.data}", typed="Hei\n").returncode == 1


def test_files_are_sent_and_saved_on_the_command_line(running: Any, samsnakk: Samsnakk, tmp_path: Path) -> None:
    (tmp_path / "min tegning.png").write_bytes(bytes(range(256)) * 2000)
    (tmp_path / "inn").mkdir()
    typed = f"/fil {tmp_path}/min tegning.png\n/fil {tmp_path}/ingenting\n"
    sent = samsnakk("chat", "elle", "--as=Elle", f"--data={running.data}", typed=typed)
    assert sent.returncode == 1
    assert "Vedlegg: min tegning.png" in sent.stdout
    assert "Filen finnes ikke, eller den kan ikke leses." in sent.stdout
    number = sent.stdout.split("Vedlegg:")[0].split("#")[-1].split()[0]
    typed = f"/lagre {number} {tmp_path}/inn\n/lagre {number} {tmp_path}/inn\n"
    saved = samsnakk("chat", "elle", "--as=Kari", f"--data={running.data}", typed=typed)
    assert saved.returncode == 0, saved.stdout + saved.stderr
    assert f"Lagret: {tmp_path}/inn/min tegning.png" in saved.stdout.replace("\n", "")
    assert sorted(path.name for path in (tmp_path / "inn").iterdir()) == ["min tegning (2).png", "min tegning.png"]
    for path in (tmp_path / "inn").iterdir():
        assert path.read_bytes() == (tmp_path / "min tegning.png").read_bytes()
    wrong = samsnakk(
        "chat", "elle", "--as=Kari", f"--data={running.data}", typed=f"/lagre {number} /nowhere\n/lagre 1\n"
    )
    assert "Filen kan ikke lagres der." in wrong.stdout
    assert "#1 har ingen filer" in wrong.stdout


def test_what_cannot_be_done_is_answered_in_words_and_by_the_exit_code(running: Any, samsnakk: Samsnakk) -> None:
    said = samsnakk("chat", "elle", "--as=Kari", f"--data={running.data}", typed="/danse\n/ta\n/trekk 1\n")
    assert said.returncode == 1
    assert "Den kommandoen finnes ikke" in said.stdout
    assert "Slik skrives det: /ta NUMMER" in said.stdout
    assert "Det gikk ikke" in said.stdout


def test_the_whole_record_is_verified_from_the_first_place(running: Any, samsnakk: Samsnakk) -> None:
    shown = samsnakk("timeline", "elle", "--as=Elle", f"--data={running.data}", "--verify", "--access")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "hendelser er sjekket fra den første av" in shown.stdout
    assert "Kari (DPS) leser fra nå · samarbeid" in shown.stdout
    assert "Du leser fra nå · egne opplysninger" in shown.stdout


def test_the_user_exports_her_channel_and_anybody_with_the_trust_file_checks_it(
    running: Any, samsnakk: Samsnakk, tmp_path: Path
) -> None:
    bundle, report, trust = tmp_path / "bevis.zip", tmp_path / "rapport.html", tmp_path / "tillit.json"
    made = samsnakk("audit", "export", "elle", "--as=Elle", f"--data={running.data}", f"--out={bundle}")
    assert made.returncode == 0, made.stdout + made.stderr
    name = made.stdout.splitlines()[2].strip()
    trust.write_bytes(next(running.data.rglob("trust.json")).read_bytes())
    checked = samsnakk("audit", "verify", str(bundle), f"--trust={trust}", f"--out={report}")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"Pakkens navn: {name}" in checked.stdout
    assert "vitner har signert det samme" in checked.stdout
    assert "Kari" in report.read_text(encoding="utf-8")
    with zipfile.ZipFile(bundle) as archive:
        alone = tmp_path / "verify.py"
        alone.write_bytes(archive.read("verify.py"))
    done = subprocess.run([sys.executable, "-I", alone, bundle, trust], capture_output=True, text=True, check=False)
    assert (done.returncode, name in done.stdout) == (0, True), done.stderr
    lost = samsnakk("audit", "verify", str(bundle), f"--trust={bundle}")
    assert (lost.returncode, "samsnakk audit verify" in lost.stderr) == (1, True)


def test_a_wrong_name_or_channel_is_answered_with_the_right_ones(running: Any, samsnakk: Samsnakk) -> None:
    nobody = samsnakk("chat", "elle", "--as=Ola", f"--data={running.data}")
    assert (nobody.returncode, "there are Elle, Kari" in nobody.stderr) == (2, True)
    nowhere = samsnakk("timeline", "kari", "--as=Kari", f"--data={running.data}")
    assert (nowhere.returncode, "the trust file names: elle" in nowhere.stderr) == (2, True)
