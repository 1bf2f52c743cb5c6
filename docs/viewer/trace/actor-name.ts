import type { Actor } from './types';

/** A key of ours is `token:["sess_1",null,…]`: what is said in it, without the brackets. */
export function actorName({ name }: Actor): string {
  const [, machine, list] = /^([\w-]+):(\[.*\])$/.exec(name) ?? [];
  if (machine === undefined || list === undefined) return name;
  const words = list.match(/"[^"]+"/g) ?? [];
  return [machine, ...words.map((word) => word.slice(1, -1))].join(' ');
}
