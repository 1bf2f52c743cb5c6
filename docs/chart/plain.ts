/** A definition as plain JSON, wherever it comes from, and looks into it that hold for any shape. */

export type Plain = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Inspectors write a function as its name; `and`, `or` and `not` carry the guards that they combine. */
const withoutFunctions = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'function') return value;
  const { name, guards, type } = value as { name: string; guards?: unknown; type?: unknown };
  return { type: typeof type === 'string' ? type : name, ...(guards === undefined ? {} : { guards }) };
};

/** A machine's `definition` has lost its `always` and its inline guards; its `config` has them. */
const sourceOf = (value: unknown): unknown => {
  const machine = value as { config?: unknown; root?: unknown } | null;
  return typeof machine === 'object' && isRecord(machine?.config) && machine.root !== undefined
    ? machine.config
    : value;
};

/** @throws TypeError where there is no object in it */
export function plain(definition: unknown): Plain {
  const text = typeof definition === 'string' ? definition : JSON.stringify(sourceOf(definition), withoutFunctions);
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  if (!isRecord(value))
    throw new TypeError('A chart is read from the definition of a machine, as an object or as JSON.');
  return value;
}

export const listOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const textsOf = (value: unknown): readonly string[] =>
  listOf(value).filter((one): one is string => typeof one === 'string');

export const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  isRecord(value) ? Object.entries(value) : [];

/** `meta.ids`, where there are any. */
export const idsOf = (meta: unknown): readonly string[] => (isRecord(meta) ? textsOf(meta.ids) : []);
