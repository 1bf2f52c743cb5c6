/** What the tests say that they show: titles, with those of the blocks around them. */
import ts from 'typescript';
import { idsIn } from './rules';
import { type Path, parse, type Sources } from './sources';

export type Title = { readonly file: Path; readonly title: string; readonly ids: readonly string[] };

type Call = { readonly kind: 'block' | 'test'; readonly words: readonly string[]; readonly table: ts.Node | undefined };

const kinds: Readonly<Record<string, Call['kind']>> = { describe: 'block', suite: 'block', it: 'test', test: 'test' };

/** `describeInChromium` and its like are blocks too. */
const kindOf = (name: string): Call['kind'] | undefined =>
  kinds[name] ?? (/^describe[A-Z]/.test(name) ? 'block' : undefined);

/** `it`, `it.each(table)`, `describe.skip`, `test.each` with a template: the root, the words after it, the table. */
function readCallee(callee: ts.Expression): Call | undefined {
  const words: string[] = [];
  let table: ts.Node | undefined;
  let at = callee;
  for (;;) {
    if (ts.isPropertyAccessExpression(at)) {
      words.push(at.name.text);
      at = at.expression;
    } else if (ts.isCallExpression(at)) {
      table = at.arguments[0];
      at = at.expression;
    } else if (ts.isTaggedTemplateExpression(at)) {
      table = at.template;
      at = at.tag;
    } else {
      const kind = ts.isIdentifier(at) ? kindOf(at.text) : undefined;
      return kind && { kind, words, table };
    }
  }
}

function textOf(node: ts.Node | undefined): string | undefined {
  if (!node) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join('');
}

/** A table that stands elsewhere in the file, under a name. */
function lookUp(table: ts.Node): ts.Node {
  if (!ts.isIdentifier(table)) return table;
  let found: ts.Node = table;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === table.text && node.initializer)
      found = node.initializer;
    else ts.forEachChild(node, visit);
  };
  visit(table.getSourceFile());
  return found;
}

/** Texts in a table that begin with an id: rows of `it.each` carry theirs themselves. */
function rowTitles(table: ts.Node): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    if (text !== undefined && idsIn(text.slice(0, 8)).some((id) => text.startsWith(id))) found.push(text);
    ts.forEachChild(node, visit);
  };
  visit(lookUp(table));
  return found;
}

const placeholder = /%[sdijo$#]|\$[\w.]+/;

function expand(title: string, table: ts.Node | undefined): string[] {
  if (!table || !placeholder.test(title)) return [title];
  const rows = rowTitles(table);
  return rows.length === 0 ? [title] : rows.map((row) => title.replace(placeholder, row));
}

/** Every test of the given files that is not skipped, with the ids in its own title and in those around it. */
export function readTitles(sources: Sources): Title[] {
  return [...sources].flatMap(([file, text]) => {
    const found: Title[] = [];
    const walk = (node: ts.Node, around: readonly string[]): void => {
      const call = ts.isCallExpression(node) ? readCallee(node.expression) : undefined;
      const title = call && textOf((node as ts.CallExpression).arguments[0]);
      if (!call || title === undefined) {
        ts.forEachChild(node, (child) => walk(child, around));
        return;
      }
      if (call.words.includes('skip') || call.words.includes('todo')) return;
      for (const own of expand(title, call.table)) {
        const path = [...around, own];
        if (call.kind === 'test') found.push({ file, title: path.join(' › '), ids: idsIn(path.join(' ')) });
        else ts.forEachChild(node, (child) => walk(child, path));
      }
    };
    walk(parse(file, text), []);
    return found;
  });
}
