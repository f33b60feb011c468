"""Addresses of inbox, process library, runs and problem records."""

from django.urls import path

from chengdan.modules.process.web import (
    dry,
    evidence,
    inbox,
    instances,
    library,
    problems,
    publishing,
    team,
)

app_name = "process"

urlpatterns = [
    path("inbox/", inbox.inbox_show, name="inbox"),
    path("inbox/started/", inbox.inbox_started, name="inbox_started"),
    path("inbox/decided/", inbox.inbox_decided, name="inbox_decided"),
    path("inbox/team/", team.TeamTasks.as_view(), name="team"),
    path("inbox/batch/", inbox.inbox_batch, name="inbox_batch"),
    path("inbox/<int:pk>/", inbox.inbox_show, name="task"),
    path("tasks/<int:pk>/decide/", inbox.task_decide_do, name="task_decide"),
    path("tasks/<int:pk>/transfer/", inbox.task_transfer_do, name="task_transfer"),
    path("tasks/<int:pk>/takers/", inbox.taker_pick, name="taker_pick"),
    path("tasks/<int:pk>/urge/", inbox.task_urge_do, name="task_urge"),
    path("pick/people/", inbox.person_pick, name="person_pick"),
    path("runs/", instances.InstanceList.as_view(), name="instances"),
    path("runs/<int:pk>/", instances.instance_show, name="instance"),
    path("runs/<int:pk>/retry/", instances.instance_retry_do, name="instance_retry"),
    path("runs/<int:pk>/hold/", instances.instance_hold_do, name="instance_hold"),
    path("runs/<int:pk>/resume/", instances.instance_resume_do, name="instance_resume"),
    path("runs/<int:pk>/withdraw/", instances.instance_withdraw_do, name="instance_withdraw"),
    path("runs/<int:pk>/comment/", instances.instance_comment_do, name="instance_comment"),
    path("steps/<int:pk>/evidence/", evidence.step_evidence, name="step_evidence"),
    path("library/", library.library_show, name="library"),
    path("library/<str:code>/", library.process_show, name="process"),
    path("library/<str:code>/dry-run/", dry.process_dry_run, name="process_dry_run"),
    path("library/<str:code>/new/", publishing.definition_edit, name="definition_edit"),
    path(
        "library/<str:code>/versions/<int:number>/",
        publishing.definition_download,
        name="definition_download",
    ),
    path("problems/", problems.ProblemList.as_view(), name="problems"),
    path("problems/new/", problems.problem_new, name="problem_new"),
    path("problems/<int:pk>/", problems.problem_show, name="problem"),
    path("problems/<int:pk>/explain/", problems.problem_explain_do, name="problem_explain"),
    path("problems/<int:pk>/hand-over/", problems.problem_hand_over_do, name="problem_hand_over"),
    path("problems/<int:pk>/verify/", problems.problem_verify_do, name="problem_verify"),
    path("problems/<int:pk>/close/", problems.problem_close_do, name="problem_close"),
    path("problems/<int:pk>/reopen/", problems.problem_reopen_do, name="problem_reopen"),
]
