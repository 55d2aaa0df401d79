"""Which modules of the package a piece of code can run, told from its text alone.

Where the text does not tell (a star import, ``getattr(xk, name)``, a syntax error),
the answer is every module: running a chapter once too often costs seconds, showing
an old result costs trust.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager


class Unresolved(Exception):
    """The code uses the package in a way that its text does not settle."""


class Package:
    """A package on disk: its modules, their names, and what each of them uses.

    Parameters
    ----------
    root : Path
        The package's folder, for example ``xaikit``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.name
        self.modules: dict[str, Path] = {}
        for path in sorted(root.rglob("*.py")):
            parts = (self.name, *path.relative_to(root).with_suffix("").parts)
            self.modules[".".join(parts).removesuffix(".__init__")] = path
        self._direct: dict[str, set[str]] = {}

    def used_by(self, cells: Iterable[str]) -> set[str]:
        """Return the modules that the cells use, directly or through others."""
        try:
            source = "\n".join(_plain_python(cell) for cell in cells)
            return self.closure(self._uses(ast.parse(source), module=None))
        except (SyntaxError, Unresolved):
            return set(self.modules)

    def closure(self, start: Iterable[str]) -> set[str]:
        """Return the modules given and all that they use in turn."""
        seen: set[str] = set()
        queue = list(start)
        while queue:
            module = queue.pop()
            if module in seen:
                continue
            seen.add(module)
            queue.extend(self._parents(module))
            queue.extend(self._uses_of(module))
        return seen

    def data_files(self, modules: set[str]) -> list[Path]:
        """Return the files beside the modules that are not Python: tables, labs."""
        folders = {self.modules[m].parent for m in modules}
        return [
            path
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
            and path.suffix not in {".py", ".pyc"}
            and "__pycache__" not in path.parts
            and self._package_folder(path) in folders
        ]

    def _package_folder(self, path: Path) -> Path:
        return next(p for p in path.parents if p == self.root or (p / "__init__.py").is_file())

    def _parents(self, module: str) -> Iterator[str]:
        # Importing a.b.c runs a and a.b first.
        while "." in module:
            module = module.rpartition(".")[0]
            yield module

    def _uses_of(self, module: str) -> set[str]:
        if module not in self._direct:
            tree = _tree(self.modules[module])
            try:
                self._direct[module] = self._uses(tree, module)
            except Unresolved:
                self._direct[module] = set(self.modules)
        return self._direct[module]

    @cached_property
    def _exports(self) -> dict[str, dict[str, str]]:
        """For each package that loads names late: the public name and its module."""
        return {
            module: self._late_exports(module)
            for module, path in self.modules.items()
            if path.name == "__init__.py"
        }

    def _late_exports(self, package: str) -> dict[str, str]:
        """Read the table of a module-level ``__getattr__`` and the imports for type checkers."""
        tree = _tree(self.modules[package])
        table: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    names = [c.value for c in ast.walk(value) if isinstance(c, ast.Constant)]
                    modules = [m for m in (self._absolute(package, n) for n in names) if m]
                    if isinstance(key, ast.Constant) and len(modules) == 1:
                        table[str(key.value)] = modules[0]
            elif isinstance(node, ast.ImportFrom):
                source = self._source_of(node, package)
                if source in self.modules:
                    for alias in node.names:
                        child = f"{source}.{alias.name}"
                        found = child if child in self.modules else source
                        table.setdefault(alias.asname or alias.name, found)
        return table

    def _absolute(self, package: str, name: object) -> str | None:
        if not isinstance(name, str) or not name:
            return None
        for candidate in (name, f"{package}.{name.lstrip('.')}"):
            if candidate in self.modules and candidate != package:
                return candidate
        return None

    def _uses(self, tree: ast.Module, module: str | None) -> set[str]:
        """Return what a tree uses itself; ``module`` is its own name, if it has one."""
        used: set[str] = set()
        aliases: dict[str, str] = {}  # local name -> the package it stands for
        nodes = list(_running_nodes(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                used |= self._plain_import(node, aliases)
            elif isinstance(node, ast.ImportFrom):
                used |= self._from_import(node, module, aliases)
            elif isinstance(node, ast.Call):
                used |= self._dynamic_import(node, module)
        return used | self._attributes(nodes, aliases)

    def _plain_import(self, node: ast.Import, aliases: dict[str, str]) -> set[str]:
        used = set()
        for alias in node.names:
            if alias.name.split(".")[0] != self.name:
                continue
            if alias.name not in self.modules:
                raise Unresolved(alias.name)
            used.add(alias.name)
            bound = alias.name if alias.asname else self.name
            if self.modules[bound].name == "__init__.py":
                aliases[alias.asname or self.name] = bound
        return used

    def _source_of(self, node: ast.ImportFrom, module: str | None) -> str:
        if not node.level:
            return node.module or ""
        if module is None:
            raise Unresolved("a relative import outside the package")
        parts = module.split(".")
        is_package = self.modules[module].name == "__init__.py"
        base = parts[: len(parts) - node.level + is_package]
        return ".".join([*base, *(node.module.split(".") if node.module else [])])

    def _from_import(
        self, node: ast.ImportFrom, module: str | None, aliases: dict[str, str]
    ) -> set[str]:
        source = self._source_of(node, module)
        if source.split(".")[0] != self.name:
            return set()
        if source not in self.modules:
            raise Unresolved(source)
        used = {source}
        for alias in node.names:
            if alias.name == "*":
                raise Unresolved(f"from {source} import *")
            found = self._resolve(source, alias.name)
            used |= found
            child = f"{source}.{alias.name}"
            if child in self.modules and self.modules[child].name == "__init__.py":
                aliases[alias.asname or alias.name] = child
        return used

    def _resolve(self, package: str, name: str) -> set[str]:
        """Return the module that ``package.name`` comes from."""
        if f"{package}.{name}" in self.modules:
            return {f"{package}.{name}"}
        if self.modules[package].name != "__init__.py":
            return set()  # a name of a plain module: the module itself is the source
        table = self._exports[package]
        if name in table:
            return {table[name]}
        if name in _defined_names(self.modules[package]):
            return set()
        raise Unresolved(f"{package}.{name}")

    def _dynamic_import(self, node: ast.Call, module: str | None) -> set[str]:
        name = ast.unparse(node.func)
        if name.endswith(("run_cell_magic", "run_line_magic")) and not _sets_matplotlib(node):
            raise Unresolved(name)  # the code, if it runs any, is inside a string
        if name not in {"importlib.import_module", "import_module", "__import__"}:
            return set()
        if module is not None and self._has_getattr(module):
            return set()  # the late exports: followed at the name that asks for them
        target = node.args[0] if node.args else None
        if isinstance(target, ast.Constant):
            found = self._absolute(self.name, target.value)
            return {found} if found else set()
        if isinstance(target, ast.JoinedStr) and isinstance(target.values[0], ast.Constant):
            prefix = str(target.values[0].value)
            return {m for m in self.modules if m.startswith(prefix)}
        if isinstance(target, ast.Name) and module is not None:
            return self._named_by_callers(self.modules[module], node)
        raise Unresolved(name)

    def _named_by_callers(self, path: Path, node: ast.Call) -> set[str]:
        """Return what a helper imports: the modules that the package's calls of it name."""
        helpers = [
            definition.name
            for definition in ast.walk(_tree(path))
            if isinstance(definition, ast.FunctionDef)
            and any(ast.unparse(inner) == ast.unparse(node) for inner in ast.walk(definition))
        ]
        spelled = {*helpers, *(f"{path.stem}.{helper}" for helper in helpers)}
        found: set[str] = set()
        for call in (n for p in self.modules.values() for n in ast.walk(_tree(p))):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) not in spelled:
                continue
            for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
                if not isinstance(value, ast.Constant):
                    raise Unresolved(ast.unparse(call))
                target = self._absolute(self.name, value.value)
                found |= {target} if target else set()
        return found

    def _has_getattr(self, package: str) -> bool:
        return "__getattr__" in _defined_names(self.modules[package])

    def _attributes(self, nodes: list[ast.AST], aliases: dict[str, str]) -> set[str]:
        used: set[str] = set()
        inner: set[int] = set()  # names that stand under an attribute: xk in xk.plot
        for node in nodes:
            if isinstance(node, ast.Attribute):
                used |= self._chain(node, aliases, inner)
        for node in nodes:
            bare = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            if bare and node.id in aliases and id(node) not in inner:  # type: ignore[attr-defined]  # bare says it is a Name
                raise Unresolved(f"{aliases[node.id]} itself is passed on")  # type: ignore[attr-defined]  # as above
        return used

    def _chain(self, node: ast.Attribute, aliases: dict[str, str], inner: set[int]) -> set[str]:
        """Follow xk.a.b.c through the packages it names."""
        names = [node.attr]
        base: ast.expr = node.value
        while isinstance(base, ast.Attribute):
            names.append(base.attr)
            base = base.value
        if not isinstance(base, ast.Name) or base.id not in aliases:
            return set()
        inner.add(id(base))
        package, used = aliases[base.id], set()
        for name in reversed(names):
            if name.startswith("__"):
                break
            found = self._resolve(package, name)
            used |= found
            child = f"{package}.{name}"
            if child not in self.modules or self.modules[child].name != "__init__.py":
                break
            package = child
        return used


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _plain_python(cell: str) -> str:
    """Turn IPython's own syntax (%magics, !commands, a trailing ?) into Python."""
    return TransformerManager().transform_cell(cell)


def _sets_matplotlib(magic: ast.Call) -> bool:
    """Tell whether a magic is ``%matplotlib``, which runs no code of the cell."""
    return isinstance(magic.args[0], ast.Constant) and magic.args[0].value == "matplotlib"


def _running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, leaving out what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for child in node.orelse:
                yield child
                yield from _running_nodes(child)
            continue
        yield node
        yield from _running_nodes(node)


def _defined_names(path: Path) -> set[str]:
    """Return the names that a module defines or assigns at its top level."""
    names: set[str] = set()
    for node in _tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names
