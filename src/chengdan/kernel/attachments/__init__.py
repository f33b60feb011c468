"""Files attached to documents: checked by content, kept outside the web root, never shown inline.

Whoever may see the document may read its attachments; see `kernel.targets`.
"""
