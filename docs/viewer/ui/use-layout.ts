import type { ELK } from 'elkjs/lib/elk-api';
import { useEffect, useRef, useState } from 'react';
import { type LayoutChoices, layoutChart } from '../../chart/layout';
import type { ChartLayout } from '../../chart/layout-types';
import type { ChartModel } from '../../chart/model';
import { createElk } from './elk';
import { createMeasure } from './measure';

export type Direction = 'right' | 'down';

/** A few states with short labels: larger type, and the order in which the author wrote them. */
const ofOverview: LayoutChoices = {
  titleSize: 15,
  textSize: 12,
  spacing: { nodes: 20, layers: 13, padding: 12 },
  elkOptions: {
    'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
    'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  },
};

/**
 * Lays a chart out, once for each chart. Until the new drawing is there the old one stays, so that nothing flickers.
 *
 * @param name names the chart and how much of it is drawn
 */
export function useLayout(
  name: string,
  model: ChartModel | undefined,
  direction: Direction,
  isOverview: boolean,
): ChartLayout | undefined {
  const elk = useRef<ELK>(undefined);
  const known = useRef(new Map<string, ChartLayout>());
  const [drawn, setDrawn] = useState<ChartLayout>();
  const full = `${direction}:${name}`;

  useEffect(() => {
    if (!model) {
      setDrawn(undefined);
      return undefined;
    }
    const before = known.current.get(full);
    if (before) {
      setDrawn(before);
      return undefined;
    }
    let isWanted = true;
    elk.current ??= createElk();
    const measure = createMeasure();
    const choices = { ...(isOverview ? ofOverview : {}), ...(measure ? { measure } : {}), direction, elk: elk.current };
    layoutChart(model, choices).then(
      (layout) => {
        known.current.set(full, layout);
        if (isWanted) setDrawn(layout);
      },
      (error: unknown) => console.error('The chart could not be laid out.', error),
    );
    return () => {
      isWanted = false;
    };
  }, [full, model, direction, isOverview]);

  return model ? drawn : undefined;
}
