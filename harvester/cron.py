"""What makes an installation harvest every night: a line for crontab, or units for systemd."""

from __future__ import annotations

import hashlib
import re
import shlex
from pathlib import Path

JOBS = 4
MAX_TIME = "4h"
FIRST_HOUR = 2
"""When servers have the least to do, in Belgium as in Luxembourg and the Netherlands."""
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PLAIN = re.compile(r"[A-Za-z0-9_./:=@+-]+")


def instructions(executable: Path, directory: Path, user: str, contact: str | None) -> str:
    """Return what to put where so that every source is harvested every night.

    Args:
        executable: the absolute path of `harvester`.
        directory: the absolute path of the data.
        user: who it runs as.
        contact: the contact in `config.yml`; cron's mail goes there, if it is an address.
    """
    harvest = [str(executable), "--db", str(directory), "harvest", "--all"]
    harvest += ["--jobs", str(JOBS), "--max-time", MAX_TIME]
    mail = (contact or "").strip().removeprefix("mailto:")
    to = mail if _MAIL.fullmatch(mail) else "you@example.org"
    return f"""\
# Harvest every night, once: by cron or by systemd.
#
# By cron, which mails what a person should read: put these lines into what `crontab -e` opens.

MAILTO={to}
{_crontab_line(harvest, directory)}

# By systemd: write the two files below, then
#   sudo systemctl daemon-reload
#   sudo systemctl enable --now harvester.timer
# `systemctl status harvester` tells how the last night went, `journalctl -u harvester` what a
# person should read.

# /etc/systemd/system/harvester.service
{service(harvest, directory, user)}
# /etc/systemd/system/harvester.timer
{timer()}"""


def service(harvest: list[str], directory: Path, user: str) -> str:
    """Return the systemd unit that harvests once."""
    return f"""\
[Unit]
Description=Harvest bibliographic records into {_specifiers(str(directory))}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
ExecStart={" ".join(map(_systemd_word, harvest))}
# 75 means that time alone mends it: the next night does.
SuccessExitStatus=75
# Told to end, it finishes the pages on their way; killed after that, it loses nothing either.
TimeoutStopSec=5min
Nice=19
IOSchedulingClass=idle
"""


def timer() -> str:
    """Return the systemd unit that says when."""
    return f"""\
[Unit]
Description=Harvest bibliographic records every night

[Timer]
OnCalendar=*-*-* {FIRST_HOUR:02}:00:00
RandomizedDelaySec=1h
Persistent=true

[Install]
WantedBy=timers.target
"""


def _crontab_line(harvest: list[str], directory: Path) -> str:
    """Return the line; its minute is the installation's own, so that not all come at once."""
    number = int.from_bytes(hashlib.sha256(str(directory).encode()).digest()[:4], "big")
    hour, minute = FIRST_HOUR + number // 60 % 2, number % 60
    command = shlex.join(["nice", "-n", "19", "ionice", "-c", "3", *harvest])
    escaped = command.replace("%", r"\%")  # cron takes a percent sign for the end of the line
    return f"{minute} {hour} * * *  {escaped}"


def _systemd_word(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_specifiers(escaped)}"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")
