import { describe, expect, it } from 'vitest';
import { browserConnectivity } from '../../adapters/connectivity/browser';
import { memoryConnectivity } from '../../adapters/connectivity/memory';
import { connectivityContract } from './contract/connectivity';
import { CountedTarget } from './support/events';

class Page extends CountedTarget {
  navigator: { onLine?: unknown; userAgent?: string; webdriver?: boolean; connection?: object } = { onLine: true };
}

connectivityContract('memoryConnectivity', () => {
  const connectivity = memoryConnectivity();
  return { connectivity, set: connectivity.set };
});

connectivityContract('browserConnectivity', () => {
  const target = new Page();
  return {
    connectivity: browserConnectivity({ target }),
    set: (online) => {
      target.navigator.onLine = online;
      target.fire(online ? 'online' : 'offline');
    },
    listeners: () => target.listeners,
  };
});

describe('memoryConnectivity', () => {
  it('T20 tells changes only', () => {
    const connectivity = memoryConnectivity(false);
    const told: boolean[] = [];
    connectivity.subscribe((online) => told.push(online));
    for (const online of [false, true, true, false]) connectivity.set(online);
    expect(told).toEqual([true, false]);
  });
});

describe('browserConnectivity', () => {
  it.each([undefined, null, 0, '', 'false', {}])('57 A30 an onLine that is no boolean is online: %j', (onLine) => {
    const target = new Page();
    target.navigator = { onLine };
    expect(browserConnectivity({ target }).isOnline()).toBe(true);
  });

  it('57 A30 without any onLine, as in React Native, an event does not make it offline either', () => {
    const target = new Page();
    target.navigator = {};
    const told: boolean[] = [];
    browserConnectivity({ target }).subscribe((online) => told.push(online));
    target.fire('offline');
    expect(told).toEqual([true]);
  });

  it('56 a connection of no speed is online', () => {
    const target = new Page();
    target.navigator = { onLine: true, connection: { rtt: 0, downlink: 0 } };
    expect(browserConnectivity({ target }).isOnline()).toBe(true);
  });

  it('60 a crawler under automation is online', () => {
    const target = new Page();
    target.navigator = { onLine: true, webdriver: true, userAgent: 'Googlebot/2.1' };
    expect(browserConnectivity({ target }).isOnline()).toBe(true);
  });

  it('J05 without navigator and events it is online, and subscribing does nothing', () => {
    const connectivity = browserConnectivity({ target: {} });
    expect(connectivity.isOnline()).toBe(true);
    expect(connectivity.subscribe(() => {})()).toBeUndefined();
  });

  it('J05 here, in a process without a page, it is online', () => {
    const connectivity = browserConnectivity();
    expect(connectivity.isOnline()).toBe(true);
    connectivity.subscribe(() => {})();
  });

  it('J01 a navigator that throws is online', () => {
    const target = {
      get navigator(): never {
        throw new DOMException('denied', 'SecurityError');
      },
    };
    expect(browserConnectivity({ target }).isOnline()).toBe(true);
  });
});
