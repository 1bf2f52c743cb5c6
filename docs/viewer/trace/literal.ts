/** JSON as the literals that a person would write in TypeScript. */
import { isRecord } from '../protocol';

/** JSON in as few lines as can be read: what fits on a line stays on it. */
export function literal(value: unknown, indent: string): string {
  const short = shortLiteral(value);
  if (short.length + indent.length <= 110 || !(isRecord(value) || Array.isArray(value))) return short;
  const inside = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => `${inside}${literal(item, inside)},`)
    : Object.entries(value).map(([name, item]) => `${inside}${keyText(name)}: ${literal(item, inside)},`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return [open, ...lines, `${indent}${close}`].join('\n');
}

const keyText = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : textLiteral(name));
export const textLiteral = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

export function shortLiteral(value: unknown): string {
  if (typeof value === 'string') return textLiteral(value);
  if (Array.isArray(value)) return `[${value.map(shortLiteral).join(', ')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'undefined';
  const parts = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => `${keyText(name)}: ${shortLiteral(item)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
