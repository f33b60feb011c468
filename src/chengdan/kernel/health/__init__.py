"""Whether this installation works: `/healthz` (alive) and `/readyz` (may serve people)."""
