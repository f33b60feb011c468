"""Reads that leave the room."""

from chengdan.modules.process.selectors.countdown import left_until
from chengdan.modules.process.selectors.definitions import (
    definition_current,
    definitions_all,
    process_current,
)
from chengdan.modules.process.selectors.dry import DryStep, dry_run
from chengdan.modules.process.selectors.inbox import Inbox, InboxItem, bell, inbox
from chengdan.modules.process.selectors.passes import StepSeen, step_seen
from chengdan.modules.process.selectors.running import (
    Strip,
    StripNode,
    TimelineEntry,
    changes_since_last_round,
    instance_latest,
    instances_of,
    node_words,
    open_task_for,
    said_about,
    step_open,
    strip,
    strip_todo,
    strips,
    subjects_open,
    timeline,
)
from chengdan.modules.process.selectors.signers import (
    StepDecision,
    decisions_of,
    signatures_by_subject,
    signers_of,
    steps_by_subject,
)

__all__ = [
    "DryStep",
    "Inbox",
    "InboxItem",
    "StepDecision",
    "StepSeen",
    "Strip",
    "StripNode",
    "TimelineEntry",
    "bell",
    "changes_since_last_round",
    "decisions_of",
    "definition_current",
    "definitions_all",
    "dry_run",
    "inbox",
    "instance_latest",
    "instances_of",
    "left_until",
    "node_words",
    "open_task_for",
    "process_current",
    "said_about",
    "signatures_by_subject",
    "signers_of",
    "step_open",
    "step_seen",
    "steps_by_subject",
    "strip",
    "strip_todo",
    "strips",
    "subjects_open",
    "timeline",
]
