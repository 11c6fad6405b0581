"""A college files its work group for the pilot: led by a principal officer, with teachers and managers (000 五(一); RF-06)."""

from typing import Annotated

from pydantic import Field

from domain.acts.base import Form, act
from domain.cases.register import College, WorkGroupFiled
from domain.cases.work_group import WorkGroup
from domain.files import Files

Name = Annotated[str, Field(min_length=1, max_length=40)]
Names = Annotated[list[Name], Field(min_length=1, max_length=50)]


class FileWorkGroup(Form):
    """Who leads it, in which post, and who else is in it."""

    personal = {"leader": None, "teachers": None, "managers": None}
    college: str
    leader: Name
    post: str = Field(min_length=1, max_length=40)
    teachers: Names
    managers: Names


@act("file-work-group", FileWorkGroup)
def file_work_group(files: Files, form: FileWorkGroup, _: None) -> None:
    """成立校主要领导牵头，骨干专业教师、教学管理人员共同组成的专门工作小组; filed anew when it changes."""
    college = files.find(f"college/{form.college}", College)
    if college is None:
        zh, en = f"名册中没有：{form.college}", f"not in the register: {form.college}"
        files.refuse("invalid", zh, en, field="college")
    posts = files.rules.list("work_group.leader_posts")
    if form.post not in posts:
        zh, en = (
            f"应由校主要领导牵头（{'、'.join(posts)}）",
            f"led by a principal officer: {', '.join(posts)}",
        )
        files.refuse("invalid", zh, en, field="post")
    for field in ("teachers", "managers"):
        if form.leader in getattr(form, field):
            zh, en = "组长不另列为组员", "the leader is not named again among the members"
            files.refuse("invalid", zh, en, field=field)
    files.check()
    assert college is not None
    people = {
        field: [files.seal(name) for name in getattr(form, field)] for field in ("teachers", "managers")
    }
    group = WorkGroup(leader=files.seal(form.leader), post=form.post, **people)
    files.append(college, WorkGroupFiled(group=group))
    files.opened = college.id
