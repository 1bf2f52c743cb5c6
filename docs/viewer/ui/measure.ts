import type { Measure } from '../../chart/measure';

/** What style/chart.css draws with. */
const family = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif';

/** How wide texts are in the fonts that there are, where a canvas can tell: boxes then fit them to the pixel. */
export function createMeasure(): Measure | undefined {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return undefined;
  return (text, size, bold) => {
    context.font = `${bold ? 600 : 400} ${size}px ${family}`;
    return Math.ceil(context.measureText(text).width * 100) / 100;
  };
}
