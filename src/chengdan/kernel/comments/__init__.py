"""Comments on documents, with mentions that notify.

Whoever may see the document may read and write comments; see `kernel.targets`.
"""

from chengdan.kernel.comments.services import comment_add, comment_remove, comments_of

__all__ = ["comment_add", "comment_remove", "comments_of"]
