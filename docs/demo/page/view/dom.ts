/** The little that these views need of the DOM. */

/** An element that the page is known to have. */
export function find<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T {
  const element = root.querySelector<T>(selector);
  if (!element) throw new Error(`The page has no ${selector}.`);
  return element;
}

/** A function that writes one `data-slot`, and only where the text changes: an unchanged page costs nothing. */
export function slot(name: string): (text: string, title?: string) => void {
  const element = find(`[data-slot="${name}"]`);
  return (text, title = '') => {
    if (element.textContent !== text) element.textContent = text;
    if (element.title !== title) element.title = title;
  };
}

/** An element with a class and text; text is never parsed. */
export function make(tag: string, className: string, text?: string, children: readonly Node[] = []): HTMLElement {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

export function makeSvg(tag: string, attributes: Readonly<Record<string, string | number>>, text?: string): SVGElement {
  const element = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}
