// As consumer.ts, for the inspector: its types name nothing of `@statelyai/inspect`, which has to be there at run time alone.
import { createTokenLifecycle, httpTokenSource } from 'token-lifecycle';
import { createTokenInspector, type TokenInspector } from 'token-lifecycle/inspect';
import { createInspectorRelay } from 'token-lifecycle/inspect/relay';
import { viewerPage } from 'token-lifecycle/viewer';

const { url, socketUrl }: { url: string; socketUrl: string } = await createInspectorRelay({ page: viewerPage });
const inspector: TokenInspector = createTokenInspector({ to: 'websocket', url: socketUrl });
const tokens = createTokenLifecycle({
  source: httpTokenSource({ url: 'https://auth.example.com/tokens' }),
  inspect: inspector.inspect,
});
// @ts-expect-error It has no way to show what nobody inspects.
inspector.actor(tokens.actor);

export const used = [url, tokens];
