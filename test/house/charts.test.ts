import { describe, expect, it } from 'vitest';
import { handshakeMachine } from '../../machines/handshake/machine';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import { meaningFaults, structureFaults } from './support/chart-faults';

describe.each([
  ['session', sessionMachine],
  ['token', tokenMachine],
  ['handshake', handshakeMachine],
] as const)('the house: the %s machine', (_, machine) => {
  it('names every guard, action, actor and delay, has no wildcard and no end', () => {
    expect(structureFaults(machine)).toEqual([]);
  });

  it('says of each state and transition what it is for and which rule it serves', () => {
    expect(meaningFaults(machine)).toEqual([]);
  });
});
