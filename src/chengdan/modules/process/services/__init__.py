"""Every change of state of the engine; see the modules for rights and refusals."""

from chengdan.modules.process.rules.differences import content_diff
from chengdan.modules.process.services.deciding import (
    process_step_complete,
    task_comment,
    task_decide,
    task_transfer,
    task_urge,
)
from chengdan.modules.process.services.definitions import (
    definition_check,
    definition_publish,
    definitions_own,
    definitions_publish,
    mistakes_told,
    shipped_text,
)
from chengdan.modules.process.services.history import RunDone, StepDone, runs_load
from chengdan.modules.process.services.lifecycle import (
    instance_hold,
    instance_resume,
    instance_retry,
    process_cancel,
    process_hold,
    process_resume,
    process_start,
    process_withdraw,
)
from chengdan.modules.process.services.loading import step_standing
from chengdan.modules.process.services.problems import (
    ProblemDraft,
    problem_close,
    problem_explain,
    problem_hand_over,
    problem_open,
    problem_reopen,
    problem_verify,
)
from chengdan.modules.process.services.signals import (
    process_content_changed,
    process_signal,
    task_rehome_one,
    tasks_held,
    tasks_rehome,
)
from chengdan.modules.process.services.sweeping import deadlines_sweep
from chengdan.modules.process.subjects import (
    Check,
    FactType,
    ProcessSubject,
    Verdict,
    action_register,
    check_register,
    document_panel_register,
    subject_register,
)

__all__ = [
    "Check",
    "FactType",
    "ProblemDraft",
    "ProcessSubject",
    "RunDone",
    "StepDone",
    "Verdict",
    "action_register",
    "check_register",
    "content_diff",
    "deadlines_sweep",
    "definition_check",
    "definition_publish",
    "definitions_own",
    "definitions_publish",
    "document_panel_register",
    "instance_hold",
    "instance_resume",
    "instance_retry",
    "mistakes_told",
    "problem_close",
    "problem_explain",
    "problem_hand_over",
    "problem_open",
    "problem_reopen",
    "problem_verify",
    "process_cancel",
    "process_content_changed",
    "process_hold",
    "process_resume",
    "process_signal",
    "process_start",
    "process_step_complete",
    "process_withdraw",
    "runs_load",
    "shipped_text",
    "step_standing",
    "subject_register",
    "task_comment",
    "task_decide",
    "task_rehome_one",
    "task_transfer",
    "task_urge",
    "tasks_held",
    "tasks_rehome",
]
