"""Why a case may be stuck, in words, and what may be done about each: acts through the gateway, or what the runbooks say."""

from typing import Literal

from domain.policy import Words

Cause = Literal[
    "overdue", "calendar-missing", "agency-down", "post-failing", "undelivered", "behind", "no-worker", "no-relay",
    "process-failing", "process-missing", "temporal-away", "log-disputed",
]  # fmt: skip
CAUSES: dict[Cause, Words] = {
    "overdue": Words(zh="经办人逾期未办", en="an officer is late"),
    "calendar-missing": Words(
        zh="缺放假安排，期限无法届满", en="a year's schedule is missing, so a period cannot end"
    ),
    "agency-down": Words(zh="该机构没有工作进程在线", en="no worker of the agency is there"),
    "post-failing": Words(zh="信件投递失败，正在重试", en="letters fail and are tried again"),
    "undelivered": Words(zh="信件未能送达，已停止重试", en="letters were given up"),
    "behind": Words(zh="流程落后于账册", en="the process is behind the ledger"),
    "no-worker": Words(zh="没有流程工作进程在线", en="no worker of the processes is there"),
    "no-relay": Words(zh="没有唤醒流程的中继（relay）在线", en="no relay is there to wake processes"),
    "process-failing": Words(zh="流程任务反复失败", en="the process's task fails again and again"),
    "process-missing": Words(zh="流程已不在 Temporal 中", en="its process is gone from Temporal"),
    "temporal-away": Words(zh="连不上 Temporal", en="Temporal cannot be reached"),
    "log-disputed": Words(
        zh="透明日志前后矛盾，见证单位已拒签", en="the log contradicted itself, and a witness refused it"
    ),
}
REMEDIES: dict[Cause, tuple[str, ...]] = {
    # Not `extend`: what is late has ended, and a period is extended before its end or not at all.
    "overdue": ("nudge", "reassign", "delegate", "appoint"),
    "calendar-missing": ("publish-calendar",),
    "agency-down": ("start-worker",),
    "post-failing": ("mend-mail", "retry-post"),
    "undelivered": ("mend-mail", "retry-post"),
    "behind": ("restart-process",),
    "no-worker": ("start-worker", "move-to-release"),
    "no-relay": ("start-relay",),
    "process-failing": ("move-to-release", "restart-process"),
    "process-missing": ("restart-process", "rebuild"),
    "temporal-away": ("start-temporal",),
    "log-disputed": ("audit-verify", "new-log"),
}
"""Acts through the gateway, and what an operator does outside of it (the runbooks say how)."""
