/** A drawing in a document. */
import type { Shape } from './draw';

const namespace = 'http://www.w3.org/2000/svg';

/**
 * The element of a shape, with all that is in it.
 *
 * @example svg.append(...drawChart(layout).map((shape) => createElement(shape, document)));
 */
export function createElement({ tag, attributes, children }: Shape, owner: Document): SVGElement {
  const element = owner.createElementNS(namespace, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.map((child) => (typeof child === 'string' ? child : createElement(child, owner))));
  return element;
}

/**
 * Attributes as React wants them: `className`, `fontSize`, and `data-…` as they are.
 *
 * @example const toReact = (shape, key) => createElement(shape.tag, { ...reactProps(shape), key }, ...shape.children.map(toReact));
 */
export function reactProps({ attributes }: Shape): Record<string, string | number> {
  const named = (name: string): string => {
    if (name === 'class') return 'className';
    return name.startsWith('data-') ? name : name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  };
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [named(name), value]));
}

/**
 * Lights states and transitions in a drawing that is already in a document: `is-active` on the former, `is-taken` on the
 * latter and on their arrows. What was lit before is put out.
 */
export function light(
  drawing: Pick<ParentNode, 'querySelectorAll'>,
  { states, transitions }: { readonly states: readonly string[]; readonly transitions: readonly string[] },
): void {
  for (const element of drawing.querySelectorAll('[data-state]')) {
    element.classList.toggle('is-active', states.includes(element.getAttribute('data-state') ?? ''));
  }
  for (const element of drawing.querySelectorAll('[data-transition]')) {
    element.classList.toggle('is-taken', transitions.includes(element.getAttribute('data-transition') ?? ''));
  }
  for (const element of drawing.querySelectorAll('[data-edge]')) {
    element.classList.toggle('is-taken', element.querySelector('.is-taken') !== null);
  }
}
