import type { Schedule, Setting, Step } from './schedule';

const seconds = (ms: number): string => `${Number((ms / 1_000).toFixed(3))} s`;

const valueText = (name: string, value: unknown): string =>
  typeof value === 'number' && name.endsWith('Ms')
    ? seconds(value)
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

/** What a step says beyond its name and its tab. */
function detailsOf(step: Step): string {
  return Object.entries(step)
    .filter(([name]) => name !== 'after' && name !== 'do' && name !== 'tab')
    .map(
      ([name, value]) =>
        `${name === 'ms' ? '' : `${name} `}${name === 'ms' ? seconds(value as number) : valueText(name, value)}`,
    )
    .join(', ');
}

function stepText(step: Step, at: number): string {
  const where = 'tab' in step ? (step.tab === null ? 'machine' : `tab ${step.tab}`) : '';
  return `${(at / 1_000).toFixed(3).padStart(10)} s  ${where.padEnd(8)} ${step.do} ${detailsOf(step)}`.trimEnd();
}

/** A schedule as lines that say when, where and what. The setting names only what decides. */
export function formatSchedule({ setting, steps, restMs }: Schedule): string {
  const settingText = Object.entries(setting)
    .map(([name, value]) => `${name} ${valueText(name, value as Setting[keyof Setting])}`)
    .join(', ');
  let at = 0;
  const lines = steps.map((step) => {
    at += step.after;
    const line = stepText(step, at);
    if (step.do === 'sleep') at += step.ms;
    return line;
  });
  return [
    settingText,
    ...lines,
    `${((at + restMs) / 1_000).toFixed(3).padStart(10)} s           all is made well`,
  ].join('\n');
}
