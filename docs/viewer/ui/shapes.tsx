/** Drawing data of docs/chart as React elements. */
import { createElement, type ReactNode } from 'react';
import type { Shape } from '../../chart/draw';

export type Lit = {
  readonly states: ReadonlySet<string>;
  readonly transitions: ReadonlySet<string>;
  /** Ids of arrows with a lit transition. */
  readonly edges: ReadonlySet<string>;
};

const camel = (name: string): string =>
  name.startsWith('data-') ? name : name.replaceAll(/[-:]([a-z])/g, (_, letter: string) => letter.toUpperCase());

function classOf({ attributes }: Shape, lit: Lit): string | undefined {
  const { class: own, 'data-state': state, 'data-transition': transition, 'data-edge': edge } = attributes;
  const classes = [
    own,
    state !== undefined && lit.states.has(String(state)) && 'is-active',
    transition !== undefined && lit.transitions.has(String(transition)) && 'is-taken',
    edge !== undefined && lit.edges.has(String(edge)) && 'is-taken',
  ];
  return classes.filter(Boolean).join(' ') || undefined;
}

/** @param key unique among its neighbours */
export function shapeElement(shape: Shape, lit: Lit, key: number): ReactNode {
  const { class: _, ...rest } = shape.attributes;
  const attributes = Object.fromEntries(Object.entries(rest).map(([name, value]) => [camel(name), value]));
  const children = shape.children.map((child, index) =>
    typeof child === 'string' ? child : shapeElement(child, lit, index),
  );
  return createElement(shape.tag, { ...attributes, className: classOf(shape, lit), key }, ...children);
}
