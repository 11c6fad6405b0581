"""A college's work group for the pilot (000 五(一); RF-06); who is in it is sealed."""

from typing import Any

from pydantic import BaseModel

from domain.secrets import Secret


class WorkGroup(BaseModel):
    """As the college filed it last."""

    leader: Secret
    post: str
    """The leader's post: 校主要领导牵头."""
    teachers: list[Secret]
    managers: list[Secret]

    def about(self) -> dict[str, Any]:
        """Post and numbers; nobody's name."""
        return {"post": self.post, "teachers": len(self.teachers), "managers": len(self.managers)}
