import type { ReactNode } from 'react';
import { isRecord } from '../protocol';
import { sameValue } from '../trace/same-value';

/** Longer texts and lists are cut where they would hide everything else. */
const longestText = 240;
const longestList = 100;

function Leaf({ value }: { readonly value: unknown }): ReactNode {
  const kind = value === null ? 'null' : typeof value;
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, longestText)) : String(value);
  return (
    <span className="json-value" data-kind={kind}>
      {text}
      {typeof value === 'string' && value.length > longestText ? '…' : ''}
    </span>
  );
}

/** `{ sessionId, organizationId }`, `[3]`: what is inside, without opening it. */
function preview(value: object): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  const keys = Object.keys(value);
  const shown = keys.slice(0, 4).join(', ');
  return `{ ${keys.length > 4 ? `${shown}, …` : shown} }`;
}

type JsonProps = {
  readonly name: string;
  readonly value: unknown;
  /** The same a moment ago: what is new is marked. Absent: nothing is marked. */
  readonly before?: { readonly value: unknown };
  readonly open?: boolean;
};

/** A value as a tree that opens and closes. */
export function Json({ name, value, before, open = false }: JsonProps): ReactNode {
  const changed = before !== undefined && !sameValue(before.value, value);
  const inside = Array.isArray(value)
    ? value.slice(0, longestList).map((one, index) => [String(index), one] as const)
    : isRecord(value)
      ? Object.entries(value)
      : undefined;
  if (inside === undefined || inside.length === 0) {
    return (
      <div className="json-row" data-changed={changed}>
        <span className="json-name">{name}</span>
        {inside === undefined ? (
          <Leaf value={value} />
        ) : (
          <span className="json-value">{Array.isArray(value) ? '[]' : '{}'}</span>
        )}
      </div>
    );
  }
  const earlier = before?.value;
  const beforeOf = (key: string): { before?: { value: unknown } } =>
    before === undefined
      ? {}
      : {
          before: {
            value: isRecord(earlier) || Array.isArray(earlier) ? (earlier as Record<string, unknown>)[key] : undefined,
          },
        };
  return (
    <details className="json" open={open}>
      <summary className="json-row" data-changed={changed}>
        <span className="json-name">{name}</span>
        <span className="json-preview">{preview(value as object)}</span>
      </summary>
      <div className="json-inside">
        {inside.map(([key, one]) => (
          <Json key={key} name={key} value={one} {...beforeOf(key)} />
        ))}
      </div>
    </details>
  );
}
