import { describe, expect, it } from 'vitest';
import { readInspected, readSource } from '../../docs/viewer/protocol';
import { relayAddress } from '../../docs/viewer/receive/websocket';

const base = { _version: '0.7.2', sessionId: 'x:1', rootId: 'x:0', createdAt: '1700000000000', id: null };

describe('issue 5 viewer: what arrives', () => {
  it('issue 5 reads actors, messages and steps', () => {
    const definition = '{"id":"door","initial":"shut","states":{"shut":{}}}';
    expect(
      readInspected({ ...base, type: '@xstate.actor', name: 'door', parentId: 'x:0', definition, snapshot: {} }),
    ).toMatchObject({
      is: 'actor',
      sessionId: 'x:1',
      name: 'door',
      parentId: 'x:0',
      definition,
      at: 1_700_000_000_000,
    });
    expect(readInspected({ ...base, type: '@xstate.event', sourceId: 'x:0', event: { type: 'push' } })).toMatchObject({
      is: 'message',
      from: 'x:0',
      event: { type: 'push' },
    });
    expect(
      readInspected({ ...base, type: '@xstate.snapshot', event: { type: 'push' }, snapshot: { value: 'open' } }),
    ).toMatchObject({ is: 'step', snapshot: { value: 'open' }, transitions: undefined });
  });

  it('issue 5 what is no machine has no chart', () => {
    expect(
      readInspected({ ...base, type: '@xstate.actor', name: 'mint', definition: '{"id":"mint"}', snapshot: {} }),
    ).toMatchObject({ definition: undefined });
  });

  it.each([
    ['nothing', undefined],
    ['a text', '@xstate.event'],
    ['another protocol', { type: 'webpackOk' }],
    ['no version', { ...base, _version: undefined, type: '@xstate.event' }],
    ['no session', { ...base, sessionId: 3, type: '@xstate.event' }],
    ['an unknown event', { ...base, type: '@xstate.unheard' }],
  ])('issue 5 leaves out %s', (_, data) => {
    expect(readInspected(data)).toBeUndefined();
  });

  it('issue 5 survives events with broken parts', () => {
    expect(
      readInspected({ ...base, type: '@xstate.snapshot', createdAt: 'soon', event: 'push', snapshot: [] }),
    ).toEqual({
      is: 'step',
      sessionId: 'x:1',
      rootId: 'x:0',
      at: 0,
      event: { type: '' },
      snapshot: {},
      transitions: undefined,
    });
  });

  it('issue 5 a sender that names itself is called so', () => {
    expect(readSource({ ...base, source: { id: 'a', label: 'Shop' } })).toEqual({ id: 'a', label: 'Shop' });
    expect(readSource({ ...base, source: { id: '' } })).toBeUndefined();
    expect(readSource(base)).toBeUndefined();
  });
});

describe('issue 5 viewer: the relay', () => {
  it('issue 5 is the one that the address names, or the one that served the page', () => {
    expect(relayAddress('http://127.0.0.1:8080/s3cret?ws=ws://127.0.0.1:9090/other')).toBe('ws://127.0.0.1:9090/other');
    expect(relayAddress('http://127.0.0.1:8080/s3cret?ws')).toBe('ws://127.0.0.1:8080/s3cret');
    expect(relayAddress('http://127.0.0.1:8080/viewer')).toBeNull();
  });

  it.each([
    'ws://example.com/x',
    'wss://127.0.0.1/x',
    'http://127.0.0.1/x',
    'ws://127.0.0.1.example.com/x',
    'ws://10.0.0.1/x',
  ])('issue 5 is never on another computer: %s', (ws) => {
    expect(() => relayAddress(`http://127.0.0.1/viewer?ws=${encodeURIComponent(ws)}`)).toThrow(TypeError);
  });
});
