/** A page that a server rendered for whoever is signed in, and what the browser makes of it. */
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryCookie } from '../../adapters/cookie/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { App, type Shared } from '../../docs/examples/server-rendering/app';
import { takeOver } from '../../docs/examples/server-rendering/client';
import { createApp } from '../../docs/examples/server-rendering/server';
import type { TokenLifecycle } from '../../index';
import { type Keys, makeKeys, makeStage, type Stage, start } from './support/stage';

let keys: Keys;
let clock: ReturnType<typeof createVirtualClock>;
let stage: Stage;
let page: TokenLifecycle | undefined;
beforeAll(async () => {
  keys = await makeKeys();
});
beforeEach(async () => {
  clock = createVirtualClock({ start: start + 1_000 });
  stage = await makeStage(keys, { clock });
});
afterEach(() => page?.stop());

/** One request, and what is in the page. */
async function visit(cookie?: string) {
  const app = createApp(stage.authenticate, { clock });
  const response = await app.request('/', cookie === undefined ? {} : { headers: { cookie } });
  const html = await response.text();
  const [, rendered = ''] = /<div id="root">(.*)<\/div>/.exec(html) ?? [];
  const [, json = ''] = /<script type="application\/json" id="shared">(.*)<\/script>/.exec(html) ?? [];
  return { response, html, rendered, json, shared: JSON.parse(json) as Shared };
}

/** The browser's side, with a source that counts. */
function load(shared: Shared, token = '') {
  const asked: string[] = [];
  const cookie = memoryCookie({ clock });
  cookie.write(token === '' ? 'x' : token, { expiresAt: clock.now() + 60_000 });
  const tokens = takeOver(shared, {
    source: {
      mint: async ({ cause }) => {
        asked.push(cause);
        const iat = Math.floor((clock.now() - start) / 1_000);
        return { token: await stage.session({ iat, exp: iat + 60 }) };
      },
    },
    cookie,
    store: memoryStore(),
    clock,
    policy: { jitter: 0 },
  });
  page = tokens;
  return { tokens, asked, cookie };
}

const firstRender = (lifecycle: TokenLifecycle) => renderToString(createElement(App, { lifecycle }));

describe('server rendering', () => {
  it('H6 T1 E16 E17 the first client snapshot is the server’s, and nothing is minted on load', async () => {
    const token = await stage.session();
    const { response, rendered, shared } = await visit(`__session=${token}`);
    expect(rendered).toBe('<p id="account">sess_1: fresh</p>');
    expect(shared).toMatchObject({ session: { id: 'sess_1' }, initialToken: token });
    expect(response.headers.get('vary')).toBe('Cookie, Authorization');
    expect(response.headers.get('cache-control')).toBe('private, no-store');

    const { tokens, asked } = load(shared, token);
    expect(tokens.getServerState()).toEqual({ ...shared.hydrate?.state, error: null });
    expect(firstRender(tokens)).toBe(rendered);
    tokens.start();
    expect(tokens.peek()).toBe(token);
    expect(await tokens.getToken()).toBe(token);
    expect(tokens.getState()).toEqual(tokens.getServerState());
    await clock.advance(41_000);
    expect(asked).toEqual([]);
  });

  it('T5 it is refreshed when its time has come, and not before', async () => {
    const token = await stage.session();
    const { shared } = await visit(`__session=${token}`);
    const { tokens, asked } = load(shared, token);
    tokens.start();
    await clock.advance(41_999);
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(asked).toEqual(['proactive']);
    expect(tokens.peek()).not.toBeNull();
  });

  it('H3 T4 nobody: rendered as that, and taken over as that', async () => {
    const { rendered, shared, html } = await visit();
    expect(rendered).toBe('<p id="account">Signed out</p>');
    expect(shared).toEqual({ session: null });
    expect(html).not.toContain('initialToken');
    const { tokens, asked } = load(shared);
    expect(firstRender(tokens)).toBe(rendered);
    tokens.start();
    await clock.advance(100_000);
    expect([await tokens.getToken(), asked]).toEqual([null, []]);
  });

  it('H7 E06 a token that was refreshed for this very request is the one that is handed over', async () => {
    let fresh = '';
    stage = await makeStage(keys, {
      clock,
      refresh: { credential: '__refresh', run: async () => ({ token: fresh }) },
    });
    const old = await stage.session();
    await clock.advance(99_000);
    fresh = await stage.session({ iat: 100, exp: 160 });
    const { response, rendered, shared } = await visit(`__session=${old}; __refresh=credential`);
    expect(shared.initialToken).toBe(fresh);
    expect(rendered).toBe('<p id="account">sess_1: fresh</p>');
    expect(response.headers.getSetCookie()).toEqual([`__session=${fresh}; Path=/; Max-Age=60; SameSite=Lax; Secure`]);
    const { tokens, asked } = load(shared, fresh);
    tokens.start();
    expect([await tokens.getToken(), asked]).toEqual([fresh, []]);
  });

  it('S11 the token stands in the page’s data and nowhere in what is shown', async () => {
    const token = await stage.session({ claims: { org_id: 'org_1' } });
    const { html, rendered, shared } = await visit(`__session=${token}`);
    expect(shared.session).toEqual({ id: 'sess_1', organizationId: 'org_1' });
    expect(rendered).not.toContain(token);
    expect(html.split(token)).toHaveLength(2);
    expect(JSON.stringify(shared.hydrate)).not.toContain(token.slice(0, 20));
  });

  it('H6 what a token says cannot end the script that carries it', async () => {
    const token = await stage.session({ claims: { sid: '</script><script>alert(1)//' } });
    const { json, shared, html } = await visit(`__session=${token}`);
    expect(json).not.toContain('<');
    expect(shared.session?.id).toBe('</script><script>alert(1)//');
    expect(html.match(/<script/g)).toHaveLength(2);
  });

  it('H6 two users at once do not see each other', async () => {
    const [one, two] = [
      await stage.session({ claims: { sid: 'sess_one' } }),
      await stage.session({ claims: { sid: 'sess_two' } }),
    ];
    const pages = await Promise.all([visit(`__session=${one}`), visit(`__session=${two}`), visit()]);
    expect(pages.map(({ rendered }) => rendered)).toEqual([
      '<p id="account">sess_one: fresh</p>',
      '<p id="account">sess_two: fresh</p>',
      '<p id="account">Signed out</p>',
    ]);
  });
});
