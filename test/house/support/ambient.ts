/** Finds reads of the platform, of a clock or of chance: what a machine is given and never takes. */
import ts from 'typescript';
import type { Path } from './sources';

/** What the language itself defines and what gives the same answer every time. All else is a platform. */
const pure = new Set(
  (
    'Array BigInt Boolean Error Infinity JSON Map NaN Number Object Promise RangeError Set String Symbol ' +
    'SyntaxError TypeError Uint8Array WeakMap WeakSet isFinite isNaN parseInt parseFloat undefined'
  ).split(' '),
);
const pureMembers: Readonly<Record<string, RegExp>> = { Math: /^(?!random$)/, Date: /^(?:parse|UTC)$/ };

/** One file alone, without any library: what does not resolve then is a global. */
function checkerFor(path: Path, text: string): { file: ts.SourceFile; checker: ts.TypeChecker } {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const host: ts.CompilerHost = {
    getSourceFile: (name) => (name === path ? file : undefined),
    getDefaultLibFileName: () => '',
    getCurrentDirectory: () => '',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (name) => name === path,
    readFile: (name) => (name === path ? text : undefined),
    writeFile: () => undefined,
  };
  const program = ts.createProgram([path], { noLib: true, noResolve: true, types: [] }, host);
  return { file, checker: program.getTypeChecker() };
}

/** A name that stands for a value, not one after a dot, in a type, or on the left of a colon. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isImportClause(parent)) return false;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  const declares = (parent as { name?: ts.Node }).name === node;
  return !declares || ts.isShorthandPropertyAssignment(parent);
}

/** Each read of something ambient, as `path:line name`. Comments and types do not count. */
export function ambientReads(path: Path, text: string): string[] {
  const { file, checker } = checkerFor(path, text);
  const found: string[] = [];
  const report = (node: ts.Node, name: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${path}:${line + 1} ${name}`);
  };
  const judge = (node: ts.Identifier): void => {
    const symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    const global = !symbol?.declarations?.length;
    if (!global || pure.has(node.text)) return;
    const members = pureMembers[node.text];
    const member = ts.isPropertyAccessExpression(node.parent) ? node.parent.name.text : undefined;
    if (members && member !== undefined && members.test(member)) return;
    report(node, member === undefined ? node.text : `${node.text}.${member}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isIdentifier(node) && isReference(node)) judge(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Statements that are more than types, as `path:line`. */
export function runtimeStatements(path: Path, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const harmless = (node: ts.Statement): boolean =>
    ts.isTypeAliasDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
    (ts.isExportDeclaration(node) && node.isTypeOnly);
  return file.statements
    .filter((node) => !harmless(node))
    .map((node) => `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
}
