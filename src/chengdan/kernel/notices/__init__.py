"""Notices to people: in the application, and by mail where they have an address.

Rooms declare kinds with `notice_kind_declare` and send with `notices_send` inside the
transaction of what happened; the text is rendered in the reader's language.
"""

from chengdan.kernel.notices.kinds import notice_kind_declare
from chengdan.kernel.notices.services import notices_read, notices_send

__all__ = ["notice_kind_declare", "notices_read", "notices_send"]
