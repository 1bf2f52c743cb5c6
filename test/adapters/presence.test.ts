import { describe, expect, it } from 'vitest';
import { browserPresence } from '../../adapters/presence/browser';
import { headlessPresence } from '../../adapters/presence/headless';
import { memoryPresence } from '../../adapters/presence/memory';
import type { PresenceChange } from '../../machines/ports';
import { presenceContract } from './contract/presence';
import { CountedTarget } from './support/events';

class FakeDocument extends CountedTarget {
  visibilityState: unknown = 'visible';
  prerendering: unknown = false;
  focused: unknown = true;
  hasFocus(): unknown {
    if (this.focused instanceof Error) throw this.focused;
    return this.focused;
  }
}

class FakeWindow extends CountedTarget {
  top: unknown = this;
  location: { href?: string; ancestorOrigins?: string[] } = { href: 'https://app.shop.test/' };
}

function page() {
  const document = new FakeDocument();
  const window = new FakeWindow();
  const presence = browserPresence({ document, window });
  return { document, window, presence };
}

/** A page around this one that may not be looked into. */
const foreign = {
  get location(): never {
    throw new DOMException('Blocked a frame', 'SecurityError');
  },
};

presenceContract('memoryPresence', () => {
  const presence = memoryPresence();
  return {
    presence,
    hide: () => presence.set({ visibility: 'hidden', focus: false }),
    show: () => presence.set({ visibility: 'visible', focus: true }),
  };
});

presenceContract('browserPresence', () => {
  const { document, window, presence } = page();
  return {
    presence,
    hide: () => {
      document.focused = false;
      window.fire('blur');
      document.visibilityState = 'hidden';
      document.fire('visibilitychange');
    },
    show: () => {
      document.visibilityState = 'visible';
      document.fire('visibilitychange');
      document.focused = true;
      window.fire('focus');
    },
    listeners: () => document.listeners + window.listeners,
  };
});

describe('browserPresence', () => {
  it.each<['document' | 'window', string, PresenceChange]>([
    ['document', 'freeze', 'freeze'],
    ['document', 'resume', 'resume'],
    ['document', 'prerenderingchange', 'activated'],
    ['window', 'focus', 'focus'],
    ['window', 'blur', 'blur'],
    ['window', 'pagehide', 'pagehide'],
    ['window', 'pageshow', 'pageshow'],
  ])('T26 %s %s is told as %s', (where, type, change) => {
    const one = page();
    const told: PresenceChange[] = [];
    one.presence.subscribe((now) => told.push(now));
    one[where].fire(type);
    expect(told).toEqual([change]);
  });

  it('T26 visibilitychange is heard on the document: on the window some browsers never fire it', () => {
    const { window, presence } = page();
    const told: PresenceChange[] = [];
    presence.subscribe((now) => told.push(now));
    window.fire('visibilitychange');
    expect(told).toEqual([]);
  });

  it('§9 never listens to unload: that would keep the page out of the back-forward cache', () => {
    const types: string[] = [];
    const target = { addEventListener: (type: string) => types.push(type) };
    browserPresence({ document: target, window: target }).subscribe(() => {});
    expect(types.length).toBeGreaterThan(0);
    expect(types.filter((type) => type.includes('unload'))).toEqual([]);
  });

  it('§9 a prerendered page is neither visible nor hidden', () => {
    const { document, presence } = page();
    document.prerendering = true;
    document.visibilityState = 'hidden';
    expect(presence.current().visibility).toBe('prerender');
  });

  it.each([undefined, null, '', 'unloaded', 7])('97 a visibility of %j is unknown, and no change', (visibility) => {
    const { document, presence } = page();
    const told: PresenceChange[] = [];
    presence.subscribe((now) => told.push(now));
    document.visibilityState = visibility;
    document.fire('visibilitychange');
    expect(presence.current().visibility).toBe('unknown');
    expect(told).toEqual([]);
  });

  it.each([undefined, 'yes', new Error('no')])('97 a hasFocus of %s is unknown', (focused) => {
    const { document, presence } = page();
    document.focused = focused;
    expect(presence.current().focus).toBe('unknown');
  });

  it('97 J05 without hasFocus, document or window everything is unknown, and nothing is told', () => {
    const unknown = { visibility: 'unknown', focus: 'unknown', frame: 'top' };
    expect(browserPresence({ document: {}, window: {} }).current()).toEqual(unknown);
    const here = browserPresence();
    expect(here.current()).toEqual(unknown);
    here.subscribe(() => {})();
  });

  it.each<[string, Partial<FakeWindow>, string]>([
    ['no frame', {}, 'top'],
    [
      'a frame of its own origin',
      { top: {}, location: { href: 'https://app.shop.test/', ancestorOrigins: ['https://app.shop.test'] } },
      'same-site',
    ],
    [
      'a frame of the parent domain',
      { top: foreign, location: { href: 'https://app.shop.test/', ancestorOrigins: ['https://shop.test'] } },
      'same-site',
    ],
    [
      'a frame around the parent domain',
      { top: foreign, location: { href: 'https://shop.test/', ancestorOrigins: ['https://app.shop.test'] } },
      'same-site',
    ],
    [
      'a frame of a sibling',
      { top: foreign, location: { href: 'https://app.shop.test/', ancestorOrigins: ['https://p.shop.test'] } },
      'cross-site',
    ],
    [
      'a frame of a host whose name only ends alike',
      { top: foreign, location: { href: 'https://myshop.test/', ancestorOrigins: ['https://shop.test'] } },
      'cross-site',
    ],
    [
      'another scheme',
      { top: foreign, location: { href: 'https://app.shop.test/', ancestorOrigins: ['http://app.shop.test'] } },
      'cross-site',
    ],
    [
      'another site in between',
      {
        top: {},
        location: { href: 'https://app.shop.test/', ancestorOrigins: ['https://blog.test', 'https://app.shop.test'] },
      },
      'cross-site',
    ],
    [
      'an opaque origin around',
      { top: foreign, location: { href: 'https://app.shop.test/', ancestorOrigins: ['null'] } },
      'cross-site',
    ],
    ['no ancestorOrigins, top readable', { top: { location: { href: 'https://app.shop.test/' } } }, 'same-site'],
    ['no ancestorOrigins, top closed', { top: foreign }, 'cross-site'],
  ])('77 %s', (_, change, expected) => {
    const { window, presence } = page();
    Object.assign(window, change);
    expect(presence.current().frame).toBe(expected);
  });
});

describe('memoryPresence', () => {
  it('T26 activation of a prerendered page comes before it is visible', () => {
    const presence = memoryPresence({ visibility: 'prerender', focus: false });
    const told: PresenceChange[] = [];
    presence.subscribe((now) => told.push(now));
    presence.set({ visibility: 'visible', focus: true });
    expect(told).toEqual(['activated', 'visible', 'focus']);
  });

  it('T26 what does not change is not told; emit tells without a change', () => {
    const presence = memoryPresence();
    const told: PresenceChange[] = [];
    presence.subscribe((now) => told.push(now));
    presence.set({ visibility: 'visible', focus: true, frame: 'cross-site' });
    presence.emit('pageshow');
    expect(told).toEqual(['pageshow']);
    expect(presence.current()).toEqual({ visibility: 'visible', focus: true, frame: 'cross-site' });
  });
});

describe('headlessPresence', () => {
  it('97 knows nothing and tells nothing', () => {
    const presence = headlessPresence();
    expect(presence.current()).toEqual({ visibility: 'unknown', focus: 'unknown', frame: 'top' });
    expect(presence.subscribe(() => {})()).toBeUndefined();
  });
});
