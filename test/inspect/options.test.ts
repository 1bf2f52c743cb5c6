/** Issue 5, item 2: what cannot work is refused at once, by name. */
import { describe, expect, it } from 'vitest';
import { createTokenInspector, type TokenInspectorOptions } from '../../adapters/inspect';
import { createInspectorIn } from '../../adapters/inspect/create';
import { createInspectorRelay } from '../../adapters/inspect/relay';
import { ConfigurationError } from '../../machines/errors';
import { createPage } from './support/pages';

const secret = 'hunter2-hunter2-hunter2';

function refusalOf(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    return ConfigurationError.is(error) ? error.option : error;
  }
  return 'nothing was thrown';
}

const on = (options: unknown) => () => createInspectorIn(createPage().surroundings, options as TokenInspectorOptions);

describe('createTokenInspector', () => {
  it.each<[string, unknown, string]>([
    ['no options', undefined, 'createTokenInspector'],
    ['no target', {}, 'to'],
    ['an unknown target', { to: 'sky' }, 'to'],
    ['an element that is no iframe', { to: { nodeName: 'DIV' } }, 'to'],
    ['a misspelt option', { to: 'window', ulr: '/' }, 'ulr'],
    ['an empty url', { to: 'window', url: '' }, 'url'],
    ['a url that is none', { to: 'window', url: 'https://' }, 'url'],
    ['a viewer by plain http elsewhere', { to: 'window', url: 'http://tools.example.com/' }, 'url'],
    ['a script', { to: 'window', url: 'javascript:alert(1)' }, 'url'],
    ['a url with a password', { to: 'window', url: `https://a:${secret}@tools.example.com/` }, 'url'],
    ['the hosted one by plain http', { to: 'stately', url: 'http://stately.ai/inspect' }, 'url'],
    ['no relay', { to: 'websocket' }, 'url'],
    ['a relay by http', { to: 'websocket', url: 'https://127.0.0.1/' }, 'url'],
    ['a relay elsewhere, in the open', { to: 'websocket', url: 'ws://tools.example.com/' }, 'url'],
    ['a relay with a password', { to: 'websocket', url: `ws://a:${secret}@127.0.0.1/` }, 'url'],
    ['no events', { to: 'window', keepEvents: 0 }, 'keepEvents'],
    ['half an event', { to: 'window', keepEvents: 1.5 }, 'keepEvents'],
    ['a listener that is none', { to: 'window', onProblem: true }, 'onProblem'],
    ['an empty name', { to: 'window', name: ' ' }, 'name'],
    ['a WebSocket that is none', { to: 'websocket', url: 'ws://127.0.0.1/', WebSocket: {} }, 'WebSocket'],
    ['half a danger', { to: 'stately', dangerouslyInspectInProduction: 'yes' }, 'dangerouslyInspectInProduction'],
  ])('issue 5 refuses %s', (_, options, name) => {
    const full = name === 'createTokenInspector' ? name : `createTokenInspector.${name}`;
    expect(refusalOf(on(options))).toBe(full);
    expect(String((() => refusalOf(on(options)))())).not.toContain(secret);
  });

  it.each([{ url: 'http://localhost:4000/' }, { url: new URL('https://tools.example.com/') }, { url: 'viewer.html' }])(
    'issue 5 takes a viewer at %s',
    (options) => {
      expect(on({ to: 'window', ...options })).not.toThrow();
    },
  );

  it('issue 5 a page without an origin has to name a viewer: messages to it could only go to everybody', () => {
    const { surroundings } = createPage();
    const opaque = { ...surroundings, address: { href: 'file:///a.html', origin: 'null' } };
    expect(refusalOf(() => createInspectorIn(opaque, { to: 'window' }))).toBe('createTokenInspector.url');
    expect(refusalOf(() => createInspectorIn(opaque, { to: 'window', url: 'viewer.html' }))).toBe(
      'createTokenInspector.url',
    );
    createInspectorIn(opaque, { to: 'window', url: 'https://tools.example.com/' }).stop();
  });

  it('issue 5 a name is text of somebody: a token in it stays here', () => {
    expect(() => createTokenInspector({ to: 'window', name: secret, onProblem: () => {} })).not.toThrow();
  });
});

describe('createInspectorRelay', () => {
  it.each<[string, unknown, string]>([
    ['a misspelt option', { prot: 1 }, 'prot'],
    ['a port that is none', { port: 70_000 }, 'port'],
    ['origins that are no list', { allowedOrigins: 'http://localhost:1' }, 'allowedOrigins'],
    ['any origin', { allowedOrigins: ['*'] }, 'allowedOrigins[0]'],
    ['an origin with a path', { allowedOrigins: ['http://localhost:1/'] }, 'allowedOrigins[0]'],
    ['the origin of files and sandboxes', { allowedOrigins: ['null'] }, 'allowedOrigins[0]'],
    ['an empty page', { page: '' }, 'page'],
    ['nothing kept', { keepEvents: 0 }, 'keepEvents'],
    ['messages of no size', { maxMessageBytes: 10 }, 'maxMessageBytes'],
  ])('issue 5 refuses %s', async (_, options, name) => {
    const error = await createInspectorRelay(options as never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ option: `createInspectorRelay.${name}`, code: 'invalid_option' });
  });
});
