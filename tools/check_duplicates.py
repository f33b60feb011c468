"""Find functions written twice: equal code but for names of their variables.

Usage: python tools/check_duplicates.py. Looks at functions of five statements and more in src.
"""

import ast
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MINIMUM_STATEMENTS = 5


class _Plain(ast.NodeTransformer):
    """Replace local names by their order of appearance and drop annotations."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def _name(self, name: str) -> str:
        return self.names.setdefault(name, f"n{len(self.names)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        known = node.id in self.names or isinstance(node.ctx, ast.Store)
        return ast.Name(self._name(node.id) if known else node.id, node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._name(node.arg), None)


def _statements(node: ast.AST) -> int:
    return sum(isinstance(inner, ast.stmt) for inner in ast.walk(node)) - 1


def _shape(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    plain = _Plain()
    head = ast.FunctionDef("f", node.args, [ast.Pass()], [], lineno=0)
    arguments = plain.visit(ast.parse(ast.unparse(ast.fix_missing_locations(head))))
    copies = [plain.visit(ast.parse(ast.unparse(statement))) for statement in body]
    return "\n".join(ast.dump(part) for part in (arguments, *copies))


def duplicates() -> list[list[str]]:
    """Return the places of each group of equal functions."""
    groups: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "src").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if "/migrations/" in place:
            continue
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except SyntaxError:
            continue  # the linter names it
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if _statements(node) >= MINIMUM_STATEMENTS:
                groups[_shape(node)].append(f"{place}:{node.lineno} {node.name}")
    return [places for places in groups.values() if len(places) > 1]


if __name__ == "__main__":
    found = duplicates()
    for places in found:
        print("the same code stands in: " + ", ".join(places))
    sys.exit(bool(found))
