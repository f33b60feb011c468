"""The process engine: definitions, instances, steps, tasks, deadlines, problem records.

Later rooms register subjects, checks and actions (`subjects`) and use `services`, `selectors`,
`access`, `vocabulary` (events, errors). The engine knows nothing else about documents.
"""
