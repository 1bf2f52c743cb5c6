/**
 * Broken versions of the library, made by hand: each takes away one guard, order or effect that some library in the field did
 * without, and paid for.
 */
import type { Mutant } from '../mutant';
import { accepting } from './accepting';
import { failures } from './failures';
import { network } from './network';
import { outage } from './outage';
import { reading } from './reading';
import { secrets } from './secrets';
import { signingOut } from './signing-out';
import { switching } from './switching';
import { tabs } from './tabs';
import { time } from './time';

export const mutants: readonly Mutant[] = [
  ...reading,
  ...failures,
  ...network,
  ...outage,
  ...accepting,
  ...time,
  ...signingOut,
  ...tabs,
  ...switching,
  ...secrets,
];
