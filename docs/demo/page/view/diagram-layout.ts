import type { LifecycleState } from '../../../../index';

type Name = LifecycleState['state'];

export type DiagramLayout = {
  readonly width: number;
  readonly height: number;
  readonly node: { readonly width: number; readonly height: number };
  /** Centres. */
  readonly nodes: Readonly<Record<Name, readonly [number, number]>>;
  /** Paths from border to border, arrow at the end; `from>to`. */
  readonly edges: Readonly<Record<string, string>>;
};

/** Beside the text: two rows of four columns. */
export const wideLayout: DiagramLayout = {
  width: 640,
  height: 340,
  node: { width: 134, height: 46 },
  nodes: {
    restoring: [67, 96],
    fresh: [236, 96],
    stale: [405, 96],
    refreshing: [573, 96],
    'signed-out': [67, 300],
    'offline-retrying': [405, 300],
    'outage-fallback': [573, 300],
  },
  edges: {
    'restoring>fresh': 'M134 96 H163',
    'restoring>signed-out': 'M67 119 V271',
    'fresh>stale': 'M303 96 H332',
    'stale>refreshing': 'M472 96 H500',
    'refreshing>fresh': 'M573 73 C573 14 236 14 236 67',
    'refreshing>offline-retrying': 'M536 119 L431 272',
    'refreshing>outage-fallback': 'M564 119 V271',
    'outage-fallback>refreshing': 'M586 277 V125',
    'outage-fallback>offline-retrying': 'M506 300 H478',
    'offline-retrying>fresh': 'M378 277 L270 124',
    'offline-retrying>refreshing': 'M451 277 L556 124',
    'fresh>signed-out': 'M199 119 L94 272',
    'signed-out>fresh': 'M114 277 L219 124',
  },
};

/** Under the text, on a phone: two columns. */
export const narrowLayout: DiagramLayout = {
  width: 328,
  height: 352,
  node: { width: 132, height: 40 },
  nodes: {
    restoring: [68, 24],
    'signed-out': [260, 24],
    fresh: [68, 124],
    stale: [260, 124],
    'offline-retrying': [68, 224],
    refreshing: [260, 224],
    'outage-fallback': [260, 324],
  },
  edges: {
    'restoring>fresh': 'M68 44 V98',
    'restoring>signed-out': 'M134 24 H188',
    'fresh>stale': 'M134 124 H188',
    'stale>refreshing': 'M260 144 V198',
    'refreshing>fresh': 'M216 204 L116 149',
    'refreshing>offline-retrying': 'M194 224 H140',
    'refreshing>outage-fallback': 'M250 244 V298',
    'outage-fallback>refreshing': 'M272 304 V250',
    'outage-fallback>offline-retrying': 'M194 318 L100 250',
    'offline-retrying>fresh': 'M68 204 V150',
    'fresh>signed-out': 'M104 104 L206 49',
    'signed-out>fresh': 'M226 44 L124 99',
  },
};
