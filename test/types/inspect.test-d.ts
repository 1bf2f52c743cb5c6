/** What must compile for users of `token-lifecycle/inspect`, and what must not. */
import { describe, expectTypeOf, it } from 'vitest';
import WebSocket from 'ws';
import { createActor, createMachine, type InspectionEvent } from 'xstate';
import {
  createTokenInspector,
  type InspectorProblem,
  type TokenInspector,
  type TokenInspectorOptions,
} from '../../adapters/inspect/index';
import { createInspectorRelay, type InspectorRelay } from '../../adapters/inspect/relay/index';
import { viewerPage } from '../../adapters/viewer/index';
import { createTokenLifecycle, type TokenSource } from '../../index';

const source = {} as TokenSource;
const frame = {} as HTMLIFrameElement;

describe('createTokenInspector', () => {
  it('gives what a lifecycle and any other actor take, named by a type of ours', () => {
    const inspector = createTokenInspector({ to: 'window' });
    expectTypeOf(inspector).toEqualTypeOf<TokenInspector>();
    expectTypeOf(inspector.inspect.next).parameter(0).toEqualTypeOf<InspectionEvent>();
    expectTypeOf(inspector.open).returns.toEqualTypeOf<boolean>();
    expectTypeOf(inspector.stop).returns.toEqualTypeOf<void>();
    expectTypeOf(inspector).toExtend<Disposable>();
    createTokenLifecycle({ source, inspect: inspector.inspect });
    createActor(createMachine({}), { inspect: inspector.inspect });
  });

  it('takes the four targets, and their options', () => {
    createTokenInspector({ to: 'stately', dangerouslyInspectInProduction: true });
    createTokenInspector({ to: 'window', url: new URL('https://tools.example.com/') });
    createTokenInspector({ to: frame, url: '/viewer', name: 'Notes', keepEvents: 100 });
    createTokenInspector({ to: 'websocket', url: 'ws://127.0.0.1:1/', WebSocket });
    createTokenInspector({ to: 'websocket', url: 'ws://127.0.0.1:1/', WebSocket: globalThis.WebSocket });
    createTokenInspector({
      to: 'window',
      onProblem: (problem) => expectTypeOf(problem).toEqualTypeOf<InspectorProblem>(),
    });
  });

  it('takes nothing else', () => {
    // @ts-expect-error a target is required
    createTokenInspector({});
    // @ts-expect-error no such target
    createTokenInspector({ to: 'sky' });
    // @ts-expect-error an element that is no iframe
    createTokenInspector({ to: {} as HTMLDivElement });
    // @ts-expect-error a misspelt option
    createTokenInspector({ to: 'window', ulr: '/' });
    // @ts-expect-error a danger is said outright
    createTokenInspector({ to: 'stately', dangerouslyInspectInProduction: 'yes' });
    expectTypeOf<InspectorProblem['reason']>().toEqualTypeOf<
      'no-window' | 'popup-blocked' | 'viewer-unavailable' | 'not-connected'
    >();
    expectTypeOf<TokenInspectorOptions['to']>().toEqualTypeOf<'stately' | 'window' | 'websocket' | HTMLIFrameElement>();
  });
});

describe('createInspectorRelay', () => {
  it('promises two addresses and an end', () => {
    expectTypeOf(createInspectorRelay).returns.resolves.toEqualTypeOf<InspectorRelay>();
    expectTypeOf<InspectorRelay['url' | 'socketUrl']>().toEqualTypeOf<string>();
    expectTypeOf<InspectorRelay['stop']>().returns.resolves.toEqualTypeOf<void>();
    expectTypeOf<InspectorRelay>().toExtend<AsyncDisposable>();
    createInspectorRelay({ port: 0, allowedOrigins: ['http://localhost:5173'], page: viewerPage, keepEvents: 1 });
    // @ts-expect-error one origin is a list of one
    createInspectorRelay({ allowedOrigins: 'http://localhost:5173' });
  });
});
