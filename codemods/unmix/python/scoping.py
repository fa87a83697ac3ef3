"""Read the scopes of a file: one walk over its tree.

Takes a SyntaxTree, gives a Scopes value; decides nothing about the names in it.
LibCST's own ScopeProvider is not used: its qualified names cost 13 times the parsing of the files in question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import libcst as cst

from unmix.python.conditions import is_type_checking
from unmix.python.global_enums import members_made_global
from unmix.python.scopes import Binding, How, ImportSite, Scope, Scopes, Use, When
from unmix.python.syntax import SyntaxTree, children, dotted_name
from unmix.python.type_comments import may_have_types


def read_scopes(tree: SyntaxTree) -> Scopes:
    """Give the scopes of a file, with all that each binds and uses."""
    scopes = Scopes(tree, future_annotations=_has_future_annotations(tree.module))
    _Builder(scopes).build()
    return scopes


class _Builder:
    """One walk over the tree that fills a Scopes value."""

    def __init__(self, scopes: Scopes) -> None:
        self.result = scopes
        self.tree = scopes.tree
        self.scope = scopes.module
        self.when = When.IMPORT
        self.annotation = False
        self.quoted = False
        self.type_only = False
        self.future = scopes.future_annotations
        self.order = 0
        self.field = False
        self.statement: cst.CSTNode = scopes.tree.module
        self.has_typed_comments = may_have_types(scopes.tree.text)
        self.declares = "global" in scopes.tree.text or "nonlocal" in scopes.tree.text

    def build(self) -> None:
        for statement in self.tree.module.body:
            self.statement = statement
            self.visit(statement)

    def visit(self, node: cst.CSTNode) -> None:
        visitor = _VISITORS.get(type(node))
        if visitor is not None:
            visitor(self, node)
        else:
            for child in children(node):
                self.visit(child)

    def visit_all(self, nodes: Iterable[cst.CSTNode | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def bind(
        self, name: str, node: cst.CSTNode, how: How, scope: Scope | None = None, site: ImportSite | None = None
    ) -> None:
        origin = scope or self.scope
        home = origin
        if name in origin.globals:
            home = self.result.module
        elif name in origin.nonlocals and origin.parent is not None:
            home = self.result.lookup(name, origin.parent) or origin
        self.order += 1
        self.tree.note_holder(node, self.statement)
        binding = Binding(name, home, node, how, self.when, origin, site, self.order)
        home.bindings.setdefault(name, []).append(binding)

    def use(self, node: cst.Name, outer: cst.BaseExpression) -> None:
        if node.value in ("None", "True", "False"):
            return
        self.order += 1
        self.tree.note_holder(node, self.statement)
        self.result.uses.append(
            Use(node.value, node, outer, self.scope, self.when, self.quoted, self.order, self.field)
        )

    # -- names and chains -------------------------------------------------------------------------------------------

    def visit_Name(self, node: cst.Name) -> None:
        self.use(node, node)

    def visit_Attribute(self, node: cst.Attribute) -> None:
        root: cst.BaseExpression = node
        while isinstance(root, cst.Attribute):
            root = root.value
        if isinstance(root, cst.Name):
            self.use(root, node)
        else:
            self.visit(root)

    def visit_Arg(self, node: cst.Arg) -> None:
        self.visit(node.value)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        if isinstance(node.target, cst.Name):
            self.bind(node.target.value, node.target, How.ASSIGNMENT, scope)

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        self.result.strings.append(node)
        self.tree.note_holder(node, self.statement)
        if self.annotation:
            self.visit_quoted(node)

    def visit_FormattedStringText(self, node: cst.FormattedStringText) -> None:
        self.result.texts.append(node)
        self.tree.note_holder(node, self.statement)

    def visit_quoted(self, node: cst.CSTNode) -> None:
        """Visit the expression inside a string that stands for a type."""
        expression = self.tree.graft(node) if isinstance(node, cst.SimpleString) else None
        if expression is not None:
            when, quoted = self.when, self.quoted
            self.when, self.quoted = When.TYPING, True
            self.visit(expression)
            self.when, self.quoted = when, quoted

    def visit_comment(self, comment: cst.Comment | None) -> None:
        """Visit the types that a comment gives."""
        if comment is not None and self.has_typed_comments:
            when, quoted = self.when, self.quoted
            self.when, self.quoted = When.TYPING, True
            self.visit_all(self.tree.graft_types(comment, self.statement))
            self.when, self.quoted = when, quoted

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self.visit_all(node.body)
        self.visit_comment(node.trailing_whitespace.comment)

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        self.visit_comment(node.header.comment)
        self.visit_all(node.body)

    def visit_Subscript(self, node: cst.Subscript) -> None:
        self.visit(node.value)
        annotation = self.annotation
        # `Literal["x"]` holds values, and only the first argument of `Annotated["X", "note"]` is a type.
        name = (dotted_name(node.value) or "").rpartition(".")[2]
        for index, element in enumerate(node.slice):
            self.annotation = annotation and name != "Literal" and not (name == "Annotated" and index)
            self.visit(element)
        self.annotation = annotation

    def visit_Call(self, node: cst.Call) -> None:
        self.visit(node.func)
        callee = (dotted_name(node.func) or "").rpartition(".")[2]
        annotation = self.annotation
        for index, argument in enumerate(node.args):
            keyword = argument.keyword.value if argument.keyword else ""
            # `cast("X", v)`, `TypeVar("T", "X", bound="Y")`, `NewType("N", "X")`: types as strings outside annotations.
            self.annotation = (
                (callee == "cast" and index == 0 and not keyword)
                or (callee == "TypeVar" and ((index > 0 and not keyword) or keyword in ("bound", "default")))
                or (callee == "NewType" and index == 1)
            )
            self.visit(argument)
        self.annotation = annotation

    # -- scopes -----------------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.visit_all(decorator.decorator for decorator in node.decorators)
        self.bind(node.name.value, node, How.DEFINITION)
        outer, when = self.scope, self.when
        self.enter_type_parameters(node.type_parameters)
        self.visit_signature(node.params, node.returns)
        for comment in _comments_of_signature(node) if self.has_typed_comments else ():
            self.visit_comment(comment)
        function = self.enter("function", node, node.name.value)
        self.when = max(self.when, When.LATER)
        self.bind_parameters(node.params, function)
        self.declare(node.body, function)
        self.visit(node.body)
        self.scope, self.when = outer, when

    def visit_Lambda(self, node: cst.Lambda) -> None:
        outer, when = self.scope, self.when
        self.visit_signature(node.params, None)
        function = self.enter("function", node, "")
        self.when = max(self.when, When.LATER)
        self.bind_parameters(node.params, function)
        self.visit(node.body)
        self.scope, self.when = outer, when

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.visit_all(decorator.decorator for decorator in node.decorators)
        self.bind(node.name.value, node, How.DEFINITION)
        for member in members_made_global(node) if self.scope is self.result.module else ():
            self.bind(member.value, member, How.ASSIGNMENT)
        outer = self.scope
        self.enter_type_parameters(node.type_parameters)
        annotation = self.annotation
        self.annotation = False
        self.visit_all(argument.value for argument in (*node.bases, *node.keywords))
        self.annotation = annotation
        body = self.enter("class", node, node.name.value)
        self.declare(node.body, body)
        self.visit(node.body)
        self.scope = outer

    def visit_comprehension(self, node: cst.CSTNode) -> None:
        outer = self.scope
        assert isinstance(node, (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp))
        # The first iterable is evaluated outside; everything else in the comprehension's own scope.
        self.visit(node.for_in.iter)
        self.enter("comprehension", node, "")
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            if clause is not node.for_in:
                self.visit(clause.iter)
            self.bind_target(clause.target)
            self.visit_all(clause.ifs)
            clause = clause.inner_for_in
        if isinstance(node, cst.DictComp):
            self.visit_all((node.key, node.value))
        else:
            self.visit(node.elt)
        self.scope = outer

    def visit_ListComp(self, node: cst.ListComp) -> None:
        self.visit_comprehension(node)

    def visit_SetComp(self, node: cst.SetComp) -> None:
        self.visit_comprehension(node)

    def visit_DictComp(self, node: cst.DictComp) -> None:
        self.visit_comprehension(node)

    def visit_GeneratorExp(self, node: cst.GeneratorExp) -> None:
        self.visit_comprehension(node)

    def enter(self, kind: str, node: cst.CSTNode, name: str) -> Scope:
        self.scope = Scope(kind, self.scope, node, name)
        self.result.scopes.append(self.scope)
        return self.scope

    def enter_type_parameters(self, parameters: cst.TypeParameters | None) -> None:
        if parameters is None:
            return
        self.enter("type", parameters, "")
        for parameter in parameters.params:
            self.bind(parameter.param.name.value, parameter, How.PARAMETER)
            bound = getattr(parameter.param, "bound", None)
            self.visit_annotation(bound, When.TYPING)
            self.visit_annotation(parameter.default, When.TYPING)

    def visit_signature(self, params: cst.Parameters, returns: cst.Annotation | None) -> None:
        for param in _all_parameters(params):
            if param.default is not None:
                self.visit(param.default)
            if param.annotation is not None:
                self.visit_annotation(param.annotation.annotation)
        if returns is not None:
            self.visit_annotation(returns.annotation)

    def visit_annotation(self, node: cst.BaseExpression | None, at_least: When = When.IMPORT) -> None:
        if node is None:
            return
        when, annotation = self.when, self.annotation
        self.annotation = True
        self.when = When.TYPING if self.future else max(self.when, at_least)
        self.visit(node)
        self.when, self.annotation = when, annotation

    def bind_parameters(self, params: cst.Parameters, scope: Scope) -> None:
        for param in _all_parameters(params):
            self.bind(param.name.value, param, How.PARAMETER, scope)

    def declare(self, body: cst.CSTNode, scope: Scope) -> None:
        """Read `global` and `nonlocal` before the body: they hold for the whole scope."""
        stack: list[cst.CSTNode] = [body] if self.declares else []
        while stack:
            node = stack.pop()
            if isinstance(node, cst.Global):
                scope.globals.update(item.name.value for item in node.names)
            elif isinstance(node, cst.Nonlocal):
                scope.nonlocals.update(item.name.value for item in node.names)
            elif not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
                stack.extend(children(node))

    # -- statements that bind ---------------------------------------------------------------------------------------

    def visit_Global(self, node: cst.Global) -> None:
        """Nothing to do: see declare()."""

    def visit_Nonlocal(self, node: cst.Nonlocal) -> None:
        """Nothing to do: see declare()."""

    def visit_Import(self, node: cst.Import) -> None:
        site = self.import_site(node)
        for alias in node.names:
            name = alias.evaluated_alias or alias.evaluated_name.partition(".")[0]
            self.bind(name, alias, How.IMPORT, site=site)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        site = self.import_site(node)
        if not isinstance(node.names, cst.ImportStar):
            for alias in node.names:
                self.bind(alias.evaluated_alias or alias.evaluated_name, alias, How.IMPORT, site=site)

    def import_site(self, node: cst.Import | cst.ImportFrom) -> ImportSite:
        site = ImportSite(node, self.scope, self.when, self.type_only)
        self.tree.note_holder(node, self.statement)
        self.result.imports.append(site)
        return site

    def visit_If(self, node: cst.If) -> None:
        self.visit(node.test)
        type_only = self.type_only
        self.type_only = type_only or is_type_checking(node.test)
        when = self.when
        if self.type_only:
            self.when = When.TYPING
        self.visit(node.body)
        self.type_only, self.when = type_only, when
        if node.orelse is not None:
            self.visit(node.orelse)

    def visit_Assign(self, node: cst.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.bind_target(target.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self.field = self.scope.kind == "class"
        # The annotation of a local variable is never evaluated.
        self.visit_annotation(node.annotation.annotation, When.TYPING if self.scope.kind == "function" else When.IMPORT)
        self.field = False
        if node.value is not None:
            alias = dotted_name(node.annotation.annotation) or ""
            annotation = self.annotation
            self.annotation = alias.rpartition(".")[2] == "TypeAlias"
            self.visit(node.value)
            self.annotation = annotation
        self.bind_target(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, cst.Name):
            self.use(node.target, node.target)
        self.bind_target(node.target)

    def visit_TypeAlias(self, node: cst.TypeAlias) -> None:
        self.bind(node.name.value, node, How.ASSIGNMENT)
        outer = self.scope
        self.enter_type_parameters(node.type_parameters)
        self.visit_annotation(node.value, When.TYPING)
        self.scope = outer

    def visit_For(self, node: cst.For) -> None:
        self.visit(node.iter)
        self.bind_target(node.target)
        self.visit_all((node.body, node.orelse))

    def visit_WithItem(self, node: cst.WithItem) -> None:
        self.visit(node.item)
        if node.asname is not None:
            self.bind_target(node.asname.name)

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:
        self.visit_handler(node)

    def visit_ExceptStarHandler(self, node: cst.ExceptStarHandler) -> None:
        self.visit_handler(node)

    def visit_handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name is not None:
            self.bind_target(node.name.name)
        self.visit(node.body)

    def visit_Del(self, node: cst.Del) -> None:
        self.bind_target(node.target, How.DELETION)

    def visit_MatchAs(self, node: cst.MatchAs) -> None:
        self.visit_all((node.pattern,))
        if node.name is not None:
            self.bind(node.name.value, node.name, How.ASSIGNMENT)

    def visit_MatchStar(self, node: cst.MatchStar) -> None:
        if node.name is not None:
            self.bind(node.name.value, node.name, How.ASSIGNMENT)

    def visit_MatchMapping(self, node: cst.MatchMapping) -> None:
        self.visit_all(node.elements)
        if node.rest is not None:
            self.bind(node.rest.value, node.rest, How.ASSIGNMENT)

    def visit_MatchKeywordElement(self, node: cst.MatchKeywordElement) -> None:
        self.visit(node.pattern)

    def bind_target(self, target: cst.CSTNode, how: How = How.ASSIGNMENT) -> None:
        """Bind the names of an assignment target; the roots of `a.b` and `a[0]` are uses, not bindings."""
        if isinstance(target, cst.Name):
            self.bind(target.value, target, how)
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self.bind_target(element.value, how)
        elif isinstance(target, (cst.StarredElement,)):
            self.bind_target(target.value, how)
        else:
            self.visit(target)


# Functions of the class, not methods of a builder: those would tie it, and all trees it saw, into a circle.
_VISITORS: dict[type, Callable[[_Builder, cst.CSTNode], None]] = {
    getattr(cst, name.removeprefix("visit_")): visitor
    for name, visitor in vars(_Builder).items()
    if name.startswith("visit_") and name.removeprefix("visit_")[0].isupper()
}


def _comments_of_signature(node: cst.FunctionDef) -> Iterator[cst.Comment | None]:
    """Give the comments that may say the types of a function: behind a parameter, or right above its body."""
    for param in _all_parameters(node.params):
        for white in (getattr(param.comma, "whitespace_after", None), param.whitespace_after_param):
            if isinstance(white, cst.ParenthesizedWhitespace):
                yield white.first_line.comment
    if isinstance(node.body, cst.IndentedBlock) and node.body.body:
        yield from (line.comment for line in getattr(node.body.body[0], "leading_lines", ()))


def _has_future_annotations(module: cst.Module) -> bool:
    return any(
        isinstance(small, cst.ImportFrom)
        and dotted_name(small.module) == "__future__"
        and not isinstance(small.names, cst.ImportStar)
        and any(alias.name.value == "annotations" for alias in small.names)
        for statement in module.body
        if isinstance(statement, cst.SimpleStatementLine)
        for small in statement.body
    )


def _all_parameters(params: cst.Parameters) -> list[cst.Param]:
    found = [*params.posonly_params, *params.params, *params.kwonly_params]
    if isinstance(params.star_arg, cst.Param):
        found.append(params.star_arg)
    if params.star_kwarg is not None:
        found.append(params.star_kwarg)
    return found
