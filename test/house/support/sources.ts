/** The project's own source files, read as text and parsed once. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** A path relative to the project, with forward slashes. */
export type Path = string;
/** Text by path: a real tree, or one made up by a self-test. */
export type Sources = ReadonlyMap<Path, string>;

const skipped = new Set(['node_modules', 'dist', 'coverage', '.git']);

export function listFiles(folder: Path): Path[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : listFiles(path);
    return [path];
  });
}

export const readText = (path: Path): string => readFileSync(join(root, path), 'utf8');

/** TypeScript sources under the given folders, and single files; a folder that does not exist yet is empty. */
export function readSources(...places: readonly Path[]): Sources {
  const tree = listFiles('.');
  const wanted = tree.filter((path) => places.some((place) => path === place || path.startsWith(`${place}/`)));
  return new Map(wanted.filter((path) => /\.tsx?$/.test(path)).map((path) => [path, readText(path)]));
}

export const parse = (path: Path, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);

export type Import = { readonly specifier: string; readonly typeOnly: boolean };

/** What a file imports and re-exports, `import()` included. */
export function importsOf(path: Path, text: string): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const { moduleSpecifier } = node;
      const typeOnly = ts.isExportDeclaration(node)
        ? node.isTypeOnly
        : node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      if (moduleSpecifier && ts.isStringLiteral(moduleSpecifier))
        found.push({ specifier: moduleSpecifier.text, typeOnly });
    } else if (ts.isCallExpression(node)) {
      const [argument] = node.arguments;
      const loads = node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require';
      if (loads && argument && ts.isStringLiteralLike(argument))
        found.push({ specifier: argument.text, typeOnly: false });
    } else if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    ) {
      found.push({ specifier: node.argument.literal.text, typeOnly: true });
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return found;
}

/** Where a relative import leads, or `undefined` for a library or a file that is not there. */
export function resolveImport(from: Path, specifier: string, sources: Sources): Path | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const base = posix.join(posix.dirname(from), specifier);
  return [`${base}.ts`, `${base}.tsx`, `${base}/index.ts`, base].find((path) => sources.has(path));
}

export const toPath = (absolute: string): Path => relative(root, absolute).split(sep).join('/');
