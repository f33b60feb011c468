"""Every table of the room, gathered for Django."""

from chengdan.modules.process.models.definitions import Definition, DefinitionVersion
from chengdan.modules.process.models.problems import ProblemRecord
from chengdan.modules.process.models.runs import (
    Instance,
    InstanceRound,
    Reservation,
    StepRun,
    Task,
    TaskComment,
)

__all__ = [
    "Definition",
    "DefinitionVersion",
    "Instance",
    "InstanceRound",
    "ProblemRecord",
    "Reservation",
    "StepRun",
    "Task",
    "TaskComment",
]
